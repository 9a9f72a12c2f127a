// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/care.h"

#include "knowledge/object_store.h"

#include <algorithm>

namespace fernamt::knowledge {

namespace {

// Where nobody has checked the common text here, its source's approval holds.
constexpr std::string_view kColumns =
    "SELECT s.id, s.name, COALESCE(r.checked_on, ''), s.approved_on, "
    "COALESCE(r.review_days, 365), COALESCE(c.editor, 0), COALESCE(c.reviewer, 0) "
    "FROM knowledge_public_service s LEFT JOIN knowledge_review r ON r.service = s.id AND "
    "r.municipality = $1 "
    "LEFT JOIN knowledge_care c ON c.service = s.id AND c.municipality = $1 ";

Care care_from(const storage::Row &row, MunicipalityId municipality) {
    Care care{.service = ServiceId{row.integer(0)},
              .municipality = municipality,
              .editor = UserId{row.integer(5)},
              .reviewer = MunicipalityId{row.integer(6)},
              .review_days = static_cast<int>(row.integer(4)),
              .checked_on = parse_date(row.text(2))};
    if (municipality == kCommonText) care.checked_on = last_check(row.text(2), row.text(3));
    return care;
}

tl::unexpected<Problem> invalid(std::string field) {
    return fail(ProblemKind::invalid_input, "knowledge.text_invalid",
                {{"field", std::move(field)}});
}

Expected<Care> find(storage::Connection &connection, ServiceId service,
                    MunicipalityId municipality) {
    std::optional<Care> found;
    const auto done =
        connection.each(std::string(kColumns) + "WHERE s.id = $2",
                        {municipality.value, service.value}, [&](const storage::Row &row) {
                            found = care_from(row, municipality);
                            return false;
                        });
    if (!done) return tl::unexpected(done.error());
    if (!found) return fail(ProblemKind::not_found, "knowledge.not_found");
    return *found;
}

Expected<void> store_review(storage::Connection &connection, const Care &care) {
    const auto done = connection.run(
        "INSERT INTO knowledge_review (service, municipality, checked_on, review_days) "
        "VALUES ($1, $2, $3, $4) ON CONFLICT (service, municipality) DO UPDATE SET "
        "checked_on = excluded.checked_on, review_days = excluded.review_days",
        {care.service.value, care.municipality.value,
         care.checked_on ? to_string(*care.checked_on) : std::string(),
         std::int64_t{care.review_days}});
    if (!done) return tl::unexpected(done.error());
    return {};
}

Expected<void> append_due(storage::Connection &connection, MunicipalityId municipality,
                          MunicipalityId reviewer, const LocalDate &today, const LocalDate &until,
                          std::vector<DueReview> &due) {
    return connection.each(
        std::string(kColumns) +
            "WHERE (EXISTS (SELECT 1 FROM knowledge_top t WHERE t.service = s.id) OR "
            "r.service IS NOT NULL OR c.service IS NOT NULL) AND COALESCE(c.reviewer, 0) = $2 "
            "ORDER BY s.id",
        {municipality.value, reviewer.value}, [&](const storage::Row &row) {
            const Care care = care_from(row, municipality);
            const LocalDate due_on =
                care.checked_on ? add_days(*care.checked_on, care.review_days) : today;
            if (due_on <= until) due.push_back({care, row.text(1), due_on});
            return true;
        });
}

} // namespace

Expected<Care> care_of(storage::Database &database, const Editor &editor, ServiceId service,
                       MunicipalityId municipality) {
    Care care;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        if (auto may = may_write(connection, editor, service, municipality); !may) return may;
        const auto found = find(connection, service, municipality);
        if (!found) return tl::unexpected(found.error());
        care = *found;
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return care;
}

Expected<void> set_care(storage::Database &database, const Clock &clock, const Editor &editor,
                        const Care &care) {
    if (care.review_days < 1 || care.review_days > kLongestReviewDays) {
        return invalid("review_days");
    }
    const bool common = care.municipality == kCommonText;
    if (care.reviewer && !common) return invalid("reviewer");
    return database.write([&](storage::Connection &connection) -> Expected<void> {
        if (auto may = may_write(connection, editor, care.service, care.municipality); !may) {
            return may;
        }
        if (common && editor.municipality) {
            return fail(ProblemKind::forbidden, "knowledge.common_text_centre_only");
        }
        const auto before = find(connection, care.service, care.municipality);
        if (!before) return tl::unexpected(before.error());
        Care review = care;
        review.checked_on = before->checked_on;
        if (auto done = store_review(connection, review); !done) return done;
        const auto done = connection.run(
            "INSERT INTO knowledge_care (service, municipality, editor, reviewer) "
            "VALUES ($1, $2, $3, $4) ON CONFLICT (service, municipality) DO UPDATE SET "
            "editor = excluded.editor, reviewer = excluded.reviewer",
            {care.service.value, care.municipality.value, care.editor.value, care.reviewer.value});
        if (!done) return tl::unexpected(done.error());
        return touch_object(connection, clock.now(), care.service.value);
    });
}

Expected<void> mark_checked(storage::Database &database, const Clock &clock, const Editor &editor,
                            ServiceId service, MunicipalityId municipality) {
    return database.write([&](storage::Connection &connection) -> Expected<void> {
        if (auto may = may_write(connection, editor, service, municipality); !may) return may;
        auto care = find(connection, service, municipality);
        if (!care) return tl::unexpected(care.error());
        const Instant now = clock.now();
        care->checked_on = to_local(now).date;
        if (auto done = store_review(connection, *care); !done) return done;
        const auto done = connection.run(
            "INSERT INTO knowledge_check (service, municipality, checked_at, checked_by) "
            "VALUES ($1, $2, $3, $4) ON CONFLICT (service, municipality, checked_at) DO NOTHING",
            {service.value, municipality.value, now.us, editor.user.value});
        if (!done) return tl::unexpected(done.error());
        return touch_object(connection, now, service.value);
    });
}

Expected<std::vector<DueReview>> due_reviews(storage::Connection &connection, const Editor &editor,
                                             const LocalDate &today, const LocalDate &until) {
    std::vector<DueReview> due;
    const MunicipalityId own = editor.municipality.value_or(kCommonText);
    if (auto done = append_due(connection, kCommonText, own, today, until, due); !done) {
        return tl::unexpected(done.error());
    }
    if (own != kCommonText) {
        if (auto done = append_due(connection, own, kCommonText, today, until, due); !done) {
            return tl::unexpected(done.error());
        }
    }
    std::ranges::stable_sort(due, {}, &DueReview::due_on);
    return due;
}

} // namespace fernamt::knowledge
