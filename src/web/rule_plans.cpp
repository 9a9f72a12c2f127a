// SPDX-License-Identifier: EUPL-1.2
#include "web/rule_plans.h"

#include "base/log.h"
#include "people/audit.h"
#include "people/rules.h"
#include "web/request_values.h"

#include <algorithm>

namespace fernamt::web {

namespace {

using people::PlannedChange;
using storage::Connection;

constexpr Duration kFarthest = 2 * 366 * 24h; // beyond it nobody remembers why
constexpr auto kAgainAfter = 30s;             // the database or the exchange was not there
constexpr auto kLongestSleep = 60s;           // the computer's clock may be set meanwhile

// The stored request as a handler wants it.
struct Replay {
    net::Request request;
    people::Principal caller;
};

Replay replay_of(const PlannedChange &plan, const net::Router &patterns, std::string &pattern) {
    Replay replay;
    replay.request.method = plan.method;
    replay.request.path = plan.path;
    replay.request.body = plan.body;
    if (plan.version) replay.request.headers["if-match"] = std::to_string(*plan.version);
    replay.caller.user = plan.by;
    replay.caller.roles.add(plan.office);
    auto match = patterns.match(plan.method, plan.path);
    pattern = match.handler == nullptr ? std::string() : match.pattern;
    replay.request.path_parameters = std::move(match.parameters);
    return replay;
}

bool waits(const PlannedChange &plan) {
    return !plan.refused_at;
}

} // namespace

bool is_for_later(const net::Request &request) {
    return request.query.contains("from");
}

Expected<Instant> planned_instant(const Incoming &incoming) {
    const auto text = query_text(incoming.request, "from", 40);
    if (!text) return tl::unexpected(text.error());
    const auto at = parse_iso8601(*text);
    if (!at) return invalid_value("from", "not_an_instant");
    if (*at <= incoming.now) return invalid_value("from", "in_the_past");
    if (*at > incoming.now + kFarthest) return invalid_value("from", "too_far");
    return *at;
}

void RulePlans::know(std::string_view method, std::string_view pattern, Prepare prepare) {
    std::pair route{std::string(method), std::string(pattern)};
    if (known_.contains(route)) return; // from another router that the API gave out
    patterns_.add(route.first, route.second, [](const net::Request &) { return net::Response{}; });
    known_.emplace(std::move(route), std::move(prepare));
}

Expected<PlannedChange> RulePlans::read_plan(const Incoming &incoming, Instant at) const {
    PlannedChange plan;
    plan.at = at;
    plan.method = incoming.request.method;
    plan.path = incoming.request.path;
    plan.body = incoming.request.body;
    plan.planned_on = incoming.now;
    plan.by = incoming.caller.user;
    plan.office = incoming.caller.roles.contains(people::Role::lead) ? people::Role::lead
                                                                     : people::Role::admin;
    if (header_of(incoming.request, "if-match").empty()) return plan;
    const auto version = expected_version(incoming.request);
    if (!version) return tl::unexpected(version.error());
    plan.version = *version;
    return plan;
}

Expected<RulePlans::Plans> RulePlans::stored() {
    Expected<Plans> plans;
    const auto read = database_.read([&](Connection &connection) -> Expected<void> {
        plans = people::planned_changes(connection);
        if (!plans) return tl::unexpected(plans.error());
        return {};
    });
    if (!read) return tl::unexpected(read.error());
    return plans;
}

Expected<RulePlans::Made> RulePlans::make(const people::Change &change,
                                          const PlannedChange &plan) const {
    std::string pattern;
    const Replay replay = replay_of(plan, patterns_, pattern);
    const auto known = known_.find(std::pair{plan.method, pattern});
    if (known == known_.end()) return fail(ProblemKind::not_found, "distribution.not_found");
    const Incoming incoming{replay.request, replay.caller, Language::german, change.at};
    const auto make = known->second(incoming);
    if (!make) return tl::unexpected(make.error());
    auto made = (*make)(change);
    if (!made) return made;
    if (auto moved = people::move_on(change.connection, plan.path); !moved)
        return tl::unexpected(moved.error());
    return made;
}

// One that could not be made is passed over, as it will be at its instant. The list is read again
// after each, because plans follow each other.
Expected<void> RulePlans::make_those_before(Connection &connection, std::int64_t id) const {
    std::vector<std::int64_t> tried;
    for (;;) {
        const auto plans = people::planned_changes(connection);
        if (!plans) return tl::unexpected(plans.error());
        const auto next = std::ranges::find_if(*plans, [&](const PlannedChange &plan) {
            return waits(plan) && std::ranges::find(tried, plan.id) == tried.end();
        });
        if (next == plans->end() || next->id == id) return {};
        tried.push_back(next->id);
        (void)make({connection, next->at, next->by}, *next);
    }
}

namespace {

Expected<PlannedChange> find_plan(Connection &connection, std::int64_t id) {
    const auto plans = people::planned_changes(connection);
    if (!plans) return tl::unexpected(plans.error());
    const auto found = std::ranges::find(*plans, id, &PlannedChange::id);
    if (found == plans->end() || !waits(*found))
        return fail(ProblemKind::not_found, "distribution.not_found");
    return *found;
}

} // namespace

Expected<PlannedChange> RulePlans::plan(const Incoming &incoming, Instant at) {
    auto plan = read_plan(incoming, at);
    if (!plan) return plan;
    const auto tried = rules_.try_out([&](Connection &connection) -> Expected<void> {
        const auto id = people::insert_plan({connection, incoming.now, plan->by}, *plan);
        if (!id) return tl::unexpected(id.error());
        if (auto before = make_those_before(connection, *id); !before) return before;
        const auto now = find_plan(connection, *id); // with the version that it has by then
        if (!now) return tl::unexpected(now.error());
        const auto rows = people::RuleRows::read(connection);
        if (!rows) return tl::unexpected(rows.error());
        if (auto made = make({connection, at, plan->by}, *now); !made)
            return tl::unexpected(made.error());
        auto things = people::changed_since(connection, *rows);
        if (!things) return tl::unexpected(things.error());
        plan->things = std::move(*things);
        return {};
    });
    if (!tried) return tl::unexpected(tried.error());
    // Numbers that were given in a trial are not given.
    for (people::ChangedThing &thing : plan->things) {
        if (thing.how == people::RuleHow::added) thing.id = 0;
    }
    const auto written = database_.write([&](Connection &connection) -> Expected<void> {
        const people::Change change{connection, incoming.now, plan->by};
        const auto id = people::insert_plan(change, *plan);
        if (!id) return tl::unexpected(id.error());
        plan->id = *id;
        return people::record(connection, change.at, change.by, "rules.planned", *id);
    });
    if (!written) return tl::unexpected(written.error());
    changed();
    return plan;
}

Expected<RuleChange::Preview> RulePlans::preview(Connection &connection, std::int64_t id) const {
    if (auto before = make_those_before(connection, id); !before)
        return tl::unexpected(before.error());
    auto without = people::build_rules(connection);
    if (!without) return tl::unexpected(without.error());
    const auto plan = find_plan(connection, id);
    if (!plan) return tl::unexpected(plan.error());
    auto made = make({connection, plan->at, plan->by}, *plan);
    if (!made) return tl::unexpected(made.error());
    auto with = people::build_rules(connection);
    if (!with) return tl::unexpected(with.error());
    with->version = without->version;
    return RuleChange::Preview{std::move(*without), std::move(*with), std::move(*made)};
}

Expected<RuleChange::Preview> RulePlans::preview(const Incoming &incoming, Instant at) {
    const auto plan = read_plan(incoming, at);
    if (!plan) return tl::unexpected(plan.error());
    Expected<RuleChange::Preview> outcome;
    const auto tried = rules_.try_out([&](Connection &connection) -> Expected<void> {
        const auto id = people::insert_plan({connection, incoming.now, plan->by}, *plan);
        if (!id) return tl::unexpected(id.error());
        outcome = preview(connection, *id);
        if (!outcome) return tl::unexpected(outcome.error());
        return {};
    });
    if (!tried) return tl::unexpected(tried.error());
    return outcome;
}

Expected<RuleChange::Preview> RulePlans::preview(std::int64_t id) {
    Expected<RuleChange::Preview> outcome;
    const auto tried = rules_.try_out([&](Connection &connection) -> Expected<void> {
        outcome = preview(connection, id);
        if (!outcome) return tl::unexpected(outcome.error());
        return {};
    });
    if (!tried) return tl::unexpected(tried.error());
    return outcome;
}

Expected<std::vector<PlannedChange>> RulePlans::list() {
    auto plans = stored();
    if (!plans || std::ranges::none_of(*plans, waits)) return plans;
    const auto tried = rules_.try_out([&](Connection &connection) -> Expected<void> {
        plans = people::planned_changes(connection); // one may have been made since
        if (!plans) return tl::unexpected(plans.error());
        for (PlannedChange &plan : *plans) {
            if (!waits(plan)) continue;
            const auto now = find_plan(connection, plan.id);
            if (!now) return tl::unexpected(now.error());
            const auto made = make({connection, plan.at, plan.by}, *now);
            plan.problem.reset();
            if (!made) plan.problem = made.error();
        }
        return {};
    });
    if (!tried) return tl::unexpected(tried.error());
    return plans;
}

Expected<void> RulePlans::withdraw(UserId by, std::int64_t id) {
    auto closed = database_.write([&](Connection &connection) {
        return people::close_plan({connection, clock_.now(), by}, id, "rules.plan_withdrawn");
    });
    if (closed) changed();
    return closed;
}

void RulePlans::changed() {
    hub_.publish({"configuration", "{}", {}});
    {
        const std::scoped_lock lock(mutex_);
        news_ = true;
    }
    wake_.notify_all();
}

bool RulePlans::take_effect(const PlannedChange &plan) {
    const auto made = rules_.make(plan.by, [&](const people::Change &change) -> Expected<void> {
        // Withdrawn, or moved on by another plan, between reading and now.
        const auto now = find_plan(change.connection, plan.id);
        if (!now) return tl::unexpected(now.error());
        if (auto done = make(change, *now); !done) return tl::unexpected(done.error());
        return people::close_plan(change, plan.id, "rules.plan_took_effect");
    });
    if (made) return true;
    const auto left = stored();
    if (!left) return false;
    const auto still = std::ranges::find(*left, plan.id, &PlannedChange::id);
    if (still == left->end()) return true; // made or withdrawn; RuleChange has said what is amiss
    if (made.error().kind == ProblemKind::unavailable) return false;
    log::warning("rules.plan_refused", {{"plan", plan.id}, {"problem", describe(made.error())}});
    const auto refused = database_.write([&](Connection &connection) {
        return people::refuse_plan({connection, clock_.now(), plan.by}, plan.id, made.error());
    });
    if (refused) hub_.publish({"configuration", "{}", {}});
    return refused.has_value();
}

std::optional<Instant> RulePlans::make_due() {
    for (;;) {
        const auto plans = stored();
        if (!plans) {
            log::warning("rules.plans_unreadable", {{"problem", describe(plans.error())}});
            return clock_.now() + kAgainAfter;
        }
        const auto next = std::ranges::find_if(*plans, waits);
        if (next == plans->end()) return std::nullopt;
        if (next->at > clock_.now()) return next->at;
        if (!take_effect(*next)) return clock_.now() + kAgainAfter;
    }
}

void RulePlans::start() {
    thread_ = std::thread([this] { work(); });
}

void RulePlans::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stops_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void RulePlans::work() {
    std::unique_lock lock(mutex_);
    while (!stops_) {
        news_ = false;
        lock.unlock();
        const auto next = make_due();
        lock.lock();
        Duration sleep = kLongestSleep;
        if (next) sleep = std::clamp(*next - clock_.now(), Duration{0}, sleep);
        wake_.wait_for(lock, sleep, [this] { return stops_ || news_; });
    }
}

} // namespace fernamt::web
