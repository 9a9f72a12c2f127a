// SPDX-License-Identifier: EUPL-1.2
// A house without a search index: it opens at once, finds services by their names, builds the index
// beside everything else and stops when asked to; whoever erases a number meanwhile waits for
// nobody.
#include "knowledge/demo_services.h"
#include "knowledge/index_store.h"
#include "knowledge/name_search.h"
#include "knowledge/search.h"
#include "knowledge/search_keeper.h"
#include "knowledge/testing/imported_knowledge.h"
#include "storage/file_lock.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>

namespace fernamt::knowledge {
namespace {

namespace fs = std::filesystem;
using testing::kHere;
using testing::kThere;
constexpr LocalDate kToday{2026, 11, 22};
using Names = std::vector<std::string>;

class SearchBuildingTest : public testing::ImportedKnowledge {
  protected:
    void SetUp() override {
        import(samples::service("1", "Hundesteuer anmelden") +
               samples::service("2", "Personalausweis beantragen",
                                samples::module("08", "Lichtbild mitbringen")) +
               samples::service("3", "Laubsack abholen lassen") + samples::office("7", "Amt") +
               samples::responsibility("z1", "1", "7", "032410010010") +
               samples::responsibility("z2", "2", "7", "032410010010") +
               samples::responsibility("z3", "3", "7", "032410019019"));
    }
    [[nodiscard]] std::string index() const { return directory_.path() + "/search"; }
    void open() {
        auto opened = Catalogue::open(db(), index(), 0);
        ASSERT_TRUE(opened) << describe(opened.error());
        catalogue_ = std::move(*opened);
    }
    SearchResult at(MunicipalityId municipality, std::string_view text) {
        auto result = catalogue_->search({.text = text,
                                          .municipality = municipality,
                                          .today = kToday,
                                          .reader = {.centre = true}});
        EXPECT_TRUE(result);
        return result.value_or(SearchResult{});
    }
    Names names(MunicipalityId municipality, std::string_view text) {
        Names all;
        for (const SearchHit &hit : at(municipality, text).items)
            all.push_back(hit.service.colloquial);
        return all;
    }
    [[nodiscard]] std::int64_t left_behind() const { // indexes, whole or not
        if (!fs::exists(index())) return 0;
        return std::ranges::count_if(fs::directory_iterator(index()), [](const auto &each) {
            return each.path().filename().string().starts_with("index-");
        });
    }

