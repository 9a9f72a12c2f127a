// SPDX-License-Identifier: EUPL-1.2
// From a document to what the index keeps of it, as a pure function over the analyser. Terms are
// prefixed: N a word of a name or synonym (heavier), B a word of the text, W a name's word as it is
// typed (spelling, beginnings), Q the document, S its subject, T its kind, V who may find it, A
// where it is valid, K the district that lies in (neighbours). Names of sections go along as
// positions of B terms.
#pragma once

#include "knowledge/analysis.h"
#include "knowledge/search_document.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fernamt::knowledge {

struct IndexTerm {
    std::string text;
    std::uint32_t weight = 0;   // 0: a filter only
    std::uint32_t position = 0; // 0: none; 1: short text; from 2 on: section 0, 1, ...
};

struct IndexEntry {
    std::vector<IndexTerm> terms;
    std::string data; // for the hit, see IndexedDocument
    std::uint64_t hash = 0;
};

// What a hit can say of its document without asking the database.
struct IndexedDocument {
    std::string id;
    DocumentKind kind = DocumentKind::service;
    std::int64_t subject = 0;
    std::string title;
    std::string official_title;
    std::vector<std::string> synonyms;
    std::vector<std::string> keywords;
    std::vector<std::string> section_codes;
    std::vector<MunicipalityId> areas;
    bool internal = false;
};
[[nodiscard]] std::string pack(const SearchDocument &document);
[[nodiscard]] std::optional<IndexedDocument> unpack(std::string_view data);

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
    void add_name(std::string_view text, std::uint32_t weight);
    void add_text(std::string_view text, std::uint32_t position);
    void add_filters(const SearchDocument &document);
    [[nodiscard]] std::vector<IndexTerm> merged();

    const Analyser &analyser_;
    std::unordered_map<std::string, Known> cache_;
    std::vector<IndexTerm> terms_;
};

[[nodiscard]] std::uint64_t hash_of(const SearchDocument &document);
// "service/17" of "service/17@032410010010!".
[[nodiscard]] std::string_view subject_of(std::string_view id);

// ---- filters ----------------------------------------------------------------------------------

inline constexpr std::string_view kEverywhere = "A*";
inline constexpr std::string_view kPublic = "V*";
[[nodiscard]] std::string area_term(MunicipalityId area);
[[nodiscard]] std::string internal_term(MunicipalityId municipality);
[[nodiscard]] std::string district_term(MunicipalityId area);
[[nodiscard]] std::string kind_term(DocumentKind kind);

} // namespace fernamt::knowledge
