// SPDX-License-Identifier: EUPL-1.2
// Who listens to an event stream, as the text that the event hub knows: "user:7", and for somebody
// of the service centre "user:7 centre". It changes with what the person may hear, and a stream
// whose audience has changed ends and comes back. Pure.
#pragma once

#include "people/access.h"

#include <string>
#include <string_view>

namespace fernamt::web {

[[nodiscard]] std::string audience_of(const people::Principal &who);
[[nodiscard]] bool is_user(std::string_view audience, UserId user);
// The service centre: its queue and its people are no municipality's business.
[[nodiscard]] bool is_centre(std::string_view audience);

} // namespace fernamt::web
