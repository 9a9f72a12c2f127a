// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/xzufi_mapping.h"

#include "base/money.h"
#include "base/text.h"
#include "base/utf8.h"
#include "knowledge/html.h"
#include "knowledge/language.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace fernamt::knowledge {

namespace {

struct NamedKind {
    std::string_view name;
    ObjectKind kind;
};
constexpr std::array<NamedKind, 8> kElements{
    {{"leistung", ObjectKind::service},
     {"spezialisierung", ObjectKind::specialisation},
     {"leistungSpezialisierung", ObjectKind::specialisation},
     {"organisationseinheit", ObjectKind::office},
     {"onlinedienst", ObjectKind::online_service},
     {"formular", ObjectKind::form},
     {"zustaendigkeitTransferObjekt", ObjectKind::responsibility},
     {"zustaendigkeit", ObjectKind::responsibility}}};
constexpr std::array<NamedKind, 7> kClasses{
    {{"Leistung", ObjectKind::service},
     {"LeistungSpezialisierung", ObjectKind::specialisation},
     {"Spezialisierung", ObjectKind::specialisation},
     {"Organisationseinheit", ObjectKind::office},
     {"Onlinedienst", ObjectKind::online_service},
     {"Formular", ObjectKind::form},
     {"Zustaendigkeit", ObjectKind::responsibility}}};

std::string language_of(const xmlNode *node) {
    const std::string language = xml::attribute(node, "languageCode");
    return language.empty() ? "de" : language;
}

// Texts like name, or name within name, in every language.
template <class Visit>
void each_text(const xmlNode *parent, std::string_view name, const Visit &visit) {
    xml::each_child(parent, name, [&](const xmlNode *node) {
        if (xml::child(node, name)) {
            xml::each_child(node, name, [&](const xmlNode *inner) {
                visit(language_of(inner), xml::content(inner));
            });
        } else {
            visit(language_of(node), xml::content(node));
        }
    });
}

std::string german(const xmlNode *parent, std::string_view name) {
    std::string found, other;
    each_text(parent, name, [&](const std::string &language, std::string text) {
        if (is_german(language) && found.empty())
            found = std::move(text);
        else if (other.empty())
            other = std::move(text);
    });
    return found.empty() ? other : found;
}

class Mapper {
  public:
    Mapper(ObjectKind kind, const xmlNode *node) : node_(node) { mapped_.object.kind = kind; }

    Mapped map() {
        KnowledgeObject &object = mapped_.object;
        object.key = key_of(xml::child(node_, "id"));
        object.changed_at =
            xml::child_text(xml::child(node_, "versionsinformation"), "geaendertDatumZeit");
        switch (object.kind) {
        case ObjectKind::service:
            service();
            break;
        case ObjectKind::specialisation:
            specialisation();
            break;
        case ObjectKind::office:
            office();
            break;
        case ObjectKind::online_service:
        case ObjectKind::form:
            offer();
            break;
        case ObjectKind::responsibility:
            transferred_responsibility();
            break;
        }
        secondary_keys();
        if (object.key.local_id.empty()) refuse("object_without_id");
        return std::move(mapped_);
    }

  private:
    void refuse(std::string code) {
        if (mapped_.refusal.empty()) mapped_.refusal = std::move(code);
    }
    void note(std::string code, std::string_view detail) {
        constexpr std::size_t kLongestDetail = 80; // enough to find the place
        mapped_.notes.emplace_back(std::move(code), utf8_beginning(detail, kLongestDetail));
    }

    void add_areas(const xmlNode *parent, std::string_view name, std::vector<AreaId> &areas) {
        xml::each_child(parent, name, [&](const xmlNode *node) {
            const std::string text = xml::content(node);
            const auto area = parse_area(text);
            if (!area) {
                note("area_unknown", text);
            } else if (std::ranges::find(areas, *area) == areas.end()) {
                areas.push_back(*area);
            }
        });
    }

    void add_key(std::string_view scheme, std::string value) {
        if (!value.empty()) {
            mapped_.object.keys.push_back({std::string(scheme), std::move(value)});
        }
    }

    void secondary_keys() {
        xml::each_child(node_, "idSekundaer", [&](const xmlNode *id) {
            const bool ozg = xml::attribute(id, "schemeID").find("OZG") != std::string::npos;
            add_key(ozg ? "ozg" : "secondary", xml::content(id));
        });
    }

