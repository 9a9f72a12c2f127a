// SPDX-License-Identifier: EUPL-1.2
// Signing in and staying signed in. Sessions live on the server; the browser holds a random token
// of 256 bits, the database only its SHA-256. They end after idle time, after an absolute time, on
// sign-out, with a new password and with deactivation; roles are read anew at each request. An
// unknown login takes as long as a known one. Thread-safe.
#pragma once

#include "base/slowing.h"
#include "base/time.h"
#include "people/users.h"
#include "storage/database.h"

#include <string>
#include <string_view>

namespace fernamt::people {

struct SignedIn {
    std::string token; // for the cookie
    User user;
};

class Sessions {
  public:
    struct Options {
        Duration idle = 4h;
        Duration absolute = 14h; // a long shift
        Duration note_activity_every = 1min;
        Slowing::Limits slowing;
    };
    Sessions(storage::Database &database, const Clock &clock)
        : Sessions(database, clock, Options{}) {}
    Sessions(storage::Database &database, const Clock &clock, Options options)
        : database_(database), clock_(clock), options_(options), slowing_(options.slowing) {}

    // unauthenticated "session.wrong_password" for every reason a sign-in may fail; too_many
    // "session.slowed" {retry_after_seconds}. Blocks some 50 ms (argon2id).
    Expected<SignedIn> sign_in(std::string_view login, std::string_view password,
                               std::string_view address);
    // unauthenticated "session.none". Without activity (an open event stream) the idle time runs
    // on.
    Expected<User> find(std::string_view token, bool is_activity = true);
    Expected<void> sign_out(std::string_view token);
    Expected<std::int64_t> remove_ended(); // housekeeping; returns how many

    // For a helper who has shown a one-time code (crisis.h). Attempts are slowed like passwords,
    // the code standing for the login: forty helpers may sit in one room behind one address, all
    // of them in the same minute, and who mistypes holds up nobody else.
    Expected<void> slow_code(std::string_view code, std::string_view address);
    void code_was_right(std::string_view code, std::string_view address);
    Expected<std::string> begin(UserId user); // the token

  private:
    Expected<void> renew_hash(UserId user, const std::string &old_hash, std::string_view password);

    storage::Database &database_;
    const Clock &clock_;
    Options options_;
    Slowing slowing_;
};

} // namespace fernamt::people
