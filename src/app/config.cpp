// SPDX-License-Identifier: EUPL-1.2
#include "app/config.h"

#include "app/config_tables.h"
#include "base/address_range.h"
#include "base/id.h"
#include "base/phone_number.h"
#include "knowledge/website_fetch.h"
#include "knowledge/xzufi_reader.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>
#include <variant>

namespace fernamt::app {

namespace {

using Member = std::variant<std::string Config::*, int Config::*, bool Config::*,
                            std::vector<std::string> Config::*>;

constexpr const char *kWriteHosts =
    "write names or addresses without https:// and port, like intranet.example.de, 10.0.0.5 or "
    "[fd00::5]";
constexpr const char *kWriteRanges = "write addresses or networks, like 192.0.2.1 or 10.0.0.0/8";

struct Setting {
    std::string_view key; // "section.name"
    Member member;
    std::string_view documentation;
    bool (*holds)(const std::string &value) = nullptr; // each text, where not any will do
    std::string_view remedy = {};                      // if it does not
    // Where the remedy depends on the value: "" when it holds.
    std::string (*fault)(const std::string &value) = nullptr;
};

bool is_empty_or_host_port(const std::string &text) {
    return text.empty() || parse_host_port(text);
}

bool is_mail_security(const std::string &text) {
    return text == "starttls" || text == "tls" || text == "none";
}

std::string schema_fault(const std::string &file) {
    const auto read = knowledge::XzufiSchema::load(file);
    if (read) return "";
    std::string what;
    for (const auto &[name, value] : read.error().arguments)
        if (name == "what") what = value;
    return fmt::format("name an XSD that can be read, with what it imports beside it ({})", what);
}

const std::vector<Setting> &settings() {
    static const std::vector<Setting> all = {
        {"state.directory", &Config::state_directory,
         "Directory of everything that must survive a restart."},
        {"database.url", &Config::database_url,
         "postgresql://user@host:port/name or sqlite:///path; empty: SQLite in the state "
         "directory."},
        {"log.level", &Config::log_level, "debug, info, warning or error."},
        {"privacy.caller_number_hours", &Config::privacy_caller_number_hours,
         "Callers' numbers are erased after so many hours; the ledger's chain stays valid."},
        {"privacy.call_note_days", &Config::privacy_call_note_days,
         "Agents' notes about calls are erased so many days after they were last changed."},
        {"privacy.delivery_undo_days", &Config::privacy_delivery_undo_days,
         "What a delivery of knowledge replaced or removed is erased so many whole days after it "
         "took effect; until then it can be undone. So are the texts of one that nobody decided "
         "about, so many days after it came in."},
        {"web.address", &Config::web_address, "Address that the web server listens on."},
        {"web.port", &Config::web_port, "Port of the web server, 1 to 65535; 0: any free one."},
        {"web.certificate_file", &Config::web_certificate_file,
         "PEM certificate chain; together with web.key_file it switches TLS on."},
        {"web.key_file", &Config::web_key_file, "PEM private key."},
        {"web.trusted_proxies", &Config::web_trusted_proxies,
         "Addresses or networks of reverse proxies whose X-Forwarded-For names the real client.",
         is_address_range, kWriteRanges},
        {"web.metrics_from", &Config::web_metrics_from,
         "Addresses or networks that may read /metrics, directly and not through a proxy.",
         is_address_range, kWriteRanges},
        {"web.behind_tls", &Config::web_behind_tls,
         "true: a proxy in front speaks HTTPS, so that session cookies are Secure."},
        {"web.static_directory", &Config::web_static_directory, "The built pages (ui/dist)."},
        {"public.pages", &Config::public_pages,
         "true: everybody may read released texts at /buerger and /api/public, without signing "
         "in."},
        {"public.address", &Config::public_address,
         "How citizens reach these pages, like https://auskunft.example.de: for sitemaps and "
         "search engines. Empty: as each request says.",
         is_empty_or_web_address, "write https:// or http:// and a host"},
        {"knowledge.schema_file",
         &Config::knowledge_schema_file,
         "XSD that every file of a delivery must obey, from the page, by REST and by fernamt "
         "knowledge import without --xsd; what it imports lies beside it. Empty: none.",
         nullptr,
         {},
         schema_fault},
        {"website.visit_hours", &Config::website_visit_hours,
         "Each [[website.site]] (municipality, start, most_pages, pause_seconds) is read again for "
         "the search after so many hours, and so is what editors enter; 0: only when somebody "
         "asks."},
        {"website.private_hosts", &Config::website_private_hosts,
         "Hosts, each by its whole name or address, whose sites may stand in the own network and "
         "at "
         "any port (an intranet's). Private addresses of all others are refused.",
         knowledge::is_host, kWriteHosts},
        {"website.hosts", &Config::website_hosts,
         "Hosts (and everything below them) whose sites editors may enter; empty: any public one."},
        {"directory.read_hours", &Config::directory_read_hours,
         "Each [[directory.ldap]] (municipality, url, security, ca_file, bind_dn, password_file, "
         "base, filter, most_vanishing_percent and the attributes office, name, position, "
         "telephone, email, room, substitute, hours) is read again after so many hours; 0: only "
         "by fernamt knowledge directory-ldap."},
        {"mail.host", &Config::mail_host,
         "Mail server for reminders to editors; empty: no mail is sent."},
        {"mail.port", &Config::mail_port, "Its port: 587 for starttls, 465 for tls, 25 for none."},
        {"mail.security", &Config::mail_security, "starttls, tls or none.", is_mail_security,
         "write starttls, tls or none"},
        {"mail.user", &Config::mail_user, "Name to sign in with; empty: without."},
        {"mail.password_file", &Config::mail_password_file, "Its first line is the password."},
        {"mail.from", &Config::mail_from, "Sender's address."},
        {"sip.listen", &Config::sip_listen,
         "Where SIP is spoken: sip:ADDRESS:PORT;transport=udp|tcp, sips:ADDRESS:PORT for TLS."},
        {"sip.public_host", &Config::sip_public_host,
         "Host name or address in Contact when peers reach this office by another one than it "
         "listens on (behind a firewall); empty: the address of the socket."},
        {"sip.calls_per_second", &Config::sip_calls_per_second,
         "New calls a second from one address, twice as many in a burst; above it 503 without "
         "state. 0: no limit."},
        {"sip.drain_seconds", &Config::sip_drain_seconds,
         "A service told to stop lets running calls end for so long (new ones and OPTIONS get "
         "503); "
         "a second signal ends them at once."},
        {"sip.phone_sha256", &Config::sip_phone_sha256,
         "true: phones are challenged with SHA-256 beside MD5 (RFC 8760). Many phones fail on it."},
        {"sip.certificate_directory", &Config::sip_certificate_directory,
         "agent.pem (certificate and key) and cafile.pem, for sips: listeners."},
        {"sip.transfer_trunk", &Config::sip_transfer_trunk,
         "Name of the trunk that transfers leave by; empty: the first."},
        {"sip.transfer_allow", &Config::sip_transfer_allow,
         "Prefixes (E.164) that a transfer may dial; everything else is refused."},
        {"sip.transfer_deny", &Config::sip_transfer_deny,
         "Prefixes that a transfer may never dial, even if allowed above."},
        {"media.rtpengine", &Config::media_rtpengine,
         "host:port of a running rtpengine's ng port; empty: Fernamt starts and watches its own.",
         is_empty_or_host_port, "write host:port, like 127.0.0.1:2223 or [::1]:2223"},
        {"media.digits", &Config::media_digits,
         "host:port of ours to which that rtpengine reports keys that callers press (its switch "
         "--dtmf-log-dest); empty: none. Fernamt's own reports them by itself.",
         is_empty_or_host_port, "write host:port, like 127.0.0.1:2226"},
        {"media.address", &Config::media_address,
         "Address that callers, phones and browsers exchange sound with."},
        {"media.port_min", &Config::media_port_min, "First UDP port for sound."},
        {"media.port_max", &Config::media_port_max, "Last UDP port for sound."},
        {"media.announcements_directory", &Config::media_announcements_directory,
         "Announcements as made by script/announcements."},
        {"media.information_first_seconds", &Config::media_information_first_seconds,
         "A waiting caller hears the municipality's first information after so long."},
        {"media.information_every_seconds", &Config::media_information_every_seconds,
         "And the next one every so many seconds."},
    };
    return all;
}

// Keys that were, and what became of them.
struct Former {
    std::string_view key;
    std::string_view remedy;
};
constexpr std::array<Former, 1> kFormer{
    {{"website.allow_private",
      "write website.private_hosts instead: the hosts that may stand in the own network"}}};

constexpr std::string_view kTrunkKeys[] = {
    "name",           "uri",    "user", "password_file", "registers", "sources", "options_seconds",
    "partner_number", "numbers"};

// Levenshtein distance: "did you mean ...?"
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
        }
    }
    return row[b.size()];
}

