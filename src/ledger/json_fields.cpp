// SPDX-License-Identifier: EUPL-1.2
#include "ledger/json_fields.h"

#include "base/json_text.h"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>
#include <mutex>

namespace fernamt::ledger {

namespace {

std::string_view view(const boost::json::string &text) {
    return {text.data(), text.size()};
}

void append(std::string &out, const boost::json::value &value);

void append_object(std::string &out, const boost::json::object &object) {
    std::vector<std::pair<std::string_view, const boost::json::value *>> members;
    for (const auto &member : object) {
        members.emplace_back(std::string_view(member.key().data(), member.key().size()),
                             &member.value());
    }
    std::sort(members.begin(), members.end());
    out += '{';
    for (const auto &[name, value] : members) {
        if (out.back() != '{') out += ',';
        append(out, boost::json::value(boost::json::string(name)));
        out += ':';
        append(out, *value);
    }
    out += '}';
}

void append(std::string &out, const boost::json::value &value) {
    if (value.is_object()) return append_object(out, value.get_object());
    if (!value.is_array()) {
        out += boost::json::serialize(value);
        return;
    }
    out += '[';
    for (const auto &element : value.get_array()) {
        if (out.back() != '[') out += ',';
        append(out, element);
    }
    out += ']';
}

} // namespace

std::string canonical(const boost::json::value &value) {
    std::string text;
    append(text, value);
    return text;
}

Expected<boost::json::object> parse_object(std::string_view text) {
    boost::json::error_code error;
    boost::json::parse_options options;
    options.max_depth = 16;
    auto value = boost::json::parse({text.data(), text.size()}, error, {}, options);
    if (error || !value.is_object()) {
        return fail(ProblemKind::invalid_input, "ledger.not_an_object");
    }
    return std::move(value.get_object());
}

std::string FieldWriter::take() {
    end();
    return std::move(text_);
}

void FieldWriter::end() {
    const auto first = members_.begin() + static_cast<std::ptrdiff_t>(begins_.back());
    const auto by_name = [](const Member &a, const Member &b) { return a.name < b.name; };
    if (!std::is_sorted(first, members_.end(), by_name)) {
        const std::size_t from = first->begin;
        std::sort(first, members_.end(), by_name);
        sorted_.clear();
        for (auto member = first; member != members_.end(); ++member) {
            if (!sorted_.empty()) sorted_ += ',';
            sorted_.append(text_, member->begin, member->end - member->begin);
        }
        text_.replace(from, std::string::npos, sorted_);
    }
    text_ += '}';
    members_.erase(first, members_.end());
    begins_.pop_back();
}

void FieldWriter::write(std::int64_t value) {
    char digits[20];
    const auto [end, error] = std::to_chars(std::begin(digits), std::end(digits), value);
    text_.append(digits, end);
}

void FieldWriter::write(std::string_view value) {
    append_json_text(text_, value);
}

std::string_view interned(std::string_view text) {
    static std::mutex mutex;
    static std::set<std::string, std::less<>> texts;
    const std::lock_guard guard(mutex);
    const auto found = texts.find(text);
    return found != texts.end() ? *found : *texts.emplace(text).first;
}

const boost::json::value *FieldReader::find(std::string_view name) {
    known_.insert(name);
    return object_.if_contains({name.data(), name.size()});
}

std::string FieldReader::path(std::string_view name) const {
    return where_ + "." + std::string(name);
}

void FieldReader::missing(std::string_view name) {
    if (problem_) return;
    problem_ = Problem{ProblemKind::invalid_input,
                       "ledger.missing_member",
                       {{"in", where_}, {"member", std::string(name)}}};
}

void FieldReader::wrong(std::string_view name) {
    if (problem_) return;
    problem_ = Problem{ProblemKind::invalid_input,
                       "ledger.wrong_value",
                       {{"in", where_}, {"member", std::string(name)}}};
}

Expected<void> FieldReader::finish() {
    if (problem_) return tl::unexpected(*problem_);
    for (const auto &member : object_) {
        const std::string_view name(member.key().data(), member.key().size());
        if (known_.contains(name)) continue;
        return fail(ProblemKind::invalid_input, "ledger.unknown_member",
                    {{"in", where_}, {"member", std::string(name)}});
    }
    return {};
}

bool FieldReader::from_value(const boost::json::value &json, bool &value, const std::string &) {
    if (!json.is_bool()) return false;
    value = json.get_bool();
    return true;
}

bool FieldReader::from_value(const boost::json::value &json, std::int64_t &value,
                             const std::string &) {
    if (!json.is_int64()) return false;
    value = json.get_int64();
    return true;
}

bool FieldReader::from_value(const boost::json::value &json, int &value, const std::string &where) {
    std::int64_t wide = 0;
    if (!from_value(json, wide, where)) return false;
    if (wide < std::numeric_limits<int>::min() || wide > std::numeric_limits<int>::max())
        return false;
    value = static_cast<int>(wide);
    return true;
}

bool FieldReader::from_value(const boost::json::value &json, std::string_view &value,
                             const std::string &) {
    if (!json.is_string()) return false;
    value = interned(view(json.get_string()));
    return true;
}

bool FieldReader::from_value(const boost::json::value &json, Duration &value,
                             const std::string &where) {
    std::int64_t count = 0;
    if (!from_value(json, count, where)) return false;
    value = Duration{count};
    return true;
}

bool FieldReader::from_value(const boost::json::value &json, Instant &value,
                             const std::string &where) {
    return from_value(json, value.us, where);
}

bool FieldReader::from_value(const boost::json::value &json, MunicipalityId &id,
                             const std::string &) {
    if (!json.is_string() || json.get_string().size() != 12) return false;
    const auto parsed = parse_ars(view(json.get_string()));
    if (!parsed) return false;
    id = *parsed;
    return true;
}

bool FieldReader::from_value(const boost::json::value &json, PhoneNumber &number,
                             const std::string &) {
    if (!json.is_string()) return false;
    number.e164 = std::string(view(json.get_string()));
    return true;
}

} // namespace fernamt::ledger
