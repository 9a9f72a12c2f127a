// SPDX-License-Identifier: EUPL-1.2
// The phones of real_phones.h; their tests stand beside what they test.
#include "telephony/real_phones.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>
#include <thread>

namespace fernamt::telephony {

namespace {

constexpr std::size_t kWavHeader = 44; // of what both write: 16 bit, 8 kHz, mono

// A port that is free now, by TCP and UDP, with the next one: baresip takes that for TLS.
int free_port_pair() {
    const auto bound_by = [](int type, int port) {
        const int fd = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
        sockaddr_in here{};
        here.sin_family = AF_INET;
        here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        here.sin_port = htons(static_cast<std::uint16_t>(port));
        auto *raw = reinterpret_cast<sockaddr *>(&here);
        socklen_t size = sizeof here;
        const bool ok = ::bind(fd, raw, size) == 0 && ::getsockname(fd, raw, &size) == 0;
        ::close(fd);
        return ok ? static_cast<int>(ntohs(here.sin_port)) : 0;
    };
    const auto bound = [&](int port) {
        const int by_tcp = bound_by(SOCK_STREAM, port);
        return by_tcp != 0 ? bound_by(SOCK_DGRAM, by_tcp) : 0;
    };
    for (int i = 0; i < 100; ++i) {
        const int port = bound(0);
        if (port > 0 && port < 65535 && bound(port + 1) != 0) return port;
    }
    return 0;
}

std::string content(const std::filesystem::path &path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

} // namespace

RealPhone::RealPhone(std::string name, double tone) {
    auto pattern = (std::filesystem::temp_directory_path() / ("fernamt-" + name + "-XXXXXX"));
    std::string text = pattern.string();
    directory_ = ::mkdtemp(text.data());
    // 16 bit: neither reads A-law files. Long, because not each begins again at the end.
    const Samples sound = telephony::tone(tone, 180s, 0.3);
    std::string wav = "RIFF";
    const auto put32 = [&](std::size_t value) {
        for (int shift = 0; shift < 32; shift += 8)
            wav += static_cast<char>(value >> shift);
    };
    put32(36 + 2 * sound.size());
    wav += "WAVEfmt ";
    put32(16);
    wav += std::string("\x01\x00\x01\x00", 4); // PCM, mono
    put32(8000);
    put32(16000);
    wav += std::string("\x02\x00\x10\x00", 4);
    wav += "data";
    put32(2 * sound.size());
    for (const std::int16_t sample : sound) {
        wav += static_cast<char>(sample & 0xff);
        wav += static_cast<char>(sample >> 8);
    }
    write("tone.wav", wav);
}

RealPhone::~RealPhone() {
    if (console_ >= 0) ::close(console_);
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    std::filesystem::remove_all(directory_);
}

void RealPhone::start(const std::vector<std::string> &arguments) {
    std::array<int, 2> input{};
    if (::pipe2(input.data(), O_CLOEXEC) != 0) return;
    console_ = input[1];
    pid_ = ::fork();
    if (pid_ != 0) {
        ::close(input[0]);
        return;
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL); // also when the test is killed
    const int out = ::open((directory_ / "out").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(input[0], 0);
    ::dup2(out, 1);
    ::dup2(out, 2);
    ::setenv("HOME", directory_.c_str(), 1);
    ::setenv("TMPDIR", directory_.c_str(), 1); // Linphone's sound library leaves a folder there
    std::vector<char *> argv;
    for (const std::string &argument : arguments)
        argv.push_back(const_cast<char *>(argument.c_str()));
    argv.push_back(nullptr);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
}

std::string RealPhone::uri(const Account &account, const std::string &user) const {
    return fmt::format("sip:{}@127.0.0.1:{}", user, account.port);
}

void RealPhone::write(const std::string &file, const std::string &text) const {
    std::ofstream(directory_ / file, std::ios::binary) << text;
}

std::string RealPhone::log() const {
    return content(directory_ / "out");
}

void RealPhone::forget() {
    forgotten_file_ = recording();
    std::error_code none;
    forgotten_bytes_ = std::filesystem::file_size(forgotten_file_, none);
    if (none) forgotten_bytes_ = 0;
}

std::set<double> RealPhone::hears(const std::vector<double> &tones) const {
    const auto file = recording();
    const std::string all = content(file);
    const std::size_t from =
        std::max<std::size_t>(kWavHeader, file == forgotten_file_ ? forgotten_bytes_ : 0);
    Samples heard;
    for (std::size_t at = from; at + 1 < all.size(); at += 2) {
        heard.push_back(static_cast<std::int16_t>(static_cast<unsigned char>(all[at]) |
                                                  static_cast<unsigned char>(all[at + 1]) << 8));
    }
    if (heard.size() > 2000) heard.erase(heard.begin(), heard.end() - 2000);
    std::set<double> result;
    for (const double hertz : tones)
        if (level_at(heard, hertz) > 0.03) result.insert(hertz);
    return result;
}

// --- baresip ------------------------------------------------------------------------------------

Baresip::Baresip(const Account &account, double tone, bool auto_answer)
    : RealPhone("baresip", tone), control_port_(free_port_pair()) {
    write("config",
          fmt::format("sip_listen 127.0.0.1:{}\nmodule_path /usr/lib/baresip/modules\n"
                      "module g711.so\nmodule aufile.so\nmodule aubridge.so\nmodule sndfile.so\n"
                      "module ctrl_tcp.so\nctrl_tcp_listen 127.0.0.1:{}\nsnd_path {}\n"
                      "audio_source aufile,{}\naudio_player aubridge,nil\n"
                      "audio_alert aubridge,nil\nmodule_app account.so\nmodule_app menu.so\n"
                      "net_interface 127.0.0.1\n",
                      free_port_pair(), control_port_, directory_.string(),
                      (directory_ / "tone.wav").string()));
    write("accounts", fmt::format("<sip:{}@127.0.0.1:{};transport=udp>;auth_user={};auth_pass={};"
                                  "answermode={};regint=60;audio_codecs=PCMA\n",
                                  account.user, account.port, account.user, account.password,
                                  auto_answer ? "auto" : "manual"));
    write("contacts", "\n");
    start({"baresip", "-f", directory_.string()});
}

Baresip::~Baresip() {
    if (control_ >= 0) ::close(control_);
}

// A netstring of JSON; connected at the first one, when it has long registered.
void Baresip::command(const std::string &name, const std::string &argument) {
    for (int i = 0; control_ < 0 && i < 500; ++i) {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in there{};
        there.sin_family = AF_INET;
        there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        there.sin_port = htons(static_cast<std::uint16_t>(control_port_));
        if (::connect(fd, reinterpret_cast<sockaddr *>(&there), sizeof there) == 0) {
            control_ = fd;
        } else {
            ::close(fd);
            std::this_thread::sleep_for(20ms);
        }
    }
    const std::string json =
        fmt::format(R"({{"command":"{}","params":"{}","token":"t"}})", name, argument);
    const std::string line = fmt::format("{}:{},", json.size(), json);
    (void)::send(control_, line.data(), line.size(), MSG_NOSIGNAL);
}

// It begins a new file for each new stream: the last one whose name says what was decoded.
std::filesystem::path Baresip::recording() const {
    std::filesystem::path newest;
    for (const auto &entry : std::filesystem::directory_iterator(directory_)) {
        const std::string name = entry.path().filename();
        if (name.ends_with("-dec.wav") && name > newest.filename().string()) newest = entry.path();
    }
    return newest;
}

// --- linphonec ----------------------------------------------------------------------------------

Linphone::Linphone(const Account &account, double tone) : RealPhone("linphone", tone) {
    std::filesystem::create_directories(directory_ / ".local/share/linphone"); // or it ends at once
    std::filesystem::create_directories(directory_ / ".config/linphone");
    write("rc", fmt::format("[sip]\nsip_port={}\nsip_tcp_port=0\nsip_tls_port=0\nguess_hostname=0\n"
                            "use_ipv6=0\ndefault_proxy=0\n"
                            "[net]\nmtu=1300\n"
                            "[proxy_0]\nreg_proxy=<sip:127.0.0.1:{};transport=udp>\n"
                            "reg_identity=sip:{}@127.0.0.1:{}\nreg_expires=60\nreg_sendregister=1\n"
                            "publish=0\n"
                            "[auth_info_0]\nusername={}\npasswd={}\nrealm=fernamt\n",
                            free_port_pair(), account.port, account.user, account.port,
                            account.user, account.password));
    start({"linphonec", "-c", (directory_ / "rc").string(), "-d", "5", "-l",
           (directory_ / "log").string()});
    say("soundcard use files");
    say("play " + (directory_ / "tone.wav").string());
    say("record " + (directory_ / "heard.wav").string());
}

void Linphone::say(const std::string &line) {
    const std::string text = line + "\n";
    (void)!::write(console_, text.data(), text.size());
}

std::filesystem::path Linphone::recording() const {
    return directory_ / "heard.wav";
}

} // namespace fernamt::telephony
