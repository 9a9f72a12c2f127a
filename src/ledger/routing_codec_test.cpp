// SPDX-License-Identifier: EUPL-1.2
#include "ledger/json_fields.h"
#include "ledger/routing_codec.h"
#include "ledger/routing_fields.h"
#include "ledger/routing_names.h"
#include "routing/testing/random_year.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <set>

namespace fernamt::ledger {
namespace {

// Fills a struct with arbitrary values through the same description of members that the codec uses.
class Filler {
  public:
    template <class T>
    void operator()(std::string_view, T &value) {
        ++count;
        fill(value);
    }
    template <class T>
    void operator()(std::string_view, std::optional<T> &value) {
        ++count;
        value.reset();
        if (*rc::gen::arbitrary<bool>()) fill(value.emplace());
    }
    template <class T>
    void added(std::string_view name, T &value, const T &) {
        (*this)(name, value);
    }
    int count = 0;

  private:
    static void fill(bool &value) { value = *rc::gen::arbitrary<bool>(); }
    static void fill(int &value) { value = *rc::gen::arbitrary<int>(); }
    static void fill(std::int64_t &value) { value = *rc::gen::arbitrary<std::int64_t>(); }
    static void fill(Duration &value) { value = Duration{*rc::gen::arbitrary<std::int64_t>()}; }
    static void fill(Instant &value) { value.us = *rc::gen::arbitrary<std::int64_t>(); }
    static void fill(std::string_view &value) {
        value = *rc::gen::element(std::string_view("call_unknown"), std::string_view("nothing_due"),
                                  std::string_view("a code of a later version"));
    }
    static void fill(MunicipalityId &id) {
        id.value = *rc::gen::inRange<std::int64_t>(1, 1'000'000'000'000);
    }
    static void fill(PhoneNumber &number) {
        number.e164 = "+" + *rc::gen::container<std::string>(12, rc::gen::inRange('0', '9'));
    }
    static void fill(routing::TransferTarget &target) { // in clear or as a commitment
        target = {};
        if (*rc::gen::arbitrary<bool>()) {
            fill(target.number.emplace());
        } else {
            target.sealed =
                *rc::gen::container<std::string>(64, rc::gen::element('0', '7', 'a', 'f'));
        }
    }
    template <class Tag>
    static void fill(Id<Tag> &id) {
        fill(id.value);
    }
    template <NamedEnum E>
    static void fill(E &value) {
        int values = 0;
        while (!name_of(static_cast<E>(values)).empty())
            ++values;
        value = static_cast<E>(*rc::gen::inRange(0, values));
    }
    template <class T>
    static void fill(std::vector<T> &values) {
        values.resize(*rc::gen::inRange<std::size_t>(0, 4));
        for (T &value : values)
            fill(value);
    }
    template <class K, class T>
    static void fill(std::map<K, T> &values) {
        values.clear();
        const int count = *rc::gen::inRange(0, 5);
        for (int i = 0; i < count; ++i) {
            T value;
            fill(value);
            values.insert_or_assign(K{value.id}, value);
        }
    }
    template <class T>
    static void fill(T &value)
        requires requires(Filler &f) { fields(f, value); }
    {
        Filler inner;
        fields(inner, value);
    }
};

template <class T>
T arbitrary() {
    T value;
    Filler filler;
    fields(filler, value);
    return value;
}

template <class Variant, std::size_t... I>
std::vector<Variant> one_of_each(std::index_sequence<I...>) {
    return {Variant(arbitrary<std::variant_alternative_t<I, Variant>>())...};
}

template <class Variant>
std::vector<Variant> one_of_each() {
    return one_of_each<Variant>(std::make_index_sequence<std::variant_size_v<Variant>>{});
}

// Two values are the same if they have the same alternative and all described members agree. (The
// structs of events have no operator==; EveryMemberIsDescribed shows that none is left out.)
template <class T>
std::string text_of(const T &value) {
    FieldWriter writer;
    fields(writer, value);
    return writer.take();
}

template <class Variant>
void expect_same(const Variant &a, const Variant &b) {
    RC_ASSERT(a.index() == b.index());
    std::visit(
        [&]<class T>(const T &value) { RC_ASSERT(text_of(value) == text_of(std::get<T>(b))); }, a);
}

RC_GTEST_PROP(RoutingCodec, EventsSurviveTheRoundTrip, ()) {
    for (const auto &event : one_of_each<routing::Event>()) {
        const NewEntry entry = to_entry(event, Instant{7});
        RC_ASSERT(is_event(Entry{entry, 1, {}, {}}));
        RC_ASSERT(!is_decision(Entry{entry, 1, {}, {}}));
        const auto back = to_event(entry);
        RC_ASSERT(back.has_value());
        expect_same(event, *back);
        RC_ASSERT(to_entry(*back, Instant{7}).payload == entry.payload);
    }
}

RC_GTEST_PROP(RoutingCodec, DecisionsSurviveTheRoundTrip, ()) {
    for (const auto &effect : one_of_each<routing::Effect>()) {
        const auto rule = static_cast<routing::Rule>(
            *rc::gen::inRange(0, static_cast<int>(routing::Rule::imported) + 1));
        const NewEntry entry = to_entry(routing::Decision{effect, rule}, Instant{7});
        RC_ASSERT(is_decision(Entry{entry, 1, {}, {}}));
        RC_ASSERT(!is_event(Entry{entry, 1, {}, {}}));
        const auto back = to_decision(entry);
        RC_ASSERT(back.has_value());
        RC_ASSERT(back->rule == rule);
        expect_same(effect, back->effect);
    }
}

RC_GTEST_PROP(RoutingCodec, StateSurvivesTheRoundTrip, ()) {
    const auto state = arbitrary<routing::State>();
    const std::string json = to_json(state);
    const auto back = to_state(json);
    RC_ASSERT(back.has_value());
    RC_ASSERT(*back == state);
    RC_ASSERT(to_json(*back) == json);
}

void expect_canonical(const boost::json::value &value) {
    if (value.is_array()) {
        for (const auto &element : value.get_array())
            expect_canonical(element);
    }
    if (!value.is_object()) return;
    std::string before;
    for (const auto &member : value.get_object()) {
        const std::string name(member.key());
        RC_ASSERT(before < name);
        before = name;
        RC_ASSERT(!member.value().is_null());
        expect_canonical(member.value());
    }
}

RC_GTEST_PROP(RoutingCodec, TheTextIsCanonical, ()) {
    const std::string json = to_json(arbitrary<routing::State>());
    expect_canonical(boost::json::parse(json));
    RC_ASSERT(json.find(' ') == std::string::npos);
    RC_ASSERT(json.find('\n') == std::string::npos);
}

// Any cut, any changed byte: a Problem or a value, never a crash or an exception.
RC_GTEST_PROP(RoutingCodec, DamagedTextNeverEscapes, ()) {
    const std::string json = to_json(arbitrary<routing::State>());
    const auto at = *rc::gen::inRange<std::size_t>(0, json.size());
    (void)to_state(std::string_view(json).substr(0, at));
    std::string changed = json;
    changed[at] = *rc::gen::arbitrary<char>();
    (void)to_state(changed);
    NewEntry entry = to_entry(*rc::gen::elementOf(one_of_each<routing::Event>()), Instant{});
    entry.payload[*rc::gen::inRange<std::size_t>(0, entry.payload.size())] =
        *rc::gen::arbitrary<char>();
    (void)to_event(entry);
    (void)to_decision(entry);
    (void)caller_of(entry);
}

// A snapshot from before a call could wait in one crisis and count in another: it waits in the one
// it counts in, also if that has ended since.
TEST(RoutingCodec, ACallOfAnOldSnapshotWaitsInItsCrisis) {
    constexpr routing::CrisisId kCrisis{7}; // ended since
    routing::State before;
    routing::Call waiting, answered;
    waiting.id = CallId{1};
    waiting.crisis = waiting.waits_in = kCrisis;
    answered = waiting;
    answered.id = CallId{2};
    answered.state = routing::CallState::talking;
    answered.answered_at = Instant{5};
    before.calls = {{waiting.id, waiting}, {answered.id, answered}};
    const std::string json = to_json(before);
    ASSERT_EQ(json.find("waits_in"), std::string::npos);
    const auto read = to_state(json);
    ASSERT_TRUE(read);
    for (const auto &[id, call] : read->calls) {
        EXPECT_EQ(call.crisis, kCrisis) << id.value;
        EXPECT_EQ(call.waits_in, kCrisis) << id.value;
    }
}

// One from before a call kept what its crisis had given it gives back what the rules say, as the
// program did that wrote it.
TEST(RoutingCodec, ACallOfAnOldSnapshotGivesBackWhatTheRulesSay) {
    routing::Crisis crisis;
    crisis.id = crisis.plan.id = routing::CrisisId{7};
    crisis.plan.queue = routing::QueueId{3};
    crisis.plan.head_start = 600s;
    routing::CallQueue queue;
    queue.id = crisis.plan.queue;
    queue.head_start = 60s;
    routing::Call waiting;
    waiting.id = CallId{1};
    waiting.queue = queue.id;
    waiting.municipality = MunicipalityId{32410010010};
    waiting.crisis = waiting.waits_in = crisis.id;
    waiting.offered_at = Instant{} + 3600s;
    waiting.place = waiting.offered_at - 600s;
    routing::State before;
    before.rules.queues = {queue};
    before.crises = {{crisis.id, crisis}};
    before.calls = {{waiting.id, waiting}};
    const auto place_after = [](const routing::State &state) {
        const std::string json = to_json(state);
        auto read = to_state(json);
        EXPECT_TRUE(read) << json;
        EXPECT_EQ(*read, state);
        routing::Machine machine(std::move(*read));
        (void)machine.step(routing::CrisisEnded{routing::CrisisId{7}}, Instant{} + 3700s);
        return *machine.state().calls.at(CallId{1}).place;
    };
    ASSERT_EQ(to_json(before).find("moved_up"), std::string::npos);
    EXPECT_EQ(place_after(before), waiting.offered_at - 60s);
    before.calls.at(waiting.id).moved_up = 500s; // known: the rules have changed since
    EXPECT_EQ(place_after(before), waiting.offered_at - 100s);
}

// A crisis by a plan of before it had steps: its queue's counted on and were told, as the program
// did that wrote the ledger; by a plan of today's nothing is told that says nothing.
TEST(RoutingCodec, AnOldLedgersCrisisCountsItsQueuesStepsAsItDid) {
    const auto began = to_event(NewEntry{
        Instant{},
        "crisis.began",
        R"({"by":1,"plan":{"always_open":true,"demands":[],"head_start":0,"hours":[],"id":7,"queue":3}})",
        {},
        {}});
    ASSERT_TRUE(began) << fernamt::describe(began.error());
    const auto &old_plan = std::get<routing::CrisisBegan>(*began).plan;
    EXPECT_FALSE(old_plan.own_steps);
    EXPECT_TRUE(old_plan.relaxations.empty());
    auto new_plan = old_plan;
    new_plan.own_steps = true;
    const auto again =
        to_event(to_entry(routing::Event{routing::CrisisBegan{new_plan, UserId{1}}}, Instant{}));
    ASSERT_TRUE(again);
    EXPECT_EQ(std::get<routing::CrisisBegan>(*again).plan, new_plan);

    routing::State before;
    before.rules.queues.push_back({});
    before.rules.queues[0].id = routing::QueueId{3};
    before.rules.queues[0].relaxations = {{60s, {}}};
    routing::Call waiting;
    waiting.id = CallId{1};
    waiting.queue = routing::QueueId{3};
    waiting.municipality = MunicipalityId{32410010010};
    waiting.place = waiting.offered_at;
    waiting.until = Instant{} + 60s;
    before.calls = {{waiting.id, waiting}};
    routing::Agent there;
    there.id = AgentId{2};
    there.state = routing::AgentState::paused;
    before.agents = {{there.id, there}};
    const auto told_at_its_step = [&](const routing::CrisisPlan &plan) {
        routing::Machine machine{routing::State{before}};
        (void)machine.step(routing::CrisisBegan{plan, UserId{1}}, Instant{} + 10s);
        EXPECT_TRUE(machine.is_consistent());
        const auto told = machine.step(routing::TimePassed{}, Instant{} + 60s);
        return std::holds_alternative<routing::StillWaits>(told.at(0).effect);
    };
    EXPECT_TRUE(told_at_its_step(old_plan));
    EXPECT_FALSE(told_at_its_step(new_plan));
}

// One from before a call kept why its crisis had changed while it was away: back in line it is told
// what is likely.
TEST(RoutingCodec, ACallOfAnOldSnapshotIsToldTheLikelyReason) {
    constexpr MunicipalityId kTown{32410010010};
    routing::Call ringing;
    ringing.id = CallId{1};
    ringing.state = routing::CallState::ringing;
    ringing.municipality = kTown;
    ringing.agent = AgentId{2};
    ringing.place = ringing.offered_at;
    ringing.queued = true;
    routing::Agent agent;
    agent.id = AgentId{2};
    agent.state = routing::AgentState::ringing;
    agent.call = ringing.id;
    agent.municipality = kTown;
    agent.until = Instant{} + 20s;
    routing::Crisis crisis;
    crisis.id = crisis.plan.id = routing::CrisisId{7};
    crisis.plan.municipality = kTown;
    routing::State before;
    before.calls = {{ringing.id, ringing}};
    before.agents = {{agent.id, agent}};
    before.crises = {{crisis.id, crisis}};
    const std::string json = to_json(before);
    ASSERT_EQ(json.find("crisis_changed_by"), std::string::npos);
    auto read = to_state(json);
    ASSERT_TRUE(read);
    routing::Machine machine(std::move(*read));
    std::optional<routing::Rule> told;
    for (const auto &decision :
         machine.step(routing::AgentDeclined{agent.id, ringing.id}, Instant{} + 5s)) {
        if (std::holds_alternative<routing::SortedAnew>(decision.effect)) told = decision.rule;
    }
    EXPECT_EQ(told, routing::Rule::crisis_begins);
}

template <class Variant, std::size_t... I>
std::set<std::string_view> types(std::index_sequence<I...>) {
    return {type_of(static_cast<const std::variant_alternative_t<I, Variant> *>(nullptr))...};
}

TEST(RoutingCodec, EveryAlternativeHasATypeOfItsOwn) {
    // A new alternative fails to compile without a type_of; a copied name is found here.
    constexpr std::size_t kEvents = std::variant_size_v<routing::Event>;
    constexpr std::size_t kEffects = std::variant_size_v<routing::Effect>;
    auto all = types<routing::Event>(std::make_index_sequence<kEvents>{});
    const auto effects = types<routing::Effect>(std::make_index_sequence<kEffects>{});
    EXPECT_EQ(all.size(), kEvents);
    EXPECT_EQ(effects.size(), kEffects);
    all.insert(effects.begin(), effects.end());
    EXPECT_EQ(all.size(), kEvents + kEffects);
}

// How many members an aggregate has: as many initialisers as it takes.
struct Anything {
    template <class T>
    operator T() const { // NOLINT: converts to whatever a member is; never called
        std::abort();
    }
};
template <class T, class... A>
consteval std::size_t members() {
    if constexpr (requires { T{A{}..., Anything{}}; }) {
        return members<T, A..., Anything>();
    } else {
        return sizeof...(A);
    }
}

template <class T>
void expect_described() {
    T value;
    Filler filler;
    fields(filler, value);
    EXPECT_EQ(static_cast<std::size_t>(filler.count), members<T>()) << typeid(T).name();
}

template <class Variant, std::size_t... I>
void expect_all_described(std::index_sequence<I...>) {
    (expect_described<std::variant_alternative_t<I, Variant>>(), ...);
}

RC_GTEST_PROP(RoutingCodec, EveryMemberIsDescribed, ()) {
    expect_all_described<routing::Event>(
        std::make_index_sequence<std::variant_size_v<routing::Event>>{});
    expect_all_described<routing::Effect>(
        std::make_index_sequence<std::variant_size_v<routing::Effect>>{});
    expect_described<routing::OpeningPeriod>();
    expect_described<routing::Municipality>();
    expect_described<routing::WaitingInformation>();
    expect_described<routing::Number>();
    expect_described<routing::Rules>();
    expect_described<routing::DialledNumber>();
    expect_described<routing::Call>();
    expect_described<routing::Agent>();
    expect_described<routing::State>();
    expect_described<routing::SkillLevel>();
    expect_described<routing::HoursException>();
    expect_described<routing::OpeningHours>();
    expect_described<routing::OfficeFirst>();
    expect_described<routing::Relaxation>();
    expect_described<routing::CallQueue>();
    expect_described<routing::Partner>();
    expect_described<routing::Overflow>();
    expect_described<routing::AgentSkills>();
    expect_described<routing::CallbackRules>();
    expect_described<routing::CrisisPlan>();
    expect_described<routing::CrisisFacts>();
    expect_described<routing::Figures>();
    expect_described<routing::Consultation>();
    expect_described<routing::Callback>();
    expect_described<routing::Crisis>();
    expect_described<routing::OfficeSwitch>();
    expect_described<routing::Handling>();
}

constexpr MunicipalityId kLangenhagen{32410010010};

TEST(RoutingCodec, WritesWhatPeopleCanRead) {
    const routing::End end{CallId{7},
                           routing::EndReason::completed,
                           kLangenhagen,
                           PhoneNumber{"+493023125110"},
                           Instant{1'000},
                           Instant{3'000},
                           61s,
                           {}};
    const NewEntry entry =
        to_entry(routing::Decision{end, routing::Rule::caller_hung_up}, Instant{9});
    EXPECT_EQ(entry.type, "decision.end");
    EXPECT_EQ(entry.payload, R"({"answered_at":3000,"call":7,"municipality":"032410010010",)"
                             R"("number":"+493023125110","offered_at":1000,"reason":"completed",)"
                             R"("rule":"caller_hung_up","talk":61000000,"transferred":0})");
    EXPECT_EQ(entry.at, Instant{9});
    EXPECT_EQ(entry.call, CallId{7});
    EXPECT_EQ(entry.municipality, kLangenhagen);
}

TEST(RoutingCodec, FillsTheColumnsThatQueriesUse) {
    const auto queue =
        to_entry(routing::Decision{routing::Queue{CallId{7}, kLangenhagen}, {}}, Instant{});
    EXPECT_EQ(queue.type, "decision.queue");
    EXPECT_EQ(queue.municipality, kLangenhagen);
    EXPECT_EQ(queue.call, CallId{7});
    const auto work = to_entry(
        routing::Decision{routing::WrapUpDone{AgentId{3}, CallId{7}, kLangenhagen, 5s}, {}},
        Instant{});
    EXPECT_EQ(work.type, "decision.wrap_up_done");
    EXPECT_EQ(work.municipality, kLangenhagen);
    EXPECT_EQ(work.call, CallId{7});
    const routing::DialledNumber dialled{PhoneNumber{"+493023125110"}, {}, kLangenhagen};
    const auto offered =
        to_entry(routing::Event{routing::CallOffered{CallId{7}, dialled}}, Instant{});
    EXPECT_EQ(offered.municipality, kLangenhagen);
    EXPECT_EQ(offered.call, CallId{7});
    const auto unknown = to_entry(routing::Event{routing::CallOffered{CallId{7}, {}}}, Instant{});
    EXPECT_FALSE(unknown.municipality);
    const auto ready = to_entry(routing::Event{routing::AgentReady{AgentId{3}}}, Instant{});
    EXPECT_FALSE(ready.call);
    EXPECT_EQ(ready.payload, R"({"agent":3})");
}

TEST(RoutingCodec, TheCallerStandsBesideTheOfferedCallOnly) {
    const routing::Event offered = routing::CallOffered{CallId{7}, {}};
    const std::string commitment(64, 'a');
    const NewEntry entry = to_entry(offered, Instant{}, commitment);
    EXPECT_EQ(caller_of(entry), commitment);
    EXPECT_TRUE(to_event(entry));
    EXPECT_EQ(caller_of(to_entry(offered, Instant{})), "");
    const NewEntry other = to_entry(routing::Event{routing::TimePassed{}}, Instant{}, commitment);
    EXPECT_EQ(other.payload, "{}");
    EXPECT_EQ(caller_of(other), "");
}

TEST(RoutingCodec, ATransferTargetIsANumberOfOursOrACommitment) {
    const auto payload = [](routing::TransferTarget target) {
        return to_entry(routing::Event{routing::TransferRequested{AgentId{3}, CallId{7}, target}},
                        Instant{})
            .payload;
    };
    EXPECT_EQ(payload({PhoneNumber{"+493023125110"}, {}}),
              R"({"agent":3,"call":7,"target":"+493023125110"})");
    const std::string commitment(64, 'a');
    EXPECT_EQ(payload({{}, commitment}),
              R"({"agent":3,"call":7,"target":")" + commitment + R"("})");
    const NewEntry cut{
        Instant{}, "agent.transfer_requested", R"({"agent":3,"call":7,"target":"abc"})", {}, {}};
    EXPECT_FALSE(to_event(cut));
}

// Entries of a program that knew fewer members: what came later has the value it had then.
TEST(RoutingCodec, ReadsWhatOlderProgramsWrote) {
    const NewEntry offered{Instant{}, "call.offered", R"({"call":7})", {}, {}};
    const auto event = to_event(offered);
    ASSERT_TRUE(event) << fernamt::describe(event.error());
    EXPECT_EQ(std::get<routing::CallOffered>(*event).hops, 0);
    EXPECT_EQ(to_entry(*event, Instant{}).payload, offered.payload); // and writes it unchanged
    const NewEntry changed{
        Instant{},
        "rules.changed",
        R"({"by":1,"rules":{"agents":[3],"municipalities":[{"closed_on_public_holidays":true,)"
        R"("hours":[{"from_second":1,"to_second":2,"weekday":"monday"}],"id":"032410010010",)"
        R"("land":"NI"}],"numbers":[{"municipality":"032410010010","number":"+493023125110"}],)"
        R"("ring_timeout":1,"transfer_timeout":2,"version":3,"wrap_up":4,"wrap_up_extension":5}})",
        {},
        {}};
    const auto rules = to_event(changed);
    ASSERT_TRUE(rules) << fernamt::describe(rules.error());
    EXPECT_EQ(std::get<routing::RulesChanged>(*rules).rules.max_hops, routing::Rules{}.max_hops);
    EXPECT_EQ(to_entry(*rules, Instant{}).payload, changed.payload);
    const NewEntry end{Instant{},
                       "decision.end",
                       R"({"call":7,"offered_at":1000,"reason":"abandoned",)"
                       R"("rule":"caller_hung_up","talk":0,"transferred":0})",
                       {},
                       {}};
    const auto ended = to_decision(end);
    ASSERT_TRUE(ended) << fernamt::describe(ended.error());
    EXPECT_EQ(std::get<routing::End>(ended->effect).price_class, 0); // the agreement's own price
    EXPECT_EQ(to_entry(*ended, Instant{}).payload, end.payload);
}

TEST(RoutingCodec, TheEndCarriesItsLinesPriceClass) {
    routing::End end;
    end.call = CallId{7};
    end.price_class = 2;
    const NewEntry entry = to_entry(routing::Decision{end, {}}, Instant{});
    EXPECT_NE(entry.payload.find(R"("price_class":2)"), std::string::npos) << entry.payload;
}

// The ledger at any cut: every event of some random months goes through its text, the state through
// a snapshot's text at many places, and the end is the same.
TEST(RoutingCodec, AReplayFromTheLedgerAtAnyCutGivesTheSameState) {
    using routing::testing::RandomYear;
    RandomYear year(20'261'122, {.calls_per_day = 8, .days = 90});
    routing::Machine machine;
    std::vector<NewEntry> ledger;
    std::map<std::size_t, std::string> snapshots; // how many entries went before
    while (const auto moment = year.next(machine.next_deadline())) {
        if (ledger.size() % 97 == 50) snapshots[ledger.size()] = to_json(machine.state());
        const auto decisions = machine.step(moment->event, moment->at);
        const bool refused = decisions.size() == 1 &&
                             std::holds_alternative<routing::Refused>(decisions.front().effect);
        if (!refused) ledger.push_back(to_entry(moment->event, moment->at)); // as the exchange does
        year.react(decisions);
    }
    ASSERT_GT(snapshots.size(), 20U);
    snapshots[0] = to_json(routing::Machine().state());
    for (const auto &[from, json] : snapshots) {
        auto state = to_state(json);
        ASSERT_TRUE(state) << fernamt::describe(state.error());
        routing::Machine again(std::move(*state));
        for (std::size_t i = from; i < ledger.size(); ++i) {
            const auto event = to_event(ledger[i]);
            ASSERT_TRUE(event) << fernamt::describe(event.error());
            (void)again.step(*event, ledger[i].at);
        }
        EXPECT_EQ(to_json(again.state()), to_json(machine.state())) << "from entry " << from;
    }
}

// By rules and events from before our own faults were told apart each of them is an attempt, as it
// was for the program that wrote them: a replay gives the callback up where that one did.
TEST(RoutingCodec, AnOldLedgersCallbackIsGivenUpAsItWas) {
    routing::Rules rules;
    rules.callbacks.retry_when_not_dialled = Duration{};
    const auto written =
        to_entry(routing::Event{routing::RulesChanged{rules, UserId{1}}}, Instant{});
    ASSERT_EQ(written.payload.find("not_dialled"), std::string::npos);
    ASSERT_EQ(written.payload.find("callbacks"), std::string::npos)
        << "the usual ones were left out";
    const auto read = to_event(written);
    ASSERT_TRUE(read);
    EXPECT_EQ(std::get<routing::RulesChanged>(*read).rules.callbacks, rules.callbacks);
    EXPECT_NE(routing::Rules{}.callbacks, rules.callbacks) << "new rules name the pause";
    const auto failed =
        to_event(NewEntry{Instant{}, "callback.failed", R"({"call":1,"cause":"busy"})", {}, {}});
    ASSERT_TRUE(failed);
    EXPECT_FALSE(std::get<routing::CallbackFailed>(*failed).ours);

    routing::State before;
    before.rules = rules;
    before.rules.agents = {AgentId{1}};
    routing::Agent agent;
    agent.id = AgentId{1};
    agent.state = routing::AgentState::talking;
    agent.call = CallId{1};
    agent.municipality = MunicipalityId{32410010010};
    routing::Call call;
    call.id = CallId{1};
    call.state = routing::CallState::talking;
    call.municipality = agent.municipality;
    call.agent = agent.id;
    call.place = Instant{};
    call.callback = routing::Callback{};
    call.callback->dialling = true;
    call.callback->attempts = rules.callbacks.attempts;
    before.agents = {{agent.id, agent}};
    before.calls = {{call.id, call}};
    for (const routing::Event &event :
         {*failed, routing::Event{routing::AgentHungUp{agent.id, call.id,
                                                       routing::HangUpCause::media_lost}}}) {
        routing::Machine machine{routing::State{before}};
        (void)machine.step(event, Instant{} + 1s);
        EXPECT_TRUE(machine.state().calls.empty());
    }
}

// Rules of before asked a partner when its deadline came, and the oldest of them also while
// somebody here was free: a replay does so too. Rules of today ask partners last, also where it is
// only one.
TEST(RoutingCodec, AnOldLedgersPartnerIsAskedWhenItWas) {
    routing::Rules rules;
    rules.agents = {AgentId{1}};
    rules.partners = {{routing::PartnerId{1}, {"+492214710701"}}};
    rules.overflows = {{routing::OverflowWhen::longest_wait, routing::PartnerId{1}, {}, 0, 60s}};
    routing::Agent agent;
    agent.id = AgentId{1};
    agent.state = routing::AgentState::after_call_work;
    agent.call = CallId{1};
    agent.municipality = MunicipalityId{32410010010};
    routing::Call call;
    call.id = CallId{2};
    call.state = routing::CallState::waiting;
    call.municipality = agent.municipality;
    call.place = Instant{};
    call.until = Instant{} + 60s;
    // The timer is late: the agent's work was over at `ready`.
    const auto to_partner = [&](std::int64_t most, bool last, Duration ready) {
        rules.max_partners = most;
        rules.partners_last = last;
        const auto written =
            to_entry(routing::Event{routing::RulesChanged{rules, UserId{1}}}, Instant{});
        EXPECT_EQ(written.payload.find("partners_last") != std::string::npos, last);
        const auto read = to_event(written);
        EXPECT_TRUE(read);
        routing::State before;
        before.rules = std::get<routing::RulesChanged>(*read).rules;
        EXPECT_EQ(before.rules, rules);
        before.agents = {{agent.id, agent}};
        before.agents.at(agent.id).until = Instant{} + ready;
        before.calls = {{call.id, call}};
        routing::Machine machine{std::move(before)};
        (void)machine.step(routing::TimePassed{}, Instant{} + 90s);
        return machine.state().calls.at(call.id).state == routing::CallState::transferring;
    };
    EXPECT_TRUE(to_partner(1, false, 50s)) << "from before there was a next partner";
    EXPECT_TRUE(to_partner(1, false, 70s));
    EXPECT_FALSE(to_partner(5, false, 50s)) << "from before partners came last";
    EXPECT_TRUE(to_partner(5, false, 70s));
    for (const std::int64_t most : {1, 5}) {
        EXPECT_FALSE(to_partner(most, true, 50s)) << most;
        EXPECT_FALSE(to_partner(most, true, 70s)) << most;
    }
}

void expect_problem(const NewEntry &entry, const std::string &text) {
    const auto event = to_event(entry);
    ASSERT_FALSE(event) << entry.payload;
    EXPECT_EQ(fernamt::describe(event.error()), text);
}

TEST(RoutingCodec, ReadsStrictlyAndNamesWhatDoesNotFit) {
    const auto entry = [](std::string type, std::string payload) {
        return NewEntry{Instant{}, std::move(type), std::move(payload), {}, {}};
    };
    expect_problem(entry("agent.flew", "{}"), "ledger.unknown_type type=agent.flew");
    expect_problem(entry("decision.end", "{}"), "ledger.unknown_type type=decision.end");
    expect_problem(entry("agent.ready", R"({"agent":3,"mood":"good"})"),
                   "ledger.unknown_member in=agent.ready member=mood");
    expect_problem(entry("agent.ready", "{}"), "ledger.missing_member in=agent.ready member=agent");
    expect_problem(entry("agent.ready", R"({"agent":"3"})"),
                   "ledger.wrong_value in=agent.ready member=agent");
    expect_problem(entry("agent.ready", R"({"agent":3.5})"),
                   "ledger.wrong_value in=agent.ready member=agent");
    expect_problem(entry("agent.ready", R"({"agent":null})"),
                   "ledger.wrong_value in=agent.ready member=agent");
    expect_problem(entry("agent.signed_in", R"({"agent":3,"device":"telex"})"),
                   "ledger.wrong_value in=agent.signed_in member=device");
    expect_problem(
        entry("call.offered", R"({"call":1,"dialled":{"number":"+49","municipality":"1"}})"),
        "ledger.missing_member in=call.offered.dialled member=source");
    expect_problem(entry("time.passed", R"({"caller":"x"})"),
                   "ledger.unknown_member in=time.passed member=caller");
    for (const std::string text : {"", "[]", "{", "{\"agent\":3}x", "null"}) {
        expect_problem(entry("agent.ready", text), "ledger.not_an_object");
    }
    const auto decision = to_decision(entry("decision.requeue", R"({"call":1,"rule":"guess"})"));
    ASSERT_FALSE(decision);
    EXPECT_EQ(fernamt::describe(decision.error()),
              "ledger.wrong_value in=decision.requeue member=rule");
}

TEST(RoutingCodec, AStateWithTwoCallsOfOneIdIsRefused) {
    routing::State state;
    state.calls[CallId{1}].id = CallId{1};
    std::string json = to_json(state);
    const auto begin = json.find("[{") + 1;
    const auto end = json.find("}]") + 1;
    json.insert(end, "," + json.substr(begin, end - begin));
    const auto back = to_state(json);
    ASSERT_FALSE(back);
    EXPECT_EQ(fernamt::describe(back.error()), "ledger.wrong_value in=state member=calls");
}

} // namespace
} // namespace fernamt::ledger
