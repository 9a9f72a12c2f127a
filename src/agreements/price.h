// SPDX-License-Identifier: EUPL-1.2
// What an agreement costs, as dated clauses that combine: every price model that a real contract or
// council paper names (R-49..R-52, F-23..F-36). A clause is data; rating.h computes.
//  - Use clauses (minutes, calls, package, not charged) look at calls of the kinds they name.
//  - Base clauses (per inhabitant, fixed, levy share, secondment) accrue with time.
//  - Limits (cap per inhabitant, minimum) look at what the use clauses of a contract year cost.
// Yearly amounts accrue by twelfths of the calendar year, part months by days, cumulatively: the
// months of a year always add up to the yearly amount. Contract years begin with contract_begins.
#pragma once

#include "agreements/calls.h"
#include "agreements/clause.h"
#include "base/money.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace fernamt::agreements {

// A price from a contract year on, until the next step ("Preistreppe"). The first step's year is 1.
struct PriceStep {
    int contract_year = 1;
    Price price;
    friend bool operator==(const PriceStep &, const PriceStep &) = default;
};

// "Minutenpreis", with or without after-call work.
struct MinutePrice {
    std::vector<PriceStep> steps;
    bool counts_after_call_work = true;
    Unit unit = Unit::second;
    Level level = Level::per_call; // on_sum: of the month
    Rounding rounding = Rounding::half_up;
    std::int64_t minimum_seconds = 0; // per call; per_call only
    friend bool operator==(const MinutePrice &, const MinutePrice &) = default;
};

// A price per taken call (Hessen's template, F-28). On the sum of the month.
struct CallPrice {
    std::vector<PriceStep> steps;
    Rounding rounding = Rounding::half_up;
    friend bool operator==(const CallPrice &, const CallPrice &) = default;
};

// "Pauschale bis zu ... Minuten" per contract year, then a price per further minute (F-24).
struct Package {
    Money per_year;
    std::int64_t included_minutes = 0;
    Price overage_per_minute;
    bool counts_after_call_work = true;
    Unit unit = Unit::second; // each call
    Rounding rounding = Rounding::half_up;
    friend bool operator==(const Package &, const Package &) = default;
};

// Counted, costs nothing: mutual help, or calls that another account pays.
struct NotCharged {
    friend bool operator==(const NotCharged &, const NotCharged &) = default;
};

// "Festbetrag je Einwohner/in" and year.
struct InhabitantBase {
    Price per_year;
    Rounding rounding = Rounding::half_up;
    friend bool operator==(const InhabitantBase &, const InhabitantBase &) = default;
};

// A yearly sum, whoever pays it (the Landkreis in Rhein-Neckar, F-26: PriceClause::payer).
struct FixedBase {
    Money per_year;
    friend bool operator==(const FixedBase &, const FixedBase &) = default;
};

struct KeyShare {
    MunicipalityId municipality;
    std::int64_t weight = 0; // inhabitants, levy base, calls: whatever the key says
    friend bool operator==(const KeyShare &, const KeyShare &) = default;
};
// The municipality's part of what the levy ("Umlage") carries. Shown, never invoiced: it is
// paid with the levy.
struct LevyShare {
    Money carried_per_year; // by all together
    std::vector<KeyShare> key;
    friend bool operator==(const LevyShare &, const LevyShare &) = default;
};

// Staff that the municipality lends ("Personalgestellung", R-50), as a credit.
struct SecondmentCredit {
    std::int64_t post_hundredths = 0; // 150: one and a half posts
    Money per_post_and_year;
    friend bool operator==(const SecondmentCredit &, const SecondmentCredit &) = default;
};

// Use clauses together cost at most this per inhabitant and contract year (Hessen, F-28).
struct InhabitantCap {
    std::vector<PriceStep> per_inhabitant;
    Rounding rounding = Rounding::half_up;
    friend bool operator==(const InhabitantCap &, const InhabitantCap &) = default;
};

// Use clauses together cost at least this per contract year; the rest is due in its last month, by
// days if the clause does not cover the whole year.
struct Minimum {
    Money per_year;
    friend bool operator==(const Minimum &, const Minimum &) = default;
};

