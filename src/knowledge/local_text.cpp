// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/local_text.h"

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

std::string date_text(const std::optional<LocalDate> &date) {
    return date ? to_string(*date) : "";
}
std::string visibility(const LocalText &text) {
    return text.internal ? "internal" : "public";
}
std::string state(const LocalText &text) {
    return text.draft ? "draft" : "released";
}

Expected<void> run(storage::Connection &connection, std::string_view sql,
                   const std::vector<storage::Value> &values) {
    const auto done = connection.run(sql, values);
    if (!done) return tl::unexpected(done.error());
    return {};
}

// The change itself, in one transaction with the generation by which the index finds it.
Expected<void> change(storage::Database &database, const Clock &clock, ServiceId service,
                      const std::function<Expected<void>(storage::Connection &)> &apply) {
    return database.write([&](storage::Connection &connection) -> Expected<void> {
        bool known = false;
        const auto read =
            connection.each("SELECT 1 FROM knowledge_public_service WHERE id = $1", {service.value},
                            [&](const storage::Row &) { return known = true; });
        if (!read) return read;
        if (!known) {
            return fail(ProblemKind::not_found, "knowledge.not_found",
                        {{"service", fmt::format("{}", service.value)}});
        }
        if (auto applied = apply(connection); !applied) return applied;
        return touch_object(connection, clock.now(), service.value);
    });
}

Expected<void> remove(storage::Connection &connection, const LocalText &text) {
    return run(connection,
               "DELETE FROM knowledge_local_text WHERE service = $1 AND municipality = $2 AND "
               "section = $3 AND visibility = $4 AND state = $5",
               {text.service.value, text.municipality.value, std::string(to_string(text.section)),
                visibility(text), state(text)});
}

Expected<void> put(storage::Connection &connection, const LocalText &text) {
    return run(connection,
               "INSERT INTO knowledge_local_text (service, municipality, section, visibility, "
               "state, lines, expires_on) VALUES ($1, $2, $3, $4, $5, $6, $7) "
               "ON CONFLICT (service, municipality, section, visibility, state) DO UPDATE SET "
               "lines = excluded.lines, expires_on = excluded.expires_on",
               {text.service.value, text.municipality.value, std::string(to_string(text.section)),
                visibility(text), state(text), to_json(text.lines), date_text(text.expires_on)});
}

Expected<void> check(const LocalText &text) {
    if (text.municipality == kCommonText) return invalid("municipality");
    if (text.lines.size() > kMostLines) return invalid("lines");
    for (const std::string &line : text.lines) {
        if (line.empty() || line.size() > kLongestLine) return invalid("lines");
    }
    return {};
}

} // namespace

Expected<void> put_local_text(storage::Database &database, const Clock &clock,
                              const LocalText &text) {
    if (auto checked = check(text); !checked) return checked;
    return change(database, clock, text.service, [&](storage::Connection &connection) {
        return text.lines.empty() ? remove(connection, text) : put(connection, text);
    });
}

Expected<void> put_telephone_text(storage::Database &database, const Clock &clock,
                                  const TelephoneText &text) {
    const auto characters = std::ranges::count_if(
        text.text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
    if (static_cast<std::size_t>(characters) > kLongestTelephoneText) return invalid("text");
    return change(database, clock, text.service, [&](storage::Connection &connection) {
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

Expected<void> release_draft(storage::Database &database, const Clock &clock,
                             const LocalText &draft) {
    LocalText released = draft;
    released.draft = false;
    LocalText gone = draft;
    gone.draft = true;
    if (auto checked = check(released); !checked) return checked;
    return change(database, clock, draft.service,
                  [&](storage::Connection &connection) -> Expected<void> {
                      if (auto done = remove(connection, gone); !done) return done;
                      return released.lines.empty() ? remove(connection, released)
                                                    : put(connection, released);
                  });
}

Expected<void> mark_checked(storage::Database &database, const Clock &clock, ServiceId service,
                            MunicipalityId municipality, const LocalDate &today, int review_days) {
    if (review_days < 1 || review_days > 3650) return invalid("review_days");
    return change(database, clock, service, [&](storage::Connection &connection) {
        return run(
            connection,
            "INSERT INTO knowledge_review (service, municipality, checked_on, review_days) "
            "VALUES ($1, $2, $3, $4) ON CONFLICT (service, municipality) DO UPDATE SET "
            "checked_on = excluded.checked_on, review_days = excluded.review_days",
            {service.value, municipality.value, to_string(today), std::int64_t{review_days}});
    });
}

Expected<std::vector<LocalText>> local_texts(storage::Database &database, ServiceId service,
                                             MunicipalityId municipality,
                                             std::optional<MunicipalityId> reader) {
    std::vector<LocalText> texts;
    const bool own = reader && *reader == municipality;
    // Two statements rather than a flag: what is not for the reader is never read.
    const std::string_view sql =
        own ? "SELECT section, visibility, state, lines, expires_on FROM knowledge_local_text "
              "WHERE service = $1 AND municipality = $2 ORDER BY section, visibility, state"
            : "SELECT section, visibility, state, lines, expires_on FROM knowledge_local_text "
              "WHERE service = $1 AND municipality = $2 AND visibility = 'public' AND "
              "state = 'released' ORDER BY section";
    const auto done = database.read([&](storage::Connection &connection) {
        texts.clear();
        return connection.each(sql, {service.value, municipality.value},
                               [&](const storage::Row &row) {
                                   const auto section = parse_section_key(row.text(0));
                                   auto lines = parse_lines(row.text(3));
                                   if (!section || !lines) return true;
                                   texts.push_back({.service = service,
                                                    .municipality = municipality,
                                                    .section = *section,
                                                    .internal = row.text(1) == "internal",
                                                    .draft = row.text(2) == "draft",
                                                    .lines = std::move(*lines),
                                                    .expires_on = parse_date(row.text(4))});
                                   return true;
                               });
    });
    if (!done) return tl::unexpected(done.error());
    return texts;
}

} // namespace fernamt::knowledge
