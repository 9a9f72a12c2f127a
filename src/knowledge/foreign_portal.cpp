// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/foreign_readers.h"
#include "knowledge/html.h"
#include "knowledge/xzufi_object.h"
#include "knowledge/xzufi_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <sstream>

namespace fernamt::knowledge {

namespace {

// "B100019.LB.574711"
std::optional<ObjectKey> portal_key(std::string_view id, std::string_view letters,
                                    std::string_view scheme) {
    const std::string middle = fmt::format(".{}.", letters);
    const auto at = id.find(middle);
    if (at == std::string_view::npos || at == 0 || at + middle.size() >= id.size()) {
        return std::nullopt;
    }
    return ObjectKey{std::string(id.substr(0, at)), std::string(id.substr(at + middle.size())),
                     std::string(scheme)};
}

class PortalReader { // answers of the federal portal
  public:
    explicit PortalReader(ForeignObjects &out) : out_(out) {}

    void take(const json::value &value) {
        if (value.is_array()) {
            for (const json::value &one : value.get_array())
                take(one);
            return;
        }
        if (!value.is_object()) return unusable("no object");
        const json::object &one = value.get_object();
        if (one.contains("content")) return take(json::value(list_at(one, "content"))); // a page
        if (one.contains("xzufiObjekte")) return envelope(text_at(one, "xzufiObjekte"));
        const std::string id = text_at(one, "id");
        if (id.find(".LB.") != std::string::npos) return service(one, id);
        if (id.find(".OE.") != std::string::npos) return office(one, id);
        unusable(id.empty() ? "object without id" : id);
    }

  private:
    void unusable(std::string what) { out_.unusable.push_back(std::move(what)); }

    // Of the delivery service: a transfer of XZuFi as one string. All of it or nothing.
    void envelope(std::string_view xml) {
        std::vector<std::string> elements, refused;
        const XzufiSink sink{
            .item = [&](const XzufiItem &item) -> Expected<void> {
                if (item.refused)
                    refused.pop_back(); // the delivery says it, and keeps what is there
                elements.push_back(item.removal
                                       ? write_removal(item.kind, item.key)
                                       : "<xzufi:schreibe>" + item.xml + "</xzufi:schreibe>");
                return {};
            },
            .finding =
                [&](const XzufiFinding &finding) {
                    if (!finding.refused) return;
                    refused.push_back(
                        fmt::format("line {}: {} {}", finding.line, finding.code,
                                    finding.object.empty() ? finding.detail : finding.object));
                }};
        const auto source = [&](char *buffer, std::size_t size) {
            const std::size_t part = xml.copy(buffer, size);
            xml.remove_prefix(part);
            return static_cast<std::ptrdiff_t>(part);
        };
        const auto read = read_xzufi(source, nullptr, sink);
        if (!read) return unusable(describe(read.error()));
        std::ranges::move(elements, std::back_inserter(out_.elements));
        std::ranges::move(refused, std::back_inserter(out_.unusable));
    }

    static std::string_view module_of(const json::object &detail) {
        const json::value *code = detail.if_contains("code");
        if (!code || !code->is_string()) return "";
        const std::string_view text(code->get_string().data(), code->get_string().size());
        // The portal's own codes for what XZuFi keeps in modules of their own.
        if (text == "98") return "fee";
        if (text == "97") return "deadline";
        if (text == "95") return "duration";
        return text.size() == 2 ? text : "";
    }

    static void module(KnowledgeObject &made, const json::object &detail) {
        if (true_at(detail, "placeholder")) return;
        const std::string code(module_of(detail));
        if (code.empty() || code == "02" || code == "03") return;
        std::string html = text_at(detail, "text");
        each_object(list_at(detail, "details"), [&](const json::object &part) {
            html += "<p>" + text_at(part, "title") + ": " + text_at(part, "text") + "</p>";
        });
        html = clean_html(html);
        if (!plain_lines(html).empty()) made.texts.push_back({code, "de", html});
        const char *role = code == "07" ? "legal" : code == "14" ? "form" : "further";
        each_object(list_at(detail, "links"), [&](const json::object &link) {
            const std::string uri = text_at(link, "uri");
            if (is_safe_address(uri))
                made.links.push_back({role, "de", uri, text_at(link, "title")});
        });
    }

    void service(const json::object &one, const std::string &id) {
        const auto key = portal_key(id, "LB", "Leistung");
        if (!key) return unusable(id);
        KnowledgeObject made{.kind = ObjectKind::service,
                             .key = *key,
                             .changed_at = text_at(one, "lastUpdate"),
                             .name = text_at(one, "name")};
        if (made.name.empty()) return unusable(id + " without name");
        for (const json::value &leika : list_at(one, "leikakeys")) {
            if (leika.is_string()) made.keys.push_back({"leika", leika.get_string().c_str()});
        }
        for (const json::value &word : list_at(one, "synonyms")) {
            if (word.is_string())
                made.terms.push_back({"synonym", "de", word.get_string().c_str()});
        }
        each_object(list_at(one, "sdgInformation"), [&](const json::object &sdg) {
            made.keys.push_back({"sdg", text_at(sdg, "code")});
        });
        each_object(list_at(one, "typing"), [&](const json::object &type) {
            if (made.typification.empty()) made.typification = text_at(type, "code");
        });
        for (const json::value &area : list_at(one, "ars")) {
            const auto parsed =
                area.is_string() ? parse_area(area.get_string().c_str()) : std::nullopt;
            if (parsed) made.areas.push_back(*parsed);
        }
        each_object(list_at(one, "details"), [&](const json::object &detail) {
            if (text_at(detail, "code") == "02")
                made.official_name = plain_text(text_at(detail, "text"));
            module(made, detail);
        });
        name_modules(made);
        const std::vector<AreaId> areas = made.areas;
        out_.objects.push_back(std::move(made));
        each_object(list_at(one, "onlineServiceLinks"),
                    [&](const json::object &link) { online(*key, areas, link); });
        for (const json::value &holder : list_at(one, "organisationIds")) {
            const auto office_key = holder.is_string() ? portal_key(holder.get_string().c_str(),
                                                                    "OE", "Organisationseinheit")
                                                       : std::nullopt;
            if (!office_key) continue;
            out_.objects.push_back(responsibility(*key, ObjectKind::office, *office_key, areas));
        }
    }

