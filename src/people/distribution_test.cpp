// SPDX-License-Identifier: EUPL-1.2
// What distribution obeys, as it is stored and as build_rules() hands it to routing: skills,
// queues, partners, overflows, lines, exceptions, terms, crisis plans.
#include "people/audit.h"
#include "people/change_samples.h"
#include "people/crisis.h"
#include "people/hours.h"
#include "people/lines.h"
#include "people/municipalities.h"
#include "people/partners.h"
#include "people/passwords.h"
#include "people/queues.h"
#include "people/rules.h"
#include "people/sessions.h"
#include "people/skills.h"

#include <gtest/gtest.h>

namespace fernamt::people {
namespace {

using routing::CrisisId;
using routing::QueueId;
using routing::SkillId;
using routing::SkillLevel;

using samples::kLangenhagen;
using samples::kLead;
using samples::kWedemark;
constexpr int kHour = 3600;

class Distribution : public samples::ChangeTest {
  protected:
    void SetUp() override {
        Municipalities municipalities(db(), clock_);
        for (const auto &[id, number] :
             {std::pair{kLangenhagen, "+493023125110"}, std::pair{kWedemark, "+493023125119"}}) {
            Municipality one;
            one.id = id;
            one.name = one.short_name = id == kLangenhagen ? "Langenhagen" : "Wedemark";
            one.greeting = "Guten Tag!";
            one.hours = {{Weekday::monday, 8 * kHour, 18 * kHour}};
            one.numbers = {PhoneNumber{number}};
            const auto added = municipalities.add(one, kLead);
            ASSERT_TRUE(added) << describe(added.error());
        }
    }

