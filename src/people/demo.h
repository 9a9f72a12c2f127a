// SPDX-License-Identifier: EUPL-1.2
// Fills a database with the demo region: municipalities from a data file, one person per role and
// agents with SIP phones. Running it again changes nothing that is there already and adds what is
// missing. Passwords are known to everybody: never for real use.
#pragma once

#include "base/id.h"
#include "base/time.h"
#include "people/municipalities.h"
#include "people/roles.h"
#include "storage/database.h"

#include <string>
#include <vector>

namespace fernamt::people {

struct DemoOptions {
    std::string data_file; // data/region-hannover.csv
    int agents = 4;
    // Monday to Friday 8 to 18 with public holidays; or always, so that a demo at night works.
    bool always_open = false;
};

struct DemoAccount {
    std::string login;
    std::string password;
    std::string display_name;
    Roles roles;
};

struct DemoPhone { // of an agent whose SIP password is still the demo's
    AgentId agent;
    std::string login;
    std::string sip_user;
    std::string sip_password;
};

struct DemoRegion {
    std::vector<DemoAccount> accounts; // agents first
    std::vector<DemoPhone> phones;
    std::vector<Municipality> municipalities;
};

// unavailable "demo.file_unreadable" {file}; invalid_input "demo.line_invalid" {file, line, field}.
[[nodiscard]] Expected<std::vector<Municipality>> read_region(const std::string &file,
                                                              bool always_open);
Expected<DemoRegion> seed_demo(storage::Database &database, const Clock &clock,
                               const DemoOptions &options);

} // namespace fernamt::people
