// SPDX-License-Identifier: EUPL-1.2
// Answers of other systems as deliveries. Those of the portal here and in testdata/pvog have the
// members of real ones and texts of our own, since theirs belong to their editors; a folder of real
// ones is read instead, where FERNAMT_PVOG_ANSWERS names it. Of the portal's offices and of BUS we
// have no real answer: these are written after the names of members in public code.
#include "knowledge/article.h"
#include "knowledge/delivery.h"
#include "knowledge/delivery_samples.h"
#include "knowledge/export.h"
#include "knowledge/foreign_formats.h"
#include "knowledge/public_view.h"
#include "storage/test_database.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace fernamt::knowledge {
namespace {

constexpr MunicipalityId kHere{32410010010};
constexpr LocalDate kToday{2026, 11, 22};

constexpr const char *kPortalService = R"({"id": "L100.LB.17", "name": "Hund anmelden",
  "leikakeys": ["99102013104000"], "languageCode": "de", "ars": ["032410010010"],
  "lastUpdate": "2026-01-20T01:26:46Z", "synonyms": ["Hundesteuer"], "unbekannt": {"x": [1]},
  "typing": [{"code": "5"}], "organisationIds": ["L100.OE.9"],
  "details": [
    {"@type": "_module", "code": "02", "text": "Hund Anmeldung", "placeholder": false},
    {"@type": "_module", "code": "24", "text": "<p>Hunde meldet man an.</p><script>x</script>"},
    {"@type": "_module", "code": "08", "text": "<ul><li>Chipnummer</li></ul>", "links": []},
    {"@type": "_module", "code": "18", "text": "nicht angegeben", "placeholder": true},
    {"@type": "_module", "code": "07", "text": "", "links": [
      {"uri": "https://recht.example/s", "title": "Satzung"}, {"uri": "javascript:x", "title": "b"}]},
    {"@type": "_moduleDetail", "code": "98", "text": "<p>120 Euro</p>", "details": []},
    {"@type": "_moduleDetail", "code": "97", "text": "", "details": [
      {"title": "Anmeldefrist", "text": "2 Wochen", "code": "001"}]},
    {"@type": "_module", "code": "STATUS", "text": "6", "xZufiCategory": "TEXT_MODUL_INDIVIDUELL"}],
  "onlineServiceLinks": [{"id": "L100.OD.3", "title": "Hund online", "levelOfConfidence": "10",
    "uri": "https://online.example/hund"}]})";
constexpr const char *kPortalOffice = R"({"id": "L100.OE.9", "title": "Steueramt",
  "openingHours": "Mo-Fr 8-12 Uhr", "additionalInformation": "<p>Zweiter Stock</p>",
  "location": [{"type": "002", "street": "Markt", "houseNumber": "1", "zipCode": "30853",
    "city": "Langenhagen"}],
  "communicationSystems": [{"code": "02", "type": "Telefon Festnetz", "value": "+49 221 4710100"}]})";

constexpr const char *kBusService = R"({"id": "8664", "type": "LOV", "name": "Fundsache melden",
  "leikaKeys": ["99089006104000"], "teaser": "Gefundenes gibt man ab.", "synonyms": ["Fundbüro"],
  "lastUpdated": "2026-03-01T10:00:00+01:00", "restrictedAreas": [], "documents": [],
  "textBlocks": [
    {"type": {"id": "1", "key": "06", "name": "Volltext"}, "text": "<p>Für alle.</p>",
     "specialisations": [{"restrictedArea": "032410010010", "text": "<p>In Langenhagen anders.</p>",
       "legalNorms": []}]},
    {"type": {"id": "2", "key": "16", "name": "Intern", "notPublic": true}, "text": "geheim"}],
  "charges": [{"type": "FIX", "name": "Aufbewahrung", "amount": 12.5, "currency": "EUR"},
    {"type": "VARIABLE", "name": "Versand", "lowerLimit": 5, "upperLimit": 9.99, "currency": "EUR"},
    {"type": "FIX", "name": "nur woanders", "amount": 1, "currency": "EUR",
     "restrictedArea": "032410019019"}],
  "periods": [{"type": "SPAN", "name": "Abholung", "note": "innerhalb von sechs Monaten"}],
  "servicePeriods": []})";
