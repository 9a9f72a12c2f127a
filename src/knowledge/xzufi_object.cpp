// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/xzufi_object.h"

#include "base/money.h"
#include "knowledge/html.h"
#include "knowledge/xzufi_mapping.h"

#include <fmt/format.h>

namespace fernamt::knowledge {

namespace {

constexpr std::string_view kAreaScheme =
    "urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:rs";

// Elements with XZuFi's prefix, written straight into a string in canonical form.
class Writer {
  public:
    template <class Inside>
    void element(std::string_view name, std::string_view attributes, const Inside &inside) {
        out_ += fmt::format("<xzufi:{}{}>", name, attributes);
        inside();
        out_ += fmt::format("</xzufi:{}>", name);
    }
    void text(std::string_view name, std::string_view value, std::string_view attributes = "") {
        if (value.empty()) return;
        out_ +=
            fmt::format("<xzufi:{}{}>{}</xzufi:{}>", name, attributes, escape_html(value), name);
    }
    void localised(std::string_view name, std::string_view language, std::string_view value) {
        text(name, value, fmt::format(" languageCode=\"{}\"", escape_html(language)));
    }
    void code(std::string_view name, std::string_view value, std::string_view list = "",
              std::string_view label = "") {
        if (value.empty() && label.empty()) return;
        const std::string uri = list.empty() ? "" : fmt::format(" listURI=\"{}\"", list);
        element(name, uri, [&] {
            if (!value.empty()) out_ += fmt::format("<code>{}</code>", escape_html(value));
            if (!label.empty()) out_ += fmt::format("<name>{}</name>", escape_html(label));
        });
    }
    void id(std::string_view name, const ObjectKey &key) {
        if (key.local_id.empty()) return;
        std::string attributes;
        if (!key.agency.empty()) {
            attributes += fmt::format(" schemeAgencyID=\"{}\"", escape_html(key.agency));
        }
        if (!key.scheme.empty())
            attributes += fmt::format(" schemeID=\"{}\"", escape_html(key.scheme));
        text(name, key.local_id, attributes);
    }
    void area(std::string_view name, AreaId area) {
        text(name, fmt::format("{:012}", area.value), fmt::format(" schemeID=\"{}\"", kAreaScheme));
    }
    [[nodiscard]] std::string take() { return std::move(out_); }

