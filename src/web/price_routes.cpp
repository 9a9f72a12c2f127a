// SPDX-License-Identifier: EUPL-1.2
// The standard price of a municipality: dated, added, given a last day, taken back while no call
// has to be billed by it. Each change is audited in its own transaction.
#include "billing/standard_price.h"
#include "people/audit.h"
#include "people/municipalities.h"
#include "web/api.h"
#include "web/json_reader.h"
#include "web/json_values.h"
#include "web/request_values.h"
#include "web/routes.h"

#include <boost/json/value.hpp>

#include <algorithm>
#include <array>

namespace fernamt::web {

namespace json = boost::json;

namespace {

using billing::StandardPrice;

constexpr std::size_t kLongestClause = 2000;

json::value price_json(const StandardPrice &price) {
    json::value valid_to = nullptr;
    if (price.valid_to) valid_to = fernamt::to_string(*price.valid_to);
    return json::object{{"id", price.id},
                        {"price", to_decimal(price.price_per_minute)},
                        {"price_shown", to_german(price.price_per_minute)},
                        {"unit", std::string(agreements::to_string(price.unit))},
                        {"level", std::string(agreements::to_string(price.level))},
                        {"rounding", std::string(agreements::to_string(price.rounding))},
                        {"counts_after_call_work", price.counts_after_call_work},
                        {"valid_from", fernamt::to_string(price.valid_from)},
                        {"valid_to", valid_to},
                        {"clause", price.clause}};
}

json::value list_json(const std::vector<StandardPrice> &prices) {
    json::array items;
    for (const StandardPrice &price : prices)
        items.push_back(price_json(price));
    json::array gaps;
    for (const billing::Gap &gap : billing::gaps(prices)) {
        gaps.push_back(json::object{{"from", fernamt::to_string(gap.from)},
                                    {"to", fernamt::to_string(gap.to)}});
    }
    return json::object{{"items", std::move(items)}, {"gaps", std::move(gaps)}};
}

Expected<LocalDate> read_day(const std::string &text, std::string_view field) {
    const auto day = parse_date(text);
    if (day) return *day;
    return fail(ProblemKind::invalid_input, "price.day_invalid", {{"field", std::string(field)}});
}

Expected<StandardPrice> read_price(const Incoming &incoming) {
    using billing::Level;
    using billing::Unit;
    static constexpr std::array kUnits{
        std::pair{std::string_view("second"), Unit::second},
        std::pair{std::string_view("started_minute"), Unit::started_minute},
        std::pair{std::string_view("started_six_seconds"), Unit::started_six_seconds}};
    static constexpr std::array kLevels{std::pair{std::string_view("per_call"), Level::per_call},
                                        std::pair{std::string_view("on_sum"), Level::on_sum}};
    static constexpr std::array kRoundings{
        std::pair{std::string_view("half_up"), Rounding::half_up},
        std::pair{std::string_view("half_even"), Rounding::half_even},
        std::pair{std::string_view("up"), Rounding::up},
        std::pair{std::string_view("down"), Rounding::down}};

    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    StandardPrice price;
    price.municipality = path_municipality(incoming.request);
    const std::string amount = reader->text("price", {.longest = 20});
    price.unit = reader->choice<Unit>("unit", kUnits);
    price.level = reader->choice<Level>("level", kLevels);
    price.rounding =
        reader->optional_choice<Rounding>("rounding", kRoundings).value_or(Rounding::half_up);
    price.counts_after_call_work = reader->boolean("counts_after_call_work");
    const std::string from = reader->text("valid_from", {.longest = 10});
    const auto to = reader->nullable_text("valid_to", {.longest = 10});
    const auto clause = reader->optional_text(
        "clause", {.shortest = 1, .longest = kLongestClause, .lines = Lines::many});
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());

