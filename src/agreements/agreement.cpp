// SPDX-License-Identifier: EUPL-1.2
#include "agreements/agreement.h"

#include "agreements/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace fernamt::agreements {

namespace {

constexpr Names<LegalKind, 4> kKinds{{{LegalKind::delegation, "delegation"},
                                      {LegalKind::mandate, "mandate"},
                                      {LegalKind::public_law_agreement, "public_law_agreement"},
                                      {LegalKind::private_law_contract, "private_law_contract"}}};
constexpr Names<State, 6> kStates{{{State::draft, "draft"},
                                   {State::resolved, "resolved"},
                                   {State::signed_, "signed"},
                                   {State::active, "active"},
                                   {State::notice_given, "notice_given"},
                                   {State::ended, "ended"}}};
constexpr Names<Scope, 6> kScopes{{{Scope::all_calls, "all_calls"},
                                   {Scope::when_absent, "when_absent"},
                                   {Scope::overflow_only, "overflow_only"},
                                   {Scope::out_of_hours, "out_of_hours"},
                                   {Scope::crisis_only, "crisis_only"},
                                   {Scope::number_115, "number_115"}}};
constexpr Names<TaxCategory, 3> kTaxes{{{TaxCategory::not_taxable, "not_taxable"},
                                        {TaxCategory::exempt, "exempt"},
                                        {TaxCategory::standard, "standard"}}};
constexpr Names<TaxHint, 4> kHints{{{TaxHint::none, "none"},
                                    {TaxHint::short_term, "short_term"},
                                    {TaxHint::transition_ends, "transition_ends"},
                                    {TaxHint::no_tax_clause, "no_tax_clause"}}};

// § 27 Abs. 22, 22a UStG: § 2b has to be applied from this day on.
constexpr LocalDate kNewVatLaw{2027, 1, 1};

bool allowed(State from, State to) {
    if (from == State::ended) return false;
    if (to == State::ended) return true;
    switch (from) {
    case State::draft:
        return to == State::resolved;
    case State::resolved:
        return to == State::signed_ || to == State::draft;
    case State::signed_:
        return to == State::active;
    case State::active:
        return to == State::notice_given;
    case State::notice_given:
        return to == State::active;
    case State::ended:
        return false;
    }
    return false;
}

Problem incomplete(std::string place, std::string remedy) {
    return {ProblemKind::invalid_input,
            "agreement.incomplete",
            {{"place", std::move(place)}, {"remedy", std::move(remedy)}}};
}

template <class T>
void check_dates(const std::vector<Dated<T>> &all, std::string_view place,
                 std::vector<Problem> &found) {
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (exists(all[i].from) && (!all[i].to || *all[i].to >= all[i].from)) continue;
        found.push_back(incomplete(fmt::format("{}[{}]", place, i), "set_end_after_begin"));
    }
}

// Two values for the same day; of one kind of thing only one may hold.
template <class T, class Same>
void check_apart(const std::vector<Dated<T>> &all, std::string_view place, Same same,
                 std::vector<Problem> &found) {
    for (std::size_t later = 1; later < all.size(); ++later) {
        for (std::size_t earlier = 0; earlier < later; ++earlier) {
            const Dated<T> &a = all[earlier];
            const Dated<T> &b = all[later];
            if (!same(a.value, b.value)) continue;
            const LocalDate from = std::max(a.from, b.from);
            if ((a.to && *a.to < from) || (b.to && *b.to < from)) continue;
            found.push_back({ProblemKind::conflict,
                             "agreement.overlap",
                             {{"place", fmt::format("{}[{}]", place, later)},
                              {"other", fmt::format("{}[{}]", place, earlier)},
                              {"from", to_string(from)},
                              {"remedy", "end_the_earlier_one"}}});
        }
    }
}

void check_sections(const Agreement &agreement, std::vector<Problem> &found) {
    const std::pair<std::string_view, const std::string *> sections[] = {
        {"1.tasks_of_centre", &agreement.tasks_of_centre},
        {"2.tasks_of_municipality", &agreement.tasks_of_municipality},
        {"3.technical_prerequisites", &agreement.technical_prerequisites},
        {"4.data_protection", &agreement.data_protection},
        {"5.cost_clause", &agreement.cost_clause},
        {"6.term_clause", &agreement.term_clause}};
    for (const auto &[place, text] : sections) {
        if (text->empty()) found.push_back(incomplete(std::string{place}, "write_this_section"));
    }
}

