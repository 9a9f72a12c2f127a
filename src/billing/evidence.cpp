// SPDX-License-Identifier: EUPL-1.2
#include "billing/evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace fernamt::billing {

namespace {

Expected<void> add_part(Computed &computed, const EvidencePart &part,
                        const std::vector<Month> &months) {
    const auto columns = to_columns(part.calls, part.first, part.last);
    if (!columns) return tl::unexpected(columns.error());
    const auto statements = agreements::rate(part.prices, *columns);
    if (!statements) return tl::unexpected(statements.error());
    for (const agreements::MonthStatement &statement : *statements) {
        if (std::ranges::find(months, statement.month) == months.end()) continue;
        for (DocumentLine &line : lines_of(part.prices, statement))
            computed.lines.push_back(std::move(line));
        for (std::string &note : notes_of(part.prices, statement))
            computed.notes.push_back(std::move(note));
    }
    return {};
}

// One line for each earlier month.
void add_corrections(Computed &computed, const std::vector<EvidenceCorrection> &corrections) {
    std::map<Month, std::vector<const agreements::Correction *>> by_month;
    for (const EvidenceCorrection &each : corrections)
        by_month[each.month].push_back(&each.line);
    for (const auto &[month, lines] : by_month) {
        DocumentLine line{.text = fmt::format("Korrektur {}", to_string(month)),
                          .detail = fmt::format("{} berichtigte Angaben", lines.size()),
                          .from = first_day(month),
                          .to = last_day(month),
                          .amount = {}};
        for (const agreements::Correction *each : lines)
            line.amount = line.amount + each->difference;
        computed.lines.push_back(line);
    }
}

} // namespace

Expected<Computed> compute(const Evidence &evidence) {
    Computed computed;
    for (const EvidencePart &part : evidence.parts) {
        if (auto added = add_part(computed, part, evidence.months); !added) {
            return tl::unexpected(added.error());
        }
    }
    add_corrections(computed, evidence.corrections);
    return computed;
}

} // namespace fernamt::billing
