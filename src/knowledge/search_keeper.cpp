// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/search_keeper.h"

#include "base/log.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace fernamt::knowledge {

namespace {

constexpr int kNiceness = 10; // of setpriority(2), which Linux keeps for each thread

} // namespace

SearchKeeper::SearchKeeper(Catalogue &catalogue, Options options)
    : catalogue_(catalogue), options_(std::move(options)), thread_([this] { run(); }) {}

SearchKeeper::~SearchKeeper() {
    stop();
}

void SearchKeeper::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stops_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

bool SearchKeeper::stops() {
    const std::scoped_lock lock(mutex_);
    return stops_;
}

void SearchKeeper::run() {
    (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness);
    auto pause = options_.every;
    for (;;) {
        pause = look() ? options_.every : std::min(pause * 2, options_.longest_pause);
        std::unique_lock lock(mutex_);
        if (wake_.wait_for(lock, pause, [this] { return stops_; })) return;
    }
}

bool SearchKeeper::look() {
    const bool missing = catalogue_.building().has_value();
    const auto done = catalogue_.refresh_index([this] { return stops(); });
    if (done) {
        if (missing && options_.on_built) options_.on_built();
        return true;
    }
    // By hand, at the command line: it will be there.
    if (done.error().code == "search.in_use" || stops()) return true;
    log::warning("search.refresh_failed", {{"problem", describe(done.error())}});
    return false;
}

} // namespace fernamt::knowledge
