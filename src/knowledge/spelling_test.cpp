// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/spelling.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace fernamt::knowledge {
namespace {

Spelling some_words() {
    std::vector<KnownWord> words;
    for (const char *key : {"personalausweis", "reisepass", "fuhrerschein", "fuhrungszeugnis",
                            "hund", "hundesteuer", "wohngeld", "kindergeld", "elterngeld", "kita",
                            "sperrmull", "anmelden", "abmelden", "ummelden", "pass"}) {
        words.push_back({key, 3});
    }
    return Spelling(std::move(words));
}

std::string corrected(const Spelling &spelling, std::string_view typed) {
    const auto found = spelling.correct(typed, 3);
    return found.empty() ? "" : found.front().word->key;
}

TEST(SpellingTest, PricesErrorsByKeyboardAndEar) {
    EXPECT_EQ(typing_cost("hund", "hund", 30), 0);
    EXPECT_LT(typing_cost("hunt", "hund", 30), typing_cost("hunl", "hund", 30)); // by ear
    EXPECT_LT(typing_cost("jund", "hund", 30), typing_cost("aund", "hund", 30)); // key beside
    EXPECT_LT(typing_cost("hunnd", "hund", 30), typing_cost("huxnd", "hund", 30));
    EXPECT_EQ(typing_cost("hnud", "hund", 30), 7); // transposed
    EXPECT_EQ(typing_cost("", "hund", 30), 31);    // capped
    EXPECT_EQ(typing_cost("abc", "xyz", 5), 6);
}

TEST(SpellingTest, CorrectsTypingErrors) {
    const Spelling spelling = some_words();
    EXPECT_EQ(corrected(spelling, "presonalausweis"), "personalausweis");
    EXPECT_EQ(corrected(spelling, "personalauswies"), "personalausweis");
    EXPECT_EQ(corrected(spelling, "personalausweiß"), "personalausweis");
    EXPECT_EQ(corrected(spelling, "furherschein"), "fuhrerschein");
    EXPECT_EQ(corrected(spelling, "reisepas"), "reisepass");
    EXPECT_EQ(corrected(spelling, "raisepass"), "reisepass");
    EXPECT_EQ(corrected(spelling, "ekterngeld"), "elterngeld");
    EXPECT_EQ(corrected(spelling, "hunf"), "hund");
    EXPECT_EQ(corrected(spelling, "spermul"), "sperrmull");
    EXPECT_EQ(corrected(spelling, "wongeld"), "wohngeld");
}

TEST(SpellingTest, LeavesTheUnknownAlone) {
    const Spelling spelling = some_words();
    EXPECT_EQ(corrected(spelling, "quarkspeise"), "");
    EXPECT_EQ(corrected(spelling, "xyz"), "");
    EXPECT_EQ(corrected(spelling, ""), "");
    EXPECT_EQ(corrected(spelling, std::string(5000, 'a')), "");
    EXPECT_EQ(corrected(Spelling{}, "hund"), "");
    EXPECT_TRUE(spelling.correct("hund", 3).empty() ||
                spelling.correct("hund", 3).front().cost > 0);
}

TEST(SpellingTest, FindsBeginningsAndTheSimilar) {
    const Spelling spelling = some_words();
    ASSERT_EQ(spelling.beginning_with("fuhr", 5).size(), 2u);
    ASSERT_EQ(spelling.beginning_with("hund", 5).size(), 1u); // longer words only
    EXPECT_EQ(spelling.beginning_with("hund", 5).front()->key, "hundesteuer");
    EXPECT_TRUE(spelling.beginning_with("zz", 5).empty());
    const auto similar = spelling.similar("personnalausweisse", 2);
    ASSERT_FALSE(similar.empty());
    EXPECT_EQ(similar.front().word->key, "personalausweis");
    EXPECT_TRUE(spelling.similar("quarkspeise", 2).empty());
    // An ending that every other noun has makes nothing alike.
    EXPECT_TRUE(Spelling({{"kundigung", 1}}).similar("berdigung", 2).empty());
    EXPECT_TRUE(spelling.knows("kita"));
    EXPECT_FALSE(spelling.knows("kit"));
}

// A limit only saves work: what is within it costs the same as without.
RC_GTEST_PROP(SpellingProperty, ALimitChangesNoPriceWithinIt, ()) {
    const auto letter = rc::gen::inRange('a', static_cast<char>('z' + 1));
    const auto word = *rc::gen::container<std::string>(letter);
    std::string typed = word;
    for (int errors = *rc::gen::inRange(0, 4); errors > 0 && !typed.empty(); --errors) {
        const auto at = *rc::gen::inRange<std::size_t>(0, typed.size());
        switch (*rc::gen::inRange(0, 4)) {
        case 0:
            typed.erase(at, 1);
            break;
        case 1:
            typed.insert(at, 1, *letter);
            break;
        case 2:
            typed[at] = *letter;
            break;
        default:
            std::swap(typed[at], typed[(at + 1) % typed.size()]);
        }
    }
    const int whole = typing_cost(typed, word, 2000);
    for (const int limit : {0, 10, 17, 21, 26}) {
        const int limited = typing_cost(typed, word, limit);
        RC_ASSERT((limited <= limit ? limited == whole : whole > limit - 10));
    }
}

RC_GTEST_PROP(SpellingProperty, CostIsNeverNegativeAndZeroOnlyForTheSame,
              (const std::string &a, const std::string &b)) {
    const int cost = typing_cost(a, b, 100);
    RC_ASSERT(cost >= 0);
    RC_ASSERT((cost == 0) == (a == b) || a.size() > 60);
}

} // namespace
} // namespace fernamt::knowledge
