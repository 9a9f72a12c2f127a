// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/gazetteer.h"

#include "knowledge/analysis_words.h"

#include <algorithm>

namespace fernamt::knowledge {

Gazetteer::Gazetteer(std::string_view names,
                     const std::function<bool(std::string_view)> &ordinary) {
    constexpr std::size_t kShortest = 4; // "am", "bad", "an", "der"
    for (std::size_t at = 0; at < names.size();) {
        const std::size_t end = std::min(names.find('\n', at), names.size());
        const std::string_view line = names.substr(at, end - at);
        at = end + 1;
        if (line.starts_with('#')) continue;
        for (const Word &word : tokenise(line)) {
            std::string key = key_of(word.folded);
            if (key.size() >= kShortest && !ordinary(key)) keys_.insert(std::move(key));
        }
    }
}

} // namespace fernamt::knowledge
