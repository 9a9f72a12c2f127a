// SPDX-License-Identifier: EUPL-1.2
// The TOP list and its matrix: for each listed service and municipality whether competent
// office, contact and reachability are there and were checked in time. Office:
// somebody is responsible there or in what it lies in. Contact: that office's telephone, mobile or
// e-mail, or a named person. Reachability: its opening hours. A municipality's own section counts
// for each. Freshness: the common text and what is local, each within its interval. Always computed
// from what is stored now.
#pragma once

#include "knowledge/care.h"

#include <functional>

namespace fernamt::knowledge {

inline constexpr std::size_t kLongestTopList = 500;

struct TopList {
    std::vector<ServiceId> services; // in their order
    std::int64_t version = 1;
};
[[nodiscard]] Expected<TopList> top_list(storage::Database &database);

// Written beside a change, in its transaction (people/audit.h, which this room does not know).
using Audit = std::function<Expected<void>(storage::Connection &)>;

// "knowledge.top_list_stale" (version), "knowledge.not_found" (service), "knowledge.text_invalid"
// (services: twice, or too many). Returns the new version.
[[nodiscard]] Expected<std::int64_t> set_top_list(storage::Database &database,
                                                  const TopList &wanted, const Audit &audit);

enum class CellState { complete, stale, missing };
[[nodiscard]] std::string_view to_string(CellState state);

struct MatrixCell {
    bool office = false;
    bool contact = false;
    bool reachability = false;
    std::optional<LocalDate> checked_on; // the older of common and local; none: never locally
    bool fresh = false;
    [[nodiscard]] CellState state() const {
        if (!office || !contact || !reachability) return CellState::missing;
        return fresh ? CellState::complete : CellState::stale;
    }
};

struct MatrixCounts {
    std::int64_t complete = 0;
    std::int64_t stale = 0;
    std::int64_t missing = 0;
    [[nodiscard]] bool ready() const { return stale == 0 && missing == 0 && complete > 0; }
};

struct MatrixService {
    ServiceId id;
    std::string name; // what citizens call it
    std::string leika;
};

struct MatrixRow { // one municipality
    MunicipalityId municipality;
    std::vector<MatrixCell> cells; // in the order of Matrix::services
    MatrixCounts counts;
};

struct Matrix {
    std::vector<MatrixService> services; // of the TOP list
    std::vector<MatrixRow> rows;         // in the order asked for
};
[[nodiscard]] Expected<Matrix> read_matrix(storage::Connection &connection,
                                           const std::vector<MunicipalityId> &municipalities,
                                           const LocalDate &today);

} // namespace fernamt::knowledge
