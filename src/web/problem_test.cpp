// SPDX-License-Identifier: EUPL-1.2
#include "web/openapi.h"
#include "web/problem.h"
#include "web/problem_texts.h"
#include "web/testing/schema_check.h"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace fernamt::web {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

std::string read_file(const fs::path &path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// Every code that some source of the program puts into a Problem, with a file that does.
std::map<std::string, std::string> codes_in_sources() {
    // fail(ProblemKind::x, "code"), Problem{ProblemKind::x, "code"} and the rooms' own
    // invalid("code").
    const std::regex emitted(
        R"re((?:ProblemKind::[a-z_]+\s*,\s*|\binvalid\(\s*)"([a-z0-9_]+(\.[a-z0-9_]+)+)")re");
    std::map<std::string, std::string> found;
    for (const auto &entry : fs::recursive_directory_iterator(FERNAMT_SOURCE_DIR "/src")) {
        const std::string name = entry.path().filename().string();
        const bool source = name.ends_with(".cpp") || name.ends_with(".h");
        const bool for_tests = name.find("_test") != std::string::npos ||
                               entry.path().string().find("/testing/") != std::string::npos;
        if (!source || for_tests || name.ends_with("_bench.cpp")) continue;
        const std::string text = read_file(entry.path());
        for (auto match = std::sregex_iterator(text.begin(), text.end(), emitted);
             match != std::sregex_iterator(); ++match) {
            found.emplace((*match)[1].str(), name);
        }
    }
    return found;
}

TEST(ProblemTexts, EveryCodeOfTheSourcesHasATextInBothLanguages) {
    std::set<std::string_view> known;
    for (const ProblemText &text : problem_texts())
        known.insert(text.code);
    const auto codes = codes_in_sources();
    EXPECT_GT(codes.size(), 50U) << "the search finds nothing any more";
    for (const auto &[code, file] : codes) {
        EXPECT_TRUE(known.count(code)) << code << " (" << file << ") has no text";
    }
}

TEST(ProblemTexts, AreSortedUniqueAndTranslated) {
    std::string_view last;
    for (const ProblemText &text : problem_texts()) {
        EXPECT_LT(last, text.code);
        last = text.code;
        EXPECT_FALSE(text.german.empty()) << text.code;
        EXPECT_FALSE(text.english.empty()) << text.code;
        EXPECT_NE(text.german, text.english) << text.code;
    }
}

TEST(ProblemTexts, FillInArgumentsAndFallBackToTheKind) {
    const Problem slowed{ProblemKind::too_many, "session.slowed", {{"retry_after_seconds", "30"}}};
    EXPECT_EQ(title_of(slowed, Language::english), "Too many attempts. Please wait 30 seconds.");
    EXPECT_NE(title_of(slowed, Language::german).find("30 Sekunden"), std::string::npos);
    const Problem strange{ProblemKind::not_found, "never.heard_of", {}};
    EXPECT_EQ(title_of(strange, Language::german), "Das gibt es nicht.");
}

TEST(Problem, IsRenderedByRfc9457) {
    const Problem problem{ProblemKind::too_many, "session.slowed", {{"retry_after_seconds", "30"}}};
    const net::Response response = to_response(problem, Language::english);
    EXPECT_EQ(response.status, 429);
    const std::map<std::string, std::string> headers(response.headers.begin(),
                                                     response.headers.end());
    EXPECT_EQ(headers.at("Content-Type"), "application/problem+json");
    EXPECT_EQ(headers.at("Content-Language"), "en");
    EXPECT_EQ(headers.at("Retry-After"), "30");
    EXPECT_EQ(headers.at("Cache-Control"), "no-store");

    const json::value body = json::parse(response.body);
    const json::value api = json::parse(openapi_text().data());
    const testing::SchemaCheck check(api);
    EXPECT_EQ(check.fault(body, check.resolve("#/components/schemas/Problem")), std::nullopt);
    EXPECT_EQ(body.at("status").as_int64(), 429);
    EXPECT_EQ(body.at("code").as_string(), "session.slowed");
}

TEST(Problem, EveryKindHasItsStatus) {
    const std::map<ProblemKind, int> expected{
        {ProblemKind::invalid_input, 422}, {ProblemKind::unauthenticated, 401},
        {ProblemKind::forbidden, 403},     {ProblemKind::not_found, 404},
        {ProblemKind::conflict, 409},      {ProblemKind::stale, 412},
        {ProblemKind::too_large, 413},     {ProblemKind::too_many, 429},
        {ProblemKind::unavailable, 503},   {ProblemKind::internal, 500}};
    ASSERT_EQ(expected.size(), static_cast<std::size_t>(kProblemKinds));
    for (const auto &[kind, status] : expected)
        EXPECT_EQ(http_status(kind), status);
}

} // namespace
} // namespace fernamt::web
