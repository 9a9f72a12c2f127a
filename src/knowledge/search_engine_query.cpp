// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/search_engine_query.h"

#include <algorithm>
#include <array>

namespace fernamt::knowledge {

namespace {

struct SectionWord {
    std::string_view word;
    SectionKey section;
};

// What callers and agents say for a section. Longer words also match by their beginning.
constexpr std::array kSectionWords{
    SectionWord{"gebuehr", SectionKey::fee},
    SectionWord{"gebuehren", SectionKey::fee},
    SectionWord{"kosten", SectionKey::fee},
    SectionWord{"kostet", SectionKey::fee},
    SectionWord{"preis", SectionKey::fee},
    SectionWord{"euro", SectionKey::fee},
    SectionWord{"teuer", SectionKey::fee},
    SectionWord{"bezahlen", SectionKey::fee},
    SectionWord{"unterlagen", SectionKey::documents},
    SectionWord{"mitbringen", SectionKey::documents},
    SectionWord{"dokumente", SectionKey::documents},
    SectionWord{"nachweise", SectionKey::documents},
    SectionWord{"oeffnungszeiten", SectionKey::opening_hours},
    SectionWord{"geoeffnet", SectionKey::opening_hours},
    SectionWord{"zeiten", SectionKey::opening_hours},
    SectionWord{"uhrzeit", SectionKey::opening_hours},
    SectionWord{"offen", SectionKey::opening_hours},
    SectionWord{"telefon", SectionKey::contact},
    SectionWord{"telefonnummer", SectionKey::contact},
    SectionWord{"kontakt", SectionKey::contact},
    SectionWord{"ansprechpartner", SectionKey::contact},
    SectionWord{"ansprechstelle", SectionKey::contact},
    SectionWord{"durchwahl", SectionKey::contact},
    SectionWord{"zustaendig", SectionKey::responsible},
    SectionWord{"zustaendigkeit", SectionKey::responsible},
    SectionWord{"wo", SectionKey::where},
    SectionWord{"adresse", SectionKey::where},
    SectionWord{"anschrift", SectionKey::where},
    SectionWord{"online", SectionKey::online},
    SectionWord{"internet", SectionKey::online},
    SectionWord{"frist", SectionKey::deadline},
    SectionWord{"fristen", SectionKey::deadline},
    SectionWord{"bis", SectionKey::deadline},
};
constexpr std::size_t kShortestBeginning = 4;

// The letters before a verb that German puts at the sentence's end: "melde ... an".
constexpr std::array<std::string_view, 14> kParticles{"an",  "ab",  "um",      "aus",  "ein",
                                                      "zu",  "mit", "vor",     "nach", "auf",
                                                      "los", "weg", "zurueck", "rein"};

// Weights of what was not said but may be meant. Tuned on half of the phrases of
// search_quality_test.cpp; the other half is only measured.
constexpr double kVerb = 0.9;
constexpr double kSynonym = 0.8;
constexpr double kPart = 0.35; // of a compound that names know
constexpr double kPartOfUnknown = 0.7;
constexpr double kBeginning = 0.7;
constexpr double kSimilar = 0.4;
constexpr std::size_t kMostBeginnings = 8;
constexpr std::size_t kMostCorrections = 3;
constexpr std::size_t kMostConcepts = 24; // nobody says more before the agent types less

struct Token {
    Word word;
    Analysed analysed;
    bool stopword = false;
};

class Parser {
  public:
    Parser(std::string_view text, bool typing, const Vocabulary &vocabulary)
        : text_(text), vocabulary_(vocabulary), synonyms_(all_synonyms(vocabulary)) {
        for (Word &word : tokenise(text)) {
            if (tokens_.size() >= kMostConcepts * 2) break;
            Token token{.word = word,
                        .analysed = vocabulary.analyser.analyse(word),
                        .stopword = vocabulary.analyser.is_stopword(word.folded)};
            tokens_.push_back(std::move(token));
        }
        // A blank after the last word ends it.
        unfinished_ = typing && !tokens_.empty() && tokens_.back().word.to == text.size();
    }

