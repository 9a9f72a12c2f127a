// SPDX-License-Identifier: EUPL-1.2
#include "app/config_tables.h"

#include "base/id.h"
#include "base/phone_number.h"
#include "knowledge/ldap_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <variant>

namespace fernamt::app {

namespace {

template <class Table>
struct TableKey {
    std::string_view name;
    std::variant<std::string Table::*, int Table::*> member;
    int least = 0, most = 0; // of a number
};

template <class Table>
using Keys = std::vector<TableKey<Table>>;

const Keys<WebsiteConfig> &website_keys() {
    static const Keys<WebsiteConfig> keys{
        {"municipality", &WebsiteConfig::municipality},
        {"start", &WebsiteConfig::start},
        {"most_pages", &WebsiteConfig::most_pages, 1, 50'000},
        {"pause_seconds", &WebsiteConfig::pause_seconds, 1, 50'000},
    };
    return keys;
}

const Keys<DirectoryConfig> &directory_keys() {
    static const Keys<DirectoryConfig> keys{
        {"municipality", &DirectoryConfig::municipality},
        {"url", &DirectoryConfig::url},
        {"security", &DirectoryConfig::security},
        {"ca_file", &DirectoryConfig::ca_file},
        {"bind_dn", &DirectoryConfig::bind_dn},
        {"password_file", &DirectoryConfig::password_file},
        {"base", &DirectoryConfig::base},
        {"filter", &DirectoryConfig::filter},
        {"most_vanishing_percent", &DirectoryConfig::most_vanishing_percent, 0, 100},
        {"office", &DirectoryConfig::office},
        {"name", &DirectoryConfig::name},
        {"position", &DirectoryConfig::position},
        {"telephone", &DirectoryConfig::telephone},
        {"email", &DirectoryConfig::email},
        {"room", &DirectoryConfig::room},
        {"substitute", &DirectoryConfig::substitute},
        {"hours", &DirectoryConfig::hours},
    };
    return keys;
}

const Keys<PhoneConfig> &phone_keys() {
    static const Keys<PhoneConfig> keys{
        {"number", &PhoneConfig::number},
        {"user", &PhoneConfig::user},
    };
    return keys;
}

template <class Table>
void read_value(Table &table, const TableKey<Table> &key, const toml::node &node,
                const Place &place, const std::string &name, Mistakes &mistakes) {
    if (const auto *text = std::get_if<std::string Table::*>(&key.member)) {
        if (!node.is_string())
            return mistakes.note("config.wrong_type", place, name, "write a text");
        table.*(*text) = *node.value<std::string>();
        return;
    }
    const auto value = node.value<std::int64_t>();
    if (!node.is_integer() || *value < key.least || *value > key.most) {
        return mistakes.note("config.wrong_type", place, name,
                             fmt::format("write a number from {} to {}", key.least, key.most));
    }
    table.*std::get<int Table::*>(key.member) = static_cast<int>(*value);
}

template <class Table>
std::string names_of(const Keys<Table> &keys) {
    std::string names;
    for (const auto &key : keys)
        names += fmt::format("{}{}", names.empty() ? "" : ", ", key.name);
    return names;
}

template <class Table>
Table read_table(const toml::table &node, const std::string &section, const Keys<Table> &keys,
                 const std::string &file, Mistakes &mistakes) {
    Table table;
    for (const auto &[name, value] : node) {
        const std::string whole = section + "." + std::string(name.str());
        const Place place = place_of(value, file);
        const auto key = std::ranges::find(keys, name.str(), &TableKey<Table>::name);
        if (key == keys.end()) {
            mistakes.note("config.unknown_key", place, whole,
                          fmt::format("[[{}]] has {}", section, names_of(keys)));
        } else {
            read_value(table, *key, value, place, whole, mistakes);
        }
    }
    return table;
}

// check(table, refuse, place) says refuse(key, remedy) of each value that is not possible:
// place(key) is the key's line, or the table's where the key is missing.
template <class Table, class Check>
void read_tables(std::vector<Table> &all, const toml::node &node, const Place &place,
                 const std::string &section, const Keys<Table> &keys, Mistakes &mistakes,
                 const Check &check) {
    const std::string remedy = fmt::format("write [[{}]]", section);
    const toml::array *array = node.as_array();
    if (array == nullptr) return mistakes.note("config.wrong_type", place, section, remedy);
    for (const toml::node &item : *array) {
        const toml::table *written = item.as_table();
        if (written == nullptr) return mistakes.note("config.wrong_type", place, section, remedy);
        Table table = read_table(*written, section, keys, place.file, mistakes);
        const auto where = [&](std::string_view key) {
            const toml::node *value = written->get(key);
            return place_of(value != nullptr ? *value : item, place.file);
        };
        const auto refuse = [&](std::string_view key, const char *what_to_do) {
            mistakes.note("config.wrong_value", where(key), fmt::format("{}.{}", section, key),
                          what_to_do);
        };
        check(table, refuse, where);
        all.push_back(std::move(table));
    }
}

template <class Table>
std::string to_toml(const std::vector<Table> &all, const std::string &section,
                    const Keys<Table> &keys) {
    std::string out;
    for (const Table &table : all) {
        out += fmt::format("\n[[{}]]\n", section);
        for (const auto &key : keys) {
            const auto *text = std::get_if<std::string Table::*>(&key.member);
            out += fmt::format("{} = {}\n", key.name,
                               text != nullptr
                                   ? quoted(table.*(*text))
                                   : std::to_string(table.*std::get<int Table::*>(key.member)));
        }
    }
    return out;
}

using Refuse = std::function<void(std::string_view key, const char *remedy)>;
using Where = std::function<Place(std::string_view key)>;

void check_municipality(const std::string &municipality, const Refuse &refuse) {
    if (!parse_ars(municipality)) refuse("municipality", "write the ARS, 12 digits in quotes");
}

void check_directory(const Config &config, const DirectoryConfig &one, const Refuse &refuse) {
    check_municipality(one.municipality, refuse);
    if (std::ranges::count(config.directories, one.municipality, &DirectoryConfig::municipality)) {
        refuse("municipality", "give each municipality one directory service");
    }
    if (!knowledge::is_ldap_address(one.url)) {
        refuse("url", "write ldaps:// or ldap:// and a host, with :port where needed");
    }
    if (one.security != "tls" && one.security != "none") {
        refuse("security", "write tls (ldaps:// or StartTLS) or none");
    }
    if (one.base.empty()) refuse("base", "name the entry below which people are");
    if (one.filter.empty()) refuse("filter", "name a filter, like (telephoneNumber=*)");
    if (one.bind_dn.empty() != one.password_file.empty()) {
        refuse(one.bind_dn.empty() ? "password_file" : "bind_dn",
               "name both bind_dn and password_file, or none");
    }
    if (one.office.empty()) refuse("office", "name the attribute with the office");
}

} // namespace

Place place_of(const toml::node &node, const std::string &file) {
    return {file, static_cast<std::int64_t>(node.source().begin.line)};
}

void Mistakes::note(std::string code, const Place &place, const std::string &key,
                    const std::string &remedy) {
    // What has the wrong type has no value to judge as well.
    const bool said = std::ranges::any_of(all_, [&](const Mistake &other) {
        return other.place.line == place.line && other.place.file == place.file && other.key == key;
    });
    if (said) return;
    Problem problem{ProblemKind::invalid_input, std::move(code), {{"file", place.file}}};
    if (place.line > 0) problem.arguments.emplace_back("line", std::to_string(place.line));
    problem.arguments.emplace_back("key", key);
    problem.arguments.emplace_back("remedy", remedy);
    all_.push_back({place, key, std::move(problem)});
}

bool Mistakes::about(std::string_view key) const {
    return std::ranges::any_of(all_, [&](const Mistake &one) { return one.key == key; });
}

std::vector<Problem> Mistakes::in_order() const {
    std::vector<const Mistake *> order;
    for (const Mistake &mistake : all_)
        order.push_back(&mistake);
    std::ranges::stable_sort(order, {}, [](const Mistake *mistake) {
        return mistake->place.line > 0 ? mistake->place.line
                                       : std::numeric_limits<std::int64_t>::max();
    });
    std::vector<Problem> problems;
    for (const Mistake *mistake : order)
        problems.push_back(mistake->problem);
    return problems;
}

std::optional<std::vector<std::string>> read_texts(const toml::node &node, const Place &place,
                                                   const std::string &key, Mistakes &mistakes) {
    std::vector<std::string> values;
    const toml::array *array = node.as_array();
    const bool texts = array != nullptr && std::ranges::all_of(*array, [](const toml::node &item) {
                           return item.is_string();
                       });
    if (!texts) {
        mistakes.note("config.wrong_type", place, key, "write a list of texts");
        return std::nullopt;
    }
    for (const toml::node &item : *array)
        values.push_back(*item.value<std::string>());
    return values;
}

std::string quoted(const std::string &text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

bool is_empty_or_web_address(const std::string &text) {
    const bool web = text.starts_with("https://") || text.starts_with("http://");
    return text.empty() || (web && text.find_first_of(" \t\"'<>") == std::string::npos);
}

void read_websites(Config &config, const toml::node &node, const Place &place, Mistakes &mistakes) {
    read_tables(config.website_sites, node, place, "website.site", website_keys(), mistakes,
                [](const WebsiteConfig &site, const Refuse &refuse, const Where &) {
                    check_municipality(site.municipality, refuse);
                    if (site.start.empty() || !is_empty_or_web_address(site.start)) {
                        refuse("start", "write https:// or http:// and a host");
                    }
                });
}

void read_directories(Config &config, const toml::node &node, const Place &place,
                      Mistakes &mistakes) {
    read_tables(config.directories, node, place, "directory.ldap", directory_keys(), mistakes,
                [&](const DirectoryConfig &one, const Refuse &refuse, const Where &) {
                    check_directory(config, one, refuse);
                });
}

void read_phones(Config &config, const toml::node &node, const Place &place, Mistakes &mistakes) {
    read_tables(config.sip_phones, node, place, "sip.phone", phone_keys(), mistakes,
                [&](PhoneConfig &one, const Refuse &refuse, const Where &where) {
                    one.file = place.file;
                    one.line = where("user").line;
                    const auto number = parse_phone_number(one.number);
                    if (!number) refuse("number", "write a telephone number, like +495111234");
                    if (one.user.empty() || one.user.find_first_of(":@ ") != std::string::npos) {
                        refuse("user", "write the user by which the phone registers, like office8");
                    }
                    const bool taken =
                        number &&
                        std::ranges::any_of(config.sip_phones, [&](const PhoneConfig &other) {
                            return parse_phone_number(other.number) == number;
                        });
                    if (taken) refuse("number", "give each number to one phone");
                });
}

std::string tables_toml(const Config &config) {
    return to_toml(config.sip_phones, "sip.phone", phone_keys()) +
           to_toml(config.website_sites, "website.site", website_keys()) +
           to_toml(config.directories, "directory.ldap", directory_keys());
}

} // namespace fernamt::app