  private:
    std::string out_;
};

void write_links(Writer &out, const KnowledgeObject &object, std::string_view role,
                 std::string_view element) {
    for (const Link &link : object.links) {
        if (link.role != role) continue;
        out.element(element, fmt::format(" languageCode=\"{}\"", link.language), [&] {
            out.text("uri", link.uri);
            out.text("titel", link.title);
        });
    }
}

void write_amounts(Writer &out, const KnowledgeObject &object, AmountKind kind,
                   std::string_view module, std::string_view element) {
    const std::string code{to_string(kind)};
    const auto any_text = [&] {
        for (const ModuleText &text : object.texts)
            if (text.module == code) return true;
        return false;
    };
    const auto any_amount = [&] {
        for (const Amount &amount : object.amounts)
            if (amount.kind == kind) return true;
        return false;
    };
    if (!any_text() && !any_amount()) return;
    out.element(module, "", [&] {
        for (const ModuleText &text : object.texts) {
            if (text.module == code) out.localised("beschreibung", text.language, text.html);
        }
        for (const Amount &amount : object.amounts) {
            if (amount.kind != kind || !amount.amount) continue;
            out.element(element, "", [&] {
                out.code("typ", amount.type);
                if (kind == AmountKind::fee) {
                    out.text("betrag", to_decimal(Money{*amount.amount}));
                    out.code("waehrung", amount.unit);
                } else {
                    out.text("dauer", fmt::format("{}", *amount.amount));
                    out.code("einheit", amount.unit);
                }
            });
        }
    });
}

void write_modules(Writer &out, const KnowledgeObject &object) {
    int position = 0;
    for (const ModuleText &text : object.texts) {
        if (text.module == "fee" || text.module == "deadline" || text.module == "duration")
            continue;
        if (text.module == "own") {
            out.element("modulTextIndividuell", "",
                        [&] { out.localised("inhalt", text.language, text.html); });
            continue;
        }
        out.element("modulText", "", [&] {
            out.text("positionDarstellung", fmt::format("{}", ++position));
            out.localised("inhalt", text.language, text.html);
            out.code("leikaTextmodul", text.module,
                     "urn:de:xzufi:codeliste:leistungstextmodulleika");
        });
    }
    for (const auto &[role, module] :
         {std::pair{"legal", "07"}, std::pair{"form", "14"}, std::pair{"further", "15"}}) {
        for (const Link &link : object.links) {
            if (link.role != role) continue;
            out.element("modulText", "", [&] {
                out.element("weiterfuehrenderLink",
                            fmt::format(" languageCode=\"{}\"", link.language), [&] {
                                out.text("uri", link.uri);
                                out.text("titel", link.title);
                            });
                out.code("leikaTextmodul", module,
                         "urn:de:xzufi:codeliste:leistungstextmodulleika");
            });
        }
    }
    write_amounts(out, object, AmountKind::deadline, "modulFrist", "frist");
    write_amounts(out, object, AmountKind::fee, "modulKosten", "kosten");
    write_amounts(out, object, AmountKind::duration, "modulBearbeitungsdauer", "bearbeitungsdauer");
    for (const Term &term : object.terms) {
        if (term.role != "synonym") continue;
        out.element("modulBegriffImKontext", "", [&] {
            out.element("begriffImKontext", "", [&] {
                out.localised("begriff", term.language, term.term);
                out.code("typ", "001");
            });
        });
    }
    if (!object.approved_on.empty() || !object.approved_by.empty()) {
        out.element("modulFachlicheFreigabe", "", [&] {
            out.text("fachlichFreigegebenAm", object.approved_on);
            out.localised("fachlichFreigegebenDurch", "de", object.approved_by);
        });
    }
    write_links(out, object, "origin", "modulUrsprungsportal");
}

std::string_view structure_type(std::string_view type) {
    if (type == "lovd") return "xzufi:LeistungsstrukturObjektMitVerrichtungUndDetail";
    if (type == "lov") return "xzufi:LeistungsstrukturObjektMitVerrichtung";
    return "xzufi:LeistungsstrukturObjekt";
}

void write_keys(Writer &out, const KnowledgeObject &object) {
    for (const ValueKey &key : object.keys) {
        if (key.scheme == "secondary") out.text("idSekundaer", key.value);
        if (key.scheme == "ozg") out.text("idSekundaer", key.value, " schemeID=\"OZG\"");
    }
}

void write_version(Writer &out, const KnowledgeObject &object) {
    if (object.changed_at.empty()) return;
    out.element("versionsinformation", "",
                [&] { out.text("geaendertDatumZeit", object.changed_at); });
}

void write_service(Writer &out, const KnowledgeObject &object) {
    out.element("leistung", "", [&] {
        out.id("id", object.key);
        write_keys(out, object);
        if (!object.type.empty()) {
            out.element("struktur", fmt::format(" xsi:type=\"{}\"", structure_type(object.type)),
                        [] {});
        }
        for (const ValueKey &key : object.keys) {
            if (key.scheme == "leika") {
                out.code("referenzLeiKa", key.value, "urn:de:fim:leika:leistung");
            }
        }
        write_modules(out, object);
        out.code("typisierung", object.typification, "urn:de:fim:leika:typisierung");
        for (const ValueKey &key : object.keys) {
            if (key.scheme == "sdg") out.code("informationsbereichSDG", key.value);
            if (key.scheme == "addressee") out.code("leistungsadressat", key.value);
        }
        for (const AreaId area : object.areas)
            out.area("gueltigkeitGebietID", area);
        write_version(out, object);
    });
}

void write_specialisation(Writer &out, const KnowledgeObject &object) {
    out.element("spezialisierung", "", [&] {
        out.id("id", object.key);
        out.id("leistungID", object.service);
        for (const AreaId area : object.areas)
            out.area("gebietID", area);
        write_modules(out, object);
        write_version(out, object);
    });
}

void write_contacts(Writer &out, const std::vector<Contact> &contacts) {
    for (const Contact &contact : contacts) {
        out.element("kommunikation", "", [&] {
            out.code("kanal", contact.channel, "urn:de:xoev:codeliste:erreichbarkeit");
            out.text("kennung", contact.value);
            out.text("zusatz", contact.addition);
        });
    }
}

void write_address(Writer &out, const Address &address) {
    out.element("anschrift", "", [&] {
        out.code("typ", address.type, "urn:xoev-de:fim:codeliste:xzufi.anschrifttyp");
        out.text("strasse", address.street);
        out.text("hausnummer", address.house_number);
        out.text("postfach", address.post_box);
        out.text("postleitzahl", address.postcode);
        out.text("ort", address.place);
        std::string_view rest = address.addition;
        while (!rest.empty()) {
            const auto end = std::min(rest.find('\n'), rest.size());
            out.text("zusatz", rest.substr(0, end));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        if (address.area) {
            out.element("verwaltungspolitischeKodierung", "", [&] {
                out.code("regionalschluessel", fmt::format("{:012}", address.area->value));
            });
        }
    });
}

void write_responsibility_body(Writer &out, const Responsibility &one, const ObjectKey *key) {
    out.element("zustaendigkeit", "", [&] {
        if (key) out.id("id", *key);
        out.id("leistungID", one.service);
        for (const AreaId area : one.areas)
            out.area("gebietID", area);
        out.code("rolle", "", "", one.role);
    });
}

void write_office(Writer &out, const KnowledgeObject &object) {
    out.element("organisationseinheit", " xsi:type=\"xzufi:OrganisationseinheitErweitert\"", [&] {
        out.id("id", object.key);
        write_keys(out, object);
        out.id("uebergeordneteOrganisationseinheitID", object.parent);
        out.element("name", "", [&] {
            out.localised("name", "de", object.name);
            for (const Term &term : object.terms) {
                if (term.role == "name") out.localised("name", term.language, term.term);
            }
        });
        out.localised("kurzbeschreibung", "de", object.description);
        for (const Term &term : object.terms) {
            if (term.role == "synonym") out.localised("synonym", term.language, term.term);
        }
        for (const Address &address : object.addresses)
            write_address(out, address);
        write_contacts(out, object.contacts);
        for (const Person &person : object.people) {
            out.element("kontaktperson", "", [&] {
                out.text("id", person.local_id);
                out.text("anrede", person.salutation);
                out.text("titel", person.title);
                out.text("vorname", person.given_name);
                out.text("familienname", person.family_name);
                out.localised("position", "de", person.position);
                out.localised("sprechzeiten", "de", person.hours_text);
                out.text("raum", person.room);
                write_contacts(out, person.contacts);
            });
        }
        out.localised("oeffnungszeiten", "de", object.hours_text);
        write_links(out, object, "web", "internetadresse");
        for (const Responsibility &one : object.responsibilities)
            write_responsibility_body(out, one, nullptr);
        out.localised("informationServicecenter", "de", object.desk_note);
        write_version(out, object);
    });
}

void write_offer(Writer &out, const KnowledgeObject &object) {
    const bool online = object.kind == ObjectKind::online_service;
    out.element(online ? "onlinedienst" : "formular", "", [&] {
        out.id("id", object.key);
        write_keys(out, object);
        out.localised("bezeichnung", "de", object.name);
        for (const Link &link : object.links) {
            out.element("link", fmt::format(" languageCode=\"{}\"", link.language), [&] {
                out.text("link", link.uri);
                out.text("titel", link.title);
            });
        }
        out.code("vertrauensniveau", object.trust_level);
        write_version(out, object);
    });
}

void write_responsibility(Writer &out, const KnowledgeObject &object) {
    out.element("zustaendigkeitTransferObjekt", "", [&] {
        if (object.responsibilities.empty()) return;
        const Responsibility &one = object.responsibilities.front();
        out.id("uebergeordnetesObjektID", one.holder);
        write_responsibility_body(out, one, &object.key);
    });
}

std::string_view class_of(ObjectKind kind) {
    switch (kind) {
    case ObjectKind::service:
        return "Leistung";
    case ObjectKind::specialisation:
        return "LeistungSpezialisierung";
    case ObjectKind::office:
        return "Organisationseinheit";
    case ObjectKind::online_service:
        return "Onlinedienst";
    case ObjectKind::form:
        return "Formular";
    case ObjectKind::responsibility:
        return "Zustaendigkeit";
    }
    return "Leistung";
}

} // namespace

Expected<KnowledgeObject> read_object(std::string_view canonical_xml) {
    const xml::Parsed parsed = xml::parse(canonical_xml);
    const auto kind = parsed.root ? kind_of_element(parsed.root) : std::nullopt;
    if (!kind) return fail(ProblemKind::internal, "knowledge.object_unreadable");
    return map_object(*kind, parsed.root).object;
}

std::string write_object(const KnowledgeObject &object) {
    Writer out;
    switch (object.kind) {
    case ObjectKind::service:
        write_service(out, object);
        break;
    case ObjectKind::specialisation:
        write_specialisation(out, object);
        break;
    case ObjectKind::office:
        write_office(out, object);
        break;
    case ObjectKind::online_service:
    case ObjectKind::form:
        write_offer(out, object);
        break;
    case ObjectKind::responsibility:
        write_responsibility(out, object);
        break;
    }
    // Through the reader's own serialiser, so that what is written here and what is delivered with
    // the same content have the same bytes.
    const std::string draft = out.take();
    const xml::Parsed parsed = xml::parse(draft);
    return parsed.root ? xml::canonical(parsed.root) : draft;
}

std::string write_removal(ObjectKind kind, const ObjectKey &key) {
    const auto attribute = [](std::string_view name, const std::string &value) {
        return value.empty() ? "" : fmt::format(" {}=\"{}\"", name, escape_html(value));
    };
    return fmt::format("<xzufi:loesche klasse=\"{}\"><xzufi:id{}{}>{}</xzufi:id></xzufi:loesche>",
                       class_of(kind), attribute("schemeAgencyID", key.agency),
                       attribute("schemeID", key.scheme), escape_html(key.local_id));
}

std::string text_hash(std::string_view text) {
    std::uint64_t a = 0xcbf29ce484222325;
    std::uint64_t b = 0x84222325cbf29ce4;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        a = (a ^ byte) * 0x100000001b3;
        b = (b + byte) * 0x9e3779b97f4a7c15;
        b ^= b >> 29;
    }
    return fmt::format("{:016x}{:016x}", a, b);
}

} // namespace fernamt::knowledge
