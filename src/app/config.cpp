// SPDX-License-Identifier: EUPL-1.2
#include "app/config.h"

#include "app/config_tables.h"
#include "base/address_range.h"
#include "base/id.h"
#include "base/phone_number.h"
#include "knowledge/website_fetch.h"
#include "knowledge/xzufi_reader.h"
#include "storage/database_url.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <initializer_list>
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

constexpr const char *kWritePrefixes = "write how numbers begin, like +49";

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

bool is_empty_or_database_url(const std::string &text) {
    return text.empty() || storage::is_sqlite_url(text) || storage::is_postgres_url(text);
}

bool is_log_level(const std::string &text) {
    return text == "debug" || text == "info" || text == "warning" || text == "error";
}

// "sip:ADDRESS:PORT;transport=udp", "sips:[::1]"; port 0 is any free one.
bool is_listen_uri(const std::string &text) {
    const bool tls = text.starts_with("sips:");
    if (!tls && !text.starts_with("sip:")) return false;
    std::string address = text.substr(text.find(':') + 1);
    if (const auto semicolon = address.find(';'); semicolon != std::string::npos) {
        const std::string transport = address.substr(semicolon);
        address.resize(semicolon);
        const bool plain = transport == ";transport=udp" || transport == ";transport=tcp";
        if (tls ? transport != ";transport=tls" : !plain) return false;
    }
    if (address.ends_with(":0")) address.pop_back(), address += '1';
    const bool has_port = address.find(':', address.rfind(']') + 1) != std::string::npos;
    return parse_host_port(has_port ? address : address + ":1").has_value();
}

bool is_sip_uri(const std::string &text) {
    const bool sip = text.starts_with("sip:") || text.starts_with("sips:");
    return sip && text.back() != ':' && text.find_first_of(" \t\"<>") == std::string::npos;
}

bool is_number_prefix(const std::string &text) {
    return text.size() > 1 && text.front() == '+' &&
           text.find_first_not_of("0123456789", 1) == std::string::npos;
}

bool is_prefix_or_any(const std::string &text) {
    return text == "+" || is_number_prefix(text);
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
         "directory.",
         is_empty_or_database_url, storage::kWriteUrl},
        {"log.level", &Config::log_level, "debug, info, warning or error.", is_log_level,
         "write debug, info, warning or error"},
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
         "Where SIP is spoken: sip:ADDRESS:PORT;transport=udp|tcp, sips:ADDRESS:PORT for TLS.",
         is_listen_uri, "write sip:ADDRESS:PORT;transport=udp (or tcp), or sips:ADDRESS:PORT"},
        {"sip.public_host", &Config::sip_public_host,
         "Host name or address in Contact when peers reach this office by another one than it "
         "listens on (behind a firewall); empty: the address of the socket."},
        {"sip.calls_per_second", &Config::sip_calls_per_second,
         "New calls a second from one address, twice as many in a burst; above it 503 without "
         "state. 0: no limit."},
        {"sip.calls_per_second_in_all", &Config::sip_calls_per_second_in_all,
         "New calls a second from all trunks and phones together, twice as many in a burst: what "
         "this machine carries beside its running calls; above it 503 without state. 0: no "
         "limit."},
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
         "Prefixes (E.164) that a transfer may dial; everything else is refused.", is_prefix_or_any,
         kWritePrefixes},
        {"sip.transfer_deny", &Config::sip_transfer_deny,
         "Prefixes that a transfer may never dial, even if allowed above.", is_prefix_or_any,
         kWritePrefixes},
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

// What was read, where each setting was written (a variable of the environment is no line), and
// what is wrong with it.
struct Reading {
    Config config;
    Mistakes mistakes;
    std::map<std::string, Place, std::less<>> places;
};

// remedy, with the numbers of those that need it when there are several.
std::string remedy_of(const std::vector<std::size_t> &wrong, std::size_t all,
                      std::string_view remedy) {
    if (all < 2) return std::string(remedy);
    return fmt::format("{} {}: {}", wrong.size() > 1 ? "entries" : "entry", fmt::join(wrong, ", "),
                       remedy);
}

void check_all(const std::vector<std::string> &texts, bool (*holds)(const std::string &),
               std::string_view remedy, const Place &place, const std::string &key,
               Mistakes &mistakes) {
    std::vector<std::size_t> wrong;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (!holds(texts[i])) wrong.push_back(i + 1);
    }
    if (wrong.empty()) return;
    mistakes.note("config.wrong_value", place, key, remedy_of(wrong, texts.size(), remedy));
}

