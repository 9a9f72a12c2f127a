// SPDX-License-Identifier: EUPL-1.2
// Tables that may stand several times in the configuration, [[website.site]], [[directory.ldap]]
// and [[sip.phone]]: from one list of keys each they are read, checked and shown. Internal to
// config*.cpp; who wants the configuration asks config.h.
#pragma once

#include "app/config.h"

#include <toml++/toml.h>

#include <cstdint>
#include <string>
#include <vector>

namespace fernamt::app {

struct Place {
    std::string file;
    std::int64_t line = 0; // 0: none
};

[[nodiscard]] tl::unexpected<Problem> wrong(std::string code, const Place &place,
                                            const std::string &key, const std::string &remedy);
[[nodiscard]] Expected<std::vector<std::string>>
read_texts(const toml::node &node, const Place &place, const std::string &key);
[[nodiscard]] std::string quoted(const std::string &text); // as TOML

[[nodiscard]] bool is_empty_or_web_address(const std::string &text);

// All tables of a kind. Problems name file, line, key and remedy.
[[nodiscard]] Expected<void> read_websites(Config &config, const toml::node &node,
                                           const Place &place);
[[nodiscard]] Expected<void> read_directories(Config &config, const toml::node &node,
                                              const Place &place);
[[nodiscard]] Expected<void> read_phones(Config &config, const toml::node &node,
                                         const Place &place);
[[nodiscard]] std::string tables_toml(const Config &config);

} // namespace fernamt::app
