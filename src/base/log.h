// SPDX-License-Identifier: EUPL-1.2
// Structured log: one event = one JSON line on standard error with ts, level, event and fields.
// Never personal data: Redacted<T> does not convert to a Field, and nothing else may carry a number
// or a name of a caller. Thread-safe.
//
//     log::info("call.queued", {{"call", call.value}, {"municipality", to_ars(id)}});
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace fernamt::log {

enum class Level { debug, info, warning, error };

struct Field {
    std::string_view name;
    std::variant<std::int64_t, double, bool, std::string> value;

    template <std::integral T>
        requires(!std::same_as<T, bool>)
    Field(std::string_view n, T v) : name(n), value(static_cast<std::int64_t>(v)) {}
    Field(std::string_view n, bool v) : name(n), value(v) {}
    Field(std::string_view n, double v) : name(n), value(v) {}
    Field(std::string_view n, std::string v) : name(n), value(std::move(v)) {}
    Field(std::string_view n, std::string_view v) : name(n), value(std::string(v)) {}
    Field(std::string_view n, const char *v) : name(n), value(std::string(v)) {}
};

using Fields = std::initializer_list<Field>;

void set_level(Level level); // default: info
void write(Level level, std::string_view event, Fields fields);

inline void debug(std::string_view event, Fields fields = {}) {
    write(Level::debug, event, fields);
}
inline void info(std::string_view event, Fields fields = {}) {
    write(Level::info, event, fields);
}
inline void warning(std::string_view event, Fields fields = {}) {
    write(Level::warning, event, fields);
}
inline void error(std::string_view event, Fields fields = {}) {
    write(Level::error, event, fields);
}

} // namespace fernamt::log
