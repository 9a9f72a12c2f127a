// SPDX-License-Identifier: EUPL-1.2
#include "base/csv.h"
#include "base/text.h"
#include "knowledge/directory.h"
#include "knowledge/directory_entry.h"
#include "knowledge/search.h"

#include <algorithm>
#include <array>
#include <set>
#include <sstream>

namespace fernamt::knowledge {

namespace {

// In German; in English they are called as in to_string().
constexpr std::array<std::string_view, kDirectoryFields> kGerman{
    "amt", "name", "funktion", "telefon", "e mail", "raum", "vertretung", "zeiten"};

class Reader {
  public:
    explicit Reader(std::string_view csv) : in_(std::string(csv)), records_(in_, ';') {}

    ParsedDirectory read() {
        auto record = records_.next();
        if (!record || !read_header(*record)) {
            fault(1, "columns");
            return std::move(parsed_);
        }
        for (; (record = records_.next()) && parsed_.entries.size() <= kMostDirectoryEntries;)
            read_entry(*record);
        if (parsed_.entries.size() > kMostDirectoryEntries) fault(numbers_.back(), "columns");
        check_substitutes();
        return std::move(parsed_);
    }

  private:
    void fault(std::int64_t line, std::string_view field) {
        if (parsed_.faults.size() < kMostFaults) {
            parsed_.faults.push_back({line, std::string(field)});
        }
    }

    bool read_header(const CsvRecord &record) {
        for (const std::string &field : record.fields) {
            const std::string normal = normalise(field);
            const std::string_view known = trimmed(normal);
            std::size_t at = 0;
            while (at < kDirectoryFields && kGerman.at(at) != known &&
                   to_string(static_cast<DirectoryField>(at)) != known)
                ++at;
            if (at == kDirectoryFields) return false;
            order_.push_back(at);
        }
        const std::set<std::size_t> once(order_.begin(), order_.end());
        return !record.broken && once.size() == order_.size() &&
               once.contains(static_cast<std::size_t>(DirectoryField::office));
    }

    void read_entry(const CsvRecord &record) {
        if (record.broken || record.fields.size() != order_.size()) {
            return fault(record.line, "columns");
        }
        DirectoryValues values;
        for (std::size_t i = 0; i < order_.size(); ++i)
            values.at(order_[i]) = record.fields[i];
        CheckedEntry checked = check_entry(std::move(values));
        for (const DirectoryField field : checked.wrong)
            fault(record.line, to_string(field));
        numbers_.push_back(record.line);
        parsed_.entries.push_back(std::move(checked.entry));
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

    std::istringstream in_;
    CsvReader records_;
    std::vector<std::size_t> order_;    // columns as fields
    std::vector<std::int64_t> numbers_; // lines of the entries
    ParsedDirectory parsed_;
};

} // namespace

ParsedDirectory parse_directory(std::string_view csv) {
    return Reader(csv).read();
}

} // namespace fernamt::knowledge
