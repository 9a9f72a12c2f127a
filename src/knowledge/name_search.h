// SPDX-License-Identifier: EUPL-1.2
// As long as there is no index: what is found by names alone. A word of the question is found where
// a name has its stem, begins so, is a compound with it, or has what the shipped search words say
// is meant by it. Knows no texts, no typing errors and nothing that editors have entered: good
// enough for a caller on the line who names what they want, and marked wherever it is shown.
#pragma once

#include "knowledge/analysis.h"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::knowledge {

struct NameTerms { // each sorted
    std::vector<std::string> keys;
    std::vector<std::string> stems;
    std::vector<std::string> parts; // of compounds
};
[[nodiscard]] NameTerms terms_of_names(const Analyser &analyser,
                                       std::initializer_list<std::string_view> names);

class NameQuestion {
  public:
    // Any bytes.
    NameQuestion(const Analyser &analyser, std::string_view text);

    // 0: not found; more is better.
    [[nodiscard]] int score(const NameTerms &names) const;

  private:
    struct Asked {
        std::string key;
        std::string stem;
        std::vector<std::string> parts;
        const Synonyms::Expansions *meant = nullptr; // the analyser's
    };
    [[nodiscard]] static int score(const Asked &word, const NameTerms &names);

    std::vector<Asked> words_;
};

} // namespace fernamt::knowledge
