// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/index_terms.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace fernamt::knowledge {

namespace {

constexpr std::uint32_t kTitle = 4;
constexpr std::uint32_t kSynonym = 4;
constexpr std::uint32_t kOfficialTitle = 3;
constexpr std::uint32_t kKeyword = 2;
constexpr std::size_t kMostTextWords = 20'000; // of one section; a 2 MB article is not a novel
constexpr std::size_t kLongestTerm = 80;
constexpr std::size_t kMostCached = 300'000;

constexpr char kField = '\x1f';
constexpr char kItem = '\x1e';

std::string term(char prefix, std::string_view text) {
    std::string result(1, prefix);
    result += text.substr(0, kLongestTerm);
    return result;
}

// What divides the fields is no text.
std::string clean(std::string_view text) {
    std::string result(text);
    std::erase_if(result, [](char c) { return c == kField || c == kItem; });
    return result;
}

template <class Range, class Text>
void append_list(std::string &out, const Range &range, const Text &text) {
    for (const auto &each : range) {
        out += clean(text(each));
        out += kItem;
    }
    out += kField;
}

std::vector<std::string> list_of(std::string_view text) {
    std::vector<std::string> items;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(kItem, at), text.size());
        items.emplace_back(text.substr(at, end - at));
        at = end + 1;
    }
    return items;
}

std::int64_t number_of(std::string_view text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

} // namespace

std::string area_term(MunicipalityId area) {
    return area ? "A" + to_ars(area) : std::string(kEverywhere);
}
std::string internal_term(MunicipalityId municipality) {
    return "V" + to_ars(municipality);
}
std::string district_term(MunicipalityId area) {
    return "K" + to_ars(area).substr(0, 5);
}
std::string kind_term(DocumentKind kind) {
    return fmt::format("T{}", static_cast<int>(kind));
}

std::string_view subject_of(std::string_view id) {
    return id.substr(0, id.find('@'));
}

std::uint64_t hash_of(const SearchDocument &document) {
    std::uint64_t hash = fingerprint(pack(document));
    hash = fingerprint(document.short_text, hash);
    for (const DocumentSection &section : document.sections)
        hash = fingerprint(section.text, fingerprint(section.code, hash));
    return fingerprint(document.internal_to ? to_ars(*document.internal_to) : "", hash);
}

std::string pack(const SearchDocument &document) {
    const auto same = [](const std::string &text) { return std::string_view(text); };
    std::string data = clean(document.id);
    data += fmt::format("{}{}{}{}{}{}", kField, static_cast<int>(document.kind), kField,
                        document.subject, kField, document.internal_to ? 1 : 0);
    data += kField;
    data += clean(document.title);
    data += kField;
    data += clean(document.official_title);
    data += kField;
    append_list(data, document.synonyms, same);
    append_list(data, document.keywords, same);
    append_list(data, document.sections,
                [](const DocumentSection &section) { return std::string_view(section.code); });
    append_list(data, document.areas, [](MunicipalityId area) { return to_ars(area); });
    return data;
}

std::optional<IndexedDocument> unpack(std::string_view data) {
    std::vector<std::string_view> fields;
    for (std::size_t at = 0; at < data.size();) {
        const std::size_t end = std::min(data.find(kField, at), data.size());
        fields.push_back(data.substr(at, end - at));
        at = end + 1;
    }
    if (fields.size() != 10) return std::nullopt;
    IndexedDocument document{.id = std::string(fields[0]),
                             .kind = static_cast<DocumentKind>(number_of(fields[1])),
                             .subject = number_of(fields[2]),
                             .title = std::string(fields[4]),
                             .official_title = std::string(fields[5]),
                             .synonyms = list_of(fields[6]),
                             .keywords = list_of(fields[7]),
                             .section_codes = list_of(fields[8]),
                             .areas = {},
                             .internal = fields[3] == "1"};
    for (const std::string &area : list_of(fields[9]))
        document.areas.push_back(MunicipalityId{number_of(area)});
    return document;
}

const IndexTerms::Known &IndexTerms::known(const Word &word) {
    // "i-Kfz" and "ikfz" have different parts.
    const std::string name =
        word.parts.empty() ? word.folded : fmt::format("{}", fmt::join(word.parts, "-"));
    if (const auto found = cache_.find(name); found != cache_.end()) return found->second;
    if (cache_.size() >= kMostCached) cache_.clear();
    return cache_.emplace(name, Known{analyser_.analyse(word), analyser_.is_stopword(word.folded)})
        .first->second;
}

void IndexTerms::add_name(std::string_view text, std::uint32_t weight) {
    for (const Word &word : tokenise(text)) {
        const auto &[analysed, stopword] = known(word);
        if (stopword) continue;
        terms_.push_back({term('N', analysed.stem), weight, 0});
        if (!analysed.place) terms_.push_back({term('W', analysed.key), 0, 0});
        for (const std::string &part : analysed.parts)
            terms_.push_back({term('N', part), std::max(1u, weight / 2), 0});
    }
}

void IndexTerms::add_text(std::string_view text, std::uint32_t position) {
    std::size_t words = 0;
    for (const Word &word : tokenise(text)) {
        if (++words > kMostTextWords) return;
        const auto &[analysed, stopword] = known(word);
        if (stopword) continue;
        terms_.push_back({term('B', analysed.stem), 1, position});
        if (position != 1) continue; // parts of the short text only: the index stays small
        for (const std::string &part : analysed.parts)
            terms_.push_back({term('B', part), 1, position});
    }
}

void IndexTerms::add_filters(const SearchDocument &document) {
    terms_.push_back({term('Q', document.id), 0, 0});
    terms_.push_back({term('S', subject_of(document.id)), 0, 0});
    terms_.push_back({kind_term(document.kind), 0, 0});
    terms_.push_back(
        {document.internal_to ? internal_term(*document.internal_to) : std::string(kPublic), 0, 0});
    if (document.areas.empty()) terms_.push_back({std::string(kEverywhere), 0, 0});
    for (const MunicipalityId area : document.areas) {
        terms_.push_back({area_term(area), 0, 0});
        if (area) terms_.push_back({district_term(area), 0, 0});
    }
}

std::vector<IndexTerm> IndexTerms::merged() {
    std::ranges::sort(terms_, [](const IndexTerm &a, const IndexTerm &b) {
        const int order = a.text.compare(b.text);
        return order != 0 ? order < 0 : a.position < b.position;
    });
    std::vector<IndexTerm> result;
    for (IndexTerm &each : terms_) {
        if (!result.empty() && result.back().text == each.text &&
            result.back().position == each.position) {
            result.back().weight += each.weight;
        } else {
            result.push_back(std::move(each));
        }
    }
    terms_.clear();
    return result;
}

IndexEntry IndexTerms::entry(const SearchDocument &document) {
    add_name(document.title, kTitle);
    if (document.official_title != document.title) {
        add_name(document.official_title, kOfficialTitle);
    }
    for (const std::string &synonym : document.synonyms)
        add_name(synonym, kSynonym);
    for (const std::string &keyword : document.keywords)
        add_name(keyword, kKeyword);
    add_text(document.short_text, 1);
    std::uint32_t position = 2;
    for (const DocumentSection &section : document.sections)
        add_text(section.text, position++);
    add_filters(document);
    return {.terms = merged(), .data = pack(document), .hash = hash_of(document)};
}

} // namespace fernamt::knowledge