    std::unique_ptr<Catalogue> catalogue_;
};
FERNAMT_ON_EVERY_ENGINE(SearchBuildingTest);

TEST_P(SearchBuildingTest, WithoutAnIndexNamesAreFoundAndItIsSaid) {
    open();
    EXPECT_EQ(left_behind(), 0) << "opening writes nothing";
    EXPECT_EQ(catalogue_->building(), (IndexBuilding{.done = 0, .of = 4}));
    const auto found = at(kHere, "lichtbild hundesteuer");
    EXPECT_EQ(found.building, catalogue_->building());
    ASSERT_EQ(found.items.size(), 1U);
    EXPECT_EQ(found.items.front().service.colloquial, "Hundesteuer anmelden");
    EXPECT_EQ(found.total, 1);
    EXPECT_TRUE(at(kHere, "lichtbild").items.empty()) << "stands in a text only";
    EXPECT_TRUE(at(kHere, "laubsack").items.empty()) << "nobody answers for it here";
    EXPECT_EQ(names(kThere, "laubsack"), Names{"Laubsack abholen lassen"});
    // What needs no index.
    EXPECT_EQ(at(kHere, "").items.size(), 2U);
    EXPECT_EQ(at(kHere, "").building, catalogue_->building());
    EXPECT_TRUE(catalogue_->article(found.items.front().service.id, kHere, kToday));

    ASSERT_TRUE(catalogue_->refresh_index());
    EXPECT_FALSE(catalogue_->building());
    EXPECT_FALSE(at(kHere, "lichtbild").building);
    EXPECT_EQ(names(kHere, "lichtbild"), Names{"Personalausweis beantragen"});
}

TEST_P(SearchBuildingTest, ADamagedIndexIsSearchedByNamesUntilItIsBuiltAgain) {
    open();
    ASSERT_TRUE(catalogue_->refresh_index());
    for (const auto &file : fs::recursive_directory_iterator(index())) {
        if (file.path().extension() == ".glass")
            std::ofstream(file.path(), std::ios::trunc) << std::string(100'000, 'x');
    }
    EXPECT_EQ(names(kHere, "hundesteuer"), Names{"Hundesteuer anmelden"});
    EXPECT_TRUE(at(kHere, "hundesteuer").building);
    EXPECT_TRUE(catalogue_->building());
    ASSERT_TRUE(catalogue_->refresh_index());
    EXPECT_FALSE(at(kHere, "hundesteuer").building);
    EXPECT_EQ(names(kHere, "lichtbild"), Names{"Personalausweis beantragen"});
}

TEST_P(SearchBuildingTest, AnIndexBehindTheDatabaseAnswersUntilItHasCaughtUp) {
    open();
    ASSERT_TRUE(catalogue_->refresh_index());
    catalogue_.reset();
    import(samples::service("4", "Grillplatz mieten") +
           samples::responsibility("z4", "4", "7", "032410010010"));
    open();
    EXPECT_FALSE(catalogue_->building());
    EXPECT_EQ(names(kHere, "lichtbild"), Names{"Personalausweis beantragen"});
    ASSERT_TRUE(catalogue_->refresh_index());
    EXPECT_EQ(names(kHere, "grillplatz"), Names{"Grillplatz mieten"});
}

TEST_P(SearchBuildingTest, AnIndexOfALaterStateIsNotAsked) {
    open();
    ASSERT_TRUE(catalogue_->refresh_index());
    catalogue_.reset();
    ASSERT_TRUE(db().write([](storage::Connection &connection) -> Expected<void> { // put back
        const auto done = connection.run("UPDATE knowledge_state SET generation = generation - 1");
        if (!done) return tl::unexpected(done.error());
        return {};
    }));
    open();
    EXPECT_TRUE(catalogue_->building());
    ASSERT_TRUE(catalogue_->refresh_index());
    EXPECT_FALSE(catalogue_->building());
}

TEST_P(SearchBuildingTest, AFewDocumentsAreBuiltAtOnce) {
    const auto opened = Catalogue::open(db(), index(), 4);
    ASSERT_TRUE(opened);
    EXPECT_FALSE((*opened)->building());
    const auto more = Catalogue::open(db(), index() + "2", 3);
    ASSERT_TRUE(more);
    EXPECT_TRUE((*more)->building());
}

// The telephones do not wait for the search's disk.
TEST_P(SearchBuildingTest, AnIndexThatCannotBeBuiltKeepsNothingClosed) {
    std::ofstream(index()) << "no directory";
    const auto opened = Catalogue::open(db(), index(), 4);
    ASSERT_TRUE(opened) << describe(opened.error());
    EXPECT_TRUE((*opened)->building());
    fs::remove(index());
    EXPECT_TRUE((*opened)->refresh_index());
    EXPECT_FALSE((*opened)->building());
}

TEST_P(SearchBuildingTest, StopsInTheMiddleAndLeavesNothing) {
    open();
    int asked = 0;
    const auto stopped = catalogue_->refresh_index([&] { return ++asked == 3; });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, "search.stopped");
    EXPECT_EQ(asked, 3);
    EXPECT_EQ(left_behind(), 0);
    EXPECT_TRUE(catalogue_->building());
    ASSERT_TRUE(catalogue_->refresh_index());
    EXPECT_EQ(left_behind(), 1);
    // Of a later change: the index stays as it was.
    import(samples::service("4", "Grillplatz mieten") +
           samples::responsibility("z4", "4", "7", "032410010010"));
    const auto again = catalogue_->refresh_index([] { return true; });
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, "search.stopped");
    EXPECT_TRUE(names(kHere, "grillplatz").empty());
    EXPECT_EQ(names(kHere, "lichtbild"), Names{"Personalausweis beantragen"});
    ASSERT_TRUE(catalogue_->refresh());
    EXPECT_EQ(names(kHere, "grillplatz"), Names{"Grillplatz mieten"});
}

TEST_P(SearchBuildingTest, WhatIsBuiltByHandIsWaitedFor) {
    open();
    fs::create_directories(index());
    auto other = storage::FileLock::take(index() + "/lock");
    ASSERT_TRUE(other);
    const auto refused = catalogue_->refresh_index();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "search.in_use");
    EXPECT_TRUE(catalogue_->building());
    other->reset();
    EXPECT_TRUE(catalogue_->refresh_index());
}

TEST_P(SearchBuildingTest, TheKeeperBuildsItBesideAndSaysWhenItIsThere) {
    open();
    fs::create_directories(index());
    auto other = storage::FileLock::take(index() + "/lock"); // so that the order is certain
    ASSERT_TRUE(other);
    std::promise<void> built;
    SearchKeeper keeper(*catalogue_, {.every = std::chrono::milliseconds(5),
                                      .on_built = [&] { built.set_value(); }});
    EXPECT_TRUE(at(kHere, "hundesteuer").building);
    other->reset();
    built.get_future().wait();
    EXPECT_FALSE(at(kHere, "hundesteuer").building);
    keeper.stop();
    keeper.stop(); // twice is once
}

