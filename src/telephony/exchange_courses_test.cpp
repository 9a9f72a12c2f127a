// SPDX-License-Identifier: EUPL-1.2
// Two agents at registered desk phones: their second lines, and with a third one at a browser
// random courses of everything that all three sides can do; once more on a line that loses one
// datagram in twenty, and once more with a crash in the middle of each.
#include "telephony/exchange_real_bench.h"
#include "telephony/lossy_test_line.h"
#include "telephony/page_test_answer.h"

#include <cstdlib>
#include <random>

namespace fernamt::telephony {
namespace {

using namespace exchange_real;

// The agents' desk phones are registered: only then a second line is known to be theirs.
class DeskPhones : public RealExchange {
  protected:
    using Kind = AgentCommand::Kind;
    static constexpr AgentId kAgents[] = {kAgent, AgentId{8}};
    static std::string phone_of(AgentId agent) { return "agent" + std::to_string(agent.value); }

    void SetUp() override {
        registered_phone_ = true;
        for (const AgentId agent : kAgents) {
            const std::string at = kHost + (":" + std::to_string(world_.port()));
            bindings_[phone_of(agent)] = {.user = phone_of(agent),
                                          .contact = "sip:" + phone_of(agent) + "@" + at,
                                          .next_hop = "sip:" + at,
                                          .expires = clock_.now() + 1h,
                                          .call_id = "registered",
                                          .cseq = 1};
        }
        RealExchange::SetUp();
    }
};

TEST_F(DeskPhones, AskByTheirSecondLineAndConnectBoth) {
    talk();
    world_.hold("agent7", true);
    ASSERT_TRUE(hear({{"caller", {kMusicTone}}}));
    const auto line = world_.ask_by_second_line("agent7", sip_port_, kOffice);
    ASSERT_TRUE(eventually([&] { return line->answered(); }));
    world_.refer("agent7", kOffice, line->as_replaced());
    ASSERT_TRUE(hear({{"caller", {kOfficeTone}}, {kOffice.e164, {kCitizenTone}}}));
    EXPECT_TRUE(
        eventually([&] { return world_.is("agent7", &World::Party::ended) && line->ended(); }));
    EXPECT_EQ(exchange_->desk(kAgent)->state, routing::AgentState::after_call_work);
    world_.hang_up(kOffice.e164);
    EXPECT_TRUE(eventually([&] { return world_.is("caller", &World::Party::ended); }));
    EXPECT_TRUE(nothing_left_over());
}

// Whatever all sides do, in whatever order and however fast, nothing stays behind: no call, no leg
// on either side, no port, no timer, no reserved agent, nothing at rtpengine; and each call has one
// end. Two agents at desk phones and one at a browser, two callers at once, of whom one may ring at
// the office first; the desk's keys, and what the phones of agents, callers and offices do by
// themselves: ring on, refuse, answer, hold (re-INVITE), hang up at any moment, transfer (REFER), a
// second line and the transfer that connects both (Replaces); and what a page does: answers, is
// loaded again in the middle, answers what is over. Mostly what fits the situation, sometimes
// anything: a course must come somewhere. FERNAMT_SEED plays one course again, FERNAMT_COURSES so
// many from there on.
class RandomCourses : public DeskPhones {
  protected:
    static constexpr AgentId kAtBrowser{9};
    static constexpr AgentId kEverybody[] = {kAgents[0], kAgents[1], kAtBrowser};
    static constexpr auto kRinging = routing::Consultation::State::ringing;
    static constexpr auto kTalking = routing::Consultation::State::talking;
    using Action = std::function<void()>;

