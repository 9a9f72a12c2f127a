// SPDX-License-Identifier: EUPL-1.2
// A web server that never says nothing and never ends: one byte now and then, in the head or in the
// text. Whoever counts how long nothing came waits for it for ever; the crawler counts the whole
// request, leaves it and goes on with the others.
#include "knowledge/search_document.h"
#include "knowledge/testing/website.h"
#include "knowledge/website.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <set>

namespace fernamt::knowledge {
namespace {

using testing::Website;
constexpr MunicipalityId kTown{32410010010};
constexpr Duration kLongest = 3s; // also for a good page on a machine that does much else

class DrippingWebsite : public ::testing::Test {
  protected:
    Visit visit(const Website &web) {
        auto fetcher = make_page_fetcher({Website::kHost});
        const auto done =
            visit_site(database_.open(), clock_,
                       {.municipality = kTown, .start = web.at(), .longest_request = kLongest},
                       {*fetcher, {}, [](Duration) {}});
        EXPECT_TRUE(done) << describe(done.error());
        return done.value_or(Visit{});
    }
    std::set<std::string> titles() {
        std::set<std::string> all;
        EXPECT_TRUE(each_search_document(database_.open(), [&](const SearchDocument &document) {
            all.insert(document.title);
            return true;
        }));
        return all;
    }

    storage::testing::TestDatabase database_{storage::Engine::sqlite};
    ManualClock clock_{to_instant({2026, 11, 22}, 12 * 3600)};
    Website web_;
};

TEST_F(DrippingWebsite, IsLeftAtItsLimitAndTheOtherPagesAreRead) {
    web_.put("/", "<p>x</p><a href='/kopf'>k</a><a href='/text'>t</a><a href='/gut'>g</a>");
    web_.put("/kopf", Website::Page{.drips = Website::Page::Drips::head});
    web_.put("/text", Website::Page{.drips = Website::Page::Drips::body});
    web_.put("/gut", "<p>gut</p>");
    const Visit seen = visit(web_);
    EXPECT_EQ(seen.outcome, "complete");
    EXPECT_EQ(seen.asked, 4);
    EXPECT_EQ(seen.failed, 2);
    EXPECT_GT(web_.dripped(), 10) << "it was never silent";
    EXPECT_EQ(titles(), (std::set<std::string>{"/", "/gut"})) << "nothing of half a page";
    // What was read before stays while its server drips.
    web_.put("/gut", Website::Page{.drips = Website::Page::Drips::body});
    EXPECT_EQ(visit(web_).gone, 0);
    EXPECT_EQ(titles(), (std::set<std::string>{"/", "/gut"}));
}

TEST_F(DrippingWebsite, CannotBeAskedAndTheNextSiteIsVisited) {
    web_.put("/", "<p>x</p>");
    web_.put("/robots.txt", Website::Page{.drips = Website::Page::Drips::head});
    EXPECT_EQ(visit(web_).outcome, "unreachable");
    Website next;
    next.put("/", "<p>y</p>");
    EXPECT_EQ(visit(next).outcome, "complete");
    EXPECT_EQ(titles(), std::set<std::string>{"/"});
}

} // namespace
} // namespace fernamt::knowledge
