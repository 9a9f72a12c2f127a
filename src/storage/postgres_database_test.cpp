// SPDX-License-Identifier: EUPL-1.2
// What only PostgreSQL can do to us: lost connections, serialisation failures, a COMMIT whose
// answer never arrives.
#include "storage/postgres_database.h"
#include "storage/test_database.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

namespace fernamt::storage {
namespace {

constexpr std::string_view kInsert = "INSERT INTO thing (name) VALUES ($1)";

std::string host_of(const std::string &url) {
    return url.substr(url.find("?host=") + 6);
}

// Stands between client and server, and breaks the connection around a COMMIT.
class Proxy {
  public:
    enum class Mode { pass, drop_before_commit, drop_after_commit, drop_and_stay_away };

    explicit Proxy(std::string server) : server_(std::move(server)) {
        listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const sockaddr_un address = address_of(directory_.path());
        EXPECT_EQ(::bind(listener_, reinterpret_cast<const sockaddr *>(&address), sizeof address),
                  0);
        EXPECT_EQ(::listen(listener_, 16), 0);
        acceptor_ = std::thread([this] { accept_all(); });
    }
    ~Proxy() {
        stopping_ = true;
        acceptor_.join(); // from here on nobody adds a thread
        for (std::thread &thread : threads_)
            thread.join();
        ::close(listener_);
    }
    Proxy(const Proxy &) = delete;
    Proxy &operator=(const Proxy &) = delete;
    [[nodiscard]] const std::string &directory() const { return directory_.path(); }
    std::atomic<Mode> mode = Mode::pass;

  private:
    static sockaddr_un address_of(const std::string &directory) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string path = directory + "/.s.PGSQL.5432";
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        return address;
    }

    void accept_all() {
        while (!stopping_) {
            pollfd waiting{listener_, POLLIN, 0};
            if (::poll(&waiting, 1, 50) <= 0) continue;
            const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (client < 0) continue;
            if (away_) {
                ::close(client);
                continue;
            }
            threads_.emplace_back([this, client] { serve(client); });
        }
    }

