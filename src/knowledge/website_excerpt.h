// SPDX-License-Identifier: EUPL-1.2
// What of a website's page is shown with a hit: the place in its text that has most of the words,
// cut between words, else the beginning. Finds words in any of their forms and unfinished or nearly
// right ones. Pure.
#pragma once

#include "knowledge/website_page.h"

#include <string>
#include <vector>

namespace fernamt::knowledge {

inline constexpr std::size_t kLongestExcerpt = 240; // bytes, without the dots

[[nodiscard]] std::string excerpt_around(const std::vector<PageSection> &sections,
                                         const std::vector<std::string> &words);

} // namespace fernamt::knowledge
