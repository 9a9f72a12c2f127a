// SPDX-License-Identifier: EUPL-1.2
// The rules as a story tells them, and the names by which it calls towns, agents, queues, partners
// and skills. The language: tests/scenarios/README.md. Only for the stories' runner.
#pragma once

#include "routing/machine.h"
#include "routing/testing/story_text.h"

#include <map>
#include <span>

namespace fernamt::routing::testing {

class StoryRules {
  protected:
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
            town_rules(shut->at(0))
                .exceptions.push_back(exception(shut->at(1), shut->at(2), false));
        } else if (const auto day = match(words, "closed ? ?")) {
            town_rules(day->at(0))
                .exceptions.push_back(exception(day->at(1), "00:00-24:00", false));
        } else if (const auto extra = match(words, "open ? ? ...")) {
            town_rules(extra->at(0))
                .exceptions.push_back(exception(extra->at(1), extra->at(2), true));
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
        } else if (const auto ours = match(words, "callbacks not dialled ? s")) {
            rules_.callbacks.retry_when_not_dialled =
                std::chrono::seconds{std::stoi(ours->front())};
        } else if (const auto typical = match(words, "typical call ? s")) {
            rules_.typical_handling = std::chrono::seconds{std::stoi(typical->front())};
        } else {
            return false;
        }
        return true;
    }

    // "after 60 s demands it 1", "after 120 s demands nothing"
    std::optional<Relaxation> relaxation(const Words &words) {
        const auto step = match(words, "after ? s demands ...");
        if (!step) return std::nullopt;
        return Relaxation{std::chrono::seconds{std::stoi(step->at(0))}, skill_levels(step->at(1))};
    }

    // "queue IT", "demands it 2 and english 1", "prefers ...", "after 60 s demands it 1",
    // "after 120 s demands nothing", "head start 60 s", "at most 2", "offers callbacks"
    void add_queue(const Words &clauses) {
        CallQueue queue;
        const std::string name = match(split(clauses.at(0), ' '), "queue ?").value().front();
        if (std::find(queues_.begin(), queues_.end(), name) == queues_.end())
            queues_.push_back(name);
        queue.id = queue_id(name);
        std::erase_if(rules_.queues, [&](const CallQueue &one) { return one.id == queue.id; });
        for (std::size_t i = 1; i < clauses.size(); ++i) {
            const Words words = split(clauses[i], ' ');
            if (const auto demands = match(words, "demands ...")) {
                queue.demands = skill_levels(demands->front());
            } else if (const auto prefers = match(words, "prefers ...")) {
                queue.prefers = skill_levels(prefers->front());
            } else if (const auto later = relaxation(words)) {
                queue.relaxations.push_back(*later);
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
    // TIME", "Mon-Fri 07:00-19:00", "open on holidays", "closures of the town", "closed DATE
    // HH:MM-HH:MM", "open DATE HH:MM-HH:MM", "price 2", "office 0221 4710-190 rings 20 s", "absent
    // Mon-Fri 12:00-13:00"
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
        } else if (match(words, "closures of the town")) {
            number.hours->towns_days = true;
        } else if (const auto closed = match(words, "closed ? ?")) {
            number.hours->exceptions.push_back(exception(closed->at(0), closed->at(1), false));
        } else if (const auto open = match(words, "open ? ?")) {
            number.hours->exceptions.push_back(exception(open->at(0), open->at(1), true));
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
    static HoursException exception(const std::string &days, const std::string &times, bool open) {
        const std::size_t dots = days.find("..");
        const auto first = parse_date(days.substr(0, dots));
        const auto last =
            dots == std::string::npos ? first : parse_date(std::string_view(days).substr(dots + 2));
        const Words from_to = split(times, '-');
        return {first.value(), last.value(), open, seconds_of_day(from_to.at(0)),
                seconds_of_day(from_to.at(1))};
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

    // -------------------------------------------------------------------------------------- names

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

    Rules rules_;
    bool rules_told_ = false;
    LocalDate date_{2026, 11, 23};
    Words towns_;
    std::map<std::string, AgentId> names_;
    Words queues_;
    Words partners_;
    std::map<std::string, SkillId> skills_;
};

} // namespace fernamt::routing::testing