    void serve(int client) {
        const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const sockaddr_un address = address_of(server_);
        if (::connect(server, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0) {
            relay(client, server);
        }
        ::close(server);
        ::close(client);
    }

    void relay(int client, int server) {
        while (!stopping_) {
            pollfd both[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
            if (::poll(both, 2, 50) <= 0) continue;
            char bytes[16'384];
            if (both[1].revents != 0) {
                const ssize_t got = ::read(server, bytes, sizeof bytes);
                if (got <= 0 || ::write(client, bytes, static_cast<std::size_t>(got)) != got)
                    return;
            }
            if (both[0].revents == 0) continue;
            const ssize_t got = ::read(client, bytes, sizeof bytes);
            if (got <= 0) return;
            const auto size = static_cast<std::size_t>(got);
            const bool commit =
                std::string_view(bytes, size).find("COMMIT") != std::string_view::npos;
            if (commit && mode == Mode::drop_before_commit) return;
            if (::write(server, bytes, size) != got) return;
            if (!commit || mode == Mode::pass) continue;
            if (mode == Mode::drop_and_stay_away) away_ = true;
            (void)!::read(server, bytes, sizeof bytes); // the answer: it is committed
            return;
        }
    }

    testing::TemporaryDirectory directory_;
    std::string server_;
    int listener_ = -1;
    std::atomic<bool> stopping_ = false;
    std::atomic<bool> away_ = false;
    std::vector<std::thread> threads_; // grows in the next one only
    std::thread acceptor_;
};

class PostgresTest : public ::testing::Test {
  protected:
    PostgresTest() : server_(Engine::postgresql) {}
    Database &db() { return server_.open(); }
    void SetUp() override {
        ASSERT_TRUE(db().write([](Connection &c) -> Expected<void> {
            return c.run("CREATE TABLE thing (name text PRIMARY KEY)").map([](std::int64_t) {});
        }));
    }
    static Expected<void> insert(Database &database, const std::string &name) {
        return database.write([&](Connection &c) -> Expected<void> {
            return c.run(kInsert, {name}).map([](std::int64_t) {});
        });
    }
    static std::string names(Database &database) {
        std::string all;
        auto done = database.read([&](Connection &c) {
            all.clear();
            return c.each("SELECT name FROM thing ORDER BY name", {}, [&](const Row &row) {
                all += row.text(0);
                return true;
            });
        });
        EXPECT_TRUE(done) << describe(done.error());
        return all;
    }
    static std::int64_t process_of(Connection &c) {
        std::int64_t process = 0;
        EXPECT_TRUE(c.each("SELECT pg_backend_pid()", {}, [&](const Row &row) {
            process = row.integer(0);
            return false;
        }));
        return process;
    }
    void on_another_connection(const std::string &sql) {
        PGconn *connection = PQconnectdb(server_.url().c_str());
        PGresult *result = PQexec(connection, sql.c_str());
        EXPECT_TRUE(PQresultStatus(result) == PGRES_COMMAND_OK ||
                    PQresultStatus(result) == PGRES_TUPLES_OK)
            << PQerrorMessage(connection);
        PQclear(result);
        PQfinish(connection);
    }
    void terminate(std::int64_t process) {
        on_another_connection(fmt::format("SELECT pg_terminate_backend({}, 5000)", process));
    }
    // The same database, through a proxy.
    std::string url_through(const Proxy &proxy) const {
        return server_.url().substr(0, server_.url().find("?host=")) + "?host=" + proxy.directory();
    }

    testing::TestDatabase server_;
};

TEST_F(PostgresTest, ALostIdleConnectionIsMadeAnew) {
    std::int64_t writer = 0;
    std::int64_t reader = 0;
    ASSERT_TRUE(db().write([&](Connection &c) -> Expected<void> {
        writer = process_of(c);
        return {};
    }));
    ASSERT_TRUE(db().read([&](Connection &c) -> Expected<void> {
        reader = process_of(c);
        return {};
    }));
    terminate(writer);
    terminate(reader);
    EXPECT_TRUE(insert(db(), "a"));
    EXPECT_EQ(names(db()), "a");
    EXPECT_TRUE(db().accepting());
}

TEST_F(PostgresTest, AConnectionLostInTheMiddleWritesNothingAndTheNextWriteWorks) {
    auto lost = db().write([&](Connection &c) -> Expected<void> {
        EXPECT_TRUE(c.run(kInsert, {"a"}));
        terminate(process_of(c));
        return c.run(kInsert, {"b"}).map([](std::int64_t) {});
    });
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().code, "storage.unavailable");
    EXPECT_TRUE(db().accepting());
    EXPECT_TRUE(insert(db(), "c"));
    EXPECT_EQ(names(db()), "c");
}

TEST_F(PostgresTest, ASerialisationFailureIsRepeated) {
    ASSERT_TRUE(insert(db(), "a"));
    int times = 0;
    auto done = db().write([&](Connection &c) -> Expected<void> {
        EXPECT_EQ(process_of(c) > 0, true); // takes the snapshot
        if (++times == 1) on_another_connection("UPDATE thing SET name = name || 'x'");
        return c.run("UPDATE thing SET name = name || 'y'").map([](std::int64_t) {});
    });
    ASSERT_TRUE(done) << describe(done.error());
    EXPECT_EQ(times, 2);
    EXPECT_EQ(names(db()), "axy");
}

TEST_F(PostgresTest, RepetitionHasAnEnd) {
    ASSERT_TRUE(insert(db(), "a"));
    int times = 0;
    auto done = db().write([&](Connection &c) -> Expected<void> {
        (void)process_of(c);
        ++times;
        on_another_connection("UPDATE thing SET name = name || 'x'");
        return c.run("UPDATE thing SET name = name || 'y'").map([](std::int64_t) {});
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ProblemKind::unavailable);
    EXPECT_GT(times, 2);
    EXPECT_TRUE(db().accepting());
}

TEST_F(PostgresTest, ACommitThatNeverArrivedIsAFailure) {
    server_.close();
    Proxy proxy(host_of(server_.url()));
    auto database = Database::open(url_through(proxy));
    ASSERT_TRUE(database) << describe(database.error());
    proxy.mode = Proxy::Mode::drop_before_commit;
    auto done = insert(**database, "a");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, "storage.unavailable");
    EXPECT_TRUE((*database)->accepting());
    proxy.mode = Proxy::Mode::pass;
    EXPECT_TRUE(insert(**database, "b"));
    EXPECT_EQ(names(**database), "b");
}

TEST_F(PostgresTest, ACommitWhoseAnswerWasLostIsASuccess) {
    server_.close();
    Proxy proxy(host_of(server_.url()));
    auto database = Database::open(url_through(proxy));
    ASSERT_TRUE(database);
    proxy.mode = Proxy::Mode::drop_after_commit;
    auto done = insert(**database, "a");
    EXPECT_TRUE(done) << describe(done.error());
    EXPECT_TRUE((*database)->accepting());
    proxy.mode = Proxy::Mode::pass;
    EXPECT_EQ(names(**database), "a");
}

TEST_F(PostgresTest, ACommitOfUnknownFateStopsWriting) {
    server_.close();
    Proxy proxy(host_of(server_.url()));
    auto database = Database::open(url_through(proxy));
    ASSERT_TRUE(database);
    proxy.mode = Proxy::Mode::drop_and_stay_away;
    EXPECT_FALSE(insert(**database, "a"));
    EXPECT_FALSE((*database)->accepting());
    EXPECT_EQ(insert(**database, "b").error().code, "storage.stopped");
}

} // namespace
} // namespace fernamt::storage
