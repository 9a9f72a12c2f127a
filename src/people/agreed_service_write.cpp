// SPDX-License-Identifier: EUPL-1.2
#include "people/agreed_service_write.h"

#include "people/agreed_service_store.h"
#include "people/hours.h"
#include "people/municipalities.h"

#include <algorithm>

namespace fernamt::people::store {

namespace {

using Number = AgreedState::Number;
using Setup = AgreedState::Setup;

void write_setup(routing::Number &rules, const Setup &setup) {
    rules.office = setup.office;
    rules.scope = setup.use;
    if (!setup.hours) {
        rules.hours.reset();
        return;
    }
    if (!rules.hours) rules.hours.emplace();
    rules.hours->periods = *setup.hours;
    rules.hours->towns_days = setup.towns_days;
}

const Line *last_of(const std::vector<Line> &known, const PhoneNumber &number) {
    const Line *found = nullptr;
    for (const Line &each : known) {
        if (each.rules.number == number) found = &each;
    }
    return found;
}

// The same number from another day on goes to the same queue at the same price, and what people
// have excepted from its hours is excepted there, too.
Line new_line(const Line *like, MunicipalityId municipality, const PhoneNumber &number) {
    Line line;
    if (like) line.rules = like->rules;
    line.rules.number = number;
    line.rules.municipality = municipality;
    return line;
}

Expected<void> add_exceptions_of(const Change &change, const Line &like, const Line &made) {
    auto all = hours_exceptions(change.connection, made.rules.municipality);
    if (!all) return tl::unexpected(all.error());
    for (HoursException &one : *all) {
        if (one.line != like.id) continue;
        one.line = made.id;
        if (auto added = add(change, std::move(one)); !added) {
            return tl::unexpected(added.error());
        }
    }
    return {};
}

bool has_week(const Line &line) {
    return line.rules.hours && !line.rules.hours->periods.empty();
}

Expected<void> write_number(const Change &change, MunicipalityId municipality,
                            const std::vector<Line> &known, const Number &wanted) {
    const auto there = std::ranges::find(known, wanted.line, &Line::id);
    const bool made = there == known.end();
    const Line *like = made ? last_of(known, wanted.number) : nullptr;
    const Line before = made ? new_line(like, municipality, wanted.number) : *there;
    Line written = before;
    written.rules.valid_from = wanted.from;
    written.rules.valid_until = wanted.until;
    if (wanted.setup) write_setup(written.rules, *wanted.setup);
    if (!made && written == before) return {};
    const auto stored = made ? add(change, written) : modify(change, written);
    if (!stored) return tl::unexpected(stored.error());
    if (like && has_week(*like) && has_week(*stored)) {
        return add_exceptions_of(change, *like, *stored);
    }
    return {};
}

Expected<void> write_numbers(const Change &change, MunicipalityId municipality,
                             const std::vector<Number> &now, const std::vector<Number> &wanted) {
    for (const Number &line : now) { // first what goes: a number is free before it is given again
        if (std::ranges::find(wanted, line.line, &Number::line) != wanted.end()) continue;
        if (auto removed = remove_line(change, municipality, line.line); !removed) return removed;
    }
    const auto known = lines(change.connection, municipality);
    if (!known) return tl::unexpected(known.error());
    for (const Number &line : wanted) {
        if (auto done = write_number(change, municipality, *known, line); !done) return done;
    }
    return {};
}

} // namespace

Expected<void> write_state(const Change &change, MunicipalityId id, const AgreedState &now,
                           const AgreedState &wanted) {
    auto town = load_municipality(change.connection, id);
    if (!town) return tl::unexpected(town.error());
    if (now.joins != wanted.joins || now.leaves != wanted.leaves) {
        town = set_term(change, id, town->version, wanted.joins, wanted.leaves);
        if (!town) return tl::unexpected(town.error());
    }
    if (now.hours != wanted.hours) {
        town->hours = wanted.hours;
        town = modify(change, *town);
        if (!town) return tl::unexpected(town.error());
    }
    auto stored = write_numbers(change, id, now.numbers, wanted.numbers);
    if (stored) stored = replace_promises(change.connection, id, wanted.promises);
    if (stored) stored = replace_retentions(change.connection, id, wanted.retentions);
    return stored;
}

} // namespace fernamt::people::store
