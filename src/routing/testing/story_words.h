// SPDX-License-Identifier: EUPL-1.2
// What the machine decides, in a story's words. Only for the stories' runner.
#pragma once

#include "routing/testing/story_events.h"

namespace fernamt::routing::testing {

class StoryWords : protected StoryEvents {
  protected:
    std::string describe(const Decision &decision) const {
        const std::string what =
            std::visit([this](const auto &effect) { return words_for(effect); }, decision.effect);
        if (std::holds_alternative<Refused>(decision.effect)) return what;
        return fmt::format("{:<56} [{}]", what, to_string(decision.rule));
    }

    std::string words_for(const Announce &e) const {
        return fmt::format("call {} hears {}", e.call.value, to_string(e.announcement));
    }
    std::string words_for(const Queue &e) const {
        std::string text = fmt::format("call {} waits for {}", e.call.value, town(e.municipality));
        if (e.queue) {
            text += " in " + queues_.at(static_cast<std::size_t>(e.queue.value) - 1);
        }
        if (e.crisis) text += fmt::format(", crisis {}", e.crisis.value);
        return text;
    }
    std::string words_for(const Ring &e) const {
        return fmt::format("call {} rings {}{}", e.call.value, name(e.agent),
                           e.device == Device::sip_phone ? " at the phone"
                           : e.callback                  ? " for a callback"
                                                         : "");
    }
    std::string words_for(const StopRinging &e) const {
        return fmt::format("call {} no longer rings {}", e.call.value, name(e.agent));
    }
    std::string words_for(const Connect &e) const {
        return fmt::format("call {} speaks with {} after {}", e.call.value, name(e.agent),
                           seconds(e.waited));
    }
    std::string words_for(const Hold &e) const {
        return fmt::format("call {} is held by {}", e.call.value, name(e.agent));
    }
    std::string words_for(const Resume &e) const {
        return fmt::format("call {} is resumed by {}", e.call.value, name(e.agent));
    }
    std::string words_for(const Transfer &e) const {
        return fmt::format("call {} leaves {} for {}", e.call.value, name(e.agent),
                           to_din5008(*e.target.number));
    }
    std::string words_for(const ConnectTransfer &e) const {
        return fmt::format("call {} speaks with its target", e.call.value);
    }
    std::string words_for(const Requeue &e) const {
        return fmt::format("call {} waits again", e.call.value);
    }
    std::string words_for(const End &e) const {
        std::string text = fmt::format("call {} ends: {}", e.call.value, to_string(e.reason));
        if (e.municipality) text += " for " + town(*e.municipality);
        if (e.answered_at) {
            text += ", talk " + seconds(e.talk);
        } else {
            text += ", never answered";
            if (e.talk != Duration{}) throw std::logic_error("talk, but never answered");
        }
        if (e.transferred > Duration{}) text += ", transferred " + seconds(e.transferred);
        if (e.scope != Scope::central) text += fmt::format(", number for {}", to_string(e.scope));
        if (e.price_class != 0) text += fmt::format(", price class {}", e.price_class);
        if (e.dialled) text += ", dialled " + town(*e.dialled);
        if (e.crisis) text += fmt::format(", in crisis {}", e.crisis.value);
        if (e.from) text += ", from partner " + partner(e.from);
        if (e.to) text += ", by partner " + partner(e.to);
        if (e.callback_at) text += fmt::format(", callback tried {} times", e.callback_attempts);
        return text;
    }
    std::string words_for(const AgentStateChanged &e) const {
        std::string text = fmt::format("{} is {}", name(e.agent), to_string(e.state));
        if (e.call) text += fmt::format(", call {}", e.call->value);
        if (e.until) text += ", until " + clock(*e.until);
        return text;
    }
    std::string words_for(const WrapUpDone &e) const {
        return fmt::format("{} did {} of work after call {} for {}", name(e.agent),
                           seconds(e.duration), e.call.value, town(e.municipality));
    }
    std::string words_for(const Forward &e) const {
        if (e.purpose == Outside::partner) {
            return fmt::format("call {} goes to partner {}", e.call.value, partner(e.partner));
        }
        return fmt::format("call {} rings at the office {}", e.call.value, to_din5008(e.target));
    }
    std::string words_for(const CallbackNoted &e) const {
        return fmt::format("call {} will be called back, {} before it", e.call.value, e.ahead);
    }
    std::string words_for(const StillWaits &e) const {
        if (e.sleeps_until) {
            return fmt::format("call {} sleeps until {} {}", e.call.value,
                               to_string(to_local(*e.sleeps_until).date), clock(*e.sleeps_until));
        }
        return fmt::format("call {} waits on, demands relaxed {} times", e.call.value,
                           e.relaxations);
    }
    std::string words_for(const SortedAnew &e) const {
        if (!e.crisis) return fmt::format("call {} waits on as usual", e.call.value);
        return fmt::format("call {} waits on in crisis {}", e.call.value, e.crisis.value);
    }
    std::string words_for(const CallBack &e) const {
        return fmt::format("call {} is called back by {}", e.call.value, name(e.agent));
    }
    std::string words_for(const StopTarget &e) const {
        return fmt::format("call {} is no longer dialled", e.call.value);
    }
    std::string words_for(const Consult &e) const {
        return fmt::format("call {} hears music, {} asks {}", e.call.value, name(e.agent),
                           to_din5008(*e.target.number));
    }
    std::string words_for(const ConnectConsult &e) const {
        return fmt::format("call {} hears music, {} speaks with who was asked", e.call.value,
                           name(e.agent));
    }
    std::string words_for(const EndConsult &e) const {
        return fmt::format("call {}: who was asked is gone", e.call.value);
    }
    std::string words_for(const Conference &e) const {
        return fmt::format("call {}: all three speak", e.call.value);
    }
    std::string words_for(const HandOver &e) const {
        return fmt::format("call {} stays with who was asked, {} leaves", e.call.value,
                           name(e.agent));
    }
    std::string words_for(const Corrected &e) const {
        return fmt::format("call {} belongs to {}, not to {}", e.call.value, town(e.to),
                           town(e.from));
    }
    std::string words_for(const CrisisStarted &e) const {
        return fmt::format("crisis {} begins, {} calls moved", e.crisis.value, e.calls);
    }
    std::string words_for(const CrisisReport &e) const {
        return fmt::format("crisis {} since {}: {} offered, {} answered, {} abandoned, {} still "
                           "wait, {} helpers, talk {}, work {}, longest wait {}",
                           e.crisis.value, clock(e.began_at), e.facts.offered, e.facts.answered,
                           e.facts.abandoned, e.facts.waiting, e.facts.helpers,
                           seconds(e.facts.talk), seconds(e.facts.after_call_work),
                           seconds(e.facts.longest_wait));
    }
    std::string words_for(const Refused &e) const { return fmt::format("refused: {}", e.code); }
};

} // namespace fernamt::routing::testing
