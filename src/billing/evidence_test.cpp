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
    EvidenceCorrection correction{{2026, 1}, {}, {}, {}};
    EvidencePart january;
    january.prices = agreements::samples::prices(
        {2026, 1, 1},
        {agreements::samples::clause("Minuten", {2026, 1, 1},
                                     agreements::samples::per_minute(Price{950'000}))});
    january.first = {2026, 1, 1};
    january.last = {2026, 1, 31};
    january.calls = {{CallId{31}, at({2026, 1, 4}), CallKind::own_number, seconds{120}, {}},
                     {CallId{32}, at({2026, 1, 5}), CallKind::own_number, seconds{60}, {}}};
    correction.before = {january};
    january.calls[0].after_call_work = seconds{60};
    correction.after = {january};
    correction.lines = corrected_lines(correction).value();
    made.evidence.corrections = {correction};
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

// The town need not trust the difference: what was billed and what is known now stand beside it.
TEST(Evidence, ACorrectionIsRecomputedFromTheCallsBeforeAndAfter) {
    Sample made = sample();
    EvidenceCorrection &correction = made.evidence.corrections[0];
    ASSERT_EQ(correction.lines.size(), 1U);
    EXPECT_EQ(correction.lines[0].reason, agreements::CorrectionReason::time_changed);
    EXPECT_EQ(correction.lines[0].before->after_call_work, seconds{0});
    EXPECT_EQ(correction.lines[0].after->after_call_work, seconds{60});
    EXPECT_EQ(correction.lines[0].difference, Money{95});
    // Whoever issues it may state and seal what he likes: it does not follow from the calls.
    correction.lines[0].difference = Money{195};
    made.document.lines.back().amount = Money{195};
    made.document.evidence_root = root_of(made.evidence);
    add_up(made.document);
    const auto found = findings_in(to_json(made.document, made.evidence));
    ASSERT_EQ(found.size(), 2U);
    EXPECT_TRUE(found[0].place.starts_with("rows[") && found[0].place.ends_with("(correction)"))
        << found[0].place;
    EXPECT_NE(found[0].stated.find("195"), std::string::npos) << found[0].stated;
    EXPECT_NE(found[0].computed.find("95"), std::string::npos) << found[0].computed;
    EXPECT_EQ(found[1].place, "document.lines[4].amount_cents");
    EXPECT_EQ(found[1].computed, "0.95");
}

// As documents of the first format carry it.
TEST(Evidence, ACorrectionWithoutItsCallsIsStillRead) {
    Sample made = sample();
    EvidenceCorrection &correction = made.evidence.corrections[0];
    correction.before.clear();
    correction.after.clear();
    made.document.evidence_root = root_of(made.evidence);
    std::string file = to_json(made.document, made.evidence);
    file.replace(file.find("fernamt-evidence-2"), 18, "fernamt-evidence-1");
    EXPECT_TRUE(findings_in(file).empty());
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
