// SPDX-License-Identifier: EUPL-1.2
#include "app/outside_work.h"

#include "app/knowledge_directory_command.h"
#include "base/log.h"
#include "billing/finance_notices.h"
#include "knowledge/reminders.h"
#include "knowledge/sources.h"
#include "people/users.h"

#include <chrono>
#include <fstream>

namespace fernamt::app {

namespace {

constexpr auto kLookEvery = std::chrono::minutes(1);
constexpr auto kFinanceEvery = std::chrono::minutes(10);
constexpr auto kTryAgain = std::chrono::hours(1); // a directory service that did not answer
constexpr int kRemindFrom = 7 * 3600;             // nobody's night is disturbed
constexpr int kRemindUntil = 19 * 3600;

Expected<knowledge::MailServer> mail_server(const Config &config) {
    knowledge::MailServer server{.host = config.mail_host,
                                 .port = config.mail_port,
                                 .user = config.mail_user,
                                 .from = config.mail_from};
    server.security = config.mail_security == "tls"    ? knowledge::MailSecurity::tls
                      : config.mail_security == "none" ? knowledge::MailSecurity::none
                                                       : knowledge::MailSecurity::starttls;
    if (config.mail_password_file.empty()) return server;
    std::ifstream in(config.mail_password_file);
    if (!std::getline(in, server.password)) {
        return fail(ProblemKind::invalid_input, "config.secret_unreadable",
                    {{"file", config.mail_password_file},
                     {"remedy", "put the password into the file's first line"}});
    }
    return server;
}

std::optional<knowledge::Editor> editor_of(people::Users &users, UserId id) {
    const auto all = users.all();
    if (!all) return std::nullopt;
    for (const people::User &user : *all) {
        if (user.id != id || !user.active) continue;
        if (!people::may(user.principal(), people::Action::edit_knowledge)) return std::nullopt;
        return knowledge::Editor{user.id, user.municipality};
    }
    return std::nullopt;
}

// Websites also when they are read only if somebody asks: editors may.
std::vector<knowledge::Source> sources(const Config &config) {
    using enum knowledge::Source::Kind;
    std::vector<knowledge::Source> all;
    for (const knowledge::WebsiteSite &site : website_sites(config))
        all.push_back({website, site.municipality, site.start});
    if (config.directory_read_hours == 0) return all;
    for (const DirectoryConfig &each : config.directories) {
        if (const auto municipality = parse_ars(each.municipality)) {
            all.push_back({directory, *municipality, {}});
        }
    }
    return all;
}

} // namespace

std::vector<knowledge::WebsiteSite> website_sites(const Config &config) {
    std::vector<knowledge::WebsiteSite> sites;
    for (const WebsiteConfig &site : config.website_sites) {
        const auto municipality = parse_ars(site.municipality);
        if (!municipality) continue; // refused when the configuration was read
        sites.push_back({.municipality = *municipality,
                         .start = site.start,
                         .most_pages = site.most_pages,
                         .pause = std::chrono::seconds(site.pause_seconds)});
    }
    return sites;
}

knowledge::SiteGuard website_guard(const Config &config) {
    return {.private_hosts = config.website_private_hosts, .hosts = config.website_hosts};
}

OutsideWork::OutsideWork(storage::Database &database, const Clock &clock, const Config &config)
    : database_(database), clock_(clock), config_(config) {
    if (const auto noted = knowledge::note_sources(database, sources(config)); !noted) {
        log::warning("knowledge.sources_not_noted", {{"problem", describe(noted.error())}});
    }
    if (!config.directories.empty() && config.directory_read_hours > 0) {
        directories_ = std::thread([this] { every(kLookEvery, [this] { run_directories(); }); });
    }
    if (!config.mail_host.empty()) {
        reminders_ = std::thread([this] { every(kLookEvery, [this] { run_reminders(); }); });
    }
    finance_ = std::thread([this] { every(kFinanceEvery, [this] { run_finance(); }); });
}

OutsideWork::~OutsideWork() {
    stop();
}

void OutsideWork::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stops_ = true;
    }
    wake_.notify_all();
    for (std::thread *thread : {&directories_, &reminders_, &finance_}) {
        if (thread->joinable()) thread->join();
    }
}

void OutsideWork::every(Duration interval, const std::function<void()> &work) {
    while (!stops_) {
        work();
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, interval, [this] { return stops_.load(); });
    }
}

void OutsideWork::run_directories() {
    for (const DirectoryConfig &one : config_.directories) {
        if (stops_) return;
        const auto directory = ldap_directory(one);
        if (!directory) {
            log::warning("directory.not_configured", {{"problem", describe(directory.error())}});
            continue;
        }
        const auto last = knowledge::last_ldap_visit(database_, directory->municipality);
        if (!last) continue;
        if (*last) {
            const bool failed = (*last)->outcome.starts_with("directory.ldap_");
            const auto patience =
                failed ? kTryAgain : std::chrono::hours(config_.directory_read_hours);
            if (clock_.now() - (*last)->ended_at < patience) continue;
        }
        const auto done = knowledge::read_ldap_directory(
            database_, clock_, *directory, {.stop = [this] { return stops_.load(); }});
        if (!done) {
            log::warning("directory.read_failed",
                         {{"municipality", one.municipality}, {"problem", describe(done.error())}});
            continue;
        }
        log::info("directory.read", {{"municipality", one.municipality},
                                     {"entries", done->taken},
                                     {"vanished", done->vanishing},
                                     {"wrong", done->wrong}});
    }
}

void OutsideWork::run_reminders() {
    const int now = to_local(clock_.now()).second_of_day;
    if (now < kRemindFrom || now > kRemindUntil) return;
    const auto server = mail_server(config_);
    if (!server) {
        log::warning("mail.not_configured", {{"problem", describe(server.error())}});
        return;
    }
    people::Users users(database_, clock_);
    const auto report =
        knowledge::send_reminders(database_, clock_,
                                  {.editor = [&](UserId id) { return editor_of(users, id); },
                                   .send =
                                       [&](const knowledge::Mail &mail) {
                                           return knowledge::send_mail(*server, mail, clock_.now());
                                       },
                                   .address = config_.public_address});
    if (!report) {
        log::warning("mail.reminders_failed", {{"problem", describe(report.error())}});
    } else if (report->sent > 0 || report->failed > 0) {
        log::info("mail.reminders", {{"sent", report->sent}, {"failed", report->failed}});
    }
}

void OutsideWork::run_finance() {
    const auto unrated = billing::watch_budgets(database_, clock_.now());
    if (!unrated) {
        log::warning("finance.watch_failed", {{"problem", describe(unrated.error())}});
    } else if (*unrated > 0) {
        log::warning("finance.unrated", {{"municipalities", *unrated}});
    }
    const int second = to_local(clock_.now()).second_of_day;
    if (config_.mail_host.empty() || second < kRemindFrom || second > kRemindUntil) return;
    const auto server = mail_server(config_);
    if (!server) return; // run_reminders says so
    const auto sent = billing::send_notices(
        database_, clock_.now(),
        [&](const std::string &to, const std::string &subject, const std::string &text) {
            return knowledge::send_mail(*server, {to, subject, text}, clock_.now());
        },
        config_.public_address);
    if (!sent) {
        log::warning("finance.notices_failed", {{"problem", describe(sent.error())}});
    } else if (sent->sent > 0 || sent->failed > 0) {
        log::info("finance.notices", {{"sent", sent->sent}, {"failed", sent->failed}});
    }
}

} // namespace fernamt::app
