// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/website.h"

#include "base/log.h"
#include "knowledge/website_robots.h"
#include "knowledge/website_store.h"

#include <algorithm>
#include <deque>
#include <set>
#include <thread>

namespace fernamt::knowledge {

namespace {

constexpr int kMostRedirects = 5;      // RFC 9309 section 2.3.1.2; for pages as well
constexpr int kMostFailuresInARow = 5; // then the server has other worries
constexpr int kMostSitemaps = 50;
constexpr std::size_t kMostWaiting = 20'000; // addresses
constexpr std::size_t kFewTexts = 3;         // may always go, however small the site
constexpr std::size_t kMostLostPercent = 33; // of the different texts

bool is_redirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// Calendars and filters make endless addresses; documents are no pages.
bool is_worth_asking(const WebAddress &address) {
    constexpr std::size_t kLongestPath = 300;
    if (address.path.size() > kLongestPath) return false;
    const std::string path = address.path.substr(0, address.path.find('?'));
    static constexpr std::string_view kOther[] = {
        ".pdf",  ".jpg", ".jpeg", ".png", ".gif", ".zip", ".doc", ".docx", ".xls",
        ".xlsx", ".mp3", ".mp4",  ".ics", ".css", ".js",  ".svg", ".webp", ".xml"};
    return std::ranges::none_of(kOther, [&](std::string_view end) {
        return path.size() >= end.size() &&
               path.compare(path.size() - end.size(), end.size(), end) == 0;
    });
}

struct Waiting {
    std::string url;
    int depth = 0;
    int redirects = 0;
};

class Crawl {
  public:
    Crawl(storage::Database &database, const Clock &clock, const WebsiteSite &site,
          const VisitOptions &options)
        : site_(site), options_(options), store_(database, clock, site),
          began_(std::chrono::steady_clock::now()) {}

    Expected<Visit> run() {
        const auto start = web_address(site_.start);
        if (!start) {
            return fail(ProblemKind::invalid_input, "website.address", {{"url", site_.start}});
        }
        origin_ = start->origin;
        auto known = store_.known();
        if (!known) return tl::unexpected(known.error());
        known_ = std::move(*known);
        if (auto done = store_.begin(); !done) return tl::unexpected(done.error());
        if (read_robots()) {
            enqueue(start->whole, 0, 0);
            read_sitemaps();
            if (auto done = read_pages(); !done) return tl::unexpected(done.error());
            if (auto done = take_effect(); !done) return tl::unexpected(done.error());
        }
        if (visit_.outcome.empty()) visit_.outcome = visit_.limited ? "limit" : "complete";
        if (visit_.outcome == "complete" && leads_elsewhere_ && alive_.empty())
            visit_.outcome = "moved";
        if (auto done = store_.note_visit(visit_); !done) return tl::unexpected(done.error());
        return visit_;
    }

  private:
    // False: no visit today.
    bool read_robots() {
        auto url = origin_ + "/robots.txt";
        for (int hop = 0; hop <= kMostRedirects; ++hop) {
            const auto answer = fetch({.url = url});
            if (stopped()) {
                visit_.outcome = "stopped";
                return false;
            }
            // Whoever cannot be asked may not be crawled; who has no rules may (2.3.1.3, 2.3.1.4).
            if (!answer || answer->status >= 500 || answer->status == 429) {
                const bool inside = !answer && answer.error().code == "website.private_address";
                visit_.outcome = inside ? "private" : "unreachable";
                return false;
            }
            if (is_redirect(answer->status) && !answer->location.empty()) {
                // Only here, as with pages: nobody sends us to a machine that was not entered,
                // and nobody's pages are read whose rules are not known.
                const auto target = web_address(answer->location, url);
                if (!target || target->origin != origin_) {
                    visit_.outcome = "moved";
                    return false;
                }
                url = target->whole;
                continue;
            }
            const bool found = answer->status >= 200 && answer->status < 300;
            robots_ = Robots(found ? answer->body : "", kCrawlerToken);
            break;
        }
        pause_ = std::max(site_.pause, Duration{std::chrono::seconds(robots_.delay_seconds())});
        const auto start = web_address(site_.start);
        if (start && !robots_.allows(start->path)) {
            visit_.outcome = "refused";
            return false;
        }
        return true;
    }

