// SPDX-License-Identifier: EUPL-1.2
// Stores the agreements (agreements/agreement.h) with every version they ever had: who changed what
// when and why. What has been in force is never changed: a new price is a new clause with a later
// day. No rights are checked here; web does.
#pragma once

#include "agreements/agreement.h"
#include "billing/change.h"
#include "storage/database.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::billing {

struct StoredAgreement {
    agreements::Agreement agreement;
    std::int64_t version = 1;
    friend bool operator==(const StoredAgreement &, const StoredAgreement &) = default;
};

struct AgreementVersion {
    std::int64_t version = 1;
    Instant changed_at;
    UserId changed_by;
    std::string reason;
    agreements::Agreement agreement;
};

class AgreementBook {
  public:
    explicit AgreementBook(storage::Database &database) : database_(database) {}

    // As a draft: the history begins here. "agreement.invalid" (field) without a municipality.
    [[nodiscard]] Expected<StoredAgreement> create(agreements::Agreement agreement,
                                                   const Change &change);
    [[nodiscard]] Expected<StoredAgreement> find(std::int64_t id);
    // By municipality, then begin.
    [[nodiscard]] Expected<std::vector<StoredAgreement>>
    list(std::optional<MunicipalityId> municipality = std::nullopt);
    [[nodiscard]] Expected<std::vector<AgreementVersion>> versions(std::int64_t id);
    // As it stood with one version.
    [[nodiscard]] Expected<StoredAgreement> version(std::int64_t id, std::int64_t version);

    // Fields only; the states stay. "agreement.stale" (version) if somebody was faster;
    // "agreement.past_changed" (place, remedy) if it would change what was in force on or before
    // the local day of the change; "agreement.ended".
    [[nodiscard]] Expected<StoredAgreement>
    update(agreements::Agreement agreement, std::int64_t expected_version, const Change &change);
    // A state's step (agreements::change_state), with `on` as its legal day.
    // "agreement.price_overlap" (place, other, from, to, remedy) if it would be in force on days on
    // which another one of the municipality is.
    [[nodiscard]] Expected<StoredAgreement> move(std::int64_t id, std::int64_t expected_version,
                                                 agreements::State to, const LocalDate &on,
                                                 const Change &change);

    // The agreement that is in force on that day; empty if there is none. Two at once:
    // "agreement.price_overlap".
    [[nodiscard]] Expected<std::optional<StoredAgreement>> in_force(MunicipalityId municipality,
                                                                    const LocalDate &day);

  private:
    storage::Database &database_;
};

struct Days {
    LocalDate from;
    LocalDate to; // included
};
// The days of [first, last] on which it is in force; empty if there are none. An agreement that is
// signed within them counts from its begin: that is what was agreed.
[[nodiscard]] std::optional<Days> days_in_force(const agreements::Agreement &agreement,
                                                const LocalDate &first, const LocalDate &last);
// The last day of a term that is not renewed.
[[nodiscard]] std::optional<LocalDate> ends_by_itself(const agreements::Agreement &agreement);
// "agreement.price_overlap": both hold on these days.
[[nodiscard]] tl::unexpected<Problem> price_overlap(const agreements::Agreement &earlier,
                                                    const agreements::Agreement &later,
                                                    const Days &days);

// Within a transaction, by begin.
[[nodiscard]] Expected<std::vector<StoredAgreement>> agreements_of(storage::Connection &connection,
                                                                   MunicipalityId municipality);

// Canonical JSON, and back: "document.wrong_value" (place).
[[nodiscard]] std::string to_document(const agreements::Agreement &agreement);
[[nodiscard]] Expected<agreements::Agreement> agreement_from(std::string_view document);
[[nodiscard]] std::string to_document(const agreements::PriceList &prices);
[[nodiscard]] Expected<agreements::PriceList> price_list_from(std::string_view document);

} // namespace fernamt::billing
