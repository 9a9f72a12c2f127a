// SPDX-License-Identifier: EUPL-1.2
#include "net/client.h"

#include "base/text.h"
#include "net/message.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace fernamt::net {
namespace {

class Socket {
  public:
    explicit Socket(int fd) : fd_(fd) {}
    ~Socket() {
        if (fd_ >= 0) ::close(fd_);
    }
    Socket(Socket &&other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Socket(const Socket &) = delete;
    Socket &operator=(const Socket &) = delete;
    Socket &operator=(Socket &&) = delete;
    [[nodiscard]] int get() const { return fd_; }

  private:
    int fd_;
};

bool wait_for(int fd, short what, Duration timeout) {
    pollfd entry{fd, what, 0};
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(timeout).count();
    int got = 0;
    do {
        got =
            ::poll(&entry, 1, static_cast<int>(std::clamp<long long>(milliseconds, 0, 3'600'000)));
    } while (got < 0 && errno == EINTR);
    return got > 0;
}

auto timed_out() {
    return fail(ProblemKind::unavailable, "http.timeout");
}
auto closed() {
    return fail(ProblemKind::unavailable, "http.closed");
}

class PlainWire final : public Wire {
  public:
    PlainWire(Socket socket, Duration timeout) : socket_(std::move(socket)), timeout_(timeout) {}

    Expected<void> write(std::string_view bytes) override {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent > 0) {
                bytes.remove_prefix(static_cast<std::size_t>(sent));
            } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
                if (!wait_for(socket_.get(), POLLOUT, timeout_)) return timed_out();
            } else if (errno != EINTR) {
                return closed();
            }
        }
        return {};
    }
    Expected<std::string> read(Duration timeout) override {
        std::string bytes(16 * 1024, '\0');
        while (true) {
            const auto got = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
            if (got >= 0) {
                bytes.resize(static_cast<std::size_t>(got));
                return bytes;
            }
            if (errno == EINTR) continue;
            if (errno != EAGAIN && errno != EWOULDBLOCK) return closed();
            if (!wait_for(socket_.get(), POLLIN, timeout)) return timed_out();
        }
    }
    void finish_writing() override { ::shutdown(socket_.get(), SHUT_WR); }

  private:
    Socket socket_;
    Duration timeout_;
};

struct FreeTls {
    void operator()(SSL_CTX *context) const { SSL_CTX_free(context); }
    void operator()(SSL *tls) const { SSL_free(tls); }
};

