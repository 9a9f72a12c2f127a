// SPDX-License-Identifier: EUPL-1.2
// Liberation Sans (OFL-1.1), embedded into the program at build time, so that a letter looks and
// weighs the same on every machine. Internal to tagged_pdf.
#pragma once

#include <span>

namespace fernamt::billing {

[[nodiscard]] std::span<const char> font_regular();
[[nodiscard]] std::span<const char> font_bold();

} // namespace fernamt::billing
