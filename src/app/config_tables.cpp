// SPDX-License-Identifier: EUPL-1.2
#include "app/config_tables.h"

#include "base/id.h"
#include "base/phone_number.h"
#include "knowledge/ldap_reader.h"

#include <fmt/format.h>

#include <algorithm>
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
Expected<void> read_value(Table &table, const TableKey<Table> &key, const toml::node &node,
                          const Place &place, const std::string &name) {
    if (const auto *text = std::get_if<std::string Table::*>(&key.member)) {
        if (!node.is_string()) return wrong("config.wrong_type", place, name, "write a text");
        table.*(*text) = *node.value<std::string>();
        return {};
    }
    const auto value = node.value<std::int64_t>();
    if (!node.is_integer() || *value < key.least || *value > key.most) {
        return wrong("config.wrong_type", place, name,
                     fmt::format("write a number from {} to {}", key.least, key.most));
    }
    table.*std::get<int Table::*>(key.member) = static_cast<int>(*value);
    return {};
}

template <class Table>
std::string names_of(const Keys<Table> &keys) {
    std::string names;
    for (const auto &key : keys)
        names += fmt::format("{}{}", names.empty() ? "" : ", ", key.name);
    return names;
}

template <class Table>
Expected<Table> read_table(const toml::table &node, const std::string &section,
                           const Keys<Table> &keys, const std::string &file) {
    Table table;
    for (const auto &[name, value] : node) {
        const std::string whole = section + "." + std::string(name.str());
        const Place place{file, static_cast<std::int64_t>(value.source().begin.line)};
        const auto key = std::ranges::find(keys, name.str(), &TableKey<Table>::name);
        if (key == keys.end()) {
            return wrong("config.unknown_key", place, whole,
                         fmt::format("[[{}]] has {}", section, names_of(keys)));
        }
        if (auto read = read_value(table, *key, value, place, whole); !read) {
            return tl::unexpected(read.error());
        }
    }
    return table;
}

template <class Table, class Holds>
Expected<void> read_tables(std::vector<Table> &all, const toml::node &node, const Place &place,
                           const std::string &section, const Keys<Table> &keys,
                           const Holds &holds) {
    const std::string remedy = fmt::format("write [[{}]]", section);
    const toml::array *array = node.as_array();
    if (array == nullptr) return wrong("config.wrong_type", place, section, remedy);
    for (const toml::node &item : *array) {
        if (!item.is_table()) return wrong("config.wrong_type", place, section, remedy);
        auto table = read_table(*item.as_table(), section, keys, place.file);
        if (!table) return tl::unexpected(table.error());
        const Place at{place.file, static_cast<std::int64_t>(item.source().begin.line)};
        if (auto good = holds(*table, at); !good) return good;
        all.push_back(std::move(*table));
    }
    return {};
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

Expected<void> check_municipality(const std::string &municipality, const Place &place,
                                  const std::string &section) {
    if (parse_ars(municipality)) return {};
    return wrong("config.wrong_value", place, section + ".municipality",
                 "write the ARS, 12 digits in quotes");
}

Expected<void> check_directory(const Config &config, const DirectoryConfig &one,
                               const Place &place) {
    const auto refuse = [&](const char *key, const char *remedy) {
        return wrong("config.wrong_value", place, std::string("directory.ldap.") + key, remedy);
    };
    if (auto good = check_municipality(one.municipality, place, "directory.ldap"); !good) {
        return good;
    }
    if (std::ranges::count(config.directories, one.municipality, &DirectoryConfig::municipality)) {
        return refuse("municipality", "give each municipality one directory service");
    }
    if (!knowledge::is_ldap_address(one.url)) {
        return refuse("url", "write ldaps:// or ldap:// and a host, with :port where needed");
    }
    if (one.security != "tls" && one.security != "none") {
        return refuse("security", "write tls (ldaps:// or StartTLS) or none");
    }
    if (one.base.empty()) return refuse("base", "name the entry below which people are");
    if (one.filter.empty()) return refuse("filter", "name a filter, like (telephoneNumber=*)");
    if (one.bind_dn.empty() != one.password_file.empty()) {
        return refuse("password_file", "name both bind_dn and password_file, or none");
    }
    if (one.office.empty()) return refuse("office", "name the attribute with the office");
    return {};
}

} // namespace

tl::unexpected<Problem> wrong(std::string code, const Place &place, const std::string &key,
                              const std::string &remedy) {
    return fail(ProblemKind::invalid_input, std::move(code),
                {{"file", place.file},
                 {"line", std::to_string(place.line)},
                 {"key", key},
                 {"remedy", remedy}});
}

Expected<std::vector<std::string>> read_texts(const toml::node &node, const Place &place,
                                              const std::string &key) {
    std::vector<std::string> values;
    const toml::array *array = node.as_array();
    if (array == nullptr) return wrong("config.wrong_type", place, key, "write a list of texts");
    for (const toml::node &item : *array) {
        const auto text = item.value<std::string>();
        if (!item.is_string() || !text) {
            return wrong("config.wrong_type", place, key, "write a list of texts");
        }
        values.push_back(*text);
    }
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

Expected<void> read_websites(Config &config, const toml::node &node, const Place &place) {
    return read_tables(
        config.website_sites, node, place, "website.site", website_keys(),
        [](const WebsiteConfig &site, const Place &at) -> Expected<void> {
            if (auto good = check_municipality(site.municipality, at, "website.site"); !good) {
                return good;
            }
            if (!site.start.empty() && is_empty_or_web_address(site.start)) return {};
            return wrong("config.wrong_value", at, "website.site.start",
                         "write https:// or http:// and a host");
        });
}

Expected<void> read_directories(Config &config, const toml::node &node, const Place &place) {
    return read_tables(config.directories, node, place, "directory.ldap", directory_keys(),
                       [&](const DirectoryConfig &one, const Place &at) {
                           return check_directory(config, one, at);
                       });
}

Expected<void> read_phones(Config &config, const toml::node &node, const Place &place) {
    return read_tables(
        config.sip_phones, node, place, "sip.phone", phone_keys(),
        [&](const PhoneConfig &one, const Place &at) -> Expected<void> {
            const auto number = parse_phone_number(one.number);
            if (!number) {
                return wrong("config.wrong_value", at, "sip.phone.number",
                             "write a telephone number, like +495111234");
            }
            if (one.user.empty() || one.user.find_first_of(":@ ") != std::string::npos) {
                return wrong("config.wrong_value", at, "sip.phone.user",
                             "write the user by which the phone registers, like office8");
            }
            const bool taken =
                std::ranges::any_of(config.sip_phones, [&](const PhoneConfig &other) {
                    return parse_phone_number(other.number) == number;
                });
            if (!taken) return {};
            return wrong("config.wrong_value", at, "sip.phone.number",
                         "give each number to one phone");
        });
}

std::string tables_toml(const Config &config) {
    return to_toml(config.sip_phones, "sip.phone", phone_keys()) +
           to_toml(config.website_sites, "website.site", website_keys()) +
           to_toml(config.directories, "directory.ldap", directory_keys());
}

} // namespace fernamt::app
