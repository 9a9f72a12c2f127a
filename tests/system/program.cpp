// SPDX-License-Identifier: EUPL-1.2
#include "program.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace fernamt::testing {

namespace {

std::string read_file(const std::string &path) {
    std::ifstream in(path);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

bool is_free(int type, int port) {
    const int fd = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool free = ::bind(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
    ::close(fd);
    return free;
}

// Until this process ends, no other test gets this port: the program binds it seconds later.
bool reserve(int port) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = fmt::format("fernamt-test-port-{}", port);
    name.copy(address.sun_path + 1, name.size()); // abstract: leaves no file behind
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::bind(fd, reinterpret_cast<const sockaddr *>(&address), size) == 0) return true;
    ::close(fd);
    return false;
}

} // namespace

std::string make_directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "fernamt-system-XXXXXX");
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    return pattern;
}

int rtpengine_pid(const std::string &state_directory) {
    std::ifstream in(state_directory + "/rtpengine.pid");
    int pid = 0;
    in >> pid;
    return pid;
}

int free_port() {
    std::srand(static_cast<unsigned>(::getpid() * 7919 + std::rand()));
    for (int attempt = 0; attempt < 1000; ++attempt) {
        const int port = 20'000 + std::rand() % 9'000;
        if (is_free(SOCK_STREAM, port) && is_free(SOCK_DGRAM, port) && reserve(port)) return port;
    }
    throw std::runtime_error("no free port");
}

Program::Program(std::vector<std::string> arguments) {
    const std::string base =
        std::filesystem::temp_directory_path() /
        ("fernamt-out-" + std::to_string(::getpid()) + "-" + std::to_string(std::rand()));
    out_file_ = base + ".out";
    err_file_ = base + ".err";
    std::vector<char *> argv;
    const char *other = std::getenv("FERNAMT_PROGRAM"); // two builds side by side (benchmarks)
    std::string program = other != nullptr ? other : FERNAMT_PROGRAM;
    argv.push_back(program.data());
    for (std::string &argument : arguments)
        argv.push_back(argument.data());
    argv.push_back(nullptr);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("fork");
    if (pid_ > 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    const int out = ::open(out_file_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const int err = ::open(err_file_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(err, STDERR_FILENO);
    ::execv(program.c_str(), argv.data());
    ::_exit(127);
}

Program::~Program() {
    if (running()) {
        signal(SIGKILL);
        wait(10);
    }
    std::error_code ignored;
    std::filesystem::remove(out_file_, ignored);
    std::filesystem::remove(err_file_, ignored);
}

void Program::signal(int number) const {
    ::kill(pid_, number);
}

bool Program::running() {
    if (ended_) return false;
    ended_ = ::waitpid(pid_, &status_, WNOHANG) == pid_;
    return !ended_;
}

int Program::wait(int seconds) {
    if (!eventually([this] { return !running(); }, seconds)) {
        signal(SIGKILL);
        ::waitpid(pid_, &status_, 0);
        ended_ = true;
        return -SIGKILL;
    }
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : -WTERMSIG(status_);
}

std::string Program::output() {
    return read_file(out_file_);
}
std::string Program::errors() {
    return read_file(err_file_);
}

int times(const std::string &text, const std::string &what) {
    int found = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
        ++found;
    return found;
}

} // namespace fernamt::testing
