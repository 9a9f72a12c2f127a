// SPDX-License-Identifier: EUPL-1.2
// `fernamt knowledge search` and `fernamt knowledge index`: asks the index of this node as the desk
// does (services, also those that nobody answers for there; offices, people, guides and websites
// beside them), and says whether it agrees with the database. Only reads, except for --rebuild;
// finds public documents only. Without an index (the service has never run here, or is still
// building it) one is built for the question in a temporary directory; standard error says how far
// that is.
#pragma once

#include "app/config.h"

#include <string>

namespace fernamt::app {

struct KnowledgeSearchOptions {
    std::string words;
    std::string ars; // empty: everywhere
    int limit = 10;
    bool json = false;
};
// Returns an exit code: kFound (1) when there is neither a service nor anything beside, kUsage for
// an --ars that is none.
[[nodiscard]] int search_knowledge(const Config &config, const KnowledgeSearchOptions &options);

struct KnowledgeIndexOptions {
    bool verify = false;
    bool rebuild = false;
    bool json = false;
};
[[nodiscard]] int knowledge_index(const Config &config, const KnowledgeIndexOptions &options);

// Where the index of this node is.
[[nodiscard]] std::string search_directory(const Config &config);

} // namespace fernamt::app
