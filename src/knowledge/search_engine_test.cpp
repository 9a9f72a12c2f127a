// SPDX-License-Identifier: EUPL-1.2
// The engine over documents made for each test: who may find what, where it is valid, why it was
// found, and that the index repairs itself.
#include "knowledge/index_terms.h"
#include "knowledge/search_engine.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <thread>

namespace fernamt::knowledge {
namespace {

namespace fs = std::filesystem;

constexpr MunicipalityId kLangenhagen{32410010010};
constexpr MunicipalityId kWedemark{32410019019};
constexpr MunicipalityId kRegion{32410000000};
constexpr MunicipalityId kLand{30000000000};
constexpr MunicipalityId kSoest{59740040040};

// Knowledge that changes: what the database is to the engine.
struct Shelf {
    std::map<std::string, SearchDocument> documents;
    std::vector<std::pair<std::int64_t, std::string>> changes; // generation, subject
    std::int64_t generation = 1;
    int full_reads = 0;

    void put(SearchDocument document) {
        changes.emplace_back(++generation, std::string(subject_of(document.id)));
        documents[document.id] = std::move(document);
    }
    void remove(const std::string &id) {
        changes.emplace_back(++generation, std::string(subject_of(id)));
        documents.erase(id);
    }
    DocumentSource source() {
        return {.all = [this](const DocumentSink &sink) -> Expected<std::int64_t> {
                    ++full_reads;
                    for (const auto &[id, document] : documents) {
                        if (!sink(document)) break;
                    }
                    return generation;
                },
                .changed = [this](std::int64_t since, const RemovalSink &removed,
                                  const DocumentSink &sink) -> Expected<std::int64_t> {
                    std::set<std::string> subjects;
                    for (const auto &[at, subject] : changes) {
                        if (at > since) subjects.insert(subject);
                    }
                    for (const std::string &subject : subjects) {
                        removed(subject);
                        for (const auto &[id, document] : documents) {
                            if (subject_of(id) == subject) sink(document);
                        }
                    }
                    return generation;
                },
                .generation = [this]() -> Expected<std::int64_t> { return generation; }};
    }
};

SearchDocument document(const std::string &id, std::int64_t subject, const std::string &title) {
    return {.id = id,
            .subject = subject,
            .title = title,
            .official_title = {},
            .short_text = {},
            .sections = {},
            .synonyms = {},
            .keywords = {}};
}

class SearchEngineTest : public ::testing::Test {
  protected:
    void open() {
        engine_.reset();
        auto opened = SearchEngine::open(shelf_.source(), index());
        ASSERT_TRUE(opened) << describe(opened.error());
        engine_ = std::move(*opened);
    }
    [[nodiscard]] std::string index() const { return directory_.path() + "/search"; }

    [[nodiscard]] EngineResult ask(const SearchQuestion &question) {
        auto result = engine_->search(question);
        EXPECT_TRUE(result);
        return result.value_or(EngineResult{});
    }
    [[nodiscard]] std::vector<std::string> ids(const SearchQuestion &question) {
        std::vector<std::string> found;
        for (const EngineHit &hit : ask(question).hits)
            found.push_back(hit.id);
        return found;
    }
    using Ids = std::vector<std::string>;

