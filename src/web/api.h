// SPDX-License-Identifier: EUPL-1.2
// The REST API as one object: give it the parts of the house, take the router and the answer that
// the event stream needs. It must outlive the server. Adapters only: parse, authorise, call,
// render; nothing is decided here.
//
//     web::Api api({...});
//     auto server = net::Server::create(options, api.router(), hub, api.authorise_events());
#pragma once

#include "base/phone_number.h"
#include "base/time.h"
#include "knowledge/delivery_office.h"
#include "knowledge/search.h"
#include "ledger/ledger.h"
#include "net/http.h"
#include "reporting/projector.h"
#include "storage/database.h"
#include "telephony/announcements_files.h"
#include "telephony/exchange.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fernamt::knowledge {
class WebsiteOffice;
} // namespace fernamt::knowledge

namespace fernamt::web {

struct ApiParts {
    telephony::Exchange &exchange;
    storage::Database &database;
    ledger::Ledger &ledger;
    const Clock &clock;
    net::EventHub &hub;
    reporting::Projector &projector;
    const knowledge::Catalogue &catalogue;
    telephony::FileAnnouncements &announcements;
    knowledge::DeliveryOffice &deliveries;
    knowledge::WebsiteOffice &websites;
    std::function<bool()> draining;  // shutting down: not ready any more; may be empty
    bool tls = false;                // then the session cookie is Secure
    bool public_pages = false;       // everybody may read released texts, without signing in
    std::string public_address = {}; // "https://auskunft.example.de"; empty: as the request says
    std::vector<std::string> metrics_from = {"127.0.0.0/8", "::1"}; // who may read /metrics
    // Key of the configuration whose rule keeps us from calling this number; empty: we may.
    std::function<std::string(const PhoneNumber &)> forbidden_by = {}; // may be empty: all
};

class Api {
  public:
    explicit Api(ApiParts parts);
    ~Api();
    Api(const Api &) = delete;
    Api &operator=(const Api &) = delete;

    [[nodiscard]] net::Router router();
    // From now until stop(): changes that were planned are made at their instants, those that are
    // overdue at once. After router().
    void start();
    void stop();
    // What the thread behind start() does: makes what is due, says when the next one will be.
    std::optional<Instant> make_planned_changes();
    // The audience of a session: web/audience.h.
    [[nodiscard]] net::Server::AuthoriseEvents authorise_events();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// For Exchange's on_change: "desk" to the agents concerned, "situation" to the service centre.
void publish_change(net::EventHub &hub, const telephony::Exchange::Changed &changed);

// For DeliveryOffice's on_change: "deliveries" to the service centre, "knowledge" to everybody.
void publish_delivery(net::EventHub &hub, bool knowledge_changed);

// For SearchKeeper's on_built: "knowledge" to everybody, who ask again what they were shown by
// names.
void publish_search_built(net::EventHub &hub);

} // namespace fernamt::web
