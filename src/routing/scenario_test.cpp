// SPDX-License-Identifier: EUPL-1.2
// Plays tests/scenarios/*.txt: stories of a day in the office, with every decision the machine must
// take written below the event that causes it. The language is described in
// tests/scenarios/README.md. One test per file; a failure shows line, expected and got. Each story
// is also replayed from its start and from a snapshot at every event, and must come out the same.
#include "base/calendar.h"
#include "base/text.h"
#include "routing/machine.h"

#include <fmt/format.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::routing {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

// ---------------------------------------------------------------------------------------- reading

Words split(std::string_view text, char separator) {
    Words parts;
    std::istringstream stream{std::string(text)};
    for (std::string part; std::getline(stream, part, separator);) {
        if (const auto kept = trimmed(part); !kept.empty()) parts.emplace_back(kept);
    }
    return parts;
}

std::string one_blank_each(std::string_view text) { // layout does not matter
    return fmt::format("{}", fmt::join(split(text, ' '), " "));
}

// Words of the pattern match themselves; "?" takes one word, "..." takes the rest.
std::optional<Words> match(const Words &words, std::string_view pattern) {
    Words taken;
    std::size_t at = 0;
    for (const std::string &wanted : split(pattern, ' ')) {
        if (wanted == "...") {
            if (at == words.size()) return std::nullopt;
            std::string rest = words[at];
            for (++at; at < words.size(); ++at)
                rest += " " + words[at];
            taken.push_back(rest);
        } else if (at == words.size()) {
            return std::nullopt;
        } else if (wanted == "?") {
            taken.push_back(words[at++]);
        } else if (words[at++] != wanted) {
            return std::nullopt;
        }
    }
    if (at != words.size()) return std::nullopt;
    return taken;
}

int seconds_of_day(std::string_view text) { // "08:00" or "08:00:30"
    const Words parts = split(text, ':');
    if (parts.size() < 2) throw std::runtime_error("no time of day: " + std::string(text));
    const int second = parts.size() > 2 ? std::stoi(parts[2]) : 0;
    return std::stoi(parts[0]) * 3600 + std::stoi(parts[1]) * 60 + second;
}

