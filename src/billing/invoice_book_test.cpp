// SPDX-License-Identifier: EUPL-1.2
#include "billing/invoice_samples.h"
#include "storage/test_database.h"
#include "storage/testing/child_process.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <thread>

namespace fernamt::billing {
namespace {

using namespace samples;
using std::chrono::minutes;
using std::chrono::seconds;

const Change kDecember = change({2026, 12, 1});

class InvoiceBookTest : public storage::testing::DatabaseTest {
  protected:
    void SetUp() override {
        set_up(db());
        ledger_ = ledger::Ledger::open(db()).value();
        add_calls(*ledger_, {2026, 10}, 10, minutes{2}, 100);
        add_calls(*ledger_, {2026, 11}, 20, minutes{3}, 200);
    }
    InvoiceBook book() { return InvoiceBook(db()); }
    ledger::Ledger &the_ledger() { return *ledger_; }
    std::string refused(const Expected<Issued> &issued) {
        return issued ? "issued " + issued->document.number : describe(issued.error());
    }

  private:
    std::unique_ptr<ledger::Ledger> ledger_;
};

TEST_P(InvoiceBookTest, IssuesAMonthWithItsProof) {
    const auto issued = book().issue(kLangenhagen, {2026, 11}, kDecember);
    ASSERT_TRUE(issued) << describe(issued.error());
    const Document &document = issued->document;
    EXPECT_EQ(document.number, "R2026-000001");
    ASSERT_EQ(document.lines.size(), 1U);
    EXPECT_EQ(document.lines[0].detail, "20 Anrufe, 60,00 Minuten zu 0,95\u00a0€");
    EXPECT_EQ(document.payable, Money{5'700});
    EXPECT_EQ(document.due_on, (LocalDate{2026, 12, 31}));
    EXPECT_EQ(document.ledger.last, the_ledger().last_seq());
    EXPECT_EQ(document.ledger.root.size(), 64U);
    EXPECT_EQ(document.evidence_root, root_of(issued->evidence));
    EXPECT_EQ(book().find(document.number).value(), document);
    EXPECT_EQ(book().evidence(document).value(), issued->evidence);
    const auto report = book().verify();
    EXPECT_EQ(report->documents, 1);
    EXPECT_FALSE(report->first_broken);
}

TEST_P(InvoiceBookTest, IssuesAMonthOnlyOnceAndOnlyWhenItIsOver) {
    EXPECT_EQ(refused(book().issue(kLangenhagen, {2026, 11}, change({2026, 11, 30}))),
              "invoice.month_open from=2026-12-01 remedy=wait_for_its_end");
    EXPECT_EQ(refused(book().issue(kLangenhagen, {2026, 11}, kDecember)), "issued R2026-000001");
    EXPECT_EQ(refused(book().issue(kLangenhagen, {2026, 11}, kDecember)),
              "invoice.already_issued number=R2026-000001");
    EXPECT_EQ(refused(book().issue(kWedemark, {2026, 11}, kDecember)), "invoice.no_agreement");
    EXPECT_EQ(book().find("R2026-000002").error().code, "invoice.not_found");
}

TEST_P(InvoiceBookTest, CancelsAndIssuesAnewOnTheSameFacts) {
    const auto first = book().issue(kLangenhagen, {2026, 11}, kDecember).value();
    EXPECT_EQ(refused(book().cancel("R2026-000001", kDecember)),
              "invoice.reason_missing remedy=name_the_reason");
    const auto storno =
        book().cancel("R2026-000001", change({2026, 12, 3}, "falsche Anschrift")).value();
    EXPECT_EQ(storno.document.number, "S2026-000001");
    EXPECT_EQ(storno.document.payable, Money{-5'700});
    EXPECT_EQ(storno.document.refers_to, "R2026-000001");
    EXPECT_EQ(book().cancelled_by("R2026-000001").value(), "S2026-000001");
    EXPECT_EQ(refused(book().cancel("R2026-000001", change({2026, 12, 3}, "noch einmal"))),
              "invoice.cancelled number=R2026-000001");
    Party moved = town();
    moved.street = "Neuer Weg 3";
    ASSERT_TRUE(book().set_party(kLangenhagen, moved));
    add_calls(the_ledger(), {2026, 11}, 1, minutes{1}, 900); // becomes known meanwhile
    const auto again = book().issue(kLangenhagen, {2026, 11}, change({2026, 12, 4})).value();
    EXPECT_EQ(again.document.number, "R2026-000002");
    EXPECT_EQ(again.document.payable, first.document.payable);
    EXPECT_EQ(again.document.buyer.street, "Neuer Weg 3");
    EXPECT_EQ(book().find("R2026-000001")->buyer.street, "Am Markt 2"); // never changed
    EXPECT_FALSE(book().verify()->first_broken);
}

TEST_P(InvoiceBookTest, BillsLateFactsAsCorrectionLines) {
    (void)book().issue(kLangenhagen, {2026, 10}, change({2026, 11, 2})).value();
    // After-call work of a call of October, and a call of October that ended late.
    (void)the_ledger()
        .append_and_wait({work_entry(kLangenhagen, CallId{100}, minutes{1}, at({2026, 11, 3}))})
        .value();
    const CallFact late = call(150, at({2026, 10, 31}, 23, 50), minutes{4});
    (void)the_ledger()
        .append_and_wait({offered_entry(kLangenhagen, late.call, late.offered_at),
                          end_entry(kLangenhagen, late, at({2026, 11, 3}))})
        .value();
    const auto november = book().issue(kLangenhagen, {2026, 11}, kDecember).value();
    ASSERT_EQ(november.document.lines.size(), 2U);
    EXPECT_EQ(november.document.lines[1].text, "Korrektur 2026-10");
    EXPECT_EQ(november.document.lines[1].amount, Money{95 + 380});
    ASSERT_EQ(november.evidence.corrections.size(), 1U);
    const auto &lines = november.evidence.corrections[0].lines;
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0].reason, agreements::CorrectionReason::time_changed);
    EXPECT_EQ(lines[1].reason, agreements::CorrectionReason::call_added);
    EXPECT_EQ(book().evidence(november.document).value(), november.evidence);
    // The earlier invoice stays as it is, and nothing is corrected twice.
    EXPECT_EQ(book().find("R2026-000001")->payable, Money{1'900});
    const auto december = book().issue(kLangenhagen, {2026, 12}, change({2027, 1, 4})).value();
    EXPECT_TRUE(december.evidence.corrections.empty());
    EXPECT_EQ(december.document.payable, Money{0});
}

TEST_P(InvoiceBookTest, SettlesAYearLessItsAdvances) {
    const auto advance =
        book().issue_advance(kLangenhagen, {2026, 3}, Money{3'000}, change({2026, 3, 1}));
    ASSERT_TRUE(advance) << describe(advance.error());
    EXPECT_EQ(advance->document.payable, Money{3'000});
    EXPECT_EQ(
        refused(book().issue_advance(kLangenhagen, {2026, 3}, Money{1}, change({2026, 3, 2}))),
        "invoice.already_issued number=R2026-000001");
    EXPECT_EQ(refused(book().settle(kLangenhagen, 2026, kDecember)),
              "invoice.month_open from=2027-01-01 remedy=wait_for_its_end");
    (void)book().issue(kLangenhagen, {2026, 10}, change({2026, 11, 2})).value();
    const auto settled = book().settle(kLangenhagen, 2026, change({2027, 1, 11}));
    ASSERT_TRUE(settled) << describe(settled.error());
    EXPECT_EQ(settled->document.number, "R2027-000001");
    EXPECT_EQ(settled->document.months.size(), 11U); // October has its own
    EXPECT_EQ(settled->document.gross, Money{5'700});
    EXPECT_EQ(settled->document.prepaid, Money{3'000});
    EXPECT_EQ(settled->document.payable, Money{2'700});
    EXPECT_EQ(settled->document.advances, std::vector<std::string>{"R2026-000001"});
    EXPECT_EQ(refused(book().settle(kLangenhagen, 2026, change({2027, 1, 12}))),
              "invoice.already_issued number=R2027-000001");
    EXPECT_EQ(refused(book().issue(kLangenhagen, {2026, 11}, change({2027, 1, 12}))),
              "invoice.already_issued number=R2027-000001");
    EXPECT_FALSE(book().verify()->first_broken);
}

// A price that ends after the month, and the next one, are no business of an issued invoice.
TEST_P(InvoiceBookTest, WhatIsAgreedLaterLeavesEarlierEvidenceAsItIs) {
    const auto issued = book().issue(kLangenhagen, {2026, 10}, change({2026, 11, 2})).value();
    AgreementBook agreements(db());
    const auto stored = agreements.list(kLangenhagen).value().front();
    auto changed = stored.agreement;
    changed.prices[0].to = LocalDate{2026, 12, 31};
    changed.prices.push_back(changed.prices[0]);
    changed.prices[1].name = "Minuten 2027";
    changed.prices[1].from = {2027, 1, 1};
    changed.prices[1].to.reset();
    changed.populations.push_back({{2027, 1, 1}, {2026, 12, 31}, 31'000, "register of the test"});
    const auto updated = agreements.update(changed, stored.version, change({2026, 11, 3}, "2027"));
    ASSERT_TRUE(updated) << describe(updated.error());
    const auto again = book().evidence(issued.document);
    ASSERT_TRUE(again) << describe(again.error());
    EXPECT_EQ(*again, issued.evidence);
}

// A town that had the standard price until its agreement began, in the middle of a month.
TEST_P(InvoiceBookTest, AStandardPriceHoldsUntilTheAgreementBegins) {
    auto agreement = agreements::samples::agreement({2026, 11, 16});
    agreement.municipality = kWedemark;
    agreement.prices[0].model = agreements::samples::per_minute(Price{2'000'000});
    AgreementBook agreements(db());
    auto stored = agreements.create(agreement, change({2026, 9, 1})).value();
    for (const auto state : {agreements::State::resolved, agreements::State::signed_}) {
        stored = agreements
                     .move(stored.agreement.id, stored.version, state, {2026, 10, 1},
                           change({2026, 10, 1}))
                     .value();
    }
    StandardPrice standard = per_minute(Price{1'000'000});
    standard.id = 0;
    standard.municipality = kWedemark;
    ASSERT_TRUE(add_price(db(), standard));
    std::vector<ledger::NewEntry> entries;
    for (const int day : {15, 16}) {
        const Instant offered = at({2026, 11, day});
        entries.push_back(end_entry(kWedemark, call(900 + day, offered, minutes{1}), offered));
    }
    ASSERT_TRUE(the_ledger().append_and_wait(entries));
    const auto month = make_invoice(db(), kWedemark, {2026, 11});
    ASSERT_TRUE(month) << describe(month.error());
    EXPECT_EQ(month->total, Money{100 + 200});
    ASSERT_EQ(month->charges.size(), 2U);
    EXPECT_TRUE(month->charges[0].standard);
    EXPECT_EQ(month->charges[0].charge.to, (LocalDate{2026, 11, 15}));
    EXPECT_EQ(month->charges[1].charge.from, (LocalDate{2026, 11, 16}));
}

TEST_P(InvoiceBookTest, CreditsAtMostWhatWasInvoiced) {
    (void)book().issue(kLangenhagen, {2026, 11}, kDecember).value();
    const auto credit = [&](std::int64_t cents) {
        return book().credit("R2026-000001", "Kulanz", Money{cents},
                             change({2026, 12, 5}, "Leitungsstörung am 3. November"));
    };
    EXPECT_EQ(credit(5'000)->document.number, "G2026-000001");
    EXPECT_EQ(refused(credit(701)),
              "invoice.credit_too_high open=7,00\u00a0€ remedy=choose_a_lower_amount");
    EXPECT_EQ(refused(credit(0)),
              "invoice.credit_too_high open=7,00\u00a0€ remedy=choose_a_lower_amount");
    EXPECT_EQ(credit(700)->document.number, "G2026-000002");
}

TEST_P(InvoiceBookTest, ZeroEurosAreInvoicedToo) {
    const auto may = book().issue(kLangenhagen, {2026, 5}, kDecember);
    ASSERT_TRUE(may) << describe(may.error());
    EXPECT_EQ(may->document.payable, Money{0});
    EXPECT_TRUE(may->document.lines.empty());
}

TEST_P(InvoiceBookTest, ARenamedMunicipalityKeepsItsOldInvoices) {
    (void)book().issue(kLangenhagen, {2026, 10}, change({2026, 11, 2})).value();
    Party renamed = town();
    renamed.name = "Stadt Musterstedt-Neudorf";
    ASSERT_TRUE(book().set_party(kLangenhagen, renamed));
    EXPECT_EQ(book().issue(kLangenhagen, {2026, 11}, kDecember)->document.buyer.name,
              "Stadt Musterstedt-Neudorf");
    EXPECT_EQ(book().find("R2026-000001")->buyer.name, "Stadt Musterstedt");
}

TEST_P(InvoiceBookTest, AsksForMissingDetails) {
    Party incomplete = town();
    incomplete.leitweg_id.clear();
    ASSERT_TRUE(book().set_party(kLangenhagen, incomplete));
    EXPECT_EQ(refused(book().issue(kLangenhagen, {2026, 11}, kDecember)),
              "invoice.party_missing place=buyer.leitweg_id remedy=complete_the_details");
}

TEST_P(InvoiceBookTest, TwoPeopleIssuingAtOnceLeaveNoGapAndNoDouble) {
    std::vector<Expected<Issued>> results(24);
    {
        std::vector<std::jthread> people;
        for (int person = 0; person < 2; ++person) {
            people.emplace_back([&, person] {
                for (int month = 1; month <= 12; ++month) {
                    results[static_cast<std::size_t>(person * 12 + month - 1)] =
                        InvoiceBook(db()).issue(kLangenhagen, {2026, month == 12 ? 11 : month},
                                                kDecember);
                }
            });
        }
    }
    int issued = 0;
    for (const auto &result : results) {
        issued += result ? 1 : 0;
        if (!result) {
            EXPECT_EQ(result.error().code, "invoice.already_issued");
        }
    }
    EXPECT_EQ(issued, 11);
    const auto documents = book().list(kLangenhagen).value();
    ASSERT_EQ(documents.size(), 11U);
    EXPECT_EQ(documents.back().number, "R2026-000011");
    EXPECT_FALSE(book().verify()->first_broken);
}

TEST_P(InvoiceBookTest, TheDatabaseRefusesChanges) {
    (void)book().issue(kLangenhagen, {2026, 11}, kDecember).value();
    for (const char *sql : {"UPDATE invoice SET number = 'R1'", "DELETE FROM invoice"}) {
        EXPECT_FALSE(db().write([&](storage::Connection &connection) -> Expected<void> {
            const auto run = connection.run(sql);
            if (!run) return tl::unexpected(run.error());
            return {};
        }));
    }
    EXPECT_EQ(book().list()->size(), 1U);
}

FERNAMT_ON_EVERY_ENGINE(InvoiceBookTest);

// ---- the printer's full disk -------------------------------------------------------------------

TEST(InvoiceBookDisk, AFullDiskUsesUpNoNumber) {
    const storage::testing::TemporaryDirectory directory;
    const std::string answer = storage::testing::in_child([&] {
        storage::testing::mount_private_tmpfs(directory.path(), "size=4m");
        const std::string url = "sqlite://" + directory.path() + "/fernamt.db";
        const std::string filler = directory.path() + "/filler";
        std::string text;
        {
            auto database = storage::Database::open(url).value();
            set_up(*database);
            auto ledger = ledger::Ledger::open(*database).value();
            add_calls(*ledger, {2026, 10}, 5, minutes{2}, 100);
            add_calls(*ledger, {2026, 11}, 5, minutes{2}, 200);
            InvoiceBook book(*database);
            text += book.issue(kLangenhagen, {2026, 10}, kDecember)->document.number + " ";
            std::ofstream file(filler, std::ios::binary);
            const std::string block(4096, 'x');
            while (file.write(block.data(), 4096).flush()) {
            }
            // The journal's own pages may still hold one; then there is no room for the next.
            int failed = 0;
            for (int i = 0; i < 40 && failed == 0; ++i) {
                const auto issued = book.issue_advance(kLangenhagen, {2026, 1 + i % 12},
                                                       Money{100 + i}, change({2026, 12, 2}));
                if (issued || issued.error().code == "invoice.already_issued") {
                    const auto documents = book.list().value();
                    (void)book.cancel(documents.back().number, change({2026, 12, 2}, "Test"));
                    continue;
                }
                failed = 1;
                text += issued.error().code + " ";
            }
        }
        std::remove(filler.c_str());
        auto database = storage::Database::open(url).value();
        InvoiceBook book(*database);
        const auto before = book.list().value();
        const auto issued = book.issue(kLangenhagen, {2026, 11}, kDecember);
        text += issued ? "issued " : describe(issued.error()) + " ";
        const auto report = book.verify().value();
        text += report.first_broken ? "broken " + report.what : "whole";
        text += book.list()->size() == before.size() + 1 ? " one more" : " lost";
        return text;
    });
    EXPECT_EQ(answer, "R2026-000001 storage.full issued whole one more");
}

} // namespace
} // namespace fernamt::billing
