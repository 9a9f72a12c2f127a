// SPDX-License-Identifier: EUPL-1.2
#include "billing/agreement.h"
#include "billing/invoice_source.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::billing {

namespace {

constexpr std::string_view kColumns = "SELECT id, municipality, valid_from, valid_to, "
                                      "price_micro_euro, counts_after_call_work, unit, "
                                      "level, rounding, clause FROM agreement";
constexpr LocalDate kFarAway{9000, 1, 1}; // to read all calls of an agreement with open end

Expected<Agreement> read(const storage::Row &row) {
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
    return Agreement{.id = row.integer(0),
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

Expected<std::vector<Agreement>> select(storage::Connection &connection, std::string_view where,
                                        const std::vector<storage::Value> &parameters) {
    std::vector<Agreement> found;
    std::optional<Problem> problem;
    const auto done =
        connection.each(fmt::format("{} {} ORDER BY municipality, valid_from, id", kColumns, where),
                        parameters, [&](const storage::Row &row) {
                            auto agreement = read(row);
                            if (!agreement) {
                                problem = agreement.error();
                                return false;
                            }
                            found.push_back(std::move(*agreement));
                            return true;
                        });
    if (!done) return tl::unexpected(done.error());
    if (problem) return tl::unexpected(*problem);
    return found;
}

tl::unexpected<Problem> not_found(std::int64_t id) {
    return fail(ProblemKind::not_found, "agreement.not_found", {{"id", fmt::format("{}", id)}});
}

Expected<Agreement> require(storage::Connection &connection, std::int64_t id) {
    auto found = select(connection, "WHERE id = $1", {id});
    if (!found) return tl::unexpected(found.error());
    if (found->empty()) return not_found(id);
    return std::move(found->front());
}

Expected<std::int64_t> next_id(storage::Connection &connection) {
    std::int64_t highest = 0;
    const auto done = connection.each("SELECT COALESCE(MAX(id), 0) FROM agreement", {},
                                      [&](const storage::Row &row) {
                                          highest = row.integer(0);
                                          return true;
                                      });
    if (!done) return tl::unexpected(done.error());
    return highest + 1;
}

Expected<std::int64_t> insert(storage::Connection &connection, Agreement agreement) {
    if (auto valid = check(agreement); !valid) return tl::unexpected(valid.error());
    auto others = select(connection, "WHERE municipality = $1", {agreement.municipality.value});
    if (!others) return tl::unexpected(others.error());
    others->push_back(agreement);
    if (auto apart = check_overlap(*others); !apart) return tl::unexpected(apart.error());
    if (agreement.id == 0) {
        const auto id = next_id(connection);
        if (!id) return id;
        agreement.id = *id;
    }
    const storage::Value to = agreement.valid_to ? storage::Value{to_string(*agreement.valid_to)}
                                                 : storage::Value{nullptr};
    const auto done = connection.run(
        "INSERT INTO agreement (id, municipality, valid_from, valid_to, price_micro_euro, "
        "counts_after_call_work, unit, level, rounding, clause) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        {agreement.id, agreement.municipality.value, to_string(agreement.valid_from), to,
         agreement.price_per_minute.micro_euro,
         std::int64_t{agreement.counts_after_call_work ? 1 : 0},
         std::string{to_string(agreement.unit)}, std::string{to_string(agreement.level)},
         std::string{to_string(agreement.rounding)}, agreement.clause});
    if (!done) return done;
    return agreement.id;
}

Expected<std::vector<Agreement>> read_where(storage::Database &database, std::string_view where,
                                            const std::vector<storage::Value> &parameters) {
    std::vector<Agreement> found;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        auto agreements = select(connection, where, parameters);
        if (!agreements) return tl::unexpected(agreements.error());
        found = std::move(*agreements);
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return found;
}

Agreement demo_agreement(MunicipalityId municipality) {
    Agreement agreement{.municipality = municipality,
                        .valid_from = {2026, 1, 1},
                        .valid_to = std::nullopt,
                        .price_per_minute = Price{950'000},
                        .clause = {}};
    agreement.clause = standard_clause(agreement);
    return agreement;
}

} // namespace

Expected<std::vector<Agreement>> agreements_of(storage::Database &database,
                                               MunicipalityId municipality) {
    return read_where(database, "WHERE municipality = $1", {municipality.value});
}

Expected<std::vector<Agreement>> all_agreements(storage::Database &database) {
    return read_where(database, "", {});
}

Expected<std::int64_t> add_agreement(storage::Database &database, Agreement agreement,
                                     const Alongside &also) {
    std::int64_t id = 0;
    const auto done = database.write([&](storage::Connection &connection) -> Expected<void> {
        const auto added = insert(connection, agreement);
        if (!added) return tl::unexpected(added.error());
        id = *added;
        return also ? also(connection) : Expected<void>{};
    });
    if (!done) return tl::unexpected(done.error());
    return id;
}

Expected<void> end_agreement(storage::Database &database, std::int64_t id,
                             const LocalDate &last_day, const Alongside &also) {
    return database.write([&](storage::Connection &connection) -> Expected<void> {
        auto agreement = require(connection, id);
        if (!agreement) return tl::unexpected(agreement.error());
        if (agreement->valid_to) {
            return fail(ProblemKind::conflict, "agreement.ended", {{"id", fmt::format("{}", id)}});
        }
        agreement->valid_to = last_day;
        if (auto valid = check(*agreement); !valid) return valid;
        const auto done = connection.run("UPDATE agreement SET valid_to = $1 WHERE id = $2",
                                         {to_string(last_day), id});
        if (!done) return tl::unexpected(done.error());
        return also ? also(connection) : Expected<void>{};
    });
}

Expected<void> withdraw_agreement(storage::Database &database, std::int64_t id,
                                  const Alongside &also) {
    const auto known = read_where(database, "WHERE id = $1", {id});
    if (!known) return tl::unexpected(known.error());
    if (known->empty()) return not_found(id);
    const Agreement &agreement = known->front();
    const auto calls = read_calls(database, agreement.municipality, agreement.valid_from,
                                  agreement.valid_to.value_or(kFarAway));
    if (!calls) return tl::unexpected(calls.error());
    const auto billed = std::ranges::count_if(calls->calls, &CallFact::taken);
    if (billed > 0) {
        return fail(ProblemKind::conflict, "agreement.billed",
                    {{"calls", fmt::format("{}", billed)}});
    }
    return database.write([&](storage::Connection &connection) -> Expected<void> {
        const auto done = connection.run("DELETE FROM agreement WHERE id = $1", {id});
        if (!done) return tl::unexpected(done.error());
        if (*done == 0) return not_found(id);
        return also ? also(connection) : Expected<void>{};
    });
}

Expected<std::int64_t> seed_demo_agreements(storage::Database &database,
                                            const std::vector<MunicipalityId> &municipalities) {
    std::int64_t added = 0;
    const auto done = database.write([&](storage::Connection &connection) -> Expected<void> {
        added = 0; // the transaction may run again
        for (const MunicipalityId municipality : municipalities) {
            const auto there = select(connection, "WHERE municipality = $1", {municipality.value});
            if (!there) return tl::unexpected(there.error());
            if (!there->empty()) continue;
            const auto id = insert(connection, demo_agreement(municipality));
            if (!id) return tl::unexpected(id.error());
            ++added;
        }
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return added;
}

} // namespace fernamt::billing
