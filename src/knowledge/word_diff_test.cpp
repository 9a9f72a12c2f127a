// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/word_diff.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace fernamt::knowledge {
namespace {

using enum Change;

TEST(WordDiff, SaysWhichWordsChanged) {
    EXPECT_EQ(word_diff("Montag 8 bis 12 Uhr", "Montag 9 bis 12 Uhr"),
              (std::vector<DiffPiece>{
                  {same, "Montag "}, {removed, "8"}, {added, "9"}, {same, " bis 12 Uhr"}}));
    EXPECT_EQ(word_diff("Ausweis.", "Ausweis, Foto."),
              (std::vector<DiffPiece>{{same, "Ausweis"}, {added, ", Foto"}, {same, "."}}));
    EXPECT_EQ(word_diff("", "neu"), (std::vector<DiffPiece>{{added, "neu"}}));
    EXPECT_EQ(word_diff("alt", ""), (std::vector<DiffPiece>{{removed, "alt"}}));
    EXPECT_EQ(word_diff("gleich", "gleich"), (std::vector<DiffPiece>{{same, "gleich"}}));
    EXPECT_TRUE(word_diff("", "").empty());
}

TEST(WordDiff, StaysSmallWithTextsThatHaveNothingInCommon) {
    std::string older;
    std::string newer;
    for (int i = 0; i < 20'000; ++i) {
        older += "a" + std::to_string(i) + " ";
        newer += "b" + std::to_string(i) + "\n";
    }
    const auto pieces = word_diff(older, newer);
    ASSERT_EQ(pieces.size(), 2U);
    EXPECT_EQ(pieces[0], (DiffPiece{removed, older}));
    EXPECT_EQ(pieces[1], (DiffPiece{added, newer}));
}

RC_GTEST_PROP(WordDiff, GivesBothTextsBack, ()) {
    const auto text = [] {
        const auto words = *rc::gen::container<std::vector<std::string>>(
            rc::gen::element<std::string>("ja", "nein", " ", ", ", "\n", "8", "Uhr", "ä"));
        std::string all;
        for (const std::string &word : words)
            all += word;
        return all;
    };
    const std::string older = text();
    const std::string newer = text();
    std::string before;
    std::string after;
    Change last = same;
    bool first = true;
    for (const DiffPiece &piece : word_diff(older, newer)) {
        RC_ASSERT(!piece.text.empty());
        RC_ASSERT(first || piece.change != last);
        if (piece.change != added) before += piece.text;
        if (piece.change != removed) after += piece.text;
        last = piece.change;
        first = false;
    }
    RC_ASSERT(before == older);
    RC_ASSERT(after == newer);
}

} // namespace
} // namespace fernamt::knowledge
