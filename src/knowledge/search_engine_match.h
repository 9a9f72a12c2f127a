// SPDX-License-Identifier: EUPL-1.2
// Why a document matches, and how much of the question it answers, as pure functions over what the
// index keeps of it. The index finds candidates; this orders the best of them.
#pragma once

#include "knowledge/index_terms.h"
#include "knowledge/search_engine.h"

#include <optional>
#include <string>
#include <vector>

namespace fernamt::knowledge {

struct NameWord {
    std::string stem;
    std::string key;
    std::string_view shown; // in the document's text
    MatchField field = MatchField::title;
};

struct NamedDocument {
    IndexedDocument document;
    std::vector<NameWord> words; // without stop words
    // The stems of each name, in order: to recognise a whole one.
    std::vector<std::vector<std::string>> names;
};
// `shown` refers to the document: it must not be copied or moved apart from it.
void read_names(NamedDocument &named, const Analyser &analyser);

struct NameMatch {
    const Variant *variant = nullptr;
    const NameWord *word = nullptr;
};
// The best way in which the names say the concept.
[[nodiscard]] std::optional<NameMatch> match_names(const Concept &concept_,
                                                   const NamedDocument &named);

// One of its names is just what was asked.
[[nodiscard]] bool is_whole_name(const std::vector<std::string> &stems, const NamedDocument &named);

} // namespace fernamt::knowledge
