// SPDX-License-Identifier: EUPL-1.2
// HTTP as the web room sees it: plain values in, plain values out; Boost.Beast stays inside net/.
// Handlers run on a worker pool and may block on the database. Every answer carries the security
// headers (a handler cannot weaken them) and, unless the handler says otherwise, "no-store".
#pragma once

#include "base/time.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::net {

struct Request {
    std::string method;                                              // "GET"
    std::string path;                                                // decoded, without query
    std::map<std::string, std::string, std::less<>> path_parameters; // from the route's {name}
    std::map<std::string, std::string, std::less<>> query;
    std::map<std::string, std::string, std::less<>> headers; // lower-case names
    std::map<std::string, std::string, std::less<>> cookies;
    std::string body;
    std::string remote_address; // for slowing down only, never logged with a person
    std::string request_id;
};

struct Response {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

using Handler = std::function<Response(const Request &)>;

class Router {
  public:
    // "/api/v1/municipalities/{ars}". A path that exists with other methods answers 405 with Allow.
    void add(std::string method, std::string pattern, Handler handler);
    struct Route {
        std::string method;
        std::string pattern;
    };
    [[nodiscard]] std::vector<Route> routes() const; // for the contract test against OpenAPI

    struct Match {
        const Handler *handler = nullptr;
        std::string pattern;
        std::vector<std::string> allowed;
        std::map<std::string, std::string, std::less<>> parameters;
    };
    [[nodiscard]] Match match(std::string_view method, std::string_view path) const;

  private:
    struct Entry {
        std::string method;
        std::string pattern;
        std::vector<std::string> segments;
        Handler handler;
    };
    std::vector<Entry> entries_;
};

// Server-sent events with ids and resume (Last-Event-ID). An event says what changed; the page
// reads it again. A client that misses too much gets "reset"; a slow client is dropped and comes
// back.
class EventHub {
  public:
    struct Event {
        std::string topic; // "desk", "situation", "knowledge", ...
        std::string data;  // small JSON: ids and versions only
        // Empty: everybody signed in. Asked on the I/O thread, now and on resume: fast, no I/O.
        std::function<bool(const std::string &audience)> visible_to;
    };
    EventHub();
    explicit EventHub(std::size_t remembered_events, Instant epoch);
    ~EventHub();
    EventHub(const EventHub &) = delete;
    EventHub &operator=(const EventHub &) = delete;
    void publish(Event event); // thread-safe, never waits for a client
    // A session ended or may see something else: every open stream is authorised again at once,
    // before anything more is sent on it. Thread-safe, returns at once.
    void recheck_listeners();
    [[nodiscard]] int listeners() const; // open event streams, for the metrics
    [[nodiscard]] int listeners(const std::string &audience) const;
    struct Impl;
    Impl &impl() { return *impl_; }

  private:
    std::unique_ptr<Impl> impl_;
};

struct ServerOptions {
    std::string address = "127.0.0.1";
    unsigned short port = 8115;             // 0: any free port
    std::string static_directory;           // files, with .br/.gz beside them; index.html for "/"
    std::string certificate_file, key_file; // both set: TLS
    int worker_threads = 8;
    std::size_t max_header_bytes = std::size_t{16} * 1024;
    std::size_t max_body_bytes = std::size_t{8} * 1024 * 1024;
    std::size_t max_connections = 2000;
    Duration read_timeout = 15s;
    Duration idle_timeout = 60s;
    std::string events_path = "/api/v1/events"; // server-sent events; empty: none
    Duration heartbeat = 10s;
    // An open event stream asks authorise_events again this often, and ends when the session did.
    // Such a request has the method "STREAM"; it should not count as activity of the session.
    Duration reauthorise = 60s;
    Duration stop_grace = 5s;                // running requests get this long when the server stops
    std::size_t max_waiting_requests = 1000; // for a worker; more are answered 503
    // Reverse proxies (addresses or networks) whose last X-Forwarded-For entry is believed.
    std::vector<std::string> trusted_proxies;
    // Called after each request, from the I/O thread; route is the pattern, never the path.
    std::function<void(std::string_view method, std::string_view route, int status, Duration took)>
        observe;
};

class Server {
  public:
    // The hub must outlive the server. authorise_events returns the audience string of the session
    // ("user:7") or nothing (401).
    using AuthoriseEvents = std::function<std::optional<std::string>(const Request &)>;
    [[nodiscard]] static std::unique_ptr<Server>
    create(ServerOptions options, Router router, EventHub &hub, AuthoriseEvents authorise_events);
    virtual ~Server() = default;
    virtual bool start(std::string &error) = 0; // false: port in use and the like
    virtual void stop() = 0;                    // answers what runs, then closes
    [[nodiscard]] virtual unsigned short port() const = 0;
};

} // namespace fernamt::net
