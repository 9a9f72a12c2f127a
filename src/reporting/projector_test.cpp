// SPDX-License-Identifier: EUPL-1.2
#include "ledger/reclassified_call.h"
#include "ledger/routing_codec.h"
#include "reporting/projector.h"
#include "reporting/reports.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace fernamt::reporting {
namespace {

using namespace routing;

constexpr MunicipalityId kLangenhagen{32'410'010'010};
constexpr MunicipalityId kWedemark{32'410'019'019};
constexpr AgentId kAnke{7};
constexpr AgentId kBernd{8};

const PhoneNumber kNumber{"+493023125900"};

// Monday, 2026-11-23, 09:00 in Berlin.
Instant nine() {
    return to_instant({2026, 11, 23}, 9 * 3600);
}

class ProjectorTest : public storage::testing::DatabaseTest {
  protected:
    void SetUp() override { open_ledger(); }

    void open_ledger() {
        auto opened = ledger::Ledger::open(db());
        ASSERT_TRUE(opened) << describe(opened.error());
        ledger_ = std::move(*opened);
    }

    void write(const Event &event, Instant at, const std::vector<Decision> &decisions) {
        std::vector<ledger::NewEntry> entries{ledger::to_entry(event, at)};
        for (const Decision &decision : decisions) {
            entries.push_back(ledger::to_entry(decision, at));
        }
        auto appended = ledger_->append_and_wait(std::move(entries));
        ASSERT_TRUE(appended) << describe(appended.error());
    }

    void offer(CallId call, MunicipalityId municipality, Instant at) {
        write(CallOffered{call, DialledNumber{kNumber, DialledSource::request_uri, municipality}},
              at, {{Queue{call, municipality}, Rule::queue_of_municipality}});
    }

    void connect(CallId call, AgentId agent, Instant at, Duration waited) {
        write(AgentAnswered{agent, call}, at,
              {{Connect{call, agent, waited}, Rule::agent_answered}});
    }

    void end(CallId call, MunicipalityId municipality, Instant offered, Instant at,
             std::optional<Instant> answered, Duration talk, EndReason reason) {
        End effect{call, reason, municipality, kNumber, offered, answered, talk, Duration{}};
        write(CallerHungUp{call}, at, {{effect, Rule::caller_hung_up}});
    }

    void wrap_up(CallId call, AgentId agent, MunicipalityId municipality, Instant at,
                 Duration duration) {
        write(WrapUpFinished{agent}, at,
              {{WrapUpDone{agent, call, municipality, duration}, Rule::agent_request}});
    }

    // One call for each fate.
    void write_a_morning() {
        const Instant start = nine();
        offer(CallId{1}, kLangenhagen, start);
        connect(CallId{1}, kAnke, start + 12s, 12s);
        end(CallId{1}, kLangenhagen, start, start + 72s, start + 12s, 60s, EndReason::completed);
        wrap_up(CallId{1}, kAnke, kLangenhagen, start + 90s, 18s);

        offer(CallId{2}, kWedemark, start + 3600s);
        end(CallId{2}, kWedemark, start + 3600s, start + 3640s, std::nullopt, {},
            EndReason::abandoned);

        const Instant evening = start + std::chrono::hours{11};
        write(CallOffered{CallId{3},
                          DialledNumber{kNumber, DialledSource::request_uri, kLangenhagen}},
              evening, {{Announce{CallId{3}, Announcement::closed}, Rule::closed_hours}});
        end(CallId{3}, kLangenhagen, evening, evening + 8s, std::nullopt, {}, EndReason::closed);

        write(CallOffered{CallId{4}, std::nullopt}, evening + 60s,
              {{Announce{CallId{4}, Announcement::unknown_number}, Rule::unknown_number}});
    }

    void offer_to(CallId call, const Effect &first, Rule rule) {
        write(CallOffered{call, DialledNumber{kNumber, DialledSource::request_uri, kLangenhagen}},
              nine(), {{first, rule}});
    }

    // Each call's way, decision by decision, as the machine writes it (tests/scenarios/:
    // office_does_not_answer, office_answers_first, office_beside_the_hours, overflow_planned,
    // overflow_to_partner).
    void write_ways_outside() {
        const auto to_office = [](std::int64_t call) {
            return Forward{CallId{call}, PhoneNumber{"+493023125901"}, Outside::office, {}};
        };
        const auto to_partner = [](std::int64_t call) {
            return Forward{CallId{call}, PhoneNumber{"+493023125902"}, Outside::partner,
                           PartnerId{3}};
        };
        const auto over = [this](std::int64_t call, EndReason reason) {
            end(CallId{call}, kLangenhagen, nine(), nine() + 300s, std::nullopt, {}, reason);
        };
        const auto not_taken = [this](std::int64_t call, Rule why, const Decision &next) {
            write(TransferFailed{CallId{call}, {}}, nine() + 20s,
                  {{StopTarget{CallId{call}}, why}, next});
        };
        offer_to(CallId{1}, to_office(1), Rule::office_first);
        over(1, EndReason::abandoned); // while the town hall rings
        offer_to(CallId{2}, to_office(2), Rule::office_first);
        not_taken(2, Rule::office_no_answer,
                  {Queue{CallId{2}, kLangenhagen}, Rule::queue_of_municipality});
        over(2, EndReason::abandoned); // in our queue
        offer_to(CallId{3}, to_office(3), Rule::office_first);
        not_taken(3, Rule::office_no_answer,
                  {Announce{CallId{3}, Announcement::closed}, Rule::closed_hours});
        over(3, EndReason::closed);
        offer_to(CallId{4}, to_partner(4), Rule::overflow_closed);
        over(4, EndReason::taken_by_partner);
        offer_to(CallId{5}, to_partner(5), Rule::overflow_closed);
        not_taken(5, Rule::partner_gave_back,
                  {Announce{CallId{5}, Announcement::closed}, Rule::closed_hours});
        over(5, EndReason::closed);
        offer_to(CallId{6}, to_partner(6), Rule::overflow_planned);
        over(6, EndReason::taken_by_partner);
        offer(CallId{7}, kLangenhagen, nine());
        write(TimePassed{}, nine() + 60s, {{to_partner(7), Rule::overflow_longest_wait}});
        over(7, EndReason::taken_by_partner);
        offer_to(CallId{8}, to_office(8), Rule::office_first); // still rings there
        offer_to(CallId{9}, to_office(9), Rule::office_first);
        over(9, EndReason::taken_by_office);
    }

    void expect_ways_outside() {
        using enum Reached;
        std::int64_t id = 1;
        for (const Reached reached :
             {office, centre, closed, closed_partner, closed, centre, centre, office, office}) {
            EXPECT_EQ((*Reports(db()).call(CallId{id}))->reached, reached) << id;
            ++id;
        }
        const KeyFigures day = report().total;
        EXPECT_EQ(day.offered, 3);
        EXPECT_EQ(day.abandoned, 1);
        EXPECT_EQ(day.closed, 3);
        EXPECT_EQ(day.taken_by_partner, 2);
        EXPECT_EQ(day.taken_by_office, 1);
    }

    [[nodiscard]] Report report(std::optional<MunicipalityId> only = std::nullopt) {
        auto made = Reports(db()).report(local_day({2026, 11, 23}), only);
        EXPECT_TRUE(made) << describe(made.error());
        return made ? *made : Report{};
    }

    [[nodiscard]] std::vector<CallRecord> all_records() {
        std::vector<CallRecord> records;
        for (std::int64_t id = 1; id <= 4; ++id) {
            auto record = Reports(db()).call(CallId{id});
            EXPECT_TRUE(record);
            if (record && *record) records.push_back(**record);
        }
        return records;
    }

    std::unique_ptr<ledger::Ledger> ledger_;
};

TEST_P(ProjectorTest, DerivesEachCallFromItsEntries) {
    write_a_morning();
    Projector projector(*ledger_, db());
    auto taken = projector.catch_up();
    ASSERT_TRUE(taken) << describe(taken.error());
    EXPECT_EQ(*taken, ledger_->last_seq());
    EXPECT_EQ(projector.calls(), 4);

    const auto records = all_records();
    ASSERT_EQ(records.size(), 4U);
    const CallRecord &first = records[0];
    EXPECT_EQ(first.municipality, kLangenhagen);
    EXPECT_EQ(first.number, kNumber);
    EXPECT_EQ(first.offered_at, nine());
    EXPECT_EQ(first.answered_at, nine() + 12s);
    EXPECT_EQ(first.ended_at, nine() + 72s);
    EXPECT_EQ(first.end_reason, EndReason::completed);
    EXPECT_EQ(first.talk, Duration{60s});
    EXPECT_EQ(first.after_call_work, Duration{18s});
    EXPECT_EQ(first.first_seq, 1);
    EXPECT_EQ(first.last_seq, 8);
    EXPECT_EQ(records[0].reached, Reached::centre);
    EXPECT_EQ(records[2].reached, Reached::closed);
    EXPECT_EQ(records[3].reached, Reached::unknown_number);
    EXPECT_FALSE(records[3].municipality);
    EXPECT_FALSE(records[3].ended_at);
}

TEST_P(ProjectorTest, CountsPerDayHourAndMunicipality) {
    write_a_morning();
    Projector projector(*ledger_, db());
    ASSERT_TRUE(projector.catch_up());

    const Report day = report();
    EXPECT_EQ(day.total.offered, 2);
    EXPECT_EQ(day.total.answered, 1);
    EXPECT_EQ(day.total.abandoned, 1);
    EXPECT_EQ(day.total.closed, 1);
    EXPECT_EQ(day.total.service_level_percent, 50.0);
    EXPECT_EQ(day.per_hour[9].offered, 1); // local time, one hour before UTC's 08
    EXPECT_EQ(day.per_hour[10].abandoned, 1);
    EXPECT_EQ(day.per_hour[8].offered, 0);
    EXPECT_EQ(day.per_hour[20].closed, 1);
    ASSERT_EQ(day.municipalities.size(), 2U);
    EXPECT_EQ(day.municipalities.at(kWedemark).abandoned, 1);

    const Report own = report(kLangenhagen);
    EXPECT_EQ(own.total.offered, 1);
    EXPECT_EQ(own.total.abandoned, 0);
    EXPECT_EQ(own.municipalities.size(), 1U);
    EXPECT_EQ(own.municipalities.count(kWedemark), 0U);
}

// Langenhagen's caller waited 12 seconds: in time by 115's 30, too late by the agreement's 10.
TEST_P(ProjectorTest, MeasuresEachTownByItsPromiseOfThatDay) {
    write_a_morning();
    Projector projector(*ledger_, db());
    ASSERT_TRUE(projector.catch_up());
    const auto measured = [&](const LocalDate &from, std::int64_t seconds) {
        Targets targets;
        targets.add(kLangenhagen, from, std::nullopt, {seconds, 90, true});
        return Reports(db()).report(local_day({2026, 11, 23}), std::nullopt, targets).value();
    };
    const Report strict = measured({2026, 11, 23}, 10);
    EXPECT_EQ(strict.municipalities.at(kLangenhagen).answered_in_time, 0);
    EXPECT_EQ(strict.municipalities.at(kLangenhagen).answered_within_30s, 1);
    EXPECT_EQ(strict.municipalities.at(kLangenhagen).targets,
              (std::vector<Target>{{10, 90, true}}));
    EXPECT_EQ(strict.municipalities.at(kLangenhagen).target_met, false);
    EXPECT_EQ(strict.municipalities.at(kWedemark).targets, (std::vector<Target>{Target{}}));
    EXPECT_EQ(strict.total.targets.size(), 2u);
    EXPECT_EQ(strict.per_hour[9].answered_in_time, 0);
    const Report later = measured({2026, 11, 24}, 10); // promised from the next day on
    EXPECT_EQ(later.municipalities.at(kLangenhagen).answered_in_time, 1);
    EXPECT_EQ(later.municipalities.at(kLangenhagen).targets, (std::vector<Target>{Target{}}));
}

TEST_P(ProjectorTest, GoesOnWhereItStoppedAlsoAfterARestart) {
    const Instant start = nine();
    offer(CallId{1}, kLangenhagen, start);
    {
        Projector projector(*ledger_, db());
        EXPECT_EQ(projector.catch_up(), 2);
        EXPECT_EQ(projector.catch_up(), 0);
    }
    connect(CallId{1}, kAnke, start + 40s, 40s);
    Projector again(*ledger_, db());
    EXPECT_EQ(again.catch_up(), 2);
    end(CallId{1}, kLangenhagen, start, start + 100s, start + 40s, 60s, EndReason::completed);
    wrap_up(CallId{1}, kAnke, kLangenhagen, start + 110s, 10s);
    EXPECT_EQ(again.catch_up(), 4);

    const auto record = *Reports(db()).call(CallId{1});
    ASSERT_TRUE(record);
    EXPECT_EQ(record->answered_at, start + 40s);
    EXPECT_EQ(record->talk, Duration{60s});
    EXPECT_EQ(record->after_call_work, Duration{10s});
    EXPECT_EQ(again.calls(), 1);
}

TEST_P(ProjectorTest, RebuiltFromNothingItIsTheSame) {
    write_a_morning();
    Projector projector(*ledger_, db());
    // Taken in several steps first, so that merging is compared with taking all at once.
    ASSERT_TRUE(projector.catch_up());
    const auto before = all_records();
    const KeyFigures figures = report().total;

    auto rebuilt = projector.rebuild();
    ASSERT_TRUE(rebuilt) << describe(rebuilt.error());
    EXPECT_EQ(*rebuilt, ledger_->last_seq());
    EXPECT_EQ(all_records(), before);
    EXPECT_EQ(report().total, figures);
    EXPECT_EQ(projector.calls(), 4);
}

TEST_P(ProjectorTest, TakenEntryByEntryOrAtOnceTheRecordsAreTheSame) {
    Projector projector(*ledger_, db());
    const Instant start = nine();
    const auto step = [&] { ASSERT_TRUE(projector.catch_up()); };
    offer(CallId{1}, kLangenhagen, start);
    step();
    connect(CallId{1}, kAnke, start + 5s, 5s);
    step();
    connect(CallId{1}, kBernd, start + 50s, 50s); // after a transfer that gave the call back
    step();
    end(CallId{1}, kLangenhagen, start, start + 90s, start + 5s, 70s, EndReason::completed);
    step();
    wrap_up(CallId{1}, kBernd, kLangenhagen, start + 95s, 5s);
    step();
    wrap_up(CallId{1}, kAnke, kLangenhagen, start + 99s, 30s);
    step();
    const auto stepwise = all_records();
    ASSERT_EQ(stepwise.size(), 1U);
    EXPECT_EQ(stepwise[0].answered_at, start + 5s) << "the first answer counts";
    EXPECT_EQ(stepwise[0].after_call_work, Duration{35s}) << "the work of both";
    ASSERT_TRUE(projector.rebuild());
    EXPECT_EQ(all_records(), stepwise);
}

TEST_P(ProjectorTest, TakesMoreThanOneBatch) {
    std::vector<ledger::NewEntry> entries;
    constexpr std::int64_t kCalls = 2500; // two entries each; a batch is 2,000 entries
    for (std::int64_t id = 1; id <= kCalls; ++id) {
        const CallId call{id};
        entries.push_back(ledger::to_entry(
            Event{CallOffered{call,
                              DialledNumber{kNumber, DialledSource::request_uri, kLangenhagen}}},
            nine()));
        entries.push_back(ledger::to_entry(
            Decision{Queue{call, kLangenhagen}, Rule::queue_of_municipality}, nine()));
    }
    ASSERT_TRUE(ledger_->append_and_wait(std::move(entries)));
    Projector projector(*ledger_, db());
    EXPECT_EQ(projector.catch_up(), 2 * kCalls);
    EXPECT_EQ(projector.calls(), kCalls);
    EXPECT_EQ(report().total.offered, kCalls);
}

// what is not in the table cannot be reported.
TEST(Projection, HasNoColumnForAPerson) {
    std::ifstream file(FERNAMT_SOURCE_DIR "/src/storage/migrations/050_call_record.sql");
    std::string line;
    int columns = 0;
    while (std::getline(file, line)) {
        if (line.starts_with("--")) continue;
        ++columns;
        for (const char *word : {"agent", "user", "caller", "name", "commitment"}) {
            EXPECT_EQ(line.find(word), std::string::npos) << line;
        }
    }
    EXPECT_GT(columns, 10);
}

TEST_P(ProjectorTest, TakesWhatTheEndSaysAboutTheWay) {
    const Instant start = nine();
    offer(CallId{1}, kWedemark, start);
    connect(CallId{1}, kAnke, start + 10s, 10s);
    write(TenantCorrected{kAnke, CallId{1}, kLangenhagen}, start + 20s,
          {{Corrected{CallId{1}, kAnke, kWedemark, kLangenhagen}, Rule::tenant_corrected}});
    Projector projector(*ledger_, db());
    ASSERT_TRUE(projector.catch_up());
    EXPECT_EQ((*Reports(db()).call(CallId{1}))->municipality, kLangenhagen) << "while it runs";
    End effect{CallId{1}, EndReason::completed, kLangenhagen, kNumber, start, start + 10s, 50s, {}};
    effect.queue = QueueId{2};
    effect.scope = Scope::authority_115;
    effect.crisis = CrisisId{3};
    effect.from = PartnerId{4};
    effect.dialled = kWedemark;
    effect.transfers = 2;
    write(CallerHungUp{CallId{1}}, start + 60s, {{effect, Rule::caller_hung_up}});

    offer(CallId{2}, kLangenhagen, start + 100s);
    write(CallbackRequested{CallId{2}, CallerKey{77}}, start + 130s,
          {{CallbackNoted{CallId{2}, 0}, Rule::callback_requested}});
    ASSERT_TRUE(projector.catch_up());
    EXPECT_EQ((*Reports(db()).call(CallId{2}))->callback_at, start + 130s);
    for (const auto &[reason, id] :
         {std::pair{EndReason::callback_given_up, 2}, std::pair{EndReason::taken_by_office, 3},
          std::pair{EndReason::taken_by_partner, 4}, std::pair{EndReason::callback_replaced, 5},
          std::pair{EndReason::callback_withdrawn, 6}}) {
        if (id > 2) offer(CallId{id}, kLangenhagen, start + 100s);
        End other{CallId{id}, reason, kLangenhagen, kNumber, start + 100s, {}, {}, {}};
        if (id == 2) other.callback_at = start + 130s, other.callback_attempts = 3;
        if (id == 4) other.to = PartnerId{9};
        write(TimePassed{}, start + 500s, {{other, Rule::callback_given_up}});
        ASSERT_TRUE(projector.catch_up());
        EXPECT_EQ((*Reports(db()).call(CallId{id}))->end_reason, reason);
    }
    const CallRecord first = **Reports(db()).call(CallId{1});
    EXPECT_EQ(first.dialled, kWedemark);
    EXPECT_EQ(first.scope, Scope::authority_115);
    EXPECT_EQ(first.queue, QueueId{2});
    EXPECT_EQ(first.crisis, CrisisId{3});
    EXPECT_EQ(first.from, PartnerId{4});
    EXPECT_EQ(first.transfers, 2);
    EXPECT_EQ((*Reports(db()).call(CallId{2}))->callback_attempts, 3);
    EXPECT_EQ((*Reports(db()).call(CallId{4}))->to, PartnerId{9});

    const Report day = report();
    EXPECT_EQ(day.authority_115.offered, 1);
    EXPECT_EQ(day.total.on_115, 1);
    EXPECT_EQ(day.municipalities.count(kWedemark), 0U) << "it counts with the one meant";
    const auto correct = [&](std::int64_t id) {
        End given{CallId{id}, EndReason::completed, kLangenhagen, kNumber, start, start, 50s, {}};
        given.dialled = kWedemark;
        offer(CallId{id}, kWedemark, start);
        write(CallerHungUp{CallId{id}}, start + 60s, {{given, Rule::caller_hung_up}});
        ASSERT_TRUE(projector.catch_up());
    };
    for (std::int64_t id = 11; id < 10 + kFewestCalls - 1; ++id)
        correct(id);
    EXPECT_TRUE(Reports(db()).misroutes(local_day({2026, 11, 23}))->empty()) << "so few: not told";
    correct(99);
    const auto misroutes = Reports(db()).misroutes(local_day({2026, 11, 23}));
    ASSERT_TRUE(misroutes);
    EXPECT_EQ(*misroutes, (std::vector<Misroute>{{kWedemark, kLangenhagen, kFewestCalls}}));
    EXPECT_EQ(Reports(db()).misroutes(local_day({2026, 11, 23}), kWedemark), *misroutes);
    EXPECT_TRUE(Reports(db()).misroutes(local_day({2026, 11, 24}))->empty());
}

TEST_P(ProjectorTest, OnlyWhatComesToTheCentreInItsHoursIsOffered) {
    write_ways_outside();
    Projector projector(*ledger_, db());
    ASSERT_TRUE(projector.catch_up());
    expect_ways_outside();
    EXPECT_EQ(projector.catch_up(), 0);
}

TEST_P(ProjectorTest, AnImportedCallOutsideTheHoursIsClosed) {
    for (const auto &[id, reason] :
         {std::pair{1, EndReason::closed}, std::pair{2, EndReason::abandoned}}) {
        const End whole{CallId{id}, reason, kLangenhagen, kNumber, nine(), {}, {}, {}};
        ASSERT_TRUE(ledger_->append_and_wait(
            {ledger::to_entry(Decision{whole, Rule::imported}, nine() + 60s)}));
    }
    Projector projector(*ledger_, db());
    ASSERT_TRUE(projector.catch_up());
    EXPECT_EQ(report().total.closed, 1);
    EXPECT_EQ(report().total.offered, 1);
    EXPECT_EQ(report().total.abandoned, 1);
}

// the sum less the rows that are told would be what the only hidden one has.
TEST_P(ProjectorTest, NoSumTellsWhatASingleTownHides) {
    constexpr MunicipalityId kBurgwedel{32'410'003'003};
    Projector projector(*ledger_, db());
    std::int64_t last = 0;
    const auto ask = [&](MunicipalityId town, Scope scope, std::int64_t calls) {
        for (; calls > 0; --calls) {
            const CallId call{++last};
            End given{call, EndReason::callback_given_up, town, kNumber, nine(), {}, {}, {}};
            given.scope = scope;
            given.callback_at = nine() + 30s;
            offer(call, town, nine());
            write(TimePassed{}, nine() + 500s, {{given, Rule::callback_given_up}});
        }
        ASSERT_TRUE(projector.catch_up());
    };
    const auto asked = [](const KeyFigures &figures) -> std::optional<std::int64_t> {
        if (!figures.callbacks) return std::nullopt;
        return figures.callbacks->asked;
    };
    ask(kWedemark, Scope::authority_115, kFewestCalls - 1);
    ask(kBurgwedel, Scope::central, kFewestCalls - 1);
    EXPECT_EQ(asked(report().total), std::nullopt) << "not none: none that is told";
    EXPECT_EQ(asked(report().authority_115), std::nullopt);

    ask(kLangenhagen, Scope::authority_115, kFewestCalls + 1);
    ask(kBurgwedel, Scope::central, 1);
    const Report day = report();
    EXPECT_EQ(asked(day.municipalities.at(kWedemark)), std::nullopt);
    EXPECT_EQ(asked(day.municipalities.at(kBurgwedel)), kFewestCalls);
    EXPECT_EQ(asked(day.municipalities.at(kLangenhagen)), kFewestCalls + 1);
    EXPECT_EQ(asked(day.total), 2 * kFewestCalls + 1) << "without Wedemark's";
    EXPECT_EQ(asked(day.authority_115), kFewestCalls + 1);
    EXPECT_EQ(asked(day.per_hour[9]), std::nullopt);
    EXPECT_EQ(day.total.offered, 3 * kFewestCalls);

    ask(kWedemark, Scope::central, 1);
    EXPECT_EQ(asked(report().total), 3 * kFewestCalls + 1);
    EXPECT_EQ(report().total.callbacks->missed, 3 * kFewestCalls + 1);
    EXPECT_EQ(asked(report().authority_115), kFewestCalls + 1) << "Wedemark's four stay hidden";
    EXPECT_EQ(asked(report(kWedemark).total), kFewestCalls);
}

// Rows of programs that kept announcements only say nothing about the town hall and partners:
// migration 114.
TEST_P(ProjectorTest, RowsOfAnOlderProgramAreDerivedAgain) {
    write_ways_outside();
    ASSERT_TRUE(Projector(*ledger_, db()).catch_up());
    ASSERT_TRUE(db().write([](storage::Connection &connection) -> Expected<void> {
        for (const std::string_view sql : {"ALTER TABLE call_record DROP COLUMN reached",
                                           "ALTER TABLE call_record ADD COLUMN announced TEXT",
                                           "UPDATE call_record SET transfers = 1",
                                           "DELETE FROM schema_migration WHERE version = 114"}) {
            if (auto done = connection.run(sql); !done) return tl::unexpected(done.error());
        }
        return {};
    }));
    ledger_.reset();
    close();
    open_ledger();
    Projector projector(*ledger_, db());
    const auto taken = projector.catch_up();
    ASSERT_TRUE(taken) << describe(taken.error());
    EXPECT_EQ(*taken, ledger_->last_seq()) << "from the first entry on";
    expect_ways_outside();
    EXPECT_EQ(report().total.transfers, 0) << "not added to what stood there";
    EXPECT_EQ(projector.calls(), 9);
    EXPECT_EQ(Projector(*ledger_, db()).catch_up(), 0) << "once";
}

TEST_P(ProjectorTest, AnEndedCallCountsWhereItWasGiven) {
    const Instant start = nine();
    offer(CallId{1}, kWedemark, start);
    End effect{CallId{1}, EndReason::completed, kWedemark, kNumber, start, start + 10s, 50s, {}};
    write(CallerHungUp{CallId{1}}, start + 60s, {{effect, Rule::caller_hung_up}});
    Projector projector(*ledger_, db());
    ASSERT_TRUE(projector.catch_up());
    ledger::Reclassified fact;
    fact.call = CallId{1};
    fact.offered_at = start;
    fact.from = kWedemark;
    fact.to = kLangenhagen;
    fact.kind = "number_115";
    fact.role = "finance";
    ASSERT_TRUE(ledger_->append_and_wait({ledger::to_entry(fact, start + 3600s)}));
    ASSERT_TRUE(projector.catch_up());
    const CallRecord given = **Reports(db()).call(CallId{1});
    EXPECT_EQ(given.municipality, kLangenhagen);
    EXPECT_EQ(given.dialled, kWedemark);
    EXPECT_EQ(given.scope, Scope::authority_115);
    EXPECT_EQ(given.talk, 50s);
    ASSERT_TRUE(projector.rebuild());
    EXPECT_EQ(**Reports(db()).call(CallId{1}), given);
}

TEST_P(ProjectorTest, KeepsTheReportOfEachCrisis) {
    const CrisisFacts facts{12, 9, 2, 3, 1, 900s, 300s, 120s, 60s};
    write(CrisisEnded{CrisisId{5}, UserId{1}}, nine() + 3600s,
          {{CrisisReport{CrisisId{5}, nine(), facts}, Rule::crisis_ends}});
    Projector projector(*ledger_, db());
    ASSERT_TRUE(projector.catch_up());
    const std::vector<CrisisRecord> expected{{CrisisId{5}, nine(), nine() + 3600s, facts, 0}};
    EXPECT_EQ(Reports(db()).crises(), expected);
    ASSERT_TRUE(projector.rebuild());
    EXPECT_EQ(Reports(db()).crises(CrisisId{5}), expected);
    EXPECT_TRUE(Reports(db()).crises(CrisisId{6})->empty());
}

TEST_P(ProjectorTest, ACrisisReportBecomesWholeWhenItsConversationsEnd) {
    const CrisisId flood{5};
    const Instant ended = nine() + 3600s;
    const auto ends = [&](CallId call, Instant answered, Instant at, Duration talk) {
        End effect{
            call,      EndReason::completed, kLangenhagen, kNumber, answered - 9s, answered, talk,
            Duration{}};
        effect.crisis = flood;
        write(CallerHungUp{call}, at, {{effect, Rule::caller_hung_up}});
    };
    const auto seal = [&](Instant began, Instant at, Duration talk) {
        CrisisFacts facts;
        facts.offered = 4;
        facts.answered = 2;
        facts.waiting = 2;
        facts.talk = talk;
        write(CrisisEnded{flood, UserId{1}}, at,
              {{CrisisReport{flood, began, facts}, Rule::crisis_ends}});
    };
    offer(CallId{1}, kLangenhagen, nine() + 1s);
    connect(CallId{1}, kAnke, nine() + 10s, 9s);
    offer(CallId{2}, kLangenhagen, nine() + 3491s);
    connect(CallId{2}, kAnke, nine() + 3500s, 9s);
    ends(CallId{1}, nine() + 10s, nine() + 70s, 60s);
    seal(nine(), ended, 60s);
    Projector projector(*ledger_, db());
    ASSERT_TRUE(projector.catch_up());
    const auto report = [&](std::size_t at = 0) { return Reports(db()).crises(flood)->at(at); };
    EXPECT_EQ(report().running, 1);
    EXPECT_EQ(report().facts.waiting, 2);
    EXPECT_EQ(report().facts.talk, 60s);

    ends(CallId{2}, nine() + 3500s, ended + 200s, 300s);
    ASSERT_TRUE(projector.catch_up());
    EXPECT_EQ(report().running, 0);
    EXPECT_EQ(report().facts.talk, 360s);
    wrap_up(CallId{2}, kAnke, kLangenhagen, ended + 230s, 30s);
    ASSERT_TRUE(projector.catch_up());
    EXPECT_EQ(report().facts.after_call_work, 30s);

    // The same plan runs once more: each time has its own conversations.
    offer(CallId{3}, kLangenhagen, ended + 4000s);
    connect(CallId{3}, kAnke, ended + 4009s, 9s);
    ends(CallId{3}, ended + 4009s, ended + 4019s, 10s);
    offer(CallId{4}, kLangenhagen, ended + 7100s);
    connect(CallId{4}, kAnke, ended + 7109s, 9s);
    seal(ended + 3600s, ended + 7200s, 10s);
    ASSERT_TRUE(projector.catch_up());
    EXPECT_EQ(report(0).running, 1);
    EXPECT_EQ(report(0).facts.talk, 10s);
    EXPECT_EQ(report(1).facts.talk, 360s);
    ASSERT_TRUE(projector.rebuild());
    EXPECT_EQ(report(1).facts.talk, 360s);

    // As older programs wrote it: the call's end names no crisis. It does not run for ever.
    write(CallerHungUp{CallId{4}}, ended + 7300s,
          {{End{CallId{4}, EndReason::completed, kLangenhagen, kNumber, ended + 7100s,
                ended + 7109s, 191s, Duration{}},
            Rule::caller_hung_up}});
    ASSERT_TRUE(projector.catch_up());
    EXPECT_EQ(report(0).running, 0);
    EXPECT_EQ(report(0).facts.talk, 10s);
}

FERNAMT_ON_EVERY_ENGINE(ProjectorTest);

} // namespace
} // namespace fernamt::reporting
