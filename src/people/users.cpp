// SPDX-License-Identifier: EUPL-1.2
#include "people/users.h"

#include "people/audit.h"
#include "people/changes.h"
#include "people/passwords.h"
#include "storage/statement.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::people {

namespace {

using storage::Connection;
using storage::Row;
using storage::Value;

constexpr std::size_t kMostSettingsBytes = 16 * 1024;
constexpr std::size_t kLongestName = 200;

auto invalid(std::string code, std::string field,
             std::vector<std::pair<std::string, std::string>> more = {}) {
    more.insert(more.begin(), {"field", std::move(field)});
    return fail(ProblemKind::invalid_input, std::move(code), std::move(more));
}

std::string joined(Roles roles) {
    return fmt::format("{}", fmt::join(names(roles), ","));
}

Value nullable(const std::optional<MunicipalityId> &id) {
    return id ? Value{id->value} : Value{nullptr};
}

Value nullable(const std::string &text) {
    return text.empty() ? Value{nullptr} : Value{text};
}

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

Expected<void> check_name(const std::string &name) {
    if (is_blank(name) || name.size() > kLongestName || has_control(name))
        return invalid("user.display_name_invalid", "display_name");
    return {};
}

Expected<void> check_password(const std::string &password, std::string_view login) {
    if (password.size() < kShortestPassword)
        return invalid("user.password_too_short", "password",
                       {{"least", std::to_string(kShortestPassword)}});
    if (password.size() > kLongestPassword)
        return invalid("user.password_too_long", "password",
                       {{"most", std::to_string(kLongestPassword)}});
    if (normalise_login(password) == login) return invalid("user.password_is_login", "password");
    return {};
}

Expected<void> check_municipality(Connection &connection, const std::optional<MunicipalityId> &id) {
    if (!id) return {};
    const auto known =
        storage::exists(connection, "SELECT 1 FROM municipality WHERE id = $1", {id->value});
    if (!known) return tl::unexpected(known.error());
    if (!*known) return invalid("user.municipality_unknown", "municipality");
    return {};
}

Expected<std::optional<User>> read_one(Connection &connection, std::string_view where,
                                       std::vector<Value> parameters) {
    std::optional<User> user;
    const auto read =
        connection.each(fmt::format("SELECT {} FROM account WHERE {}", kUserColumns, where),
                        parameters, [&](const Row &row) {
                            user = read_user(row);
                            return false;
                        });
    if (!read) return tl::unexpected(read.error());
    return user;
}

Expected<User> require(Connection &connection, UserId id) {
    auto user = read_one(connection, "id = $1", {id.value});
    if (!user) return tl::unexpected(user.error());
    if (!*user) return fail(ProblemKind::not_found, "user.not_found");
    return **user;
}

Expected<void> changed_one(const Expected<std::int64_t> &rows) {
    if (!rows) return tl::unexpected(rows.error());
    return {};
}

// Whoever distribution knows has changed: agents are part of the rules.
Expected<void> touch_rules(Connection &connection) {
    return changed_one(
        connection.run("UPDATE office_settings SET rules_version = rules_version + 1"));
}

Expected<void> insert(Connection &connection, const User &user, const std::string &hash,
                      const SipHashes &sip) {
    return changed_one(connection.run(
        "INSERT INTO account (id, login, display_name, password_hash, roles, municipality, active, "
        "sip_user, sip_ha1_md5, sip_ha1_sha256, language, settings, version) "
        "VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, $10, $11, 1)",
        {user.id.value, user.login, user.display_name, hash, joined(user.roles),
         nullable(user.municipality), nullable(user.sip_user), sip.md5, sip.sha256, user.language,
         user.settings}));
}

// Somebody must be left who can administer the service centre.
Expected<void> keep_an_admin(Connection &connection, const User &before, const UserChange &change) {
    const auto administers = [](const User &user) {
        return user.active && !user.municipality && user.roles.contains(Role::admin);
    };
    const bool stays = change.active && !change.municipality && change.roles.contains(Role::admin);
    if (!administers(before) || stays) return {};
    int others = 0;
    const auto read = connection.each(
        fmt::format("SELECT {} FROM account WHERE active = 1 AND id <> $1", kUserColumns),
        {before.id.value}, [&](const Row &row) {
            if (administers(read_user(row))) ++others;
            return true;
        });
    if (!read) return read;
    if (others == 0) return fail(ProblemKind::conflict, "user.last_admin");
    return {};
}

std::vector<std::string> fields_changed(const User &before, const UserChange &change) {
    std::vector<std::string> fields;
    if (before.display_name != change.display_name) fields.emplace_back("display_name");
    if (before.roles != change.roles) fields.emplace_back("roles");
    if (before.municipality != change.municipality) fields.emplace_back("municipality");
    if (before.active != change.active) fields.emplace_back("active");
    if (change.password) fields.emplace_back("password");
    return fields;
}

Expected<void> end_sessions(Connection &connection, UserId id) {
    return changed_one(
        connection.run("DELETE FROM account_session WHERE account = $1", {id.value}));
}

} // namespace

