// SPDX-License-Identifier: EUPL-1.2
// Deliveries of knowledge at a running office: the command line hands them to the service while it
// answers calls; whoever is killed in the middle, half a delivery is never the end of it.
#include "knowledge/delivery_samples.h"
#include "office.h"
#include "storage/test_database.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

namespace fernamt::testing {
namespace {

namespace samples = knowledge::samples;

std::string make_delivery(const Office &office, int objects) {
    const std::string path = office.directory() + "/delivery.xml";
    std::ofstream out(path, std::ios::binary);
    out << samples::head();
    for (int i = 0; i < objects; ++i)
        out << samples::generated(i, 3'000);
    out << samples::kFoot;
    return path;
}

// The newest delivery's state, "" when there is none.
std::string state(Office &office) {
    const auto all = boost::json::parse(office.ask({"knowledge", "deliveries", "--json"}));
    if (all.as_array().empty()) return "";
    return std::string(all.at(0).at("state").as_string());
}

std::vector<std::string> import_of(const Office &office, const std::string &path) {
    return {"knowledge", "import", path, "--source", "test", "--database", office.database_url()};
}

class DeliveryBesideCalls : public ::testing::TestWithParam<storage::Engine> {};

TEST_P(DeliveryBesideCalls, TakesEffectWhileCallsAreAnsweredAndIsUndone) {
    std::optional<storage::testing::TestDatabase> server;
    if (GetParam() == storage::Engine::postgresql) server.emplace(GetParam());
    Office office(2, {.database_url = server ? server->url() : ""});
    office.start();
    office.people(0, 5s);
    const std::string path = make_delivery(office, 1'600);
    std::vector<std::string> arguments{"knowledge", "import", path, "--source", "test", "--json"};
    if (server) { // its socket stands in the state directory, which only the configuration names
        arguments.insert(arguments.end(), {"--config", office.directory() + "/fernamt.toml"});
    } else {
        arguments.insert(arguments.end(), {"--database", office.database_url()});
    }
    Program import(arguments);
    // Calls come in and are answered from the first to the last piece.
    int called = 0;
    while (import.running()) {
        office.call();
        ++called;
        ASSERT_TRUE(eventually([&] { return office.seen().reached_person == called; }, 90))
            << office.program().errors();
        if (called == 100) break;
    }
    ASSERT_EQ(import.wait(300), 0) << import.errors() << office.program().errors();
    EXPECT_GT(called, 0);
    const auto report = boost::json::parse(import.output());
    EXPECT_EQ(report.at("state").as_string(), "applied");
    EXPECT_EQ(report.at("objects").as_int64(), 1'600);
    ASSERT_TRUE(eventually([&] { return office.seen().open == 0; }, 120));
    EXPECT_EQ(office.seen().lost, 0);
    EXPECT_EQ(state(office), "applied");
}

INSTANTIATE_TEST_SUITE_P(Engines, DeliveryBesideCalls,
                         ::testing::Values(storage::Engine::sqlite, storage::Engine::postgresql),
                         [](const auto &about) {
                             return about.param == storage::Engine::sqlite ? "sqlite"
                                                                           : "postgresql";
                         });

TEST(Deliveries, AKilledServiceGoesOnWithTheOneItWasApplying) {
    Office office(1);
    office.start();
    const std::string path = make_delivery(office, 4'000);
    Program import(import_of(office, path));
    ASSERT_TRUE(eventually([&] { return state(office) == "applying"; }, 300)) << import.errors();
    office.kill();
    EXPECT_NE(import.wait(60), 0); // it does not say that all is well
    ASSERT_EQ(state(office), "applying");
    office.start();
    EXPECT_TRUE(eventually([&] { return state(office) == "applied"; }, 300))
        << office.program().errors();
    EXPECT_NE(office.program().errors().find("knowledge.delivery_goes_on"), std::string::npos);
}

// Without a service: the command itself is killed.
TEST(Deliveries, AKilledCommandLeavesNothingOrWhatCanBeGoneOnWith) {
    Office office(1);
    office.start();
    EXPECT_EQ(office.stop(), 0);
    const std::string path = make_delivery(office, 8'000);
    const std::string temporary = make_directory(); // nobody else's
    ASSERT_EQ(::setenv("TMPDIR", temporary.c_str(), 1), 0);
    {
        Program import(import_of(office, path));
        ASSERT_TRUE(eventually([&] { return state(office) == "staging"; }, 120));
        import.signal(SIGKILL);
        EXPECT_EQ(import.wait(30), -SIGKILL);
    }
    {
        Program import(import_of(office, path));
        ASSERT_TRUE(eventually([&] { return state(office) == "applying"; }, 300))
            << import.errors();
        import.signal(SIGKILL);
        EXPECT_EQ(import.wait(30), -SIGKILL);
    }
    ::unsetenv("TMPDIR");
    EXPECT_TRUE(std::filesystem::is_empty(temporary)) << "a killed command tidies nothing up";
    std::filesystem::remove_all(temporary);
    const auto all = boost::json::parse(office.ask({"knowledge", "deliveries", "--json"}));
    ASSERT_EQ(all.as_array().size(), 2U);
    EXPECT_EQ(all.at(1).at("state").as_string(), "failed"); // cleaned up by the second import
    EXPECT_EQ(all.at(0).at("source").as_string(), "test");
    ASSERT_EQ(all.at(0).at("state").as_string(), "applying");
    const std::string id = std::to_string(all.at(0).at("delivery").as_int64());
    (void)office.ask({"knowledge", "deliveries", "--apply", id});
    EXPECT_EQ(state(office), "applied");
    (void)office.ask({"knowledge", "deliveries", "--undo", id});
    EXPECT_EQ(state(office), "undone");
    const auto shown =
        boost::json::parse(office.ask({"knowledge", "deliveries", "--show", id, "--json"}));
    EXPECT_EQ(shown.at("objects").as_int64(), 8'000);
}

} // namespace
} // namespace fernamt::testing