void check_texts(Reading &reading, const Setting &setting, const Place &place) {
    std::vector<std::string> texts;
    if (const auto *text = std::get_if<std::string Config::*>(&setting.member)) {
        texts = {reading.config.*(*text)};
    } else if (const auto *list =
                   std::get_if<std::vector<std::string> Config::*>(&setting.member)) {
        texts = reading.config.*(*list);
    }
    const std::string key(setting.key);
    if (setting.holds != nullptr) {
        check_all(texts, setting.holds, setting.remedy, place, key, reading.mistakes);
    }
    if (setting.fault == nullptr) return;
    for (const std::string &text : texts) {
        const std::string remedy = setting.fault(text);
        if (!remedy.empty()) reading.mistakes.note("config.wrong_value", place, key, remedy);
    }
}

// False if the node has not the setting's type, which is noted.
bool assign(Reading &reading, const Setting &setting, const toml::node &node, const Place &place) {
    Config &config = reading.config;
    const std::string key(setting.key);
    const auto wrong_type = [&](const char *remedy) {
        reading.mistakes.note("config.wrong_type", place, key, remedy);
        return false;
    };
    if (const auto *text = std::get_if<std::string Config::*>(&setting.member)) {
        if (!node.is_string()) return wrong_type("write a text in quotes");
        config.*(*text) = *node.value<std::string>();
        return true;
    }
    if (const auto *number = std::get_if<int Config::*>(&setting.member)) {
        const auto value = node.value<std::int64_t>();
        if (!node.is_integer() || *value < 0 || *value > 65535) {
            return wrong_type("write a number from 0 to 65535");
        }
        config.*(*number) = static_cast<int>(*value);
        return true;
    }
    if (const auto *yes = std::get_if<bool Config::*>(&setting.member)) {
        if (!node.is_boolean()) return wrong_type("true or false");
        config.*(*yes) = *node.value<bool>();
        return true;
    }
    auto list = read_texts(node, place, key, reading.mistakes);
    if (!list) return false;
    config.*std::get<std::vector<std::string> Config::*>(setting.member) = std::move(*list);
    return true;
}

void read_trunk_key(TrunkConfig &trunk, std::string_view name, const toml::node &node,
                    const Place &place, Mistakes &mistakes) {
    const std::string key = "sip.trunk." + std::string(name);
    if (std::find(std::begin(kTrunkKeys), std::end(kTrunkKeys), name) == std::end(kTrunkKeys)) {
        return mistakes.note("config.unknown_key", place, key,
                             "a trunk has name, uri, user, password_file, registers, sources, "
                             "options_seconds, partner_number, numbers");
    }
    if (name == "registers") {
        if (!node.is_boolean()) {
            return mistakes.note("config.wrong_type", place, key, "true or false");
        }
        trunk.registers = *node.value<bool>();
        return;
    }
    if (name == "options_seconds") {
        const auto value = node.value<std::int64_t>();
        if (!node.is_integer() || *value < 0 || *value > 3600) {
            return mistakes.note("config.wrong_type", place, key, "write a number from 0 to 3600");
        }
        trunk.options_seconds = static_cast<int>(*value);
        return;
    }
    if (name == "sources" || name == "numbers") {
        const bool sources = name == "sources";
        auto list = read_texts(node, place, key, mistakes);
        if (!list) return;
        check_all(*list, sources ? is_address_range : is_number_prefix,
                  sources ? kWriteRanges : "write how its numbers begin, like +495111234", place,
                  key, mistakes);
        (sources ? trunk.sources : trunk.numbers) = std::move(*list);
        return;
    }
    if (!node.is_string()) return mistakes.note("config.wrong_type", place, key, "write a text");
    std::string &member = name == "name"             ? trunk.name
                          : name == "uri"            ? trunk.uri
                          : name == "user"           ? trunk.user
                          : name == "partner_number" ? trunk.partner_number
                                                     : trunk.password_file;
    member = *node.value<std::string>();
    if (name == "partner_number" && !member.empty() && !parse_phone_number(member)) {
        mistakes.note("config.wrong_value", place, key,
                      "write the partner's number, like +495111234");
    }
    if (name == "uri" && !member.empty() && !is_sip_uri(member)) {
        mistakes.note("config.wrong_value", place, key,
                      "write sip: or sips: and a host, like sip:sbc.carrier.example");
    }
}

