// SPDX-License-Identifier: EUPL-1.2
#include "people/agreed_scope.h"

#include <algorithm>
#include <tuple>

namespace fernamt::people {

namespace {

using agreements::Dated;
using agreements::NumberScope;
using agreements::Scope;
using agreements::ServiceHours;
using routing::OpeningPeriod;
using Setup = AgreedState::Setup;

constexpr int kDay = 86'400;

std::vector<ServiceHours> whole_week() {
    std::vector<ServiceHours> week;
    for (int weekday = 0; weekday < 7; ++weekday)
        week.push_back({weekday, 0, kDay});
    return week;
}

// What of `open` is left when `taken` is taken away.
std::vector<ServiceHours> less(const std::vector<ServiceHours> &open,
                               const std::vector<ServiceHours> &taken) {
    std::vector<ServiceHours> left = open;
    for (const ServiceHours &each : taken) {
        std::vector<ServiceHours> next;
        for (const ServiceHours &one : left) {
            if (one.weekday != each.weekday || each.to_second <= one.from_second ||
                one.to_second <= each.from_second) {
                next.push_back(one);
                continue;
            }
            if (one.from_second < each.from_second) {
                next.push_back({one.weekday, one.from_second, each.from_second});
            }
            if (each.to_second < one.to_second) {
                next.push_back({one.weekday, each.to_second, one.to_second});
            }
        }
        left = std::move(next);
    }
    return left;
}

void append(std::vector<OpeningPeriod> &periods, const std::vector<ServiceHours> &hours,
            const std::optional<LocalDate> &from, const std::optional<LocalDate> &to) {
    for (const ServiceHours &each : hours) {
        periods.push_back(
            {static_cast<Weekday>(each.weekday), each.from_second, each.to_second, from, to});
    }
}

std::vector<OpeningPeriod> sorted(std::vector<OpeningPeriod> periods) {
    std::ranges::sort(periods, {}, [](const OpeningPeriod &period) {
        return std::tuple(period.weekday, period.from_second, period.valid_from, period.to_second);
    });
    return periods;
}

bool in_its_time(const Dated<NumberScope> &agreed, const Dated<std::vector<ServiceHours>> &hours) {
    return !(agreed.to && *agreed.to < hours.from) && !(hours.to && *hours.to < agreed.from);
}

bool any_in_its_time(const Dated<NumberScope> &agreed,
                     const std::vector<Dated<std::vector<ServiceHours>>> &hours) {
    return std::ranges::any_of(hours, [&](const auto &each) { return in_its_time(agreed, each); });
}

std::vector<OpeningPeriod>
out_of_hours(const Dated<NumberScope> &agreed,
             const std::vector<Dated<std::vector<ServiceHours>>> &hours) {
    std::vector<OpeningPeriod> periods;
    for (const auto &each : hours) {
        if (!in_its_time(agreed, each)) continue;
        append(periods, less(each.value, *agreed.value.staffed), each.from, each.to);
    }
    return sorted(std::move(periods));
}

routing::OfficeFirst office_first(const NumberScope &scope) {
    routing::OfficeFirst office{.office = *scope.office, .absent = {}};
    if (scope.ring_seconds) office.ring_for = std::chrono::seconds{*scope.ring_seconds};
    if (scope.scope != Scope::when_absent || !scope.staffed) return office;
    std::vector<OpeningPeriod> absent;
    append(absent, less(whole_week(), *scope.staffed), {}, {});
    office.absent = sorted(std::move(absent));
    return office;
}

} // namespace

Setup setup_of(const Dated<NumberScope> &agreed,
               const std::vector<Dated<std::vector<ServiceHours>>> &hours, Setup without) {
    const NumberScope &scope = agreed.value;
    Setup setup = without;
    setup.by_agreement = true;
    switch (scope.scope) {
    case Scope::all_calls:
        return without;
    case Scope::number_115:
        setup.use = routing::Scope::authority_115;
        return setup;
    case Scope::crisis_only:
        setup.office.reset();
        setup.hours.emplace();
        setup.towns_days = false; // not even on a day of exceptional opening
        return setup;
    case Scope::out_of_hours:
        if (!scope.staffed || !any_in_its_time(agreed, hours)) return without;
        setup.office.reset();
        setup.hours = out_of_hours(agreed, hours);
        if (!without.hours || without.hours->empty()) setup.towns_days = true;
        return setup;
    case Scope::when_absent:
    case Scope::overflow_only:
        if (!scope.office) return without;
        setup.office = office_first(scope);
        return setup;
    }
    return without;
}

} // namespace fernamt::people
