// SPDX-License-Identifier: EUPL-1.2
#include "people/sessions.h"

#include "base/log.h"
#include "people/passwords.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::people {

namespace {

using storage::Connection;
using storage::Row;

// No login is called so.
std::string as_login(std::string_view code) {
    return "?code " + std::string(code);
}

constexpr std::size_t kTokenLength = 43; // 32 bytes in base64url

struct Known {
    User user;
    std::string password_hash;
};

Expected<std::optional<Known>> read_known(storage::Database &database, const std::string &login) {
    std::optional<Known> known;
    const auto read = database.read([&](Connection &connection) {
        known.reset();
        return connection.each(
            fmt::format("SELECT {}, account.password_hash FROM account WHERE login = $1",
                        kUserColumns),
            {login}, [&](const Row &row) {
                known = Known{read_user(row), row.text(kUserColumnCount)};
                return false;
            });
    });
    if (!read) return tl::unexpected(read.error());
    return known;
}

auto wrong() {
    return fail(ProblemKind::unauthenticated, "session.wrong_password");
}
auto none() {
    return fail(ProblemKind::unauthenticated, "session.none");
}

std::string whole_seconds(Duration wait) {
    return std::to_string(
        std::max<std::int64_t>(std::chrono::ceil<std::chrono::seconds>(wait).count(), 1));
}

} // namespace

Expected<SignedIn> Sessions::sign_in(std::string_view typed, std::string_view password,
                                     std::string_view address) {
    // What cannot be a login is slowed under one common name and takes the same time.
    const std::string login = normalise_login(typed).value_or("?");
    if (const auto wait = slowing_.attempt(login, address, clock_.now())) {
        log::info("session.slowed");
        return fail(ProblemKind::too_many, "session.slowed",
                    {{"retry_after_seconds", whole_seconds(*wait)}});
    }
    auto known = read_known(database_, login);
    if (!known) {
        slowing_.withdrawn(login, address);
        return tl::unexpected(known.error());
    }
    const bool may_sign_in = *known && (*known)->user.active && password.size() <= kLongestPassword;
    const auto verified = may_sign_in ? verify_password((*known)->password_hash, password)
                                      : verify_nobody(password.substr(0, kLongestPassword));
    if (!verified) {
        slowing_.withdrawn(login, address);
        return tl::unexpected(verified.error());
    }
    if (!*verified) return wrong();
    slowing_.succeeded(login, address);
    if (needs_rehash((*known)->password_hash)) {
        const auto renewed = renew_hash((*known)->user.id, (*known)->password_hash, password);
        if (!renewed)
            log::warning("session.rehash_failed", {{"problem", describe(renewed.error())}});
    }
    auto token = begin((*known)->user.id);
    if (!token) return tl::unexpected(token.error());
    return SignedIn{std::move(*token), std::move((*known)->user)};
}

Expected<void> Sessions::slow_code(std::string_view code, std::string_view address) {
    const auto wait = slowing_.attempt(as_login(code), address, clock_.now());
    if (!wait) return {};
    log::info("session.slowed");
    return fail(ProblemKind::too_many, "session.slowed",
                {{"retry_after_seconds", whole_seconds(*wait)}});
}

void Sessions::code_was_right(std::string_view code, std::string_view address) {
    slowing_.succeeded(as_login(code), address);
}

Expected<std::string> Sessions::begin(UserId user) {
    std::string token = random_token();
    const std::int64_t now = clock_.now().us;
    const auto written = database_.write([&](Connection &connection) -> Expected<void> {
        const auto inserted =
            connection.run("INSERT INTO account_session (token_hash, account, started_at, seen_at) "
                           "VALUES ($1, $2, $3, $4)",
                           {sha256(token), user.value, now, now});
        if (!inserted) return tl::unexpected(inserted.error());
        return {};
    });
    if (!written) return tl::unexpected(written.error());
    return token;
}

Expected<void> Sessions::renew_hash(UserId user, const std::string &old_hash,
                                    std::string_view password) {
    const auto hash = hash_password(password);
    if (!hash) return tl::unexpected(hash.error());
    return database_.write([&](Connection &connection) -> Expected<void> {
        // Only if the password was not changed meanwhile.
        const auto updated = connection.run(
            "UPDATE account SET password_hash = $3 WHERE id = $1 AND password_hash = $2",
            {user.value, old_hash, *hash});
        if (!updated) return tl::unexpected(updated.error());
        return {};
    });
}

Expected<User> Sessions::find(std::string_view token, bool is_activity) {
    if (token.size() != kTokenLength) return none();
    const storage::Blob hash = sha256(token);
    const Instant now = clock_.now();
    std::optional<User> user;
    Instant started, seen;
    const auto read = database_.read([&](Connection &connection) {
        user.reset();
        return connection.each(
            fmt::format("SELECT {}, account_session.started_at, account_session.seen_at "
                        "FROM account_session JOIN account ON account.id = account_session.account "
                        "WHERE account_session.token_hash = $1",
                        kUserColumns),
            {hash}, [&](const Row &row) {
                user = read_user(row);
                started = Instant{row.integer(kUserColumnCount)};
                seen = Instant{row.integer(kUserColumnCount + 1)};
                return false;
            });
    });
    if (!read) return tl::unexpected(read.error());
    if (!user || !user->active) return none();
    if (now - started >= options_.absolute || now - seen >= options_.idle) return none();
    if (is_activity && now - seen >= options_.note_activity_every) {
        const auto noted = database_.write([&](Connection &connection) -> Expected<void> {
            const auto updated = connection.run(
                "UPDATE account_session SET seen_at = $2 WHERE token_hash = $1", {hash, now.us});
            if (!updated) return tl::unexpected(updated.error());
            return {};
        });
        // A full disk must not throw anybody out; the idle time runs on, that is all.
        if (!noted)
            log::warning("session.activity_not_noted", {{"problem", describe(noted.error())}});
    }
    return *user;
}

Expected<void> Sessions::sign_out(std::string_view token) {
    return database_.write([&](Connection &connection) -> Expected<void> {
        const auto removed =
            connection.run("DELETE FROM account_session WHERE token_hash = $1", {sha256(token)});
        if (!removed) return tl::unexpected(removed.error());
        return {};
    });
}

Expected<std::int64_t> Sessions::remove_ended() {
    std::int64_t removed = 0;
    const Instant now = clock_.now();
    const auto written = database_.write([&](Connection &connection) -> Expected<void> {
        const auto rows =
            connection.run("DELETE FROM account_session WHERE started_at <= $1 OR seen_at <= $2",
                           {(now - options_.absolute).us, (now - options_.idle).us});
        if (!rows) return tl::unexpected(rows.error());
        removed = *rows;
        return {};
    });
    if (!written) return tl::unexpected(written.error());
    return removed;
}

} // namespace fernamt::people
