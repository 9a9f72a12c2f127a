// SPDX-License-Identifier: EUPL-1.2
#include "people/crisis.h"
#include "people/hours.h"
#include "people/lines.h"
#include "people/municipalities.h"
#include "people/partners.h"
#include "people/queues.h"
#include "people/rule_history.h"
#include "people/rules.h"
#include "people/skills.h"
#include "storage/test_database.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace fernamt::people {
namespace {

constexpr UserId kLead{7};
constexpr MunicipalityId kLangenhagen{32'410'010'010};

class RuleHistory : public storage::testing::DatabaseTest {
  protected:
    void SetUp() override {
        clock_.set(to_instant({2026, 11, 23}, 12 * 3600));
        Municipality town;
        town.id = kLangenhagen;
        town.name = town.short_name = "Langenhagen";
        town.greeting = "Guten Tag!";
        town.numbers = {PhoneNumber{"+493023125110"}};
        const auto added = Municipalities(db(), clock_).add(town, kLead);
        ASSERT_TRUE(added) << describe(added.error());
    }

    Expected<void> in_transaction(const std::function<Expected<void>(const Change &)> &what) {
        return db().write([&](storage::Connection &connection) {
            return what(Change{connection, clock_.now(), kLead});
        });
    }
    // One change as the web room makes it.
    template <class Make>
    void change(Make make) {
        const auto done = in_transaction([&](const Change &change) -> Expected<void> {
            const auto before = RuleRows::read(change.connection);
            if (!before) return tl::unexpected(before.error());
            const auto made = make(change);
            if (!made) return tl::unexpected(made.error());
            return remember(change, *before);
        });
        ASSERT_TRUE(done) << describe(done.error());
    }
    Expected<void> take_back(std::int64_t id) {
        return in_transaction([&](const Change &change) { return undo(change, id); });
    }
    std::vector<RuleHistoryEntry> entries() {
        std::vector<RuleHistoryEntry> all;
        EXPECT_TRUE(db().read([&](storage::Connection &connection) -> Expected<void> {
            all = rule_history(connection, 100).value();
            return {};
        }));
        return all;
    }
    routing::Rules rules() {
        auto built = build_rules(db()).value();
        built.version = 0;
        return built;
    }
    std::vector<Queue> all_queues() {
        std::vector<Queue> all;
        EXPECT_TRUE(db().read([&](storage::Connection &connection) -> Expected<void> {
            all = queues(connection).value();
            return {};
        }));
        return all;
    }
    RuleNames names() {
        Expected<RuleNames> read;
        EXPECT_TRUE(db().read([&](storage::Connection &connection) -> Expected<void> {
            read = RuleNames::read(connection, {RuleTable::queue, RuleTable::crisis_plan});
            return {};
        }));
        return read.value();
    }
    ManualClock clock_;
};

TEST_P(RuleHistory, EveryChangeCanBeTakenBackInTurnToTheVeryBeginning) {
    std::vector<routing::Rules> steps{rules()};
    const auto step = [&](auto make) {
        change(make);
        steps.push_back(rules());
    };
    routing::SkillId skill;
    Queue queue;
    Partner partner;
    step([&](const Change &c) -> Expected<void> {
        const auto added = add(c, Skill{{}, SkillKind::language, "Türkisch"});
        if (added) skill = added->id;
        return added ? Expected<void>{} : tl::unexpected(added.error());
    });
    step([&](const Change &c) -> Expected<void> {
        queue.name = "Türkisch";
        queue.rules.demands = {{skill, 2}};
        queue.rules.relaxations = {{60s, {{skill, 1}}}, {90s, {}}};
        auto added = add(c, queue);
        if (!added) return tl::unexpected(added.error());
        queue = *added;
        return {};
    });
    step([&](const Change &c) -> Expected<void> {
        queue.rules.demands = {{skill, 1}};
        queue.rules.prefers = {{skill, 3}};
        queue.rules.relaxations = {{60s, {{skill, 1}}}};
        auto changed = modify(c, queue);
        if (!changed) return tl::unexpected(changed.error());
        return {};
    });
    step([&](const Change &c) -> Expected<void> {
        partner.name = "Nord";
        partner.rules.number = PhoneNumber{"+493023125200"};
        auto added = add(c, partner);
        if (!added) return tl::unexpected(added.error());
        partner = *added;
        return {};
    });
    step([&](const Change &c) -> Expected<void> {
        Line line;
        line.rules.number = PhoneNumber{"115"};
        line.rules.municipality = kLangenhagen;
        line.rules.queue = queue.rules.id;
        line.rules.hours = routing::OpeningHours{};
        line.rules.hours->periods = {{Weekday::monday, 8 * 3600, 12 * 3600}};
        auto added = add(c, line);
        if (!added) return tl::unexpected(added.error());
        return {};
    });
    const auto partner_id = partner.rules.id;
    step([&](const Change &c) { return remove(c, partner_id); });

    const auto history = entries();
    ASSERT_EQ(history.size(), 6u);
    EXPECT_EQ(history[0].things, (std::vector<ChangedThing>{{RuleTable::partner, partner_id.value,
                                                             RuleHow::removed, "Nord"}}));
    EXPECT_EQ(history[3].things, (std::vector<ChangedThing>{{RuleTable::queue, queue.rules.id.value,
                                                             RuleHow::changed, "Türkisch"}}));
    ASSERT_EQ(history[1].things.size(), 1u) << "a line is no change of its municipality";
    EXPECT_EQ(history[1].things[0].name, "115");
    EXPECT_EQ(history[1].things[0].municipality, kLangenhagen);
    EXPECT_EQ(history[0].things[0].municipality, std::nullopt);
    EXPECT_EQ(history[0].by, kLead);

    EXPECT_EQ(take_back(history[1].id).error().code, "distribution.undo_not_last");
    for (std::size_t i = 0; i < history.size(); ++i) {
        const auto undone = take_back(history[i].id);
        ASSERT_TRUE(undone) << i << " " << describe(undone.error());
        EXPECT_EQ(rules(), steps[steps.size() - 2 - i]) << i;
        EXPECT_EQ(take_back(history[i].id).error().code, "distribution.not_found") << "twice";
    }
    for (const RuleHistoryEntry &entry : entries())
        EXPECT_TRUE(entry.undone);
}

TEST_P(RuleHistory, NamesHoursAndWaitingTimesOfAMunicipalityAreTakenBack) {
    const auto find = [&] { return *Municipalities(db(), clock_).find(kLangenhagen); };
    const auto modified = [](Municipality wanted) {
        return [wanted](const Change &c) -> Expected<void> {
            const auto made = modify(c, wanted);
            return made ? Expected<void>{} : tl::unexpected(made.error());
        };
    };
    Municipality wanted = find();
    wanted.hours = {{Weekday::monday, 8 * 3600, 12 * 3600}, {Weekday::friday, 8 * 3600, 13 * 3600}};
    change(modified(wanted));
    const Municipality first = find();
    wanted = first;
    wanted.name = "Stadt Langenhagen";
    wanted.greeting = "Moin!";
    wanted.hours = {{Weekday::monday, 9 * 3600, 11 * 3600, LocalDate{2026, 12, 1}},
                    {Weekday::friday, 8 * 3600, 12 * 3600}};
    wanted.information = routing::WaitingInformation{20s, 60s};
    change(modified(wanted));
    const auto history = entries();
    ASSERT_EQ(history.size(), 2u);
    EXPECT_EQ(history[0].things,
              (std::vector<ChangedThing>{{RuleTable::municipality, kLangenhagen.value,
                                          RuleHow::changed, "Stadt Langenhagen"}}));
    EXPECT_EQ(history[1].things.size(), 1u) << "hours are part of the municipality";

    ASSERT_TRUE(take_back(history[0].id));
    Municipality now = find();
    EXPECT_EQ(now.version, 4) << "whoever has the undone one open is told";
    now.version = first.version;
    EXPECT_EQ(now, first);
    ASSERT_TRUE(take_back(history[1].id));
    EXPECT_TRUE(find().hours.empty());
}

TEST_P(RuleHistory, TheStepsOfACrisisPlanAreTakenBack) {
    const auto plans = [&] {
        Expected<std::vector<CrisisPlan>> found;
        EXPECT_TRUE(db().read([&](storage::Connection &connection) -> Expected<void> {
            found = crisis_plans(connection);
            return {};
        }));
        return *found;
    };
    CrisisPlan flood;
    change([&](const Change &c) -> Expected<void> {
        const auto water = add(c, Skill{{}, SkillKind::topic, "Hochwasser"}).value();
        flood.name = "Hochwasser";
        flood.rules.municipality = kLangenhagen;
        flood.rules.demands = {{water.id, 2}};
        flood.rules.relaxations = {{30s, {{water.id, 1}}}, {90s, {}}};
        flood = add(c, flood).value();
        return {};
    });
    CrisisPlan changed = flood;
    changed.rules.relaxations.pop_back();
    change([&](const Change &c) { return modify(c, changed); });
    ASSERT_EQ(plans().front().rules, changed.rules);
    change([&](const Change &c) { return remove(c, flood.rules.id); });
    ASSERT_TRUE(plans().empty());
    ASSERT_TRUE(take_back(entries().at(0).id));
    EXPECT_EQ(plans().front().rules, changed.rules);
    ASSERT_TRUE(take_back(entries().at(1).id));
    EXPECT_EQ(plans().front().rules, flood.rules);
    EXPECT_EQ(entries().at(1).things,
              (std::vector<ChangedThing>{
                  {RuleTable::crisis_plan, flood.rules.id.value, RuleHow::changed, "Hochwasser"}}))
        << "steps are part of the plan";
}

TEST_P(RuleHistory, TheTermFollowsTheAgreementAndIsNoPartOfIt) {
    change([](const Change &c) -> Expected<void> {
        const auto made = set_term(c, kLangenhagen, 1, Instant{5}, {});
        return made ? Expected<void>{} : tl::unexpected(made.error());
    });
    EXPECT_TRUE(entries().empty());
}

TEST_P(RuleHistory, SettingsAreTakenBackUnlessChangedAgain) {
    const auto settings = [&] { return *Municipalities(db(), clock_).settings(); };
    const Settings before = settings();
    Settings wanted = before;
    wanted.wrap_up = 45s;
    wanted.callbacks.attempts = 5;
    wanted.callbacks.retry_when_not_dialled = 90s;
    wanted.max_partners = 2;
    change([&](const Change &c) -> Expected<void> {
        const auto made = modify(c, wanted);
        return made ? Expected<void>{} : tl::unexpected(made.error());
    });
    ASSERT_EQ(entries().size(), 1u);
    EXPECT_EQ(entries()[0].things,
              (std::vector<ChangedThing>{{RuleTable::settings, 1, RuleHow::changed, ""}}));
    ASSERT_TRUE(take_back(entries()[0].id));
    Settings now = settings();
    EXPECT_EQ(now.version, 3);
    now.version = before.version;
    EXPECT_EQ(now, before);
}

TEST_P(RuleHistory, WhoeverHasTheUndoneVersionOpenIsTold) {
    Queue queue;
    queue.name = "IT";
    change([&](const Change &c) -> Expected<void> {
        queue = add(c, queue).value();
        return {};
    });
    Queue changed = queue;
    changed.rules.max_waiting = 9;
    change([&](const Change &c) -> Expected<void> {
        changed = modify(c, changed).value();
        return {};
    });
    ASSERT_TRUE(take_back(entries().front().id));
    const Queue now = all_queues().front();
    EXPECT_EQ(now.rules, queue.rules);
    EXPECT_GT(now.version, changed.version);
    const auto late = in_transaction([&](const Change &c) -> Expected<void> {
        const auto made = modify(c, changed);
        return made ? Expected<void>{} : tl::unexpected(made.error());
    });
    EXPECT_EQ(late.error().code, "distribution.stale");
}

// As a program recorded it that did not know these columns yet.
TEST_P(RuleHistory, AChangeRecordedBeforeAColumnWasThereIsTakenBack) {
    const auto forget = [&](std::string_view table, std::size_t columns,
                            std::initializer_list<std::ptrdiff_t> added) {
        return db().write([&](storage::Connection &connection) -> Expected<void> {
            boost::json::value all;
            const auto read = connection.each("SELECT change FROM rule_history ORDER BY id DESC",
                                              {}, [&](const storage::Row &row) {
                                                  all = boost::json::parse(row.text(0));
                                                  return false;
                                              });
            if (!read) return read;
            for (boost::json::value &one : all.as_array()) {
                if (one.at("table").as_string() != table) continue;
                for (const char *side : {"before", "after"}) {
                    auto &cells = one.at(side).as_array();
                    EXPECT_EQ(cells.size(), columns);
                    for (const std::ptrdiff_t from_the_end : added)
                        cells.erase(cells.end() - from_the_end);
                }
            }
            return run(connection,
                       "UPDATE rule_history SET change = $1 "
                       "WHERE id = (SELECT MAX(id) FROM rule_history)",
                       {std::string(boost::json::serialize(all))});
        });
    };
    const auto before = rules();
    change([&](const Change &c) -> Expected<void> {
        Line line = lines(c.connection, kLangenhagen)->front();
        line.rules.scope = routing::Scope::it_faults;
        const auto made = modify(c, line);
        return made ? Expected<void>{} : tl::unexpected(made.error());
    });
    ASSERT_NE(rules(), before);
    ASSERT_TRUE(forget("line", 14, {2})); // towns_days
    ASSERT_TRUE(take_back(entries().front().id));
    EXPECT_EQ(rules(), before);

    change([&](const Change &c) -> Expected<void> {
        Settings settings = *load_settings(c.connection);
        settings.callbacks.retry_when_busy = 90s;
        settings.max_hops = 9;
        const auto made = modify(c, settings);
        return made ? Expected<void>{} : tl::unexpected(made.error());
    });
    ASSERT_NE(rules(), before);
    ASSERT_TRUE(forget("office_settings", 14, {2, 4})); // max_partners, callback_retry_own_us
    ASSERT_TRUE(take_back(entries().front().id));
    EXPECT_EQ(rules(), before);
}

TEST_P(RuleHistory, WhatChangedByAnotherWayIsNotOverwritten) {
    Queue queue;
    queue.name = "IT";
    change([&](const Change &c) -> Expected<void> {
        queue = add(c, queue).value();
        return {};
    });
    const auto beside = in_transaction([&](const Change &c) -> Expected<void> {
        Queue other = queue;
        other.rules.max_waiting = 3;
        const auto made = modify(c, other); // not remembered
        return made ? Expected<void>{} : tl::unexpected(made.error());
    });
    ASSERT_TRUE(beside);
    EXPECT_EQ(take_back(entries().front().id).error().code, "distribution.undo_overtaken");
    EXPECT_EQ(all_queues().size(), 1u);
}

TEST_P(RuleHistory, NothingChangedIsNothingToRemember) {
    change([](const Change &) { return Expected<void>{}; });
    EXPECT_TRUE(entries().empty());
}

// The ledger names ids for ever; whoever reads it later sees what they were called then.
TEST_P(RuleHistory, SaysWhatAThingWasCalledAtAnInstantAlsoWhenItIsGone) {
    const auto next = [&] { clock_.advance(1h); };
    Queue queue, other;
    CrisisPlan flood;
    change([&](const Change &c) {
        const auto added = add(c, Queue{{}, "Zentrale"});
        if (added) queue = *added;
        return added;
    });
    change([&](const Change &c) {
        const auto added = add(c, Queue{{}, "Bauamt"});
        if (added) other = *added;
        return added;
    });
    change([&](const Change &c) {
        flood.name = "Hochwasser";
        flood.rules.municipality = kLangenhagen;
        const auto added = add(c, flood);
        if (added) flood = *added;
        return added;
    });
    const Instant first = clock_.now();
    const auto called = [&](std::int64_t id, Instant at) {
        return names().at(RuleTable::queue, id, at);
    };
    const std::int64_t id = queue.rules.id.value;
    EXPECT_EQ(called(id, first), (ThingName{"Zentrale", "Zentrale"}));
    EXPECT_EQ(names().at(RuleTable::crisis_plan, flood.rules.id.value, first),
              (ThingName{"Hochwasser", "Hochwasser"}));
    EXPECT_EQ(names().at(RuleTable::partner, id, first), ThingName{}) << "not asked for";
    EXPECT_EQ(called(4711, first), ThingName{}) << "there never was one";

    next();
    queue.name = "Bürgertelefon";
    change([&](const Change &c) { return modify(c, queue); });
    EXPECT_EQ(called(id, first), (ThingName{"Zentrale", "Bürgertelefon"}));
    EXPECT_EQ(called(id, clock_.now()), (ThingName{"Bürgertelefon", "Bürgertelefon"}));
    EXPECT_EQ(called(other.rules.id.value, first), (ThingName{"Bauamt", "Bauamt"}));

    const Instant renamed = clock_.now();
    next();
    ASSERT_TRUE(take_back(entries().front().id));
    EXPECT_EQ(called(id, first), (ThingName{"Zentrale", "Zentrale"}));
    EXPECT_EQ(called(id, renamed), (ThingName{"Bürgertelefon", "Zentrale"}))
        << "it was called that, until it was taken back";
    EXPECT_EQ(called(id, clock_.now()), (ThingName{"Zentrale", "Zentrale"}));

    next();
    change([&](const Change &c) -> Expected<Queue> {
        if (auto gone = remove(c, queue.rules.id); !gone) return tl::unexpected(gone.error());
        return queue;
    });
    EXPECT_EQ(called(id, renamed), (ThingName{"Bürgertelefon", std::nullopt}));
    EXPECT_EQ(called(id, clock_.now()), (ThingName{"Zentrale", std::nullopt}))
        << "a decision that did not know of the removal yet";
    next();
    ASSERT_TRUE(take_back(entries().front().id));
    EXPECT_EQ(called(id, clock_.now()), (ThingName{"Zentrale", "Zentrale"}));
}

FERNAMT_ON_EVERY_ENGINE(RuleHistory);

} // namespace
} // namespace fernamt::people
