// SPDX-License-Identifier: EUPL-1.2
// The running server over real sockets: what it answers, what it refuses, how it stops.
#include "net/client.h"
#include "net/http.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <latch>
#include <thread>

namespace fernamt::net {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class TemporaryDirectory {
  public:
    TemporaryDirectory() {
        std::string pattern = (std::filesystem::temp_directory_path() / "net_test.XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
        path_ = pattern;
    }
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryDirectory(const TemporaryDirectory &) = delete;
    TemporaryDirectory &operator=(const TemporaryDirectory &) = delete;
    [[nodiscard]] std::filesystem::path operator/(std::string_view name) const {
        return path_ / name;
    }
    void put(std::string_view name, std::string_view content) const {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name, std::ios::binary) << content;
    }

  private:
    std::filesystem::path path_;
};

class ServerTest : public testing::Test {
  protected:
    ServerTest() {
        options_.port = 0;
        options_.read_timeout = 10s; // generous: the machine may be busy with other tests
        options_.max_body_bytes = 100'000;
        router_.add("GET", "/hello", [](const Request &) { return text("hello"); });
        router_.add("POST", "/echo", [](const Request &request) { return text(request.body); });
        router_.add("PUT", "/things/{id}", [](const Request &request) {
            return text(request.path_parameters.at("id") + "?" + request.query.at("q") + "@" +
                        request.remote_address);
        });
        router_.add("GET", "/api/v1/fails",
                    [](const Request &) -> Response { throw std::runtime_error("secret detail"); });
        router_.add("GET", "/api/v1/splits", [](const Request &) {
            Response response;
            response.headers.emplace_back("Location", "/a\r\nX-Evil: 1");
            return response;
        });
        router_.add("GET", "/long", [](const Request &) { return text(std::string(9000, 'x')); });
        router_.add("DELETE", "/gone", [](const Request &) {
            Response response;
            response.status = 204;
            return response;
        });
    }
    ~ServerTest() override {
        if (server_) server_->stop();
    }

    static Response text(std::string body) {
        Response response;
        response.headers.emplace_back("Content-Type", "text/plain");
        response.body = std::move(body);
        return response;
    }

    void start() {
        server_ = Server::create(options_, router_, hub_, [](const Request &request) {
            const auto who = request.query.find("who");
            return who != request.query.end() ? std::optional(who->second) : std::nullopt;
        });
        std::string error;
        ASSERT_TRUE(server_->start(error)) << error;
    }

    Client client() { return Client("127.0.0.1", server_->port()); }

    std::unique_ptr<Wire> wire() {
        auto connected = Wire::connect("127.0.0.1", server_->port(), {});
        EXPECT_TRUE(connected);
        return std::move(*connected);
    }

    // Everything the server says until it closes (or falls silent).
    static std::string read_all(Wire &wire, Duration silence = 3s) {
        std::string all;
        while (true) {
            const auto bytes = wire.read(silence);
            if (!bytes || bytes->empty()) return all;
            all += *bytes;
        }
    }

    std::string raw(std::string_view bytes) {
        auto connection = wire();
        EXPECT_TRUE(connection->write(bytes));
        connection->finish_writing();
        return read_all(*connection);
    }

