// SPDX-License-Identifier: EUPL-1.2
#include "billing/document_fields.h"
#include "billing/invoice_source.h"
#include "billing/standard_price.h"
#include "storage/statement.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::billing {

// How the prices of a municipality are kept with each version. Names are stored for years.
template <class F, class T>
    requires std::same_as<std::remove_const_t<T>, StandardPrice>
void fields(F &f, T &v) {
    f("id", v.id);
    f("municipality", v.municipality);
    f("valid_from", v.valid_from);
    f("valid_to", v.valid_to);
    f("price_per_minute", v.price_per_minute);
    f("counts_after_call_work", v.counts_after_call_work);
    f("unit", v.unit);
    f("level", v.level);
    f("rounding", v.rounding);
    f("clause", v.clause);
}
struct KeptPrices {
    std::vector<StandardPrice> prices;
};
template <class F, class T>
    requires std::same_as<std::remove_const_t<T>, KeptPrices>
void fields(F &f, T &v) {
    f("prices", v.prices);
}

namespace {

using agreements::parse_level;
using agreements::parse_rounding;
using agreements::parse_unit;
using agreements::to_string; // also of Rounding, which is base's
using fernamt::to_string;

// The table of the standard prices is called "agreement"; whole agreements are "agreement_record".
constexpr std::string_view kColumns = "SELECT id, municipality, valid_from, valid_to, "
                                      "price_micro_euro, counts_after_call_work, unit, "
                                      "level, rounding, clause FROM agreement";
constexpr LocalDate kFarAway{9000, 1, 1}; // to read all calls of an agreement with open end

Expected<StandardPrice> read(const storage::Row &row) {
    const auto from = parse_date(row.text(2));
    const auto unit = parse_unit(row.text(6));
    const auto level = parse_level(row.text(7));
    const auto rounding = parse_rounding(row.text(8));
    std::optional<LocalDate> to;
    if (!row.is_null(3)) to = parse_date(row.text(3));
    if (!from || !unit || !level || !rounding || (!row.is_null(3) && !to)) {
        return fail(ProblemKind::internal, "agreement.unreadable",
                    {{"id", fmt::format("{}", row.integer(0))}});
    }
    return StandardPrice{.id = row.integer(0),
                         .municipality = MunicipalityId{row.integer(1)},
                         .valid_from = *from,
                         .valid_to = to,
                         .price_per_minute = Price{row.integer(4)},
                         .counts_after_call_work = row.integer(5) != 0,
                         .unit = *unit,
                         .level = *level,
                         .rounding = *rounding,
                         .clause = row.text(9)};
}

Expected<std::vector<StandardPrice>> select(storage::Connection &connection, std::string_view where,
                                            const std::vector<storage::Value> &parameters) {
    std::vector<StandardPrice> found;
    std::optional<Problem> problem;
    const auto done =
        connection.each(fmt::format("{} {} ORDER BY municipality, valid_from, id", kColumns, where),
                        parameters, [&](const storage::Row &row) {
                            auto price = read(row);
                            if (!price) {
                                problem = price.error();
                                return false;
                            }
                            found.push_back(std::move(*price));
                            return true;
                        });
    if (!done) return tl::unexpected(done.error());
    if (problem) return tl::unexpected(*problem);
    return found;
}

tl::unexpected<Problem> not_found(std::int64_t id) {
    return fail(ProblemKind::not_found, "agreement.not_found", {{"id", fmt::format("{}", id)}});
}

Expected<StandardPrice> require(storage::Connection &connection, std::int64_t id) {
    auto found = select(connection, "WHERE id = $1", {id});
    if (!found) return tl::unexpected(found.error());
    if (found->empty()) return not_found(id);
    return std::move(found->front());
}

// ---- versions ----------------------------------------------------------------------------------

Expected<std::optional<std::int64_t>> newest_version(storage::Connection &connection,
                                                     MunicipalityId municipality) {
    std::optional<std::int64_t> newest;
    const auto done = connection.each("SELECT version FROM standard_price_version "
                                      "WHERE municipality = $1 ORDER BY version DESC LIMIT 1",
                                      {municipality.value}, [&](const storage::Row &row) {
                                          newest = row.integer(0);
                                          return true;
                                      });
    if (!done) return tl::unexpected(done.error());
    return newest;
}

Expected<void> keep_version(storage::Connection &connection, MunicipalityId municipality,
                            std::int64_t version) {
    auto prices = select(connection, "WHERE municipality = $1", {municipality.value});
    if (!prices) return tl::unexpected(prices.error());
    const auto done = connection.run(
        "INSERT INTO standard_price_version (municipality, version, "
        "document) VALUES ($1, $2, $3)",
        {municipality.value, version, write_document(KeptPrices{std::move(*prices)})});
    if (!done) return tl::unexpected(done.error());
    return {};
}

// Every change of a municipality's prices goes through here: what they were stays readable.
template <class Make>
Expected<void> changing(storage::Connection &connection, MunicipalityId municipality, Make make) {
    auto newest = newest_version(connection, municipality);
    if (!newest) return tl::unexpected(newest.error());
    if (!*newest) {
        if (auto kept = keep_version(connection, municipality, 0); !kept) return kept;
    }
    if (Expected<void> made = make(); !made) return made;
    return keep_version(connection, municipality, newest->value_or(0) + 1);
}

Expected<std::int64_t> insert_row(storage::Connection &connection, StandardPrice price) {
    if (auto valid = check(price); !valid) return tl::unexpected(valid.error());
    auto others = select(connection, "WHERE municipality = $1", {price.municipality.value});
    if (!others) return tl::unexpected(others.error());
    others->push_back(price);
    if (auto apart = check_overlap(*others); !apart) return tl::unexpected(apart.error());
    if (price.id == 0) {
        const auto id = storage::next_id(connection, "agreement");
        if (!id) return id;
        price.id = *id;
    }
    const storage::Value to =
        price.valid_to ? storage::Value{to_string(*price.valid_to)} : storage::Value{nullptr};
    const auto done = connection.run(
        "INSERT INTO agreement (id, municipality, valid_from, valid_to, price_micro_euro, "
        "counts_after_call_work, unit, level, rounding, clause) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        {price.id, price.municipality.value, to_string(price.valid_from), to,
         price.price_per_minute.micro_euro, std::int64_t{price.counts_after_call_work ? 1 : 0},
         std::string{to_string(price.unit)}, std::string{to_string(price.level)},
         std::string{to_string(price.rounding)}, price.clause});
    if (!done) return done;
    return price.id;
}