// `fernamt knowledge index --rebuild`, run by root before the service ever was.
TEST_P(SearchBuildingTest, WhatRootBuildsIsTheServices) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root makes files for others";
    constexpr uid_t kUser = 4711; // nobody has to have it
    const std::string state = directory_.path() + "/state";
    fs::create_directory(state);
    ASSERT_EQ(::chown(state.c_str(), kUser, kUser), 0);
    IndexStore store(state + "/search", Analyser::german());
    const auto all_theirs = [&] {
        for (const auto &each : fs::recursive_directory_iterator(state)) {
            struct stat info{};
            EXPECT_EQ(::lstat(each.path().c_str(), &info), 0);
            EXPECT_EQ(info.st_uid, kUser) << each.path();
        }
    };
    ASSERT_TRUE(store.rebuild(database_documents(db())));
    EXPECT_TRUE(fs::exists(state + "/search/lock"));
    EXPECT_TRUE(fs::exists(state + "/search/current"));
    all_theirs();
    import(samples::service("4", "Grillplatz mieten"));
    ASSERT_TRUE(store.update(database_documents(db())));
    all_theirs();
}

// SQLite cannot empty its log under a reader of minutes, and who erases waits with the one writer's
// lock in hand.
TEST_P(SearchBuildingTest, NobodyWaitsForTheReading) {
    int told = 0;
    const auto done = each_search_document(db(), [&](const SearchDocument &) {
        ++told;
        EXPECT_TRUE(db().write([](storage::Connection &connection) -> Expected<void> {
            const auto written =
                connection.run("UPDATE knowledge_state SET generation = generation");
            if (!written) return tl::unexpected(written.error());
            return {};
        }));
        const auto scrubbed = db().scrub("ledger_sealed");
        EXPECT_TRUE(scrubbed) << describe(scrubbed.error());
        return true;
    });
    EXPECT_TRUE(done);
    EXPECT_EQ(told, 4);
}

// More than one piece; something changes and something goes while they are told.
TEST_P(SearchBuildingTest, WhatChangesWhileItIsReadIsInTheIndexToo) {
    std::string body;
    for (int i = 100; i < 220; ++i) {
        body += samples::service(fmt::format("{}", i), fmt::format("Grillplatz {}", i)) +
                samples::responsibility(fmt::format("y{}", i), fmt::format("{}", i), "7",
                                        "032410010010");
    }
    import(body);
    DocumentSource source = database_documents(db());
    bool changed = false;
    source.all = [&](const DocumentSink &sink) {
        return each_search_document(db(), [&](const SearchDocument &document) {
            if (!std::exchange(changed, true)) {
                import(samples::service("1", "Hundesteuer abmelden") +
                       samples::service("219", "Backhaus mieten"));
            }
            return sink(document);
        });
    };
    const auto engine = SearchEngine::open(source, index());
    ASSERT_TRUE(engine) << describe(engine.error());
    EXPECT_EQ((*engine)->state().generation, knowledge_generation(db()).value_or(-1));
    EXPECT_TRUE((*engine)->verify()->ok());
    EXPECT_EQ((*engine)->search({.text = "abmelden"})->hits.size(), 1U);
    EXPECT_EQ((*engine)->search({.text = "backhaus"})->hits.size(), 1U);
    EXPECT_EQ((*engine)->state().documents, search_documents(db()).value_or(-1));
}

class DocumentCountTest : public storage::testing::DatabaseTest {};
FERNAMT_ON_EVERY_ENGINE(DocumentCountTest);

TEST_P(DocumentCountTest, IsWhatIsTold) {
    ASSERT_TRUE(seed_demo_services(db(), FERNAMT_SOURCE_DIR "/data/knowledge"));
    std::int64_t told = 0;
    ASSERT_TRUE(each_search_document(db(), [&](const SearchDocument &) { return ++told > 0; }));
    EXPECT_EQ(search_documents(db()).value_or(-1), told);
    EXPECT_LE(told, Catalogue::kBuiltAtOnce) << "the demo finds everything from the start";
}

int score(std::string_view question, std::string_view name) {
    const Analyser &german = Analyser::german();
    return NameQuestion(german, question).score(terms_of_names(german, {name}));
}

TEST(NameSearch, FindsWhatCallersName) {
    EXPECT_GT(score("Ich möchte meinen Hund anmelden", "Hundesteuer anmelden"), 0);
    EXPECT_GT(score("personalausw", "Personalausweis beantragen"), 0) << "still typing";
    EXPECT_GT(score("ausweis", "Personalausweis beantragen"), 0) << "part of a compound";
    EXPECT_GT(score("perso", "Personalausweis beantragen"), 0) << "as callers say";
    EXPECT_GT(score("Führerscheine", "Führerschein umtauschen"), 0);
    EXPECT_GT(score("fuhrerschein", "Führerschein umtauschen"), 0);
    EXPECT_GT(score("99102013104000", "Hundesteuer 99102013104000"), 0);
    EXPECT_GT(score("hund anmelden", "Hundesteuer anmelden"),
              score("hund anmelden", "Gewerbe anmelden"));
    EXPECT_EQ(score("laubsack", "Hundesteuer anmelden"), 0);
    for (const char *nothing : {"", "  ", "ich möchte bitte", "hu", "\xff\xfe", "🙂"})
        EXPECT_EQ(score(nothing, "Hundesteuer anmelden"), 0) << nothing;
}

} // namespace
} // namespace fernamt::knowledge
