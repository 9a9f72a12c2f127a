// SPDX-License-Identifier: EUPL-1.2
#include "agreements/onboarding.h"

#include "agreements/dates.h"
#include "agreements/names.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace fernamt::agreements {

namespace {

constexpr Names<AnswerKind, 3> kAnswerKinds{
    {{AnswerKind::text, "text"}, {AnswerKind::number, "number"}, {AnswerKind::yes_no, "yes_no"}}};
constexpr Names<Section, 6> kSections{{{Section::service, "service"},
                                       {Section::technology, "technology"},
                                       {Section::data, "data"},
                                       {Section::cost, "cost"},
                                       {Section::people, "people"},
                                       {Section::schedule, "schedule"}}};

using enum Section;
using K = AnswerKind;

// clang-format off
constexpr std::array kQuestions{
    Question{"calls_per_year", service, K::number, "Wie viele Anrufe kommen im Jahr auf den Zentralrufnummern an?", "How many calls a year reach the central numbers?"},
    Question{"seconds_per_call", service, K::number, "Wie viele Sekunden dauert ein Gespräch im Mittel, mit Nachbereitung?", "How many seconds does a call take on average, with after-call work?"},
    Question{"numbers", service, K::text, "Welche Rufnummern soll das Servicecenter annehmen?", "Which numbers is the service centre to answer?"},
    Question{"scope", service, K::text, "Alle Anrufe, nur bei Abwesenheit oder nur der Überlauf?", "All calls, only during absence, or only what overflows?"},
    Question{"hours", service, K::text, "Zu welchen Zeiten soll angenommen werden?", "At which hours are calls to be answered?"},
    Question{"takes_115", service, K::yes_no, "Soll die 115 angeboten werden?", "Is 115 to be offered?"},
    Question{"languages", service, K::text, "Welche Sprachen und Besonderheiten braucht der Ort?", "Which languages and particularities does the place need?"},
    Question{"telephone_system", technology, K::text, "Welche Telefonanlage und welcher Anbieter sind im Einsatz?", "Which telephone system and which carrier are in use?"},
    Question{"can_divert", technology, K::yes_no, "Kann die Anlage mit der ursprünglichen Rufnummer umleiten?", "Can the system divert and keep the dialled number?"},
    Question{"directory", technology, K::text, "In welcher Form liegt das Telefonverzeichnis vor?", "In which form does the telephone directory exist?"},
    Question{"knowledge", data, K::text, "Wo stehen heute die Angaben zu den TOP-100-Leistungen?", "Where is the information on the top 100 services kept today?"},
    Question{"knowledge_office", data, K::text, "Welche Stelle pflegt das Wissen?", "Which office keeps the knowledge up to date?"},
    Question{"data_protection", data, K::text, "Welche Fristen und Auflagen nennt der Datenschutz?", "Which periods and conditions does data protection name?"},
    Question{"price_model", cost, K::text, "Welches Finanzierungsmodell kommt in Frage?", "Which financing model comes into question?"},
    Question{"budget_euro", cost, K::number, "Wie viele Euro sind im Haushalt je Jahr vorgesehen?", "How many euros a year does the budget provide?"},
    Question{"product", cost, K::text, "Unter welchem Produkt und welcher Kostenstelle wird gebucht?", "Under which product and cost centre is it booked?"},
    Question{"staff", people, K::text, "Wer nimmt heute Anrufe an, und was wird aus diesen Stellen?", "Who answers calls today, and what becomes of these posts?"},
    Question{"staff_council", people, K::yes_no, "Ist der Personalrat beteiligt?", "Has the staff council been involved?"},
    Question{"committees", schedule, K::text, "Welche Gremien beschließen wann?", "Which committees decide when?"},
    Question{"wishes", schedule, K::text, "Was ist Ihnen sonst wichtig?", "What else matters to you?"},
};

constexpr std::array kTasks{
    TaskKind{"answers",         -180, true,  "Fragekatalog beantworten", "Answer the questionnaire"},
    TaskKind{"decision_paper",  -160, false, "Entscheidungsvorlage übergeben", "Hand over the decision paper"},
    TaskKind{"staff_council",   -150, true,  "Personalrat beteiligen", "Involve the staff council"},
    TaskKind{"resolution",      -120, true,  "Beschluss der Gremien", "Resolution of the committees"},
    TaskKind{"signature",        -90, true,  "Vereinbarung unterzeichnen", "Sign the agreement"},
    TaskKind{"data_protection",  -90, false, "Auftragsverarbeitung und Verzeichnis der Verarbeitung", "Data processing agreement and record of processing"},
    TaskKind{"billing_details",  -60, true,  "Rechnungsangaben mit Leitweg-ID eintragen", "Enter billing details with Leitweg-ID"},
    TaskKind{"divert_ordered",   -60, true,  "Umleitung beim Anbieter beauftragen", "Order the diversion from the carrier"},
    TaskKind{"directory",        -45, true,  "Telefonverzeichnis liefern", "Deliver the telephone directory"},
    TaskKind{"greeting",         -30, false, "Begrüßung und Ansagen aufnehmen", "Record greeting and announcements"},
    TaskKind{"top_100",          -30, true,  "TOP-100-Leistungen prüfen und freigeben", "Check and release the top 100 services"},
    TaskKind{"training",         -14, false, "Team auf die Kommune einweisen", "Brief the team on the municipality"},
    TaskKind{"press",            -14, true,  "Bürgerinnen und Bürger informieren", "Tell the citizens"},
    TaskKind{"test_call",         -7, false, "Probeanrufe auf jeder Rufnummer", "Test calls to every number"},
    TaskKind{"go_live",            0, false, "Start: die Umleitung wird geschaltet", "Go live: the diversion is switched on"},
    TaskKind{"first_review",      30, false, "Erste Auswertung gemeinsam ansehen", "Look at the first figures together"},
};
// clang-format on

constexpr std::size_t kLongest = 2'000; // bytes

LocalDate due_day(const TaskKind &kind, const LocalDate &go_live, Land land) {
    if (kind.days == 0) return go_live;
    const LocalDate day = add_days(go_live, kind.days);
    return kind.days < 0 ? previous_working_day(day, land) : next_working_day(day, land);
}

void sort_by_due(Onboarding &onboarding) {
    std::ranges::stable_sort(onboarding.tasks, {}, &OnboardingTask::due);
}

tl::unexpected<Problem> unknown(std::string_view field) {
    return fail(ProblemKind::invalid_input, "onboarding.unknown", {{"field", std::string{field}}});
}

std::optional<std::int64_t> whole(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
    return value;
}

bool fits(const Question &question, std::string_view text) {
    if (text.size() > kLongest) return false;
    if (question.kind == AnswerKind::number) return whole(text).has_value();
    return question.kind == AnswerKind::text || text == "yes" || text == "no";
}

} // namespace