    ParsedQuestion parse() {
        find_section();
        const bool says_nothing =
            std::ranges::all_of(tokens_, [](const Token &token) { return token.stopword; });
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            if (tokens_[i].stopword && !says_nothing) continue;
            if (question_.concepts.size() >= kMostConcepts) break;
            add_concept(i);
        }
        add_phrases();
        return std::move(question_);
    }

  private:
    // "was kostet ein pass", "pass gebühr", "bis wann", "wo ...": the strongest wish wins.
    void find_section() {
        std::optional<SectionKey> weak;
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            const std::string &word = tokens_[i].word.folded;
            const std::string_view next =
                i + 1 < tokens_.size() ? std::string_view(tokens_[i + 1].word.folded) : "";
            if (word == "wo" || word == "wohin") {
                weak = SectionKey::where;
            } else if (word == "bis") {
                if (next == "wann" || i + 1 == tokens_.size()) weak = SectionKey::deadline;
            } else if (word == "wann" && (has_word("offen") || has_word("auf"))) {
                weak = SectionKey::opening_hours;
            } else if (word == "was" && (next == "brauche" || next == "brauch")) {
                weak = SectionKey::documents;
            } else if (const auto section = section_of_word(word);
                       section && tokens_.size() > 1 && !question_.section) {
                question_.section = section;
            }
        }
        if (!question_.section && tokens_.size() > 1) question_.section = weak;
    }

    [[nodiscard]] bool has_word(std::string_view folded) const {
        return std::ranges::any_of(tokens_,
                                   [&](const Token &token) { return token.word.folded == folded; });
    }

    void add_concept(std::size_t index) {
        const Token &token = tokens_[index];
        const bool last = index + 1 == tokens_.size();
        Concept made{
            .said = std::string(text_.substr(token.word.from, token.word.to - token.word.from)),
            .variants = {},
            .section_word = tokens_.size() > 1 && section_of_word(token.word.folded).has_value(),
            .place = token.analysed.place,
            .weak = vocabulary_.analyser.is_weak(token.analysed.stem)};
        question_.stems.push_back(token.analysed.stem);
        if (!made.weak && !made.section_word) question_.telling.push_back(token.analysed.stem);
        add_word(made, token.analysed, 1, MatchKind::word);
        add_verb_forms(made, index);
        if (last && unfinished_ && token.analysed.key.size() >= 2) add_beginnings(made, token);
        // A word of which only the beginning is known is unfinished, not wrong.
        if (!token.analysed.place && !knows(token.analysed)) {
            const bool in_parts =
                made.variants.size() > 1 && std::ranges::all_of(made.variants, [](const auto &way) {
                    return way.part || way.kind == MatchKind::word;
                });
            if (made.variants.size() <= 1) {
                add_corrections(made, token.analysed.key);
            } else if (in_parts) {
                add_slips(made, token.analysed.key);
            }
        }
        push(std::move(made));
    }

    void push(Concept made) {
        for (Variant &variant : made.variants)
            variant.named = std::ranges::all_of(variant.stems, vocabulary_.in_names);
        question_.concepts.push_back(std::move(made));
    }

    static void add(Concept &made, Variant variant) {
        const auto same = std::ranges::find(made.variants, variant.stems, &Variant::stems);
        if (same == made.variants.end()) {
            made.variants.push_back(std::move(variant));
        } else if (variant.weight > same->weight) {
            *same = std::move(variant);
        }
    }

    void add_word(Concept &made, const Analysed &word, double weight, MatchKind kind) {
        add(made, {{word.stem}, weight, kind});
        const bool known = vocabulary_.in_names(word.stem);
        // The head says most: a "Hundemarke" is a Marke, but about a Hund.
        for (const std::string &part : word.parts) {
            add(made, {.stems = {part},
                       .weight = weight * (known ? kPart : kPartOfUnknown),
                       .kind = kind == MatchKind::word ? MatchKind::part : kind,
                       .part = kind == MatchKind::word,
                       .weak = vocabulary_.analyser.is_weak_part(part)});
        }
        add_synonyms(made, word.stem, weight, kind);
        if (!known) {
            for (const std::string &part : word.parts) {
                if (vocabulary_.analyser.is_weak_part(part)) continue;
                add_synonyms(made, part, weight * kPartOfUnknown, kind);
            }
        }
    }

