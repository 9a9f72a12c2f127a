// SPDX-License-Identifier: EUPL-1.2
// Two things that deliveries hold and that no public sample of a delivery shows: services by their
// number in the catalogue of the online access act (OZG), and what 2.1 answers instead of a
// transfer. Written for this test after the members that public code names.
#include "knowledge/delivery.h"
#include "knowledge/delivery_samples.h"
#include "knowledge/export.h"
#include "knowledge/search.h"
#include "storage/test_database.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace fernamt::knowledge {
namespace {

constexpr LocalDate kDay{2026, 11, 23};

constexpr std::string_view kOzg =
    "<xzufi:idSekundaer schemeID=\"OZG-ID\">10417</xzufi:idSekundaer>"
    "<xzufi:idSekundaer schemeID=\"Redaktion\">20834</xzufi:idSekundaer>";

// Its code and name stand in XZuFi's namespace, those of 2.2 in none.
std::string answer_of_2_1(std::string_view results) {
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<xzufi:leistungsverzeichnis.antwort.leistungsbericht.030108 "
        "xmlns:xzufi=\"http://xoev.de/schemata/xzufi/2_1_0\" "
        "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xzufiVersion=\"2.1\">"
        "<xzufi:nachrichtenkopf><xzufi:nachrichtUUID>u-1</xzufi:nachrichtUUID>"
        "</xzufi:nachrichtenkopf><xzufi:antwort><xzufi:antwortnummer>1</xzufi:antwortnummer>"
        "<xzufi:antwortrueckgabecode listURI=\"urn:de:xzufi:codeliste:nachrichtantwortcode\" "
        "listVersionID=\"1.1\"><xzufi:code>202</xzufi:code></xzufi:antwortrueckgabecode>{}"
        "</xzufi:antwort></xzufi:leistungsverzeichnis.antwort.leistungsbericht.030108>\n",
        results);
}

class XzufiKeysTest : public storage::testing::DatabaseTest {
  protected:
    DeliveryReport import(const std::string &xml) {
        const std::string file = directory_.path() + "/in.xml";
        std::ofstream(file, std::ios::binary) << xml;
        const DeliveryOptions options{.path = file, .source = "test"};
        const auto staged = stage_delivery(db(), clock_, options);
        EXPECT_TRUE(staged) << describe(staged.error());
        if (!staged) return {};
        EXPECT_TRUE(apply_delivery(db(), clock_, staged->id, options));
        return *staged;
    }
    std::vector<std::string> found(std::string_view words) {
        auto catalogue = Catalogue::load(db(), directory_.path() + "/search");
        EXPECT_TRUE(catalogue) << describe(catalogue.error());
        if (!catalogue) return {};
        const auto result =
            (*catalogue)->search({.text = words, .today = kDay, .unanswered = true});
        EXPECT_TRUE(result) << describe(result.error());
        std::vector<std::string> names;
        if (!result) return names;
        for (const SearchHit &hit : result->items)
            names.push_back(hit.service.colloquial);
        return names;
    }

    storage::testing::TemporaryDirectory directory_;
    ManualClock clock_{Instant{1'700'000'000'000'000}};
};
FERNAMT_ON_EVERY_ENGINE(XzufiKeysTest);

TEST_P(XzufiKeysTest, AServiceIsFoundByItsOzgNumberAndLeavesWithIt) {
    import(samples::transfer(samples::service("1", "Hund anmelden", kOzg) +
                             samples::service("2", "Fundsache melden")));
    EXPECT_EQ(found("10417"), std::vector<std::string>{"Hund anmelden"});
    EXPECT_EQ(found("20834"), std::vector<std::string>{}) << "an editor's own number";
    for (const char *version : {"2_2_0", "2_3_1"}) {
        std::ostringstream out;
        ASSERT_TRUE(export_xzufi(db(), {.version = version}, out));
        EXPECT_NE(out.str().find(kOzg), std::string::npos) << out.str();
    }
    std::vector<std::string> keys;
    ASSERT_TRUE(db().read([&](storage::Connection &connection) {
        return connection.each("SELECT scheme, value FROM knowledge_key WHERE scheme IN "
                               "('ozg', 'secondary') ORDER BY scheme",
                               {}, [&](const storage::Row &row) {
                                   keys.push_back(row.text(0) + " " + row.text(1));
                                   return true;
                               });
    }));
    EXPECT_EQ(keys, (std::vector<std::string>{"ozg 10417", "secondary 20834"}));
}

TEST_P(XzufiKeysTest, WhatTwoPointOneAnswersIsTakenLikeATransfer) {
    const DeliveryReport report = import(answer_of_2_1(
        "<xzufi:ergebnisLeistung><xzufi:leistung>"
        "<xzufi:id schemeAgencyID=\"L1\" schemeID=\"Leistung\">4</xzufi:id><xzufi:referenzLeiKa>"
        "<xzufi:code>99102013104000</xzufi:code></xzufi:referenzLeiKa><xzufi:modulText>"
        "<xzufi:inhalt languageCode=\"de\">Hund abmelden</xzufi:inhalt><xzufi:leikaTextmodul>"
        "<xzufi:code>03</xzufi:code></xzufi:leikaTextmodul></xzufi:modulText></xzufi:leistung>"
        "</xzufi:ergebnisLeistung><xzufi:ergebnisOrganisationseinheit><xzufi:organisationseinheit>"
        "<xzufi:id schemeAgencyID=\"L1\">7</xzufi:id><xzufi:name><xzufi:name languageCode=\"de\">"
        "Steueramt</xzufi:name></xzufi:name></xzufi:organisationseinheit>"
        "</xzufi:ergebnisOrganisationseinheit>"));
    EXPECT_EQ(report.objects, 2);
    EXPECT_EQ(report.refused, 0) << to_json(report);
    EXPECT_EQ(found("hund"), std::vector<std::string>{"Hund abmelden"});
    EXPECT_EQ(found("99102013104000"), std::vector<std::string>{"Hund abmelden"});
    std::ostringstream out;
    ASSERT_TRUE(export_xzufi(db(), {}, out));
    EXPECT_NE(out.str().find("Steueramt"), std::string::npos);
}

} // namespace
} // namespace fernamt::knowledge
