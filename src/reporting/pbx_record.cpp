// SPDX-License-Identifier: EUPL-1.2
#include "reporting/pbx_record.h"

#include "base/calendar.h"
#include "base/text.h"
#include "base/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace fernamt::reporting {

namespace {

constexpr Duration kLongest = std::chrono::hours{24}; // no call of a citizen lasts longer

std::string to_utf8(std::string_view latin1) {
    std::string text;
    for (const char c : latin1) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            text += c;
        } else {
            text += static_cast<char>(0xC0 | (byte >> 6));
            text += static_cast<char>(0x80 | (byte & 0x3F));
        }
    }
    return text;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// Some digits at the front of `text`, at most `most`; they are taken away.
std::optional<int> take_digits(std::string_view &text, std::size_t most) {
    std::size_t length = 0;
    while (length < std::min(most, text.size()) && text[length] >= '0' && text[length] <= '9')
        ++length;
    const auto value = whole_number(text.substr(0, length));
    text.remove_prefix(length);
    if (!value) return std::nullopt;
    return static_cast<int>(*value);
}

struct WallClock {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;

    bool take(char field, std::string_view &text) {
        const auto value = take_digits(text, field == 'Y' ? 4 : 2);
        if (!value) return false;
        switch (field) {
        case 'Y':
            year = *value;
            return true;
        case 'y':
            year = 2000 + *value;
            return true;
        case 'm':
            month = *value;
            return true;
        case 'd':
            day = *value;
            return true;
        case 'H':
            hour = *value;
            return true;
        case 'M':
            minute = *value;
            return true;
        case 'S':
            second = *value;
            return true;
        default:
            return false;
        }
    }
};

std::optional<Instant> in_zone(const WallClock &clock, PbxZone zone) {
    if (clock.year < 1990 || clock.year > 2199) return std::nullopt;
    const auto day = fmt::format("{:04}-{:02}-{:02}", clock.year, clock.month, clock.day);
    const auto date = parse_date(day);
    if (!date || clock.hour > 23 || clock.minute > 59 || clock.second > 59) return std::nullopt;
    const int second = clock.hour * 3600 + clock.minute * 60 + clock.second;
    if (zone == PbxZone::berlin) return to_instant(*date, second);
    const auto midnight = parse_iso8601(day + "T00:00:00Z");
    if (!midnight) return std::nullopt;
    return *midnight + std::chrono::seconds{second};
}

std::optional<Instant> by_pattern(std::string_view text, std::string_view pattern, PbxZone zone) {
    WallClock clock;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '%' && i + 1 < pattern.size()) {
            if (!clock.take(pattern[++i], text)) return std::nullopt;
        } else {
            if (text.empty() || text.front() != pattern[i]) return std::nullopt;
            text.remove_prefix(1);
        }
    }
    if (!text.empty()) return std::nullopt;
    return in_zone(clock, zone);
}

std::optional<Instant> read_time(const std::string &text, const PbxMapping &mapping) {
    if (mapping.time_format == "unix") {
        const auto seconds = whole_number(text);
        if (!seconds || *seconds < 0 || *seconds > 7'258'118'400) return std::nullopt;
        return Instant{*seconds * 1'000'000};
    }
    if (mapping.time_format != "iso8601")
        return by_pattern(text, mapping.time_format, mapping.zone);
    std::string whole = text;
    if (whole.size() > 10 && whole[10] == ' ') whole[10] = 'T';
    if (const auto at = parse_iso8601(whole)) return at;
    return by_pattern(whole.substr(0, 19), "%Y-%m-%dT%H:%M:%S", mapping.zone);
}

// "75", "1:15" and "0:01:15" are the same.
std::optional<Duration> read_duration(std::string_view text) {
    std::int64_t seconds = 0;
    for (int parts = 0; parts < 3; ++parts) {
        const auto colon = text.find(':');
        const auto value = whole_number(text.substr(0, colon));
        if (!value || *value < 0 || *value > 1'000'000) return std::nullopt;
        seconds = seconds * 60 + *value;
        if (colon == std::string_view::npos) return std::chrono::seconds{seconds};
        text.remove_prefix(colon + 1);
    }
    return std::nullopt;
}

bool begins_with_one_of(const std::string &text, const std::vector<std::string> &beginnings) {
    return std::ranges::any_of(
        beginnings, [&](const std::string &beginning) { return text.starts_with(beginning); });
}

} // namespace

