// SPDX-License-Identifier: EUPL-1.2
// From a document to what the index keeps of it, as a pure function over the analyser. Terms are
// prefixed: N a word of a name or synonym (heavier), B a word of the text, W a name's word as it is
// typed (spelling, beginnings), Q the document, S its subject. Filters say kind, visibility and
// place in one term, because each further one is a list as long as the index: P public, by where
// somebody answers for it, K the district that lies in (neighbours), A where it is only valid, I
// internal to a municipality. What a hit needs to say why it is
// one goes along as packed data: names word by word, and for each word of the text its section.
#pragma once

#include "knowledge/analysis.h"
#include "knowledge/search_document.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fernamt::knowledge {

struct IndexTerm {
    std::string text;
    std::uint32_t weight = 0; // 0: a filter only
};

enum class MatchField { title, official_title, synonym, keyword, text };
[[nodiscard]] std::string_view to_string(MatchField field); // "official_title"

struct IndexEntry {
    std::vector<IndexTerm> terms;
    std::string data; // for the hit, see IndexedDocument
    std::uint64_t hash = 0;
};

struct NameWord { // without stop words
    std::string_view shown;
    std::string_view stem;
    std::vector<std::string_view> parts; // stems
    MatchField field = MatchField::title;
    std::size_t name = 0; // which of the names it stands in
};

// What a hit can say of its document without asking the database.
class IndexedDocument {
  public:
    // Nothing if it was not packed by IndexTerms.
    [[nodiscard]] static std::unique_ptr<IndexedDocument> unpack(std::string data);
    IndexedDocument(const IndexedDocument &) = delete; // words point into data_
    IndexedDocument &operator=(const IndexedDocument &) = delete;

    std::string_view id;
    DocumentKind kind = DocumentKind::service;
    std::int64_t subject = 0;
    bool internal = false;
    std::string_view title;
    std::string_view districts; // where somebody answers for it, divided like areas
    std::vector<std::string_view> section_codes;
    std::vector<NameWord> words;
    std::size_t names = 0;

    [[nodiscard]] std::vector<MunicipalityId> areas() const;
    [[nodiscard]] bool is_answered_in_district_of(MunicipalityId municipality) const;
    // The section whose text says it, empty for the short text; nothing if no text does.
    [[nodiscard]] std::optional<std::string_view> section_with(std::string_view stem) const;

  private:
    IndexedDocument() = default;
    std::string data_;
    std::string_view areas_;
    std::string_view text_words_;
};

// Remembers the words it has seen: one per build, not for several threads.
class IndexTerms {
  public:
    explicit IndexTerms(const Analyser &analyser) : analyser_(analyser) {}
    [[nodiscard]] IndexEntry entry(const SearchDocument &document);

  private:
    struct Known {
        Analysed word;
        bool stopword = false;
    };
    const Known &known(const Word &word);
    void add_name(std::string_view text, MatchField field, std::uint32_t weight);
    void add_text(std::string_view text,
                  std::uint8_t section); // 0: short text; from 1 on: sections
    void add_filters(const SearchDocument &document);
    [[nodiscard]] std::vector<IndexTerm> merged();
    [[nodiscard]] std::string packed(const SearchDocument &document);

    const Analyser &analyser_;
    std::unordered_map<std::string, Known> cache_;
    std::vector<IndexTerm> terms_;
    std::string names_;
    std::vector<std::pair<std::uint32_t, std::uint8_t>> text_words_; // hash of the stem, section
};

[[nodiscard]] std::uint64_t hash_of(const SearchDocument &document);
// "service/17" of "service/17@032410010010!".
[[nodiscard]] std::string_view subject_of(std::string_view id);

// ---- filters ----------------------------------------------------------------------------------

// Public documents of a kind: all, those for which somebody answers in just this area (0:
// everywhere), in just this district, and those that are only valid in this area.
[[nodiscard]] std::string public_term(DocumentKind kind);
[[nodiscard]] std::string answered_term(DocumentKind kind, MunicipalityId area);
[[nodiscard]] std::string district_term(DocumentKind kind, MunicipalityId area);
[[nodiscard]] std::string valid_term(DocumentKind kind, MunicipalityId area);
[[nodiscard]] std::string internal_term(DocumentKind kind, MunicipalityId municipality);

} // namespace fernamt::knowledge
