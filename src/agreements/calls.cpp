// SPDX-License-Identifier: EUPL-1.2
#include "agreements/calls.h"

#include "agreements/dates.h"
#include "agreements/names.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::agreements {

namespace {

constexpr Names<CallKind, kCallKinds> kKinds{
    {{CallKind::own_number, "own_number"},
     {CallKind::number_115, "number_115"},
     {CallKind::crisis, "crisis"},
     {CallKind::from_partner, "from_partner"},
     {CallKind::to_partner, "to_partner"},
     {CallKind::abandoned, "abandoned"},
     {CallKind::closed, "closed"},
     {CallKind::unknown_number, "unknown_number"},
     {CallKind::nobody_available, "nobody_available"},
     {CallKind::failed, "failed"},
     {CallKind::not_taken, "not_taken"},
     {CallKind::test_call, "test_call"},
     {CallKind::it_fault, "it_fault"},
     {CallKind::internal_call, "internal_call"},
     {CallKind::implausible_duration, "implausible_duration"},
     {CallKind::ended_too_late, "ended_too_late"}}};

} // namespace

std::string_view to_string(CallKind kind) {
    return name_in(kKinds, kind);
}
std::optional<CallKind> parse_call_kind(std::string_view text) {
    return value_in(kKinds, text);
}

Calls::Calls(const LocalDate &first, const LocalDate &last) : first_(first), last_(last) {
    const std::int64_t days = std::clamp<std::int64_t>(days_between(first, last) + 1, 1, 36'525);
    begins_.reserve(static_cast<std::size_t>(days) + 1);
    for (int day = 0; day <= days; ++day)
        begins_.push_back(to_instant(add_days(first, day), 0));
}

void Calls::reserve(std::size_t count) {
    ids_.reserve(count);
    day_.reserve(count);
    kind_.reserve(count);
    talk_us_.reserve(count);
    work_us_.reserve(count);
}

int Calls::day_of(Instant at) const {
    if (at < begins_.front() || at >= begins_.back()) return -1;
    constexpr std::int64_t kDay = 86'400'000'000;
    auto guess = static_cast<std::size_t>((at.us - begins_.front().us) / kDay);
    guess = std::min(guess, begins_.size() - 2);
    while (at < begins_[guess])
        --guess;
    while (begins_[guess + 1] <= at)
        ++guess;
    return static_cast<int>(guess);
}

Expected<bool> Calls::add(CallId id, Instant offered_at, CallKind kind, Duration talk,
                          Duration after_call_work, std::int64_t price_class) {
    const int day = day_of(offered_at);
    if (day < 0) return false;
    if (talk < Duration::zero() || after_call_work < Duration::zero()) {
        return fail(ProblemKind::internal, "billing.negative_duration",
                    {{"call", fmt::format("{}", id.value)}});
    }
    const bool implausible = talk > kLongestBilled || after_call_work > kLongestBilled ||
                             talk + after_call_work > kLongestBilled;
    ids_.push_back(id);
    day_.push_back(static_cast<std::uint16_t>(day));
    kind_.push_back(implausible && is_billed(kind) ? CallKind::implausible_duration : kind);
    talk_us_.push_back(talk.count());
    work_us_.push_back(after_call_work.count());
    add_class(price_class);
    return true;
}

void Calls::add_class(std::int64_t price_class) {
    if (price_class == 0 && class_at_.empty()) return;
    const auto found = std::ranges::find(classes_, price_class);
    const auto at = static_cast<std::uint16_t>(found - classes_.begin());
    if (found == classes_.end()) classes_.push_back(price_class);
    class_at_.resize(ids_.size() - 1); // those before had class 0, the first of classes_
    class_at_.push_back(at);
}

} // namespace fernamt::agreements