    void add_link(std::string_view role, const xmlNode *node) {
        std::string uri = xml::child_text(node, "uri");
        if (uri.empty()) uri = xml::child_text(node, "link");
        if (uri.empty()) return;
        if (!is_safe_address(uri)) {
            note("link_refused", uri);
            return;
        }
        mapped_.object.links.push_back(
            {std::string(role), language_of(node), uri, xml::child_text(node, "titel")});
    }

    void add_text(const std::string &module, const xmlNode *node) {
        std::string html = xml::content(node);
        if (html.empty()) return;
        mapped_.object.texts.push_back({module, language_of(node), std::move(html)});
    }

    void text_modules() {
        xml::each_child(node_, "modulText", [&](const xmlNode *module) {
            std::string code = xml::code(xml::child(module, "leikaTextmodul"));
            if (code.empty()) code = "own";
            xml::each_child(module, "inhalt", [&](const xmlNode *text) { add_text(code, text); });
            const std::string_view role = code == "07"   ? "legal"
                                          : code == "14" ? "form"
                                                         : "further";
            xml::each_child(module, "weiterfuehrenderLink",
                            [&](const xmlNode *link) { add_link(role, link); });
        });
        xml::each_child(node_, "modulTextIndividuell", [&](const xmlNode *module) {
            xml::each_child(module, "inhalt", [&](const xmlNode *text) { add_text("own", text); });
        });
    }

    void amount_modules() {
        amounts("modulKosten", AmountKind::fee);
        amounts("modulFrist", AmountKind::deadline);
        amounts("modulBearbeitungsdauer", AmountKind::duration);
    }

    void amounts(std::string_view name, AmountKind kind) {
        xml::each_child(node_, name, [&](const xmlNode *module) {
            const std::string code{to_string(kind)};
            xml::each_child(module, "beschreibung",
                            [&](const xmlNode *text) { add_text(code, text); });
            xml::each_child(module, "weiterfuehrenderLink",
                            [&](const xmlNode *link) { add_link("further", link); });
            for (const xmlNode *each = xml::first_child(module); each;
                 each = xml::next_element(each)) {
                if (!xml::first_child(each)) continue;
                kind == AmountKind::fee ? fee(each) : period(kind, each);
            }
        });
    }

    void fee(const xmlNode *node) {
        const xmlNode *number = xml::descendant(node, "betrag", 3);
        if (!number) return;
        const auto price = parse_price(xml::content(number));
        if (!price) {
            note("fee_unreadable", xml::content(number));
            return;
        }
        std::string unit = xml::code(xml::descendant(node, "waehrung", 3));
        // Whole cents as authorities charge them: more decimals would be a mistake of the data.
        mapped_.object.amounts.push_back(
            {AmountKind::fee, xml::code(xml::descendant(node, "typ", 3)),
             amount(*price, 1, 1, Rounding::half_up).cents, unit.empty() ? "EUR" : unit});
    }

    void period(AmountKind kind, const xmlNode *node) {
        const std::string text = xml::content(xml::descendant(node, "dauer", 3));
        std::int64_t count = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
        if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return;
        mapped_.object.amounts.push_back({kind, xml::code(xml::descendant(node, "typ", 3)), count,
                                          xml::code(xml::descendant(node, "einheit", 3))});
    }

    void terms() {
        xml::each_child(node_, "modulBegriffImKontext", [&](const xmlNode *module) {
            xml::each_child(module, "begriffImKontext", [&](const xmlNode *entry) {
                xml::each_child(entry, "begriff", [&](const xmlNode *term) {
                    add_term("synonym", language_of(term), xml::content(term));
                });
            });
        });
    }

    void add_term(std::string_view role, std::string language, std::string text) {
        if (text.empty()) return;
        mapped_.object.terms.push_back({std::string(role), std::move(language), std::move(text)});
    }

    void structure() {
        const std::string type = xml::attribute(xml::child(node_, "struktur"), "type");
        if (type.ends_with("ObjektMitVerrichtungUndDetail"))
            mapped_.object.type = "lovd";
        else if (type.ends_with("ObjektMitVerrichtung"))
            mapped_.object.type = "lov";
        else if (type.ends_with("Objekt"))
            mapped_.object.type = "lo";
    }

    void names() {
        KnowledgeObject &object = mapped_.object;
        for (const ModuleText &text : object.texts) {
            if (text.module != "02" && text.module != "03") continue;
            std::string name = plain_text(text.html);
            if (!is_german(text.language)) {
                add_term("name", text.language, std::move(name));
            } else if (text.module == "02" && object.official_name.empty()) {
                object.official_name = std::move(name);
            } else if (text.module == "03" && object.name.empty()) {
                object.name = std::move(name);
            }
        }
        if (object.name.empty()) object.name = object.official_name;
    }

