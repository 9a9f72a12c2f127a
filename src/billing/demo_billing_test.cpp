// SPDX-License-Identifier: EUPL-1.2
#include "billing/billing_samples.h"
#include "billing/demo_billing.h"
#include "billing/invoice_book.h"
#include "billing/xrechnung.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

namespace fernamt::billing {
namespace {

using namespace samples;

class DemoBilling : public storage::testing::DatabaseTest {};
FERNAMT_ON_EVERY_ENGINE(DemoBilling);

TEST_P(DemoBilling, MakesInvoicesThatTheStandardAccepts) {
    const std::vector<agreements::TemplateTown> towns{
        {.municipality = kLangenhagen,
         .name = "Langenhagen",
         .inhabitants = 54'000,
         .key_date = {2025, 12, 31},
         .source = "Probe",
         .numbers = {PhoneNumber{"+49302312500"}}},
        {.municipality = kWedemark, .name = "Wedemark"}};
    const Instant now = to_instant({2026, 11, 22}, 9 * 3600);
    const auto seeded = seed_demo_billing(db(), towns, now);
    ASSERT_TRUE(seeded) << describe(seeded.error());
    ASSERT_TRUE(seed_demo_billing(db(), towns, now)); // nothing twice
    EXPECT_EQ(AgreementBook(db()).list()->size(), 1u);
    (void)ledger::Ledger::open(db());
    InvoiceBook book(db());
    const auto issued = book.issue(kLangenhagen, {2026, 10}, {UserId{1}, now, ""});
    ASSERT_TRUE(issued) << describe(issued.error());
    const auto xml = to_xrechnung(issued->document);
    EXPECT_TRUE(xml) << describe(xml.error());
}

// The example of the official specification of the Leitweg-ID.
TEST(LeitwegId, HasItsCheckDigits) {
    EXPECT_EQ(leitweg_id("04011000", "1234512345"), "04011000-1234512345-06");
}

} // namespace
} // namespace fernamt::billing
