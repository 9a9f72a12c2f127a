// SPDX-License-Identifier: EUPL-1.2
#include "web/rule_texts.h"

#include <algorithm>
#include <array>

namespace fernamt::web {

namespace {

struct RuleText {
    routing::Rule rule;
    std::string_view german;
    std::string_view english;
};

using enum routing::Rule;
// clang-format off
constexpr auto kRules = std::to_array<RuleText>({
    {unknown_number, "Die gewählte Nummer gehört zu niemandem.",
     "The number dialled is nobody's."},
    {closed_hours, "Außerhalb der Servicezeit.",
     "Outside the service hours."},
    {closed_public_holiday, "Gesetzlicher Feiertag.",
     "A public holiday."},
    {nobody_signed_in, "Geöffnet, aber niemand ist angemeldet, der den Anruf annehmen könnte.",
     "Open, but nobody is signed in who could take the call."},
    {queue_of_municipality, "Kommt in die gemeinsame Warteschlange seiner Kommune.",
     "Joins the common queue of its municipality."},
    {oldest_caller_first, "Wer am längsten wartet, kommt zuerst, über alle Warteschlangen.",
     "Whoever has waited longest comes first, across all queues."},
    {longest_idle_agent_first, "Wer am längsten frei ist, bekommt den nächsten Anruf.",
     "Whoever has been idle longest gets the next call."},
    {ring_timeout, "Das Telefon klingelte zu lange.",
     "The phone rang too long."},
    {agent_declined, "Der Anruf wurde abgelehnt.",
     "The call was declined."},
    {caller_hung_up, "Die anrufende Person legte auf.",
     "The caller hung up."},
    {agent_hung_up, "Am Arbeitsplatz wurde aufgelegt.",
     "The desk hung up."},
    {agent_line_failed, "Die Leitung zum Arbeitsplatz brach ab.",
     "The line to the desk failed."},
    {agent_answered, "Der Anruf wurde angenommen.",
     "The call was answered."},
    {agent_request, "So wurde es am Arbeitsplatz gewünscht.",
     "The desk asked for it."},
    {transfer_answered, "Das Ziel der Weitergabe nahm an.",
     "The target of the transfer answered."},
    {transfer_gave_back, "Das Ziel nahm nicht an: zurück an den alten Platz.",
     "The target did not answer: back at the old place."},
    {transfer_target_hung_up, "Das Ziel der Weitergabe legte auf.",
     "The target of the transfer hung up."},
    {wrap_up_begins, "Die Nachbearbeitung beginnt.",
     "The after-call work begins."},
    {wrap_up_time_over, "Die Zeit für die Nachbearbeitung ist um.",
     "The time for after-call work is over."},
    {announcement_heard, "Die Ansage wurde zu Ende gehört.",
     "The announcement was heard to its end."},
    {recovery, "Nach einem Neustart.",
     "After a restart."},
    {rules_changed, "Die Regeln wurden geändert.",
     "The rules were changed."},
    {number_not_valid, "Die Nummer ist eine von uns, gilt aber zu dieser Zeit nicht.",
     "The number is one of ours, but not valid at this time."},
    {municipality_not_served, "Die Kommune ist noch nicht oder nicht mehr angeschlossen.",
     "The municipality has not joined yet, or has left."},
    {closed_locally, "Örtlich geschlossen.",
     "Closed locally."},
    {queue_of_number, "Kommt in die eigene Warteschlange der Nummer.",
     "Joins the number's own queue."},
    {queue_full, "Die Warteschlange ist voll.",
     "The queue is full."},
    {office_first, "Zuerst klingelt die eigene Vermittlung im Rathaus.",
     "The town hall's own operator rings first."},
    {office_no_answer, "Im Rathaus nahm niemand ab.",
     "Nobody answered in the town hall."},
    {office_busy, "Im Rathaus war besetzt.",
     "The town hall was busy."},
    {office_answered, "Das Rathaus nahm selbst ab.",
     "The town hall answered itself."},
    {overflow_planned, "Geplanter Überlauf an einen Partner.",
     "A planned overflow to a partner."},
    {overflow_closed, "Überlauf an einen Partner, weil geschlossen ist.",
     "Overflow to a partner because we are closed."},
    {overflow_queue_length, "Überlauf an einen Partner, weil zu viele warten.",
     "Overflow to a partner because too many wait."},
    {overflow_longest_wait, "Überlauf an einen Partner, weil zu lange gewartet wird.",
     "Overflow to a partner because of the long wait."},
    {partner_answered, "Der Partner nahm an.",
     "The partner answered."},
    {partner_gave_back, "Der Partner nahm nicht an: zurück an den alten Platz.",
     "The partner did not answer: back at the old place."},
    {best_skills_first, "Von mehreren Freien, wer es am besten kann.",
     "Of several who are idle, whose skills fit best."},
    {callback_requested, "Ein Rückruf wurde gewünscht.",
     "A callback was asked for."},
    {callback_answered, "Der Rückruf wurde angenommen.",
     "The callback was answered."},
    {callback_failed, "Nicht erreicht: später noch einmal.",
     "Not reached: tried again later."},
    {callback_given_up, "Zu oft nicht erreicht: aufgegeben.",
     "Not reached too often: given up."},
    {callback_out_of_hours, "Außerhalb der Servicezeit wird niemand zurückgerufen.",
     "Nobody is called back outside the service hours."},
    {callback_replaced, "Dieselbe Person rief wieder an und bekam ihren alten Platz.",
     "The same caller rang again and got the old place."},
    {callback_withdrawn, "Der Rückruf wurde zurückgenommen.",
     "The callback was withdrawn."},
    {consult_answered, "Wer gefragt werden sollte, nahm an.",
     "Whoever was to be asked answered."},
    {consult_over, "Die Rücksprache ist vorbei.",
     "The consultation is over."},
    {tenant_corrected, "Gemeint war eine andere Kommune.",
     "Another municipality was meant."},
    {crisis_begins, "Eine Lage wurde ausgerufen.",
     "A crisis was declared."},
    {crisis_ends, "Die Lage wurde beendet.",
     "The crisis was ended."},
    {queue_of_crisis, "Gehört zu einer ausgerufenen Lage.",
     "Belongs to a declared crisis."},
    {lead_request, "So wurde es von der Leitung gewünscht.",
     "The lead asked for it."},
    {demands_relaxed, "Lange genug gewartet: jetzt genügt weniger.",
     "Waited long enough: less is sufficient now."},
    {callback_due, "Der Rückruf ist wieder an der Reihe.",
     "The callback is due again."},
    {callback_not_dialled, "Wir konnten nicht anrufen: bald noch einmal, und nicht mitgezählt.",
     "We could not dial: tried again soon, and not counted."},
    {imported, "Aufzeichnung der bisherigen Telefonanlage.",
     "Record of the previous telephone system."},
});

struct StepText {
    std::string_view what;
    std::string_view german;
    std::string_view english;
};
constexpr auto kSteps = std::to_array<StepText>({
    {"offered", "Der Anruf kommt an", "The call arrives"},
    {"announce", "Ansage", "Announcement"},
    {"queue", "Warteschlange", "Queue"},
    {"to_office", "Ans Rathaus", "To the town hall"},
    {"to_partner", "An einen Partner", "To a partner"},
    {"ring", "Es klingelt an einem Arbeitsplatz", "A desk rings"},
    {"ring_for_callback", "Es klingelt an einem Arbeitsplatz, für einen Rückruf", "A desk rings, for a callback"},
    {"stop_ringing", "Das Klingeln endet", "The ringing ends"},
    {"connect", "Das Gespräch beginnt", "The conversation begins"},
    {"transfer", "Weitergabe", "Transfer"},
    {"connect_target", "Mit dem Ziel verbunden", "Connected to the target"},
    {"requeue", "Wartet wieder", "Waits again"},
    {"target_gave_back", "Das Ziel gibt zurück", "The target gives back"},
    {"callback_noted", "Rückruf vorgemerkt", "Callback noted"},
    {"still_waits", "Wartet weiter", "Waits on"},
    {"into_crisis", "Wartet weiter, jetzt in einer Lage", "Waits on, in a crisis now"},
    {"out_of_crisis", "Wartet weiter, wie sonst auch", "Waits on, as usual again"},
    {"call_back", "Es wird zurückgerufen", "Calling back"},
    {"consult", "Rücksprache", "Consultation"},
    {"end_consult", "Ende der Rücksprache", "End of the consultation"},
    {"conference", "Zu dritt", "Conference of three"},
    {"hand_over", "Übergabe", "Hand-over"},
    {"corrected", "Kommune berichtigt", "Municipality corrected"},
    {"end", "Ende", "End"},
});
// clang-format on

// Each rule stands at its own place, so a new one without words does not compile.
constexpr bool in_order() {
    for (std::size_t at = 0; at < kRules.size(); ++at) {
        if (static_cast<std::size_t>(kRules[at].rule) != at) return false;
    }
    return true;
}
static_assert(in_order());
static_assert(kRules.back().rule == imported, "routing has a new last rule: give it words");

} // namespace

std::string_view rule_text(routing::Rule rule, Language language) {
    const RuleText &text = kRules.at(static_cast<std::size_t>(rule));
    return language == Language::german ? text.german : text.english;
}

std::string_view step_text(std::string_view what, Language language) {
    const auto *const found = std::ranges::find(kSteps, what, &StepText::what);
    if (found == kSteps.end()) return {};
    return language == Language::german ? found->german : found->english;
}

} // namespace fernamt::web
