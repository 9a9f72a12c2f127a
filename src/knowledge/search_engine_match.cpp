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

bool supports(const Concept &wanted, bool alone, const IndexedDocument &document,
              const Analyser &analyser) {
    return std::ranges::any_of(wanted.variants, [&](const Variant &variant) {
        if (variant.weak) return false;
        bool tells = false; // one of the stems, and all are there
        const bool all = std::ranges::all_of(variant.stems, [&](const std::string &stem) {
            const Found found = variant.named ? find(document, stem) : Found{};
            // Two compounds with a part in common are two things: "Rundfunkbeitrag", "Kitabeitrag".
            tells |= found.word &&
                     (found.whole || (!variant.part && (alone || !analyser.is_weak_part(stem))));
            return found.word != nullptr;
        });
        if (all && tells) return true;
        const bool in_texts =
            variant.kind == MatchKind::word || variant.kind == MatchKind::typing_error;
        return in_texts && variant.stems.size() == 1 &&
               document.section_with(variant.stems.front()).has_value();
    });
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
