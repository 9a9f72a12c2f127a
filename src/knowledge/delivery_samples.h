// SPDX-License-Identifier: EUPL-1.2
// Deliveries for tests and benchmarks, written for this project: small ones by hand, and generated
// ones of any size that look like a Land's (one service in eight objects). No real texts.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace fernamt::knowledge::samples {

inline std::string head(std::string_view version = "2_2_0") {
    return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                       "<xzufi:transfer xmlns:xzufi=\"http://xoev.de/schemata/xzufi/{}\" "
                       "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n",
                       version);
}
inline constexpr std::string_view kFoot = "</xzufi:transfer>\n";

inline std::string transfer(std::string_view body, std::string_view version = "2_2_0") {
    return head(version) + std::string(body) + std::string(kFoot);
}

inline std::string service(std::string_view id, std::string_view name, std::string_view more = "") {
    return fmt::format(
        "<xzufi:schreibe><xzufi:leistung><xzufi:id schemeAgencyID=\"L1\" schemeID=\"Leistung\">{}"
        "</xzufi:id><xzufi:referenzLeiKa><code>99102013104000</code></xzufi:referenzLeiKa>"
        "<xzufi:modulText><xzufi:inhalt languageCode=\"de\">{}</xzufi:inhalt><xzufi:leikaTextmodul>"
        "<code>03</code></xzufi:leikaTextmodul></xzufi:modulText>{}</xzufi:leistung>"
        "</xzufi:schreibe>\n",
        id, name, more);
}
inline std::string module(std::string_view code, std::string_view html) {
    return fmt::format("<xzufi:modulText><xzufi:inhalt languageCode=\"de\">{}</xzufi:inhalt>"
                       "<xzufi:leikaTextmodul><code>{}</code></xzufi:leikaTextmodul>"
                       "</xzufi:modulText>",
                       html, code);
}
inline std::string office(std::string_view id, std::string_view name, std::string_view more = "") {
    return fmt::format(
        "<xzufi:schreibe><xzufi:organisationseinheit xsi:type=\"xzufi:OrganisationseinheitErweitert"
        "\"><xzufi:id schemeAgencyID=\"L1\" schemeID=\"Organisationseinheit\">{}</xzufi:id>"
        "<xzufi:name><xzufi:name languageCode=\"de\">{}</xzufi:name></xzufi:name>{}"
        "</xzufi:organisationseinheit></xzufi:schreibe>\n",
        id, name, more);
}
inline std::string responsibility(std::string_view id, std::string_view service_id,
                                  std::string_view office_id, std::string_view area) {
    return fmt::format(
        "<xzufi:schreibe><xzufi:zustaendigkeitTransferObjekt><xzufi:uebergeordnetesObjektID "
        "schemeAgencyID=\"L1\" schemeID=\"Organisationseinheit\">{}</xzufi:uebergeordnetesObjektID>"
        "<xzufi:zustaendigkeit><xzufi:id schemeAgencyID=\"L1\" "
        "schemeID=\"ZustaendigkeitOrganisationseinheit\">{}</xzufi:id><xzufi:leistungID "
        "schemeAgencyID=\"L1\" schemeID=\"Leistung\">{}</xzufi:leistungID><xzufi:gebietID>{}"
        "</xzufi:gebietID><xzufi:rolle><code>01</code><name>Zuständige Stelle</name></xzufi:rolle>"
        "</xzufi:zustaendigkeit></xzufi:zustaendigkeitTransferObjekt></xzufi:schreibe>\n",
        office_id, id, service_id, area);
}
inline std::string removal(std::string_view klasse, std::string_view id) {
    return fmt::format("<xzufi:loesche klasse=\"{}\"><xzufi:id schemeAgencyID=\"L1\">{}</xzufi:id>"
                       "</xzufi:loesche>\n",
                       klasse, id);
}

// Object number n of a generated delivery: of eight one is a service of about bytes characters, two
// are offices, five responsibilities.
inline std::string generated(std::int64_t n, std::size_t bytes) {
    const std::int64_t group = n / 8;
    switch (n % 8) {
    case 0: {
        std::string text;
        while (text.size() < bytes / 6)
            text += fmt::format("Satz {} über die Leistung {} mit einigen Wörtern. ", text.size(),
                                group);
        std::string modules;
        for (const std::string_view code : {"05", "06", "07", "08", "09", "11"})
            modules += module(code, "&lt;p&gt;" + text + "&lt;/p&gt;");
        modules +=
            fmt::format("<xzufi:modulBegriffImKontext><xzufi:begriffImKontext><xzufi:begriff "
                        "languageCode=\"de\">Stichwort {}</xzufi:begriff>"
                        "</xzufi:begriffImKontext></xzufi:modulBegriffImKontext>",
                        group);
        return service(fmt::format("{}", group), fmt::format("Leistung Nummer {}", group), modules);
    }
    case 1:
    case 2:
        return office(
            fmt::format("{}", n), fmt::format("Bürgerbüro {}", n),
            "<xzufi:anschrift><xzufi:typ><code>001</code></xzufi:typ><xzufi:strasse>Hauptstraße"
            "</xzufi:strasse><xzufi:hausnummer>1</xzufi:hausnummer><xzufi:postleitzahl>30000"
            "</xzufi:postleitzahl><xzufi:ort>Musterstadt</xzufi:ort></xzufi:anschrift>"
            "<xzufi:kommunikation><xzufi:kanal><code>02</code></xzufi:kanal><xzufi:kennung>"
            "+49 221 4710000</xzufi:kennung></xzufi:kommunikation><xzufi:oeffnungszeiten>Mo-Fr "
            "8-12 Uhr und 14-16 Uhr</xzufi:oeffnungszeiten>");
    default:
        return responsibility(fmt::format("{}", n), fmt::format("{}", group),
                              fmt::format("{}", group * 8 + 1), "032410010010");
    }
}

} // namespace fernamt::knowledge::samples
