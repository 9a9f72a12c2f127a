// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/demo_file.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>

namespace fernamt::knowledge {

namespace {

namespace json = boost::json;

// Thrown and caught in this file: it ends the reading of one document.
struct Fault {
    std::string place;
    std::string what;
};

const json::object &object(const json::value &value, const std::string &place) {
    if (!value.is_object()) throw Fault{place, "not an object"};
    return value.get_object();
}

void refuse_unknown(const json::object &from, const std::string &place,
                    std::initializer_list<std::string_view> known) {
    for (const auto &member : from) {
        const std::string_view key{member.key().data(), member.key().size()};
        if (std::ranges::find(known, key) == known.end()) {
            throw Fault{place, fmt::format("unknown member {}", key)};
        }
    }
}

const json::value &member(const json::object &from, const std::string &place,
                          std::string_view key) {
    const json::value *found = from.if_contains(json::string_view{key.data(), key.size()});
    if (!found) throw Fault{place, fmt::format("missing member {}", key)};
    return *found;
}

std::string text_of(const json::value &value, const std::string &place, bool may_be_empty = false) {
    if (!value.is_string()) throw Fault{place, "not a text"};
    const json::string &text = value.get_string();
    if (text.empty() && !may_be_empty) throw Fault{place, "empty text"};
    return {text.data(), text.size()};
}

std::string text(const json::object &from, const std::string &place, std::string_view key,
                 bool may_be_empty = false) {
    return text_of(member(from, place, key), fmt::format("{}.{}", place, key), may_be_empty);
}

std::int64_t integer(const json::object &from, const std::string &place, std::string_view key) {
    const json::value &value = member(from, place, key);
    if (!value.is_int64() || value.get_int64() <= 0) {
        throw Fault{fmt::format("{}.{}", place, key), "not a positive whole number"};
    }
    return value.get_int64();
}

const json::array &array(const json::value &value, const std::string &place) {
    if (!value.is_array()) throw Fault{place, "not a list"};
    return value.get_array();
}

std::vector<std::string> texts(const json::value &value, const std::string &place) {
    std::vector<std::string> lines;
    for (const json::value &each : array(value, place)) {
        lines.push_back(text_of(each, fmt::format("{}[{}]", place, lines.size())));
    }
    if (lines.empty()) throw Fault{place, "empty list"};
    return lines;
}

bool is_leika_key(std::string_view key) { // F-16: ^99\d{12}$
    return key.size() == 14 && key.starts_with("99") &&
           std::ranges::all_of(key, [](char c) { return c >= '0' && c <= '9'; });
}

OfficeLevel to_level(const std::string &name, const std::string &place) {
    if (name == "municipality") return OfficeLevel::municipality;
    if (name == "region") return OfficeLevel::region;
    if (name == "elsewhere") return OfficeLevel::elsewhere;
    throw Fault{place, fmt::format("unknown level {}", name)};
}

DemoOffice to_office(const json::value &value, const std::string &place) {
    const json::object &from = object(value, place);
    refuse_unknown(from, place, {"key", "level", "name", "responsible"});
    return {.key = text(from, place, "key"),
            .level = to_level(text(from, place, "level"), place),
            .name = text(from, place, "name"),
            .responsible = text(from, place, "responsible")};
}

DemoPlace to_place(const json::value &value, const std::string &place) {
    const json::object &from = object(value, place);
    refuse_unknown(from, place, {"ars", "name", "of", "kind"});
    const auto id = parse_ars(text(from, place, "ars"));
    if (!id) throw Fault{place + ".ars", "not an ARS"};
    const std::string kind = text(from, place, "kind");
    if (kind != "region" && kind != "municipality") throw Fault{place + ".kind", "unknown kind"};
    return {.id = *id,
            .name = text(from, place, "name"),
            .of = text(from, place, "of"),
            .is_region = kind == "region"};
}

std::size_t office_index(const std::vector<DemoOffice> &offices, const std::string &key,
                         const std::string &place) {
    const auto found = std::ranges::find(offices, key, &DemoOffice::key);
    if (found == offices.end()) throw Fault{place, fmt::format("unknown office {}", key)};
    return static_cast<std::size_t>(found - offices.begin());
}

DemoService to_service(const json::value &value, const std::string &place,
                       const std::vector<DemoOffice> &offices) {
    const json::object &from = object(value, place);
    refuse_unknown(from, place,
                   {"id", "leika", "typification", "name", "colloquial", "synonyms", "office",
                    "short_answer", "documents", "fee", "online", "deadline", "checked_on",
                    "review_days"});
    DemoService read;
    Service &service = read.service;
    service.id = ServiceId{integer(from, place, "id")};
    service.leika = text(from, place, "leika", true);
    if (!service.leika.empty() && !is_leika_key(service.leika)) {
        throw Fault{place + ".leika", "not 14 digits beginning with 99"};
    }
    if (from.contains("typification")) {
        read.typification = text(from, place, "typification");
        if (!level_of_typification(read.typification)) {
            throw Fault{place + ".typification", "says no level of administration"};
        }
    }
    service.name = text(from, place, "name");
    service.colloquial = text(from, place, "colloquial");
    service.synonyms = texts(member(from, place, "synonyms"), place + ".synonyms");
    service.short_answer = text(from, place, "short_answer");
    const auto checked = parse_date(text(from, place, "checked_on"));
    if (!checked) throw Fault{place + ".checked_on", "not a date"};
    service.check.on = *checked;
    service.check.days =
        static_cast<int>(std::min<std::int64_t>(integer(from, place, "review_days"), 3650));
    read.office = office_index(offices, text(from, place, "office"), place);
    for (const SectionKey key :
         {SectionKey::documents, SectionKey::fee, SectionKey::online, SectionKey::deadline}) {
        const std::string name{to_string(key)};
        const bool required = key == SectionKey::documents || key == SectionKey::fee;
        if (!required && !from.contains(name)) continue;
        read.common.push_back({key, texts(member(from, place, name), place + "." + name)});
    }
    return read;
}

void read_places(const json::value &document, DemoRegion &region) {
    const json::object &from = object(document, "places.json");
    refuse_unknown(from, "places.json", {"about", "telephone_prefix", "opening_hours", "places"});
    region.telephone_prefix = text(from, "places.json", "telephone_prefix");
    for (const json::value &hours :
         array(member(from, "places.json", "opening_hours"), "opening_hours")) {
        region.opening_hours.push_back(
            texts(hours, fmt::format("opening_hours[{}]", region.opening_hours.size())));
    }
    for (const json::value &place : array(member(from, "places.json", "places"), "places")) {
        region.places.push_back(to_place(place, fmt::format("places[{}]", region.places.size())));
    }
    if (region.opening_hours.empty()) throw Fault{"opening_hours", "empty list"};
    if (region.places.empty()) throw Fault{"places", "empty list"};
}

void read_services(const json::value &document, DemoData &data) {
    const json::object &from = object(document, "services.json");
    refuse_unknown(from, "services.json", {"about", "offices", "services"});
    for (const json::value &office : array(member(from, "services.json", "offices"), "offices")) {
        data.region.offices.push_back(
            to_office(office, fmt::format("offices[{}]", data.region.offices.size())));
    }
    std::set<ServiceId> seen;
    for (const json::value &value : array(member(from, "services.json", "services"), "services")) {
        const std::string place = fmt::format("services[{}]", data.services.size());
        data.services.push_back(to_service(value, place, data.region.offices));
        if (!seen.insert(data.services.back().service.id).second) {
            throw Fault{place + ".id", "twice"};
        }
    }
}

tl::unexpected<Problem> invalid(std::string file, std::string place, std::string what) {
    return fail(
        ProblemKind::invalid_input, "knowledge.file_invalid",
        {{"file", std::move(file)}, {"place", std::move(place)}, {"what", std::move(what)}});
}

template <class Read>
Expected<void> read_document(const std::string &file, std::string_view content, const Read &read) {
    boost::system::error_code error;
    const json::value document =
        json::parse(json::string_view{content.data(), content.size()}, error);
    if (error) return invalid(file, "", error.message());
    try {
        read(document);
    } catch (const Fault &fault) {
        return invalid(file, fault.place, fault.what);
    }
    return {};
}

Expected<std::string> read_file(const std::string &directory, const std::string &name) {
    std::ifstream file{directory + "/" + name, std::ios::binary};
    std::ostringstream content;
    if (file) content << file.rdbuf();
    if (!file) {
        return fail(ProblemKind::invalid_input, "knowledge.file_unreadable", {{"file", name}});
    }
    return content.str();
}

} // namespace

Expected<DemoData> parse_demo_data(std::string_view services_json, std::string_view places_json) {
    DemoData data;
    const auto places = read_document("places.json", places_json, [&](const json::value &document) {
        read_places(document, data.region);
    });
    if (!places) return tl::unexpected(places.error());
    const auto services =
        read_document("services.json", services_json,
                      [&](const json::value &document) { read_services(document, data); });
    if (!services) return tl::unexpected(services.error());
    return data;
}

Expected<DemoData> read_demo_data(const std::string &directory) {
    const auto services = read_file(directory, "services.json");
    if (!services) return tl::unexpected(services.error());
    const auto places = read_file(directory, "places.json");
    if (!places) return tl::unexpected(places.error());
    return parse_demo_data(*services, *places);
}

std::string to_json(const std::vector<std::string> &lines) {
    json::array array;
    for (const std::string &line : lines)
        array.emplace_back(line);
    return json::serialize(array);
}

Expected<std::vector<std::string>> parse_lines(std::string_view text) {
    std::vector<std::string> lines;
    const auto done = read_document("", text, [&](const json::value &document) {
        for (const json::value &each : array(document, "lines")) {
            lines.push_back(text_of(each, "lines"));
        }
    });
    if (!done) return tl::unexpected(done.error());
    return lines;
}

} // namespace fernamt::knowledge
