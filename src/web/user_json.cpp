// SPDX-License-Identifier: EUPL-1.2
#include "web/user_json.h"

#include "web/json_values.h"

namespace fernamt::web {

boost::json::object user_json(const people::User &user) {
    boost::json::array roles;
    for (const std::string &role : people::names(user.roles))
        roles.emplace_back(role);
    return {{"id", user.id.value},
            {"login", user.login},
            {"display_name", user.display_name},
            {"roles", std::move(roles)},
            {"municipality", to_json(user.municipality)}};
}

} // namespace fernamt::web
