// SPDX-License-Identifier: EUPL-1.2
// Snowball's German stemmer, as Xapian brings it. It keeps a state, so each thread has its own.
#include "knowledge/analysis_words.h"

#include <xapian.h>

namespace fernamt::knowledge {

namespace {
constexpr std::size_t kLongestWord = 60; // Xapian's terms end at 245 bytes
}

std::string stem(std::string_view key) {
    thread_local const Xapian::Stem german("german");
    return german(std::string(key.substr(0, kLongestWord)));
}

} // namespace fernamt::knowledge
