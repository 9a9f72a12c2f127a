// SPDX-License-Identifier: EUPL-1.2
#include "billing/evidence_table.h"

#include "base/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace fernamt::billing {

namespace {

std::string with_comma(std::string decimal) {
    std::ranges::replace(decimal, '.', ',');
    return decimal;
}

std::string seconds(Duration duration) { // exact, without trailing zeros
    std::string text = fmt::format("{}", duration.count() / 1'000'000);
    std::string fraction = fmt::format("{:06d}", duration.count() % 1'000'000);
    while (!fraction.empty() && fraction.back() == '0')
        fraction.pop_back();
    return fraction.empty() ? text : text + "," + fraction;
}

std::string local_time(Instant at) {
    const LocalTime local = to_local(at);
    return fmt::format("{} {:02d}:{:02d}:{:02d}", to_string(local.date), local.second_of_day / 3600,
                       local.second_of_day / 60 % 60, local.second_of_day % 60);
}

std::vector<std::string> row_of(const agreements::CallAmount &call, const std::string &clause,
                                Instant offered_at) {
    return {"Anruf",
            fmt::format("{}", call.call.value),
            local_time(offered_at),
            std::string{to_string(call.kind)},
            seconds(call.talk),
            seconds(call.after_call_work),
            clause,
            call.billed_seconds ? fmt::format("{}", *call.billed_seconds) : "",
            call.amount ? with_comma(to_decimal(*call.amount)) : ""};
}

Expected<void> add_calls(EvidenceTable &table, const EvidencePart &part,
                         const std::vector<Month> &months) {
    const auto columns = to_columns(part.calls, part.first, part.last);
    if (!columns) return tl::unexpected(columns.error());
    std::map<CallId, Instant> offered;
    for (const CallFact &call : part.calls)
        offered[call.call] = call.offered_at;
    for (const Month &month : months) {
        const auto amounts = agreements::call_amounts(part.prices, *columns, month);
        if (!amounts) return tl::unexpected(amounts.error());
        for (const agreements::CallAmount &call : *amounts) {
            table.rows.push_back(
                row_of(call, part.prices.clauses[call.clause].name, offered[call.call]));
        }
    }
    return {};
}

// What a call counted when it was billed is taken back, what it counts now is added: the column of
// amounts adds up.
std::vector<std::string> row_of(const agreements::Correction &line,
                                const agreements::Counted &counted, bool before) {
    const Money amount = before ? Money{} - counted.amount : counted.amount;
    return {before ? "bisher" : "nun",
            fmt::format("{}", line.call.value),
            to_string(line.date),
            std::string{to_string(counted.kind)},
            seconds(counted.talk),
            seconds(counted.after_call_work),
            counted.clause,
            counted.billed_seconds ? fmt::format("{}", *counted.billed_seconds) : "",
            with_comma(to_decimal(amount))};
}

void add_correction(EvidenceTable &table, const EvidenceCorrection &each) {
    for (const agreements::Correction &line : each.lines) {
        const bool of_a_call = line.before || line.after;
        table.rows.push_back({"Korrektur " + to_string(each.month),
                              of_a_call ? fmt::format("{}", line.call.value) : "",
                              to_string(line.date), std::string{to_string(line.reason)}, "", "",
                              line.clause, "",
                              of_a_call ? "" : with_comma(to_decimal(line.difference))});
        if (line.before) table.rows.push_back(row_of(line, *line.before, true));
        if (line.after) table.rows.push_back(row_of(line, *line.after, false));
    }
}

void add_excluded(EvidenceTable &table, const Evidence &evidence) {
    std::map<std::string, std::int64_t> counts;
    for (const EvidencePart &part : evidence.parts) {
        for (const CallFact &call : part.calls) {
            const Month month = month_of(to_local(call.offered_at).date);
            const bool in = std::ranges::find(evidence.months, month) != evidence.months.end();
            const bool paid =
                agreements::is_owed(call.kind) || (agreements::is_billed(call.kind) &&
                                                   agreements::prices_kind(part.prices, call.kind));
            if (in && !paid) ++counts[std::string{to_string(call.kind)}];
        }
    }
    for (const auto &[kind, count] : counts) {
        table.rows.push_back(
            {"nicht abgerechnet", fmt::format("{}", count), "", kind, "", "", "", "", ""});
    }
}

void append(std::string &out, const std::vector<std::string> &row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (i > 0) out += ';';
        out += csv_field(row[i], "=+@\t\r");
    }
    out += "\r\n";
}

} // namespace

Expected<EvidenceTable> evidence_table(const Evidence &evidence) {
    EvidenceTable table;
    table.header = {"Satz",
                    "Anruf",
                    "Zeit",
                    "Art",
                    "Gespraech in Sekunden",
                    "Nachbereitung in Sekunden",
                    "Preisregel",
                    "abgerechnet in Sekunden",
                    "Betrag in Euro"};
    for (const EvidencePart &part : evidence.parts) {
        if (auto added = add_calls(table, part, evidence.months); !added) {
            return tl::unexpected(added.error());
        }
    }
    for (const EvidenceCorrection &each : evidence.corrections)
        add_correction(table, each);
    add_excluded(table, evidence);
    return table;
}

std::string to_csv(const EvidenceTable &table) {
    std::string out;
    append(out, table.header);
    for (const auto &row : table.rows)
        append(out, row);
    return out;
}

} // namespace fernamt::billing
