// SPDX-License-Identifier: EUPL-1.2
#include "agreements/service_plan.h"

#include <algorithm>
#include <tuple>

namespace fernamt::agreements {

namespace {

struct Stretch {
    LocalDate from;
    std::optional<LocalDate> to; // included
};

// The day on which a recorded end, or a term that nobody renews, ends the agreement.
std::optional<LocalDate> last_day(const Agreement &agreement) {
    if (agreement.ends) return agreement.ends;
    if (agreement.term.first_months == 0 || agreement.term.renewal_months > 0) return std::nullopt;
    return running_until(agreement.term, agreement.term.begins);
}

std::optional<LocalDate> earlier(const std::optional<LocalDate> &a,
                                 const std::optional<LocalDate> &b) {
    if (!a || !b) return a ? a : b;
    return std::min(*a, *b);
}

template <class T>
void append_within(std::vector<Dated<T>> &all, const std::vector<Dated<T>> &values,
                   const Stretch &stretch) {
    for (const Dated<T> &each : values) {
        Dated<T> cut = each;
        cut.from = std::max(each.from, stretch.from);
        cut.to = earlier(each.to, stretch.to);
        if (!cut.to || *cut.to >= cut.from) all.push_back(std::move(cut));
    }
}

// What follows without a gap and says the same is one.
template <class T>
void join(std::vector<Dated<T>> &all) {
    std::vector<Dated<T>> joined;
    for (Dated<T> &each : all) {
        const bool same = !joined.empty() && joined.back().to &&
                          add_days(*joined.back().to, 1) == each.from &&
                          joined.back().value == each.value;
        if (same) {
            joined.back().to = each.to;
        } else {
            joined.push_back(std::move(each));
        }
    }
    all = std::move(joined);
}

template <class T>
void sort_by_day(std::vector<Dated<T>> &all) {
    std::ranges::stable_sort(all, {}, &Dated<T>::from);
}

} // namespace

bool binds(const Agreement &agreement) {
    const bool is_signed = std::ranges::any_of(
        agreement.history, [](const StateChange &each) { return each.to == State::signed_; });
    const auto end = last_day(agreement);
    return is_signed && (!end || *end >= agreement.term.begins);
}

ServicePlan service_plan(std::vector<Agreement> agreements) {
    std::erase_if(agreements, [](const Agreement &each) { return !binds(each); });
    std::ranges::stable_sort(
        agreements, {}, [](const Agreement &each) { return std::tie(each.term.begins, each.id); });
    ServicePlan plan;
    for (std::size_t i = 0; i < agreements.size(); ++i) {
        const Agreement &agreement = agreements[i];
        Stretch stretch{agreement.term.begins, last_day(agreement)};
        if (i + 1 < agreements.size()) {
            stretch.to = earlier(stretch.to, add_days(agreements[i + 1].term.begins, -1));
        }
        if (stretch.to && *stretch.to < stretch.from) continue;
        if (!plan.begins) plan.begins = stretch.from;
        plan.last_day = stretch.to;
        append_within(plan.numbers, agreement.numbers, stretch);
        append_within(plan.hours, agreement.hours, stretch);
        append_within(plan.promises, agreement.promises, stretch);
        append_within(plan.retentions, agreement.retentions, stretch);
    }
    std::ranges::stable_sort(plan.numbers, {}, [](const Dated<NumberScope> &each) {
        return std::tie(each.value.number, each.from);
    });
    sort_by_day(plan.hours);
    sort_by_day(plan.promises);
    sort_by_day(plan.retentions);
    join(plan.numbers);
    join(plan.hours);
    join(plan.promises);
    join(plan.retentions);
    return plan;
}

} // namespace fernamt::agreements
