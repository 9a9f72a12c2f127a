// SPDX-License-Identifier: EUPL-1.2
// The people who sign in: adding and changing them, their roles, their SIP phone. Optimistic
// versions (stale "user.stale"); every change is audited; nobody is ever deleted, only deactivated.
// A changed password and a deactivation end all sessions of the person at once. Thread-safe.
#pragma once

#include "base/id.h"
#include "base/time.h"
#include "people/access.h"
#include "people/roles.h"
#include "storage/database.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::people {

struct User {
    UserId id;
    std::string login; // lower case
    std::string display_name;
    Roles roles;
    std::optional<MunicipalityId> municipality; // empty: the service centre
    bool active = true;
    std::string sip_user; // "agent7", "office8"; empty: has no phone
    std::string language = "de";
    std::string settings = "{}"; // JSON object of the UI
    std::int64_t version = 1;

    [[nodiscard]] Principal principal() const { return {id, roles, municipality}; }
};

struct NewUser {
    std::string login;
    std::string display_name;
    Roles roles;
    std::optional<MunicipalityId> municipality;
    std::string password;
};

struct UserChange { // the whole of what can be changed
    std::string display_name;
    Roles roles;
    std::optional<MunicipalityId> municipality;
    bool active = true;
    std::optional<std::string> password; // empty: stays
};

struct SipCredentials {
    std::string user;     // empty: this person has no phone
    std::string password; // shown once, never stored
};

struct CreatedUser {
    User user;
    SipCredentials sip;
};

// The town hall whose office this person may switch with its phone's keys: its own, if it may do
// so on the page.
[[nodiscard]] std::optional<MunicipalityId> office_of(const Principal &who);
// Who takes calls, and a town hall's operator.
[[nodiscard]] bool may_have_phone(const Principal &who);

// Lower case and one Unicode form for what people may have typed. Nothing if it cannot be a login:
// 2 to 64 of a-z, 0-9, ä, ö, ü, ß and . _ - @ +
[[nodiscard]] std::optional<std::string> normalise_login(std::string_view typed);

class Users {
  public:
    Users(storage::Database &database, const Clock &clock) : database_(database), clock_(clock) {}

    [[nodiscard]] Expected<User> find(UserId id) const; // not_found "user.not_found"
    [[nodiscard]] Expected<std::vector<User>> all() const;

    // A person with the role agent gets a SIP user. Problems: "user.login_invalid",
    // "user.login_taken", "user.display_name_invalid", "user.roles_missing",
    // "user.password_too_short" {least}, "user.password_too_long", "user.password_is_login",
    // "user.municipality_unknown". Each with {field}.
    Expected<CreatedUser> add(const NewUser &user, UserId by);
    // Also "user.stale" and "user.last_admin": somebody must be able to administer.
    Expected<User> change(UserId id, std::int64_t expected_version, const UserChange &change,
                          UserId by);
    // A new SIP password (the old one is void), with it a phone for who has none yet.
    // "user.no_phone" unless may_have_phone().
    Expected<SipCredentials> renew_sip_password(UserId id, UserId by);
    // What the person keeps for itself; no new version. "user.settings_too_large" {most_bytes},
    // "user.language_unknown".
    Expected<User> keep_settings(UserId id, const std::optional<std::string> &language,
                                 const std::optional<std::string> &settings);

    // For the demo: with a given SIP password instead of a random one.
    Expected<CreatedUser> add_with_sip_password(const NewUser &user,
                                                const std::string &sip_password, UserId by);
    [[nodiscard]] Expected<std::optional<User>> find_by_login(std::string_view login) const;

  private:
    storage::Database &database_;
    const Clock &clock_;
};

// For the command line, before anybody can sign in.
Expected<User> add_first_user(storage::Database &database, const std::string &login,
                              const std::string &display_name,
                              const std::vector<std::string> &roles, const std::string &password);

// Reading a user inside somebody else's statement: the columns, then the row.
inline constexpr std::string_view kUserColumns =
    "account.id, account.login, account.display_name, account.roles, account.municipality, "
    "account.active, account.sip_user, account.language, account.settings, account.version";
inline constexpr int kUserColumnCount = 10;
[[nodiscard]] User read_user(const storage::Row &row);

} // namespace fernamt::people
