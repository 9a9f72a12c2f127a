// SPDX-License-Identifier: EUPL-1.2
// Desk phones on bad days: one that is gone without a word, one that rejects. The citizen reaches
// the next colleague, the agent is shown as missed, and nobody's phone rings for nothing.
#include "office.h"

#include <gtest/gtest.h>

namespace fernamt::testing {
namespace {

class Phones : public ::testing::Test {
  protected:
    Phones() : office_(2) { office_.start(); }

    // Only the phone of this agent (0 or 1) is plugged in by the simulator that starts now.
    static Office::Adjust only(std::size_t which) {
        return [which](telephony::SimulatorOptions &options) {
            options.colleagues = {options.colleagues.at(which)};
        };
    }
    void expect_second_colleague_answers() {
        office_.call();
        ASSERT_TRUE(eventually([&] { return office_.seen().reached_person == 1; }, 60))
            << office_.program().errors();
        EXPECT_EQ(office_.seen().answered, 1);
        const std::string first = office_.region().phones.at(0).login;
        EXPECT_NE(office_.get(first, "/api/v1/desk").find("\"state\":\"missed\""),
                  std::string::npos);
        ASSERT_TRUE(eventually([&] { return office_.seen().completed == 1; }, 60));
        EXPECT_EQ(office_.seen().lost, 0);
        // Longest idle first: the first agent was tried first.
        const std::string ledger = office_.ledger();
        const auto missed = ledger.find("\"state\":\"missed\"");
        EXPECT_LT(missed, ledger.find("decision.connect"));
    }

    Office office_;
};

TEST_F(Phones, AnUnreachablePhoneIsPassedOver) {
    office_.people(0, 2s, only(0));
    office_.people(0, 2s, only(1)); // the first phone is unplugged: nothing was said to anybody
    expect_second_colleague_answers();
}

TEST_F(Phones, ARejectingPhoneIsPassedOver) {
    office_.people(0, 2s, [](telephony::SimulatorOptions &options) {
        options.colleagues.at(0).rejects = true;
    });
    expect_second_colleague_answers();
    EXPECT_NE(office_.ledger().find("\"cause\":\"rejected\""), std::string::npos);
}

} // namespace
} // namespace fernamt::testing