    // XZuFi holds the names as text modules.
    static void name_modules(KnowledgeObject &made) {
        made.texts.insert(made.texts.begin(), {"03", "de", escape_html(made.name)});
        if (!made.official_name.empty()) {
            made.texts.insert(made.texts.begin(), {"02", "de", escape_html(made.official_name)});
        }
    }

    void online(const ObjectKey &service, const std::vector<AreaId> &areas,
                const json::object &link) {
        const auto key = portal_key(text_at(link, "id"), "OD", "Onlinedienst");
        const std::string uri = text_at(link, "uri");
        if (!key || !is_safe_address(uri)) return unusable("online service " + text_at(link, "id"));
        KnowledgeObject made{.kind = ObjectKind::online_service,
                             .key = *key,
                             .name = text_at(link, "title"),
                             .trust_level = text_at(link, "levelOfConfidence")};
        made.links.push_back({"online", "de", uri, made.name});
        out_.objects.push_back(std::move(made));
        out_.objects.push_back(responsibility(service, ObjectKind::online_service, *key, areas));
    }

    void office(const json::object &one, const std::string &id) {
        const auto key = portal_key(id, "OE", "Organisationseinheit");
        if (!key) return unusable(id);
        KnowledgeObject made{.kind = ObjectKind::office,
                             .key = *key,
                             .changed_at = text_at(one, "lastUpdate"),
                             .name = text_at(one, "title")};
        if (made.name.empty()) return unusable(id + " without title");
        made.description = clean_html(text_at(one, "additionalInformation"));
        made.hours_text = plain_text(text_at(one, "openingHours"));
        each_object(list_at(one, "location"), [&](const json::object &place) {
            made.addresses.push_back({.type = text_at(place, "type"),
                                      .street = text_at(place, "street"),
                                      .house_number = text_at(place, "houseNumber"),
                                      .post_box = text_at(place, "postOfficeBox"),
                                      .postcode = text_at(place, "zipCode"),
                                      .place = text_at(place, "city"),
                                      .addition = {},
                                      .area = {}});
        });
        each_object(list_at(one, "communicationSystems"), [&](const json::object &way) {
            made.contacts.push_back({text_at(way, "code"), text_at(way, "value"), {}});
        });
        out_.objects.push_back(std::move(made));
    }

    ForeignObjects &out_;
};

} // namespace

void read_portal_answer(const json::value &answer, ForeignObjects &out) {
    PortalReader(out).take(answer);
}

// "ID-LB|Leikaschlüssel|Name|Name2|Updatedatum|ID-OD|Bezeichnung OD|Links": a row for each online
// service of a service; no area. No cell stands in quotation marks, but those inside are doubled.
void read_portal_table(std::string_view text, ForeignObjects &out) {
    constexpr std::size_t kColumns = 8;
    std::map<std::string, std::size_t> known; // by id
    std::istringstream in{std::string(text)};
    std::int64_t number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        if (line.ends_with('\r')) line.pop_back();
        std::vector<std::string> cells(1);
        for (std::size_t i = 0; i < line.size(); ++i) {
            if (line[i] == '|') {
                cells.emplace_back();
                continue;
            }
            cells.back() += line[i];
            if (line.compare(i, 2, "\"\"") == 0) ++i;
        }
        if (line.empty() || (number == 1 && line.find("ID-LB") != std::string::npos)) continue;
        const auto key = portal_key(cells[0], "LB", "Leistung");
        if (!key || cells.size() < kColumns || (cells[2].empty() && cells[3].empty())) {
            out.unusable.push_back(fmt::format("line {}", number));
            continue;
        }
        if (known.emplace(cells[0], out.objects.size()).second) {
            KnowledgeObject made{.kind = ObjectKind::service, .key = *key};
            made.name = cells[3].empty() ? cells[2] : cells[3];
            made.official_name = cells[2];
            if (!cells[2].empty()) made.texts.push_back({"02", "de", escape_html(cells[2])});
            made.texts.push_back({"03", "de", escape_html(made.name)});
            if (!cells[1].empty()) made.keys.push_back({"leika", cells[1]});
            out.objects.push_back(std::move(made));
        }
        const auto online = portal_key(cells[5], "OD", "Onlinedienst");
        if (!online || !is_safe_address(cells[7])) continue;
        if (known.emplace(cells[5], out.objects.size()).second) {
            KnowledgeObject made{
                .kind = ObjectKind::online_service, .key = *online, .name = cells[6]};
            made.links.push_back({"online", "de", cells[7], cells[6]});
            out.objects.push_back(std::move(made));
        }
        out.objects.push_back(responsibility(*key, ObjectKind::online_service, *online, {}));
    }
}

} // namespace fernamt::knowledge
