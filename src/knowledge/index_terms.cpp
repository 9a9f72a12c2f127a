// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/index_terms.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

namespace fernamt::knowledge {

namespace {

constexpr std::uint32_t kTitle = 4;
constexpr std::uint32_t kSynonym = 4;
constexpr std::uint32_t kOfficialTitle = 3;
constexpr std::uint32_t kKeyword = 2;
constexpr std::size_t kMostTextWords = 20'000; // of one section; a 2 MB article is not a novel
constexpr std::size_t kLongestTerm = 80;
constexpr std::size_t kMostCached = 300'000;

// The packed data: fields, lists in a field, a name's words, a word's forms.
constexpr char kField = '\x1f';
constexpr char kItem = '\x1e';
constexpr char kWord = '\x1d';
constexpr char kForm = '\x1c';
constexpr std::size_t kFields = 8;   // then the text's words, binary
constexpr std::size_t kTextWord = 5; // bytes: hash, section

std::string term(char prefix, std::string_view text) {
    std::string result(1, prefix);
    result += text.substr(0, kLongestTerm);
    return result;
}

// What divides the fields is no text.
std::string clean(std::string_view text) {
    std::string result(text);
    std::erase_if(result, [](char c) { return c >= kForm && c <= kField; });
    return result;
}

template <class Take>
void each_piece(std::string_view text, char divider, const Take &take) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(divider, at), text.size());
        take(text.substr(at, end - at));
        at = end + 1;
    }
}

std::uint32_t hash_of_stem(std::string_view stem) {
    const std::uint64_t hash = fingerprint(stem);
    return static_cast<std::uint32_t>(hash ^ (hash >> 32));
}

std::string district_of(MunicipalityId area) {
    return to_ars(area).substr(0, 5);
}

// Of everywhere: the federation, which lies in no district.
std::vector<MunicipalityId> or_everywhere(const std::vector<MunicipalityId> &areas) {
    return areas.empty() ? std::vector<MunicipalityId>{MunicipalityId{0}} : areas;
}

std::vector<MunicipalityId> answered_in(const SearchDocument &document) {
    return document.answered_in ? *document.answered_in : or_everywhere(document.areas);
}

// Sortable as bytes.
void append_number(std::string &out, std::uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8)
        out += static_cast<char>((number >> shift) & 0xffu);
}

std::int64_t number_of(std::string_view text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

} // namespace

std::string public_term(DocumentKind kind) {
    return fmt::format("P{}", static_cast<int>(kind));
}
std::string answered_term(DocumentKind kind, MunicipalityId area) {
    return public_term(kind) + to_ars(area);
}
std::string district_term(DocumentKind kind, MunicipalityId area) {
    return fmt::format("K{}{}", static_cast<int>(kind), district_of(area));
}
std::string valid_term(DocumentKind kind, MunicipalityId area) {
    return fmt::format("A{}{}", static_cast<int>(kind), to_ars(area));
}
std::string internal_term(DocumentKind kind, MunicipalityId municipality) {
    return fmt::format("I{}{}", static_cast<int>(kind), to_ars(municipality));
}

std::string_view subject_of(std::string_view id) {
    return id.substr(0, id.find('@'));
}

std::uint64_t hash_of(const SearchDocument &document) {
    std::uint64_t hash = fingerprint(document.id);
    const auto add = [&](std::string_view text) {
        hash = fingerprint("\n", fingerprint(text, hash));
    };
    add(document.title);
    add(document.official_title);
    add(document.short_text);
    for (const std::string &each : document.synonyms)
        add(each);
    add("");
    for (const std::string &each : document.keywords)
        add(each);
    for (const DocumentSection &section : document.sections) {
        add(section.code);
        add(section.text);
    }
    for (const MunicipalityId area : document.areas)
        add(to_ars(area));
    add(document.internal_to ? to_ars(*document.internal_to) : "");
    if (document.answered_in) {
        add("answered");
        for (const MunicipalityId area : *document.answered_in)
            add(to_ars(area));
    }
    return hash;
}

