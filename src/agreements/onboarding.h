// SPDX-License-Identifier: EUPL-1.2
// How a municipality joins: the questionnaire (R-08: "Fragekatalog", with a day by which it is
// answered) and the checklist with due days until it goes live. Due days come from the
// go-live day by fixed distances, on working days of its Land; each may be moved. Pure.
#pragma once

#include "base/calendar.h"
#include "base/id.h"
#include "base/problem.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::agreements {

enum class AnswerKind { text, number, yes_no };
[[nodiscard]] std::string_view to_string(AnswerKind kind);
enum class Section { service, technology, data, cost, people, schedule };
[[nodiscard]] std::string_view to_string(Section section);

struct Question {
    std::string_view key; // stored for years: never changed
    Section section = Section::service;
    AnswerKind kind = AnswerKind::text;
    std::string_view german;
    std::string_view english;
};
[[nodiscard]] std::span<const Question> questions();
[[nodiscard]] const Question *find_question(std::string_view key);

struct TaskKind {
    std::string_view key;
    int days = 0; // from the go-live day; negative: before it
    bool by_municipality = false;
    std::string_view german;
    std::string_view english;
};
[[nodiscard]] std::span<const TaskKind> task_kinds();
[[nodiscard]] const TaskKind *find_task(std::string_view key);

struct Answer {
    std::string question;
    std::string text;
    friend bool operator==(const Answer &, const Answer &) = default;
};
struct OnboardingTask {
    std::string key;
    LocalDate due;
    std::optional<LocalDate> done;
    std::string note; // no personal data
    friend bool operator==(const OnboardingTask &, const OnboardingTask &) = default;
};
struct Onboarding {
    MunicipalityId municipality;
    Land land = Land::NI;
    LocalDate go_live;
    std::vector<Answer> answers; // in the order of the questions; unanswered ones are not there
    std::vector<OnboardingTask> tasks; // by due day
    friend bool operator==(const Onboarding &, const Onboarding &) = default;
};

[[nodiscard]] Onboarding begin_onboarding(MunicipalityId municipality, Land land,
                                          const LocalDate &go_live);
// Every task that is not done moves with it.
void move_go_live(Onboarding &onboarding, const LocalDate &go_live);

[[nodiscard]] std::string_view answer_to(const Onboarding &onboarding, std::string_view question);
// A whole number from an answer of that kind; empty without one.
[[nodiscard]] std::optional<std::int64_t> number_of(const Onboarding &onboarding,
                                                    std::string_view question);
// An empty text takes an answer away. "onboarding.unknown" (field), "onboarding.answer" (field): no
// whole number, no "yes" or "no", longer than 2,000 characters.
[[nodiscard]] Expected<void> set_answer(Onboarding &onboarding, const Answer &answer);
// "onboarding.unknown" (field).
[[nodiscard]] Expected<void> set_task(Onboarding &onboarding, const OnboardingTask &task);

struct Progress {
    int questions = 0;
    int answered = 0;
    int tasks = 0;
    int done = 0;
    int overdue = 0;
    std::optional<LocalDate> next_due;
    friend bool operator==(const Progress &, const Progress &) = default;
};
[[nodiscard]] Progress progress_on(const Onboarding &onboarding, const LocalDate &day);

} // namespace fernamt::agreements
