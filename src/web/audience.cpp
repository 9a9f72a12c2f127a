// SPDX-License-Identifier: EUPL-1.2
#include "web/audience.h"

#include <fmt/format.h>

namespace fernamt::web {

namespace {

constexpr std::string_view kCentre = " centre";

} // namespace

std::string audience_of(const people::Principal &who) {
    return fmt::format("user:{}{}", who.user.value, who.municipality ? "" : kCentre);
}

bool is_user(std::string_view audience, UserId user) {
    return audience.substr(0, audience.find(' ')) == fmt::format("user:{}", user.value);
}

bool is_centre(std::string_view audience) {
    return audience.ends_with(kCentre);
}

} // namespace fernamt::web