std::optional<std::string> normalise_login(std::string_view typed) {
    // The letters of German names, composed (NFC) and in lower case. Typed as a letter and a
    // combining diaeresis (macOS does that), they are the same login.
    static constexpr std::pair<std::string_view, std::string_view> letters[] = {
        {"Ä", "ä"},       {"Ö", "ö"},       {"Ü", "ü"},       {"ẞ", "ß"},       {"ä", "ä"},
        {"ö", "ö"},       {"ü", "ü"},       {"ß", "ß"},       {"a\u0308", "ä"}, {"o\u0308", "ö"},
        {"u\u0308", "ü"}, {"A\u0308", "ä"}, {"O\u0308", "ö"}, {"U\u0308", "ü"},
    };
    while (!typed.empty() && typed.front() == ' ')
        typed.remove_prefix(1);
    while (!typed.empty() && typed.back() == ' ')
        typed.remove_suffix(1);
    std::string login;
    std::size_t length = 0;
    while (!typed.empty()) {
        const auto *const letter =
            std::find_if(std::begin(letters), std::end(letters),
                         [&](const auto &one) { return typed.starts_with(one.first); });
        char c = typed.front();
        if (letter != std::end(letters)) {
            login += letter->second;
            typed.remove_prefix(letter->first.size());
        } else {
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
            const bool known = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                               std::string_view("._-@+").find(c) != std::string_view::npos;
            if (!known) return std::nullopt;
            login += c;
            typed.remove_prefix(1);
        }
        if (++length > 64) return std::nullopt;
    }
    if (length < 2) return std::nullopt;
    return login;
}

User read_user(const Row &row) {
    User user;
    user.id = UserId{row.integer(0)};
    user.login = row.text(1);
    user.display_name = row.text(2);
    std::string roles = row.text(3);
    std::string_view rest = roles;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(','), rest.size());
        if (const auto role = parse_role(rest.substr(0, end))) user.roles.add(*role);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (!row.is_null(4)) user.municipality = MunicipalityId{row.integer(4)};
    user.active = row.integer(5) != 0;
    if (!row.is_null(6)) user.sip_user = row.text(6);
    user.language = row.text(7);
    user.settings = row.text(8);
    user.version = row.integer(9);
    return user;
}

Expected<User> Users::find(UserId id) const {
    Expected<User> user = fail(ProblemKind::not_found, "user.not_found");
    const auto read = database_.read([&](Connection &connection) -> Expected<void> {
        user = require(connection, id);
        return {};
    });
    if (!read) return tl::unexpected(read.error());
    return user;
}

Expected<std::optional<User>> Users::find_by_login(std::string_view login) const {
    const auto normal = normalise_login(login);
    if (!normal) return std::optional<User>{};
    Expected<std::optional<User>> user;
    const auto read = database_.read([&](Connection &connection) -> Expected<void> {
        user = read_one(connection, "login = $1", {*normal});
        return {};
    });
    if (!read) return tl::unexpected(read.error());
    return user;
}

