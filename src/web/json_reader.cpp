// SPDX-License-Identifier: EUPL-1.2
#include "web/json_reader.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace fernamt::web {

namespace json = boost::json;

struct JsonReader::Document {
    json::value root;
    std::optional<Problem> fault; // the first one
};

namespace {

Problem invalid(std::string field, std::string_view reason) {
    return {ProblemKind::invalid_input,
            "request.invalid",
            {{"field", std::move(field)}, {"reason", std::string(reason)}}};
}

// Boost.JSON keeps the last of repeated members without a word; two readers of one request must
// never see two different values (RFC 8259 section 4), so repetition is refused here.
class RepeatFinder {
  public:
    static constexpr std::size_t max_object_size = ~std::size_t{0};
    static constexpr std::size_t max_array_size = ~std::size_t{0};
    static constexpr std::size_t max_key_size = ~std::size_t{0};
    static constexpr std::size_t max_string_size = ~std::size_t{0};

    bool on_document_begin(json::error_code &) { return true; }
    bool on_document_end(json::error_code &) { return true; }
    bool on_object_begin(json::error_code &) {
        open_.emplace_back();
        return true;
    }
    bool on_object_end(std::size_t, json::error_code &) {
        open_.pop_back();
        return true;
    }
    bool on_array_begin(json::error_code &) { return true; }
    bool on_array_end(std::size_t, json::error_code &) { return true; }
    bool on_key_part(json::string_view part, std::size_t, json::error_code &) {
        key_.append(part.data(), part.size());
        return true;
    }
    bool on_key(json::string_view part, std::size_t, json::error_code &) {
        key_.append(part.data(), part.size());
        if (!open_.back().insert(key_).second) repeated_ = true;
        key_.clear();
        return true;
    }
    bool on_string_part(json::string_view, std::size_t, json::error_code &) { return true; }
    bool on_string(json::string_view, std::size_t, json::error_code &) { return true; }
    bool on_number_part(json::string_view, json::error_code &) { return true; }
    bool on_int64(std::int64_t, json::string_view, json::error_code &) { return true; }
    bool on_uint64(std::uint64_t, json::string_view, json::error_code &) { return true; }
    bool on_double(double, json::string_view, json::error_code &) { return true; }
    bool on_bool(bool, json::error_code &) { return true; }
    bool on_null(json::error_code &) { return true; }
    bool on_comment_part(json::string_view, json::error_code &) { return true; }
    bool on_comment(json::string_view, json::error_code &) { return true; }

    [[nodiscard]] bool repeated() const { return repeated_; }

  private:
    std::vector<std::set<std::string>> open_;
    std::string key_;
    bool repeated_ = false;
};

json::parse_options options_for(const JsonLimits &limits) {
    json::parse_options options; // RFC 8259 and nothing more: no comments, no trailing commas
    options.max_depth = limits.depth;
    return options;
}

bool has_repeated_member(std::string_view body, const JsonLimits &limits) {
    json::basic_parser<RepeatFinder> parser(options_for(limits));
    json::error_code error;
    parser.write_some(false, body.data(), body.size(), error);
    return !error && parser.handler().repeated();
}

std::string_view as_view(const json::string &text) {
    return {text.data(), text.size()};
}

} // namespace

Expected<JsonReader> JsonReader::parse(std::string_view body, JsonLimits limits) {
    if (body.size() > limits.bytes) {
        return fail(ProblemKind::too_large, "request.too_large",
                    {{"most_bytes", fmt::format("{}", limits.bytes)}});
    }
    auto document = std::make_shared<Document>();
    json::error_code error;
    document->root =
        json::parse(json::string_view(body.data(), body.size()), error, {}, options_for(limits));
    if (error == json::error::too_deep) return tl::unexpected(invalid("", "too_deep"));
    if (error) return fail(ProblemKind::invalid_input, "request.not_json");
    if (!document->root.is_object()) return tl::unexpected(invalid("", "not_an_object"));
    if (has_repeated_member(body, limits)) return tl::unexpected(invalid("", "repeated_member"));
    const json::value *root = &document->root;
    return JsonReader(std::move(document), root, "");
}

JsonReader::JsonReader(std::shared_ptr<Document> document, const json::value *object,
                       std::string path)
    : document_(std::move(document)), object_(object), path_(std::move(path)) {}
JsonReader::JsonReader(JsonReader &&) noexcept = default;
JsonReader &JsonReader::operator=(JsonReader &&) noexcept = default;
JsonReader::~JsonReader() = default;

void JsonReader::fault(std::string_view name, std::string_view reason) {
    if (document_->fault) return;
    document_->fault = invalid(path_ + std::string(name), reason);
}

bool JsonReader::good() const {
    return !document_->fault;
}

bool JsonReader::has(std::string_view name) const {
    return object_->get_object().contains(json::string_view(name.data(), name.size()));
}

