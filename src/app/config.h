// SPDX-License-Identifier: EUPL-1.2
// The configuration of one Fernamt process: defaults < file (TOML) < environment
// FERNAMT_SECTION_KEY < switches. One table (settings() in config.cpp) is the source of keys,
// defaults, documentation and checks. An unknown key, a wrong type or an impossible value is a
// Problem that names file, line, key and the remedy; nothing starts on a configuration that was
// only half understood.
#pragma once

#include "base/problem.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::app {

struct TrunkConfig {
    std::string name;
    std::string uri;           // "sip:trunk.example.net;transport=tls"
    std::string user;          // digest; empty: none
    std::string password_file; // first line is the password
    bool registers = false;
    std::vector<std::string> sources; // addresses that may call in; empty: any
    int options_seconds = 30;         // OPTIONS keep-alive; 0: none
    // The partner centre with this number: its calls come by this trunk, ours to it go there.
    std::string partner_number;
    // Prefixes (E.164) that are reached by this trunk, as a town hall's telephone system.
    std::vector<std::string> numbers;
};

// A town hall's phone that is registered with us: who calls this number rings it.
struct PhoneConfig {
    std::string number; // as written; parse_phone_number() reads it
    std::string user;   // by which it registers
    std::string file;   // where that is written
    std::int64_t line = 0;
};

struct WebsiteConfig {
    std::string municipality; // ARS
    std::string start;        // "https://www.langenhagen.de/"
    int most_pages = 500;
    int pause_seconds = 1;
};

// A town's directory service; attributes as in inetOrgPerson (RFC 2798), the first with a value.
struct DirectoryConfig {
    std::string municipality;     // ARS
    std::string url;              // "ldaps://ldap.example.de"
    std::string security = "tls"; // with ldap:// that is StartTLS; "none": in the clear
    std::string ca_file;          // PEM; empty: the system's
    std::string bind_dn;          // empty: without signing in
    std::string password_file;    // first line is the password
    std::string base;
    std::string filter = "(&(objectClass=inetOrgPerson)(telephoneNumber=*))";
    int most_vanishing_percent = 10;
    std::string office = "ou department";
    std::string name = "displayName cn";
    std::string position = "title";
    std::string telephone = "telephoneNumber";
    std::string email = "mail";
    std::string room = "roomNumber physicalDeliveryOfficeName";
    std::string substitute = "secretary"; // their name, or the name of their entry
    std::string hours;                    // no usual one
};

struct Config {
    std::string state_directory = "/var/lib/fernamt";
    std::string database_url; // empty: sqlite in the state directory
    std::string log_level = "info";
    int privacy_caller_number_hours = 24; // then the number behind a call is erased
    int privacy_call_note_days = 90;      // then what an agent wrote about a call is erased
    int privacy_delivery_undo_days = 90;  // then what a delivery of knowledge replaced is erased

    std::string web_address = "127.0.0.1";
    int web_port = 8115;
    std::string web_certificate_file;
    std::string web_key_file;
    // A reverse proxy in front: who it is, and whether browsers reach it by HTTPS.
    std::vector<std::string> web_trusted_proxies;
    bool web_behind_tls = false;
    std::vector<std::string> web_metrics_from = {"127.0.0.0/8", "::1"};
    std::string web_static_directory = "/usr/share/fernamt/ui";

    std::string knowledge_schema_file; // XSD that deliveries must obey; empty: none

    std::vector<WebsiteConfig> website_sites; // read for the search
    int website_visit_hours = 24;             // each site again after so long; 0: when asked only
    std::vector<std::string> website_private_hosts; // may stand in the own network
    std::vector<std::string> website_hosts; // what editors may enter; empty: any public host

    std::vector<DirectoryConfig> directories; // people for transfers
    int directory_read_hours = 24; // each service again after so long; 0: by command only

    std::string mail_host; // empty: no mail is sent
    int mail_port = 587;
    std::string mail_security = "starttls";
    std::string mail_user;
    std::string mail_password_file; // first line is the password
    std::string mail_from;

    // Citizens' pages and the open API beside them; the address for search engines.
    bool public_pages = false;
    std::string public_address;

    std::vector<std::string> sip_listen = {"sip:0.0.0.0:5115;transport=udp",
                                           "sip:0.0.0.0:5115;transport=tcp"};
    std::string sip_public_host;
    int sip_calls_per_second = 50; // from one source
    int sip_calls_per_second_in_all = 200;
    int sip_drain_seconds = 30;
    bool sip_phone_sha256 = false; // baresip 1.0 and many desk phones give up at the sight of it
    std::string sip_certificate_directory;
    std::string sip_transfer_trunk; // name of the trunk that transfers go out by; empty: the first
    std::vector<std::string> sip_transfer_allow = {"+49"}; // prefixes a transfer may dial
    std::vector<std::string> sip_transfer_deny = {"+49900", "+49137", "+49118", "+49180"};
    std::vector<TrunkConfig> sip_trunks;
    std::vector<PhoneConfig> sip_phones;

    std::string media_rtpengine; // "host:port" of one that runs; empty: ours, supervised
    std::string media_digits;    // "address:port" where that one reports keys (--dtmf-log-dest)
    std::string media_address = "127.0.0.1"; // where callers, phones and browsers send sound to
    int media_port_min = 30000;
    int media_port_max = 40000;
    std::string media_announcements_directory = "/usr/share/fernamt/announcements";
    int media_information_first_seconds = 40;
    int media_information_every_seconds = 90;
};

struct HostPort {
    std::string host; // an IPv6 address without its brackets
    int port = 0;
};
[[nodiscard]] std::optional<HostPort> parse_host_port(const std::string &text);

// Reads file (may be empty: none), then overrides from environment ("FERNAMT_WEB_PORT"). The first
// mistake is the Problem.
[[nodiscard]] Expected<Config> load_config(const std::string &file,
                                           const std::map<std::string, std::string> &environment);
[[nodiscard]] Expected<Config> parse_config(std::string_view toml, const std::string &file_name);

struct CheckedConfig {
    Config config;                 // to be used only if there is no mistake
    std::vector<Problem> mistakes; // in the order of the file's lines, then the environment's
};
class Mistakes;
// Notes what the configuration cannot know of itself (config_phones.h).
using FurtherCheck = std::function<void(const Config &config, Mistakes &mistakes)>;
// The same, with all mistakes. After one in TOML itself ("config.syntax") nothing can be read.
[[nodiscard]] CheckedConfig check_config(const std::string &file,
                                         const std::map<std::string, std::string> &environment,
                                         const FurtherCheck &further = {});
// What runs, as TOML with the documentation of each key; secrets are files, so none is shown.
[[nodiscard]] std::string to_toml(const Config &config);

} // namespace fernamt::app
