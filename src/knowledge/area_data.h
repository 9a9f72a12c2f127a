// SPDX-License-Identifier: EUPL-1.2
// The rows of data/areas, embedded by embed_areas.cmake in pieces that together are the file (a
// piece may end within a row). Only areas.cpp reads them.
#pragma once

#include <string_view>
#include <vector>

namespace fernamt::knowledge {

[[nodiscard]] const std::vector<std::string_view> &area_rows();
[[nodiscard]] const std::vector<std::string_view> &district_rows();

} // namespace fernamt::knowledge
