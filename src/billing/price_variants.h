// SPDX-License-Identifier: EUPL-1.2
// The financing models of the papers (R-49 to R-51, and a price per call, F-28) on the same calls
// of all towns, each set so that it brings what the price per minute brings: then the models differ
// only in who pays. Beside them the templates of agreements at their own prices, and what is
// agreed today, from which all others are then measured. Rated by the one engine. Pure.
#pragma once

#include "agreements/calls.h"
#include "agreements/rating.h"
#include "agreements/template.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::billing {

enum class FinancingModel {
    agreed,      // what is in force
    minutes,     // price per minute with after-call work
    levy,        // a share by the levy, distributed by inhabitants; the rest by the minute
    inhabitants, // a share as base per inhabitant; the rest by the minute
    calls,       // price per taken call
    template_minute_price, // as a new draft proposes it
    template_levy_and_minutes,
    template_inhabitants_and_minutes,
    template_package,
    template_per_call,
};
[[nodiscard]] std::string_view to_string(FinancingModel model);
[[nodiscard]] std::string_view german_name(FinancingModel model);
[[nodiscard]] FinancingModel model_of(agreements::Template model);

struct Burden {
    Money pays;    // invoices
    Money by_levy; // carried with the levy
    friend bool operator==(const Burden &, const Burden &) = default;
};

struct VariantTown {
    MunicipalityId municipality;
    std::string name;
    std::int64_t inhabitants = 0;
    agreements::Calls calls;
    std::optional<Burden> agreed = std::nullopt; // agreed_burden.h; empty: nothing is
};

struct VariantCell {
    Money pays;
    Money by_levy;
    std::optional<Money> difference; // both, less the reference; empty: there is none for the town
    std::int64_t cents_per_1000_inhabitants = 0;      // 0 without inhabitants
    std::int64_t difference_per_1000_inhabitants = 0; // cents
    friend bool operator==(const VariantCell &, const VariantCell &) = default;
};
struct VariantColumn {
    FinancingModel model = FinancingModel::minutes;
    std::string words; // the prices that were used
    std::vector<VariantCell> towns;
    Money total; // invoices and levy of all towns
    int gaining = 0;
    int paying_more = 0;
};
struct VariantComparison {
    LocalDate first;
    LocalDate last;
    std::vector<std::int64_t> calls;                    // billed, per town
    std::vector<std::int64_t> seconds;                  // billed by the minute price, per town
    std::vector<VariantColumn> columns;                 // in the order of the models
    FinancingModel reference = FinancingModel::minutes; // what differences are measured from
};

struct VariantPrices {
    Price per_minute{950'000};
    std::int64_t share_percent = 50; // what levy or base carry, 1 to 99
    bool from_agreed = false;        // differences to what is agreed, which is a column then
    std::vector<agreements::Template> templates{};
};

// `first` begins a month, `last` ends one; the towns' calls have exactly this span.
// "variant.invalid" (place).
[[nodiscard]] Expected<VariantComparison> compare_models(const std::vector<VariantTown> &towns,
                                                         const VariantPrices &prices);

// A year of calls as a questionnaire tells it: so many, so long, over the year's days.
[[nodiscard]] Expected<agreements::Calls> expected_calls(int year, std::int64_t calls_per_year,
                                                         std::int64_t seconds_per_call);

} // namespace fernamt::billing
