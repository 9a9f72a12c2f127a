// SPDX-License-Identifier: EUPL-1.2
// What a caller's words mean, as a pure function over analyser and spelling: one Concept per word
// that says something, with all the ways in which a document may say it. Understands separated
// verbs
// ("melde ... an"), participles ("angemeldet"), synonyms, compounds, typing errors in words that
// nothing knows, unfinished last words, and words that ask for a section ("gebühr").
#pragma once

#include "knowledge/analysis.h"
#include "knowledge/service.h"
#include "knowledge/spelling.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::knowledge {

enum class MatchKind { word, part, synonym, beginning, typing_error, similar };
[[nodiscard]] std::string_view to_string(MatchKind kind); // "typing_error"

struct Variant {
    std::vector<std::string> stems; // all of them
    double weight = 1;              // 1: what was said
    MatchKind kind = MatchKind::word;
    bool named = false; // names say all of them
    bool part = false;  // of the word that was said
    bool weak = false;  // a part that says too little: "amt"
};

struct Concept {
    std::string said; // as typed
    std::vector<Variant> variants;
    bool section_word = false; // asks for a section, unless the document is about just that
    bool place = false;        // a town: welcome, not asked for
    bool weak = false;         // says too little beside other words: "melden"
};

struct ParsedQuestion {
    std::vector<Concept> concepts;
    std::optional<SectionKey> section;
    std::vector<std::string> stems; // of the words that count, in order: to recognise a whole name
    std::vector<std::string> telling; // those of them that are neither weak nor ask for a section
};

// What editors have entered for one municipality; only questions about it know these words.
struct LocalSynonyms {
    Synonyms synonyms;
    Spelling spelling; // of the words that stand nowhere else
};

struct Vocabulary {
    const Analyser &analyser;
    const Spelling &spelling;
    std::function<bool(const std::string &stem)> in_names; // some document's name says it
    std::function<bool(const std::string &stem)> in_texts;
    // Editors' synonyms beside the shipped ones; nullptr: none.
    const Synonyms *house = nullptr;
    const LocalSynonyms *local = nullptr; // of the municipality that is asked for
};

// typing: the last word may be unfinished.
[[nodiscard]] ParsedQuestion parse_question(std::string_view text, bool typing,
                                            const Vocabulary &vocabulary);

// The section that a word asks for, also by its beginning (four letters or more). Folded.
[[nodiscard]] std::optional<SectionKey> section_of_word(std::string_view word);

} // namespace fernamt::knowledge
