// SPDX-License-Identifier: EUPL-1.2
// The REST API as one object: give it the parts of the house, take the router and the two answers
// that net/ and telephony/ ask for. It must outlive the server. Adapters only: parse, authorise,
// call, render; nothing is decided here.
//
//     web::Api api({...});
//     auto server = net::Server::create(options, api.router(), hub, api.authorise_events());
#pragma once

#include "base/time.h"
#include "knowledge/search.h"
#include "ledger/ledger.h"
#include "net/http.h"
#include "reporting/projector.h"
#include "storage/database.h"
#include "telephony/exchange.h"

#include <functional>
#include <memory>

namespace fernamt::web {

struct ApiParts {
    telephony::Exchange &exchange;
    storage::Database &database;
    ledger::Ledger &ledger;
    const Clock &clock;
    net::EventHub &hub;
    reporting::Projector &projector;
    const knowledge::Catalogue &catalogue;
    // May be empty.
    std::function<std::int64_t()> event_streams; // open ones, for the metrics
    std::function<bool()> draining;              // shutting down: not ready any more
};

} // namespace fernamt::web
