// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/local_text.h"

#include "knowledge/bulk_rows.h"
#include "knowledge/demo_file.h"
#include "knowledge/object_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace fernamt::knowledge {

namespace {

constexpr std::size_t kMostLines = 100;
constexpr std::size_t kLongestLine = 2'000;

tl::unexpected<Problem> invalid(std::string field) {
    return fail(ProblemKind::invalid_input, "knowledge.text_invalid",
                {{"field", std::move(field)}});
}

tl::unexpected<Problem> too_long(std::string field, std::size_t most) {
    return fail(ProblemKind::invalid_input, "knowledge.text_too_long",
                {{"field", std::move(field)}, {"most", fmt::format("{}", most)}});
}

std::size_t characters_of(const std::string &text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string date_text(const std::optional<LocalDate> &date) {
    return date ? to_string(*date) : "";
}
std::string visibility(const LocalText &text) {
    return text.internal ? "internal" : "public";
}

// The change itself, with the generation by which the index finds it.
Expected<void> change(storage::Connection &connection, Instant now, ServiceId service,
                      const std::function<Expected<void>()> &apply) {
    if (auto known = check_service(connection, service); !known) return known;
    if (auto applied = apply(); !applied) return applied;
    return touch_object(connection, now, service.value);
}

Expected<void> remove(storage::Connection &connection, const LocalText &text) {
    return run(connection,
               "DELETE FROM knowledge_local_text WHERE service = $1 AND municipality = $2 AND "
               "section = $3 AND visibility = $4 AND state = 'released'",
               {text.service.value, text.municipality.value, std::string(to_string(text.section)),
                visibility(text)});
}

Expected<void> put(storage::Connection &connection, const LocalText &text) {
    return run(connection,
               "INSERT INTO knowledge_local_text (service, municipality, section, visibility, "
               "state, lines, expires_on) VALUES ($1, $2, $3, $4, 'released', $5, $6) "
               "ON CONFLICT (service, municipality, section, visibility, state) DO UPDATE SET "
               "lines = excluded.lines, expires_on = excluded.expires_on",
               {text.service.value, text.municipality.value, std::string(to_string(text.section)),
                visibility(text), to_json(text.lines), date_text(text.expires_on)});
}

} // namespace

Expected<void> check_service(storage::Connection &connection, ServiceId service) {
    const auto known = storage::exists(
        connection, "SELECT 1 FROM knowledge_public_service WHERE id = $1", {service.value});
    if (!known) return tl::unexpected(known.error());
    if (*known) return {};
    return fail(ProblemKind::not_found, "knowledge.not_found",
                {{"service", fmt::format("{}", service.value)}});
}

Expected<void> check(const LocalText &text) {
    if (text.internal && text.municipality == kCommonText) return invalid("internal");
    if (text.lines.size() > kMostLines) {
        return fail(ProblemKind::invalid_input, "knowledge.text_too_many_lines",
                    {{"field", "lines"}, {"most", fmt::format("{}", kMostLines)}});
    }
    for (const std::string &line : text.lines) {
        if (line.empty()) return invalid("lines");
        if (characters_of(line) > kLongestLine) return too_long("lines", kLongestLine);
    }
    return {};
}

Expected<void> check(const TelephoneText &text) {
    if (characters_of(text.text) <= kLongestTelephoneText) return {};
    return too_long("text", kLongestTelephoneText);
}

Expected<void> put_local_text(storage::Connection &connection, Instant now, const LocalText &text) {
    if (auto checked = check(text); !checked) return checked;
    return change(connection, now, text.service, [&] {
        return text.lines.empty() ? remove(connection, text) : put(connection, text);
    });
}

Expected<void> put_telephone_text(storage::Connection &connection, Instant now,
                                  const TelephoneText &text) {
    if (auto checked = check(text); !checked) return checked;
    return change(connection, now, text.service, [&] {
        if (text.text.empty()) {
            return run(connection,
                       "DELETE FROM knowledge_telephone_text WHERE service = $1 AND "
                       "municipality = $2",
                       {text.service.value, text.municipality.value});
        }
        return run(
            connection,
            "INSERT INTO knowledge_telephone_text (service, municipality, text, expires_on) "
            "VALUES ($1, $2, $3, $4) ON CONFLICT (service, municipality) DO UPDATE SET "
            "text = excluded.text, expires_on = excluded.expires_on",
            {text.service.value, text.municipality.value, text.text, date_text(text.expires_on)});
    });
}

Expected<void> put_local_text(storage::Database &database, const Clock &clock,
                              const LocalText &text) {
    return database.write([&](storage::Connection &connection) {
        return put_local_text(connection, clock.now(), text);
    });
}

Expected<void> put_telephone_text(storage::Database &database, const Clock &clock,
                                  const TelephoneText &text) {
    return database.write([&](storage::Connection &connection) {
        return put_telephone_text(connection, clock.now(), text);
    });
}

} // namespace fernamt::knowledge