bool valid_hours(const ServiceHours &hours) {
    return hours.weekday >= 0 && hours.weekday <= 6 && hours.from_second >= 0 &&
           hours.from_second < hours.to_second && hours.to_second <= 86'400;
}

bool valid_scope(const NumberScope &each) {
    const bool rings = !each.ring_seconds || (*each.ring_seconds >= 5 && *each.ring_seconds <= 120);
    const bool apart = !each.office || *each.office != each.number; // else it would ring itself
    return rings && apart && (!each.staffed || std::ranges::all_of(*each.staffed, valid_hours));
}

bool at_once(const Dated<NumberScope> &number, const Dated<std::vector<ServiceHours>> &hours) {
    return !hours.value.empty() && !(number.to && *number.to < hours.from) &&
           !(hours.to && *hours.to < number.from);
}

// "Out of the town hall's hours" is a part of the centre's: without these it would be all day.
void check_hours_for_scopes(const Agreement &agreement, std::vector<Problem> &found) {
    for (const auto &number : agreement.numbers) {
        if (number.value.scope != Scope::out_of_hours) continue;
        const auto meets = [&](const auto &hours) { return at_once(number, hours); };
        if (std::ranges::any_of(agreement.hours, meets)) continue;
        found.push_back(incomplete("3.hours", "add_service_hours"));
        return;
    }
}

void check_machine_parts(const Agreement &agreement, std::vector<Problem> &found) {
    check_dates(agreement.numbers, "1.numbers", found);
    check_dates(agreement.promises, "1.promises", found);
    check_dates(agreement.hours, "3.hours", found);
    check_dates(agreement.retentions, "4.retentions", found);
    check_dates(agreement.taxes, "5.taxes", found);
    const auto same_number = [](const NumberScope &a, const NumberScope &b) {
        return a.number == b.number;
    };
    const auto always = [](const auto &, const auto &) { return true; };
    check_apart(agreement.numbers, "1.numbers", same_number, found);
    check_apart(agreement.promises, "1.promises", always, found);
    check_apart(agreement.hours, "3.hours", always, found);
    check_apart(agreement.retentions, "4.retentions", always, found);
    check_apart(agreement.taxes, "5.taxes", always, found);
    if (agreement.numbers.empty()) found.push_back(incomplete("1.numbers", "add_a_number"));
    for (std::size_t i = 0; i < agreement.numbers.size(); ++i) {
        if (valid_scope(agreement.numbers[i].value)) continue;
        found.push_back(incomplete(fmt::format("1.numbers[{}]", i), "correct_value"));
    }
    for (std::size_t i = 0; i < agreement.hours.size(); ++i) {
        if (std::ranges::all_of(agreement.hours[i].value, valid_hours)) continue;
        found.push_back(incomplete(fmt::format("3.hours[{}]", i), "correct_value"));
    }
    check_hours_for_scopes(agreement, found);
    for (std::size_t i = 0; i < agreement.taxes.size(); ++i) {
        const Tax &tax = agreement.taxes[i].value;
        const bool rate_fits = (tax.category == TaxCategory::standard) == (tax.rate_percent > 0);
        const std::string place = fmt::format("5.taxes[{}]", i);
        if (tax.reason.empty()) found.push_back(incomplete(place + ".reason", "name_the_reason"));
        if (!rate_fits || tax.rate_percent > 100 || tax.rate_percent < 0) {
            found.push_back(incomplete(place + ".rate_percent", "correct_value"));
        }
    }
}

void check_promises(const Agreement &agreement, std::vector<Problem> &found) {
    const auto percent = [](std::int64_t value) { return value >= 0 && value <= 100; };
    for (std::size_t i = 0; i < agreement.promises.size(); ++i) {
        const Promise &each = agreement.promises[i].value;
        if (percent(each.answered_percent) && percent(each.first_contact_percent) &&
            each.within_seconds > 0 && each.reply_hours > 0) {
            continue;
        }
        found.push_back(incomplete(fmt::format("1.promises[{}]", i), "correct_value"));
    }
}

