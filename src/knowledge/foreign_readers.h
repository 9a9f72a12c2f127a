// SPDX-License-Identifier: EUPL-1.2
// One reader for each of the formats that foreign_formats.h knows, and what they share: looking
// into JSON that may lack anything. Internal to the room.
#pragma once

#include "knowledge/foreign_formats.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::knowledge {

namespace json = boost::json;

// Each adds what it read to out.objects, and what nobody can use to out.unusable.
void read_portal_answer(const json::value &answer, ForeignObjects &out);
void read_portal_table(std::string_view text, ForeignObjects &out);
void read_bus_answer(const json::value &answer, const std::string &agency, ForeignObjects &out);

[[nodiscard]] KnowledgeObject responsibility(const ObjectKey &service, ObjectKind holder_kind,
                                             const ObjectKey &holder,
                                             const std::vector<AreaId> &areas);

// A member; what is not there, or of another kind, is empty.
inline std::string text_at(const json::object &from, std::string_view name) {
    const json::value *found = from.if_contains(name);
    return found && found->is_string() ? std::string(found->get_string()) : "";
}
inline const json::array &list_at(const json::object &from, std::string_view name) {
    static const json::array kNone;
    const json::value *found = from.if_contains(name);
    return found && found->is_array() ? found->get_array() : kNone;
}
inline const json::object &object_at(const json::object &from, std::string_view name) {
    static const json::object kNone;
    const json::value *found = from.if_contains(name);
    return found && found->is_object() ? found->get_object() : kNone;
}
inline bool true_at(const json::object &from, std::string_view name) {
    const json::value *found = from.if_contains(name);
    return found && found->is_bool() && found->get_bool();
}
inline std::optional<double> number_at(const json::object &from, std::string_view name) {
    const json::value *found = from.if_contains(name);
    if (!found || !found->is_number()) return std::nullopt;
    return found->to_number<double>();
}
template <class Visit>
void each_object(const json::array &list, const Visit &visit) {
    for (const json::value &one : list) {
        if (one.is_object()) visit(one.get_object());
    }
}

} // namespace fernamt::knowledge
