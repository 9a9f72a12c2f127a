// SPDX-License-Identifier: EUPL-1.2
// Four eyes, versions, care and tasks on both databases: the stories of an office with a centre and
// two municipalities.
#include "knowledge/article.h"
#include "knowledge/demo_services.h"
#include "knowledge/matrix.h"
#include "knowledge/search_document.h"
#include "knowledge/search_gaps.h"
#include "knowledge/tasks.h"
#include "knowledge/testing/imported_knowledge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace fernamt::knowledge {
namespace {

using testing::kHere;
using testing::kThere;
const Editor kAnna{UserId{1}, kHere};
const Editor kBernd{UserId{2}, kHere};
const Editor kStranger{UserId{3}, kThere};
const Editor kCentre{UserId{4}, std::nullopt};
const Editor kCentreToo{UserId{5}, std::nullopt};

class EditingTest : public testing::ImportedKnowledge {
  protected:
    void SetUp() override {
        clock_.set(to_instant({2026, 11, 23}, 12 * 3600));
        import(samples::service("1", "Eins", samples::module("08", "Ausweis")) +
               samples::office("7", "Amt", "") + samples::responsibility("9", "1", "7", "03241"));
    }
    [[nodiscard]] TextPlace fee(MunicipalityId municipality = kHere) const {
        return {.service = service_, .municipality = municipality, .section = SectionKey::fee};
    }
    std::vector<std::string> shown_fee(MunicipalityId municipality) {
        std::vector<std::string> lines;
        EXPECT_TRUE(db().read([&](storage::Connection &connection) -> Expected<void> {
            const auto article = read_article(connection, service_, municipality, {2026, 11, 23});
            if (!article) return tl::unexpected(article.error());
            for (const Section &section : (*article)->sections) {
                if (section.key == SectionKey::fee) lines = section.lines;
            }
            return {};
        }));
        return lines;
    }
    // A text as two people bring it about.
    std::int64_t release(const TextPlace &place, const std::vector<std::string> &lines,
                         const Editor &author, const Editor &releaser) {
        const auto draft = editing().save(author, place, {lines, {}}, 0);
        EXPECT_TRUE(draft) << describe(draft.error());
        const auto submitted = editing().submit(author, place, draft->edition);
        EXPECT_TRUE(submitted) << describe(submitted.error());
        const auto number = editing().release(releaser, place, submitted->edition);
        EXPECT_TRUE(number) << describe(number.error());
        return number.value_or(0);
    }
    TextEditing editing() { return {db(), clock_}; }
    std::vector<WorkItem> work(const Editor &editor) {
        const auto items = work_list(db(), clock_, editor);
        EXPECT_TRUE(items);
        return items.value_or(std::vector<WorkItem>{});
    }
};
FERNAMT_ON_EVERY_ENGINE(EditingTest);

TEST_P(EditingTest, ATextIsShownAfterFourEyes) {
    const auto draft = editing().save(kAnna, fee(), {{"10 Euro"}, {}}, 0);
    ASSERT_TRUE(draft);
    EXPECT_EQ(draft->edition, 1);
    EXPECT_TRUE(shown_fee(kHere).empty());
    EXPECT_EQ(editing().release(kBernd, fee(), 1).error().code, "knowledge.draft_state");
    const auto submitted = editing().submit(kAnna, fee(), 1);
    ASSERT_TRUE(submitted);
    EXPECT_EQ(editing().release(kAnna, fee(), 2).error().code, "knowledge.four_eyes");
    EXPECT_EQ(editing().release(kBernd, fee(), 1).error().code, "knowledge.draft_stale");
    ASSERT_EQ(editing().release(kBernd, fee(), 2), 1);
    EXPECT_EQ(shown_fee(kHere), std::vector<std::string>{"10 Euro"});
    EXPECT_TRUE(shown_fee(kThere).empty());
    EXPECT_TRUE(editing().drafts(kAnna)->empty());
    EXPECT_EQ(editing().release(kBernd, fee(), 2).error().code, "knowledge.draft_not_found");
}

TEST_P(EditingTest, WhoEverChangesASubmittedDraftIsItsAuthor) {
    ASSERT_TRUE(editing().save(kAnna, fee(), {{"10 Euro"}, {}}, 0));
    ASSERT_TRUE(editing().submit(kAnna, fee(), 1));
    ASSERT_TRUE(editing().save(kBernd, fee(), {{"11 Euro"}, {}}, 2));
    ASSERT_TRUE(editing().submit(kAnna, fee(), 3));
    EXPECT_EQ(editing().release(kBernd, fee(), 4).error().code, "knowledge.four_eyes");
    EXPECT_TRUE(editing().release(kAnna, fee(), 4)); // Bernd wrote, Anna reads: two people
    EXPECT_EQ(shown_fee(kHere), std::vector<std::string>{"11 Euro"});
}

TEST_P(EditingTest, AGivenBackDraftSaysWhyAndCanBeDiscarded) {
    ASSERT_TRUE(editing().save(kAnna, fee(), {{"10 Euro"}, {}}, 0));
    EXPECT_EQ(editing().give_back(kBernd, fee(), 1, "x").error().code, "knowledge.draft_state");
    ASSERT_TRUE(editing().submit(kAnna, fee(), 1));
    const auto back = editing().give_back(kBernd, fee(), 2, "Seit Mai sind es 12 Euro.");
    ASSERT_TRUE(back);
    EXPECT_EQ(back->state, DraftState::draft);
    const auto items = work(kAnna);
    ASSERT_EQ(items.size(), 1U);
    EXPECT_EQ(items[0].kind, WorkKind::draft);
    EXPECT_EQ(items[0].text, "Seit Mai sind es 12 Euro.");
    EXPECT_EQ(editing().discard(kAnna, fee(), 2).error().code, "knowledge.draft_stale");
    ASSERT_TRUE(editing().discard(kAnna, fee(), 3));
    EXPECT_TRUE(editing().drafts(kAnna, service_, kHere)->empty());
}

TEST_P(EditingTest, ForeignTextsLookLikeNoneAndCommonOnesAreTheCentres) {
    ASSERT_TRUE(editing().save(kAnna, fee(), {{"Entwurf"}, {}}, 0));
    EXPECT_EQ(editing().save(kStranger, fee(), {{"x"}, {}}, 1).error().code,
              "municipality.not_found");
    EXPECT_EQ(editing().submit(kStranger, fee(), 1).error().code, "municipality.not_found");
    EXPECT_EQ(editing().discard(kStranger, fee(), 1).error().code, "municipality.not_found");
    EXPECT_EQ(editing().history(kStranger, fee()).error().code, "municipality.not_found");
    EXPECT_EQ(editing().shown(kStranger, service_, kHere).error().code, "municipality.not_found");
    EXPECT_EQ(editing().drafts(kStranger, service_, kHere).error().code, "municipality.not_found");
    EXPECT_TRUE(editing().drafts(kStranger)->empty());
    EXPECT_EQ(editing().drafts(kCentre)->size(), 1U);
    EXPECT_EQ(editing().save(kAnna, fee(kCommonText), {{"x"}, {}}, 0).error().code,
              "knowledge.common_text_centre_only");
    EXPECT_TRUE(each_search_document(db(), [&](const SearchDocument &document) {
        for (const DocumentSection &section : document.sections)
            EXPECT_EQ(section.text.find("Entwurf"), std::string::npos);
        return true;
    }));
}

TEST_P(EditingTest, OneMunicipalityChecksTheCommonTextForAll) {
    ASSERT_TRUE(set_care(db(), clock_, kCentre,
                         {.service = service_, .reviewer = kHere, .review_days = 90}));
    EXPECT_EQ(set_care(db(), clock_, kAnna, {.service = service_}).error().code,
              "knowledge.common_text_centre_only");
    // It may write and submit, the centre releases.
    ASSERT_TRUE(editing().save(kAnna, fee(kCommonText), {{"für alle 5 Euro"}, {}}, 0));
    ASSERT_TRUE(editing().submit(kAnna, fee(kCommonText), 1));
    EXPECT_EQ(editing().release(kBernd, fee(kCommonText), 2).error().code,
              "knowledge.common_text_centre_only");
    EXPECT_TRUE(editing().drafts(kStranger)->empty());
    ASSERT_EQ(editing().release(kCentre, fee(kCommonText), 2), 1);
    EXPECT_EQ(shown_fee(kThere), std::vector<std::string>{"für alle 5 Euro"});

    ASSERT_TRUE(mark_checked(db(), clock_, kAnna, service_, kCommonText));
    EXPECT_EQ(mark_checked(db(), clock_, kStranger, service_, kCommonText).error().code,
              "knowledge.common_text_centre_only");
    EXPECT_EQ(care_of(db(), kCentre, service_, kCommonText)->checked_on, (LocalDate{2026, 11, 23}));
    const auto is_review = [](const WorkItem &item) { return item.kind == WorkKind::review; };
    EXPECT_EQ(std::ranges::count_if(work(kAnna), is_review), 0);
    clock_.set(to_instant({2027, 2, 15}, 0)); // within two weeks of the 90 days
    const auto items = work(kAnna);
    ASSERT_EQ(std::ranges::count_if(items, is_review), 1);
    EXPECT_EQ(std::ranges::find_if(items, is_review)->due_on, (LocalDate{2027, 2, 21}));
    EXPECT_EQ(std::ranges::count_if(work(kCentre), is_review), 0);
    EXPECT_EQ(std::ranges::count_if(work(kStranger), is_review), 0);
}

TEST_P(EditingTest, VersionsAreKeptAndComeBack) {
    ASSERT_TRUE(put_local_text(db(), clock_,
                               {.service = service_,
                                .municipality = kHere,
                                .section = SectionKey::fee,
                                .lines = {"von früher"}}));
    EXPECT_EQ(release(fee(), {"10 Euro"}, kAnna, kBernd), 2);
    EXPECT_EQ(release(fee(), {}, kAnna, kBernd), 3); // the own text is taken away
    EXPECT_TRUE(shown_fee(kHere).empty());
    ASSERT_EQ(editing().restore(kAnna, fee(), 2), 4);
    EXPECT_EQ(shown_fee(kHere), std::vector<std::string>{"10 Euro"});
    ASSERT_EQ(editing().restore(kAnna, fee(), 1), 5);
    EXPECT_EQ(shown_fee(kHere), std::vector<std::string>{"von früher"});
    EXPECT_EQ(editing().restore(kAnna, fee(), 9).error().code, "knowledge.version_not_found");
    EXPECT_EQ(editing().restore(kStranger, fee(), 1).error().code, "municipality.not_found");

    const auto history = editing().history(kCentre, fee());
    ASSERT_TRUE(history);
    ASSERT_EQ(history->size(), 5U);
    EXPECT_EQ(history->front().kind, VersionKind::restored);
    EXPECT_EQ(history->front().restored_from, 1);
    EXPECT_EQ(history->back().kind, VersionKind::before);
    EXPECT_FALSE(history->back().written_by);
    EXPECT_EQ((*history)[3].written_by, kAnna.user);
    EXPECT_EQ((*history)[3].released_by, kBernd.user);
    EXPECT_EQ(editing().shown(kAnna, service_, kHere)->front().version, 5);
}

TEST_P(EditingTest, TheSentenceToReadAloudIsEditedLikeASection) {
    const TextPlace sentence{.service = service_, .municipality = kHere};
    EXPECT_EQ(release(sentence, {"Kommen Sie mit Ausweis."}, kAnna, kCentre), 1);
    EXPECT_EQ(editing().shown(kAnna, service_, kHere)->front().content.lines,
              std::vector<std::string>{"Kommen Sie mit Ausweis."});
    EXPECT_EQ(editing().save(kAnna, sentence, {{std::string(401, 'a')}, {}}, 0).error().code,
              "knowledge.text_too_long");
    TextPlace internal = sentence;
    internal.internal = true;
    EXPECT_EQ(editing().save(kAnna, internal, {{"x"}, {}}, 0).error().code,
              "knowledge.text_invalid");
    EXPECT_EQ(editing()
                  .save(kAnna, {.service = ServiceId{4711}, .municipality = kHere}, {}, 0)
                  .error()
                  .code,
              "knowledge.not_found");
}

TEST_P(EditingTest, OfFiftyEditorsWhoSaveAtOnceOneWins) {
    std::atomic<int> won = 0;
    std::atomic<int> stale = 0;
    std::vector<std::thread> editors;
    for (int i = 0; i < 50; ++i) {
        editors.emplace_back([&, i] {
            const auto saved = editing().save({UserId{100 + i}, kHere}, fee(),
                                              {{"Euro " + std::to_string(i)}, {}}, 0);
            if (saved) ++won;
            if (!saved && saved.error().code == "knowledge.draft_stale") ++stale;
        });
    }
    for (std::thread &one : editors)
        one.join();
    EXPECT_EQ(won, 1);
    EXPECT_EQ(stale, 49);
    const auto drafts = editing().drafts(kAnna, service_, kHere);
    ASSERT_EQ(drafts->size(), 1U);
    EXPECT_EQ(drafts->front().edition, 1);
}

TEST_P(EditingTest, WhatIsCalledWrongInACallIsCountedAndSettled) {
    const WrongReport report{
        .service = service_, .municipality = kHere, .section = SectionKey::fee, .text = ""};
    const auto first = report_wrong(db(), clock_, report);
    ASSERT_TRUE(first);
    WrongReport again = report;
    again.text = "Es sind 12 Euro";
    EXPECT_EQ(report_wrong(db(), clock_, again), *first);
    EXPECT_EQ(
        report_wrong(db(), clock_,
                     {.service = ServiceId{4711}, .municipality = kHere, .section = {}, .text = ""})
            .error()
            .code,
        "knowledge.not_found");
    const auto items = work(kAnna);
    ASSERT_EQ(items.size(), 1U);
    EXPECT_EQ(items[0].kind, WorkKind::wrong);
    EXPECT_EQ(items[0].times, 2);
    EXPECT_EQ(items[0].text, "Es sind 12 Euro");
    EXPECT_EQ(items[0].part, "fee");
    EXPECT_EQ(items[0].due_on, (LocalDate{2026, 11, 26}));
    EXPECT_EQ(items[0].service_name, "Eins");
    EXPECT_TRUE(work(kStranger).empty());
    EXPECT_EQ(work(kCentre).size(), 1U);
    EXPECT_EQ(close_task(db(), clock_, kStranger, *first, true).error().code,
              "knowledge.task_not_found");
    ASSERT_TRUE(close_task(db(), clock_, kAnna, *first, true));
    EXPECT_EQ(close_task(db(), clock_, kAnna, *first, true).error().code, "knowledge.task_closed");
    EXPECT_TRUE(work(kAnna).empty());
    EXPECT_NE(report_wrong(db(), clock_, report), *first); // wrong again is a new matter
}

TEST_P(EditingTest, JobsAreGivenWithADueDate) {
    const Job job{.service = service_,
                  .municipality = kHere,
                  .text = "Neue Gebührensatzung eintragen",
                  .assignee = kAnna.user,
                  .due_on = {2026, 12, 1}};
    ASSERT_TRUE(add_job(db(), clock_, kCentre, job));
    EXPECT_EQ(add_job(db(), clock_, kStranger, job).error().code, "municipality.not_found");
    Job empty = job;
    empty.text.clear();
    EXPECT_EQ(add_job(db(), clock_, kCentre, empty).error().code, "knowledge.text_invalid");
    ASSERT_EQ(work(kAnna).size(), 1U);
    EXPECT_TRUE(work(kAnna)[0].mine);
    EXPECT_FALSE(work(kBernd)[0].mine);
    EXPECT_TRUE(work(kStranger).empty());
}

// Time passes between the four eyes: what would be shown nowhere is neither submitted nor released.
TEST_P(EditingTest, ALastDayThatIsOverIsSaid) {
    const auto over = [](const auto &outcome) { return outcome.error().code; };
    const TextContent content{{"2 Euro"}, LocalDate{2026, 11, 24}};
    clock_.set(to_instant({2026, 11, 25}, 0));
    EXPECT_EQ(over(editing().save(kAnna, fee(), content, 0)), "knowledge.text_over");
    clock_.set(to_instant({2026, 11, 24}, 12 * 3600));
    const auto draft = editing().save(kAnna, fee(), content, 0);
    ASSERT_TRUE(draft);
    clock_.set(to_instant({2026, 11, 25}, 0));
    EXPECT_EQ(over(editing().submit(kAnna, fee(), draft->edition)), "knowledge.text_over");
    clock_.set(to_instant({2026, 11, 24}, 13 * 3600));
    const auto submitted = editing().submit(kAnna, fee(), draft->edition);
    ASSERT_TRUE(submitted);
    clock_.set(to_instant({2026, 11, 25}, 0));
    EXPECT_EQ(over(editing().release(kBernd, fee(), submitted->edition)), "knowledge.text_over");
    clock_.set(to_instant({2026, 11, 24}, 14 * 3600));
    ASSERT_TRUE(editing().release(kBernd, fee(), submitted->edition));
    clock_.set(to_instant({2026, 11, 25}, 0));
    const auto versions = editing().history(kAnna, fee());
    ASSERT_TRUE(versions);
    const auto newest = std::ranges::max(*versions, {}, &TextVersion::number);
    EXPECT_EQ(over(editing().restore(kAnna, fee(), newest.number)), "knowledge.text_over");
}

// A text that is delivered again and again has been read by nobody.
TEST_P(EditingTest, ADeliveryIsNoCheckAndTheSourcesApprovalIs) {
    const LocalDate today{2026, 11, 23};
    const auto article = [&] {
        Article found;
        EXPECT_TRUE(db().read([&](storage::Connection &connection) -> Expected<void> {
            found = read_article(connection, service_, kHere, today)->value();
            return {};
        }));
        return found;
    };
    EXPECT_FALSE(article().service.check.on);
    EXPECT_FALSE(article().service.changed_on);
    const std::string changed =
        "<xzufi:versionsinformation><xzufi:geaendertDatumZeit>2026-11-20T08:00:00"
        "</xzufi:geaendertDatumZeit></xzufi:versionsinformation>";
    import(samples::service("1", "Eins", samples::module("08", "Ausweis") + changed));
    EXPECT_EQ(article().service.changed_on, (LocalDate{2026, 11, 20}));
    EXPECT_FALSE(article().service.check.on);
    EXPECT_EQ(article().state, Freshness::due);
    EXPECT_FALSE(care_of(db(), kCentre, service_, kCommonText)->checked_on);
    import(samples::service("1", "Eins",
                            "<xzufi:modulFachlicheFreigabe><xzufi:fachlichFreigegebenAm>2026-03-04"
                            "</xzufi:fachlichFreigegebenAm></xzufi:modulFachlicheFreigabe>"));
    EXPECT_EQ(article().service.check.on, (LocalDate{2026, 3, 4}));
    EXPECT_EQ(article().state, Freshness::current);
    EXPECT_EQ(care_of(db(), kCentre, service_, kCommonText)->checked_on, (LocalDate{2026, 3, 4}));
    ASSERT_TRUE(mark_checked(db(), clock_, kCentre, service_, kCommonText));
    EXPECT_EQ(article().service.check.on, today);
}

TEST_P(EditingTest, ATownsOwnCheckCountsInTheArticle) {
    ASSERT_TRUE(mark_checked(db(), clock_, kCentre, service_, kCommonText));
    ASSERT_TRUE(set_care(db(), clock_, kAnna,
                         {.service = service_, .municipality = kHere, .review_days = 30}));
    ASSERT_TRUE(mark_checked(db(), clock_, kAnna, service_, kHere));
    EXPECT_EQ(set_care(db(), clock_, kAnna,
                       {.service = service_, .municipality = kHere, .review_days = 0})
                  .error()
                  .code,
              "knowledge.text_invalid");
    EXPECT_TRUE(db().read([&](storage::Connection &connection) -> Expected<void> {
        const LocalDate later{2027, 1, 10}; // 48 days
        EXPECT_EQ((*read_article(connection, service_, kHere, later))->state, Freshness::due);
        EXPECT_EQ((*read_article(connection, service_, kThere, later))->state, Freshness::current);
        return {};
    }));
}

TEST_P(EditingTest, AGapIsWrittenOnlyAfterSeveralPeopleAskedTheSame) {
    SearchGaps gaps(db());
    Instant now = clock_.now();
    const auto ask = [&](int who, const std::string &query) {
        now = now + SearchGaps::kSettled + 1s;
        EXPECT_TRUE(gaps.asked(UserId{who}, kHere, query, false, now));
    };
    const auto open = [&](std::optional<MunicipalityId> of) {
        now = now + SearchGaps::kSettled + 1s;
        EXPECT_TRUE(gaps.asked(UserId{99}, kHere, "gefunden", true, now)); // settles the others
        return gaps.open(of).value_or(std::vector<SearchGap>{});
    };
    for (int i = 0; i < 5; ++i) {
        ask(1, "Erika Mustermann"); // one person alone: may be a name
        ask(i, "030 23125-345");    // a number is never kept
        ask(i, "erika@example.org");
    }
    EXPECT_TRUE(open(std::nullopt).empty());
    ask(1, "Hundefriseur");
    ask(2, "hundefriseur ");
    EXPECT_TRUE(open(std::nullopt).empty());
    ask(1, "Hundefriseur");
    const auto found = open(kHere);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].query, "hundefriseur");
    EXPECT_EQ(found[0].times, 3);
    EXPECT_TRUE(open(kThere).empty());
    EXPECT_EQ(gaps.dismiss(found[0].id, kThere).error().code, "knowledge.gap_not_found");
    for (int i = 0; i < 3; ++i)
        ask(i, "Hundefriseur");
    EXPECT_EQ(open(kHere)[0].times, 6);
    ASSERT_TRUE(gaps.dismiss(found[0].id, kHere));
    EXPECT_TRUE(open(std::nullopt).empty());
}

