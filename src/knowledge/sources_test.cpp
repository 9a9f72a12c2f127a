// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/sources.h"
#include "storage/statement.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

namespace fernamt::knowledge {
namespace {

constexpr MunicipalityId kLangenhagen{32410010010};
constexpr MunicipalityId kWedemark{32410019019};
const std::string kSite = "https://www.langenhagen.example/";

class SourcesTest : public storage::testing::DatabaseTest {
  protected:
    void run(const std::string &sql) {
        ASSERT_TRUE(db().write(
            [&](storage::Connection &connection) { return storage::run(connection, sql); }));
    }
    std::vector<SourceState> states(std::optional<MunicipalityId> only = {}) {
        const auto read = source_states(db(), only);
        EXPECT_TRUE(read) << (read ? "" : describe(read.error()));
        return read.value_or(std::vector<SourceState>{});
    }
};
FERNAMT_ON_EVERY_ENGINE(SourcesTest);

TEST_P(SourcesTest, ShowsWhatIsConfiguredAndNeverRead) {
    using enum Source::Kind;
    EXPECT_TRUE(states().empty());
    ASSERT_TRUE(note_sources(db(), {{website, kLangenhagen, kSite},
                                    {directory, kWedemark, ""},
                                    {website, kLangenhagen, kSite}}));
    const auto all = states();
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].source, (Source{directory, kWedemark, ""}));
    EXPECT_EQ(all[0].last, std::nullopt);
    EXPECT_EQ(all[1].source, (Source{website, kLangenhagen, kSite}));
    EXPECT_EQ(all[1].last, std::nullopt);
    ASSERT_EQ(states(kWedemark).size(), 1u) << "nobody else's";
    EXPECT_EQ(states(kWedemark)[0].source.municipality, kWedemark);
    ASSERT_TRUE(note_sources(db(), {{website, kLangenhagen, kSite}}));
    EXPECT_EQ(states().size(), 1u) << "what is not configured any more is not shown";
}

TEST_P(SourcesTest, ShowsTheLastReading) {
    using enum Source::Kind;
    ASSERT_TRUE(
        note_sources(db(), {{website, kLangenhagen, kSite}, {directory, kLangenhagen, ""}}));
    run("INSERT INTO knowledge_website_visit (site, municipality, ended_at, outcome, asked, "
        "stored) "
        "VALUES ('" +
        kSite + "', 32410010010, 1000000, 'complete', 40, 7)");
    run("INSERT INTO knowledge_website_page (id, site, municipality, url, title, sections, links, "
        "etag, last_modified, fetched_on, hash, generation, gone) VALUES (1, '" +
        kSite + "', 32410010010, 'u', 't', '[]', '[]', '', '', '', '', 1, 0), (2, '" + kSite +
        "', 32410010010, 'v', 't', '[]', '[]', '', '', '', '', 1, 1)");
    run("INSERT INTO knowledge_directory_visit (municipality, ended_at, outcome, entries, "
        "vanishing, faults) VALUES (32410010010, 2000000, 'directory.mass_deletion', 12, 80, 3)");
    run("INSERT INTO knowledge_directory_entry (municipality, source, ordinal, office, name, "
        "position, telephone, email, room, substitute, hours) VALUES (32410010010, 'service', 1, "
        "'Amt', '', '', '', '', '', '', ''), (32410010010, 'list', 1, 'Amt', '', '', '', '', '', "
        "'', '')");
    const auto all = states();
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].last,
              (SourceReading{Instant{2'000'000}, "directory.mass_deletion", 12, 80, 3, 1}))
        << "one of the service, not those of the list";
    EXPECT_EQ(all[1].last, (SourceReading{Instant{1'000'000}, "complete", 40, 7, 0, 1}))
        << "a page that is gone does not count";
}

} // namespace
} // namespace fernamt::knowledge
