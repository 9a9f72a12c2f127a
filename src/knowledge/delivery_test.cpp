// SPDX-License-Identifier: EUPL-1.2
// Deliveries from the file to the rows and back out, on both databases.
#include "knowledge/delivery.h"
#include "knowledge/delivery_samples.h"
#include "knowledge/demo_services.h"
#include "knowledge/export.h"
#include "knowledge/local_text.h"
#include "knowledge/xzufi_reader.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>
#include <zip.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <tuple>

namespace fernamt::knowledge {
namespace {

using samples::office;
using samples::removal;
using samples::responsibility;
using samples::service;
using samples::transfer;

class DeliveryTest : public storage::testing::DatabaseTest {
  protected:
    std::string write(const std::string &name, const std::string &text) {
        const std::string path = directory_.path() + "/" + name;
        std::filesystem::create_directories(std::filesystem::path(path).parent_path());
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }
    Expected<DeliveryReport> stage(const std::string &path, bool complete = false) {
        options_ = {.path = path, .source = "test", .complete = complete};
        return stage_delivery(db(), clock_, options_);
    }
    // The report of a delivery that must succeed.
    DeliveryReport import(const std::string &body, bool complete = false) {
        const auto staged = stage(write("delivery.xml", transfer(body)), complete);
        EXPECT_TRUE(staged) << describe(staged.error());
        if (!staged) return {};
        const auto applied = apply_delivery(db(), clock_, staged->id, options_);
        EXPECT_TRUE(applied) << describe(applied.error());
        return applied ? *applied : DeliveryReport{};
    }
    std::string problem_of(const std::string &text) {
        const auto staged = stage(write("bad.xml", text));
        EXPECT_EQ(count("knowledge_staged"), 0);
        EXPECT_EQ(count("knowledge_delivery"), before_);
        return staged ? "" : staged.error().code;
    }
    static std::string argument(const Problem &problem, const std::string &name) {
        for (const auto &[key, value] : problem.arguments)
            if (key == name) return value;
        return "";
    }
    std::int64_t count(const std::string &table) { return ask("SELECT COUNT(*) FROM " + table); }
    std::int64_t ask(const std::string &sql) {
        std::int64_t value = -1;
        EXPECT_TRUE(db().read([&](storage::Connection &connection) {
            return connection.each(sql, {}, [&](const storage::Row &row) {
                value = row.integer(0);
                return true;
            });
        }));
        return value;
    }
    std::string text(const std::string &sql) {
        std::string value;
        EXPECT_TRUE(db().read([&](storage::Connection &connection) {
            return connection.each(sql, {}, [&](const storage::Row &row) {
                value += (value.empty() ? "" : "|") + row.text(0);
                return true;
            });
        }));
        return value;
    }
    std::string exported(ExportOptions options = {}) {
        std::ostringstream out;
        const auto done = export_xzufi(db(), options, out);
        EXPECT_TRUE(done) << describe(done.error());
        return out.str();
    }

