// SPDX-License-Identifier: EUPL-1.2
// The matrix as a table for the steering group: CSV and a workbook (libxlsxwriter), one row per
// municipality and service, with the words that the page shows, and a sheet of sums. In German: it
// goes to a German authority. Deterministic: the same matrix gives the same bytes.
#pragma once

#include "knowledge/matrix.h"

namespace fernamt::knowledge {

using MunicipalityName = std::function<std::string(MunicipalityId)>;

[[nodiscard]] std::string matrix_csv(const Matrix &matrix, const MunicipalityName &name);
// "knowledge.export_failed" when the workbook cannot be made.
[[nodiscard]] Expected<std::string>
matrix_workbook(const Matrix &matrix, const MunicipalityName &name, const LocalDate &today);

} // namespace fernamt::knowledge
