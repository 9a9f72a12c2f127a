// SPDX-License-Identifier: EUPL-1.2
// Own texts, and who may see them: as articles, as search documents and by themselves.
#include "knowledge/article.h"
#include "knowledge/local_text.h"
#include "knowledge/search_document.h"
#include "knowledge/testing/imported_knowledge.h"

#include <gtest/gtest.h>

#include <map>

namespace fernamt::knowledge {
namespace {

using testing::kHere;
using testing::kThere;
constexpr LocalDate kToday{2026, 11, 22};

class LocalTextTest : public testing::ImportedKnowledge {
  protected:
    void SetUp() override {
        import(samples::service("1", "Eins", samples::module("08", "Ausweis")) +
               samples::office("7", "Amt",
                               "<xzufi:kontaktperson><xzufi:familienname>Muster"
                               "</xzufi:familienname></xzufi:kontaktperson>") +
               samples::responsibility("9", "1", "7", "03241"));
    }
    std::map<std::string, SearchDocument> documents() {
        std::map<std::string, SearchDocument> all;
        const auto generation = each_search_document(db(), [&](const SearchDocument &document) {
            EXPECT_TRUE(all.emplace(document.id, document).second) << document.id;
            return true;
        });
        EXPECT_TRUE(generation);
        generation_ = generation.value_or(0);
        return all;
    }
    std::optional<Article> article(MunicipalityId municipality) {
        std::optional<Article> found;
        EXPECT_TRUE(db().read([&](storage::Connection &connection) -> Expected<void> {
            auto read = read_article(connection, service_, municipality, kToday);
            if (!read) return tl::unexpected(read.error());
            found = *read;
            return {};
        }));
        return found;
    }
    std::string all_text(const SearchDocument &document) {
        std::string text = document.title + document.short_text;
        for (const DocumentSection &section : document.sections)
            text += section.text;
        return text;
    }