    void service_modules() {
        text_modules();
        amount_modules();
        terms();
        names();
        KnowledgeObject &object = mapped_.object;
        const xmlNode *approval = xml::child(node_, "modulFachlicheFreigabe");
        object.approved_on = xml::child_text(approval, "fachlichFreigegebenAm").substr(0, 10);
        object.approved_by = german(approval, "fachlichFreigegebenDurch");
        xml::each_child(node_, "modulUrsprungsportal",
                        [&](const xmlNode *portal) { add_link("origin", portal); });
    }

    void service() {
        service_modules();
        structure();
        KnowledgeObject &object = mapped_.object;
        object.typification = xml::code(xml::child(node_, "typisierung"));
        xml::each_child(node_, "referenzLeiKa",
                        [&](const xmlNode *key) { add_key("leika", xml::code(key)); });
        xml::each_child(node_, "informationsbereichSDG",
                        [&](const xmlNode *key) { add_key("sdg", xml::code(key)); });
        xml::each_child(node_, "leistungsadressat",
                        [&](const xmlNode *key) { add_key("addressee", xml::code(key)); });
        xml::each_child(node_, "kategorie", [&](const xmlNode *category) {
            add_key("category", xml::child_text(category, "id"));
        });
        add_areas(node_, "gueltigkeitGebietID", object.areas);
        if (object.name.empty()) note("service_without_name", object.key.local_id);
    }

    void specialisation() {
        service_modules();
        KnowledgeObject &object = mapped_.object;
        object.service = key_of(xml::child(node_, "leistungID"));
        add_areas(node_, "gebietID", object.areas);
        add_areas(node_, "gueltigkeitGebietID", object.areas);
        if (object.service.local_id.empty()) refuse("specialisation_without_service");
    }

    std::vector<Contact> contacts(const xmlNode *parent) {
        std::vector<Contact> found;
        xml::each_child(parent, "kommunikation", [&](const xmlNode *node) {
            std::string value = xml::child_text(node, "kennung");
            if (value.empty()) return;
            std::string addition = xml::child_text(node, "kennungzusatz");
            if (addition.empty()) addition = xml::child_text(node, "zusatz");
            found.push_back(
                {xml::code(xml::child(node, "kanal")), std::move(value), std::move(addition)});
        });
        return found;
    }

    Address address(const xmlNode *node) {
        Address address{.type = xml::code(xml::child(node, "typ")),
                        .street = xml::child_text(node, "strasse"),
                        .house_number = xml::child_text(node, "hausnummer"),
                        .post_box = xml::child_text(node, "postfach"),
                        .postcode = xml::child_text(node, "postleitzahl"),
                        .place = xml::child_text(node, "ort")};
        xml::each_child(node, "zusatz", [&](const xmlNode *line) {
            if (!address.addition.empty()) address.addition += '\n';
            address.addition += xml::content(line);
        });
        const xmlNode *coding = xml::child(node, "verwaltungspolitischeKodierung");
        for (const std::string_view name : {"regionalschluessel", "gemeindeschluessel"}) {
            const std::string key = xml::code(xml::child(coding, name));
            if (key.empty() || address.area) continue;
            address.area = parse_area(key);
            if (!address.area) note("area_unknown", key);
        }
        return address;
    }

    // Free text wherever it stands; HTML becomes lines. Without one the typed time series.
    std::string hours(const xmlNode *node) {
        static constexpr std::array<std::string_view, 3> kNames{"oeffnungszeiten", "erreichbarkeit",
                                                                "sprechzeiten"};
        for (const std::string_view name : kNames) {
            const xmlNode *found = xml::child(node, name);
            if (!found) continue;
            std::string text = german(node, name);
            if (text.empty()) text = german(found, "beschreibung");
            if (text.empty()) text = german(found, "text");
            if (text.empty()) continue;
            if (text.find('<') != std::string::npos) return plain_text(text);
            return text;
        }
        std::string lines;
        for (const std::string_view name : kNames) {
            xml::each_child(node, name, [&](const xmlNode *one) { time_series(one, lines); });
        }
        return lines;
    }

