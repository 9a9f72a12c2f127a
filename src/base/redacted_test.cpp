// SPDX-License-Identifier: EUPL-1.2
#include "base/log.h"
#include "base/redacted.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <concepts>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>

namespace fernamt {
namespace {

using Secret = Redacted<std::string>;

template <class T>
concept Streamable = requires(std::ostream &out, const T &value) { out << value; };
template <class T>
concept Concatenable = requires(const T &value, std::string text) { text + value; };

// There is no way out but reveal(): no log field, no format, no stream, no conversion.
static_assert(!std::is_constructible_v<log::Field, std::string_view, Secret>);
static_assert(!std::is_constructible_v<log::Field, std::string_view, Redacted<std::int64_t>>);
static_assert(!std::is_constructible_v<log::Field, std::string_view, Redacted<const char *>>);
static_assert(!std::is_constructible_v<log::Field, std::string_view, Redacted<bool>>);
static_assert(!fmt::is_formattable<Secret>::value);
static_assert(!Streamable<Secret>);
static_assert(!Concatenable<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_constructible_v<std::string, Secret>);
static_assert(!std::is_constructible_v<std::string_view, Secret>);
static_assert(!std::is_convertible_v<std::string, Secret>); // explicit on the way in, too
static_assert(!std::equality_comparable_with<Secret, std::string>);
static_assert(!std::totally_ordered<Secret>);
// The checks themselves can fail:
static_assert(std::is_constructible_v<log::Field, std::string_view, std::string>);
static_assert(fmt::is_formattable<std::string>::value && Streamable<std::string>);

TEST(Redacted, gives_its_value_only_when_asked) {
    const Secret number{std::string("+493023125345")};
    EXPECT_EQ(number.reveal(), "+493023125345");
    EXPECT_TRUE(number == Secret{std::string("+493023125345")});
    EXPECT_FALSE(number == Secret{});
    EXPECT_EQ(Secret{}.reveal(), "");
}

} // namespace
} // namespace fernamt