    void TearDown() override {
        if (HasFailure()) std::cerr << "what was done:" << course_ << '\n';
        lines_.clear();
        gone_.clear();
        DeskPhones::TearDown();
    }
    bool on_line(const std::string &user) {
        return world_.is(user, &World::Party::answered) && !world_.is(user, &World::Party::ended);
    }
    void done(const std::string &what, const std::string &whose = "") {
        ++done_[what];
        course_ += " " + what + (whose.empty() ? "" : "(" + whose + ")");
    }
    void leave(const std::string &user) {
        if (!on_line(user)) return;
        world_.hang_up(user);
        done("left", user);
    }
    // Also before anybody has answered; who is gone calls again.
    void caller_goes_or_comes(const std::string &user, const PhoneNumber &number) {
        if (world_.is(user, &World::Party::ended)) {
            (void)world_.dial(sip_port_, user, number);
            return done("called_again", user);
        }
        const bool waits = !world_.is(user, &World::Party::answered);
        world_.hang_up(user);
        done(waits ? "cancelled" : "left", user);
    }
    void pick_up(const std::string &user) {
        if (world_.pick_up(user)) done("picked_up", user);
    }
    void decline(const std::string &user, int status) {
        if (world_.decline(user, status)) done("declined", user);
    }
    void command(AgentId agent, Kind kind, std::optional<PhoneNumber> target = {}) {
        // Refused: also an answer.
        if (press(kind, std::move(target), agent)) done(name_of(kind), phone_of(agent));
    }
    static std::string name_of(Kind kind) {
        switch (kind) {
        case Kind::hold:
            return "hold";
        case Kind::resume:
            return "resume";
        case Kind::consult:
            return "consult";
        case Kind::conference:
            return "conference";
        case Kind::consult_end:
            return "consult_end";
        case Kind::hand_over:
            return "hand_over";
        case Kind::transfer:
            return "transfer";
        case Kind::phone_resume:
            return "page_reloaded";
        case Kind::answer:
            return "answered_by_key";
        default:
            return "pressed";
        }
    }
    routing::AgentState state_of(AgentId agent) { return exchange_->desk(agent)->state; }
    // The page answers what it is offered at once, also before the person does.
    void page_answers() {
        const auto view = exchange_->desk(kAtBrowser);
        if (!view->browser_offer) return;
        answered_last_ = *view->browser_offer;
        if (page_answers(answered_last_)) done("page_answered");
    }
    bool page_answers(const DeskView::BrowserOffer &offer) {
        return wait_for([&](auto done) {
                   exchange_->browser_answer(kAtBrowser, offer.leg, page_answer(offer.sdp),
                                             std::move(done));
               })
            .has_value();
    }
    void page_answers_once_more() {
        if (answered_last_.sdp.empty()) return;
        (void)page_answers(answered_last_); // refused, whatever has become of its leg
        done("page_answered_late");
    }
    void answer_at_browser() {
        page_answers();
        if (state_of(kAtBrowser) == routing::AgentState::ringing) command(kAtBrowser, Kind::answer);
    }
    void refer(AgentId agent, const PhoneNumber &target) {
        if (!on_line(phone_of(agent))) return;
        world_.refer(phone_of(agent), target);
        done("referred", phone_of(agent));
    }
    // Asks by the second line, then connects both or thinks better of it.
    void second_line(AgentId agent, const PhoneNumber &target, bool connects) {
        if (!on_line(phone_of(agent))) return;
        auto &line = lines_[agent];
        if (line == nullptr || line->ended()) {
            line = world_.ask_by_second_line(phone_of(agent), sip_port_, target);
            return done("asked_by_phone", phone_of(agent));
        }
        const std::string dialog = line->as_replaced();
        if (!connects || dialog.empty()) return line->hang_up();
        world_.refer(phone_of(agent), target, dialog);
        done("connected_by_phone", phone_of(agent));
    }
    void phone_key(const std::string &who, bool holds) {
        if (!on_line(who)) return;
        world_.hold(who, holds);
        done(who.starts_with("agent") ? "held_by_phone" : "held_outside", who);
    }
    // Only an agent's phone transfers: whoever else asks for it is refused.
    void refer_from_outside(const std::string &who) {
        if (!on_line(who)) return;
        world_.refer(who, kOffice);
        done("referred_outside", who);
    }

