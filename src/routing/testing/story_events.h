// SPDX-License-Identifier: EUPL-1.2
// What a story says that happens, as events. Only for the stories' runner.
#pragma once

#include "routing/testing/story_rules.h"

#include <functional>

namespace fernamt::routing::testing {

class StoryEvents : protected StoryRules {
  protected:
    Event to_event(const Words &words) {
        struct Phrase {
            std::string_view pattern;
            std::function<Event(const Words &)> event;
        };
        const auto agent = [this](const Words &w) { return agent_id(w.at(0)); };
        const auto first_call = [](const Words &w) { return call_id(w.at(0)); };
        const auto second_call = [](const Words &w) { return call_id(w.at(1)); };
        using W = const Words &;
        const std::vector<Phrase> phrases = {
            {"call ? from phone ? to ...",
             [&](W w) {
                 CallOffered call = offered(first_call(w), w.at(2));
                 call.caller = CallerKey{std::stoi(w.at(1))};
                 return call;
             }},
            {"call ? from partner ? to ...",
             [&](W w) {
                 CallOffered call = offered(first_call(w), w.at(2));
                 call.from = partner_id(w.at(1));
                 return call;
             }},
            {"call ? after ? diversions to ...",
             [&](W w) {
                 CallOffered call = offered(first_call(w), w.at(2));
                 call.hops = std::stoi(w.at(1));
                 return call;
             }},
            {"call ? to ...", [&](W w) { return offered(first_call(w), w.at(1)); }},
            {"caller ? hangs up", [&](W w) { return CallerHungUp{first_call(w)}; }},
            {"caller ? hangs up ?",
             [&](W w) { return CallerHungUp{first_call(w), to_cause(w.at(1))}; }},
            {"call ? heard the announcement",
             [&](W w) { return AnnouncementFinished{first_call(w)}; }},
            {"target of call ? answers", [&](W w) { return TransferAnswered{first_call(w)}; }},
            {"target of call ? fails", [&](W w) { return TransferFailed{first_call(w)}; }},
            {"target of call ? hangs up", [&](W w) { return TransferTargetHungUp{first_call(w)}; }},
            {"time passes", [](W) { return TimePassed{}; }},
            {"? signs in", [&](W w) { return AgentSignedIn{agent(w)}; }},
            {"? signs in at the phone",
             [&](W w) { return AgentSignedIn{agent(w), Device::sip_phone}; }},
            {"? signs in paused",
             [&](W w) { return AgentSignedIn{agent(w), Device::browser, true}; }},
            {"? signs out", [&](W w) { return AgentSignedOut{agent(w)}; }},
            {"? is ready", [&](W w) { return AgentReady{agent(w)}; }},
            {"? pauses", [&](W w) { return AgentPaused{agent(w)}; }},
            {"? answers call ?", [&](W w) { return AgentAnswered{agent(w), second_call(w)}; }},
            {"? declines call ?", [&](W w) { return AgentDeclined{agent(w), second_call(w)}; }},
            {"phone of ? is unreachable for call ?",
             [&](W w) {
                 return AgentDeclined{agent(w), second_call(w), DeclineCause::unreachable};
             }},
            {"? hangs up call ?", [&](W w) { return AgentHungUp{agent(w), second_call(w)}; }},
            {"? hangs up call ? ?",
             [&](W w) { return AgentHungUp{agent(w), second_call(w), to_cause(w.at(2))}; }},
            {"? holds call ?", [&](W w) { return HoldRequested{agent(w), second_call(w)}; }},
            {"? resumes call ?", [&](W w) { return ResumeRequested{agent(w), second_call(w)}; }},
            {"? transfers call ? to ...",
             [&](W w) {
                 return TransferRequested{
                     agent(w), second_call(w), {parse_phone_number(w.at(2)).value(), {}}};
             }},
            {"? asks about call ? at ...",
             [&](W w) {
                 return ConsultRequested{
                     agent(w), second_call(w), {parse_phone_number(w.at(2)).value(), {}}};
             }},
            {"asked for call ? answers", [&](W w) { return ConsultAnswered{first_call(w)}; }},
            {"asked for call ? fails", [&](W w) { return ConsultFailed{first_call(w)}; }},
            {"asked for call ? hangs up", [&](W w) { return ConsultTargetHungUp{first_call(w)}; }},
            {"? goes back to caller ?",
             [&](W w) { return ConsultEnded{agent(w), second_call(w)}; }},
            {"? joins all of call ?",
             [&](W w) { return ConferenceRequested{agent(w), second_call(w)}; }},
            {"? hands over call ?",
             [&](W w) { return HandOverRequested{agent(w), second_call(w)}; }},
            {"? assigns call ? to ?",
             [&](W w) { return TenantCorrected{agent(w), second_call(w), town_id(w.at(2))}; }},
            {"caller ? wants a callback to phone ?",
             [&](W w) { return CallbackRequested{first_call(w), CallerKey{std::stoi(w.at(1))}}; }},
            {"caller ? wants a callback but withholds the number",
             [&](W w) { return CallbackRequested{first_call(w), {}}; }},
            {"caller ? answers the callback", [&](W w) { return CallbackAnswered{first_call(w)}; }},
            {"callback of call ? fails", [&](W w) { return CallbackFailed{first_call(w)}; }},
            {"callback of call ? is busy",
             [&](W w) { return CallbackFailed{first_call(w), DeclineCause::busy}; }},
            {"callback of call ? cannot be dialled",
             [&](W w) { return CallbackFailed{first_call(w), DeclineCause::unreachable, true}; }},
            {"callback of call ? is withdrawn",
             [&](W w) { return CallbackWithdrawn{first_call(w)}; }},
            {"office of call ? is busy",
             [&](W w) { return TransferFailed{first_call(w), DeclineCause::busy}; }},
            {"office of ? is absent",
             [&](W w) { return OfficeSwitched{town_id(w.at(0)), true, {}}; }},
            {"office of ? is absent until ?",
             [&](W w) { return OfficeSwitched{town_id(w.at(0)), true, read_clock(w.at(1))}; }},
            {"office of ? is there",
             [&](W w) { return OfficeSwitched{town_id(w.at(0)), false, {}}; }},
            {"office of ? follows its timetable",
             [&](W w) { return OfficeSwitched{town_id(w.at(0)), {}, {}}; }},
            {"the lead gives ? the usual skills",
             [&](W w) { return SkillsAssigned{agent(w), {}, UserId{1}}; }},
            {"the lead gives ? ...",
             [&](W w) { return SkillsAssigned{agent(w), skill_levels(w.at(1)), UserId{1}}; }},
            {"crisis ? begins for ...", [&](W w) { return crisis(w.at(0), split(w.at(1), ',')); }},
            {"crisis ? ends",
             [&](W w) { return CrisisEnded{CrisisId{std::stoi(w.at(0))}, UserId{1}}; }},
            {"? helps in crisis ?",
             [&](W w) {
                 names_.try_emplace(w.at(0), AgentId{static_cast<std::int64_t>(names_.size()) + 1});
                 return HelperJoined{agent_id(w.at(0)), CrisisId{std::stoi(w.at(1))}};
             }},
            {"? extends the wrap-up", [&](W w) { return WrapUpExtended{agent(w)}; }},
            {"? finishes the wrap-up", [&](W w) { return WrapUpFinished{agent(w)}; }},
        };
        for (const Phrase &phrase : phrases) {
            if (const auto taken = match(words, phrase.pattern)) return phrase.event(*taken);
        }
        throw std::runtime_error(fmt::format("no event: {}", fmt::join(words, " ")));
    }

