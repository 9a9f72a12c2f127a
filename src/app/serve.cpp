// SPDX-License-Identifier: EUPL-1.2
#include "app/serve.h"

#include "app/exit_codes.h"
#include "app/system.h"
#include "base/log.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <csignal>
#include <ctime>

namespace fernamt::app {

namespace {

sigset_t stop_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    return set;
}

} // namespace

void block_stop_signals() {
    const sigset_t set = stop_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN); // a file at its limit is a full disk: an error, no death
}

bool wait_for_stop(int seconds) {
    const sigset_t set = stop_signals();
    if (seconds <= 0) {
        int received = 0;
        sigwait(&set, &received);
        return true;
    }
    const timespec limit{seconds, 0};
    return sigtimedwait(&set, nullptr, &limit) > 0;
}

namespace {

// New calls go elsewhere by now; those that run have this long to end by themselves. A second
// signal is somebody who does not want to wait.
void let_calls_end(System &system, int seconds) {
    system.stop_accepting();
    const auto open = system.live_calls();
    if (open > 0) log::info("fernamt.draining", {{"calls", open}, {"seconds", seconds}});
    for (int i = 0; i < seconds && system.live_calls() > 0; ++i) {
        if (wait_for_stop(1)) return;
    }
}

} // namespace

int serve(const Config &config) {
    block_stop_signals();
    auto system = System::start({.config = config, .prepare = {}});
    if (!system) return report(system.error());
    if (!config.website_private_hosts.empty()) {
        log::warning("website.private_hosts",
                     {{"hosts", fmt::format("{}", fmt::join(config.website_private_hosts, " "))},
                      {"meaning", "pages of these hosts are read inside the own network, wherever "
                                  "their names lead"}});
    }
    log::info("fernamt.running",
              {{"web_port", (*system)->web_port()}, {"sip_port", (*system)->sip_port()}});
    wait_for_stop();
    log::info("fernamt.stopping");
    let_calls_end(**system, config.sip_drain_seconds);
    (*system)->stop();
    return kOk;
}

} // namespace fernamt::app
