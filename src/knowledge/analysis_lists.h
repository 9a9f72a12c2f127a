// SPDX-License-Identifier: EUPL-1.2
// The word lists of data/search as they stand there, built into the program, so that search depends
// on nothing that is installed (docs/decisions/0015). Their format stands at the head of each file;
// reading them is the analyser's matter, whose version contains them: a changed list builds the
// index anew.
#pragma once

#include <string_view>

namespace fernamt::knowledge {

[[nodiscard]] std::string_view words_list();
[[nodiscard]] std::string_view synonyms_list();
[[nodiscard]] std::string_view stopwords_list();
[[nodiscard]] std::string_view weak_list();

} // namespace fernamt::knowledge