const json::value *JsonReader::take(std::string_view name) {
    taken_.emplace_back(name);
    return object_->get_object().if_contains(json::string_view(name.data(), name.size()));
}

const json::value *JsonReader::require(std::string_view name) {
    const json::value *value = take(name);
    if (value == nullptr) fault(name, "missing");
    return value;
}

std::string JsonReader::checked_text(const json::value &value, std::string_view name,
                                     TextLimits limits) {
    if (!value.is_string()) return fault(name, "not_a_text"), std::string();
    const std::string_view given = as_view(value.get_string());
    if (!is_clean_text(given, limits.lines)) fault(name, "control_character");
    const std::size_t length = length_of(given);
    if (length < limits.shortest) fault(name, limits.shortest == 1 ? "empty" : "too_short");
    if (length > limits.longest) fault(name, "too_long");
    return std::string(given);
}

std::string JsonReader::text(std::string_view name, TextLimits limits) {
    const json::value *value = require(name);
    if (value == nullptr) return {};
    return checked_text(*value, name, limits);
}

std::optional<std::string> JsonReader::optional_text(std::string_view name, TextLimits limits) {
    const json::value *value = take(name);
    if (value == nullptr) return std::nullopt;
    return checked_text(*value, name, limits);
}

std::optional<std::string> JsonReader::nullable_text(std::string_view name, TextLimits limits) {
    const json::value *value = require(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    return checked_text(*value, name, limits);
}

std::int64_t JsonReader::integer(std::string_view name, std::int64_t smallest,
                                 std::int64_t largest) {
    if (!has(name)) return fault(name, "missing"), smallest;
    return optional_integer(name, smallest, largest).value_or(smallest);
}

std::optional<std::int64_t>
JsonReader::optional_integer(std::string_view name, std::int64_t smallest, std::int64_t largest) {
    const json::value *value = take(name);
    if (value == nullptr) return std::nullopt;
    if (value->is_uint64()) return fault(name, "out_of_range"), std::nullopt;
    if (!value->is_int64()) return fault(name, "not_an_integer"), std::nullopt;
    const std::int64_t given = value->get_int64();
    if (given < smallest || given > largest) return fault(name, "out_of_range"), std::nullopt;
    return given;
}

std::optional<std::int64_t>
JsonReader::nullable_integer(std::string_view name, std::int64_t smallest, std::int64_t largest) {
    const json::value *value = require(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    return optional_integer(name, smallest, largest);
}

bool JsonReader::boolean(std::string_view name) {
    const json::value *value = require(name);
    if (value == nullptr) return false;
    if (!value->is_bool()) return fault(name, "not_a_boolean"), false;
    return value->get_bool();
}

std::vector<std::string> JsonReader::texts(std::string_view name, std::size_t most,
                                           TextLimits limits) {
    std::vector<std::string> result;
    const json::value *value = require(name);
    if (value == nullptr) return result;
    if (!value->is_array()) return fault(name, "not_a_list"), result;
    if (value->get_array().size() > most) return fault(name, "too_many"), result;
    std::size_t index = 0;
    for (const json::value &item : value->get_array()) {
        result.push_back(checked_text(item, fmt::format("{}[{}]", name, index++), limits));
    }
    return result;
}

std::optional<std::string> JsonReader::optional_object_text(std::string_view name,
                                                            std::size_t bytes) {
    const json::value *value = take(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_object()) return fault(name, "not_an_object"), std::nullopt;
    std::string text = json::serialize(*value);
    if (text.size() > bytes) return fault(name, "too_long"), std::nullopt;
    return text;
}

void JsonReader::objects(std::string_view name, std::size_t most,
                         const std::function<void(JsonReader &)> &read) {
    const json::value *value = require(name);
    if (value == nullptr) return;
    if (!value->is_array()) return fault(name, "not_a_list");
    if (value->get_array().size() > most) return fault(name, "too_many");
    std::size_t index = 0;
    for (const json::value &item : value->get_array()) {
        const std::string place = fmt::format("{}[{}]", name, index++);
        if (!item.is_object()) return fault(place, "not_an_object");
        JsonReader inner(document_, &item, path_ + place + ".");
        read(inner);
        inner.refuse_unknown();
    }
}

void JsonReader::ignore(std::string_view name) {
    static_cast<void>(take(name));
}

void JsonReader::refuse_unknown() {
    for (const auto &member : object_->get_object()) {
        const std::string_view key(member.key().data(), member.key().size());
        if (std::find(taken_.begin(), taken_.end(), key) != taken_.end()) continue;
        // Only a name we could have known is repeated to the client and the log.
        const bool plain = key.size() <= 40 && is_clean_text(key, Lines::one);
        fault(plain ? key : std::string_view("?"), "unknown_member");
        return;
    }
}

Expected<void> JsonReader::finish() {
    refuse_unknown();
    if (document_->fault) return tl::unexpected(*document_->fault);
    return {};
}

} // namespace fernamt::web
