// SPDX-License-Identifier: EUPL-1.2
// For tests: a real server on a free port of this machine, each connection in a thread of its own.
// What it says is the test's matter: a web server that is slow, endless or lying, a mail server, in
// the clear or by TLS. Ends all connections when it is destroyed.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <functional>
#include <list>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

namespace fernamt::knowledge::testing {

class TcpServer {
  public:
    class Peer {
      public:
        Peer(int fd, const std::atomic<bool> &ends) : fd_(fd), ends_(ends) {}
        // Up to and without the line's end; false at the end of the connection.
        bool line(std::string &text) {
            for (;;) {
                const auto end = buffer_.find('\n');
                if (end != std::string::npos) {
                    text = buffer_.substr(0, end);
                    if (text.ends_with('\r')) text.pop_back();
                    buffer_.erase(0, end + 1);
                    return true;
                }
                if (!wait(POLLIN)) return false;
                char bytes[4096];
                const auto got = receive(bytes, sizeof bytes);
                if (got <= 0) return false;
                buffer_.append(bytes, static_cast<std::size_t>(got));
            }
        }
        bool write(std::string_view text) {
            while (!text.empty()) {
                if (!wait(POLLOUT)) return false;
                const auto sent = send(text);
                if (sent <= 0) return false;
                text.remove_prefix(static_cast<std::size_t>(sent));
            }
            return true;
        }
        // From here on by TLS, with cert.pem and key.pem in the directory. False: the other side
        // does not trust them.
        bool secure(const std::string &directory) {
            ::signal(SIGPIPE, SIG_IGN); // OpenSSL writes to who hung up
            context_.reset(SSL_CTX_new(TLS_server_method()));
            SSL_CTX_use_certificate_chain_file(context_.get(), (directory + "/cert.pem").c_str());
            SSL_CTX_use_PrivateKey_file(context_.get(), (directory + "/key.pem").c_str(),
                                        SSL_FILETYPE_PEM);
            tls_.reset(SSL_new(context_.get()));
            SSL_set_fd(tls_.get(), fd_);
            return SSL_accept(tls_.get()) == 1;
        }
        // Says nothing until the other side or the server has enough.
        void be_silent() {
            std::string ignored;
            while (line(ignored)) {
            }
        }

      private:
        struct Free {
            void operator()(SSL_CTX *context) const { SSL_CTX_free(context); }
            void operator()(SSL *tls) const { SSL_free(tls); }
        };
        long receive(char *bytes, std::size_t most) {
            if (tls_) return SSL_read(tls_.get(), bytes, static_cast<int>(most));
            return ::recv(fd_, bytes, most, 0);
        }
        long send(std::string_view text) {
            if (tls_) return SSL_write(tls_.get(), text.data(), static_cast<int>(text.size()));
            return ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
        }
        bool wait(short what) {
            if (tls_ && what == POLLIN && SSL_pending(tls_.get()) > 0) return true;
            while (!ends_) {
                pollfd entry{fd_, what, 0};
                if (::poll(&entry, 1, 20) > 0) return true;
            }
            return false;
        }
        int fd_;
        const std::atomic<bool> &ends_;
        std::string buffer_;
        std::unique_ptr<SSL_CTX, Free> context_;
        std::unique_ptr<SSL, Free> tls_;
    };
    using Serve = std::function<void(Peer &)>;

    explicit TcpServer(Serve serve) : serve_(std::move(serve)) {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto *plain = reinterpret_cast<sockaddr *>(&address);
        if (::bind(listener_, plain, size) != 0 || ::listen(listener_, 64) != 0 ||
            ::getsockname(listener_, plain, &size) != 0) {
            throw std::runtime_error("no port for a test's server");
        }
        port_ = ntohs(address.sin_port);
        acceptor_ = std::thread([this] { accept(); });
    }
    ~TcpServer() {
        ends_ = true;
        acceptor_.join();
        for (std::thread &one : peers_)
            one.join();
        ::close(listener_);
    }
    TcpServer(const TcpServer &) = delete;
    TcpServer &operator=(const TcpServer &) = delete;
    [[nodiscard]] int port() const { return port_; }

  private:
    void accept() {
        while (!ends_) {
            pollfd entry{listener_, POLLIN, 0};
            if (::poll(&entry, 1, 20) <= 0) continue;
            const int fd = ::accept(listener_, nullptr, nullptr);
            if (fd < 0) continue;
            peers_.emplace_back([this, fd] {
                Peer peer(fd, ends_);
                serve_(peer);
                ::close(fd);
            });
        }
    }

    Serve serve_;
    std::atomic<bool> ends_ = false;
    int listener_ = -1;
    int port_ = 0;
    std::thread acceptor_;
    std::list<std::thread> peers_; // the acceptor's alone until it has ended
};

} // namespace fernamt::knowledge::testing
