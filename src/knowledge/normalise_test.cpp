// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/search.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace fernamt::knowledge {
namespace {

TEST(NormaliseTest, SpellsUmlautsOut) {
    EXPECT_EQ(normalise("Führungszeugnis"), "fuehrungszeugnis");
    EXPECT_EQ(normalise("ÄÖÜ äöü ß ẞ"), "aeoeue aeoeue ss ss");
    EXPECT_EQ(normalise("Straße"), normalise("STRASSE"));
    EXPECT_EQ(normalise("Gebühr"), normalise("Gebuehr"));
}

TEST(NormaliseTest, KnowsUmlautsOfTwoCodePoints) { // macOS
    EXPECT_EQ(normalise("Fu\u0308hrerschein"), "fuehrerschein");
    EXPECT_EQ(normalise("e\u0301"), "e");
}

TEST(NormaliseTest, DropsAccents) {
    EXPECT_EQ(normalise("Café Zoë Šabac Ægir Łódź"), "cafe zoe sabac aegir lodz");
}

TEST(NormaliseTest, SeparatesWordsByOneBlank) {
    EXPECT_EQ(normalise("  Kfz-Zulassung,\t(neu)\u00a0!! "), "kfz zulassung neu");
    EXPECT_EQ(normalise("Sperr\u00admüll"), "sperrmuell"); // soft hyphen
    EXPECT_EQ(normalise(""), "");
    EXPECT_EQ(normalise(" - "), "");
}

TEST(NormaliseTest, KeepsOtherScripts) {
    EXPECT_EQ(normalise("паспорт"), "паспорт");
}

TEST(NormaliseTest, SurvivesInvalidUtf8) {
    EXPECT_EQ(normalise("a\xff"
                        "b"),
              "a b");
    EXPECT_EQ(normalise("\xc3"), "");             // cut
    EXPECT_EQ(normalise("\xc0\xaf"), "");         // overlong
    EXPECT_EQ(normalise("\xed\xa0\x80"), "");     // surrogate
    EXPECT_EQ(normalise("\xf4\x90\x80\x80"), ""); // beyond Unicode
    EXPECT_EQ(normalise(std::string_view{"a\0b", 3}), "a b");
}

RC_GTEST_PROP(NormaliseProperty, IsIdempotentForAnyBytes, (const std::string &bytes)) {
    const std::string once = normalise(bytes);
    RC_ASSERT(normalise(once) == once);
    RC_ASSERT(once.find("  ") == std::string::npos);
}

} // namespace
} // namespace fernamt::knowledge
