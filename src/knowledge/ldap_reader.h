// SPDX-License-Identifier: EUPL-1.2
// One question to a foreign LDAP server (RFC 4511), which may be gone, silent, endless or hostile:
// signed in only over TLS with a checked certificate (unless the operator says otherwise), pages of
// results (RFC 2696), no more entries and bytes than allowed, no longer than allowed, referrals are
// not followed. Reads, never writes; asks for the named attributes and no others. libldap stays in
// ldap_reader.cpp.
#pragma once

#include "base/problem.h"
#include "base/time.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace fernamt::knowledge {

struct LdapServer {
    std::string url;      // "ldaps://ldap.example.de", "ldap://10.0.0.5:389"
    bool starttls = true; // with ldap://: before anything else is said (RFC 4511, 4.14)
    std::string ca_file;  // PEM, of who signed the certificate; empty: the system's
    std::string bind_dn;  // empty: without signing in
    std::string password;
    Duration longest = 60s; // for all of it
};

struct LdapQuestion {
    std::string base;
    std::string filter; // RFC 4515
    std::vector<std::string> attributes;
    std::size_t most_entries = 5'000;
};

struct LdapEntry {
    std::string dn;
    std::map<std::string, std::vector<std::string>> values; // by name in small letters; any bytes
};

// ldap://host[:port] or ldaps://host[:port], nothing behind.
[[nodiscard]] bool is_ldap_address(const std::string &url);

// Whole or not at all. Problems: "directory.ldap_address", "directory.ldap_password" (a name
// without a password would be nobody's, RFC 4513 section 5.1.2), "directory.ldap_unreachable"
// (what), "directory.ldap_refused" (what), "directory.ldap_failed" (what), "directory.ldap_limit"
// (the server's or ours: more entries than may be). stop may be empty.
[[nodiscard]] Expected<std::vector<LdapEntry>> ask_ldap(const LdapServer &server,
                                                        const LdapQuestion &question,
                                                        const std::function<bool()> &stop = {});

// The same for every way to write a name of an entry (RFC 4514); empty if it is none.
[[nodiscard]] std::string same_dn(const std::string &dn);

} // namespace fernamt::knowledge
