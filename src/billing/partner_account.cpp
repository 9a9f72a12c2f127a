// SPDX-License-Identifier: EUPL-1.2
#include "billing/partner_account.h"

#include "agreements/clause.h"
#include "base/csv.h"
#include "storage/statement.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::billing {

namespace {

std::string german(std::string text) {
    std::ranges::replace(text, '.', ',');
    return text;
}

std::string csv_line(const Month &month, const PartnerLine &line, bool ours) {
    const PartnerStatement statement =
        line.price ? statement_of(*line.price, line.sums) : PartnerStatement{};
    std::string out = to_string(month) + ";" + csv_field(line.name, "=+-@\t\r");
    out += ours ? ";fuer den Partner angenommen" : ";vom Partner angenommen";
    out += fmt::format(";{};{}", ours ? line.sums.taken_for : line.sums.taken_by,
                       ours ? statement.seconds_taken_for : statement.seconds_taken_by);
    if (!line.price) return out + ";;;Kein Preis vereinbart\r\n";
    const Price price = ours ? line.price->taken_for : line.price->taken_by;
    const Money amount = ours ? statement.owed_to_us : Money{} - statement.owed_by_us;
    out += ";" + german(to_decimal(price)) + ";" + german(to_decimal(amount));
    return out + ";" + csv_field(line.price->words, "=+-@\t\r") + "\r\n";
}

} // namespace

PartnerStatement statement_of(const PartnerPrice &price, const PartnerSums &sums) {
    using agreements::Unit;
    PartnerStatement statement;
    const Duration ours =
        sums.talk + (price.counts_after_call_work ? sums.after_call_work : Duration{});
    statement.seconds_taken_for = agreements::round_up_to(Unit::second, ours);
    statement.seconds_taken_by = agreements::round_up_to(Unit::second, sums.transferred);
    statement.owed_to_us =
        amount(price.taken_for, statement.seconds_taken_for, 60, Rounding::half_up);
    statement.owed_by_us =
        amount(price.taken_by, statement.seconds_taken_by, 60, Rounding::half_up);
    statement.balance = statement.owed_to_us - statement.owed_by_us;
    return statement;
}

Expected<void> PartnerPrices::set(const PartnerPrice &price, const Change &change) {
    const Month running = month_of(to_local(change.at).date);
    if (first_day(price.from) < first_day(running)) {
        return fail(ProblemKind::conflict, "partner.price_past",
                    {{"month", to_string(price.from)}, {"remedy", "begin_with_this_month"}});
    }
    return database_.write([&](storage::Connection &connection) -> Expected<void> {
        const auto id = storage::next_id(connection, "partner_price");
        if (!id) return tl::unexpected(id.error());
        const auto stored = storage::run(
            connection,
            "INSERT INTO partner_price (id, partner, from_month, taken_for_micro_euro, "
            "taken_by_micro_euro, counts_after_call_work, words, changed_at, changed_by) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            {*id, price.partner.value, to_string(price.from), price.taken_for.micro_euro,
             price.taken_by.micro_euro, std::int64_t{price.counts_after_call_work ? 1 : 0},
             price.words, change.at.us, change.by.value});
        if (!stored) return stored;
        return change.also ? change.also(connection) : Expected<void>{};
    });
}

Expected<std::map<routing::PartnerId, PartnerPrice>> PartnerPrices::in(const Month &month) {
    std::map<routing::PartnerId, PartnerPrice> found;
    const auto done = database_.read([&](storage::Connection &connection) {
        found.clear();
        return connection.each(
            "SELECT partner, from_month, taken_for_micro_euro, taken_by_micro_euro, "
            "counts_after_call_work, words FROM partner_price WHERE from_month <= $1 "
            "ORDER BY from_month, id",
            {to_string(month)}, [&](const storage::Row &row) {
                PartnerPrice price;
                price.partner = routing::PartnerId{row.integer(0)};
                price.from = parse_month(row.text(1)).value_or(month);
                price.taken_for = Price{row.integer(2)};
                price.taken_by = Price{row.integer(3)};
                price.counts_after_call_work = row.integer(4) != 0;
                price.words = row.text(5);
                found[price.partner] = price;
                return true;
            });
    });
    if (!done) return tl::unexpected(done.error());
    return found;
}

std::string partner_csv(const Month &month, const std::vector<PartnerLine> &lines) {
    std::string out = "Monat;Partner;Richtung;Anrufe;Sekunden;Preis je Minute in Euro;"
                      "Betrag in Euro;Bemerkung\r\n";
    for (const PartnerLine &line : lines)
        out += csv_line(month, line, true) + csv_line(month, line, false);
    return out;
}

} // namespace fernamt::billing
