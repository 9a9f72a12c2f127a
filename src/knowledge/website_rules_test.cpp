// SPDX-License-Identifier: EUPL-1.2
// Websites that editors enter: who may, what is refused, and that a running office reads, stops,
// forgets and reads again by it, against a real web server.
#include "knowledge/search_document.h"
#include "knowledge/sources.h"
#include "knowledge/testing/editors.h"
#include "knowledge/testing/website.h"
#include "knowledge/website_office.h"
#include "storage/statement.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <thread>

namespace fernamt::knowledge {
namespace {

using namespace testing;

TEST(SiteAddress, IsAPublicNameUnlessTheOperatorAllowsMore) {
    const SiteGuard strict;
    const auto code = [&](const std::string &text) {
        return code_of(checked_site_address(text, strict));
    };
    EXPECT_EQ(checked_site_address(" HTTPS://WWW.Langenhagen.de ", strict)->whole,
              "https://www.langenhagen.de/");
    EXPECT_EQ(code("http://www.langenhagen.de/start?x=1"), "");
    for (const char *none :
         {"", "www.langenhagen.de", "ftp://langenhagen.de/", "file:///etc/passwd", "javascript:1",
          "https://u:p@langenhagen.de/", "gopher://x.de/"}) {
        EXPECT_EQ(code(none), "website.address") << none;
    }
    EXPECT_EQ(code("https://x.de/" + std::string(300, 'a')), "website.address");
    for (const char *inside :
         {"http://127.0.0.1/", "http://0x7f000001/", "http://2130706433/", "http://127.1/",
          "http://[::1]/", "http://[::ffff:10.0.0.1]/", "http://10.0.0.1/", "http://localhost/",
          "http://intranet/", "http://rathaus.local/", "http://a.b.internal/",
          "http://x.home.arpa/", "https://langenhagen.de:8443/", "http://169.254.169.254/latest"}) {
        EXPECT_EQ(code(inside), "website.not_public") << inside;
    }
    const SiteGuard some{.hosts = {"langenhagen.de", "Wedemark.de"}};
    EXPECT_TRUE(checked_site_address("https://langenhagen.de/", some));
    EXPECT_TRUE(checked_site_address("https://www.wedemark.de/", some));
    EXPECT_EQ(code_of(checked_site_address("https://www.xlangenhagen.de/", some)), "website.host");
    EXPECT_EQ(code_of(checked_site_address("https://langenhagen.de.evil.de/", some)),
              "website.host");
    const SiteGuard named{.private_hosts = {"127.0.0.1", "Intranet", "[fd00::5]"}};
    for (const char *inside : {"http://127.0.0.1:8080/", "https://INTRANET/", "http://[fd00::5]/"})
        EXPECT_TRUE(checked_site_address(inside, named)) << inside;
    for (const char *other : {"http://127.0.0.2/", "http://x.localhost/", "http://intranet.local/",
                              "http://[fd00::6]/", "https://langenhagen.de:8443/"}) {
        EXPECT_EQ(code_of(checked_site_address(other, named)), "website.not_public") << other;
    }
    EXPECT_EQ(code_of(checked_site_address("ftp://127.0.0.1/", named)), "website.address");
    EXPECT_EQ(code_of(checked_site_address("http://intranet/", {.private_hosts = {"intranet"},
                                                                .hosts = {"langenhagen.de"}})),
              "website.host")
        << "what editors may enter is another question";
}

class WebsiteRulesTest : public storage::testing::DatabaseTest {
  protected:
    void SetUp() override { clock_.set(to_instant({2026, 11, 23}, 9 * 3600)); }

    SiteAudit noted() {
        return [this](storage::Connection &, std::string_view action, std::int64_t subject,
                      const std::vector<std::string> &fields) -> Expected<void> {
            audit_ = std::string(action) + " " + std::to_string(subject);
            for (const std::string &field : fields)
                audit_ += " " + field;
            return {};
        };
    }
    WebsiteRules rules() { return {db(), clock_, guard_}; }
    Expected<SiteRule> add(const Editor &editor, const std::string &start,
                           MunicipalityId municipality = kLangenhagen) {
        return rules().add(editor, {.municipality = municipality, .start = start}, noted());
    }
    std::vector<SourceState> states(std::optional<MunicipalityId> only = {}) {
        const auto read = source_states(db(), only);
        EXPECT_TRUE(read) << (read ? "" : describe(read.error()));
        return read.value_or(std::vector<SourceState>{});
    }

