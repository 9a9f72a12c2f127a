// SPDX-License-Identifier: EUPL-1.2
#include "web/text_check.h"

#include <gtest/gtest.h>

#include <string>

namespace fernamt::web {
namespace {

TEST(TextCheck, AcceptsWhatPeopleWrite) {
    for (const char *text :
         {"", "Müller-Lüdenscheidt", "Ørsted, naïve, Łódź", "日本語", "👩‍🦯 blind",
          "'; DROP TABLE call_note;--", "<script>alert(1)</script>", "=1+1", "\u202eumgekehrt",
          "%00 ist hier nur Text"}) {
        EXPECT_TRUE(is_clean_text(text, Lines::one)) << text;
    }
}

TEST(TextCheck, RefusesControlCharacters) {
    for (const std::string &text :
         {std::string("a\0b", 3), std::string("\x07"), std::string("\x1b[31m"), std::string("\x7f"),
          std::string("\xc2\x85"), std::string("\xe2\x80\xa8")}) {
        EXPECT_FALSE(is_clean_text(text, Lines::one));
        EXPECT_FALSE(is_clean_text(text, Lines::many));
    }
    EXPECT_FALSE(is_clean_text("a\nb", Lines::one));
    EXPECT_TRUE(is_clean_text("a\r\n\tb", Lines::many));
}

TEST(TextCheck, RefusesWhatIsNotUtf8) {
    for (const char *text : {"\xff", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                             "\xf4\x90\x80\x80", "\x80", "a\xe2\x82"}) {
        EXPECT_FALSE(is_clean_text(text, Lines::many));
    }
}

TEST(TextCheck, CountsLettersNotBytes) {
    EXPECT_EQ(length_of("Bürgerbüro"), 10U);
    EXPECT_EQ(length_of(""), 0U);
}

} // namespace
} // namespace fernamt::web
