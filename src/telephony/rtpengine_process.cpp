// SPDX-License-Identifier: EUPL-1.2
#include "telephony/rtpengine_process.h"

#include "base/log.h"
#include "telephony/rtpengine_preload.h"

extern "C" { // glibc 2.36 forgets to say so itself
#include <sys/pidfd.h>
}

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>
#include <vector>

namespace fernamt::telephony {
namespace {

constexpr auto kLivedLong = std::chrono::seconds(30); // then the pauses begin anew
constexpr int kStopMilliseconds = 2000;

// Parking partners stand on an address of their own that no network reaches: a stranger's packets
// to a parking port were heard by the caller (docs/explanation/measured-facts.md, who may send).
constexpr const char *kParkingAddress = "127.0.0.3";

// When the process was started, in ticks since boot: tells it from a later one with the same id.
std::string start_time(int pid) {
    std::ifstream file(fmt::format("/proc/{}/stat", pid));
    std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const auto name_end = text.rfind(')'); // the name may hold blanks and parentheses
    if (name_end == std::string::npos) return {};
    if (text.find("rtpengine") == std::string::npos) return {};
    std::istringstream fields(text.substr(name_end + 1));
    std::string field;
    for (int i = 3; i <= 22; ++i) // starttime is the 22nd, counted from the pid (proc(5))
        fields >> field;
    return field;
}

// Empty if this may not be read (it runs as somebody else).
std::string mapped_files(int pid) {
    std::ifstream file(fmt::format("/proc/{}/maps", pid));
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void tell_unguarded(int pid) {
    log::warning("media.sockets_not_guarded",
                 {{"pid", pid},
                  {"meaning", "after it has stood still for some seconds, talkers may stay deaf"},
                  {"remedy", "stop and start fernamt once nobody speaks: both begin anew"}});
}

bool wait_for_end(int pid_fd, int milliseconds) {
    pollfd poll_fd{pid_fd, POLLIN, 0};
    int ready = 0;
    do {
        ready = ::poll(&poll_fd, 1, milliseconds);
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

struct SpawnSettings { // posix_spawn's two objects, freed in every case
    posix_spawn_file_actions_t files{};
    posix_spawnattr_t attributes{};

    SpawnSettings() {
        posix_spawn_file_actions_init(&files);
        posix_spawnattr_init(&attributes);
        posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
        // No descriptor of ours (database, ledger, sockets) may live on in it.
        posix_spawn_file_actions_addclosefrom_np(&files, 3);
        sigset_t none, all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &all);
        // A session of its own: Ctrl-C in our terminal is ours alone.
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK |
                                                  POSIX_SPAWN_SETSIGDEF);
    }
    ~SpawnSettings() {
        posix_spawn_file_actions_destroy(&files);
        posix_spawnattr_destroy(&attributes);
    }
    SpawnSettings(const SpawnSettings &) = delete;
    SpawnSettings &operator=(const SpawnSettings &) = delete;
};

std::vector<std::string> arguments(const RtpengineProcess::Options &options) {
    const auto advertised = options.advertised.empty() ? "" : "!" + options.advertised;
    return {
        options.binary,
        "--config-file=none", // Debian's own would record metadata
        "--table=-1",         // user space
        fmt::format("--interface={}/{}{}", RtpengineProcess::kOutside, options.address, advertised),
        fmt::format("--interface={}/{}", RtpengineProcess::kInside, kParkingAddress),
        fmt::format("--listen-ng=127.0.0.1:{}", options.ng_port),
        fmt::format("--port-min={}", options.port_min),
        fmt::format("--port-max={}", options.port_max), "--delete-delay=0",
        fmt::format("--dtmf-log-dest=127.0.0.1:{}", options.digit_port),
        // Music of ours does not count as traffic (measured: with timeout=4 a silent caller was
        // removed after 3.5 s): dead legs are judged elsewhere.
        "--timeout=3600", "--silent-timeout=3600", "--foreground", "--log-stderr", "--log-level=2"};
}

// Ours, and what rtpengine_preload.h wants of it.
std::vector<std::string> environment(const RtpengineProcess::Options &options,
                                     const RtpenginePreload &preload) {
    std::vector<std::string> result;
    for (char **variable = environ; *variable != nullptr; ++variable)
        result.emplace_back(*variable);
    if (preload.path().empty()) return result;
    result.push_back(fmt::format("FERNAMT_MEDIA_PORTS={}-{}", options.port_min, options.port_max));
    const char *others = std::getenv("LD_PRELOAD");
    std::erase_if(result, [](const auto &text) { return text.starts_with("LD_PRELOAD="); });
    result.push_back(
        fmt::format("LD_PRELOAD={}{}{}", preload.path(), others ? ":" : "", others ? others : ""));
    return result;
}

std::vector<char *> pointers(std::vector<std::string> &texts) {
    std::vector<char *> result;
    for (auto &text : texts)
        result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

} // namespace

int free_udp_port() {
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return 0;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto *raw = reinterpret_cast<sockaddr *>(&address);
    const bool good = ::bind(fd, raw, size) == 0 && ::getsockname(fd, raw, &size) == 0;
    ::close(fd);
    return good ? ntohs(address.sin_port) : 0;
}

Expected<std::unique_ptr<RtpengineProcess>> RtpengineProcess::start(Loop &loop, Options options) {
    std::error_code error;
    std::filesystem::create_directories(options.state_directory, error);
    if (error) return fail(ProblemKind::unavailable, "media.state_directory");
    std::unique_ptr<RtpengineProcess> process(new RtpengineProcess(loop, std::move(options)));
    if (process->take_up()) return process;
    if (process->options_.ng_port == 0) process->options_.ng_port = free_udp_port();
    if (process->options_.digit_port == 0) process->options_.digit_port = free_udp_port();
    if (process->options_.ng_port == 0 || process->options_.digit_port == 0)
        return fail(ProblemKind::unavailable, "media.no_port");
    if (auto launched = process->launch(); !launched) return tl::unexpected(launched.error());
    return process;
}

RtpengineProcess::RtpengineProcess(Loop &loop, Options options)
    : loop_(loop), options_(std::move(options)), pause_(options_.first_pause) {}

RtpengineProcess::~RtpengineProcess() {
    loop_.cancel(restart_);
    unwatch();
}

std::filesystem::path RtpengineProcess::state_file() const {
    return options_.state_directory / "rtpengine.pid";
}

bool RtpengineProcess::take_up() {
    std::ifstream file(state_file());
    int pid = 0, port = 0;
    std::string started;
    if (!(file >> pid >> started >> port) || pid <= 1) return false;
    if (started.empty() || start_time(pid) != started) return false;
    // Asked for another port than it listens on: the configuration has changed, so does the
    // process.
    const bool fits = options_.ng_port == 0 || options_.ng_port == port;
    pid_fd_ = ::pidfd_open(pid, 0);
    if (pid_fd_ < 0) return false;
    pid_ = pid;
    child_ = false;
    if (!fits) {
        stop();
        return false;
    }
    options_.ng_port = port;
    // An older program's file names none: then keys are not reported until rtpengine is restarted.
    if (int digit_port = 0; file >> digit_port) options_.digit_port = digit_port;
    taken_up_ = true;
    started_at_ = std::chrono::steady_clock::now();
    watch();
    log::info("media.rtpengine_taken_up", {{"pid", pid_}});
    const std::string files = mapped_files(pid_);
    guarded_ = files.empty() || files.find(RtpenginePreload::kName) != std::string::npos;
    if (!guarded_) tell_unguarded(pid_);
    return true;
}

Expected<void> RtpengineProcess::launch() {
    auto texts = arguments(options_);
    auto variables = environment(options_, preload_);
    const SpawnSettings settings;
    pid_t pid = 0;
    const int error =
        ::posix_spawnp(&pid, options_.binary.c_str(), &settings.files, &settings.attributes,
                       pointers(texts).data(), pointers(variables).data());
    if (error != 0) {
        return fail(ProblemKind::unavailable, "media.no_rtpengine",
                    {{"program", options_.binary},
                     {"reason", std::strerror(error)},
                     {"remedy", "install Debian's rtpengine-daemon, or name one that runs with "
                                "media.rtpengine"}});
    }
    pid_ = pid;
    child_ = true;
    taken_up_ = false;
    started_at_ = std::chrono::steady_clock::now();
    pid_fd_ = ::pidfd_open(pid, 0);
    std::ofstream(state_file(), std::ios::trunc)
        << pid_ << ' ' << start_time(pid_) << ' ' << options_.ng_port << ' ' << options_.digit_port
        << '\n';
    watch();
    log::info("media.rtpengine_started", {{"pid", pid_}});
    guarded_ = !preload_.path().empty();
    if (!guarded_) tell_unguarded(pid_);
    return {};
}

void RtpengineProcess::watch() {
    if (pid_fd_ >= 0)
        loop_.watch(pid_fd_, [this] {
            if (wait_for_end(pid_fd_, 0)) died();
        });
}

void RtpengineProcess::unwatch() {
    if (pid_fd_ < 0) return;
    loop_.unwatch(pid_fd_);
    ::close(std::exchange(pid_fd_, -1));
}

void RtpengineProcess::died() {
    unwatch();
    int status = 0;
    if (child_) ::waitpid(pid_, &status, 0);
    pid_ = 0;
    if (std::chrono::steady_clock::now() - started_at_ > kLivedLong) pause_ = options_.first_pause;
    log::warning("media.rtpengine_died", {{"again_in_ms", pause_.count() / 1000}});
    launch_after(pause_);
    pause_ = std::min(pause_ * 2, options_.longest_pause);
    if (on_exit_) on_exit_();
}

void RtpengineProcess::launch_after(Duration pause) {
    restart_ = loop_.after(pause, [this] {
        restart_ = Loop::TimerId::none;
        const auto launched = launch();
        if (launched) return;
        log::error("media.rtpengine_not_started", {{"problem", describe(launched.error())}});
        launch_after(options_.longest_pause);
    });
}

void RtpengineProcess::stop() {
    loop_.cancel(std::exchange(restart_, Loop::TimerId::none));
    if (pid_ == 0) return;
    // Through the descriptor: the number may already belong to somebody else.
    ::pidfd_send_signal(pid_fd_, SIGTERM, nullptr, 0);
    if (!wait_for_end(pid_fd_, kStopMilliseconds)) {
        ::pidfd_send_signal(pid_fd_, SIGKILL, nullptr, 0);
        (void)wait_for_end(pid_fd_, kStopMilliseconds);
    }
    unwatch();
    if (child_) ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
    std::error_code ignored;
    std::filesystem::remove(state_file(), ignored);
}

} // namespace fernamt::telephony
