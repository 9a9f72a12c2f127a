// SPDX-License-Identifier: EUPL-1.2
#include "billing/evidence.h"
#include "billing/invoice_samples.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

namespace fernamt::billing {
namespace {

using namespace samples;
using std::chrono::seconds;

struct Sample {
    Document document;
    Evidence evidence;
};

Sample sample() {
    Sample made;
    agreements::Package package;
    package.per_year = Money{120'000};
    package.included_minutes = 3;
    package.overage_per_minute = Price{1'590'000};
    using agreements::CallKind;
    using agreements::KindSet;
    EvidencePart part;
    part.prices = agreements::samples::prices(
        {2026, 1, 1}, {agreements::samples::clause("Minuten", {2026, 1, 1},
                                                   agreements::samples::per_minute(Price{950'000}),
                                                   KindSet::of({CallKind::own_number})),
                       agreements::samples::clause("115", {2026, 2, 1}, package,
                                                   KindSet::of({CallKind::number_115}))});
    part.first = {2026, 2, 1};
    part.last = {2026, 2, 28};
    for (int i = 0; i < 7; ++i) {
        part.calls.push_back({CallId{i + 1}, at({2026, 2, 3 + i % 20}, 9),
                              i % 3 == 0 ? CallKind::number_115 : CallKind::own_number,
                              seconds{100 + i}, seconds{20}});
    }
    made.evidence.months = {{2026, 2}};
    made.evidence.parts = {part};
    made.evidence.corrections = {{{2026, 1},
                                  {agreements::CorrectionReason::time_changed,
                                   "Minuten",
                                   CallId{3},
                                   {2026, 1, 4},
                                   120,
                                   180,
                                   Money{95}}}};
    Document &document = made.document;
    document.number = "R2026-000007";
    document.municipality = kLangenhagen;
    document.period_from = {2026, 2, 1};
    document.period_to = {2026, 2, 28};
    document.issued_on = {2026, 3, 2};
    document.due_on = {2026, 4, 1};
    document.seller = centre();
    document.buyer = town();
    document.tax = {agreements::TaxCategory::standard, 19, "§ 2b UStG"};
    document.lines = compute(made.evidence)->lines;
    document.evidence_root = root_of(made.evidence);
    document.ledger = {3, 77, std::string(64, 'a')};
    add_up(document);
    return made;
}

std::vector<Finding> findings_in(const std::string &file) {
    const auto verdict = verify_invoice(file);
    return verdict ? verdict->findings : std::vector<Finding>{{"not readable", "", ""}};
}

TEST(Evidence, IsFoundWhole) {
    const Sample made = sample();
    const auto verdict = verify_invoice(to_json(made.document, made.evidence));
    ASSERT_TRUE(verdict) << describe(verdict.error());
    EXPECT_TRUE(verdict->findings.empty()) << describe(*verdict);
    EXPECT_EQ(verdict->calls, 7);
    EXPECT_EQ(verdict->root, made.document.evidence_root);
    EXPECT_EQ(describe(*verdict).substr(0, 26), "ok: R2026-000007, 7 calls,");
}

// In the middle of a seal: one of thirty digits is enough there.
bool in_seal(const std::string &file, std::size_t at) {
    return file.substr(at - 12, 24).find_first_not_of("0123456789abcdef") == std::string::npos;
}

// The promise of the proof, digit by digit: no changed digit passes, and the place is named.
TEST(Evidence, EveryChangedDigitIsFoundAndNamed) {
    const Sample made = sample();
    const std::string file = to_json(made.document, made.evidence);
    int digits = 0;
    int unnamed = 0;
    for (std::size_t i = file.find("\"document\""); i < file.size(); ++i) {
        if (std::isdigit(static_cast<unsigned char>(file[i])) == 0) continue;
        if (i % 30 != 0 && in_seal(file, i)) continue;
        std::string changed = file;
        changed[i] = changed[i] == '9' ? '8' : static_cast<char>(changed[i] + 1);
        ++digits;
        const auto found = findings_in(changed);
        if (found.empty()) ADD_FAILURE() << "passed: " << changed.substr(i - 20, 40);
        unnamed += found.empty() || found.front().place.empty() ? 1 : 0;
    }
    EXPECT_GT(digits, 700);
    EXPECT_EQ(unnamed, 0);
}

TEST(Evidence, NamesTheCallAndTheAmount) {
    const Sample made = sample();
    const std::string file = to_json(made.document, made.evidence);
    const auto replaced = [&](std::string_view from, std::string_view to) {
        std::string changed = file;
        changed.replace(changed.find(from), from.size(), to);
        return findings_in(changed);
    };
    const auto call = replaced("\"number_115\",100000000", "\"number_115\",900000000");
    ASSERT_FALSE(call.empty());
    EXPECT_EQ(call.front().place, "rows[2] (call)");
    const std::string cents =
        "\"amount_cents\":" + std::to_string(made.document.lines[0].amount.cents);
    const auto amount = replaced(cents, "\"amount_cents\":1");
    const Finding named{"document.lines[0].amount_cents", "0.01",
                        to_decimal(made.document.lines[0].amount)};
    EXPECT_NE(std::ranges::find(amount, named), amount.end());
}

// Who forges the rows and seals them anew cannot keep the root that stands on the invoice.
TEST(Evidence, ResealedRowsDoNotFitTheInvoice) {
    Sample made = sample();
    made.evidence.parts[0].calls[4].talk += seconds{1};
    const auto found = findings_in(to_json(made.document, made.evidence));
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found.front().place, "document.evidence_root");
}

TEST(Evidence, OtherFilesAreRefused) {
    for (const char *file : {"", "{}", "[1,2]", "{\"format\":\"fernamt-invoice-1\"}", "\xff\xfe"}) {
        const auto verdict = verify_invoice(file);
        ASSERT_FALSE(verdict);
        EXPECT_EQ(verdict.error().code, "evidence.not_readable");
    }
}

TEST(Evidence, DocumentsAreReadAsTheyWereWritten) {
    const Sample made = sample();
    EXPECT_EQ(document_from(to_json(made.document)).value(), made.document);
}

TEST(Evidence, VatIsRoundedOnceOnTheSum) {
    Document document;
    document.tax = {agreements::TaxCategory::standard, 19, ""};
    document.lines = {{"a", "", {}, {}, Money{103}}, {"b", "", {}, {}, Money{103}}};
    add_up(document);
    EXPECT_EQ(document.vat, Money{39}); // 0,3914; line by line it would be 0,40
    EXPECT_EQ(document.payable, Money{245});
}

} // namespace
} // namespace fernamt::billing
