// SPDX-License-Identifier: EUPL-1.2
// Why a document matches, as pure functions over what the index keeps of it. The index finds
// candidates; this says how much of the question each answers.
#pragma once

#include "knowledge/index_terms.h"
#include "knowledge/search_engine_query.h"

#include <optional>
#include <string>
#include <vector>

namespace fernamt::knowledge {

struct NameMatch {
    const Variant *variant = nullptr;
    const NameWord *word = nullptr;
    bool whole = true; // not only a part of the word
};
// The best way in which the names say the concept.
[[nodiscard]] std::optional<NameMatch> match_names(const Concept &wanted,
                                                   const IndexedDocument &document);

// The document says something of the concept that is reason enough to show it: not only a part of a
// word that says too little ("amt" in "Sozialamt"), unless the question says that word alone.
[[nodiscard]] bool supports(const Concept &wanted, bool alone, const IndexedDocument &document,
                            const Analyser &analyser);

// One of its names is just what was asked.
[[nodiscard]] bool is_whole_name(const std::vector<std::string> &stems,
                                 const IndexedDocument &document);

} // namespace fernamt::knowledge
