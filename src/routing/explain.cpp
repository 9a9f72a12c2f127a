// SPDX-License-Identifier: EUPL-1.2
#include "routing/explain.h"

#include "routing/arrival.h"

#include <algorithm>

namespace fernamt::routing {

namespace {

std::int64_t whole_seconds(Duration duration) {
    return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

// The rules of the chain of arrival before the one that decided; none if it is not in the chain.
std::vector<Rule> passed_before(Rule decided) {
    std::vector<Rule> passed;
    for (const std::vector<Rule> &place : arrival_order()) {
        if (std::find(place.begin(), place.end(), decided) != place.end()) return passed;
        passed.insert(passed.end(), place.begin(), place.end());
    }
    return {};
}

// Fills one step from one effect; a decision that needs no explanation is left out.
struct Teller {
    WhyStep &step;

    bool operator()(const Announce &e) {
        step.what = "announce";
        step.passed = passed_before(*step.decided);
        step.saw = {{"announcement", static_cast<std::int64_t>(e.announcement)}};
        return saw(e.figures);
    }
    bool operator()(const Queue &e) {
        step.what = "queue";
        step.passed = passed_before(*step.decided);
        step.municipality = e.municipality;
        step.saw = {{"ahead", e.ahead}};
        if (e.queue) step.saw.push_back({"queue", e.queue.value});
        if (e.crisis) step.saw.push_back({"crisis", e.crisis.value});
        return saw(e.figures);
    }
    bool operator()(const Forward &e) {
        step.what = e.purpose == Outside::partner ? "to_partner" : "to_office";
        step.passed = passed_before(*step.decided);
        step.number = e.target;
        if (e.partner) step.saw = {{"partner", e.partner.value}};
        return saw(e.figures);
    }
    bool operator()(const Ring &e) {
        step.what = e.callback ? "ring_for_callback" : "ring";
        step.agent = e.agent;
        // Not how long that desk was idle: a time of one employee's.
        step.saw = {{"waited_seconds", whole_seconds(e.waited)}, {"relaxations", e.relaxations}};
        return true;
    }
    bool operator()(const StopRinging &e) {
        step.what = "stop_ringing";
        step.agent = e.agent;
        return true;
    }
    bool operator()(const Connect &e) {
        step.what = "connect";
        step.agent = e.agent;
        step.saw = {{"waited_seconds", whole_seconds(e.waited)}};
        return true;
    }
    bool operator()(const Transfer &e) {
        step.what = "transfer";
        step.agent = e.agent;
        step.number = e.target.number;
        return true;
    }
    bool operator()(const ConnectTransfer &) { return named("connect_target"); }
    bool operator()(const Requeue &) { return named("requeue"); }
    bool operator()(const StopTarget &) { return named("target_gave_back"); }
    bool operator()(const CallbackNoted &e) {
        step.what = "callback_noted";
        step.saw = {{"ahead", e.ahead}};
        return true;
    }
    bool operator()(const StillWaits &e) {
        step.what = "still_waits";
        step.saw = {{"relaxations", e.relaxations}};
        if (e.sleeps_until) {
            step.saw.push_back({"sleeps_seconds", whole_seconds(*e.sleeps_until - step.at)});
        }
        return saw(e.figures);
    }
    bool operator()(const SortedAnew &e) {
        step.what = e.crisis ? "into_crisis" : "out_of_crisis";
        if (e.crisis) step.saw = {{"crisis", e.crisis.value}};
        return saw(e.figures);
    }
    bool operator()(const CallBack &e) {
        step.what = "call_back";
        step.agent = e.agent;
        return true;
    }
    bool operator()(const Consult &e) {
        step.what = "consult";
        step.agent = e.agent;
        return true;
    }
    bool operator()(const EndConsult &) { return named("end_consult"); }
    bool operator()(const Conference &) { return named("conference"); }
    bool operator()(const HandOver &e) {
        step.what = "hand_over";
        step.agent = e.agent;
        return true;
    }
    bool operator()(const Corrected &e) {
        step.what = "corrected";
        step.agent = e.agent;
        step.municipality = e.to;
        return true;
    }
    bool operator()(const End &e) {
        step.what = "end";
        step.municipality = e.municipality;
        step.number = e.number;
        step.saw = {{"talk_seconds", whole_seconds(e.talk)},
                    {"total_seconds", whole_seconds(step.at - e.offered_at)},
                    {"transfers", e.transfers}};
        return true;
    }
    template <class Other>
    bool operator()(const Other &) {
        return false; // sound and states: they follow from the ones above
    }

  private:
    bool saw(const Figures &figures) {
        const auto count = [&](std::string_view name, const std::optional<std::int64_t> &value) {
            if (value) step.saw.push_back({name, *value});
        };
        const auto length = [&](std::string_view name, const std::optional<Duration> &value) {
            if (value) step.saw.push_back({name, whole_seconds(*value)});
        };
        const auto instant = [&](std::string_view name, const std::optional<Instant> &value) {
            if (value) step.saw.push_back({name, value->us});
        };
        count("waiting", figures.waiting);
        count("most_waiting", figures.most_waiting);
        length("waited_seconds", figures.waited);
        length("most_wait_seconds", figures.most_wait);
        length("head_start_seconds", figures.head_start);
        count("signed_in", figures.signed_in);
        instant("from_at", figures.from);
        instant("until_at", figures.until);
        instant("opens_at", figures.opens);
        return true;
    }
    bool named(std::string_view what) {
        step.what = what;
        return true;
    }
};

std::optional<WhyStep> offered(const Recorded &entry) {
    const auto *call = entry.event ? std::get_if<CallOffered>(&*entry.event) : nullptr;
    if (!call) return std::nullopt;
    WhyStep step;
    step.at = entry.at;
    step.what = "offered";
    if (call->dialled) {
        step.number = call->dialled->number;
        step.municipality = call->dialled->municipality;
        step.saw = {{"dialled_source", static_cast<std::int64_t>(call->dialled->source)}};
    }
    if (call->from) step.saw.push_back({"from_partner", call->from.value});
    if (call->hops > 0) step.saw.push_back({"hops", call->hops});
    return step;
}

} // namespace

std::vector<WhyStep> explain(std::span<const Recorded> call) {
    std::vector<WhyStep> steps;
    for (const Recorded &entry : call) {
        if (auto first = offered(entry)) steps.push_back(std::move(*first));
        if (!entry.decision) continue;
        // The agent's new state beside a Ring names why just this call.
        const bool ringing = !steps.empty() && steps.back().what.starts_with("ring");
        if (ringing && std::holds_alternative<AgentStateChanged>(entry.decision->effect)) {
            if (!steps.back().also) steps.back().also = entry.decision->rule;
            continue;
        }
        WhyStep step;
        step.at = entry.at;
        step.decided = entry.decision->rule;
        if (std::visit(Teller{step}, entry.decision->effect)) steps.push_back(std::move(step));
    }
    return steps;
}

} // namespace fernamt::routing