    ServerOptions options_;
    Router router_;
    EventHub hub_;
    std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, LongAnswersAreCompressedForWhoeverAccepts) {
    start();
    Client client("127.0.0.1", server_->port());
    const auto plain = client.get("/long");
    const auto packed = client.get("/long", {{"Accept-Encoding", "gzip"}});
    const auto length = client.send("HEAD", "/long", {{"Accept-Encoding", "gzip"}});
    const auto small = client.get("/hello", {{"Accept-Encoding", "gzip"}});
    ASSERT_TRUE(plain && packed && length && small);
    EXPECT_EQ(plain->body.size(), 9000U);
    EXPECT_EQ(header(*plain, "content-encoding"), "");
    EXPECT_EQ(header(*packed, "content-encoding"), "gzip");
    EXPECT_LT(packed->body.size(), 200U);
    EXPECT_EQ(header(*packed, "content-length"), std::to_string(packed->body.size()));
    EXPECT_EQ(small->body, "hello");
}

TEST_F(ServerTest, AnswersWithTheSecurityHeaders) {
    start();
    auto http = client();
    const auto response = http.get("/hello");
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "hello");
    EXPECT_EQ(
        header(*response, "content-security-policy"),
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; media-src 'self' blob:; frame-ancestors 'none'; "
        "base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; "
        "trusted-types svelte-trusted-html");
    EXPECT_EQ(header(*response, "x-content-type-options"), "nosniff");
    EXPECT_EQ(header(*response, "referrer-policy"), "no-referrer");
    EXPECT_EQ(header(*response, "cross-origin-opener-policy"), "same-origin");
    EXPECT_THAT(header(*response, "permissions-policy"),
                StartsWith("microphone=(self), speaker-selection=(self)"));
    EXPECT_EQ(header(*response, "cache-control"), "no-store");
    EXPECT_EQ(header(*response, "server"), "");
    EXPECT_EQ(header(*response, "strict-transport-security"), "");
    EXPECT_NE(header(*response, "x-request-id"), "");
}

TEST_F(ServerTest, EvenRefusalsCarryTheSecurityHeaders) {
    start();
    for (const std::string_view bytes : {"GARBAGE\r\n\r\n", "GET /nope HTTP/1.1\r\nHost: a\r\n\r\n",
                                         "POST /hello HTTP/1.1\r\nHost: a\r\n\r\n"}) {
        const std::string answer = raw(bytes);
        EXPECT_THAT(answer, HasSubstr("Content-Security-Policy: default-src 'none'"));
        EXPECT_THAT(answer, HasSubstr("application/problem+json"));
    }
}

