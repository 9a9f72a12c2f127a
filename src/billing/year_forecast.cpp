// SPDX-License-Identifier: EUPL-1.2
#include "billing/year_forecast.h"

#include "billing/agreement_book.h"
#include "billing/invoice_source.h"
#include "billing/priced_calls.h"

#include <algorithm>

namespace fernamt::billing {

namespace {

using agreements::Course;
using agreements::MonthWeights;
using agreements::VolumeCall;

Expected<std::int64_t> calls_between(storage::Connection &connection, MunicipalityId municipality,
                                     Instant begin, Instant end) {
    std::int64_t count = 0;
    const auto done =
        connection.each("SELECT COUNT(*) FROM ledger_entry WHERE type = $1 AND "
                        "municipality = $2 AND at >= $3 AND at < $4",
                        {std::string{"decision.end"}, municipality.value, begin.us, end.us},
                        [&](const storage::Row &row) {
                            count = row.integer(0);
                            return true;
                        });
    if (!done) return tl::unexpected(done.error());
    return count;
}

// The year before, month by month.
Expected<std::array<std::int64_t, 12>> year_before(storage::Database &database,
                                                   MunicipalityId municipality, int year) {
    std::array<std::int64_t, 12> counts{};
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        for (int month = 1; month <= 12; ++month) {
            const Month each{year - 1, month};
            const auto count =
                calls_between(connection, municipality, begin_of(each), end_of(each));
            if (!count) return tl::unexpected(count.error());
            counts.at(static_cast<std::size_t>(month - 1)) = *count;
        }
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return counts;
}

class Forecaster {
  public:
    Forecaster(storage::Database &database, MunicipalityId municipality, int year, Instant now)
        : database_(database), municipality_(municipality), year_(year) {
        const Month running = month_of(to_local(now).date);
        over_ = running.year > year ? 12 : running.year < year ? 0 : running.month - 1;
    }

    Expected<std::vector<Course>> courses() {
        auto terms = terms_of(database_, municipality_, {year_, 1, 1}, {year_, 12, 31});
        if (!terms) return tl::unexpected(terms.error());
        terms_ = std::move(*terms);
        std::vector<Course> found;
        if (over_ == 0 || terms_.sources.empty()) return found;
        if (auto read = read_all(); !read) return tl::unexpected(read.error());
        if (!served_) return found;
        for (int over = served_->month; over <= over_; ++over) {
            auto course = course_of(over);
            if (!course) return tl::unexpected(course.error());
            found.push_back(*course);
        }
        return found;
    }

  private:
    [[nodiscard]] LocalDate begins(const PriceSource &source) const {
        return std::max(agreements::rating_begins(source.prices, {year_, 1}),
                        source.prices.contract_begins);
    }
    [[nodiscard]] LocalDate ends(const PriceSource &source) const {
        const LocalDate last{year_, 12, 31};
        return std::min(last, source.prices.ends.value_or(last));
    }

    Expected<void> read_all() {
        LocalDate first{year_, 1, 1};
        LocalDate agreed{year_, 12, 31};
        for (const PriceSource &source : terms_.sources) {
            first = std::min(first, begins(source));
            agreed = std::min(agreed, begins(source));
        }
        auto calls = read_calls(database_, municipality_, first, last_day({year_, over_}));
        if (!calls) return tl::unexpected(calls.error());
        const auto before = year_before(database_, municipality_, year_);
        if (!before) return tl::unexpected(before.error());
        // Only a year that was served whole tells how months differ.
        if (std::ranges::find(*before, 0) == before->end()) weights_ = *before;
        for (const CallFact &fact : calls->calls)
            take(fact);
        if (before->back() > 0) {
            served_ = LocalDate{year_, 1, 1};
        } else if (first_call_) {
            // Not from the first call itself: the days before it were served as well, and one call
            // on its own day would promise one every day.
            served_ = std::max(agreed, LocalDate{first_call_->year, first_call_->month, 1});
        }
        return {};
    }

    void take(const CallFact &fact) {
        const LocalDate date = to_local(fact.offered_at).date;
        calls_.push_back(
            {fact.offered_at, fact.kind, fact.talk, fact.after_call_work, fact.price_class});
        if (date.year == year_ && agreements::is_billed(fact.kind)) {
            first_call_ = std::min(first_call_.value_or(date), date);
        }
    }

