// SPDX-License-Identifier: EUPL-1.2
// Strict reading of a request's JSON. Each getter names a member; the first fault is kept with the
// path of its place ("hours[2].from") and a reason, and the getters go on with empty values, so a
// caller reads everything, calls finish() once and has either values or one Problem
// "request.invalid" {field, reason}. Unknown and repeated members are faults, too; so are depth and
// size beyond the limits. It validates nothing about the domain.
#pragma once

#include "base/problem.h"
#include "web/text_check.h"

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fernamt::web {

struct JsonLimits {
    std::size_t bytes = 64 * 1024;
    std::size_t depth = 8;
};

struct TextLimits {
    std::size_t shortest = 0; // code points
    std::size_t longest = 200;
    Lines lines = Lines::one;
};

class JsonReader {
  public:
    // The body must be one JSON object.
    [[nodiscard]] static Expected<JsonReader> parse(std::string_view body, JsonLimits limits = {});
    JsonReader(JsonReader &&) noexcept;
    JsonReader &operator=(JsonReader &&) noexcept;
    ~JsonReader();

    [[nodiscard]] bool has(std::string_view name) const; // also when it is null
    std::string text(std::string_view name, TextLimits limits = {});
    std::optional<std::string> optional_text(std::string_view name, TextLimits limits = {});
    // The member must be there, but may be null.
    std::optional<std::string> nullable_text(std::string_view name, TextLimits limits = {});
    std::int64_t integer(std::string_view name, std::int64_t smallest, std::int64_t largest);
    std::optional<std::int64_t> optional_integer(std::string_view name, std::int64_t smallest,
                                                 std::int64_t largest);
    // The member must be there, but may be null.
    std::optional<std::int64_t> nullable_integer(std::string_view name, std::int64_t smallest,
                                                 std::int64_t largest);
    bool boolean(std::string_view name);
    std::vector<std::string> texts(std::string_view name, std::size_t most, TextLimits limits = {});
    // Any object, kept as compact JSON text of at most `bytes`.
    std::optional<std::string> optional_object_text(std::string_view name, std::size_t bytes);
    // Calls `read` for each object of an array.
    void objects(std::string_view name, std::size_t most,
                 const std::function<void(JsonReader &)> &read);
    // Accepts the member whatever it is, and does not look at it.
    void ignore(std::string_view name);

    // One of the names; the value belongs to it. Faults name the allowed ones.
    template <class Value>
    Value choice(std::string_view name,
                 std::span<const std::pair<std::string_view, Value>> values) {
        return find_choice(text(name), name, values).value_or(Value{});
    }
    template <class Value>
    std::optional<Value>
    optional_choice(std::string_view name,
                    std::span<const std::pair<std::string_view, Value>> values) {
        const auto given = optional_text(name);
        if (!given) return std::nullopt;
        return find_choice(*given, name, values);
    }

    // For what the caller checks itself: remembered like a fault of ours.
    void fault(std::string_view name, std::string_view reason);
    [[nodiscard]] bool good() const;
    [[nodiscard]] Expected<void> finish();

  private:
    struct Document;
    struct Place;
    JsonReader(std::shared_ptr<Document> document, const boost::json::value *object,
               std::string path);
    const boost::json::value *take(std::string_view name);
    const boost::json::value *require(std::string_view name);
    std::string checked_text(const boost::json::value &value, std::string_view name,
                             TextLimits limits);
    void refuse_unknown();

    template <class Value>
    std::optional<Value> find_choice(const std::string &given, std::string_view name,
                                     std::span<const std::pair<std::string_view, Value>> values) {
        for (const auto &[known, value] : values) {
            if (known == given) return value;
        }
        fault(name, "not_one_of");
        return std::nullopt;
    }

    std::shared_ptr<Document> document_;
    const boost::json::value *object_;
    std::string path_;
    std::vector<std::string> taken_;
};

} // namespace fernamt::web