using PriceModel = std::variant<MinutePrice, CallPrice, Package, NotCharged, InhabitantBase,
                                FixedBase, LevyShare, SecondmentCredit, InhabitantCap, Minimum>;

enum class Payer { municipality, third_party, levy };
[[nodiscard]] std::string_view to_string(Payer payer);

struct KindSet {
    // All that a municipality owes by itself; from_partner only if it is named.
    std::uint32_t bits =
        ((1U << kBilledKinds) - 1) & ~(1U << static_cast<unsigned>(CallKind::from_partner));
    [[nodiscard]] static constexpr KindSet of(std::initializer_list<CallKind> kinds) {
        KindSet set{0};
        for (const CallKind kind : kinds)
            set.bits |= 1U << static_cast<unsigned>(kind);
        return set;
    }
    [[nodiscard]] constexpr bool has(CallKind kind) const {
        return (bits >> static_cast<unsigned>(kind) & 1U) != 0;
    }
    friend constexpr bool operator==(KindSet, KindSet) = default;
};

struct PriceClause {
    std::string name; // "minutes": unique within the agreement, stands on the invoice
    LocalDate from;
    std::optional<LocalDate> to; // the last day, included; empty: until the agreement ends
    KindSet kinds;               // use clauses only
    // Use clauses only: calls on lines of these price classes (R-20; 0: of none). Empty: the calls
    // of all classes that no other use clause names for the same kinds.
    std::optional<std::vector<std::int64_t>> price_classes;
    Payer payer = Payer::municipality;
    std::string payer_name; // third_party: "Rhein-Neckar-Kreis"
    std::string words;      // the agreement's own
    PriceModel model;
    friend bool operator==(const PriceClause &, const PriceClause &) = default;
};

struct Population {
    LocalDate from;     // used from this day on
    LocalDate key_date; // "Stichtag"
    std::int64_t inhabitants = 0;
    std::string source; // "LSN, Tabelle A100001G"
    friend bool operator==(const Population &, const Population &) = default;
};

struct PriceList {
    MunicipalityId municipality;
    LocalDate contract_begins;     // contract years count from here
    std::optional<LocalDate> ends; // the agreement's last day, when known
    std::vector<Population> populations;
    std::vector<PriceClause> clauses;
    friend bool operator==(const PriceList &, const PriceList &) = default;
};

[[nodiscard]] bool is_use(const PriceModel &model);
[[nodiscard]] bool covers(const PriceClause &clause, const LocalDate &date);
// The price of a contract year; null before the first step.
[[nodiscard]] const PriceStep *step_of(const std::vector<PriceStep> &steps, int contract_year);
// The figure that counts on a day; null if none does.
[[nodiscard]] const Population *population_on(const PriceList &prices, const LocalDate &date);

[[nodiscard]] bool prices_kind(const PriceList &prices, CallKind kind); // a use clause names it
// Whether the clause looks at calls of that price class.
[[nodiscard]] bool takes_class(const PriceList &prices, const PriceClause &clause,
                               std::int64_t price_class);

inline constexpr std::int64_t kHighestPriceClass = 1'000'000;
inline constexpr Price kHighestPrice{1'000'000'000};        // 1,000 EUR: a typing error
inline constexpr Money kHighestAmount{100'000'000'000'000}; // 10^12 EUR
inline constexpr std::int64_t kMostInhabitants = 100'000'000;

// Everything that is wrong, each with its place and the remedy; empty: it can be rated.
//  agreement.price_invalid  place, remedy    agreement.price_overlap     place, other, from, to
//  agreement.population_missing  place, from, remedy
[[nodiscard]] std::vector<Problem> check(const PriceList &prices);
// Days of [from, to] on which calls of a kind would have no price: "agreement.price_gap" (place,
// kind, from, to, remedy). A kind that no clause names at all is left out.
[[nodiscard]] std::vector<Problem> price_gaps(const PriceList &prices, const LocalDate &from,
                                              const LocalDate &to);

} // namespace fernamt::agreements