Expected<std::vector<User>> Users::all() const {
    std::vector<User> users;
    const auto read = database_.read([&](Connection &connection) {
        users.clear();
        return connection.each(
            fmt::format("SELECT {} FROM account WHERE helps_in IS NULL ORDER BY login",
                        kUserColumns),
            {}, [&](const Row &row) {
                users.push_back(read_user(row));
                return true;
            });
    });
    if (!read) return tl::unexpected(read.error());
    return users;
}

Expected<CreatedUser> Users::add(const NewUser &user, UserId by) {
    return add_with_sip_password(user, random_readable_secret(), by);
}

Expected<CreatedUser> Users::add_with_sip_password(const NewUser &wanted,
                                                   const std::string &sip_password, UserId by) {
    const auto login = normalise_login(wanted.login);
    if (!login) return invalid("user.login_invalid", "login");
    if (auto named = check_name(wanted.display_name); !named) return tl::unexpected(named.error());
    if (wanted.roles.empty()) return invalid("user.roles_missing", "roles");
    if (auto strong = check_password(wanted.password, *login); !strong)
        return tl::unexpected(strong.error());
    const auto hash = hash_password(wanted.password);
    if (!hash) return tl::unexpected(hash.error());

    CreatedUser created;
    const auto written = database_.write([&](Connection &connection) -> Expected<void> {
        const auto taken =
            storage::exists(connection, "SELECT 1 FROM account WHERE login = $1", {*login});
        if (!taken) return tl::unexpected(taken.error());
        if (*taken) return fail(ProblemKind::conflict, "user.login_taken", {{"field", "login"}});
        if (auto known = check_municipality(connection, wanted.municipality); !known) return known;
        const auto id = storage::next_id(connection, "account");
        if (!id) return tl::unexpected(id.error());
        created = {};
        User &user = created.user;
        user.id = UserId{*id};
        user.login = *login;
        user.display_name = wanted.display_name;
        user.roles = wanted.roles;
        user.municipality = wanted.municipality;
        SipHashes sip;
        if (user.roles.contains(Role::agent)) {
            user.sip_user = fmt::format("agent{}", user.id.value);
            created.sip = {user.sip_user, sip_password};
            sip = sip_hashes(user.sip_user, sip_password);
        }
        if (auto stored = insert(connection, user, *hash, sip); !stored) return stored;
        if (auto touched = touch_rules(connection); !touched) return touched;
        return record(connection, clock_.now(), by, "user.added", user.id.value);
    });
    if (!written) return tl::unexpected(written.error());
    people_changed(database_);
    return created;
}

Expected<User> Users::change(UserId id, std::int64_t expected_version, const UserChange &change,
                             UserId by) {
    if (auto named = check_name(change.display_name); !named) return tl::unexpected(named.error());
    if (change.roles.empty()) return invalid("user.roles_missing", "roles");
    std::optional<std::string> hash;
    if (change.password) {
        const auto before = find(id);
        if (!before) return before;
        if (auto strong = check_password(*change.password, before->login); !strong)
            return tl::unexpected(strong.error());
        auto hashed = hash_password(*change.password);
        if (!hashed) return tl::unexpected(hashed.error());
        hash = std::move(*hashed);
    }
    Expected<User> after = fail(ProblemKind::not_found, "user.not_found");
    const auto written = database_.write([&](Connection &connection) -> Expected<void> {
        const auto before = require(connection, id);
        if (!before) return tl::unexpected(before.error());
        if (before->version != expected_version)
            return fail(ProblemKind::stale, "user.stale",
                        {{"version", std::to_string(before->version)}});
        if (auto known = check_municipality(connection, change.municipality); !known) return known;
        if (auto kept = keep_an_admin(connection, *before, change); !kept) return kept;
        auto done = changed_one(connection.run(
            "UPDATE account SET display_name = $2, roles = $3, municipality = $4, active = $5, "
            "version = version + 1 WHERE id = $1",
            {id.value, change.display_name, joined(change.roles), nullable(change.municipality),
             std::int64_t{change.active}}));
        if (!done) return done;
        if (hash) {
            done = changed_one(connection.run("UPDATE account SET password_hash = $2 WHERE id = $1",
                                              {id.value, *hash}));
            if (!done) return done;
        }
        if (hash || !change.active) {
            if (auto ended = end_sessions(connection, id); !ended) return ended;
        }
        if (auto touched = touch_rules(connection); !touched) return touched;
        if (auto noted = record(connection, clock_.now(), by, "user.changed", id.value,
                                fields_changed(*before, change));
            !noted)
            return noted;
        after = require(connection, id);
        return {};
    });
    if (!written) return tl::unexpected(written.error());
    people_changed(database_);
    return after;
}

