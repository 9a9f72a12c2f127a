// SPDX-License-Identifier: EUPL-1.2
// kill -9 of Fernamt during calls: conversations keep their sound, the new process takes them up,
// and what was acknowledged stands in the ledger.
#include <gtest/gtest.h>

#include "office.h"

namespace fernamt::testing {
namespace {

TEST(Restart, ConversationsGoOnWhileTheServiceIsDeadAndAfterwards) {
    Office office(4);
    office.start();
    office.people(0, 25s);
    ASSERT_TRUE(eventually([&] { return office.seen().registered == 4; }));
    for (int i = 0; i < 6; ++i) office.call(); // four talk, two wait
    ASSERT_TRUE(eventually([&] { return office.seen().reached_person == 4; }, 40));
    ASSERT_TRUE(eventually([&] { return office.seen().connected == 6; }));

    office.kill();
    const auto before = office.seen();
    std::this_thread::sleep_for(std::chrono::seconds(3));
    const auto dead = office.seen();
    // Six citizens and four colleagues hear 50 packets a second each, also now.
    EXPECT_GT(dead.rtp_received - before.rtp_received, 3 * 50 * 8);
    EXPECT_EQ(dead.completed, before.completed);

    office.start();
    EXPECT_NE(office.program().errors().find("\"calls_taken_up\":6"), std::string::npos)
        << office.program().errors();
    // Everybody finishes as if nothing had happened; those who waited are served next.
    ASSERT_TRUE(eventually([&] { return office.seen().completed == 6; }, 90))
        << "completed " << office.seen().completed << ", lost " << office.seen().lost << "\n"
        << office.program().errors();
    EXPECT_EQ(office.seen().lost, 0);
    EXPECT_TRUE(office.ask({"ledger", "verify"}).starts_with("ok: "));
    EXPECT_TRUE(eventually([&] {
        return office.get("lead", "/api/v1/situation").find("\"waiting\":0") != std::string::npos;
    }));
}

TEST(Restart, CleanStopAndStartKeepRulesAndInvoices) {
    Office office(2);
    office.start();
    office.people(0, 2s);
    ASSERT_TRUE(eventually([&] { return office.seen().registered == 2; }));
    office.call();
    ASSERT_TRUE(eventually([&] { return office.seen().completed == 1; }, 40));
    const auto ars = to_ars(office.region().municipalities.back().id);
    const std::string month = to_iso8601(SystemClock{}.now()).substr(0, 7);
    const std::vector<std::string> invoice{"invoice", "--municipality", ars, "--month", month};
    std::string first;
    ASSERT_TRUE(eventually([&] {
        first = office.ask(invoice);
        return first.find("1") != std::string::npos;
    }));
    EXPECT_EQ(office.stop(), 0);
    office.start();
    EXPECT_EQ(office.ask(invoice), first);
}

} // namespace
} // namespace fernamt::testing
