// SPDX-License-Identifier: EUPL-1.2
// The knowledge in the database as the index's source.
#include "knowledge/index_store.h"

namespace fernamt::knowledge {

DocumentSource database_documents(storage::Database &database) {
    return {.all = [&](const DocumentSink &sink) { return each_search_document(database, sink); },
            .changed =
                [&](std::int64_t since, const RemovalSink &removed, const DocumentSink &sink) {
                    return each_changed_document(database, since, removed, sink);
                },
            .generation = [&] { return knowledge_generation(database); },
            .documents = [&] { return search_documents(database); },
            .synonyms = [&] { return standing_synonyms(database); }};
}

} // namespace fernamt::knowledge