// OpenSSL's own socket writes raise SIGPIPE when the peer is gone; this one does not.
int write_quietly(BIO *bio, const char *data, int size) {
    int fd = -1;
    BIO_ctrl(bio, BIO_C_GET_FD, 0, &fd);
    BIO_clear_flags(bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
    const auto sent = ::send(fd, data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
    if (sent <= 0 && BIO_sock_should_retry(static_cast<int>(sent)) != 0)
        BIO_set_flags(bio, BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY);
    return static_cast<int>(sent);
}

const BIO_METHOD *quiet_socket() {
    static const auto method = [] {
        const BIO_METHOD *usual = BIO_s_socket();
        BIO_METHOD *made = BIO_meth_new(BIO_TYPE_SOCKET, "socket without SIGPIPE");
        BIO_meth_set_write(made, write_quietly);
        BIO_meth_set_read(made, BIO_meth_get_read(usual));
        BIO_meth_set_ctrl(made, BIO_meth_get_ctrl(usual));
        BIO_meth_set_create(made, BIO_meth_get_create(usual));
        BIO_meth_set_destroy(made, BIO_meth_get_destroy(usual));
        return std::unique_ptr<BIO_METHOD, decltype(&BIO_meth_free)>(made, &BIO_meth_free);
    }();
    return method.get();
}

class TlsWire final : public Wire {
  public:
    TlsWire(Socket socket, Duration timeout)
        : socket_(std::move(socket)), fd_(socket_.get()), timeout_(timeout) {}

    Expected<void> handshake(const std::string &host, const std::string &ca_file) {
        context_.reset(SSL_CTX_new(TLS_client_method()));
        SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
        SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
        const int trusted =
            ca_file.empty()
                ? SSL_CTX_set_default_verify_paths(context_.get())
                : SSL_CTX_load_verify_locations(context_.get(), ca_file.c_str(), nullptr);
        if (trusted != 1) return fail(ProblemKind::unavailable, "http.ca_unreadable");
        tls_.reset(SSL_new(context_.get()));
        BIO *bio = BIO_new(quiet_socket());
        BIO_ctrl(bio, BIO_C_SET_FD, BIO_NOCLOSE, &fd_);
        SSL_set_bio(tls_.get(), bio, bio);
        // An address literal is checked against the certificate's addresses, a name also goes
        // into SNI (the macro for it contains an old-style cast).
        if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls_.get()), host.c_str()) != 1) {
            std::string name = host;
            SSL_ctrl(tls_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                     name.data());
            SSL_set1_host(tls_.get(), host.c_str());
        }
        const bool done = repeat(timeout_, [this] { return SSL_connect(tls_.get()); }) == 1;
        if (!done) return fail(ProblemKind::unavailable, "http.tls_failed");
        return {};
    }
    Expected<void> write(std::string_view bytes) override {
        while (!bytes.empty()) {
            const int sent = repeat(timeout_, [&] {
                return SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
            });
            if (sent <= 0) return closed();
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return {};
    }
    Expected<std::string> read(Duration timeout) override {
        std::string bytes(16 * 1024, '\0');
        bool late = false;
        const int got = repeat(
            timeout,
            [&] { return SSL_read(tls_.get(), bytes.data(), static_cast<int>(bytes.size())); },
            &late);
        if (late) return timed_out();
        bytes.resize(static_cast<std::size_t>(std::max(got, 0)));
        return bytes;
    }
    void finish_writing() override {
        SSL_shutdown(tls_.get());
        ::shutdown(socket_.get(), SHUT_WR);
    }

  private:
    template <class Step>
    int repeat(Duration timeout, Step step, bool *late = nullptr) {
        while (true) {
            const int result = step();
            if (result > 0) return result;
            const int why = SSL_get_error(tls_.get(), result);
            if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) return result;
            const short what = why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
            if (wait_for(socket_.get(), what, timeout)) continue;
            if (late != nullptr) *late = true;
            return -1;
        }
    }

    Socket socket_;
    int fd_;
    Duration timeout_;
    std::unique_ptr<SSL_CTX, FreeTls> context_;
    std::unique_ptr<SSL, FreeTls> tls_;
};

bool connect_to(int fd, const addrinfo &address, Duration timeout) {
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(fd, address.ai_addr, address.ai_addrlen) == 0) return true;
    if (errno != EINPROGRESS || !wait_for(fd, POLLOUT, timeout)) return false;
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    return error == 0;
}

// Reads more into the buffer; false at the end of the stream.
Expected<bool> more(Wire &wire, std::string &buffer, Duration timeout) {
    auto bytes = wire.read(timeout);
    if (!bytes) return tl::unexpected(bytes.error());
    buffer += *bytes;
    return !bytes->empty();
}

struct Head {
    Response response;
    std::optional<std::size_t> length;
    bool chunked = false;
    bool keep_alive = true;
};

std::optional<Head> parse_head(std::string_view text) {
    Head head;
    if (!text.starts_with("HTTP/1.") || text.size() < 12) return std::nullopt;
    std::from_chars(text.data() + 9, text.data() + 12, head.response.status);
    head.keep_alive = text[7] == '1';
    std::size_t start = text.find("\r\n") + 2;
    while (start < text.size()) {
        const std::size_t end = std::min(text.find("\r\n", start), text.size());
        const std::string_view line = text.substr(start, end - start);
        start = end + 2;
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        const std::string name = lower_ascii(line.substr(0, colon));
        const std::string value(trimmed(line.substr(colon + 1), kBlanksOfALine));
        if (name == "content-length") head.length = std::strtoull(value.c_str(), nullptr, 10);
        if (name == "transfer-encoding") head.chunked = lower_ascii(value) == "chunked";
        if (name == "connection") head.keep_alive = lower_ascii(value) != "close";
        head.response.headers.emplace_back(name, value);
    }
    return head;
}

} // namespace