constexpr const char *kBusOffice = R"({"organisationalUnits": [{"id": "77", "name": "Fundbüro",
  "synonyms": [], "description": "", "shortDescription": "Im Rathaus", "parentId": "70",
  "openingHours": "Di 9-12 Uhr", "specialInfoServiceCenter": "nur bis 11 durchstellen",
  "addresses": [{"street": "Marktplatz", "houseNumber": "1", "zipcode": "30853", "comment": "",
    "area": {"id": "032410010010", "name": "Langenhagen"}, "type": {"key": "B", "name": "Besuchsadresse"}}],
  "communicationSystems": [{"identification": "0221 4710200", "identificationAddon": "",
    "type": {"key": "T", "name": "Telefon"}}],
  "lastUpdated": "2026-03-01T10:00:00+01:00"}]})";
constexpr const char *kBusCompetence = R"([{"organisationalUnit": {"id": "77", "name": "Fundbüro"},
  "publicServiceTypes": [{"id": "8664", "name": "Fundsache melden"}],
  "areas": [{"id": "032410010010", "name": "Langenhagen"}]},
  {"organisationalUnit": {"id": "78"}, "publicServiceTypes": [{"id": "1"}], "areas": []}])";

namespace json = boost::json;

class ForeignFormatTest : public storage::testing::DatabaseTest {
  protected:
    void put(const std::string &name, const std::string &text) {
        std::filesystem::create_directories(folder());
        std::ofstream(folder() + "/" + name) << text;
    }
    std::string folder() { return directory_.path() + "/answers"; }
    // Converts, stages and applies, as the command does.
    DeliveryReport import(ForeignFormat format) {
        const std::string file = directory_.path() + "/delivery.xml";
        const auto converted = convert_foreign(folder(), format, "BUS", file);
        EXPECT_TRUE(converted) << describe(converted.error());
        if (converted) unusable_ = converted->unusable;
        const DeliveryOptions options{.path = file};
        const auto staged = stage_delivery(db(), clock_, options);
        EXPECT_TRUE(staged) << describe(staged.error());
        if (!staged) return {};
        EXPECT_EQ(staged->refused, 0) << to_json(*staged);
        EXPECT_TRUE(apply_delivery(db(), clock_, staged->id, options));
        return *staged;
    }
    std::string section(const Article &article, SectionKey key) {
        for (const Section &one : article.sections) {
            if (one.key == key) return one.lines.front();
        }
        return "";
    }
    std::optional<Article> article(std::int64_t id, MunicipalityId where) {
        std::optional<Article> found;
        EXPECT_TRUE(db().read([&](storage::Connection &connection) -> Expected<void> {
            auto read = read_article(connection, ServiceId{id}, where, kToday);
            if (!read) return tl::unexpected(read.error());
            found = *read;
            return {};
        }));
        return found;
    }

    Service service(const std::string &id) { // of the Bund's editors
        Service found;
        EXPECT_TRUE(db().read([&](storage::Connection &connection) -> Expected<void> {
            const auto all = read_services(connection);
            if (!all) return tl::unexpected(all.error());
            const std::int64_t wanted = object_id(ObjectKind::service, "B100019", id);
            for (const Service &one : *all) {
                if (one.id.value == wanted) found = one;
            }
            return {};
        }));
        return found;
    }

    ManualClock clock_;
    storage::testing::TemporaryDirectory directory_;
    std::vector<std::string> unusable_;
};

