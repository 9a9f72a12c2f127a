// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/demo_services.h"
#include "knowledge/directory.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fernamt::knowledge {
namespace {

constexpr MunicipalityId kHere{32410010010};
constexpr MunicipalityId kThere{32410019019};
constexpr const char *kList = "\xEF\xBB\xBF"
                              "Amt;Name;Funktion;Telefon;E-Mail;Raum;Vertretung;Zeiten\r\n"
                              "Bürgerbüro;;;02214710 100;;;;Mo-Fr 8-12 Uhr\r\n"
                              "Bürgerbüro;Meike Müßig;\"Pässe; Ausweise\";0221 4710-101;"
                              "meike@example.org;12;Olaf Öhler;\r\n"
                              "Bürgerbüro;Olaf Öhler;Meldewesen;;;13;;\"Mo 8-12\nDi 14-18\"\r\n";
using Faults = std::vector<DirectoryFault>;

TEST(DirectoryCsv, IsReadWithGermanAndEnglishHeaders) {
    const ParsedDirectory parsed = parse_directory(kList);
    EXPECT_EQ(parsed.faults, Faults{});
    ASSERT_EQ(parsed.entries.size(), 3U);
    EXPECT_EQ(parsed.entries[0].telephone, (PhoneNumber{"+492214710100"}));
    EXPECT_EQ(parsed.entries[1].position, "Pässe; Ausweise");
    EXPECT_EQ(parsed.entries[1].substitute, "Olaf Öhler");
    EXPECT_EQ(parsed.entries[2].hours, "Mo 8-12\nDi 14-18");
    const ParsedDirectory english = parse_directory("telephone;office\n115;Zentrale");
    EXPECT_EQ(english.faults, Faults{});
    EXPECT_EQ(english.entries.at(0).telephone, (PhoneNumber{"115"}));
}

TEST(DirectoryCsv, FaultsNameLineAndColumn) {
    EXPECT_EQ(parse_directory("").faults, (Faults{{1, "columns"}}));
    EXPECT_EQ(parse_directory("Name;Telefon\nx;1").faults, (Faults{{1, "columns"}}));
    EXPECT_EQ(parse_directory("Amt;Amt\nx;x").faults, (Faults{{1, "columns"}}));
    EXPECT_EQ(parse_directory("Amt;Farbe\nx;blau").faults, (Faults{{1, "columns"}}));
    EXPECT_EQ(parse_directory("Amt;Telefon\nA;keine Nummer\nB\n;0221 47101\n").faults,
              (Faults{{2, "telephone"}, {3, "columns"}, {4, "office"}}));
    EXPECT_EQ(parse_directory("Amt;Name;Vertretung;E-Mail\n"
                              "\"A\nB\";x;nobody;x@y\nC;y;y;kein\n")
                  .faults,
              (Faults{{4, "email"}, {2, "substitute"}, {4, "substitute"}}));
    std::string long_list = "Amt\n";
    for (std::size_t i = 0; i < kMostDirectoryEntries + 10; ++i)
        long_list += "x\n";
    EXPECT_EQ(parse_directory(long_list).faults.size(), 1U);
    EXPECT_EQ(parse_directory("Amt\n" + std::string(501, 'x')).faults, (Faults{{2, "office"}}));
    EXPECT_EQ(parse_directory("Amt\n\"offen").faults, (Faults{{2, "columns"}}));
}

const Instant kMondayAtNine = to_instant({2026, 11, 23}, 9 * 3600);

class DirectoryTest : public storage::testing::DatabaseTest {
  protected:
    std::vector<FoundEntry> find(MunicipalityId municipality, std::string_view text,
                                 std::size_t limit = 50,
                                 const std::vector<MunicipalityId> &neighbours = {},
                                 const std::vector<std::int64_t> &offices = {}) {
        auto found = find_in_directory(db(), {.municipality = municipality,
                                              .neighbours = neighbours,
                                              .text = text,
                                              .offices = offices,
                                              .limit = limit,
                                              .now = kMondayAtNine});
        EXPECT_TRUE(found);
        return found.value_or(std::vector<FoundEntry>{});
    }
};
FERNAMT_ON_EVERY_ENGINE(DirectoryTest);

TEST_P(DirectoryTest, PeopleAreFoundByBeginningsWithinTheirMunicipality) {
    ASSERT_TRUE(store_directory(db(), kHere, parse_directory(kList).entries));
    EXPECT_EQ(find(kHere, "").size(), 3U);
    EXPECT_EQ(find(kHere, "buerger").size(), 3U);
    ASSERT_EQ(find(kHere, "müss").size(), 1U);
    DirectoryEntry meike = parse_directory(kList).entries[1];
    meike.hours = "Mo-Fr 8-12 Uhr"; // of her office
    EXPECT_EQ(find(kHere, "müss")[0].entry, meike);
    EXPECT_EQ(find(kHere, "olaf melde").size(), 1U);
    EXPECT_TRUE(find(kHere, "olaf pass").empty());
    EXPECT_EQ(find(kHere, "", 2).size(), 2U);
    EXPECT_TRUE(find(kThere, "müss").empty());
    ASSERT_TRUE(store_directory(db(), kHere, {}));
    EXPECT_TRUE(find(kHere, "").empty());
}

TEST_P(DirectoryTest, AreFoundWithATypingErrorAndBesideWordsForHours) {
    ASSERT_TRUE(store_directory(db(), kHere, parse_directory(kList).entries));
    EXPECT_EQ(find(kHere, "Bürgerbüro Öffnungszeiten").size(), 3U);
    EXPECT_EQ(find(kHere, "wann hat das bürgerbürro auf").size(), 3U);
    EXPECT_EQ(find(kHere, "telefon von Miekke").size(), 0U) << "two errors";
    ASSERT_EQ(find(kHere, "telefon von Mieke").size(), 1U);
    EXPECT_EQ(find(kHere, "telefon von Mieke")[0].entry.name, "Meike Müßig");
    // Who is called so is meant, and nobody who is called nearly so.
    ASSERT_TRUE(
        store_directory(db(), kHere,
                        parse_directory("Amt;Name\nA;Anna Preis\nA;Anna Prien\nA;Mieke Post\n"
                                        "A;Meike Post\n")
                            .entries));
    EXPECT_EQ(find(kHere, "anna preis").size(), 1U);
    EXPECT_EQ(find(kHere, "mieke").size(), 1U);
}

TEST_P(DirectoryTest, OfficesThatTheSearchFoundAreThereByOtherWords) {
    ASSERT_TRUE(seed_demo_services(db(), FERNAMT_SOURCE_DIR "/data/knowledge"));
    EXPECT_TRUE(find(kHere, "Einwohnermeldeamt").empty());
    std::int64_t office = 0;
    ASSERT_TRUE(db().read([&](storage::Connection &connection) {
        return connection.each("SELECT id FROM knowledge_office WHERE name = $1",
                               {std::string("Bürgerbüro der Stadt Langenhagen")},
                               [&](const storage::Row &row) {
                                   office = row.integer(0);
                                   return true;
                               });
    }));
    const auto meant = find(kHere, "Einwohnermeldeamt", 50, {}, {office});
    ASSERT_EQ(meant.size(), 1U);
    EXPECT_EQ(meant[0].entry.office, "Bürgerbüro der Stadt Langenhagen");
    EXPECT_NE(meant[0].now.reach, Reach::unknown);
    EXPECT_TRUE(find(kThere, "Einwohnermeldeamt", 50, {}, {office}).empty()) << "not theirs";
    // The town's own line for it stands for it.
    const DirectoryEntry own{.office = "Bürgerservice", .telephone = meant[0].entry.telephone};
    ASSERT_TRUE(store_directory(db(), kHere, {own}));
    const auto after = find(kHere, "Einwohnermeldeamt", 50, {}, {office});
    ASSERT_EQ(after.size(), 1U);
    EXPECT_EQ(after[0].entry.office, "Bürgerservice");
}

TEST_P(DirectoryTest, EachSaysWhetherItCanBeReachedNowAndWhoStandsIn) {
    ASSERT_TRUE(store_directory(db(), kHere, parse_directory(kList).entries));
    const auto meike = find(kHere, "meike");
    ASSERT_EQ(meike.size(), 1U);
    EXPECT_EQ(meike[0].now.reach, Reach::open) << "by the hours of her office";
    EXPECT_EQ(meike[0].now.until, to_instant({2026, 11, 23}, 12 * 3600));
    ASSERT_TRUE(meike[0].substitute);
    EXPECT_EQ(meike[0].substitute->entry.name, "Olaf Öhler");
    EXPECT_EQ(meike[0].substitute->now.until, to_instant({2026, 11, 23}, 12 * 3600));
    EXPECT_FALSE(find(kHere, "olaf")[0].substitute);
}

TEST_P(DirectoryTest, NeighboursStandBelowAndOnlyWithAWordToLookFor) {
    ASSERT_TRUE(store_directory(db(), kHere, parse_directory("Amt\nBauamt\n").entries));
    ASSERT_TRUE(store_directory(db(), kThere, parse_directory("Amt;Name\nBauamt;Anna\n").entries));
    const auto both = find(kThere, "bau", 50, {kHere});
    ASSERT_EQ(both.size(), 2U);
    EXPECT_EQ(both[0].municipality, kThere);
    EXPECT_EQ(both[1].municipality, kHere);
    EXPECT_EQ(find(kThere, "", 50, {kHere}).size(), 1U) << "no list of everybody";
    EXPECT_EQ(find(kThere, "bau").size(), 1U);
}

TEST_P(DirectoryTest, DeliveredOfficesFollowUnlessTheOwnListNamesThem) {
    ASSERT_TRUE(seed_demo_services(db(), FERNAMT_SOURCE_DIR "/data/knowledge"));
    const auto offices = find(kHere, "buergerbuero");
    ASSERT_EQ(offices.size(), 1U);
    EXPECT_TRUE(offices[0].entry.delivered);
    ASSERT_TRUE(offices[0].entry.telephone);
    EXPECT_FALSE(offices[0].entry.hours.empty());
    EXPECT_NE(offices[0].now.reach, Reach::unknown);
    EXPECT_EQ(find(kHere, "kfz").size(), 1U) << "the Region's office answers there, too";
    const auto near = find(kHere, "buergerbuero", 50, {kThere});
    ASSERT_EQ(near.size(), 2U);
    EXPECT_EQ(near[1].municipality, kThere);
    DirectoryEntry own{.office = "Bürgerbüro", .telephone = offices[0].entry.telephone};
    ASSERT_TRUE(store_directory(db(), kHere, {own}));
    const auto after = find(kHere, "buergerbuero");
    ASSERT_EQ(after.size(), 1U);
    EXPECT_FALSE(after[0].entry.delivered);
}

} // namespace
} // namespace fernamt::knowledge
