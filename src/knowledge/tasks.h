// SPDX-License-Identifier: EUPL-1.2
// What editors have to do, in one list: texts that were called wrong in a call, jobs with a due
// date, submitted drafts to release, drafts of their own, and reviews that fall due. Only the first
// two are stored; the others follow from drafts and dates, so that the list is always true. Who
// called a text wrong is not kept: nobody is measured by it.
#pragma once

#include "knowledge/care.h"

namespace fernamt::knowledge {

using TaskId = Id<struct TaskTag>;

struct WrongReport {
    ServiceId service;
    MunicipalityId municipality; // of the call
    std::optional<SectionKey> section;
    std::string text; // what is wrong, in a few words; may be empty: one key is enough
};
inline constexpr int kDaysForWrong = 3; // until somebody has looked
inline constexpr std::size_t kLongestTaskText = 300;

struct Job {
    ServiceId service;
    MunicipalityId municipality = kCommonText;
    std::string text;
    UserId assignee; // none: any editor who may write it
    LocalDate due_on;
};

enum class WorkKind { wrong, job, release, draft, review };
[[nodiscard]] std::string_view to_string(WorkKind kind);

struct WorkItem {
    WorkKind kind = WorkKind::job;
    TaskId task; // of wrong and job
    ServiceId service;
    std::string service_name;
    MunicipalityId municipality;
    std::string part; // of drafts: "telephone" or a section; of a report the section or ""
    bool internal = false;
    std::string text; // of reports and jobs; of a draft the remark it came back with
    LocalDate due_on; // of drafts the day they were changed
    std::int64_t times = 1;
    bool mine = false; // given to this editor, or written by them
};

// The same text of the same municipality is called wrong once and counted. Problems:
// "knowledge.not_found", "knowledge.text_invalid" (text).
[[nodiscard]] Expected<TaskId> report_wrong(storage::Database &database, const Clock &clock,
                                            const WrongReport &report);
// What is wrong, said afterwards in a few words: added to what others said.
// "knowledge.task_closed".
[[nodiscard]] Expected<void> describe_report(storage::Database &database, TaskId task,
                                             const std::string &text);
// One report less; the last one closes the task as dismissed. "knowledge.task_closed".
[[nodiscard]] Expected<void> take_back_report(storage::Database &database, const Clock &clock,
                                              TaskId task);
[[nodiscard]] Expected<TaskId> add_job(storage::Database &database, const Clock &clock,
                                       const Editor &editor, const Job &job);
// "knowledge.task_not_found" also for a foreign one; "knowledge.task_closed".
[[nodiscard]] Expected<void> close_task(storage::Database &database, const Clock &clock,
                                        const Editor &editor, TaskId task, bool done);

inline constexpr int kReviewsAhead = 14; // days
// By due date; what is the editor's own stands first on the same day.
[[nodiscard]] Expected<std::vector<WorkItem>> work_list(storage::Database &database,
                                                        const Clock &clock, const Editor &editor);

} // namespace fernamt::knowledge
