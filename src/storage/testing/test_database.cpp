// SPDX-License-Identifier: EUPL-1.2
#include "storage/test_database.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

extern char **environ; // NOLINT

namespace fernamt::storage::testing {

namespace {

using namespace std::chrono_literals;

constexpr int kKeeperLock = 9; // the keeper's name for the lock's descriptor

std::filesystem::path temporary_folder() {
    return std::filesystem::temp_directory_path();
}

int open_lock(const std::string &path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) throw std::runtime_error("cannot open " + path);
    return descriptor;
}

// The one server of this user, shared by all test processes.
class Server {
  public:
    static const std::string &socket_directory() {
        static const Server server;
        return server.socket_directory_;
    }

  private:
    Server()
        : directory_(
              (temporary_folder() / fmt::format("fernamt-test-pg-{}", ::getuid())).string()) {
        ::mkdir(directory_.c_str(), 0700);
        struct stat info{};
        if (::lstat(directory_.c_str(), &info) != 0 || !S_ISDIR(info.st_mode) ||
            info.st_uid != ::getuid()) {
            throw std::runtime_error(directory_ + " is not a directory of this user");
        }
        // Held until this process ends, in whatever way.
        users_lock_ = open_lock(directory_ + "/users.lock");
        ::flock(users_lock_, LOCK_SH);
        const auto give_up = std::chrono::steady_clock::now() + 60s;
        while (std::chrono::steady_clock::now() < give_up) {
            if (is_ready()) return;
            start_keeper();
            std::this_thread::sleep_for(30ms);
        }
        throw std::runtime_error("PostgreSQL did not start: see " + directory_ + "/log");
    }

    bool is_ready() {
        std::ifstream file(directory_ + "/ready");
        if (!std::getline(file, socket_directory_)) return false;
        const std::string url =
            fmt::format("postgresql://fernamt@/postgres?host={}", socket_directory_);
        return PQping(url.c_str()) == PQPING_OK;
    }

    // Does nothing while another keeper lives.
    void start_keeper() const {
        const int lock = open_lock(directory_ + "/keeper.lock");
        if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
            ::close(lock);
            return;
        }
        std::filesystem::remove(directory_ + "/ready");
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_adddup2(&actions, lock, kKeeperLock);
        posix_spawnattr_t attributes;
        posix_spawnattr_init(&attributes);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
        // Two levels, so that no test process has a child to wait for.
        std::string script =
            fmt::format("exec 9<&9; '{}' '{}' &", FERNAMT_POSTGRES_KEEPER, directory_);
        std::string shell = "/bin/sh";
        std::string option = "-c";
        char *arguments[] = {shell.data(), option.data(), script.data(), nullptr};
        pid_t child = 0;
        const int error =
            ::posix_spawn(&child, "/bin/sh", &actions, &attributes, arguments, environ);
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&actions);
        ::close(lock);
        if (error != 0) throw std::runtime_error("cannot start the keeper of PostgreSQL");
        while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
        }
    }

    std::string directory_;
    std::string socket_directory_;
    int users_lock_ = -1;
};

void run_on_server(const std::string &sql) {
    const std::string url =
        fmt::format("postgresql://fernamt@/postgres?host={}", Server::socket_directory());
    PGconn *connection = PQconnectdb(url.c_str());
    PGresult *result = PQexec(connection, sql.c_str());
    const bool done = PQresultStatus(result) == PGRES_COMMAND_OK;
    const std::string message = PQerrorMessage(connection);
    PQclear(result);
    PQfinish(connection);
    if (!done) throw std::runtime_error(sql + ": " + message);
}

std::string unique_name() {
    static std::atomic<int> count = 0;
    const auto now = std::chrono::system_clock::now().time_since_epoch().count();
    return fmt::format("t_{}_{}_{}", ::getpid(), ++count, now);
}

} // namespace

TemporaryDirectory::TemporaryDirectory() {
    path_ = (temporary_folder() / "fernamt-test-XXXXXX").string();
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("cannot make " + path_);
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

TestDatabase::TestDatabase(Engine engine) {
    if (engine == Engine::sqlite) {
        url_ = "sqlite://" + directory_.path() + "/test.db";
        return;
    }
    name_ = unique_name();
    url_ = fmt::format("postgresql://fernamt@/{}?host={}", name_, Server::socket_directory());
    run_on_server("CREATE DATABASE " + name_);
}

TestDatabase::~TestDatabase() {
    database_.reset();
    if (name_.empty()) return;
    try {
        run_on_server("DROP DATABASE " + name_ + " WITH (FORCE)");
    } catch (const std::exception &error) {
        ADD_FAILURE() << error.what();
    }
}

Database &TestDatabase::open() {
    if (database_) return *database_;
    auto opened = Database::open(url_);
    if (!opened) throw std::runtime_error(describe(opened.error()));
    database_ = std::move(*opened);
    return *database_;
}

void TestDatabase::close() {
    database_.reset();
}

std::string engine_name(const ::testing::TestParamInfo<Engine> &info) {
    return info.param == Engine::sqlite ? "sqlite" : "postgresql";
}

} // namespace fernamt::storage::testing
