// SPDX-License-Identifier: EUPL-1.2
// Plays tests/scenarios/*.txt: stories of a day in the office, with every decision the machine must
// take written below the event that causes it. The language is described in
// tests/scenarios/README.md. One test per file; a failure shows line, expected and got. Each story
// is also replayed from its start and from a snapshot at every event, and must come out the same.
#include "routing/testing/story_words.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <regex>

namespace fernamt::routing::testing {
namespace {

namespace fs = std::filesystem;

// -------------------------------------------------------------------------------------- the story

class Story : private StoryWords {
  public:
    explicit Story(const fs::path &file) : file_(file) {}

    void play() {
        std::ifstream in(file_);
        if (!in) throw std::runtime_error("cannot read " + file_.string());
        for (std::string line; std::getline(in, line);) {
            ++number_;
            try {
                read(line);
            } catch (const std::exception &error) {
                throw std::runtime_error(
                    fmt::format("{}:{}: {}", file_.filename().string(), number_, error.what()));
            }
        }
        expect_nothing_more();
        replay_from_everywhere();
    }

    [[nodiscard]] const std::string &transcript() const { return transcript_; }
    [[nodiscard]] std::size_t expectations() const { return expectations_; }

  private:
    void read(const std::string &line) {
        const std::string text(trimmed(line));
        if (text.empty() || text.front() == '#') {
            if (text.empty()) expect_nothing_more();
            note(line);
        } else if (text.front() == '>') {
            expect(one_blank_each(text.substr(1)));
        } else if (text.front() == '=') {
            expect_nothing_more();
            note(line);
            check(one_blank_each(text.substr(1)));
        } else {
            expect_nothing_more();
            note(line);
            tell(one_blank_each(text));
        }
    }

    // ------------------------------------------------------------------------------ expectations

    void expect(const std::string &wanted) {
        ++expectations_;
        if (got_.empty()) {
            ADD_FAILURE() << where() << "\n  expected: " << wanted << "\n  got:      nothing more";
            return;
        }
        const std::string got = got_.front();
        got_.erase(got_.begin());
        note("            > " + got);
        if (one_blank_each(got) != wanted) {
            ADD_FAILURE() << where() << "\n  expected: " << wanted << "\n  got:      " << got;
        }
    }

    void expect_nothing_more() {
        for (const std::string &got : got_) {
            note("            > " + got);
            ADD_FAILURE() << where() << "\n  expected: nothing more\n  got:      " << got;
        }
        got_.clear();
    }

    void check(const std::string &claim) {
        ++expectations_;
        const Words words = split(claim, ' ');
        std::string got;
        if (match(words, "nobody waits")) {
            got = machine_.waiting().empty() ? claim : "waiting: " + waiting();
        } else if (match(words, "waiting: ...")) {
            got = "waiting: " + waiting();
        } else if (const auto call = match(words, "call ? is ?")) {
            const auto found = machine_.state().calls.find(call_id(call->at(0)));
            const bool known = found != machine_.state().calls.end();
            got = fmt::format("call {} is {}", call->at(0),
                              known ? to_string(found->second.state) : "unknown");
        } else if (const auto agent = match(words, "? is ?")) {
            const auto found = machine_.state().agents.find(agent_id(agent->at(0)));
            const bool known = found != machine_.state().agents.end();
            got = fmt::format("{} is {}", agent->at(0),
                              known ? to_string(found->second.state) : "unknown");
        } else if (const auto place = match(words, "call ? is told ...")) {
            const auto told = machine_.estimate(call_id(place->at(0)));
            got = fmt::format(
                "call {} is told {}", place->at(0),
                !told        ? "nothing"
                : told->wait ? fmt::format("{} before it, {}", told->ahead, seconds(*told->wait))
                             : fmt::format("{} before it", told->ahead));
        } else if (match(words, "next deadline ?")) {
            const auto due = machine_.next_deadline();
            got = "next deadline " + (due ? clock(*due) : "none");
        } else {
            throw std::runtime_error("no claim: " + claim);
        }
        if (got != claim) {
            ADD_FAILURE() << where() << "\n  expected: " << claim << "\n  got:      " << got;
        }
    }

    [[nodiscard]] std::string where() const {
        return fmt::format("{}:{}", file_.filename().string(), number_);
    }

    void note(const std::string &line) { transcript_ += line + "\n"; }

    // ----------------------------------------------------------------------------------- the rules

    void tell(const std::string &line) {
        const Words words = split(line, ' ');
        if (const auto day = match(words, "day ?")) {
            const auto date = parse_date(day->at(0));
            if (!date) throw std::runtime_error("no date: " + day->at(0));
            date_ = *date;
        } else if (words.front().size() >= 8 && words.front()[2] == ':') {
            happen(read_clock(words.front()), Words{words.begin() + 1, words.end()});
        } else {
            configure(line);
        }
    }

    // ---------------------------------------------------------------------------------- the events

    void happen(Instant at, const Words &words) {
        if (match(words, "the timer is late")) {
            timer_is_late_ = true;
            return;
        }
        if (match(words, "snapshot and restart")) {
            machine_ = Machine(State{machine_.state()});
            return;
        }
        if (!rules_told_ && !match(words, "rules change: ...")) tell_rules(at);
        const auto due = machine_.next_deadline();
        const bool timer = match(words, "time passes").has_value();
        if (due && *due < at && !timer_is_late_) {
            throw std::runtime_error("a deadline at " + clock(*due) + " comes first");
        }
        if (timer) timer_is_late_ = false;
        if (const auto change = match(words, "rules change: ...")) {
            configure(change->front());
            tell_rules(at);
            return;
        }
        step(to_event(words), at);
    }

