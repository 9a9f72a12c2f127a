// SPDX-License-Identifier: EUPL-1.2
// What telephony asks while a call is under way, answered from memory: the secret of a phone, the
// phone and the wishes of an agent, the town hall a phone stands in, the short name of a
// municipality. Reads itself anew when this
// process changes people or municipalities; keeps what it has when the database is gone.
// Thread-safe, never blocks on the database.
#pragma once

#include "base/id.h"
#include "storage/database.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>

namespace fernamt::people {

struct PhoneSecret { // lower-case hex of H(user:realm:password), realm kSipRealm
    std::string ha1_md5;
    std::string ha1_sha256;
};

class Directory {
  public:
    // The database must outlive it.
    [[nodiscard]] static Expected<std::unique_ptr<Directory>> load(storage::Database &database);
    ~Directory();
    Directory(const Directory &) = delete;
    Directory &operator=(const Directory &) = delete;

    Expected<void> refresh();
    // Of an active agent, or of whoever may switch a town hall's office; nothing if there is none
    // of this name.
    [[nodiscard]] std::optional<PhoneSecret> phone_secret(const std::string &sip_user) const;
    [[nodiscard]] std::string sip_user(AgentId id) const; // "" if unknown
    [[nodiscard]] bool is_agents_phone(const std::string &sip_user) const;
    // Whose office this phone may switch: its owner's own municipality, nobody else's.
    [[nodiscard]] std::optional<MunicipalityId> office_of_phone(const std::string &sip_user) const;
    // The agent wishes to hear the municipality's name before the caller ("whisper" among the
    // personal settings).
    [[nodiscard]] bool whispers(AgentId id) const;
    [[nodiscard]] std::string short_name(MunicipalityId id) const; // "" if unknown

  private:
    explicit Directory(storage::Database &database);

    struct Content {
        std::map<std::string, PhoneSecret> secrets;
        std::map<AgentId, std::string> phones;
        std::map<std::string, MunicipalityId> offices; // by SIP user
        std::set<AgentId> whispers;
        std::map<MunicipalityId, std::string> short_names;
    };
    storage::Database &database_;
    int subscription_ = 0;
    mutable std::shared_mutex mutex_;
    Content content_;
};

} // namespace fernamt::people
