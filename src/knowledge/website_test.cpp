// SPDX-License-Identifier: EUPL-1.2
// The crawler against a real web server of its own: what it reads, what it leaves alone, and how it
// behaves towards servers that are slow, endless, redirecting or lying.
#include "base/utf8.h"
#include "knowledge/areas.h"
#include "knowledge/search.h"
#include "knowledge/testing/website.h"
#include "knowledge/website.h"
#include "knowledge/website_excerpt.h"
#include "knowledge/website_page.h"
#include "knowledge/website_robots.h"
#include "storage/test_database.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>

namespace fernamt::knowledge {
namespace {

using testing::Website;

constexpr MunicipalityId kHere{32410010010};
constexpr MunicipalityId kThere{32410019019};

TEST(Robots, ObeysTheGroupThatNamesUs) {
    const Robots robots("User-agent: *\nDisallow: /\n\n# we\nUser-Agent: Andere\nUser-agent: "
                        "FERNAMT/2\r\nDisallow: /intern\nAllow: /intern/offen\nCrawl-delay: 3\n"
                        "Sitemap: https://a.example/karte.xml\n",
                        "Fernamt");
    EXPECT_TRUE(robots.allows("/"));
    EXPECT_FALSE(robots.allows("/intern/x"));
    EXPECT_FALSE(robots.allows("/interna"));
    EXPECT_TRUE(robots.allows("/intern/offen/1"));
    EXPECT_EQ(robots.delay_seconds(), 3);
    EXPECT_EQ(robots.sitemaps(), std::vector<std::string>{"https://a.example/karte.xml"});
}

TEST(Robots, LongestMatchWildcardsAndEscapes) {
    // The examples of RFC 9309 section 2.2.2 and 2.2.3, and what surrounds them.
    const Robots robots("user-agent: *\nallow: /example/page/\ndisallow: /example/page/"
                        "disallowed.gif\ndisallow: /*.php$\ndisallow: /t%C3%BCr\nallow: /p\n"
                        "disallow: /p\ndisallow: /b*z\n",
                        "x");
    EXPECT_TRUE(robots.allows("/example/page/a.gif"));
    EXPECT_FALSE(robots.allows("/example/page/disallowed.gif"));
    EXPECT_FALSE(robots.allows("/index.php"));
    EXPECT_TRUE(robots.allows("/index.php?x"));
    EXPECT_FALSE(robots.allows("/t%c3%bcr/"));
    EXPECT_FALSE(robots.allows("/tür"));
    EXPECT_TRUE(robots.allows("/p")) << "allow wins where both are as long";
    EXPECT_FALSE(robots.allows("/bxyz1"));
    EXPECT_TRUE(robots.allows("/robots.txt"));
    EXPECT_FALSE(Robots::nothing().allows("/x"));
    EXPECT_TRUE(Robots("", "x").allows("/x"));
    EXPECT_TRUE(Robots("\xff\xfe: \0 garbage", "x").allows("/x"));
    // Many stars take no time that grows with their number's power.
    EXPECT_FALSE(Robots("user-agent:*\ndisallow: /" + std::string(2000, '*') + "z", "x")
                     .allows("/" + std::string(2000, 'a') + "z"));
}

TEST(WebPage, SaysWhatReadersSee) {
    const WebPage page = read_page(
        "<html><head><title> Hunde &amp; Steuer </title></head><body><nav>Menü</nav><main>"
        "<h1>Hunde</h1><p>Der Hund   kostet\n120&nbsp;Euro.</p><script>böse()</script>"
        "<form>Suche</form><h2>Wo?</h2><ul><li>Rathaus</li><li>Bürgerbüro</li></ul>"
        "<a href='/a'>A</a><a href='/a'>A</a><a rel=nofollow href='/b'>B</a><a href='#x'>C</a>"
        "</main><footer>Impressum</footer></body></html>",
        "text/html");
    EXPECT_EQ(page.title, "Hunde & Steuer");
    ASSERT_EQ(page.sections.size(), 2U);
    EXPECT_EQ(page.sections[0].heading, "Hunde");
    EXPECT_EQ(page.sections[0].text, "Der Hund kostet 120 Euro.");
    EXPECT_EQ(page.sections[1].text, "Rathaus\nBürgerbüro\nAABC");
    EXPECT_EQ(page.links, std::vector<std::string>{"/a"});
    EXPECT_TRUE(page.index);
}

TEST(WebPage, ReadsEveryEncodingAndAnyBytes) {
    const auto text = [](const WebPage &page) {
        return page.sections.empty() ? std::string() : page.sections.front().text;
    };
    EXPECT_EQ(text(read_page("<p>T\xfcr</p>", "text/html; charset=iso-8859-1")), "Tür");
    EXPECT_EQ(text(read_page("<meta charset=iso-8859-1><p>T\xfcr</p>", "text/html")), "Tür");
    EXPECT_EQ(text(read_page("<p>Tür</p>", "text/html")), "Tür");
    EXPECT_FALSE(read_page("<meta name=robots content='NOINDEX,nofollow'><p>x</p>", "").index);
    std::string deep;
    for (int i = 0; i < 50'000; ++i)
        deep += "<div>";
    (void)read_page(deep + "x", "text/html");
    (void)read_page(std::string("\0\xff<a<b", 7), "text/html; charset=quatsch");
    EXPECT_TRUE(read_sitemap("<!DOCTYPE x [<!ENTITY a 'b'>]><urlset><url><loc>&a;</loc></url>"
                             "</urlset>")
                    .pages.empty());
    EXPECT_FALSE(is_page("application/pdf", "<html>"));
    EXPECT_FALSE(is_page("text/html", "%PDF-1.4 <"));
    EXPECT_FALSE(is_page("text/html; charset=utf-8", std::string("<\0", 2)));
}

TEST(WebAddress, IsNormalisedAndStaysOnTheWeb) {
    const auto whole = [](const char *reference, const char *base) {
        const auto address = web_address(reference, base);
        return address ? address->whole : std::string();
    };
    EXPECT_EQ(whole("../b?x=1#y", "https://WWW.Ex.de:443/a/c/d"), "https://www.ex.de/a/b?x=1");
    EXPECT_EQ(whole("//other.de", "https://ex.de/"), "https://other.de/");
    EXPECT_EQ(whole("ä ö", "http://ex.de/"), "http://ex.de/%c3%a4%20%c3%b6");
    for (const char *bad : {"javascript:x", "mailto:a@b", "ftp://ex.de/", "https://u:p@ex.de/",
                            "file:///etc/passwd"}) {
        EXPECT_EQ(whole(bad, "https://ex.de/"), "") << bad;
    }
}

class WebsiteTest : public storage::testing::DatabaseTest {
  protected:
    void SetUp() override { clock_.set(to_instant({2026, 11, 22}, 12 * 3600)); }

    Visit visit(WebsiteSite site) {
        site.municipality = kHere;
        if (site.start.empty()) site.start = web_.at();
        auto fetcher = make_page_fetcher({Website::kHost});
        const auto done = visit_site(db(), clock_, site,
                                     {*fetcher, {}, [&](Duration pause) { rested_ += pause; }});
        EXPECT_TRUE(done) << describe(done.error());
        return done.value_or(Visit{});
    }
    Visit visit() { return visit(WebsiteSite{}); }
    std::map<std::string, std::string> documents() { // title -> day
        std::map<std::string, std::string> all;
        EXPECT_TRUE(each_search_document(db(), [&](const SearchDocument &document) {
            EXPECT_EQ(document.kind, DocumentKind::website);
            EXPECT_EQ(document.areas, std::vector<MunicipalityId>{kHere});
            all[document.title] = fernamt::to_string(*document.checked_on);
            return true;
        }));
        return all;
    }

    ManualClock clock_;
    Website web_;
    Duration rested_{};
    storage::testing::TemporaryDirectory directory_;
};

TEST_P(WebsiteTest, IsReadFollowedFoundAndMarkedWithItsDay) {
    web_.put("/", "<h1>Willkommen</h1><p>Stadt</p><a href='/wald'>Wald</a>");
    web_.put("/wald", "<h1>Waldfriedhof</h1><p>Die Trauerhalle öffnet um neun Uhr.</p>");
    web_.put("/karte.xml", Website::Page{.body = "<urlset><url><loc>" + web_.at("/allein") +
                                                 "</loc></url></urlset>",
                                         .type = "application/xml"});
    web_.put("/robots.txt",
             Website::Page{.body = "Sitemap: " + web_.at("/karte.xml"), .type = "text/plain"});
    web_.put("/allein", "<h1>Nur in der Karte</h1><p>Text</p>");
    const Visit first = visit();
    EXPECT_EQ(first.outcome, "complete");
    EXPECT_EQ(first.stored, 3);
    EXPECT_GE(rested_, 3s) << "a pause before every request";

    const auto catalogue = Catalogue::load(db(), directory_.path() + "/search");
    ASSERT_TRUE(catalogue);
    const LocalDate today{2026, 11, 22};
    const auto found =
        (*catalogue)
            ->search({.text = "trauerhalle", .municipality = kHere, .today = today, .limit = 10});
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->items.empty());
    ASSERT_EQ(found->websites.size(), 1U);
    EXPECT_EQ(found->websites[0].url, web_.at("/wald"));
    EXPECT_EQ(found->websites[0].fetched_on, today);
    EXPECT_EQ(found->websites[0].excerpt, "Die Trauerhalle öffnet um neun Uhr.");
    ASSERT_EQ(found->websites[0].why.size(), 1U);
    EXPECT_EQ(found->websites[0].why[0].said, "trauerhalle");
    EXPECT_EQ(found->websites[0].why[0].field, MatchField::text);
    const auto elsewhere =
        (*catalogue)
            ->search({.text = "trauerhalle", .municipality = kThere, .today = today, .limit = 10});
    ASSERT_TRUE(elsewhere);
    EXPECT_TRUE(elsewhere->websites.empty()) << "another town's website";

    // Gone from the website: gone from the search, without a rebuild.
    web_.put("/", "<h1>Willkommen</h1><p>Stadt</p>");
    web_.remove("/wald");
    EXPECT_EQ(visit().gone, 1);
    ASSERT_TRUE((*catalogue)->refresh());
    const auto after =
        (*catalogue)
            ->search({.text = "trauerhalle", .municipality = kHere, .today = today, .limit = 10});
    ASSERT_TRUE(after);
    EXPECT_TRUE(after->websites.empty());
}

TEST(WebsiteExcerpt, IsTakenAroundTheWords) {
    std::string filler;
    for (int i = 0; i < 60; ++i)
        filler += "Größere Überschriften füllen diesen Absatz. ";
    const std::vector<PageSection> page{
        {"Start", "Hier beginnt die Seite."},
        {"Friedhof",
         filler + "Die Trauerhallen öffnen um neun Uhr, die Gebühr beträgt 120 Euro. " + filler}};
    const auto around = [&](const std::vector<std::string> &words) {
        return excerpt_around(page, words);
    };
    for (const auto &words : std::vector<std::vector<std::string>>{
             {"trauerhalle"}, {"trauerh"}, {"trauerhale"}, {"TRAUERHALLE", "gebühren"}}) {
        const std::string excerpt = around(words);
        EXPECT_NE(excerpt.find("Trauerhallen öffnen um neun Uhr"), std::string::npos) << excerpt;
        EXPECT_TRUE(excerpt.starts_with("… ") && excerpt.ends_with(" …")) << excerpt;
        EXPECT_LE(excerpt.size(), kLongestExcerpt + 8);
        EXPECT_TRUE(is_utf8(excerpt));
    }
    EXPECT_EQ(around({"quitte"}), "Hier beginnt die Seite.");
    EXPECT_EQ(around({}), "Hier beginnt die Seite.");
    EXPECT_EQ(excerpt_around({}, {"x"}), "");
    const std::string endless =
        excerpt_around({{"", std::string(5'000, 'x') + " wort"}}, {"xxxxx"});
    EXPECT_LE(endless.size(), kLongestExcerpt + 8);
}

class SiteOfTen : public WebsiteTest {
  protected:
    void SetUp() override {
        WebsiteTest::SetUp();
        std::string links;
        for (int i = 0; i < 9; ++i) {
            links += fmt::format("<a href='/{}'>x</a>", i);
            web_.put(fmt::format("/{}", i), fmt::format("<p>Seite {}</p>", i));
        }
        web_.put("/", "<p>Start</p>" + links);
        EXPECT_EQ(visit().stored, 10);
    }
    Expected<Visit> visit_as_meant() {
        auto fetcher = make_page_fetcher({Website::kHost});
        return visit_site(db(), clock_, {.municipality = kHere, .start = web_.at()},
                          {*fetcher, {}, [](Duration) {}, true});
    }
    void expect_kept(const char *why) {
        const auto generation = knowledge_generation(db());
        const Visit kept = visit();
        EXPECT_EQ(kept.outcome, "kept") << why;
        EXPECT_EQ(kept.gone, 0) << why;
        EXPECT_EQ(kept.stored, 0) << why;
        EXPECT_EQ(documents().size(), 10U) << why;
        EXPECT_EQ(knowledge_generation(db()), generation) << why;
    }
};

TEST_P(SiteOfTen, AnOutageOrAMaintenancePageEmptiesNothing) {
    const Website::Page pause{.body = "<title>Pause</title><main>Wir bauen um.</main>"};
    web_.put("/", pause);
    expect_kept("nothing leads anywhere");
    for (int i = 0; i < 9; ++i)
        web_.put(fmt::format("/{}", i), pause);
    web_.put("/", Website::Page{.body = pause.body + "<a href='/0'>0</a><a href='/1'>1</a>"
                                                     "<a href='/2'>2</a><a href='/3'>3</a>"
                                                     "<a href='/4'>4</a><a href='/5'>5</a>"});
    expect_kept("everywhere the same");
    for (int i = 0; i < 9; ++i)
        web_.remove(fmt::format("/{}", i));
    expect_kept("not found");
    for (int i = 0; i < 9; ++i)
        web_.put(fmt::format("/{}", i),
                 Website::Page{.status = 302, .more = "Location: http://10.0.0.1/wartung\r\n"});
    web_.put("/", Website::Page{.status = 302, .more = "Location: http://10.0.0.1/wartung\r\n"});
    expect_kept("elsewhere");
    EXPECT_EQ(last_visit(db(), web_.at()).value(), clock_.now()) << "noted all the same";
    // What is meant, is done.
    web_.put("/", pause);
    const auto meant = visit_as_meant();
    ASSERT_TRUE(meant);
    EXPECT_EQ(meant->outcome, "complete");
    EXPECT_EQ(documents().size(), 1U);
}

TEST_P(SiteOfTen, ANewWebsiteTakesThePlaceOfTheOld) {
    std::string links;
    for (int i = 0; i < 9; ++i) {
        web_.remove(fmt::format("/{}", i));
        links += fmt::format("<a href='/neu/{}'>x</a>", i);
        web_.put(fmt::format("/neu/{}", i), fmt::format("<p>Neue Seite {}</p>", i));
    }
    web_.put("/", "<p>Start</p>" + links);
    const Visit seen = visit();
    EXPECT_EQ(seen.outcome, "complete");
    EXPECT_EQ(seen.gone, 9);
    EXPECT_TRUE(documents().contains("/neu/8"));
    EXPECT_FALSE(documents().contains("/8"));
}

TEST_P(SiteOfTen, LeavesWithItsConfiguration) {
    const WebsiteSite site{.municipality = kHere, .start = web_.at()};
    EXPECT_EQ(forget_other_sites(db(), clock_, {site}), 0);
    EXPECT_EQ(documents().size(), 10U);
    WebsiteSite elsewhere = site;
    elsewhere.municipality = kThere;
    EXPECT_EQ(forget_other_sites(db(), clock_, {elsewhere}), 10) << "it is another town's now";
    EXPECT_TRUE(documents().empty());
    EXPECT_EQ(last_visit(db(), web_.at()).value(), std::nullopt) << "to be visited at once";
    EXPECT_EQ(forget_other_sites(db(), clock_, {}), 0);
    EXPECT_EQ(visit().stored, 10) << "and comes back";
    ASSERT_TRUE(forget_other_sites(db(), clock_, {}));
    std::int64_t texts = -1;
    ASSERT_TRUE(db().read([&](storage::Connection &connection) {
        return connection.each("SELECT COUNT(*) FROM knowledge_website_page WHERE sections <> '[]'",
                               {}, [&](const storage::Row &row) {
                                   texts = row.integer(0);
                                   return false;
                               });
    }));
    EXPECT_EQ(texts, 0) << "nothing of the texts stays";
}
FERNAMT_ON_EVERY_ENGINE(SiteOfTen);

TEST_P(WebsiteTest, IsAskedForChangesOnly) {
    web_.put("/", "<p>Eins</p><a href='/zwei'>2</a>");
    web_.put("/zwei", "<p>Zwei</p><a href='/drei'>3</a>");
    web_.put("/drei", "<p>Drei</p>");
    EXPECT_EQ(visit().stored, 3);
    EXPECT_EQ(web_.conditional(), 0);
    const auto generation = knowledge_generation(db());
    clock_.set(to_instant({2026, 11, 23}, 12 * 3600));
    web_.asked();
    const Visit again = visit();
    EXPECT_EQ(again.unchanged, 3) << "the links of what is not sent again are known";
    EXPECT_EQ(again.stored, 0);
    EXPECT_EQ(web_.conditional(), 3);
    EXPECT_EQ(knowledge_generation(db()), generation) << "nothing for the index to do";
    EXPECT_EQ(documents()["/drei"], "2026-11-23");
    web_.put("/zwei", "<p>Zwei, neu</p><a href='/drei'>3</a>");
    EXPECT_EQ(visit().stored, 1);
}

TEST_P(WebsiteTest, LeavesAloneWhatItMayNotSee) {
    web_.put("/robots.txt",
             Website::Page{.body = "User-agent: *\nDisallow: /intern", .type = "text/plain"});
    web_.put("/", "<p>x</p><a href='/intern/1'>i</a><a href='http://127.0.0.1:1/x'>o</a>"
                  "<a href='/bild.jpg'>b</a><a href='/pdf'>p</a><a href='/nein'>n</a>"
                  "<a href='javascript:alert(1)'>j</a>");
    web_.put("/intern/1", "<p>geheim</p>");
    web_.put("/pdf", Website::Page{.body = "%PDF-1.7 <x>"}); // calls itself HTML
    web_.put("/nein", Website::Page{.body = "<meta name=robots content=noindex><main><p>y</p>"
                                            "<a href='/hinter'>h</a></main>"});
    web_.put("/hinter", "<p>hinter</p>");
    const Visit seen = visit();
    EXPECT_EQ(seen.outcome, "complete");
    const auto asked = web_.asked();
    for (const char *never : {"/intern/1", "/bild.jpg"})
        EXPECT_EQ(std::ranges::count(asked, never), 0) << never;
    EXPECT_EQ(documents().size(), 2U) << "the start and what lies behind a page not to be found";
    EXPECT_GE(seen.refused, 3);
}

TEST_P(WebsiteTest, DoesNotVisitWhoForbidsOrCannotBeAsked) {
    web_.put("/", "<p>x</p>");
    web_.put("/robots.txt", Website::Page{.body = "User-agent: fernamt\nDisallow: /"});
    EXPECT_EQ(visit().outcome, "refused");
    web_.put("/robots.txt", Website::Page{.body = "", .status = 500});
    EXPECT_EQ(visit().outcome, "unreachable");
    EXPECT_EQ(visit({.start = "http://127.0.0.1:1/"}).outcome, "unreachable");
    EXPECT_EQ(std::ranges::count(web_.asked(), "/"), 0);
}

TEST_P(WebsiteTest, SaysWhyThereIsNothing) {
    web_.put("/", Website::Page{.status = 301, .more = "Location: http://127.0.0.1:1/neu\r\n"});
    EXPECT_EQ(visit().outcome, "moved") << "the start leads to another host";
    auto careful = make_page_fetcher();
    const WebsiteSite site{.municipality = kHere, .start = web_.at()};
    const auto seen = visit_site(db(), clock_, site, {*careful, {}, [](Duration) {}});
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->outcome, "private");
}

TEST_P(WebsiteTest, TellsHowFarItIs) {
    web_.put("/", "<p>Start</p><a href='/a'>a</a><a href='/b'>b</a>");
    web_.put("/a", "<p>A</p>");
    web_.put("/b", "<p>B</p>");
    auto fetcher = make_page_fetcher({Website::kHost});
    std::vector<std::int64_t> asked;
    const auto done = visit_site(db(), clock_, {.municipality = kHere, .start = web_.at()},
                                 {*fetcher,
                                  {},
                                  [](Duration) {},
                                  false,
                                  [&](const Visit &so_far) { asked.push_back(so_far.asked); }});
    ASSERT_TRUE(done);
    EXPECT_EQ(asked, (std::vector<std::int64_t>{0, 1, 2}));
}

TEST_P(WebsiteTest, SurvivesSlowEndlessAndCirclingServers) {
    web_.put("/", "<p>x</p><a href='/stumm'>s</a><a href='/endlos'>e</a><a href='/kreis'>k</a>"
                  "<a href='/gut'>g</a><a href='/fort'>f</a>");
    web_.put("/stumm", Website::Page{.silent = true});
    web_.put("/endlos", Website::Page{.endless = true});
    web_.put("/kreis", Website::Page{.status = 302, .more = "Location: /kreis2\r\n"});
    web_.put("/kreis2", Website::Page{.status = 302, .more = "Location: /kreis\r\n"});
    web_.put("/fort", Website::Page{.status = 301, .more = "Location: http://10.0.0.1/x\r\n"});
    web_.put("/gut", "<p>gut</p>");
    const WebsiteSite quick{
        .municipality = kHere, .most_bytes_of_a_page = 100'000, .longest_request = 5s};
    const Visit seen = visit(quick);
    EXPECT_EQ(seen.outcome, "complete");
    EXPECT_EQ(seen.failed, 2);
    EXPECT_EQ(documents().size(), 2U);
    // What was there before and cannot be read today stays.
    web_.put("/stumm", "<p>spricht</p>");
    web_.put("/gut", Website::Page{.silent = true});
    EXPECT_EQ(visit(quick).gone, 0);
    EXPECT_EQ(documents().size(), 3U);
}

TEST_P(WebsiteTest, KeepsItsLimits) {
    std::string links;
    for (int i = 0; i < 40; ++i) {
        links += fmt::format("<a href='/{}'>x</a>", i);
        web_.put(fmt::format("/{}", i), fmt::format("<p>Seite {}</p>", i));
    }
    web_.put("/", "<p>x</p>" + links);
    EXPECT_EQ(visit().outcome, "complete");
    const Visit few = visit({.most_pages = 10});
    EXPECT_EQ(few.outcome, "limit");
    EXPECT_EQ(few.asked, 10);
    EXPECT_EQ(few.gone, 0) << "what was not reached is not gone";
    EXPECT_EQ(visit({.most_depth = 0}).asked, 1);
    EXPECT_EQ(visit({.most_bytes = 10}).asked, 0);
}

TEST_P(WebsiteTest, LeavesWhenAskedToOrWhenTheServerFails) {
    std::string links;
    for (int i = 0; i < 20; ++i) {
        links += fmt::format("<a href='/{}'>x</a>", i);
        web_.put(fmt::format("/{}", i), Website::Page{.body = "", .status = 500});
    }
    web_.put("/", "<p>x</p>" + links);
    const Visit failing = visit();
    EXPECT_EQ(failing.outcome, "failing");
    EXPECT_EQ(failing.asked, 6);
    web_.put("/0", Website::Page{.body = "", .status = 503, .more = "Retry-After: 60\r\n"});
    EXPECT_EQ(visit().outcome, "asked_to_leave");
    EXPECT_TRUE(last_visit(db(), web_.at()).value_or(std::nullopt));
    auto fetcher = make_page_fetcher({Website::kHost});
    const WebsiteSite site{.municipality = kHere, .start = web_.at()};
    const auto stopped =
        visit_site(db(), clock_, site, {*fetcher, [] { return true; }, [](Duration) {}});
    ASSERT_TRUE(stopped);
    EXPECT_EQ(stopped->outcome, "stopped");
    EXPECT_FALSE(
        visit_site(db(), clock_, {.municipality = kHere, .start = "ftp://x/"}, {*fetcher, {}, {}}));
}

// Stops as soon as the address has been asked for, which says nothing for two minutes.
TEST_P(WebsiteTest, LeavesInTheMiddleOfARequest) {
    web_.put("/", "<p>x</p>");
    EXPECT_EQ(visit().outcome, "complete");
    auto fetcher = make_page_fetcher({Website::kHost});
    for (const std::string silent : {"/", "/sitemap.xml", "/robots.txt"}) {
        web_.put(silent, Website::Page{.silent = true});
        (void)web_.asked();
        const auto stop = [&] { return std::ranges::count(web_.asked(), silent) > 0; };
        const auto stopped = visit_site(
            db(), clock_,
            {.municipality = kHere, .start = web_.at(), .longest_request = std::chrono::minutes(2)},
            {*fetcher, stop, [](Duration) {}});
        ASSERT_TRUE(stopped) << silent;
        EXPECT_EQ(stopped->outcome, "stopped") << silent;
        EXPECT_EQ(stopped->failed, 0) << silent << " was waited for to the end";
        EXPECT_EQ(documents().size(), 1U) << silent;
    }
}

TEST_P(WebsiteTest, IsNotSentToAnotherHostByRobotsTxt) {
    web_.put("/", "<p>x</p>");
    web_.put("/robots.txt", Website::Page{.status = 302, .more = "Location: /regeln\r\n"});
    web_.put("/regeln", Website::Page{.body = "user-agent: *\ndisallow: /", .type = "text/plain"});
    EXPECT_EQ(visit().outcome, "refused") << "here it is followed";
    Website inside;
    inside.put("/geheim", "<p>intern</p>");
    web_.put("/robots.txt",
             Website::Page{.status = 302, .more = "Location: " + inside.at("/geheim") + "\r\n"});
    (void)web_.asked();
    EXPECT_EQ(visit().outcome, "moved");
    EXPECT_TRUE(inside.asked().empty());
    EXPECT_EQ(web_.asked(), std::vector<std::string>{"/robots.txt"});
}

TEST_P(WebsiteTest, KeepsNoValidatorThatTheDatabaseDoesNotTake) {
    // Not UTF-8; the server's own ETag comes before it.
    web_.put("/", Website::Page{.body = "<main><p>x</p><a href='/lang'>l</a></main>",
                                .more = "ETag: \"\xfc\"\r\nLast-Modified: \xfc\r\n"});
    web_.put("/lang", Website::Page{.body = "<main><p>y</p></main>",
                                    .more = "ETag: \"" + std::string(600, 'x') + "\"\r\n"});
    const Visit first = visit();
    EXPECT_EQ(first.outcome, "complete");
    EXPECT_EQ(first.stored, 2);
    EXPECT_EQ(visit().unchanged, 2);
    EXPECT_EQ(web_.conditional(), 0);
}

TEST_P(WebsiteTest, LeavesNothingOfAWithdrawnVisit) {
    web_.put("/", "<p>x</p>");
    auto fetcher = make_page_fetcher({Website::kHost});
    VisitOptions options{*fetcher, {}, [](Duration) {}};
    options.withdrawn = [] { return true; };
    const WebsiteSite site{.municipality = kHere, .start = web_.at()};
    const auto done = visit_site(db(), clock_, site, options);
    ASSERT_TRUE(done);
    EXPECT_EQ(done->outcome, "stopped");
    EXPECT_TRUE(documents().empty());
}

FERNAMT_ON_EVERY_ENGINE(WebsiteTest);

// The guard looks at the address that is connected to: with a proxy, that is the proxy's.
TEST(PageFetcher, AsksNoProxyOfTheEnvironment) {
    Website web;
    web.put("/", "<p>x</p>");
    const char *before = std::getenv("http_proxy");
    const std::string kept = before == nullptr ? "" : before;
    ::setenv("http_proxy", "http://127.0.0.1:1", 1); // nobody listens
    const auto answer = make_page_fetcher({Website::kHost})->fetch({.url = web.at()});
    before == nullptr ? ::unsetenv("http_proxy") : ::setenv("http_proxy", kept.c_str(), 1);
    ASSERT_TRUE(answer) << describe(answer.error());
    EXPECT_EQ(answer->status, 200);
}

TEST(PageFetcher, DoesNotReadTheHousesOwnMachines) {
    Website web;
    web.put("/", "<p>intern</p>");
    auto careful = make_page_fetcher();
    for (const std::string &url :
         {web.at(), std::string("http://[::1]:1/"), std::string("http://[::ffff:127.0.0.1]:1/"),
          std::string("http://0x7f000001:1/")}) {
        const auto answer = careful->fetch({.url = url});
        ASSERT_FALSE(answer) << url;
        EXPECT_EQ(answer.error().code, "website.private_address") << url;
    }
    EXPECT_TRUE(web.asked().empty());
    EXPECT_FALSE(careful->fetch({.url = "file:///etc/passwd"}));
}

// The host's name is looked up, and what it leads to is looked at.
TEST(PageFetcher, DoesNotReadThemByANameEither) {
    Website web;
    web.put("/", "<p>intern</p>");
    const std::string here = web.at("/", "localhost"); // RFC 6761: this machine, without a network
    for (const PrivateHosts &others : {PrivateHosts{}, PrivateHosts{Website::kHost},
                                       PrivateHosts{"host", "x.localhost", "::1"}}) {
        const auto answer = make_page_fetcher(others)->fetch({.url = here});
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().code, "website.private_address");
    }
    EXPECT_TRUE(web.asked().empty());
}

TEST(PageFetcher, ReadsThoseThatTheOperatorHasNamedAndNoOthers) {
    Website web;
    web.put("/", "<p>intern</p>");
    auto fetcher = make_page_fetcher({"LocalHost"});
    const auto named = fetcher->fetch({.url = web.at("/", "localhost")});
    ASSERT_TRUE(named) << describe(named.error());
    EXPECT_EQ(named->status, 200);
    // The connection to that machine is open, and still nobody else's.
    const auto other = fetcher->fetch({.url = web.at()});
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, "website.private_address");
    EXPECT_EQ(web.asked().size(), 1U);
}

TEST(PageFetcher, KnowsWhatAHostIs) {
    for (const char *host : {"localhost", "Intranet.Stadt.example", "10.0.0.5", "[fd00::5]"})
        EXPECT_TRUE(is_host(host)) << host;
    for (const char *none : {"", "http://x.example", "x.example/", "x.example:80", "x.example:8080",
                             "10.0.0.0/8", "fd00::5", "a b", "u@x.example", "x?y", "127.1"}) {
        EXPECT_FALSE(is_host(none)) << none;
    }
}

} // namespace
} // namespace fernamt::knowledge
