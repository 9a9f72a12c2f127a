// SPDX-License-Identifier: EUPL-1.2
#include "net/message.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace fernamt::net {
namespace {

TEST(Target, DecodesPathAndQuery) {
    const auto target = parse_target("/a%20b/%C3%BC?q=Pa%C3%9F+neu&leer=&nur");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path, "/a b/ü");
    EXPECT_EQ(target->query, (Parameters{{"q", "Paß neu"}, {"leer", ""}, {"nur", ""}}));
}

TEST(Target, AcceptsTheAbsoluteForm) {
    const auto target = parse_target("HTTP://amt.example:8115/api/v1/session?x=1");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path, "/api/v1/session");
    EXPECT_EQ(parse_target("http://amt.example")->path, "/");
}

TEST(Target, RefusesWhatTwoReadersCouldUnderstandDifferently) {
    for (const std::string_view raw : {"",         "*",          "amt.example:443",
                                       "ftp://x/", "http:///x",  "http://x?y",
                                       "/%",       "/%4",        "/%zz",
                                       "/a%00b",   "/a%0d%0ab",  "/a%7f",
                                       "/../etc",  "/a/..",      "/a/%2e%2e/b",
                                       "/.",       "/a/./b",     "/a%2fb",
                                       "/a%2Fb",   "/a\\b",      "/a%5cb",
                                       "/%ff",     "/%c0%af",    "/%ed%a0%80",
                                       "/x#y",     "/x?a=1&a=2", "/x?a=%00",
                                       "/x?%00=a", "/x?a=%f",    "/x?a=%ff"}) {
        EXPECT_FALSE(parse_target(raw)) << raw;
    }
}

TEST(Utf8, AcceptsExactlyRfc3629) {
    for (const std::string_view good : {"", "a", "ä", "€", "\xf0\x9f\x93\x9e", "\xf4\x8f\xbf\xbf"})
        EXPECT_TRUE(is_utf8(good));
    for (const std::string_view bad : {"\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                                       "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "a\xff"})
        EXPECT_FALSE(is_utf8(bad));
}

TEST(Cookies, TheFirstOfANameWins) {
    const auto cookies = parse_cookies("a=1; fernamt_session=x=y;b = 2 ; a=3; =4; kaputt");
    EXPECT_EQ(cookies, (Parameters{{"a", "1"}, {"fernamt_session", "x=y"}, {"b", "2"}}));
}

TEST(Head, IsStrictAboutLinesAndNames) {
    EXPECT_TRUE(head_is_strict("GET / HTTP/1.1\r\nHost: a\r\nX:\tb\xc3\xa4\r\n\r\n"));
    for (const std::string_view bad : {
             "GET / HTTP/1.1\nHost: a\r\n\r\n",              // bare LF
             "GET / HTTP/1.1\r\nHost: a\r\rX: b\r\n\r\n",    // bare CR
             "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", // obs-fold
             "GET / HTTP/1.1\r\nHost : a\r\n\r\n",           // blank before the colon
             "GET / HTTP/1.1\r\n: a\r\n\r\n",                // no name
             "GET / HTTP/1.1\r\nHost\r\n\r\n",               // no colon
             "GET / HTTP/1.1\r\nHost: a\x01\r\n\r\n",        // control character
             "GET / HTTP/1.1\r\nH\xc3\xb6st: a\r\n\r\n",     // name is no token
             "GET / HTTP/1.1\r\nHost: a\r\n",                // no end
             "GET  / HTTP/1.1\r\n\r\n",                      // two blanks
             "GET / x HTTP/1.1\r\n\r\n",                     // four parts
             "GET /\r\n\r\n",                                // HTTP/0.9
             "GET / http/1.1\r\n\r\n",                       // version in lower case
         }) {
        EXPECT_FALSE(head_is_strict(bad)) << bad;
    }
    EXPECT_FALSE(head_is_strict(std::string_view("GET / HTTP/1.1\r\nA: \0\r\n\r\n", 25)));
}

TEST(Framing, IsUnambiguousOrRefused) {
    EXPECT_FALSE(framing_fault({11, {"a"}, {"5"}, {}}));
    EXPECT_FALSE(framing_fault({11, {"a"}, {}, {"Chunked"}}));
    EXPECT_FALSE(framing_fault({10, {}, {}, {}}));
    EXPECT_EQ(framing_fault({11, {}, {}, {}}), 400);
    EXPECT_EQ(framing_fault({11, {"a", "b"}, {}, {}}), 400);
    EXPECT_EQ(framing_fault({11, {"a"}, {"5", "5"}, {}}), 400);
    EXPECT_EQ(framing_fault({11, {"a"}, {"5"}, {"chunked"}}), 400);
    EXPECT_EQ(framing_fault({11, {"a"}, {"+5"}, {}}), 400);
    EXPECT_EQ(framing_fault({11, {"a"}, {""}, {}}), 400);
    EXPECT_EQ(framing_fault({11, {"a"}, {"9999999999999999"}, {}}), 413);
    EXPECT_EQ(framing_fault({11, {"a"}, {}, {"chunked", "chunked"}}), 400);
    EXPECT_EQ(framing_fault({11, {"a"}, {}, {"gzip, chunked"}}), 501);
    EXPECT_EQ(framing_fault({11, {"a"}, {}, {"xchunked"}}), 501);
    EXPECT_EQ(framing_fault({10, {}, {}, {"chunked"}}), 400);
    EXPECT_EQ(framing_fault({20, {"a"}, {}, {}}), 505);
}

