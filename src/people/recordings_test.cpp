// SPDX-License-Identifier: EUPL-1.2
#include "people/audit.h"
#include "people/municipalities.h"
#include "people/recordings.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fernamt::people {
namespace {

constexpr UserId kChief{7};
constexpr MunicipalityId kWedemark{32'410'019'019};

class RecordingVersions : public storage::testing::DatabaseTest {
  protected:
    void SetUp() override {
        clock_.set(to_instant({2026, 11, 23}, 12 * 3600));
        Municipality town;
        town.id = kWedemark;
        town.name = town.short_name = "Wedemark";
        town.greeting = "Guten Tag!";
        ASSERT_TRUE(Municipalities(db(), clock_).add(town, kChief));
    }
    static RecordingOf greeting() { return {kWedemark, {}, "greeting"}; }
    static RecordingOf flood() { return {{}, routing::CrisisId{7}, "crisis"}; }
    Expected<Recording> put(const RecordingOf &of, const std::string &file, Instant from) {
        Recording one;
        one.of = of;
        one.file = file;
        one.from = from;
        one.length = 2s;
        one.office = Role::admin;
        Expected<Recording> added;
        const auto done = db().write([&](storage::Connection &connection) -> Expected<void> {
            added = add({connection, clock_.now(), kChief}, one);
            if (!added) return tl::unexpected(added.error());
            return {};
        });
        if (!done) return tl::unexpected(done.error());
        return added;
    }
    Expected<void> take_away(const RecordingOf &of, std::int64_t id) {
        return db().write([&](storage::Connection &connection) {
            return withdraw({connection, clock_.now(), kChief}, of, id);
        });
    }
    template <class Read>
    std::vector<Recording> all(Read read) {
        std::vector<Recording> found;
        EXPECT_TRUE(db().read([&](storage::Connection &connection) -> Expected<void> {
            found = read(connection).value();
            return {};
        }));
        return found;
    }
    std::vector<Recording> of(const RecordingOf &which) {
        return all([&](storage::Connection &connection) { return recordings(connection, which); });
    }
    std::string heard(const RecordingOf &which) {
        const auto versions = of(which);
        const Recording *one = heard_at(versions, clock_.now());
        return one == nullptr ? "what came with the program" : one->file;
    }
    ManualClock clock_;
};

TEST_P(RecordingVersions, AreHeardFromTheirInstantAndNothingIsOverwritten) {
    EXPECT_EQ(heard(greeting()), "what came with the program");
    const auto first = put(greeting(), "aaa", clock_.now());
    ASSERT_TRUE(first) << describe(first.error());
    EXPECT_EQ(heard(greeting()), "aaa");
    EXPECT_EQ(heard({kWedemark, {}, "closed"}), "what came with the program");
    EXPECT_EQ(heard(flood()), "what came with the program");
    const auto later = put(greeting(), "bbb", clock_.now() + 2h);
    ASSERT_TRUE(later);
    clock_.advance(1h);
    ASSERT_TRUE(put(greeting(), "ccc", clock_.now())); // before the planned one
    EXPECT_EQ(heard(greeting()), "ccc");
    clock_.advance(1h);
    EXPECT_EQ(heard(greeting()), "bbb");
    ASSERT_TRUE(put(greeting(), "", clock_.now())); // the same instant: the later word
    EXPECT_EQ(heard(greeting()), "");
    const auto versions = of(greeting());
    ASSERT_EQ(versions.size(), 4U);
    EXPECT_EQ(versions[0], *first);
    EXPECT_EQ(versions[0].by, kChief);
    EXPECT_EQ(versions[0].office, Role::admin);
    EXPECT_EQ(versions[0].length, 2s);

    ASSERT_TRUE(put(flood(), "ddd", clock_.now()));
    EXPECT_EQ(heard(flood()), "ddd");
    EXPECT_EQ(all([](storage::Connection &connection) { return recordings(connection); }).size(),
              5U);
    const auto audited = audit_log(db(), 10);
    ASSERT_TRUE(audited);
    EXPECT_EQ(audited->at(0).action, "announcement.replaced");
    EXPECT_EQ(audited->at(0).subject, 7);
    EXPECT_EQ(audited->at(1).action, "announcement.reset");
    EXPECT_EQ(audited->at(1).subject, kWedemark.value);
    EXPECT_EQ(audited->at(1).fields, "greeting");
}

TEST_P(RecordingVersions, WhatWaitsCanBeWithdrawnWhatWasHeardCannot) {
    const auto first = put(greeting(), "aaa", clock_.now());
    const auto planned = put(greeting(), "bbb", clock_.now() + 1h);
    ASSERT_TRUE(first && planned);
    EXPECT_EQ(take_away(greeting(), first->id).error().code, "announcement.already_heard");
    EXPECT_EQ(take_away(flood(), planned->id).error().code, "announcement.not_found");
    ASSERT_TRUE(take_away(greeting(), planned->id));
    EXPECT_EQ(take_away(greeting(), planned->id).error().code, "announcement.not_found");
    clock_.advance(2h);
    EXPECT_EQ(heard(greeting()), "aaa");
    EXPECT_EQ(of(greeting()).size(), 2U) << "it stays in the list";
}

TEST_P(RecordingVersions, TheOldestAreForgottenNeverTheOneInForceOrOneThatWaits) {
    const auto planned = put(greeting(), "planned", clock_.now() + 48h);
    ASSERT_TRUE(planned);
    for (int i = 0; i < kKeptRecordings + 4; ++i) {
        clock_.advance(1h);
        ASSERT_TRUE(put(greeting(), "v" + std::to_string(i), clock_.now()));
    }
    const auto versions = of(greeting());
    ASSERT_EQ(versions.size(), static_cast<std::size_t>(kKeptRecordings + 2));
    EXPECT_EQ(versions.front().file, "v3");
    EXPECT_EQ(heard(greeting()), "v13");
    EXPECT_EQ(versions.back().file, "planned");
    for (int i = 1; i < kPlannedRecordings; ++i)
        ASSERT_TRUE(put(greeting(), "later", clock_.now() + 49h));
    EXPECT_EQ(put(greeting(), "later", clock_.now() + 49h).error().code,
              "announcement.too_many_planned");
    EXPECT_TRUE(put(greeting(), "now", clock_.now())) << "an answer to what happens today";
    const auto next = put(flood(), "v0", clock_.now());
    ASSERT_TRUE(next);
    EXPECT_GT(next->id, versions.back().id) << "a number is never given twice";
}

TEST_P(RecordingVersions, WhatWasNeverHeardPushesOutNothingThatWas) {
    ASSERT_TRUE(put(greeting(), "heard", clock_.now()));
    clock_.advance(1h);
    ASSERT_TRUE(put(greeting(), "in force", clock_.now()));
    for (int i = 0; i < kKeptRecordings + 1; ++i) {
        const auto planned = put(greeting(), "planned", clock_.now() + 48h);
        ASSERT_TRUE(planned);
        ASSERT_TRUE(take_away(greeting(), planned->id));
        EXPECT_EQ(of(greeting()).back().id, planned->id) << "until the ledger knows of it";
        for (const Recording &one : all([](storage::Connection &connection) {
                 return recordings_not_in_ledger(connection);
             }))
            ASSERT_TRUE(db().write([&](storage::Connection &connection) {
                return set_in_ledger(connection, one, i + 1);
            }));
    }
    ASSERT_TRUE(put(greeting(), "new", clock_.now()));
    const auto versions = of(greeting());
    EXPECT_EQ(versions.front().file, "heard");
    EXPECT_EQ(heard(greeting()), "new");
    EXPECT_EQ(versions.size(), static_cast<std::size_t>(kKeptRecordings + 1));
}

TEST_P(RecordingVersions, ATownThatIsTakenBackGoesAndItsRecordingsWaitForIt) {
    ASSERT_TRUE(put(greeting(), "aaa", clock_.now()));
    const auto gone = db().write([](storage::Connection &connection) -> Expected<void> {
        const auto rows =
            connection.run("DELETE FROM municipality WHERE id = $1", {kWedemark.value});
        if (!rows) return tl::unexpected(rows.error());
        return {};
    });
    ASSERT_TRUE(gone) << describe(gone.error());
    EXPECT_EQ(heard(greeting()), "aaa");
}

TEST_P(RecordingVersions, TheLedgerIsToldOfEachAndOfItsWithdrawal) {
    const auto missing = [&] {
        return all(
            [](storage::Connection &connection) { return recordings_not_in_ledger(connection); });
    };
    const auto told = [&](const Recording &one, std::int64_t seq) {
        ASSERT_TRUE(db().write(
            [&](storage::Connection &connection) { return set_in_ledger(connection, one, seq); }));
    };
    const auto planned = put(greeting(), "aaa", clock_.now() + 1h);
    ASSERT_TRUE(planned);
    ASSERT_EQ(missing().size(), 1U);
    told(*planned, 4);
    EXPECT_TRUE(missing().empty());
    ASSERT_TRUE(take_away(greeting(), planned->id));
    ASSERT_EQ(missing().size(), 1U);
    told(*planned, 5);
    EXPECT_EQ(missing().size(), 1U) << "what the ledger knows there is not all of it";
    told(missing().front(), 6);
    EXPECT_TRUE(missing().empty());
}

FERNAMT_ON_EVERY_ENGINE(RecordingVersions);

} // namespace
} // namespace fernamt::people
