// SPDX-License-Identifier: EUPL-1.2
#include "reporting/key_figures.h"

#include "base/money.h"

#include <algorithm>
#include <array>

namespace fernamt::reporting {

namespace {

constexpr std::array kDefinitions = {
    Definition{
        "offered",
        "Angebotene Anrufe: Anrufe bei einer Nummer der Kommune, die innerhalb ihrer Servicezeit "
        "ins Servicecenter kamen, auch solche, die noch warten oder niemanden erreichten. Anrufe "
        "außerhalb der Servicezeit zählen unter „geschlossen“, Anrufe bei unbekannten Nummern gar "
        "nicht, Anrufe, die die Vermittlung im Rathaus selbst annahm, unter „im Rathaus "
        "angenommen“. Wer auflegt, solange es nur im Rathaus klingelt, zählt nicht. Wer einen "
        "Rückruf wünschte und wieder anrief, zählt einmal.",
        "Offered calls: calls to a number of the municipality that came to the service centre "
        "within its service hours, including those still waiting and those that reached nobody. "
        "Calls outside the service hours count as “closed”, calls to unknown numbers not at all, "
        "calls that the town hall's own operator took as “taken by the office”. Who hangs up while "
        "only the town hall rings is not counted. Who asked for a callback and called again "
        "counts once."},
    Definition{"answered",
               "Angenommene Anrufe: angebotene Anrufe, die ein Mensch angenommen hat. Ein "
               "weitergeleiteter oder erneut angenommener Anruf zählt einmal.",
               "Answered calls: offered calls that a person answered. A call that was transferred "
               "or answered again counts once."},
    Definition{
        "abandoned",
        "Aufgelegte Anrufe: angebotene Anrufe, bei denen die anrufende Person auflegte, bevor "
        "jemand annahm, gleich nach welcher Wartezeit.",
        "Abandoned calls: offered calls whose caller hung up before anybody answered, after "
        "whatever wait."},
    Definition{
        "closed",
        "Geschlossen: Anrufe bei einer Nummer der Kommune außerhalb ihrer Servicezeit, die "
        "die Schließansage hörten oder nach der Überlaufregel für diese Zeit an ein anderes "
        "Servicecenter gingen. Sie sind nicht in „angeboten“ enthalten.",
        "Closed: calls to a number of the municipality outside its service hours, which heard "
        "the closing announcement or went to another service centre by the overflow rule for "
        "those hours. They are not part of “offered”."},
    Definition{
        "taken_by_office",
        "Im Rathaus angenommen: Anrufe, die die eigene Vermittlung des Rathauses annahm. Sie "
        "sind nicht in „angeboten“ enthalten und werden nie abgerechnet.",
        "Taken by the office: calls that the town hall's own operator answered. They are not "
        "part of “offered” and never billed."},
    Definition{"taken_by_partner",
               "Von einem Partner angenommen: angebotene Anrufe, die nach einer Überlaufregel ein "
               "anderes Servicecenter annahm. Sie zählen nicht als „angenommen“; die außerhalb "
               "der Servicezeit zählen unter „geschlossen“.",
               "Taken by a partner: offered calls that another service centre answered by an "
               "overflow rule. They do not count as “answered”; those outside the service hours "
               "count as “closed”."},
    Definition{"from_partner",
               "Für Partner: angebotene Anrufe, die ein anderes Servicecenter an uns weitergab.",
               "For partners: offered calls that another service centre handed to us."},
    Definition{"on_115",
               "Über 115: angebotene Anrufe über die Behördennummer 115, für sich gezählt.",
               "On 115: offered calls through the authorities' number 115, counted apart."},
    Definition{"in_crisis",
               "In Lagen: angebotene Anrufe, die unter eine ausgerufene Lage oder Krise fielen.",
               "In crises: offered calls that fell under a crisis declared by the lead."},
    Definition{"corrected",
               "Andere Kommune gemeint: angebotene Anrufe, bei denen jemand die gewählte Kommune "
               "auf die gemeinte berichtigte. Sie zählen bei der gemeinten.",
               "Another municipality meant: offered calls whose dialled municipality somebody "
               "corrected to the one meant. They count with the one meant."},
    Definition{"transfers",
               "Weitergaben: wie oft angebotene Anrufe insgesamt weitergegeben wurden.",
               "Transfers: how often offered calls were passed on, all together."},
    Definition{
        "callbacks",
        "Rückrufe gewünscht: angebotene Anrufe, bei denen die anrufende Person einen Rückruf "
        "wählte. Wer deshalb wieder anrief, zählt nicht hier. Eine Kommune mit weniger als fünf "
        "wird nicht genannt und ist in keiner Summe enthalten.",
        "Callbacks asked for: offered calls whose caller chose a callback. Who called again "
        "instead is not counted here. A municipality with fewer than five is not named and is "
        "part of no sum."},
    Definition{"callbacks_reached",
               "Rückrufe erreicht: gewünschte Rückrufe, bei denen das Gespräch zustande kam.",
               "Callbacks reached: callbacks asked for that became a conversation."},
    Definition{
        "callbacks_missed",
        "Rückrufe nicht erreicht: gewünschte Rückrufe, die ohne Gespräch endeten, nach dem letzten "
        "Versuch oder zurückgezogen. Die übrigen sind noch offen.",
        "Callbacks missed: callbacks asked for that ended without a conversation, after the last "
        "attempt or withdrawn. The others are still open."},
    Definition{"average_callback_seconds",
               "Dauer bis zum Rückruf: Mittel der Zeit vom Wunsch bis zum Gespräch, nur über "
               "erreichte Rückrufe, auch über Nacht, auf ganze Sekunden kaufmännisch gerundet.",
               "Time to callback: mean time from the wish to the conversation, over callbacks "
               "reached only, also overnight, rounded to whole seconds (half up)."},
    Definition{
        "answered_within_30s",
        "Innerhalb von 30 Sekunden angenommen: angenommene Anrufe mit höchstens 30,0 Sekunden "
        "zwischen Anrufbeginn und erster Annahme; die Begrüßungsansage zählt als Wartezeit.",
        "Answered within 30 seconds: answered calls with at most 30.0 seconds between the "
        "start of the call and the first answer; the greeting counts as waiting."},
    Definition{
        "answered_in_time",
        "Rechtzeitig angenommen: angenommene Anrufe, die höchstens so lange warteten, wie die "
        "Vereinbarung der Kommune am Tag des Anrufs zusagt; ohne Zusage gelten die 30 Sekunden "
        "der 115. Auch hier zählt die Begrüßungsansage als Wartezeit.",
        "Answered in time: answered calls that waited no longer than the municipality's agreement "
        "promises on the day of the call; without a promise the 30 seconds of 115 hold. Here, "
        "too, the greeting counts as waiting."},
    Definition{
        "service_level_percent",
        "Servicelevel: rechtzeitig angenommene Anrufe geteilt durch alle angebotenen Anrufe "
        "(Definition „angenommen ≤ t / angeboten“), t ist die zugesagte Zeit. Aufgelegte Anrufe "
        "verschlechtern den Wert, auch sehr kurze. Ohne angebotene Anrufe gibt es keinen Wert.",
        "Service level: calls answered in time divided by all offered calls (definition "
        "“answered ≤ t / offered”), t being the promised time. Abandoned calls lower it, even very "
        "short ones. Without offered calls there is no value."},
    Definition{
        "targets",
        "Zusage: Sekunden und Anteil, an denen die Anrufe gemessen sind, aus der Vereinbarung der "
        "Kommune am Tag des Anrufs, sonst 75 Prozent in 30 Sekunden wie bei der 115. Anrufe über "
        "die 115 für sich sind immer an dieser gemessen.",
        "Promise: the seconds and the share by which the calls are measured, of the municipality's "
        "agreement on the day of the call, else 75 percent within 30 seconds as with 115. Calls "
        "on 115, taken apart, are always measured by the latter."},
    Definition{
        "target_met",
        "Zusage gehalten: das Servicelevel erreicht den zugesagten Anteil. Kein Wert ohne Anrufe "
        "und dort, wo mehrere Kommunen Verschiedenes zugesagt bekamen.",
        "Promise kept: the service level reaches the promised share. No value without calls, nor "
        "where several municipalities were promised different shares."},
    Definition{
        "average_wait_seconds",
        "Durchschnittliche Wartezeit: Mittel der Zeit vom Anrufbeginn bis zur ersten Annahme, "
        "nur über angenommene Anrufe ohne Rückruf, auf ganze Sekunden kaufmännisch gerundet.",
        "Average wait: mean time from the start of the call to the first answer, over "
        "answered calls without a callback only, rounded to whole seconds (half up)."},
    Definition{"average_talk_seconds",
               "Durchschnittliche Gesprächszeit: Mittel aus Sprechen und Halten über alle "
               "Beschäftigten eines Anrufs, nur über angenommene und beendete Anrufe, ohne "
               "Nachbearbeitung, auf ganze Sekunden kaufmännisch gerundet.",
               "Average talk time: mean of talking and holding over all agents of a call, over "
               "answered calls that have ended, without after-call work, rounded to whole seconds "
               "(half up)."},
};

constexpr Duration kWithin30s = 30s;

std::optional<bool> kept(const KeyFigures &counts) {
    if (counts.offered == 0 || counts.targets.empty()) return std::nullopt;
    const std::int64_t percent = counts.targets.front().percent;
    const bool same = std::ranges::all_of(
        counts.targets, [&](const Target &each) { return each.percent == percent; });
    if (!same) return std::nullopt;
    return counts.answered_in_time * 100 >= percent * counts.offered;
}

std::optional<std::int64_t> average_seconds(std::int64_t microseconds, std::int64_t calls) {
    if (calls == 0) return std::nullopt;
    return mul_div(microseconds, 1, calls * 1'000'000, Rounding::half_up);
}

bool came_within_service_hours(const CallRecord &record) {
    if (!record.municipality) return false;
    if (record.end_reason == routing::EndReason::callback_replaced) return false;
    return record.reached == Reached::centre || record.reached == Reached::nobody_available;
}

// Who was answered before the callback, and then not again, was not called back either.
bool missed(const CallRecord &record) {
    if (record.end_reason == routing::EndReason::callback_given_up) return true;
    if (record.end_reason == routing::EndReason::callback_withdrawn) return true;
    return record.ended_at && !record.answered_at;
}

bool called_back(const CallRecord &record) {
    return record.callback_at && record.answered_at && *record.callback_at <= *record.answered_at;
}

bool outside_service_hours(const CallRecord &record) {
    return record.reached == Reached::closed || record.reached == Reached::closed_partner;
}

} // namespace

void CallbackSum::add(const CallRecord &record) {
    if (!record.callback_at) return;
    ++counts_.asked;
    if (missed(record)) ++counts_.missed;
    if (!called_back(record)) return;
    ++counts_.reached;
    called_back_us_ += (*record.answered_at - *record.callback_at).count();
}

void CallbackSum::add(const CallbackSum &other) {
    counts_.asked += other.counts_.asked;
    counts_.reached += other.counts_.reached;
    counts_.missed += other.counts_.missed;
    called_back_us_ += other.called_back_us_;
}

std::optional<CallbackFigures> CallbackSum::told() const {
    if (counts_.asked > 0 && counts_.asked < kFewestCalls) return std::nullopt;
    CallbackFigures figures = counts_;
    figures.average_seconds = average_seconds(called_back_us_, counts_.reached);
    return figures;
}

void KeyFigureSum::add(const CallRecord &record, const Target &target) {
    if (outside_service_hours(record)) ++counts_.closed;
    if (record.end_reason == routing::EndReason::taken_by_office) ++counts_.taken_by_office;
    if (!came_within_service_hours(record)) return;

    ++counts_.offered;
    if (std::ranges::find(counts_.targets, target) == counts_.targets.end()) {
        counts_.targets.push_back(target);
    }
    count_kind(record);
    if (!record.answered_at) return;

    ++counts_.answered;
    if (!called_back(record)) { // there nobody held a receiver meanwhile: no waiting time
        const Duration waited = *record.answered_at - record.offered_at;
        ++waited_calls_;
        waited_us_ += waited.count();
        if (waited <= kWithin30s) ++counts_.answered_within_30s;
        if (waited <= std::chrono::seconds{target.within_seconds}) ++counts_.answered_in_time;
    }
    if (!record.ended_at) return;
    ++talked_calls_;
    talked_us_ += record.talk.count();
}

void KeyFigureSum::count_kind(const CallRecord &record) {
    if (record.end_reason == routing::EndReason::abandoned) ++counts_.abandoned;
    if (record.end_reason == routing::EndReason::taken_by_partner) ++counts_.taken_by_partner;
    if (record.from) ++counts_.from_partner;
    if (record.scope == routing::Scope::authority_115) ++counts_.on_115;
    if (record.crisis) ++counts_.in_crisis;
    if (record.dialled && record.dialled != record.municipality) ++counts_.corrected;
    callbacks_.add(record);
    counts_.transfers += record.transfers;
}

KeyFigures KeyFigureSum::figures() const {
    KeyFigures figures = counts_;
    figures.average_wait_seconds = average_seconds(waited_us_, waited_calls_);
    figures.callbacks = callbacks_.told();
    figures.average_talk_seconds = average_seconds(talked_us_, talked_calls_);
    if (counts_.offered > 0) {
        const std::int64_t per_mille =
            mul_div(counts_.answered_in_time, 1000, counts_.offered, Rounding::half_up);
        figures.service_level_percent = static_cast<double>(per_mille) / 10.0;
    }
    figures.target_met = kept(counts_);
    return figures;
}

std::span<const Definition> definitions() {
    return kDefinitions;
}

} // namespace fernamt::reporting
