// SPDX-License-Identifier: EUPL-1.2
#include "billing/cost_book.h"

#include "billing/cost_fields.h"
#include "billing/document_fields.h"

#include <fmt/format.h>

namespace fernamt::billing {

namespace {

struct Blocks {
    std::vector<agreements::CostBlock> blocks;
};
template <class F, agreements::Is<Blocks> T>
void fields(F &f, T &v) {
    f("blocks", v.blocks);
}

Expected<CostYear> select(storage::Connection &connection, int year) {
    CostYear found{.year = year, .version = 0, .blocks = {}};
    Expected<void> read;
    const auto done = connection.each(
        "SELECT version, document FROM cost_year WHERE year = $1 ORDER BY version DESC LIMIT 1",
        {std::int64_t{year}}, [&](const storage::Row &row) {
            auto blocks = blocks_from(row.text(1));
            if (!blocks) {
                read = tl::unexpected(blocks.error());
                return false;
            }
            found.version = row.integer(0);
            found.blocks = std::move(*blocks);
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    if (!read) return tl::unexpected(read.error());
    return found;
}

} // namespace

Expected<CostYear> CostBook::find(int year) {
    Expected<CostYear> found;
    const auto done = database_.read([&](storage::Connection &connection) -> Expected<void> {
        found = select(connection, year);
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return found;
}

Expected<CostYear> CostBook::set(const CostYear &costs, const Change &change) {
    if (auto table = agreements::cost_table(costs.blocks); !table) {
        return tl::unexpected(table.error());
    }
    CostYear result = costs;
    const auto done = database_.write([&](storage::Connection &connection) -> Expected<void> {
        const auto stored = select(connection, costs.year);
        if (!stored) return tl::unexpected(stored.error());
        if (stored->version != costs.version) {
            return fail(ProblemKind::stale, "cost.stale",
                        {{"version", fmt::format("{}", stored->version)}});
        }
        result.version = costs.version + 1;
        const auto inserted = connection.run(
            "INSERT INTO cost_year (year, version, changed_at, changed_by, reason, document) "
            "VALUES ($1, $2, $3, $4, $5, $6)",
            {std::int64_t{costs.year}, result.version, change.at.us, change.by.value, change.reason,
             to_document(costs.blocks)});
        if (!inserted) return tl::unexpected(inserted.error());
        return change.also ? change.also(connection) : Expected<void>{};
    });
    if (!done) return tl::unexpected(done.error());
    return result;
}

std::string to_document(const std::vector<agreements::CostBlock> &blocks) {
    return write_document(Blocks{blocks});
}

Expected<std::vector<agreements::CostBlock>> blocks_from(std::string_view document) {
    auto read = read_document<Blocks>(document);
    if (!read) return tl::unexpected(read.error());
    return std::move(read->blocks);
}

} // namespace fernamt::billing
