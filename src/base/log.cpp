// SPDX-License-Identifier: EUPL-1.2
#include "base/log.h"

#include <chrono>
#include <memory>

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/time.h"

namespace fernamt::log {

namespace {

spdlog::logger &logger() {
    static const auto instance = [] {
        auto made = std::make_shared<spdlog::logger>(
            "fernamt", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made->set_pattern("%v");
        made->flush_on(spdlog::level::info);
        return made;
    }();
    return *instance;
}

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warning: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
    }
    return spdlog::level::err;
}

std::string_view name_of(Level level) {
    switch (level) {
    case Level::debug: return "debug";
    case Level::info: return "info";
    case Level::warning: return "warning";
    case Level::error: return "error";
    }
    return "error";
}

// One event stays one line whatever the text contains (RFC 8259 section 7).
void append_quoted(std::string &out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        switch (c) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        default:
            if (static_cast<unsigned char>(c) < 0x20) {
                out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
            } else {
                out += c;
            }
        }
    }
    out += '"';
}

void append_value(std::string &out, const Field &field) {
    std::visit(
        [&out](const auto &value) {
            using T = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<T, std::string>) {
                append_quoted(out, value);
            } else {
                out += fmt::format("{}", value);
            }
        },
        field.value);
}

} // namespace

void set_level(Level level) { logger().set_level(to_spdlog(level)); }

void write(Level level, std::string_view event, Fields fields) {
    const auto spd = to_spdlog(level);
    if (!logger().should_log(spd)) return;
    std::string line =
        fmt::format("{{\"ts\":\"{}\",\"level\":\"{}\",\"event\":", to_iso8601(SystemClock{}.now()),
                    name_of(level));
    append_quoted(line, event);
    for (const Field &field : fields) {
        line += ',';
        append_quoted(line, field.name);
        line += ':';
        append_value(line, field);
    }
    line += '}';
    logger().log(spd, line);
}

} // namespace fernamt::log
