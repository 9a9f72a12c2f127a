// SPDX-License-Identifier: EUPL-1.2
#include "base/money.h"
#include "knowledge/foreign_readers.h"
#include "knowledge/html.h"

#include <cmath>
#include <map>

namespace fernamt::knowledge {

namespace {

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

} // namespace

void read_bus_answer(const json::value &answer, const std::string &agency, ForeignObjects &out) {
    BusReader(out, agency).take(answer);
}

} // namespace fernamt::knowledge
