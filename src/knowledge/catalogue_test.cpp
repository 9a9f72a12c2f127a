// SPDX-License-Identifier: EUPL-1.2
// The search as the desk asks it, from the database to the hits: what is answered here first, what
// is only valid here below, each with the sentence that holds here, and nothing for who may not
// read it. Changes around a service (who answers, where it is special) reach the index by
// themselves.
#include "knowledge/local_text.h"
#include "knowledge/public_view.h"
#include "knowledge/search.h"
#include "knowledge/testing/imported_knowledge.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fernamt::knowledge {
namespace {

using testing::kFarAway;
using testing::kHere;
using testing::kThere;
constexpr LocalDate kToday{2026, 11, 22};
using Names = std::vector<std::string>;

std::string specialisation(std::string_view id, std::string_view service, std::string_view area,
                           std::string_view modules) {
    return fmt::format(
        "<xzufi:schreibe><xzufi:spezialisierung><xzufi:id schemeAgencyID=\"L1\">{}</xzufi:id>"
        "<xzufi:leistungID schemeAgencyID=\"L1\">{}</xzufi:leistungID><xzufi:gebietID>{}"
        "</xzufi:gebietID>{}</xzufi:spezialisierung></xzufi:schreibe>",
        id, service, area, modules);
}

class CatalogueTest : public testing::ImportedKnowledge {
  protected:
    void import(const std::string &body) {
        ImportedKnowledge::import(body);
        if (!catalogue_) return;
        ASSERT_TRUE(catalogue_->refresh());
    }
    void load() {
        auto loaded = Catalogue::load(db(), directory_.path() + "/search");
        ASSERT_TRUE(loaded) << describe(loaded.error());
        catalogue_ = std::move(*loaded);
    }
    SearchResult search(const CatalogueQuestion &question) {
        auto result = catalogue_->search(question);
        EXPECT_TRUE(result);
        return result.value_or(SearchResult{});
    }
    // By an agent of the centre.
    SearchResult at(MunicipalityId municipality, std::string_view text, std::int64_t limit = 20) {
        return search({.text = text,
                       .municipality = municipality,
                       .today = kToday,
                       .limit = limit,
                       .reader = {.centre = true},
                       .neighbours = true,
                       .unanswered = true});
    }
    static Names names(const SearchResult &result) {
        Names all;
        for (const SearchHit &hit : result.items)
            all.push_back(hit.service.colloquial);
        return all;
    }
    static ServiceId id_of(std::string_view local) {
        return ServiceId{object_id(ObjectKind::service, "L1", local)};
    }