    Shelf shelf_;
    storage::testing::TemporaryDirectory directory_;
    std::unique_ptr<SearchEngine> engine_;
};

// ---- who may find what ------------------------------------------------------------------------

TEST_F(SearchEngineTest, InternalDocumentsAreForTheirMunicipalityAlone) {
    SearchDocument common = document("service/1", 1, "Baumschutz");
    SearchDocument internal = document("service/1@032410010010!", 1, "Baumschutz");
    internal.short_text = "Geheimwort Zwiebelkuchen, Akte liegt bei Frau Muster";
    internal.areas = {kLangenhagen};
    internal.internal_to = kLangenhagen;
    SearchDocument own = document("service/2@032410010010!", 2, "Zwiebelkuchen");
    own.synonyms = {"Geheimwort"};
    own.areas = {kLangenhagen};
    own.internal_to = kLangenhagen;
    for (const auto &each : {common, internal, own})
        shelf_.put(each);
    open();
    // However it is asked: by name, text, synonym, beginning, with a typing error, by place.
    for (const std::string_view words :
         {"zwiebelkuchen", "geheimwort", "zwiebelk", "zwiebelkuhcen", "geheim", "akte muster",
          "baumschutz zwiebelkuchen", "kuchen", "wo zwiebelkuchen langenhagen"}) {
        for (const std::optional<MunicipalityId> place :
             {std::optional<MunicipalityId>{}, std::optional{kLangenhagen},
              std::optional{kWedemark}, std::optional{kRegion}, std::optional{kLand}}) {
            for (const std::optional<MunicipalityId> staff :
                 {std::optional<MunicipalityId>{}, std::optional{kWedemark}, std::optional{kRegion},
                  std::optional{kLand}, std::optional{kSoest}}) {
                for (const EngineHit &hit :
                     ask({.text = words, .municipality = place, .staff_of = staff}).hits) {
                    EXPECT_FALSE(hit.internal) << words;
                    EXPECT_EQ(hit.id, "service/1") << words;
                }
            }
        }
    }
    EXPECT_EQ(
        ids({.text = "geheimwort", .municipality = kLangenhagen, .staff_of = kLangenhagen}).size(),
        2u);
    EXPECT_TRUE(ask({.text = "zwiebelkuchen", .staff_of = kLangenhagen}).hits.front().internal);
    // Also its words teach the spelling nothing that others could see.
    EXPECT_TRUE(ids({.text = "zwiebelkucehn", .municipality = kWedemark}).empty());
}

TEST_F(SearchEngineTest, ADocumentIsValidInItsAreaAndBelow) {
    const auto valid = [&](const std::string &id, std::int64_t subject,
                           std::vector<MunicipalityId> areas) {
        SearchDocument made = document(id, subject, "Laubsack");
        made.areas = std::move(areas);
        shelf_.put(std::move(made));
    };
    valid("service/1", 1, {});
    valid("service/2", 2, {kLand});
    valid("service/3", 3, {kRegion});
    valid("service/4", 4, {kLangenhagen});
    valid("service/5", 5, {kWedemark});
    valid("service/6", 6, {kSoest});
    valid("service/7", 7, {MunicipalityId{0}});
    open();
    const auto at = [&](MunicipalityId place, bool neighbours) {
        Ids found = ids({.text = "laubsack", .municipality = place, .neighbours = neighbours});
        std::ranges::sort(found);
        return found;
    };
    EXPECT_EQ(at(kLangenhagen, false),
              (Ids{"service/1", "service/2", "service/3", "service/4", "service/7"}));
    EXPECT_EQ(at(kRegion, false), (Ids{"service/1", "service/2", "service/3", "service/7"}));
    EXPECT_EQ(at(kSoest, false), (Ids{"service/1", "service/6", "service/7"}));
    EXPECT_EQ(ids({.text = "laubsack"}).size(), 7u);
    // The municipality first, its neighbours below and marked; never another district.
    const auto around = ask({.text = "laubsack", .municipality = kLangenhagen}).hits;
    ASSERT_EQ(around.size(), 6u);
    EXPECT_EQ(around.back().id, "service/5");
    EXPECT_TRUE(around.back().neighbour);
    EXPECT_EQ(std::ranges::count(around, true, &EngineHit::neighbour), 1);
}

TEST_F(SearchEngineTest, OneHitPerSubjectAndItsOwnTextFirst) {
    shelf_.put(document("service/1", 1, "Laubsack"));
    SearchDocument own = document("service/1@032410010010", 1, "Laubsack");
    own.synonyms = {"Laubsack"};
    own.areas = {kLangenhagen};
    shelf_.put(own);
    open();
    EXPECT_EQ(ids({.text = "laubsack", .municipality = kLangenhagen}).size(), 1u);
    EXPECT_EQ(ids({.text = "laubsack", .municipality = kWedemark}), (Ids{"service/1"}));
}

// "beantragen" stands in so many names that it narrows nothing; "verloren" would have been said.
TEST_F(SearchEngineTest, AWordAloneMeansWhatIsNamedByLittleElse) {
    std::int64_t subject = 0;
    for (const char *title : {"Führerschein verloren", "Führerschein beantragen", "Hund beantragen",
                              "Gewerbe beantragen", "Kindergeld beantragen"}) {
        ++subject;
        shelf_.put(document("service/" + std::to_string(subject), subject, title));
    }
    open();
    EXPECT_EQ(ids({.text = "führerschein"}), (Ids{"service/2", "service/1"}));
    EXPECT_EQ(ids({.text = "führerschein verloren"}).front(), "service/1");
}

TEST_F(SearchEngineTest, FindsOneKindOnly) {
    shelf_.put(document("service/1", 1, "Standesamt"));
    SearchDocument office = document("office/1", 1, "Standesamt");
    office.kind = DocumentKind::office;
    shelf_.put(office);
    open();
    EXPECT_EQ(ids({.text = "standesamt"}).size(), 2u);
    EXPECT_EQ(ids({.text = "standesamt", .kind = DocumentKind::office}), (Ids{"office/1"}));
}

// ---- why --------------------------------------------------------------------------------------

class SearchWhyTest : public SearchEngineTest {
  protected:
    void SetUp() override {
        SearchDocument passport = document("service/1", 1, "Reisepass beantragen");
        passport.synonyms = {"Expresspass"};
        passport.sections = {{"fee", "Gebühr", "70,00 Euro"},
                             {"documents", "Mitbringen", "biometrisches Passfoto, Geburtsurkunde"}};
        SearchDocument card = document("service/2", 2, "Personalausweis beantragen");
        SearchDocument dog = document("service/3", 3, "Hundesteuer anmelden");
        SearchDocument kita = document("service/4", 4, "Kita-Gebühr ermäßigen");
        for (const auto &each : {passport, card, dog, kita})
            shelf_.put(each);
        open();
    }
    Why first_why(std::string_view text) {
        const auto hits = ask({.text = text}).hits;
        EXPECT_FALSE(hits.empty()) << text;
        if (hits.empty() || hits.front().why.empty()) return {};
        return hits.front().why.front();
    }
};

TEST_F(SearchWhyTest, SaysByWhatAndWhere) {
    EXPECT_EQ(first_why("reisepass").kind, MatchKind::word);
    EXPECT_EQ(first_why("reisepass").found, "Reisepass");
    EXPECT_EQ(first_why("reisepass").field, MatchField::title);
    EXPECT_EQ(first_why("perso ").kind, MatchKind::synonym);
    EXPECT_EQ(first_why("perso ").found, "Personalausweis");
    EXPECT_EQ(first_why("hund ").kind, MatchKind::part);
    EXPECT_EQ(first_why("hund ").found, "Hundesteuer");
    EXPECT_EQ(first_why("reispas ").kind, MatchKind::typing_error);
    EXPECT_EQ(first_why("reispas ").said, "reispas");
    EXPECT_EQ(first_why("reisepas ").found, "Reisepass");
    EXPECT_EQ(first_why("persona").kind, MatchKind::beginning);
    EXPECT_EQ(first_why("expresspass").field, MatchField::synonym);
}

TEST_F(SearchWhyTest, JumpsToTheSectionThatAnswers) {
    const auto section = [&](std::string_view text) {
        const auto hits = ask({.text = text}).hits;
        return hits.empty() ? "nothing" : hits.front().section;
    };
    EXPECT_EQ(section("reisepass"), "");
    EXPECT_EQ(section("reisepass gebühr"), "fee");
    EXPECT_EQ(section("was kostet ein reisepass"), "fee");
    EXPECT_EQ(section("reisepass gebü"), "fee");
    EXPECT_EQ(section("was muss ich für den reisepass mitbringen"), "documents");
    EXPECT_EQ(section("reisepass geburtsurkunde"), "documents"); // it stands there
    EXPECT_EQ(section("kita gebühr ermäßigen"), "");             // the subject itself
    EXPECT_EQ(section("wo melde ich meinen hund an"), "where");
    const auto found = ask({.text = "reisepass passfoto"}).hits.front();
    ASSERT_EQ(found.why.size(), 2u);
    EXPECT_EQ(found.why[1].field, MatchField::text);
    EXPECT_EQ(found.why[1].section, "documents");
}

TEST_F(SearchWhyTest, FindsWithEveryKeystroke) {
    const std::string word = "personalausweis";
    for (std::size_t length = 2; length <= word.size(); ++length) {
        const auto hits = ask({.text = word.substr(0, length)}).hits;
        ASSERT_FALSE(hits.empty()) << word.substr(0, length);
        EXPECT_EQ(hits.front().id, "service/2") << word.substr(0, length);
    }
}

// What is too far from every word for a correction: half of its trigrams are enough, for names.
TEST_F(SearchWhyTest, FindsNamesThatWereHalfHeard) {
    SearchDocument person = document("person/1", 1, "Katarzyna Wojciechowska");
    person.kind = DocumentKind::person;
    person.synonyms = {"Einwohnermeldewesen"};
    shelf_.put(person);
    ASSERT_TRUE(engine_->refresh());
    const Why why = first_why("ciechowska ");
    EXPECT_EQ(why.kind, MatchKind::similar);
    EXPECT_EQ(why.said, "ciechowska");
    EXPECT_EQ(why.found, "Wojciechowska");
    EXPECT_EQ(why.field, MatchField::title);
    // The last resort only: what a correction reaches is a typing error.
    EXPECT_EQ(first_why("woiciechowska ").kind, MatchKind::typing_error);
    EXPECT_TRUE(ids({.text = "schikowski "}).empty()) << "less than half";
}

TEST_F(SearchWhyTest, ShowsNothingForWhatSaysTooLittle) {
    shelf_.put(document("service/5", 5, "Sperrmüll abholen lassen"));
    shelf_.put(document("service/6", 6, "Sozialamt"));
    ASSERT_TRUE(engine_->refresh());
    const auto first = [&](std::string_view text) {
        const auto hits = ask({.text = text}).hits;
        return hits.empty() ? std::string("nothing") : hits.front().title;
    };
    EXPECT_EQ(first("finanzamt "), "nothing") << "also an -amt";
    EXPECT_EQ(first("amt "), "Sozialamt") << "when nothing else is said";
    EXPECT_EQ(first("sozialamt öffnungszeiten "), "Sozialamt");
    EXPECT_EQ(first("paket abholen "), "nothing");
    EXPECT_EQ(first("abholen "), "Sperrmüll abholen lassen");
    EXPECT_EQ(first("ausweis abholen "), "Personalausweis beantragen");
    EXPECT_EQ(first("schwimmbad gebühr "), "nothing") << "Kita-Gebühr is another one";
    EXPECT_EQ(first("hundeschule "), "nothing") << "two compounds with a part in common";
}

TEST_F(SearchWhyTest, NaughtyQuestionsDoNoHarm) {
    for (const std::string &text :
         {std::string{"' OR 1=1 --"}, std::string{"%_*?[]()"}, std::string{"\xff\xfe\x00", 3},
          std::string(100'000, 'a'), std::string(100'000, ' '), std::string{"<script>"},
          std::string{"\U0001F600"}, std::string(50'000, '\xc3'), std::string{},
          std::string{"N* AND V*"}, std::string{"\x1f\x1e"}, std::string{"der die das"}}) {
        EXPECT_LE(ask({.text = text}).hits.size(), 20u);
    }
    EXPECT_TRUE(ids({.text = "quarkspeise"}).empty());
    EXPECT_EQ(ids({.text = "reisepass", .limit = 0}).size(), 1u);
}

// ---- the index --------------------------------------------------------------------------------

TEST_F(SearchEngineTest, FollowsChanges) {
    shelf_.put(document("service/1", 1, "Laubsack"));
    shelf_.put(document("service/1@032410010010", 1, "Laubsack vor Ort"));
    open();
    shelf_.put(document("service/2", 2, "Bibliothek"));
    shelf_.put(document("service/1", 1, "Kompost"));
    shelf_.remove("service/1@032410010010");
    ASSERT_TRUE(engine_->refresh());
    EXPECT_EQ(shelf_.full_reads, 1); // only what changed was read
    EXPECT_TRUE(ids({.text = "laubsack"}).empty());
    EXPECT_EQ(ids({.text = "kompost"}), (Ids{"service/1"}));
    EXPECT_EQ(ids({.text = "biblothek "}), (Ids{"service/2"})); // new words can be typed wrongly
    EXPECT_EQ(engine_->state().documents, 2);
    const auto verified = engine_->verify();
    ASSERT_TRUE(verified);
    EXPECT_TRUE(verified->ok());
}

TEST_F(SearchEngineTest, OpensAgainWithoutBuilding) {
    shelf_.put(document("service/1", 1, "Laubsack"));
    open();
    EXPECT_EQ(shelf_.full_reads, 1);
    open();
    EXPECT_EQ(shelf_.full_reads, 1);
    EXPECT_EQ(ids({.text = "laubsack"}).size(), 1u);
    shelf_.put(document("service/2", 2, "Bibliothek")); // while it was closed
    open();
    EXPECT_EQ(shelf_.full_reads, 1);
    EXPECT_EQ(ids({.text = "bibliothek"}).size(), 1u);
}

TEST_F(SearchEngineTest, AReaderBesideItChangesNothing) {
    EXPECT_EQ(SearchEngine::open_existing(shelf_.source(), index()).error().code,
              "search.index_missing");
    shelf_.put(document("service/1", 1, "Laubsack"));
    open();
    shelf_.put(document("service/2", 2, "Bibliothek"));
    const auto reader = SearchEngine::open_existing(shelf_.source(), index());
    ASSERT_TRUE(reader);
    EXPECT_EQ((*reader)->search({.text = "laubsack"})->hits.size(), 1u);
    EXPECT_TRUE((*reader)->search({.text = "bibliothek"})->hits.empty()); // not yet indexed
    EXPECT_EQ(shelf_.full_reads, 1);
}

TEST_F(SearchEngineTest, BuildsABrokenOrOlderIndexAgain) {
    shelf_.put(document("service/1", 1, "Laubsack"));
    open();
    const fs::path built = IndexStore(index(), Analyser::german()).path();
    engine_.reset();
    for (const fs::directory_entry &file : fs::directory_iterator(built)) {
        std::ofstream(file.path(), std::ios::trunc) << "no index";
    }
    open();
    EXPECT_EQ(shelf_.full_reads, 2);
    EXPECT_EQ(ids({.text = "laubsack"}).size(), 1u);
    engine_.reset();
    std::ofstream(index() + "/current", std::ios::trunc) << "index-77\n";
    open();
    EXPECT_EQ(shelf_.full_reads, 3);
    shelf_.generation = 1; // the database was put back to an older state
    open();
    EXPECT_EQ(shelf_.full_reads, 4);
    fs::remove_all(index());
    open();
    EXPECT_EQ(ids({.text = "laubsack"}).size(), 1u);
    // Old ones are not left behind.
    const auto left = std::ranges::count_if(fs::directory_iterator(index()), [](const auto &each) {
        return each.path().filename().string().starts_with("index-");
    });
    EXPECT_EQ(left, 1);
}

TEST_F(SearchEngineTest, VerificationSeesWhatDiffers) {
    shelf_.put(document("service/1", 1, "Laubsack"));
    shelf_.put(document("service/2", 2, "Kompost"));
    open();
    EXPECT_TRUE(engine_->verify()->ok());
    shelf_.documents["service/2"].short_text = "changed behind its back";
    EXPECT_FALSE(engine_->verify()->ok());
    ASSERT_TRUE(engine_->rebuild());
    EXPECT_TRUE(engine_->verify()->ok());
    shelf_.documents.erase("service/2");
    const auto verified = engine_->verify();
    EXPECT_FALSE(verified->ok());
    EXPECT_EQ(verified->index.documents, 2);
    EXPECT_EQ(verified->source.documents, 1);
    EXPECT_TRUE(verified->readable);
}

TEST_F(SearchEngineTest, TellsItsProgress) {
    for (int i = 1; i <= 1'100; ++i)
        shelf_.put(document("service/" + std::to_string(i), i, "Laubsack " + std::to_string(i)));
    using Told = std::vector<std::pair<std::int64_t, std::int64_t>>;
    Told told;
    const IndexWatch watch{
        .building = [&](std::int64_t done, std::int64_t of) { told.emplace_back(done, of); }};
    DocumentSource source = shelf_.source();
    ASSERT_TRUE(SearchEngine::open(source, index(), watch));
    EXPECT_EQ(told, (Told{{0, 0}, {500, 500}, {1'000, 1'000}, {1'100, 1'100}}));
    told.clear();
    ASSERT_TRUE(SearchEngine::open(source, index(), watch));
    EXPECT_TRUE(told.empty()) << "nothing is built";
    fs::remove_all(index());
    source.documents = []() -> Expected<std::int64_t> { return 1'050; }; // about
    ASSERT_TRUE(SearchEngine::open(source, index(), watch));
    EXPECT_EQ(told, (Told{{0, 1'050}, {500, 1'050}, {1'000, 1'050}, {1'100, 1'100}}));
}

TEST_F(SearchEngineTest, AFailingSourceIsAProblemAndLeavesTheOldIndex) {
    shelf_.put(document("service/1", 1, "Laubsack"));
    open();
    DocumentSource broken = shelf_.source();
    broken.all = [](const DocumentSink &) -> Expected<std::int64_t> {
        return fail(ProblemKind::unavailable, "storage.unavailable");
    };
    IndexStore store(index(), Analyser::german());
    EXPECT_FALSE(store.rebuild(broken));
    EXPECT_EQ(ids({.text = "laubsack"}).size(), 1u);
    open();
    EXPECT_EQ(ids({.text = "laubsack"}).size(), 1u);
}

TEST_F(SearchEngineTest, IsSearchedWhileItIsUpdated) {
    for (int i = 1; i <= 50; ++i)
        shelf_.put(document("service/" + std::to_string(i), i, "Laubsack"));
    open();
    std::atomic<bool> stop = false;
    std::atomic<int> failures = 0;
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) {
        readers.emplace_back([&] {
            while (!stop) {
                const auto result = engine_->search({.text = "laubsack"});
                if (!result || result->hits.empty()) ++failures;
            }
        });
    }
    for (int i = 0; i < 20; ++i) {
        shelf_.put(document("service/" + std::to_string(i + 1), i + 1, "Laubsack neu"));
        EXPECT_TRUE(engine_->refresh());
        if (i % 7 == 0) {
            EXPECT_TRUE(engine_->rebuild());
        }
    }
    stop = true;
    for (std::thread &reader : readers)
        reader.join();
    EXPECT_EQ(failures, 0);
}

TEST(IndexTermsTest, KeepsWhatAHitNeeds) {
    SearchDocument from = document("service/7@032410010010", 7, "Hundesteuer anmelden");
    from.official_title = "Amtlich";
    from.synonyms = {"eins", "zwei\x1e\x1f"};
    from.short_text = "Auskunft";
    from.sections = {{"fee", "Gebühr", "siebzig Euro"}, {"06", "Text", "Euro und Cent"}};
    from.areas = {kLangenhagen, kWedemark};
    const IndexEntry entry = IndexTerms(Analyser::german()).entry(from);
    const auto back = IndexedDocument::unpack(entry.data);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->id, from.id);
    EXPECT_EQ(back->subject, 7);
    EXPECT_EQ(back->title, from.title);
    EXPECT_EQ(back->areas(), from.areas);
    EXPECT_EQ(back->names, 4u);
    ASSERT_EQ(back->words.size(), 5u);
    EXPECT_EQ(back->words[0].shown, "Hundesteuer");
    EXPECT_TRUE(std::ranges::count(back->words[0].parts, "hund"));
    EXPECT_EQ(back->words[4].shown, "zwei");
    EXPECT_EQ(back->words[4].field, MatchField::synonym);
    EXPECT_EQ(back->section_with(stem("euro")), "fee"); // the first one
    EXPECT_EQ(back->section_with(stem("cent")), "06");
    EXPECT_EQ(back->section_with(stem("auskunft")), "");
    EXPECT_FALSE(back->section_with("nowhere"));
    EXPECT_FALSE(IndexedDocument::unpack("nonsense"));
    EXPECT_FALSE(IndexedDocument::unpack(""));
    EXPECT_EQ(subject_of("service/17@032410010010!"), "service/17");
    EXPECT_EQ(subject_of("office/3"), "office/3");
}

} // namespace
} // namespace fernamt::knowledge