// The prices must reach over the first term, or as far as the end is known.
void check_prices(const Agreement &agreement, std::vector<Problem> &found) {
    const PriceList list = prices_of(agreement);
    for (Problem &problem : check(list)) {
        for (auto &[name, value] : problem.arguments) {
            if (name == "place" || name == "other") value = "5." + value;
        }
        found.push_back(std::move(problem));
    }
    if (agreement.prices.empty()) {
        found.push_back(incomplete("5.prices", "add_a_price"));
        return;
    }
    LocalDate until = contract_year_ends(agreement.term.begins, 1);
    if (agreement.ends) until = std::min(until, *agreement.ends);
    for (Problem &gap : price_gaps(list, agreement.term.begins, until))
        found.push_back(std::move(gap));
}

void insert_begin_and_end(std::set<LocalDate> &days, const LocalDate &from,
                          const std::optional<LocalDate> &to) {
    days.insert(from);
    if (to) days.insert(add_days(*to, 1));
}

template <class T>
void insert_days(std::set<LocalDate> &days, const std::vector<Dated<T>> &all) {
    for (const Dated<T> &each : all)
        insert_begin_and_end(days, each.from, each.to);
}

void give_notice(Agreement &agreement, const LocalDate &on) {
    agreement.notice_received = on;
    const auto end = next_possible_end(agreement.term, on, agreement.land);
    // A term that ends by itself ends then; one that does not, at the end the notice reaches.
    agreement.ends = end ? end->last_day : running_until(agreement.term, on);
}

} // namespace

std::string_view to_string(LegalKind kind) {
    return name_in(kKinds, kind);
}
std::string_view to_string(State state) {
    return name_in(kStates, state);
}
std::string_view to_string(Scope scope) {
    return name_in(kScopes, scope);
}
std::string_view to_string(TaxCategory category) {
    return name_in(kTaxes, category);
}
std::string_view to_string(TaxHint hint) {
    return name_in(kHints, hint);
}

State state_of(const Agreement &agreement) {
    return agreement.history.empty() ? State::draft : agreement.history.back().to;
}

State state_on(const Agreement &agreement, const LocalDate &date) {
    State state = State::draft;
    for (const StateChange &change : agreement.history) {
        // The last day still belongs to it.
        const bool still = change.to == State::ended && agreement.ends && date <= *agreement.ends;
        if (change.on <= date && !still) state = change.to;
    }
    const bool in_force =
        state == State::signed_ || state == State::active || state == State::notice_given;
    if (!in_force) return state;
    if (agreement.ends && date > *agreement.ends) return State::ended;
    const auto until = running_until(agreement.term, date);
    if (!until && agreement.term.first_months > 0) return State::ended; // ended by itself
    if (state == State::signed_ && date >= agreement.term.begins) return State::active;
    return state;
}

Expected<void> change_state(Agreement &agreement, const StateChange &change) {
    const State from = state_of(agreement);
    if (agreement.history.empty() ? change.to != State::draft : !allowed(from, change.to)) {
        return fail(ProblemKind::conflict, "agreement.transition_forbidden",
                    {{"from", std::string{to_string(from)}},
                     {"to", std::string{to_string(change.to)}},
                     {"remedy", "take_the_next_step"}});
    }
    if (!agreement.history.empty() && change.on < agreement.history.back().on) {
        return fail(ProblemKind::conflict, "agreement.transition_date",
                    {{"earliest", to_string(agreement.history.back().on)},
                     {"remedy", "choose_a_later_day"}});
    }
    if (change.to == State::resolved) {
        if (auto problems = check(agreement); !problems.empty()) {
            return tl::unexpected(problems.front());
        }
    }
    if (change.to == State::active && change.on < agreement.term.begins) {
        return fail(
            ProblemKind::conflict, "agreement.transition_date",
            {{"earliest", to_string(agreement.term.begins)}, {"remedy", "choose_a_later_day"}});
    }
    if (change.to == State::notice_given) give_notice(agreement, change.on);
    if (from == State::notice_given && change.to == State::active) {
        agreement.notice_received.reset();
        agreement.ends.reset();
    }
    if (change.to == State::ended && (!agreement.ends || *agreement.ends > change.on)) {
        agreement.ends = change.on;
    }
    agreement.history.push_back(change);
    return {};
}

