// SPDX-License-Identifier: EUPL-1.2
// Reads the towns' websites while the program runs: those of the configuration and those that
// editors have entered (website_rules.h), one after the other in a thread of its own, when their
// time has come or somebody asks. A change is in effect at once: what is not to be read any more is
// left in the middle of a request, and its pages leave the search. Failures are logged and tried
// again after an hour, or when somebody asks; whatever breaks while it reads ends that reading
// only.
#pragma once

#include "knowledge/website_rules.h"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace fernamt::knowledge {

struct WebsiteProgress {
    std::string start;
    Instant began_at;
    std::int64_t asked = 0;
    std::int64_t stored = 0;
};

class WebsiteOffice {
  public:
    struct Options {
        std::vector<WebsiteSite> configured;
        SiteGuard guard;
        Duration every = std::chrono::hours(24); // 0: only when somebody asks
    };
    // Reads nothing before start(). Database and clock must outlive it.
    WebsiteOffice(storage::Database &database, const Clock &clock, Options options);
    ~WebsiteOffice(); // stops
    WebsiteOffice(const WebsiteOffice &) = delete;
    WebsiteOffice &operator=(const WebsiteOffice &) = delete;
    void start();
    void stop(); // also in the middle of a request

    [[nodiscard]] const SiteGuard &guard() const { return options_.guard; }
    [[nodiscard]] bool reads_by_itself() const { return options_.every > Duration{}; }
    // After a change of the rules, or a wish.
    void look_again();
    // What is being read now. Nothing: none.
    [[nodiscard]] std::optional<WebsiteProgress> progress() const;

  private:
    struct Due {
        StandingSite chosen;
        std::optional<Instant> wished_at; // somebody asked for it
        bool losses_meant = false;
    };
    void run();
    [[nodiscard]] bool look(); // whether there was something to read
    void forget();
    [[nodiscard]] std::optional<Due> next_due();
    void read(const Due &due);
    [[nodiscard]] Expected<Visit> visit(const Due &due, Instant began);
    [[nodiscard]] bool is_dropped(const StandingSite &chosen) const;
    [[nodiscard]] bool withdrawn(const StandingSite &chosen, int &seen);
    [[nodiscard]] Expected<std::vector<StandingSite>> standing() const;

    storage::Database &database_;
    const Clock &clock_;
    const Options options_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    bool stops_ = false;
    std::atomic<int> changes_ = 0;
    std::optional<WebsiteProgress> progress_;
    std::map<std::string, Instant> failed_; // began then; by our own fault, so none was noted
    std::thread thread_;
};

} // namespace fernamt::knowledge