std::unique_ptr<IndexedDocument> IndexedDocument::unpack(std::string data) {
    std::unique_ptr<IndexedDocument> made(new IndexedDocument);
    made->data_ = std::move(data);
    std::string_view rest = made->data_;
    std::array<std::string_view, kFields> fields;
    for (std::string_view &field : fields) {
        const std::size_t end = rest.find(kField);
        if (end == std::string_view::npos) return nullptr;
        field = rest.substr(0, end);
        rest.remove_prefix(end + 1);
    }
    made->id = fields[0];
    made->kind = static_cast<DocumentKind>(number_of(fields[1]));
    made->subject = number_of(fields[2]);
    made->internal = fields[3] == "1";
    made->areas_ = fields[4];
    made->districts = fields[5];
    each_piece(fields[6], kItem,
               [&](std::string_view code) { made->section_codes.push_back(code); });
    // Each name: its field, its text, its words with their forms.
    each_piece(fields[7], kItem, [&](std::string_view name) {
        NameWord word;
        word.name = made->names++;
        std::size_t piece = 0;
        each_piece(name, kWord, [&](std::string_view text) {
            if (piece++ == 0) {
                word.field = static_cast<MatchField>(text.front() - '0');
                if (word.field == MatchField::title) made->title = text.substr(1);
                return;
            }
            word.parts.clear();
            std::size_t form = 0;
            each_piece(text, kForm, [&](std::string_view each) {
                if (form == 0) {
                    word.shown = each;
                } else if (form == 1) {
                    word.stem = each;
                } else {
                    word.parts.push_back(each);
                }
                ++form;
            });
            made->words.push_back(word);
        });
    });
    made->text_words_ = rest;
    return made;
}

std::vector<MunicipalityId> IndexedDocument::areas() const {
    std::vector<MunicipalityId> all;
    each_piece(areas_, kItem,
               [&](std::string_view area) { all.push_back(MunicipalityId{number_of(area)}); });
    return all;
}

bool IndexedDocument::is_answered_in_district_of(MunicipalityId municipality) const {
    return districts.find(district_of(municipality)) != std::string_view::npos;
}

