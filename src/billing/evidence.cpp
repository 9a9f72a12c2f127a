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

Expected<agreements::MonthKnown> known_of(const std::vector<EvidencePart> &parts,
                                          const Month &month) {
    agreements::MonthKnown whole;
    for (const EvidencePart &part : parts) {
        const auto columns = to_columns(part.calls, part.first, part.last);
        if (!columns) return tl::unexpected(columns.error());
        const auto known = agreements::know(part.prices, *columns, month);
        if (!known) return tl::unexpected(known.error());
        agreements::add(whole, *known);
    }
    return whole;
}

// One line for each corrected month.
Expected<void> add_corrections(Computed &computed,
                               const std::vector<EvidenceCorrection> &corrections) {
    std::map<Month, std::vector<agreements::Correction>> by_month;
    for (const EvidenceCorrection &each : corrections) {
        const auto lines = corrected_lines(each);
        if (!lines) return tl::unexpected(lines.error());
        auto &all = by_month[each.month];
        all.insert(all.end(), lines->begin(), lines->end());
    }
    for (const auto &[month, lines] : by_month) {
        DocumentLine line{.text = fmt::format("Korrektur {}", to_string(month)),
                          .detail = fmt::format("{} berichtigte Angaben", lines.size()),
                          .from = first_day(month),
                          .to = last_day(month),
                          .amount = {}};
        for (const agreements::Correction &each : lines)
            line.amount = line.amount + each.difference;
        computed.lines.push_back(line);
    }
    return {};
}

} // namespace

Expected<std::vector<agreements::Correction>>
corrected_lines(const EvidenceCorrection &correction) {
    if (correction.before.empty() && correction.after.empty()) return correction.lines;
    const auto before = known_of(correction.before, correction.month);
    if (!before) return tl::unexpected(before.error());
    const auto after = known_of(correction.after, correction.month);
    if (!after) return tl::unexpected(after.error());
    return agreements::corrections(correction.month, *before, *after);
}

Expected<Computed> compute(const Evidence &evidence) {
    Computed computed;
    for (const EvidencePart &part : evidence.parts) {
        if (auto added = add_part(computed, part, evidence.months); !added) {
            return tl::unexpected(added.error());
        }
    }
    if (auto added = add_corrections(computed, evidence.corrections); !added) {
        return tl::unexpected(added.error());
    }
    return computed;
}

} // namespace fernamt::billing