    // As it was known at the end of the month `over`.
    Expected<Course> course_of(int over) {
        const LocalDate known = last_day({year_, over});
        const Instant until = end_of(Month{year_, over});
        const Instant since = to_instant(*served_, 0);
        std::vector<VolumeCall> seen;
        std::vector<VolumeCall> pool;
        for (const VolumeCall &call : calls_) {
            if (call.offered_at >= until) continue;
            seen.push_back(call);
            if (call.offered_at >= since && agreements::is_billed(call.kind)) pool.push_back(call);
        }
        const auto ahead = agreements::calls_to_come(pool, *served_, known, weights_);
        seen.insert(seen.end(), ahead.begin(), ahead.end());
        Course course;
        course.over = over;
        for (const PriceSource &source : terms_.sources) {
            if (auto added = add(course, source, seen); !added) {
                return tl::unexpected(added.error());
            }
        }
        return course;
    }

    Expected<void> add(Course &course, const PriceSource &source,
                       const std::vector<VolumeCall> &seen) {
        if (ends(source) < begins(source)) return {};
        agreements::Calls columns(begins(source), ends(source));
        columns.reserve(seen.size());
        std::int64_t id = 0;
        for (const VolumeCall &call : seen) {
            const auto added = columns.add(CallId{++id}, call.offered_at, call.kind, call.talk,
                                           call.after_call_work, call.price_class);
            if (!added) return tl::unexpected(added.error());
        }
        const auto statements = agreements::rate(source.prices, columns);
        if (!statements) return tl::unexpected(statements.error());
        for (const agreements::MonthStatement &each : *statements) {
            if (each.month.year != year_) continue;
            Money &month = course.months.at(static_cast<std::size_t>(each.month.month - 1));
            month = month + gross(each.total, each.month);
        }
        return {};
    }

    // VAT is cost to a town: as a rule it cannot deduct it.
    [[nodiscard]] Money gross(Money net, const Month &month) const {
        const agreements::Tax *tax = agreements::on(terms_.taxes, last_day(month));
        if (tax == nullptr || tax->category != agreements::TaxCategory::standard) return net;
        return net + Money{mul_div(net.cents, tax->rate_percent, 100, Rounding::half_up)};
    }

    storage::Database &database_;
    MunicipalityId municipality_;
    int year_;
    int over_ = 0; // months of the year
    Terms terms_;
    std::vector<VolumeCall> calls_;
    MonthWeights weights_ = agreements::kEvenMonths;
    std::optional<LocalDate> first_call_;
    std::optional<LocalDate> served_;
};

} // namespace

Expected<std::optional<Money>> budget_of(storage::Database &database, MunicipalityId municipality,
                                         int year) {
    const auto all = AgreementBook(database).list(municipality);
    if (!all) return tl::unexpected(all.error());
    std::optional<Money> found;
    for (const StoredAgreement &stored : *all) {
        const agreements::Agreement &agreement = stored.agreement;
        const LocalDate from = std::max(agreement.term.begins, LocalDate{year, 1, 1});
        if (from.year > year || !configuration_on(agreement, from).active) continue;
        for (const auto &budget : agreement.budgets) {
            if (budget.year == year) found = found.value_or(Money{}) + budget.amount;
        }
    }
    return found;
}

Expected<YearForecast> year_forecast(storage::Database &database, MunicipalityId municipality,
                                     int year, Instant now) {
    YearForecast result;
    const auto budget = budget_of(database, municipality, year);
    if (!budget) return tl::unexpected(budget.error());
    result.budget = *budget;
    const auto courses = Forecaster(database, municipality, year, now).courses();
    if (!courses) return tl::unexpected(courses.error());
    agreements::Budget limits;
    limits.per_year = result.budget.value_or(agreements::kHighestAmount);
    auto months = agreements::forecast(limits, *courses);
    if (!months) return tl::unexpected(months.error());
    result.months = std::move(*months);
    for (const Course &course : *courses)
        result.amounts.push_back(course.months.at(static_cast<std::size_t>(course.over - 1)));
    return result;
}

} // namespace fernamt::billing