    storage::testing::TemporaryDirectory directory_;
    ManualClock clock_{Instant{1'700'000'000'000'000}};
    DeliveryOptions options_;
    std::int64_t before_ = 0;
};
FERNAMT_ON_EVERY_ENGINE(DeliveryTest);

constexpr const char *kSynthetic = FERNAMT_SOURCE_DIR "/data/knowledge/xzufi-2_2_0-example.xml";

TEST_P(DeliveryTest, CarriesTheExampleIntoRows) {
    const auto staged = stage(kSynthetic);
    ASSERT_TRUE(staged) << describe(staged.error());
    EXPECT_EQ(staged->objects, 4);
    EXPECT_EQ(staged->unknown_removals, 1);
    EXPECT_EQ(staged->refused, 0);
    EXPECT_EQ(staged->dangling, 0);
    EXPECT_EQ(count("knowledge_object"), 0); // nothing yet
    ASSERT_TRUE(apply_delivery(db(), clock_, staged->id, options_));
    EXPECT_EQ(count("knowledge_object"), 3);
    EXPECT_EQ(count("knowledge_staged"), 0);
    EXPECT_EQ(text("SELECT name FROM knowledge_public_service"), "Hund anmelden");
    EXPECT_EQ(text("SELECT official_name FROM knowledge_public_service"), "Hundesteuer Anmeldung");
    EXPECT_EQ(text("SELECT type FROM knowledge_public_service"), "lov");
    EXPECT_EQ(text("SELECT typification FROM knowledge_public_service"), "4");
    EXPECT_EQ(text("SELECT approved_on FROM knowledge_public_service"), "2026-01-10");
    EXPECT_EQ(text("SELECT value FROM knowledge_key WHERE scheme = 'leika'"), "99102013104000");
    EXPECT_EQ(text("SELECT term FROM knowledge_term WHERE role = 'synonym' ORDER BY ordinal"),
              "Hundeanmeldung|Hundemarke");
    EXPECT_EQ(text("SELECT term FROM knowledge_term WHERE role = 'name'"), "Register a dog");
    EXPECT_EQ(text("SELECT html FROM knowledge_text WHERE module = '06'"),
              "<p>Wer einen Hund hält, muss ihn bei der Gemeinde anmelden.</p>");
    EXPECT_EQ(text("SELECT html FROM knowledge_text WHERE module = 'deadline'"),
              "Innerhalb von 14 Tagen.");
    EXPECT_EQ(text("SELECT uri FROM knowledge_link"), "https://example.org/hundesteuersatzung");
    EXPECT_EQ(ask("SELECT area FROM knowledge_area"), 32410000000);
    EXPECT_EQ(text("SELECT name FROM knowledge_office"), "Fachdienst Steuern");
    EXPECT_EQ(text("SELECT place FROM knowledge_address"), "Musterstadt");
    EXPECT_EQ(ask("SELECT area FROM knowledge_address"), 32410010010);
    EXPECT_EQ(text("SELECT value FROM knowledge_contact"), "+49 511 000000");
    EXPECT_EQ(ask("SELECT r.area FROM knowledge_responsibility r JOIN knowledge_public_service s "
                  "ON s.id = r.service JOIN knowledge_office o ON o.id = r.holder"),
              32410010010);
    EXPECT_EQ(text("SELECT role FROM knowledge_responsibility"), "Zuständige Stelle");
}

TEST_P(DeliveryTest, CreatesUpdatesRemovesAndSaysSo) {
    const auto first = import(service("1", "Eins") + service("2", "Zwei") + office("7", "Amt"));
    EXPECT_EQ(first.kinds[0], (DeliveryCounts{2, 0, 0, 0}));
    EXPECT_EQ(first.kinds[2], (DeliveryCounts{1, 0, 0, 0}));
    const auto second =
        import(service("1", "Eins") + service("2", "Zwei neu") + service("3", "Drei") +
               removal("Organisationseinheit", "7") + removal("Zustaendigkeit", "4711"));
    EXPECT_EQ(second.kinds[0], (DeliveryCounts{1, 1, 1, 0}));
    EXPECT_EQ(second.kinds[2], (DeliveryCounts{0, 0, 0, 1}));
    EXPECT_EQ(second.unknown_removals, 1);
    EXPECT_EQ(text("SELECT name FROM knowledge_public_service ORDER BY name"),
              "Drei|Eins|Zwei neu");
    EXPECT_EQ(count("knowledge_office"), 0);
    EXPECT_EQ(count("knowledge_text"), 3); // no row of an earlier version is left
    EXPECT_EQ(count("knowledge_tombstone"), 1);
}

TEST_P(DeliveryTest, UndoBringsBackWhatWas) {
    import(service("1", "Eins") + office("7", "Amt", "<xzufi:synonym>Rathaus</xzufi:synonym>"));
    const std::string before = exported();
    const auto changed =
        import(service("1", "Anders") + service("2", "Neu") + removal("Organisationseinheit", "7"));
    EXPECT_NE(exported(), before);
    ASSERT_TRUE(undo_delivery(db(), clock_, changed.id));
    const auto body = [](const std::string &all) {
        return all.substr(all.find("<xzufi:schreibe>"));
    };
    EXPECT_EQ(body(exported()), body(before));
    EXPECT_EQ(text("SELECT name FROM knowledge_public_service"), "Eins");
    EXPECT_EQ(text("SELECT term FROM knowledge_term"), "Rathaus");
    const auto again = undo_delivery(db(), clock_, changed.id);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, "knowledge.delivery_state");
}

// What was replaced holds people who were removed from it: not for ever.
TEST_P(DeliveryTest, WhatWasReplacedIsErasedAndSaysUntilWhenItCouldBeUndone) {
    clock_.set(to_instant({2026, 3, 1}, 23 * 3600)); // through the change of the clocks
    import(service("1", "Eins"));
    const auto changed = import(service("1", "Anders"));
    ASSERT_TRUE(changed.undo_until);
    EXPECT_EQ(to_string(*changed.undo_until), "2026-05-30");
    EXPECT_EQ(count("knowledge_undo"), 2);

    clock_.set(to_instant({2026, 5, 30}, 23 * 3600 + 3'599));
    EXPECT_TRUE(find_over(db(), clock_, 90)->empty());
    EXPECT_TRUE(can_undo(changed, clock_.now()));
    EXPECT_TRUE(check_undo(db(), clock_, changed.id));

    clock_.set(to_instant({2026, 5, 31}, 0));
    EXPECT_FALSE(can_undo(changed, clock_.now()));
    const auto refused = undo_delivery(db(), clock_, changed.id); // erased or not
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "knowledge.undo_over");
    EXPECT_EQ(describe(refused.error()), describe({ProblemKind::conflict,
                                                   "knowledge.undo_over",
                                                   {{"delivery", "2"}, {"until", "2026-05-30"}}}));
    const auto over = find_over(db(), clock_, 90);
    ASSERT_TRUE(over);
    EXPECT_EQ(*over, (std::vector<std::int64_t>{1, 2}));
    for (const std::int64_t id : *over)
        ASSERT_TRUE(erase_over(db(), clock_, id, 90, {.piece_objects = 1, .after_piece = {}}));
    EXPECT_EQ(count("knowledge_undo"), 0);
    EXPECT_TRUE(find_over(db(), clock_, 90)->empty());
    const auto kept = find_delivery(db(), changed.id); // that there was one stays known
    EXPECT_EQ(kept->state, "applied");
    EXPECT_EQ(to_string(*kept->undo_until), "2026-05-30");
    EXPECT_EQ(text("SELECT name FROM knowledge_public_service"), "Anders");
}

TEST_P(DeliveryTest, WhatNobodyDecidedAboutIsErasedAndCannotBeAppliedInPart) {
    clock_.set(to_instant({2026, 3, 1}, 23 * 3600));
    std::string body;
    for (int i = 1; i <= 7; ++i)
        body += service(std::to_string(i), "Dienst");
    const auto staged = stage(write("delivery.xml", transfer(body)));
    ASSERT_TRUE(staged);
    clock_.set(to_instant({2026, 5, 30}, 23 * 3600 + 3'599));
    EXPECT_TRUE(find_over(db(), clock_, 90)->empty());
    const auto early = erase_over(db(), clock_, staged->id, 90);
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error().code, "knowledge.delivery_state");
    EXPECT_EQ(count("knowledge_staged"), 7);

    clock_.set(to_instant({2026, 5, 31}, 0));
    EXPECT_EQ(*find_over(db(), clock_, 90), (std::vector{staged->id}));
    const DeliveryPace one_piece{
        .piece_objects = 1, .after_piece = [](std::int64_t) -> Expected<void> {
            return fail(ProblemKind::unavailable, "knowledge.delivery_interrupted");
        }};
    ASSERT_FALSE(erase_over(db(), clock_, staged->id, 90, one_piece));
    EXPECT_EQ(find_delivery(db(), staged->id)->state, "failed");
    EXPECT_GT(count("knowledge_staged"), 0);
    EXPECT_EQ(apply_delivery(db(), clock_, staged->id, {}).error().code,
              "knowledge.delivery_state");
    EXPECT_EQ(*find_over(db(), clock_, 90), (std::vector{staged->id}));
    ASSERT_TRUE(erase_over(db(), clock_, staged->id, 90));
    EXPECT_EQ(count("knowledge_staged"), 0);
    EXPECT_TRUE(find_over(db(), clock_, 90)->empty());
    const auto kept = find_delivery(db(), staged->id);
    ASSERT_TRUE(kept->problem);
    EXPECT_EQ(describe(*kept->problem),
              describe({ProblemKind::conflict, "knowledge.delivery_undecided", {{"days", "90"}}}));
    EXPECT_EQ(kept->changes.size(), 7U);
    EXPECT_TRUE(discard_delivery(db(), staged->id));
}

TEST_P(DeliveryTest, NobodyAppliesWhatADiscardedOneLeftBehindHalfWay) {
    std::string body;
    for (int i = 1; i <= 7; ++i)
        body += service(std::to_string(i), "Dienst");
    const auto staged = stage(write("delivery.xml", transfer(body)));
    ASSERT_TRUE(staged);
    const DeliveryPace one_piece{
        .piece_objects = 1, .after_piece = [](std::int64_t) -> Expected<void> {
            return fail(ProblemKind::unavailable, "knowledge.delivery_interrupted");
        }};
    ASSERT_FALSE(discard_delivery(db(), staged->id, one_piece));
    EXPECT_GT(count("knowledge_staged"), 0);
    EXPECT_EQ(apply_delivery(db(), clock_, staged->id, {}).error().code,
              "knowledge.delivery_state");
    ASSERT_TRUE(clean_up_deliveries(db(), clock_)); // at the next start
    EXPECT_EQ(find_delivery(db(), staged->id)->state, "failed");
    EXPECT_EQ(count("knowledge_staged"), 0);
    EXPECT_TRUE(discard_delivery(db(), staged->id));
}

TEST_P(DeliveryTest, AShorterPeriodHoldsForEarlierDeliveriesALongerOneDoesNot) {
    clock_.set(to_instant({2026, 3, 1}, 12 * 3600));
    const auto one = import(service("1", "Eins"));
    const auto until = [&] { return to_string(*find_delivery(db(), one.id)->undo_until); };
    ASSERT_TRUE(find_over(db(), clock_, 365));
    EXPECT_EQ(until(), "2026-05-30");
    ASSERT_TRUE(find_over(db(), clock_, 30));
    EXPECT_EQ(until(), "2026-03-31");
    // Of before such days were noted.
    ASSERT_TRUE(db().write([&](storage::Connection &connection) -> Expected<void> {
        const auto done = connection.run("UPDATE knowledge_delivery SET undo_until = ''");
        if (!done) return tl::unexpected(done.error());
        return {};
    }));
    clock_.set(to_instant({2027, 3, 1}, 12 * 3600));
    EXPECT_TRUE(check_undo(db(), clock_, one.id));
    ASSERT_TRUE(find_over(db(), clock_, 365));
    EXPECT_EQ(until(), "2027-03-01");
    EXPECT_TRUE(check_undo(db(), clock_, one.id));
    ASSERT_TRUE(undo_delivery(db(), clock_, one.id));
    EXPECT_FALSE(find_delivery(db(), one.id)->undo_until);
}

TEST_P(DeliveryTest, UndoRefusesWhatALaterDeliveryChanged) {
    const auto first = import(service("1", "Eins"));
    const auto second = import(service("1", "Zwei"));
    const auto refused = undo_delivery(db(), clock_, first.id);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "knowledge.undo_superseded");
    ASSERT_TRUE(undo_delivery(db(), clock_, second.id));
    ASSERT_TRUE(undo_delivery(db(), clock_, first.id));
    EXPECT_EQ(count("knowledge_object"), 0);
    EXPECT_EQ(count("knowledge_public_service"), 0);
    EXPECT_EQ(count("knowledge_text"), 0);
}

TEST_P(DeliveryTest, LaterIsWhatTookEffectLaterWhicheverCameInFirst) {
    import(service("1", "Eins"));
    const auto early = stage(write("early.xml", transfer(service("1", "Zwei"))), false);
    const auto late = stage(write("late.xml", transfer(service("1", "Drei"))), false);
    ASSERT_TRUE(early && late);
    ASSERT_TRUE(apply_delivery(db(), clock_, late->id, options_));
    clock_.advance(std::chrono::hours{1});
    ASSERT_TRUE(apply_delivery(db(), clock_, early->id, options_));
    const auto refused = undo_delivery(db(), clock_, late->id);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "knowledge.undo_superseded");
    ASSERT_TRUE(undo_delivery(db(), clock_, early->id));
    EXPECT_EQ(text("SELECT name FROM knowledge_public_service"), "Drei");
    ASSERT_TRUE(undo_delivery(db(), clock_, late->id));
    EXPECT_EQ(text("SELECT name FROM knowledge_public_service"), "Eins");
}

TEST_P(DeliveryTest, ACompleteDeliveryReplacesItsSourceButNotMuchAtOnce) {
    std::string all;
    for (int i = 0; i < 20; ++i)
        all += service(fmt::format("{}", i), "Leistung");
    import(all, true);
    // One of twenty may go ...
    std::string fewer;
    for (int i = 1; i < 20; ++i)
        fewer += service(fmt::format("{}", i), "Leistung");
    EXPECT_EQ(import(fewer, true).kinds[0], (DeliveryCounts{0, 0, 19, 1}));
    EXPECT_EQ(count("knowledge_object"), 19);
    // ... half of it not.
    const auto half = stage(write("half.xml", transfer(service("1", "Leistung"))), true);
    ASSERT_TRUE(half);
    EXPECT_EQ(half->vanishing, 18);
    const auto refused = apply_delivery(db(), clock_, half->id, options_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "knowledge.delivery_mass_deletion");
    EXPECT_EQ(count("knowledge_object"), 19);
    options_.allow_mass_deletion = true;
    ASSERT_TRUE(apply_delivery(db(), clock_, half->id, options_));
    EXPECT_EQ(count("knowledge_object"), 1);
    ASSERT_TRUE(undo_delivery(db(), clock_, half->id));
    EXPECT_EQ(count("knowledge_object"), 19);
}

// As the reference asks: no order, plain names beside wrapped ones, de beside de-DE, what comes
// once or often, any root of the family, with or without xsi:type, qualified or not.
TEST_P(DeliveryTest, WritesOfManyKindsAreRead) {
    const std::string loose =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<x:antwort xmlns:x=\"http://xoev.de/schemata/xzufi/2_3_1\">"
        "<x:schreibe><x:organisationseinheit><x:name>Bürgerbüro</x:name>"
        "<x:kommunikation><x:kanal><code>02</code></x:kanal><x:kennung>0221 4710-101</x:kennung>"
        "</x:kommunikation><x:kommunikation><x:kanal><code>02</code></x:kanal><x:kennung>"
        "0221 4710-102</x:kennung></x:kommunikation>"
        "<x:id schemeAgencyID=\"L1\">9</x:id></x:organisationseinheit></x:schreibe>"
        "<x:schreibe><x:leistung><x:modulText><x:leikaTextmodul><x:code>03</x:code>"
        "</x:leikaTextmodul><x:inhalt languageCode=\"de-DE\">Hund anmelden</x:inhalt>"
        "</x:modulText><x:referenzLeiKa><x:code>99102013104000</x:code></x:referenzLeiKa>"
        "<x:referenzLeiKa><x:code>99102013104001</x:code></x:referenzLeiKa>"
        "<x:id schemeAgencyID=\"L1\">1</x:id></x:leistung></x:schreibe></x:antwort>";
    const auto staged = stage(write("d.xml", loose));
    ASSERT_TRUE(staged) << describe(staged.error());
    EXPECT_EQ(staged->refused, 0) << to_json(*staged);
    ASSERT_TRUE(apply_delivery(db(), clock_, staged->id, options_));
    EXPECT_EQ(text("SELECT name FROM knowledge_office"), "Bürgerbüro");
    EXPECT_EQ(text("SELECT name FROM knowledge_public_service"), "Hund anmelden");
    EXPECT_EQ(text("SELECT value FROM knowledge_key WHERE scheme = 'leika' ORDER BY value"),
              "99102013104000|99102013104001");
    EXPECT_EQ(text("SELECT value FROM knowledge_contact ORDER BY value"),
              "0221 4710-101|0221 4710-102");
}

TEST_P(DeliveryTest, TheReportNamesWhatChanges) {
    const std::string one = service("1", "Eins") + office("9", "Bürgerbüro");
    const auto first = stage(write("d.xml", transfer(one)), true);
    ASSERT_TRUE(first);
    ASSERT_EQ(first->changes.size(), 2u);
    EXPECT_EQ(first->changes[0].what, "created");
    ASSERT_TRUE(apply_delivery(db(), clock_, first->id, options_));

    const std::string next = service("1", "Eins neu") + service("2", "Zwei");
    const auto staged = stage(write("d.xml", transfer(next)), true);
    ASSERT_TRUE(staged);
    const auto told = [](const DeliveryReport &report) {
        std::string all;
        for (const DeliveryChange &each : report.changes)
            all += each.what + " " + each.object + " " + each.name + "\n";
        return all;
    };
    const std::string expected = "removed office L1/9 Bürgerbüro\nupdated service L1/1 Eins neu\n"
                                 "created service L1/2 Zwei\n";
    EXPECT_EQ(told(*staged), expected);
    EXPECT_NE(to_json(*staged).find(R"({"what":"removed","object":"office L1/9",)"
                                    R"("name":"Bürgerbüro"})"),
              std::string::npos);
    options_.allow_mass_deletion = true;
    const auto applied = apply_delivery(db(), clock_, staged->id, options_);
    ASSERT_TRUE(applied) << describe(applied.error());
    EXPECT_EQ(told(*applied), expected) << "it stays in the report";
    EXPECT_TRUE(applied->findings.empty());
    const auto removing = stage(write("d.xml", transfer(removal("Leistung", "2"))));
    ASSERT_TRUE(removing);
    EXPECT_EQ(told(*removing), "removed service L1/2 Zwei\n");
}

// What a delivery asks to remove counts as what a complete one does not name.
TEST_P(DeliveryTest, ADeliveryThatAsksToRemoveMuchIsRefusedToo) {
    std::string all, most_of_it, kept;
    for (int i = 0; i < 30; ++i)
        all += service(fmt::format("{}", i), "Leistung");
    import(all, true);
    for (int i = 0; i < kFewRemovals + 1; ++i)
        most_of_it += removal("Leistung", fmt::format("{}", i));
    for (int i = 0; i < 30; ++i)
        kept += i < 4 ? removal("Leistung", fmt::format("{}", i))
                      : service(fmt::format("{}", i), "Leistung");
    for (const auto &[content, complete, vanishing] :
         {std::tuple{most_of_it, false, "21"}, {kept, true, "4"}}) {
        const auto staged = stage(write("d.xml", transfer(content)), complete);
        ASSERT_TRUE(staged);
        const auto refused = apply_delivery(db(), clock_, staged->id, options_);
        ASSERT_FALSE(refused) << complete;
        EXPECT_EQ(refused.error().code, "knowledge.delivery_mass_deletion");
        EXPECT_EQ(refused.error().arguments.front().second, vanishing);
        EXPECT_EQ(count("knowledge_object"), 30);
        ASSERT_TRUE(discard_delivery(db(), staged->id));
    }
    // A few of a delivery of changes are nothing special, however small the source is.
    std::string few;
    for (int i = 0; i < kFewRemovals; ++i)
        few += removal("Leistung", fmt::format("{}", i));
    import(few);
    EXPECT_EQ(count("knowledge_object"), 10);
}

// A broken object is no wish to remove it, and never takes the place of a readable one.
TEST_P(DeliveryTest, WhatACompleteDeliveryNamesAndCannotBeReadStays) {
    const auto nameless = [](const std::string &id) { return office(id, ""); };
    std::string all = office("1", "Bürgerbüro") + office("2", "Standesamt");
    for (int i = 0; i < 20; ++i)
        all += service(fmt::format("{}", i), "Leistung");
    const auto first = import(all, true);
    EXPECT_EQ(first.kinds[2].created + first.kinds[1].created, 2) << to_json(first);
    const std::string services =
        all.substr(office("1", "Bürgerbüro").size() + office("2", "Standesamt").size());
    const auto second = import(nameless("1") + nameless("2") + office("2", "Standesamt Mitte") +
                                   nameless("2") + nameless("99") + services,
                               true);
    EXPECT_EQ(second.refused, 4) << to_json(second);
    EXPECT_EQ(second.vanishing, 0);
    EXPECT_EQ(text("SELECT name FROM knowledge_office WHERE name LIKE 'B%'"), "Bürgerbüro");
    EXPECT_EQ(text("SELECT name FROM knowledge_office WHERE name LIKE 'S%'"), "Standesamt Mitte");
    EXPECT_EQ(count("knowledge_object"), 22);
}

TEST_P(DeliveryTest, ACompleteDeliveryLeavesOtherSourcesAlone) {
    import(service("1", "Eins"));
    const auto path = write("other.xml", transfer(service("2", "Zwei")));
    const DeliveryOptions other{.path = path, .source = "other", .complete = true};
    const auto staged = stage_delivery(db(), clock_, other);
    ASSERT_TRUE(staged);
    EXPECT_EQ(staged->vanishing, 0);
    ASSERT_TRUE(apply_delivery(db(), clock_, staged->id, other));
    EXPECT_EQ(count("knowledge_object"), 2);
}

TEST_P(DeliveryTest, DryRunLeavesNothing) {
    const auto staged = stage(write("d.xml", transfer(service("1", "Eins"))));
    ASSERT_TRUE(staged);
    ASSERT_TRUE(discard_delivery(db(), staged->id));
    for (const char *table : {"knowledge_staged", "knowledge_delivery", "knowledge_object",
                              "knowledge_finding", "knowledge_change"}) {
        EXPECT_EQ(count(table), 0) << table;
    }
}

TEST_P(DeliveryTest, TheTelephoneTextSurvivesEveryImport) {
    import(service("1", "Eins"));
    ASSERT_TRUE(db().write([&](storage::Connection &connection) -> Expected<void> {
        const auto done = connection.run(
            "INSERT INTO knowledge_telephone_text (service, municipality, text, expires_on) "
            "VALUES ($1, 0, 'Ein Satz.', '')",
            {object_id(ObjectKind::service, "L1", "1")});
        if (!done) return tl::unexpected(done.error());
        return {};
    }));
    import(service("1", "Anders"));
    import(removal("Leistung", "1"));
    import(service("1", "Wieder da"), true);
    EXPECT_EQ(text("SELECT t.text FROM knowledge_telephone_text t "
                   "JOIN knowledge_public_service s ON s.id = t.service"),
              "Ein Satz.");
}

// ---- export -----------------------------------------------------------------------------------

TEST_P(DeliveryTest, UnknownElementsComeOutUnchanged) {
    const std::string strange =
        "<xzufi:neuesFeld art=\"x\"><xzufi:wert>1 &lt; 2</xzufi:wert></xzufi:neuesFeld>"
        "<f:extra xmlns:f=\"urn:fremd\" f:a=\"1\"><f:b>Text <f:c/> mehr</f:b></f:extra>";
    import(service("1", "Eins", strange));
    const std::string out = exported();
    EXPECT_NE(out.find(strange), std::string::npos) << out;
}

TEST_P(DeliveryTest, ExportReadsBackToTheSame) {
    import(service("1", "Eins", samples::module("06", "&lt;p&gt;Text &amp;amp; mehr&lt;/p&gt;")) +
           office("7", "Amt &amp; Co") + responsibility("9", "1", "7", "032410010010"));
    for (const std::string version : {"2_2_0", "2_3_1"}) {
        const std::string out = exported({.version = version});
        EXPECT_EQ(out, exported({.version = version})); // deterministic
        EXPECT_NE(out.find("schemata/xzufi/" + version), std::string::npos);
        const auto again = stage(write("again.xml", out));
        ASSERT_TRUE(again) << describe(again.error());
        EXPECT_EQ(again->kinds[0], (DeliveryCounts{0, 0, 1, 0}));
        EXPECT_EQ(again->kinds[2], (DeliveryCounts{0, 0, 1, 0}));
        EXPECT_EQ(again->kinds[5], (DeliveryCounts{0, 0, 1, 0}));
    }
    EXPECT_FALSE(export_xzufi(db(), {.version = "3_0_0"}, std::cout));
}

TEST_P(DeliveryTest, ExportsAMunicipalityAndAChangeSet) {
    import(service("1", "Eins") + service("2", "Zwei") + office("7", "Hier") + office("8", "Dort") +
           responsibility("a", "1", "7", "032410010010") +
           responsibility("b", "2", "8", "032410019019"));
    const std::string here = exported({.area = AreaId{32410010010}});
    EXPECT_NE(here.find("Eins"), std::string::npos);
    EXPECT_NE(here.find("Hier"), std::string::npos);
    EXPECT_EQ(here.find("Zwei"), std::string::npos);
    EXPECT_EQ(here.find("Dort"), std::string::npos);
    const std::string region = exported({.area = AreaId{32410000000}});
    EXPECT_NE(region.find("Eins"), std::string::npos);
    EXPECT_NE(region.find("Zwei"), std::string::npos);
    const std::int64_t generation = ask("SELECT generation FROM knowledge_state");
    import(service("2", "Zwei neu") + removal("Organisationseinheit", "8"));
    const std::string changes = exported({.since = generation});
    EXPECT_EQ(changes.find("Eins"), std::string::npos);
    EXPECT_NE(changes.find("Zwei neu"), std::string::npos);
    EXPECT_NE(changes.find("<xzufi:loesche klasse=\"Organisationseinheit\"><xzufi:id "
                           "schemeAgencyID=\"L1\" schemeID=\"Organisationseinheit\">8<"),
              std::string::npos)
        << changes;
}

// What the Land answers for holds in Langenhagen, too; offices come with those above them.
TEST_P(DeliveryTest, AMunicipalitysExportIsWholeInItself) {
    const auto below = [](std::string_view id) {
        return fmt::format("<xzufi:uebergeordneteOrganisationseinheitID schemeAgencyID=\"L1\" "
                           "schemeID=\"Organisationseinheit\">{}"
                           "</xzufi:uebergeordneteOrganisationseinheitID>",
                           id);
    };
    import(service("1", "Vom Land") + service("2", "Von hier") + service("3", "Von anderswo") +
           office("L", "Landesamt") + office("A", "Abteilung", below("M")) +
           office("M", "Ministerium", below("A")) + // a ring, as deliveries have them
           office("X", "Anderswo") + responsibility("91", "1", "L", "030000000000") +
           responsibility("92", "2", "A", "032410010010") +
           responsibility("93", "3", "X", "032410019019"));
    const std::string out = exported({.area = parse_area("032410010010")});
    for (const char *name : {"Vom Land", "Von hier", "Landesamt", "Abteilung", "Ministerium"})
        EXPECT_NE(out.find(name), std::string::npos) << name;
    EXPECT_EQ(out.find("anderswo"), std::string::npos);
    EXPECT_EQ(out.find("Anderswo"), std::string::npos);
    EXPECT_EQ(out, exported({.area = parse_area("032410010010")}));
    const auto again = stage(write("again.xml", out));
    ASSERT_TRUE(again) << describe(again.error());
    EXPECT_EQ(again->dangling + again->refused + again->notes, 0);
}

TEST_P(DeliveryTest, OwnTextsLeaveAsSpecialisationsInternalOnesNever) {
    import(service("1", "Eins") + office("7", "Amt") +
           responsibility("9", "1", "7", "032410010010"));
    const ServiceId id{object_id(ObjectKind::service, "L1", "1")};
    const MunicipalityId town{32'410'010'010};
    ASSERT_TRUE(put_telephone_text(
        db(), clock_, {.service = id, .municipality = town, .text = "Ein Satz & mehr."}));
    LocalText own{.service = id,
                  .municipality = town,
                  .section = SectionKey::documents,
                  .lines = {"Ein <b> Foto"}};
    ASSERT_TRUE(put_local_text(db(), clock_, own));
    own.internal = true;
    own.lines = {"Nur für uns"};
    ASSERT_TRUE(put_local_text(db(), clock_, own));
    EXPECT_EQ(exported().find("Ein Satz"), std::string::npos); // only when asked for
    const ExportOptions wanted{.area = town, .own_texts = true};
    const std::string out = exported(wanted);
    EXPECT_EQ(out, exported(wanted));
    EXPECT_EQ(out.find("Nur für uns"), std::string::npos);
    EXPECT_EQ(
        exported({.area = MunicipalityId{32'410'019'019}, .own_texts = true}).find("Ein Satz"),
        std::string::npos);
    const auto again = stage(write("again.xml", out));
    ASSERT_TRUE(again) << describe(again.error());
    EXPECT_EQ(again->kinds[1], (DeliveryCounts{1, 0, 0, 0}));
    EXPECT_EQ(again->refused + again->notes + again->dangling, 0);
    ASSERT_TRUE(apply_delivery(db(), clock_, again->id, options_));
    EXPECT_EQ(text("SELECT t.module || ' ' || t.html FROM knowledge_text t JOIN "
                   "knowledge_specialisation s ON s.id = t.owner ORDER BY t.module"),
              "05 <p>Ein Satz &amp; mehr.</p>|08 <p>Ein &lt;b&gt; Foto</p>");
}

TEST_P(DeliveryTest, TheDemoLeavesAndComesBackUnchanged) {
    const auto seeded = seed_demo_services(db(), FERNAMT_SOURCE_DIR "/data/knowledge");
    ASSERT_TRUE(seeded);
    const auto again = stage(write("demo.xml", exported({.version = "2_2_0"})));
    ASSERT_TRUE(again) << describe(again.error());
    EXPECT_EQ(again->objects, seeded->objects);
    EXPECT_EQ(again->refused + again->notes + again->dangling, 0);
    for (const DeliveryCounts &counts : again->kinds) {
        EXPECT_EQ(counts.created + counts.updated + counts.removed, 0);
    }
}

// ---- folders and archives ---------------------------------------------------------------------

void make_zip(const std::string &path,
              const std::vector<std::pair<std::string, std::string>> &files) {
    int error = 0;
    zip_t *archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &error);
    ASSERT_TRUE(archive);
    for (const auto &[name, content] : files) {
        zip_source_t *source = zip_source_buffer(archive, content.data(), content.size(), 0);
        ASSERT_GE(zip_file_add(archive, name.c_str(), source, 0), 0);
    }
    ASSERT_EQ(zip_close(archive), 0);
}

TEST_P(DeliveryTest, FollowsTheIndexOfAFolder) {
    write("f/index.txt", "\xEF\xBB\xBF"
                         "b.xml\r\na.xml\r\n\r\n");
    write("f/a.xml", transfer(service("1", "A")));
    write("f/b.xml", transfer(service("1", "B") + service("2", "B")));
    write("f/not-named.xml", transfer(service("3", "C")));
    const auto staged = stage(directory_.path() + "/f");
    ASSERT_TRUE(staged) << describe(staged.error());
    EXPECT_EQ(staged->files, 2);
    EXPECT_EQ(staged->duplicates, 1);
    ASSERT_TRUE(apply_delivery(db(), clock_, staged->id, options_));
    EXPECT_EQ(text("SELECT name FROM knowledge_public_service ORDER BY name"), "A|B");
}

TEST_P(DeliveryTest, RefusesIncompleteEmptyAndCunningIndexes) {
    const auto code = [&](const std::string &folder) {
        const auto staged = stage(directory_.path() + "/" + folder, true);
        EXPECT_EQ(count("knowledge_delivery"), 0);
        return staged ? "" : staged.error().code;
    };
    write("missing/index.txt", "a.xml\nb.xml\n");
    write("missing/a.xml", transfer(service("1", "A")));
    EXPECT_EQ(code("missing"), "knowledge.delivery_incomplete");
    write("empty/index.txt", "\r\n");
    write("empty/a.xml", transfer(service("1", "A")));
    EXPECT_EQ(code("empty"), "knowledge.delivery_empty");
    write("out/index.txt", "../missing/a.xml\n");
    EXPECT_EQ(code("out"), "knowledge.delivery_name");
    write("absolute/index.txt", "/etc/passwd\n");
    EXPECT_EQ(code("absolute"), "knowledge.delivery_name");
    EXPECT_EQ(code("nowhere"), "knowledge.delivery_unreadable");
    write("hollow/index.txt", "a.xml\n");
    write("hollow/a.xml", transfer(""));
    EXPECT_EQ(code("hollow"), "knowledge.delivery_empty");
}

TEST_P(DeliveryTest, ReadsArchives) {
    const std::string path = directory_.path() + "/delivery.zip";
    make_zip(path, {{"x/index.txt", "a.xml\n"},
                    {"x/a.xml", transfer(service("1", "A"))},
                    {"x/b.xml", transfer(service("2", "B"))}});
    const auto staged = stage(path);
    ASSERT_TRUE(staged) << describe(staged.error());
    EXPECT_EQ(staged->objects, 1);
    // An archive that is cut off, and one that swells without measure.
    std::ifstream in(path, std::ios::binary);
    std::stringstream whole;
    whole << in.rdbuf();
    const auto cut = stage(write("cut.zip", whole.str().substr(0, whole.str().size() - 30)));
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().code, "knowledge.delivery_unreadable");
    const std::string bomb = directory_.path() + "/bomb.zip";
    make_zip(bomb,
             {{"a.xml", samples::head() + std::string(30'000'000, ' ') + "</xzufi:transfer>"}});
    const auto swollen = stage(bomb);
    ASSERT_FALSE(swollen);
}

// ---- bad input --------------------------------------------------------------------------------

TEST_P(DeliveryTest, RefusesWhatIsNoDelivery) {
    const std::string good = transfer(service("1", "Eins"));
    EXPECT_EQ(problem_of(good.substr(0, good.size() / 2)), "knowledge.xml_malformed");
    EXPECT_EQ(problem_of(good.substr(0, good.size() - 5)), "knowledge.xml_malformed");
    EXPECT_EQ(problem_of(""), "knowledge.xml_malformed");
    EXPECT_EQ(problem_of("{\"json\":true}"), "knowledge.xml_malformed");
    EXPECT_EQ(problem_of("<a/>"), "knowledge.xzufi_namespace");
    EXPECT_EQ(problem_of("<a xmlns=\"http://xoev.de/schemata/xfall/2_2_0\"/>"),
              "knowledge.xzufi_namespace");
    // Latin 1 that calls itself UTF-8; the same said honestly is read.
    EXPECT_EQ(problem_of(transfer(service("1", "M\xFCll"))), "knowledge.xml_malformed");
    std::string latin = transfer(service("1", "M\xFCll"));
    latin.replace(latin.find("UTF-8"), 5, "ISO-8859-1");
    const auto honest = stage(write("latin.xml", latin));
    ASSERT_TRUE(honest) << describe(honest.error());
    ASSERT_TRUE(apply_delivery(db(), clock_, honest->id, options_));
    EXPECT_EQ(text("SELECT name FROM knowledge_public_service"), "Müll");
}

TEST_P(DeliveryTest, OneBrokenFileStopsTheWholeDelivery) {
    write("f/index.txt", "a.xml\nb.xml\n");
    write("f/a.xml", transfer(service("1", "A")));
    write("f/b.xml", "<broken");
    const auto staged = stage(directory_.path() + "/f");
    ASSERT_FALSE(staged);
    EXPECT_EQ(staged.error().arguments.back().second, "b.xml"); // it says where
    EXPECT_EQ(count("knowledge_staged"), 0);
}

TEST_P(DeliveryTest, NoEntitiesWhatever) {
    const std::string body = "<xzufi:transfer xmlns:xzufi=\"http://xoev.de/schemata/xzufi/2_2_0\">"
                             "&x;</xzufi:transfer>";
    std::string bomb = "<!DOCTYPE t [<!ENTITY a0 \"ha\">";
    for (int i = 1; i < 30; ++i)
        bomb += fmt::format("<!ENTITY a{} \"&a{};&a{};\">", i, i - 1, i - 1);
    // Either libxml2's own guard or ours is first.
    EXPECT_TRUE(problem_of(bomb + "<!ENTITY x \"&a29;\">]>" + body).starts_with("knowledge.xml_"));
    EXPECT_EQ(problem_of("<!DOCTYPE t [<!ENTITY x \"ha\">]>" + body), "knowledge.xml_doctype");
    write("secret.txt", "geheim");
    EXPECT_EQ(problem_of("<!DOCTYPE t [<!ENTITY x SYSTEM \"" + directory_.path() +
                         "/secret.txt\">]>" + body),
              "knowledge.xml_doctype");
    EXPECT_EQ(problem_of("<!DOCTYPE t SYSTEM \"http://127.0.0.1:1/x.dtd\">" + body),
              "knowledge.xml_doctype");
    EXPECT_EQ(problem_of(body), "knowledge.xml_malformed"); // an entity nobody declared
}

TEST_P(DeliveryTest, NestedDeeply) {
    const auto nested = [](int levels) {
        std::string text;
        for (int i = 0; i < levels; ++i)
            text += "<xzufi:tief>";
        text += "Grund";
        for (int i = 0; i < levels; ++i)
            text += "</xzufi:tief>";
        return text;
    };
    import(service("1", "Eins", nested(10)));
    EXPECT_NE(exported().find(nested(10)), std::string::npos);
    before_ = 1; // the good one
    EXPECT_EQ(problem_of(transfer(service("2", "Zwei", nested(100'000)))),
              "knowledge.xml_malformed");
}

TEST_P(DeliveryTest, ObjectsThatAreNotUsableAreReportedAndTheOthersTaken) {
    const auto report =
        import("<xzufi:schreibe><xzufi:leistung><xzufi:id/></xzufi:leistung></xzufi:schreibe>"
               "<xzufi:schreibe/><xzufi:schreibe><xzufi:kuchen/></xzufi:schreibe>"
               "<xzufi:loesche klasse=\"Kuchen\"><xzufi:id>1</xzufi:id></xzufi:loesche>"
               "<xzufi:loesche klasse=\"Leistung\"/>"
               "<xzufi:unbekannt><xzufi:x/></xzufi:unbekannt>" +
               office("7", "") + responsibility("9", "", "7", "032410010010") +
               responsibility("10", "1", "7", "999") + service("1", "Eins"));
    EXPECT_EQ(report.refused, 8);
    EXPECT_EQ(report.objects, 1);
    EXPECT_EQ(text("SELECT code FROM knowledge_finding ORDER BY ordinal"),
              "service_without_name|object_without_id|object_missing|object_unknown|class_unknown|"
              "object_without_id|"
              "office_without_name|responsibility_without_service|responsibility_without_service|"
              "area_unknown|area_unknown");
    EXPECT_GT(ask("SELECT MIN(line) FROM knowledge_finding"), 0);
}

TEST_P(DeliveryTest, TypedHoursAreWrittenOutOrNamed) {
    const auto entry = [](const char *day, const char *from, const char *until,
                          const char *more = "") {
        return fmt::format("<xzufi:zeitserie><xzufi:wochentag>{}</xzufi:wochentag><xzufi:beginn>{}"
                           "</xzufi:beginn><xzufi:ende>{}</xzufi:ende>{}</xzufi:zeitserie>",
                           day, from, until, more);
    };
    const auto hours = [](const std::string &name, const std::string &inside) {
        return fmt::format("<xzufi:{0}>{1}</xzufi:{0}>", name, inside);
    };
    const std::string typed =
        hours("erreichbarkeit", entry("Montag", "08:00:00", "12:00:00") +
                                    entry("<code>2</code><name>Dienstag</name>", "14:00", "18:00",
                                          "<xzufi:zusatz>nur Bürgerbüro</xzufi:zusatz>"));
    const auto report = import(office("7", "Amt", typed) +
                               office("8", "Amt",
                                      hours("oeffnungszeiten", entry("DO", "07:30:00", "24:00:00") +
                                                                   entry("So", "10:00", "12:00"))) +
                               office("9", "Amt",
                                      hours("oeffnungszeiten", "Fr 8-12") +
                                          hours("erreichbarkeit", entry("Mo", "08:00", "09:00"))));
    EXPECT_EQ(report.notes, 0);
    EXPECT_EQ(text("SELECT hours_text FROM knowledge_office ORDER BY hours_text"),
              "Donnerstag 07:30 bis 24:00 Uhr\nSonntag 10:00 bis 12:00 Uhr|Fr 8-12|"
              "Montag 08:00 bis 12:00 Uhr\nDienstag 14:00 bis 18:00 Uhr nur Bürgerbüro");
    EXPECT_NE(exported().find(typed), std::string::npos) << "it leaves as it came";

    const auto named =
        import(office("10", "Amt", hours("oeffnungszeiten", entry("1", "08:00", "12:00"))) +
               office("11", "Amt",
                      hours("oeffnungszeiten",
                            entry("Montag", "08:00", "12:00", "<xzufi:typ>02</xzufi:typ>"))) +
               office("12", "Amt", hours("oeffnungszeiten", entry("Montag", "früh", "12:00"))));
    EXPECT_EQ(named.notes, 3);
    EXPECT_EQ(text("SELECT code FROM knowledge_finding ORDER BY ordinal"),
              "hours_not_understood|hours_not_understood|hours_not_understood");
    EXPECT_EQ(text("SELECT detail FROM knowledge_finding ORDER BY ordinal"),
              "1 08:00 12:00|Montag 08:00 12:00 02|Montag früh 12:00");
}

// A finding's words are cut between characters: bytes that are no text would end the delivery.
TEST_P(DeliveryTest, WhatAFindingQuotesIsCutBetweenCharacters) {
    for (const std::string_view before : {"", "x"}) {
        std::string words(before);
        for (int i = 0; i < 60; ++i)
            words += "ü";
        const auto report =
            import(office("7", "Amt",
                          fmt::format("<xzufi:erreichbarkeit><xzufi:zeitserie><xzufi:wochentag>Mo"
                                      "</xzufi:wochentag><xzufi:zusatz>{}</xzufi:zusatz>"
                                      "</xzufi:zeitserie></xzufi:erreichbarkeit>",
                                      words)));
        EXPECT_EQ(report.notes, 1);
    }
}

TEST_P(DeliveryTest, AnExportOfNothingThatCanBeIsRefused) {
    import(service("1", "Eins"));
    std::ostringstream out;
    const auto area = export_xzufi(db(), {.area = AreaId{999'999'999'999}}, out);
    ASSERT_FALSE(area);
    EXPECT_EQ(area.error().code, "knowledge.export_area");
    const auto since = export_xzufi(db(), {.since = 9'999}, out);
    ASSERT_FALSE(since);
    EXPECT_EQ(since.error().code, "knowledge.export_since");
    EXPECT_EQ(out.str(), "") << "before anything is written";
    const auto now = export_xzufi(db(), {}, out);
    ASSERT_TRUE(now);
    EXPECT_TRUE(export_xzufi(db(), {.since = now->generation}, out)) << "nothing has changed";
}

TEST_P(DeliveryTest, DuplicateIdsTheLastCountsDanglingOnesAreKept) {
    const auto report =
        import(service("1", "Erst") + service("1", "Zuletzt") + service("2", "Da") +
               removal("Leistung", "2") + responsibility("9", "nirgends", "7", "032410010010"));
    EXPECT_EQ(report.duplicates, 2);
    EXPECT_EQ(report.dangling, 1);
    EXPECT_EQ(text("SELECT name FROM knowledge_public_service"), "Zuletzt");
    EXPECT_EQ(count("knowledge_responsibility"), 1);
    // What it pointed to comes later.
    import(service("nirgends", "Jetzt da"));
    EXPECT_EQ(text("SELECT s.name FROM knowledge_responsibility r JOIN knowledge_public_service s "
                   "ON s.id = r.service"),
              "Jetzt da");
}

TEST_P(DeliveryTest, TwoKeysWithOneIdTheFirstStays) {
    import(service("1", "Eins"));
    ASSERT_TRUE(db().write([&](storage::Connection &connection) -> Expected<void> {
        const auto done = connection.run("UPDATE knowledge_object SET local_id = 'other'");
        if (!done) return tl::unexpected(done.error());
        return {};
    }));
    const auto report = import(service("1", "Anders") + service("2", "Zwei"));
    EXPECT_EQ(report.refused, 1);
    EXPECT_EQ(text("SELECT code FROM knowledge_finding"), "id_collision");
    EXPECT_EQ(text("SELECT name FROM knowledge_public_service ORDER BY name"), "Eins|Zwei");
}

// <inhalt><p>..</p></inhalt> instead of escaped text: some producers do that.
TEST_P(DeliveryTest, MarkupThatWasNotEscapedIsATextToo) {
    const std::string body =
        "<xzufi:modulText><xzufi:inhalt languageCode=\"de\">"
        "<p xmlns=\"http://www.w3.org/1999/xhtml\">Bringen Sie <b>zwei</b> Fotos mit &amp; 37 &lt; "
        "40 Euro.<script>x()</script></p></xzufi:inhalt><xzufi:leikaTextmodul><code>06</code>"
        "</xzufi:leikaTextmodul></xzufi:modulText>";
    import(service("1", "Eins", body));
    EXPECT_EQ(text("SELECT html FROM knowledge_text WHERE module = '06'"),
              "<p>Bringen Sie <b>zwei</b> Fotos mit &amp; 37 &lt; 40 Euro.</p>");
    const std::string out = exported();
    EXPECT_NE(out.find("zwei&lt;/b&gt;"), std::string::npos);
    EXPECT_EQ(out.find("x()"), std::string::npos);
}

TEST_P(DeliveryTest, ScriptsAreTakenOut) {
    const auto report = import(service(
        "1", "Eins",
        samples::module("06", "&lt;p onclick='x()'&gt;Gut&lt;script&gt;alert(1)&lt;/script&gt;"
                              "&lt;/p&gt;") +
            "<xzufi:modulUrsprungsportal><xzufi:uri>javascript:alert(1)</xzufi:uri>"
            "</xzufi:modulUrsprungsportal>"));
    EXPECT_EQ(report.notes, 2);
    EXPECT_EQ(text("SELECT html FROM knowledge_text WHERE module = '06'"), "<p>Gut</p>");
    EXPECT_EQ(count("knowledge_link"), 0);
    EXPECT_EQ(exported().find("script&gt;"), std::string::npos);
}

TEST_P(DeliveryTest, AnArticleOfTwoMegabytesIsFineOneOfTwentyIsNot) {
    std::string paragraphs;
    while (paragraphs.size() < 2'000'000)
        paragraphs += "&lt;p&gt;Ein Absatz, wie er in langen Artikeln vorkommt.&lt;/p&gt;";
    import(service("1", "Lang", samples::module("06", paragraphs)));
    EXPECT_GT(ask("SELECT LENGTH(html) FROM knowledge_text WHERE module = '06'"), 1'500'000);
    std::string modules;
    while (modules.size() < 20'000'000)
        modules += samples::module("06", paragraphs);
    before_ = 1;
    EXPECT_EQ(problem_of(transfer(service("2", "Endlos", modules))), "knowledge.object_too_large");
}

TEST_P(DeliveryTest, ObeysAnOperatorsSchema) {
    const std::string schema = write(
        "s.xsd", "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" "
                 "targetNamespace=\"http://xoev.de/schemata/xzufi/2_2_0\" "
                 "xmlns=\"http://xoev.de/schemata/xzufi/2_2_0\" elementFormDefault=\"qualified\">"
                 "<xs:element name=\"transfer\"><xs:complexType><xs:sequence>"
                 "<xs:element name=\"loesche\" maxOccurs=\"unbounded\"><xs:complexType>"
                 "<xs:sequence><xs:element name=\"id\"><xs:complexType><xs:simpleContent>"
                 "<xs:extension base=\"xs:string\"><xs:attribute name=\"schemeAgencyID\" "
                 "type=\"xs:string\"/></xs:extension></xs:simpleContent></xs:complexType>"
                 "</xs:element></xs:sequence><xs:attribute name=\"klasse\" type=\"xs:string\"/>"
                 "</xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>"
                 "</xs:schema>");
    const auto with_schema = [&](const std::string &body) {
        const DeliveryOptions options{
            .path = write("v.xml", transfer(body)), .source = "test", .schema_file = schema};
        const auto staged = stage_delivery(db(), clock_, options);
        return staged ? "" : staged.error().code;
    };
    EXPECT_EQ(with_schema(removal("Leistung", "1")), "");
    EXPECT_EQ(with_schema(service("1", "Eins")), "knowledge.schema_violated");
    // The second file is the wrong one: that it is said to be.
    write("two/index.txt", "a.xml\nb.xml\n");
    write("two/a.xml", transfer(removal("Leistung", "1")));
    write("two/b.xml", transfer("\n\n<xzufi:stelle/>"));
    const auto second = stage_delivery(
        db(), clock_,
        {.path = directory_.path() + "/two", .source = "test", .schema_file = schema});
    ASSERT_FALSE(second);
    EXPECT_EQ(argument(second.error(), "file"), "b.xml");
    const std::string head = samples::head();
    EXPECT_EQ(argument(second.error(), "line"), std::to_string(std::ranges::count(head, '\n') + 3));
    EXPECT_NE(argument(second.error(), "what").find("stelle"), std::string::npos);
    EXPECT_NE(argument(second.error(), "remedy"), "");
    // What stands in the delivery is not repeated: the message goes to the log.
    std::ifstream in(schema);
    std::string strict(std::istreambuf_iterator<char>(in), {});
    const std::string any = "base=\"xs:string\"";
    strict.replace(strict.find(any), any.size(), "base=\"xs:integer\"");
    const auto named =
        stage_delivery(db(), clock_,
                       {.path = write("v.xml", transfer(removal("Leistung", "Muster"))),
                        .source = "test",
                        .schema_file = write("strict.xsd", strict)});
    ASSERT_FALSE(named);
    EXPECT_NE(argument(named.error(), "what").find("id"), std::string::npos);
    EXPECT_EQ(describe(named.error()).find("Muster"), std::string::npos) << describe(named.error());
    const DeliveryOptions missing{.path = kSynthetic, .schema_file = directory_.path() + "/no.xsd"};
    const auto staged = stage_delivery(db(), clock_, missing);
    ASSERT_FALSE(staged);
    EXPECT_EQ(staged.error().code, "knowledge.schema_unreadable");
    EXPECT_EQ(argument(staged.error(), "file"), missing.schema_file);
}

// Who gets deliveries of two versions names one schema that imports both.
TEST_P(DeliveryTest, ASchemaMayImportThoseOfSeveralVersions) {
    const auto removals = [](const std::string &version) {
        return "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" targetNamespace=\""
               "http://xoev.de/schemata/xzufi/" +
               version +
               "\" elementFormDefault=\"qualified\"><xs:element name=\"transfer\"><xs:complexType>"
               "<xs:sequence><xs:element name=\"loesche\" maxOccurs=\"unbounded\"/></xs:sequence>"
               "</xs:complexType></xs:element></xs:schema>";
    };
    write("xsd/2_2_0.xsd", removals("2_2_0"));
    write("xsd/2_3_1.xsd", removals("2_3_1"));
    const auto importing = [](const std::string &version, const std::string &file) {
        return "<xs:import namespace=\"http://xoev.de/schemata/xzufi/" + version +
               "\" schemaLocation=\"" + file + "\"/>";
    };
    const std::string begin = "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">\n";
    const std::string both =
        write("xsd/both.xsd", begin + importing("2_2_0", "2_2_0.xsd") +
                                  importing("2_3_1", "2_3_1.xsd") + "</xs:schema>");
    const auto with_schema = [&](const std::string &schema, const std::string &text) {
        const auto staged =
            stage_delivery(db(), clock_, {.path = write("v.xml", text), .schema_file = schema});
        return staged ? "" : staged.error().code;
    };
    const std::string newer = transfer(removal("Leistung", "1"), "2_3_1");
    EXPECT_EQ(with_schema(both, newer), "");
    EXPECT_EQ(with_schema(both, transfer(removal("Leistung", "1"))), "");
    EXPECT_EQ(with_schema(both, transfer(service("1", "Eins"))), "knowledge.schema_violated");
    EXPECT_EQ(with_schema(directory_.path() + "/xsd/2_2_0.xsd", newer),
              "knowledge.schema_violated");

    write("xsd/broken.xsd", begin + "<xs:element/>\n</xs:schema>");
    const auto broken = XzufiSchema::load(
        write("xsd/outer.xsd", begin + "<xs:include schemaLocation=\"broken.xsd\"/></xs:schema>"));
    ASSERT_FALSE(broken);
    EXPECT_NE(argument(broken.error(), "what").find("broken.xsd, line 2"), std::string::npos)
        << describe(broken.error());
    const auto torn = XzufiSchema::load(
        write("xsd/torn.xsd", begin + importing("2_2_0", "gone.xsd") + "</xs:schema>"));
    ASSERT_FALSE(torn);
    EXPECT_NE(argument(torn.error(), "what").find("gone.xsd"), std::string::npos);
}

// A service that starts takes for torn what was opened at that moment; it is read all the same.
TEST_P(DeliveryTest, WhatIsReadAfterAllHasNoProblem) {
    const DeliveryOptions options{.path = kSynthetic, .source = "test"};
    const auto id = open_delivery(db(), clock_, options);
    ASSERT_TRUE(id);
    ASSERT_TRUE(clean_up_deliveries(db(), clock_));
    ASSERT_TRUE(find_delivery(db(), *id)->problem);
    const auto read = read_delivery(db(), clock_, *id, options);
    ASSERT_TRUE(read) << describe(read.error());
    EXPECT_EQ(read->state, "staged");
    EXPECT_FALSE(read->problem);
    EXPECT_FALSE(read->finished);
}

TEST_P(DeliveryTest, GoesOnWhereAnInterruptedApplyStopped) {
    const auto staged =
        stage(write("d.xml", transfer(service("1", "Eins") + service("2", "Zwei"))));
    ASSERT_TRUE(staged);
    // As after kill -9 in the middle: the state says so, one object is done already.
    ASSERT_TRUE(apply_delivery(db(), clock_, staged->id, options_));
    const auto more = stage(write("e.xml", transfer(service("2", "Neu") + service("3", "Drei"))));
    ASSERT_TRUE(more);
    ASSERT_TRUE(db().write([&](storage::Connection &connection) -> Expected<void> {
        const auto done = connection.run(
            "UPDATE knowledge_delivery SET state = 'applying' WHERE id = $1", {more->id});
        if (!done) return tl::unexpected(done.error());
        return {};
    }));
    close();
    ASSERT_TRUE(apply_delivery(db(), clock_, more->id, options_));
    EXPECT_EQ(text("SELECT name FROM knowledge_public_service ORDER BY name"), "Drei|Eins|Neu");
}

} // namespace
} // namespace fernamt::knowledge
