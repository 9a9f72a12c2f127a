// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/search_engine_match.h"

#include <algorithm>
#include <array>

namespace fernamt::knowledge {

namespace {

void add_name(NamedDocument &named, std::string_view text, MatchField field,
              const Analyser &analyser) {
    std::vector<std::string> stems;
    for (const Word &word : tokenise(text)) {
        if (analyser.is_stopword(word.folded)) continue;
        std::string key = key_of(word.folded);
        std::string its_stem =
            has_digit(key) || analyser.is_place(key) ? key : knowledge::stem(key);
        stems.push_back(its_stem);
        named.words.push_back({.stem = std::move(its_stem),
                               .key = std::move(key),
                               .shown = text.substr(word.from, word.to - word.from),
                               .field = field});
    }
    if (!stems.empty() && field != MatchField::keyword) named.names.push_back(std::move(stems));
}

// The word that says the stem: whole, else as a part of it.
const NameWord *find(const NamedDocument &named, const std::string &stem) {
    const NameWord *part = nullptr;
    for (const NameWord &word : named.words) {
        if (word.stem == stem) return &word;
        if (!part && stem.size() >= 3 && word.key.size() > stem.size() &&
            word.key.find(stem) != std::string::npos) {
            part = &word;
        }
    }
    return part;
}

} // namespace

void read_names(NamedDocument &named, const Analyser &analyser) {
    const IndexedDocument &document = named.document;
    add_name(named, document.title, MatchField::title, analyser);
    for (const std::string &synonym : document.synonyms)
        add_name(named, synonym, MatchField::synonym, analyser);
    add_name(named, document.official_title, MatchField::official_title, analyser);
    for (const std::string &keyword : document.keywords)
        add_name(named, keyword, MatchField::keyword, analyser);
}

std::optional<NameMatch> match_names(const Concept &concept_, const NamedDocument &named) {
    std::optional<NameMatch> best;
    double best_weight = 0;
    for (const Variant &variant : concept_.variants) {
        if (!variant.named || variant.weight <= best_weight) continue;
        const NameWord *first = nullptr;
        bool whole = true;
        const bool all = std::ranges::all_of(variant.stems, [&](const std::string &stem) {
            const NameWord *word = find(named, stem);
            if (!first) first = word;
            if (word && word->stem != stem) whole = false;
            return word != nullptr;
        });
        if (!all) continue;
        const double weight = variant.weight * (whole ? 1.0 : 0.6);
        if (weight <= best_weight) continue;
        best_weight = weight;
        best = NameMatch{&variant, first};
    }
    return best;
}

bool is_whole_name(const std::vector<std::string> &stems, const NamedDocument &named) {
    return std::ranges::find(named.names, stems) != named.names.end();
}

std::string_view to_string(MatchField field) {
    static constexpr std::array<std::string_view, 5> kNames{"title", "official_title", "synonym",
                                                            "keyword", "text"};
    return kNames[static_cast<std::size_t>(field)];
}

} // namespace fernamt::knowledge
