// SPDX-License-Identifier: EUPL-1.2
// What the routes about money share: months and amounts as the API writes them, files to download,
// and changes with their entry in the audit.
#pragma once

#include "agreements/month.h"
#include "base/money.h"
#include "billing/change.h"
#include "people/municipalities.h"
#include "web/gate.h"
#include "web/towns.h"

#include <boost/json/value.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace fernamt::web {

// "invoice.month_invalid".
[[nodiscard]] Expected<agreements::Month> to_month(std::string_view text);
[[nodiscard]] boost::json::value municipality_json(Towns &towns, MunicipalityId id);
// Adds {name}_cents and {name}_shown ("1.234,56 €").
void add_amount(boost::json::object &object, std::string_view name, Money amount);
[[nodiscard]] boost::json::value amount_json(Money amount); // {"cents", "shown"}
// At most agreements::kHighestPrice; else "request.invalid" (field).
[[nodiscard]] Expected<Price> to_price(const std::string &text, std::string_view field);
// Inhabitants where costs are shared by them: a Kreis has none of its own.
[[nodiscard]] std::int64_t weight_of(const people::Municipality &town);
// "0.95", "-12,5": at most two decimals, below 10^12; else "request.invalid" (field).
[[nodiscard]] Expected<Money> to_money(std::string_view text, std::string_view field);

[[nodiscard]] Reply file_reply(std::string bytes, std::string_view media_type,
                               std::string_view file_name);

// By the caller, now; the audit names the municipality and `field` (a number, an id).
[[nodiscard]] billing::Change audited_change(const Incoming &incoming, std::string reason,
                                             std::string_view action, MunicipalityId municipality,
                                             const std::string &field = "");

} // namespace fernamt::web