TEST(Coding, IsAcceptedByNameStarAndWeight) {
    EXPECT_TRUE(accepts_coding("gzip, deflate, br", "br"));
    EXPECT_TRUE(accepts_coding("GZIP;q=0.5", "gzip"));
    EXPECT_TRUE(accepts_coding("*", "br"));
    EXPECT_FALSE(accepts_coding("", "br"));
    EXPECT_FALSE(accepts_coding("gzip", "br"));
    EXPECT_FALSE(accepts_coding("br;q=0, *", "br"));
    EXPECT_FALSE(accepts_coding("br; q=0.000", "br"));
}

TEST(Etag, MatchesWeaklyAndInLists) {
    EXPECT_TRUE(matches_etag("\"a\"", "\"a\""));
    EXPECT_TRUE(matches_etag("\"b\", W/\"a\"", "\"a\""));
    EXPECT_TRUE(matches_etag("*", "\"a\""));
    EXPECT_FALSE(matches_etag("\"ab\"", "\"a\""));
    EXPECT_FALSE(matches_etag("", "\"a\""));
}

TEST(ResponseHead, CannotBeWeakenedOrSplit) {
    Response response;
    response.headers = {{"content-security-policy", "default-src *"}, {"Content-Length", "7"}};
    response.body = "abc";
    const std::string head = serialise_head(response, {});
    EXPECT_EQ(head.find("default-src *"), std::string::npos);
    EXPECT_NE(head.find("Content-Security-Policy: default-src 'none';"), std::string::npos);
    EXPECT_NE(head.find("Content-Length: 3\r\n"), std::string::npos);
    EXPECT_EQ(head.find("Content-Length: 7"), std::string::npos);
    response.headers = {{"Location", "/x\r\nSet-Cookie: a=b"}};
    EXPECT_THROW(static_cast<void>(serialise_head(response, {})), std::invalid_argument);
    response.headers = {{"Bad Name", "x"}};
    EXPECT_THROW(static_cast<void>(serialise_head(response, {})), std::invalid_argument);
}

TEST(ProblemResponse, SpeaksGermanUnlessEnglishIsPreferred) {
    const Response german =
        problem_response(404, "http.not_found", "de-DE,en;q=0.5", {{"a", "\"\n"}});
    EXPECT_EQ(german.body, R"({"type":"about:blank","status":404,"code":"http.not_found",)"
                           R"("title":"Diese Adresse gibt es nicht.","arguments":{"a":"\"\n"}})");
    const Response english = problem_response(404, "http.not_found", "en-GB");
    EXPECT_NE(english.body.find("There is nothing at this address."), std::string::npos);
}

TEST(HttpDate, IsTheExampleOfTheRfc) { // RFC 9110 section 5.6.7
    EXPECT_EQ(http_date(*parse_iso8601("1994-11-06T08:49:37Z")), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(Router, LiteralWinsOverParameterAndHeadFollowsGet) {
    Router router;
    const auto handler = [](const Request &) { return Response{}; };
    router.add("GET", "/a/{id}", handler);
    router.add("GET", "/a/new", handler);
    router.add("PUT", "/a/{id}", handler);
    router.add("DELETE", "/a/{id}/b/{key}", handler);
    EXPECT_EQ(router.match("GET", "/a/new").pattern, "/a/new");
    EXPECT_EQ(router.match("PUT", "/a/new").pattern, "/a/{id}");
    EXPECT_EQ(router.match("HEAD", "/a/7").pattern, "/a/{id}");
    EXPECT_EQ(router.match("GET", "/a/7").parameters.at("id"), "7");
    const auto deeper = router.match("DELETE", "/a/7/b/x y");
    EXPECT_EQ(deeper.parameters, (Parameters{{"id", "7"}, {"key", "x y"}}));
    EXPECT_EQ(router.match("POST", "/a/7").handler, nullptr);
    EXPECT_EQ(router.match("POST", "/a/7").allowed,
              (std::vector<std::string>{"GET", "HEAD", "PUT"}));
    for (const std::string_view nowhere : {"/a", "/a/", "/a/7/", "/a/7/b", "//a/7", "", "a/7"})
        EXPECT_TRUE(router.match("GET", nowhere).allowed.empty()) << nowhere;
    EXPECT_THROW(router.add("GET", "/a/new", handler), std::invalid_argument);
    EXPECT_EQ(router.routes().size(), 4U);
}

} // namespace
} // namespace fernamt::net
