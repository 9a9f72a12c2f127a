// SPDX-License-Identifier: EUPL-1.2
// Tables that may stand several times in the configuration, [[website.site]], [[directory.ldap]]
// and [[sip.phone]]: from one list of keys each they are read, checked and shown. Internal to
// config*.cpp; who wants the configuration asks config.h.
#pragma once

#include "app/config.h"

#include <toml++/toml.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::app {

struct Place {
    std::string file;
    std::int64_t line = 0; // 0: none
};
[[nodiscard]] Place place_of(const toml::node &node, const std::string &file);

// What is wrong, collected in any order (toml++ hands keys out by the alphabet).
class Mistakes {
  public:
    void note(std::string code, const Place &place, const std::string &key,
              const std::string &remedy);
    [[nodiscard]] bool about(std::string_view key) const;
    // By the lines of the file; what stands in no line comes last.
    [[nodiscard]] std::vector<Problem> in_order() const;

  private:
    struct Mistake {
        Place place;
        std::string key;
        Problem problem;
    };
    std::vector<Mistake> all_;
};

// Empty if it is no list of texts, which is noted.
[[nodiscard]] std::optional<std::vector<std::string>>
read_texts(const toml::node &node, const Place &place, const std::string &key, Mistakes &mistakes);
[[nodiscard]] std::string quoted(const std::string &text); // as TOML

[[nodiscard]] bool is_empty_or_web_address(const std::string &text);

// All tables of a kind. Mistakes name file, line, key and remedy.
void read_websites(Config &config, const toml::node &node, const Place &place, Mistakes &mistakes);
void read_directories(Config &config, const toml::node &node, const Place &place,
                      Mistakes &mistakes);
void read_phones(Config &config, const toml::node &node, const Place &place, Mistakes &mistakes);
[[nodiscard]] std::string tables_toml(const Config &config);

} // namespace fernamt::app
