// SPDX-License-Identifier: EUPL-1.2
#include "agreements/agreement_samples.h"
#include "app/retention.h"
#include "people/agreed_service.h"
#include "people/municipalities.h"
#include "storage/test_database.h"
#include "web/call_notes.h"

#include <gtest/gtest.h>

namespace fernamt::app {
namespace {

namespace samples = agreements::samples;
const Instant kNow = to_instant({2026, 6, 1}, 12 * 3600);

class RetentionTest : public storage::testing::DatabaseTest {
  protected:
    void agree(const agreements::Retention &retention) {
        const ManualClock clock;
        people::Municipality town;
        town.id = samples::kTown;
        town.name = town.short_name = town.greeting = "Musterstedt";
        ASSERT_TRUE(people::Municipalities(db(), clock).add(town, UserId{1}));
        auto agreement = samples::in_force();
        agreement.retentions[0].value = retention;
        ASSERT_TRUE(db().write([&](storage::Connection &connection) -> Expected<void> {
            const auto taken = people::take_effect({connection, kNow, UserId{1}}, samples::kTown, 1,
                                                   agreements::service_plan({agreement}), false);
            if (!taken) return tl::unexpected(taken.error());
            return {};
        }));
    }
    void note(std::int64_t call, MunicipalityId municipality, Instant at) {
        ASSERT_TRUE(web::CallNotes(db()).save(
            {CallId{call}, UserId{1}, municipality, Redacted<std::string>("Notiz"), 0}, at));
    }
    bool is_there(std::int64_t call) {
        return web::CallNotes(db()).find(CallId{call}).value().has_value();
    }
};

FERNAMT_ON_EVERY_ENGINE(RetentionTest);

TEST_P(RetentionTest, TheShorterPeriodHolds) {
    EXPECT_EQ(caller_number_period(db(), kNow, 24h), 24h) << "nothing agreed";
    agree({0, 30, 180});
    EXPECT_EQ(caller_number_period(db(), kNow, 24h), 1h) << "a running call keeps its number";
    EXPECT_EQ(caller_number_period(db(), to_instant({2025, 12, 31}, 0), 24h), 24h) << "not yet";
}

TEST_P(RetentionTest, NotesOfTheTownAreErasedWhenItsAgreementSaysSo) {
    agree({1, 30, 180});
    note(1, samples::kTown, kNow - 31 * 24h);
    note(2, samples::kTown, kNow - 29 * 24h);
    note(3, samples::kOtherTown, kNow - 31 * 24h);
    EXPECT_EQ(erase_notes_as_agreed(db(), kNow), 1);
    EXPECT_FALSE(is_there(1));
    EXPECT_TRUE(is_there(2));
    EXPECT_TRUE(is_there(3));
}

// A ledger that ends in the future has made the clock run ahead: what seems to be over may not be.
TEST_P(RetentionTest, WhatIsErasedIsOverByTheWallClockToo) {
    const auto ledger = ledger::Ledger::open(db());
    ASSERT_TRUE(ledger);
    const auto write = [&](Instant at, const char *number) {
        const auto sealed =
            ledger::seal_value(ledger::kSealedCaller, Redacted<std::string>(number), at).value();
        EXPECT_TRUE((*ledger)->append_and_wait(
            {{at, "test.sealed", "{}", {}, {}, std::make_shared<const ledger::Sealed>(sealed)}}));
        return sealed.commitment;
    };
    const auto older = write(kNow - 60h, "x");
    const auto newer = write(kNow - 30h, "y");
    note(1, samples::kTown, kNow - 60h);
    note(2, samples::kTown, kNow - 30h);
    bool deliveries = false;
    ManualClock clock{kNow};
    const Retention all{.database = db(),
                        .ledger = **ledger,
                        .clock = clock,
                        .caller_numbers = 24h,
                        .call_notes = 24h,
                        .still_needed = [] { return std::set<std::string>{}; },
                        .erase_deliveries = [&]() -> Expected<void> {
                            deliveries = true;
                            return {};
                        }};
    clock.set_ahead(10h);
    erase_what_is_over(all);
    EXPECT_FALSE(is_there(1)) << "over by both";
    EXPECT_FALSE((*ledger)->reveal(older).value());
    EXPECT_TRUE(is_there(2)) << "20 hours old by the wall clock";
    EXPECT_TRUE((*ledger)->reveal(newer).value());
    EXPECT_FALSE(deliveries);
    clock.set_ahead(10min);
    erase_what_is_over(all);
    EXPECT_FALSE(is_there(2));
    EXPECT_FALSE((*ledger)->reveal(newer).value());
    EXPECT_TRUE(deliveries);
}

} // namespace
} // namespace fernamt::app