    void read_sitemaps() {
        std::deque<std::string> maps;
        for (const std::string &map : robots_.sitemaps())
            maps.push_back(map);
        if (maps.empty()) maps.push_back(origin_ + "/sitemap.xml");
        std::set<std::string> asked;
        while (!maps.empty() && asked.size() < kMostSitemaps && !stopped()) {
            const auto address = web_address(maps.front(), origin_ + "/");
            maps.pop_front();
            if (!address || address->origin != origin_ || !asked.insert(address->whole).second) {
                continue;
            }
            rest();
            const auto answer = fetch({.url = address->whole});
            if (!answer || answer->status != 200) continue;
            const Sitemap map = read_sitemap(answer->body);
            for (const std::string &more : map.maps)
                maps.push_back(more);
            for (const std::string &page : map.pages)
                enqueue(page, 1, 0);
        }
    }

    Expected<void> read_pages() {
        while (!waiting_.empty() && visit_.outcome.empty()) {
            if (visit_.asked >= site_.most_pages || bytes_ >= site_.most_bytes || too_long()) {
                visit_.limited = true;
                return {};
            }
            if (stopped()) {
                visit_.outcome = "stopped";
                return {};
            }
            const Waiting next = waiting_.front();
            waiting_.pop_front();
            rest();
            if (auto done = read_one(next); !done) return done;
        }
        return {};
    }

    Expected<void> read_one(const Waiting &next) {
        if (options_.progress) options_.progress(visit_);
        ++visit_.asked;
        const auto known = known_.find(next.url);
        FetchRequest request{.url = next.url};
        if (known != known_.end() && !known->second.gone) {
            request.etag = known->second.etag;
            request.last_modified = known->second.last_modified;
        }
        const auto answer = fetch(request);
        if (!answer && left_) { // not the page's fault
            visit_.outcome = "stopped";
            return {};
        }
        if (!answer) return failed(next, answer.error());
        if (answer->status == 429 || answer->status == 503) {
            visit_.outcome = "asked_to_leave"; // the next visit tries again
            return {};
        }
        if (answer->status >= 500)
            return failed(next, {ProblemKind::unavailable, "website.server_error"});
        in_a_row_ = 0;
        if (answer->status == 304 && known != known_.end()) return unchanged(next, known->second);
        if (is_redirect(answer->status)) return redirected(next, *answer);
        if (answer->status != 200) return gone(next);
        if (!is_page(answer->content_type, answer->body)) return refused(next);
        return take(next, *answer);
    }

    Expected<void> take(const Waiting &next, const Fetched &answer) {
        StoredPage stored{.url = next.url,
                          .page = read_page(answer.body, answer.content_type),
                          .links = {},
                          .etag = answer.etag,
                          .last_modified = answer.last_modified};
        const auto base = web_address(stored.page.base, next.url);
        if (stored.page.follow) {
            for (const std::string &link : stored.page.links) {
                const auto address =
                    web_address(link, stored.page.base.empty() || !base ? next.url : base->whole);
                if (address && address->origin == origin_) stored.links.push_back(address->whole);
            }
        }
        for (const std::string &link : stored.links)
            enqueue(link, next.depth + 1, 0);
        if (!stored.page.index || stored.page.sections.empty()) return refused(next);
        const auto changed = store_.put(stored);
        if (!changed) return tl::unexpected(changed.error());
        ++(*changed ? visit_.stored : visit_.unchanged);
        if (*changed) fresh_[next.url] = **changed;
        alive_.insert(next.url);
        return {};
    }

    Expected<void> unchanged(const Waiting &next, const KnownPage &page) {
        ++visit_.unchanged;
        alive_.insert(next.url);
        for (const std::string &link : page.links)
            enqueue(link, next.depth + 1, 0);
        return store_.seen_again(next.url);
    }

    // The page lives at another address now.
    Expected<void> redirected(const Waiting &next, const Fetched &answer) {
        const auto target = web_address(answer.location, next.url);
        const bool here = target && target->origin == origin_;
        if (here && next.redirects < kMostRedirects) {
            enqueue(target->whole, next.depth, next.redirects + 1);
        } else {
            ++visit_.refused;
            leads_elsewhere_ = leads_elsewhere_ || (target && !here && next.depth == 0);
        }
        return gone(next);
    }

    Expected<void> refused(const Waiting &next) {
        ++visit_.refused;
        return gone(next);
    }
    Expected<void> gone(const Waiting &next) {
        const auto known = known_.find(next.url);
        if (known != known_.end() && !known->second.gone) lost_.insert(next.url);
        return {};
    }

