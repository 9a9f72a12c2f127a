// SPDX-License-Identifier: EUPL-1.2
#include "people/directory.h"

#include "base/log.h"
#include "people/changes.h"
#include "people/users.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <mutex>

namespace fernamt::people {

using storage::Connection;
using storage::Row;

namespace {

bool wants_whisper(const User &user) {
    boost::json::error_code error;
    const auto settings = boost::json::parse(user.settings, error);
    if (error || !settings.is_object()) return false;
    const auto *whisper = settings.get_object().if_contains("whisper");
    return whisper != nullptr && whisper->is_bool() && whisper->get_bool();
}

} // namespace

Directory::Directory(storage::Database &database) : database_(database) {
    subscription_ = on_people_changed(database, [this] {
        const auto refreshed = refresh();
        if (!refreshed)
            log::warning("directory.not_refreshed", {{"problem", describe(refreshed.error())}});
    });
}

Directory::~Directory() {
    forget_people_changed(subscription_);
}

Expected<std::unique_ptr<Directory>> Directory::load(storage::Database &database) {
    std::unique_ptr<Directory> directory(new Directory(database));
    if (auto loaded = directory->refresh(); !loaded) return tl::unexpected(loaded.error());
    return directory;
}

Expected<void> Directory::refresh() {
    Content content;
    const auto read = database_.read([&](Connection &connection) -> Expected<void> {
        content = {};
        auto users = connection.each(
            fmt::format("SELECT {}, account.sip_ha1_md5, account.sip_ha1_sha256 FROM account "
                        "WHERE active = 1",
                        kUserColumns),
            {}, [&](const Row &row) {
                const User user = read_user(row);
                const bool is_agent = user.roles.contains(Role::agent);
                if (is_agent && wants_whisper(user))
                    content.whispers.insert(AgentId{user.id.value});
                if (user.sip_user.empty() || !may_have_phone(user.principal())) return true;
                content.secrets[user.sip_user] = {row.text(kUserColumnCount),
                                                  row.text(kUserColumnCount + 1)};
                if (is_agent) content.phones[AgentId{user.id.value}] = user.sip_user;
                if (const auto office = office_of(user.principal()))
                    content.offices[user.sip_user] = *office;
                return true;
            });
        if (!users) return users;
        return connection.each("SELECT id, short_name FROM municipality", {}, [&](const Row &row) {
            content.short_names[MunicipalityId{row.integer(0)}] = row.text(1);
            return true;
        });
    });
    if (!read) return read;
    const std::unique_lock lock(mutex_);
    content_ = std::move(content);
    return {};
}

std::optional<PhoneSecret> Directory::phone_secret(const std::string &sip_user) const {
    const std::shared_lock lock(mutex_);
    const auto found = content_.secrets.find(sip_user);
    return found != content_.secrets.end() ? std::optional(found->second) : std::nullopt;
}

std::string Directory::sip_user(AgentId id) const {
    const std::shared_lock lock(mutex_);
    const auto found = content_.phones.find(id);
    return found != content_.phones.end() ? found->second : std::string{};
}

bool Directory::is_agents_phone(const std::string &sip_user) const {
    const std::shared_lock lock(mutex_);
    return std::ranges::any_of(content_.phones,
                               [&](const auto &phone) { return phone.second == sip_user; });
}

std::optional<MunicipalityId> Directory::office_of_phone(const std::string &sip_user) const {
    const std::shared_lock lock(mutex_);
    const auto found = content_.offices.find(sip_user);
    return found != content_.offices.end() ? std::optional(found->second) : std::nullopt;
}

bool Directory::whispers(AgentId id) const {
    const std::shared_lock lock(mutex_);
    return content_.whispers.contains(id);
}

std::string Directory::short_name(MunicipalityId id) const {
    const std::shared_lock lock(mutex_);
    const auto found = content_.short_names.find(id);
    return found != content_.short_names.end() ? found->second : std::string{};
}

} // namespace fernamt::people