    // The shipped ones, the house's, the town's.
    [[nodiscard]] static std::array<const Synonyms *, 3> all_synonyms(const Vocabulary &from) {
        return {&from.analyser.synonyms(), from.house,
                from.local ? &from.local->synonyms : nullptr};
    }

    void add_synonyms(Concept &made, const std::string &stems, double weight, MatchKind kind) {
        for (const Synonyms *each : synonyms_) {
            const auto *found = each ? each->find(stems) : nullptr;
            if (!found) continue;
            for (const auto &expansion : *found) {
                add(made, {expansion, weight * kSynonym,
                           kind == MatchKind::word ? MatchKind::synonym : kind});
            }
        }
    }

    void add_form(Concept &made, std::string_view key) {
        const std::string form = stem(key);
        if (!means_something(form)) return;
        add(made, {{form}, kVerb, MatchKind::word});
        add_synonyms(made, form, kVerb, MatchKind::word);
    }

    [[nodiscard]] bool means_something(const std::string &form) const {
        return vocabulary_.in_names(form) ||
               std::ranges::any_of(synonyms_, [&](const Synonyms *each) {
                   return each && each->find(form) != nullptr;
               });
    }

    // "melde ... an" = anmelden; "angemeldet" = anmelden; "kostet" = kosten.
    void add_verb_forms(Concept &made, std::size_t index) {
        const Analysed &word = tokens_[index].analysed;
        if (word.place || has_digit(word.key)) return;
        for (std::size_t i = index + 1; i < tokens_.size(); ++i) {
            const std::string &particle = tokens_[i].word.folded;
            if (std::ranges::find(kParticles, particle) == kParticles.end()) continue;
            add_form(made, key_of(particle) + word.key);
            if (word.key.ends_with('t')) {
                add_form(made, key_of(particle) + word.key.substr(0, word.key.size() - 1));
            }
        }
        const bool participle = word.key.ends_with('t') || word.key.ends_with("en");
        if (!participle) return;
        const std::string_view root =
            word.key.ends_with('t') ? std::string_view(word.key).substr(0, word.key.size() - 1)
                                    : std::string_view(word.key);
        if (root != word.key && root.size() >= 3) add_form(made, root);
        for (std::size_t at = 0; at <= 4 && at + 2 < root.size(); ++at) {
            if (root.substr(at, 2) != "ge") continue;
            const std::string_view before = root.substr(0, at);
            const bool particle =
                at == 0 || std::ranges::any_of(kParticles, [&](std::string_view each) {
                    return key_of(each) == before;
                });
            if (particle) add_form(made, std::string(before) + std::string(root.substr(at + 2)));
            // "zu" instead of "ge": anzumelden
        }
        for (std::size_t at = 2; at <= 4 && at + 4 < word.key.size(); ++at) {
            if (std::string_view(word.key).substr(at, 2) != "zu") continue;
            if (std::ranges::find(kParticles, word.key.substr(0, at)) != kParticles.end()) {
                add_form(made, word.key.substr(0, at) + word.key.substr(at + 2));
            }
        }
    }

    void add_beginnings(Concept &made, const Token &token) {
        auto longer = vocabulary_.spelling.beginning_with(token.analysed.key, kMostBeginnings);
        if (vocabulary_.local) {
            const auto more =
                vocabulary_.local->spelling.beginning_with(token.analysed.key, kMostBeginnings);
            longer.insert(longer.end(), more.begin(), more.end());
        }
        const bool known = knows(token.analysed);
        for (const KnownWord *word : longer) {
            // The nearer its end, the likelier.
            const double typed = static_cast<double>(token.analysed.key.size()) /
                                 static_cast<double>(word->key.size());
            const double weight = kBeginning * (0.6 + 0.4 * typed) * (known ? 0.6 : 1.0);
            add(made, {{stem(word->key)}, weight, MatchKind::beginning});
            if (!known) add_synonyms(made, stem(word->key), weight, MatchKind::beginning);
        }
    }