std::vector<Problem> check(const Agreement &agreement) {
    std::vector<Problem> found;
    if (agreement.municipality.value <= 0) {
        found.push_back(incomplete("municipality", "choose_the_municipality"));
    }
    if (agreement.title.empty()) found.push_back(incomplete("title", "give_a_title"));
    if (auto valid = check(agreement.term); !valid) {
        found.push_back(valid.error());
        return found; // everything else is dated by it
    }
    check_sections(agreement, found);
    check_machine_parts(agreement, found);
    check_promises(agreement, found);
    check_prices(agreement, found);
    if (agreement.payment_days < 0 || agreement.payment_days > 365) {
        found.push_back(incomplete("5.payment_days", "correct_value"));
    }
    if (agreement.ends && *agreement.ends < agreement.term.begins) {
        found.push_back(incomplete("6.ends", "set_end_after_begin"));
    }
    return found;
}

PriceList prices_of(const Agreement &agreement) {
    PriceList list;
    list.municipality = agreement.municipality;
    list.contract_begins = agreement.term.begins;
    list.ends = agreement.ends;
    list.populations = agreement.populations;
    list.clauses = agreement.prices;
    return list;
}

Configuration configuration_on(const Agreement &agreement, const LocalDate &date) {
    Configuration configuration;
    const State state = state_on(agreement, date);
    configuration.active =
        date >= agreement.term.begins && (state == State::active || state == State::notice_given);
    if (!configuration.active) return configuration;
    for (const auto &number : agreement.numbers) {
        if (number.from <= date && (!number.to || date <= *number.to)) {
            configuration.numbers.push_back(number.value);
        }
    }
    if (const auto *hours = on(agreement.hours, date)) configuration.hours = *hours;
    if (const auto *promise = on(agreement.promises, date)) configuration.promise = *promise;
    if (const auto *retention = on(agreement.retentions, date)) {
        configuration.retention = *retention;
    }
    for (const PriceClause &clause : agreement.prices) {
        if (covers(clause, date)) configuration.prices.push_back(clause.name);
    }
    if (const auto *tax = on(agreement.taxes, date)) configuration.tax = *tax;
    return configuration;
}

std::vector<LocalDate> changes_between(const Agreement &agreement, const LocalDate &after,
                                       const LocalDate &until) {
    std::set<LocalDate> days{agreement.term.begins};
    insert_days(days, agreement.numbers);
    insert_days(days, agreement.promises);
    insert_days(days, agreement.hours);
    insert_days(days, agreement.retentions);
    insert_days(days, agreement.taxes);
    for (const PriceClause &clause : agreement.prices)
        insert_begin_and_end(days, clause.from, clause.to);
    for (const StateChange &change : agreement.history)
        days.insert(change.on);
    if (agreement.ends) days.insert(add_days(*agreement.ends, 1));
    if (const auto end = running_until(agreement.term, until)) days.insert(add_days(*end, 1));
    std::vector<LocalDate> changes;
    for (const LocalDate &day : days) {
        if (day <= after || day > until) continue;
        if (configuration_on(agreement, day) != configuration_on(agreement, add_days(day, -1))) {
            changes.push_back(day);
        }
    }
    return changes;
}

std::vector<TaxHint> tax_hints(const Agreement &agreement, const LocalDate &date) {
    std::vector<TaxHint> hints;
    const Tax *tax = on(agreement.taxes, date);
    if (tax == nullptr) return {TaxHint::no_tax_clause};
    if (tax->category == TaxCategory::standard) return hints;
    const bool below_five_years =
        agreement.term.first_months > 0 && agreement.term.first_months < 60;
    if (below_five_years && date >= kNewVatLaw) hints.push_back(TaxHint::short_term);
    const Tax *next_year = on(agreement.taxes, kNewVatLaw);
    if (date < kNewVatLaw && next_year == tax) hints.push_back(TaxHint::transition_ends);
    return hints;
}

} // namespace fernamt::agreements
