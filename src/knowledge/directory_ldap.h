// SPDX-License-Identifier: EUPL-1.2
// A town's directory service (LDAP) as a source of the directory beside its own list: read now and
// then, so that a call never waits for somebody else's server. Each value is checked as in the
// table; here a wrong one costs that value and no more, because a directory of hundreds is never
// without one, and is reported. Who is not there any more goes, unless too many would: then all
// stays. Writes nothing to the service and asks it for no attribute but the configured ones.
#pragma once

#include "base/time.h"
#include "knowledge/directory_entry.h"
#include "knowledge/ldap_reader.h"

namespace fernamt::knowledge {

struct LdapDirectory {
    MunicipalityId municipality;
    LdapServer server;
    std::string base;
    std::string filter;
    // By DirectoryField, names divided by blanks: the first with a value counts; empty: not read. A
    // substitute is the other person's name, or the name of their entry.
    DirectoryValues attributes;
    int most_vanishing_percent = 10;
};

struct LdapReadOptions {
    bool dry_run = false; // changes nothing, notes nothing
    bool allow_mass_deletion = false;
    std::function<bool()> stop = {};
};

struct LdapFault {
    std::string entry; // its DN: for the operator's eyes, not for logs
    DirectoryField field = DirectoryField::office;
    friend bool operator==(const LdapFault &, const LdapFault &) = default;
};

struct LdapReading {
    std::int64_t read = 0;         // entries of the service
    std::int64_t taken = 0;        // without those that name no office
    std::int64_t before = 0;       // entries of the last reading
    std::int64_t vanishing = 0;    // of those, not there any more
    std::int64_t wrong = 0;        // values
    std::vector<LdapFault> faults; // the first kMostFaults of them
    bool too_many_vanish = false;  // more than a few and than the share, or all
    bool stored = false;
};

// Problems: of ask_ldap(); "directory.mass_deletion" (vanishing, of), not with dry_run. Notes the
// visit in either case.
[[nodiscard]] Expected<LdapReading> read_ldap_directory(storage::Database &database,
                                                        const Clock &clock,
                                                        const LdapDirectory &directory,
                                                        const LdapReadOptions &options = {});

struct LdapVisit {
    Instant ended_at;
    std::string outcome; // "stored", "same" or a problem's code
    friend bool operator==(const LdapVisit &, const LdapVisit &) = default;
};
// Nothing: never.
[[nodiscard]] Expected<std::optional<LdapVisit>> last_ldap_visit(storage::Database &database,
                                                                 MunicipalityId municipality);

} // namespace fernamt::knowledge
