// SPDX-License-Identifier: EUPL-1.2
#include "people/agreed_service.h"

#include "people/agreed_scope.h"
#include "people/agreed_service_store.h"
#include "people/agreed_service_write.h"
#include "people/municipalities.h"

#include <algorithm>
#include <functional>
#include <set>
#include <tuple>

namespace fernamt::people {

namespace {

using agreements::Dated;
using agreements::NumberScope;
using agreements::ServiceHours;
using agreements::ServicePlan;
using routing::OpeningPeriod;
using Number = AgreedState::Number;
using Setup = AgreedState::Setup;

Instant day_begins(const LocalDate &day) {
    return to_instant(day, 0);
}

std::optional<Instant> day_after(const std::optional<LocalDate> &last) {
    if (!last) return std::nullopt;
    return day_begins(add_days(*last, 1));
}

// ---- hours -------------------------------------------------------------------------------------

// What is left of a period outside [from, to].
void append_outside(std::vector<OpeningPeriod> &kept, const OpeningPeriod &period,
                    const LocalDate &from, const std::optional<LocalDate> &to) {
    if (!period.valid_from || *period.valid_from < from) {
        OpeningPeriod before = period;
        const LocalDate last = add_days(from, -1);
        before.valid_until = period.valid_until ? std::min(*period.valid_until, last) : last;
        kept.push_back(before);
    }
    if (to && (!period.valid_until || *period.valid_until > *to)) {
        OpeningPeriod after = period;
        const LocalDate first = add_days(*to, 1);
        after.valid_from = period.valid_from ? std::max(*period.valid_from, first) : first;
        kept.push_back(after);
    }
}

auto order_of(const OpeningPeriod &period) {
    return std::tuple(period.weekday, period.from_second, period.valid_from, period.to_second);
}

// What follows without a gap is one period.
std::vector<OpeningPeriod> joined(std::vector<OpeningPeriod> hours) {
    std::ranges::sort(hours, {}, [](const OpeningPeriod &period) {
        return std::tuple(period.weekday, period.from_second, period.to_second, period.valid_from);
    });
    std::vector<OpeningPeriod> all;
    for (const OpeningPeriod &period : hours) {
        const bool follows = !all.empty() && all.back().weekday == period.weekday &&
                             all.back().from_second == period.from_second &&
                             all.back().to_second == period.to_second && all.back().valid_until &&
                             period.valid_from &&
                             add_days(*all.back().valid_until, 1) == *period.valid_from;
        if (follows) {
            all.back().valid_until = period.valid_until;
        } else {
            all.push_back(period);
        }
    }
    std::ranges::sort(all, {}, order_of);
    return all;
}

std::vector<OpeningPeriod> fit_hours(const std::vector<OpeningPeriod> &before,
                                     const std::vector<Dated<std::vector<ServiceHours>>> &agreed) {
    std::vector<OpeningPeriod> hours = before;
    for (const auto &part : agreed) {
        std::vector<OpeningPeriod> kept;
        for (const OpeningPeriod &period : hours)
            append_outside(kept, period, part.from, part.to);
        for (const ServiceHours &each : part.value) {
            kept.push_back({static_cast<Weekday>(each.weekday), each.from_second, each.to_second,
                            part.from, part.to});
        }
        hours = std::move(kept);
    }
    return joined(std::move(hours));
}

// ---- numbers -----------------------------------------------------------------------------------

bool overlap(const Number &number, const std::optional<Instant> &from,
             const std::optional<Instant> &until) {
    if (number.until && from && *number.until <= *from) return false;
    return !(until && number.from && *until <= *number.from);
}

auto order_of(const Number &number) {
    return std::tuple(number.number, number.from, number.line);
}

// What people have set on a line, under what an agreement made of it.
Setup without_agreement(const Number &line, const std::vector<Number> &base) {
    if (line.setup && !line.setup->by_agreement) return *line.setup;
    const auto found = std::ranges::find(base, line.line, &Number::line);
    return found == base.end() ? Setup{} : found->setup.value_or(Setup{});
}

// One number's lines, led to the days that are agreed for it.
class NumberFit {
  public:
    NumberFit(std::vector<Number> now, const std::vector<Number> &base)
        : now_(std::move(now)), base_(base) {
        std::ranges::sort(now_, {}, [](const Number &each) { return order_of(each); });
    }

