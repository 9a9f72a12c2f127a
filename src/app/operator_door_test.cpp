// SPDX-License-Identifier: EUPL-1.2
// The operator's door and its visitors, over the real socket: who is served beside whom, and what
// the others are told.
#include "app/exit_codes.h"
#include "app/operator_door.h"
#include "storage/test_database.h"
#include "storage/testing/child_process.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <list>
#include <sstream>
#include <thread>

namespace fernamt::app {
namespace {

namespace fs = std::filesystem;

sockaddr_un name_of(const std::string &path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    EXPECT_LT(path.size(), sizeof address.sun_path);
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    return address;
}

int connected_to(const std::string &path) {
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = name_of(path);
    const auto *there = reinterpret_cast<const sockaddr *>(&address); // NOLINT
    EXPECT_EQ(::connect(socket, there, sizeof address), 0);
    return socket;
}

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
    int connected() { return connected_to(path_); }
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
    const auto address = name_of(path_);
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

// A delivery of one file, on its way.
class Sending {
  public:
    Sending(const std::string &door, std::string file, std::size_t bytes)
        : file_(std::move(file)), left_(bytes), socket_(connected_to(door)) {
        send(R"({"do":"read","files":[{"name":")" + file_ + R"(","bytes":)" +
             std::to_string(bytes) + "}]}\n");
    }
    ~Sending() { ::close(socket_); }
    Sending(const Sending &) = delete;
    Sending &operator=(const Sending &) = delete;
    // So many bytes of the file; fewer when the door takes no more.
    void some(std::size_t bytes) {
        const std::size_t sent = send(std::string(bytes, 'x'));
        left_ -= sent;
        written_ += sent;
    }
    void rest() { some(left_); }
    void wait_until_written(const std::string &directory) const {
        const auto patience = std::chrono::steady_clock::now() + std::chrono::minutes{2};
        while (written_below(directory) < written_ && std::chrono::steady_clock::now() < patience)
            std::this_thread::yield();
    }
    std::string answer() const {
        std::string text;
        char byte = 0;
        while (::recv(socket_, &byte, 1, 0) == 1)
            text += byte;
        return text;
    }

  private:
    std::size_t send(const std::string &text) const {
        std::size_t sent = 0;
        while (sent < text.size()) {
            const ssize_t now =
                ::send(socket_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
            if (now <= 0) break;
            sent += static_cast<std::size_t>(now);
        }
        return sent;
    }
    std::size_t written_below(const std::string &directory) const {
        std::error_code error;
        for (fs::recursive_directory_iterator at(directory, error), end; !error && at != end;
             at.increment(error)) {
            if (at->path().filename() == file_) return at->file_size(error);
        }
        return 0;
    }
    std::string file_;
    std::size_t left_, written_ = 0;
    int socket_;
};

// Each found room when it began, both together would take what the telephones need.
TEST(OperatorsDoorDisk, OfTwoThatComeAtOnceOneIsToldThatThereIsNoRoomAndLeavesNothing) {
    constexpr std::size_t kMegabyte = std::size_t{1} << 20;
    const storage::testing::TemporaryDirectory disk;
    const std::string told = storage::testing::in_child([&]() -> std::string {
        storage::testing::mount_private_tmpfs(disk.path(), "size=10m");
        storage::testing::TestDatabase database(storage::Engine::sqlite);
        const std::string uploads = disk.path() + "/uploads";
        const std::string path = database.directory() + "/operator";
        const SystemClock clock;
        knowledge::DeliveryOffice office(
            database.open(), clock,
            {.directory = uploads, .uploads = {.keep_free_bytes = 5 * kMegabyte}, .on_change = {}});
        const auto door = OperatorDoor::open(path, office, database.open(), {});
        Sending first(path, "first", 4 * kMegabyte);
        Sending second(path, "second", 4 * kMegabyte);
        for (Sending *each : {&first, &second}) {
            each->some(1);
            each->wait_until_written(uploads);
        }
        first.some(4 * kMegabyte - 2);
        first.wait_until_written(uploads);
        second.rest();
        std::string text = second.answer();
        // Folders: of the first one alone.
        text += std::to_string(std::distance(fs::directory_iterator(uploads), {})) + "\n";
        first.rest();
        return text + first.answer();
    });
    std::istringstream lines(told);
    std::string second, folders, first;
    std::getline(lines, second);
    std::getline(lines, folders);
    std::getline(lines, first);
    EXPECT_NE(second.find("\"knowledge.delivery_disk\""), std::string::npos) << told;
    EXPECT_EQ(folders, "1") << told;
    EXPECT_NE(first.find("\"code\""), std::string::npos) << told;
    EXPECT_EQ(first.find("delivery_disk"), std::string::npos) << told;
}

} // namespace
} // namespace fernamt::app