std::string remedy_for(const std::string &key) {
    for (const Former &former : kFormer) {
        if (key == former.key) return std::string(former.remedy);
    }
    std::string best = "see fernamt config show";
    std::size_t least = std::max<std::size_t>(3, key.size() / 3) + 1;
    for (const Setting &setting : settings()) {
        const std::size_t d = distance(key, setting.key);
        if (d >= least) continue;
        least = d;
        best = "did you mean " + std::string(setting.key) + "?";
    }
    return best;
}

Expected<void> check_texts(const Config &config, const Setting &setting, const Place &place) {
    if (setting.holds == nullptr && setting.fault == nullptr) return {};
    std::vector<std::string> texts;
    if (const auto *text = std::get_if<std::string Config::*>(&setting.member)) {
        texts = {config.*(*text)};
    } else if (const auto *list =
                   std::get_if<std::vector<std::string> Config::*>(&setting.member)) {
        texts = config.*(*list);
    }
    for (const std::string &text : texts) {
        std::string remedy;
        if (setting.fault != nullptr) remedy = setting.fault(text);
        if (setting.holds != nullptr && !setting.holds(text)) remedy = setting.remedy;
        if (!remedy.empty())
            return wrong("config.wrong_value", place, std::string(setting.key), remedy);
    }
    return {};
}