    std::int64_t generation_ = 0;
};
FERNAMT_ON_EVERY_ENGINE(LocalTextTest);

TEST_P(LocalTextTest, DocumentsSayWhatThereIs) {
    const auto all = documents();
    ASSERT_EQ(all.size(), 3u); // service, office, person
    const SearchDocument &service = all.at(fmt::format("service/{}", service_.value));
    EXPECT_EQ(service.title, "Eins");
    EXPECT_EQ(service.keywords, std::vector<std::string>{"99102013104000"});
    ASSERT_EQ(service.sections.size(), 1u);
    EXPECT_EQ(service.sections[0], (DocumentSection{"documents", "Mitbringen", "Ausweis"}));
    EXPECT_EQ(service.answered_in, std::vector<AreaId>{AreaId{32410000000}});
    for (const auto &[id, document] : all) {
        EXPECT_FALSE(document.internal_to);
        if (document.kind == DocumentKind::person) {
            EXPECT_EQ(document.title, "Muster");
            EXPECT_EQ(document.areas, std::vector<AreaId>{AreaId{32410000000}});
        }
    }
}

TEST_P(LocalTextTest, WhatIsInternalStaysWithItsMunicipality) {
    const LocalText note{.service = service_,
                         .municipality = kHere,
                         .section = SectionKey::contact,
                         .internal = true,
                         .lines = {"Geheimnis"}};
    ASSERT_TRUE(put_local_text(db(), clock_, note));
    for (const MunicipalityId municipality : {kHere, kThere}) {
        const auto shown = article(municipality);
        ASSERT_TRUE(shown);
        for (const Section &section : shown->sections) {
            for (const std::string &line : section.lines) {
                EXPECT_EQ(line.find("Geheimnis"), std::string::npos);
            }
        }
    }
    for (const auto &[id, document] : documents()) {
        const std::string text = all_text(document);
        if (text.find("Geheimnis") != std::string::npos) {
            EXPECT_EQ(document.internal_to, kHere);
            EXPECT_TRUE(id.ends_with("!"));
        }
    }
}

TEST_P(LocalTextTest, CommonOwnTextReplacesTheDeliveredOneUntilAMunicipalityHasItsOwn) {
    LocalText text{.service = service_,
                   .municipality = kCommonText,
                   .section = SectionKey::documents,
                   .lines = {"Reisepass"}};
    ASSERT_TRUE(put_local_text(db(), clock_, text));
    const auto documents_line = [&](MunicipalityId municipality) {
        const auto shown = article(municipality);
        for (const Section &section : shown->sections) {
            if (section.key == SectionKey::documents) return section.lines.front();
        }
        return std::string();
    };
    EXPECT_EQ(documents_line(kHere), "Reisepass");
    const auto found = documents();
    const auto &main = found.at(fmt::format("service/{}", service_.value));
    EXPECT_EQ(main.sections,
              (std::vector{DocumentSection{"documents", "Mitbringen", "Reisepass"}}));
    EXPECT_FALSE(article(MunicipalityId{51240000000})); // common text makes nobody responsible
    text.municipality = kHere;
    text.lines = {"Nur hier"};
    ASSERT_TRUE(put_local_text(db(), clock_, text));
    EXPECT_EQ(documents_line(kHere), "Nur hier");
    EXPECT_EQ(documents_line(kThere), "Reisepass");
}

TEST_P(LocalTextTest, ChangesAreFoundByGeneration) {
    documents();
    const std::int64_t before = generation_;
    const auto changed_since = [&](std::int64_t since) {
        std::vector<std::string> seen;
        const auto now = each_changed_document(
            db(), since,
            [&](const std::string &id) {
                seen.push_back("-" + id);
                return true;
            },
            [&](const SearchDocument &document) {
                seen.push_back(document.id);
                return true;
            });
        EXPECT_TRUE(now);
        return seen;
    };
    EXPECT_TRUE(changed_since(before).empty());
    ASSERT_TRUE(put_telephone_text(db(), clock_,
                                   {.service = service_, .municipality = kHere, .text = "Satz."}));
    const std::string id = fmt::format("service/{}", service_.value);
    EXPECT_EQ(changed_since(before),
              (std::vector<std::string>{"-" + id, id, id + "@032410010010"}));
    EXPECT_EQ(knowledge_generation(db()), before + 1);
    import(samples::removal("Leistung", "1"));
    EXPECT_EQ(changed_since(before), std::vector<std::string>{"-" + id});
}

TEST_P(LocalTextTest, TextsAreCheckedAndGo) {
    TelephoneText text{.service = service_, .text = std::string(401, 'a')};
    EXPECT_EQ(put_telephone_text(db(), clock_, text).error().code, "knowledge.text_too_long");
    text.text = "Kommen Sie mit Ausweis.";
    ASSERT_TRUE(put_telephone_text(db(), clock_, text));
    EXPECT_EQ(article(kHere)->read_aloud, text.text);
    text.text.clear();
    ASSERT_TRUE(put_telephone_text(db(), clock_, text));
    EXPECT_NE(article(kHere)->read_aloud, "Kommen Sie mit Ausweis.");
    text.service = ServiceId{4711};
    text.text = "x";
    EXPECT_EQ(put_telephone_text(db(), clock_, text).error().code, "knowledge.not_found");
    LocalText local{
        .service = service_, .municipality = kCommonText, .internal = true, .lines = {"x"}};
    EXPECT_EQ(put_local_text(db(), clock_, local).error().code, "knowledge.text_invalid");
    local.internal = false;
    local.lines = {""};
    EXPECT_EQ(put_local_text(db(), clock_, local).error().code, "knowledge.text_invalid");
}

TEST_P(LocalTextTest, ASpecialisationReplacesModulesWhereItIsValid) {
    import("<xzufi:schreibe><xzufi:spezialisierung><xzufi:id schemeAgencyID=\"L1\">s1</xzufi:id>"
           "<xzufi:leistungID schemeAgencyID=\"L1\">1</xzufi:leistungID><xzufi:gebietID>"
           "032410010010</xzufi:gebietID>" +
           samples::module("08", "nichts") +
           "<xzufi:modulKosten><xzufi:kosten><xzufi:betrag>12.50</xzufi:betrag><xzufi:waehrung>"
           "<code>EUR</code></xzufi:waehrung></xzufi:kosten></xzufi:modulKosten>"
           "</xzufi:spezialisierung></xzufi:schreibe>");
    const auto lines = [&](MunicipalityId municipality, SectionKey key) {
        const auto shown = article(municipality);
        for (const Section &section : shown->sections) {
            if (section.key == key) return section.lines;
        }
        return std::vector<std::string>{};
    };
    EXPECT_EQ(lines(kHere, SectionKey::documents), std::vector<std::string>{"nichts"});
    EXPECT_EQ(lines(kThere, SectionKey::documents), std::vector<std::string>{"Ausweis"});
    EXPECT_EQ(lines(kHere, SectionKey::fee), std::vector<std::string>{"12,50\xC2\xA0€"});
    EXPECT_TRUE(lines(kThere, SectionKey::fee).empty());
    EXPECT_FALSE(article(MunicipalityId{51240000000})); // nobody answers there
}

TEST(FirstSentencesTest, CutsBetweenSentences) {
    EXPECT_EQ(first_sentences("Kurz."), "Kurz.");
    EXPECT_EQ(first_sentences("Ein Satz hier. Noch einer folgt. Und ein dritter.", 35),
              "Ein Satz hier. Noch einer folgt.");
    EXPECT_EQ(first_sentences("Nach dem Stand vom 1. Januar gilt das Gesetz immer noch", 40),
              "Nach dem Stand vom 1. Januar gilt das …");
    EXPECT_EQ(first_sentences("üüüüüüüüüü", 5), "üü …");
}

} // namespace
} // namespace fernamt::knowledge
