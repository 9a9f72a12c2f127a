// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/word_diff.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace fernamt::knowledge {

namespace {

constexpr std::size_t kMostCells = 4'000'000; // of the table: 8 MB

using Words = std::vector<std::string_view>;

// A word, or one character between words, so that a changed comma does not change its word.
Words words_of(std::string_view text) {
    Words words;
    const auto is_gap = [](char c) {
        return c == ' ' || c == '\n' || c == '\t' || c == ',' || c == '.' || c == ';' || c == ':' ||
               c == '(' || c == ')';
    };
    while (!text.empty()) {
        std::size_t length = 1;
        if (!is_gap(text.front())) {
            while (length < text.size() && !is_gap(text[length]))
                ++length;
        }
        words.push_back(text.substr(0, length));
        text.remove_prefix(length);
    }
    return words;
}

class Pieces {
  public:
    void add(Change change, std::string_view text) {
        if (change == Change::same) flush();
        if (change != Change::same) {
            (change == Change::removed ? removed_ : added_) += text;
            return;
        }
        if (made_.empty() || made_.back().change != Change::same) made_.push_back({change, ""});
        made_.back().text += text;
    }
    std::vector<DiffPiece> take() {
        flush();
        return std::move(made_);
    }

  private:
    void flush() {
        if (!removed_.empty()) made_.push_back({Change::removed, std::move(removed_)});
        if (!added_.empty()) made_.push_back({Change::added, std::move(added_)});
        removed_.clear();
        added_.clear();
    }
    std::vector<DiffPiece> made_;
    std::string removed_, added_;
};

// The longest common subsequence by the classic table, from the end.
void diff_middle(const Words &older, const Words &newer, Pieces &pieces) {
    const std::size_t columns = newer.size() + 1;
    if ((older.size() + 1) * columns > kMostCells) {
        for (const std::string_view word : older)
            pieces.add(Change::removed, word);
        for (const std::string_view word : newer)
            pieces.add(Change::added, word);
        return;
    }
    std::vector<std::uint16_t> length((older.size() + 1) * columns);
    for (std::size_t i = older.size(); i-- > 0;) {
        for (std::size_t j = newer.size(); j-- > 0;) {
            length[i * columns + j] =
                older[i] == newer[j]
                    ? static_cast<std::uint16_t>(length[(i + 1) * columns + j + 1] + 1)
                    : std::max(length[(i + 1) * columns + j], length[i * columns + j + 1]);
        }
    }
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < older.size() || j < newer.size()) {
        if (i < older.size() && j < newer.size() && older[i] == newer[j]) {
            pieces.add(Change::same, older[i]);
            ++i;
            ++j;
        } else if (j == newer.size() || (i < older.size() && length[(i + 1) * columns + j] >=
                                                                 length[i * columns + j + 1])) {
            pieces.add(Change::removed, older[i++]);
        } else {
            pieces.add(Change::added, newer[j++]);
        }
    }
}

} // namespace

std::string_view to_string(Change change) {
    static constexpr std::array<std::string_view, 3> kNames{"same", "removed", "added"};
    return kNames.at(static_cast<std::size_t>(change));
}

std::vector<DiffPiece> word_diff(std::string_view older, std::string_view newer) {
    Words before = words_of(older);
    Words after = words_of(newer);
    const auto most = static_cast<std::ptrdiff_t>(std::min(before.size(), after.size()));
    const auto front =
        std::mismatch(before.begin(), before.begin() + most, after.begin()).first - before.begin();
    std::ptrdiff_t back = 0;
    while (back < most - front && before[before.size() - 1 - static_cast<std::size_t>(back)] ==
                                      after[after.size() - 1 - static_cast<std::size_t>(back)]) {
        ++back;
    }
    Pieces pieces;
    for (auto word = before.begin(); word != before.begin() + front; ++word)
        pieces.add(Change::same, *word);
    diff_middle(Words(before.begin() + front, before.end() - back),
                Words(after.begin() + front, after.end() - back), pieces);
    for (auto word = before.end() - back; word != before.end(); ++word)
        pieces.add(Change::same, *word);
    return pieces.take();
}

} // namespace fernamt::knowledge
