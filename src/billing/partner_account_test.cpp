// SPDX-License-Identifier: EUPL-1.2
#include "billing/invoice_samples.h"
#include "billing/partner_account.h"
#include "billing/partner_letter.h"
#include "billing/pdf_reading.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

namespace fernamt::billing {
namespace {

using namespace samples;
using std::chrono::minutes;
using std::chrono::seconds;

PartnerPrice agreed(const Month &from) {
    PartnerPrice price;
    price.partner = routing::PartnerId{4};
    price.from = from;
    price.taken_for = Price{950'000};
    price.taken_by = Price{1'100'000};
    price.words = "Gegenseitige Aushilfe, je Minute";
    return price;
}

PartnerSums november() {
    PartnerSums sums;
    sums.taken_for = 12;
    sums.talk = minutes{36};
    sums.after_call_work = minutes{6};
    sums.taken_by = 3;
    sums.transferred = minutes{10} + Duration{1};
    return sums;
}

TEST(PartnerStatement, BothDirectionsHaveTheirPriceAndWhatRemainsIsPaid) {
    PartnerPrice price = agreed({2026, 11});
    const PartnerStatement statement = statement_of(price, november());
    EXPECT_EQ(statement.owed_to_us, Money{42 * 95});
    EXPECT_EQ(statement.seconds_taken_by, 601) << "a started second counts whole";
    EXPECT_EQ(statement.owed_by_us, Money{1'102}); // 601 s at 1.10 EUR: 11.018
    EXPECT_EQ(statement.balance, Money{3'990 - 1'102});
    price.counts_after_call_work = false;
    EXPECT_EQ(statement_of(price, november()).owed_to_us, Money{36 * 95});
}

TEST(PartnerStatement, IsATableForBothSides) {
    const std::string csv = partner_csv({2026, 11}, {{"Nord; Süd", november(), agreed({2026, 11})},
                                                     {"=West", november(), std::nullopt}});
    EXPECT_NE(csv.find("2026-11;\"Nord; Süd\";fuer den Partner angenommen;12;2520;0,95;39,90;"),
              std::string::npos)
        << csv;
    EXPECT_NE(csv.find(";vom Partner angenommen;3;601;1,10;-11,02;"), std::string::npos) << csv;
    EXPECT_NE(csv.find("'=West"), std::string::npos) << csv;
    EXPECT_NE(csv.find(";;;Kein Preis vereinbart\r\n"), std::string::npos) << csv;
}

// The figures of the table, as a letter: 2,520 s at 0.95 less 601 s at 1.10.
TEST(PartnerStatement, IsALetterForBothSides) {
    const PartnerLine line{"Servicecenter Nord", november(), agreed({2026, 11})};
    const LocalDate today{2026, 12, 2};
    const auto pdf = partner_pdf({2026, 11}, line, centre(), today);
    ASSERT_TRUE(pdf) << describe(pdf.error());
    EXPECT_EQ(*pdf, partner_pdf({2026, 11}, line, centre(), today).value());
    const std::string text = text_of(*pdf);
    for (const char *said :
         {"Servicecenter Nord", "Regionsstadt, Servicecenter", "02.12.2026", "November 2026",
          "12 Anrufe", "0:42:00", "39,90", "3 Anrufe", "0:10:01", "-11,02",
          "Zu unseren Gunsten bleiben 28,88", "keine Rechnung"}) {
        EXPECT_NE(text.find(said), std::string::npos) << said << "\n" << text;
    }
    PartnerLine theirs = line;
    theirs.sums.taken_for = 0;
    theirs.sums.talk = theirs.sums.after_call_work = Duration{};
    const std::string other = text_of(*partner_pdf({2026, 11}, theirs, centre(), today));
    EXPECT_NE(other.find("Zu Ihren Gunsten bleiben 11,02"), std::string::npos) << other;
    theirs.price.reset();
    const std::string without = text_of(*partner_pdf({2026, 11}, theirs, centre(), today));
    EXPECT_NE(without.find("kein Preis vereinbart"), std::string::npos) << without;
    EXPECT_NE(without.find("0:10:01"), std::string::npos) << without;
}

class PartnerPricesTest : public storage::testing::DatabaseTest {};

TEST_P(PartnerPricesTest, APriceHoldsFromItsMonthOn) {
    PartnerPrices prices(db());
    const Change now = change({2026, 11, 23});
    ASSERT_TRUE(prices.set(agreed({2026, 12}), now));
    EXPECT_TRUE(prices.in({2026, 11})->empty());
    EXPECT_EQ(prices.in({2027, 5})->at(routing::PartnerId{4}), agreed({2026, 12}));
    PartnerPrice again = agreed({2026, 12});
    again.taken_by = Price{1'200'000};
    ASSERT_TRUE(prices.set(again, now));
    EXPECT_EQ(prices.in({2026, 12})->at(routing::PartnerId{4}), again);
    EXPECT_EQ(prices.set(agreed({2026, 10}), now).error().code, "partner.price_past");
}

FERNAMT_ON_EVERY_ENGINE(PartnerPricesTest);

} // namespace
} // namespace fernamt::billing
