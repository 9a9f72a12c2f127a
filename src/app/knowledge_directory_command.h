// SPDX-License-Identifier: EUPL-1.2
// `fernamt knowledge directory-ldap`: reads the configured directory services now, all or one
// town's, and says what came of it: like the service's own readings, and with the names of entries
// whose values are wrong, which no log has.
#pragma once

#include "app/config.h"
#include "knowledge/directory_ldap.h"

#include <string>

namespace fernamt::app {

// As configured, with the password from its file.
[[nodiscard]] Expected<knowledge::LdapDirectory> ldap_directory(const DirectoryConfig &config);

struct KnowledgeDirectoryOptions {
    std::string ars; // of one municipality; empty: all
    bool dry_run = false;
    bool allow_mass_deletion = false;
    bool json = false;
};
[[nodiscard]] int read_directories(const Config &config, const KnowledgeDirectoryOptions &options);

} // namespace fernamt::app
