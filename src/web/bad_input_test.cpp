// SPDX-License-Identifier: EUPL-1.2
// Whatever comes in by path, query, header or body, no answer is a 5xx,
// every answer is the described one, and what is accepted comes out unchanged. The bodies are made
// from the examples of openapi.json, so a new route is attacked the day it is described.
#include "web/gate.h"
#include "web/openapi.h"
#include "web/testing/api_test_base.h"
#include "web/testing/schema_check.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <array>
#include <set>
#include <utility>

namespace fernamt::web::testing {
namespace {

const std::array<std::string, 18> kNaughty = {
    "",
    " ",
    "undefined",
    "' OR 1=1 --",
    "'; DROP TABLE call_note;--",
    "$1",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "../../etc/passwd",
    "%s%n%p",
    "{field}",
    "\u202eumgekehrt",
    "a\u0300\u0301\u0302\u0303",
    "👩‍🦯👨‍👩‍👧‍👦",
    "Ω≈ç√∫˜µ≤≥÷",
    std::string("nul\0byte", 8),
    "zeile\nzeile\x1b[31m",
    std::string(3000, 'x'),
};

const std::array<json::value, 9> kWrongTypes = {
    nullptr, true, 0, -1, 1.5, 1e300, json::array{}, json::object{}, json::array{json::array{}}};

const json::value &document() {
    static const json::value parsed =
        json::parse(json::string_view(openapi_text().data(), openapi_text().size()));
    return parsed;
}

class BadInput : public ApiTest {
  protected:
    // Every {parameter} of the pattern replaced by the value.
    static std::string filled(const std::string &pattern, const std::string &value) {
        std::string text;
        std::size_t at = 0;
        for (;;) {
            const std::size_t begin = pattern.find('{', at);
            text += pattern.substr(at, begin - at);
            if (begin == std::string::npos) return text;
            text += value;
            at = pattern.find('}', begin) + 1;
        }
    }

    // A good address, so that the body is really read.
    std::string good(std::string pattern) {
        const auto put = [&](const std::string &name, const std::string &value) {
            const std::size_t at = pattern.find(name);
            if (at != std::string::npos) pattern.replace(at, name.size(), value);
        };
        put("{ars}", to_ars(kWedemark));
        put("{kind}", "greeting");
        put("{e164}", "+493023125002");
        put("{id}", pattern.find("/calls/") != std::string::npos ? std::to_string(kCallOfWedemark)
                                                                 : std::to_string(agent_.value));
        return pattern;
    }

    static std::string lower(std::string text) {
        for (char &c : text)
            c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        return text;
    }

    // The first example of the route's body, or nothing.
    static json::value example(const std::string &method, const std::string &pattern) {
        const json::object &operation =
            document().at("paths").at(pattern).at(lower(method)).as_object();
        const json::value *body = operation.if_contains("requestBody");
        if (body == nullptr) return nullptr;
        const json::value *media = body->at("content").as_object().if_contains("application/json");
        if (media == nullptr) return nullptr;
        const SchemaCheck check(document());
        const json::value &schema =
            check.resolve(media->at("schema").at("$ref").as_string().c_str());
        const json::value *examples = schema.as_object().if_contains("examples");
        return examples == nullptr ? json::value(json::object()) : examples->at(0);
    }

    // What the description says the route reads from its query.
    static std::vector<std::string> query_names(const std::string &pattern,
                                                const std::string &method = "GET") {
        const SchemaCheck check(document());
        const json::object &operation =
            document().at("paths").at(pattern).at(lower(method)).as_object();
        std::vector<std::string> names;
        const json::value *parameters = operation.if_contains("parameters");
        if (parameters == nullptr) return names;
        for (const json::value &given : parameters->as_array()) {
            const json::value *reference = given.as_object().if_contains("$ref");
            const json::value &parameter =
                reference == nullptr ? given : check.resolve(reference->as_string().c_str());
            if (parameter.at("in").as_string() == "query")
                names.emplace_back(parameter.at("name").as_string());
        }
        return names;
    }

    void attack(const std::string &method, const std::string &target, const std::string &body) {
        for (const std::string session : {"chef", "anke"}) {
            // Who may not do it is refused before anything is read: once is enough.
            const std::string door =
                session + " " + method + " " + target.substr(0, target.find('?'));
            if (refused_.contains(door)) continue;
            const net::Response response =
                ask(method, target, {session, body, {{"if-match", "1"}}});
            ++attacks_;
            if (response.status == 403) refused_.insert(door);
            EXPECT_LT(response.status, 500)
                << method << " " << target << " " << body.substr(0, 200) << "\n"
                << response.body;
        }
    }

