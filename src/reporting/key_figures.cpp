// SPDX-License-Identifier: EUPL-1.2
#include "reporting/key_figures.h"

#include "base/money.h"

#include <array>

namespace fernamt::reporting {

namespace {

constexpr std::array kDefinitions = {
    Definition{
        "offered",
        "Angebotene Anrufe: Anrufe bei einer Nummer der Kommune innerhalb ihrer Servicezeit, "
        "auch solche, die noch warten oder niemanden erreichten. Anrufe außerhalb der "
        "Servicezeit zählen unter „geschlossen“, Anrufe bei unbekannten Nummern gar nicht.",
        "Offered calls: calls to a number of the municipality within its service hours, "
        "including those still waiting and those that reached nobody. Calls outside the "
        "service hours count as “closed”, calls to unknown numbers not at all."},
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
        "die Schließansage hörten. Sie sind nicht in „angeboten“ enthalten.",
        "Closed: calls to a number of the municipality outside its service hours, which heard "
        "the closing announcement. They are not part of “offered”."},
    Definition{
        "answered_within_30s",
        "Innerhalb von 30 Sekunden angenommen: angenommene Anrufe mit höchstens 30,0 Sekunden "
        "zwischen Anrufbeginn und erster Annahme; die Begrüßungsansage zählt als Wartezeit.",
        "Answered within 30 seconds: answered calls with at most 30.0 seconds between the "
        "start of the call and the first answer; the greeting counts as waiting."},
    Definition{
        "service_level_percent",
        "Servicelevel: innerhalb von 30 Sekunden angenommene Anrufe geteilt durch alle "
        "angebotenen Anrufe (Definition „angenommen ≤ t / angeboten“). Aufgelegte Anrufe "
        "verschlechtern den Wert, auch sehr kurze. Ohne angebotene Anrufe gibt es keinen Wert.",
        "Service level: calls answered within 30 seconds divided by all offered calls "
        "(definition “answered ≤ t / offered”). Abandoned calls lower it, even very short "
        "ones. Without offered calls there is no value."},
    Definition{
        "average_wait_seconds",
        "Durchschnittliche Wartezeit: Mittel der Zeit vom Anrufbeginn bis zur ersten Annahme, "
        "nur über angenommene Anrufe, auf ganze Sekunden kaufmännisch gerundet.",
        "Average wait: mean time from the start of the call to the first answer, over "
        "answered calls only, rounded to whole seconds (half up)."},
    Definition{"average_talk_seconds",
               "Durchschnittliche Gesprächszeit: Mittel aus Sprechen und Halten über alle "
               "Beschäftigten eines Anrufs, nur über angenommene und beendete Anrufe, ohne "
               "Nachbearbeitung, auf ganze Sekunden kaufmännisch gerundet.",
               "Average talk time: mean of talking and holding over all agents of a call, over "
               "answered calls that have ended, without after-call work, rounded to whole seconds "
               "(half up)."},
};

std::optional<std::int64_t> average_seconds(std::int64_t microseconds, std::int64_t calls) {
    if (calls == 0) return std::nullopt;
    return mul_div(microseconds, 1, calls * 1'000'000, Rounding::half_up);
}

bool within_service_hours(const CallRecord &record) {
    if (!record.municipality) return false;
    return !record.announced || *record.announced == routing::Announcement::nobody_available;
}

} // namespace

void KeyFigureSum::add(const CallRecord &record) {
    if (record.announced == routing::Announcement::closed) ++counts_.closed;
    if (!within_service_hours(record)) return;

    ++counts_.offered;
    if (record.end_reason == routing::EndReason::abandoned) ++counts_.abandoned;
    if (!record.answered_at) return;

    ++counts_.answered;
    const Duration waited = *record.answered_at - record.offered_at;
    waited_us_ += waited.count();
    if (waited <= kServiceLevelThreshold) ++counts_.answered_within_30s;
    if (!record.ended_at) return;
    ++talked_calls_;
    talked_us_ += record.talk.count();
}

KeyFigures KeyFigureSum::figures() const {
    KeyFigures figures = counts_;
    figures.average_wait_seconds = average_seconds(waited_us_, counts_.answered);
    figures.average_talk_seconds = average_seconds(talked_us_, talked_calls_);
    if (counts_.offered > 0) {
        const std::int64_t per_mille =
            mul_div(counts_.answered_within_30s, 1000, counts_.offered, Rounding::half_up);
        figures.service_level_percent = static_cast<double>(per_mille) / 10.0;
    }
    return figures;
}

std::span<const Definition> definitions() {
    return kDefinitions;
}

} // namespace fernamt::reporting