    // Entries of weekday, begin and end, however deep; whatever else stands there is a finding. A
    // weekday counts by its name: which day a number is, its list of codes says.
    void time_series(const xmlNode *node, std::string &lines) {
        if (!xml::child(node, "wochentag")) {
            if (!xml::first_child(node)) not_understood(node);
            for (const xmlNode *one = xml::first_child(node); one; one = xml::next_element(one))
                time_series(one, lines);
            return;
        }
        std::string days, from, until, addition;
        for (const xmlNode *one = xml::first_child(node); one; one = xml::next_element(one)) {
            if (xml::is(one, "wochentag")) {
                const std::string day = weekday(one);
                if (day.empty()) return not_understood(node);
                days += (days.empty() ? "" : ", ") + day;
            } else if (xml::is(one, "beginn") || xml::is(one, "von")) {
                from = clock(xml::content(one));
            } else if (xml::is(one, "ende") || xml::is(one, "bis")) {
                until = clock(xml::content(one));
            } else if (xml::is(one, "zusatz") || xml::is(one, "bemerkung")) {
                addition = ' ' + xml::content(one);
            } else {
                return not_understood(node); // a kind, a term: it may say that they do not hold
            }
        }
        if (from.empty() || until.empty()) return not_understood(node);
        if (!lines.empty()) lines += '\n';
        lines += days + ' ' + from + " bis " + until + " Uhr" + addition;
    }
    void not_understood(const xmlNode *node) {
        const std::string words = leaves(node);
        if (!words.empty()) note("hours_not_understood", words);
    }
    static std::string leaves(const xmlNode *node) {
        if (!xml::first_child(node)) return xml::content(node);
        std::string words;
        for (const xmlNode *one = xml::first_child(node); one; one = xml::next_element(one)) {
            const std::string inner = leaves(one);
            if (!inner.empty()) words += (words.empty() ? "" : " ") + inner;
        }
        return words;
    }
    static std::string weekday(const xmlNode *node) {
        std::string name = xml::child_text(node, "name");
        if (name.empty()) name = xml::code(node);
        static constexpr std::array<std::string_view, 8> kDays{"Montag",     "Dienstag", "Mittwoch",
                                                               "Donnerstag", "Freitag",  "Samstag",
                                                               "Sonntag",    "Sonnabend"}; // "So"

        const std::string lower = lower_ascii(name);
        const auto day = std::ranges::find_if(kDays, [&](std::string_view each) {
            const std::string whole = lower_ascii(each);
            return lower == whole || lower == whole.substr(0, 2);
        });
        return day == kDays.end() ? "" : std::string(*day);
    }
    // "08:00" of "08:00:00"; "" if it is no time.
    static std::string clock(const std::string &text) {
        const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
        if (text.size() < 5 || text[2] != ':') return {};
        if (!digit(0) || !digit(1) || !digit(3) || !digit(4)) return {};
        return text.substr(0, 5);
    }

    void people() {
        xml::each_child(node_, "kontaktperson", [&](const xmlNode *node) {
            Person person{.local_id = xml::child_text(node, "id"),
                          .salutation = xml::code(xml::child(node, "anrede")),
                          .title = xml::child_text(node, "titel"),
                          .given_name = xml::child_text(node, "vorname"),
                          .family_name = xml::child_text(node, "familienname"),
                          .position = german(node, "position"),
                          .room = xml::child_text(node, "raum"),
                          .hours_text = hours(node),
                          .contacts = contacts(node)};
            mapped_.object.people.push_back(std::move(person));
        });
    }

    void office() {
        KnowledgeObject &object = mapped_.object;
        object.name = german(node_, "name");
        each_text(node_, "name", [&](const std::string &language, std::string text) {
            if (!is_german(language)) add_term("name", language, std::move(text));
        });
        each_text(node_, "synonym", [&](const std::string &language, std::string text) {
            add_term("synonym", language, std::move(text));
        });
        object.description = german(node_, "kurzbeschreibung");
        if (object.description.empty()) object.description = german(node_, "beschreibung");
        object.parent = key_of(xml::child(node_, "uebergeordneteOrganisationseinheitID"));
        object.hours_text = hours(node_);
        object.desk_note = german(node_, "informationServicecenter");
        xml::each_child(node_, "anschrift",
                        [&](const xmlNode *one) { object.addresses.push_back(address(one)); });
        object.contacts = contacts(node_);
        people();
        xml::each_child(node_, "internetadresse",
                        [&](const xmlNode *one) { add_link("web", one); });
        xml::each_child(node_, "zustaendigkeit", [&](const xmlNode *one) {
            if (auto found = responsibility(one)) {
                found->holder_kind = ObjectKind::office;
                found->holder = object.key;
                object.responsibilities.push_back(std::move(*found));
            }
        });
        if (object.name.empty()) refuse("office_without_name");
    }

