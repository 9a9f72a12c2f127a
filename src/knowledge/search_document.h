// SPDX-License-Identifier: EUPL-1.2
// What the search engine sees of the knowledge: plain text without HTML, one document per service,
// office and contact person, and a further one for each specialisation of a service and each
// municipality's own text about it.
// The index is fed from here and from nowhere else; whoever shows a hit reads the article again.
// They are read in pieces of some dozen subjects, each in a snapshot of its own that is given up
// before its documents are handed on: a reader of minutes would keep SQLite from emptying its log,
// and whoever erases a number from the ledger would hold up every call for as long. What changes
// meanwhile is told again with the next question for changes.
#pragma once

#include "base/calendar.h"
#include "base/id.h"
#include "base/problem.h"
#include "storage/database.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::knowledge {

enum class DocumentKind { service, office, person, guide, website };
[[nodiscard]] std::string_view to_string(DocumentKind kind); // "service"

struct DocumentSection {
    std::string code;  // of SectionKey ("fee") where it is one, else XZuFi's module code ("06")
    std::string title; // German heading
    std::string text;  // paragraphs divided by \n
    friend bool operator==(const DocumentSection &, const DocumentSection &) = default;
};

struct SearchDocument {
    // Unique and stable over re-imports: "service/17", "service/17@032410010010" (own text of a
    // municipality), "service/17@032410010010!" (its internal text), "service/17@s5" (a
    // specialisation), "office/...", "person/...".
    std::string id;
    DocumentKind kind = DocumentKind::service;
    std::int64_t subject = 0; // the ServiceId's value, the office's or the person's id
    std::string title;        // what citizens call it
    std::string official_title;
    std::string short_text;                // one or two sentences to read aloud
    std::vector<DocumentSection> sections; // in the order in which they are shown
    std::vector<std::string> synonyms;
    std::vector<std::string> keywords; // LeiKa and OZG keys, official titles of other languages
    std::vector<MunicipalityId> areas; // empty: valid everywhere; parents include their parts
    // Of a service: where somebody answers for it (0: everywhere), which is what decides whether it
    // is found there; elsewhere it is only valid. Nothing: wherever it is valid.
    std::optional<std::vector<MunicipalityId>> answered_in = {};
    std::optional<MunicipalityId> internal_to; // set: only this municipality's staff may find it
    std::string source;                        // "demo", "L100042"; for the hit's "from ..."
    std::optional<LocalDate> checked_on;
    friend bool operator==(const SearchDocument &, const SearchDocument &) = default;
};

// Return false to stop.
using DocumentSink = std::function<bool(const SearchDocument &)>;
using RemovalSink = std::function<bool(const std::string &id)>;

// The generation grows with every change of the knowledge; 0 is the empty beginning. Both functions
// answer with the generation from before the first document: ask for the changes since it the next
// time. What was changed in between may come twice, and is never missed.
[[nodiscard]] Expected<std::int64_t> each_search_document(storage::Database &database,
                                                          const DocumentSink &sink);
// Every subject that changed after the given generation: first its old documents as removals (the
// subject's id, "service/17": everything that begins with it up to '@' or the end), then the new
// ones.
[[nodiscard]] Expected<std::int64_t> each_changed_document(storage::Database &database,
                                                           std::int64_t since,
                                                           const RemovalSink &removed,
                                                           const DocumentSink &sink);
[[nodiscard]] Expected<std::int64_t> knowledge_generation(storage::Database &database);
// About how many documents each_search_document() tells, counted without reading them.
[[nodiscard]] Expected<std::int64_t> search_documents(storage::Database &database);

} // namespace fernamt::knowledge
