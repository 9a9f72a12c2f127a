// SPDX-License-Identifier: EUPL-1.2
// Part 10 of the knowledge at the command line: what the desk finds, but whoever may open the
// database is still shown public texts only, whichever municipality is named, because what is
// printed goes anywhere.
#include "app/commands.h"
#include "app/exit_codes.h"
#include "app/knowledge_search_command.h"
#include "knowledge/delivery.h"
#include "knowledge/delivery_samples.h"
#include "knowledge/demo_services.h"
#include "knowledge/local_text.h"
#include "knowledge/search_document.h"
#include "knowledge/text_editing.h"
#include "storage/test_database.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

namespace fernamt::app {
namespace {

constexpr MunicipalityId kTown{32410010010};
constexpr MunicipalityId kOther{32410019019};

TEST(KnowledgeSearchCommand, FindsNobodysInternalNotesOrDrafts) {
    storage::testing::TestDatabase database(storage::Engine::sqlite);
    storage::Database &db = database.open();
    ManualClock clock;
    clock.set(to_instant({2026, 11, 23}, 9 * 3600));
    ASSERT_TRUE(knowledge::seed_demo_services(db, FERNAMT_SOURCE_DIR "/data/knowledge"));
    const auto note = [&](bool internal, const std::string &word) {
        return knowledge::put_local_text(db, clock,
                                         {.service = knowledge::ServiceId{1},
                                          .municipality = kTown,
                                          .section = knowledge::SectionKey::contact,
                                          .internal = internal,
                                          .lines = {word + " liegt bereit"}});
    };
    ASSERT_TRUE(note(true, "Zwetschgenschluessel"));
    ASSERT_TRUE(note(false, "Birnenschluessel"));
    knowledge::TextEditing editing(db, clock);
    ASSERT_TRUE(editing.save({UserId{1}, kTown},
                             {.service = knowledge::ServiceId{1},
                              .municipality = kTown,
                              .section = knowledge::SectionKey::fee,
                              .internal = false},
                             {.lines = {"Mirabellenentwurf"}, .expires_on = {}}, 0));
    Config config;
    config.database_url = database.url();
    config.state_directory = database.directory();
    const auto said = [&](const std::string &words, const std::string &ars) {
        ::testing::internal::CaptureStdout();
        (void)search_knowledge(config, {.words = words, .ars = ars, .json = true});
        return ::testing::internal::GetCapturedStdout();
    };
    for (const std::string &ars : {to_ars(kTown), to_ars(kOther), std::string()}) {
        for (const char *word : {"Zwetschgenschluessel", "Mirabellenentwurf"}) {
            const std::string answer = said(word, ars);
            EXPECT_EQ(boost::json::parse(answer).at("total"), 0) << ars << " " << answer;
            EXPECT_TRUE(boost::json::parse(answer).at("beside").as_array().empty()) << answer;
        }
    }
    // Each of these questions has built an index of its own, and said so beside the answer.
    ::testing::internal::CaptureStderr();
    (void)said("Zwetschgenschluessel", "");
    const std::string progress = ::testing::internal::GetCapturedStderr();
    EXPECT_TRUE(progress.starts_with("Search index: 0 of ")) << progress;
    const auto documents = knowledge::search_documents(db);
    EXPECT_TRUE(progress.ends_with(fmt::format("{0} of {0} documents\n", *documents))) << progress;
    // The same place, for everybody: found where it holds.
    EXPECT_EQ(boost::json::parse(said("Birnenschluessel", to_ars(kTown))).at("total"), 1);
}

// What the desk finds, in its order: what somebody answers for here above what is only valid here
// and an office never among the services.
TEST(KnowledgeSearchCommand, AsksAsTheDeskDoesAndSaysSoToTheShell) {
    namespace samples = knowledge::samples;
    storage::testing::TestDatabase database(storage::Engine::sqlite);
    storage::Database &db = database.open();
    const std::string file = database.directory() + "/in.xml";
    std::ofstream(file) << samples::transfer(
        samples::service("1", "Hundemarke",
                         "<xzufi:gueltigkeitGebietID>032410010010"
                         "</xzufi:gueltigkeitGebietID>") +
        samples::service("2", "Hund anmelden", samples::module("06", "Mit der Hundemarke.")) +
        samples::office("7", "Amt der Hundemarke") +
        samples::responsibility("9", "2", "7", "032410010010"));
    const knowledge::DeliveryOptions delivery{.path = file, .source = "test"};
    const auto staged = knowledge::stage_delivery(db, ManualClock(), delivery);
    ASSERT_TRUE(staged) << describe(staged.error());
    ASSERT_TRUE(knowledge::apply_delivery(db, ManualClock(), staged->id, delivery));
    Config config;
    config.database_url = database.url();
    config.state_directory = database.directory();
    int code = kSoftware;
    const auto said = [&](const std::string &words, const std::string &ars, bool json) {
        ::testing::internal::CaptureStdout();
        code = search_knowledge(config, {.words = words, .ars = ars, .json = json});
        return ::testing::internal::GetCapturedStdout();
    };
    const auto answer = boost::json::parse(said("hundemarke", to_ars(kTown), true));
    EXPECT_EQ(code, kOk);
    const auto &items = answer.at("items").as_array();
    ASSERT_EQ(items.size(), 2U) << answer;
    EXPECT_EQ(items[0].at("title"), "Hund anmelden") << "only its text, but somebody answers";
    EXPECT_EQ(items[0].at("unanswered"), false);
    EXPECT_EQ(items[0].at("why").at(0).at("said"), "hundemarke");
    EXPECT_EQ(items[0].at("why").at(0).at("field"), "text");
    EXPECT_EQ(items[1].at("title"), "Hundemarke");
    EXPECT_EQ(items[1].at("unanswered"), true);
    EXPECT_EQ(items[1].at("why").at(0).at("field"), "title");
    ASSERT_EQ(answer.at("beside").as_array().size(), 1U) << answer;
    EXPECT_EQ(answer.at("beside").at(0).at("kind"), "office");
    const std::string lines = said("hundemarke", to_ars(kTown), false);
    EXPECT_LT(lines.find(" 1. Hund anmelden"), lines.find("(nobody answers for it there)"));
    EXPECT_LT(lines.find("2 of 2\n"), lines.find("office: Amt der Hundemarke\n")) << lines;

    const auto office = boost::json::parse(said("amt", to_ars(kTown), true));
    EXPECT_TRUE(office.at("items").as_array().empty()) << office;
    EXPECT_EQ(office.at("beside").as_array().size(), 1U) << office;
    EXPECT_EQ(code, kOk) << "an office alone is something, too";
    (void)said("Quittengelee", to_ars(kTown), true);
    EXPECT_EQ(code, kFound);
    (void)said("hundemarke", "1234", true);
    EXPECT_EQ(code, kUsage);
    config.database_url = "sqlite://" + database.directory() + "/fehlt.db";
    (void)said("hundemarke", to_ars(kTown), true);
    EXPECT_EQ(code, kUnavailable);
}

// The index of the service whose database it is, not that of the usual state directory.
TEST(KnowledgeSearchCommand, ADatabaseThatIsNamedAloneHasItsIndexBesideIt) {
    storage::testing::TestDatabase database(storage::Engine::sqlite);
    storage::Database &db = database.open();
    ASSERT_TRUE(knowledge::seed_demo_services(db, FERNAMT_SOURCE_DIR "/data/knowledge"));
    Config config;
    config.database_url = database.url();
    config.state_directory = database.directory();
    std::vector<std::string> words{"fernamt",  "knowledge",  "index",
                                   "--verify", "--database", database.url()};
    std::vector<char *> arguments;
    for (std::string &word : words)
        arguments.push_back(word.data());
    const auto verify = [&] { return run(static_cast<int>(arguments.size()), arguments.data()); };
    EXPECT_NE(verify(), kOk) << "nobody has built it";
    ASSERT_EQ(knowledge_index(config, {.rebuild = true}), kOk);
    EXPECT_EQ(verify(), kOk);
}

} // namespace
} // namespace fernamt::app