std::string_view to_string(AnswerKind kind) {
    return name_in(kAnswerKinds, kind);
}
std::string_view to_string(Section section) {
    return name_in(kSections, section);
}
std::span<const Question> questions() {
    return kQuestions;
}
std::span<const TaskKind> task_kinds() {
    return kTasks;
}
const Question *find_question(std::string_view key) {
    const auto *found = std::ranges::find(kQuestions, key, &Question::key);
    return found == kQuestions.end() ? nullptr : found;
}
const TaskKind *find_task(std::string_view key) {
    const auto *found = std::ranges::find(kTasks, key, &TaskKind::key);
    return found == kTasks.end() ? nullptr : found;
}

Onboarding begin_onboarding(MunicipalityId municipality, Land land, const LocalDate &go_live) {
    Onboarding made{municipality, land, go_live, {}, {}};
    for (const TaskKind &kind : kTasks)
        made.tasks.push_back({std::string{kind.key}, due_day(kind, go_live, land), {}, {}});
    sort_by_due(made);
    return made;
}

void move_go_live(Onboarding &onboarding, const LocalDate &go_live) {
    onboarding.go_live = go_live;
    for (OnboardingTask &task : onboarding.tasks) {
        const TaskKind *kind = find_task(task.key);
        if (kind != nullptr && !task.done) task.due = due_day(*kind, go_live, onboarding.land);
    }
    sort_by_due(onboarding);
}

std::string_view answer_to(const Onboarding &onboarding, std::string_view question) {
    const auto found = std::ranges::find(onboarding.answers, question, &Answer::question);
    return found == onboarding.answers.end() ? std::string_view{} : found->text;
}

std::optional<std::int64_t> number_of(const Onboarding &onboarding, std::string_view question) {
    return whole(answer_to(onboarding, question));
}

Expected<void> set_answer(Onboarding &onboarding, const Answer &answer) {
    const Question *question = find_question(answer.question);
    if (question == nullptr) return unknown(answer.question);
    if (!answer.text.empty() && !fits(*question, answer.text)) {
        return fail(ProblemKind::invalid_input, "onboarding.answer", {{"field", answer.question}});
    }
    std::erase_if(onboarding.answers,
                  [&](const Answer &each) { return each.question == answer.question; });
    if (!answer.text.empty()) onboarding.answers.push_back(answer);
    std::ranges::sort(onboarding.answers, {},
                      [](const Answer &each) { return find_question(each.question); });
    return {};
}

Expected<void> set_task(Onboarding &onboarding, const OnboardingTask &task) {
    const auto found = std::ranges::find(onboarding.tasks, task.key, &OnboardingTask::key);
    if (found == onboarding.tasks.end()) return unknown(task.key);
    if (task.note.size() > kLongest) return unknown("note");
    *found = task;
    sort_by_due(onboarding);
    return {};
}

Progress progress_on(const Onboarding &onboarding, const LocalDate &day) {
    Progress progress;
    progress.questions = static_cast<int>(kQuestions.size());
    progress.answered = static_cast<int>(onboarding.answers.size());
    for (const OnboardingTask &task : onboarding.tasks) {
        ++progress.tasks;
        if (task.done) {
            ++progress.done;
            continue;
        }
        progress.overdue += task.due < day ? 1 : 0;
        if (!progress.next_due) progress.next_due = task.due; // by due day
    }
    return progress;
}

} // namespace fernamt::agreements
