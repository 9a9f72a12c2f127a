// SPDX-License-Identifier: EUPL-1.2
// The demo's knowledge from its files through the database to search and article. What is stored is
// tested on both engines (KnowledgeStoreTest); searching is done in memory.
#include "knowledge/demo_file.h"
#include "knowledge/demo_services.h"
#include "knowledge/search.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>

namespace fernamt::knowledge {
namespace {

const std::string kFiles = FERNAMT_SOURCE_DIR "/data/knowledge";
constexpr LocalDate kToday{2026, 11, 22};
constexpr MunicipalityId kLangenhagen{32410010010};
constexpr MunicipalityId kWedemark{32410019019};
constexpr MunicipalityId kRegion{32410000000};

std::unique_ptr<Catalogue> seeded_catalogue(storage::Database &database,
                                            const storage::testing::TemporaryDirectory &index) {
    const auto report = seed_demo_services(database, kFiles);
    EXPECT_TRUE(report) << describe(report.error());
    auto loaded = Catalogue::load(database, index.path() + "/search");
    EXPECT_TRUE(loaded) << describe(loaded.error());
    return loaded ? std::move(*loaded) : nullptr;
}

class KnowledgeStoreTest : public storage::testing::DatabaseTest {
  protected:
    void SetUp() override {
        catalogue_ = seeded_catalogue(db(), index_);
        ASSERT_TRUE(catalogue_);
    }
    storage::testing::TemporaryDirectory index_;
    std::unique_ptr<Catalogue> catalogue_;
};
FERNAMT_ON_EVERY_ENGINE(KnowledgeStoreTest);

class KnowledgeTest : public ::testing::Test {
  protected:
    void SetUp() override {
        catalogue_ = seeded_catalogue(database_.open(), index_);
        ASSERT_TRUE(catalogue_);
    }
    [[nodiscard]] SearchResult search(std::string_view query,
                                      std::optional<MunicipalityId> municipality,
                                      std::int64_t limit, const LocalDate &today) const {
        auto result = catalogue_->search(
            {.text = query, .municipality = municipality, .today = today, .limit = limit});
        EXPECT_TRUE(result);
        return result.value_or(SearchResult{});
    }
    [[nodiscard]] std::vector<std::string> names(std::string_view query, std::int64_t limit = 20) {
        std::vector<std::string> found;
        for (const SearchHit &hit : search(query, kLangenhagen, limit, kToday).items) {
            found.push_back(hit.service.colloquial);
        }
        return found;
    }
    [[nodiscard]] std::string first(std::string_view query) {
        const auto found = names(query);
        return found.empty() ? "" : found.front();
    }
    storage::testing::TestDatabase database_{storage::Engine::sqlite};
    storage::testing::TemporaryDirectory index_;
    std::unique_ptr<Catalogue> catalogue_;
};

const Section *find(const Article &article, SectionKey key) {
    const auto found = std::ranges::find(article.sections, key, &Section::key);
    return found == article.sections.end() ? nullptr : &*found;
}

TEST_P(KnowledgeStoreTest, HasHundredServicesForAll22) {
    EXPECT_EQ(catalogue_->services(), 100);
    EXPECT_EQ(catalogue_->municipalities().size(), 22u);
    EXPECT_EQ(catalogue_->search({.text = "", .today = kToday, .limit = 100})->total, 100);
}

TEST_P(KnowledgeStoreTest, EveryArticleHasTheThreeFirstAnswers) { // R-29
    for (const MunicipalityId municipality : catalogue_->municipalities()) {
        for (std::int64_t id = 1; id <= 100; ++id) {
            const auto article = catalogue_->article(ServiceId{id}, municipality, kToday);
            ASSERT_TRUE(article) << describe(article.error());
            ASSERT_GE(article->sections.size(), 6u);
            EXPECT_EQ(article->sections[0].key, SectionKey::opening_hours);
            EXPECT_EQ(article->sections[1].key, SectionKey::documents);
            EXPECT_EQ(article->sections[2].key, SectionKey::contact);
            EXPECT_TRUE(find(*article, SectionKey::fee));
            EXPECT_TRUE(std::ranges::is_sorted(article->sections, {}, &Section::key));
            EXPECT_FALSE(article->read_aloud.empty());
            for (const Section &section : article->sections) {
                EXPECT_FALSE(section.lines.empty());
                for (const std::string &line : section.lines) {
                    EXPECT_EQ(line.find('{'), std::string::npos) << line; // a template left over
                    EXPECT_EQ(line.find("  "), std::string::npos) << line;
                }
            }
        }
    }
}

TEST_P(KnowledgeStoreTest, SaysWhoCarriesItOutWhereThatIsCertain) { // R-47
    using enum Administration;
    for (const auto &[id, level] : {std::pair{1, std::optional(local)}, // identity card
                                    {47, local},                        // dog tax
                                    {96, local},                        // building permit
                                    {7, district},                      // car, at the Region
                                    {40, land},                         // disability card
                                    {97, land},                         // cadastral map
                                    {29, federation},                   // child benefit
                                    {14, std::nullopt}}) {              // bulky waste
        const auto article = catalogue_->article(ServiceId{id}, kLangenhagen, kToday);
        ASSERT_TRUE(article) << describe(article.error());
        EXPECT_EQ(article->level, level) << id;
    }
}

TEST_F(KnowledgeTest, SpeaksOfTheMunicipalityThatWasCalled) {
    const auto langenhagen = catalogue_->article(ServiceId{1}, kLangenhagen, kToday);
    const auto wedemark = catalogue_->article(ServiceId{1}, kWedemark, kToday);
    ASSERT_TRUE(langenhagen && wedemark);
    EXPECT_EQ(find(*langenhagen, SectionKey::responsible)->lines.front(),
              "Bürgerbüro der Stadt Langenhagen");
    EXPECT_EQ(find(*wedemark, SectionKey::responsible)->lines.front(),
              "Bürgerbüro der Gemeinde Wedemark");
    EXPECT_NE(find(*langenhagen, SectionKey::contact)->lines,
              find(*wedemark, SectionKey::contact)->lines);
    EXPECT_EQ(find(*langenhagen, SectionKey::documents)->lines,
              find(*wedemark, SectionKey::documents)->lines);
}

TEST_F(KnowledgeTest, OpeningHoursDifferBetweenTowns) {
    std::set<std::vector<std::string>> hours;
    for (const MunicipalityId municipality : catalogue_->municipalities()) {
        const auto article = catalogue_->article(ServiceId{1}, municipality, kToday);
        hours.insert(find(*article, SectionKey::opening_hours)->lines);
    }
    EXPECT_GE(hours.size(), 6u);
}

TEST_F(KnowledgeTest, TheRegionPointsToThePlaceOfResidence) {
    const auto article = catalogue_->article(ServiceId{1}, kRegion, kToday);
    ASSERT_TRUE(article);
    EXPECT_EQ(find(*article, SectionKey::responsible)->lines.front(),
              "die Stadt oder Gemeinde, in der die anrufende Person wohnt");
}

TEST_F(KnowledgeTest, RegionalOfficesAreTheSameForAll) {
    const auto hits = search("auto anmelden", kLangenhagen, 1, kToday);
    ASSERT_EQ(hits.items.size(), 1u);
    const ServiceId id = hits.items.front().service.id;
    const auto one = catalogue_->article(id, kLangenhagen, kToday);
    const auto other = catalogue_->article(id, kWedemark, kToday);
    EXPECT_EQ(find(*one, SectionKey::contact)->lines, find(*other, SectionKey::contact)->lines);
    EXPECT_EQ(find(*one, SectionKey::responsible)->lines.front(),
              "Kfz-Zulassung der Region Hannover");
}

TEST_F(KnowledgeTest, UnknownServiceOrMunicipalityIsNotFound) {
    for (const auto &[service, municipality] :
         {std::pair{ServiceId{101}, kLangenhagen}, std::pair{ServiceId{0}, kLangenhagen},
          std::pair{ServiceId{-1}, kLangenhagen},
          std::pair{ServiceId{1}, MunicipalityId{51240000000}}}) {
        const auto article = catalogue_->article(service, municipality, kToday);
        ASSERT_FALSE(article);
        EXPECT_EQ(article.error().kind, ProblemKind::not_found);
        EXPECT_EQ(article.error().code, "knowledge.not_found");
    }
}

TEST_F(KnowledgeTest, FindsWhatCallersSay) {
    EXPECT_EQ(first("perso"), "Personalausweis beantragen");
    EXPECT_EQ(first("pass"), "Reisepass beantragen");
    EXPECT_EQ(first("heiraten"), "Heiraten");
    EXPECT_EQ(first("ummelden"), "Wohnsitz anmelden oder ummelden");
    EXPECT_EQ(first("umzug"), "Wohnsitz anmelden oder ummelden");
    EXPECT_EQ(first("sperrmüll"), "Sperrmüll abholen lassen");
    EXPECT_EQ(first("SPERRMUELL"), "Sperrmüll abholen lassen");
    EXPECT_EQ(first("führungsz"), "Führungszeugnis");
    EXPECT_EQ(first("auto abmelden"), "Auto abmelden");
    EXPECT_EQ(first("hund"), "Hund anmelden");
    EXPECT_EQ(first("angelschein"), "Fischereischein");
    EXPECT_EQ(first("kindergarten"), "Kita-Platz");
    EXPECT_EQ(first("briefwahl"), "Briefwahl");
}

TEST_F(KnowledgeTest, FindsEveryServiceByItsOwnNames) {
    for (const SearchHit &each : search("", std::nullopt, 100, kToday).items) {
        for (const std::string &query : {each.service.name, each.service.colloquial}) {
            const auto found = names(query, 100);
            EXPECT_TRUE(std::ranges::count(found, each.service.colloquial)) << query;
        }
        for (const std::string &synonym : each.service.synonyms) {
            const auto found = names(synonym, 100);
            EXPECT_TRUE(std::ranges::count(found, each.service.colloquial)) << synonym;
        }
    }
}

TEST_F(KnowledgeTest, AWordCanAskForASection) {
    const auto fee = search("pass gebühr", kLangenhagen, 20, kToday);
    ASSERT_FALSE(fee.items.empty());
    EXPECT_EQ(fee.items.front().service.colloquial, "Reisepass beantragen");
    EXPECT_EQ(fee.items.front().section, SectionKey::fee);
    const auto typing = search("pass gebü", kLangenhagen, 20, kToday);
    EXPECT_EQ(typing.items.front().section, SectionKey::fee);
    const auto documents = search("unterlagen heirat", kLangenhagen, 20, kToday);
    EXPECT_EQ(documents.items.front().service.colloquial, "Heiraten");
    EXPECT_EQ(documents.items.front().section, SectionKey::documents);
    const auto none = search("pass", kLangenhagen, 20, kToday);
    EXPECT_FALSE(none.items.front().section);
}

TEST_F(KnowledgeTest, AWordOfTheNameIsNoSection) {
    const auto hits = search("kita gebühr ermäßigen", kLangenhagen, 20, kToday);
    ASSERT_FALSE(hits.items.empty());
    EXPECT_EQ(hits.items.front().service.colloquial, "Kita-Gebühr ermäßigen");
    EXPECT_FALSE(hits.items.front().section);
}

TEST_F(KnowledgeTest, AnUnknownWordSpoilsNothing) {
    EXPECT_EQ(first("pass quarkspeise"), "Reisepass beantragen");
    EXPECT_TRUE(names("quarkspeise").empty());
    EXPECT_EQ(first("gewerbe abmelden"), "Gewerbe abmelden");
}

TEST_F(KnowledgeTest, SaysWhyAndFollowsChanges) {
    const auto hit = search("perso verloren", kLangenhagen, 20, kToday).items.at(0);
    EXPECT_EQ(hit.service.colloquial, "Ausweis verloren");
    EXPECT_FALSE(hit.why.empty());
    EXPECT_TRUE(catalogue_->refresh()); // nothing has changed
    EXPECT_EQ(first("perso verloren"), "Ausweis verloren");
}

TEST_F(KnowledgeTest, NameHitsStandBeforeTextHits) {
    const auto found = names("jugendamt", 100); // a synonym of one, in the short answer of another
    ASSERT_GE(found.size(), 2u);
    EXPECT_EQ(found.front(), "Gemeinsames Sorgerecht");
}

TEST_F(KnowledgeTest, LimitIsCutAndTotalIsNot) {
    EXPECT_EQ(search("", kLangenhagen, 5, kToday).items.size(), 5u);
    EXPECT_EQ(search("", kLangenhagen, 5, kToday).total, 100);
    EXPECT_EQ(search("", kLangenhagen, 0, kToday).items.size(), 1u);
    EXPECT_EQ(search("", kLangenhagen, -7, kToday).items.size(), 1u);
    EXPECT_EQ(search("", kLangenhagen, 1'000'000, kToday).items.size(), 100u);
    EXPECT_EQ(search("", MunicipalityId{51240000000}, 20, kToday).total, 0);
}

TEST_F(KnowledgeTest, NaughtyQueriesDoNoHarm) {
    for (const std::string &query :
         {std::string{"' OR 1=1 --"}, std::string{"%_*?[]()"}, std::string{"\xff\xfe\x00", 3},
          std::string(100'000, 'a'), std::string(100'000, ' '), std::string{"<script>"},
          std::string{"\U0001F600"}, std::string{"\u202Epass"}, std::string(50'000, '\xc3')}) {
        const auto result = search(query, kLangenhagen, 20, kToday);
        EXPECT_LE(result.items.size(), 20u);
    }
    EXPECT_EQ(first("\u202Epass"), "Reisepass beantragen"); // a copied direction mark
}

TEST_F(KnowledgeTest, OldChecksAreDue) {
    const auto result = search("", kLangenhagen, 100, kToday);
    const auto due = std::ranges::count(result.items, Freshness::due, &SearchHit::state);
    EXPECT_GT(due, 0);
    EXPECT_LT(due, 50);
}

TEST_F(KnowledgeTest, AHitTellsTheCheckThatItsArticleTells) { // R-41
    const auto everywhere =
        catalogue_->search({.text = "", .municipality = {}, .today = kToday, .limit = 100})->items;
    std::size_t own = 0; // of the towns themselves
    for (const MunicipalityId place : {kLangenhagen, MunicipalityId{32'410'019'019}}) {
        for (const SearchHit &hit : search("", place, 100, kToday).items) {
            const auto article = catalogue_->article(hit.service.id, place, kToday);
            ASSERT_TRUE(article);
            EXPECT_EQ(hit.state, article->state) << hit.service.name;
            EXPECT_EQ(hit.service.check.on, article->service.check.on) << hit.service.name;
            const auto common = std::ranges::find(everywhere, hit.service.id,
                                                  [](const auto &one) { return one.service.id; });
            ASSERT_NE(common, everywhere.end());
            if (common->service.check.on != hit.service.check.on) ++own;
        }
    }
    EXPECT_GT(own, 50U);
}

TEST_P(KnowledgeStoreTest, SeedingAgainChangesNothing) {
    const auto again = seed_demo_services(db(), kFiles);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->changed, 0);
    EXPECT_EQ(again->services, 100);
    EXPECT_EQ(again->municipalities, 22);
}

TEST_P(KnowledgeStoreTest, SeedingRepairsAndRemoves) {
    ASSERT_TRUE(db().write([](storage::Connection &connection) -> Expected<void> {
        for (const char *sql :
             {"UPDATE knowledge_object SET hash = 'x' WHERE id = 1",
              "UPDATE knowledge_public_service SET name = 'x' WHERE id = 1",
              "UPDATE knowledge_telephone_text SET text = 'x' WHERE service = 2",
              "DELETE FROM knowledge_local_text WHERE service = 1 AND section = 'contact'",
              "INSERT INTO knowledge_local_text (service, municipality, section, visibility, "
              "state, lines, expires_on) VALUES (1, 51240000000, 'contact', 'public', 'released', "
              "'[\"old\"]', '')"}) {
            if (auto done = connection.run(sql); !done) return tl::unexpected(done.error());
        }
        return {};
    }));
    const auto again = seed_demo_services(db(), kFiles);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->changed, 1 + 1 + 1 + 1); // object, editorial, local text back, local text gone
    const auto loaded = Catalogue::load(db(), index_.path() + "/again");
    ASSERT_TRUE(loaded);
    const auto article = (*loaded)->article(ServiceId{1}, kLangenhagen, kToday);
    ASSERT_TRUE(article);
    EXPECT_EQ(article->service.colloquial, "Personalausweis beantragen");
    EXPECT_FALSE((*loaded)->article(ServiceId{1}, MunicipalityId{51240000000}, kToday));
    EXPECT_TRUE((*loaded)->article(ServiceId{1}, kRegion, kToday));
}

TEST_P(KnowledgeStoreTest, TheDemoIsCarriedByTheModel) {
    const auto count = [&](const std::string &sql) {
        std::int64_t value = -1;
        EXPECT_TRUE(db().read([&](storage::Connection &connection) {
            return connection.each(sql, {}, [&](const storage::Row &row) {
                value = row.integer(0);
                return true;
            });
        }));
        return value;
    };
    EXPECT_EQ(count("SELECT COUNT(*) FROM knowledge_public_service"), 100);
    // Eight offices in each of 21 town halls, three of the Region, its waste advice for each place.
    EXPECT_EQ(count("SELECT COUNT(*) FROM knowledge_office"), 8 * 21 + 3 + 22);
    EXPECT_EQ(count("SELECT COUNT(DISTINCT office) FROM knowledge_hours WHERE weekday = 0"),
              8 * 21 + 3 + 22); // every text was understood
    EXPECT_EQ(count("SELECT COUNT(*) FROM knowledge_responsibility r WHERE NOT EXISTS "
                    "(SELECT 1 FROM knowledge_object o WHERE o.id = r.holder) OR NOT EXISTS "
                    "(SELECT 1 FROM knowledge_public_service s WHERE s.id = r.service)"),
              0);
}

TEST_P(KnowledgeStoreTest, AnOwnTextStandsAboveTheCommonOneUntilItExpires) {
    ASSERT_TRUE(db().write([](storage::Connection &connection) -> Expected<void> {
        for (const char *sql :
             {"INSERT INTO knowledge_local_text (service, municipality, section, visibility, "
              "state, lines, expires_on) VALUES (1, 32410010010, 'fee', 'public', 'released', "
              "'[\"heute frei\"]', '2026-11-22')",
              "INSERT INTO knowledge_local_text (service, municipality, section, visibility, "
              "state, lines, expires_on) VALUES (1, 32410010010, 'documents', 'public', 'draft', "
              "'[\"Entwurf\"]', '')",
              "INSERT INTO knowledge_local_text (service, municipality, section, visibility, "
              "state, lines, expires_on) VALUES (1, 32410010010, 'contact', 'internal', "
              "'released', '[\"nur intern\"]', '')",
              "INSERT INTO knowledge_telephone_text (service, municipality, text, expires_on) "
              "VALUES (1, 32410010010, 'Kommen Sie morgen.', '2026-11-22')"}) {
            if (auto done = connection.run(sql); !done) return tl::unexpected(done.error());
        }
        return {};
    }));
    const auto today = catalogue_->article(ServiceId{1}, kLangenhagen, kToday);
    ASSERT_TRUE(today);
    EXPECT_EQ(find(*today, SectionKey::fee)->lines, std::vector<std::string>{"heute frei"});
    EXPECT_EQ(today->read_aloud, "Kommen Sie morgen.");
    EXPECT_NE(find(*today, SectionKey::documents)->lines.front(), "Entwurf");
    EXPECT_NE(find(*today, SectionKey::contact)->lines.front(), "nur intern");
    const auto tomorrow = catalogue_->article(ServiceId{1}, kLangenhagen, {2026, 11, 23});
    EXPECT_NE(find(*tomorrow, SectionKey::fee)->lines.front(), "heute frei");
    EXPECT_NE(tomorrow->read_aloud, "Kommen Sie morgen.");
    const auto elsewhere = catalogue_->article(ServiceId{1}, kWedemark, kToday);
    EXPECT_NE(find(*elsewhere, SectionKey::fee)->lines.front(), "heute frei");
}

TEST_P(KnowledgeStoreTest, ABrokenFileChangesNothing) {
    storage::testing::TemporaryDirectory directory;
    const auto missing = seed_demo_services(db(), directory.path());
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, "knowledge.file_unreadable");
    std::ofstream{directory.path() + "/services.json"} << "{";
    std::ofstream{directory.path() + "/places.json"} << "{}";
    const auto broken = seed_demo_services(db(), directory.path());
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().code, "knowledge.file_invalid");
    EXPECT_EQ(seed_demo_services(db(), kFiles)->changed, 0);
}

TEST(FreshnessTest, IsDueTheDayAfterTheInterval) {
    const Check check{LocalDate{2026, 1, 1}, 30};
    EXPECT_EQ(check.at({2026, 1, 31}), Freshness::current);
    EXPECT_EQ(check.at({2026, 2, 1}), Freshness::due);
    EXPECT_EQ(Check{}.at({1970, 1, 1}), Freshness::due) << "never is no day";
}

TEST(FreshnessTest, TheOlderCheckIsToldAndBothMustHold) {
    const LocalDate today{2026, 2, 1};
    const Check long_ago{LocalDate{2025, 1, 1}, 30};
    const Check lately{LocalDate{2026, 1, 20}, 30};
    const auto told = [&](const Check &common, const Check &own) {
        const CheckedThere there = checked_there(common, own, today);
        return (there.on ? to_string(*there.on) : "never") + " " +
               std::string(to_string(there.state));
    };
    EXPECT_EQ(told(lately, {}), "2026-01-20 current");
    EXPECT_EQ(told(lately, long_ago), "2025-01-01 due");
    EXPECT_EQ(told(long_ago, lately), "2025-01-01 due");
    EXPECT_EQ(told({}, lately), "never due") << "nobody has read what is common";
    EXPECT_EQ(told({}, {}), "never due");
}

TEST(FreshnessTest, OurCheckStandsBeforeTheSourcesApproval) {
    EXPECT_EQ(last_check("2026-01-02", "2026-03-04"), (LocalDate{2026, 1, 2}));
    EXPECT_EQ(last_check("", "2026-03-04T10:00:00"), (LocalDate{2026, 3, 4}));
    EXPECT_EQ(last_check("", ""), std::nullopt);
}

// ---- the files --------------------------------------------------------------------------------

constexpr std::string_view kPlaces =
    R"({"about":"","telephone_prefix":"+492214710","opening_hours":[["Montag"]],)"
    R"("places":[{"ars":"032410010010","name":"A","of":"der Stadt A","kind":"municipality"}]})";
std::string services_with(const std::string &service) {
    return R"({"about":"","offices":[{"key":"o","level":"municipality","name":"O",)"
           R"("responsible":"O {der_ort}"}],"services":[)" +
           service + "]}";
}
constexpr std::string_view kGood =
    R"({"id":1,"leika":"","name":"N","colloquial":"C","synonyms":["S"],"office":"o",)"
    R"("short_answer":"A","documents":["D"],"fee":["F"],"checked_on":"2026-01-01","review_days":9})";

TEST(DemoFileTest, ReadsAGoodFile) {
    const auto data = parse_demo_data(services_with(std::string{kGood}), kPlaces);
    ASSERT_TRUE(data) << describe(data.error());
    EXPECT_EQ(data->services.size(), 1u);
    const auto office = office_facts(data->region, 0, 0);
    EXPECT_EQ(office.name, "O der Stadt A");
    EXPECT_EQ(office.telephone, "0221 4710000");
}

TEST(DemoFileTest, RefusesEachFault) {
    const auto refused = [](std::string_view from, std::string_view to) {
        std::string service{kGood};
        const auto at = service.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        service.replace(at, from.size(), to);
        const auto data = parse_demo_data(services_with(service), kPlaces);
        return !data && data.error().code == "knowledge.file_invalid" &&
               !data.error().arguments[2].second.empty();
    };
    EXPECT_TRUE(refused(R"("id":1)", R"("id":0)"));
    EXPECT_TRUE(refused(R"("id":1)", R"("id":"1")"));
    EXPECT_TRUE(refused(R"("leika":"")", R"("leika":"123")"));
    EXPECT_TRUE(refused(R"("leika":"")", R"("leika":"98008001012000")"));
    for (const char *code : {"", "2/3", "99"}) { // left out rather than without a level
        EXPECT_TRUE(
            refused(R"("name":"N")", std::string(R"("name":"N","typification":")") + code + '"'))
            << code;
    }
    EXPECT_TRUE(refused(R"("name":"N")", R"("name":"")"));
    EXPECT_TRUE(refused(R"("name":"N")", R"("nmae":"N")"));
    EXPECT_TRUE(refused(R"("name":"N")", R"("name":"N","x":1)"));
    EXPECT_TRUE(refused(R"("documents":["D"])", R"("documents":[])"));
    EXPECT_TRUE(refused(R"("documents":["D"])", R"("documents":"D")"));
    EXPECT_TRUE(refused(R"("office":"o")", R"("office":"p")"));
    EXPECT_TRUE(refused("2026-01-01", "2026-13-01"));
    const auto twice =
        parse_demo_data(services_with(std::string{kGood} + "," + std::string{kGood}), kPlaces);
    EXPECT_FALSE(twice);
    EXPECT_FALSE(parse_demo_data("[]", kPlaces));
    EXPECT_FALSE(parse_demo_data("{", kPlaces));
    EXPECT_FALSE(parse_demo_data(services_with(std::string{kGood}), "{}"));
}

TEST(DemoDataTest, KeysAreWellFormedAndUsedOnce) {
    const auto data = read_demo_data(kFiles);
    ASSERT_TRUE(data) << describe(data.error());
    std::set<std::string> keys;
    std::size_t without = 0;
    for (const DemoService &each : data->services) {
        if (each.service.leika.empty()) {
            ++without;
            continue;
        }
        EXPECT_TRUE(keys.insert(each.service.leika).second) << each.service.leika;
    }
    EXPECT_EQ(data->services.size(), 100u);
    EXPECT_LE(without, 15u); // README.md: no key rather than a guessed one
}

TEST(DemoDataTest, TelephoneNumbersAreDifferentAndReserved) { // 0221 4710-000 to -999
    const auto data = read_demo_data(kFiles);
    ASSERT_TRUE(data);
    EXPECT_EQ(data->region.telephone_prefix, "+492214710");
    std::set<std::string> contacts;
    std::size_t municipal = 0;
    for (std::size_t place = 0; place < data->region.places.size(); ++place) {
        for (std::size_t office = 0; office < data->region.offices.size(); ++office) {
            if (data->region.offices[office].level != OfficeLevel::municipality) continue;
            ++municipal;
            const auto local = compose_local(data->region, place, office);
            contacts.insert(local[1].lines.back());
        }
    }
    EXPECT_EQ(contacts.size(), municipal);
}

} // namespace
} // namespace fernamt::knowledge