std::optional<PbxResult> parse_pbx_result(std::string_view text) {
    using enum PbxResult;
    static constexpr std::array kResults{
        std::pair{std::string_view("answered"), answered},
        std::pair{std::string_view("abandoned"), abandoned},
        std::pair{std::string_view("closed"), closed},
        std::pair{std::string_view("nobody_available"), nobody_available},
        std::pair{std::string_view("failed"), failed},
        std::pair{std::string_view("ignored"), ignored}};
    const auto *found = std::ranges::find(kResults, text, &decltype(kResults)::value_type::first);
    if (found == kResults.end()) return std::nullopt;
    return found->second;
}

Expected<PbxReader> PbxReader::open(std::istream &in, const PbxMapping &mapping) {
    const auto incomplete = [](const char *field) {
        return fail(ProblemKind::invalid_input, "calls.mapping_incomplete", {{"field", field}});
    };
    if (mapping.source.empty()) return incomplete("source");
    if (mapping.begin.empty()) return incomplete("columns.begin");
    if (mapping.dialled.empty()) return incomplete("columns.dialled");
    if (mapping.end.empty() && mapping.talk.empty()) return incomplete("columns.end");
    if (mapping.answered.empty() && mapping.wait.empty()) return incomplete("columns.answered");
    if (mapping.outgoing.contains("")) return incomplete("outgoing");
    PbxReader reader(CsvReader(in, mapping.divider), mapping);
    const auto first = reader.csv_.next();
    if (!first) return fail(ProblemKind::invalid_input, "calls.empty");
    if (auto found = reader.find_columns(*first); !found) return tl::unexpected(found.error());
    return reader;
}

Expected<void> PbxReader::find_columns(const CsvRecord &first) {
    width_ = first.fields.size();
    std::optional<std::string> missing;
    const auto find = [&](const std::vector<std::string> &names) {
        Columns columns;
        for (const std::string &name : names) {
            if (name.empty()) continue;
            const auto is_it = [&](const std::string &field) {
                return trimmed(mapping_.latin1 ? to_utf8(field) : field) == name;
            };
            const auto found = std::ranges::find_if(first.fields, is_it);
            if (found == first.fields.end() && !missing) missing = name;
            columns.push_back(static_cast<std::size_t>(found - first.fields.begin()));
        }
        return columns;
    };
    begin_ = find(mapping_.begin);
    answered_ = find(mapping_.answered);
    end_ = find(mapping_.end);
    record_ = find({mapping_.record});
    dialled_ = find({mapping_.dialled});
    result_ = find({mapping_.result});
    wait_ = find({mapping_.wait});
    talk_ = find({mapping_.talk});
    work_ = find({mapping_.after_call_work});
    call_ = find(mapping_.call);
    agent_ = find({mapping_.agent});
    for (const auto &[column, beginnings] : mapping_.outgoing)
        outgoing_.emplace_back(find({column}).front(), beginnings);
    if (missing)
        return fail(ProblemKind::invalid_input, "calls.column_missing", {{"column", *missing}});
    return {};
}

std::string PbxReader::cell(const CsvRecord &record, const Columns &columns) const {
    std::string text;
    for (const std::size_t column : columns) {
        const std::string_view part = trimmed(record.fields.at(column));
        if (!text.empty() && !part.empty()) text += ' ';
        text += part;
    }
    return mapping_.latin1 ? to_utf8(text) : text;
}

bool PbxReader::is_outgoing(const CsvRecord &record) const {
    return std::ranges::any_of(outgoing_, [&](const auto &one) {
        return begins_with_one_of(cell(record, {one.first}), one.second);
    });
}

std::optional<PbxReader::Row> PbxReader::next() {
    const auto record = csv_.next();
    if (!record) return std::nullopt;
    Row row;
    row.line = record->line;
    PbxCall call;
    call.line = record->line;
    row.refused = read(*record, call, row.word);
    if (mapping_.by_legs() && record->fields.size() == width_) {
        row.mark = mark_of(*record);
        const bool counts = call.result != PbxResult::ignored;
        if (row.mark.empty() && row.refused.empty() && counts) row.refused = "call_missing";
        call.identity = row.mark;
        call.side = side_of(*record, call);
    }
    if (row.refused.empty()) row.call = std::move(call);
    return row;
}

