// SPDX-License-Identifier: EUPL-1.2
#include "base/log.h"
#include "base/time.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

namespace fernamt {
namespace {

// A reader of JSON (RFC 8259) that is as strict as a log collector: one object of strings, numbers
// and booleans; throws with the place where it stops. Here, because base links no JSON library.
class JsonObject {
  public:
    explicit JsonObject(std::string_view text) : text_(text) {
        expect('{');
        do {
            std::string name = string();
            expect(':');
            members_.emplace_back(std::move(name), value());
        } while (accept(','));
        expect('}');
        if (at_ != text_.size()) fail("text after the object");
    }

    [[nodiscard]] std::string operator[](std::string_view name) const {
        for (const auto &[known, value] : members_) {
            if (known == name) return value;
        }
        return "(absent)";
    }

    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const auto &[name, value] : members_)
            names.push_back(name);
        return names;
    }

  private:
    [[noreturn]] void fail(const std::string &why) const {
        throw std::runtime_error(why + " at " + std::to_string(at_) + " of " + std::string(text_));
    }
    [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool accept(char c) {
        if (peek() != c) return false;
        ++at_;
        return true;
    }
    void expect(char c) {
        if (!accept(c)) fail(std::string("no ") + c);
    }

    std::string value() {
        if (peek() == '"') return "\"" + string() + "\"";
        const std::size_t end = text_.find_first_of(",}", at_);
        if (end == std::string_view::npos) fail("no end of a value");
        const std::string word{text_.substr(at_, end - at_)};
        at_ = end;
        if (word == "true" || word == "false" || word == "null" || is_number(word)) return word;
        fail("no JSON value: " + word);
    }

    static bool is_number(const std::string &word) {
        if (word.empty() || word.find_first_not_of("0123456789+-.eE") != std::string::npos) {
            return false;
        }
        std::size_t used = 0;
        (void)std::stod(word, &used);
        return used == word.size();
    }

    std::string string() {
        expect('"');
        std::string out;
        while (!accept('"')) {
            if (at_ == text_.size()) fail("no end of a string");
            const char c = text_[at_++];
            if (static_cast<unsigned char>(c) < 0x20) fail("a control character");
            out += c == '\\' ? escaped() : c;
        }
        return out;
    }

    char escaped() {
        const char c = peek();
        ++at_;
        switch (c) {
        case '"':
        case '\\':
        case '/':
            return c;
        case 'n':
            return '\n';
        case 'u':
            break;
        default:
            fail("an unknown escape");
        }
        const int code = std::stoi(std::string(text_.substr(at_, 4)), nullptr, 16);
        at_ += 4;
        return static_cast<char>(code); // only control characters are written so
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<std::pair<std::string, std::string>> members_;
};

std::vector<std::string> lines_of(const std::string &text) {
    std::vector<std::string> lines;
    std::size_t from = 0;
    for (std::size_t end = 0; (end = text.find('\n', from)) != std::string::npos; from = end + 1) {
        lines.push_back(text.substr(from, end - from));
    }
    if (from != text.size()) lines.push_back("(unfinished) " + text.substr(from));
    return lines;
}

template <class Write>
std::vector<std::string> logged(Write write) {
    testing::internal::CaptureStderr();
    write();
    return lines_of(testing::internal::GetCapturedStderr());
}

TEST(Log, writes_one_json_line_with_time_level_event_and_fields) {
    const auto lines = logged([] {
        log::warning(
            "call.queued",
            {{"call", 42}, {"municipality", "032410001001"}, {"wait", 1.5}, {"open", true}});
    });
    ASSERT_EQ(lines.size(), 1U);
    const JsonObject line(lines[0]);
    EXPECT_EQ(line.names(), (std::vector<std::string>{"ts", "level", "event", "call",
                                                      "municipality", "wait", "open"}));
    EXPECT_EQ(line["level"], "\"warning\"");
    EXPECT_EQ(line["event"], "\"call.queued\"");
    EXPECT_EQ(line["call"], "42");
    EXPECT_EQ(line["municipality"], "\"032410001001\"");
    EXPECT_EQ(line["wait"], "1.5");
    EXPECT_EQ(line["open"], "true");
    const std::string ts = line["ts"];
    EXPECT_TRUE(parse_iso8601(ts.substr(1, ts.size() - 2))) << ts;
}

TEST(Log, keeps_naughty_text_in_one_line) {
    const std::vector<std::string> naughty = {"two\nlines",
                                              "\r\n",
                                              "a\ttab",
                                              "quote \" and \\ and \\\" and \\n",
                                              std::string("a\0zero", 6),
                                              "\x01\x1f\x7f",
                                              "\",\"level\":\"error\",\"x\":\"",
                                              "}{",
                                              "{}{:d}%s%n",
                                              "Grüße aus Gütersloh €",
                                              "\u2028\u2029",
                                              "\xf0\x9f\x93\x9e",
                                              std::string(50'000, '\n')};
    for (const std::string &text : naughty) {
        const auto lines = logged([&text] { log::info("naughty", {{"text", text}}); });
        ASSERT_EQ(lines.size(), 1U);
        const JsonObject line(lines[0]);
        EXPECT_EQ(line["text"], "\"" + text + "\"");
        EXPECT_EQ(line["level"], "\"info\"");
    }
}

// Bytes that are no UTF-8 (RFC 3629) become U+FFFD: a collector reads the line all the same.
TEST(Log, replaces_what_is_no_utf8) {
    const std::vector<std::pair<std::string, std::string>> rows = {
        {"\xff", "\\ufffd"},
        {"a\x80z", "a\\ufffdz"},
        {"\xc3", "\\ufffd"},
        {"\xc3\"", "\\ufffd\\\""},
        {"\xc0\xaf", "\\ufffd\\ufffd"},                       // too long
        {"\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd"},            // a surrogate
        {"\xf4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd"}, // beyond U+10FFFF
        {"\xf4\x8f\xbf\xbf\xe2\x82\xac\xc3\xbc", "\xf4\x8f\xbf\xbf\xe2\x82\xac\xc3\xbc"},
    };
    for (const auto &[text, written] : rows) {
        const auto lines = logged([&text = text] { log::info("bytes", {{"text", text}}); });
        ASSERT_EQ(lines.size(), 1U);
        EXPECT_NE(lines[0].find("\"text\":\"" + written + "\"}"), std::string::npos) << lines[0];
    }
}

RC_GTEST_PROP(Log, keeps_any_text_in_one_line, (const std::string &event)) {
    // rapidcheck's strings are bytes of any value
    const auto text = *rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127));
    const auto lines = logged([&] { log::info(event, {{"text", text}, {"more", event}}); });
    RC_ASSERT(lines.size() == 1U);
    RC_ASSERT(JsonObject(lines[0])["text"] == "\"" + text + "\"");
}

TEST(Log, writes_numbers_that_json_has) {
    const auto lines = logged([] {
        log::info("numbers", {{"least", std::numeric_limits<std::int64_t>::min()},
                              {"small", std::int8_t{-1}},
                              {"size", std::size_t{7}},
                              {"tiny", 1e-300},
                              {"nan", std::nan("")},
                              {"inf", std::numeric_limits<double>::infinity()}});
    });
    ASSERT_EQ(lines.size(), 1U);
    const JsonObject line(lines[0]);
    EXPECT_EQ(line["least"], "-9223372036854775808");
    EXPECT_EQ(line["small"], "-1");
    EXPECT_EQ(line["size"], "7");
    EXPECT_EQ(line["nan"], "null");
    EXPECT_EQ(line["inf"], "null");
}

TEST(Log, leaves_out_what_is_below_its_level) {
    EXPECT_TRUE(logged([] { log::debug("quiet"); }).empty());
    log::set_level(log::Level::error);
    EXPECT_TRUE(logged([] { log::warning("quiet"); }).empty());
    EXPECT_EQ(logged([] { log::error("loud"); }).size(), 1U);
    log::set_level(log::Level::debug);
    EXPECT_EQ(logged([] { log::debug("all"); }).size(), 1U);
    log::set_level(log::Level::info);
}

TEST(Log, keeps_lines_whole_when_many_threads_write) {
    const auto lines = logged([] {
        std::vector<std::thread> threads;
        for (int thread = 0; thread < 4; ++thread) {
            threads.emplace_back([thread] {
                for (int i = 0; i < 200; ++i) {
                    log::info("busy", {{"thread", thread}, {"text", std::string(200, 'x')}});
                }
            });
        }
        for (std::thread &thread : threads)
            thread.join();
    });
    ASSERT_EQ(lines.size(), 800U);
    for (const std::string &line : lines)
        EXPECT_EQ(JsonObject(line)["event"], "\"busy\"");
}

} // namespace
} // namespace fernamt