    std::unique_ptr<Catalogue> catalogue_;
};
FERNAMT_ON_EVERY_ENGINE(CatalogueTest);

TEST_P(CatalogueTest, WhatIsAnsweredHereStandsAboveAHundredBetterNames) {
    std::string body = samples::office("7", "Amt");
    for (int i = 100; i < 200; ++i) {
        body += samples::service(fmt::format("{}", i), "Laubsack");
        body += samples::responsibility(fmt::format("z{}", i), fmt::format("{}", i), "7",
                                        "051240000000");
    }
    body += samples::service("1", "Grünabfall und Laubsack abholen lassen") +
            samples::responsibility("z1", "1", "7", "032410010010");
    import(body);
    load();
    const auto found = at(kHere, "laubsack", 5);
    ASSERT_EQ(found.items.size(), 5u);
    EXPECT_EQ(found.items[0].service.id, id_of("1"));
    EXPECT_TRUE(found.items[0].answered);
    for (std::size_t i = 1; i < found.items.size(); ++i)
        EXPECT_FALSE(found.items[i].answered);
    // Who does not ask for what nobody answers does not get it.
    const auto only = search({.text = "laubsack", .municipality = kHere, .today = kToday});
    EXPECT_EQ(names(only), Names{"Grünabfall und Laubsack abholen lassen"});
    EXPECT_EQ(only.total, 1);
}

TEST_P(CatalogueTest, ASpecialisationAloneAnswers) {
    import(samples::service("1", "Hundemarke") +
           specialisation("s1", "1", "032410010010", samples::module("06", "Nur hier")));
    load();
    EXPECT_TRUE(at(kHere, "hundemarke").items.at(0).answered);
    EXPECT_EQ(search({.text = "", .municipality = kHere, .today = kToday}).total, 1);
    EXPECT_FALSE(at(kFarAway, "hundemarke").items.at(0).answered);
    EXPECT_TRUE(catalogue_->article(id_of("1"), kHere, kToday));
}

TEST_P(CatalogueTest, WhatNobodyAnswersIsFoundMarkedAndOpens) {
    import(samples::service("1", "Fischereischein"));
    load();
    const auto found = at(kHere, "fischereischein");
    ASSERT_EQ(found.items.size(), 1u);
    EXPECT_FALSE(found.items[0].answered);
    EXPECT_FALSE(found.items[0].neighbour);
    EXPECT_TRUE(catalogue_->article(id_of("1"), kHere, kToday, {.centre = true}));
    EXPECT_FALSE(catalogue_->article(id_of("1"), kHere, kToday));
}

TEST_P(CatalogueTest, OfAnotherLandIsNotEvenValid) {
    import(samples::service("1", "Fischereischein",
                            "<xzufi:gueltigkeitGebietID>09</xzufi:gueltigkeitGebietID>"));
    load();
    EXPECT_TRUE(at(kHere, "fischereischein").items.empty());
}

TEST_P(CatalogueTest, NeighboursStandBelowAndAboveWhatNobodyAnswers) {
    import(samples::service("1", "Laubsack") + samples::service("2", "Laubsack bestellen") +
           samples::service("3", "Laubsack abholen lassen") + samples::office("7", "Amt") +
           samples::responsibility("z2", "2", "7", "032410019019") +
           samples::responsibility("z3", "3", "7", "032410010010"));
    load();
    const auto found = at(kHere, "laubsack");
    EXPECT_EQ(names(found), (Names{"Laubsack abholen lassen", "Laubsack bestellen", "Laubsack"}));
    EXPECT_FALSE(found.items.at(0).neighbour);
    EXPECT_EQ(found.items.at(1).neighbour, kThere);
    EXPECT_TRUE(found.items.at(1).answered);
    EXPECT_FALSE(found.items.at(2).answered);
}

TEST_P(CatalogueTest, ResponsibilitiesReachTheIndexByThemselves) {
    import(samples::service("1", "Laubsack") + samples::office("7", "Amt"));
    load();
    EXPECT_FALSE(at(kHere, "laubsack").items.at(0).answered);
    import(samples::responsibility("z1", "1", "7", "032410010010"));
    EXPECT_TRUE(at(kHere, "laubsack").items.at(0).answered);
    import(samples::responsibility("z1", "1", "7", "051240000000"));
    EXPECT_FALSE(at(kHere, "laubsack").items.at(0).answered);
    EXPECT_TRUE(at(kFarAway, "laubsack").items.at(0).answered);
    import(samples::removal("Zustaendigkeit", "z1"));
    EXPECT_FALSE(at(kFarAway, "laubsack").items.at(0).answered);
}

TEST_P(CatalogueTest, SpecialisationsAreFoundByTheirTextWhereTheyHold) {
    import(samples::service("1", "Hundemarke") + samples::office("7", "Amt") +
           samples::responsibility("z1", "1", "7", "03241"));
    load();
    EXPECT_TRUE(at(kHere, "blechdose").items.empty());
    import(specialisation("s1", "1", "032410010010",
                          samples::module("06", "Die Marke liegt in der Blechdose.")));
    EXPECT_EQ(names(at(kHere, "blechdose")), Names{"Hundemarke"});
    EXPECT_TRUE(
        search({.text = "blechdose", .municipality = kThere, .today = kToday}).items.empty());
    import(specialisation("s1", "1", "032410010010", samples::module("06", "Jetzt im Karton.")));
    EXPECT_TRUE(at(kHere, "blechdose").items.empty());
    EXPECT_EQ(names(at(kHere, "karton")), Names{"Hundemarke"});
    import(samples::removal("LeistungSpezialisierung", "s1"));
    EXPECT_TRUE(at(kHere, "karton").items.empty());
}

TEST_P(CatalogueTest, HitsSayTheSentenceThatHoldsHere) {
    import(samples::service("1", "Hundemarke", samples::module("05", "Für alle.")) +
           samples::office("7", "Amt") + samples::responsibility("z1", "1", "7", "03241") +
           specialisation("s1", "1", "032410010010", samples::module("05", "Im Ort.")));
    load();
    const auto sentence = [&](MunicipalityId municipality, const LocalDate &today) {
        const auto found =
            search({.text = "hundemarke", .municipality = municipality, .today = today});
        const auto article = catalogue_->article(id_of("1"), municipality, today);
        EXPECT_EQ(found.items.at(0).service.short_answer, article->read_aloud);
        return found.items.at(0).service.short_answer;
    };
    EXPECT_EQ(sentence(kThere, kToday), "Für alle.");
    EXPECT_EQ(sentence(kHere, kToday), "Im Ort.");
    const auto put = [&](MunicipalityId municipality, const char *text) {
        ASSERT_TRUE(put_telephone_text(db(), clock_,
                                       {.service = id_of("1"),
                                        .municipality = municipality,
                                        .text = text,
                                        .expires_on = kToday}));
        ASSERT_TRUE(catalogue_->refresh());
    };
    put(kCommonText, "Am Telefon.");
    EXPECT_EQ(sentence(kThere, kToday), "Am Telefon.");
    put(kHere, "Am Telefon hier.");
    EXPECT_EQ(sentence(kHere, kToday), "Am Telefon hier.");
    EXPECT_EQ(sentence(kThere, kToday), "Am Telefon.");
    const LocalDate tomorrow = add_days(kToday, 1); // both have expired, nothing was changed
    EXPECT_EQ(sentence(kHere, tomorrow), "Im Ort.");
    EXPECT_EQ(sentence(kThere, tomorrow), "Für alle.");
}

TEST_P(CatalogueTest, InternalNotesAreFoundByThoseWhoMayReadThem) { // part 10
    import(samples::service("1", "Hundemarke") + samples::office("7", "Amt") +
           samples::responsibility("z1", "1", "7", "03241"));
    ASSERT_TRUE(put_local_text(db(), clock_,
                               {.service = id_of("1"),
                                .municipality = kHere,
                                .section = SectionKey::contact,
                                .internal = true,
                                .lines = {"Blechdose im Schrank"}}));
    load();
    const auto found = [&](std::optional<MunicipalityId> municipality,
                           const KnowledgeReader &reader) {
        const auto result = search({.text = "blechdose",
                                    .municipality = municipality,
                                    .today = kToday,
                                    .reader = reader,
                                    .neighbours = true,
                                    .unanswered = true});
        return !result.items.empty() && result.items.front().internal;
    };
    EXPECT_TRUE(found(kHere, {.centre = true}));
    EXPECT_TRUE(found(kHere, {.municipality = kHere}));
    EXPECT_FALSE(found(kHere, {}));
    EXPECT_FALSE(found(kHere, {.municipality = kThere}));
    EXPECT_FALSE(found(kThere, {.centre = true}));
    EXPECT_FALSE(found(kThere, {.municipality = kThere}));
    EXPECT_FALSE(found(std::nullopt, {.centre = true}));
    EXPECT_FALSE(found(std::nullopt, {}));
}

TEST_P(CatalogueTest, OfficesAndPeopleComeBesideWhenAskedFor) {
    import(samples::service("1", "Hundemarke") +
           samples::office("7", "Ordnungsamt",
                           "<xzufi:kommunikation><xzufi:kanal><code>02</code></xzufi:kanal>"
                           "<xzufi:kennung>+49 511 1</xzufi:kennung></xzufi:kommunikation>"
                           "<xzufi:kontaktperson><xzufi:familienname>Wiesenkraut"
                           "</xzufi:familienname><xzufi:position>Leitung</xzufi:position>"
                           "</xzufi:kontaktperson>") +
           samples::responsibility("z1", "1", "7", "032410010010"));
    load();
    const auto beside = [&](MunicipalityId municipality, std::string_view text,
                            std::vector<DocumentKind> kinds) {
        return search({.text = text,
                       .municipality = municipality,
                       .today = kToday,
                       .beside = std::move(kinds)})
            .beside;
    };
    const auto office = beside(kHere, "ordnungsamt", {DocumentKind::office});
    ASSERT_EQ(office.size(), 1u);
    EXPECT_EQ(office[0].title, "Ordnungsamt");
    EXPECT_EQ(office[0].telephone, "+49 511 1");
    const auto person = beside(kHere, "wiesenkraut", {DocumentKind::office, DocumentKind::person});
    ASSERT_EQ(person.size(), 1u);
    EXPECT_EQ(person[0].kind, DocumentKind::person);
    EXPECT_EQ(person[0].text.substr(person[0].text.size() - 11), "Ordnungsamt");
    EXPECT_FALSE(person[0].why.empty());
    EXPECT_TRUE(beside(kHere, "wiesenkraut", {DocumentKind::office}).empty());
    EXPECT_TRUE(beside(kFarAway, "ordnungsamt", {DocumentKind::office}).empty());
    EXPECT_TRUE(search({.text = "ordnungsamt", .municipality = kHere, .today = kToday})
                    .items.empty()); // not among the services
}

TEST_P(CatalogueTest, AnArticleOfTwoMegabytesIsFoundListedAndShown) {
    std::string text;
    while (text.size() < 2'000'000)
        text += "Ein Absatz von vielen. ";
    import(samples::service("1", "Hundemarke", samples::module("06", text + "Blechdose am Ende")) +
           samples::office("7", "Amt") + samples::responsibility("z1", "1", "7", "03241"));
    load();
    EXPECT_EQ(names(at(kHere, "hundemarke")), Names{"Hundemarke"});
    EXPECT_LE(at(kHere, "hundemarke").items.at(0).service.short_answer.size(), 310u);
    const auto article = catalogue_->article(id_of("1"), kHere, kToday);
    ASSERT_TRUE(article);
    EXPECT_LE(article->read_aloud.size(), 310u);
    EXPECT_TRUE(db().read([&](storage::Connection &connection) -> Expected<void> {
        const auto texts = public_texts(connection, id_of("1"), kHere); // the citizens' page
        if (!texts) return tl::unexpected(texts.error());
        EXPECT_EQ(texts->size(), 1u);
        EXPECT_TRUE(texts->front().html.ends_with("Blechdose am Ende"));
        return {};
    }));
}

} // namespace
} // namespace fernamt::knowledge
