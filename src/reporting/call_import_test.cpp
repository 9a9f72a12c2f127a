// SPDX-License-Identifier: EUPL-1.2
#include "ledger/routing_codec.h"
#include "reporting/call_import.h"
#include "reporting/projector.h"
#include "reporting/reports.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>

namespace fernamt::reporting {
namespace {

constexpr MunicipalityId kLangenhagen{32'410'010'010};
constexpr MunicipalityId kWedemark{32'410'019'019};

// Monday, 2026-11-23, in Berlin.
Instant at(int hour, int minute, int second = 0) {
    return to_instant({2026, 11, 23}, hour * 3600 + minute * 60 + second);
}

PbxMapping mapping() {
    PbxMapping made;
    made.source = "old system";
    made.area_code = "30";
    made.begin = {"Datum", "Beginn"};
    made.answered = {"Datum", "Angenommen"};
    made.end = {"Datum", "Ende"};
    made.dialled = "Ziel";
    made.result = "Ergebnis";
    made.after_call_work = "Nacharbeit";
    made.results = {{"beantwortet", PbxResult::answered},
                    {"aufgelegt", PbxResult::abandoned},
                    {"abgehend", PbxResult::ignored}};
    return made;
}

const std::string kHead = "Anrufer;Datum;Beginn;Angenommen;Ende;Ziel;Ergebnis;Nacharbeit\r\n";
const std::string kTalked =
    "0511 987654;23.11.2026;09:00:00;09:00:12;09:02:12;030 23125900;beantwortet;30\r\n";
const std::string kGaveUp = "anonym;23.11.2026;09:05:00;;09:05:40;23125901;aufgelegt;\r\n";

class CallImportTest : public storage::testing::DatabaseTest {
  protected:
    void SetUp() override {
        auto opened = ledger::Ledger::open(db());
        ASSERT_TRUE(opened) << describe(opened.error());
        ledger_ = std::move(*opened);
        rules_.municipalities = {{.id = kLangenhagen}, {.id = kWedemark}};
        rules_.numbers = {{.number = {"+493023125900"}, .municipality = kLangenhagen},
                          {.number = {"+493023125901"}, .municipality = kWedemark},
                          {.number = {"115"},
                           .municipality = kWedemark,
                           .scope = routing::Scope::authority_115,
                           .valid_from = at(12, 0)}};
        rules_ = routing::sorted(rules_);
    }
    Expected<ImportReport> run(const std::string &text, const PbxMapping &how = mapping(),
                               bool dry_run = false) {
        std::istringstream in(text);
        return import_calls(in, how, rules_, *ledger_, db(),
                            {.dry_run = dry_run, .now = at(20, 0), .progress = {}});
    }
    std::string everything() {
        std::string all;
        EXPECT_TRUE(ledger_->each(1, [&](const ledger::Entry &entry) {
            all += entry.type + " " + entry.payload + "\n";
            return true;
        }));
        return all;
    }
    // The records of the calls in the ledger, in order of time.
    std::vector<CallRecord> records() {
        std::vector<CallRecord> all;
        EXPECT_TRUE(ledger_->each(1, [&](const ledger::Entry &entry) {
            if (entry.type == "decision.end") all.push_back(**Reports(db()).call(*entry.call));
            return true;
        }));
        std::ranges::sort(all, {}, &CallRecord::offered_at);
        return all;
    }
    std::unique_ptr<ledger::Ledger> ledger_;
    routing::Rules rules_;
};

TEST_P(CallImportTest, CallsStandInTheRecordsLikeOurOwn) {
    const auto done = run(kHead + kTalked + kGaveUp);
    ASSERT_TRUE(done) << describe(done.error());
    EXPECT_EQ(done->rows, 2);
    EXPECT_EQ(done->imported, 2);
    EXPECT_TRUE(done->refused.empty());
    EXPECT_EQ(done->municipalities.at(kWedemark), 1);
    EXPECT_EQ(done->first, at(9, 0));

    Projector projector(*ledger_, db());
    ASSERT_TRUE(projector.catch_up());
    EXPECT_EQ(projector.calls().value(), 2);
    const auto calls = records();
    ASSERT_EQ(calls.size(), 2u);
    const CallRecord &talked = calls.front();
    EXPECT_GE(talked.call.value, kFirstImportedCall);
    EXPECT_EQ(talked.municipality, kLangenhagen);
    EXPECT_EQ(talked.number->e164, "+493023125900");
    EXPECT_EQ(talked.offered_at, at(9, 0));
    EXPECT_EQ(talked.answered_at, at(9, 0, 12));
    EXPECT_EQ(talked.ended_at, at(9, 2, 12));
    EXPECT_EQ(talked.talk, 120s);
    EXPECT_EQ(talked.after_call_work, 30s);
    EXPECT_EQ(talked.end_reason, routing::EndReason::completed);
    EXPECT_EQ(calls.back().end_reason, routing::EndReason::abandoned);
    EXPECT_FALSE(calls.back().answered_at);
    const auto report = Reports(db()).report(local_day({2026, 11, 23}));
    ASSERT_TRUE(report) << describe(report.error());
    EXPECT_EQ(report->total.offered, 2);
    EXPECT_EQ(report->total.answered, 1);
    EXPECT_EQ(report->municipalities.at(kWedemark).abandoned, 1);
    // Two entries for each call, one for the work after it.
    EXPECT_TRUE(ledger_->verify().value().entries == 5 && !ledger_->verify()->first_broken);
}

TEST_P(CallImportTest, NoCallerComesIntoTheLedger) {
    ASSERT_TRUE(run(kHead + kTalked + kGaveUp));
    const std::string all = everything();
    EXPECT_EQ(all.find("987654"), std::string::npos) << all;
    EXPECT_EQ(all.find("anonym"), std::string::npos) << all;
}

TEST_P(CallImportTest, ASecondRunAndTheSameRecordInAnotherFileAddNothing) {
    ASSERT_TRUE(run(kHead + kTalked + kGaveUp));
    const std::string before = everything();
    const auto again = run(kHead + kTalked + kGaveUp);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->imported, 0);
    EXPECT_EQ(again->already_there, 2);
    const auto other = run(kHead + kGaveUp); // in another place of another file
    EXPECT_EQ(other->already_there, 1);
    EXPECT_EQ(everything(), before);
}

TEST_P(CallImportTest, TwoEqualRowsAreTwoCallsUnlessTheyHaveANumber) {
    EXPECT_EQ(run(kHead + kTalked + kTalked)->imported, 2);
    EXPECT_EQ(run(kHead + kTalked + kTalked)->already_there, 2);
    PbxMapping numbered = mapping();
    numbered.record = "Anrufer"; // any column will do here
    EXPECT_EQ(run(kHead + kTalked + kTalked, numbered)->imported, 1);
    PbxMapping elsewhere = numbered;
    elsewhere.source = "another system";
    EXPECT_EQ(run(kHead + kTalked, elsewhere)->imported, 1) << "not the same record";
}

TEST_P(CallImportTest, ADryRunSaysTheSameAndWritesNothing) {
    const auto done = run(kHead + kTalked + kGaveUp, mapping(), true);
    ASSERT_TRUE(done);
    EXPECT_EQ(done->imported, 2);
    EXPECT_EQ(ledger_->last_seq(), 0);
}

TEST_P(CallImportTest, RefusedRowsAreNamedAndTheOthersGoIn) {
    const std::string rows =
        "x;23.11.2026;09:00:00;09:00:12;09:02:12;030 23125999;beantwortet;\r\n" // 2
        "x;31.02.2026;09:00:00;09:00:12;09:02:12;030 23125900;beantwortet;\r\n" // 3
        "x;23.11.2026;09:00:00;09:00:12;08:59:00;030 23125900;beantwortet;\r\n" // 4
        "x;23.11.2026;09:00:00;09:00:12;09:02:12;030 23125900;verloren;\r\n"    // 5
        "x;23.11.2026;09:00:00;09:00:12\r\n"                                    // 6
        "x;23.11.2026;09:00:00;09:00:12;09:02:12;115;beantwortet;\r\n"          // 7
        "x;23.11.2026;21:00:00;21:00:12;21:02:12;030 23125900;beantwortet;\r\n" // 8
        "x;23.11.2026;09:00:00;;09:02:12;030 23125900;beantwortet;\r\n"         // 9
        "x;23.11.2026;09:00:00;;;12;abgehend;\r\n"                              // 10: not ours
        "x;23.11.2026;13:00:00;13:00:01;13:00:05;115;beantwortet;\r\n";         // 11
    const auto done = run(kHead + rows);
    ASSERT_TRUE(done) << describe(done.error());
    std::map<std::int64_t, std::string> reasons;
    for (const RefusedRow &row : done->refused)
        reasons[row.line] = row.reason + (row.word.empty() ? "" : " " + row.word);
    const std::map<std::int64_t, std::string> expected{
        {2, "number_not_ours"},         {3, "begin_unreadable"},       {4, "end_before_begin"},
        {5, "result_unknown verloren"}, {6, "wrong_number_of_fields"}, {7, "number_not_valid_then"},
        {8, "in_the_future"},           {9, "answered_unreadable"}};
    EXPECT_EQ(reasons, expected);
    EXPECT_EQ(done->ignored, 1);
    EXPECT_EQ(done->imported, 1);
}

TEST_P(CallImportTest, OtherFormatsOfTimesAndDurations) {
    PbxMapping iso;
    iso.source = "iso";
    iso.divider = ',';
    iso.time_format = "iso8601";
    iso.begin = {"start"};
    iso.wait = "wait";
    iso.talk = "talk";
    iso.dialled = "to";
    const std::string head = "start,wait,talk,to\n";
    ASSERT_EQ(run(head + "2026-11-23T08:00:00Z,0:12,00:02:00,+493023125900\n"
                         "2026-11-23 10:00:00,40,0,+493023125900\n",
                  iso)
                  ->imported,
              2);
    PbxMapping unix = iso;
    unix.source = "unix";
    unix.time_format = "unix";
    ASSERT_EQ(run(head + std::to_string(at(9, 0).us / 1'000'000) + ",12,120,+493023125900\n", unix)
                  ->imported,
              1);
    Projector projector(*ledger_, db());
    ASSERT_TRUE(projector.catch_up());
    const auto calls = records();
    ASSERT_EQ(calls.size(), 3u);
    for (const CallRecord &call : calls) {
        if (call.offered_at == at(10, 0)) {
            EXPECT_EQ(call.end_reason, routing::EndReason::abandoned);
            EXPECT_EQ(call.ended_at, at(10, 0, 40));
        } else {
            EXPECT_EQ(call.offered_at, at(9, 0));
            EXPECT_EQ(call.answered_at, at(9, 0, 12));
            EXPECT_EQ(call.talk, 120s);
        }
    }
}

TEST_P(CallImportTest, AMappingThatDoesNotFitIsRefusedAtOnce) {
    PbxMapping missing = mapping();
    missing.end = {"Endzeit"};
    const auto refused = run(kHead + kTalked, missing);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "calls.column_missing");
    EXPECT_EQ(run("").error().code, "calls.empty");
    PbxMapping incomplete = mapping();
    incomplete.dialled.clear();
    EXPECT_EQ(run(kHead, incomplete).error().code, "calls.mapping_incomplete");
    EXPECT_EQ(ledger_->last_seq(), 0);
}

FERNAMT_ON_EVERY_ENGINE(CallImportTest);

} // namespace
} // namespace fernamt::reporting
