// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/service.h"

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

Freshness freshness_of(const Service &service, const LocalDate &today) {
    return add_days(service.checked_on, service.review_days) < today ? Freshness::due
                                                                     : Freshness::current;
}

} // namespace fernamt::knowledge
