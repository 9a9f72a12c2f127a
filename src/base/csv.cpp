// SPDX-License-Identifier: EUPL-1.2
#include "base/csv.h"

namespace fernamt {

std::string csv_field(std::string_view text, std::string_view formula_starts) {
    std::string value{text};
    if (!value.empty() && formula_starts.find(value.front()) != std::string_view::npos)
        value.insert(value.begin(), '\'');
    if (value.find_first_of(";\"\r\n") == std::string::npos) return value;
    std::string out = "\"";
    for (const char c : value) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + "\"";
}

bool CsvReader::read_line(std::string &line) {
    if (!std::getline(in_, line)) return false;
    ++line_;
    if (line_ == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
    if (line.ends_with('\r')) line.pop_back();
    return true;
}

std::optional<CsvRecord> CsvReader::next() {
    std::string line;
    do {
        if (!read_line(line)) return std::nullopt;
    } while (line.empty());
    CsvRecord record;
    record.line = line_;
    read_fields(record, std::move(line));
    return record;
}

// A quoted field may go on in the following lines.
void CsvReader::read_fields(CsvRecord &record, std::string line) {
    std::string field;
    bool quoted = false; // inside quotes now
    bool closed = false; // this field's quotes have been closed
    for (std::size_t i = 0;; ++i) {
        if (i == line.size()) {
            if (!quoted) break;
            field += '\n';
            if (!read_line(line)) {
                record.broken = true;
                break;
            }
            i = std::string::npos; // its first character is the next one
            continue;
        }
        const char c = line[i];
        if (quoted) {
            if (c != '"') {
                field += c;
            } else if (i + 1 < line.size() && line[i + 1] == '"') {
                field += '"';
                ++i;
            } else {
                quoted = false;
                closed = true;
            }
        } else if (c == divider_) {
            record.fields.push_back(std::move(field));
            field.clear();
            closed = false;
        } else if (c == '"' && field.empty() && !closed) {
            quoted = true;
        } else {
            if (closed) record.broken = true;
            field += c;
        }
    }
    record.fields.push_back(std::move(field));
}

} // namespace fernamt
