// SPDX-License-Identifier: EUPL-1.2
// What a document has billed of a month, as a step from one state of knowledge to another: an
// invoice from nothing to what was known then, a correction from what was billed to what is known
// now. The steps of all standing documents say what a month has been billed with, in whatever order
// they were issued and cancelled (billed_months.h). Pure values.
#pragma once

#include "billing/month.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace fernamt::billing {

struct TermsSource {            // a version of what was agreed
    std::int64_t agreement = 0; // 0: the municipality's standard prices
    std::int64_t version = 0;   // agreement_book.h, standard_price.h
    friend bool operator==(const TermsSource &, const TermsSource &) = default;
};

struct Basis { // the ledger and the prices that a month was rated with
    std::int64_t known_seq = 0;
    // Empty: not kept (a document of before they were); read as they stand today.
    std::optional<std::vector<TermsSource>> terms;
    friend bool operator==(const Basis &, const Basis &) = default;
};

struct BilledStep {
    Month month;
    std::optional<Basis> before; // empty: nothing of it was billed
    std::optional<Basis> after;  // empty: nothing is left
    friend bool operator==(const BilledStep &, const BilledStep &) = default;
};

} // namespace fernamt::billing
