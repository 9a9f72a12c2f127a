// SPDX-License-Identifier: EUPL-1.2
#include "app/serve.h"

#include "app/exit_codes.h"
#include "app/system.h"
#include "base/log.h"

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

void wait_for_stop(int seconds) {
    const sigset_t set = stop_signals();
    if (seconds <= 0) {
        int received = 0;
        sigwait(&set, &received);
        return;
    }
    const timespec limit{seconds, 0};
    sigtimedwait(&set, nullptr, &limit);
}

int serve(const Config &config) {
    block_stop_signals();
    auto system = System::start({.config = config, .prepare = {}});
    if (!system) return report(system.error());
    log::info("fernamt.running",
              {{"web_port", (*system)->web_port()}, {"sip_port", (*system)->sip_port()}});
    wait_for_stop();
    log::info("fernamt.stopping");
    (*system)->stop();
    return kOk;
}

} // namespace fernamt::app
