// SPDX-License-Identifier: EUPL-1.2
#include "web/finance_values.h"

#include "agreements/price.h"
#include "people/audit.h"
#include "web/request_values.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::web {

namespace json = boost::json;

Expected<agreements::Month> to_month(std::string_view text) {
    const auto month = agreements::parse_month(text);
    if (!month) return fail(ProblemKind::invalid_input, "invoice.month_invalid");
    return *month;
}

json::value municipality_json(Towns &towns, MunicipalityId id) {
    const auto town = towns.find(id);
    return json::object{{"ars", to_ars(id)}, {"name", town ? town->name : to_ars(id)}};
}

void add_amount(json::object &object, std::string_view name, Money amount) {
    object[fmt::format("{}_cents", name)] = amount.cents;
    object[fmt::format("{}_shown", name)] = to_german(amount);
}

json::value amount_json(Money amount) {
    json::object object;
    object["cents"] = amount.cents;
    object["shown"] = to_german(amount);
    return object;
}

Expected<Price> to_price(const std::string &text, std::string_view field) {
    const auto price = parse_price(text);
    if (!price || *price > agreements::kHighestPrice) return invalid_value(field, "no_amount");
    return *price;
}

std::int64_t weight_of(const people::Municipality &town) {
    return town.kind == people::MunicipalityKind::district ? 0 : town.population;
}

Expected<Money> to_money(std::string_view text, std::string_view field) {
    const bool negative = text.starts_with('-');
    const auto price = parse_price(negative ? text.substr(1) : text);
    constexpr std::int64_t kMost = 1'000'000'000'000'000'000; // 10^12 EUR in millionths
    if (!price || price->micro_euro % 10'000 != 0 || price->micro_euro > kMost) {
        return invalid_value(field, "no_amount");
    }
    const std::int64_t cents = price->micro_euro / 10'000;
    return Money{negative ? -cents : cents};
}

Reply file_reply(std::string bytes, std::string_view media_type, std::string_view file_name) {
    Reply reply;
    reply.body = std::move(bytes);
    reply.content_type = media_type;
    reply.headers.emplace_back("Content-Disposition",
                               fmt::format("attachment; filename=\"{}\"", file_name));
    return reply;
}

billing::Change audited_change(const Incoming &incoming, std::string reason,
                               std::string_view action, MunicipalityId municipality,
                               const std::string &field) {
    const UserId by = incoming.caller.user;
    const Instant now = incoming.now;
    std::vector<std::string> fields;
    if (!field.empty()) fields.push_back(field);
    return {by, now, std::move(reason),
            [by, now, action = std::string(action), municipality,
             fields](storage::Connection &connection) {
                return people::record(connection, now, by, action, municipality.value, fields);
            }};
}

} // namespace fernamt::web
