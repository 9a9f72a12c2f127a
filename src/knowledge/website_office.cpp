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
    std::optional<Instant> wished_at;
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
        return connection.each("SELECT site, losses_meant, asked_at FROM knowledge_website_wish",
                               {}, [&](const storage::Row &row) {
                                   Last &last = all[row.text(0)];
                                   last.losses_meant = row.integer(1) != 0;
                                   last.wished_at = Instant{row.integer(2)};
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
        bool read_one = false;
        try {
            read_one = look();
        } catch (const std::exception &exception) { // the calls are no part of this thread
            log::error("website.look_failed", {{"what", exception.what()}});
        }
        std::unique_lock lock(mutex_);
        if (!read_one) {
            wake_.wait_for(lock, kLookEvery, [&] { return stops_ || changes_ != seen; });
        }
        if (stops_) return;
    }
}

bool WebsiteOffice::look() {
    forget();
    const auto due = next_due();
    if (due) read(*due);
    return due.has_value();
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
    for (const StandingSite &one : *sites) {
        if (one.stopped) continue;
        const auto found = last->find(one.site.start);
        const Last known = found == last->end() ? Last{} : found->second;
        const auto failed = failed_.find(one.site.start);
        if (failed != failed_.end() && now - failed->second < kTryAgain) {
            const bool asked_since = known.wished_at && *known.wished_at > failed->second;
            if (!asked_since) continue;
        }
        if (known.wished_at) return Due{one, known.wished_at, known.losses_meant};
        const bool over = !known.ended_at || now - *known.ended_at >= options_.every;
        if (reads_by_itself() && over && !in_time) in_time = Due{one};
    }
    return in_time;
}

// Asked before and during each request: looks into the database only after a change.
bool WebsiteOffice::withdrawn(const StandingSite &chosen, int &seen) {
    const int now = changes_;
    if (now == seen) return false;
    {
        const std::scoped_lock lock(mutex_);
        if (stops_) return true;
    }
    const auto sites = standing();
    if (!sites) return false; // asked again soon
    seen = now;
    return fate_of(chosen, *sites) != SiteFate::same;
}

// Whether what was read must not be kept: its pages have left the search meanwhile, or other rules
// hold, by which it is read again at once. So it is if that cannot be known.
bool WebsiteOffice::is_dropped(const StandingSite &chosen) const {
    const auto sites = standing();
    if (!sites) return true;
    const SiteFate fate = fate_of(chosen, *sites);
    return fate == SiteFate::gone || fate == SiteFate::changed;
}

Expected<Visit> WebsiteOffice::visit(const Due &due, Instant began) {
    const WebsiteSite &site = due.chosen.site;
    const auto fetcher = make_page_fetcher(options_.guard.private_hosts);
    const auto note = [&](const Visit &visit) {
        const std::scoped_lock lock(mutex_);
        progress_ = WebsiteProgress{site.start, began, visit.asked, visit.stored};
    };
    int seen = changes_ - 1; // it may have been withdrawn since it was chosen
    bool left = false;
    const auto stop = [&] { return left = left || withdrawn(due.chosen, seen); };
    const auto dropped = [&] { return is_dropped(due.chosen); };
    try {
        note({});
        return visit_site(database_, clock_, site,
                          {*fetcher, stop, {}, due.losses_meant, note, dropped});
    } catch (const std::exception &exception) {
        return fail(ProblemKind::internal, "website.broken", {{"what", exception.what()}});
    }
}

void WebsiteOffice::read(const Due &due) {
    const WebsiteSite &site = due.chosen.site;
    const Instant began = clock_.now();
    const auto visited = visit(due, began);
    {
        const std::scoped_lock lock(mutex_);
        progress_.reset();
        failed_.erase(site.start);
        if (!visited) failed_[site.start] = began;
    }
    if (!visited) {
        log::warning("website.visit_failed", {{"problem", describe(visited.error())}});
        return; // the wish waits for the next try
    }
    say(site, *visited);
    // A wish goes on with the next start, or reading.
    if (visited->outcome == "stopped" || !due.wished_at) return;
    const auto done = database_.write([&](storage::Connection &connection) {
        return storage::run(connection,
                            "DELETE FROM knowledge_website_wish WHERE site = $1 AND asked_at = $2",
                            {site.start, due.wished_at->us});
    });
    if (!done) log::warning("website.wish_failed", {{"problem", describe(done.error())}});
}

} // namespace fernamt::knowledge
