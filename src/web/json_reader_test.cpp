// SPDX-License-Identifier: EUPL-1.2
#include "web/json_reader.h"

#include <gtest/gtest.h>

#include <array>

namespace fernamt::web {
namespace {

// "field reason" of the problem, or its code, or "" if there is none.
std::string fault_of(const Expected<void> &result) {
    if (result) return "";
    std::string text;
    for (const auto &[name, value] : result.error().arguments) {
        if (!text.empty()) text += ' ';
        text += value;
    }
    return text.empty() ? result.error().code : text;
}

std::string parse_fault(std::string_view body, JsonLimits limits = {}) {
    auto reader = JsonReader::parse(body, limits);
    if (reader) return "";
    return fault_of(tl::unexpected(reader.error()));
}

TEST(JsonReader, ReadsWhatIsAskedFor) {
    auto reader = JsonReader::parse(
        R"({"name":"Wedemark – Bürgerbüro","count":3,"open":true,"town":null,"tags":["a","b"],)"
        R"("hours":[{"from":"08:00"},{"from":"09:00"}],"any":{"x":[1,2]}})");
    ASSERT_TRUE(reader);
    EXPECT_EQ(reader->text("name"), "Wedemark – Bürgerbüro");
    EXPECT_EQ(reader->integer("count", 0, 10), 3);
    EXPECT_TRUE(reader->boolean("open"));
    EXPECT_FALSE(reader->nullable_text("town"));
    EXPECT_FALSE(reader->optional_text("missing"));
    EXPECT_EQ(reader->texts("tags", 5), (std::vector<std::string>{"a", "b"}));
    std::vector<std::string> hours;
    reader->objects("hours", 7, [&](JsonReader &hour) { hours.push_back(hour.text("from")); });
    EXPECT_EQ(hours, (std::vector<std::string>{"08:00", "09:00"}));
    EXPECT_EQ(reader->optional_object_text("any", 100), R"({"x":[1,2]})");
    EXPECT_EQ(fault_of(reader->finish()), "");
}

TEST(JsonReader, RefusesWhatIsNotOneJsonObject) {
    for (const char *body :
         {"", " ", "{", "{\"a\":1}}", "{\"a\":1} x", "{'a':1}", "{\"a\":01}", "{\"a\":1,}",
          "// x\n{}", "{\"a\":NaN}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\xff\"}", "\xef\xbb\xbf{}"}) {
        EXPECT_EQ(parse_fault(body), "request.not_json") << body;
    }
    for (const char *body : {"[]", "1", "null", "\"text\"", "true"}) {
        EXPECT_EQ(parse_fault(body), "not_an_object") << body;
    }
}

TEST(JsonReader, RefusesRepeatedMembersAtAnyDepth) {
    EXPECT_EQ(parse_fault(R"({"role":"agent","role":"admin"})"), "repeated_member");
    EXPECT_EQ(parse_fault(R"({"a":[{"b":1,"b":2}]})"), "repeated_member");
    EXPECT_EQ(parse_fault(R"({"a":{"b":1},"c":{"b":1}})"), "");
    EXPECT_EQ(parse_fault(R"({"a":1,"\u0061":2})"), "repeated_member");
}

TEST(JsonReader, RefusesTooDeepAndTooLarge) {
    const std::string deep =
        R"({"a":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
    EXPECT_EQ(parse_fault(deep, {.bytes = 1 << 20, .depth = 8}), "too_deep");
    EXPECT_EQ(parse_fault(R"({"a":[[[1]]]})", {.bytes = 100, .depth = 3}), "too_deep");
    EXPECT_EQ(parse_fault(R"({"a":[[1]]})", {.bytes = 100, .depth = 3}), "");
    auto large = JsonReader::parse(std::string(101, ' '), {.bytes = 100});
    ASSERT_FALSE(large);
    EXPECT_EQ(large.error().kind, ProblemKind::too_large);
}

TEST(JsonReader, NamesTheFirstFaultWithItsPlace) {
    const auto fault = [](std::string_view body) {
        auto reader = JsonReader::parse(body);
        EXPECT_TRUE(reader);
        reader->text("name", {.shortest = 1, .longest = 5});
        reader->integer("count", 1, 9);
        reader->boolean("open");
        reader->objects("hours", 2, [](JsonReader &hour) { hour.text("from"); });
        return fault_of(reader->finish());
    };
    const auto body = [](std::string_view name, std::string_view count, std::string_view hours) {
        return R"({"name":)" + std::string(name) + R"(,"count":)" + std::string(count) +
               R"(,"open":true,"hours":)" + std::string(hours) + "}";
    };
    EXPECT_EQ(fault(body(R"("Ü")", "1", "[]")), "");
    EXPECT_EQ(fault(body("7", "1", "[]")), "name not_a_text");
    EXPECT_EQ(fault(body("null", "1", "[]")), "name not_a_text");
    EXPECT_EQ(fault(body(R"("")", "1", "[]")), "name empty");
    EXPECT_EQ(fault(body(R"("ÄÖÜßẞ")", "1", "[]")), "") << "five letters, twelve bytes";
    EXPECT_EQ(fault(body(R"("sechse")", "1", "[]")), "name too_long");
    EXPECT_EQ(fault(body(R"("a\u0000b")", "1", "[]")), "name control_character");
    EXPECT_EQ(fault(body(R"("a\nb")", "1", "[]")), "name control_character");
    EXPECT_EQ(fault(body(R"("a")", "0", "[]")), "count out_of_range");
    EXPECT_EQ(fault(body(R"("a")", "18446744073709551615", "[]")), "count out_of_range");
    EXPECT_EQ(fault(body(R"("a")", "1.5", "[]")), "count not_an_integer");
    EXPECT_EQ(fault(body(R"("a")", "1e400", "[]")), "count not_an_integer");
    EXPECT_EQ(fault(body(R"("a")", R"("1")", "[]")), "count not_an_integer");
    EXPECT_EQ(fault(body(R"("a")", "1", "{}")), "hours not_a_list");
    EXPECT_EQ(fault(body(R"("a")", "1", "[{},{},{}]")), "hours too_many");
    EXPECT_EQ(fault(body(R"("a")", "1", "[1]")), "hours[0] not_an_object");
    EXPECT_EQ(fault(body(R"("a")", "1", R"([{"from":"x"},{}])")), "hours[1].from missing");
    EXPECT_EQ(fault(body(R"("a")", "1", R"([{"from":"x","to":1}])")), "hours[0].to unknown_member");
    EXPECT_EQ(fault(R"({"open":true,"hours":[],"count":1})"), "name missing");
    EXPECT_EQ(fault(R"({"name":"a","open":true,"hours":[],"count":1,"admin":true})"),
              "admin unknown_member");
}

TEST(JsonReader, DoesNotRepeatAStrangeMemberName) {
    auto reader = JsonReader::parse("{\"" + std::string(5000, 'x') + "\":1}");
    ASSERT_TRUE(reader);
    EXPECT_EQ(fault_of(reader->finish()), "? unknown_member");
}

TEST(JsonReader, ChoiceKnowsOnlyItsNames) {
    constexpr auto names =
        std::to_array<std::pair<std::string_view, int>>({{"one", 1}, {"two", 2}});
    auto good = JsonReader::parse(R"({"n":"two"})");
    ASSERT_TRUE(good);
    EXPECT_EQ(good->choice<int>("n", names), 2);
    EXPECT_EQ(fault_of(good->finish()), "");
    auto bad = JsonReader::parse(R"({"n":"Two"})");
    ASSERT_TRUE(bad);
    bad->choice<int>("n", names);
    EXPECT_EQ(fault_of(bad->finish()), "n not_one_of");
}

} // namespace
} // namespace fernamt::web
