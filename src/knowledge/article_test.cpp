// SPDX-License-Identifier: EUPL-1.2
// The article where several owners speak: a service, a specialisation with words or numbers, own
// texts, internal notes. A wrong fee told on the telephone is the worst that can stand here.
#include "knowledge/article.h"
#include "knowledge/local_text.h"
#include "knowledge/model.h"
#include "knowledge/public_view.h"
#include "knowledge/testing/imported_knowledge.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fernamt::knowledge {
namespace {

using testing::kFarAway;
using testing::kHere;
using testing::kThere;
constexpr LocalDate kToday{2026, 11, 22};
using Lines = std::vector<std::string>;

std::string fee_text(std::string_view text) {
    return fmt::format("<xzufi:modulKosten><xzufi:beschreibung languageCode=\"de\">{}"
                       "</xzufi:beschreibung></xzufi:modulKosten>",
                       text);
}
std::string fee_number(std::string_view amount) {
    return fmt::format("<xzufi:modulKosten><xzufi:kosten><xzufi:betrag>{}</xzufi:betrag>"
                       "<xzufi:waehrung><code>EUR</code></xzufi:waehrung></xzufi:kosten>"
                       "</xzufi:modulKosten>",
                       amount);
}
std::string period(std::string_view module, std::string_view element, int count,
                   std::string_view unit, std::string_view type = "001") {
    return fmt::format("<xzufi:{0}><xzufi:{1}><xzufi:typ><code>{4}</code></xzufi:typ><xzufi:dauer>"
                       "{2}</xzufi:dauer><xzufi:einheit><code>{3}</code></xzufi:einheit>"
                       "</xzufi:{1}></xzufi:{0}>",
                       module, element, count, unit, type);
}
std::string specialisation(std::string_view area, std::string_view modules) {
    return fmt::format(
        "<xzufi:schreibe><xzufi:spezialisierung><xzufi:id schemeAgencyID=\"L1\">s{0}</xzufi:id>"
        "<xzufi:leistungID schemeAgencyID=\"L1\">1</xzufi:leistungID><xzufi:gebietID>{0}"
        "</xzufi:gebietID>{1}</xzufi:spezialisierung></xzufi:schreibe>",
        area, modules);
}

class ArticleTest : public testing::ImportedKnowledge {
  protected:
    void service(const std::string &modules) {
        import(samples::service("1", "Eins", modules) + samples::office("7", "Amt") +
               samples::responsibility("9", "1", "7", "03241"));
    }
    std::optional<Article> article(MunicipalityId municipality,
                                   const KnowledgeReader &reader = {}) {
        std::optional<Article> found;
        EXPECT_TRUE(db().read([&](storage::Connection &connection) -> Expected<void> {
            auto read = read_article(connection, service_, municipality, kToday, reader);
            if (!read) return tl::unexpected(read.error());
            found = *read;
            return {};
        }));
        return found;
    }
    Lines lines(MunicipalityId municipality, SectionKey key) {
        const auto shown = article(municipality);
        if (!shown) return {"no article"};
        const auto found = std::ranges::find(shown->sections, key, &Section::key);
        return found == shown->sections.end() ? Lines{} : found->lines;
    }
    Lines notes(MunicipalityId municipality, const KnowledgeReader &reader) {
        Lines all;
        if (const auto shown = article(municipality, reader)) {
            for (const InternalNote &note : shown->internal)
                all.push_back(note.text);
        }
        return all;
    }
};
FERNAMT_ON_EVERY_ENGINE(ArticleTest);

TEST(LevelOfAdministration, IsWhoCarriesItOutByTheTypification) {
    using enum Administration;
    for (const auto &[code, level] : {std::pair{"1", std::optional(federation)},
                                      {"2a", land},
                                      {"2/3a", land},
                                      {"4a", land},
                                      {"2b", local},
                                      {"2/3b", local},
                                      {"4b", local},
                                      {"5", local},
                                      {"2", std::nullopt},
                                      {"2/3", std::nullopt},
                                      {"4", std::nullopt},
                                      {"6", std::nullopt},
                                      {"10", std::nullopt},
                                      {"11", std::nullopt},
                                      {"", std::nullopt}}) {
        EXPECT_EQ(level_of_typification(code), level) << code;
        EXPECT_EQ(level_there(code, std::nullopt), level) << code;
        EXPECT_EQ(level_there(code, AreaLevel::federation), level) << code;
    }
}

TEST(LevelOfAdministration, IsMoreExactWhereAnOfficeAnswersForAWholeArea) {
    using enum Administration;
    EXPECT_EQ(level_there("5", AreaLevel::municipality), local);
    EXPECT_EQ(level_there("2b", AreaLevel::district), district);
    EXPECT_EQ(level_there("2/3", AreaLevel::land), land);
    EXPECT_EQ(level_there("4b", AreaLevel::land), local);
    // An office of the Land may answer for one district, for one city.
    EXPECT_EQ(level_there("2/3", AreaLevel::district), std::nullopt);
    EXPECT_EQ(level_there("2", AreaLevel::municipality), std::nullopt);
    EXPECT_EQ(level_there("4a", AreaLevel::district), land);
    EXPECT_EQ(level_there("1", AreaLevel::municipality), federation);
    EXPECT_EQ(level_there("6", AreaLevel::land), std::nullopt);
    // Nobody's area says by itself whose office it is.
    for (const auto area : {AreaLevel::municipality, AreaLevel::association, AreaLevel::district,
                            AreaLevel::land, AreaLevel::federation})
        EXPECT_EQ(level_there("", area), std::nullopt);
}

TEST_P(ArticleTest, SaysWhichLevelCarriesItOut) {
    using enum Administration;
    const auto typed = [](const std::string &code) {
        return "<xzufi:typisierung><code>" + code + "</code></xzufi:typisierung>";
    };
    service(typed("2b")); // the office answers for the whole Region
    EXPECT_EQ(article(kHere)->level, district);
    service(typed("2a"));
    EXPECT_EQ(article(kHere)->level, land);
    service("");
    EXPECT_EQ(article(kHere)->level, std::nullopt);
    service(typed("2/3"));
    EXPECT_EQ(article(kHere)->level, std::nullopt);
    // One that has two towns for its areas may be anybody's.
    import(samples::service("1", "Eins") + samples::office("7", "Amt") +
           samples::responsibility("9", "1", "7", "032410010010") +
           samples::responsibility("10", "1", "7", "032410019019"));
    EXPECT_EQ(article(kHere)->level, std::nullopt);
    import(samples::service("1", "Eins", typed("5")));
    EXPECT_EQ(article(kHere)->level, local);
    EXPECT_EQ(article(kFarAway, {.centre = true})->level, local) << "nobody answers there";
}

TEST_P(ArticleTest, ANumericFeeOfASpecialisationStandsAboveTheCommonWords) {
    service(fee_text("37 Euro"));
    import(specialisation("032410010010", fee_number("12.50")));
    EXPECT_EQ(lines(kHere, SectionKey::fee), Lines{"12,50\xC2\xA0€"});
    EXPECT_EQ(lines(kThere, SectionKey::fee), Lines{"37 Euro"});
}

TEST_P(ArticleTest, WordsOfASpecialisationStandAboveTheCommonNumber) {
    service(fee_number("37.00"));
    import(specialisation("032410010010", fee_text("gebührenfrei")));
    EXPECT_EQ(lines(kHere, SectionKey::fee), Lines{"gebührenfrei"});
    EXPECT_EQ(lines(kThere, SectionKey::fee), Lines{"37,00\xC2\xA0€"});
}

TEST_P(ArticleTest, ASpecialisationWithoutAmountsKeepsTheServicesOwn) {
    service(fee_number("37.00") + period("modulFrist", "frist", 14, "TAG"));
    import(specialisation("032410010010", samples::module("08", "nichts")));
    EXPECT_EQ(lines(kHere, SectionKey::documents), Lines{"nichts"});
    EXPECT_EQ(lines(kHere, SectionKey::fee), Lines{"37,00\xC2\xA0€"});
    EXPECT_EQ(lines(kHere, SectionKey::deadline), Lines{"14 Tage"});
}

TEST_P(ArticleTest, EachKindIsReplacedByItself) {
    service(fee_number("37.00") + period("modulFrist", "frist", 14, "TAG") +
            period("modulBearbeitungsdauer", "bearbeitungsdauer", 3, "WOCHE"));
    import(specialisation("032410010010",
                          period("modulBearbeitungsdauer", "bearbeitungsdauer", 1, "MONAT")));
    EXPECT_EQ(lines(kHere, SectionKey::deadline), (Lines{"14 Tage", "Bearbeitungsdauer: 1 Monat"}));
    EXPECT_EQ(lines(kThere, SectionKey::deadline),
              (Lines{"14 Tage", "Bearbeitungsdauer: 3 Wochen"}));
}

TEST_P(ArticleTest, TheNearestSpecialisationSpeaksAlone) {
    service(fee_number("37.00"));
    import(specialisation("03241", fee_number("20.00")) +
           specialisation("032410010010", fee_number("12.50")));
    EXPECT_EQ(lines(kHere, SectionKey::fee), Lines{"12,50\xC2\xA0€"});
    EXPECT_EQ(lines(kThere, SectionKey::fee), Lines{"20,00\xC2\xA0€"});
}

TEST_P(ArticleTest, DeadlinesSayWhatTheyAre) {
    service(period("modulFrist", "frist", 1, "MONAT", "009") +
            "<xzufi:modulBearbeitungsdauer><xzufi:beschreibung languageCode=\"de\">2 Wochen"
            "</xzufi:beschreibung></xzufi:modulBearbeitungsdauer>");
    EXPECT_EQ(lines(kHere, SectionKey::deadline),
              (Lines{"Widerspruchsfrist: 1 Monat", "Bearbeitungsdauer: 2 Wochen"}));
}

TEST_P(ArticleTest, ANumberWithoutAKnownUnitIsNotTold) {
    service(period("modulFrist", "frist", 14, "MONDPHASE"));
    EXPECT_TRUE(lines(kHere, SectionKey::deadline).empty());
}

TEST_P(ArticleTest, PublicTextsFollowTheSameSpecialisation) {
    service(samples::module("06", "Allgemein") + samples::module("09", "Überall"));
    import(specialisation("032410010010", samples::module("06", "Nur hier")));
    EXPECT_TRUE(db().read([&](storage::Connection &connection) -> Expected<void> {
        const auto here = public_texts(connection, service_, kHere);
        if (!here) return tl::unexpected(here.error());
        EXPECT_EQ(here->size(), 2u);
        EXPECT_EQ(here->front().html, "Nur hier");
        EXPECT_EQ(here->back().html, "Überall");
        return {};
    }));
}

TEST_P(ArticleTest, InternalNotesAreForThoseWhoAnswerInItsName) { // R-67, docs/decisions/0016
    service(samples::module("08", "Ausweis"));
    ASSERT_TRUE(put_local_text(db(), clock_,
                               {.service = service_,
                                .municipality = kHere,
                                .section = SectionKey::contact,
                                .internal = true,
                                .lines = {"Frau Muster ist krank"}}));
    const Lines note{"Frau Muster ist krank"};
    EXPECT_EQ(notes(kHere, {.centre = true}), note);
    EXPECT_EQ(notes(kHere, {.municipality = kHere}), note);
    EXPECT_TRUE(notes(kHere, {.municipality = kThere}).empty());
    EXPECT_TRUE(notes(kHere, {}).empty());
    EXPECT_TRUE(notes(kThere, {.centre = true}).empty()); // not about a call for somebody else
    const auto shown = article(kHere, {.centre = true});
    EXPECT_EQ(shown->internal.front().section, SectionKey::contact);
    EXPECT_EQ(shown->internal.front().municipality, kHere);
    // Never among what is read to callers.
    for (const Section &section : shown->sections)
        EXPECT_EQ(std::ranges::find(section.lines, note.front()), section.lines.end());
}

TEST_P(ArticleTest, AnExpiredNoteAndADraftAreNotShown) {
    service("");
    ASSERT_TRUE(put_local_text(db(), clock_,
                               {.service = service_,
                                .municipality = kHere,
                                .section = SectionKey::contact,
                                .internal = true,
                                .lines = {"bis gestern"},
                                .expires_on = LocalDate{2026, 11, 21}}));
    ASSERT_TRUE(db().write([&](storage::Connection &connection) -> Expected<void> {
        const auto done = connection.run(
            "INSERT INTO knowledge_local_text (service, municipality, section, visibility, state, "
            "lines, expires_on) VALUES ($1, $2, 'fee', 'internal', 'draft', '[\"Entwurf\"]', '')",
            {service_.value, kHere.value});
        if (!done) return tl::unexpected(done.error());
        return {};
    }));
    EXPECT_TRUE(notes(kHere, {.centre = true}).empty());
}

TEST_P(ArticleTest, AnOfficesHintIsForTheServiceCentreAlone) { // F-13
    import(samples::service("1", "Eins") +
           samples::office("7", "Amt",
                           "<xzufi:informationServicecenter languageCode=\"de\">Nur nach 10 Uhr "
                           "durchstellen</xzufi:informationServicecenter>") +
           samples::responsibility("9", "1", "7", "03241"));
    EXPECT_EQ(notes(kHere, {.centre = true}), Lines{"Nur nach 10 Uhr durchstellen"});
    EXPECT_EQ(article(kHere, {.centre = true})->internal.front().office, "Amt");
    EXPECT_TRUE(notes(kHere, {.municipality = kHere}).empty());
    EXPECT_TRUE(notes(kHere, {}).empty());
}

TEST_P(ArticleTest, WhereNobodyAnswersWhoIsSignedInReadsWhatIsCommon) {
    service(samples::module("08", "Ausweis"));
    EXPECT_FALSE(article(kFarAway));
    const auto shown = article(kFarAway, {.centre = true});
    ASSERT_TRUE(shown);
    EXPECT_FALSE(shown->answered);
    EXPECT_EQ(shown->sections.front().lines, Lines{"Ausweis"});
    EXPECT_TRUE(article(kHere)->answered);
}

} // namespace
} // namespace fernamt::knowledge
