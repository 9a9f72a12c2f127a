// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/analysis.h"

#include "base/text.h"
#include "knowledge/analysis_lists.h"
#include "knowledge/areas.h"
#include "knowledge/search.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::knowledge {

namespace {

constexpr int kVersion = 1; // grows with the code of the analyser

template <class Take>
void each_line(std::string_view text, const Take &take) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = text.substr(at, end - at);
        at = end + 1;
        if (!line.empty() && !line.starts_with('#')) take(line);
    }
}

std::vector<std::string_view> cut(std::string_view text, char divider) {
    std::vector<std::string_view> pieces;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(divider, at), text.size());
        if (end > at) pieces.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return pieces;
}

std::string joined(const std::vector<std::string> &stems) {
    return fmt::format("{}", fmt::join(stems, " "));
}

void add(Synonyms &synonyms, const std::vector<std::string> &from,
         const std::vector<std::string> &to) {
    if (from.empty() || to.empty() || from == to) return;
    auto &all = synonyms.expansions[joined(from)];
    if (std::ranges::find(all, to) == all.end()) all.push_back(to);
}

// stems_of(phrase, keys) makes the stems of "online ausweis" and notes their keys as known.
template <class StemsOf>
Synonyms build(const std::vector<SynonymEntry> &entries, const StemsOf &stems_of) {
    Synonyms synonyms;
    for (const SynonymEntry &entry : entries) {
        std::vector<std::vector<std::string>> said;
        std::vector<std::vector<std::string>> meant;
        said.reserve(entry.said.size() + entry.meant.size());
        meant.reserve(entry.meant.size());
        for (const std::string &phrase : entry.said)
            said.push_back(stems_of(phrase, synonyms.keys));
        for (const std::string &phrase : entry.meant)
            meant.push_back(stems_of(phrase, synonyms.keys));
        if (entry.both_ways) {
            said.insert(said.end(), meant.begin(), meant.end());
            meant = said;
        }
        for (const auto &one : said) {
            for (const auto &other : meant)
                add(synonyms, one, other);
        }
    }
    std::ranges::sort(synonyms.keys);
    const auto rest = std::ranges::unique(synonyms.keys);
    synonyms.keys.erase(rest.begin(), rest.end());
    return synonyms;
}

std::vector<std::string> phrases_of(std::string_view list) {
    std::vector<std::string> phrases;
    for (const std::string_view piece : cut(list, ','))
        phrases.emplace_back(trimmed(piece));
    return phrases;
}

// "a, b, c": each means the others. "a, b > c, d": a and b mean c and d too.
std::vector<SynonymEntry> read_entries(std::string_view text) {
    std::vector<SynonymEntry> entries;
    each_line(text, [&](std::string_view line) {
        const std::size_t arrow = line.find('>');
        const bool mutual = arrow == std::string_view::npos;
        entries.push_back(
            {.said = phrases_of(line.substr(0, arrow)),
             .meant = mutual ? std::vector<std::string>{} : phrases_of(line.substr(arrow + 1)),
             .both_ways = mutual});
    });
    return entries;
}

template <class Set>
Set read_words(std::string_view text) {
    Set words;
    each_line(text, [&](std::string_view line) {
        for (const std::string_view word : cut(line, ' '))
            words.insert(normalise(word));
    });
    return words;
}

std::string_view without_dash(std::string_view word) {
    return word.starts_with('-') ? word.substr(1) : word;
}

std::string place_names() {
    std::string names;
    for (const Municipality &municipality : municipalities()) {
        names += municipality.name;
        names += '\n';
    }
    return names;
}

} // namespace

std::uint64_t fingerprint(std::string_view text, std::uint64_t seed) {
    std::uint64_t hash = seed;
    for (const char c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001b3u;
    }
    return hash;
}

const Analyser &Analyser::german() {
    static const Analyser analyser(words_list(), synonyms_list(), stopwords_list(), weak_list(),
                                   place_names());
    return analyser;
}

Analyser::Analyser(std::string_view words, std::string_view synonyms, std::string_view stopwords,
                   std::string_view weak, std::string_view places)
    : compounds_(words), stopwords_(read_words<decltype(stopwords_)>(stopwords)),
      synonyms_(build(read_entries(synonyms),
                      [this](std::string_view phrase, std::vector<std::string> &keys) {
                          std::vector<std::string> stems;
                          for (const Word &word : telling_words(phrase)) {
                              std::string key = key_of(word.folded);
                              stems.push_back(stem(key));
                              keys.push_back(std::move(key));
                          }
                          return stems;
                      })),
      places_(places, [this](std::string_view key) {
          return compounds_.knows(key) || stopwords_.contains(key) ||
                 std::ranges::binary_search(synonyms_.keys, key);
      }) {
    each_line(weak, [&](std::string_view line) {
        for (const std::string_view word : cut(line, ' ')) {
            const std::string made = stem(key_of(normalise(without_dash(word))));
            weak_parts_.insert(made);
            if (!word.starts_with('-')) weak_.insert(made);
        }
    });
    // Synonyms, stop words and weak ones act on questions only, so they are no reason to build an
    // index again.
    version_ = fmt::format("{}-{:016x}", kVersion, fingerprint(places, fingerprint(words)));
}

std::vector<SynonymEntry> shipped_synonyms() {
    return read_entries(synonyms_list());
}

std::vector<Word> Analyser::telling_words(std::string_view phrase) const {
    std::vector<Word> words = tokenise(phrase);
    std::erase_if(words, [this](const Word &word) { return is_stopword(word.folded); });
    return words;
}

Synonyms Analyser::synonyms_of(const std::vector<SynonymEntry> &entries) const {
    return build(entries, [this](std::string_view phrase, std::vector<std::string> &keys) {
        std::vector<std::string> stems;
        for (const Word &word : telling_words(phrase)) {
            Analysed analysed = analyse(word);
            // Names of places and numbers are never typing errors of something else.
            if (!analysed.place && !has_digit(analysed.key)) keys.push_back(analysed.key);
            stems.push_back(std::move(analysed.stem));
        }
        return stems;
    });
}

Analysed Analyser::analyse(const Word &word) const {
    Analysed result{.key = key_of(word.folded), .stem = {}, .parts = {}, .place = false};
    if (word.parts.empty() && has_digit(result.key)) {
        result.stem = result.key;
        return result;
    }
    if (word.parts.empty() && places_.is_place(result.key)) {
        result.stem = result.key;
        result.place = true;
        return result;
    }
    result.stem = stem(result.key);
    const auto add_part = [&](std::string_view key) {
        std::string part = has_digit(key) || places_.is_place(key) ? std::string(key) : stem(key);
        if (part != result.stem && std::ranges::find(result.parts, part) == result.parts.end()) {
            result.parts.push_back(std::move(part));
        }
    };
    for (const std::string &each : word.parts) {
        const std::string key = key_of(each);
        add_part(key);
        if (places_.is_place(key)) continue;
        for (const std::string &part : compounds_.split(key))
            add_part(part);
    }
    if (word.parts.empty()) {
        for (const std::string &part : compounds_.split(result.key))
            add_part(part);
    }
    return result;
}

} // namespace fernamt::knowledge