    [[nodiscard]] bool knows(const Analysed &word) const {
        if (word.key.size() <= 3 || has_digit(word.key)) return true;
        if (vocabulary_.in_names(word.stem) || vocabulary_.in_texts(word.stem)) return true;
        return vocabulary_.spelling.knows(word.key) || vocabulary_.analyser.is_part(word.key) ||
               std::ranges::any_of(synonyms_, [&](const Synonyms *each) {
                   return each && std::ranges::binary_search(each->keys, word.key);
               });
    }

    // "Schankerlaubniss" has parts that are known, and is meant as one word all the same.
    void add_slips(Concept &made, const std::string &key) {
        constexpr int kSlip = 5; // a letter doubled, or one that sounds alike
        for (const Suggestion &each : vocabulary_.spelling.correct(key, 1)) {
            if (each.cost <= kSlip) add_meant(made, each, 0.95, MatchKind::typing_error);
        }
    }

    void add_corrections(Concept &made, const std::string &key) {
        auto corrections = vocabulary_.spelling.correct(key, kMostCorrections);
        if (vocabulary_.local) {
            const auto more = vocabulary_.local->spelling.correct(key, kMostCorrections);
            corrections.insert(corrections.end(), more.begin(), more.end());
            std::ranges::stable_sort(corrections, {}, &Suggestion::cost);
            corrections.resize(std::min(corrections.size(), kMostCorrections));
        }
        for (const Suggestion &each : corrections) {
            // A whole ordinary error costs a quarter.
            add_meant(made, each, 0.95 - each.cost / 40.0 * 0.6, MatchKind::typing_error);
        }
        if (!corrections.empty()) return;
        for (const Suggestion &each : vocabulary_.spelling.similar(key, kMostCorrections))
            add_meant(made, each, kSimilar, MatchKind::similar);
    }

    void add_meant(Concept &made, const Suggestion &meant, double weight, MatchKind kind) {
        Word word;
        word.folded = meant.word->key;
        add_word(made, vocabulary_.analyser.analyse(word), weight, kind);
    }

    // Synonyms of two or three words, stop words left out: "lappen weg".
    void add_phrases() {
        std::vector<const Token *> said;
        for (const Token &token : tokens_) {
            if (!token.stopword) said.push_back(&token);
        }
        for (std::size_t length = 2; length <= kLongestSynonym; ++length) {
            for (std::size_t from = 0; from + length <= said.size(); ++from) {
                std::string stems;
                for (std::size_t i = from; i < from + length; ++i) {
                    if (i > from) stems += ' ';
                    stems += said[i]->analysed.stem;
                }
                const Word &first = said[from]->word;
                const Word &last = said[from + length - 1]->word;
                Concept made{.said = std::string(text_.substr(first.from, last.to - first.from)),
                             .variants = {}};
                add_synonyms(made, stems, 1 / kSynonym, MatchKind::word);
                for (Variant &variant : made.variants)
                    variant.kind = MatchKind::synonym;
                if (!made.variants.empty()) push(std::move(made));
            }
        }
    }

    std::string_view text_;
    const Vocabulary &vocabulary_;
    const std::array<const Synonyms *, 3> synonyms_;
    std::vector<Token> tokens_;
    bool unfinished_ = false;
    ParsedQuestion question_;
};

} // namespace

std::string_view to_string(MatchKind kind) {
    static constexpr std::array<std::string_view, 6> kNames{"word",      "part",         "synonym",
                                                            "beginning", "typing_error", "similar"};
    return kNames[static_cast<std::size_t>(kind)];
}

std::optional<SectionKey> section_of_word(std::string_view word) {
    for (const SectionWord &each : kSectionWords) {
        if (each.word == word) return each.section;
    }
    if (word.size() < kShortestBeginning) return std::nullopt;
    for (const SectionWord &each : kSectionWords) {
        if (each.word.starts_with(word)) return each.section;
    }
    return std::nullopt;
}

ParsedQuestion parse_question(std::string_view text, bool typing, const Vocabulary &vocabulary) {
    return Parser(text, typing, vocabulary).parse();
}

} // namespace fernamt::knowledge