std::string header(const Response &response, std::string_view name) {
    for (const auto &[key, value] : response.headers) {
        if (same_ignoring_case(key, name)) return value;
    }
    return {};
}

Expected<std::unique_ptr<Wire>> Wire::connect(const std::string &host, unsigned short port,
                                              const ClientOptions &options) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo *found = nullptr;
    if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
        return fail(ProblemKind::unavailable, "http.connect_failed", {{"host", host}});
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
    for (const addrinfo *one = found; one != nullptr; one = one->ai_next) {
        Socket socket(::socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC, one->ai_protocol));
        if (socket.get() < 0 || !connect_to(socket.get(), *one, options.timeout)) continue;
        if (!options.tls) return std::make_unique<PlainWire>(std::move(socket), options.timeout);
        auto wire = std::make_unique<TlsWire>(std::move(socket), options.timeout);
        if (auto done = wire->handshake(host, options.ca_file); !done)
            return tl::unexpected(done.error());
        return wire;
    }
    return fail(ProblemKind::unavailable, "http.connect_failed",
                {{"host", host}, {"port", std::to_string(port)}});
}

Client::Client(std::string host, unsigned short port, ClientOptions options)
    : host_(std::move(host)), port_(port), options_(std::move(options)) {}

std::string Client::cookie_header() const {
    std::string text;
    for (const auto &[name, value] : cookies_)
        text += (text.empty() ? "" : "; ") + name + "=" + value;
    return text;
}

void Client::remember_cookies(const Response &response) {
    for (const auto &[name, value] : response.headers) {
        if (name != "set-cookie") continue;
        const std::string pair = value.substr(0, value.find(';'));
        const std::size_t equals = std::min(pair.find('='), pair.size());
        const std::string cookie = pair.substr(0, equals);
        const bool removed = value.find("Max-Age=0") != std::string::npos;
        if (removed) {
            cookies_.erase(cookie);
        } else {
            cookies_[cookie] = equals < pair.size() ? pair.substr(equals + 1) : "";
        }
    }
}

Expected<Response> Client::send(std::string_view method, std::string_view target,
                                const Headers &headers, std::string_view body) {
    std::string request =
        fmt::format("{} {} HTTP/1.1\r\nHost: {}:{}\r\n", method, target, host_, port_);
    if (!cookies_.empty()) request += "Cookie: " + cookie_header() + "\r\n";
    for (const auto &[name, value] : headers)
        request += name + ": " + value + "\r\n";
    const bool may_be_bodiless = method == "GET" || method == "HEAD" || method == "DELETE";
    if (!body.empty() || !may_be_bodiless)
        request += fmt::format("Content-Length: {}\r\n", body.size());
    request += "\r\n";
    request += body;
    const bool reused = wire_ != nullptr;
    auto response = exchange(request, method == "HEAD");
    if (!response && reused && response.error().code == "http.closed")
        response = exchange(request, method == "HEAD");
    if (response) remember_cookies(*response);
    return response;
}

Expected<Response> Client::exchange(std::string_view request, bool head_only) {
    if (!wire_) {
        auto wire = Wire::connect(host_, port_, options_);
        if (!wire) return tl::unexpected(wire.error());
        wire_ = std::move(*wire);
        buffer_.clear();
    }
    std::unique_ptr<Wire> wire = std::move(wire_); // given back if it can be kept
    // An early refusal (413) may arrive although not everything could be written.
    const auto written = wire->write(request);
    std::size_t end = 0;
    while (true) {
        end = buffer_.find("\r\n\r\n");
        if (end != std::string::npos && buffer_.compare(9, 3, "100") == 0) {
            buffer_.erase(0, end + 4);
            continue;
        }
        if (end != std::string::npos) break;
        const auto got = more(*wire, buffer_, options_.timeout);
        if (!got) return tl::unexpected(written ? got.error() : written.error());
        if (!*got) return closed();
    }
    auto head = parse_head(std::string_view(buffer_).substr(0, end + 2));
    if (!head) return fail(ProblemKind::unavailable, "http.bad_response");
    buffer_.erase(0, end + 4);
    const int status = head->response.status;
    if (head_only || status == 204 || status == 304) head->length = 0;
    if (head->chunked) return fail(ProblemKind::unavailable, "http.bad_response");
    while (!head->length || buffer_.size() < *head->length) {
        if (buffer_.size() > options_.max_body_bytes)
            return fail(ProblemKind::too_large, "http.body_too_large");
        const auto got = more(*wire, buffer_, options_.timeout);
        if (!got) return tl::unexpected(got.error());
        if (!*got && head->length) return closed();
        if (!*got) break;
    }
    const std::size_t size = head->length.value_or(buffer_.size());
    head->response.body = buffer_.substr(0, size);
    buffer_.erase(0, size);
    if (head->keep_alive && head->length && written) wire_ = std::move(wire);
    return head->response;
}