    const auto parsed = parse_price(amount);
    if (!parsed || *parsed > billing::kHighestPrice) {
        return fail(ProblemKind::invalid_input, "price.amount_invalid",
                    {{"field", "price"}, {"highest", to_german(billing::kHighestPrice)}});
    }
    price.price_per_minute = *parsed;
    const auto first = read_day(from, "valid_from");
    if (!first) return tl::unexpected(first.error());
    price.valid_from = *first;
    if (to) {
        const auto last = read_day(*to, "valid_to");
        if (!last) return tl::unexpected(last.error());
        price.valid_to = *last;
    }
    price.clause = clause.value_or(billing::standard_clause(price));
    return price;
}

Expected<void> check_order(const LocalDate &first, const LocalDate &last) {
    if (first <= last) return {};
    return fail(ProblemKind::invalid_input, "price.order",
                {{"field", "valid_to"}, {"from", fernamt::to_string(first)}});
}

// The same, with the field and the remedy.
Problem explained(const Problem &problem) {
    if (problem.code != "agreement.price_overlap") return problem;
    Problem told = problem;
    const auto to = std::ranges::find(told.arguments, "to",
                                      [](const auto &argument) { return argument.first; });
    const bool open = to == told.arguments.end() || to->second.empty();
    told.code = open ? "price.overlap_open" : "price.overlap";
    told.arguments.insert(told.arguments.begin(), {"field", "valid_from"});
    return told;
}

// Of this municipality; another's id is as good as none.
Expected<StandardPrice> find_price(const ApiParts &parts, const Incoming &incoming) {
    const auto id = path_id(incoming.request, "agreement.not_found");
    if (!id) return tl::unexpected(id.error());
    const auto prices =
        billing::standard_prices(parts.database, path_municipality(incoming.request));
    if (!prices) return tl::unexpected(prices.error());
    const auto found = std::ranges::find(*prices, *id, &StandardPrice::id);
    if (found == prices->end()) return fail(ProblemKind::not_found, "agreement.not_found");
    return *found;
}

billing::Alongside audited(const ApiParts &parts, const Incoming &incoming,
                           std::string_view action) {
    return [&parts, &incoming, action](storage::Connection &connection) {
        return people::record(connection, parts.clock.now(), incoming.caller.user, action,
                              path_municipality(incoming.request).value);
    };
}

Expected<Reply> list(const ApiParts &parts, const people::Municipalities &municipalities,
                     const Incoming &incoming) {
    const MunicipalityId id = path_municipality(incoming.request);
    if (const auto known = municipalities.find(id); !known) return tl::unexpected(known.error());
    const auto prices = billing::standard_prices(parts.database, id);
    if (!prices) return tl::unexpected(prices.error());
    return json_reply(list_json(*prices));
}

Expected<Reply> add(const ApiParts &parts, const people::Municipalities &municipalities,
                    const Incoming &incoming) {
    const auto known = municipalities.find(path_municipality(incoming.request));
    if (!known) return tl::unexpected(known.error());
    auto price = read_price(incoming);
    if (!price) return tl::unexpected(price.error());
    if (price->valid_to) {
        auto ordered = check_order(price->valid_from, *price->valid_to);
        if (!ordered) return tl::unexpected(ordered.error());
    }
    const auto added =
        billing::add_price(parts.database, *price, audited(parts, incoming, "price.added"));
    if (!added) return tl::unexpected(explained(added.error()));
    price->id = *added;
    return json_reply(price_json(*price), 201);
}

Expected<Reply> end(const ApiParts &parts, const Incoming &incoming) {
    auto price = find_price(parts, incoming);
    if (!price) return tl::unexpected(price.error());
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    const std::string text = reader->text("valid_to", {.longest = 10});
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    const auto last = read_day(text, "valid_to");
    if (!last) return tl::unexpected(last.error());
    auto ordered = check_order(price->valid_from, *last);
    if (!ordered) return tl::unexpected(ordered.error());
    auto ended = billing::end_price(parts.database, price->id, *last,
                                    audited(parts, incoming, "price.ended"));
    if (!ended) return tl::unexpected(ended.error());
    price->valid_to = *last;
    return json_reply(price_json(*price));
}

Expected<Reply> withdraw(const ApiParts &parts, const Incoming &incoming) {
    const auto price = find_price(parts, incoming);
    if (!price) return tl::unexpected(price.error());
    auto gone = billing::withdraw_price(parts.database, price->id,
                                        audited(parts, incoming, "price.withdrawn"));
    if (!gone) return tl::unexpected(gone.error());
    return nothing_to_show();
}

} // namespace

void add_price_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                      people::Municipalities &municipalities) {
    gate.add(router, "GET", "/api/v1/municipalities/{ars}/prices",
             [&](const Incoming &incoming) { return list(parts, municipalities, incoming); });
    gate.add(router, "POST", "/api/v1/municipalities/{ars}/prices",
             [&](const Incoming &incoming) { return add(parts, municipalities, incoming); });
    gate.add(router, "PUT", "/api/v1/municipalities/{ars}/prices/{id}",
             [&](const Incoming &incoming) { return end(parts, incoming); });
    gate.add(router, "DELETE", "/api/v1/municipalities/{ars}/prices/{id}",
             [&](const Incoming &incoming) { return withdraw(parts, incoming); });
}

} // namespace fernamt::web
