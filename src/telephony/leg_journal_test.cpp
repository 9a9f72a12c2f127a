// SPDX-License-Identifier: EUPL-1.2
#include "telephony/leg_journal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <vector>

namespace fernamt::telephony {
namespace {

class LegJournalFile : public testing::Test {
  protected:
    LegJournalFile() {
        char name[] = "/tmp/fernamt-journal-XXXXXX";
        directory_ = mkdtemp(name);
    }
    ~LegJournalFile() override {
        { // ends what lives: then the key goes as well
            auto journal = open();
            std::vector<CallId> calls;
            for (const auto &[id, call] : journal.live())
                calls.push_back(id);
            for (const CallId id : calls)
                journal.end(id);
        }
        std::filesystem::remove_all(directory_);
    }

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

TEST_F(LegJournalFile, knows_where_a_call_has_been) {
    const WayHere way{{"<sip:1@a>;index=1", "<sip:2@\"a>;index=1.1"}, {"<sip:1@a>"}, true, 12};
    {
        auto journal = open();
        journal.put_leg(CallId{1}, leg("one"));
        journal.put_way(CallId{1}, way);
        journal.put_leg(CallId{2}, leg("other"));
        const std::string before = text();
        journal.put_way(CallId{2}, {});
        EXPECT_EQ(text(), before) << "it says nothing";
    }
    EXPECT_EQ(open().live().at(CallId{1}).way, way); // as written
    EXPECT_EQ(open().live().at(CallId{1}).way, way) << "and as rewritten";
    EXPECT_EQ(open().live().at(CallId{2}).way, WayHere{});
}

// An older switchboard sends its names in Latin-1.
TEST_F(LegJournalFile, keeps_headers_that_are_not_utf8) {
    const WayHere way{{"\"M\xfcller\" <sip:1@a>;index=1"}, {}, false, 12};
    {
        auto journal = open();
        journal.put_leg(CallId{1}, leg("\"M\xfcller\" <sip:1@a>"));
        journal.put_way(CallId{1}, way);
    }
    const auto again = open();
    ASSERT_TRUE(again.live().contains(CallId{1}));
    EXPECT_EQ(again.live().at(CallId{1}).way, way);
    EXPECT_EQ(again.live().at(CallId{1}).legs.at("C").dialog, "\"M\xfcller\" <sip:1@a>");
}

// The line that makes the rewriting due is in what is rewritten.
TEST_F(LegJournalFile, loses_nothing_when_a_line_brings_the_rewriting) {
    const WayHere way{{"<sip:1@a>;index=1"}, {}, false, 12};
    const std::vector<std::function<void(LegJournal &)>> puts{
        [](LegJournal &journal) { journal.put_leg(CallId{1}, leg("first")); },
        [](LegJournal &journal) { journal.put_leg(CallId{1}, leg("second")); },
        [](LegJournal &journal) { journal.put_media(CallId{1}, "sound"); },
        [](LegJournal &journal) { journal.put_caller(CallId{1}, "commitment"); },
        [&](LegJournal &journal) { journal.put_way(CallId{1}, way); },
    };
    auto journal = open();
    journal.put_leg(CallId{9}, leg("lives on"));
    for (const auto &put : puts) {
        journal.forget_ended_after(LegJournal::kLongestDead);
        journal.put_leg(CallId{2}, leg("ends"));
        journal.end(CallId{2});
        journal.forget_ended_after(std::chrono::seconds(0));
        put(journal);
    }
    const auto again = open(); // as after kill -9
    ASSERT_TRUE(again.live().contains(CallId{1}));
    const auto &live = again.live().at(CallId{1});
    EXPECT_EQ(live.legs.at("C").dialog, "second");
    EXPECT_EQ(live.media, "sound");
    EXPECT_EQ(live.caller, "commitment");
    EXPECT_EQ(live.way, way);
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
    const auto again = open();
    EXPECT_EQ(again.live().size(), 1U);
}

// The network tells us withheld numbers too: on disk nobody can read one, not even during the call.
TEST_F(LegJournalFile, shows_no_address_while_the_call_lives) {
    auto journal = open();
    journal.put_leg(CallId{1}, leg("sip:+493023125999@far"));
    journal.put_media(CallId{1}, "v=0 o=+493023125999");
    EXPECT_FALSE(text().empty());
    EXPECT_EQ(text().find("23125999"), std::string::npos);
    const auto again = open(); // as after kill -9
    EXPECT_EQ(again.live().at(CallId{1}).legs.at("C").dialog, "sip:+493023125999@far");
}

// After a power cut the key is gone with the memory that held it: what is on disk opens for nobody.
TEST_F(LegJournalFile, cannot_be_read_with_another_key) {
    JournalSeal seal = JournalSeal::open(directory_);
    const std::string line = seal.seal("sip:+493023125999@far");
    EXPECT_EQ(seal.unseal(line), "sip:+493023125999@far");
    EXPECT_NE(seal.seal("same"), seal.seal("same"));
    EXPECT_EQ(JournalSeal::open(directory_).unseal(line), "sip:+493023125999@far");
    JournalSeal::open(directory_).forget();
    EXPECT_EQ(JournalSeal::open(directory_).unseal(line), std::nullopt);
    std::string torn = line.substr(0, line.size() - 4);
    EXPECT_EQ(seal.unseal(torn), std::nullopt);
    EXPECT_EQ(seal.unseal("no base64!"), std::nullopt);
    EXPECT_EQ(seal.unseal(""), std::nullopt);
}

// What one turn of the loop brings is written by one write, when the turn ends.
TEST_F(LegJournalFile, writes_a_turn_at_once) {
    auto journal = open();
    int asked = 0;
    journal.write_when_told([&] { ++asked; });
    journal.put_caller(CallId{1}, "commitment");
    journal.put_leg(CallId{1}, leg("first"));
    journal.put_media(CallId{1}, "sound");
    EXPECT_EQ(asked, 1);
    EXPECT_EQ(text(), "");
    journal.flush();
    const auto written = text();
    EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 1);
    journal.put_leg(CallId{1}, leg("second"));
    EXPECT_EQ(asked, 2);
    journal.flush();
    journal.flush();           // nothing new
    const auto again = open(); // as after kill -9
    EXPECT_EQ(again.live().at(CallId{1}).caller, "commitment");
    EXPECT_EQ(again.live().at(CallId{1}).media, "sound");
    EXPECT_EQ(again.live().at(CallId{1}).legs.at("C").dialog, "second");
}

TEST_F(LegJournalFile, writes_what_is_left_when_it_closes) {
    {
        auto journal = open();
        journal.write_when_told([] {});
        journal.put_leg(CallId{1}, leg("first"));
        journal.put_leg(CallId{2}, leg("ended"));
        journal.end(CallId{2});
    }
    const auto again = open();
    ASSERT_EQ(again.live().size(), 1U);
    EXPECT_EQ(again.live().at(CallId{1}).legs.at("C").dialog, "first");
}

// A service of before, without seal, was replaced while people spoke.
TEST_F(LegJournalFile, takes_up_and_seals_what_was_in_clear) {
    std::ofstream(directory_ + "/legs.journal")
        << R"({"call":1,"leg":"C","role":"caller","browser":false,"agent":0,"dialog":"sip:+493023125999@far"})"
        << '\n';
    const auto journal = open();
    EXPECT_EQ(journal.live().at(CallId{1}).legs.at("C").dialog, "sip:+493023125999@far");
    EXPECT_EQ(text().find("23125999"), std::string::npos);
}

} // namespace
} // namespace fernamt::telephony
