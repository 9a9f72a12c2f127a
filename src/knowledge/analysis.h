// SPDX-License-Identifier: EUPL-1.2
// The German analyser: what one word stands for in the index. The whole word's stem always; the
// stems of its parts where it is a compound or hyphenated; names of places and numbers as they are.
// The same for documents and questions. Built once from the lists in data/search; any number of
// threads may read.
#pragma once

#include "knowledge/analysis_words.h"
#include "knowledge/compounds.h"
#include "knowledge/gazetteer.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace fernamt::knowledge {

struct Analysed {
    std::string key;                // key_of(word)
    std::string stem;               // of the whole word
    std::vector<std::string> parts; // stems of its parts, without repetition and without `stem`
    bool place = false;
};

// Who says one of `said` means each of `meant` too; both ways: each of all these means the others.
// Phrases of one word or more, as somebody writes them.
struct SynonymEntry {
    std::vector<std::string> said;
    std::vector<std::string> meant;
    bool both_ways = false;
    friend bool operator==(const SynonymEntry &, const SynonymEntry &) = default;
};
// A question's phrase has so many words at most, without stop words.
inline constexpr std::size_t kLongestSynonym = 3;

// Words that stand for others: "perso" for "personalausweis".
struct Synonyms {
    using Expansions = std::vector<std::vector<std::string>>;
    // By the stems of one to three words, joined by blanks; each expansion is one or more stems
    // that belong together.
    std::map<std::string, Expansions, std::less<>> expansions;
    std::vector<std::string> keys; // every word that occurs, sorted: known to the spelling

    [[nodiscard]] const Expansions *find(std::string_view stems) const {
        const auto found = expansions.find(stems);
        return found == expansions.end() ? nullptr : &found->second;
    }
};

class Analyser {
  public:
    // With the lists that are built in. One for the whole program.
    [[nodiscard]] static const Analyser &german();

    Analyser(std::string_view words, std::string_view synonyms, std::string_view stopwords,
             std::string_view weak, std::string_view places);

    [[nodiscard]] Analysed analyse(const Word &word) const;
    [[nodiscard]] bool is_stopword(std::string_view folded) const {
        return stopwords_.contains(folded);
    }
    // The stem says too little to be all that a hit has of a question: as a part of a compound
    // ("amt"), as a word beside others ("melden").
    [[nodiscard]] bool is_weak_part(std::string_view stem) const {
        return weak_parts_.contains(stem);
    }
    [[nodiscard]] bool is_weak(std::string_view stem) const { return weak_.contains(stem); }
    [[nodiscard]] bool is_place(std::string_view key) const { return places_.is_place(key); }
    [[nodiscard]] bool is_part(std::string_view key) const { return compounds_.knows(key); }
    [[nodiscard]] const Compounds &compounds() const { return compounds_; }
    [[nodiscard]] const Synonyms &synonyms() const { return synonyms_; } // the shipped ones
    // The same of others: what editors have entered.
    [[nodiscard]] Synonyms synonyms_of(const std::vector<SynonymEntry> &entries) const;
    // The phrase's words without stop words; nothing where all are.
    [[nodiscard]] std::vector<Word> telling_words(std::string_view phrase) const;

    // Grows when the analyser's terms change: an index of another version is built again. Covers
    // the lists too.
    [[nodiscard]] const std::string &version() const { return version_; }

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };

    Compounds compounds_;
    std::unordered_set<std::string, Hash, std::equal_to<>> stopwords_; // folded
    std::unordered_set<std::string, Hash, std::equal_to<>> weak_;      // stems
    std::unordered_set<std::string, Hash, std::equal_to<>> weak_parts_;
    Synonyms synonyms_;
    Gazetteer places_;
    std::string version_;
};

// The shipped list, line by line.
[[nodiscard]] std::vector<SynonymEntry> shipped_synonyms();

// FNV-1a, 64 bits: for versions and check sums, not against an adversary.
[[nodiscard]] std::uint64_t fingerprint(std::string_view text,
                                        std::uint64_t seed = 0xcbf29ce484222325u);

} // namespace fernamt::knowledge