    // What could not be read today stays as it was.
    Expected<void> failed(const Waiting &next, const Problem &problem) {
        ++visit_.failed;
        alive_.insert(next.url);
        log::info("website.page_failed", {{"problem", describe(problem)}});
        const bool server = problem.code != "website.too_large";
        if (server && ++in_a_row_ >= kMostFailuresInARow) visit_.outcome = "failing";
        return {};
    }

    Expected<void> take_effect() {
        // Its pages were forgotten while it was read; none may come back.
        if (options_.withdrawn && options_.withdrawn()) {
            visit_.outcome = "stopped";
            visit_.stored = 0;
            return store_.begin();
        }
        if (visit_.outcome.empty() && !visit_.limited) {
            for (const auto &[url, page] : known_) {
                if (!page.gone && !alive_.contains(url)) lost_.insert(url);
            }
        }
        if (looks_like_an_outage() && !options_.allow_mass_deletion) {
            visit_.outcome = "kept";
            visit_.stored = 0;
            return store_.begin();
        }
        visit_.gone = static_cast<std::int64_t>(lost_.size());
        if (auto done = store_.accept(); !done) return done;
        return store_.remove({lost_.begin(), lost_.end()});
    }

    // By different texts: a new website has new ones, a maintenance page has the same everywhere.
    bool looks_like_an_outage() {
        std::set<std::string> before, after;
        for (const auto &[url, page] : known_) {
            if (page.gone) continue;
            before.insert(page.hash);
            if (!lost_.contains(url) && !fresh_.contains(url)) after.insert(page.hash);
        }
        for (const auto &[url, hash] : fresh_)
            after.insert(hash);
        visit_.texts_before = static_cast<std::int64_t>(before.size());
        visit_.texts_after = static_cast<std::int64_t>(after.size());
        if (before.empty() || after.size() >= before.size()) return false;
        const std::size_t lost = before.size() - after.size();
        return after.empty() || (lost > kFewTexts && lost * 100 > before.size() * kMostLostPercent);
    }

    void enqueue(const std::string &url, int depth, int redirects) {
        const auto address = web_address(url, origin_ + "/");
        if (!address || address->origin != origin_) return;
        if (!seen_.insert(address->whole).second) return;
        if (!is_worth_asking(*address)) return;
        if (depth > site_.most_depth || waiting_.size() >= kMostWaiting) {
            visit_.limited = true;
            return;
        }
        if (!robots_.allows(address->path)) {
            ++visit_.refused;
            return;
        }
        waiting_.push_back({address->whole, depth, redirects});
    }

    Expected<Fetched> fetch(FetchRequest request) {
        request.most_bytes = site_.most_bytes_of_a_page;
        request.longest = site_.longest_request;
        request.stop = [this] { return stopped(); };
        auto answer = options_.fetcher.fetch(request);
        if (answer) bytes_ += answer->body.size();
        return answer;
    }

    void rest() {
        if (options_.wait) return options_.wait(pause_);
        // In pieces, so that a stopping service does not wait for it.
        for (Duration left = pause_; left > Duration{} && !stopped();) {
            const Duration piece = std::min<Duration>(left, 200ms);
            std::this_thread::sleep_for(piece);
            left -= piece;
        }
    }
    [[nodiscard]] bool stopped() { return left_ = left_ || (options_.stop && options_.stop()); }
    [[nodiscard]] bool too_long() const {
        return std::chrono::steady_clock::now() - began_ > site_.longest_visit;
    }

    const WebsiteSite &site_;
    const VisitOptions &options_;
    WebsiteStore store_;
    std::chrono::steady_clock::time_point began_;
    std::string origin_;
    Robots robots_ = Robots::nothing();
    Duration pause_{};
    std::map<std::string, KnownPage> known_;
    std::deque<Waiting> waiting_;
    std::set<std::string> seen_;
    std::set<std::string> alive_;
    std::set<std::string> lost_;               // known ones that are not there any more
    std::map<std::string, std::string> fresh_; // new texts' hashes, staged
    std::size_t bytes_ = 0;
    int in_a_row_ = 0;
    bool left_ = false;            // asked to stop
    bool leads_elsewhere_ = false; // the start
    Visit visit_;
};

} // namespace

Expected<Visit> visit_site(storage::Database &database, const Clock &clock, const WebsiteSite &site,
                           const VisitOptions &options) {
    return Crawl(database, clock, site, options).run();
}

} // namespace fernamt::knowledge
