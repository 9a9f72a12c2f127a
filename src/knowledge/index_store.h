// SPDX-License-Identifier: EUPL-1.2
// The index in a directory of this node: <directory>/current names the one in use. It is derived
// from the database and may be deleted at any time: what is missing, broken or of another version
// is built again beside the old one and then put in its place. One writer, also among processes
// (the service and `fernamt knowledge index --rebuild`); readers never wait for it. What root
// writes belongs to the owner of the directory that the index lies in (storage/file_owner.h).
// Problems: "search.index" (directory, what), "search.in_use" (directory: another process writes
// it), "search.stopped", and the source's. Xapian's exceptions end here.
#pragma once

#include "base/problem.h"
#include "knowledge/analysis.h"
#include "knowledge/search_document.h"
#include "knowledge/synonym_rules.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace fernamt::knowledge {

// Where documents come from; the database's is database_documents().
struct DocumentSource {
    std::function<Expected<std::int64_t>(const DocumentSink &)> all;
    std::function<Expected<std::int64_t>(std::int64_t since, const RemovalSink &,
                                         const DocumentSink &)>
        changed;
    std::function<Expected<std::int64_t>()> generation;
    std::function<Expected<std::int64_t>()> documents = {}; // how many, about; may be empty
    // What editors have entered, beside the shipped list; none: nothing. Each change is a new
    // generation, although no document changes.
    std::function<Expected<std::vector<PlacedSynonym>>()> synonyms = {};
};
[[nodiscard]] DocumentSource database_documents(storage::Database &database);

struct IndexState {
    std::int64_t generation = 0; // of the knowledge
    std::int64_t documents = 0;
    std::uint64_t checksum = 0; // sum of the documents' hashes: their order does not matter
    std::string version;        // of form and analyser
    friend bool operator==(const IndexState &, const IndexState &) = default;
};

struct IndexVerification {
    IndexState index;
    IndexState source;     // what the database holds now
    bool readable = false; // every block of the index
    [[nodiscard]] bool ok() const {
        return readable && index.documents == source.documents &&
               index.checksum == source.checksum && index.version == source.version;
    }
};

// What may take minutes, watched. Each may be empty.
struct IndexWatch {
    // A whole index is being built, of so many documents (0: not known): at its beginning, now and
    // then, at its end.
    std::function<void(std::int64_t done, std::int64_t of)> building = {};
    // Asked before each document; true: it is left, and nothing of it remains.
    std::function<bool()> stops = {};
};

class IndexStore {
  public:
    IndexStore(std::string directory, const Analyser &analyser);

    // Of the index in use; nothing if there is none that can be used.
    [[nodiscard]] std::optional<IndexState> state() const;
    [[nodiscard]] std::string path() const; // of the index in use; empty if there is none

    [[nodiscard]] Expected<IndexState> rebuild(const DocumentSource &source,
                                               const IndexWatch &watch = {});
    // Brings it up to the source's generation.
    [[nodiscard]] Expected<IndexState> update(const DocumentSource &source,
                                              const IndexWatch &watch = {});
    [[nodiscard]] Expected<IndexVerification> verify(const DocumentSource &source) const;

  private:
    // Under the lock.
    Expected<IndexState> build(const DocumentSource &source, const IndexWatch &watch);
    Expected<IndexState> apply(const DocumentSource &source, const IndexWatch &watch);

    std::string directory_;
    const Analyser &analyser_;
};

} // namespace fernamt::knowledge
