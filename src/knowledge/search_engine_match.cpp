// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/search_engine_match.h"

#include <algorithm>

namespace fernamt::knowledge {

namespace {

constexpr double kPart = 0.6; // of a word, against the whole

struct Found {
    const NameWord *word = nullptr;
    bool whole = false;
};

Found find(const IndexedDocument &document, std::string_view stem) {
    const NameWord *part = nullptr;
    for (const NameWord &word : document.words) {
        if (word.stem == stem) return {&word, true};
        if (!part && std::ranges::find(word.parts, stem) != word.parts.end()) part = &word;
    }
    return {part, false};
}

} // namespace

std::optional<NameMatch> match_names(const Concept &wanted, const IndexedDocument &document) {
    std::optional<NameMatch> best;
    double best_weight = 0;
    for (const Variant &variant : wanted.variants) {
        if (!variant.named || variant.weight <= best_weight) continue;
        NameMatch match{.variant = &variant, .word = nullptr, .whole = true};
        const bool all = std::ranges::all_of(variant.stems, [&](const std::string &stem) {
            const Found found = find(document, stem);
            if (!match.word) match.word = found.word;
            match.whole = match.whole && found.whole;
            return found.word != nullptr;
        });
        if (!all) continue;
        const double weight = variant.weight * (match.whole ? 1.0 : kPart);
        if (weight <= best_weight) continue;
        best_weight = weight;
        best = match;
    }
    return best;
}

bool is_whole_name(const std::vector<std::string> &stems, const IndexedDocument &document) {
    if (stems.empty()) return false;
    std::size_t at = 0; // in the stems
    for (std::size_t i = 0; i < document.words.size(); ++i) {
        const NameWord &word = document.words[i];
        const bool begins = i == 0 || document.words[i - 1].name != word.name;
        const bool ends = i + 1 == document.words.size() || document.words[i + 1].name != word.name;
        if (begins) at = 0;
        if (at < stems.size() && word.field != MatchField::keyword && word.stem == stems[at]) {
            ++at;
            if (ends && at == stems.size()) return true;
        } else {
            at = stems.size(); // no more in this name
            if (ends) at = 0;
        }
    }
    return false;
}

} // namespace fernamt::knowledge