    // One step. Draws the same numbers whatever the situation is.
    void anything(std::mt19937 &random) {
        const unsigned which = random(), whom = random(), how = random(), mood = random();
        const AgentId agent = kEverybody[whom / 64 % 3];
        const bool at_browser = agent == kAtBrowser;
        if (how / 8 % 4 != 0) page_answers(); // else it is slow
        const std::string phone = phone_of(agent);
        const PhoneNumber target =
            std::array{kOffice, kOffice, kRingingOffice, kBusyOffice}[whom / 2 % 4];
        const std::string asked = std::array{kOffice, kRingingOffice}[whom / 8 % 2].e164;
        const std::string caller = std::array{"caller", "another"}[whom / 16 % 2];
        const std::string outside = std::array{caller, asked}[whom / 32 % 2];
        const int refusal = std::array{480, 486, 603}[how % 3];
        const bool yes = how % 2 == 0;
        const Action holds = [&] { command(agent, Kind::hold); },
                     resumes = [&] { command(agent, Kind::resume); },
                     asks = [&] { command(agent, Kind::consult, target); },
                     joins = [&] { command(agent, Kind::conference); },
                     goes_back = [&] { command(agent, Kind::consult_end); },
                     hands_over = [&] { command(agent, Kind::hand_over); },
                     transfers = [&] { command(agent, Kind::transfer, target); },
                     reloads = [&] { command(agent, Kind::phone_resume); },
                     refers = [&] { at_browser ? reloads() : refer(agent, target); },
                     second =
                         [&] {
                             if (at_browser) return asks();
                             second_line(agent, target, how % 3 != 0);
                         },
                     phone_holds =
                         [&] {
                             if (!at_browser) return phone_key(phone, yes);
                             yes ? reloads() : page_answers_once_more();
                         },
                     outside_holds = [&] { phone_key(outside, yes); },
                     outside_refers = [&] { refer_from_outside(outside); },
                     office_leaves = [&] { leave(asked); },
                     office_answers = [&] { pick_up(kRingingOffice.e164); },
                     office_declines = [&] { decline(kRingingOffice.e164, refusal); },
                     agent_answers = [&] { at_browser ? answer_at_browser() : pick_up(phone); },
                     hangs_up = [&] { command(agent, Kind::hang_up); },
                     agent_declines = [&] { at_browser ? hangs_up() : decline(phone, refusal); },
                     agent_leaves = [&] { at_browser ? hangs_up() : leave(phone); },
                     caller_goes =
                         [&] { caller_goes_or_comes(caller, yes ? kNumber : kOfficeFirst); },
                     is_free = [&] {
                         const auto view = exchange_->desk(agent);
                         const bool wraps_up =
                             view && view->state == routing::AgentState::after_call_work;
                         command(agent, wraps_up ? Kind::wrap_up_finish : Kind::ready);
                     };
        const auto choose = [&](const std::vector<Action> &some) { some[which % some.size()](); };
        const auto view = exchange_->desk(agent);
        const bool speaks = view && view->call &&
                            (view->state == routing::AgentState::talking ||
                             view->state == routing::AgentState::held);
        const auto consult = speaks ? view->call->consult : std::nullopt;
        if (mood % 5 == 0) {
            return choose({holds, resumes, asks, joins, goes_back, hands_over, transfers, refers,
                           second, phone_holds, outside_holds, outside_refers, office_leaves,
                           office_answers, office_declines, agent_answers, agent_declines,
                           agent_leaves, caller_goes});
        }
        if (!speaks)
            return choose({agent_answers, agent_answers, agent_answers, agent_declines, is_free,
                           is_free, office_answers, office_answers, office_declines, second,
                           outside_holds, caller_goes});
        if (!consult)
            return choose({holds, resumes, asks, asks, asks, transfers, refers, second, second,
                           phone_holds, phone_holds, outside_holds, outside_refers,
                           mood % 3 == 0 ? agent_leaves : asks,
                           mood % 3 == 0 ? caller_goes : second});
        if (consult == kRinging)
            return choose({office_answers, office_answers, office_declines, hands_over, goes_back,
                           outside_holds, agent_leaves, caller_goes, joins});
        if (consult == kTalking)
            return choose({joins, joins, joins, joins, hands_over, hands_over, goes_back,
                           office_leaves, phone_holds, outside_holds, agent_leaves, caller_goes});
        choose({hands_over, hands_over, goes_back, office_leaves, phone_holds, outside_holds,
                outside_refers, agent_leaves, caller_goes});
    }
    // Killed at this moment, whatever is under way, and there again. A page asks for its voice.
    void crashes() {
        crash();
        begin();
        done("crashed");
        command(kAtBrowser, Kind::phone_resume);
    }
    // Callers go, if still there, or go while still waiting; agents are free again, at once or with
    // a key. Whom a crash has left without an answer goes by their own time: see far_ends_go.
    void everything_comes_to_its_end(bool crashed) {
        ASSERT_TRUE(eventually([&] {
            for (const std::string who : {"caller", "another"})
                if (!world_.is(who, &World::Party::ended)) world_.hang_up(who);
            return exchange_->state()->calls.empty();
        })) << "a call stays";
        ASSERT_TRUE(nothing_left_over());
        for (auto &[agent, line] : lines_) {
            line->hang_up(); // of its own, if it asked when there was no call any more
            gone_.push_back(std::move(line));
        }
        lines_.clear();
        if (!crashed) {
            ASSERT_NO_FATAL_FAILURE(far_ends_go(20));
        }
        for (const AgentId agent : kEverybody) {
            const auto state = [&] { return state_of(agent); };
            ASSERT_TRUE(eventually([&] {
                if (state() == routing::AgentState::ready) return true;
                const bool wraps_up = state() == routing::AgentState::after_call_work;
                (void)press(wraps_up ? Kind::wrap_up_finish : Kind::ready, {}, agent);
                return false;
            })) << "agent "
                << agent.value << " stays in " << routing::to_string(state());
        }
    }
    void far_ends_go(int patience) {
        ASSERT_TRUE(eventually(
            [&] {
                return std::all_of(gone_.begin(), gone_.end(),
                                   [](const auto &line) { return line->ended(); });
            },
            patience))
            << "a second line stays";
        gone_.clear();
        ASSERT_TRUE(eventually([&] { return world_.open_legs() == 0; }, patience))
            << "a far end stays";
    }
    void play(bool with_crashes);
    std::size_t timers() {
        std::size_t open = 0;
        loop_->run_on_loop([&] { open = loop_->open_timers(); });
        return open;
    }
    // How often the ledger has each kind of entry.
    std::map<std::string, int> &entries() {
        EXPECT_TRUE(ledger_->each(read_to_ + 1, [&](const ledger::Entry &entry) {
            ++entries_[entry.type];
            read_to_ = entry.seq;
            return true;
        }));
        return entries_;
    }
    std::map<AgentId, std::unique_ptr<DeskPhone>> lines_;
    std::vector<std::unique_ptr<DeskPhone>> gone_; // second lines that have been hung up
    std::map<std::string, int> done_;
    std::string course_; // at hand
    DeskView::BrowserOffer answered_last_;
    std::map<std::string, int> entries_;
    std::int64_t read_to_ = 0;
};

void RandomCourses::play(bool with_crashes) {
    const std::uint32_t kRounds = with_crashes ? 6 : 12;
    constexpr int kActions = 20;
    auto with_three = rules();
    with_three.agents.assign(std::begin(kEverybody), std::end(kEverybody));
    with_three.numbers.push_back({.number = kOfficeFirst,
                                  .municipality = kTown,
                                  .queue = with_three.queues.front().id,
                                  .office = routing::OfficeFirst{kRingingOffice, 20s, {}}});
    obey(with_three);
    for (const AgentId agent : kAgents)
        ASSERT_TRUE(press(Kind::sign_in, {}, agent));
    ASSERT_TRUE(press(Kind::sign_in, {}, kAtBrowser, routing::Device::browser));
    const std::size_t timers_at_rest = timers();
    const char *given = std::getenv("FERNAMT_SEED");
    const std::uint32_t first = given != nullptr ? static_cast<std::uint32_t>(std::atol(given)) : 1;
    const char *many = std::getenv("FERNAMT_COURSES"); // for a night
    const auto rounds = many != nullptr    ? static_cast<std::uint32_t>(std::atol(many))
                        : given != nullptr ? 1
                                           : kRounds;
    // A course in which nothing happens is no proof: it goes on until each of these has happened.
    const auto did_not_happen = [&] {
        std::string missing;
        for (const char *what :
             {"hold", "consult", "transfer", "left", "cancelled", "picked_up", "declined",
              "referred", "asked_by_phone", "held_by_phone", "held_outside", "referred_outside",
              "page_answered", "page_reloaded", "page_answered_late", "answered_by_key"})
            if (done_[what] == 0) missing += std::string(" ") + what;
        for (const char *what : {"decision.conference", "decision.hand_over", "decision.requeue",
                                 "decision.connect_transfer", "consult.failed", "transfer.failed"})
            if (entries()[what] == 0) missing += std::string(" ") + what;
        return missing;
    };
    const auto goes_on = [&](std::uint32_t played) {
        if (played < rounds) return true;
        const bool whole = given == nullptr && many == nullptr && !lossy_line::is_here();
        return whole && !with_crashes && played < 3 * kRounds && !did_not_happen().empty();
    };
    std::uint32_t played = 0;
    for (; goes_on(played); ++played) {
        const std::uint32_t seed = first + played;
        SCOPED_TRACE("FERNAMT_SEED=" + std::to_string(seed));
        std::mt19937 random(seed);
        course_.clear();
        const bool only_ring = random() % 3 == 0;
        const bool office_first = random() % 3 == 0;
        const bool patient = random() % 4 != 0; // one in four does not even wait for the agent
        world_.agents_only_ring(only_ring);
        (void)world_.dial(sip_port_, "caller");
        (void)world_.dial(sip_port_, "another", office_first ? kOfficeFirst : kNumber);
        ASSERT_TRUE(!patient || only_ring || eventually([&] {
            answer_at_browser();
            return std::any_of(std::begin(kEverybody), std::end(kEverybody), [&](AgentId agent) {
                return state_of(agent) == routing::AgentState::talking;
            });
        }));
        const int dies_at = with_crashes ? static_cast<int>(random() % kActions) : -1;
        for (int i = 0; i < kActions; ++i) {
            if (i == dies_at) {
                ASSERT_NO_FATAL_FAILURE(crashes());
            }
            anything(random);
            if (!only_ring) answer_at_browser();
            std::this_thread::sleep_for(std::chrono::milliseconds(random() % 4 * 20));
        }
        ASSERT_NO_FATAL_FAILURE(everything_comes_to_its_end(with_crashes));
        ASSERT_TRUE(eventually([&] { return timers() <= timers_at_rest; })) << "a timer stays";
        ASSERT_TRUE(eventually([&] { // the last append may still be under way
            return entries()["call.offered"] == entries_["decision.end"];
        })) << "a call without an end, or with two";
    }
    for (const auto &[what, times] : done_)
        RecordProperty(what, times);
    if (with_crashes) {
        world_.decline_whatever_rings();
        return far_ends_go(100); // an answer that nobody confirms is repeated for 32 s, a call
                                 // that nobody answers ends after a minute
    }
    if (given != nullptr || many != nullptr || lossy_line::is_here()) return;
    EXPECT_EQ(did_not_happen(), "") << "in " << played << " courses";
}

TEST_F(RandomCourses, LeaveNothingBehind) {
    if (!lossy_line::is_here()) return play(false);
    ASSERT_NO_FATAL_FAILURE(lossy_line::expect_it_at(process_->pid()));
    play(false);
    EXPECT_GT(lossy_line::lost(), 20U) << "nothing was lost";
}

TEST_F(RandomCourses, LeaveNothingBehindOverACrash) {
    play(true);
}

TEST(RandomCoursesOnALossyLine, LeaveNothingBehind) {
    lossy_line::pass_there("RandomCourses.LeaveNothingBehind");
}

} // namespace
} // namespace fernamt::telephony