TEST_P(ForeignFormatTest, ReadsThePortalsServicesAndOffices) {
    put("1.json", kPortalService);
    put("2.json", std::string("[") + kPortalOffice + R"(, {"id": "x"}, 7])");
    put("3.json", "{ kaputt");
    const DeliveryReport report = import(ForeignFormat::pvog_json);
    EXPECT_EQ(report.dangling, 0);
    EXPECT_EQ(unusable_.size(), 3U);
    const auto id = object_id(ObjectKind::service, "L100", "17");
    const auto found = article(id, kHere);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->service.colloquial, "Hund anmelden");
    EXPECT_EQ(found->service.name, "Hund Anmeldung");
    EXPECT_EQ(found->service.leika, "99102013104000");
    EXPECT_EQ(found->read_aloud, "Hunde meldet man an.");
    EXPECT_EQ(section(*found, SectionKey::documents), "Chipnummer");
    EXPECT_EQ(section(*found, SectionKey::fee), "120 Euro");
    EXPECT_EQ(section(*found, SectionKey::deadline), "Anmeldefrist: 2 Wochen");
    EXPECT_EQ(section(*found, SectionKey::contact), "Steueramt, Telefon +49 221 4710100");
    EXPECT_EQ(section(*found, SectionKey::online), "Hund online: https://online.example/hund");
    // The same answers again change nothing.
    EXPECT_EQ(import(ForeignFormat::pvog_json).kinds[0].updated, 0);
}

// Written after the members that public code reads: XZuFi as one string in JSON, a page of it each.
TEST_P(ForeignFormatTest, UnpacksWhatThePortalsDeliveryServiceWraps) {
    const auto wrap = [](const std::string &xml) {
        return json::serialize(json::object{{"xzufiObjekte", xml},
                                            {"vollstaendig", false},
                                            {"naechsterIndex", 2},
                                            {"naechsteAnfrageUrl", "https://portal.example/?i=2"}});
    };
    put("1.json",
        wrap(samples::transfer(
            samples::service("1", "Hund anmelden", "<xzufi:neuesFeld>bleibt</xzufi:neuesFeld>") +
            samples::service("", "ohne id") + samples::service("2", "Hund abmelden"))));
    put("2.json",
        wrap(samples::transfer(samples::office("7", "Steueramt") +
                                   samples::responsibility("9", "1", "7", "032410010010") +
                                   "<xzufi:loesche klasse=\"Leistung\"><xzufi:id schemeAgencyID="
                                   "\"L1\" schemeID=\"Leistung\">2</xzufi:id></xzufi:loesche>",
                               "2_3_1")));
    std::string half = samples::head();
    for (int each = 0; each < 300; ++each) // more than is parsed at once
        half += samples::service(fmt::format("h{}", each), "halb");
    put("3.json", wrap(half));
    const DeliveryReport report = import(ForeignFormat::pvog_json);
    EXPECT_EQ(report.objects, 5) << "two services, an office, who answers, and a removal";
    EXPECT_EQ(report.dangling, 0);
    ASSERT_EQ(unusable_.size(), 2U);
    EXPECT_TRUE(unusable_[0].starts_with("1.json: line ")) << unusable_[0];
    EXPECT_NE(unusable_[0].find("object_without_id"), std::string::npos) << unusable_[0];
    EXPECT_NE(unusable_[1].find("knowledge.xml_malformed"), std::string::npos) << unusable_[1];
    const auto found = article(object_id(ObjectKind::service, "L1", "1"), kHere);
    ASSERT_TRUE(found);
    EXPECT_EQ(section(*found, SectionKey::responsible), "Steueramt");
    std::ostringstream exported;
    ASSERT_TRUE(export_xzufi(db(), {}, exported));
    EXPECT_NE(exported.str().find("bleibt</xzufi:neuesFeld>"), std::string::npos);
    EXPECT_EQ(exported.str().find("abmelden"), std::string::npos) << "removed by the second page";
    EXPECT_EQ(exported.str().find("halb"), std::string::npos) << "all of an answer or nothing";
}

