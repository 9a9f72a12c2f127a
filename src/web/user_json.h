// SPDX-License-Identifier: EUPL-1.2
// A person as every answer names one; what only the person or only the administration sees is added
// by the routes that show it.
#pragma once

#include "people/users.h"

#include <boost/json/value.hpp>

namespace fernamt::web {

// {id, login, display_name, roles, municipality}
[[nodiscard]] boost::json::object user_json(const people::User &user);

} // namespace fernamt::web
