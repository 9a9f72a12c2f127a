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
    // The file has another encoding than the mapping says: the report is UTF-8 all the same.
    const auto other = run(kHead + "x;23.11.2026;09:00:00;09:00:12;09:02:12;030 23125900;zur\xFC"
                                   "ckgestellt;\r\n");
    ASSERT_TRUE(other) << describe(other.error());
    ASSERT_EQ(other->refused.size(), 1u);
    EXPECT_EQ(other->refused.front().word, "zurückgestellt");
    PbxMapping nameless = mapping();
    nameless.outgoing = {{"", {"0"}}};
    EXPECT_EQ(run(kHead + rows, nameless).error().code, "calls.mapping_incomplete");
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

// The columns of Asterisk's Master.csv with linkedid (cdr.conf: newcdrcolumns), a line per leg, the
// legs of two calls in one another.
const std::string kAsteriskHead =
    "accountcode,src,dst,dcontext,clid,channel,dstchannel,lastapp,lastdata,start,answer,end,"
    "duration,billsec,disposition,amaflags,userfield,uniqueid,peeraccount,linkedid,sequence\n";
std::string leg(const std::string &call, const std::string &dst, const std::string &who,
                const std::string &app, const std::string &start, const std::string &answer,
                const std::string &end, const std::string &disposition) {
    const auto day = [](const std::string &time) {
        return time.empty() ? "" : "2026-11-23 " + time;
    };
    return R"("","0511987654",")" + dst + R"(","from-trunk","""Erika"" <0511987654>",)" +
           R"("PJSIP/trunk-00000010",")" + who + R"(",")" + app + R"(","zentrale,t,,,300",")" +
           day(start) + R"(",")" + day(answer) + R"(",")" + day(end) + R"(","0","0",")" +
           disposition + R"(","DOCUMENTATION","","1795424400.11","",")" + call + R"(","7")" + "\n";
}
PbxMapping asterisk() {
    PbxMapping made;
    made.source = "asterisk";
    made.area_code = "30";
    made.divider = ',';
    made.time_format = "%Y-%m-%d %H:%M:%S";
    made.begin = {"start"};
    made.answered = {"answer"};
    made.end = {"end"};
    made.dialled = "dst";
    made.result = "disposition";
    made.call = {"linkedid"};
    made.agent = "dstchannel";
    made.agents = {"PJSIP/70"};
    made.results = {{"ANSWERED", PbxResult::answered},
                    {"NO ANSWER", PbxResult::abandoned},
                    {"BUSY", PbxResult::abandoned},
                    {"FAILED", PbxResult::failed}};
    return made;
}
const std::string kFirst = "1795424400.10", kSecond = "1795424405.14";
const std::string kLegs =
    leg(kFirst, "03023125900", "", "Playback", "09:00:00", "09:00:00", "09:00:05", "ANSWERED") +
    leg(kFirst, "03023125900", "PJSIP/7001-00000011", "Queue", "09:00:05", "", "09:00:20",
        "NO ANSWER") +
    leg(kSecond, "03023125901", "PJSIP/7001-00000015", "Queue", "09:00:10", "", "09:00:40",
        "NO ANSWER") +
    leg(kFirst, "03023125900", "PJSIP/7002-00000012", "Queue", "09:00:20", "09:00:25", "09:02:25",
        "ANSWERED") +
    leg(kSecond, "03023125901", "", "Queue", "09:00:10", "09:00:10", "09:00:50", "ANSWERED") +
    leg(kFirst, "6600", "PJSIP/amt-00000013", "Dial", "09:02:15", "09:02:20", "09:05:25",
        "ANSWERED");