std::string PbxReader::mark_of(const CsvRecord &record) const {
    for (const std::size_t column : call_) {
        std::string text = cell(record, {column});
        if (!text.empty()) return text;
    }
    return {};
}

PbxSide PbxReader::side_of(const CsvRecord &record, const PbxCall &call) const {
    if (call.result != PbxResult::answered) return PbxSide::nobody;
    if (agent_.empty()) return PbxSide::centre;
    const std::string who = cell(record, agent_);
    if (who.empty()) return PbxSide::nobody;
    const bool own = mapping_.agents.empty() || begins_with_one_of(who, mapping_.agents);
    return own ? PbxSide::centre : PbxSide::elsewhere;
}

std::string_view PbxReader::read(const CsvRecord &record, PbxCall &call, std::string &word) {
    if (record.broken) return "quotes_not_closed";
    if (record.fields.size() != width_) return "wrong_number_of_fields";
    if (const auto why = read_result(record, call, word); !why.empty()) return why;
    call.outgoing = is_outgoing(record);
    // A leg that somebody in the house dialled may be part of a citizen's call.
    if (call.outgoing && !mapping_.by_legs()) call.result = PbxResult::ignored;
    if (call.result == PbxResult::ignored) return {};
    const auto dialled = parse_phone_number(cell(record, dialled_), mapping_.area_code);
    // A leg may have dialled anything; the call's number stands in one of them.
    if (!dialled && !mapping_.by_legs()) return "dialled_unreadable";
    if (dialled) call.dialled = *dialled;
    if (const auto why = read_times(record, call); !why.empty()) return why;
    const std::string number = cell(record, record_);
    if (!record_.empty() && number.empty()) return "record_missing";
    call.identity = number;
    if (record_.empty()) {
        for (const Columns *columns :
             {&begin_, &answered_, &end_, &dialled_, &result_, &wait_, &talk_, &work_})
            call.identity += cell(record, *columns) + '\n';
    }
    return {};
}

std::string_view PbxReader::read_result(const CsvRecord &record, PbxCall &call,
                                        std::string &word) const {
    if (result_.empty()) { // what the times say
        const bool waited = answered_.empty() && cell(record, talk_).empty();
        const bool unanswered = !answered_.empty() && cell(record, answered_).empty();
        const bool spoken = read_duration(cell(record, talk_)).value_or(1s) > 0s;
        call.result = waited || unanswered || !spoken ? PbxResult::abandoned : PbxResult::answered;
        return {};
    }
    const std::string text = cell(record, result_);
    const auto found = mapping_.results.find(text);
    if (found == mapping_.results.end()) {
        word = is_utf8(text) ? text : to_utf8(text); // the wrong encoding; the report is UTF-8
        return "result_unknown";
    }
    call.result = found->second;
    return {};
}

std::string_view PbxReader::read_times(const CsvRecord &record, PbxCall &call) const {
    const auto begin = read_time(cell(record, begin_), mapping_);
    if (!begin) return "begin_unreadable";
    call.begin = *begin;
    const auto wait = read_duration(cell(record, wait_));
    if (call.result == PbxResult::answered) {
        const auto answered =
            answered_.empty() ? std::nullopt : read_time(cell(record, answered_), mapping_);
        if (!answered_.empty() && !answered) return "answered_unreadable";
        if (answered_.empty() && !wait) return "wait_unreadable";
        call.answered = answered ? *answered : call.begin + *wait;
        if (*call.answered < call.begin) return "answered_before_begin";
    }
    if (!end_.empty()) {
        const auto end = read_time(cell(record, end_), mapping_);
        if (!end) return "end_unreadable";
        call.end = *end;
    } else {
        const auto talk = read_duration(cell(record, talk_));
        if (call.answered && !talk) return "talk_unreadable";
        call.end = call.answered ? *call.answered + *talk : call.begin + wait.value_or(0s);
    }
    if (call.end < call.answered.value_or(call.begin)) return "end_before_begin";
    if (call.answered) call.talk = call.end - *call.answered;
    if (call.end - call.begin > kLongest) return "longer_than_a_day";
    const std::string work = cell(record, work_);
    if (work.empty()) return {};
    const auto after = read_duration(work);
    if (!after || *after > kLongest) return "after_call_work_unreadable";
    if (call.answered) call.after_call_work = *after;
    return {};
}

} // namespace fernamt::reporting