    // "030 23125-110" or "040 66969-099 diverted from 030 23125-110"
    [[nodiscard]] CallOffered offered(CallId call, const std::string &dialled) const {
        constexpr std::string_view kDiverted = " diverted from ";
        const std::size_t at = dialled.find(kDiverted);
        std::vector<DialledCandidate> candidates = {
            {DialledSource::request_uri, dialled.substr(0, at)}};
        if (at != std::string::npos) {
            candidates.push_back({DialledSource::diversion, dialled.substr(at + kDiverted.size())});
        }
        return CallOffered{call, resolve_dialled(sorted(rules_), candidates)};
    }

    // "Soest", "queue IT", "head start 600 s", "always open", "Sat-Sun 10:00-18:00", "demands x 1",
    // "after 60 s demands nothing"
    Event crisis(const std::string &number, const Words &clauses) {
        CrisisPlan plan;
        plan.id = CrisisId{std::stoi(number)};
        for (const std::string &clause : clauses) {
            const Words words = split(clause, ' ');
            if (const auto queue = match(words, "queue ?")) {
                plan.queue = queue_id(queue->front());
            } else if (const auto start = match(words, "head start ? s")) {
                plan.head_start = std::chrono::seconds{std::stoi(start->front())};
            } else if (match(words, "always open")) {
                plan.always_open = true;
            } else if (const auto demands = match(words, "demands ...")) {
                plan.demands = skill_levels(demands->front());
            } else if (const auto later = relaxation(words)) {
                plan.relaxations.push_back(*later);
            } else if (const auto hours = match(words, "? ?")) {
                add_periods(plan.hours, hours->at(0), hours->at(1));
            } else {
                plan.municipality = town_id(clause);
            }
        }
        return CrisisBegan{plan, UserId{1}};
    }
};

} // namespace fernamt::routing::testing
