// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/search_text.h"

#include "knowledge/search.h"
#include "knowledge/search_engine_query.h"

#include <algorithm>

namespace fernamt::knowledge {

namespace {

int best(const Words &words, std::string_view query, int whole, int beginning) {
    int score = 0;
    for (const std::string &word : words) {
        if (word == query) return whole;
        if (word.starts_with(query)) score = beginning;
    }
    return score;
}

constexpr int kWholeColloquial = 80;
constexpr int kWholeSynonym = 70;
constexpr int kWholeOfficial = 60;
constexpr int kColloquialBeginning = 50;
constexpr int kSynonymBeginning = 45;
constexpr int kOfficialBeginning = 40;
constexpr int kNamed = kOfficialBeginning; // from here on a name was hit
constexpr int kWholeAnswer = 3;
constexpr int kAnswerBeginning = 2;
constexpr int kSectionOnly = 1;

int score_of(const ServiceWords &service, std::string_view word) {
    return std::max({best(service.colloquial, word, kWholeColloquial, kColloquialBeginning),
                     best(service.official, word, kWholeOfficial, kOfficialBeginning),
                     best(service.synonyms, word, kWholeSynonym, kSynonymBeginning),
                     best(service.short_answer, word, kWholeAnswer, kAnswerBeginning)});
}

} // namespace

Words to_words(std::string_view text) {
    const std::string normal = normalise(text);
    Words words;
    for (std::size_t at = 0; at < normal.size();) {
        const std::size_t end = std::min(normal.find(' ', at), normal.size());
        if (end > at) words.push_back(normal.substr(at, end - at));
        at = end + 1;
    }
    return words;
}

ServiceWords words_of(const Service &service) {
    ServiceWords words{.colloquial = to_words(service.colloquial),
                       .official = to_words(service.name),
                       .synonyms = {},
                       .short_answer = to_words(service.short_answer)};
    for (const std::string &synonym : service.synonyms) {
        for (std::string &word : to_words(synonym))
            words.synonyms.push_back(std::move(word));
    }
    return words;
}

std::optional<Match> match(const ServiceWords &service, const Words &query) {
    Match found;
    bool named = false; // at least one word is about the service itself
    for (const std::string &word : query) {
        const int score = score_of(service, word);
        const auto section = score < kNamed ? section_of_word(word) : std::nullopt;
        if (score == 0 && !section) return std::nullopt;
        if (section && !found.section) found.section = section;
        if (!section) named = true;
        found.score += std::max(score, kSectionOnly);
    }
    if (named) return found;
    // Only sections were asked for: take the words as words.
    found.section.reset();
    for (const std::string &word : query) {
        if (score_of(service, word) == 0) return std::nullopt;
    }
    return query.empty() ? std::nullopt : std::optional{found};
}

} // namespace fernamt::knowledge
