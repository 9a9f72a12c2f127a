// SPDX-License-Identifier: EUPL-1.2
#include "web/api.h"

#include "knowledge/search_gaps.h"
#include "people/municipalities.h"
#include "people/sessions.h"
#include "people/users.h"
#include "web/audience.h"
#include "web/public_site.h"
#include "web/recordings.h"
#include "web/routes.h"
#include "web/rule_change.h"
#include "web/rule_history_routes.h"
#include "web/rule_plans.h"
#include "web/towns.h"

namespace fernamt::web {

namespace {

Expected<std::vector<Town>> load_towns(const people::Municipalities &municipalities) {
    auto all = municipalities.all();
    if (!all) return tl::unexpected(all.error());
    std::vector<Town> towns;
    for (auto &one : *all) {
        towns.push_back(
            {one.id, std::move(one.name), std::move(one.short_name), std::move(one.greeting)});
    }
    return towns;
}

} // namespace

struct Api::Impl {
    explicit Impl(ApiParts given) : parts(std::move(given)) {}

    Expected<people::Principal> find_caller(const std::string &token) {
        auto user = sessions.find(token);
        if (!user) return tl::unexpected(user.error());
        return user->principal();
    }

    ApiParts parts;
    people::Sessions sessions{parts.database, parts.clock};
    people::Users users{parts.database, parts.clock};
    people::Municipalities municipalities{parts.database, parts.clock};
    Towns towns{[this] { return load_towns(municipalities); }};
    RuleChange rules{parts.database, parts.exchange, parts.hub, parts.clock};
    RulePlans plans{rules, parts.database, parts.hub, parts.clock};
    Recordings recordings{parts.database, parts.ledger, parts.announcements, parts.clock};
    knowledge::SearchGaps gaps{parts.database};
    PublicSite site{parts, municipalities};
    HttpTimes times;
    Gate gate{[this](const std::string &token) { return find_caller(token); }, parts.clock, times};
};

Api::Api(ApiParts parts) : impl_(std::make_unique<Impl>(std::move(parts))) {}
Api::~Api() = default;

net::Router Api::router() {
    Impl &it = *impl_;
    net::Router router;
    add_operations_routes(router, it.gate, it.parts, it.times);
    add_session_routes(router, it.gate, it.parts, it.sessions, it.users);
    add_desk_routes(router, it.gate, it.parts, it.towns);
    add_call_routes(router, it.gate, it.parts);
    add_knowledge_routes(router, it.gate, it.parts, it.gaps);
    add_article_routes(router, it.gate, it.parts);
    add_directory_routes(router, it.gate, it.parts, it.towns);
    add_knowledge_website_routes(router, it.gate, it.parts, it.towns);
    add_knowledge_synonym_routes(router, it.gate, it.parts, it.towns);
    add_knowledge_editing_routes(router, it.gate, it.parts, it.users);
    add_knowledge_work_routes(router, it.gate, it.parts, it.users, it.gaps);
    add_knowledge_delivery_routes(router, it.gate, it.parts, it.users);
    add_knowledge_guide_routes(router, it.gate, it.parts);
    add_knowledge_matrix_routes(router, it.gate, it.parts, it.municipalities, it.users, it.towns);
    add_public_routes(router, it.gate, it.site);
    add_public_api_routes(router, it.gate, it.site);
    add_pvog_routes(router, it.gate, it.site);
    add_situation_routes(router, it.gate, it.parts, it.towns);
    add_municipality_routes(router, it.gate, it.parts, it.municipalities, it.rules, it.towns);
    add_line_routes(router, it.gate, it.parts, it.rules, it.municipalities);
    add_distribution_routes(router, it.gate, it.parts, it.rules, it.plans);
    add_rule_history_routes(router, it.gate, it.parts, it.rules, it.towns);
    add_crisis_routes(router, it.gate, it.parts, it.rules, it.plans, it.sessions);
    add_callback_routes(router, it.gate, it.parts);
    add_notice_routes(router, it.gate, it.parts);
    add_why_routes(router, it.gate, it.parts, it.towns);
    add_report_routes(router, it.gate, it.parts);
    add_audit_routes(router, it.gate, it.parts);
    add_area_routes(router, it.gate, it.municipalities);
    add_price_routes(router, it.gate, it.parts, it.municipalities);
    add_announcement_routes(router, it.gate, it.parts, it.municipalities, it.recordings);
    add_agent_routes(router, it.gate, it.users, it.rules);
    add_settings_routes(router, it.gate, it.parts, it.municipalities, it.rules, it.plans);
    add_invoice_routes(router, it.gate, it.parts, it.towns);
    add_document_routes(router, it.gate, it.parts, it.towns);
    add_run_routes(router, it.gate, it.parts, it.towns);
    add_partner_routes(router, it.gate, it.parts);
    add_classification_routes(router, it.gate, it.parts, it.towns);
    add_dispute_routes(router, it.gate, it.parts, it.towns);
    add_agreement_routes(router, it.gate, it.parts, it.municipalities, it.rules, it.towns);
    add_onboarding_routes(router, it.gate, it.parts, it.municipalities, it.towns);
    add_cost_routes(router, it.gate, it.parts, it.municipalities, it.towns);
    return router;
}

std::optional<Instant> Api::make_planned_changes() {
    return impl_->plans.make_due();
}

void Api::start() {
    impl_->plans.start();
}

void Api::stop() {
    impl_->plans.stop();
}

net::Server::AuthoriseEvents Api::authorise_events() {
    return [this](const net::Request &request) -> std::optional<std::string> {
        // An open stream is no activity: the idle time of a session runs on.
        const auto user = impl_->sessions.find(session_token(request), false);
        if (!user) return std::nullopt;
        return audience_of(user->principal());
    };
}

void publish_change(net::EventHub &hub, const telephony::Exchange::Changed &changed) {
    for (const AgentId agent : changed.agents) {
        const UserId user{agent.value};
        hub.publish({"desk", "{}",
                     [user](const std::string &audience) { return is_user(audience, user); }});
    }
    if (changed.situation) hub.publish({"situation", "{}", is_centre});
}

void publish_delivery(net::EventHub &hub, bool knowledge_changed) {
    hub.publish({"deliveries", "{}", is_centre});
    if (knowledge_changed) hub.publish({"knowledge", "{}", {}});
}

void publish_search_built(net::EventHub &hub) {
    hub.publish({"knowledge", "{}", {}});
}

} // namespace fernamt::web