std::optional<MunicipalityId> office_of(const Principal &who) {
    if (!who.municipality || !may(who, Action::switch_office, who.municipality))
        return std::nullopt;
    return who.municipality;
}

bool may_have_phone(const Principal &who) {
    return who.roles.contains(Role::agent) || office_of(who);
}

Expected<SipCredentials> Users::renew_sip_password(UserId id, UserId by) {
    SipCredentials credentials;
    const auto written = database_.write([&](Connection &connection) -> Expected<void> {
        const auto user = require(connection, id);
        if (!user) return tl::unexpected(user.error());
        if (!may_have_phone(user->principal())) return fail(ProblemKind::conflict, "user.no_phone");
        const bool is_agent = user->roles.contains(Role::agent);
        const auto fresh = [&] {
            return fmt::format("{}{}", is_agent ? "agent" : "office", id.value);
        };
        credentials = {user->sip_user.empty() ? fresh() : user->sip_user, random_readable_secret()};
        const SipHashes sip = sip_hashes(credentials.user, credentials.password);
        auto done = changed_one(connection.run(
            "UPDATE account SET sip_user = $2, sip_ha1_md5 = $3, sip_ha1_sha256 = $4, "
            "version = version + 1 WHERE id = $1",
            {id.value, credentials.user, sip.md5, sip.sha256}));
        if (!done) return done;
        return record(connection, clock_.now(), by, "user.sip_password_renewed", id.value);
    });
    if (!written) return tl::unexpected(written.error());
    people_changed(database_);
    return credentials;
}

Expected<User> Users::keep_settings(UserId id, const std::optional<std::string> &language,
                                    const std::optional<std::string> &settings) {
    if (language && *language != "de" && *language != "en")
        return invalid("user.language_unknown", "language");
    if (settings && settings->size() > kMostSettingsBytes) {
        return fail(ProblemKind::too_large, "user.settings_too_large",
                    {{"field", "settings"}, {"most_bytes", std::to_string(kMostSettingsBytes)}});
    }
    Expected<User> after = fail(ProblemKind::not_found, "user.not_found");
    const auto written = database_.write([&](Connection &connection) -> Expected<void> {
        const auto before = require(connection, id);
        if (!before) return tl::unexpected(before.error());
        auto done = changed_one(connection.run(
            "UPDATE account SET language = $2, settings = $3 WHERE id = $1",
            {id.value, language.value_or(before->language), settings.value_or(before->settings)}));
        if (!done) return done;
        after = require(connection, id);
        return {};
    });
    if (!written) return tl::unexpected(written.error());
    people_changed(database_); // telephony asks for some of them
    return after;
}

Expected<User> add_first_user(storage::Database &database, const std::string &login,
                              const std::string &display_name,
                              const std::vector<std::string> &role_names,
                              const std::string &password) {
    const auto roles = parse_roles(role_names);
    if (!roles) return tl::unexpected(roles.error());
    const SystemClock clock;
    auto created = Users(database, clock).add({login, display_name, *roles, {}, password}, {});
    if (!created) return tl::unexpected(created.error());
    return created->user;
}

} // namespace fernamt::people
