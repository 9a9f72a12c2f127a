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

// Words that stand for others: "perso" for "personalausweis".
struct Synonyms {
    // By the stems of one to three words, joined by blanks; each expansion is one or more stems
    // that belong together.
    std::map<std::string, std::vector<std::vector<std::string>>, std::less<>> expansions;
    std::vector<std::string> keys; // every word that occurs: known to the spelling
};

class Analyser {
  public:
    // With the lists that are built in. One for the whole program.
    [[nodiscard]] static const Analyser &german();

    Analyser(std::string_view words, std::string_view synonyms, std::string_view stopwords,
             std::string_view places);

    [[nodiscard]] Analysed analyse(const Word &word) const;
    [[nodiscard]] bool is_stopword(std::string_view folded) const {
        return stopwords_.contains(folded);
    }
    [[nodiscard]] bool is_place(std::string_view key) const { return places_.is_place(key); }
    [[nodiscard]] bool is_part(std::string_view key) const { return compounds_.knows(key); }
    [[nodiscard]] const Compounds &compounds() const { return compounds_; }
    [[nodiscard]] const Synonyms &synonyms() const { return synonyms_; }

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
    Synonyms synonyms_;
    Gazetteer places_;
    std::string version_;
};

// FNV-1a, 64 bits: for versions and check sums, not against an adversary.
[[nodiscard]] std::uint64_t fingerprint(std::string_view text,
                                        std::uint64_t seed = 0xcbf29ce484222325u);

} // namespace fernamt::knowledge
