// SPDX-License-Identifier: EUPL-1.2
// Part 10 of the knowledge at the command line: whoever may open the database is still shown public
// texts only, whichever municipality is named, because what is printed goes anywhere.
#include "app/exit_codes.h"
#include "app/knowledge_search_command.h"
#include "knowledge/demo_services.h"
#include "knowledge/local_text.h"
#include "knowledge/search_document.h"
#include "knowledge/text_editing.h"
#include "storage/test_database.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

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

} // namespace
} // namespace fernamt::app
