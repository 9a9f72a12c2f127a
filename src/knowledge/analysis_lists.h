// SPDX-License-Identifier: EUPL-1.2
// The word lists of data/search, built into the program. Their format stands in the files.
#pragma once

#include <string_view>

namespace fernamt::knowledge {

[[nodiscard]] std::string_view words_list();
[[nodiscard]] std::string_view synonyms_list();
[[nodiscard]] std::string_view stopwords_list();

} // namespace fernamt::knowledge
