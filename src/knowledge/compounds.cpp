// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/compounds.h"

#include "knowledge/analysis_words.h"
#include "knowledge/search.h"

#include <algorithm>
#include <array>
#include <limits>

namespace fernamt::knowledge {

namespace {

constexpr std::size_t kShortestCompound = 7;
constexpr std::size_t kLongestCompound = 60;
constexpr std::size_t kShortestPart = 3;

struct Link {
    std::string_view letters;
    int price;
};
// Between two parts, or as an ending after the last one.
constexpr std::array<Link, 8> kLinks{
    {{"", 0}, {"s", 1}, {"n", 2}, {"en", 2}, {"es", 2}, {"er", 2}, {"e", 2}, {"ns", 3}}};

// In tenths: fewer parts are better, short ones are doubtful.
int price_of_part(std::size_t length) {
    constexpr int kPart = 10;
    if (length <= 3) return kPart + 8;
    return length == 4 ? kPart + 3 : kPart;
}

struct Step {
    int price = std::numeric_limits<int>::max();
    std::size_t from = 0;   // where the part begins
    std::size_t length = 0; // of the part, without its link
};

} // namespace

Compounds::Compounds(std::string_view words) {
    for (std::size_t at = 0; at < words.size();) {
        const std::size_t end = std::min(words.find('\n', at), words.size());
        const std::string_view line = words.substr(at, end - at);
        at = end + 1;
        if (line.starts_with('#')) continue;
        for (std::size_t begin = 0; begin < line.size();) {
            const std::size_t stop = std::min(line.find(' ', begin), line.size());
            const std::string_view word = line.substr(begin, stop - begin);
            begin = stop + 1;
            std::string key = key_of(normalise(word));
            if (key.size() < kShortestPart) continue;
            longest_ = std::max(longest_, key.size());
            (word.starts_with('-') ? whole_ : parts_).insert(std::move(key));
        }
    }
}

std::vector<std::string> Compounds::best_split(std::string_view key) const {
    if (key.size() < kShortestCompound || key.size() > kLongestCompound) return {};
    if (whole_.contains(key) || has_digit(key)) return {};
    std::vector<Step> steps(key.size() + 1);
    steps[0].price = 0;
    for (std::size_t from = 0; from + kShortestPart <= key.size(); ++from) {
        if (steps[from].price == std::numeric_limits<int>::max()) continue;
        const std::size_t most = std::min(longest_, key.size() - from);
        for (std::size_t length = kShortestPart; length <= most; ++length) {
            if (length == key.size()) continue; // the word itself is no split
            if (!parts_.contains(key.substr(from, length))) continue;
            for (const Link &link : kLinks) {
                const std::size_t to = from + length + link.letters.size();
                if (to > key.size() || (from == 0 && to == key.size())) continue;
                if (key.substr(from + length, link.letters.size()) != link.letters) continue;
                const int price = steps[from].price + price_of_part(length) + link.price;
                if (price < steps[to].price) steps[to] = {price, from, length};
            }
        }
    }
    std::vector<std::string> parts;
    if (steps[key.size()].price == std::numeric_limits<int>::max()) return parts;
    for (std::size_t at = key.size(); at > 0; at = steps[at].from)
        parts.emplace_back(key.substr(steps[at].from, steps[at].length));
    std::ranges::reverse(parts);
    return parts;
}

std::vector<std::string> Compounds::split(std::string_view key) const {
    std::vector<std::string> all = best_split(key);
    for (std::size_t i = 0; i < all.size(); ++i) { // grows: parts of parts come after
        std::vector<std::string> finer = best_split(all[i]);
        for (std::string &part : finer) {
            if (std::ranges::find(all, part) == all.end()) all.push_back(std::move(part));
        }
    }
    return all;
}

} // namespace fernamt::knowledge
