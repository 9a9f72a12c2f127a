// SPDX-License-Identifier: EUPL-1.2
// Inside of EventHub: a ring of the latest events, already in wire form. Readers keep a cursor (the
// id they have seen) and fetch what came after it, so there is no queue per client to bound. Ids
// are the epoch (start of the process in microseconds) plus a counter: an id of an earlier process
// is below the epoch and is recognised as a gap. Also counts who listens.
#pragma once

#include "net/http.h"

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>

namespace fernamt::net {

struct EventHub::Impl {
    struct Entry {
        std::int64_t id = 0;
        std::string text; // "id: 7\nevent: desk\ndata: {}\n\n"
        std::function<bool(const std::string &)> visible_to;
    };
    struct Batch {
        std::string text;        // what this audience gets; may be empty
        std::int64_t cursor = 0; // the newest event looked at
        bool gap = false;        // the cursor is no longer (or never was) in the ring
    };

    Impl(std::size_t remembered, Instant epoch);
    void publish(EventHub::Event event);
    [[nodiscard]] std::int64_t newest() const;
    [[nodiscard]] Batch after(std::int64_t cursor, const std::string &audience) const;

    // `wake` is called (from any thread, must return at once) after each publish.
    int subscribe(std::function<void()> wake);
    void unsubscribe(int subscription);

    // A number that grows with each recheck_listeners(): a stream that has seen a smaller one asks.
    [[nodiscard]] std::uint64_t rechecks() const { return rechecks_; }
    void recheck_listeners();
    void count_listener(const std::string &audience, int by);
    [[nodiscard]] int listeners() const;
    [[nodiscard]] int listeners(const std::string &audience) const;

  private:
    mutable std::mutex mutex_;
    const std::size_t remembered_;
    std::int64_t newest_;
    std::deque<std::shared_ptr<const Entry>> ring_;
    std::map<int, std::function<void()>> wakes_;
    int next_subscription_ = 1;
    std::map<std::string, int> listeners_; // by audience, none of them 0
    std::atomic<std::uint64_t> rechecks_ = 0;
};

} // namespace fernamt::net