// What cannot be used reaches the delivery all the same: as refused, and what is there stays.
TEST_P(ForeignFormatTest, WhatTheDeliveryServiceWrapsAndNobodyCanUseStaysAsItIs) {
    const auto deliver = [&](const std::string &xml) {
        put("1.json", json::serialize(json::object{{"xzufiObjekte", samples::transfer(xml)}}));
        const std::string file = directory_.path() + "/delivery.xml";
        const auto converted = convert_foreign(folder(), ForeignFormat::pvog_json, "BUS", file);
        EXPECT_TRUE(converted);
        EXPECT_TRUE(converted->unusable.empty());
        const DeliveryOptions options{.path = file, .source = "pvog", .complete = true};
        const auto staged = stage_delivery(db(), clock_, options);
        EXPECT_TRUE(staged);
        EXPECT_TRUE(apply_delivery(db(), clock_, staged->id, options));
        return *staged;
    };
    EXPECT_EQ(deliver(samples::office("7", "Steueramt") + samples::service("1", "Hund")).refused,
              0);
    const auto again = deliver(samples::office("7", "") + samples::service("1", "Hund"));
    EXPECT_EQ(again.refused, 1) << to_json(again);
    EXPECT_EQ(again.vanishing, 0);
    EXPECT_TRUE(again.changes.empty());
}

TEST_P(ForeignFormatTest, ReadsThePortalsTable) {
    put("t.csv", "ID-LB|Leikaschlüssel|Name|Name2|Updatedatum|ID-OD|Bezeichnung OD|Links\r\n"
                 "B1.LB.5|99008001012000|Ausweis Ausstellung|Ausweis beantragen|20.01.2025 00:48|"
                 "B1.OD.6|Portal|https://a.example/\r\n"
                 "B1.LB.5|99008001012000|Ausweis Ausstellung|Ausweis beantragen|20.01.2025 00:48|"
                 "B1.OD.7|Zweites|https://b.example/\r\nkaputt\r\n");
    const DeliveryReport report = import(ForeignFormat::pvog_csv);
    EXPECT_EQ(report.kinds[0].created, 1);
    EXPECT_EQ(unusable_, std::vector<std::string>{"t.csv: line 4"});
    std::vector<Reference> online;
    ASSERT_TRUE(db().read([&](storage::Connection &connection) -> Expected<void> {
        auto read = online_services_for(
            connection, ServiceId{object_id(ObjectKind::service, "B1", "5")}, kHere);
        if (!read) return tl::unexpected(read.error());
        online = *read;
        return {};
    }));
    EXPECT_EQ(online.size(), 2U);
}

TEST_P(ForeignFormatTest, ReadsTheStatePortalsAnswers) {
    put("a.json", kBusService);
    put("b.json", kBusOffice);
    put("c.json", kBusCompetence);
    const DeliveryReport report = import(ForeignFormat::bus_json);
    EXPECT_EQ(report.dangling, 0);
    EXPECT_EQ(unusable_, std::vector<std::string>{"c.json: competence of 78"});
    const auto id = object_id(ObjectKind::service, "BUS", "8664");
    const auto found = article(id, kHere);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->read_aloud, "Gefundenes gibt man ab.");
    EXPECT_EQ(section(*found, SectionKey::fee), "Aufbewahrung: 12,50\xC2\xA0\xE2\x82\xAC");
    EXPECT_EQ(section(*found, SectionKey::deadline), "Abholung: innerhalb von sechs Monaten");
    EXPECT_EQ(section(*found, SectionKey::contact), "Fundbüro, Telefon 0221 4710200");
    EXPECT_FALSE(article(id, MunicipalityId{32410019019})) << "nobody is competent there";
    ASSERT_TRUE(db().read([&](storage::Connection &connection) -> Expected<void> {
        const auto texts = public_texts(connection, ServiceId{id}, kHere);
        if (!texts) return tl::unexpected(texts.error());
        EXPECT_EQ(texts->size(), 1U) << "what is not public stays out";
        EXPECT_EQ(texts->front().html, "<p>In Langenhagen anders.</p>");
        const auto office =
            read_public_office(connection, object_id(ObjectKind::office, "BUS", "77"), kHere);
        if (!office) return tl::unexpected(office.error());
        EXPECT_EQ((*office)->addresses.front().type, "002");
        return {};
    }));
}

