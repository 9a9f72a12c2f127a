// SPDX-License-Identifier: EUPL-1.2
#include "telephony/leg_journal.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace fernamt::telephony {
namespace {

class LegJournalFile : public testing::Test {
  protected:
    LegJournalFile() {
        char name[] = "/tmp/fernamt-journal-XXXXXX";
        directory_ = mkdtemp(name);
    }
    ~LegJournalFile() override { std::filesystem::remove_all(directory_); }

    LegJournal open() { return std::move(*LegJournal::open(directory_)); }
    [[nodiscard]] std::string text() const {
        std::stringstream all;
        all << std::ifstream(directory_ + "/legs.journal").rdbuf();
        return all.str();
    }
    static LegJournal::Leg leg(std::string dialog) {
        return {"C", "caller", false, AgentId{}, std::move(dialog)};
    }

    std::string directory_;
};

TEST_F(LegJournalFile, gives_back_what_lived) {
    {
        auto journal = open();
        journal.put_caller(CallId{1}, "commitment");
        journal.put_leg(CallId{1}, leg("first"));
        journal.put_leg(CallId{1}, leg("second"));
        journal.put_media(CallId{1}, "sound");
        journal.put_leg(CallId{2}, leg("other"));
        journal.end(CallId{2});
    }
    std::ofstream(directory_ + "/legs.journal", std::ios::app) << R"({"call":3,"le)"; // torn
    const auto journal = open();
    ASSERT_EQ(journal.live().size(), 1U);
    const auto &live = journal.live().at(CallId{1});
    EXPECT_EQ(live.caller, "commitment");
    EXPECT_EQ(live.media, "sound");
    EXPECT_EQ(live.legs.at("C").dialog, "second");
}

TEST_F(LegJournalFile, writes_nothing_for_what_is_unchanged) {
    auto journal = open();
    journal.put_leg(CallId{1}, leg("same"));
    journal.put_media(CallId{1}, "sound");
    const auto before = text();
    journal.put_leg(CallId{1}, leg("same"));
    journal.put_media(CallId{1}, "sound");
    EXPECT_EQ(text(), before);
}

TEST_F(LegJournalFile, holds_nothing_when_no_call_lives) {
    auto journal = open();
    journal.put_leg(CallId{1}, leg("sip:+493023125999@far"));
    journal.end(CallId{1});
    EXPECT_EQ(text(), "");
}

// On a busy day there is always a live call: the others' addresses must not wait for the evening.
TEST_F(LegJournalFile, forgets_ended_calls_while_others_live) {
    auto journal = open();
    journal.put_leg(CallId{1}, leg("the long call"));
    const std::string dialog(2000, 'x');
    for (int i = 2; i < 2000; ++i) {
        journal.put_leg(CallId{i}, leg("caller" + std::to_string(i) + dialog));
        journal.end(CallId{i});
        ASSERT_LE(text().size(), LegJournal::kMostDeadBytes + 3 * dialog.size());
    }
    EXPECT_EQ(text().find("caller1000x"), std::string::npos);
    EXPECT_NE(text().find("the long call"), std::string::npos);
    const auto again = open();
    EXPECT_EQ(again.live().size(), 1U);
}

} // namespace
} // namespace fernamt::telephony
