// SPDX-License-Identifier: EUPL-1.2
#include "app/knowledge_directory_command.h"

#include "app/exit_codes.h"
#include "knowledge/areas.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>

namespace fernamt::app {

namespace json = boost::json;

namespace {

json::object to_json(const DirectoryConfig &one, const Expected<knowledge::LdapReading> &done) {
    json::object made;
    made["municipality"] = one.municipality;
    made["url"] = one.url;
    if (!done) {
        made["problem"] = describe(done.error());
        return made;
    }
    made["read"] = done->read;
    made["taken"] = done->taken;
    made["before"] = done->before;
    made["vanishing"] = done->vanishing;
    made["too_many_vanish"] = done->too_many_vanish;
    made["stored"] = done->stored;
    made["wrong"] = done->wrong;
    json::array faults;
    for (const knowledge::LdapFault &fault : done->faults) {
        json::object each;
        each["entry"] = fault.entry;
        each["field"] = std::string(knowledge::to_string(fault.field));
        faults.push_back(std::move(each));
    }
    made["faults"] = std::move(faults);
    return made;
}

void print(const DirectoryConfig &one, const Expected<knowledge::LdapReading> &done) {
    const auto town = parse_ars(one.municipality);
    fmt::print("{} ({}): ", one.url, town ? knowledge::area_name(*town) : one.municipality);
    if (!done) {
        fmt::print("{}\n", describe(done.error()));
        return;
    }
    fmt::print("{} entries, {} taken; {} of {} are not there any more{}; {}\n", done->read,
               done->taken, done->vanishing, done->before,
               done->too_many_vanish ? " (too many without --allow-mass-deletion)" : "",
               done->stored ? "stored" : "nothing changed");
    for (const knowledge::LdapFault &fault : done->faults)
        fmt::print("  {}: {} is wrong\n", fault.entry, knowledge::to_string(fault.field));
    const auto more = done->wrong - static_cast<std::int64_t>(done->faults.size());
    if (more > 0) fmt::print("  and {} more\n", more);
}

} // namespace

Expected<knowledge::LdapDirectory> ldap_directory(const DirectoryConfig &config) {
    const auto municipality = parse_ars(config.municipality);
    if (!municipality) { // refused when the configuration was read
        return fail(ProblemKind::not_found, "municipality.not_found");
    }
    knowledge::LdapDirectory directory{.municipality = *municipality,
                                       .server = {.url = config.url,
                                                  .starttls = config.security != "none",
                                                  .ca_file = config.ca_file,
                                                  .bind_dn = config.bind_dn},
                                       .base = config.base,
                                       .filter = config.filter,
                                       .attributes = {config.office, config.name, config.position,
                                                      config.telephone, config.email, config.room,
                                                      config.substitute, config.hours},
                                       .most_vanishing_percent = config.most_vanishing_percent};
    if (config.password_file.empty()) return directory;
    std::ifstream in(config.password_file);
    if (!std::getline(in, directory.server.password)) {
        return fail(ProblemKind::invalid_input, "config.secret_unreadable",
                    {{"file", config.password_file},
                     {"remedy", "put the password into the file's first line"}});
    }
    return directory;
}

int read_directories(const Config &config, const KnowledgeDirectoryOptions &options) {
    auto wanted = config.directories;
    std::erase_if(wanted, [&](const DirectoryConfig &one) {
        return !options.ars.empty() && one.municipality != options.ars;
    });
    if (wanted.empty()) {
        fmt::print(stderr, "fernamt: {}\n",
                   options.ars.empty() ? "no directory service is configured; add "
                                         "[[directory.ldap]] with municipality, url and base"
                                       : "no directory service is configured for " + options.ars);
        return kUsage;
    }
    auto database =
        storage::Database::open(config.database_url, options.dry_run ? storage::Access::read_only
                                                                     : storage::Access::read_write);
    if (!database) return report(database.error());
    const SystemClock clock;
    json::array all;
    bool good = true;
    for (const DirectoryConfig &one : wanted) {
        Expected<knowledge::LdapReading> done;
        const auto directory = ldap_directory(one);
        if (directory) {
            done = knowledge::read_ldap_directory(
                **database, clock, *directory,
                {.dry_run = options.dry_run, .allow_mass_deletion = options.allow_mass_deletion});
        } else {
            done = tl::unexpected(directory.error());
        }
        good = good && done && (!done->too_many_vanish || options.allow_mass_deletion);
        if (options.json) {
            all.push_back(to_json(one, done));
        } else {
            print(one, done);
        }
    }
    if (options.json) std::cout << json::serialize(all) << "\n";
    return good ? kOk : kFound;
}

} // namespace fernamt::app
