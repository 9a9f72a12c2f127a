// SPDX-License-Identifier: EUPL-1.2
#include "billing/billing_samples.h"
#include "billing/call_set.h"
#include "billing/invoice_source.h"
#include "ledger/reclassified_call.h"
#include "storage/statement.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <tuple>

namespace fernamt::billing {
namespace {

using namespace samples;
using agreements::CallKind;
using std::chrono::minutes;
using std::chrono::seconds;

using Row = std::tuple<CallId, int, CallKind, std::int64_t, std::int64_t, std::int64_t>;

std::vector<Row> rows_of(const agreements::Calls &calls) {
    std::vector<Row> rows;
    for (std::size_t i = 0; i < calls.size(); ++i) {
        const std::size_t at = calls.class_at().empty() ? 0 : calls.class_at()[i];
        rows.emplace_back(calls.ids()[i], calls.day()[i], calls.kind()[i], calls.talk_us()[i],
                          calls.work_us()[i], calls.classes()[at]);
    }
    std::ranges::sort(rows);
    return rows;
}

class CallSetTest : public storage::testing::DatabaseTest {
  protected:
    void SetUp() override {
        ledger_ = ledger::Ledger::open(db()).value();
        for (const MunicipalityId town : {kLangenhagen, kWedemark}) {
            StandardPrice agreed = per_minute();
            agreed.id = 0;
            agreed.municipality = town;
            ASSERT_TRUE(add_price(db(), agreed));
        }
    }
    void TearDown() override { ledger_.reset(); }
    void append(std::vector<ledger::NewEntry> entries) {
        (void)ledger_->append_and_wait(std::move(entries)).value();
    }
    ledger::NewEntry ended(std::int64_t id, MunicipalityId town, Instant offered, Duration took) {
        routing::End end;
        end.call = CallId{id};
        end.municipality = town;
        end.offered_at = offered;
        end.price_class = static_cast<std::int64_t>(random_() % 3);
        end.talk = seconds{static_cast<std::int64_t>(random_() % 400)};
        end.reason = routing::EndReason::abandoned;
        if (random_() % 5 != 0) {
            end.reason = routing::EndReason::completed;
            end.answered_at = offered + seconds{5};
        }
        if (random_() % 7 == 0) end.scope = routing::Scope::authority_115;
        if (random_() % 11 == 0) end.scope = routing::Scope::it_faults;
        return ledger::to_entry(routing::Decision{end, routing::Rule::caller_hung_up},
                                offered + took);
    }
    ledger::NewEntry given(std::int64_t id, Instant offered, MunicipalityId from, MunicipalityId to,
                           std::optional<std::string_view> kind) {
        ledger::Reclassified fact;
        fact.call = CallId{id};
        fact.offered_at = offered;
        fact.from = from;
        fact.to = to;
        fact.kind = kind;
        fact.role = "finance";
        return ledger::to_entry(fact, offered + std::chrono::hours{48});
    }
    // Calls from October to December with work before and after the end, ends that come too late,
    // and calls given to the other town, to another kind, and back.
    void append_a_quarter() {
        const Instant begin = at({2026, 10, 1}, 0);
        const Instant end = at({2027, 1, 1}, 0);
        std::vector<ledger::NewEntry> entries;
        for (std::int64_t id = 1; id <= 600; ++id) {
            const Instant offered = begin + (end - begin) / 600 * id;
            const auto town = random_() % 2 == 0 ? kLangenhagen : kWedemark;
            const auto other = town == kLangenhagen ? kWedemark : kLangenhagen;
            if (random_() % 9 == 0) { // who passed the call on is done before it ends
                entries.push_back(work_entry(town, CallId{id}, seconds{17}, offered + minutes{1}));
            }
            const bool late = random_() % 40 == 0;
            entries.push_back(
                ended(id, town, offered, late ? kLatestEnd + seconds{1} : minutes{9}));
            if (random_() % 3 != 0) {
                entries.push_back(work_entry(town, CallId{id}, seconds{45}, offered + minutes{11}));
            }
            if (random_() % 6 == 0) {
                entries.push_back(given(id, offered, town, other, std::nullopt));
                if (random_() % 2 == 0) {
                    entries.push_back(given(id, offered, other, other, "test_call"));
                    if (random_() % 2 == 0) {
                        entries.push_back(given(id, offered, other, town, "own_number"));
                    }
                }
            }
        }
        append(std::move(entries));
    }
    std::vector<Row> from_ledger(MunicipalityId town, const LocalDate &first,
                                 const LocalDate &last) {
        const auto calls = read_calls(db(), town, first, last).value();
        return rows_of(to_columns(calls.calls, first, last).value());
    }
    void expect_same_as_ledger() {
        for (const MunicipalityId town : {kLangenhagen, kWedemark}) {
            const std::pair<LocalDate, LocalDate> spans[] = {{{2026, 10, 1}, {2026, 12, 31}},
                                                             {{2026, 11, 1}, {2026, 11, 30}},
                                                             {{2026, 10, 17}, {2026, 11, 3}}};
            for (const auto &[first, last] : spans) {
                const auto calls = read_call_set(db(), town, first, last);
                ASSERT_TRUE(calls) << describe(calls.error());
                ASSERT_TRUE(*calls) << "behind";
                const auto expected = from_ledger(town, first, last);
                EXPECT_GT(expected.size(), 30u);
                EXPECT_EQ(rows_of(**calls), expected);
            }
        }
    }
    std::int64_t talk_of_a_call_becomes(std::int64_t talk_us) {
        std::int64_t changed = 0;
        const auto done = db().write([&](storage::Connection &connection) -> Expected<void> {
            const auto run =
                connection.run("UPDATE billing_call SET talk_us = $1 WHERE call_id = 5", {talk_us});
            if (!run) return tl::unexpected(run.error());
            changed = *run;
            return {};
        });
        EXPECT_TRUE(done);
        return changed;
    }
    void derive_again() {
        ASSERT_TRUE(empty_call_set(db()));
        ASSERT_TRUE(keep_call_set(db()));
    }
    std::int64_t count(std::string_view sql) {
        std::int64_t rows = -1;
        (void)db().read([&](storage::Connection &connection) -> Expected<void> {
            rows = storage::number(connection, sql).value();
            return {};
        });
        return rows;
    }
    std::int64_t rows() { return count("SELECT COUNT(*) FROM billing_call"); }
    void expect_packed() {
        EXPECT_GT(blocks(), 0);
        EXPECT_EQ(count("SELECT COUNT(*) FROM billing_call WHERE offered_at IS NOT NULL"), 0);
    }
    std::int64_t blocks() { return count("SELECT COUNT(*) FROM billing_call_block"); }
    // Agents come and go: what the newest entry says of the time.
    void time_is(Instant now) {
        append({work_entry(kWedemark, CallId{999'999}, seconds{1}, now)});
        ASSERT_TRUE(keep_call_set(db()));
    }
    static ledger::NewEntry minutes_of(std::int64_t id, Instant offered, Duration took) {
        return end_entry(kLangenhagen, call(id, offered, minutes{2}), offered + took);
    }
    std::unique_ptr<ledger::Ledger> ledger_;
    std::mt19937 random_{20261122};
};
FERNAMT_ON_EVERY_ENGINE(CallSetTest);

TEST_P(CallSetTest, ItSaysWhatTheLedgerSaysHoweverItCameAbout) {
    append_a_quarter();
    EXPECT_EQ(*keep_call_set(db(), 700), 700) << "no more than asked";
    EXPECT_FALSE(*read_call_set(db(), kLangenhagen, {2026, 11, 1}, {2026, 11, 30})) << "behind";
    EXPECT_GT(*keep_call_set(db()), 0);
    EXPECT_EQ(*keep_call_set(db()), 0);
    expect_same_as_ledger();
    EXPECT_GT(blocks(), 100) << "days that are over are packed";
    EXPECT_LT(rows(), 40) << "and stand nowhere else";
    derive_again();
    expect_same_as_ledger();
    append({given(300, at({2026, 11, 15}), kLangenhagen, kWedemark, "own_number")});
    EXPECT_FALSE(*read_call_set(db(), kLangenhagen, {2026, 11, 1}, {2026, 11, 30})) << "behind";
    ASSERT_TRUE(keep_call_set(db()));
    expect_same_as_ledger();
}

TEST_P(CallSetTest, TheMonthsListIsSummedFromItToTheCent) {
    append_a_quarter();
    for (const Month month : {Month{2026, 10}, kNovember, Month{2026, 12}}) {
        const auto list = invoice_summaries(db(), {kLangenhagen, kWedemark}, month);
        ASSERT_TRUE(list) << describe(list.error());
        for (const InvoiceSummary &each : *list) {
            ASSERT_FALSE(each.problem) << describe(*each.problem);
            const auto invoice = make_invoice(db(), each.municipality, month);
            ASSERT_TRUE(invoice) << describe(invoice.error());
            EXPECT_GT(each.total, Money{0});
            EXPECT_EQ(each.total, invoice->total);
            EXPECT_EQ(each.calls, invoice->calls);
            EXPECT_EQ(each.talk, invoice->talk);
            EXPECT_EQ(each.after_call_work, invoice->after_call_work);
            EXPECT_EQ(each.billed_seconds, invoice->billed_seconds);
        }
    }
}

// The set is what the list reads; a set that was spoilt is made anew from the ledger, and one that
// cannot be kept is not asked.
TEST_P(CallSetTest, TheListReadsTheSetAndDocumentsDoNot) {
    append({end_entry(kLangenhagen, call(5, at({2026, 11, 3}), minutes{2}),
                      at({2026, 11, 3}) + minutes{3})});
    const auto total = [&] {
        return invoice_summaries(db(), {kLangenhagen}, kNovember)->front().total;
    };
    EXPECT_EQ(total(), Money{190});
    ASSERT_EQ(talk_of_a_call_becomes(60'000'000), 1);
    EXPECT_EQ(total(), Money{95});
    EXPECT_EQ(make_invoice(db(), kLangenhagen, kNovember)->total, Money{190});
    derive_again();
    EXPECT_EQ(total(), Money{190});

    append({end_entry(kLangenhagen, call(5, at({2026, 11, 3}), minutes{2}),
                      at({2026, 11, 3}) + minutes{4})});
    EXPECT_EQ(keep_call_set(db()).error().code, "billing.call_twice");
    const auto list = invoice_summaries(db(), {kLangenhagen}, kNovember);
    ASSERT_TRUE(list->front().problem);
    EXPECT_EQ(list->front().problem->code, "billing.call_twice");
}

TEST_P(CallSetTest, ADayIsPackedWhenItIsOverAndOpenedByWhatComesLate) {
    const auto total = [&](MunicipalityId town) {
        return invoice_summaries(db(), {town}, kNovember)->front().total;
    };
    const auto expect_as_invoiced = [&] {
        for (const MunicipalityId town : {kLangenhagen, kWedemark})
            EXPECT_EQ(total(town), make_invoice(db(), town, kNovember)->total);
        expect_packed();
    };
    const Instant third = at({2026, 11, 3});
    append({minutes_of(5, third, minutes{3}), minutes_of(6, third + minutes{9}, minutes{3})});
    time_is(at({2026, 11, 4}, 0) + minutes{30});
    EXPECT_EQ(blocks(), 0) << "the last calls may still be talking";
    time_is(at({2026, 11, 4}));
    expect_packed();
    EXPECT_EQ(total(kLangenhagen), Money{380});

    append({work_entry(kLangenhagen, CallId{5}, seconds{60}, at({2026, 11, 4}))});
    EXPECT_EQ(total(kLangenhagen), Money{475}) << "after-call work of a packed call";
    append({minutes_of(7, third + minutes{20}, std::chrono::hours{200})});
    EXPECT_EQ(total(kLangenhagen), Money{665}) << "an end that comes days later";
    append({given(6, third + minutes{9}, kLangenhagen, kWedemark, std::nullopt)});
    EXPECT_EQ(total(kLangenhagen), Money{475}) << "given to the other town";
    EXPECT_EQ(total(kWedemark), Money{190});
    append({given(7, third + minutes{20}, kLangenhagen, kLangenhagen, "test_call")});
    EXPECT_EQ(total(kLangenhagen), Money{285}) << "of another kind";
    time_is(at({2026, 11, 20}));
    expect_as_invoiced();

    append({minutes_of(5, third, std::chrono::hours{300})});
    EXPECT_EQ(keep_call_set(db()).error().code, "billing.call_twice") << "also when packed";
}

// Its year is none that a date can hold, so its day begins elsewhere and has no call.
TEST_P(CallSetTest, ARowOfNoDayStaysOneAndPackingEnds) {
    const Instant third = at({2026, 11, 3});
    append({minutes_of(5, third, minutes{3}), minutes_of(6, third + minutes{9}, minutes{3})});
    ASSERT_TRUE(keep_call_set(db()));
    ASSERT_TRUE(db().write([](storage::Connection &connection) {
        return storage::run(connection, "UPDATE billing_call SET offered_at = $1 WHERE call_id = 5",
                            {std::int64_t{-1'300'000'000'000'000'000}});
    }));
    ASSERT_TRUE(pack_days_before(db(), at({2026, 11, 6})));
    EXPECT_EQ(blocks(), 1) << "what comes after it is packed";
    EXPECT_EQ(count("SELECT call_id FROM billing_call WHERE offered_at IS NOT NULL"), 5);
}

TEST_P(CallSetTest, WhatADiskSpoiltIsDerivedAgainAndTheListStaysRight) {
    append({minutes_of(5, at({2026, 11, 3}), minutes{3})});
    time_is(at({2026, 11, 5}));
    ASSERT_EQ(blocks(), 1);
    const auto spoil = [&] {
        ASSERT_TRUE(db().write([](storage::Connection &connection) {
            return storage::run(connection, "UPDATE billing_call_block SET calls = $1",
                                {storage::Blob{std::byte{1}, std::byte{0}}});
        }));
    };
    const auto total = [&] {
        return invoice_summaries(db(), {kLangenhagen}, kNovember)->front().total;
    };
    spoil();
    EXPECT_EQ(total(), Money{190}) << "the ledger is asked";
    EXPECT_EQ(blocks(), 0);
    ASSERT_TRUE(keep_call_set(db()));
    EXPECT_EQ(blocks(), 1);
    spoil();
    append({work_entry(kLangenhagen, CallId{5}, seconds{60}, at({2026, 11, 5}))});
    EXPECT_FALSE(keep_call_set(db())) << "the day cannot be opened";
    ASSERT_TRUE(keep_call_set(db()));
    EXPECT_EQ(blocks(), 1);
    EXPECT_EQ(total(), Money{285});
}

} // namespace
} // namespace fernamt::billing
