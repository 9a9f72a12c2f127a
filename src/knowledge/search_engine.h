// SPDX-License-Identifier: EUPL-1.2
// The search over the knowledge: finds what a caller means while they are still talking, says why
// each hit is one and which section answers. Only public documents and the internal ones of the
// municipality that the reader works for are ever looked at: the filter is part of every question
// to the index. Opens the index of this node or builds it from the database. Any number of threads
// may search, also while the index is updated or built.
#pragma once

#include "base/problem.h"
#include "knowledge/index_store.h"
#include "knowledge/index_terms.h"
#include "knowledge/search_engine_query.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::knowledge {

struct SearchQuestion {
    std::string_view text; // any bytes; cut after 200
    // Documents for which somebody there answers, or its district, Land, the federation. None: all.
    std::optional<MunicipalityId> municipality;
    // The reader works for it and may read its internal documents. None: public ones only.
    std::optional<MunicipalityId> staff_of;
    std::optional<DocumentKind> kind = {};
    // Kinds whose hits come in a list of their own, of the municipality alone.
    std::vector<DocumentKind> beside = {};
    bool typing = true;      // the last word may be unfinished
    bool neighbours = true;  // when the municipality has too little: its district's others below
    bool unanswered = false; // and services that are valid there although nobody answers for them
    std::size_t limit = 20;  // cut to 1..100
};

struct Why {
    std::string said; // as typed: "perso"
    MatchKind kind = MatchKind::word;
    MatchField field = MatchField::title;
    std::string found;   // the document's word: "Personalausweis"; empty for texts
    std::string section; // of a text: the section's code, empty for the short text
};

struct EngineHit {
    std::string id; // of the document
    DocumentKind kind = DocumentKind::service;
    std::int64_t subject = 0;
    std::string title;
    std::vector<MunicipalityId> areas;
    bool neighbour = false;
    bool unanswered = false;
    bool internal = false;
    double score = 0;
    std::string section; // where to jump; empty: to the beginning
    std::vector<Why> why;
};

struct EngineResult {
    std::vector<EngineHit> hits;   // one per subject
    std::int64_t total = 0;        // at least; without the limit, with neighbours
    std::vector<EngineHit> beside; // the best first, at most kMostBeside of a kind
};
inline constexpr std::size_t kMostBeside = 5;

class SearchEngine {
  public:
    // Opens the index in the directory; builds it when it is missing, unreadable or of another
    // version, brings it up to date otherwise.
    [[nodiscard]] static Expected<std::unique_ptr<SearchEngine>>
    open(DocumentSource source, const std::string &directory, const IndexWatch &watch = {});
    // At once, with the index as it stands, be it behind the database: refresh() does the rest.
    [[nodiscard]] static std::unique_ptr<SearchEngine> open_at_once(DocumentSource source,
                                                                    const std::string &directory);
    // Only reads, for a process beside the one that keeps the index. May be behind the database.
    // "search.index_missing" (directory) where there is none that can be used.
    [[nodiscard]] static Expected<std::unique_ptr<SearchEngine>>
    open_existing(DocumentSource source, const std::string &directory);
    ~SearchEngine();
    SearchEngine(const SearchEngine &) = delete;
    SearchEngine &operator=(const SearchEngine &) = delete;

    // False: there is no index yet that can be asked.
    [[nodiscard]] bool ready() const;

    // "search.index" without one, or with a broken one; then see refresh().
    [[nodiscard]] Expected<EngineResult> search(const SearchQuestion &question) const;

    // Brings the index up to date; cheap when nothing has changed. Builds a missing or broken one
    // again; what changed while it was read is in it, too. Problems as IndexStore's.
    [[nodiscard]] Expected<IndexState> refresh(const IndexWatch &watch = {});
    [[nodiscard]] Expected<IndexState> rebuild(const IndexWatch &watch = {});
    [[nodiscard]] Expected<IndexVerification> verify() const;
    [[nodiscard]] IndexState state() const;

  private:
    struct Impl;
    explicit SearchEngine(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace fernamt::knowledge
