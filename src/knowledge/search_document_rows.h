// SPDX-License-Identifier: EUPL-1.2
// From the rows of one service or office to its search documents: the service itself, each
// specialisation and each municipality's own text about it; the office and its people. Drafts make
// no document. What has expired may still be found until its service is indexed again; the article
// and the hit do not show it any more. Statements are prepared once per connection.
#pragma once

#include "base/problem.h"
#include "knowledge/delivered.h"
#include "knowledge/model.h"
#include "knowledge/search_document.h"
#include "storage/database.h"

#include <cstdint>
#include <string>
#include <vector>

namespace fernamt::knowledge {

class DocumentRows {
  public:
    DocumentRows(storage::Connection &connection, const DocumentSink &sink)
        : connection_(connection), sink_(sink) {}

    // false: the sink wants no more.
    [[nodiscard]] Expected<bool> subject(std::int64_t id, ObjectKind kind,
                                         const std::string &source);

  private:
    Expected<bool> service();
    Expected<bool> read_head(SearchDocument &document, std::string &telephone_text);
    Expected<void> read_words(SearchDocument &document);
    Expected<void> read_places(SearchDocument &document);
    Expected<void> read_common_texts(SearchDocument &document);
    Expected<bool> specialisations(const SearchDocument &common);
    Expected<bool> local_texts(const SearchDocument &common);
    Expected<bool> office();
    Expected<void> read_office_place(SearchDocument &document);
    Expected<bool> people(const SearchDocument &office);
    Expected<std::vector<AreaId>> areas_of(std::int64_t owner);
    [[nodiscard]] SearchDocument about(const SearchDocument &common, std::string id) const;

    storage::Connection &connection_;
    const DocumentSink &sink_;
    std::int64_t id_ = 0;
    std::string source_;
};

} // namespace fernamt::knowledge