Expected<void> assign(Config &config, const Setting &setting, const toml::node &node,
                      const Place &place) {
    const std::string key(setting.key);
    if (const auto *text = std::get_if<std::string Config::*>(&setting.member)) {
        if (!node.is_string())
            return wrong("config.wrong_type", place, key, "write a text in quotes");
        config.*(*text) = *node.value<std::string>();
        return {};
    }
    if (const auto *number = std::get_if<int Config::*>(&setting.member)) {
        const auto value = node.value<std::int64_t>();
        if (!node.is_integer() || *value < 0 || *value > 65535) {
            return wrong("config.wrong_type", place, key, "write a number from 0 to 65535");
        }
        config.*(*number) = static_cast<int>(*value);
        return {};
    }
    if (const auto *yes = std::get_if<bool Config::*>(&setting.member)) {
        if (!node.is_boolean()) return wrong("config.wrong_type", place, key, "true or false");
        config.*(*yes) = *node.value<bool>();
        return {};
    }
    auto list = read_texts(node, place, key);
    if (!list) return tl::unexpected(list.error());
    config.*std::get<std::vector<std::string> Config::*>(setting.member) = std::move(*list);
    return {};
}

bool is_number_prefix(const std::string &text) {
    return text.size() > 1 && text.front() == '+' &&
           text.find_first_not_of("0123456789", 1) == std::string::npos;
}

