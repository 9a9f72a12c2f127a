// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/directory.h"
#include "knowledge/search.h"

#include <algorithm>
#include <array>
#include <set>

namespace fernamt::knowledge {

namespace {

constexpr std::size_t kLongestField = 500;

enum Column { office, name, position, telephone, email, room, substitute, hours };
constexpr std::size_t kColumns = 8;
constexpr std::array<std::array<std::string_view, 2>, kColumns> kNames{
    {{"office", "amt"},
     {"name", "name"},
     {"position", "funktion"},
     {"telephone", "telefon"},
     {"email", "e mail"},
     {"room", "raum"},
     {"substitute", "vertretung"},
     {"hours", "zeiten"}}};

struct Line {
    std::int64_t number = 1; // where it begins
    std::vector<std::string> fields;
};

// RFC 4180 with semicolons; a quoted field may hold line ends.
class Lines {
  public:
    explicit Lines(std::string_view text) : text_(text) {
        if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
    }

    bool next(Line &line) {
        while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r'))
            step();
        if (at_ >= text_.size()) return false;
        line = {number_, {""}};
        bool quoted = false;
        for (; at_ < text_.size(); step()) {
            const char c = text_[at_];
            if (quoted) {
                if (c != '"') {
                    line.fields.back() += c;
                } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
                    line.fields.back() += c;
                    step();
                } else {
                    quoted = false;
                }
            } else if (c == '"' && line.fields.back().empty()) {
                quoted = true;
            } else if (c == ';') {
                line.fields.emplace_back();
            } else if (c == '\n') {
                return true;
            } else if (c != '\r') {
                line.fields.back() += c;
            }
        }
        return true;
    }

  private:
    void step() {
        if (text_[at_] == '\n') ++number_;
        ++at_;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::int64_t number_ = 1;
};

std::string trimmed(const std::string &text) {
    const auto first = text.find_first_not_of(" \t\n");
    if (first == std::string::npos) return "";
    return text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

bool is_clean(const std::string &text) {
    return text.size() <= kLongestField && std::ranges::none_of(text, [](char c) {
               return static_cast<unsigned char>(c) < 0x20 && c != '\n';
           });
}

class Reader {
  public:
    explicit Reader(std::string_view csv) : lines_(csv) {}

    ParsedDirectory read() {
        Line line;
        if (!lines_.next(line) || !read_header(line)) {
            fault(1, "columns");
            return std::move(parsed_);
        }
        while (lines_.next(line) && parsed_.entries.size() <= kMostDirectoryEntries)
            read_entry(line);
        if (parsed_.entries.size() > kMostDirectoryEntries) fault(line.number, "columns");
        check_substitutes();
        return std::move(parsed_);
    }

  private:
    void fault(std::int64_t line, std::string field) {
        if (parsed_.faults.size() < kMostFaults) parsed_.faults.push_back({line, std::move(field)});
    }

    bool read_header(const Line &line) {
        for (const std::string &field : line.fields) {
            const std::string known = trimmed(normalise(field));
            const auto found = std::ranges::find_if(
                kNames, [&](const auto &names) { return names[0] == known || names[1] == known; });
            if (found == kNames.end()) return false;
            order_.push_back(static_cast<Column>(found - kNames.begin()));
        }
        const std::set<Column> once(order_.begin(), order_.end());
        return once.size() == order_.size() && once.contains(office);
    }

    void read_entry(const Line &line) {
        if (line.fields.size() != order_.size()) return fault(line.number, "columns");
        std::array<std::string, kColumns> values;
        for (std::size_t i = 0; i < order_.size(); ++i) {
            values.at(order_[i]) = trimmed(line.fields[i]);
            if (!is_clean(values.at(order_[i]))) {
                fault(line.number, std::string(kNames.at(order_[i])[0]));
            }
        }
        if (values[office].empty()) fault(line.number, "office");
        DirectoryEntry entry{.office = values[office],
                             .name = values[name],
                             .position = values[position],
                             .telephone = parse_phone_number(values[telephone]),
                             .email = values[email],
                             .room = values[room],
                             .substitute = values[substitute],
                             .hours = values[hours]};
        if (!values[telephone].empty() && !entry.telephone) fault(line.number, "telephone");
        if (!entry.email.empty() && entry.email.find('@') == std::string::npos) {
            fault(line.number, "email");
        }
        numbers_.push_back(line.number);
        parsed_.entries.push_back(std::move(entry));
    }

    // Whoever stands in for somebody is in the list, too: else nobody could be reached.
    void check_substitutes() {
        std::set<std::string_view> names;
        for (const DirectoryEntry &entry : parsed_.entries)
            names.insert(entry.name);
        for (std::size_t i = 0; i < parsed_.entries.size(); ++i) {
            const std::string &wanted = parsed_.entries[i].substitute;
            if (!wanted.empty() && (!names.contains(wanted) || wanted == parsed_.entries[i].name)) {
                fault(numbers_[i], "substitute");
            }
        }
    }

    Lines lines_;
    std::vector<Column> order_;
    std::vector<std::int64_t> numbers_; // lines of the entries
    ParsedDirectory parsed_;
};

} // namespace

ParsedDirectory parse_directory(std::string_view csv) {
    return Reader(csv).read();
}

} // namespace fernamt::knowledge
