// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/foreign_formats.h"

#include "base/money.h"
#include "knowledge/html.h"
#include "knowledge/xzufi_object.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace fernamt::knowledge {

namespace json = boost::json;

namespace {

std::string text_at(const json::object &from, std::string_view name) {
    const json::value *found = from.if_contains(name);
    return found && found->is_string() ? std::string(found->get_string()) : "";
}
const json::array &list_at(const json::object &from, std::string_view name) {
    static const json::array kNone;
    const json::value *found = from.if_contains(name);
    return found && found->is_array() ? found->get_array() : kNone;
}
const json::object &object_at(const json::object &from, std::string_view name) {
    static const json::object kNone;
    const json::value *found = from.if_contains(name);
    return found && found->is_object() ? found->get_object() : kNone;
}
bool true_at(const json::object &from, std::string_view name) {
    const json::value *found = from.if_contains(name);
    return found && found->is_bool() && found->get_bool();
}
std::optional<double> number_at(const json::object &from, std::string_view name) {
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

KnowledgeObject responsibility(const ObjectKey &service, ObjectKind holder_kind,
                               const ObjectKey &holder, const std::vector<AreaId> &areas) {
    const bool office = holder_kind == ObjectKind::office;
    KnowledgeObject made{
        .kind = ObjectKind::responsibility,
        .key = {service.agency,
                fmt::format("{}-{}-{}", service.local_id, office ? "OE" : "OD", holder.local_id),
                office ? "ZustaendigkeitOrganisationseinheit" : "ZustaendigkeitOnlinedienst"}};
    made.responsibilities.push_back({.service = service,
                                     .areas = areas,
                                     .holder_kind = holder_kind,
                                     .holder = holder,
                                     .role = office ? "Zuständige Stelle" : "Onlinedienst"});
    made.areas = areas;
    return made;
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
        const std::string id = text_at(one, "id");
        if (id.find(".LB.") != std::string::npos) return service(one, id);
        if (id.find(".OE.") != std::string::npos) return office(one, id);
        unusable(id.empty() ? "object without id" : id);
    }

  private:
    void unusable(std::string what) { out_.unusable.push_back(std::move(what)); }

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

// "ID-LB|Leikaschlüssel|Name|Name2|Updatedatum|ID-OD|Bezeichnung OD|Links": a row for each online
// service of a service; no quotes, no area.
void read_table(std::string_view text, ForeignObjects &out) {
    constexpr std::size_t kColumns = 8;
    std::map<std::string, std::size_t> known; // by id
    std::istringstream in{std::string(text)};
    std::int64_t number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        if (line.ends_with('\r')) line.pop_back();
        std::vector<std::string> cells(1);
        for (const char c : line) {
            if (c == '|') {
                cells.emplace_back();
            } else {
                cells.back() += c;
            }
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

class BusReader { // REST v4; the names of its members: restapi-v4-rp.infodienste.de/doc
  public:
    BusReader(ForeignObjects &out, std::string agency) : out_(out), agency_(std::move(agency)) {}

    // By its members, because lists and results wrap objects in envelopes that differ by call.
    void take(const json::value &value, int depth = 0) {
        constexpr int kDeepest = 8;
        if (depth > kDeepest) return;
        if (value.is_array()) {
            for (const json::value &one : value.get_array())
                take(one, depth + 1);
        }
        if (!value.is_object()) return;
        const json::object &one = value.get_object();
        if (one.contains("textBlocks")) return service(one);
        if (one.contains("communicationSystems") && one.contains("addresses")) return office(one);
        if (one.contains("publicServiceTypes") && one.contains("organisationalUnit")) {
            return competence(one);
        }
        bool inside = false;
        for (const auto &member : one) {
            if (!member.value().is_array() && !member.value().is_object()) continue;
            inside = true;
            take(member.value(), depth + 1);
        }
        if (!inside) out_.unusable.push_back("object " + text_at(one, "id"));
    }

  private:
    [[nodiscard]] ObjectKey key(const std::string &id, const char *scheme) const {
        return {agency_, id, scheme};
    }

    static std::string amount_text(const json::object &charge) {
        const auto euro = [&](double value) {
            const Money cents{static_cast<std::int64_t>(std::llround(value * 100))}; // half up
            const std::string currency = text_at(charge, "currency");
            if (currency.empty() || currency == "EUR") return to_german(cents);
            return to_decimal(cents) + " " + currency;
        };
        std::string text = text_at(charge, "name");
        const auto add = [&](const std::string &more) {
            if (!more.empty()) text += (text.empty() ? "" : ": ") + more;
        };
        const auto fixed = number_at(charge, "amount");
        const auto least = number_at(charge, "lowerLimit");
        const auto most = number_at(charge, "upperLimit");
        if (fixed) {
            add(euro(*fixed));
        } else if (least && most) {
            add(euro(*least) + " bis " + euro(*most));
        } else if (least || most) {
            add(least ? "ab " + euro(*least) : "bis " + euro(*most));
        }
        add(plain_text(text_at(charge, "note")));
        return text;
    }

    static void lines_module(KnowledgeObject &made, const json::array &list, const char *module,
                             const auto &line_of) {
        std::string html;
        each_object(list, [&](const json::object &one) {
            if (!text_at(one, "restrictedArea").empty()) return; // holds in one area only
            const std::string line = line_of(one);
            if (!line.empty()) html += "<p>" + escape_html(line) + "</p>";
        });
        if (!html.empty()) made.texts.push_back({module, "de", html});
    }

    void service(const json::object &one) {
        const std::string id = text_at(one, "id");
        KnowledgeObject made{.kind = ObjectKind::service,
                             .key = key(id, "Leistung"),
                             .changed_at = text_at(one, "lastUpdated"),
                             .name = text_at(one, "name")};
        if (id.empty() || made.name.empty()) return out_.unusable.push_back("service " + id);
        const std::string type = text_at(one, "type");
        made.type = type == "LO" ? "lo" : type == "LOV" ? "lov" : type == "LOVZ" ? "lovd" : "";
        made.texts.push_back({"03", "de", escape_html(made.name)});
        const std::string teaser = clean_html(text_at(one, "teaser"));
        if (!plain_lines(teaser).empty()) made.texts.push_back({"24", "de", teaser});
        for (const json::value &leika : list_at(one, "leikaKeys")) {
            if (leika.is_string()) made.keys.push_back({"leika", leika.get_string().c_str()});
        }
        for (const json::value &word : list_at(one, "synonyms")) {
            if (word.is_string())
                made.terms.push_back({"synonym", "de", word.get_string().c_str()});
        }
        each_object(list_at(one, "restrictedAreas"), [&](const json::object &area) {
            if (const auto parsed = parse_area(text_at(area, "id"))) made.areas.push_back(*parsed);
        });
        std::map<std::string, KnowledgeObject> special; // by area
        each_object(list_at(one, "textBlocks"),
                    [&](const json::object &block) { text_block(made, special, block); });
        lines_module(made, list_at(one, "charges"), "fee", amount_text);
        lines_module(made, list_at(one, "periods"), "deadline", [](const json::object &period) {
            std::string text = text_at(period, "name");
            const std::string note = plain_text(text_at(period, "note"));
            if (!note.empty()) text += (text.empty() ? "" : ": ") + note;
            return text;
        });
        out_.objects.push_back(std::move(made));
        for (auto &[area, object] : special)
            out_.objects.push_back(std::move(object));
    }

    // A type's key is the code of XZuFi's text module; types that are not public stay out.
    void text_block(KnowledgeObject &made, std::map<std::string, KnowledgeObject> &special,
                    const json::object &block) {
        const json::object &type = object_at(block, "type");
        const std::string code = text_at(type, "key");
        if (true_at(type, "notPublic") || code.size() != 2) return;
        const std::string html = clean_html(text_at(block, "text"));
        if (code == "02") {
            made.official_name = plain_text(html);
        }
        if (code != "03" && !plain_lines(html).empty()) made.texts.push_back({code, "de", html});
        each_object(list_at(block, "specialisations"), [&](const json::object &one) {
            const std::string where = text_at(one, "restrictedArea");
            const auto area = parse_area(where);
            if (!area) return out_.unusable.push_back("specialisation for area " + where);
            KnowledgeObject &object = special[where];
            if (object.key.local_id.empty()) {
                object = {.kind = ObjectKind::specialisation,
                          .key = key(made.key.local_id + "-" + where, "LeistungSpezialisierung"),
                          .changed_at = made.changed_at};
                object.areas = {*area};
                object.service = made.key;
            }
            object.texts.push_back({code, "de", clean_html(text_at(one, "text"))});
        });
    }

    // Of a type's key or name: the channel's code (XÖV) or the address's (XZuFi).
    static std::string channel_of(const json::object &type) {
        const std::string name = text_at(type, "name");
        const auto says = [&](std::string_view word) {
            return name.find(word) != std::string::npos;
        };
        if (says("Mail")) return "01";
        if (says("mobil") || says("Mobil")) return "03";
        if (says("Fax")) return "04";
        if (says("Telefon")) return "02";
        if (says("Internet") || says("Web")) return "09";
        return "07";
    }
    static std::string address_type_of(const json::object &type) {
        const std::string name = text_at(type, "name");
        if (name.find("Besuch") != std::string::npos) return "002";
        if (name.find("Postfach") != std::string::npos) return "003";
        if (name.find("Post") != std::string::npos) return "006";
        return "001";
    }

    void office(const json::object &one) {
        const std::string id = text_at(one, "id");
        KnowledgeObject made{.kind = ObjectKind::office,
                             .key = key(id, "Organisationseinheit"),
                             .changed_at = text_at(one, "lastUpdated"),
                             .name = text_at(one, "name")};
        if (id.empty() || made.name.empty()) return out_.unusable.push_back("office " + id);
        const std::string parent = text_at(one, "parentId");
        if (!parent.empty()) made.parent = key(parent, "Organisationseinheit");
        made.description = clean_html(text_at(one, "shortDescription"));
        if (plain_lines(made.description).empty()) {
            made.description = clean_html(text_at(one, "description"));
        }
        made.hours_text = plain_text(text_at(one, "openingHours"));
        made.desk_note = plain_text(text_at(one, "specialInfoServiceCenter"));
        for (const json::value &word : list_at(one, "synonyms")) {
            if (word.is_string())
                made.terms.push_back({"synonym", "de", word.get_string().c_str()});
        }
        each_object(list_at(one, "addresses"), [&](const json::object &address) {
            const json::object &area = object_at(address, "area");
            made.addresses.push_back({.type = address_type_of(object_at(address, "type")),
                                      .street = text_at(address, "street"),
                                      .house_number = text_at(address, "houseNumber"),
                                      .post_box = text_at(address, "mailbox"),
                                      .postcode = text_at(address, "zipcode"),
                                      .place = text_at(area, "name"),
                                      .addition = text_at(address, "comment"),
                                      .area = parse_area(text_at(area, "id"))});
        });
        each_object(list_at(one, "communicationSystems"), [&](const json::object &way) {
            made.contacts.push_back({channel_of(object_at(way, "type")),
                                     text_at(way, "identification"),
                                     text_at(way, "identificationAddon")});
        });
        out_.objects.push_back(std::move(made));
    }

    void competence(const json::object &one) {
        const std::string office = text_at(object_at(one, "organisationalUnit"), "id");
        std::vector<AreaId> areas;
        each_object(list_at(one, "areas"), [&](const json::object &area) {
            const auto parsed = parse_area(text_at(area, "id"));
            if (parsed) {
                areas.push_back(*parsed);
            } else {
                out_.unusable.push_back("area " + text_at(area, "id"));
            }
        });
        // Without a known area it would hold everywhere, which nobody said.
        if (office.empty() || areas.empty()) {
            return out_.unusable.push_back("competence of " + office);
        }
        each_object(list_at(one, "publicServiceTypes"), [&](const json::object &service) {
            out_.objects.push_back(responsibility(key(text_at(service, "id"), "Leistung"),
                                                  ObjectKind::office,
                                                  key(office, "Organisationseinheit"), areas));
        });
    }

    ForeignObjects &out_;
    std::string agency_;
};

Expected<std::string> whole_file(const std::filesystem::path &path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) {
        return fail(ProblemKind::not_found, "knowledge.delivery_unreadable",
                    {{"file", path.filename().string()}});
    }
    return text.str();
}

std::vector<std::filesystem::path> files_of(const std::string &path) {
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) return {path};
    std::vector<std::filesystem::path> files;
    for (const auto &entry : std::filesystem::directory_iterator(path, error)) {
        const auto extension = entry.path().extension();
        if (extension == ".json" || extension == ".csv") files.push_back(entry.path());
    }
    std::ranges::sort(files);
    return files;
}

} // namespace

std::optional<ForeignFormat> foreign_format(std::string_view name) {
    if (name == "pvog-json") return ForeignFormat::pvog_json;
    if (name == "pvog-csv") return ForeignFormat::pvog_csv;
    if (name == "bus-json") return ForeignFormat::bus_json;
    return std::nullopt;
}

ForeignObjects read_foreign(std::string_view text, ForeignFormat format,
                            const std::string &agency) {
    ForeignObjects out;
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    if (format == ForeignFormat::pvog_csv) {
        read_table(text, out);
        return out;
    }
    json::error_code error;
    const json::value value =
        json::parse(json::string_view(text.data(), text.size()), error, {}, {.max_depth = 32});
    if (error) {
        out.unusable.push_back("not JSON: " + error.message());
        return out;
    }
    if (format == ForeignFormat::pvog_json) {
        PortalReader(out).take(value);
    } else {
        BusReader(out, agency).take(value);
    }
    return out;
}

Expected<Converted> convert_foreign(const std::string &path, ForeignFormat format,
                                    const std::string &agency, const std::string &output) {
    std::ofstream out(output, std::ios::binary | std::ios::trunc);
    out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xzufi:transfer "
           "xmlns:xzufi=\"http://xoev.de/schemata/xzufi/2_3_1\" "
           "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n";
    Converted converted;
    for (const std::filesystem::path &file : files_of(path)) {
        const auto text = whole_file(file);
        if (!text) return tl::unexpected(text.error());
        ForeignObjects read = read_foreign(*text, format, agency);
        for (const KnowledgeObject &object : read.objects)
            out << "<xzufi:schreibe>" << write_object(object) << "</xzufi:schreibe>\n";
        converted.objects += static_cast<std::int64_t>(read.objects.size());
        for (std::string &what : read.unusable)
            converted.unusable.push_back(file.filename().string() + ": " + what);
    }
    out << "</xzufi:transfer>\n";
    out.flush();
    if (!out)
        return fail(ProblemKind::unavailable, "knowledge.delivery_unreadable", {{"file", output}});
    if (converted.objects == 0) {
        return fail(ProblemKind::invalid_input, "knowledge.delivery_empty", {{"file", path}});
    }
    return converted;
}

} // namespace fernamt::knowledge