    ManualClock clock_;
    SiteGuard guard_{.private_hosts = {Website::kHost}, .hosts = {}};
    std::string audit_;
};

TEST_P(WebsiteRulesTest, WhoStopsASiteWithdrawsWhatWasAskedFor) {
    auto site = add(kHereEditor, "https://www.langenhagen.example");
    ASSERT_TRUE(site) << describe(site.error());
    ASSERT_TRUE(rules().ask_now(kHereEditor, site->start, true, noted()));
    ASSERT_EQ(states().size(), 1U);
    EXPECT_TRUE(states()[0].wished);
    site->stopped = true;
    ASSERT_TRUE(rules().change(kHereEditor, *site, noted()));
    ASSERT_EQ(states().size(), 1U);
    EXPECT_FALSE(states()[0].wished)
        << "resumed in spring, it would be read as if losses were meant";
}

TEST_P(WebsiteRulesTest, AreEnteredChangedRemovedAndTakenBack) {
    const auto made = add(kHereEditor, "https://www.langenhagen.example");
    ASSERT_TRUE(made) << describe(made.error());
    EXPECT_EQ(made->start, "https://www.langenhagen.example/");
    EXPECT_EQ(made->version, 1);
    EXPECT_EQ(audit_, "website.added 1");
    SiteRule wanted = *made;
    wanted.most_pages = 40;
    wanted.stopped = true;
    clock_.set(clock_.now() + 60s);
    const auto changed = rules().change(kHereEditor, wanted, noted());
    ASSERT_TRUE(changed);
    EXPECT_EQ(audit_, "website.changed 1 most_pages stopped");
    EXPECT_EQ(changed->version, 2);
    EXPECT_EQ(rules().all(), std::vector{*changed});
    // Of two who change it at once one wins and the other reads first.
    const auto late = rules().change(kCentreEditor, wanted, noted());
    EXPECT_EQ(late.error(), (Problem{ProblemKind::stale, "website.stale", {{"version", "2"}}}));
    EXPECT_EQ(code_of(rules().remove(kHereEditor, 1, 1, noted())), "website.stale");

    const auto removed = rules().remove(kHereEditor, 1, 2, noted());
    ASSERT_TRUE(removed);
    EXPECT_EQ(audit_, "website.removed 1");
    EXPECT_TRUE(states().empty());
    EXPECT_EQ(code_of(rules().change(kHereEditor, *removed, noted())), "website.removed");
    EXPECT_EQ(code_of(rules().remove(kHereEditor, 1, 3, noted())), "website.removed");
    const auto back = rules().restore(kCentreEditor, 1, 3, noted());
    ASSERT_TRUE(back);
    EXPECT_EQ(audit_, "website.restored 1");
    EXPECT_EQ(back->most_pages, 40);
    EXPECT_TRUE(back->stopped);
    ASSERT_EQ(states().size(), 1U);
    EXPECT_EQ(states()[0].rule, *back);
    // Taken meanwhile: the way back is closed.
    ASSERT_TRUE(rules().remove(kHereEditor, 1, 4, noted()));
    ASSERT_TRUE(add(kThereEditor, "https://www.langenhagen.example/wald", kWedemark));
    EXPECT_EQ(code_of(rules().restore(kHereEditor, 1, 5, noted())), "website.taken");
}

TEST_P(WebsiteRulesTest, BelongToATownsOwnEditorsAndTheCentre) {
    ASSERT_TRUE(add(kHereEditor, "https://langenhagen.example/"));
    EXPECT_EQ(code_of(add(kThereEditor, "https://andere.example/")), "municipality.not_found");
    EXPECT_EQ(code_of(rules().change(kThereEditor, rules().all()->front(), noted())),
              "website.not_found");
    EXPECT_EQ(code_of(rules().remove(kThereEditor, 1, 1, noted())), "website.not_found");
    EXPECT_EQ(code_of(rules().restore(kThereEditor, 1, 1, noted())), "website.not_found");
    EXPECT_EQ(
        code_of(rules().ask_now(kThereEditor, "https://langenhagen.example/", false, noted())),
        "website.not_found");
    EXPECT_TRUE(rules().all(kWedemark)->empty());
    EXPECT_TRUE(states(kWedemark).empty());
    ASSERT_TRUE(add(kCentreEditor, "https://wedemark.example/", kWedemark));
    EXPECT_EQ(states(kWedemark).size(), 1U);
    EXPECT_EQ(states().size(), 2U);
}

TEST_P(WebsiteRulesTest, KeepTheirLimits) {
    using enum Source::Kind;
    ASSERT_TRUE(note_sources(db(), {{website, kWedemark, "https://wedemark.example"}}));
    EXPECT_EQ(code_of(add(kHereEditor, "https://wedemark.example/x")), "website.taken")
        << "the configuration reads it";
    ASSERT_TRUE(add(kHereEditor, "https://0.example/"));
    EXPECT_EQ(code_of(add(kHereEditor, "https://0.example/anderswo")), "website.taken");
    EXPECT_TRUE(add(kHereEditor, "http://0.example/")) << "another server, as far as anybody knows";
    for (int i = 2; i < kMostSitesOfATown; ++i)
        ASSERT_TRUE(add(kHereEditor, "https://" + std::to_string(i) + ".example/"));
    EXPECT_EQ(code_of(add(kHereEditor, "https://mehr.example/")), "website.too_many");
    EXPECT_TRUE(add(kCentreEditor, "https://mehr.example/", kWedemark)) << "each town has its own";
    for (const auto &[pages, pause] :
         {std::pair{0, 1}, {kMostPagesOfASite + 1, 1}, {1, 0}, {1, kLongestPauseSeconds + 1}}) {
        const SiteRule odd{.municipality = kWedemark,
                           .start = "https://grenze.example/",
                           .most_pages = pages,
                           .pause_seconds = pause};
        EXPECT_EQ(code_of(rules().add(kThereEditor, odd, noted())), "website.limits");
    }
    EXPECT_EQ(code_of(add(kCentreEditor, "http://10.0.0.1/", kWedemark)), "website.not_public");
}

TEST_P(WebsiteRulesTest, TheConfigurationComesFirstAndTheGuardHolds) {
    ASSERT_TRUE(add(kHereEditor, "https://eins.example/"));
    ASSERT_TRUE(add(kHereEditor, "https://zwei.example/"));
    ASSERT_TRUE(add(kHereEditor, "http://127.0.0.1:81/"));
    const std::vector<WebsiteSite> configured{
        {.municipality = kWedemark, .start = "https://zwei.example/amt"}};
    const auto starts = [&](const SiteGuard &guard) {
        std::vector<std::string> all;
        for (const WebsiteSite &site : sites_of(*standing_sites(db(), configured, guard)))
            all.push_back(site.start);
        return all;
    };
    using Starts = std::vector<std::string>;
    EXPECT_EQ(starts(guard_), (Starts{"https://zwei.example/amt", "http://127.0.0.1:81/",
                                      "https://eins.example/"}));
    EXPECT_EQ(starts({}), (Starts{"https://zwei.example/amt", "https://eins.example/"}))
        << "what was allowed when it was entered and is not any more";
    EXPECT_EQ(starts({.hosts = {"zwei.example"}}), Starts{"https://zwei.example/amt"});
}

TEST_P(WebsiteRulesTest, WhatIsNotReadAnyMoreCanBeStoppedButNotWishedFor) {
    using enum Source::Kind;
    ASSERT_TRUE(add(kHereEditor, "http://127.0.0.1:81/"));
    ASSERT_TRUE(add(kHereEditor, "https://zwei.example/"));
    guard_ = {};
    ASSERT_TRUE(note_sources(db(), {{website, kWedemark, "https://zwei.example/amt"}}));
    const auto now = [&](const Editor &editor, const char *start) {
        return code_of(rules().ask_now(editor, start, false, noted()));
    };
    EXPECT_EQ(now(kHereEditor, "http://127.0.0.1:81/"), "website.not_public");
    EXPECT_EQ(now(kHereEditor, "https://zwei.example/"), "website.taken");
    EXPECT_EQ(now(kThereEditor, "http://127.0.0.1:81/"), "website.not_found");
    EXPECT_EQ(now(kThereEditor, "https://zwei.example/amt"), "");
    const auto all = rules().all();
    ASSERT_TRUE(all);
    for (SiteRule rule : *all) {
        rule.stopped = true;
        const auto stopped = rules().change(kHereEditor, rule, noted());
        ASSERT_TRUE(stopped) << describe(stopped.error());
        EXPECT_TRUE(stopped->stopped);
        rule.version = 2;
        rule.start = "http://127.0.0.1:82/";
        EXPECT_EQ(code_of(rules().change(kHereEditor, rule, noted())), "website.not_public");
    }
}

class WebsiteOfficeTest : public WebsiteRulesTest {
  protected:
    void SetUp() override {
        WebsiteRulesTest::SetUp();
        web_.put("/", "<p>Start</p><a href='/wald'>w</a>");
        web_.put("/wald", "<p>Waldfriedhof</p>");
    }
    void start(WebsiteOffice::Options options = {}) {
        options.guard = guard_;
        office_ = std::make_unique<WebsiteOffice>(db(), clock_, std::move(options));
        office_->start();
    }
    SiteRule entered() {
        const auto made = add(kHereEditor, web_.at());
        EXPECT_TRUE(made) << describe(made.error());
        office_->look_again();
        return *made;
    }
    void asked_now(bool losses_meant = false) {
        const auto asked = rules().ask_now(kHereEditor, web_.at(), losses_meant, noted());
        EXPECT_TRUE(asked) << describe(asked.error());
        office_->look_again();
    }
    std::vector<std::string> documents() {
        std::vector<std::string> all;
        EXPECT_TRUE(each_search_document(db(), [&](const SearchDocument &document) {
            all.push_back(document.title);
            return true;
        }));
        std::ranges::sort(all);
        return all;
    }
    void until(const char *what, const std::function<bool()> &holds) {
        for (int i = 0; i < 6'000; ++i) {
            if (holds()) return;
            std::this_thread::sleep_for(10ms);
        }
        ADD_FAILURE() << "never: " << what;
    }
    std::string outcome() {
        const auto all = states();
        return all.size() == 1 && all[0].last && !all[0].wished ? all[0].last->outcome : "";
    }
    using Titles = std::vector<std::string>;

