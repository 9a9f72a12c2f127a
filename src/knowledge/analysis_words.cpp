// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/analysis_words.h"

#include "knowledge/search.h"

#include <algorithm>
#include <array>
#include <utility>

namespace fernamt::knowledge {

namespace {

bool is_lower(char c) {
    return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}
bool is_word(char c) {
    return is_lower(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

constexpr std::string_view kParagraphSign = "\u00a7";

class Tokeniser {
  public:
    explicit Tokeniser(std::string_view text) : text_(text) {}

    std::vector<Word> run() {
        while (at_ < text_.size()) {
            if (is_word(text_[at_])) {
                take_word();
            } else {
                ++at_;
            }
        }
        return std::move(words_);
    }

  private:
    // One word with its hyphenated rest: "Kfz-Zulassungsstelle", "Antragsteller/-innen".
    void take_word() {
        const std::size_t from = at_;
        std::size_t to = at_;
        std::vector<std::string> parts;
        for (;;) {
            append_run(parts);
            to = at_;
            skip_gender_suffix();
            if (at_ != to || !continues_after_hyphen()) break;
            ++at_;
        }
        add(std::move(parts), from, to);
    }

    void append_run(std::vector<std::string> &parts) {
        const std::size_t from = at_;
        while (at_ < text_.size() && is_word(text_[at_]))
            ++at_;
        const std::string folded = normalise(without_inner_i(text_.substr(from, at_ - from)));
        if (text_.substr(from).starts_with(kParagraphSign)) after_paragraph_sign_ = true;
        for (std::size_t begin = 0; begin < folded.size();) {
            const std::size_t end = std::min(folded.find(' ', begin), folded.size());
            if (end > begin) parts.push_back(folded.substr(begin, end - begin));
            begin = end + 1;
        }
    }

    // "BürgerInnen": a capital I inside a word.
    static std::string_view without_inner_i(std::string_view word) {
        for (const std::string_view suffix : {std::string_view{"Innen"}, std::string_view{"In"}}) {
            if (word.size() < suffix.size() + 3 || !word.ends_with(suffix)) continue;
            if (is_lower(word[word.size() - suffix.size() - 1])) {
                return word.substr(0, word.size() - suffix.size());
            }
        }
        return word;
    }

    void skip_gender_suffix() {
        static constexpr std::array<std::string_view, 10> kSuffixes{
            ":innen", "*innen", "_innen", "/-innen", "/innen", ":in", "*in", "_in", "/-in", "/in"};
        for (const std::string_view suffix : kSuffixes) {
            if (!text_.substr(at_).starts_with(suffix)) continue;
            const std::size_t end = at_ + suffix.size();
            if (end < text_.size() && is_word(text_[end])) continue;
            at_ = end;
            return;
        }
    }

    [[nodiscard]] bool continues_after_hyphen() const {
        return at_ + 1 < text_.size() && text_[at_] == '-' && is_word(text_[at_ + 1]);
    }

    void add(std::vector<std::string> parts, std::size_t from, std::size_t to) {
        if (parts.empty()) return;
        Word word{.folded = {}, .parts = {}, .from = from, .to = to};
        for (const std::string &part : parts)
            word.folded += part;
        if (std::exchange(after_paragraph_sign_, false)) {
            word.folded.insert(0, "par"); // "§ 34c" is one word, and "34c" its part
            word.parts = std::move(parts);
        } else if (parts.size() > 1) {
            word.parts = std::move(parts);
        }
        words_.push_back(std::move(word));
    }

    std::string_view text_;
    std::size_t at_ = 0;
    bool after_paragraph_sign_ = false;
    std::vector<Word> words_;
};

} // namespace

std::vector<Word> tokenise(std::string_view text) {
    return Tokeniser(text).run();
}

std::string key_of(std::string_view folded) {
    static constexpr std::string_view kNoUmlautAfter = "aeiouyq";
    std::string key;
    key.reserve(folded.size());
    for (const char c : folded) {
        if (c == 'e' && !key.empty()) {
            const char last = key.back();
            const bool umlaut = last == 'a' || last == 'o' || last == 'u';
            const bool single = key.size() < 2 ||
                                kNoUmlautAfter.find(key[key.size() - 2]) == std::string_view::npos;
            if (umlaut && (single || last == 'a')) continue;
        }
        key += c;
    }
    return key;
}

bool has_digit(std::string_view word) {
    return std::ranges::any_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace fernamt::knowledge
