// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/reminders.h"

#include "base/log.h"
#include "knowledge/areas.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::knowledge {

namespace {

constexpr int kAgainAfterDays = 7;
constexpr std::size_t kMostLines = 25;

struct Wish {
    UserId user;
    std::string address;
    std::optional<LocalDate> last_on;
};

Expected<std::vector<Wish>> wishes(storage::Database &database) {
    std::vector<Wish> all;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        all.clear();
        return connection.each(
            "SELECT user_id, address, last_on FROM knowledge_reminder ORDER BY user_id", {},
            [&](const storage::Row &row) {
                all.push_back({UserId{row.integer(0)}, row.text(1), parse_date(row.text(2))});
                return true;
            });
    });
    if (!done) return tl::unexpected(done.error());
    return all;
}

bool is_theirs(const WorkItem &item) {
    // Drafts are nobody's duty but the author's, who knows of them.
    return item.kind != WorkKind::draft || item.mine;
}

std::string what(WorkKind kind) {
    switch (kind) {
    case WorkKind::wrong:
        return "im Gespräch als falsch gemeldet";
    case WorkKind::job:
        return "Auftrag";
    case WorkKind::release:
        return "wartet auf Freigabe";
    case WorkKind::draft:
        return "Entwurf";
    case WorkKind::review:
        return "zu prüfen";
    }
    return "";
}

std::string line_of(const WorkItem &item) {
    const std::string where =
        item.municipality == kCommonText ? "alle Kommunen" : area_name(item.municipality);
    return fmt::format("- {:02}.{:02}.{}  {} ({}): {}\n", item.due_on.day, item.due_on.month,
                       item.due_on.year, item.service_name, where, what(item.kind));
}

Mail mail_of(const Wish &wish, const std::vector<WorkItem> &due, const std::string &address) {
    Mail mail{.to = wish.address,
              .subject = due.size() == 1
                             ? "Redaktion: eine Aufgabe ist fällig"
                             : fmt::format("Redaktion: {} Aufgaben sind fällig", due.size()),
              .text = "Guten Tag,\n\nfällig ist:\n\n"};
    for (std::size_t i = 0; i < std::min(due.size(), kMostLines); ++i)
        mail.text += line_of(due[i]);
    if (due.size() > kMostLines) {
        mail.text += fmt::format("- und {} weitere\n", due.size() - kMostLines);
    }
    if (!address.empty()) mail.text += fmt::format("\n{}/editing?section=tasks\n", address);
    mail.text += "\nSie bekommen diese Nachricht höchstens einmal am Tag. Abbestellen: unter "
                 "Aufgaben, „Erinnerung per E-Mail“.\n";
    return mail;
}

Expected<std::vector<WorkItem>> due_now(storage::Database &database, const Clock &clock,
                                        const Editor &editor, const LocalDate &today) {
    auto all = work_list(database, clock, editor);
    if (!all) return all;
    std::erase_if(*all,
                  [&](const WorkItem &item) { return item.due_on > today || !is_theirs(item); });
    return all;
}

// Something has become due since the last mail, or it is a week ago.
bool is_time(const Wish &wish, const std::vector<WorkItem> &due, const LocalDate &today) {
    if (due.empty()) return false;
    if (!wish.last_on) return true;
    if (*wish.last_on >= today) return false;
    if (add_days(*wish.last_on, kAgainAfterDays) <= today) return true;
    return std::ranges::any_of(due,
                               [&](const WorkItem &item) { return item.due_on > *wish.last_on; });
}

Expected<void> note(storage::Database &database, UserId user, const LocalDate &today) {
    return database.write([&](storage::Connection &connection) -> Expected<void> {
        const auto run =
            connection.run("UPDATE knowledge_reminder SET last_on = $1 WHERE user_id = $2",
                           {fernamt::to_string(today), user.value});
        if (!run) return tl::unexpected(run.error());
        return {};
    });
}

} // namespace

Expected<void> wish_reminders(storage::Database &database, UserId user,
                              const std::string &address) {
    if (!address.empty() && !is_mail_address(address)) {
        return fail(ProblemKind::invalid_input, "mail.address");
    }
    return database.write([&](storage::Connection &connection) -> Expected<void> {
        const auto run =
            address.empty()
                ? connection.run("DELETE FROM knowledge_reminder WHERE user_id = $1", {user.value})
                : connection.run("INSERT INTO knowledge_reminder (user_id, address, last_on) "
                                 "VALUES ($1, $2, '') ON CONFLICT (user_id) DO UPDATE SET address "
                                 "= excluded.address",
                                 {user.value, address});
        if (!run) return tl::unexpected(run.error());
        return {};
    });
}

Expected<std::string> reminder_address(storage::Database &database, UserId user) {
    std::string address;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        address.clear();
        return connection.each("SELECT address FROM knowledge_reminder WHERE user_id = $1",
                               {user.value}, [&](const storage::Row &row) {
                                   address = row.text(0);
                                   return false;
                               });
    });
    if (!done) return tl::unexpected(done.error());
    return address;
}

Expected<ReminderReport> send_reminders(storage::Database &database, const Clock &clock,
                                        const ReminderOptions &options) {
    const LocalDate today = to_local(clock.now()).date;
    const auto all = wishes(database);
    if (!all) return tl::unexpected(all.error());
    ReminderReport report;
    for (const Wish &wish : *all) {
        const auto editor = options.editor(wish.user);
        if (!editor) continue;
        const auto due = due_now(database, clock, *editor, today);
        if (!due) return tl::unexpected(due.error());
        if (!is_time(wish, *due, today)) {
            ++report.nothing_due;
            continue;
        }
        if (const auto sent = options.send(mail_of(wish, *due, options.address)); !sent) {
            log::warning("mail.failed", {{"problem", describe(sent.error())}});
            ++report.failed;
            continue;
        }
        ++report.sent;
        if (auto noted = note(database, wish.user, today); !noted) {
            return tl::unexpected(noted.error());
        }
    }
    return report;
}

} // namespace fernamt::knowledge
