// SPDX-License-Identifier: EUPL-1.2
// Synonyms that editors enter: who may, what is refused, and that a search that stands open knows
// them, for whom they were meant, and forgets them again.
#include "knowledge/search_engine.h"
#include "knowledge/synonym_rules.h"
#include "knowledge/testing/editors.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fernamt::knowledge {
namespace {

using namespace testing;

TEST(SynonymEntries, AreUnderstoodAsTheShippedList) {
    const auto shipped = shipped_synonyms();
    EXPECT_NE(
        std::ranges::find(shipped, SynonymEntry{{"pin", "geheimnummer", "geheimzahl"}, {}, true}),
        shipped.end());
    EXPECT_NE(
        std::ranges::find(shipped, SynonymEntry{{"lappen weg"}, {"führerschein verloren"}, false}),
        shipped.end());
    // Stop words never count, neither in a question nor in a document's name.
    const Synonyms &known = Analyser::german().synonyms();
    const auto *outing = known.find(stem("klassenfahrt"));
    ASSERT_TRUE(outing);
    EXPECT_TRUE(std::ranges::count(*outing, std::vector{stem("bildung"), stem("teilhabe")}));

    const Synonyms made = Analyser::german().synonyms_of(
        {{{"die blaue Karte"}, {"Parkausweis"}, false}, {{"Stütze"}, {"Hilfe in Wedemark"}, true}});
    const std::string said = stem("blau") + " " + stem("kart");
    ASSERT_TRUE(made.find(said));
    EXPECT_EQ(*made.find(said), (Synonyms::Expansions{{stem("parkausweis")}}));
    EXPECT_FALSE(made.find(stem("parkausweis"))) << "one way only";
    ASSERT_TRUE(made.find(stem("stutze")));
    EXPECT_EQ(made.find(stem("stutze"))->front(),
              (std::vector<std::string>{stem("hilfe"), "wedemark"}))
        << "names of places are never stemmed";
    EXPECT_TRUE(made.find(stem("hilfe") + " wedemark"));
    EXPECT_FALSE(std::ranges::binary_search(made.keys, "wedemark"));
}

class SynonymRulesTest : public storage::testing::DatabaseTest {
  protected:
    void SetUp() override { clock_.set(to_instant({2026, 11, 23}, 9 * 3600)); }

    SynonymAudit noted() {
        return [this](storage::Connection &, std::string_view action, std::int64_t subject,
                      const std::vector<std::string> &fields) -> Expected<void> {
            audit_ = std::string(action) + " " + std::to_string(subject);
            for (const std::string &field : fields)
                audit_ += " " + field;
            return {};
        };
    }
    SynonymRules rules() { return {db(), clock_}; }
    Expected<SynonymRule> add(const Editor &editor, const std::string &said,
                              const std::string &meant, MunicipalityId municipality = kCommonText,
                              bool both_ways = false) {
        return rules().add(editor, {municipality, {{said}, {meant}, both_ways}}, noted());
    }
    std::vector<std::string> said(const Editor &editor) {
        const auto all = rules().all(editor);
        EXPECT_TRUE(all);
        std::vector<std::string> found;
        for (const SynonymRule &rule : all.value_or(std::vector<SynonymRule>{}))
            found.push_back(rule.synonym.words.said.front());
        return found;
    }
    using Words = std::vector<std::string>;