void read_trunks(Reading &reading, const toml::node &node, const Place &place) {
    Mistakes &mistakes = reading.mistakes;
    const toml::array *array = node.as_array();
    const bool tables = array != nullptr && std::ranges::all_of(*array, [](const toml::node &item) {
                            return item.is_table();
                        });
    if (!tables) {
        return mistakes.note("config.wrong_type", place, "sip.trunk", "write [[sip.trunk]]");
    }
    for (const toml::node &item : *array) {
        TrunkConfig trunk;
        for (const auto &[name, value] : *item.as_table())
            read_trunk_key(trunk, name.str(), value, place_of(value, place.file), mistakes);
        if (trunk.name.empty() || trunk.uri.empty()) {
            mistakes.note("config.missing", place_of(item, place.file), "sip.trunk",
                          "give the trunk a name and a uri");
        }
        reading.config.sip_trunks.push_back(std::move(trunk));
    }
}

void read_section(Reading &reading, std::string_view section, const toml::table &table,
                  const std::string &file) {
    for (const auto &[name, node] : table) {
        const std::string key = fmt::format("{}.{}", section, name.str());
        const Place place = place_of(node, file);
        if (key == "sip.trunk") {
            read_trunks(reading, node, place);
            continue;
        }
        if (key == "sip.phone") {
            read_phones(reading.config, node, place, reading.mistakes);
            continue;
        }
        if (key == "website.site") {
            read_websites(reading.config, node, place, reading.mistakes);
            continue;
        }
        if (key == "directory.ldap") {
            read_directories(reading.config, node, place, reading.mistakes);
            continue;
        }
        const auto setting = std::find_if(settings().begin(), settings().end(),
                                          [&](const Setting &s) { return s.key == key; });
        if (setting == settings().end()) {
            reading.mistakes.note("config.unknown_key", place, key, remedy_for(key));
            continue;
        }
        reading.places[key] = place;
        if (assign(reading, *setting, node, place)) check_texts(reading, *setting, place);
    }
}

void read_file_text(Reading &reading, std::string_view text, const std::string &file) {
    try {
        const toml::table root = toml::parse(text, file);
        for (const auto &[section, node] : root) {
            if (node.is_table()) {
                read_section(reading, section.str(), *node.as_table(), file);
                continue;
            }
            const std::string key(section.str());
            reading.mistakes.note("config.unknown_key", place_of(node, file), key, remedy_for(key));
        }
    } catch (const toml::parse_error &error) { // what follows it cannot be read
        reading.mistakes.note("config.syntax",
                              {file, static_cast<std::int64_t>(error.source().begin.line)}, "",
                              std::string(error.description()));
    }
}

// What no single key can know.
void check(Reading &reading, const std::string &file) {
    const Config &config = reading.config;
    // In the line of the first of the keys that is written; nothing if one of them is wrong by
    // itself.
    const auto refuse = [&](std::initializer_list<std::string_view> keys,
                            const std::string &remedy) {
        if (std::ranges::any_of(keys, [&](auto key) { return reading.mistakes.about(key); }))
            return;
        const auto *written = std::ranges::find_if(
            keys, [&](std::string_view key) { return reading.places.contains(key); });
        const std::string key(written != keys.end() ? *written : *keys.begin());
        const auto place = reading.places.find(key);
        reading.mistakes.note("config.wrong_value",
                              place != reading.places.end() ? place->second : Place{file, 0}, key,
                              remedy);
    };
    if (config.web_certificate_file.empty() != config.web_key_file.empty()) {
        refuse({"web.certificate_file", "web.key_file"},
               "TLS needs both web.certificate_file and web.key_file");
    }
    if (config.media_information_first_seconds < 1) {
        refuse({"media.information_first_seconds"}, "at least 1: the greeting comes first");
    }
    if (config.media_information_every_seconds < 10) {
        refuse({"media.information_every_seconds"}, "at least 10: callers hear music in between");
    }
    if (config.media_port_min < 1024) refuse({"media.port_min"}, "from 1024 on");
    if (config.media_port_max < config.media_port_min + 100) {
        refuse({"media.port_min", "media.port_max"},
               "media.port_max has to be at least 100 above media.port_min");
    }
    if (!config.mail_host.empty() && config.mail_from.empty()) {
        refuse({"mail.from", "mail.host"}, "name the sender's address in mail.from");
    }
    if (config.sip_listen.empty()) refuse({"sip.listen"}, "name at least one address");
    // The library would listen all the same, and no handshake would ever succeed.
    const bool tls = std::ranges::any_of(
        config.sip_listen, [](const std::string &uri) { return uri.starts_with("sips:"); });
    if (tls && !std::ifstream(config.sip_certificate_directory + "/agent.pem")) {
        refuse({"sip.certificate_directory", "sip.listen"},
               "sips: needs sip.certificate_directory with a readable agent.pem (certificate and "
               "key) and cafile.pem");
    }
    const std::string &trunk = config.sip_transfer_trunk;
    if (!trunk.empty() && !std::ranges::count(config.sip_trunks, trunk, &TrunkConfig::name)) {
        refuse({"sip.transfer_trunk"}, "name a [[sip.trunk]] that there is");
    }
}