Expected<TrunkConfig> read_trunk(const toml::table &table, const std::string &file) {
    TrunkConfig trunk;
    for (const auto &[name, node] : table) {
        const std::string key = "sip.trunk." + std::string(name.str());
        const Place place{file, static_cast<std::int64_t>(node.source().begin.line)};
        if (std::find(std::begin(kTrunkKeys), std::end(kTrunkKeys), name.str()) ==
            std::end(kTrunkKeys)) {
            return wrong("config.unknown_key", place, key,
                         "a trunk has name, uri, user, password_file, registers, sources, "
                         "options_seconds, partner_number, numbers");
        }
        if (name.str() == "registers") {
            if (!node.is_boolean()) return wrong("config.wrong_type", place, key, "true or false");
            trunk.registers = *node.value<bool>();
        } else if (name.str() == "options_seconds") {
            const auto value = node.value<std::int64_t>();
            if (!node.is_integer() || *value < 0 || *value > 3600) {
                return wrong("config.wrong_type", place, key, "write a number from 0 to 3600");
            }
            trunk.options_seconds = static_cast<int>(*value);
        } else if (name.str() == "sources") {
            auto list = read_texts(node, place, key);
            if (!list) return tl::unexpected(list.error());
            if (!std::ranges::all_of(*list, is_address_range)) {
                return wrong("config.wrong_value", place, key, kWriteRanges);
            }
            trunk.sources = std::move(*list);
        } else if (name.str() == "numbers") {
            auto list = read_texts(node, place, key);
            if (!list) return tl::unexpected(list.error());
            if (!std::ranges::all_of(*list, is_number_prefix)) {
                return wrong("config.wrong_value", place, key,
                             "write how its numbers begin, like +495111234");
            }
            trunk.numbers = std::move(*list);
        } else {
            if (!node.is_string()) return wrong("config.wrong_type", place, key, "write a text");
            std::string &member = name.str() == "name"             ? trunk.name
                                  : name.str() == "uri"            ? trunk.uri
                                  : name.str() == "user"           ? trunk.user
                                  : name.str() == "partner_number" ? trunk.partner_number
                                                                   : trunk.password_file;
            member = *node.value<std::string>();
            if (name.str() == "partner_number" && !member.empty() && !parse_phone_number(member)) {
                return wrong("config.wrong_value", place, key,
                             "write the partner's number, like +495111234");
            }
        }
    }
    const Place place{file, static_cast<std::int64_t>(table.source().begin.line)};
    if (trunk.name.empty() || trunk.uri.empty()) {
        return wrong("config.missing", place, "sip.trunk", "give the trunk a name and a uri");
    }
    return trunk;
}

Expected<void> read_trunks(Config &config, const toml::node &node, const Place &place) {
    const toml::array *array = node.as_array();
    if (array == nullptr)
        return wrong("config.wrong_type", place, "sip.trunk", "write [[sip.trunk]]");
    for (const toml::node &item : *array) {
        if (!item.is_table()) {
            return wrong("config.wrong_type", place, "sip.trunk", "write [[sip.trunk]]");
        }
        auto trunk = read_trunk(*item.as_table(), place.file);
        if (!trunk) return tl::unexpected(trunk.error());
        config.sip_trunks.push_back(std::move(*trunk));
    }
    return {};
}

Expected<void> read_section(Config &config, std::string_view section, const toml::table &table,
                            const std::string &file) {
    for (const auto &[name, node] : table) {
        const std::string key = fmt::format("{}.{}", section, name.str());
        const Place place{file, static_cast<std::int64_t>(node.source().begin.line)};
        if (key == "sip.trunk") {
            if (auto read = read_trunks(config, node, place); !read) return read;
            continue;
        }
        if (key == "sip.phone") {
            if (auto read = read_phones(config, node, place); !read) return read;
            continue;
        }
        if (key == "website.site") {
            if (auto read = read_websites(config, node, place); !read) return read;
            continue;
        }
        if (key == "directory.ldap") {
            if (auto read = read_directories(config, node, place); !read) return read;
            continue;
        }
        const auto setting = std::find_if(settings().begin(), settings().end(),
                                          [&](const Setting &s) { return s.key == key; });
        if (setting == settings().end()) {
            return wrong("config.unknown_key", place, key, remedy_for(key));
        }
        if (auto assigned = assign(config, *setting, node, place); !assigned) return assigned;
        if (auto good = check_texts(config, *setting, place); !good) return good;
    }
    return {};
}

