// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/analysis.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace fernamt::knowledge {
namespace {

const Analyser &german() {
    return Analyser::german();
}

std::vector<std::string> folded(std::string_view text) {
    std::vector<std::string> words;
    for (const Word &word : tokenise(text))
        words.push_back(word.folded);
    return words;
}

Analysed analysed(std::string_view text) {
    const auto words = tokenise(text);
    EXPECT_EQ(words.size(), 1u) << text;
    return german().analyse(words.at(0));
}

std::string stem_of(std::string_view text) {
    return analysed(text).stem;
}

using Strings = std::vector<std::string>;

TEST(WordsTest, DropsGenderSuffixes) {
    for (const char *text : {"Bürger:innen", "Bürger*innen", "Bürger_innen", "Bürger/innen",
                             "Bürger/-innen", "BürgerInnen", "Bürger:in", "Bürger/-in"}) {
        EXPECT_EQ(folded(text), (Strings{"buerger"})) << text;
    }
    EXPECT_EQ(folded("Antragsteller/-innen, Innenstadt"), (Strings{"antragsteller", "innenstadt"}));
    EXPECT_EQ(folded("Zeit:information"), (Strings{"zeit", "information"}));
}

TEST(WordsTest, KeepsHyphenatedWordsWithTheirParts) {
    const auto words = tokenise("i-Kfz und Kfz-Zulassung -");
    ASSERT_EQ(words.size(), 3u);
    EXPECT_EQ(words[0].folded, "ikfz");
    EXPECT_EQ(words[0].parts, (Strings{"i", "kfz"}));
    EXPECT_EQ(words[2].folded, "kfzzulassung");
    EXPECT_EQ(words[2].from, 10u);
    EXPECT_EQ(words[2].to, 23u);
}

TEST(WordsTest, KeepsParagraphsAndNumbers) {
    const auto words = tokenise("nach § 34c GewO, Tempo 30");
    ASSERT_EQ(words.size(), 5u);
    EXPECT_EQ(words[1].folded, "par34c");
    EXPECT_EQ(words[1].parts, (Strings{"34c"}));
    EXPECT_EQ(words[4].folded, "30");
    EXPECT_EQ(folded("§34c"), (Strings{"par34c"}));
    EXPECT_EQ(analysed("30").stem, "30");
}

TEST(WordsTest, OneKeyForAllSpellingsOfAnUmlaut) {
    for (const char *text :
         {"Führerschein", "Fuehrerschein", "FÜHRERSCHEIN", "Fuhrerschein", "Fu\u0308hrerschein"}) {
        EXPECT_EQ(analysed(text).key, "fuhrerschein") << text;
    }
    EXPECT_EQ(analysed("Straße").key, analysed("Strasse").key);
    EXPECT_EQ(key_of("neue"), "neue"); // no umlaut
    EXPECT_EQ(key_of("steuer"), "steuer");
    EXPECT_EQ(key_of("haeuser"), "hauser");
    EXPECT_EQ(key_of("quelle"), "quelle");
}

TEST(StemTest, JoinsForms) {
    EXPECT_EQ(stem_of("anmelden"), stem_of("Anmeldung"));
    EXPECT_EQ(stem_of("Häuser"), stem_of("Haus"));
    EXPECT_EQ(stem_of("Anträge"), stem_of("Antrag"));
    EXPECT_EQ(stem_of("neue"), stem_of("neu"));
    EXPECT_EQ(stem_of("Frauen"), stem_of("Frau"));
    EXPECT_EQ(stem_of("Hunde"), stem_of("Hund"));
    EXPECT_EQ(stem_of("Genehmigungen"), stem_of("genehmigen"));
    EXPECT_NE(stem_of("Pass"), stem_of("Park"));
}

TEST(CompoundsTest, SplitsWhatTheAdministrationJoins) {
    const auto split = [](std::string_view text) {
        return german().compounds().split(analysed(text).key);
    };
    EXPECT_EQ(split("Personalausweis"), (Strings{"personal", "ausweis"}));
    EXPECT_EQ(split("Sperrmüllabholung").front(), "sperrmull");
    const auto three = split("Hundesteueranmeldung");
    for (const char *part : {"hund", "steuer", "anmeldung"})
        EXPECT_TRUE(std::ranges::count(three, part)) << part;
    EXPECT_EQ(split("Wohnungsgeberbestätigung").back(), "geber");
    const auto lost = split("Führerscheinverlust");
    EXPECT_TRUE(std::ranges::count(lost, "fuhrerschein"));
    EXPECT_TRUE(std::ranges::count(lost, "verlust"));
}

TEST(CompoundsTest, LeavesSimpleWordsAlone) {
    for (const char *text : {"anmelden", "Öffnungszeiten", "Donnerstag", "beantragen", "Garage",
                             "international", "verloren", "Elternteil2"}) {
        EXPECT_TRUE(german().compounds().split(key_of(tokenise(text)[0].folded)).empty()) << text;
    }
}

TEST(CompoundsTest, ReadsItsListWithCommentsAndExceptions) {
    const Compounds compounds("# no word\nHaus Tür\n-haustür\n");
    EXPECT_EQ(compounds.size(), 2u);
    EXPECT_TRUE(compounds.split("haustur").empty());
    EXPECT_EQ(compounds.split("turhaus"), (Strings{"tur", "haus"}));
    EXPECT_TRUE(compounds.split("").empty());
}

TEST(GazetteerTest, LeavesPlacesAlone) {
    for (const char *place :
         {"Burgdorf", "Langenhagen", "Wedemark", "Lehrte", "Neustadt", "Burgwedel", "Wennigsen"}) {
        const Analysed word = analysed(place);
        EXPECT_TRUE(word.place) << place;
        EXPECT_TRUE(word.parts.empty()) << place;
        EXPECT_EQ(word.stem, word.key) << place;
    }
    EXPECT_FALSE(analysed("Halle").place); // an ordinary word first
    EXPECT_FALSE(analysed("Essen").place);
    EXPECT_FALSE(analysed("Personalausweis").place);
}

TEST(AnalyserTest, KnowsWhatCallersSay) {
    const auto &expansions = german().synonyms().expansions;
    const auto perso = expansions.find(stem("perso"));
    ASSERT_NE(perso, expansions.end());
    EXPECT_TRUE(std::ranges::count(perso->second, Strings{stem("personalausweis")}));
    EXPECT_TRUE(expansions.contains(stem("lappen") + " " + stem("weg")));
    EXPECT_TRUE(german().is_stopword("moechte"));
    EXPECT_FALSE(german().is_stopword("hund"));
}

TEST(AnalyserTest, KnowsWhatSaysTooLittleAlone) {
    const Analyser &german = Analyser::german();
    EXPECT_TRUE(german.is_weak_part(stem("amt")));
    EXPECT_FALSE(german.is_weak(stem("amt"))) << "a word of its own is what is asked for";
    EXPECT_TRUE(german.is_weak(stem("abholen")));
    EXPECT_TRUE(german.is_weak_part(stem("abholen")));
    EXPECT_FALSE(german.is_weak_part(stem("hund")));
}

RC_GTEST_PROP(AnalyserProperty, TakesAnyBytes, (const std::string &bytes)) {
    for (const Word &word : tokenise(bytes)) {
        RC_ASSERT(word.from < word.to);
        RC_ASSERT(word.to <= bytes.size());
        RC_ASSERT(!word.folded.empty());
        const Analysed once = german().analyse(word);
        RC_ASSERT(!std::ranges::count(once.parts, once.stem));
    }
}

} // namespace
} // namespace fernamt::knowledge
