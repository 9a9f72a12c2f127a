// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/service.h"

#include <algorithm>
#include <array>

namespace fernamt::knowledge {

namespace {

struct Names {
    std::string_view key;
    std::string_view de;
    std::string_view en;
};

constexpr std::array<Names, kSectionKeys> kNames{{
    {"opening_hours", "Öffnungszeiten", "Opening hours"},
    {"documents", "Mitbringen", "What to bring"},
    {"contact", "Ansprechstelle", "Contact"},
    {"responsible", "Zuständig", "Responsible"},
    {"fee", "Gebühr", "Fee"},
    {"where", "Wo", "Where"},
    {"online", "Online", "Online"},
    {"deadline", "Frist", "Deadline"},
}};

const Names &names_of(SectionKey key) {
    return kNames[static_cast<std::size_t>(key)];
}

} // namespace

std::string_view to_string(SectionKey key) {
    return names_of(key).key;
}
std::string_view heading_de(SectionKey key) {
    return names_of(key).de;
}
std::string_view heading_en(SectionKey key) {
    return names_of(key).en;
}

std::optional<SectionKey> parse_section_key(std::string_view text) {
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        if (kNames[i].key == text) return static_cast<SectionKey>(i);
    }
    return std::nullopt;
}

std::string_view to_string(Freshness freshness) {
    return freshness == Freshness::current ? "current" : "due";
}

std::string_view to_string(Administration level) {
    static constexpr std::array<std::string_view, 4> kLevels{"federation", "land", "district",
                                                             "local"};
    return kLevels[static_cast<std::size_t>(level)];
}

Freshness Check::at(const LocalDate &today) const {
    return on && add_days(*on, days) >= today ? Freshness::current : Freshness::due;
}

std::optional<LocalDate> last_check(std::string_view reviewed, std::string_view approved) {
    const auto here = parse_date(reviewed.substr(0, 10));
    return here ? here : parse_date(approved.substr(0, 10));
}

CheckedThere checked_there(const Check &common, const Check &own, const LocalDate &today) {
    CheckedThere there{common.on, common.at(today)};
    if (!own.on) return there;
    if (there.on) there.on = std::min(*there.on, *own.on);
    if (own.at(today) == Freshness::due) there.state = Freshness::due;
    return there;
}

} // namespace fernamt::knowledge
