// SPDX-License-Identifier: EUPL-1.2
#include "web/gate.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace fernamt::web {
namespace {

constexpr MunicipalityId kLangenhagen{32'410'010'010};
constexpr MunicipalityId kWedemark{32'410'019'019};

class GateTest : public ::testing::Test {
  protected:
    GateTest() : gate_([this](const std::string &token) { return find(token); }, clock_, times_) {}

    Expected<people::Principal> find(const std::string &token) {
        if (token == "anke") return people::Principal{UserId{7}, {people::Role::agent}, {}};
        if (token == "admin") return people::Principal{UserId{1}, {people::Role::admin}, {}};
        if (token == "second") return people::Principal{UserId{3}, {people::Role::admin}, {}};
        if (token == "town") {
            return people::Principal{
                UserId{2}, {people::Role::admin, people::Role::finance}, kLangenhagen};
        }
        return fail(ProblemKind::unauthenticated, "session.none");
    }

    void serve(std::string_view method, std::string_view pattern, RouteHandler handler = {}) {
        if (!handler) {
            handler = [this](const Incoming &incoming) -> Expected<Reply> {
                ++handled_;
                last_caller_ = incoming.caller;
                return Reply{200, "{}", "application/json", {}};
            };
        }
        gate_.add(router_, method, pattern, std::move(handler));
    }

    net::Response ask(const std::string &method, const std::string &path,
                      const std::string &session = "",
                      std::map<std::string, std::string, std::less<>> headers = {},
                      const std::string &body = "") {
        const auto match = router_.match(method, path);
        if (match.handler == nullptr) throw std::logic_error("no route");
        net::Request request;
        request.method = method;
        request.path = path;
        request.path_parameters = match.parameters;
        request.headers = std::move(headers);
        if (!session.empty()) request.cookies.emplace(kSessionCookie, session);
        request.body = body;
        request.request_id = "r1";
        return (*match.handler)(request);
    }

    static std::string code_of(const net::Response &response) {
        const std::size_t at = response.body.find("\"code\":\"");
        if (at == std::string::npos) return "";
        const std::size_t begin = at + 8;
        return response.body.substr(begin, response.body.find('"', begin) - begin);
    }

    ManualClock clock_{Instant{1'795'000'000'000'000}};
    HttpTimes times_;
    net::Router router_;
    Gate gate_;
    int handled_ = 0;
    people::Principal last_caller_;
};

const std::map<std::string, std::string, std::less<>> kOurs{{"x-fernamt", "1"}};

TEST_F(GateTest, RefusesARouteWithoutARule) {
    EXPECT_THROW(serve("GET", "/api/v1/forgotten"), std::logic_error);
    EXPECT_THROW(serve("PATCH", "/api/v1/settings"), std::logic_error);
}

TEST_F(GateTest, LetsNobodyInWithoutASession) {
    serve("GET", "/api/v1/municipalities");
    EXPECT_EQ(ask("GET", "/api/v1/municipalities").status, 401);
    EXPECT_EQ(ask("GET", "/api/v1/municipalities", "stolen").status, 401);
    EXPECT_EQ(handled_, 0);
    EXPECT_EQ(ask("GET", "/api/v1/municipalities", "anke").status, 200);
    EXPECT_EQ(last_caller_.user, UserId{7});
}

TEST_F(GateTest, AsksForARole) {
    serve("GET", "/api/v1/settings");
    EXPECT_EQ(code_of(ask("GET", "/api/v1/settings", "anke")), "access.role_missing");
    EXPECT_EQ(ask("GET", "/api/v1/settings", "admin").status, 200);
    EXPECT_EQ(code_of(ask("GET", "/api/v1/settings", "town")), "access.service_centre_only");
}

TEST_F(GateTest, AnotherMunicipalityLooksLikeNone) {
    serve("GET", "/api/v1/municipalities/{ars}");
    const auto path = [](std::string_view ars) {
        return "/api/v1/municipalities/" + std::string(ars);
    };
    EXPECT_EQ(ask("GET", path(to_ars(kLangenhagen)), "town").status, 200);
    const net::Response foreign = ask("GET", path(to_ars(kWedemark)), "town");
    EXPECT_EQ(foreign.status, 404);
    EXPECT_EQ(foreign.body, ask("GET", path("not-an-ars"), "town").body);
    EXPECT_EQ(ask("GET", path(to_ars(kWedemark)), "admin").status, 200);
}

TEST_F(GateTest, ChangesNeedTheHeaderThatOnlyOurPagesSend) {
    serve("POST", "/api/v1/desk/commands");
    const auto path = "/api/v1/desk/commands";
    EXPECT_EQ(code_of(ask("POST", path, "anke")), "request.forgery_header_missing");
    EXPECT_EQ(ask("POST", path, "anke", {{"x-fernamt", "true"}}).status, 403);
    EXPECT_EQ(handled_, 0);
    EXPECT_EQ(ask("POST", path, "anke", kOurs).status, 200);
}

TEST_F(GateTest, AnExceptionBecomesAPlainAnswer) {
    serve("GET", "/api/v1/session", [](const Incoming &) -> Expected<Reply> {
        throw std::runtime_error("secret detail of /var/lib");
    });
    const net::Response response = ask("GET", "/api/v1/session", "anke");
    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(code_of(response), "internal.defect");
    EXPECT_EQ(response.body.find("secret"), std::string::npos);
}

TEST_F(GateTest, TitlesAreInTheReadersLanguage) {
    serve("GET", "/api/v1/session");
    const auto german = ask("GET", "/api/v1/session");
    const auto english = ask("GET", "/api/v1/session", "", {{"accept-language", "en-GB"}});
    EXPECT_NE(german.body.find("Bitte melden Sie sich an."), std::string::npos);
    EXPECT_NE(english.body.find("Please sign in."), std::string::npos);
}

TEST_F(GateTest, CreatesOnceForOneKey) {
    int made = 0;
    serve("POST", "/api/v1/agents", [&](const Incoming &) -> Expected<Reply> {
        return Reply{201, "{\"id\":" + std::to_string(++made) + "}", "application/json", {}};
    });
    auto headers = kOurs;
    headers["idempotency-key"] = "key-12345";
    const auto path = "/api/v1/agents";
    const net::Response first = ask("POST", path, "admin", headers, "a");
    const net::Response again = ask("POST", path, "admin", headers, "a");
    EXPECT_EQ(made, 1);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(code_of(ask("POST", path, "admin", headers, "b")), "request.idempotency_key_reused");
    EXPECT_EQ(ask("POST", path, "second", headers, "a").status, 201) << "another user's key";
    EXPECT_EQ(made, 2);
    clock_.advance(std::chrono::hours{2});
    EXPECT_EQ(ask("POST", path, "admin", headers, "a").status, 201);
    EXPECT_EQ(made, 3);
    headers["idempotency-key"] = "short";
    EXPECT_EQ(ask("POST", path, "admin", headers, "a").status, 422);
}

TEST_F(GateTest, AFailedCreationMayBeRepeated) {
    int tried = 0;
    serve("POST", "/api/v1/agents", [&](const Incoming &) -> Expected<Reply> {
        if (++tried == 1) throw std::runtime_error("lost");
        if (tried == 2) return fail(ProblemKind::unavailable, "storage.unavailable");
        return Reply{201, "{}", "application/json", {}};
    });
    auto headers = kOurs;
    headers["idempotency-key"] = "key-12345";
    EXPECT_EQ(ask("POST", "/api/v1/agents", "admin", headers).status, 500);
    EXPECT_EQ(ask("POST", "/api/v1/agents", "admin", headers).status, 503);
    EXPECT_EQ(ask("POST", "/api/v1/agents", "admin", headers).status, 201);
}

TEST_F(GateTest, RequestTimesAreMeasuredByPatternNeverByPath) {
    serve("GET", "/api/v1/municipalities/{ars}");
    ask("GET", "/api/v1/municipalities/" + to_ars(kWedemark), "admin");
    const std::string text = metrics_text(times_, {});
    EXPECT_NE(text.find("route=\"/api/v1/municipalities/{ars}\""), std::string::npos);
    EXPECT_EQ(text.find(to_ars(kWedemark)), std::string::npos);
}

TEST(RouteRules, EachLineIsComplete) {
    for (const RouteRule &rule : route_rules()) {
        EXPECT_EQ(rule.access == Access::action, rule.action.has_value()) << rule.pattern;
        const bool has_ars = rule.pattern.find("{ars}") != std::string_view::npos;
        // Citizens' pages name a town in their path, and are open to everybody.
        const bool checked = has_ars && rule.access != Access::open;
        EXPECT_EQ(rule.scope == Scope::in_path, checked) << rule.pattern;
        EXPECT_TRUE(!rule.creates || rule.method == "POST") << rule.pattern;
    }
}

} // namespace
} // namespace fernamt::web
