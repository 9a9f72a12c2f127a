// SPDX-License-Identifier: EUPL-1.2
#include "agreements/offboarding.h"

#include "agreements/names.h"

#include <algorithm>

namespace fernamt::agreements {

namespace {

constexpr Names<OffboardingTask, 6> kTasks{
    {{OffboardingTask::tell_partners, "tell_partners"},
     {OffboardingTask::switch_number_back, "switch_number_back"},
     {OffboardingTask::end_access, "end_access"},
     {OffboardingTask::return_data, "return_data"},
     {OffboardingTask::final_account, "final_account"},
     {OffboardingTask::delete_data, "delete_data"}}};

constexpr int kTellPartners = -90; // days before the end
constexpr int kReturnData = 30;    // after it
// After-call work is looked for 32 days (billing); a month's invoice needs a little more.
constexpr int kFinalAccount = 60;

} // namespace

std::string_view to_string(OffboardingTask task) {
    return name_in(kTasks, task);
}

std::vector<OffboardingStep> offboarding_plan(const Agreement &agreement) {
    std::vector<OffboardingStep> plan;
    if (!agreement.ends) return plan;
    const LocalDate end = *agreement.ends;
    const auto working = [&](int days) {
        return next_working_day(add_days(end, days), agreement.land);
    };
    plan.push_back({OffboardingTask::tell_partners, "", working(kTellPartners)});
    for (const auto &number : agreement.numbers) {
        if (number.from > end || (number.to && *number.to < end)) continue;
        plan.push_back({OffboardingTask::switch_number_back, number.value.number.e164, end});
    }
    plan.push_back({OffboardingTask::end_access, "", end});
    plan.push_back({OffboardingTask::return_data, "", working(kReturnData)});
    plan.push_back({OffboardingTask::final_account, "", working(kFinalAccount)});
    if (const Retention *retention = on(agreement.retentions, end)) {
        const auto days = [&](std::int64_t count) { return working(static_cast<int>(count)); };
        plan.push_back({OffboardingTask::delete_data, "caller", days(retention->caller_days)});
        plan.push_back({OffboardingTask::delete_data, "case", days(retention->case_days)});
        plan.push_back(
            {OffboardingTask::delete_data, "call_record", days(retention->call_record_days)});
    }
    std::ranges::stable_sort(plan, {}, &OffboardingStep::due);
    return plan;
}

} // namespace fernamt::agreements