TEST_P(CallImportTest, TheLegsOfACallAreOneCall) {
    const auto done = run(kAsteriskHead + kLegs, asterisk());
    ASSERT_TRUE(done) << describe(done.error());
    EXPECT_EQ(done->rows, 6);
    EXPECT_EQ(done->imported, 2);
    EXPECT_TRUE(done->refused.empty()) << done->refused.front().reason;
    Projector projector(*ledger_, db());
    ASSERT_TRUE(projector.catch_up());
    const auto calls = records();
    ASSERT_EQ(calls.size(), 2u);
    const bool in_order = calls[0].municipality == kLangenhagen;
    const CallRecord &talked = in_order ? calls[0] : calls[1];
    const CallRecord &gave_up = in_order ? calls[1] : calls[0];
    EXPECT_EQ(talked.offered_at, at(9, 0)) << "the first leg of all, the menu's";
    EXPECT_EQ(talked.answered_at, at(9, 0, 25)) << "the first agent, not the menu";
    EXPECT_EQ(talked.talk, 120s) << "with the centre";
    EXPECT_EQ(talked.transferred, 180s) << "with the office, after the centre";
    EXPECT_EQ(talked.ended_at, at(9, 5, 25));
    EXPECT_EQ(gave_up.offered_at, at(9, 0, 10));
    EXPECT_FALSE(gave_up.answered_at) << "a queue that answers is nobody";
    EXPECT_EQ(gave_up.end_reason, routing::EndReason::abandoned);
    EXPECT_EQ(gave_up.ended_at, at(9, 0, 50));
    const std::string all = everything();
    for (const char *personal : {"987654", "Erika", "PJSIP", "7002"})
        EXPECT_EQ(all.find(personal), std::string::npos) << personal;
}

TEST_P(CallImportTest, LegsTwiceOrInAnotherOrderAreTheSameCalls) {
    ASSERT_EQ(run(kAsteriskHead + kLegs, asterisk())->imported, 2);
    const std::string before = everything();
    EXPECT_EQ(run(kAsteriskHead + kLegs, asterisk())->already_there, 2);
    const auto half = kLegs.size() / 2;
    const auto line = kLegs.rfind('\n', half) + 1;
    EXPECT_EQ(
        run(kAsteriskHead + kLegs.substr(line) + kLegs.substr(0, line), asterisk())->already_there,
        2);
    EXPECT_EQ(everything(), before);
}

TEST_P(CallImportTest, TwoAgentsAtOnceCountOnceAndTheTownHallsOwnAnswerNot) {
    const std::string both =
        leg(kFirst, "03023125900", "PJSIP/7001-1", "Queue", "09:00:00", "09:00:10", "09:02:10",
            "ANSWERED") +
        leg(kFirst, "7002", "PJSIP/7002-2", "Dial", "09:01:00", "09:01:10", "09:03:10", "ANSWERED");
    const std::string office = leg(kSecond, "03023125901", "PJSIP/amt-3", "Dial", "09:10:00",
                                   "09:10:05", "09:11:00", "ANSWERED");
    const auto done = run(kAsteriskHead + both + office, asterisk());
    ASSERT_TRUE(done);
    EXPECT_EQ(done->imported, 1);
    EXPECT_EQ(done->ignored, 1) << "the centre did not take it: never billed";
    Projector projector(*ledger_, db());
    ASSERT_TRUE(projector.catch_up());
    EXPECT_EQ(records().front().talk, 180s);
    EXPECT_EQ(records().front().transferred, 0s);
}

TEST_P(CallImportTest, ABrokenLegRefusesItsCallWhole) {
    const std::string broken = leg(kFirst, "03023125900", "PJSIP/7002-2", "Queue", "09:00:20",
                                   "09:61:25", "09:02:25", "ANSWERED");
    const auto done = run(
        kAsteriskHead +
            leg(kFirst, "03023125900", "PJSIP/7001-1", "Queue", "09:00:00", "", "09:00:20",
                "NO ANSWER") +
            broken + leg("", "03023125900", "", "Queue", "09:00:00", "", "09:00:20", "NO ANSWER") +
            leg("1.5", "7009", "PJSIP/7009-1", "Dial", "09:00:00", "", "09:00:20", "NO ANSWER"),
        asterisk());
    ASSERT_TRUE(done);
    EXPECT_EQ(done->imported, 0);
    ASSERT_EQ(done->refused.size(), 3u);
    EXPECT_EQ(done->refused[0].line, 3);
    EXPECT_EQ(done->refused[0].reason, "answered_unreadable");
    EXPECT_EQ(done->refused[1].reason, "call_missing");
    EXPECT_EQ(done->refused[2].reason, "number_not_ours");
}