Expected<EventStream> EventStream::open(const std::string &host, unsigned short port,
                                        std::string_view target, const Headers &headers,
                                        std::string_view last_event_id, ClientOptions options) {
    auto wire = Wire::connect(host, port, options);
    if (!wire) return tl::unexpected(wire.error());
    std::string request = fmt::format(
        "GET {} HTTP/1.1\r\nHost: {}:{}\r\nAccept: text/event-stream\r\n", target, host, port);
    if (!last_event_id.empty()) request += fmt::format("Last-Event-ID: {}\r\n", last_event_id);
    for (const auto &[name, value] : headers)
        request += name + ": " + value + "\r\n";
    if (auto written = (*wire)->write(request + "\r\n"); !written)
        return tl::unexpected(written.error());
    EventStream stream;
    stream.wire_ = std::move(*wire);
    stream.last_id_ = last_event_id;
    std::size_t end = 0;
    while ((end = stream.buffer_.find("\r\n\r\n")) == std::string::npos) {
        const auto got = more(*stream.wire_, stream.buffer_, options.timeout);
        if (!got) return tl::unexpected(got.error());
        if (!*got) return closed();
    }
    const auto head = parse_head(std::string_view(stream.buffer_).substr(0, end + 2));
    if (!head || head->response.status != 200) {
        return fail(ProblemKind::unavailable, "http.no_event_stream",
                    {{"status", std::to_string(head ? head->response.status : 0)}});
    }
    stream.buffer_.erase(0, end + 4);
    return stream;
}

std::optional<ServerEvent> EventStream::next_block(Duration within) {
    const auto until = std::chrono::steady_clock::now() + within;
    std::size_t end = 0;
    while ((end = buffer_.find("\n\n")) == std::string::npos) {
        const auto left =
            std::chrono::duration_cast<Duration>(until - std::chrono::steady_clock::now());
        const auto got = more(*wire_, buffer_, std::max(left, Duration{0}));
        if (!got && got.error().code == "http.timeout") return std::nullopt;
        ended_ = !got || !*got;
        if (ended_) return std::nullopt;
    }
    ServerEvent event;
    std::string_view block = std::string_view(buffer_).substr(0, end);
    while (!block.empty()) {
        const std::size_t line_end = std::min(block.find('\n'), block.size());
        const std::string_view line = block.substr(0, line_end);
        block.remove_prefix(std::min(line_end + 1, block.size()));
        if (line.starts_with("id: ")) last_id_ = line.substr(4);
        if (line.starts_with("event: ")) event.event = line.substr(7);
        if (line.starts_with("data: "))
            event.data += (event.data.empty() ? "" : "\n") + std::string(line.substr(6));
    }
    event.id = last_id_;
    buffer_.erase(0, end + 2);
    return event;
}

std::optional<ServerEvent> EventStream::next(Duration within) {
    const auto until = std::chrono::steady_clock::now() + within;
    while (true) {
        const auto left =
            std::chrono::duration_cast<Duration>(until - std::chrono::steady_clock::now());
        auto block = next_block(std::max(left, Duration{0}));
        if (!block || !block->event.empty()) return block;
    }
}

} // namespace fernamt::net