    template <class Thing>
    Expected<Thing> put(const Thing &thing) {
        return make([&](const Change &change) { return add(change, thing); });
    }
    template <class Thing>
    Expected<Thing> alter(const Thing &thing) {
        return make([&](const Change &change) { return modify(change, thing); });
    }
    template <class Read>
    auto all(Read read) {
        decltype(read(std::declval<storage::Connection &>())) found;
        const auto done = db().read([&](storage::Connection &connection) -> Expected<void> {
            found = read(connection);
            return {};
        });
        EXPECT_TRUE(done);
        EXPECT_TRUE(found) << describe(found.error());
        return *found;
    }
    routing::Rules rules() {
        const auto built = build_rules(db());
        EXPECT_TRUE(built);
        EXPECT_EQ(*built, routing::sorted(*built)) << "the machine would see another order";
        return *built;
    }
    Skill skill(const std::string &name, SkillKind kind = SkillKind::topic) {
        const auto added = put(Skill{{}, kind, name});
        EXPECT_TRUE(added) << describe(added.error());
        return *added;
    }
    Queue queue(const std::string &name) {
        Queue one;
        one.name = name;
        const auto added = put(one);
        EXPECT_TRUE(added) << describe(added.error());
        return *added;
    }
    Line line(const std::string &number, MunicipalityId owner = kLangenhagen) {
        Line one;
        one.rules.number = PhoneNumber{number};
        one.rules.municipality = owner;
        return one;
    }
    AgentId agent(const std::string &login) {
        const auto added =
            Users(db(), clock_)
                .add({login, login, {Role::agent}, {}, "ein langes Passwort"}, kLead);
        EXPECT_TRUE(added) << describe(added.error());
        return AgentId{added->user.id.value};
    }
};

TEST_P(Distribution, SkillsAreNamedOnceAndKeptWhileUsed) {
    const Skill turkish = skill("Türkisch", SkillKind::language);
    EXPECT_EQ(all(skills), std::vector{turkish});
    EXPECT_EQ(put(Skill{{}, SkillKind::topic, "Türkisch"}).error().code, "distribution.name_taken");
    Skill renamed = turkish;
    renamed.name = "Türkisch (B2)";
    ASSERT_TRUE(alter(renamed));
    EXPECT_EQ(alter(renamed).error(),
              (Problem{ProblemKind::stale, "distribution.stale", {{"version", "2"}}}));
    const AgentId anke = agent("anke");
    const auto version = all([&](auto &c) { return skills_of_agent(c, anke); }).version;
    const auto set = make([&](const Change &change) {
        return set_skills(change, anke, {{{turkish.id, 2}}, version});
    });
    ASSERT_TRUE(set) << describe(set.error());
    EXPECT_EQ(rules().skills, (std::vector<routing::AgentSkills>{{anke, {{turkish.id, 2}}}}));
    EXPECT_EQ(make([&](const Change &change) { return set_skills(change, anke, {{}, version}); })
                  .error()
                  .code,
              "user.stale");
    EXPECT_EQ(make([&](const Change &change) { return remove(change, turkish.id); }).error().code,
              "distribution.in_use");
    ASSERT_TRUE(
        make([&](const Change &change) { return set_skills(change, anke, {{}, set->version}); }));
    ASSERT_TRUE(make([&](const Change &change) { return remove(change, turkish.id); }));
    EXPECT_TRUE(rules().skills.empty());
    EXPECT_GT(skill("Arabisch").id, turkish.id) << "an id is never given again";
    EXPECT_EQ(make([&](const Change &change) {
                  return set_skills(change, anke, {{{turkish.id, 1}}, set->version + 1});
              }).error(),
              (Problem{ProblemKind::invalid_input, "distribution.unknown", {{"field", "skills"}}}));
    EXPECT_EQ(make([&](const Change &change) {
                  return set_skills(change, AgentId{kLead.value + 999}, {{}, 1});
              })
                  .error()
                  .code,
              "user.not_found");
}

TEST_P(Distribution, QueuesAreStoredWhole) {
    const Skill it = skill("IT-Störung", SkillKind::it);
    const Skill house = skill("Rathaus Langenhagen", SkillKind::municipality);
    Queue faults;
    faults.name = "IT-Störungen";
    faults.rules.demands = {{house.id, 1}, {it.id, 2}};
    faults.rules.prefers = {{house.id, 3}};
    faults.rules.relaxations = {{60s, {}}, {30s, {{it.id, 1}}}};
    faults.rules.head_start = 45s;
    faults.rules.max_waiting = 20;
    faults.rules.offers_callback = true;
    const auto added = put(faults);
    ASSERT_TRUE(added) << describe(added.error());
    EXPECT_EQ(all(queues), std::vector{*added});
    const routing::Rules built = rules();
    ASSERT_EQ(built.queues.size(), 1U);
    EXPECT_EQ(built.queues[0], added->rules);
    EXPECT_EQ(built.queues[0].relaxations,
              (std::vector<routing::Relaxation>{{30s, {{it.id, 1}}}, {60s, {}}}));
    EXPECT_EQ(built.queues[0].head_start, 45s);

    Queue wrong = *added;
    wrong.rules.demands = {{SkillId{4711}, 1}};
    EXPECT_EQ(alter(wrong).error().arguments.front().second, "demands");
    wrong.rules.demands = {{it.id, 1}, {it.id, 2}};
    EXPECT_EQ(alter(wrong).error().code, "distribution.twice");
    wrong.rules.demands = {{it.id, 10}};
    EXPECT_EQ(alter(wrong).error().code, "distribution.level");
    wrong = *added;
    wrong.rules.relaxations = {{30s, {}}, {30s, {}}};
    EXPECT_EQ(alter(wrong).error().code, "distribution.step_wait");
    wrong.rules.relaxations = {{0s, {}}};
    EXPECT_EQ(alter(wrong).error().code, "distribution.step_wait");

    Line own = line("+493023125400");
    own.rules.queue = added->rules.id;
    const auto stored = put(own);
    ASSERT_TRUE(stored) << describe(stored.error());
    const auto drop = [&](const Change &change) { return remove(change, added->rules.id); };
    EXPECT_EQ(make(drop).error().code, "distribution.in_use");
    ASSERT_TRUE(
        make([&](const Change &change) { return remove_line(change, kLangenhagen, stored->id); }));
    ASSERT_TRUE(make(drop));
    EXPECT_EQ(make(drop).error().code, "distribution.not_found");
    EXPECT_TRUE(rules().queues.empty());
}

// Who is there could take the call now and not later: its caller would be told that nobody is.
TEST_P(Distribution, AStepThatDemandsMoreThanTheOneBeforeIsRefused) {
    const Skill it = skill("IT-Störung", SkillKind::it);
    const Skill house = skill("Rathaus Langenhagen", SkillKind::municipality);
    Queue faults;
    faults.name = "IT-Störungen";
    const auto refused = [&](std::vector<routing::SkillLevel> demands,
                             std::vector<routing::Relaxation> steps) {
        faults.rules.demands = std::move(demands);
        faults.rules.relaxations = std::move(steps);
        const auto problem = put(faults).error();
        EXPECT_EQ(problem.arguments.front().second, "relaxations");
        return problem.code;
    };
    const std::string more = "distribution.step_demands_more";
    EXPECT_EQ(refused({}, {{30s, {{it.id, 1}}}}), more);
    EXPECT_EQ(refused({{it.id, 2}}, {{30s, {{it.id, 3}}}}), more);
    EXPECT_EQ(refused({{it.id, 2}}, {{30s, {{house.id, 1}}}}), more); // another one is more, too
    EXPECT_EQ(refused({{it.id, 2}}, {{60s, {{it.id, 2}}}, {30s, {{it.id, 1}}}}), more);
    EXPECT_EQ(refused({{it.id, 2}}, {{30s, {{it.id, 10}}}}), "distribution.level");
    faults.rules.demands = {{house.id, 1}, {it.id, 2}}; // in any order
    faults.rules.relaxations = {{60s, {{it.id, 1}, {house.id, 1}}}, {90s, {{it.id, 1}}}};
    const auto added = put(faults);
    ASSERT_TRUE(added) << describe(added.error());
    Queue changed = *added;
    changed.rules.demands = {{it.id, 1}};
    EXPECT_EQ(alter(changed).error().code, more);
}

TEST_P(Distribution, OverflowsGoToPartnersInTheirOrder) {
    const auto north = put(Partner{{{}, PhoneNumber{"+494066969100"}}, "Nord"});
    ASSERT_TRUE(north);
    EXPECT_EQ(put(*north).error().code, "distribution.name_taken");
    const Queue faults = queue("IT");
    const auto from = clock_.now(), until = clock_.now() + 8h;
    const auto outing = put(
        Overflow{0, 2, {routing::OverflowWhen::planned, north->rules.id, {}, 3, 9s, from, until}});
    ASSERT_TRUE(outing) << describe(outing.error());
    EXPECT_EQ(outing->rules.waiting, 0) << "a planned overflow counts nobody";
    const auto full = put(Overflow{
        0,
        1,
        {routing::OverflowWhen::queue_length, north->rules.id, faults.rules.id, 5, {}, from, {}}});
    ASSERT_TRUE(full) << describe(full.error());
    EXPECT_EQ(all(overflows), (std::vector{*full, *outing}));
    const routing::Rules built = rules();
    EXPECT_EQ(built.overflows, (std::vector{full->rules, outing->rules}));
    EXPECT_EQ(built.partners, std::vector{north->rules});

    const auto fault = [&](routing::Overflow bad) {
        const Problem problem = put(Overflow{0, 3, bad}).error();
        return problem.code + " " + problem.arguments.front().second;
    };
    using enum routing::OverflowWhen;
    EXPECT_EQ(fault({closed, routing::PartnerId{999}}), "distribution.unknown partner");
    EXPECT_EQ(fault({closed, north->rules.id, QueueId{999}}), "distribution.unknown queue");
    EXPECT_EQ(fault({longest_wait, north->rules.id}), "distribution.overflow_incomplete wait");
    EXPECT_EQ(fault({queue_length, north->rules.id}), "distribution.overflow_incomplete waiting");
    EXPECT_EQ(fault({planned, north->rules.id}), "distribution.overflow_incomplete from");
    EXPECT_EQ(fault({planned, north->rules.id, {}, 0, {}, until, from}),
              "distribution.order until");
    EXPECT_EQ(
        make([&](const Change &change) { return remove(change, north->rules.id); }).error().code,
        "distribution.in_use");
    for (const auto &one : {*full, *outing})
        ASSERT_TRUE(make([&](const Change &change) { return remove_overflow(change, one.id); }));
    ASSERT_TRUE(make([&](const Change &change) { return remove(change, north->rules.id); }));
    EXPECT_TRUE(rules().partners.empty());
}

TEST_P(Distribution, LinesKnowTheirScopeHoursOfficeAndTime) {
    Line own = line("+493023125410");
    own.rules.scope = routing::Scope::authority_115;
    own.rules.price_class = 2;
    own.rules.hours = routing::OpeningHours{{{Weekday::tuesday, 7 * kHour, 19 * kHour}}, false, {}};
    own.rules.office = routing::OfficeFirst{
        PhoneNumber{"+492214710100"}, 12s, {{Weekday::monday, 12 * kHour, 13 * kHour}}};
    own.rules.valid_from = clock_.now();
    const auto added = put(own);
    ASSERT_TRUE(added) << describe(added.error());
    const auto at = [&](const char *number) {
        const routing::Rules built = rules();
        const auto *found = routing::find_number(built, PhoneNumber{number}, clock_.now());
        return found ? std::optional(*found) : std::nullopt;
    };
    EXPECT_EQ(at("+493023125410"), added->rules);
    EXPECT_EQ(added->rules, own.rules);

    Line changed = *added;
    changed.rules.office.reset();
    changed.rules.hours.reset();
    changed.rules.valid_until = clock_.now() + 24h;
    const auto altered = alter(changed);
    ASSERT_TRUE(altered) << describe(altered.error());
    EXPECT_EQ(at("+493023125410"), changed.rules);
    // Tomorrow at noon it passes to the neighbour, not a second before.
    Line next = line("+493023125410", kWedemark);
    next.rules.valid_from = clock_.now() + 23h;
    EXPECT_EQ(put(next).error(), (Problem{ProblemKind::conflict,
                                          "municipality.number_taken",
                                          {{"field", "number"},
                                           {"number", "030 23125410"},
                                           {"ars", to_ars(kLangenhagen)},
                                           {"short_name", "Langenhagen"}}}));
    next.rules.valid_from = clock_.now() + 24h;
    ASSERT_TRUE(put(next));
    EXPECT_EQ(at("+493023125410")->municipality, kLangenhagen);
    clock_.advance(24h);
    EXPECT_EQ(at("+493023125410")->municipality, kWedemark);

    Line loop = line("+493023125411");
    loop.rules.office = routing::OfficeFirst{PhoneNumber{"+493023125110"}, 20s, {}};
    EXPECT_EQ(put(loop).error().code, "distribution.office_is_line");
    Line nowhere = line("+493023125412", MunicipalityId{1});
    EXPECT_EQ(put(nowhere).error().code, "municipality.not_found");
    Line foreign = *altered;
    foreign.rules.municipality = kWedemark;
    EXPECT_EQ(alter(foreign).error().code, "distribution.not_found") << "not Wedemark's to change";
}

TEST_P(Distribution, HoursHaveSeasonsAndExceptions) {
    Municipalities municipalities(db(), clock_);
    Municipality town = *municipalities.find(kLangenhagen);
    town.hours = {{Weekday::monday, 8 * kHour, 12 * kHour, {}, LocalDate{2026, 12, 31}},
                  {Weekday::monday, 8 * kHour, 16 * kHour, LocalDate{2027, 1, 1}, {}}};
    const auto changed = municipalities.change(town, kLead);
    ASSERT_TRUE(changed) << describe(changed.error());
    EXPECT_EQ(changed->hours, town.hours);
    town = *changed;
    town.hours[1].valid_from = LocalDate{2026, 12, 31};
    EXPECT_EQ(municipalities.change(town, kLead).error().code, "municipality.hours_overlap");

    const auto outing = put(HoursException{
        0, kLangenhagen, 0, {{2026, 11, 23}, {2026, 11, 24}, false, 0, 86'400}, "Betriebsausflug"});
    ASSERT_TRUE(outing) << describe(outing.error());
    const auto open_now = [&](Instant at) {
        const routing::Rules built = rules();
        return routing::openness(*routing::find_municipality(built, kLangenhagen), at);
    };
    const Instant monday = to_instant({2026, 11, 23}, 9 * kHour);
    EXPECT_EQ(open_now(monday), routing::Openness::closed_locally);
    ASSERT_TRUE(put(HoursException{0,
                                   kLangenhagen,
                                   0,
                                   {{2026, 11, 23}, {2026, 11, 23}, true, 9 * kHour, 10 * kHour},
                                   "Wahl"}));
    EXPECT_EQ(open_now(monday), routing::Openness::open_exceptionally);

    HoursException bad = *outing;
    bad.rule.last = {2026, 11, 22};
    EXPECT_EQ(alter(bad).error().code, "distribution.order");
    bad = *outing;
    bad.municipality = kWedemark;
    EXPECT_EQ(alter(bad).error().code, "distribution.not_found");
    bad = *outing;
    bad.line = all([](auto &c) { return lines(c, kLangenhagen); }).front().id;
    EXPECT_EQ(alter(bad).error().code, "distribution.unknown") << "it has no hours of its own";
    const auto drop = [&](const Change &change) {
        return remove_hours_exception(change, kLangenhagen, outing->id);
    };
    ASSERT_TRUE(make(drop));
    EXPECT_EQ(make(drop).error().code, "distribution.not_found");
}

TEST_P(Distribution, AMunicipalityJoinsAndLeavesAtItsSecond) {
    const auto set = [&](std::int64_t version, std::optional<Instant> joins,
                         std::optional<Instant> leaves) {
        return make([&](const Change &change) {
            return set_term(change, kWedemark, version, joins, leaves);
        });
    };
    const Instant midnight = to_instant({2027, 1, 1}, 0);
    EXPECT_EQ(set(1, midnight, midnight).error().code, "distribution.order");
    const auto ended = set(1, {}, midnight);
    ASSERT_TRUE(ended) << describe(ended.error());
    EXPECT_EQ(ended->leaves, midnight);
    EXPECT_EQ(set(1, {}, {}).error().code, "municipality.stale");
    const routing::Rules built = rules();
    const auto *town = routing::find_municipality(built, kWedemark);
    EXPECT_TRUE(routing::is_served(*town, midnight - 1us));
    EXPECT_FALSE(routing::is_served(*town, midnight));
}

TEST_P(Distribution, SettingsReachTheRules) {
    Municipalities municipalities(db(), clock_);
    Settings settings = *municipalities.settings();
    EXPECT_EQ(settings, Settings{});
    settings.callbacks = {40s, 5, 900s, 120s, 90s};
    settings.typical_handling = 240s;
    settings.max_hops = 2;
    settings.max_partners = 7;
    ASSERT_TRUE(municipalities.change_settings(settings, kLead));
    const routing::Rules built = rules();
    EXPECT_EQ(built.callbacks, settings.callbacks);
    EXPECT_EQ(built.typical_handling, 240s);
    EXPECT_EQ(built.max_hops, 2);
    EXPECT_EQ(built.max_partners, 7);
    const Settings stored = *municipalities.settings();
    settings.version = stored.version;
    EXPECT_EQ(stored, settings);
    const auto refused = [&](auto alter) {
        Settings wrong = stored;
        alter(wrong);
        const auto changed = municipalities.change_settings(wrong, kLead);
        return changed ? "" : changed.error().arguments.front().second;
    };
    EXPECT_EQ(refused([](Settings &s) { s.callbacks.attempts = 11; }), "callback_attempts");
    EXPECT_EQ(refused([](Settings &s) { s.callbacks.retry_when_not_dialled = 59s; }),
              "callback_retry_own_seconds")
        << "none at all are the rules of before, which counted it as the citizen's attempt";
    EXPECT_EQ(refused([](Settings &s) { s.max_partners = 0; }), "max_partners");
    EXPECT_EQ(refused([](Settings &s) { s.max_partners = 11; }), "max_partners");
}

TEST_P(Distribution, CrisisPlansKeepTheirApprovedWording) {
    const Skill order = skill("Ordnungsamt", SkillKind::public_order);
    CrisisPlan flood;
    flood.name = "Hochwasser";
    EXPECT_EQ(put(flood).error().code, "distribution.crisis_of_nothing");
    flood.rules.municipality = kLangenhagen;
    flood.rules.head_start = 300s;
    flood.rules.hours = {{Weekday::sunday, 0, 86'400}};
    flood.rules.demands = {{order.id, 1}};
    flood.wording = {{"de", "Bitte verlassen Sie die Keller."}, {"en", "Please leave cellars."}};
    const auto added = put(flood);
    ASSERT_TRUE(added) << describe(added.error());
    EXPECT_EQ(all(crisis_plans), std::vector{*added});
    CrisisPlan shorter = *added;
    shorter.wording.erase("en");
    const auto changed = alter(shorter);
    ASSERT_TRUE(changed);
    EXPECT_EQ(all(crisis_plans), std::vector{*changed});
    EXPECT_EQ(make([&](const Change &change) { return remove(change, order.id); }).error().code,
              "distribution.in_use");
    ASSERT_TRUE(make([&](const Change &change) { return remove(change, added->rules.id); }));
    EXPECT_TRUE(all(crisis_plans).empty());
}

TEST_P(Distribution, ACrisisPlansDemandsRelaxAsAQueuesDo) {
    const Skill order = skill("Ordnungsamt", SkillKind::public_order);
    const Skill water = skill("Hochwasser", SkillKind::topic);
    CrisisPlan flood;
    flood.name = "Hochwasser";
    flood.rules.municipality = kLangenhagen;
    flood.rules.demands = {{order.id, 1}, {water.id, 2}};
    flood.rules.relaxations = {{90s, {}}, {30s, {{water.id, 1}, {order.id, 1}}}};
    const auto added = put(flood);
    ASSERT_TRUE(added) << describe(added.error());
    EXPECT_EQ(added->rules.relaxations,
              (std::vector<routing::Relaxation>{{30s, {{order.id, 1}, {water.id, 1}}}, {90s, {}}}));
    EXPECT_EQ(all(crisis_plans), std::vector{*added});

    CrisisPlan changed = *added;
    changed.rules.relaxations = {{30s, {{water.id, 3}}}};
    const auto refused = alter(changed);
    EXPECT_EQ(refused.error().code, "distribution.step_demands_more");
    EXPECT_EQ(refused.error().arguments.front().second, "relaxations");
    changed.rules.relaxations = {{30s, {}}, {30s, {}}};
    EXPECT_EQ(alter(changed).error().code, "distribution.step_wait");
    EXPECT_EQ(all(crisis_plans), std::vector{*added});
    changed.rules.demands = {{water.id, 2}};
    changed.rules.relaxations = {{45s, {{water.id, 2}}}};
    const auto stored = alter(changed);
    ASSERT_TRUE(stored) << describe(stored.error());
    EXPECT_EQ(all(crisis_plans), std::vector{*stored});
    changed = *stored;
    changed.rules.demands = {{order.id, 1}};
    EXPECT_EQ(alter(changed).error().code, "distribution.step_demands_more");

    const auto drop = [&](const Change &change) { return remove(change, added->rules.id); };
    ASSERT_TRUE(make(drop));
    EXPECT_TRUE(all(crisis_plans).empty());
    EXPECT_TRUE(make([&](const Change &change) { return remove(change, water.id); }));
}

TEST_P(Distribution, HelpersComeByOneTimeCodeAndLeaveWithTheCrisis) {
    CrisisPlan flood;
    flood.name = "Hochwasser";
    flood.rules.municipality = kLangenhagen;
    const CrisisId id = put(flood)->rules.id;
    const auto codes = make([&](const Change &change) { return make_codes(change, id, 2); });
    ASSERT_TRUE(codes);
    ASSERT_EQ(codes->size(), 2U);
    const std::string hash = *hash_password(random_token());
    const auto use = [&](const std::string &code) {
        return make([&](const Change &change) { return use_code(change, code, hash); });
    };
    std::string typed = codes->front();
    for (char &c : typed)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    const auto helper = use(typed);
    ASSERT_TRUE(helper) << describe(helper.error());
    EXPECT_EQ(helper->crisis, id);
    EXPECT_EQ(use(codes->front()).error().code, "session.code_invalid") << "one time only";
    clock_.advance(49h);
    EXPECT_EQ(use(codes->back()).error().code, "session.code_invalid") << "good for two days";

    Sessions sessions(db(), clock_);
    const auto token = sessions.begin(helper->user.id);
    ASSERT_TRUE(token);
    EXPECT_TRUE(sessions.find(*token)->roles.contains(Role::agent));
    EXPECT_TRUE(rules().agents.empty()) << "serves the crisis only";
    EXPECT_TRUE(Users(db(), clock_).all()->empty()) << "nobody's account";
    ASSERT_TRUE(make([&](const Change &change) { return dismiss_helpers(change, id); }));
    EXPECT_EQ(sessions.find(*token).error().code, "session.none");
}

TEST_P(Distribution, EveryChangeIsAuditedWithoutValues) {
    const Skill one = skill("Gebärdensprache", SkillKind::sign_language_video);
    const auto before = rules().version;
    ASSERT_TRUE(make([&](const Change &change) { return remove(change, one.id); }));
    EXPECT_GT(rules().version, before);
    const auto log = audit_log(db(), 2);
    ASSERT_TRUE(log);
    ASSERT_EQ(log->size(), 2U);
    EXPECT_EQ((*log)[0].action, "skill.removed");
    EXPECT_EQ((*log)[0].by, kLead);
    EXPECT_EQ((*log)[0].subject, one.id.value);
    EXPECT_EQ((*log)[1].action, "skill.added");
    EXPECT_EQ((*log)[1].fields, "");
}

FERNAMT_ON_EVERY_ENGINE(Distribution);

} // namespace
} // namespace fernamt::people
