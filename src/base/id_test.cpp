// SPDX-License-Identifier: EUPL-1.2
#include "base/id.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <type_traits>
#include <unordered_set>

namespace fernamt {
namespace {

// One kind of id is never taken for another, and no number becomes an id by accident.
static_assert(!std::is_convertible_v<CallId, AgentId>);
static_assert(!std::is_constructible_v<AgentId, CallId>);
static_assert(!std::is_assignable_v<MunicipalityId &, UserId>);
static_assert(!std::is_convertible_v<std::int64_t, CallId>);
static_assert(!std::is_convertible_v<CallId, std::int64_t>);
static_assert(!std::is_convertible_v<CallId, bool>); // explicit only
static_assert(std::is_trivially_copyable_v<CallId> && sizeof(CallId) == 8);

TEST(Id, zero_is_none) {
    EXPECT_FALSE(CallId{});
    EXPECT_TRUE(CallId{7});
}

TEST(Id, is_ordered_and_hashed_by_its_value) {
    EXPECT_LT(CallId{1}, CallId{2});
    EXPECT_EQ(CallId{1}, CallId{1});
    const std::unordered_set<AgentId> agents{AgentId{1}, AgentId{2}, AgentId{1}};
    EXPECT_EQ(agents.size(), 2U);
}

TEST(Ars, is_twelve_digits_with_leading_zeros) {
    EXPECT_EQ(to_ars(MunicipalityId{32410001001}), "032410001001");
    EXPECT_EQ(parse_ars("032410001001"), MunicipalityId{32410001001});
    EXPECT_EQ(parse_ars("03241"), MunicipalityId{32410000000}); // the Region itself
    EXPECT_EQ(to_ars(*parse_ars("03241")), "032410000000");
    EXPECT_EQ(parse_ars("166395057501"), MunicipalityId{166395057501});
}

TEST(Ars, refuses_everything_else) {
    for (const char *wrong :
         {"", "0", "3241", "032410", "03241000100", "0324100010011", "03241000100x", "-32410001001",
          "+32410001001", " 3241", "03 241", "000000000000", "00000", "٠٣٢٤١"}) {
        EXPECT_FALSE(parse_ars(wrong)) << wrong;
    }
    EXPECT_FALSE(parse_ars(std::string(100'000, '1')));
}

RC_GTEST_PROP(Ars, reads_what_it_writes, (std::uint64_t any)) {
    const MunicipalityId id{static_cast<std::int64_t>(any % 999'999'999'999U) + 1};
    RC_ASSERT(parse_ars(to_ars(id)) == id);
}

} // namespace
} // namespace fernamt