    Website web_;
    std::unique_ptr<WebsiteOffice> office_; // ends before the website
};

TEST_P(WebsiteOfficeTest, ReadsWhatIsEnteredWithoutARestartAndForgetsWhatIsRemoved) {
    start();
    const SiteRule site = entered();
    until("read", [&] { return outcome() == "complete"; });
    EXPECT_EQ(documents(), (Titles{"/", "/wald"}));
    EXPECT_EQ(office_->progress().has_value(), false);

    ASSERT_TRUE(rules().remove(kHereEditor, site.id, 1, noted()));
    EXPECT_TRUE(documents().empty()) << "at once, not when the office has looked";
    office_->look_again();
    ASSERT_TRUE(rules().restore(kHereEditor, site.id, 2, noted()));
    office_->look_again();
    until("read as if it were new", [&] { return documents().size() == 2; });
}

TEST_P(WebsiteOfficeTest, ReadsAgainWhenItIsTimeOrSomebodyAsks) {
    start();
    entered();
    until("read", [&] { return outcome() == "complete"; });
    const auto lately = rules().ask_now(kHereEditor, web_.at(), false, noted());
    EXPECT_EQ(
        lately.error(),
        (Problem{ProblemKind::too_many, "website.read_lately", {{"retry_after_seconds", "60"}}}));
    clock_.set(clock_.now() + 61s);
    web_.put("/wald", "<p>Waldfriedhof, neu</p>");
    asked_now();
    EXPECT_EQ(audit_, "website.read_now 32410010010");
    until("read when asked", [&] { return states()[0].last->ended_at == clock_.now(); });
    EXPECT_EQ(states()[0].last->changed, 1);
    web_.put("/wald", "<p>Waldfriedhof, ganz neu</p>");
    clock_.set(clock_.now() + std::chrono::hours(24));
    office_->look_again();
    until("read when it was time", [&] { return states()[0].last->ended_at == clock_.now(); });
}

TEST_P(WebsiteOfficeTest, StopsAReadingThatIsNotWantedAnyMore) {
    std::string links;
    for (int i = 0; i < 200; ++i) {
        links += "<a href='/" + std::to_string(i) + "'>x</a>";
        web_.put("/" + std::to_string(i), "<p>Seite " + std::to_string(i) + "</p>");
    }
    web_.put("/", "<p>Start</p>" + links);
    start();
    SiteRule site = entered(); // a second between two pages: it takes minutes
    until("under way", [&] { return office_->progress() && office_->progress()->asked > 0; });
    EXPECT_EQ(office_->progress()->start, web_.at());
    site.stopped = true;
    ASSERT_TRUE(rules().change(kHereEditor, site, noted()));
    office_->look_again();
    until("stopped", [&] { return outcome() == "stopped"; });
    EXPECT_FALSE(documents().empty()) << "what was read stays";
    EXPECT_EQ(code_of(rules().ask_now(kHereEditor, web_.at(), false, noted())), "website.not_found")
        << "what is stopped is not read";
    site.version = 2;
    site.stopped = false;
    ASSERT_TRUE(rules().change(kHereEditor, site, noted()));
    office_->look_again();
    until("goes on", [&] { return office_->progress().has_value(); });
    ASSERT_TRUE(rules().remove(kHereEditor, site.id, 3, noted()));
    office_->look_again();
    until("left", [&] { return !office_->progress(); });
    until("nothing comes back", [&] { return documents().empty(); });
    EXPECT_TRUE(states().empty());
}

TEST_P(WebsiteOfficeTest, NothingComesBackOfASiteThatWasRemovedWhileItWasRead) {
    std::atomic<bool> removed = false;
    web_.put("/wald",
             Website::Page{
                 .body = "<title>Wald</title><main><p>Wald</p></main>", .meanwhile = [&] {
                     const auto all = rules().all();
                     ASSERT_TRUE(all && all->size() == 1);
                     removed = rules().remove(kHereEditor, all->front().id, 1, noted()).has_value();
                 }});
    start();
    entered();
    until("read to the end", [&] { return removed && !office_->progress(); });
    office_->stop();
    const auto rows = db().read([&](storage::Connection &connection) -> Expected<void> {
        const auto found =
            storage::number(connection, "SELECT COUNT(*) FROM knowledge_website_page", {});
        EXPECT_EQ(found.value_or(-1), 0) << "not even for a moment";
        return {};
    });
    EXPECT_TRUE(rows);
}

// The server does not send again what has not changed, but the pages had left the search.
TEST_P(WebsiteOfficeTest, ReadsAnewWhatWasRemovedAndTakenBackWhileItWasRead) {
    start();
    const SiteRule site = entered();
    until("read", [&] { return outcome() == "complete"; });
    std::atomic<int> times = 0;
    web_.put("/wald",
             Website::Page{.body = "<title>/wald</title><main><p>Waldfriedhof</p></main>",
                           .meanwhile = [&] {
                               if (times > 0) return;
                               ASSERT_TRUE(rules().remove(kHereEditor, site.id, 1, noted()));
                               ASSERT_TRUE(rules().restore(kHereEditor, site.id, 2, noted()));
                               ++times;
                           }});
    clock_.set(clock_.now() + std::chrono::hours(24));
    office_->look_again();
    until("read anew", [&] { return times > 0 && outcome() == "complete"; });
    EXPECT_EQ(documents(), (Titles{"/", "/wald"}));
    EXPECT_GT(web_.conditional(), 0) << "the case was met";
}

TEST_P(WebsiteOfficeTest, AWishOutlivesATroubleOfTheHouseAndANewOneIsHeardAtOnce) {
    const auto rename = [&](const std::string &from, const std::string &to) {
        return db().write([&](storage::Connection &connection) {
            return storage::run(connection, "ALTER TABLE " + from + " RENAME TO " + to);
        });
    };
    std::atomic<int> troubles = 0;
    const auto trouble = [&] { // the database fails while the page comes
        web_.put("/", Website::Page{.body = "<main><p>Start</p></main>", .meanwhile = [&] {
                                        ASSERT_TRUE(rename("knowledge_website_staged", "away"));
                                        ++troubles;
                                    }});
    };
    const auto over = [&] {
        web_.put("/", "<p>Start</p>");
        ASSERT_TRUE(rename("away", "knowledge_website_staged"));
    };
    start({.every = Duration{}}); // only when somebody asks
    entered();
    trouble();
    asked_now();
    until("failed", [&] { return troubles == 1 && !office_->progress(); });
    over();
    EXPECT_TRUE(states()[0].wished);
    clock_.set(clock_.now() + std::chrono::hours(1));
    office_->look_again();
    until("tried again", [&] { return outcome() == "complete"; });

    trouble();
    clock_.set(clock_.now() + 61s);
    asked_now();
    until("failed again", [&] { return troubles == 2 && !office_->progress(); });
    over();
    clock_.set(clock_.now() + 1s); // not an hour
    asked_now();
    until("heard", [&] { return !states()[0].wished; });
    EXPECT_EQ(states()[0].last->ended_at, clock_.now());
}

class BreakingClock final : public Clock {
  public:
    explicit BreakingClock(const Clock &whole) : whole_(whole) {}
    [[nodiscard]] Instant now() const override {
        if (breaks_.exchange(false)) throw std::runtime_error("the clock broke");
        return whole_.now();
    }
    void break_next() { breaks_ = true; }
    [[nodiscard]] bool has_broken() const { return !breaks_; }

