// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/website_office.h"

#include "base/log.h"
#include "storage/statement.h"

#include <algorithm>

namespace fernamt::knowledge {

namespace {

constexpr auto kLookEvery = std::chrono::minutes(1);
constexpr auto kTryAgain = std::chrono::hours(1); // what failed in our own house

struct Last {
    bool wished = false;
    bool losses_meant = false;
    std::optional<Instant> ended_at; // nothing: never read, or not to the end
};

Expected<std::map<std::string, Last>> last_readings(storage::Database &database) {
    std::map<std::string, Last> all;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        all.clear();
        auto read = connection.each(
            "SELECT site, ended_at FROM knowledge_website_visit WHERE outcome <> 'stopped'", {},
            [&](const storage::Row &row) {
                all[row.text(0)].ended_at = Instant{row.integer(1)};
                return true;
            });
        if (!read) return read;
        return connection.each("SELECT site, losses_meant FROM knowledge_website_wish", {},
                               [&](const storage::Row &row) {
                                   Last &last = all[row.text(0)];
                                   last.wished = true;
                                   last.losses_meant = row.integer(1) != 0;
                                   return true;
                               });
    });
    if (!done) return tl::unexpected(done.error());
    return all;
}

void say(const WebsiteSite &site, const Visit &visit) {
    const auto log = visit.outcome == "kept" ? log::warning : log::info; // an outage there
    log("website.visited", {{"site", site.start},
                            {"outcome", visit.outcome},
                            {"asked", visit.asked},
                            {"stored", visit.stored},
                            {"gone", visit.gone},
                            {"texts_before", visit.texts_before},
                            {"texts_after", visit.texts_after}});
}

} // namespace

WebsiteOffice::WebsiteOffice(storage::Database &database, const Clock &clock, Options options)
    : database_(database), clock_(clock), options_(std::move(options)) {}

WebsiteOffice::~WebsiteOffice() {
    stop();
}

void WebsiteOffice::start() {
    thread_ = std::thread([this] { run(); });
}

void WebsiteOffice::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stops_ = true;
        ++changes_; // a visit looks whether it may go on
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void WebsiteOffice::look_again() {
    {
        const std::scoped_lock lock(mutex_);
        ++changes_;
    }
    wake_.notify_all();
}

std::optional<WebsiteProgress> WebsiteOffice::progress() const {
    const std::scoped_lock lock(mutex_);
    return progress_;
}

Expected<std::vector<StandingSite>> WebsiteOffice::standing() const {
    return standing_sites(database_, options_.configured, options_.guard);
}

void WebsiteOffice::run() {
    for (;;) {
        const int seen = changes_;
        forget();
        if (const auto due = next_due()) {
            read(*due);
            const std::scoped_lock lock(mutex_);
            if (stops_) return;
            continue;
        }
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, kLookEvery, [&] { return stops_ || changes_ != seen; });
        if (stops_) return;
    }
}

// Sites that do not stand any more: their pages leave the search.
void WebsiteOffice::forget() {
    const auto sites = standing();
    const auto gone = sites ? forget_other_sites(database_, clock_, sites_of(*sites))
                            : tl::unexpected(sites.error());
    if (!gone) {
        log::warning("website.forget_failed", {{"problem", describe(gone.error())}});
    } else if (*gone > 0) {
        log::info("website.forgotten", {{"pages", *gone}});
    }
}

// What somebody waits for comes first.
std::optional<WebsiteOffice::Due> WebsiteOffice::next_due() {
    const auto sites = standing();
    const auto last = last_readings(database_);
    if (!sites || !last) return std::nullopt;
    const Instant now = clock_.now();
    std::optional<Due> in_time;
    for (const auto &[site, stopped] : *sites) {
        if (stopped) continue;
        const auto failed = failed_.find(site.start);
        if (failed != failed_.end() && now - failed->second < kTryAgain) continue;
        const auto found = last->find(site.start);
        const Last known = found == last->end() ? Last{} : found->second;
        if (known.wished) return Due{site, known.losses_meant};
        const bool over = !known.ended_at || now - *known.ended_at >= options_.every;
        if (reads_by_itself() && over && !in_time) in_time = Due{site};
    }
    return in_time;
}

// Asked before and during each request: looks into the database only after a change.
bool WebsiteOffice::withdrawn(const WebsiteSite &site, int &seen) {
    const int now = changes_;
    if (now == seen) return false;
    {
        const std::scoped_lock lock(mutex_);
        if (stops_) return true;
    }
    const auto sites = standing();
    if (!sites) return false; // asked again soon
    seen = now;
    for (const auto &[other, stopped] : *sites) {
        if (other.start == site.start && other.municipality == site.municipality) return stopped;
    }
    return true;
}

// Whether its pages belong into the search. Not if that cannot be known: they are read again.
bool WebsiteOffice::stands(const WebsiteSite &site) const {
    const auto sites = standing();
    return sites && std::ranges::any_of(*sites, [&](const StandingSite &other) {
               return other.site.start == site.start &&
                      other.site.municipality == site.municipality;
           });
}

void WebsiteOffice::read(const Due &due) {
    const auto fetcher = make_page_fetcher(options_.guard.allow_private);
    const Instant began = clock_.now();
    const auto note = [&](const Visit &visit) {
        const std::scoped_lock lock(mutex_);
        progress_ = WebsiteProgress{due.site.start, began, visit.asked, visit.stored};
    };
    note({});
    int seen = changes_ - 1; // it may have been withdrawn since it was chosen
    bool left = false;
    const auto stop = [&] { return left = left || withdrawn(due.site, seen); };
    const auto withdrawn_now = [&] { return !stands(due.site); };
    const auto visit = visit_site(database_, clock_, due.site,
                                  {*fetcher, stop, {}, due.losses_meant, note, withdrawn_now});
    bool stops = false;
    {
        const std::scoped_lock lock(mutex_);
        progress_.reset();
        stops = stops_;
    }
    if (visit) {
        failed_.erase(due.site.start);
        say(due.site, *visit);
    } else {
        failed_[due.site.start] = began;
        log::warning("website.visit_failed", {{"problem", describe(visit.error())}});
    }
    if (stops) return; // the wish goes on with the next start
    const auto done = database_.write([&](storage::Connection &connection) {
        return storage::run(connection, "DELETE FROM knowledge_website_wish WHERE site = $1",
                            {due.site.start});
    });
    if (!done) log::warning("website.wish_failed", {{"problem", describe(done.error())}});
}

} // namespace fernamt::knowledge