std::optional<std::string_view> IndexedDocument::section_with(std::string_view stem) const {
    std::string wanted;
    append_number(wanted, hash_of_stem(stem));
    std::size_t low = 0;
    std::size_t high = text_words_.size() / kTextWord;
    while (low < high) {
        const std::size_t middle = (low + high) / 2;
        if (text_words_.substr(middle * kTextWord, wanted.size()) < wanted) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (!text_words_.substr(low * kTextWord).starts_with(wanted)) return std::nullopt;
    const auto section = static_cast<unsigned char>(text_words_[low * kTextWord + wanted.size()]);
    if (section == 0 || section > section_codes.size()) return std::string_view{};
    return section_codes[section - 1];
}

std::string IndexTerms::packed(const SearchDocument &document) {
    std::string data = clean(document.id);
    data += fmt::format("{}{}{}{}{}{}{}", kField, static_cast<int>(document.kind), kField,
                        document.subject, kField, document.internal_to ? 1 : 0, kField);
    for (const MunicipalityId area : document.areas) {
        data += to_ars(area);
        data += kItem;
    }
    data += kField;
    std::set<std::string> districts;
    for (const MunicipalityId area : answered_in(document)) {
        if (area) districts.insert(district_of(area));
    }
    for (const std::string &district : districts) {
        data += district;
        data += kItem;
    }
    data += kField;
    for (const DocumentSection &section : document.sections) {
        data += clean(section.code);
        data += kItem;
    }
    data += kField;
    data += names_;
    data += kField;
    std::ranges::sort(text_words_);
    const auto rest = std::ranges::unique(
        text_words_, [](const auto &a, const auto &b) { return a.first == b.first; });
    text_words_.erase(rest.begin(), rest.end()); // the first section that says it
    for (const auto &[hash, section] : text_words_) {
        append_number(data, hash);
        data += static_cast<char>(section);
    }
    names_.clear();
    text_words_.clear();
    return data;
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

void IndexTerms::add_name(std::string_view text, MatchField field, std::uint32_t weight) {
    if (text.empty()) return;
    names_ += static_cast<char>('0' + static_cast<int>(field));
    if (field == MatchField::title) names_ += clean(text);
    for (const Word &word : tokenise(text)) {
        const auto &[analysed, stopword] = known(word);
        if (stopword) continue;
        terms_.push_back({term('N', analysed.stem), weight});
        // Names of places and numbers are never typing errors of something else.
        if (!analysed.place && !has_digit(analysed.key)) {
            terms_.push_back({term('W', analysed.key), 0});
        }
        names_ += kWord;
        names_ += clean(text.substr(word.from, word.to - word.from));
        names_ += kForm;
        names_ += analysed.stem;
        for (const std::string &part : analysed.parts) {
            terms_.push_back({term('N', part), std::max(1u, weight / 2)});
            names_ += kForm;
            names_ += part;
        }
    }
    names_ += kItem;
}

void IndexTerms::add_text(std::string_view text, std::uint8_t section) {
    std::size_t words = 0;
    const auto add = [&](const std::string &stem) {
        terms_.push_back({term('B', stem), 1});
        text_words_.emplace_back(hash_of_stem(stem), section);
    };
    for (const Word &word : tokenise(text)) {
        if (++words > kMostTextWords) return;
        const auto &[analysed, stopword] = known(word);
        if (stopword) continue;
        add(analysed.stem);
        if (section != 0) continue; // parts of the short text only: the index stays small
        for (const std::string &part : analysed.parts)
            add(part);
    }
}

void IndexTerms::add_filters(const SearchDocument &document) {
    terms_.push_back({term('Q', document.id), 0});
    terms_.push_back({term('S', subject_of(document.id)), 0});
    const auto filter = [&](std::string text) { terms_.push_back({std::move(text), 0}); };
    if (document.internal_to) {
        filter(internal_term(document.kind, *document.internal_to));
        return;
    }
    filter(public_term(document.kind));
    for (const MunicipalityId area : answered_in(document)) {
        filter(answered_term(document.kind, area));
        if (area) filter(district_term(document.kind, area));
    }
    if (!document.answered_in) return;
    for (const MunicipalityId area : or_everywhere(document.areas))
        filter(valid_term(document.kind, area));
}

std::vector<IndexTerm> IndexTerms::merged() {
    std::ranges::sort(terms_, {}, &IndexTerm::text);
    std::vector<IndexTerm> result;
    result.reserve(terms_.size());
    for (IndexTerm &each : terms_) {
        if (!result.empty() && result.back().text == each.text) {
            result.back().weight += each.weight;
        } else {
            result.push_back(std::move(each));
        }
    }
    terms_.clear();
    return result;
}

IndexEntry IndexTerms::entry(const SearchDocument &document) {
    add_name(document.title, MatchField::title, kTitle);
    if (document.official_title != document.title) {
        add_name(document.official_title, MatchField::official_title, kOfficialTitle);
    }
    for (const std::string &synonym : document.synonyms)
        add_name(synonym, MatchField::synonym, kSynonym);
    for (const std::string &keyword : document.keywords)
        add_name(keyword, MatchField::keyword, kKeyword);
    add_text(document.short_text, 0);
    std::size_t section = 0;
    for (const DocumentSection &each : document.sections)
        add_text(each.text, static_cast<std::uint8_t>(std::min<std::size_t>(++section, 255)));
    add_filters(document);
    return {.terms = merged(), .data = packed(document), .hash = hash_of(document)};
}

std::string_view to_string(MatchField field) {
    static constexpr std::array<std::string_view, 5> kNames{"title", "official_title", "synonym",
                                                            "keyword", "text"};
    return kNames[static_cast<std::size_t>(field)];
}

} // namespace fernamt::knowledge
