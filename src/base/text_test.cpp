// SPDX-License-Identifier: EUPL-1.2
#include "base/text.h"

#include <gtest/gtest.h>

namespace fernamt {
namespace {

TEST(Trimmed, TakesBlanksOffBothEndsOnly) {
    EXPECT_EQ(trimmed("  a b\t\r\n"), "a b");
    EXPECT_EQ(trimmed("a"), "a");
    EXPECT_EQ(trimmed(" \t\r\n"), "");
    EXPECT_EQ(trimmed(""), "");
    EXPECT_EQ(trimmed("\u00a0a\u00a0"), "\u00a0a\u00a0") << "a no-break blank is no blank here";
}

TEST(Trimmed, TakesOffWhatIsNamed) {
    EXPECT_EQ(trimmed(" a\r\n", kBlanksOfALine), "a\r\n") << "a value never loses its line's end";
    EXPECT_EQ(trimmed("\f a \f", " \f"), "a");
    EXPECT_EQ(trimmed(" a ", ""), " a ");
}

TEST(Trimmed, IsAViewOfTheSameText) {
    const std::string_view text = " ab ";
    EXPECT_EQ(trimmed(text).data(), text.data() + 1);
}

TEST(LowerAscii, ChangesTheLettersFromAToZAndNothingElse) {
    EXPECT_EQ(lower_ascii("Content-TYPE: @[`{09"), "content-type: @[`{09");
    EXPECT_EQ(lower_ascii("ÄÖÜ ß İ"), "ÄÖÜ ß İ");
    EXPECT_EQ(lower_ascii(std::string_view("A\0B", 3)), std::string_view("a\0b", 3));
    for (int byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(byte);
        const bool capital = byte >= 65 && byte <= 90;
        EXPECT_EQ(lower_ascii(c), capital ? static_cast<char>(byte + 32) : c) << byte;
    }
}

TEST(SameIgnoringCase, ComparesWholeTexts) {
    EXPECT_TRUE(same_ignoring_case("Chunked", "cHUNKED"));
    EXPECT_TRUE(same_ignoring_case("", ""));
    EXPECT_FALSE(same_ignoring_case("chunked", "chunked "));
    EXPECT_FALSE(same_ignoring_case("Ä", "ä"));
    EXPECT_FALSE(same_ignoring_case("@", "`")) << "32 apart, but no letters";
    EXPECT_FALSE(same_ignoring_case("K", "\u212a")) << "the Kelvin sign is no K";
    EXPECT_TRUE(same_ignoring_case(std::string_view("a\0B", 3), std::string_view("A\0b", 3)));
    EXPECT_FALSE(same_ignoring_case(std::string_view("a\0b", 3), std::string_view("a\0c", 3)));
}

TEST(StartsIgnoringCase, ComparesTheBeginning) {
    EXPECT_TRUE(starts_ignoring_case("Content-Type: x", "content-type:"));
    EXPECT_TRUE(starts_ignoring_case("x", ""));
    EXPECT_FALSE(starts_ignoring_case("Conten", "content"));
}

} // namespace
} // namespace fernamt