    void tell_rules(Instant at) {
        ++rules_.version;
        rules_told_ = true;
        step(RulesChanged{rules_, UserId{1}}, at);
    }

    void step(const Event &event, Instant at) {
        const State before = machine_.state();
        const Decisions decisions = machine_.step(event, at);
        std::vector<std::string> told;
        for (const Decision &decision : decisions)
            told.push_back(describe(decision));
        got_.insert(got_.end(), told.begin(), told.end());
        if (std::holds_alternative<Refused>(decisions.empty() ? Effect{Requeue{}}
                                                              : decisions.front().effect)) {
            EXPECT_EQ(machine_.state(), before) << where() << ": refused, but changed";
        }
        EXPECT_TRUE(machine_.is_consistent()) << where() << ": indices differ from the state";
        past_.push_back({event, at, before, std::move(told)});
    }

    void replay_from_everywhere() const {
        for (std::size_t cut = 0; cut < past_.size(); ++cut) {
            Machine again{State{past_[cut].before}};
            for (std::size_t i = cut; i < past_.size(); ++i) {
                std::vector<std::string> got;
                for (const Decision &decision : again.step(past_[i].event, past_[i].at)) {
                    got.push_back(describe(decision));
                }
                ASSERT_EQ(got, past_[i].decisions) << "replayed from event " << cut;
            }
            ASSERT_EQ(again.state(), machine_.state()) << "replayed from event " << cut;
        }
    }

    std::string waiting() const {
        Words calls;
        for (const CallId call : machine_.waiting())
            calls.push_back(std::to_string(call.value));
        return fmt::format("{}", fmt::join(calls, ", "));
    }

    struct Past {
        Event event;
        Instant at;
        State before;
        std::vector<std::string> decisions;
    };

    fs::path file_;
    int number_ = 0;
    Machine machine_;
    bool timer_is_late_ = false;
    std::vector<std::string> got_;
    std::vector<Past> past_;
    std::string transcript_;
    std::size_t expectations_ = 0;
};

// ------------------------------------------------------------------------------------------ tests

std::vector<fs::path> scenario_files() {
    std::vector<fs::path> files;
    for (const auto &entry :
         fs::directory_iterator(fs::path(FERNAMT_SOURCE_DIR) / "tests/scenarios")) {
        if (entry.path().extension() == ".txt") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

class Scenario : public ::testing::TestWithParam<fs::path> {};

TEST_P(Scenario, comes_out_as_written) {
    Story story(GetParam());
    ASSERT_NO_THROW(story.play());
    EXPECT_GT(story.expectations(), 0U) << "a story that expects nothing proves nothing";
    if (HasFailure()) std::fputs(("\nas it was played:\n\n" + story.transcript()).c_str(), stderr);
}

std::string stem_of(const ::testing::TestParamInfo<fs::path> &story) {
    return story.param.stem().string();
}
INSTANTIATE_TEST_SUITE_P(Stories, Scenario, ::testing::ValuesIn(scenario_files()), stem_of);

// The list of what peers' users report names stories and tests that are there.
TEST(ScenarioList, names_what_is_there) {
    const fs::path root = FERNAMT_SOURCE_DIR;
    std::ifstream list(root / "tests/scenarios/README.md");
    const std::regex name("[a-z_]+/[a-z_/]+\\.cpp|[a-z]+\\.test\\.mjs|[a-z]+(_[a-z]+)+");
    int named = 0;
    for (std::string line; std::getline(list, line);) {
        const auto cell = line.rfind(" | ");
        if (!line.starts_with("| ") || cell == std::string::npos) continue;
        const std::string here = line.substr(cell);
        for (std::sregex_iterator at(here.begin(), here.end(), name), end; at != end; ++at) {
            const std::string what = at->str();
            fs::path place = root / "tests/scenarios" / (what + ".txt");
            if (what.ends_with(".cpp"))
                place = root / (what.starts_with("tests/") ? "" : "src") / what;
            if (what.ends_with(".mjs")) place = root / "tests/browser" / what;
            if (what == "routing_bench" || what == "large_house_decisions") continue; // a figure
            EXPECT_TRUE(fs::exists(place)) << what;
            ++named;
        }
    }
    EXPECT_GT(named, 60);
}

// A runner that cannot fail would make every story green: it must notice a wrong expectation.
TEST(ScenarioRunner, notices_wrong_missing_and_superfluous_expectations) {
    const auto failures_of = [](std::string_view story) {
        const fs::path file = fs::path(::testing::TempDir()) /
                              fmt::format("story-{}-{}.txt", ::getpid(), story.size());
        std::ofstream(file) << "municipality Burgdorf in NI, Mon-Fri 08:00-18:00, number 05136 "
                               "898-0\nagents Anna\n"
                            << story;
        ::testing::TestPartResultArray results;
        {
            ::testing::ScopedFakeTestPartResultReporter reporter(
                ::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD,
                &results);
            Story(file).play();
        }
        fs::remove(file);
        return results.size();
    };
    EXPECT_EQ(failures_of("08:00:00 Anna signs in\n> Anna is ready [agent_request]\n"), 0);
    EXPECT_EQ(failures_of("08:00:00 Anna signs in\n> Anna is paused [agent_request]\n"), 1);
    EXPECT_EQ(failures_of("08:00:00 Anna signs in\n"), 1);
    EXPECT_EQ(failures_of("08:00:00 Anna signs in\n> Anna is ready [agent_request]\n> more\n"), 1);
    EXPECT_EQ(failures_of("08:00:00 Anna signs in\n> Anna is ready [agent_request]\n"
                          "= Anna is paused\n"),
              1);
}

} // namespace
} // namespace fernamt::routing::testing
