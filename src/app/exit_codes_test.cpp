// SPDX-License-Identifier: EUPL-1.2
#include "app/exit_codes.h"

#include <gtest/gtest.h>

namespace fernamt::app {
namespace {

TEST(ExitCodes, AStepThatIsNotPossibleAnyMoreIsNoBusyDatabase) {
    const auto code = [](const char *problem) {
        return report({ProblemKind::conflict, problem, {}});
    };
    EXPECT_EQ(code("knowledge.delivery_state"), kDataError) << "undo of what was undone";
    EXPECT_EQ(code("knowledge.undo_over"), kDataError);
    EXPECT_EQ(code("knowledge.delivery_busy"), kUnavailable);
    EXPECT_EQ(code("storage.in_use"), kUnavailable);
}

TEST(ExitCodes, ASentenceStandsBesideTheCode) {
    ::testing::internal::CaptureStderr();
    (void)report({ProblemKind::invalid_input,
                  "knowledge.export_since",
                  {{"since", "9"}, {"generation", "4"}}});
    const std::string said = ::testing::internal::GetCapturedStderr();
    EXPECT_NE(said.find("fernamt: knowledge.export_since\n"), std::string::npos) << said;
    EXPECT_NE(said.find("There is no generation 9 yet; today's is 4."), std::string::npos) << said;
}

} // namespace
} // namespace fernamt::app