TEST_F(ServerTest, PassesParametersBodiesAndAddresses) {
    start();
    auto http = client();
    EXPECT_EQ(http.send("PUT", "/things/%2B49511?q=a%20b")->body, "+49511?a b@127.0.0.1");
    const std::string body(90'000, 'x');
    EXPECT_EQ(http.send("POST", "/echo", {}, body)->body, body);
    EXPECT_EQ(http.send("POST", "/echo", {{"Expect", "100-continue"}}, "abc")->body, "abc");
    const auto gone = http.send("DELETE", "/gone");
    EXPECT_EQ(gone->status, 204);
    EXPECT_EQ(header(*gone, "content-length"), "");
}

TEST_F(ServerTest, BelievesOnlyATrustedProxyAboutTheAddress) {
    start();
    const Headers forwarded{{"X-Forwarded-For", "203.0.113.9, 198.51.100.7"}};
    EXPECT_EQ(client().send("PUT", "/things/1?q=", forwarded)->body, "1?@127.0.0.1");
    server_->stop();
    options_.trusted_proxies = {"127.0.0.1"};
    start();
    EXPECT_EQ(client().send("PUT", "/things/1?q=", forwarded)->body, "1?@198.51.100.7");
    EXPECT_EQ(client().send("PUT", "/things/1?q=", {{"X-Forwarded-For", "<b>"}})->body,
              "1?@127.0.0.1");
    server_->stop();
    options_.trusted_proxies = {"192.0.2.0/24", "127.0.0.0/8"};
    start();
    EXPECT_EQ(client().send("PUT", "/things/1?q=", forwarded)->body, "1?@198.51.100.7");
}

TEST_F(ServerTest, HeadIsGetWithoutABody) {
    start();
    auto http = client();
    const auto head = http.send("HEAD", "/hello");
    ASSERT_TRUE(head);
    EXPECT_EQ(header(*head, "content-length"), "5");
    EXPECT_EQ(head->body, "");
    EXPECT_EQ(http.get("/hello")->body, "hello"); // nothing left over on the connection
}

TEST_F(ServerTest, NamesTheAllowedMethods) {
    start();
    const auto refused = client().send("POST", "/hello", {}, "");
    EXPECT_EQ(refused->status, 405);
    EXPECT_EQ(header(*refused, "allow"), "GET, HEAD");
    EXPECT_THAT(refused->body, HasSubstr("\"code\":\"http.method_not_allowed\""));
    EXPECT_EQ(client().get("/api/v1/nothing")->status, 404);
    EXPECT_EQ(header(*client().send("POST", "/api/v1/events"), "allow"), "GET");
}

TEST_F(ServerTest, AnExceptionIsA500WithoutDetails) {
    start();
    auto http = client();
    for (const char *path : {"/api/v1/fails", "/api/v1/splits"}) {
        const auto response = http.get(path);
        ASSERT_TRUE(response);
        EXPECT_EQ(response->status, 500);
        EXPECT_THAT(response->body, HasSubstr("\"code\":\"internal\""));
        EXPECT_THAT(response->body, HasSubstr(header(*response, "x-request-id")));
        EXPECT_THAT(response->body, Not(HasSubstr("secret")));
        EXPECT_EQ(header(*response, "x-evil"), "");
    }
    EXPECT_EQ(http.get("/hello")->body, "hello"); // the connection goes on
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
    start();
    const std::string answer =
        raw("\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\none"
            "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            "2\r\ntw\r\n1;x=y\r\no\r\n0\r\nX-Trailer: t\r\n\r\n"
            "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            "GET /never HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto first = answer.find("\r\n\r\nhello"), second = answer.find("\r\n\r\none"),
               third = answer.find("\r\n\r\ntwo"), fourth = answer.rfind("\r\n\r\nhello");
    EXPECT_TRUE(first < second && second < third && third < fourth) << answer;
    EXPECT_NE(fourth, std::string::npos);
    EXPECT_THAT(answer, Not(HasSubstr("404")));
}

TEST_F(ServerTest, RefusesAmbiguousFraming) {
    start();
    const std::string tail = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
    for (const std::string headers : {
             "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
             "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
             "Content-Length: 5\r\nContent-Length: 5\r\n",
             "Content-Length: 5\r\nContent-Length: 6\r\n",
             "Content-Length: 5, 5\r\n",
             "Content-Length: -5\r\n",
             "Content-Length: +5\r\n",
             "Content-Length: 0x5\r\n",
             "Content-Length: 5 5\r\n",
             "Content-Length :5\r\n",
             "Content-Length:\r\n",
             "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
             "Transfer-Encoding : chunked\r\n",
             " Transfer-Encoding: chunked\r\n",
             "X: y\r\n Transfer-Encoding: chunked\r\n",
             "Transfer-Encoding:\x0b"
             "chunked\r\n",
             "Host: b\r\n",
             "X: a\rTransfer-Encoding: chunked\r\n",
             "X: a\nTransfer-Encoding: chunked\r\n",
         }) {
        const std::string answer =
            raw("POST /echo HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n0\r\n\r\n" + tail);
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 ")) << headers;
        EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos) << headers << answer;
    }
    for (const std::string coding :
         {"identity", "gzip, chunked", "chunked, identity", "xchunked"}) {
        const std::string answer =
            raw("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: " + coding +
                "\r\n\r\n0\r\n\r\n" + tail);
        EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos) << coding << answer;
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 501 ") || answer.starts_with("HTTP/1.1 400 "))
            << coding << answer;
    }
}

TEST_F(ServerTest, RefusesBrokenChunks) {
    start();
    for (const std::string body :
         {"5\r\nabc\r\n0\r\n\r\n", "-1\r\n\r\n", "g\r\n\r\n", "3\nabc\n0\n\n",
          "3\r\nabcX\r\n0\r\n\r\n", "ffffffffffffffffff\r\n", "0x3\r\nabc\r\n0\r\n\r\n", "\r\n",
          "3 \r\nabc\r\n0\r\n\r\nX"}) {
        const std::string answer =
            raw("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body);
        EXPECT_THAT(answer, Not(StartsWith("HTTP/1.1 200"))) << body;
        EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos) << body << answer;
    }
}

