// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/spelling.h"

#include "knowledge/analysis.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <numeric>

namespace fernamt::knowledge {

namespace {

// ---- the price of an error --------------------------------------------------------------------

constexpr int kError = 10;
constexpr int kTransposed = 7;
constexpr int kNeighbour = 7;   // the key beside
constexpr int kSound = 5;       // letters that sound alike
constexpr int kDoubled = 4;     // a letter twice instead of once, or the other way round
constexpr int kSilent = 5;      // h and e that only lengthen a vowel
constexpr int kFirstLetter = 3; // on top: first letters are rarely wrong

struct Place {
    int row = -9;
    int column = -9; // in thirds of a key
};

constexpr std::array<Place, 26> keyboard() { // German layout
    std::array<Place, 26> places{};
    constexpr std::array<std::string_view, 3> kRows{"qwertzuiop", "asdfghjkl", "yxcvbnm"};
    for (int row = 0; row < 3; ++row) {
        const std::string_view keys = kRows[static_cast<std::size_t>(row)];
        for (int i = 0; i < static_cast<int>(keys.size()); ++i)
            places[static_cast<std::size_t>(keys[static_cast<std::size_t>(i)] - 'a')] = {
                row, i * 3 + row};
    }
    return places;
}

constexpr bool is_letter(char c) {
    return c >= 'a' && c <= 'z';
}

constexpr bool neighbours(char a, char b) {
    constexpr std::array<Place, 26> kPlaces = keyboard();
    const Place one = kPlaces[static_cast<std::size_t>(a - 'a')];
    const Place other = kPlaces[static_cast<std::size_t>(b - 'a')];
    const int across =
        one.column > other.column ? one.column - other.column : other.column - one.column;
    const int down = one.row > other.row ? one.row - other.row : other.row - one.row;
    return down <= 1 && across <= 3;
}

// After the Cologne phonetics (Postel 1969): letters of one group are mixed up by ear.
constexpr bool sound_alike(char a, char b) {
    constexpr std::array<std::string_view, 6> kGroups{"dt", "bp", "gkqc", "fvw", "szxc", "ijy"};
    for (const std::string_view group : kGroups) {
        if (group.find(a) != std::string_view::npos && group.find(b) != std::string_view::npos) {
            return true;
        }
    }
    return (a == 'e' && b == 'a') || (a == 'a' && b == 'e'); // ä
}

constexpr auto replacement_prices() {
    std::array<std::array<std::uint8_t, 26>, 26> prices{};
    for (char a = 'a'; a <= 'z'; ++a) {
        for (char b = 'a'; b <= 'z'; ++b) {
            const int price = a == b              ? 0
                              : sound_alike(a, b) ? kSound
                              : neighbours(a, b)  ? kNeighbour
                                                  : kError;
            prices[static_cast<std::size_t>(a - 'a')][static_cast<std::size_t>(b - 'a')] =
                static_cast<std::uint8_t>(price);
        }
    }
    return prices;
}

int replaced(char a, char b) {
    static constexpr auto kPrices = replacement_prices();
    if (a == b) return 0;
    if (!is_letter(a) || !is_letter(b)) return kError;
    return kPrices[static_cast<std::size_t>(a - 'a')][static_cast<std::size_t>(b - 'a')];
}

// One letter too many, or missing, at `at` of `word`.
int extra(std::string_view word, std::size_t at) {
    const char c = word[at];
    if (at > 0 && word[at - 1] == c) return kDoubled;
    if (at + 1 < word.size() && word[at + 1] == c) return kDoubled;
    if (at > 0 && (c == 'h' || (c == 'e' && word[at - 1] == 'i'))) return kSilent;
    return kError;
}

constexpr std::size_t kLongest = 60;

// ---- candidates -------------------------------------------------------------------------------

// A word and its misspelling share a variant: the beginning with up to two letters left out.
constexpr std::size_t kBeginning = 7;
constexpr std::size_t kTwoErrorsFrom = 6;

template <class Take>
void each_variant(std::string_view key, const Take &take) {
    const std::string_view begin = key.substr(0, kBeginning);
    const auto hash = [](std::string_view a, std::string_view b, std::string_view c) {
        const std::uint64_t all = fingerprint(c, fingerprint(b, fingerprint(a)));
        return static_cast<std::uint32_t>(all ^ (all >> 32));
    };
    take(hash(begin, {}, {}));
    for (std::size_t i = 0; i < begin.size(); ++i) {
        take(hash(begin.substr(0, i), begin.substr(i + 1), {}));
        if (key.size() < kTwoErrorsFrom) continue;
        for (std::size_t j = i + 1; j < begin.size(); ++j)
            take(hash(begin.substr(0, i), begin.substr(i + 1, j - i - 1), begin.substr(j + 1)));
    }
}

int most_cost(std::size_t length) {
    if (length <= 3) return 0;
    if (length <= 5) return 10;
    if (length <= 8) return 17;
    return length <= 11 ? 21 : 26;
}

constexpr std::size_t kTrigramTable = std::size_t{1} << 15;

// What ends every other noun makes none of them alike: "Beerdigung" is no "Kündigung".
std::string_view without_ending(std::string_view key) {
    for (const std::string_view ending : {"ungen", "ung", "keit", "heit", "schaft"}) {
        if (key.size() >= ending.size() + 4 && key.ends_with(ending))
            return key.substr(0, key.size() - ending.size());
    }
    return key;
}

template <class Take>
void each_trigram(std::string_view key, const Take &take) {
    const std::string padded = "^" + std::string(without_ending(key)) + "$";
    for (std::size_t at = 0; at + 3 <= padded.size(); ++at) {
        std::uint32_t code = 0;
        for (std::size_t i = 0; i < 3; ++i)
            code = code * 31 + (static_cast<unsigned char>(padded[at + i]) & 31u);
        take(code % kTrigramTable);
    }
}

} // namespace

int typing_cost(std::string_view typed, std::string_view meant, int limit) {
    if (typed.size() > kLongest || meant.size() > kLongest) return limit + 1;
    // A letter too many or missing costs at least kDoubled, so that cells far off the diagonal
    // are beyond the limit: they are not computed.
    const auto band = static_cast<std::size_t>(limit / kDoubled);
    constexpr int kFar = 1 << 20;
    using Row = std::array<int, kLongest + 2>;
    std::array<Row, 3> rows; // NOLINT: each cell is written before it is read
    Row *before = rows.data();
    Row *last = &rows[1];
    Row *now = &rows[2];
    std::array<int, kLongest> missing; // NOLINT: of meant's letters
    for (std::size_t j = 0; j < meant.size(); ++j)
        missing[j] = extra(meant, j);
    (*last)[0] = 0;
    const std::size_t begin = std::min(meant.size(), band);
    for (std::size_t j = 1; j <= begin; ++j)
        (*last)[j] = (*last)[j - 1] + missing[j - 1];
    (*last)[begin + 1] = kFar;
    if (typed.size() > meant.size() + band || meant.size() > typed.size() + band) return limit + 1;
    for (std::size_t i = 1; i <= typed.size(); ++i) {
        const int too_many = extra(typed, i - 1);
        const std::size_t from = i > band ? i - band : 1;
        const std::size_t to = std::min(meant.size(), i + band);
        (*now)[from - 1] = i <= band ? (*last)[0] + too_many : kFar;
        int least = (*now)[from - 1];
        for (std::size_t j = from; j <= to; ++j) {
            const int first = i == 1 && j == 1 && typed[0] != meant[0] ? kFirstLetter : 0;
            int cost = (*last)[j - 1] + replaced(typed[i - 1], meant[j - 1]) + first;
            cost = std::min(cost, (*last)[j] + too_many);
            cost = std::min(cost, (*now)[j - 1] + missing[j - 1]);
            if (i > 1 && j > 1 && typed[i - 1] == meant[j - 2] && typed[i - 2] == meant[j - 1]) {
                cost = std::min(cost, (*before)[j - 2] + kTransposed);
            }
            (*now)[j] = cost;
            least = std::min(least, cost);
        }
        (*now)[to + 1] = kFar;
        if (least > limit) return limit + 1;
        Row *free = before;
        before = last;
        last = now;
        now = free;
    }
    return std::min((*last)[meant.size()], limit + 1);
}

Spelling::Spelling(std::vector<KnownWord> words) : words_(std::move(words)) {
    std::ranges::sort(words_, {}, &KnownWord::key);
    build_variants();
    build_trigrams();
}

void Spelling::build_variants() {
    variants_.reserve(words_.size() * 20);
    for (std::uint32_t word = 0; word < words_.size(); ++word) {
        if (words_[word].key.size() <= 3) continue;
        each_variant(words_[word].key,
                     [&](std::uint32_t hash) { variants_.push_back({hash, word}); });
    }
    std::ranges::sort(variants_, [](const Variant &a, const Variant &b) {
        return a.hash != b.hash ? a.hash < b.hash : a.word < b.word;
    });
    const auto rest = std::ranges::unique(variants_, [](const Variant &a, const Variant &b) {
        return a.hash == b.hash && a.word == b.word;
    });
    variants_.erase(rest.begin(), rest.end());
    variants_.shrink_to_fit();
}

void Spelling::build_trigrams() {
    trigram_at_.assign(kTrigramTable + 1, 0);
    trigram_count_.assign(words_.size(), 0);
    for (std::size_t word = 0; word < words_.size(); ++word) {
        int count = 0;
        each_trigram(words_[word].key, [&](std::uint32_t trigram) {
            ++trigram_at_[trigram + 1];
            ++count;
        });
        trigram_count_[word] = static_cast<std::uint8_t>(std::min(count, 255));
    }
    std::partial_sum(trigram_at_.begin(), trigram_at_.end(), trigram_at_.begin());
    trigram_words_.resize(trigram_at_.back());
    std::vector<std::uint32_t> next(trigram_at_.begin(), trigram_at_.end() - 1);
    for (std::uint32_t word = 0; word < words_.size(); ++word)
        each_trigram(words_[word].key,
                     [&](std::uint32_t trigram) { trigram_words_[next[trigram]++] = word; });
}

bool Spelling::knows(std::string_view key) const {
    const auto found = std::ranges::lower_bound(words_, key, {}, &KnownWord::key);
    return found != words_.end() && found->key == key;
}

std::vector<Suggestion> Spelling::correct(std::string_view key, std::size_t most) const {
    const int limit = most_cost(key.size());
    if (limit == 0 || key.size() > kLongest) return {};
    std::vector<std::uint32_t> candidates;
    each_variant(key, [&](std::uint32_t hash) {
        const auto same = std::ranges::equal_range(variants_, hash, {}, &Variant::hash);
        for (const Variant &variant : same)
            candidates.push_back(variant.word);
    });
    std::ranges::sort(candidates);
    const auto rest = std::ranges::unique(candidates);
    candidates.erase(rest.begin(), rest.end());

    std::vector<Suggestion> found;
    int best = limit;
    constexpr int kAboutAsNear = 5;
    for (const std::uint32_t candidate : candidates) {
        const KnownWord &word = words_[candidate];
        const auto difference =
            static_cast<std::ptrdiff_t>(word.key.size()) - static_cast<std::ptrdiff_t>(key.size());
        if (std::abs(difference) > 2) continue;
        const int allowed = std::min(limit, best + kAboutAsNear);
        const int cost = typing_cost(key, word.key, allowed);
        if (cost > allowed || cost == 0) continue;
        best = std::min(best, cost);
        found.push_back({&word, cost});
    }
    std::erase_if(found, [&](const Suggestion &each) { return each.cost > best + kAboutAsNear; });
    std::ranges::sort(found, [](const Suggestion &a, const Suggestion &b) {
        if (a.cost != b.cost) return a.cost < b.cost;
        if (a.word->documents != b.word->documents) return a.word->documents > b.word->documents;
        return a.word->key < b.word->key;
    });
    if (found.size() > most) found.resize(most);
    return found;
}

std::vector<const KnownWord *> Spelling::beginning_with(std::string_view key,
                                                        std::size_t most) const {
    std::vector<const KnownWord *> found;
    for (auto at = std::ranges::lower_bound(words_, key, {}, &KnownWord::key);
         at != words_.end() && at->key.starts_with(key); ++at) {
        if (at->key.size() > key.size()) found.push_back(&*at);
    }
    const auto middle = found.begin() + static_cast<std::ptrdiff_t>(std::min(most, found.size()));
    std::ranges::partial_sort(found, middle, [](const KnownWord *a, const KnownWord *b) {
        return a->documents != b->documents ? a->documents > b->documents : a->key < b->key;
    });
    found.erase(middle, found.end());
    return found;
}

std::vector<Suggestion> Spelling::similar(std::string_view key, std::size_t most) const {
    if (key.size() < 5 || key.size() > kLongest || words_.empty()) return {};
    thread_local std::vector<std::uint8_t> shared;
    thread_local std::vector<std::uint32_t> touched;
    shared.assign(words_.size(), 0);
    touched.clear();
    int count = 0;
    each_trigram(key, [&](std::uint32_t trigram) {
        ++count;
        for (std::uint32_t at = trigram_at_[trigram]; at < trigram_at_[trigram + 1]; ++at) {
            const std::uint32_t word = trigram_words_[at];
            if (shared[word]++ == 0) touched.push_back(word);
        }
    });
    std::vector<Suggestion> found;
    for (const std::uint32_t word : touched) {
        const int percent = 200 * shared[word] / (count + trigram_count_[word]); // Dice
        if (percent >= 50) found.push_back({&words_[word], 20 + (100 - percent) / 2});
    }
    std::ranges::sort(found, [](const Suggestion &a, const Suggestion &b) {
        return a.cost != b.cost ? a.cost < b.cost : a.word->key < b.word->key;
    });
    if (found.size() > most) found.resize(most);
    return found;
}

} // namespace fernamt::knowledge
