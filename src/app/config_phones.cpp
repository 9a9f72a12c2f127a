// SPDX-License-Identifier: EUPL-1.2
#include "app/config_phones.h"

#include <fmt/format.h>

namespace fernamt::app {

void check_phones(const Config &config, const people::Directory &people, Mistakes &mistakes) {
    for (const PhoneConfig &phone : config.sip_phones) {
        const bool agents = people.is_agents_phone(phone.user);
        if (!agents && people.office_of_phone(phone.user)) continue;
        mistakes.note("config.wrong_value", {phone.file, phone.line}, "sip.phone.user",
                      fmt::format("{} is {}: write the user of a town hall's phone, like office8, "
                                  "as its account shows it",
                                  phone.user,
                                  agents ? "an agent's phone" : "no town hall's phone"));
    }
}

} // namespace fernamt::app
