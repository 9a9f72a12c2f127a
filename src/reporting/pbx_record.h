// SPDX-License-Identifier: EUPL-1.2
// One row of a telephone system's call records (CSV), read by a mapping that the operator has
// written: which columns say when it began, was answered and ended, what was dialled and what
// became of it. Columns that the mapping does not name are never looked at, so the caller's number
// stays outside. Pure; counts nothing and stores nothing.
#pragma once

#include "base/csv.h"
#include "base/phone_number.h"
#include "base/problem.h"
#include "base/time.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::reporting {

enum class PbxResult { answered, abandoned, closed, nobody_available, failed, ignored };
[[nodiscard]] std::optional<PbxResult> parse_pbx_result(std::string_view text);

enum class PbxZone { berlin, utc };

struct PbxMapping {
    std::string source; // whose records: the same record number of two systems is two calls
    char divider = ';';
    bool latin1 = false;
    PbxZone zone = PbxZone::berlin;
    // %d %m %Y %y %H %M %S and the characters between them; "iso8601" (with its own zone, or in
    // `zone`); "unix": seconds since 1970.
    std::string time_format = "%d.%m.%Y %H:%M:%S";
    std::string area_code; // completes dialled numbers without a leading zero
    // Names in the file's first line; several are joined by a blank (day and time apart). Empty:
    // not there. Of answered and wait, and of end and talk, one each is enough.
    std::vector<std::string> begin, answered, end;
    std::string record; // its number in that system
    std::string dialled;
    std::string result;
    std::string wait, talk, after_call_work;  // durations: seconds, mm:ss or hh:mm:ss
    std::map<std::string, PbxResult> results; // the words in column `result`
    // One row per leg: what the legs of a call have in common (the first of these columns that is
    // not empty), and who answered a leg. Only whether that is empty and how it begins is looked
    // at: it may name an employee.
    std::vector<std::string> call;
    std::string agent;
    std::vector<std::string> agents; // how the centre's own begin; empty: all who answer are
    // Calls that the house made itself: column -> how its text begins then. No citizen's calls.
    std::map<std::string, std::vector<std::string>> outgoing;
    [[nodiscard]] bool by_legs() const { return !call.empty(); }
};

// Who answered a leg: nobody (a menu, a queue, a phone that only rang), the centre, or somebody to
// whom it was passed on.
enum class PbxSide { nobody, centre, elsewhere };

struct PbxCall {
    std::int64_t line = 0;
    Instant begin;
    std::optional<Instant> answered;
    Instant end;
    PhoneNumber dialled;
    PbxResult result = PbxResult::answered;
    Duration talk{}; // answered: with the centre
    Duration after_call_work{};
    PbxSide side = PbxSide::centre; // of a leg
    bool outgoing = false;          // of a leg: somebody in the house dialled
    Duration passed_on{};           // with others, after the centre
    std::int64_t transfers = 0;
    // What makes it the same record in another file: its number, or all of the above.
    std::string identity;
};

class PbxReader {
  public:
    // "calls.column_missing" {column} if the first line has not what the mapping names;
    // "calls.empty" without a first line; "calls.mapping_incomplete" {field}.
    [[nodiscard]] static Expected<PbxReader> open(std::istream &in, const PbxMapping &mapping);

    struct Row {
        std::int64_t line = 0;
        std::optional<PbxCall> call;
        std::string_view refused; // why there is no call: "begin_unreadable" ...
        std::string word;         // of result, if that is what is not known
        std::string mark;         // of the call that this leg belongs to
    };
    [[nodiscard]] std::optional<Row> next(); // empty: the file has ended

  private:
    using Columns = std::vector<std::size_t>;
    PbxReader(CsvReader csv, const PbxMapping &mapping) : csv_(csv), mapping_(mapping) {}

    [[nodiscard]] Expected<void> find_columns(const CsvRecord &first);
    [[nodiscard]] std::string cell(const CsvRecord &record, const Columns &columns) const;
    [[nodiscard]] std::string_view read(const CsvRecord &record, PbxCall &call, std::string &word);
    [[nodiscard]] std::string_view read_result(const CsvRecord &record, PbxCall &call,
                                               std::string &word) const;
    [[nodiscard]] std::string_view read_times(const CsvRecord &record, PbxCall &call) const;
    [[nodiscard]] std::string mark_of(const CsvRecord &record) const;
    [[nodiscard]] bool is_outgoing(const CsvRecord &record) const;
    [[nodiscard]] PbxSide side_of(const CsvRecord &record, const PbxCall &call) const;

    CsvReader csv_;
    PbxMapping mapping_;
    std::size_t width_ = 0;
    Columns begin_, answered_, end_, record_, dialled_, result_, wait_, talk_, work_, call_, agent_;
    std::vector<std::pair<std::size_t, std::vector<std::string>>> outgoing_; // column, beginnings
};

} // namespace fernamt::reporting
