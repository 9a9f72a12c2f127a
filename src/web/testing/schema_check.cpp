// SPDX-License-Identifier: EUPL-1.2
#include "web/testing/schema_check.h"

#include "web/text_check.h"

#include <boost/json/serialize.hpp>

#include <regex>
#include <set>
#include <stdexcept>

namespace fernamt::web::testing {

namespace {

std::string_view view(const json::string &text) {
    return {text.data(), text.size()};
}
std::string_view view(json::string_view text) {
    return {text.data(), text.size()};
}

bool is_type(const json::value &value, std::string_view type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_bool();
    if (type == "null") return value.is_null();
    if (type == "integer") return value.is_int64() || value.is_uint64();
    if (type == "number") return value.is_number();
    throw std::logic_error("unknown type " + std::string(type));
}

bool is_one_type(const json::value &value, const json::value &types) {
    if (types.is_string()) return is_type(value, view(types.get_string()));
    for (const json::value &type : types.get_array()) {
        if (is_type(value, view(type.get_string()))) return true;
    }
    return false;
}

// Keywords that say nothing about the value, or that another keyword handles.
bool is_annotation(std::string_view keyword) {
    static const std::set<std::string_view> known{
        "description", "examples",   "default",         "format",
        "required",    "properties", "contentEncoding", "contentMediaType"};
    return known.count(keyword) != 0;
}

std::size_t length(const json::value &value) {
    return length_of(view(value.get_string()));
}

} // namespace

const json::value &SchemaCheck::resolve(std::string_view reference) const {
    if (!reference.starts_with("#")) throw std::logic_error("foreign reference");
    json::error_code error;
    const json::value *found = document_.find_pointer(
        json::string_view(reference.data() + 1, reference.size() - 1), error);
    if (found == nullptr) throw std::logic_error("no such part: " + std::string(reference));
    return *found;
}

SchemaCheck::Fault SchemaCheck::fault(const json::value &value, const json::value &schema) const {
    return check(value, schema, "");
}

SchemaCheck::Fault SchemaCheck::check(const json::value &value, const json::value &schema,
                                      const std::string &place) const {
    for (const auto &member : schema.as_object()) {
        const auto keyword = view(member.key());
        if (auto found =
                check_keyword(value, schema.get_object(), keyword, member.value(), place)) {
            return found;
        }
    }
    if (!value.is_object()) return std::nullopt;
    return check_object(value.get_object(), schema.get_object(), place);
}

SchemaCheck::Fault SchemaCheck::check_keyword(const json::value &value, const json::object &schema,
                                              std::string_view keyword, const json::value &rule,
                                              const std::string &place) const {
    const auto wrong = [&](std::string_view what) {
        return Fault(place + ": " + std::string(what) + " " + json::serialize(rule) + ", but is " +
                     json::serialize(value).substr(0, 200));
    };
    if (is_annotation(keyword)) return std::nullopt;
    if (keyword == "$ref") return check(value, resolve(view(rule.as_string())), place);
    if (keyword == "type") return is_one_type(value, rule) ? Fault() : wrong("type");
    if (keyword == "const") return value == rule ? Fault() : wrong("const");
    if (keyword == "enum") {
        for (const json::value &allowed : rule.as_array()) {
            if (value == allowed) return std::nullopt;
        }
        return wrong("enum");
    }
    if (keyword == "oneOf") {
        int fitting = 0;
        for (const json::value &choice : rule.as_array()) {
            if (!check(value, choice, place)) ++fitting;
        }
        return fitting == 1 ? Fault() : wrong("oneOf");
    }
    if (keyword == "minimum") {
        return !value.is_number() || value.to_number<double>() >= rule.to_number<double>()
                   ? Fault()
                   : wrong("minimum");
    }
    if (keyword == "maximum") {
        return !value.is_number() || value.to_number<double>() <= rule.to_number<double>()
                   ? Fault()
                   : wrong("maximum");
    }
    if (keyword == "minLength") {
        return !value.is_string() || length(value) >= rule.to_number<std::size_t>()
                   ? Fault()
                   : wrong("minLength");
    }
    if (keyword == "maxLength") {
        return !value.is_string() || length(value) <= rule.to_number<std::size_t>()
                   ? Fault()
                   : wrong("maxLength");
    }
    if (keyword == "pattern") {
        if (!value.is_string()) return std::nullopt;
        const std::regex pattern(std::string(view(rule.as_string())));
        const std::string text(view(value.get_string()));
        return std::regex_search(text, pattern) ? Fault() : wrong("pattern");
    }
    if (keyword == "items") {
        if (!value.is_array()) return std::nullopt;
        std::size_t index = 0;
        for (const json::value &item : value.get_array()) {
            auto found = check(item, rule, place + "/" + std::to_string(index++));
            if (found) return found;
        }
        return std::nullopt;
    }
    if (keyword == "additionalProperties") {
        if (!value.is_object() || (rule.is_bool() && rule.get_bool())) return std::nullopt;
        const json::value *properties = schema.if_contains("properties");
        for (const auto &member : value.get_object()) {
            if (properties != nullptr && properties->get_object().contains(member.key())) continue;
            const std::string where = place + "/" + std::string(view(member.key()));
            if (rule.is_bool()) return Fault(where + ": not described");
            if (auto found = check(member.value(), rule, where)) return found;
        }
        return std::nullopt;
    }
    throw std::logic_error("unknown keyword " + std::string(keyword));
}

SchemaCheck::Fault SchemaCheck::check_object(const json::object &value, const json::object &schema,
                                             const std::string &place) const {
    if (const json::value *required = schema.if_contains("required")) {
        for (const json::value &name : required->as_array()) {
            if (value.contains(name.as_string())) continue;
            return place + "/" + std::string(view(name.get_string())) + ": missing";
        }
    }
    const json::value *properties = schema.if_contains("properties");
    if (properties == nullptr) return std::nullopt;
    for (const auto &member : properties->as_object()) {
        const json::value *given = value.if_contains(member.key());
        if (given == nullptr) continue;
        auto found = check(*given, member.value(), place + "/" + std::string(view(member.key())));
        if (found) return found;
    }
    return std::nullopt;
}

} // namespace fernamt::web::testing