Expected<std::int64_t> insert(storage::Connection &connection, const StandardPrice &price) {
    std::int64_t id = 0;
    const auto done = changing(connection, price.municipality, [&]() -> Expected<void> {
        const auto inserted = insert_row(connection, price);
        if (!inserted) return tl::unexpected(inserted.error());
        id = *inserted;
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return id;
}

Expected<std::vector<StandardPrice>> read_where(storage::Database &database, std::string_view where,
                                                const std::vector<storage::Value> &parameters) {
    std::vector<StandardPrice> found;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        auto prices = select(connection, where, parameters);
        if (!prices) return tl::unexpected(prices.error());
        found = std::move(*prices);
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return found;
}

StandardPrice demo_price(MunicipalityId municipality) {
    StandardPrice price{.municipality = municipality,
                        .valid_from = {2026, 1, 1},
                        .valid_to = std::nullopt,
                        .price_per_minute = Price{950'000},
                        .clause = {}};
    price.clause = standard_clause(price);
    return price;
}

} // namespace

Expected<std::vector<StandardPrice>> standard_prices(storage::Database &database,
                                                     MunicipalityId municipality) {
    return read_where(database, "WHERE municipality = $1", {municipality.value});
}

Expected<StandardPriceVersion> standard_prices_now(storage::Database &database,
                                                   MunicipalityId municipality) {
    StandardPriceVersion now;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        auto prices = select(connection, "WHERE municipality = $1", {municipality.value});
        if (!prices) return tl::unexpected(prices.error());
        const auto newest = newest_version(connection, municipality);
        if (!newest) return tl::unexpected(newest.error());
        now = {std::move(*prices), newest->value_or(0)};
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return now;
}

Expected<std::vector<StandardPrice>> standard_prices_as_of(storage::Database &database,
                                                           MunicipalityId municipality,
                                                           std::int64_t version) {
    auto now = standard_prices_now(database, municipality);
    if (!now) return tl::unexpected(now.error());
    if (now->version == version) return std::move(now->prices);
    Expected<KeptPrices> kept =
        fail(ProblemKind::internal, "agreement.unreadable", {{"id", fmt::format("{}", version)}});
    const auto done = database.read([&](storage::Connection &connection) {
        return connection.each("SELECT document FROM standard_price_version "
                               "WHERE municipality = $1 AND version = $2",
                               {municipality.value, version}, [&](const storage::Row &row) {
                                   kept = read_document<KeptPrices>(row.text(0));
                                   return true;
                               });
    });
    if (!done) return tl::unexpected(done.error());
    if (!kept) return tl::unexpected(kept.error());
    return std::move(kept->prices);
}

Expected<std::int64_t> add_price(storage::Database &database, StandardPrice price,
                                 const Alongside &also) {
    std::int64_t id = 0;
    const auto done = database.write([&](storage::Connection &connection) -> Expected<void> {
        const auto added = insert(connection, price);
        if (!added) return tl::unexpected(added.error());
        id = *added;
        return also ? also(connection) : Expected<void>{};
    });
    if (!done) return tl::unexpected(done.error());
    return id;
}

Expected<void> end_price(storage::Database &database, std::int64_t id, const LocalDate &last_day,
                         const Alongside &also) {
    return database.write([&](storage::Connection &connection) -> Expected<void> {
        auto price = require(connection, id);
        if (!price) return tl::unexpected(price.error());
        if (price->valid_to) {
            return fail(ProblemKind::conflict, "agreement.ended", {{"id", fmt::format("{}", id)}});
        }
        price->valid_to = last_day;
        if (auto valid = check(*price); !valid) return valid;
        const auto ended = changing(connection, price->municipality, [&]() -> Expected<void> {
            const auto done = connection.run("UPDATE agreement SET valid_to = $1 WHERE id = $2",
                                             {to_string(last_day), id});
            if (!done) return tl::unexpected(done.error());
            return {};
        });
        if (!ended) return ended;
        return also ? also(connection) : Expected<void>{};
    });
}

Expected<void> withdraw_price(storage::Database &database, std::int64_t id, const Alongside &also) {
    const auto known = read_where(database, "WHERE id = $1", {id});
    if (!known) return tl::unexpected(known.error());
    if (known->empty()) return not_found(id);
    const StandardPrice &price = known->front();
    const auto calls = read_calls(database, price.municipality, price.valid_from,
                                  price.valid_to.value_or(kFarAway));
    if (!calls) return tl::unexpected(calls.error());
    const auto billed = std::ranges::count_if(
        calls->calls, [](const CallFact &fact) { return agreements::is_billed(fact.kind); });
    if (billed > 0) {
        return fail(ProblemKind::conflict, "agreement.billed",
                    {{"calls", fmt::format("{}", billed)}});
    }
    return database.write([&](storage::Connection &connection) -> Expected<void> {
        const auto gone = changing(connection, price.municipality, [&]() -> Expected<void> {
            const auto done = connection.run("DELETE FROM agreement WHERE id = $1", {id});
            if (!done) return tl::unexpected(done.error());
            if (*done == 0) return not_found(id);
            return {};
        });
        if (!gone) return gone;
        return also ? also(connection) : Expected<void>{};
    });
}

Expected<std::int64_t> seed_demo_prices(storage::Database &database,
                                        const std::vector<MunicipalityId> &municipalities) {
    std::int64_t added = 0;
    const auto done = database.write([&](storage::Connection &connection) -> Expected<void> {
        added = 0; // the transaction may run again
        for (const MunicipalityId municipality : municipalities) {
            const auto there = select(connection, "WHERE municipality = $1", {municipality.value});
            if (!there) return tl::unexpected(there.error());
            if (!there->empty()) continue;
            const auto id = insert(connection, demo_price(municipality));
            if (!id) return tl::unexpected(id.error());
            ++added;
        }
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return added;
}

} // namespace fernamt::billing