TEST_F(ServerTest, ATrailerIsNotAHeader) {
    router_.add("POST", "/trailer", [](const Request &request) {
        return text(request.cookies.empty() && !request.headers.contains("x-fernamt") ? "clean"
                                                                                      : "smuggled");
    });
    start();
    EXPECT_THAT(raw("POST /trailer HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "1\r\nx\r\n0\r\nX-Fernamt: 1\r\nCookie: fernamt_session=1\r\n\r\n"),
                HasSubstr("clean"));
}

TEST_F(ServerTest, RefusesBadRequestLines) {
    start();
    for (const std::string line :
         {"GET  /hello HTTP/1.1", "GET /hello", "GET /hel lo HTTP/1.1", "GET hello HTTP/1.1",
          "G\tET /hello HTTP/1.1", "GET /hello HTTX/1.1", "GET /%00 HTTP/1.1",
          "GET /assets/../../etc/passwd HTTP/1.1", "GET /%2e%2e/secret HTTP/1.1",
          "GET /a%2fb HTTP/1.1", "GET /h\xc3\xa9llo%ff HTTP/1.1", "GET /hello?a=1&a=2 HTTP/1.1",
          "CONNECT amt.example:443 HTTP/1.1", " GET /hello HTTP/1.1"}) {
        const std::string answer = raw(line + "\r\nHost: a\r\n\r\n");
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ") || answer.starts_with("HTTP/1.1 501 "))
            << line << "\n"
            << answer;
    }
    EXPECT_THAT(raw("GET /hello HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 400 ")); // no Host
    EXPECT_THAT(raw("GET /hello HTTP/2.0\r\nHost: a\r\n\r\n"), StartsWith("HTTP/1.1 505 "));
    EXPECT_THAT(raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), StartsWith("HTTP/1.1 505 "));
    EXPECT_THAT(raw("TRACE /hello HTTP/1.1\r\nHost: a\r\n\r\n"), StartsWith("HTTP/1.1 501 "));
    EXPECT_THAT(raw("BREW /hello HTTP/1.1\r\nHost: a\r\n\r\n"), StartsWith("HTTP/1.1 501 "));
    EXPECT_THAT(raw("GET /hello HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(raw(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11)),
                StartsWith("HTTP/1.1 400 ")); // TLS spoken to a plain port
}

TEST_F(ServerTest, RefusesWhatIsTooLarge) {
    start();
    EXPECT_THAT(raw("GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n"),
                StartsWith("HTTP/1.1 414 "));
    EXPECT_THAT(raw("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(17'000, 'a') + "\r\n\r\n"),
                StartsWith("HTTP/1.1 431 "));
    EXPECT_THAT(raw("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(200'000, 'a')),
                StartsWith("HTTP/1.1 431 ")); // never ends
    std::string many;
    for (int i = 0; i < 101; ++i)
        many += "X: y\r\n";
    EXPECT_THAT(raw("GET / HTTP/1.1\r\nHost: a\r\n" + many + "\r\n"), StartsWith("HTTP/1.1 431 "));
    // Refused by its announced length, and the answer survives the unread body.
    const auto announced = client().send("POST", "/echo", {}, std::string(3'000'000, 'x'));
    ASSERT_TRUE(announced) << describe(announced.error());
    EXPECT_EQ(announced->status, 413);
    std::string chunks = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 11; ++i)
        chunks += fmt::format("{:x}\r\n{}\r\n", 10'000, std::string(10'000, 'x'));
    EXPECT_THAT(raw(chunks), StartsWith("HTTP/1.1 413 "));
    EXPECT_THAT(
        raw("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: magic\r\nContent-Length: 1\r\n\r\nx"),
        StartsWith("HTTP/1.1 417 "));
}

TEST_F(ServerTest, RefusesWhatIsTooSlow) {
    options_.read_timeout = 2s;
    start();
    auto silent = wire();
    EXPECT_EQ(read_all(*silent), ""); // nothing said, nothing answered, but closed
    auto head = wire();
    ASSERT_TRUE(head->write("GET /hello HTTP/1.1\r\nHo"));
    EXPECT_THAT(read_all(*head), StartsWith("HTTP/1.1 408 "));
    auto body = wire();
    ASSERT_TRUE(body->write("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf"));
    EXPECT_THAT(read_all(*body), StartsWith("HTTP/1.1 408 "));
}

TEST_F(ServerTest, ADripOfHeadersDoesNotBuyTime) {
    options_.read_timeout = 2s;
    start();
    auto drip = wire();
    bool ended = false;
    std::string answer;
    ASSERT_TRUE(drip->write("GET /hello HTTP/1.1\r\n"));
    for (int i = 0; i < 500 && !ended; ++i) {
        const bool written = drip->write("X: y\r\n").has_value();
        const auto bytes = drip->read(50ms);
        if (bytes) answer += *bytes;
        ended = !written || !answer.empty();
    }
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 408 "));
}

TEST_F(ServerTest, AnIdleConnectionIsClosedAndTheClientComesBack) {
    options_.idle_timeout = 50ms;
    start();
    auto http = client();
    EXPECT_EQ(http.get("/hello")->body, "hello");
    std::this_thread::sleep_for(200ms);
    EXPECT_EQ(http.get("/hello")->body, "hello");
}

TEST_F(ServerTest, AHalfClosedClientGetsItsAnswer) {
    start();
    EXPECT_THAT(raw("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"), HasSubstr("\r\n\r\nhello"));
    EXPECT_EQ(raw("GET /hello HTT"), "");
    EXPECT_THAT(raw("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf"),
                Not(HasSubstr("200")));
}

TEST_F(ServerTest, TooManyConnectionsAreToldSo) {
    options_.max_connections = 3;
    start();
    std::vector<std::unique_ptr<Wire>> held;
    for (int i = 0; i < 3; ++i) {
        held.push_back(wire());
        ASSERT_TRUE(held.back()->write("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"));
        ASSERT_TRUE(held.back()->read(5s));
    }
    auto one_more = wire();
    const std::string answer = read_all(*one_more);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
    EXPECT_THAT(answer, HasSubstr("Retry-After: 5"));
    one_more.reset();
    held.clear();
    for (int i = 0; i < 100; ++i) { // the server notices the closed ones in its own time
        const auto response = client().get("/hello");
        if (response && response->status == 200) return;
        std::this_thread::sleep_for(20ms);
    }
    FAIL() << "connections were not given back";
}

TEST_F(ServerTest, TooManyWaitingRequestsAreToldSo) {
    std::latch release(1);
    std::atomic<int> running = 0;
    options_.worker_threads = 1;
    options_.max_waiting_requests = 2;
    router_.add("GET", "/slow", [&](const Request &) {
        ++running;
        release.wait();
        return text("done");
    });
    start();
    auto first = wire(), second = wire();
    for (auto *one : {first.get(), second.get()})
        ASSERT_TRUE(one->write("GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
    auto http = client();
    int refused = 0;
    for (int i = 0; i < 2000 && running == 0; ++i)
        std::this_thread::sleep_for(5ms);
    // Answers that need no worker, on connections accepted after the second one: when they are
    // here, the second request has been read.
    for (int i = 0; i < 3; ++i)
        ASSERT_EQ(client().send("POST", "/hello")->status, 405);
    const auto busy = http.get("/hello");
    if (busy && busy->status == 503) ++refused;
    release.count_down();
    EXPECT_EQ(refused, 1);
    EXPECT_EQ(header(*busy, "retry-after"), "2");
    EXPECT_THAT(read_all(*first), HasSubstr("done"));
    EXPECT_THAT(read_all(*second), HasSubstr("done"));
}

TEST_F(ServerTest, StopAnswersWhatRuns) {
    std::latch entered(1), release(1);
    router_.add("GET", "/slow", [&](const Request &) {
        entered.count_down();
        release.wait();
        return text("finished");
    });
    start();
    auto http = client();
    std::optional<Expected<Response>> answer;
    std::thread asking([&] { answer = http.get("/slow"); });
    entered.wait();
    auto idle = wire();
    std::thread stopping([&] { server_->stop(); });
    while (Wire::connect("127.0.0.1", server_->port(), {})) // until it has begun to stop
        std::this_thread::sleep_for(5ms);
    release.count_down();
    stopping.join();
    asking.join();
    ASSERT_TRUE(*answer);
    EXPECT_EQ((*answer)->body, "finished");
    EXPECT_EQ(header(**answer, "connection"), "close");
    EXPECT_EQ(read_all(*idle), "");
    EXPECT_FALSE(Wire::connect("127.0.0.1", server_->port(), {}));
}

TEST_F(ServerTest, APortInUseIsSaidClearly) {
    start();
    ServerOptions same = options_;
    same.port = server_->port();
    auto other = Server::create(same, router_, hub_, {});
    std::string error;
    EXPECT_FALSE(other->start(error));
    EXPECT_EQ(error, fmt::format("port {} on 127.0.0.1 is in use by another program", same.port));
    same.address = "localhost";
    EXPECT_FALSE(Server::create(same, router_, hub_, {})->start(error));
    EXPECT_THAT(error, HasSubstr("is not an IP address"));
    same.address = "192.0.2.1"; // TEST-NET-1: not ours
    EXPECT_FALSE(Server::create(same, router_, hub_, {})->start(error));
    EXPECT_THAT(error, HasSubstr("cannot listen on 192.0.2.1"));
}

TEST_F(ServerTest, ReportsEachRequestByItsPattern) {
    std::mutex mutex;
    std::vector<std::string> seen;
    options_.observe = [&](std::string_view method, std::string_view route, int status, Duration) {
        const std::lock_guard lock(mutex);
        seen.push_back(fmt::format("{} {} {}", method, route, status));
    };
    start();
    auto http = client();
    for (const auto &[method, path] :
         {std::pair{"PUT", "/things/12345?q=x"}, {"GET", "/nope"}, {"POST", "/hello"}})
        ASSERT_TRUE(http.send(method, path));
    server_->stop();
    EXPECT_EQ(seen, (std::vector<std::string>{"PUT /things/{id} 200", "GET static 404",
                                              "POST none 405"}));
}

// ---- static files

class StaticTest : public ServerTest {
  protected:
    StaticTest() {
        directory_.put("www/index.html", "<!doctype html>");
        directory_.put("www/assets/app-3f2a.js", "console.log(1)");
        directory_.put("www/assets/app-3f2a.js.br", "BROTLI");
        directory_.put("www/assets/app-3f2a.js.gz", "GZIP");
        directory_.put("www/favicon.svg", "<svg/>");
        directory_.put("www/.secret", "hidden");
        directory_.put("outside.txt", "outside");
        std::filesystem::create_symlink(directory_ / "outside.txt", directory_ / "www/link.txt");
        options_.static_directory = (directory_ / "www").string();
    }
    TemporaryDirectory directory_;
};

TEST_F(StaticTest, ChoosesThePrecompressedVariant) {
    start();
    auto http = client();
    const auto brotli = http.get("/assets/app-3f2a.js", {{"Accept-Encoding", "gzip, br"}});
    EXPECT_EQ(brotli->body, "BROTLI");
    EXPECT_EQ(header(*brotli, "content-encoding"), "br");
    EXPECT_EQ(header(*brotli, "content-type"), "text/javascript; charset=utf-8");
    EXPECT_EQ(header(*brotli, "cache-control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(header(*brotli, "vary"), "Accept-Encoding");
    const auto gzip = http.get("/assets/app-3f2a.js", {{"Accept-Encoding", "gzip, br;q=0"}});
    EXPECT_EQ(gzip->body, "GZIP");
    const auto plain = http.get("/assets/app-3f2a.js");
    EXPECT_EQ(plain->body, "console.log(1)");
    EXPECT_EQ(header(*plain, "content-encoding"), "");
    EXPECT_NE(header(*plain, "etag"), header(*brotli, "etag"));
}

TEST_F(StaticTest, AnswersConditionalRequestsAndHead) {
    start();
    auto http = client();
    const auto page = http.get("/");
    EXPECT_EQ(page->body, "<!doctype html>");
    EXPECT_EQ(header(*page, "cache-control"), "no-cache");
    const std::string etag = header(*page, "etag");
    const auto same = http.get("/", {{"If-None-Match", etag}});
    EXPECT_EQ(same->status, 304);
    EXPECT_EQ(same->body, "");
    EXPECT_EQ(header(*same, "etag"), etag);
    const auto head = http.send("HEAD", "/");
    EXPECT_EQ(header(*head, "content-length"), "15");
    directory_.put("www/index.html", "<!doctype html><p>new");
    EXPECT_EQ(http.get("/", {{"If-None-Match", etag}})->body, "<!doctype html><p>new");
}

TEST_F(StaticTest, UnknownPagesAreTheUiUnknownFilesAreNot) {
    start();
    auto http = client();
    EXPECT_EQ(http.get("/desk")->body, "<!doctype html>");
    EXPECT_EQ(http.get("/admin/municipalities/x")->body, "<!doctype html>");
    EXPECT_EQ(http.get("/favicon.svg")->body, "<svg/>");
    for (const char *path : {"/api", "/api/v1/x", "/assets/app-old.js", "/.secret", "/link.txt",
                             "/assets", "/outside.txt", "/desk.html"}) {
        const auto answer = http.get(path);
        if (std::string_view(path) == "/assets") {
            EXPECT_EQ(answer->body, "<!doctype html>"); // a page name like any other
            continue;
        }
        EXPECT_EQ(answer->status, 404) << path;
    }
    EXPECT_EQ(http.send("POST", "/desk")->status, 404);
}

// ---- TLS

class TlsTest : public ServerTest {
  protected:
    TlsTest() {
        certificate_ = (directory_ / "cert.pem").string();
        key_ = (directory_ / "key.pem").string();
        const std::string command = fmt::format(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 "
            "-subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 "
            "-keyout '{}' -out '{}' 2>/dev/null",
            key_, certificate_);
        made_ = std::system(command.c_str()) == 0;
        options_.certificate_file = certificate_;
        options_.key_file = key_;
    }
    ClientOptions trusting() const {
        ClientOptions options;
        options.tls = true;
        options.ca_file = certificate_;
        return options;
    }
    TemporaryDirectory directory_;
    std::string certificate_, key_;
    bool made_ = false;
};

TEST_F(TlsTest, ServesOverTls) {
    ASSERT_TRUE(made_);
    start();
    Client http("127.0.0.1", server_->port(), trusting());
    const auto response = http.get("/hello");
    ASSERT_TRUE(response) << describe(response.error());
    EXPECT_EQ(response->body, "hello");
    EXPECT_EQ(header(*response, "strict-transport-security"), "max-age=31536000");
    const std::string body(90'000, 'y');
    EXPECT_EQ(http.send("POST", "/echo", {}, body)->body, body);
    const auto refused = http.send("POST", "/echo", {}, std::string(300'000, 'y'));
    ASSERT_TRUE(refused) << describe(refused.error());
    EXPECT_EQ(refused->status, 413);
    ClientOptions untrusting = trusting();
    untrusting.ca_file.clear();
    EXPECT_EQ(Client("127.0.0.1", server_->port(), untrusting).get("/hello").error().code,
              "http.tls_failed");
    auto events =
        EventStream::open("localhost", server_->port(), "/api/v1/events?who=a", {}, "", trusting());
    ASSERT_TRUE(events) << describe(events.error());
    hub_.publish({"desk", "{}", {}});
    EXPECT_EQ(events->next(5s)->event, "desk");
}

TEST_F(TlsTest, RefusesOldVersionsAndPlainText) {
    ASSERT_TRUE(made_);
    start();
    const auto speaks = [&](const std::string &version) {
        return std::system(
                   fmt::format("echo Q | timeout 10 openssl s_client -connect 127.0.0.1:{} {} "
                               "-cipher 'ALL:@SECLEVEL=0' >/dev/null 2>&1",
                               server_->port(), version)
                       .c_str()) == 0;
    };
    EXPECT_TRUE(speaks("-tls1_2"));
    EXPECT_TRUE(speaks("-tls1_3"));
    EXPECT_FALSE(speaks("-tls1_1"));
    EXPECT_THAT(raw("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"), Not(HasSubstr("hello")));
}

TEST_F(TlsTest, UnusableFilesAreNamed) {
    options_.certificate_file = (directory_ / "missing.pem").string();
    std::string error;
    EXPECT_FALSE(Server::create(options_, router_, hub_, {})->start(error));
    EXPECT_THAT(error, HasSubstr("missing.pem"));
    options_.key_file.clear();
    EXPECT_FALSE(Server::create(options_, router_, hub_, {})->start(error));
    EXPECT_THAT(error, HasSubstr("both a certificate and a key"));
}

} // namespace
} // namespace fernamt::net
