// SPDX-License-Identifier: EUPL-1.2
// The operator's door and its visitors, over the real socket: who is served beside whom, and what
// the others are told.
#include "app/exit_codes.h"
#include "app/operator_door.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <future>
#include <iterator>
#include <list>
#include <thread>

namespace fernamt::app {
namespace {

class OperatorsDoor : public ::testing::Test {
  protected:
    OperatorsDoor() {
        std::ofstream(file_, std::ios::binary) << "Nr;Ziel\n1;115\n";
        open([this](const std::string &, std::istream &records, const OperatorTalk &) {
            begun_.set_value();
            may_end_.get_future().wait();
            return Expected<std::string>(std::string(std::istreambuf_iterator<char>(records), {}));
        });
    }
    void open(const OperatorDoor::TakeCalls &take_calls) {
        door_.reset();
        door_ = OperatorDoor::open(path_, office_, database_.open(), take_calls);
    }
    Expected<std::string> import_calls() {
        return OperatorClient(path_).import_calls(file_, "mapping", [](std::int64_t) {});
    }
    // What the office says of a delivery that is not there: the door was open.
    std::string answer() { return OperatorClient(path_).undo(4711).error().code; }
    int connected() {
        const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const auto address = name();
        const auto *there = reinterpret_cast<const sockaddr *>(&address); // NOLINT
        EXPECT_EQ(::connect(socket, there, sizeof address), 0);
        return socket;
    }
    sockaddr_un name() const {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        EXPECT_LT(path_.size(), sizeof address.sun_path);
        path_.copy(address.sun_path, sizeof address.sun_path - 1);
        return address;
    }
    storage::testing::TestDatabase database_{storage::Engine::sqlite};
    SystemClock clock_;
    knowledge::DeliveryOffice office_{
        database_.open(),
        clock_,
        {.directory = database_.directory() + "/deliveries", .uploads = {}, .on_change = {}}};
    const std::string path_ = database_.directory() + "/operator";
    const std::string file_ = database_.directory() + "/old.csv";
    std::promise<void> begun_, may_end_;
    std::unique_ptr<OperatorDoor> door_;
};

TEST_F(OperatorsDoor, ServesOthersBesideAnImportAndTellsASecondOneWhyNot) {
    auto first = std::async(std::launch::async, [this] { return import_calls(); });
    begun_.get_future().wait();
    const auto second = import_calls();
    const std::string other = answer();
    may_end_.set_value();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, "operator.busy");
    const auto &told = second.error().arguments;
    EXPECT_TRUE(std::ranges::any_of(told, [](const auto &one) {
        return one.first == "doing" && one.second == "calls import";
    }));
    EXPECT_TRUE(std::ranges::any_of(told, [](const auto &one) { return one.first == "remedy"; }));
    EXPECT_EQ(report(second.error()), kUnavailable);
    EXPECT_EQ(other, "knowledge.delivery_not_found");
    EXPECT_EQ(first.get().value_or("nothing"), "Nr;Ziel\n1;115\n");

    open([](const std::string &, std::istream &, const OperatorTalk &) -> Expected<std::string> {
        throw std::runtime_error("broken");
    });
    for (int i = 0; i < 2; ++i) // whatever came of one, the next one is let in
        EXPECT_EQ(import_calls().error().code, "calls.import_failed");
}

TEST_F(OperatorsDoor, WhoSaysNothingKeepsNobodyOutUntilTheyAreTooMany) {
    std::list<int> silent;
    for (int i = 0; i < 7; ++i)
        silent.push_back(connected());
    EXPECT_EQ(answer(), "knowledge.delivery_not_found");
    while (answer() != "operator.busy")
        silent.push_back(connected());
    for (const int socket : silent)
        ::close(socket);
    std::string last;
    do { // the door may not have seen yet that they are gone
        last = answer();
    } while (last == "operator.busy");
    EXPECT_EQ(last, "knowledge.delivery_not_found");
}

TEST_F(OperatorsDoor, AStopWaitsForNoVisitor) {
    const int silent = connected();
    auto import = std::async(std::launch::async, [this] { return import_calls(); });
    begun_.get_future().wait();
    may_end_.set_value();
    door_.reset();
    (void)import.get();
    char byte = 0;
    EXPECT_EQ(::recv(silent, &byte, 1, 0), 0);
    ::close(silent);
    EXPECT_EQ(answer(), "operator.no_answer");
}

// As of a service that is killed.
TEST_F(OperatorsDoor, WhoGoesWithoutAWordHasNotAnswered) {
    door_.reset();
    const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = name();
    const auto *here = reinterpret_cast<const sockaddr *>(&address); // NOLINT
    ASSERT_EQ(::bind(listener, here, sizeof address), 0);
    ASSERT_EQ(::listen(listener, 8), 0);
    auto import = std::async(std::launch::async, [this] { return import_calls(); });
    ::close(::accept(listener, nullptr, nullptr));
    const auto done = import.get();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, "operator.no_answer");
    EXPECT_EQ(report(done.error()), kUnavailable);
    ::close(listener);
}

} // namespace
} // namespace fernamt::app
