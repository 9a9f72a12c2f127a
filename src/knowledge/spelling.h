// SPDX-License-Identifier: EUPL-1.2
// The words of names and synonyms, and what somebody meant who typed one of them wrongly or not yet
// to the end. Works on keys (key_of), so umlauts are never errors. An error is cheaper where keys
// lie side by side on a German keyboard or letters sound alike. Immutable; any number of threads
// may read. Ten thousand words take about 2 MB.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::knowledge {

struct KnownWord {
    std::string key;
    std::uint32_t documents = 0; // that use it in a name or synonym
};

struct Suggestion {
    const KnownWord *word = nullptr;
    int cost = 0; // tenths of an ordinary typing error
};

class Spelling {
  public:
    Spelling() = default;
    explicit Spelling(std::vector<KnownWord> words); // each key once, in any order

    [[nodiscard]] bool knows(std::string_view key) const;
    [[nodiscard]] std::size_t size() const { return words_.size(); }

    // Nearest first, then the more frequent; only those about as near as the best. Words of three
    // letters are not corrected, short ones for one error only.
    [[nodiscard]] std::vector<Suggestion> correct(std::string_view key, std::size_t most) const;
    // Longer words that begin so, the most frequent first.
    [[nodiscard]] std::vector<const KnownWord *> beginning_with(std::string_view key,
                                                                std::size_t most) const;
    // Words that share at least half of their trigrams with it, the most similar first: the last
    // resort for words that no correction reaches.
    [[nodiscard]] std::vector<Suggestion> similar(std::string_view key, std::size_t most) const;

  private:
    struct Variant { // a word's beginning with letters left out
        std::uint32_t hash;
        std::uint32_t word;
    };

    void build_variants();
    void build_trigrams();

    std::vector<KnownWord> words_;          // by key
    std::vector<Variant> variants_;         // by hash
    std::vector<std::uint32_t> trigram_at_; // where a trigram's words begin in trigram_words_
    std::vector<std::uint32_t> trigram_words_;
    std::vector<std::uint8_t> trigram_count_; // of each word
};

// The price of turning what was typed into what was meant, in tenths of an ordinary error; more
// than `limit` is returned as limit + 1.
[[nodiscard]] int typing_cost(std::string_view typed, std::string_view meant, int limit);

} // namespace fernamt::knowledge
