// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/website_excerpt.h"

#include "knowledge/analysis.h"
#include "knowledge/article.h"

#include <algorithm>
#include <optional>
#include <set>

namespace fernamt::knowledge {

namespace {

constexpr std::size_t kBefore = 80; // bytes shown before the first word that was found

std::size_t common_beginning(const std::string &a, const std::string &b) {
    const auto [in_a, in_b] = std::ranges::mismatch(a, b);
    return static_cast<std::size_t>(in_a - a.begin());
}

// "trauerh" and "trauerhale" mean "trauerhalle".
bool is_nearly(const std::string &wanted, const std::string &word) {
    constexpr std::size_t kLeast = 4;
    const std::size_t same = common_beginning(wanted, word);
    return same >= kLeast && same * 10 >= wanted.size() * 7;
}

bool shares(const Analysed &wanted, const Analysed &word) {
    return word.stem == wanted.stem ||
           std::ranges::find(word.parts, wanted.stem) != word.parts.end() ||
           std::ranges::find(wanted.parts, word.stem) != wanted.parts.end();
}

class Wanted {
  public:
    explicit Wanted(const std::vector<std::string> &words) {
        for (const std::string &text : words) {
            for (const Word &word : tokenise(text)) {
                if (!analyser_.is_stopword(word.folded)) all_.push_back(analyser_.analyse(word));
            }
        }
    }

    struct Place {
        std::size_t words = 0;            // how many of the wanted ones
        std::optional<std::size_t> first; // byte of the first of them
    };
    [[nodiscard]] Place find(const std::string &text) const {
        Place place;
        std::set<std::size_t> found;
        for (const Word &word : tokenise(text)) {
            const Analysed read = analyser_.analyse(word);
            for (std::size_t i = 0; i < all_.size(); ++i) {
                if (!shares(all_[i], read) && !is_nearly(all_[i].key, read.key)) continue;
                found.insert(i);
                if (!place.first) place.first = word.from;
            }
        }
        place.words = found.size();
        return place;
    }

  private:
    const Analyser &analyser_ = Analyser::german();
    std::vector<Analysed> all_;
};

std::string on_one_line(std::string text) {
    std::ranges::replace(text, '\n', ' ');
    return text;
}

std::string cut_around(const std::string &text, std::size_t at) {
    if (text.size() <= kLongestExcerpt) return on_one_line(text);
    std::size_t from = at > kBefore ? text.find_first_of(" \n", at - kBefore) : 0;
    if (from == std::string::npos || from > at) from = at;
    std::size_t to = std::min(from + kLongestExcerpt, text.size());
    if (to < text.size()) {
        const std::size_t end = text.find_last_of(" \n", to);
        if (end != std::string::npos && end > at) to = end;
        // A word without end is cut between characters.
        while (to > from && (static_cast<unsigned char>(text[to]) & 0xc0U) == 0x80U)
            --to;
    }
    const auto first = text.find_first_not_of(" \n", from);
    from = first == std::string::npos ? from : first;
    return (from > 0 ? "… " : "") + on_one_line(text.substr(from, to - from)) +
           (to < text.size() ? " …" : "");
}

} // namespace

std::string excerpt_around(const std::vector<PageSection> &sections,
                           const std::vector<std::string> &words) {
    const Wanted wanted(words);
    const PageSection *best = nullptr;
    Wanted::Place there;
    for (const PageSection &section : sections) {
        if (section.text.empty()) continue;
        Wanted::Place place = wanted.find(section.text);
        place.words += place.words + wanted.find(section.heading).words; // the text counts more
        if (best && place.words <= there.words) continue;
        best = &section;
        there = place;
    }
    if (best == nullptr) return {};
    if (!there.first) return first_sentences(best->text, kLongestExcerpt);
    return cut_around(best->text, *there.first);
}

} // namespace fernamt::knowledge
