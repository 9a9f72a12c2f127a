// SPDX-License-Identifier: EUPL-1.2
// Blind transfer over real SIP to simulated offices: one that answers, one that is busy, and one
// that still rings when the service is killed.
#include "office.h"
#include "telephony/simulator_offices.h"

#include <gtest/gtest.h>

namespace fernamt::testing {
namespace {

class Transfer : public ::testing::Test {
  protected:
    void SetUp() override {
        auto opened = telephony::SimulatedOffices::open({.answer_after_least = 200ms,
                                                         .answer_after_most = 500ms,
                                                         .talk_least = 2s,
                                                         .talk_most = 3s});
        ASSERT_TRUE(opened) << describe(opened.error());
        offices_ = std::move(*opened);
        office_ = std::make_unique<Office>(
            1, Office::Setup{.trunk = "sip:127.0.0.1:" + std::to_string(offices_->port())});
        office_->start();
    }
    void TearDown() override {
        office_.reset();
        offices_.reset();
    }

    // A citizen talks to the agent, who passes the call on.
    void pass_on_to(const std::string &target) {
        office_->people(0, 60s);
        office_->call();
        ASSERT_TRUE(eventually([&] { return office_->seen().reached_person == 1; }, 40));
        const std::string agent = office_->talking_agent();
        ASSERT_EQ(office_->press(agent, "transfer", target), 204);
    }
    bool ledger_has(const std::string &text) {
        return office_->ledger().find(text) != std::string::npos;
    }

    std::unique_ptr<telephony::SimulatedOffices> offices_;
    std::unique_ptr<Office> office_;
};

TEST_F(Transfer, TheOfficeAnswersAndBothHearEachOther) {
    pass_on_to("030 23125-500");
    ASSERT_TRUE(eventually([&] { return office_->seen().open == 0; }, 60));
    EXPECT_EQ(office_->seen().completed, 1);
    EXPECT_EQ(office_->seen().understood, 1);
    EXPECT_EQ(offices_->statistics().answered, 1);
    ASSERT_TRUE(eventually([&] { return offices_->statistics().open == 0; }));
    EXPECT_EQ(offices_->statistics().understood_citizen, 1);
    const std::string ledger = office_->ledger();
    EXPECT_NE(ledger.find("decision.connect_transfer"), std::string::npos);
    EXPECT_NE(ledger.find("\"reason\":\"transferred\""), std::string::npos) << ledger;
    EXPECT_EQ(ledger.find("3023125500"), std::string::npos) << "the office's number is in clear";
    EXPECT_EQ(office_->program().errors().find("3023125500"), std::string::npos);
}

TEST_F(Transfer, ABusyOfficeGivesTheCallerBack) {
    pass_on_to("030 23125-508");
    // The agent is through with the after-call work and gets the same citizen again.
    ASSERT_TRUE(eventually([&] { return ledger_has("decision.requeue"); }));
    EXPECT_EQ(offices_->statistics().busy, 1);
    EXPECT_TRUE(ledger_has("\"cause\":\"busy\""));
    ASSERT_TRUE(eventually([&] { return !office_->talking_agent().empty(); }, 60));
    EXPECT_EQ(office_->seen().open, 1); // the same call all the time
    EXPECT_EQ(office_->seen().offered, 1);
}

TEST_F(Transfer, KilledWhileTheOfficeRingsTheCallerWaitsAgain) {
    pass_on_to("030 23125-509");
    ASSERT_TRUE(eventually([&] { return offices_->statistics().rung == 1; }));
    office_->kill();
    office_->start();
    EXPECT_NE(office_->program().errors().find("\"calls_taken_up\":1"), std::string::npos)
        << office_->program().errors();
    ASSERT_TRUE(eventually([&] { return !office_->talking_agent().empty(); }, 60))
        << office_->program().errors();
    EXPECT_EQ(office_->seen().open, 1);
    EXPECT_TRUE(office_->ask({"ledger", "verify"}).starts_with("ok: "));
}

} // namespace
} // namespace fernamt::testing
