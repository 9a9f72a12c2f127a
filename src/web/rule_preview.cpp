// SPDX-License-Identifier: EUPL-1.2
#include "web/rule_preview.h"

#include "reporting/what_if.h"
#include "web/json_values.h"
#include "web/request_values.h"

#include <boost/json/value.hpp>

namespace fernamt::web {

namespace json = boost::json;

namespace {

// How sure this is, in the reader's words: the method, as R-59 asks of every figure.
std::string method(Language language) {
    return language == Language::german
               ? "Die Anrufe der letzten 24 Stunden, an denen es Anrufe gab, werden mit ihrer "
                 "Ankunft, Geduld und Gesprächsdauer und mit den An- und Abmeldungen des Teams "
                 "zweimal durch die Verteilung gespielt: mit den geltenden und mit den geänderten "
                 "Regeln. Nicht aufgezeichnet ist, wie schnell abgehoben wird (angenommen: 5 "
                 "Sekunden, auch im Rathaus und bei Partnern) und wie lange sprach, wer aufgelegt "
                 "hat (angenommen: der Durchschnitt). Deshalb können beide Seiten von den "
                 "wirklichen Zahlen abweichen; der Unterschied zwischen ihnen kommt nur aus den "
                 "Regeln."
               : "The calls of the last 24 hours that had any are played through the distribution "
                 "twice, with their arrival, patience and talk time and with the team's sign-ins: "
                 "by the rules in force and by the changed ones. How fast a phone is picked up is "
                 "not recorded (assumed: 5 seconds, also in town halls and at partners), nor how "
                 "long those would have talked who hung up (assumed: the mean). So both sides may "
                 "differ from the real figures; the difference between them comes from the rules "
                 "alone.";
}

json::object outcome_json(const reporting::Outcome &outcome) {
    json::object calls;
    for (const auto &[reason, count] : outcome.calls)
        calls[std::string(routing::to_string(reason))] = count;
    json::value average = nullptr;
    if (outcome.average_wait_seconds) average = *outcome.average_wait_seconds;
    return json::object{{"calls", std::move(calls)},
                        {"average_wait_seconds", std::move(average)},
                        {"longest_wait_seconds", outcome.longest_wait_seconds}};
}

} // namespace

bool is_preview(const net::Request &request) {
    const auto found = request.query.find("preview");
    return found != request.query.end() && found->second == "true";
}

Expected<Reply> preview_reply(const ApiParts &parts, const Incoming &incoming,
                              const RuleChange::Preview &preview) {
    if (auto taken = parts.projector.catch_up(); !taken) return tl::unexpected(taken.error());
    reporting::Reports reports(parts.database);
    const auto past = reporting::collect(parts.ledger, reports, incoming.now);
    if (!past) return tl::unexpected(past.error());
    const auto before = reporting::play(*past, preview.before);
    const auto after = reporting::play(*past, preview.after);
    json::value from = nullptr, to = nullptr;
    if (!past->calls.empty()) {
        from = to_json(past->period.from);
        to = to_json(past->period.to);
    }
    return json_reply(json::object{{"preview", true},
                                   {"from", std::move(from)},
                                   {"to", std::move(to)},
                                   {"calls", past->calls.size()},
                                   {"changed", reporting::count_changed(before, after)},
                                   {"before", outcome_json(reporting::sum_up(before))},
                                   {"after", outcome_json(reporting::sum_up(after))},
                                   {"rules_change", preview.before != preview.after},
                                   {"method", method(incoming.language)}});
}

} // namespace fernamt::web