    int attacks_ = 0;
    std::set<std::string> refused_;
};

// Nobody is signed in: a route that knows ?preview= or ?from= says 401, any other says that it does
// not. Which it knows, the description says; what can be tried can be made for later, too.
TEST_P(BadInput, WhoOnlyWantsToLookNeverChangesAnything) {
    int known = 0;
    for (const auto &route : router_.routes()) {
        if (route.method == "GET") continue;
        const std::vector<std::string> names = query_names(route.pattern, route.method);
        const bool tried = std::ranges::find(names, "preview") != names.end();
        for (const auto &[parameter, value] :
             {std::pair{"preview", "true"}, std::pair{"from", "2030-01-01T00:00:00Z"}}) {
            const bool described = tried || std::ranges::find(names, parameter) != names.end();
            known += described ? 1 : 0;
            const std::string question = fmt::format("?{}={}", parameter, value);
            const net::Response response =
                ask(route.method, good(route.pattern) + question, {"", "{}", {{"if-match", "1"}}});
            const std::string name = route.method + " " + route.pattern + question;
            EXPECT_EQ(response.status == 422, !described) << name << " " << response.body;
            EXPECT_EQ(response.body.find("not_known_here") != std::string::npos, !described);
        }
    }
    EXPECT_GT(known, 40);
}

TEST_P(BadInput, NoBodyBreaksARoute) {
    const std::string deep = std::string(50'000, '[') + std::string(50'000, ']');
    for (const auto &route : router_.routes()) {
        // Signing in is slowed down, which is a test of its own; signing out ends the test's
        // session.
        if (route.method == "GET" || route.pattern == "/api/v1/session") continue;
        const std::string target = good(route.pattern);
        for (const std::string &body :
             {std::string(), std::string("null"), std::string("[]"), std::string("\"x\""),
              std::string("{"), std::string("\xff\xfe"), deep, "{\"a\":" + deep + "}",
              std::string(3'000'000, ' ') + "{}", std::string(R"({"a":1,"a":2})")}) {
            attack(route.method, target, body);
        }
        const json::value sample = example(route.method, route.pattern);
        if (!sample.is_object()) continue;
        for (const auto &member : sample.get_object()) {
            for (const std::string &naughty : kNaughty) {
                json::object body = sample.get_object();
                body[member.key()] = naughty;
                attack(route.method, target, json::serialize(body));
            }
            for (const json::value &wrong : kWrongTypes) {
                json::object body = sample.get_object();
                body[member.key()] = wrong;
                attack(route.method, target, json::serialize(body));
            }
        }
    }
    EXPECT_GT(attacks_, 1000);
}

TEST_P(BadInput, NoAddressBreaksARoute) {
    for (const auto &route : router_.routes()) {
        if (route.pattern == "/api/v1/session") continue;
        const bool has_parameter = route.pattern.find('{') != std::string::npos;
        const auto names =
            route.method == "GET" ? query_names(route.pattern) : std::vector<std::string>{};
        for (const std::string &naughty : kNaughty) {
            if (has_parameter && !naughty.empty() && naughty.find('/') == std::string::npos) {
                attack(route.method, filled(route.pattern, naughty), "{}");
            }
            std::string value = naughty;
            std::erase(value, '&');
            for (const std::string &name : names)
                attack("GET", good(route.pattern) + "?" + name + "=" + value, "");
        }
    }
    EXPECT_GT(attacks_, 1000);
}

TEST_P(BadInput, NoHeaderBreaksARoute) {
    for (const std::string &naughty : kNaughty) {
        for (const char *name : {"if-match", "accept", "accept-language", "content-type",
                                 "idempotency-key", "last-event-id"}) {
            for (const auto &[method, target] :
                 {std::pair{"GET", "/api/v1/session"}, std::pair{"PUT", "/api/v1/settings"},
                  std::pair{"POST", "/api/v1/agents"}}) {
                const auto response = ask(method, target, {"chef", "{}", {{name, naughty}}});
                EXPECT_LT(response.status, 500) << name << ": " << naughty;
            }
        }
        net::Request request;
        request.cookies.emplace(kSessionCookie, naughty);
        EXPECT_FALSE(api_->authorise_events()(request));
    }
}

TEST_P(BadInput, StrangeTextIsStoredUnchangedOrRefused) {
    const std::string call = "/api/v1/calls/" + std::to_string(kCallOfWedemark);
    std::int64_t version = 0;
    for (const std::string &naughty : kNaughty) {
        const auto response = ask("PUT", call + "/notes",
                                  {"anke",
                                   json::serialize(json::object{{"text", naughty}}),
                                   {{"if-match", std::to_string(version)}}});
        const bool control =
            naughty.find('\0') != std::string::npos || naughty.find('\x1b') != std::string::npos;
        EXPECT_EQ(response.status, control ? 422 : 200) << naughty;
        if (response.status != 200) continue;
        ++version;
        EXPECT_EQ(json_of(get(call, "anke")).at("notes").at("text").as_string(), naughty);
    }
}

FERNAMT_ON_EVERY_ENGINE(BadInput);

} // namespace
} // namespace fernamt::web::testing