// What no single key can know.
Expected<void> check(const Config &config, const std::string &file) {
    const Place place{file, 0};
    static const std::string_view levels[] = {"debug", "info", "warning", "error"};
    if (std::find(std::begin(levels), std::end(levels), config.log_level) == std::end(levels)) {
        return wrong("config.wrong_value", place, "log.level", "debug, info, warning or error");
    }
    if (config.web_certificate_file.empty() != config.web_key_file.empty()) {
        return wrong("config.wrong_value", place, "web.certificate_file",
                     "TLS needs both web.certificate_file and web.key_file");
    }
    if (config.media_information_first_seconds < 1 || config.media_information_every_seconds < 10) {
        return wrong("config.wrong_value", place, "media.information_every_seconds",
                     "at least 10, and the first after at least 1: callers hear music in between");
    }
    if (config.media_port_min < 1024 || config.media_port_max < config.media_port_min + 100) {
        return wrong("config.wrong_value", place, "media.port_min",
                     "from 1024 on, and at least 100 ports below media.port_max");
    }
    if (!config.mail_host.empty() && config.mail_from.empty()) {
        return wrong("config.wrong_value", place, "mail.from", "name the sender's address");
    }
    if (config.sip_listen.empty()) {
        return wrong("config.wrong_value", place, "sip.listen", "name at least one address");
    }
    return {};
}

std::string environment_name(std::string_view key) {
    std::string name = "FERNAMT_";
    for (const char c : key) {
        name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return name;
}

Expected<void> apply_environment(Config &config,
                                 const std::map<std::string, std::string> &environment) {
    for (const Former &former : kFormer) {
        const std::string name = environment_name(former.key);
        if (!environment.contains(name)) continue;
        return wrong("config.unknown_key", {"environment " + name, 0}, std::string(former.key),
                     std::string(former.remedy));
    }
    for (const Setting &setting : settings()) {
        const std::string name = environment_name(setting.key);
        const auto found = environment.find(name);
        if (found == environment.end()) continue;
        const Place place{"environment " + name, 0};
        if (const auto *text = std::get_if<std::string Config::*>(&setting.member)) {
            config.*(*text) = found->second;
        } else if (const auto *number = std::get_if<int Config::*>(&setting.member)) {
            int value = -1;
            const char *end = found->second.data() + found->second.size();
            const auto read = std::from_chars(found->second.data(), end, value);
            if (read.ec != std::errc{} || read.ptr != end || value < 0 || value > 65535) {
                return wrong("config.wrong_type", place, std::string(setting.key),
                             "write a number from 0 to 65535");
            }
            config.*(*number) = value;
        } else if (const auto *yes = std::get_if<bool Config::*>(&setting.member)) {
            if (found->second != "true" && found->second != "false") {
                return wrong("config.wrong_type", place, std::string(setting.key), "true or false");
            }
            config.*(*yes) = found->second == "true";
        } else { // a list: separated by blanks
            std::istringstream in(found->second);
            std::vector<std::string> list;
            for (std::string item; in >> item;)
                list.push_back(item);
            config.*std::get<std::vector<std::string> Config::*>(setting.member) = std::move(list);
        }
        if (auto good = check_texts(config, setting, place); !good) return good;
    }
    return {};
}

std::string quoted_list(const std::vector<std::string> &list) {
    std::string out = "[";
    for (const std::string &text : list)
        out += (out.size() > 1 ? ", " : "") + quoted(text);
    return out + "]";
}

std::string value_text(const Config &config, const Setting &setting) {
    if (const auto *text = std::get_if<std::string Config::*>(&setting.member)) {
        return quoted(config.*(*text));
    }
    if (const auto *number = std::get_if<int Config::*>(&setting.member)) {
        return std::to_string(config.*(*number));
    }
    if (const auto *yes = std::get_if<bool Config::*>(&setting.member)) {
        return config.*(*yes) ? "true" : "false";
    }
    return quoted_list(config.*std::get<std::vector<std::string> Config::*>(setting.member));
}

} // namespace

