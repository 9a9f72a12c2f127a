// SPDX-License-Identifier: EUPL-1.2
#include "web/rule_preview.h"

#include "reporting/what_if.h"
#include "web/json_values.h"
#include "web/request_values.h"

#include <boost/json/value.hpp>

namespace fernamt::web {

namespace json = boost::json;

namespace {

struct Sentence {
    std::string_view german;
    std::string_view english;
};
constexpr Sentence kPlayed = {
    "Die Anrufe der letzten 24 Stunden, an denen es Anrufe gab, werden mit ihrer Ankunft, Geduld, "
    "Gesprächsdauer und Wahl eines Rückrufs und mit den An- und Abmeldungen des Teams zweimal "
    "durch "
    "die Verteilung gespielt: mit den geltenden und mit den geänderten Regeln.",
    "The calls of the last 24 hours that had any are played through the distribution twice, with "
    "their arrival, patience, talk time and choice of a callback and with the team's sign-ins: by "
    "the rules in force and by the changed ones."};
constexpr Sentence kAssumed = {
    "Nicht aufgezeichnet ist, wie schnell abgehoben wird (angenommen: 5 Sekunden, auch im Rathaus, "
    "bei Partnern und beim Rückruf, der beim ersten Mal gelingt), wie lange sprach, wer aufgelegt "
    "hat (angenommen: der Durchschnitt), und ob jemand einen Rückruf gewählt hätte, dem keiner "
    "angeboten wurde (angenommen: nein; und wer einen wollte und keinen mehr angeboten bekommt, "
    "legt auf). Wie lange sonst jemand gewartet hätte, der angenommen wurde, weiß niemand.",
    "How fast a phone is picked up is not recorded (assumed: 5 seconds, also in town halls, at "
    "partners and for a callback, which succeeds at once), nor how long those would have talked "
    "who hung up (assumed: the mean), nor whether somebody would have chosen a callback who was "
    "not offered one (assumed: no; and who wanted one and is offered none any more hangs up). How "
    "long those would have waited otherwise who were answered nobody knows."};
constexpr Sentence kSure = {
    "Deshalb können beide Seiten von den wirklichen Zahlen abweichen; der Unterschied zwischen "
    "ihnen kommt nur aus den Regeln.",
    "So both sides may differ from the real figures; the difference between them comes from the "
    "rules alone."};
constexpr Sentence kLater = {
    "Die Änderung gilt erst später. Gespielt wird deshalb, als kämen diese Anrufe so viele Tage "
    "später: ",
    "The change holds only later. So it is played as if these calls came so many days later: "};
constexpr Sentence kCrisis = {
    "Gespielt wird, als liefe diese Lage die ganze Zeit, ohne Verstärkung und ohne mehr Anrufe, "
    "als es waren.",
    "It is played as if this crisis ran all the time, without helpers and without more calls than "
    "there were."};

// How sure this is, in the reader's words: the method, as R-59 asks of every figure.
std::string method(Language language, int days_later, bool crisis) {
    const auto say = [&](const Sentence &one) {
        return std::string(language == Language::german ? one.german : one.english);
    };
    std::string text = say(kPlayed) + " ";
    if (days_later > 0) text += say(kLater) + std::to_string(days_later) + ". ";
    if (crisis) text += say(kCrisis) + " ";
    return text + say(kAssumed) + " " + say(kSure);
}

json::object outcome_json(const reporting::Outcome &outcome) {
    json::object calls;
    for (const auto &[reason, count] : outcome.calls)
        calls[std::string(routing::to_string(reason))] = count;
    if (outcome.unfinished > 0) calls["unfinished"] = outcome.unfinished;
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
    const int later = reporting::days_until_it_holds(*past, preview.before, preview.after);
    const auto played = reporting::moved(*past, later);
    const auto before = reporting::play(played, preview.before);
    const auto after = reporting::play(played, preview.after, preview.crisis);
    json::value from = nullptr, to = nullptr;
    if (!past->calls.empty()) {
        from = to_json(past->period.from);
        to = to_json(past->period.to);
    }
    return json_reply(
        json::object{{"preview", true},
                     {"from", std::move(from)},
                     {"to", std::move(to)},
                     {"calls", past->calls.size()},
                     {"changed", reporting::count_changed(before, after)},
                     {"before", outcome_json(reporting::sum_up(before))},
                     {"after", outcome_json(reporting::sum_up(after))},
                     {"rules_change", preview.before != preview.after || preview.crisis},
                     {"method", method(incoming.language, later, preview.crisis.has_value())}});
}

} // namespace fernamt::web
