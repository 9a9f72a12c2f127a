// SPDX-License-Identifier: EUPL-1.2
// One running Fernamt, composed by constructors: database, ledger, media, SIP, exchange, people,
// knowledge, reporting, web. start() either runs everything or says what could not start and why;
// stop() ends in the opposite order and leaves a snapshot. This is the only place that knows all
// rooms.
#pragma once

#include "app/config.h"
#include "base/problem.h"
#include "ledger/ledger.h"
#include "storage/database.h"
#include "telephony/exchange.h"

#include <memory>
#include <string>

namespace fernamt::app {

class System {
  public:
    struct Options {
        Config config;
        // Runs once on the open database before anything else starts (the demo's seeding).
        std::function<Expected<void>(storage::Database &)> prepare;
        bool keep_media_running = false; // for tests of a hard stop
    };
    [[nodiscard]] static Expected<std::unique_ptr<System>> start(Options options);
    ~System(); // stops
    System(const System &) = delete;
    System &operator=(const System &) = delete;

    // New calls and OPTIONS get 503 from now on (a peer with two of us sends them elsewhere);
    // running ones go on.
    void stop_accepting();
    [[nodiscard]] std::int64_t live_calls() const;
    void stop();

    [[nodiscard]] int web_port() const;
    [[nodiscard]] int sip_port() const; // of the first listener
    [[nodiscard]] std::size_t open_legs() const;
    [[nodiscard]] telephony::Exchange &exchange();
    [[nodiscard]] storage::Database &database();
    [[nodiscard]] ledger::Ledger &ledger();

  private:
    struct Parts;
    explicit System(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

} // namespace fernamt::app
