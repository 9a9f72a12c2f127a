// SPDX-License-Identifier: EUPL-1.2
// What other systems hand out, as an XZuFi delivery, so that it is staged, reported, applied and
// undone like every delivery (delivery.h): answers of the federal portal's search service (JSON of
// a service in detail or of an office; its table), of its delivery service (JSON around XZuFi) and
// of the state portals' REST interface v4 (Linie6Plus/BUS: public service types, organisational
// units, competences). Files as they were answered, one object or a list in each; unknown members
// are passed over, what cannot be used is named. Asks no network.
#pragma once

#include "base/problem.h"
#include "knowledge/model.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::knowledge {

enum class ForeignFormat { pvog_json, pvog_csv, bus_json };
[[nodiscard]] std::optional<ForeignFormat> foreign_format(std::string_view name); // "pvog-json"

struct ForeignObjects {
    std::vector<KnowledgeObject> objects;
    std::vector<std::string> elements; // schreibe and loesche, where the answer holds XZuFi itself
    std::vector<std::string> unusable; // "file: what"
};

// agency: who is named as the maker of objects whose format does not say (BUS).
[[nodiscard]] ForeignObjects read_foreign(std::string_view text, ForeignFormat format,
                                          const std::string &agency);

struct Converted {
    std::int64_t objects = 0;
    std::vector<std::string> unusable;
};
// A file, or all .json/.csv files of a folder by name. Writes one XZuFi 2.3.1 transfer.
// "knowledge.delivery_unreadable" (file), "knowledge.delivery_empty".
[[nodiscard]] Expected<Converted> convert_foreign(const std::string &path, ForeignFormat format,
                                                  const std::string &agency,
                                                  const std::string &output);

} // namespace fernamt::knowledge
