// SPDX-License-Identifier: EUPL-1.2
// A question tree that leads an agent safely through a topic: steps by key, the first one is
// where it begins. A question has answers that lead to other steps; an end says what to tell, may
// name the service whose article helps, or leads to the note of a request, or to the forms and
// online services for that service in the town of the call. Faults are found before anybody
// is led: no dead ends, no loops, nothing out of reach. Pure.
#pragma once

#include "base/problem.h"
#include "knowledge/service.h"

#include <string>
#include <string_view>
#include <vector>

namespace fernamt::knowledge {

struct GuideAnswer {
    std::string text; // what the caller says
    std::string next; // key of a step
    friend bool operator==(const GuideAnswer &, const GuideAnswer &) = default;
};

// What an end leads to: nothing more, the request in the call's note, or a form or online service.
enum class GuideEnd { tell, request, online };

struct GuideStep {
    std::string key;                  // unique within the guide
    std::string text;                 // the question, or what to tell
    std::vector<GuideAnswer> answers; // none: an end
    GuideEnd end = GuideEnd::tell;
    ServiceId service;      // the article that helps here; may be none, but not where end is online
    std::int64_t offer = 0; // of GuideEnd::online: the one (public_view.h); 0: all that there are
    friend bool operator==(const GuideStep &, const GuideStep &) = default;
};
using GuideSteps = std::vector<GuideStep>;

[[nodiscard]] bool leads_to_form(const GuideStep &step);

inline constexpr std::size_t kMostSteps = 100;
inline constexpr std::size_t kMostAnswers = 10; // more nobody takes in while listening

enum class GuideFaultKind {
    no_steps,
    key_twice,       // two steps of the same name
    text_missing,    // a step or an answer without words
    next_unknown,    // an answer leads nowhere
    loop,            // one comes back to this step
    out_of_reach,    // no answer leads to this step
    single_answer,   // a question with one answer asks nothing
    service_missing, // an end at a form, but of which service?
    service_unknown, // there is no such service (guide_book.h)
    form_missing,    // the service has no form or online service there, or not this one
};
[[nodiscard]] std::string_view to_string(GuideFaultKind kind); // "next_unknown"

struct GuideFault {
    GuideFaultKind kind = GuideFaultKind::no_steps;
    std::string step; // its key; empty for the whole
    friend bool operator==(const GuideFault &, const GuideFault &) = default;
};
// All of them, in the order of the steps; none: whoever follows it comes to an end.
[[nodiscard]] std::vector<GuideFault> faults_of(const GuideSteps &steps);

[[nodiscard]] std::string to_json(const GuideSteps &steps);
[[nodiscard]] Expected<GuideSteps>
parse_guide_steps(std::string_view json); // "knowledge.unreadable"

} // namespace fernamt::knowledge
