// SPDX-License-Identifier: EUPL-1.2
// For tests: a real OpenLDAP server (Debian's slapd) on free ports of this machine, with entries of
// the test's own, gone when the object is. Signing in is needed to read anything. Speaks StartTLS
// and ldaps with a certificate of the test's own. Throws when it cannot be started: such a test
// must not be skipped.
#pragma once

#include "knowledge/testing/certificate.h"
#include "storage/test_database.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

namespace fernamt::knowledge::testing {

class Slapd {
  public:
    static constexpr const char *kBase = "dc=stadt,dc=example";
    static constexpr const char *kReader = "cn=leser,dc=stadt,dc=example";
    static constexpr const char *kPassword = "lese-passwort";

    explicit Slapd(const std::string &ldif) : ldif_(ldif) {
        make_certificate(path());
        for (int attempt = 0; attempt < 10; ++attempt) { // somebody may take a free port before us
            port_ = free_port();
            tls_port_ = free_port();
            write_files();
            start();
            if (answers()) return;
            stop();
        }
        throw std::runtime_error("slapd does not start (package slapd)");
    }
    ~Slapd() { stop(); }
    Slapd(const Slapd &) = delete;
    Slapd &operator=(const Slapd &) = delete;

    [[nodiscard]] std::string url() const { return fmt::format("ldap://127.0.0.1:{}", port_); }
    [[nodiscard]] std::string tls_url() const {
        return fmt::format("ldaps://127.0.0.1:{}", tls_port_);
    }
    [[nodiscard]] std::string ca_file() const { return path() + "/cert.pem"; }
    [[nodiscard]] const std::string &path() const { return directory_.path(); }

    // Other people, the same server.
    void hold(const std::string &ldif) {
        stop();
        ldif_ = ldif;
        write_files();
        start();
        if (!answers()) throw std::runtime_error("slapd does not start again");
    }
    void stop() {
        if (process_ <= 0) return;
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
        process_ = -1;
    }

  private:
    static sockaddr_in local(int port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        return address;
    }
    static int free_port() {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address = local(0);
        socklen_t size = sizeof address;
        auto *plain = reinterpret_cast<sockaddr *>(&address);
        const bool good = ::bind(fd, plain, size) == 0 && ::getsockname(fd, plain, &size) == 0;
        ::close(fd);
        if (!good) throw std::runtime_error("no free port");
        return ntohs(address.sin_port);
    }
    static bool connects(int port) {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address = local(port);
        const bool good =
            ::connect(fd, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0;
        ::close(fd);
        return good;
    }

    // Without pages nobody gets more than ten entries: who reads all of them has turned pages.
    void write_files() {
        const std::string data = path() + "/data";
        const std::string command = fmt::format("rm -rf '{0}' && mkdir '{0}'", data);
        if (std::system(command.c_str()) != 0) throw std::runtime_error("no directory for slapd");
        std::ofstream(path() + "/slapd.conf")
            << "include /etc/ldap/schema/core.schema\ninclude /etc/ldap/schema/cosine.schema\n"
               "include /etc/ldap/schema/inetorgperson.schema\nmoduleload back_mdb\n"
            << fmt::format("TLSCertificateFile {0}/cert.pem\nTLSCertificateKeyFile {0}/key.pem\n",
                           path())
            << "sizelimit size.soft=10 size.hard=10 size.prtotal=unlimited\n"
            << fmt::format("database mdb\nmaxsize 33554432\nsuffix {0}\ndirectory {1}\n"
                           "rootdn cn=verwalter,{0}\n",
                           kBase, data)
            << fmt::format("access to attrs=userPassword by anonymous auth by * none\n"
                           "access to * by dn.exact={} read by anonymous auth by * none\n",
                           kReader);
        std::ofstream(path() + "/entries.ldif")
            << fmt::format("dn: {0}\nobjectClass: dcObject\nobjectClass: organization\ndc: stadt\n"
                           "o: Stadt\n\ndn: {1}\nobjectClass: organizationalRole\nobjectClass: "
                           "simpleSecurityObject\ncn: leser\nuserPassword: {2}\n\n",
                           kBase, kReader, kPassword)
            << ldif_;
        const std::string load = fmt::format(
            "/usr/sbin/slapadd -q -f {0}/slapd.conf -l {0}/entries.ldif >{0}/load.log 2>&1",
            path());
        if (std::system(load.c_str()) != 0) throw std::runtime_error("slapadd refused the entries");
    }

    void start() {
        const std::string conf = path() + "/slapd.conf";
        const std::string urls = url() + "/ " + tls_url() + "/";
        process_ = ::fork();
        if (process_ != 0) return;
        ::prctl(PR_SET_PDEATHSIG, SIGKILL); // even if the test dies
        if (::freopen("/dev/null", "w", stderr) == nullptr) ::_exit(1);
        ::execl("/usr/sbin/slapd", "slapd", "-f", conf.c_str(), "-h", urls.c_str(), "-d", "0",
                nullptr);
        ::_exit(127);
    }
    [[nodiscard]] bool answers() {
        for (int i = 0; i < 3000; ++i) {
            if (connects(port_) && connects(tls_port_)) return true;
            if (::waitpid(process_, nullptr, WNOHANG) == process_) {
                process_ = -1;
                return false;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        return false;
    }

    storage::testing::TemporaryDirectory directory_;
    std::string ldif_;
    int port_ = 0;
    int tls_port_ = 0;
    pid_t process_ = -1;
};

} // namespace fernamt::knowledge::testing