TEST_P(ForeignFormatTest, RefusesWhatHoldsNothing) {
    put("leer.json", "[]");
    const auto converted =
        convert_foreign(folder(), ForeignFormat::pvog_json, "", directory_.path() + "/d.xml");
    ASSERT_FALSE(converted);
    EXPECT_EQ(converted.error().code, "knowledge.delivery_empty");
    EXPECT_FALSE(convert_foreign(directory_.path() + "/fehlt", ForeignFormat::bus_json, "",
                                 directory_.path() + "/d.xml"));
    for (const char *bad : {"", "null", "[[[[[[[[[[[[]]]]]]]]]]]]", "{\"id\": \"a.LB.\"}",
                            R"({"id":"a.LB.1","name":1,"details":7})", R"({"textBlocks":1})",
                            R"({"addresses":[],"communicationSystems":{}})"}) {
        EXPECT_TRUE(read_foreign(bad, ForeignFormat::pvog_json, "x").objects.empty()) << bad;
        EXPECT_TRUE(read_foreign(bad, ForeignFormat::bus_json, "x").objects.empty()) << bad;
    }
}

// testdata/pvog: rows of the real table as they were answered, and a detail in which every member
// of a real one stands with texts of our own (README.md there). Or a folder of real answers.
TEST_P(ForeignFormatTest, ReadsAnswersAsThePortalGivesThem) {
    const char *real = std::getenv("FERNAMT_PVOG_ANSWERS"); // NOLINT: one thread
    const std::string answers = real ? real : FERNAMT_SOURCE_DIR "/src/knowledge/testdata/pvog";
    const std::string file = directory_.path() + "/d.xml";
    const auto take = [&](const std::string &name, ForeignFormat format) {
        const auto converted = convert_foreign(answers + "/" + name, format, "", file);
        EXPECT_TRUE(converted) << describe(converted.error());
        if (!converted) return std::int64_t{0};
        EXPECT_TRUE(converted->unusable.empty()) << converted->unusable.front();
        const DeliveryOptions options{.path = file};
        const auto staged = stage_delivery(db(), clock_, options);
        EXPECT_TRUE(staged) << describe(staged.error());
        if (!staged) return std::int64_t{0};
        EXPECT_EQ(staged->refused, 0) << to_json(*staged);
        EXPECT_TRUE(apply_delivery(db(), clock_, staged->id, options));
        return converted->objects;
    };
    const auto table = take("ars_000000000000.servicedescriptions-v5.csv", ForeignFormat::pvog_csv);
    // Services, online services, and who answers for which.
    if (real) {
        EXPECT_GT(table, 900);
    } else {
        EXPECT_EQ(table, 20 + 11 + 12);
    }
    const Service quoted = service("101984934");
    EXPECT_EQ(quoted.leika, "99148030080000");
    EXPECT_EQ(quoted.name, "Förderprogramm \"Energieeffizient Sanieren - Investitionszuschuss\" "
                           "Nr. 430 Gewährung");
    EXPECT_EQ(service("647144").colloquial, service("647144").name) << "none for citizens";

    const auto detail =
        take("B100019_LB_574711.servicedescription-v5.json", ForeignFormat::pvog_json);
    EXPECT_EQ(detail, 6) << "a service, an online service, four responsibilities";
    const auto found = article(object_id(ObjectKind::service, "B100019", "574711"), kHere);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->service.leika, "99007002017000");
    EXPECT_EQ(found->service.colloquial, "Ausbildungsgeld beantragen");
    for (const SectionKey key : {SectionKey::documents, SectionKey::fee, SectionKey::deadline})
        EXPECT_NE(section(*found, key), "");
}

FERNAMT_ON_EVERY_ENGINE(ForeignFormatTest);

} // namespace
} // namespace fernamt::knowledge
