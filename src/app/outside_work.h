// SPDX-License-Identifier: EUPL-1.2
// What a running office does with others that may be slow: reading the towns' directory services
// for transfers (their websites: knowledge/website_office.h), reminding editors by e-mail, looking
// at the towns' budgets and telling finance. Each in a thread of its own, so that nothing of the
// house waits for it; stopping it takes as long as one request. Failures are logged and tried
// again.
#pragma once

#include "app/config.h"
#include "base/time.h"
#include "knowledge/website_rules.h"
#include "storage/database.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace fernamt::app {

[[nodiscard]] std::vector<knowledge::WebsiteSite> website_sites(const Config &config);
[[nodiscard]] knowledge::SiteGuard website_guard(const Config &config);

class OutsideWork {
  public:
    // All of them must outlive it.
    OutsideWork(storage::Database &database, const Clock &clock, const Config &config);
    ~OutsideWork();
    OutsideWork(const OutsideWork &) = delete;
    OutsideWork &operator=(const OutsideWork &) = delete;
    void stop();

  private:
    void run_directories();
    void run_reminders();
    void run_finance();
    void every(Duration interval, const std::function<void()> &work);

    storage::Database &database_;
    const Clock &clock_;
    const Config &config_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::atomic<bool> stops_ = false;
    std::thread directories_;
    std::thread reminders_;
    std::thread finance_;
};

} // namespace fernamt::app
