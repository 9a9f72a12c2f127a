// SPDX-License-Identifier: EUPL-1.2
#include "base/log.h"

#include "base/time.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cmath>
#include <memory>

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
    case Level::debug:
        return spdlog::level::debug;
    case Level::info:
        return spdlog::level::info;
    case Level::warning:
        return spdlog::level::warn;
    case Level::error:
        return spdlog::level::err;
    }
    return spdlog::level::err;
}

std::string_view name_of(Level level) {
    switch (level) {
    case Level::debug:
        return "debug";
    case Level::info:
        return "info";
    case Level::warning:
        return "warning";
    case Level::error:
        return "error";
    }
    return "error";
}

// Length of the UTF-8 character at the start of the text (RFC 3629 section 4); 0 if it is none.
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&text](std::size_t at) {
        return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
    };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4) return 0;
    for (std::size_t at = 1; at < length; ++at) {
        if ((byte(at) & 0xc0U) != 0x80U) return 0;
    }
    const bool too_long = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
    const bool surrogate = first == 0xed && byte(1) > 0x9f;
    const bool beyond = first == 0xf4 && byte(1) > 0x8f;
    return too_long || surrogate || beyond ? 0 : length;
}

// One event stays one line of valid UTF-8 whatever the text contains (RFC 8259 sections 7, 8.1).
void append_quoted(std::string &out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        const char c = text.front();
        const std::size_t length = utf8_length(text);
        if (length != 1) {
            out += length == 0 ? std::string_view("\\ufffd") : text.substr(0, length);
            text.remove_prefix(length == 0 ? 1 : length);
            continue;
        }
        text.remove_prefix(1);
        switch (c) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\n':
            out += "\\n";
            break;
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
            } else if constexpr (std::is_same_v<T, double>) {
                out += std::isfinite(value) ? fmt::format("{}", value) : "null"; // JSON has no NaN
            } else {
                out += fmt::format("{}", value);
            }
        },
        field.value);
}

} // namespace

void set_level(Level level) {
    logger().set_level(to_spdlog(level));
}

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
