// SPDX-License-Identifier: EUPL-1.2
// Stores the cost ledger of the service centre (agreements/cost.h), a document per year with every
// version. What follows from it (who bears what, degree of refinancing, the budget's table) is
// derived each time.
#pragma once

#include "agreements/cost.h"
#include "billing/change.h"
#include "storage/database.h"

#include <string>
#include <string_view>
#include <vector>

namespace fernamt::billing {

struct CostYear {
    int year = 0;
    std::int64_t version = 0; // 0: nothing stored yet
    std::vector<agreements::CostBlock> blocks;
    friend bool operator==(const CostYear &, const CostYear &) = default;
};

class CostBook {
  public:
    explicit CostBook(storage::Database &database) : database_(database) {}

    [[nodiscard]] Expected<CostYear> find(int year);
    // "cost.invalid" (place, remedy), "cost.stale" (version).
    [[nodiscard]] Expected<CostYear> set(const CostYear &costs, const Change &change);

  private:
    storage::Database &database_;
};

// {"blocks": [...]}, strictly; "document.wrong_value" (place).
[[nodiscard]] std::string to_document(const std::vector<agreements::CostBlock> &blocks);
[[nodiscard]] Expected<std::vector<agreements::CostBlock>> blocks_from(std::string_view document);

} // namespace fernamt::billing