    // What a line is like without agreements, and what an agreement makes of that.
    using Fit = std::function<Setup(const Setup &)>;
    void agree(const PhoneNumber &number, std::optional<Instant> from, std::optional<Instant> until,
               const Fit &setup) {
        std::vector<Number *> mine;
        for (Number &line : now_) {
            if (!used_.contains(line.line) && overlap(line, from, until)) mine.push_back(&line);
        }
        if (mine.empty()) {
            const auto spare = std::ranges::find_if(now_, [&](const Number &line) {
                return line.by_agreement && !used_.contains(line.line);
            });
            if (spare != now_.end()) mine.push_back(&*spare);
        }
        if (mine.empty()) {
            const Setup like = now_.empty() ? Setup{} : without_agreement(now_.back(), base_);
            all_.push_back({0, number, from, until, true, setup(like)});
            return;
        }
        // One line of somebody's covers all: what an agreement had put beside it goes.
        const auto by_people = std::ranges::find(mine, false, &Number::by_agreement);
        if (std::ranges::count(mine, false, &Number::by_agreement) == 1) mine = {*by_people};
        mine.front()->from = from;
        mine.back()->until = until;
        for (Number *line : mine) {
            used_.insert(line->line);
            line->setup = setup(without_agreement(*line, base_));
            all_.push_back(*line);
        }
    }

    // Lines for no agreed day: gone if only an agreement had put them there, else as before it.
    std::vector<Number> rest(bool number_is_agreed) {
        for (Number line : now_) {
            if (used_.contains(line.line) || line.by_agreement) continue;
            const auto before = std::ranges::find(base_, line.line, &Number::line);
            if (!number_is_agreed && before != base_.end()) {
                line.from = before->from;
                line.until = before->until;
            }
            if (!number_is_agreed && line.setup) line.setup = without_agreement(line, base_);
            all_.push_back(line);
        }
        return std::move(all_);
    }