std::string environment_name(std::string_view key) {
    std::string name = "FERNAMT_";
    for (const char c : key) {
        name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return name;
}

void apply_environment(Reading &reading, const std::map<std::string, std::string> &environment) {
    Config &config = reading.config;
    for (const Former &former : kFormer) {
        const std::string name = environment_name(former.key);
        if (!environment.contains(name)) continue;
        reading.mistakes.note("config.unknown_key", {"environment " + name, 0},
                              std::string(former.key), std::string(former.remedy));
    }
    for (const Setting &setting : settings()) {
        const std::string name = environment_name(setting.key);
        const auto found = environment.find(name);
        if (found == environment.end()) continue;
        const std::string key(setting.key);
        const Place place{"environment " + name, 0};
        reading.places[key] = place;
        if (const auto *text = std::get_if<std::string Config::*>(&setting.member)) {
            config.*(*text) = found->second;
        } else if (const auto *number = std::get_if<int Config::*>(&setting.member)) {
            int value = -1;
            const char *end = found->second.data() + found->second.size();
            const auto read = std::from_chars(found->second.data(), end, value);
            if (read.ec != std::errc{} || read.ptr != end || value < 0 || value > 65535) {
                reading.mistakes.note("config.wrong_type", place, key,
                                      "write a number from 0 to 65535");
                continue;
            }
            config.*(*number) = value;
        } else if (const auto *yes = std::get_if<bool Config::*>(&setting.member)) {
            if (found->second != "true" && found->second != "false") {
                reading.mistakes.note("config.wrong_type", place, key, "true or false");
                continue;
            }
            config.*(*yes) = found->second == "true";
        } else { // a list: separated by blanks
            std::istringstream in(found->second);
            std::vector<std::string> list;
            for (std::string item; in >> item;)
                list.push_back(item);
            config.*std::get<std::vector<std::string> Config::*>(setting.member) = std::move(list);
        }
        check_texts(reading, setting, place);
    }
}

Expected<Config> only_if_in_order(CheckedConfig checked) {
    if (checked.mistakes.empty()) return std::move(checked.config);
    return tl::unexpected(std::move(checked.mistakes.front()));
}

CheckedConfig checked(Reading reading, const std::string &file, const FurtherCheck &further = {}) {
    check(reading, file);
    if (further) further(reading.config, reading.mistakes);
    return {std::move(reading.config), reading.mistakes.in_order()};
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
    Reading reading;
    read_file_text(reading, text, file_name);
    return only_if_in_order(checked(std::move(reading), file_name));
}

CheckedConfig check_config(const std::string &file,
                           const std::map<std::string, std::string> &environment,
                           const FurtherCheck &further) {
    Reading reading;
    if (!file.empty()) {
        std::ifstream in(file);
        if (!in) {
            return {{},
                    {{ProblemKind::not_found,
                      "config.file_missing",
                      {{"file", file}, {"remedy", "name an existing file with --config"}}}}};
        }
        std::stringstream text;
        text << in.rdbuf();
        read_file_text(reading, text.str(), file);
    }
    apply_environment(reading, environment);
    return checked(std::move(reading), file, further);
}

Expected<Config> load_config(const std::string &file,
                             const std::map<std::string, std::string> &environment) {
    return only_if_in_order(check_config(file, environment));
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
