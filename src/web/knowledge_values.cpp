// SPDX-License-Identifier: EUPL-1.2
#include "web/knowledge_values.h"

#include "web/request_values.h"

namespace fernamt::web {

namespace json = boost::json;

Expected<PeopleNames> PeopleNames::load(const people::Users &users) {
    auto all = users.all();
    if (!all) return tl::unexpected(all.error());
    PeopleNames made;
    for (people::User &user : *all)
        made.names_.emplace(user.id, std::move(user.display_name));
    return made;
}

json::value PeopleNames::of(UserId id) const {
    const auto found = names_.find(id);
    if (found == names_.end()) return nullptr;
    return json::object{{"id", id.value}, {"name", found->second}};
}

json::value place_json(MunicipalityId municipality) {
    if (municipality == knowledge::kCommonText) return nullptr;
    return json::value(to_ars(municipality));
}

json::value date_json(const std::optional<LocalDate> &date) {
    if (!date) return nullptr;
    return json::value(fernamt::to_string(*date));
}

json::array lines_json(const std::vector<std::string> &lines) {
    json::array all;
    for (const std::string &line : lines)
        all.emplace_back(line);
    return all;
}

json::value level_json(const knowledge::Article &article) {
    if (!article.level) return nullptr;
    return json::value(std::string(knowledge::to_string(*article.level)));
}

json::value building_json(const std::optional<knowledge::IndexBuilding> &building) {
    if (!building) return nullptr;
    return json::object{{"done", building->done}, {"of", building->of}};
}

json::array why_json(const std::vector<knowledge::Why> &reasons) {
    json::array all;
    for (const knowledge::Why &why : reasons) {
        all.push_back(json::object{{"said", why.said},
                                   {"by", std::string(knowledge::to_string(why.kind))},
                                   {"field", std::string(knowledge::to_string(why.field))},
                                   {"found", why.found}});
    }
    return all;
}

json::array websites_json(const std::vector<knowledge::WebsiteHit> &pages) {
    json::array all;
    for (const knowledge::WebsiteHit &page : pages) {
        all.push_back(json::object{{"title", page.title},
                                   {"url", page.url},
                                   {"excerpt", page.excerpt},
                                   {"fetched_on", fernamt::to_string(page.fetched_on)},
                                   {"why", why_json(page.why)}});
    }
    return all;
}

Expected<std::optional<MunicipalityId>> readable_municipality(const Incoming &incoming) {
    auto asked = query_municipality(incoming.request);
    if (!asked) return tl::unexpected(asked.error());
    if (!*asked) return incoming.caller.municipality;
    if (!people::may_see(incoming.caller, **asked)) {
        return fail(ProblemKind::not_found, "municipality.not_found");
    }
    return asked;
}

Expected<MunicipalityId> queried_place(const Incoming &incoming) {
    const auto common = query_text(incoming.request, "common", 5);
    if (!common) return tl::unexpected(common.error());
    if (*common == "true") return knowledge::kCommonText;
    if (!common->empty()) return invalid_value("common", "not_one_of");
    const auto asked = query_municipality(incoming.request);
    if (!asked) return tl::unexpected(asked.error());
    return asked->value_or(incoming.caller.municipality.value_or(knowledge::kCommonText));
}

MunicipalityId read_municipality(JsonReader &reader) {
    const auto text = reader.nullable_text("municipality", {.longest = 12});
    if (!text) return knowledge::kCommonText;
    const auto parsed = parse_ars(*text);
    if (!parsed) reader.fault("municipality", "not_an_ars");
    return parsed.value_or(knowledge::kCommonText);
}

knowledge::TextPlace read_place(JsonReader &reader, knowledge::ServiceId service) {
    knowledge::TextPlace place{.service = service, .municipality = read_municipality(reader)};
    const std::string part = reader.text("part", {.longest = 20});
    place.section = knowledge::parse_section_key(part);
    if (!place.section && part != knowledge::part_name(std::nullopt)) {
        reader.fault("part", "not_one_of");
    }
    place.internal = reader.boolean("internal");
    return place;
}

std::optional<LocalDate> read_date(JsonReader &reader, std::string_view name) {
    const auto text = reader.nullable_text(name, {.longest = 10});
    if (!text) return std::nullopt;
    const auto parsed = parse_date(*text);
    if (!parsed) reader.fault(name, "not_a_date");
    return parsed;
}

} // namespace fernamt::web
