// SPDX-License-Identifier: EUPL-1.2
// A small blocking HTTP/1.1 client for tests and the command line: keep-alive, TLS option, cookies,
// server-sent events. Not for untrusted servers and not for load: one connection, one request at a
// time. Not thread-safe.
#pragma once

#include "base/problem.h"
#include "base/time.h"
#include "net/http.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::net {

using Headers = std::vector<std::pair<std::string, std::string>>;
// First value of a header (any case), or "".
[[nodiscard]] std::string header(const Response &response, std::string_view name);

struct ClientOptions {
    bool tls = false;
    std::string ca_file;    // PEM to trust; empty: the system's
    Duration timeout = 10s; // per connection attempt, read and write
    std::size_t max_body_bytes = 64U * 1024 * 1024;
};

// One connection: bytes in, bytes out. Problems: unavailable "http.connect_failed", "http.closed",
// "http.timeout".
class Wire {
  public:
    [[nodiscard]] static Expected<std::unique_ptr<Wire>>
    connect(const std::string &host, unsigned short port, const ClientOptions &options);
    virtual ~Wire() = default;
    virtual Expected<void> write(std::string_view bytes) = 0;
    // Some bytes; an empty string at the end of the stream.
    virtual Expected<std::string> read(Duration timeout) = 0;
    virtual void finish_writing() = 0; // half-close
};

class Client {
  public:
    Client(std::string host, unsigned short port, ClientOptions options = {});

    // Connects when needed; a kept connection that the server has closed is opened again once.
    Expected<Response> send(std::string_view method, std::string_view target,
                            const Headers &headers = {}, std::string_view body = {});
    Expected<Response> get(std::string_view target, const Headers &headers = {}) {
        return send("GET", target, headers);
    }
    // Cookies set by the server, sent with every request.
    [[nodiscard]] const std::map<std::string, std::string> &cookies() const { return cookies_; }
    [[nodiscard]] std::string cookie_header() const;

  private:
    Expected<Response> exchange(std::string_view request, bool head_only);
    void remember_cookies(const Response &response);

    std::string host_;
    unsigned short port_;
    ClientOptions options_;
    std::unique_ptr<Wire> wire_;
    std::string buffer_;
    std::map<std::string, std::string> cookies_;
};

struct ServerEvent {
    std::string id;    // the stream's last id
    std::string event; // "desk"; "" for a comment or an id alone
    std::string data;
};

class EventStream {
  public:
    // last_event_id empty: from now on. Fails with the status as argument if it is not 200.
    [[nodiscard]] static Expected<EventStream> open(const std::string &host, unsigned short port,
                                                    std::string_view target, const Headers &headers,
                                                    std::string_view last_event_id = {},
                                                    ClientOptions options = {});
    // The next event that has a name; nothing if none came in time or the stream ended.
    std::optional<ServerEvent> next(Duration within);
    // The next block of any kind, also heartbeats.
    std::optional<ServerEvent> next_block(Duration within);
    [[nodiscard]] bool ended() const { return ended_; }
    [[nodiscard]] const std::string &last_event_id() const { return last_id_; }

  private:
    std::unique_ptr<Wire> wire_;
    std::string buffer_;
    std::string last_id_;
    bool ended_ = false;
};

} // namespace fernamt::net
