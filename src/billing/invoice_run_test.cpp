// SPDX-License-Identifier: EUPL-1.2
#include "billing/invoice_run.h"
#include "billing/invoice_samples.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <memory>

namespace fernamt::billing {
namespace {

using namespace samples;
using std::chrono::minutes;

const MunicipalityId kThird{32410007007}; // without an agreement
const std::vector<MunicipalityId> kTowns{kLangenhagen, kThird, kWedemark};
const Change kDecember = change({2026, 12, 1});

class InvoiceRunTest : public storage::testing::DatabaseTest {
  protected:
    void SetUp() override {
        set_up_two_towns(db());
        ledger_ = ledger::Ledger::open(db()).value();
        add_calls(*ledger_, {2026, 10}, 10, minutes{2}, 100);
        add_calls(*ledger_, {2026, 11}, 20, minutes{3}, 200);
        add_call_of_wedemark(*ledger_);
    }
    void TearDown() override { ledger_.reset(); }
    std::unique_ptr<ledger::Ledger> ledger_;
};

TEST_P(InvoiceRunTest, ShowsEachTownBesideTheMonthBefore) {
    ASSERT_TRUE(InvoiceBook(db()).issue(kLangenhagen, {2026, 10}, change({2026, 11, 2})));
    ASSERT_TRUE(InvoiceBook(db()).issue(kWedemark, {2026, 11}, kDecember));
    const auto previews = preview_run(db(), kTowns, {2026, 11}, kDecember.at).value();
    ASSERT_EQ(previews.size(), 2U) << "the third has no agreement";
    EXPECT_EQ(previews[0].net, Money{5'700});
    EXPECT_EQ(previews[0].net_before, Money{1'900});
    EXPECT_EQ(previews[0].calls, 20);
    EXPECT_TRUE(previews[0].clean());
    EXPECT_EQ(previews[1].number, "R2026-000002");
    EXPECT_FALSE(previews[1].clean());
    EXPECT_EQ(InvoiceBook(db()).list()->size(), 2U) << "looking issues nothing";
}

TEST_P(InvoiceRunTest, IssuesAllThatAreCleanAndNoneTwice) {
    InvoiceRuns runs(db());
    const auto started = runs.start(kTowns, {2026, 11}, kDecember);
    ASSERT_TRUE(started) << describe(started.error());
    EXPECT_TRUE(InvoiceBook(db()).list()->empty());
    const auto done = runs.resume(started->id, kDecember).value();
    ASSERT_EQ(done.items.size(), 2U);
    for (const RunItem &item : done.items)
        EXPECT_EQ(item.state, RunState::issued);
    EXPECT_EQ(InvoiceBook(db()).list()->size(), 2U);
    EXPECT_EQ(runs.resume(started->id, kDecember).value(), done);
    EXPECT_EQ(InvoiceBook(db()).list()->size(), 2U);
    EXPECT_EQ(runs.start(kTowns, {2026, 11}, kDecember).error().code, "run.nothing_to_issue");
    EXPECT_EQ(runs.list().value(), std::vector<InvoiceRun>{done});
}

// It stopped after a document and before its note of it, or somebody issued by hand meanwhile.
TEST_P(InvoiceRunTest, GoesOnWhereItStopped) {
    InvoiceRuns runs(db());
    const auto started = runs.start(kTowns, {2026, 11}, kDecember).value();
    const std::string number =
        InvoiceBook(db()).issue(kLangenhagen, {2026, 11}, kDecember)->document.number;
    close();
    const auto done = InvoiceRuns(db()).resume(started.id, kDecember);
    ASSERT_TRUE(done) << describe(done.error());
    EXPECT_EQ(done->items[0].number, number);
    EXPECT_EQ(done->items[1].state, RunState::issued);
    EXPECT_EQ(InvoiceBook(db()).list()->size(), 2U);
}

TEST_P(InvoiceRunTest, OneThatIsRefusedDoesNotStopTheOthers) {
    InvoiceRuns runs(db());
    const auto started = runs.start(kTowns, {2026, 11}, kDecember).value();
    Party incomplete = town();
    incomplete.leitweg_id.clear();
    ASSERT_TRUE(InvoiceBook(db()).set_party(kLangenhagen, incomplete));
    const auto done = runs.resume(started.id, kDecember).value();
    EXPECT_EQ(done.items[0].state, RunState::failed);
    EXPECT_EQ(done.items[0].problem, "invoice.party_missing");
    EXPECT_EQ(done.items[1].state, RunState::issued);
    const auto previews = preview_run(db(), kTowns, {2026, 11}, kDecember.at).value();
    ASSERT_TRUE(previews[0].problem);
    ASSERT_TRUE(InvoiceBook(db()).set_party(kLangenhagen, town()));
    EXPECT_EQ(runs.resume(started.id, kDecember)->items[0].state, RunState::issued);
}

TEST_P(InvoiceRunTest, AMonthThatRunsIsNotIssued) {
    EXPECT_EQ(InvoiceRuns(db()).start(kTowns, {2026, 12}, kDecember).error().code,
              "run.month_open");
    EXPECT_EQ(InvoiceRuns(db()).find(7).error().code, "run.not_found");
}

FERNAMT_ON_EVERY_ENGINE(InvoiceRunTest);

} // namespace
} // namespace fernamt::billing