    void offer() {
        KnowledgeObject &object = mapped_.object;
        object.name = german(node_, "bezeichnung");
        object.trust_level = xml::code(xml::child(node_, "vertrauensniveau"));
        const std::string_view role = object.kind == ObjectKind::online_service ? "online" : "form";
        xml::each_child(node_, "link", [&](const xmlNode *link) {
            if (xml::first_child(link)) {
                add_link(role, link);
            } else if (const std::string uri = xml::content(link); is_safe_address(uri)) {
                object.links.push_back({std::string(role), language_of(link), uri, ""});
            }
        });
    }

    std::optional<Responsibility> responsibility(const xmlNode *node) {
        Responsibility found;
        found.service = key_of(xml::child(node, "leistungID"));
        if (found.service.local_id.empty()) {
            note("responsibility_without_service", mapped_.object.key.local_id);
            return std::nullopt;
        }
        add_areas(node, "gebietID", found.areas);
        const bool names_areas = xml::child(node, "gebietID") != nullptr;
        if (names_areas && found.areas.empty()) return std::nullopt; // none known: not everywhere
        const xmlNode *role = xml::child(node, "rolle");
        found.role = xml::child_text(role, "name");
        if (found.role.empty()) found.role = xml::code(role);
        return found;
    }

    void transferred_responsibility() {
        const xmlNode *inner = xml::child(node_, "zustaendigkeit");
        if (!inner) inner = node_;
        KnowledgeObject &object = mapped_.object;
        object.key = key_of(xml::child(inner, "id"));
        auto found = responsibility(inner);
        if (!found) {
            refuse(mapped_.notes.empty() ? "responsibility_without_service"
                                         : mapped_.notes.back().first);
            return;
        }
        const xmlNode *holder = xml::child(node_, "uebergeordnetesObjektID");
        found->holder = key_of(holder);
        if (found->holder.local_id.empty()) refuse("responsibility_without_holder");
        const std::string scheme = object.key.scheme + " " + found->holder.scheme;
        if (scheme.find("Onlinedienst") != std::string::npos) {
            found->holder_kind = ObjectKind::online_service;
        } else if (scheme.find("Formular") != std::string::npos) {
            found->holder_kind = ObjectKind::form;
        }
        object.responsibilities.push_back(std::move(*found));
    }

    const xmlNode *node_;
    Mapped mapped_;
};

} // namespace

std::optional<ObjectKind> kind_of_element(const xmlNode *node) {
    const auto found = std::ranges::find(kElements, xml::local_name(node), &NamedKind::name);
    if (found == kElements.end()) return std::nullopt;
    return found->kind;
}

std::optional<ObjectKind> kind_of_class(std::string_view klasse) {
    const auto found = std::ranges::find(kClasses, klasse, &NamedKind::name);
    if (found == kClasses.end()) return std::nullopt;
    return found->kind;
}

ObjectKey key_of(const xmlNode *id) {
    return {xml::attribute(id, "schemeAgencyID"), xml::content(id), xml::attribute(id, "schemeID")};
}

Mapped map_object(ObjectKind kind, const xmlNode *node) {
    return Mapper(kind, node).map();
}

namespace {

bool is_html(const xmlNode *node) {
    static constexpr std::array<std::string_view, 24> kTags{
        "p",   "br",  "h1", "h2", "h3", "h4", "h5",    "h6", "b",  "strong", "i",  "em",
        "sup", "sub", "ul", "ol", "li", "a",  "table", "tr", "td", "div",    "th", "span"};
    return std::ranges::find(kTags, xml::local_name(node)) != kTags.end();
}

} // namespace

int clean_texts(xmlNode *node) {
    static constexpr std::array<std::string_view, 4> kHtml{"inhalt", "beschreibung",
                                                           "kurzbeschreibung", "oeffnungszeiten"};
    int changed = 0;
    for (xmlNode *each = xml::first_child(node); each; each = xml::next_element(each)) {
        const bool is_text = std::ranges::find(kHtml, xml::local_name(each)) != kHtml.end();
        const xmlNode *inner = xml::first_child(each);
        if (inner && !(is_text && is_html(inner))) {
            changed += clean_texts(each);
            continue;
        }
        if (!is_text) continue;
        // Some write XHTML as it is instead of escaping it: from here on it is escaped like
        // others'.
        const std::string text = inner ? xml::markup(each) : xml::content(each);
        if (inner) xml::set_text(each, text);
        if (text.find('<') == std::string::npos) continue;
        const std::string clean = clean_html(text);
        if (clean == text) continue;
        xml::set_text(each, clean);
        // Another way to write the same is not worth a note; a tag that is gone is.
        if (std::ranges::count(clean, '<') < std::ranges::count(text, '<')) ++changed;
    }
    return changed;
}

} // namespace fernamt::knowledge