TEST_P(EditingTest, WhileTypingOnlyTheLastCounts) {
    SearchGaps gaps(db());
    Instant now = clock_.now();
    for (int who = 1; who <= 3; ++who) {
        for (const char *typed : {"hund", "hundef", "hundefri", "hundefriseur"}) {
            now = now + 1s;
            EXPECT_TRUE(gaps.asked(UserId{who}, kHere, typed, false, now));
        }
    }
    now = now + SearchGaps::kSettled + 1s;
    EXPECT_TRUE(gaps.asked(UserId{9}, kHere, "da", true, now));
    const auto found = gaps.open(std::nullopt);
    ASSERT_EQ(found->size(), 1U);
    EXPECT_EQ(found->front().query, "hundefriseur");
}

TEST_P(EditingTest, SeedingTheDemoAgainLeavesAloneWhatPeopleWrote) {
    const std::string files = FERNAMT_SOURCE_DIR "/data/knowledge";
    ASSERT_TRUE(seed_demo_services(db(), files));
    const TextPlace hours{
        .service = ServiceId{1}, .municipality = kHere, .section = SectionKey::opening_hours};
    const TextPlace sentence{.service = ServiceId{2}};
    release(hours, {"heute zu"}, kAnna, kBernd);
    release(sentence, {"Ein neuer Satz."}, kCentre, kCentreToo);
    ASSERT_TRUE(mark_checked(db(), clock_, kCentre, ServiceId{3}, kCommonText));
    EXPECT_EQ(seed_demo_services(db(), files)->changed, 0);
    EXPECT_EQ(editing().shown(kAnna, ServiceId{1}, kHere)->front().content.lines,
              std::vector<std::string>{"heute zu"});
    EXPECT_EQ(editing().shown(kCentre, ServiceId{2}, kCommonText)->front().content.lines,
              std::vector<std::string>{"Ein neuer Satz."});
    EXPECT_EQ(care_of(db(), kCentre, ServiceId{3}, kCommonText)->checked_on,
              (LocalDate{2026, 11, 23}));
}

} // namespace
} // namespace fernamt::knowledge