std::string dialled_in_the_house(std::string leg) {
    const std::string outside = "from-trunk";
    return leg.replace(leg.find(outside), outside.size(), "from-internal");
}

TEST_P(CallImportTest, WhatTheHouseDialledIsNoCitizensCall) {
    PbxMapping with = asterisk();
    with.outgoing = {{"dcontext", {"from-internal"}}};
    const std::string outgoing = dialled_in_the_house(
        leg("1.7", "0511445566", "PJSIP/trunk-9", "Dial", "08:00:00", "", "08:01:00", "NO ANSWER"));
    // An agent asks a colleague within a citizen's call: that leg began in the house as well.
    const std::string asked =
        leg(kFirst, "03023125900", "PJSIP/7001-1", "Queue", "09:00:00", "09:00:10", "09:02:10",
            "ANSWERED") +
        dialled_in_the_house(leg(kFirst, "7002", "PJSIP/7002-2", "Dial", "09:01:00", "09:01:10",
                                 "09:03:10", "ANSWERED"));
    const auto without = run(kAsteriskHead + outgoing, asterisk());
    ASSERT_EQ(without->refused.size(), 1u) << "nobody said what is outgoing";
    const auto done = run(kAsteriskHead + outgoing + asked, with);
    ASSERT_TRUE(done) << describe(done.error());
    EXPECT_EQ(done->ignored, 1);
    EXPECT_TRUE(done->refused.empty());
    EXPECT_EQ(done->imported, 1);
    Projector projector(*ledger_, db());
    ASSERT_TRUE(projector.catch_up());
    EXPECT_EQ(records().front().talk, 180s);

    PbxMapping rows = mapping(); // a row per call
    rows.source = "rows";
    rows.outgoing = {{"Nacharbeit", {"3"}}};
    EXPECT_EQ(run(kHead + kTalked, rows)->ignored, 1);
    with.outgoing = {{"richtung", {"aus"}}};
    EXPECT_EQ(run(kAsteriskHead, with).error().code, "calls.column_missing");
}

// FreeSWITCH's cdr_csv with legs = ab: the other leg's record names the first one's uuid.
TEST_P(CallImportTest, APairOfLegsIsJoinedByTheFirstColumnThatIsNotEmpty) {
    PbxMapping pairs = asterisk();
    pairs.source = "freeswitch";
    pairs.dialled = "destination_number";
    pairs.result.clear();
    pairs.results.clear();
    pairs.begin = {"start_stamp"};
    pairs.answered = {"answer_stamp"};
    pairs.end = {"end_stamp"};
    pairs.call = {"originating_leg_uuid", "uuid"};
    pairs.agent = "user";
    pairs.agents.clear();
    const auto done =
        run("uuid,originating_leg_uuid,destination_number,user,start_stamp,answer_stamp,end_stamp\n"
            "a1,,03023125900,,2026-11-23 09:00:00,2026-11-23 09:00:01,2026-11-23 09:01:30\n"
            "b2,a1,1001,1001,2026-11-23 09:00:10,2026-11-23 09:00:15,2026-11-23 09:01:30\n",
            pairs);
    ASSERT_TRUE(done) << describe(done.error());
    EXPECT_EQ(done->imported, 1);
    Projector projector(*ledger_, db());
    ASSERT_TRUE(projector.catch_up());
    EXPECT_EQ(records().front().answered_at, at(9, 0, 15));
    EXPECT_EQ(records().front().talk, 75s);
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
