// SPDX-License-Identifier: EUPL-1.2
// One question to one open index: words to candidates, candidates in order, each hit with its
// reasons. Who may find what and where is a filter of every question. Internal to the engine, which
// owns the readers; throws what Xapian throws.
#pragma once

#include "knowledge/search_engine.h"
#include "knowledge/search_engine_filter.h"

#include <xapian.h>

#include <map>
#include <memory>
#include <string>
#include <unordered_map>

namespace fernamt::knowledge {

// What one build or update of the index leaves in memory.
struct IndexSnapshot {
    std::string path;
    IndexState state;
    Spelling spelling;
    std::unordered_map<std::string, Xapian::doccount> names; // stems, and how many documents' names
    FilterCache filters;
    Synonyms house; // editors', for everybody
    std::map<MunicipalityId, LocalSynonyms> local;
};

struct IndexReader {
    std::shared_ptr<const IndexSnapshot> snapshot;
    Xapian::Database index;
};

[[nodiscard]] EngineResult run_question(const SearchQuestion &question, const IndexReader &reader,
                                        const Analyser &analyser);

} // namespace fernamt::knowledge
