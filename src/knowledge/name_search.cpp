// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/name_search.h"

#include <algorithm>

namespace fernamt::knowledge {

namespace {

constexpr std::size_t kShortestBeginning = 3; // letters: two begin too much
constexpr int kWhole = 4;
constexpr int kMeant = 3;
constexpr int kBegins = 3;
constexpr int kCompound = 2; // with it, or it with the name's word

void sort(std::vector<std::string> &terms) {
    std::ranges::sort(terms);
    const auto twice = std::ranges::unique(terms);
    terms.erase(twice.begin(), twice.end());
}

bool has(const std::vector<std::string> &sorted, const std::string &term) {
    return std::ranges::binary_search(sorted, term);
}

bool has_beginning(const std::vector<std::string> &sorted, const std::string &beginning) {
    const auto at = std::ranges::lower_bound(sorted, beginning);
    return at != sorted.end() && at->starts_with(beginning);
}

} // namespace

NameTerms terms_of_names(const Analyser &analyser, std::initializer_list<std::string_view> names) {
    NameTerms terms;
    for (const std::string_view name : names) {
        for (const Word &word : analyser.telling_words(name)) {
            Analysed analysed = analyser.analyse(word);
            terms.keys.push_back(std::move(analysed.key));
            terms.stems.push_back(std::move(analysed.stem));
            for (std::string &part : analysed.parts)
                terms.parts.push_back(std::move(part));
        }
    }
    for (auto *each : {&terms.keys, &terms.stems, &terms.parts})
        sort(*each);
    return terms;
}

NameQuestion::NameQuestion(const Analyser &analyser, std::string_view text) {
    for (const Word &word : analyser.telling_words(text)) {
        Analysed analysed = analyser.analyse(word);
        const auto *meant = analyser.synonyms().find(analysed.stem);
        words_.push_back({.key = std::move(analysed.key),
                          .stem = std::move(analysed.stem),
                          .parts = std::move(analysed.parts),
                          .meant = meant});
    }
}

int NameQuestion::score(const NameTerms &names) const {
    int sum = 0;
    for (const Asked &word : words_)
        sum += score(word, names);
    return sum;
}

int NameQuestion::score(const Asked &word, const NameTerms &names) {
    if (has(names.stems, word.stem)) return kWhole;
    const auto said = [&](const std::vector<std::string> &stems) {
        return !stems.empty() && std::ranges::all_of(stems, [&](const std::string &stem) {
            return has(names.stems, stem) || has(names.parts, stem);
        });
    };
    if (word.meant && std::ranges::any_of(*word.meant, said)) return kMeant;
    if (word.key.size() >= kShortestBeginning && has_beginning(names.keys, word.key))
        return kBegins;
    if (has(names.parts, word.stem)) return kCompound;
    const bool has_part = std::ranges::any_of(word.parts, [&](const std::string &part) {
        return has(names.stems, part) || has(names.parts, part);
    });
    return has_part ? kCompound : 0;
}

} // namespace fernamt::knowledge