  private:
    std::vector<Number> now_;
    const std::vector<Number> &base_;
    std::set<std::int64_t> used_;
    std::vector<Number> all_;
};

std::vector<Number> of(const std::vector<Number> &all, const PhoneNumber &number) {
    std::vector<Number> found;
    std::ranges::copy_if(all, std::back_inserter(found),
                         [&](const Number &each) { return each.number == number; });
    return found;
}

std::vector<Number> fit_numbers(const AgreedState &now, const AgreedState &base,
                                const ServicePlan &plan, bool served_before) {
    std::set<PhoneNumber> known;
    for (const Number &each : now.numbers)
        known.insert(each.number);
    for (const auto &each : plan.numbers)
        known.insert(each.value.number);
    std::vector<Number> all;
    for (const PhoneNumber &number : known) {
        NumberFit lines(of(now.numbers, number), base.numbers);
        bool agreed = false;
        for (const auto &each : plan.numbers) {
            if (each.value.number != number) continue;
            std::optional<Instant> from = day_begins(each.from);
            if (served_before && each.from == plan.begins) {
                auto before = of(base.numbers, number);
                std::erase_if(before, [](const Number &line) { return line.by_agreement; });
                if (!before.empty() && overlap(before.front(), std::nullopt, from)) {
                    from = before.front().from;
                }
            }
            lines.agree(number, from, day_after(each.to),
                        [&](const Setup &without) { return setup_of(each, plan.hours, without); });
            agreed = true;
        }
        std::ranges::move(lines.rest(agreed), std::back_inserter(all));
    }
    std::ranges::sort(all, {}, [](const Number &each) { return order_of(each); });
    return all;
}

// ---- setting back ------------------------------------------------------------------------------

// As far as it was recorded then.
bool same(const Number &left, Number now) {
    if (!left.setup) now.setup.reset();
    return left == now;
}

// What is as the last effect left it goes back to what stood there before all of them.
AgreedState set_back(const AgreedState &now, const AgreedState &base, const AgreedState &left) {
    AgreedState back = now;
    if (now.joins == left.joins) back.joins = base.joins;
    if (now.leaves == left.leaves) back.leaves = base.leaves;
    if (now.hours == left.hours) back.hours = base.hours;
    back.numbers.clear();
    for (const Number &line : now.numbers) {
        const auto as_left = std::ranges::find(left.numbers, line.line, &Number::line);
        const bool untouched = as_left != left.numbers.end() && same(*as_left, line);
        if (untouched && line.by_agreement) continue;
        const auto before = std::ranges::find(base.numbers, line.line, &Number::line);
        Number own = line;
        if (line.setup) own.setup = without_agreement(line, base.numbers);
        if (untouched && before != base.numbers.end()) {
            own.from = before->from;
            own.until = before->until;
        }
        back.numbers.push_back(std::move(own));
    }
    back.promises = base.promises;
    back.retentions = base.retentions;
    return back;
}

// ---- what people set ---------------------------------------------------------------------------

// The lines that were there before keep what is known of them; the new ones are an agreement's.
void mark(AgreedState &after, const AgreedState &wanted) {
    for (Number &line : after.numbers) {
        const auto known = std::ranges::find_if(wanted.numbers, [&](const Number &each) {
            return each.line == line.line || (each.line == 0 && each.number == line.number &&
                                              each.from == line.from && each.until == line.until);
        });
        line.by_agreement = known != wanted.numbers.end() && known->by_agreement;
        if (known == wanted.numbers.end() || !known->setup || !line.setup) continue;
        Setup as_known = *line.setup;
        as_known.by_agreement = known->setup->by_agreement;
        if (as_known == *known->setup) line.setup = as_known; // nobody has changed it since
    }
}

Number &entry(std::vector<Number> &base, const Number &line) {
    const auto found = std::ranges::find(base, line.line, &Number::line);
    return found == base.end() ? base.emplace_back(line) : *found;
}

// What people have changed since on a line under an agreement's scope is theirs and comes back with
// the rest of what they had set; what they have not touched of it is still the agreement's.
void remember_changed(AgreedState &base, AgreedState &now, const AgreedState &left) {
    for (Number &line : now.numbers) {
        const auto as_left = std::ranges::find(left.numbers, line.line, &Number::line);
        if (as_left == left.numbers.end() || !as_left->setup || !as_left->setup->by_agreement ||
            !line.setup || line.setup->by_agreement) {
            continue;
        }
        line.setup->by_agreement = true;
        Setup own = without_agreement(line, base.numbers);
        if (line.setup->office != as_left->setup->office) own.office = line.setup->office;
        if (line.setup->hours != as_left->setup->hours) own.hours = line.setup->hours;
        if (line.setup->towns_days != as_left->setup->towns_days)
            own.towns_days = line.setup->towns_days;
        if (line.setup->use != as_left->setup->use) own.use = line.setup->use;
        entry(base.numbers, line).setup = std::move(own);
    }
}

// A line that comes under an agreement's scope only now: as it is until then.
void remember_new(AgreedState &base, const AgreedState &now, const AgreedState &after) {
    for (const Number &line : after.numbers) {
        if (!line.setup || !line.setup->by_agreement) continue;
        const auto known = std::ranges::find(now.numbers, line.line, &Number::line);
        if (known == now.numbers.end()) { // made like the one that was there for its number
            const auto others = of(now.numbers, line.number);
            const Setup own =
                others.empty() ? Setup{} : without_agreement(others.back(), base.numbers);
            entry(base.numbers, line).setup = own;
        } else if (known->setup && !known->setup->by_agreement) {
            entry(base.numbers, *known).setup = known->setup;
        }
    }
    std::ranges::sort(base.numbers, {}, [](const Number &each) { return order_of(each); });
}

template <class T>
void unless_empty(std::vector<OpenPoint> &points, bool wrong, OpenPoint::What what, T subject) {
    if (wrong) points.push_back({what, std::move(subject)});
}

// A line whose scope an agreement had set up, and that is otherwise now.
bool changed_by_hand(const Number &left, const std::vector<Number> &now) {
    if (!left.setup || !left.setup->by_agreement) return false;
    const auto line = std::ranges::find(now, left.line, &Number::line);
    if (line == now.end() || !line->setup) return false;
    Setup as_left = *line->setup;
    as_left.by_agreement = true;
    return as_left != *left.setup;
}

bool rings_first_there(agreements::Scope scope) {
    return scope == agreements::Scope::when_absent || scope == agreements::Scope::overflow_only;
}

} // namespace

std::vector<std::string_view> parts_changed(const AgreedEffect &effect) {
    const AgreedState &a = effect.before, &b = effect.after;
    std::vector<std::string_view> parts;
    if (a.joins != b.joins) parts.emplace_back("joins");
    if (a.leaves != b.leaves) parts.emplace_back("leaves");
    if (a.hours != b.hours) parts.emplace_back("hours");
    if (a.numbers != b.numbers) parts.emplace_back("numbers");
    if (a.promises != b.promises) parts.emplace_back("promises");
    if (a.retentions != b.retentions) parts.emplace_back("retentions");
    return parts;
}

AgreedState fit(const AgreedState &now, const AgreedState &base, const ServicePlan &plan,
                bool served_before) {
    AgreedState wanted = now;
    if (!plan.begins) return wanted;
    const Instant begin = day_begins(*plan.begins);
    wanted.joins = begin;
    if (served_before && (!base.joins || *base.joins < begin)) wanted.joins = base.joins;
    wanted.leaves = day_after(plan.last_day);
    if (!plan.hours.empty()) wanted.hours = fit_hours(now.hours, plan.hours);
    wanted.numbers = fit_numbers(now, base, plan, served_before);
    wanted.promises = plan.promises;
    wanted.retentions = plan.retentions;
    return wanted;
}

Expected<std::optional<AgreedEffect>> take_effect(const Change &change, MunicipalityId municipality,
                                                  std::int64_t agreement, const ServicePlan &plan,
                                                  bool served_before) {
    const auto effects = agreed_effects(change.connection, municipality);
    if (!effects) return tl::unexpected(effects.error());
    auto now = agreed_state(change.connection, municipality);
    if (!now) return tl::unexpected(now.error());
    const bool in_effect = !effects->empty() && effects->front().agreement != 0;
    AgreedState base = in_effect ? effects->front().base : *now;
    if (in_effect) {
        mark(*now, effects->front().after);
        remember_changed(base, *now, effects->front().after);
    }
    if (!in_effect && !plan.begins) return std::nullopt;
    AgreedEffect effect{.municipality = municipality,
                        .agreement = plan.begins ? agreement : 0,
                        .at = change.at,
                        .by = change.by,
                        .base = std::move(base),
                        .before = *now,
                        .after = {}};
    AgreedState wanted;
    if (plan.begins) {
        // Hours that nobody has touched since begin again from what stood there before all.
        AgreedState from = *now;
        if (in_effect && now->hours == effects->front().after.hours) from.hours = effect.base.hours;
        wanted = fit(from, effect.base, plan, served_before);
    } else {
        wanted = set_back(*now, effect.base, effects->front().after);
    }
    if (wanted == *now) return std::nullopt;
    if (auto stored = store::write_state(change, municipality, *now, wanted); !stored) {
        return tl::unexpected(stored.error());
    }
    auto after = agreed_state(change.connection, municipality);
    if (!after) return tl::unexpected(after.error());
    mark(*after, wanted);
    remember_new(effect.base, *now, *after);
    effect.after = std::move(*after);
    auto stored = store::insert_effect(change, effect);
    if (stored) {
        const auto parts = parts_changed(effect);
        stored =
            note(change, "agreement.took_effect", municipality.value, {parts.begin(), parts.end()});
    }
    if (!stored) return tl::unexpected(stored.error());
    return effect;
}

std::string_view to_string(OpenPoint::What what) {
    switch (what) {
    case OpenPoint::What::office_missing:
        return "office_missing";
    case OpenPoint::What::office_not_agreed:
        return "office_not_agreed";
    case OpenPoint::What::number_not_agreed:
        return "number_not_agreed";
    case OpenPoint::What::hours_differ:
        return "hours_differ";
    case OpenPoint::What::number_differs:
        return "number_differs";
    case OpenPoint::What::staffed_missing:
        return "staffed_missing";
    case OpenPoint::What::scope_differs:
        return "scope_differs";
    }
    return {};
}

Expected<std::vector<OpenPoint>> open_points(storage::Connection &connection,
                                             MunicipalityId municipality, const ServicePlan &plan,
                                             const LocalDate &day) {
    using What = OpenPoint::What;
    const auto all = lines(connection, municipality);
    if (!all) return tl::unexpected(all.error());
    std::vector<OpenPoint> points;
    std::set<PhoneNumber> agreed;
    const Instant noon = to_instant(day, 12 * 3600);
    for (const auto &each : plan.numbers) {
        if (day < each.from || (each.to && day > *each.to)) continue;
        agreed.insert(each.value.number);
        const auto line = std::ranges::find_if(*all, [&](const Line &one) {
            const routing::Number &rules = one.rules;
            return rules.number == each.value.number &&
                   (!rules.valid_from || *rules.valid_from <= noon) &&
                   (!rules.valid_until || noon < *rules.valid_until);
        });
        const std::string subject = each.value.number.e164;
        if (line == all->end()) {
            points.push_back({What::number_differs, subject});
            continue;
        }
        const bool there = line->rules.office.has_value();
        const bool wanted = rings_first_there(each.value.scope);
        unless_empty(points,
                     each.value.scope == agreements::Scope::out_of_hours && !line->rules.hours,
                     What::staffed_missing, subject);
        unless_empty(points, wanted && !there, What::office_missing, subject);
        unless_empty(points, !wanted && there, What::office_not_agreed, subject);
    }
    for (const Line &line : *all) {
        const bool over = line.rules.valid_until && *line.rules.valid_until <= noon;
        unless_empty(points, !agreed.empty() && !over && !agreed.contains(line.rules.number),
                     What::number_not_agreed, line.rules.number.e164);
    }
    const auto effects = agreed_effects(connection, municipality);
    if (!effects) return tl::unexpected(effects.error());
    if (!effects->empty() && effects->front().agreement != 0) {
        const auto now = agreed_state(connection, municipality);
        if (!now) return tl::unexpected(now.error());
        unless_empty(points, now->hours != effects->front().after.hours, What::hours_differ,
                     std::string());
        for (const Number &left : effects->front().after.numbers) {
            unless_empty(points, changed_by_hand(left, now->numbers), What::scope_differs,
                         left.number.e164);
        }
    }
    return points;
}

} // namespace fernamt::people
