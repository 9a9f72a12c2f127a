// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/delivered.h"

#include "base/money.h"
#include "knowledge/article.h"
#include "knowledge/html.h"
#include "knowledge/language.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace fernamt::knowledge {

namespace {

using Lines = std::vector<std::string>;

struct Unit {
    std::string_view code; // of the list Zeiteinheit
    std::string_view one;
    std::string_view many;
};
constexpr std::array<Unit, 9> kUnits{{{"JAHR", "Jahr", "Jahre"},
                                      {"MONAT", "Monat", "Monate"},
                                      {"WOCHE", "Woche", "Wochen"},
                                      {"TAG", "Tag", "Tage"},
                                      {"WERKTAG", "Werktag", "Werktage"},
                                      {"ARBEITSTAG", "Arbeitstag", "Arbeitstage"},
                                      {"STUNDE", "Stunde", "Stunden"},
                                      {"MINUTE", "Minute", "Minuten"},
                                      {"SEKUNDE", "Sekunde", "Sekunden"}}};
constexpr std::string_view kObjection = "009"; // of the list Fristtyp
constexpr std::array<std::string_view, 3> kNumbered{"fee", "deadline", "duration"};

// Empty for a number that says nothing.
std::string period(std::string_view kind, std::string_view type, std::int64_t count,
                   std::string_view unit) {
    const auto known = std::ranges::find(kUnits, unit, &Unit::code);
    if (known == kUnits.end()) return {};
    const std::string text = fmt::format("{} {}", count, count == 1 ? known->one : known->many);
    if (kind == "duration") return "Bearbeitungsdauer: " + text;
    return type == kObjection ? "Widerspruchsfrist: " + text : text;
}

std::string fee(std::int64_t cents, const std::string &currency) {
    if (currency == "EUR") return to_german(Money{cents});
    return to_decimal(Money{cents}) + " " + currency;
}

Expected<void> read_texts(storage::Connection &connection, std::int64_t owner, Delivered &made) {
    return connection.each(
        "SELECT module, language, html FROM knowledge_text WHERE owner = $1 ORDER BY ordinal",
        {owner}, [&](const storage::Row &row) {
            if (is_german(row.text(1))) made.html[row.text(0)].push_back(row.text(2));
            return true;
        });
}

Expected<void> read_numbers(storage::Connection &connection, std::int64_t owner, Delivered &made) {
    return connection.each(
        "SELECT kind, type, amount, unit FROM knowledge_amount WHERE owner = $1 AND amount IS NOT "
        "NULL ORDER BY ordinal",
        {owner}, [&](const storage::Row &row) {
            const std::string kind = row.text(0);
            std::string line = kind == "fee"
                                   ? fee(row.integer(2), row.text(3))
                                   : period(kind, row.text(1), row.integer(2), row.text(3));
            Lines &lines = made.numbers[kind];
            if (!line.empty() && std::ranges::find(lines, line) == lines.end()) {
                lines.push_back(std::move(line));
            }
            return true;
        });
}

// Not only empty tags; whoever writes much says something.
bool says_something(const Lines &html) {
    constexpr std::size_t kMuch = 300;
    return std::ranges::any_of(html, [](const std::string &each) {
        return each.size() > kMuch || !plain_lines(each).empty();
    });
}

} // namespace

AreaFilter area_filter(const std::vector<AreaId> &areas, std::optional<std::int64_t> first) {
    AreaFilter made;
    if (first) made.values.emplace_back(*first);
    for (const AreaId area : areas) {
        made.values.emplace_back(area.value);
        made.list += fmt::format("{}${}", made.list.empty() ? "(" : ", ", made.values.size());
    }
    made.list += ")";
    return made;
}

Expected<std::optional<std::int64_t>> specialisation_for(storage::Connection &connection,
                                                         ServiceId service,
                                                         const std::vector<AreaId> &areas) {
    std::optional<std::int64_t> found;
    std::size_t nearest = areas.size();
    const AreaFilter filter = area_filter(areas, service.value);
    const auto done = connection.each(
        "SELECT s.id, a.area FROM knowledge_specialisation s JOIN knowledge_area a ON "
        "a.owner = s.id WHERE s.service = $1 AND a.area IN " +
            filter.list + " ORDER BY s.id",
        filter.values, [&](const storage::Row &row) {
            const auto area = std::ranges::find(areas, AreaId{row.integer(1)});
            const auto distance = static_cast<std::size_t>(area - areas.begin());
            if (distance < nearest) {
                nearest = distance;
                found = row.integer(0);
            }
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    return found;
}

Expected<Delivered> read_delivered_of(storage::Connection &connection, std::int64_t owner) {
    Delivered made;
    if (auto done = read_texts(connection, owner, made); !done) return tl::unexpected(done.error());
    if (auto done = read_numbers(connection, owner, made); !done) {
        return tl::unexpected(done.error());
    }
    // Numbers only where no words say it.
    std::erase_if(made.html, [](const auto &one) { return !says_something(one.second); });
    std::erase_if(made.numbers, [&](const auto &one) {
        return one.second.empty() || made.html.contains(one.first);
    });
    return made;
}

Expected<Delivered> read_delivered(storage::Connection &connection, ServiceId service,
                                   const std::vector<AreaId> &areas) {
    auto made = read_delivered_of(connection, service.value);
    if (!made) return made;
    const auto special = specialisation_for(connection, service, areas);
    if (!special) return tl::unexpected(special.error());
    if (!*special) return made;
    auto own = read_delivered_of(connection, **special);
    if (!own) return own;
    made->specialised = true;
    for (const std::string_view kind : kNumbered) {
        const bool said = own->html.contains(kind) || own->numbers.contains(kind);
        if (!said) continue;
        made->html.erase(std::string(kind));
        made->numbers.erase(std::string(kind));
    }
    for (auto &[module, html] : own->html)
        made->html.insert_or_assign(module, std::move(html));
    for (auto &[kind, lines] : own->numbers)
        made->numbers.insert_or_assign(kind, std::move(lines));
    return made;
}

std::vector<std::string> Delivered::lines(std::string_view module) const {
    const auto words = html.find(module);
    if (words == html.end()) {
        const auto found = numbers.find(module);
        return found == numbers.end() ? Lines{} : found->second;
    }
    Lines all;
    for (const std::string &each : words->second) {
        for (std::string &line : plain_lines(each)) {
            if (std::ranges::find(all, line) == all.end()) all.push_back(std::move(line));
        }
    }
    return all;
}

std::string delivered_short_text(const Delivered &delivered) {
    for (const std::string_view module : {"05", "24", "06"}) {
        const Lines lines = delivered.lines(module);
        if (!lines.empty()) return first_sentences(fmt::format("{}", fmt::join(lines, " ")));
    }
    return {};
}

} // namespace fernamt::knowledge
