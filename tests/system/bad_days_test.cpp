// SPDX-License-Identifier: EUPL-1.2
// Bad input and bad days, against the running service.
#include "office.h"
#include "people/municipalities.h"
#include "storage/database.h"

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

namespace fernamt::testing {
namespace {

TEST(BadDays, UnknownConfigurationKeyIsRefusedWithLineAndSuggestion) {
    const std::string directory = make_directory();
    std::ofstream(directory + "/wrong.toml") << "[web]\nprot = 8115\n";
    Program program({"serve", "--config", directory + "/wrong.toml"});
    EXPECT_EQ(program.wait(20), 78);
    EXPECT_NE(program.errors().find("line: 2"), std::string::npos) << program.errors();
    EXPECT_NE(program.errors().find("did you mean web.port?"), std::string::npos);
}

TEST(BadDays, PortInUseNamesThePort) {
    Office office(1);
    office.start();
    Program second({"serve", "--config", office.directory() + "/fernamt.toml"});
    EXPECT_NE(second.wait(30), 0);
    EXPECT_FALSE(second.errors().empty());
    EXPECT_TRUE(office.program().running());
}

TEST(BadDays, NobodySignedInIsSaidAndEnded) {
    Office office(1);
    office.start();
    office.people(0, 2s);
    ASSERT_EQ(office.press(office.region().phones.front().login, "sign_out"), 204);
    office.call();
    ASSERT_TRUE(eventually([&] { return office.seen().turned_away == 1; }, 40));
}

TEST(BadDays, UnknownNumberHearsAnAnnouncementAndNoNumberIsLogged) {
    Office office(1);
    office.start();
    office.people(0, 2s);
    office.simulator().call("+493023125999");
    ASSERT_TRUE(eventually([&] { return office.seen().turned_away == 1; }, 40));
    EXPECT_NE(office.program().errors().find("call.unknown_number"), std::string::npos);
    EXPECT_EQ(office.program().errors().find("+49"), std::string::npos)
        << office.program().errors();
}

TEST(BadDays, OutsideItsHoursATownSaysSo) {
    Office office(1);
    {
        auto database = storage::Database::open(office.database_url());
        ASSERT_TRUE(database);
        const SystemClock clock;
        people::Municipalities municipalities(**database, clock);
        auto town = municipalities.find(office.region().municipalities.back().id);
        ASSERT_TRUE(town);
        const int today = static_cast<int>(weekday_of(to_local(clock.now()).date));
        town->hours = {{static_cast<Weekday>((today + 3) % 7), 8 * 3600, 18 * 3600}};
        ASSERT_TRUE(municipalities.change(*town, {}));
    }
    office.start();
    office.people(0, 60s); // a colleague is there, and must not be disturbed
    office.call();
    ASSERT_TRUE(eventually([&] { return office.seen().turned_away == 1; }, 60));
    EXPECT_EQ(office.seen().connected, 1);
    EXPECT_EQ(office.seen().heard_greeting, 1); // loud sound came: the closing announcement
    EXPECT_GT(office.seen().rtp_received, 50);
    EXPECT_EQ(office.seen().rung, 0);
    const std::string ledger = office.ledger();
    EXPECT_NE(ledger.find("\"announcement\":\"closed\""), std::string::npos) << ledger;
    EXPECT_NE(ledger.find("\"rule\":\"closed_hours\""), std::string::npos);
    EXPECT_NE(ledger.find("\"reason\":\"closed\""), std::string::npos);
}

TEST(BadDays, LostMediaMeans503AndItsReturnIsNoticed) {
    Office office(2);
    office.start();
    office.people(0, 20s);
    office.call();
    ASSERT_TRUE(eventually([&] { return office.seen().reached_person == 1; }, 40));
    const int rtpengine = rtpengine_pid(office.directory());
    ASSERT_GT(rtpengine, 1);
    ::kill(rtpengine, SIGKILL);
    // The conversation that lost its sound ends; afterwards calls are taken again.
    ASSERT_TRUE(eventually([&] { return office.seen().open == 0; }, 40));
    ASSERT_TRUE(eventually([&] {
        return office.get("lead", "/api/v1/situation").find("\"media_available\":true") !=
               std::string::npos;
    }));
    office.call();
    EXPECT_TRUE(eventually([&] { return office.seen().reached_person == 2; }, 40))
        << office.program().errors();
    const std::string log = office.program().errors();
    EXPECT_EQ(log.find("media.gone"), log.rfind("media.gone")) << "said more than once";
}

TEST(BadDays, NoPersonalDataInLogOrMetrics) {
    Office office(2);
    office.start();
    office.people(0, 1s);
    for (int i = 0; i < 3; ++i)
        office.call();
    ASSERT_TRUE(eventually([&] { return office.seen().completed == 3; }, 60));
    net::Client client("127.0.0.1", static_cast<unsigned short>(office.http_port()));
    const auto metrics = client.get("/metrics");
    ASSERT_TRUE(metrics);
    for (const std::string &text : {office.program().errors(), metrics->body}) {
        EXPECT_EQ(text.find("+49"), std::string::npos);
        EXPECT_EQ(text.find("Agentin"), std::string::npos);
    }
}

} // namespace
} // namespace fernamt::testing