  private:
    const Clock &whole_;
    mutable std::atomic<bool> breaks_ = false;
};

TEST_P(WebsiteOfficeTest, WhateverBreaksEndsOneReadingOnly) {
    BreakingClock clock(clock_);
    WebsiteOffice office(db(), clock, {.configured = {}, .guard = guard_, .every = Duration{}});
    office.start();
    std::atomic<bool> asked = false;
    web_.put("/", Website::Page{.body = "<main><p>Start</p></main>", .meanwhile = [&] {
                                    if (!asked.exchange(true)) clock.break_next();
                                }});
    ASSERT_TRUE(add(kHereEditor, web_.at()));
    const auto wish = [&] {
        clock_.set(clock_.now() + 61s);
        ASSERT_TRUE(rules().ask_now(kHereEditor, web_.at(), false, noted()));
        office.look_again();
    };
    wish();
    until("broken while it read", [&] { return asked && !office.progress(); });
    EXPECT_TRUE(states()[0].wished);
    wish();
    until("read all the same", [&] { return outcome() == "complete"; });
    clock.break_next();
    office.look_again();
    until("broken while it looked", [&] { return clock.has_broken(); });
    wish();
    until("looks again", [&] { return states()[0].last->ended_at == clock_.now(); });
}

TEST_P(WebsiteOfficeTest, TakesAnotherAddressInsteadOfTheOld) {
    Website moved;
    moved.put("/", "<p>Neu</p>");
    moved.put("/umzug", "<p>Umzug</p>");
    start();
    SiteRule site = entered();
    until("read", [&] { return outcome() == "complete"; });
    site.start = moved.at();
    ASSERT_TRUE(rules().change(kHereEditor, site, noted()));
    EXPECT_EQ(audit_, "website.changed 1 start");
    EXPECT_TRUE(documents().empty());
    office_->look_again();
    until("the other one is read", [&] { return documents() == Titles{"/"}; });
    office_.reset(); // before the second website
}

TEST_P(WebsiteOfficeTest, AnOutageEmptiesNothingUnlessSomebodySaysThatItIsMeant) {
    std::string links;
    for (int i = 0; i < 4; ++i) {
        links += "<a href='/" + std::to_string(i) + "'>x</a>";
        web_.put("/" + std::to_string(i), "<p>Seite " + std::to_string(i) + "</p>");
    }
    web_.put("/", "<p>Start</p>" + links);
    web_.put("/robots.txt", Website::Page{.body = "", .type = "text/plain"});
    start();
    entered();
    until("read", [&] { return outcome() == "complete"; });
    EXPECT_EQ(documents().size(), 5U);
    web_.put("/", "<p>Wir bauen um.</p>");
    clock_.set(clock_.now() + 61s);
    asked_now();
    until("kept", [&] { return outcome() == "kept"; });
    EXPECT_EQ(documents().size(), 5U);
    clock_.set(clock_.now() + 61s);
    asked_now(true);
    EXPECT_EQ(audit_, "website.read_now 32410010010 losses_meant");
    until("meant", [&] { return outcome() == "complete"; });
    EXPECT_EQ(documents(), Titles{"/"});
}

TEST_P(WebsiteOfficeTest, ReadsTheConfigurationsSitesAndOnlyWhenAskedIfSoConfigured) {
    using enum Source::Kind;
    ASSERT_TRUE(note_sources(db(), {{website, kLangenhagen, web_.at()}}));
    start({.configured = {{.municipality = kLangenhagen, .start = web_.at()}},
           .guard = {},
           .every = Duration{}});
    EXPECT_FALSE(office_->reads_by_itself());
    asked_now();
    until("read", [&] { return outcome() == "complete"; });
    EXPECT_EQ(std::ranges::count(web_.asked(), "/"), 1) << "once, because once was asked";
    EXPECT_EQ(states()[0].rule, std::nullopt);
    office_.reset();
    // Not configured any more, and nobody has entered it: it leaves with the next start.
    ASSERT_TRUE(note_sources(db(), {}));
    start();
    until("forgotten", [&] { return documents().empty(); });
}

FERNAMT_ON_EVERY_ENGINE(WebsiteRulesTest);
FERNAMT_ON_EVERY_ENGINE(WebsiteOfficeTest);

} // namespace
} // namespace fernamt::knowledge
