// SPDX-License-Identifier: EUPL-1.2
// How well a service answers a query, as a pure function over normalised words. Every word of the
// query must begin a word of the service, or name a section ("gebuehr" names the fee); then the
// section is what the caller wants to hear. What callers say (colloquial name, synonyms) weighs
// more than the official name, whole words more than beginnings, the short answer least.
#pragma once

#include "knowledge/service.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::knowledge {

using Words = std::vector<std::string>;
[[nodiscard]] Words to_words(std::string_view text); // normalised

struct ServiceWords {
    Words colloquial;
    Words official;
    Words synonyms;
    Words short_answer;
};
[[nodiscard]] ServiceWords words_of(const Service &service);

struct Match {
    int score = 0; // higher is better, never 0
    std::optional<SectionKey> section;
};
[[nodiscard]] std::optional<Match> match(const ServiceWords &service, const Words &query);

} // namespace fernamt::knowledge
