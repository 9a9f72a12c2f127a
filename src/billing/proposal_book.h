// SPDX-License-Identifier: EUPL-1.2
// Proposals for a new price (R-53, agreements/cost_cover.h): proposed by the centre, a price only
// when both have agreed. Then, in the same transaction, the agreement's clause ends with the day
// before and a new one begins: what was in force stays as it was.
#pragma once

#include "agreements/cost_cover.h"
#include "billing/agreement_book.h"
#include "billing/change.h"
#include "storage/database.h"

#include <optional>
#include <string>
#include <vector>

namespace fernamt::billing {

struct StoredProposal {
    std::int64_t id = 0;
    std::int64_t agreement = 0;
    std::int64_t version = 1;
    agreements::Proposal proposal;
    friend bool operator==(const StoredProposal &, const StoredProposal &) = default;
};

class ProposalBook {
  public:
    explicit ProposalBook(storage::Database &database) : database_(database) {}

    // The clause that is in force on the day before `effective`, by its name; one with a price per
    // minute, call or inhabitant. "recalculation.clause" (clause), "recalculation.too_late"
    // (effective), "recalculation.price".
    [[nodiscard]] Expected<StoredProposal> propose(std::int64_t agreement,
                                                   const std::string &clause, Price price,
                                                   const LocalDate &effective,
                                                   const Change &change);
    [[nodiscard]] Expected<StoredProposal> find(std::int64_t id); // "recalculation.not_found"
    // The newest first.
    [[nodiscard]] Expected<std::vector<StoredProposal>>
    list(std::optional<MunicipalityId> municipality = std::nullopt);
    // Problems of agreements::consent; when both agree those of AgreementBook::update.
    [[nodiscard]] Expected<StoredProposal>
    consent(std::int64_t id, const agreements::Consent &consent, const Change &change);

  private:
    storage::Database &database_;
};

} // namespace fernamt::billing