std::optional<HostPort> parse_host_port(const std::string &text) {
    const auto colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0) return std::nullopt;
    HostPort made{.host = text.substr(0, colon)};
    const char *end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + colon + 1, end, made.port);
    if (read.ec != std::errc{} || read.ptr != end || made.port < 1 || made.port > 65535) {
        return std::nullopt;
    }
    if (made.host.front() == '[' && made.host.back() == ']') {
        made.host = made.host.substr(1, made.host.size() - 2);
    } else if (made.host.find(':') != std::string::npos) {
        return std::nullopt; // an IPv6 address needs its brackets
    }
    if (made.host.empty() || made.host.find_first_of(" \t/") != std::string::npos) {
        return std::nullopt;
    }
    return made;
}

Expected<Config> parse_config(std::string_view text, const std::string &file_name) {
    Config config;
    try {
        const toml::table root = toml::parse(text, file_name);
        for (const auto &[section, node] : root) {
            const Place place{file_name, static_cast<std::int64_t>(node.source().begin.line)};
            if (!node.is_table()) {
                const std::string key(section.str());
                return wrong("config.unknown_key", place, key, remedy_for(key));
            }
            auto read = read_section(config, section.str(), *node.as_table(), file_name);
            if (!read) return tl::unexpected(read.error());
        }
    } catch (const toml::parse_error &error) {
        return wrong("config.syntax",
                     {file_name, static_cast<std::int64_t>(error.source().begin.line)}, "",
                     std::string(error.description()));
    }
    if (auto checked = check(config, file_name); !checked) return tl::unexpected(checked.error());
    return config;
}

Expected<Config> load_config(const std::string &file,
                             const std::map<std::string, std::string> &environment) {
    Config config;
    if (!file.empty()) {
        std::ifstream in(file);
        if (!in) {
            return fail(ProblemKind::not_found, "config.file_missing",
                        {{"file", file}, {"remedy", "name an existing file with --config"}});
        }
        std::stringstream text;
        text << in.rdbuf();
        auto parsed = parse_config(text.str(), file);
        if (!parsed) return parsed;
        config = std::move(*parsed);
    }
    if (auto applied = apply_environment(config, environment); !applied) {
        return tl::unexpected(applied.error());
    }
    if (auto checked = check(config, file); !checked) return tl::unexpected(checked.error());
    return config;
}

std::string to_toml(const Config &config) {
    std::string out;
    std::string_view section;
    for (const Setting &setting : settings()) {
        const auto dot = setting.key.find('.');
        if (setting.key.substr(0, dot) != section) {
            section = setting.key.substr(0, dot);
            out += fmt::format("{}[{}]\n", out.empty() ? "" : "\n", section);
        }
        out += fmt::format("# {}\n{} = {}\n", setting.documentation, setting.key.substr(dot + 1),
                           value_text(config, setting));
    }
    out += tables_toml(config);
    for (const TrunkConfig &trunk : config.sip_trunks) {
        out += fmt::format(
            "\n[[sip.trunk]]\nname = {}\nuri = {}\nuser = {}\npassword_file = {}\n"
            "registers = {}\nsources = {}\noptions_seconds = {}\npartner_number = {}\n"
            "numbers = {}\n",
            quoted(trunk.name), quoted(trunk.uri), quoted(trunk.user), quoted(trunk.password_file),
            trunk.registers, quoted_list(trunk.sources), trunk.options_seconds,
            quoted(trunk.partner_number), quoted_list(trunk.numbers));
    }
    return out;
}

} // namespace fernamt::app