Weekday to_weekday(std::string_view name) {
    constexpr std::string_view kNames[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    const auto found = std::find(std::begin(kNames), std::end(kNames), name);
    if (found == std::end(kNames)) throw std::runtime_error("no weekday: " + std::string(name));
    return static_cast<Weekday>(found - std::begin(kNames));
}

template <class Enum>
Enum to_enum(std::string_view name, std::initializer_list<std::pair<std::string_view, Enum>> all) {
    for (const auto &[known, value] : all) {
        if (known == name) return value;
    }
    throw std::runtime_error("unknown word: " + std::string(name));
}

HangUpCause to_cause(std::string_view name) {
    return to_enum<HangUpCause>(name, {{"(media_lost)", HangUpCause::media_lost},
                                       {"(signalling)", HangUpCause::signalling},
                                       {"(restart)", HangUpCause::restart},
                                       {"(replaced)", HangUpCause::replaced}});
}

// -------------------------------------------------------------------------------------- the story

class Story {
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

    void configure(const std::string &line) {
        const Words words = split(line, ' ');
        if (const auto municipality = match(words, "municipality ...")) {
            add_municipality(split(municipality->front(), ','));
        } else if (const auto gone = match(words, "without municipality ?")) {
            remove_municipality(gone->front());
        } else if (const auto agents = match(words, "agents ...")) {
            rules_.agents.clear();
            for (const std::string &name : split(agents->front(), ',')) {
                names_.try_emplace(name, AgentId{static_cast<std::int64_t>(names_.size()) + 1});
                rules_.agents.push_back(names_.at(name));
            }
        } else if (const auto ring = match(words, "ring ? s")) {
            rules_.ring_timeout = std::chrono::seconds{std::stoi(ring->front())};
        } else if (const auto wrap_up = match(words, "wrap-up ? s")) {
            rules_.wrap_up = std::chrono::seconds{std::stoi(wrap_up->front())};
        } else if (const auto extension = match(words, "extension ? s")) {
            rules_.wrap_up_extension = std::chrono::seconds{std::stoi(extension->front())};
        } else if (const auto transfer = match(words, "transfer ? s")) {
            rules_.transfer_timeout = std::chrono::seconds{std::stoi(transfer->front())};
        } else if (!configure_more(line, words)) {
            throw std::runtime_error("not understood: " + line);
        }
        rules_told_ = false;
    }

    bool configure_more(const std::string &line, const Words &words) {
        if (match(words, "queue ...")) {
            add_queue(split(line, ','));
        } else if (match(words, "number ...")) {
            add_number(split(line, ','));
        } else if (const auto skills = match(words, "skills of ? ...")) {
            set_skills(agent_id(skills->at(0)), skill_levels(skills->at(1)));
        } else if (const auto shut = match(words, "closed ? ? ...")) {
            except(shut->at(0), shut->at(1), shut->at(2), false);
        } else if (const auto day = match(words, "closed ? ?")) {
            except(day->at(0), day->at(1), "00:00-24:00", false);
        } else if (const auto extra = match(words, "open ? ? ...")) {
            except(extra->at(0), extra->at(1), extra->at(2), true);
        } else if (const auto begin = match(words, "? joins at ? ?")) {
            town_rules(begin->at(0)).joins = moment(begin->at(1), begin->at(2));
        } else if (const auto over = match(words, "? leaves at ? ?")) {
            town_rules(over->at(0)).leaves = moment(over->at(1), over->at(2));
        } else if (const auto partner = match(words, "partner ? ...")) {
            partners_.push_back(partner->at(0));
            rules_.partners.push_back({PartnerId{static_cast<std::int64_t>(partners_.size())},
                                       parse_phone_number(partner->at(1)).value()});
        } else if (match(words, "overflow ...")) {
            add_overflow(words);
        } else if (const auto calls =
                       match(words, "callbacks ? attempts, ring ? s, retry ? s, busy ? s")) {
            rules_.callbacks = {std::chrono::seconds{std::stoi(calls->at(1))},
                                std::stoi(calls->at(0)),
                                std::chrono::seconds{std::stoi(calls->at(2))},
                                std::chrono::seconds{std::stoi(calls->at(3))}};
        } else if (const auto typical = match(words, "typical call ? s")) {
            rules_.typical_handling = std::chrono::seconds{std::stoi(typical->front())};
        } else {
            return false;
        }
        return true;
    }

    // "queue IT", "demands it 2 and english 1", "prefers ...", "after 60 s demands it 1",
    // "after 120 s demands nothing", "head start 60 s", "at most 2", "offers callbacks"
    void add_queue(const Words &clauses) {
        CallQueue queue;
        queues_.push_back(match(split(clauses.at(0), ' '), "queue ?").value().front());
        queue.id = queue_id(queues_.back());
        for (std::size_t i = 1; i < clauses.size(); ++i) {
            const Words words = split(clauses[i], ' ');
            if (const auto demands = match(words, "demands ...")) {
                queue.demands = skill_levels(demands->front());
            } else if (const auto prefers = match(words, "prefers ...")) {
                queue.prefers = skill_levels(prefers->front());
            } else if (const auto later = match(words, "after ? s demands ...")) {
                queue.relaxations.push_back(
                    {std::chrono::seconds{std::stoi(later->at(0))}, skill_levels(later->at(1))});
            } else if (const auto start = match(words, "head start ? s")) {
                queue.head_start = std::chrono::seconds{std::stoi(start->front())};
            } else if (const auto most = match(words, "at most ?")) {
                queue.max_waiting = std::stoi(most->front());
            } else if (match(words, "offers callbacks")) {
                queue.offers_callback = true;
            } else {
                throw std::runtime_error("not understood: " + clauses[i]);
            }
        }
        rules_.queues.push_back(queue);
    }

    // "number 0221 4710-150 of Soest", "queue IT", "for it_faults", "from DATE TIME", "until DATE
    // TIME", "Mon-Fri 07:00-19:00", "open on holidays", "price 2", "office 0221 4710-190 rings 20
    // s", "absent Mon-Fri 12:00-13:00"
    void add_number(const Words &clauses) {
        const std::string head = clauses.at(0);
        const std::size_t of = head.find(" of ");
        if (of == std::string::npos) throw std::runtime_error("number N of TOWN, ...");
        Number number;
        number.number = parse_phone_number(trimmed(head.substr(6, of - 6))).value();
        number.municipality = town_id(std::string(trimmed(head.substr(of + 4))));
        for (std::size_t i = 1; i < clauses.size(); ++i)
            add_to_number(number, split(clauses[i], ' '));
        // The same number twice stands for two times; else the later line replaces the earlier.
        if (!number.valid_from && !number.valid_until) {
            std::erase_if(rules_.numbers,
                          [&](const Number &other) { return other.number == number.number; });
        }
        rules_.numbers.push_back(number);
    }

    void add_to_number(Number &number, const Words &words) {
        if (const auto queue = match(words, "queue ?")) {
            number.queue = queue_id(queue->front());
        } else if (const auto scope = match(words, "for ?")) {
            for (int value = 0; to_string(static_cast<Scope>(value)) != "unknown"; ++value) {
                if (to_string(static_cast<Scope>(value)) == scope->front()) {
                    number.scope = static_cast<Scope>(value);
                }
            }
        } else if (const auto from = match(words, "from ? ?")) {
            number.valid_from = moment(from->at(0), from->at(1));
        } else if (const auto until = match(words, "until ? ?")) {
            number.valid_until = moment(until->at(0), until->at(1));
        } else if (const auto price = match(words, "price ?")) {
            number.price_class = std::stoi(price->front());
        } else if (match(words, "open on holidays")) {
            number.hours->closed_on_public_holidays = false;
        } else if (const auto office = match(words, "office ? ? rings ? s")) {
            number.office =
                OfficeFirst{parse_phone_number(office->at(0) + " " + office->at(1)).value(),
                            std::chrono::seconds{std::stoi(office->at(2))},
                            {}};
        } else if (const auto absent = match(words, "absent ? ?")) {
            add_periods(number.office->absent, absent->at(0), absent->at(1));
        } else if (const auto hours = match(words, "? ?")) {
            if (!number.hours) number.hours.emplace();
            add_periods(number.hours->periods, hours->at(0), hours->at(1));
        } else {
            throw std::runtime_error(fmt::format("not understood: {}", fmt::join(words, " ")));
        }
    }

    // "overflow to Kassel when closed", "... when 3 wait [in IT]", "... after 120 s [in IT]",
    // "... from DATE TIME until DATE TIME"
    void add_overflow(const Words &words) {
        Overflow overflow;
        Words taken;
        const auto is = [&](std::string_view pattern) {
            const auto found = match(words, pattern);
            if (found) taken = *found;
            return found.has_value();
        };
        if (is("overflow to ? when closed")) {
            overflow.when = OverflowWhen::closed;
        } else if (is("overflow to ? when ? wait in ?") || is("overflow to ? when ? wait")) {
            overflow.when = OverflowWhen::queue_length;
            overflow.waiting = std::stoi(taken.at(1));
            if (taken.size() > 2) overflow.queue = queue_id(taken.at(2));
        } else if (is("overflow to ? after ? s in ?") || is("overflow to ? after ? s")) {
            overflow.when = OverflowWhen::longest_wait;
            overflow.wait = std::chrono::seconds{std::stoi(taken.at(1))};
            if (taken.size() > 2) overflow.queue = queue_id(taken.at(2));
        } else if (is("overflow to ? from ? ? until ? ?")) {
            overflow.from = moment(taken.at(1), taken.at(2));
            overflow.until = moment(taken.at(3), taken.at(4));
        } else {
            throw std::runtime_error("no overflow");
        }
        overflow.partner = partner_id(taken.at(0));
        rules_.overflows.push_back(overflow);
    }

    void set_skills(AgentId agent, const std::vector<SkillLevel> &skills) {
        std::erase_if(rules_.skills, [&](const AgentSkills &one) { return one.agent == agent; });
        rules_.skills.push_back({agent, skills});
    }

    // DATE or DATE..DATE, HH:MM-HH:MM
    void except(const std::string &town, const std::string &days, const std::string &times,
                bool open) {
        const std::size_t dots = days.find("..");
        const auto first = parse_date(days.substr(0, dots));
        const auto last =
            dots == std::string::npos ? first : parse_date(std::string_view(days).substr(dots + 2));
        const Words from_to = split(times, '-');
        town_rules(town).exceptions.push_back({first.value(), last.value(), open,
                                               seconds_of_day(from_to.at(0)),
                                               seconds_of_day(from_to.at(1))});
    }

    Municipality &town_rules(const std::string &name) {
        const MunicipalityId id = town_id(name);
        for (Municipality &town : rules_.municipalities) {
            if (town.id == id) return town;
        }
        throw std::runtime_error("no municipality: " + name);
    }

    static Instant moment(const std::string &date, const std::string &time) {
        return to_instant(parse_date(date).value(), seconds_of_day(time));
    }

    // "it 2 and english 1", "nothing"
    std::vector<SkillLevel> skill_levels(const std::string &text) {
        std::vector<SkillLevel> levels;
        if (text == "nothing") return levels;
        std::string rest = text;
        while (!rest.empty()) {
            const std::size_t end = rest.find(" and ");
            const Words words = split(rest.substr(0, end), ' ');
            const auto known = skills_.try_emplace(
                words.at(0), SkillId{static_cast<std::int64_t>(skills_.size()) + 1});
            const int level = words.size() > 1 ? std::stoi(words.at(1)) : 1;
            levels.push_back({known.first->second, level});
            rest = end == std::string::npos ? "" : rest.substr(end + 5);
        }
        return levels;
    }

    // "Langenhagen in NI", "Mon-Fri 08:00-18:00", "number 030 23125-110", "open on holidays"
    void add_municipality(const Words &clauses) {
        const auto head = match(split(clauses.at(0), ' '), "? in ?");
        if (!head) throw std::runtime_error("municipality NAME in LAND, ...");
        const auto land = parse_land(head->at(1));
        if (!land) throw std::runtime_error("no Land: " + head->at(1));
        towns_.push_back(head->at(0));
        Municipality town;
        town.id = MunicipalityId{static_cast<std::int64_t>(towns_.size())};
        town.land = *land;
        for (std::size_t i = 1; i < clauses.size(); ++i) {
            const Words words = split(clauses[i], ' ');
            if (const auto number = match(words, "number ...")) {
                rules_.numbers.push_back({parse_phone_number(number->front()).value(), town.id});
            } else if (match(words, "open on holidays")) {
                town.closed_on_public_holidays = false;
            } else if (const auto some = match(words, "? ? until ?")) {
                add_hours(town, some->at(0), some->at(1));
                for (OpeningPeriod &period : newest(town, some->at(0)))
                    period.valid_until = parse_date(some->at(2));
            } else if (const auto later = match(words, "? ? from ?")) {
                add_hours(town, later->at(0), later->at(1));
                for (OpeningPeriod &period : newest(town, later->at(0)))
                    period.valid_from = parse_date(later->at(2));
            } else if (const auto hours = match(words, "? ?")) {
                add_hours(town, hours->at(0), hours->at(1));
            } else {
                throw std::runtime_error("not understood: " + clauses[i]);
            }
        }
        rules_.municipalities.push_back(town);
    }

    // The periods that the last clause has added, one per day.
    static std::span<OpeningPeriod> newest(Municipality &town, std::string_view days) {
        const Words first_last = split(days, '-');
        const int count = static_cast<int>(to_weekday(first_last.back())) -
                          static_cast<int>(to_weekday(first_last.front())) + 1;
        return std::span(town.hours).last(static_cast<std::size_t>(count));
    }

    static void add_hours(Municipality &town, std::string_view days, std::string_view times) {
        add_periods(town.hours, days, times);
    }

    static void add_periods(std::vector<OpeningPeriod> &periods, std::string_view days,
                            std::string_view times) {
        const Words from_to = split(times, '-');
        const Words first_last = split(days, '-');
        const int last = static_cast<int>(to_weekday(first_last.back()));
        for (int day = static_cast<int>(to_weekday(first_last.front())); day <= last; ++day) {
            periods.push_back({static_cast<Weekday>(day),
                               seconds_of_day(from_to.at(0)),
                               seconds_of_day(from_to.at(1)),
                               {},
                               {}});
        }
    }

    void remove_municipality(const std::string &name) {
        const MunicipalityId id = town_id(name);
        std::erase_if(rules_.municipalities, [id](const auto &m) { return m.id == id; });
        std::erase_if(rules_.numbers, [id](const auto &n) { return n.municipality == id; });
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

    Event to_event(const Words &words) {
        struct Phrase {
            std::string_view pattern;
            std::function<Event(const Words &)> event;
        };
        const auto agent = [this](const Words &w) { return agent_id(w.at(0)); };
        const auto first_call = [](const Words &w) { return call_id(w.at(0)); };
        const auto second_call = [](const Words &w) { return call_id(w.at(1)); };
        using W = const Words &;
        const std::vector<Phrase> phrases = {
            {"call ? from phone ? to ...",
             [&](W w) {
                 CallOffered call = offered(first_call(w), w.at(2));
                 call.caller = CallerKey{std::stoi(w.at(1))};
                 return call;
             }},
            {"call ? from partner ? to ...",
             [&](W w) {
                 CallOffered call = offered(first_call(w), w.at(2));
                 call.from = partner_id(w.at(1));
                 return call;
             }},
            {"call ? after ? diversions to ...",
             [&](W w) {
                 CallOffered call = offered(first_call(w), w.at(2));
                 call.hops = std::stoi(w.at(1));
                 return call;
             }},
            {"call ? to ...", [&](W w) { return offered(first_call(w), w.at(1)); }},
            {"caller ? hangs up", [&](W w) { return CallerHungUp{first_call(w)}; }},
            {"caller ? hangs up ?",
             [&](W w) { return CallerHungUp{first_call(w), to_cause(w.at(1))}; }},
            {"call ? heard the announcement",
             [&](W w) { return AnnouncementFinished{first_call(w)}; }},
            {"target of call ? answers", [&](W w) { return TransferAnswered{first_call(w)}; }},
            {"target of call ? fails", [&](W w) { return TransferFailed{first_call(w)}; }},
            {"target of call ? hangs up", [&](W w) { return TransferTargetHungUp{first_call(w)}; }},
            {"time passes", [](W) { return TimePassed{}; }},
            {"? signs in", [&](W w) { return AgentSignedIn{agent(w)}; }},
            {"? signs in at the phone",
             [&](W w) { return AgentSignedIn{agent(w), Device::sip_phone}; }},
            {"? signs in paused",
             [&](W w) { return AgentSignedIn{agent(w), Device::browser, true}; }},
            {"? signs out", [&](W w) { return AgentSignedOut{agent(w)}; }},
            {"? is ready", [&](W w) { return AgentReady{agent(w)}; }},
            {"? pauses", [&](W w) { return AgentPaused{agent(w)}; }},
            {"? answers call ?", [&](W w) { return AgentAnswered{agent(w), second_call(w)}; }},
            {"? declines call ?", [&](W w) { return AgentDeclined{agent(w), second_call(w)}; }},
            {"phone of ? is unreachable for call ?",
             [&](W w) {
                 return AgentDeclined{agent(w), second_call(w), DeclineCause::unreachable};
             }},
            {"? hangs up call ?", [&](W w) { return AgentHungUp{agent(w), second_call(w)}; }},
            {"? hangs up call ? ?",
             [&](W w) { return AgentHungUp{agent(w), second_call(w), to_cause(w.at(2))}; }},
            {"? holds call ?", [&](W w) { return HoldRequested{agent(w), second_call(w)}; }},
            {"? resumes call ?", [&](W w) { return ResumeRequested{agent(w), second_call(w)}; }},
            {"? transfers call ? to ...",
             [&](W w) {
                 return TransferRequested{
                     agent(w), second_call(w), {parse_phone_number(w.at(2)).value(), {}}};
             }},
            {"? asks about call ? at ...",
             [&](W w) {
                 return ConsultRequested{
                     agent(w), second_call(w), {parse_phone_number(w.at(2)).value(), {}}};
             }},
            {"asked for call ? answers", [&](W w) { return ConsultAnswered{first_call(w)}; }},
            {"asked for call ? fails", [&](W w) { return ConsultFailed{first_call(w)}; }},
            {"asked for call ? hangs up", [&](W w) { return ConsultTargetHungUp{first_call(w)}; }},
            {"? goes back to caller ?",
             [&](W w) { return ConsultEnded{agent(w), second_call(w)}; }},
            {"? joins all of call ?",
             [&](W w) { return ConferenceRequested{agent(w), second_call(w)}; }},
            {"? hands over call ?",
             [&](W w) { return HandOverRequested{agent(w), second_call(w)}; }},
            {"? assigns call ? to ?",
             [&](W w) { return TenantCorrected{agent(w), second_call(w), town_id(w.at(2))}; }},
            {"caller ? wants a callback to phone ?",
             [&](W w) { return CallbackRequested{first_call(w), CallerKey{std::stoi(w.at(1))}}; }},
            {"caller ? wants a callback but withholds the number",
             [&](W w) { return CallbackRequested{first_call(w), {}}; }},
            {"caller ? answers the callback", [&](W w) { return CallbackAnswered{first_call(w)}; }},
            {"callback of call ? fails", [&](W w) { return CallbackFailed{first_call(w)}; }},
            {"callback of call ? is busy",
             [&](W w) { return CallbackFailed{first_call(w), DeclineCause::busy}; }},
            {"callback of call ? is withdrawn",
             [&](W w) { return CallbackWithdrawn{first_call(w)}; }},
            {"office of call ? is busy",
             [&](W w) { return TransferFailed{first_call(w), DeclineCause::busy}; }},
            {"office of ? is absent",
             [&](W w) { return OfficeSwitched{town_id(w.at(0)), true, {}}; }},
            {"office of ? is absent until ?",
             [&](W w) { return OfficeSwitched{town_id(w.at(0)), true, read_clock(w.at(1))}; }},
            {"office of ? is there",
             [&](W w) { return OfficeSwitched{town_id(w.at(0)), false, {}}; }},
            {"office of ? follows its timetable",
             [&](W w) { return OfficeSwitched{town_id(w.at(0)), {}, {}}; }},
            {"the lead gives ? the usual skills",
             [&](W w) { return SkillsAssigned{agent(w), {}, UserId{1}}; }},
            {"the lead gives ? ...",
             [&](W w) { return SkillsAssigned{agent(w), skill_levels(w.at(1)), UserId{1}}; }},
            {"crisis ? begins for ...", [&](W w) { return crisis(w.at(0), split(w.at(1), ',')); }},
            {"crisis ? ends",
             [&](W w) { return CrisisEnded{CrisisId{std::stoi(w.at(0))}, UserId{1}}; }},
            {"? helps in crisis ?",
             [&](W w) {
                 names_.try_emplace(w.at(0), AgentId{static_cast<std::int64_t>(names_.size()) + 1});
                 return HelperJoined{agent_id(w.at(0)), CrisisId{std::stoi(w.at(1))}};
             }},
            {"? extends the wrap-up", [&](W w) { return WrapUpExtended{agent(w)}; }},
            {"? finishes the wrap-up", [&](W w) { return WrapUpFinished{agent(w)}; }},
        };
        for (const Phrase &phrase : phrases) {
            if (const auto taken = match(words, phrase.pattern)) return phrase.event(*taken);
        }
        throw std::runtime_error(fmt::format("no event: {}", fmt::join(words, " ")));
    }

    // "030 23125-110" or "040 66969-099 diverted from 030 23125-110"
    [[nodiscard]] CallOffered offered(CallId call, const std::string &dialled) const {
        constexpr std::string_view kDiverted = " diverted from ";
        const std::size_t at = dialled.find(kDiverted);
        std::vector<DialledCandidate> candidates = {
            {DialledSource::request_uri, dialled.substr(0, at)}};
        if (at != std::string::npos) {
            candidates.push_back({DialledSource::diversion, dialled.substr(at + kDiverted.size())});
        }
        return CallOffered{call, resolve_dialled(sorted(rules_), candidates)};
    }

    // "Soest", "queue IT", "head start 600 s", "always open", "Sat-Sun 10:00-18:00", "demands x 1"
    Event crisis(const std::string &number, const Words &clauses) {
        CrisisPlan plan;
        plan.id = CrisisId{std::stoi(number)};
        for (const std::string &clause : clauses) {
            const Words words = split(clause, ' ');
            if (const auto queue = match(words, "queue ?")) {
                plan.queue = queue_id(queue->front());
            } else if (const auto start = match(words, "head start ? s")) {
                plan.head_start = std::chrono::seconds{std::stoi(start->front())};
            } else if (match(words, "always open")) {
                plan.always_open = true;
            } else if (const auto demands = match(words, "demands ...")) {
                plan.demands = skill_levels(demands->front());
            } else if (const auto hours = match(words, "? ?")) {
                add_periods(plan.hours, hours->at(0), hours->at(1));
            } else {
                plan.municipality = town_id(clause);
            }
        }
        return CrisisBegan{plan, UserId{1}};
    }

    // -------------------------------------------------------------------------------------- words

    [[nodiscard]] QueueId queue_id(const std::string &name) const {
        const auto found = std::find(queues_.begin(), queues_.end(), name);
        if (found == queues_.end()) throw std::runtime_error("no queue: " + name);
        return QueueId{found - queues_.begin() + 1};
    }

    [[nodiscard]] PartnerId partner_id(const std::string &name) const {
        const auto found = std::find(partners_.begin(), partners_.end(), name);
        if (found == partners_.end()) throw std::runtime_error("no partner: " + name);
        return PartnerId{found - partners_.begin() + 1};
    }

    [[nodiscard]] std::string partner(PartnerId id) const {
        return partners_.at(static_cast<std::size_t>(id.value) - 1);
    }

    static CallId call_id(const std::string &number) { return CallId{std::stoll(number)}; }

    [[nodiscard]] AgentId agent_id(const std::string &name) const {
        const auto found = names_.find(name);
        return found == names_.end() ? AgentId{999} : found->second; // a stranger
    }

    [[nodiscard]] MunicipalityId town_id(const std::string &name) const {
        const auto found = std::find(towns_.begin(), towns_.end(), name);
        if (found == towns_.end()) throw std::runtime_error("no municipality: " + name);
        return MunicipalityId{found - towns_.begin() + 1};
    }

    Instant read_clock(const std::string &text) const {
        const Words parts = split(text, '.');
        const Instant at = to_instant(date_, seconds_of_day(parts.at(0)));
        if (parts.size() == 1) return at;
        return at + std::chrono::milliseconds{std::stoi(parts.at(1))};
    }

    static std::string clock(Instant at) {
        const int second = to_local(at).second_of_day;
        const std::int64_t milli = at.us / 1000 % 1000;
        const std::string text =
            fmt::format("{:02d}:{:02d}:{:02d}", second / 3600, second / 60 % 60, second % 60);
        return milli == 0 ? text : text + fmt::format(".{:03d}", milli);
    }

    static std::string seconds(Duration duration) {
        return fmt::format("{:g} s", static_cast<double>(duration.count()) / 1e6);
    }

    std::string name(AgentId id) const {
        for (const auto &[known, value] : names_) {
            if (value == id) return known;
        }
        return fmt::format("agent-{}", id.value);
    }

    std::string town(MunicipalityId id) const {
        return towns_.at(static_cast<std::size_t>(id.value) - 1);
    }

    std::string waiting() const {
        Words calls;
        for (const CallId call : machine_.waiting())
            calls.push_back(std::to_string(call.value));
        return fmt::format("{}", fmt::join(calls, ", "));
    }

    std::string describe(const Decision &decision) const {
        const std::string what =
            std::visit([this](const auto &effect) { return words_for(effect); }, decision.effect);
        if (std::holds_alternative<Refused>(decision.effect)) return what;
        return fmt::format("{:<56} [{}]", what, to_string(decision.rule));
    }

    std::string words_for(const Announce &e) const {
        return fmt::format("call {} hears {}", e.call.value, to_string(e.announcement));
    }
    std::string words_for(const Queue &e) const {
        std::string text = fmt::format("call {} waits for {}", e.call.value, town(e.municipality));
        if (e.queue) {
            text += " in " + queues_.at(static_cast<std::size_t>(e.queue.value) - 1);
        }
        if (e.crisis) text += fmt::format(", crisis {}", e.crisis.value);
        return text;
    }
    std::string words_for(const Ring &e) const {
        return fmt::format("call {} rings {}{}", e.call.value, name(e.agent),
                           e.device == Device::sip_phone ? " at the phone"
                           : e.callback                  ? " for a callback"
                                                         : "");
    }
    std::string words_for(const StopRinging &e) const {
        return fmt::format("call {} no longer rings {}", e.call.value, name(e.agent));
    }
    std::string words_for(const Connect &e) const {
        return fmt::format("call {} speaks with {} after {}", e.call.value, name(e.agent),
                           seconds(e.waited));
    }
    std::string words_for(const Hold &e) const {
        return fmt::format("call {} is held by {}", e.call.value, name(e.agent));
    }
    std::string words_for(const Resume &e) const {
        return fmt::format("call {} is resumed by {}", e.call.value, name(e.agent));
    }
    std::string words_for(const Transfer &e) const {
        return fmt::format("call {} leaves {} for {}", e.call.value, name(e.agent),
                           to_din5008(*e.target.number));
    }
    std::string words_for(const ConnectTransfer &e) const {
        return fmt::format("call {} speaks with its target", e.call.value);
    }
    std::string words_for(const Requeue &e) const {
        return fmt::format("call {} waits again", e.call.value);
    }
    std::string words_for(const End &e) const {
        std::string text = fmt::format("call {} ends: {}", e.call.value, to_string(e.reason));
        if (e.municipality) text += " for " + town(*e.municipality);
        if (e.answered_at) {
            text += ", talk " + seconds(e.talk);
        } else {
            text += ", never answered";
            EXPECT_EQ(e.talk, Duration{}) << where();
        }
        if (e.transferred > Duration{}) text += ", transferred " + seconds(e.transferred);
        if (e.scope != Scope::central) text += fmt::format(", number for {}", to_string(e.scope));
        if (e.price_class != 0) text += fmt::format(", price class {}", e.price_class);
        if (e.dialled) text += ", dialled " + town(*e.dialled);
        if (e.crisis) text += fmt::format(", in crisis {}", e.crisis.value);
        if (e.from) text += ", from partner " + partner(e.from);
        if (e.to) text += ", by partner " + partner(e.to);
        if (e.callback_at) text += fmt::format(", callback tried {} times", e.callback_attempts);
        return text;
    }
    std::string words_for(const AgentStateChanged &e) const {
        std::string text = fmt::format("{} is {}", name(e.agent), to_string(e.state));
        if (e.call) text += fmt::format(", call {}", e.call->value);
        if (e.until) text += ", until " + clock(*e.until);
        return text;
    }
    std::string words_for(const WrapUpDone &e) const {
        return fmt::format("{} did {} of work after call {} for {}", name(e.agent),
                           seconds(e.duration), e.call.value, town(e.municipality));
    }
    std::string words_for(const Forward &e) const {
        if (e.purpose == Outside::partner) {
            return fmt::format("call {} goes to partner {}", e.call.value, partner(e.partner));
        }
        return fmt::format("call {} rings at the office {}", e.call.value, to_din5008(e.target));
    }
    std::string words_for(const CallbackNoted &e) const {
        return fmt::format("call {} will be called back, {} before it", e.call.value, e.ahead);
    }
    std::string words_for(const StillWaits &e) const {
        if (e.sleeps_until) {
            return fmt::format("call {} sleeps until {} {}", e.call.value,
                               to_string(to_local(*e.sleeps_until).date), clock(*e.sleeps_until));
        }
        return fmt::format("call {} waits on, demands relaxed {} times", e.call.value,
                           e.relaxations);
    }
    std::string words_for(const CallBack &e) const {
        return fmt::format("call {} is called back by {}", e.call.value, name(e.agent));
    }
    std::string words_for(const StopTarget &e) const {
        return fmt::format("call {} is no longer dialled", e.call.value);
    }
    std::string words_for(const Consult &e) const {
        return fmt::format("call {} hears music, {} asks {}", e.call.value, name(e.agent),
                           to_din5008(*e.target.number));
    }
    std::string words_for(const ConnectConsult &e) const {
        return fmt::format("call {} hears music, {} speaks with who was asked", e.call.value,
                           name(e.agent));
    }
    std::string words_for(const EndConsult &e) const {
        return fmt::format("call {}: who was asked is gone", e.call.value);
    }
    std::string words_for(const Conference &e) const {
        return fmt::format("call {}: all three speak", e.call.value);
    }
    std::string words_for(const HandOver &e) const {
        return fmt::format("call {} stays with who was asked, {} leaves", e.call.value,
                           name(e.agent));
    }
    std::string words_for(const Corrected &e) const {
        return fmt::format("call {} belongs to {}, not to {}", e.call.value, town(e.to),
                           town(e.from));
    }
    std::string words_for(const CrisisStarted &e) const {
        return fmt::format("crisis {} begins, {} calls moved", e.crisis.value, e.calls);
    }
    std::string words_for(const CrisisReport &e) const {
        return fmt::format("crisis {} since {}: {} offered, {} answered, {} abandoned, {} helpers, "
                           "talk {}, work {}, longest wait {}",
                           e.crisis.value, clock(e.began_at), e.facts.offered, e.facts.answered,
                           e.facts.abandoned, e.facts.helpers, seconds(e.facts.talk),
                           seconds(e.facts.after_call_work), seconds(e.facts.longest_wait));
    }
    std::string words_for(const Refused &e) const { return fmt::format("refused: {}", e.code); }

    struct Past {
        Event event;
        Instant at;
        State before;
        std::vector<std::string> decisions;
    };

    fs::path file_;
    int number_ = 0;
    Machine machine_;
    Rules rules_;
    bool rules_told_ = false;
    bool timer_is_late_ = false;
    LocalDate date_{2026, 11, 23};
    Words towns_;
    std::map<std::string, AgentId> names_;
    Words queues_;
    Words partners_;
    std::map<std::string, SkillId> skills_;
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

class Scenario : public testing::TestWithParam<fs::path> {};

TEST_P(Scenario, comes_out_as_written) {
    Story story(GetParam());
    ASSERT_NO_THROW(story.play());
    EXPECT_GT(story.expectations(), 0U) << "a story that expects nothing proves nothing";
    if (HasFailure()) std::fputs(("\nas it was played:\n\n" + story.transcript()).c_str(), stderr);
}

std::string stem_of(const testing::TestParamInfo<fs::path> &story) {
    return story.param.stem().string();
}
INSTANTIATE_TEST_SUITE_P(Stories, Scenario, testing::ValuesIn(scenario_files()), stem_of);

// A runner that cannot fail would make every story green: it must notice a wrong expectation.
TEST(ScenarioRunner, notices_wrong_missing_and_superfluous_expectations) {
    const auto failures_of = [](std::string_view story) {
        const fs::path file =
            fs::path(testing::TempDir()) / fmt::format("story-{}-{}.txt", ::getpid(), story.size());
        std::ofstream(file) << "municipality Burgdorf in NI, Mon-Fri 08:00-18:00, number 05136 "
                               "898-0\nagents Anna\n"
                            << story;
        testing::TestPartResultArray results;
        {
            testing::ScopedFakeTestPartResultReporter reporter(
                testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
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
} // namespace fernamt::routing
