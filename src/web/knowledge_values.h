// SPDX-License-Identifier: EUPL-1.2
// What the adapters of the knowledge's editors share: who asks as an editor, names of people beside
// their ids, places of texts in queries and bodies (null or no municipality: the common text).
#pragma once

#include "knowledge/text_editing.h"
#include "knowledge/website_hit.h"
#include "people/users.h"
#include "web/gate.h"
#include "web/json_reader.h"

#include <boost/json/value.hpp>

#include <map>
#include <optional>
#include <string>

namespace fernamt::web {

[[nodiscard]] inline knowledge::Editor editor_of(const people::Principal &caller) {
    return {caller.user, caller.municipality};
}

// Whoever works for the service centre answers for every municipality.
[[nodiscard]] inline knowledge::KnowledgeReader reader_of(const people::Principal &caller) {
    return {.centre = !caller.municipality, .municipality = caller.municipality};
}

class PeopleNames {
  public:
    [[nodiscard]] static Expected<PeopleNames> load(const people::Users &users);
    // null for nobody and for somebody who is not known any more.
    [[nodiscard]] boost::json::value of(UserId id) const;

  private:
    std::map<UserId, std::string> names_;
};

// Municipality 0 is null: common to all.
[[nodiscard]] boost::json::value place_json(MunicipalityId municipality);
[[nodiscard]] boost::json::value date_json(const std::optional<LocalDate> &date);
[[nodiscard]] boost::json::array lines_json(const std::vector<std::string> &lines);

// "district"; null: not known.
[[nodiscard]] boost::json::value level_json(const knowledge::Article &article);

// null: the search has its index; else how far that is, and hits are found by names alone.
[[nodiscard]] boost::json::value
building_json(const std::optional<knowledge::IndexBuilding> &building);

// Pages of the towns' websites, each with its day.
[[nodiscard]] boost::json::array why_json(const std::vector<knowledge::Why> &reasons);
[[nodiscard]] boost::json::array websites_json(const std::vector<knowledge::WebsiteHit> &pages);

// ?municipality=, else the caller's own, else none; never one that the caller may not see.
[[nodiscard]] Expected<std::optional<MunicipalityId>>
readable_municipality(const Incoming &incoming);
// ?municipality=, else the caller's own, else the common text; ?common=true is the common text.
[[nodiscard]] Expected<MunicipalityId> queried_place(const Incoming &incoming);
// "municipality" (ARS or null), "part" ("telephone" or a section) and "internal" of a body.
[[nodiscard]] knowledge::TextPlace read_place(JsonReader &reader, knowledge::ServiceId service);
[[nodiscard]] MunicipalityId read_municipality(JsonReader &reader);
// null, or a date.
[[nodiscard]] std::optional<LocalDate> read_date(JsonReader &reader, std::string_view name);

} // namespace fernamt::web