    ManualClock clock_;
    std::string audit_;
};

TEST_P(SynonymRulesTest, AreEnteredChangedRemovedAndTakenBack) {
    const auto made = rules().add(
        kHereEditor,
        {kLangenhagen, {{" Blaue Karte ", "Blaue Karte", "KiKi"}, {"Parkausweis"}, false}},
        noted());
    ASSERT_TRUE(made) << describe(made.error());
    EXPECT_EQ(made->synonym.words.said, (Words{"Blaue Karte", "KiKi"}));
    EXPECT_EQ(made->version, 1);
    EXPECT_EQ(audit_, "synonym.added 1");
    clock_.set(clock_.now() + 60s);
    const SynonymEntry wanted{{"Blaue Karte"}, {"Parkausweis", "Schwerbehinderte"}, true};
    const auto changed = rules().change(kCentreEditor, 1, 1, wanted, noted());
    ASSERT_TRUE(changed) << describe(changed.error());
    EXPECT_EQ(audit_, "synonym.changed 1 said meant both_ways");
    EXPECT_EQ(changed->synonym, (PlacedSynonym{kLangenhagen, wanted}));
    EXPECT_EQ(rules().all(kHereEditor), std::vector{*changed});
    EXPECT_EQ(standing_synonyms(db()), std::vector{changed->synonym});
    // Of two who change it at once one wins and the other reads first.
    EXPECT_EQ(rules().change(kHereEditor, 1, 1, wanted, noted()).error(),
              (Problem{ProblemKind::stale, "synonym.stale", {{"version", "2"}}}));
    EXPECT_EQ(code_of(rules().remove(kHereEditor, 1, 1, noted())), "synonym.stale");

    const auto removed = rules().remove(kHereEditor, 1, 2, noted());
    ASSERT_TRUE(removed);
    EXPECT_EQ(audit_, "synonym.removed 1");
    EXPECT_TRUE(standing_synonyms(db())->empty());
    EXPECT_EQ(code_of(rules().change(kHereEditor, 1, 3, wanted, noted())), "synonym.removed");
    EXPECT_EQ(code_of(rules().remove(kHereEditor, 1, 3, noted())), "synonym.removed");
    const auto back = rules().restore(kCentreEditor, 1, 3, noted());
    ASSERT_TRUE(back);
    EXPECT_EQ(audit_, "synonym.restored 1");
    EXPECT_EQ(standing_synonyms(db()), std::vector{changed->synonym});
    // Entered again meanwhile: the way back is closed.
    ASSERT_TRUE(rules().remove(kHereEditor, 1, 4, noted()));
    ASSERT_TRUE(rules().add(kHereEditor, {kLangenhagen, wanted}, noted()));
    EXPECT_EQ(code_of(rules().restore(kHereEditor, 1, 5, noted())), "synonym.taken");
}

TEST_P(SynonymRulesTest, ATownsEditorsChangeTheirOwnOnly) {
    ASSERT_TRUE(add(kCentreEditor, "Haus", "Amt"));
    ASSERT_TRUE(add(kHereEditor, "Dorf", "Amt", kLangenhagen));
    ASSERT_TRUE(add(kCentreEditor, "Wald", "Amt", kWedemark));
    EXPECT_EQ(said(kCentreEditor), (Words{"Wald", "Dorf", "Haus"}));
    EXPECT_EQ(said(kHereEditor), (Words{"Dorf", "Haus"}));
    EXPECT_EQ(said(kThereEditor), (Words{"Wald", "Haus"}));
    const SynonymEntry wanted{{"a1"}, {"b1"}, false};
    EXPECT_EQ(code_of(add(kHereEditor, "Stein", "Amt")), "synonym.centre_only");
    EXPECT_EQ(code_of(add(kHereEditor, "Stein", "Amt", kWedemark)), "municipality.not_found");
    for (const auto &[id, code] : {std::pair{1, "synonym.centre_only"},
                                   {3, "synonym.not_found"},
                                   {9, "synonym.not_found"}}) {
        EXPECT_EQ(code_of(rules().change(kHereEditor, id, 1, wanted, noted())), code) << id;
        EXPECT_EQ(code_of(rules().remove(kHereEditor, id, 1, noted())), code) << id;
        EXPECT_EQ(code_of(rules().restore(kHereEditor, id, 1, noted())), code) << id;
    }
    EXPECT_EQ(said(kCentreEditor), (Words{"Wald", "Dorf", "Haus"}));
}

TEST_P(SynonymRulesTest, RefuseWhatNoQuestionCouldMatch) {
    const auto field = [&](const std::vector<std::string> &said,
                           const std::vector<std::string> &meant) -> std::string {
        const auto made = rules().add(kCentreEditor, {kCommonText, {said, meant, false}}, noted());
        if (made) return "";
        EXPECT_EQ(made.error().code, "synonym.words");
        return made.error().arguments.front().second;
    };
    EXPECT_EQ(field({"was ist denn die blaue Karte"}, {"Ausweis"}), "") << "stop words not counted";
    EXPECT_EQ(field({"eins zwei drei vier"}, {"Ausweis"}), "said");
    EXPECT_EQ(field({"wer ist das"}, {"Ausweis"}), "said");
    EXPECT_EQ(field({}, {"Ausweis"}), "said");
    EXPECT_EQ(field({" "}, {"Ausweis"}), "said");
    EXPECT_EQ(field({"Karte, blau"}, {"Ausweis"}), "said");
    EXPECT_EQ(field({"Karte"}, {"\xff\xfe"}), "meant");
    EXPECT_EQ(field({"Karte"}, {std::string(101, 'a')}), "meant");
    EXPECT_EQ(field({"Karte"}, {}), "meant");
    EXPECT_EQ(field({"Karte"}, {"Karte"}), "meant");
    EXPECT_EQ(field({"Karte"}, {"a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "b1", "b2"}),
              "meant");
    ASSERT_TRUE(add(kCentreEditor, "Karte", "Ausweis"));
    EXPECT_EQ(code_of(add(kCentreEditor, "Karte", "Ausweis")), "synonym.taken");
    EXPECT_TRUE(add(kCentreEditor, "Karte", "Ausweis", kLangenhagen)) << "elsewhere it may stand";
    EXPECT_TRUE(add(kCentreEditor, "Karte", "Pass"));
    for (std::size_t i = 1; i < kMostSynonyms; ++i) {
        ASSERT_TRUE(add(kThereEditor, "Wort" + std::to_string(i), "Amt", kWedemark));
    }
    ASSERT_TRUE(add(kThereEditor, "letztes", "Amt", kWedemark));
    EXPECT_EQ(code_of(add(kThereEditor, "Dorfplatz", "Amt", kWedemark)), "synonym.too_many");
}

// ---- what the search makes of them ------------------------------------------------------------

class SynonymsInTheSearch : public SynonymRulesTest {
  protected:
    void SetUp() override {
        SynonymRulesTest::SetUp();
        DocumentSource source = database_documents(db());
        source.all = [this](const DocumentSink &sink) -> Expected<std::int64_t> {
            ++full_reads_;
            const auto put = [&](std::int64_t id, const std::string &title) {
                sink({.id = "service/" + std::to_string(id),
                      .subject = id,
                      .title = title,
                      .official_title = {},
                      .short_text = {},
                      .sections = {},
                      .synonyms = {},
                      .keywords = {}});
            };
            put(1, "Kinderfest anmelden");
            put(2, "Gartenabfall abgeben");
            put(3, "Bibliothek");
            return *knowledge_generation(db());
        };
        source.synonyms = [this,
                           stored = source.synonyms]() -> Expected<std::vector<PlacedSynonym>> {
            if (silent_) return fail(ProblemKind::unavailable, "storage.busy");
            return stored();
        };
        auto opened = SearchEngine::open(source, directory_.path() + "/search");
        ASSERT_TRUE(opened) << describe(opened.error());
        engine_ = std::move(*opened);
    }
    // What is found first and why: "Bibliothek synonym".
    std::string first(std::string_view text, std::optional<MunicipalityId> municipality = {}) {
        EXPECT_TRUE(engine_->refresh());
        const auto found = engine_->search({.text = text, .municipality = municipality});
        if (!found) return describe(found.error());
        if (found->hits.empty()) return "";
        const Why &why = found->hits.front().why.front();
        EXPECT_EQ(why.said, text.substr(0, text.find_last_not_of(' ') + 1));
        return why.found + " " + std::string(to_string(why.kind));
    }

    storage::testing::TemporaryDirectory directory_;
    int full_reads_ = 0;
    bool silent_ = false; // the database does not answer for a moment
    std::unique_ptr<SearchEngine> engine_;
};

TEST_P(SynonymsInTheSearch, AreKnownWithoutARestartAndSaySo) {
    EXPECT_EQ(first("Wuselei "), "");
    ASSERT_TRUE(add(kCentreEditor, "Wuselei", "Kinderfest"));
    EXPECT_EQ(first("Wuselei "), "Kinderfest synonym");
    EXPECT_EQ(first("Wuselei ", kWedemark), "Kinderfest synonym");
    EXPECT_EQ(first("wuesele"), "Kinderfest beginning") << "unfinished";
    EXPECT_EQ(first("Wusselei "), "Kinderfest typing_error");
    ASSERT_TRUE(rules().change(kCentreEditor, 1, 1, {{"Wuselei"}, {"Bibliothek"}, true}, noted()));
    EXPECT_EQ(first("Wuselei "), "Bibliothek synonym");
    ASSERT_TRUE(rules().remove(kCentreEditor, 1, 2, noted()));
    EXPECT_EQ(first("Wuselei "), "");
    ASSERT_TRUE(rules().restore(kCentreEditor, 1, 3, noted()));
    EXPECT_EQ(first("Wuselei "), "Bibliothek synonym");
    ASSERT_TRUE(add(kCentreEditor, "grüne Kiste", "Gartenabfall"));
    EXPECT_EQ(first("grüne Kiste "), "Gartenabfall synonym");
    EXPECT_EQ(full_reads_, 1) << "no document was read again for it";
}

TEST_P(SynonymsInTheSearch, ThatCannotBeReadForAMomentDoNotCostTheIndex) {
    ASSERT_TRUE(add(kCentreEditor, "Wuselei", "Kinderfest"));
    silent_ = true;
    EXPECT_EQ(code_of(engine_->refresh()), "storage.busy");
    silent_ = false;
    EXPECT_EQ(first("Wuselei "), "Kinderfest synonym");
    EXPECT_EQ(full_reads_, 1);
}

TEST_P(SynonymsInTheSearch, ATownsWordsAreForQuestionsAboutItAlone) {
    ASSERT_TRUE(add(kHereEditor, "Wuselei", "Kinderfest", kLangenhagen));
    EXPECT_EQ(first("Wuselei ", kLangenhagen), "Kinderfest synonym");
    EXPECT_EQ(first("Wusselei ", kLangenhagen), "Kinderfest typing_error");
    EXPECT_EQ(first("Wusele", kLangenhagen), "Kinderfest beginning");
    for (const char *words : {"Wuselei ", "Wusselei ", "Wusele"}) {
        EXPECT_EQ(first(words, kWedemark), "") << words;
        EXPECT_EQ(first(words), "") << words;
    }
    // Each town means its own by the same word.
    ASSERT_TRUE(add(kThereEditor, "Wuselei", "Bibliothek", kWedemark));
    EXPECT_EQ(first("Wuselei ", kWedemark), "Bibliothek synonym");
    EXPECT_EQ(first("Wuselei ", kLangenhagen), "Kinderfest synonym");
}

FERNAMT_ON_EVERY_ENGINE(SynonymRulesTest);
FERNAMT_ON_EVERY_ENGINE(SynonymsInTheSearch);

} // namespace
} // namespace fernamt::knowledge
