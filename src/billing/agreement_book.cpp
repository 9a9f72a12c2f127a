// SPDX-License-Identifier: EUPL-1.2
#include "billing/agreement_book.h"

#include "storage/statement.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::billing {

namespace {

using agreements::Agreement;
using agreements::PriceClause;
using agreements::State;

Expected<StoredAgreement> read_row(const storage::Row &row) {
    auto agreement = agreement_from(row.text(1));
    if (!agreement) return tl::unexpected(agreement.error());
    return StoredAgreement{std::move(*agreement), row.integer(0)};
}

Expected<std::vector<StoredAgreement>> select(storage::Connection &connection,
                                              std::string_view where,
                                              const std::vector<storage::Value> &parameters) {
    std::vector<StoredAgreement> found;
    Expected<void> read;
    const auto done =
        connection.each(fmt::format("SELECT version, document FROM agreement_record {} "
                                    "ORDER BY municipality, begins, id",
                                    where),
                        parameters, [&](const storage::Row &row) {
                            auto stored = read_row(row);
                            if (!stored) {
                                read = tl::unexpected(stored.error());
                                return false;
                            }
                            found.push_back(std::move(*stored));
                            return true;
                        });
    if (!done) return tl::unexpected(done.error());
    if (!read) return tl::unexpected(read.error());
    return found;
}

Expected<StoredAgreement> select_one(storage::Connection &connection, std::int64_t id) {
    auto found = select(connection, "WHERE id = $1", {id});
    if (!found) return tl::unexpected(found.error());
    if (found->empty()) return fail(ProblemKind::not_found, "agreement.not_found");
    return std::move(found->front());
}

storage::Value text_or_null(const std::optional<LocalDate> &date) {
    if (!date) return nullptr;
    return to_string(*date);
}

Expected<void> keep_version(storage::Connection &connection, const StoredAgreement &stored,
                            const Change &change) {
    const auto done = connection.run(
        "INSERT INTO agreement_version (agreement, version, document, changed_at, changed_by, "
        "reason) VALUES ($1, $2, $3, $4, $5, $6)",
        {stored.agreement.id, stored.version, to_document(stored.agreement), change.at.us,
         change.by.value, change.reason});
    if (!done) return tl::unexpected(done.error());
    return change.also ? change.also(connection) : Expected<void>{};
}

Expected<void> store(storage::Connection &connection, StoredAgreement &stored,
                     const Change &change) {
    ++stored.version;
    const auto done = connection.run(
        "UPDATE agreement_record SET state = $2, version = $3, begins = $4, ends = $5, "
        "document = $6 WHERE id = $1",
        {stored.agreement.id, std::string{to_string(state_of(stored.agreement))}, stored.version,
         to_string(stored.agreement.term.begins), text_or_null(stored.agreement.ends),
         to_document(stored.agreement)});
    if (!done) return tl::unexpected(done.error());
    return keep_version(connection, stored, change);
}

tl::unexpected<Problem> past_changed(std::string place) {
    return fail(ProblemKind::conflict, "agreement.past_changed",
                {{"place", std::move(place)}, {"remedy", "add_a_part_with_a_later_day"}});
}

// A clause that has begun stays as it is; only its open end may be closed, from today on.
bool kept(const PriceClause &old, const std::vector<PriceClause> &clauses, const LocalDate &today) {
    return std::ranges::any_of(clauses, [&](const PriceClause &clause) {
        PriceClause same = clause;
        same.to = old.to;
        if (!(same == old)) return false;
        if (clause.to == old.to) return true;
        const bool was_open = !old.to || *old.to >= today;
        return was_open && (!clause.to || *clause.to >= today);
    });
}

// What was in force until `today` must read the same afterwards.
Expected<void> keeps_the_past(const Agreement &old, const Agreement &changed,
                              const LocalDate &today) {
    if (old.municipality != changed.municipality) return past_changed("municipality");
    const State state = state_of(old);
    if (state == State::draft || state == State::resolved) return {};
    if (!(old.term == changed.term)) return past_changed("6.term");
    for (std::size_t i = 0; i < old.prices.size(); ++i) {
        if (old.prices[i].from > today || kept(old.prices[i], changed.prices, today)) continue;
        return past_changed(fmt::format("5.prices[{}]", i));
    }
    for (const PriceClause &clause : changed.prices) {
        const bool there = std::ranges::any_of(
            old.prices, [&](const PriceClause &each) { return each.name == clause.name; });
        if (!there && clause.from <= today) return past_changed("5.prices." + clause.name);
    }
    for (LocalDate day = old.term.begins; day <= today;) {
        const auto before = configuration_on(old, day);
        auto after = configuration_on(changed, day);
        if (!(before == after)) return past_changed(to_string(day));
        const auto changes = changes_between(old, day, today);
        day = changes.empty() ? add_days(today, 1) : changes.front();
    }
    for (const auto &population : old.populations) {
        if (population.from > today) continue;
        if (std::ranges::find(changed.populations, population) == changed.populations.end()) {
            return past_changed("5.populations");
        }
    }
    return {};
}

Expected<void> is_current(const StoredAgreement &stored, std::int64_t expected) {
    if (stored.version == expected) return {};
    return fail(ProblemKind::stale, "agreement.stale",
                {{"version", fmt::format("{}", stored.version)}});
}

constexpr LocalDate kOpenEnd{2999, 12, 31};

// Who signs the next agreement before the end of the one before is recorded would be billed twice.
Expected<void> stands_alone(storage::Connection &connection, const Agreement &agreement) {
    const auto days = days_in_force(agreement, agreement.term.begins, kOpenEnd);
    if (!days) return {};
    const auto others = agreements_of(connection, agreement.municipality);
    if (!others) return tl::unexpected(others.error());
    for (const StoredAgreement &other : *others) {
        if (other.agreement.id == agreement.id) continue;
        const auto also = days_in_force(other.agreement, days->from, days->to);
        if (also) return price_overlap(other.agreement, agreement, *also);
    }
    return {};
}

} // namespace

std::optional<LocalDate> ends_by_itself(const Agreement &agreement) {
    const agreements::Term &term = agreement.term;
    if (term.first_months == 0 || term.renewal_months > 0) return std::nullopt;
    return running_until(term, term.begins);
}

std::optional<Days> days_in_force(const Agreement &agreement, const LocalDate &first,
                                  const LocalDate &last) {
    Days days{std::max(agreement.term.begins, first), last};
    if (agreement.ends) days.to = std::min(days.to, *agreement.ends);
    if (const auto end = ends_by_itself(agreement)) days.to = std::min(days.to, *end);
    if (days.to < days.from) return std::nullopt;
    if (configuration_on(agreement, days.from).active) return days;
    const bool later =
        std::ranges::any_of(agreement.history, [&](const agreements::StateChange &change) {
            return days.from < change.on && change.on <= days.to &&
                   configuration_on(agreement, change.on).active;
        });
    if (!later) return std::nullopt;
    return days;
}

tl::unexpected<Problem> price_overlap(const Agreement &earlier, const Agreement &later,
                                      const Days &days) {
    return fail(ProblemKind::conflict, "agreement.price_overlap",
                {{"place", "6.term"},
                 {"other", fmt::format("{}", earlier.id)},
                 {"later", fmt::format("{}", later.id)},
                 {"from", to_string(days.from)},
                 {"to", days.to == kOpenEnd ? "" : to_string(days.to)},
                 {"remedy", "end_the_earlier_one"}});
}

Expected<std::vector<StoredAgreement>> agreements_of(storage::Connection &connection,
                                                     MunicipalityId municipality) {
    return select(connection, "WHERE municipality = $1", {municipality.value});
}

Expected<StoredAgreement> AgreementBook::create(Agreement agreement, const Change &change) {
    if (agreement.municipality.value <= 0 || !agreements::exists(agreement.term.begins)) {
        return fail(ProblemKind::invalid_input, "agreement.invalid",
                    {{"field", agreement.municipality.value <= 0 ? "municipality" : "begins"}});
    }
    StoredAgreement stored{std::move(agreement), 1};
    stored.agreement.history = {
        {State::draft, to_local(change.at).date, change.by, change.at, change.reason}};
    const auto done = database_.write([&](storage::Connection &connection) -> Expected<void> {
        const auto next = storage::next_id(connection, "agreement_record");
        if (!next) return tl::unexpected(next.error());
        stored.agreement.id = *next;
        const auto inserted = connection.run(
            "INSERT INTO agreement_record (id, municipality, state, version, begins, ends, "
            "document) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            {stored.agreement.id, stored.agreement.municipality.value, std::string{"draft"},
             stored.version, to_string(stored.agreement.term.begins),
             text_or_null(stored.agreement.ends), to_document(stored.agreement)});
        if (!inserted) return tl::unexpected(inserted.error());
        return keep_version(connection, stored, change);
    });
    if (!done) return tl::unexpected(done.error());
    return stored;
}

Expected<StoredAgreement> AgreementBook::find(std::int64_t id) {
    Expected<StoredAgreement> found;
    const auto done = database_.read([&](storage::Connection &connection) -> Expected<void> {
        found = select_one(connection, id);
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return found;
}

Expected<std::vector<StoredAgreement>>
AgreementBook::list(std::optional<MunicipalityId> municipality) {
    Expected<std::vector<StoredAgreement>> found;
    const auto done = database_.read([&](storage::Connection &connection) -> Expected<void> {
        found = municipality ? select(connection, "WHERE municipality = $1", {municipality->value})
                             : select(connection, "", {});
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return found;
}

Expected<std::vector<AgreementVersion>> AgreementBook::versions(std::int64_t id) {
    std::vector<AgreementVersion> all;
    Expected<void> read;
    const auto done = database_.read([&](storage::Connection &connection) {
        return connection.each("SELECT version, changed_at, changed_by, reason, document FROM "
                               "agreement_version WHERE agreement = $1 ORDER BY version",
                               {id}, [&](const storage::Row &row) {
                                   auto agreement = agreement_from(row.text(4));
                                   if (!agreement) {
                                       read = tl::unexpected(agreement.error());
                                       return false;
                                   }
                                   all.push_back({row.integer(0), Instant{row.integer(1)},
                                                  UserId{row.integer(2)}, row.text(3),
                                                  std::move(*agreement)});
                                   return true;
                               });
    });
    if (!done) return tl::unexpected(done.error());
    if (!read) return tl::unexpected(read.error());
    return all;
}

Expected<StoredAgreement> AgreementBook::version(std::int64_t id, std::int64_t version) {
    Expected<StoredAgreement> found = fail(ProblemKind::not_found, "agreement.not_found");
    const auto done = database_.read([&](storage::Connection &connection) {
        return connection.each(
            "SELECT document FROM agreement_version WHERE agreement = $1 AND version = $2",
            {id, version}, [&](const storage::Row &row) {
                auto agreement = agreement_from(row.text(0));
                if (agreement)
                    found = StoredAgreement{std::move(*agreement), version};
                else
                    found = tl::unexpected(agreement.error());
                return true;
            });
    });
    if (!done) return tl::unexpected(done.error());
    return found;
}

Expected<StoredAgreement> AgreementBook::update(Agreement agreement, std::int64_t expected_version,
                                                const Change &change) {
    StoredAgreement result;
    const auto done = database_.write([&](storage::Connection &connection) -> Expected<void> {
        auto stored = select_one(connection, agreement.id);
        if (!stored) return tl::unexpected(stored.error());
        if (auto current = is_current(*stored, expected_version); !current) return current;
        if (state_of(stored->agreement) == State::ended) {
            return fail(ProblemKind::conflict, "agreement.ended");
        }
        Agreement changed = agreement;
        changed.history = stored->agreement.history;
        changed.notice_received = stored->agreement.notice_received;
        changed.ends = stored->agreement.ends;
        const LocalDate today = to_local(change.at).date;
        if (auto past = keeps_the_past(stored->agreement, changed, today); !past) return past;
        if (state_of(changed) != State::draft) {
            if (auto wrong = check(changed); !wrong.empty()) return tl::unexpected(wrong.front());
        }
        result = {std::move(changed), stored->version};
        return store(connection, result, change);
    });
    if (!done) return tl::unexpected(done.error());
    return result;
}

Expected<StoredAgreement> AgreementBook::move(std::int64_t id, std::int64_t expected_version,
                                              State to, const LocalDate &on, const Change &change) {
    StoredAgreement result;
    const auto done = database_.write([&](storage::Connection &connection) -> Expected<void> {
        auto stored = select_one(connection, id);
        if (!stored) return tl::unexpected(stored.error());
        if (auto current = is_current(*stored, expected_version); !current) return current;
        result = std::move(*stored);
        const State from = state_of(result.agreement);
        const auto moved =
            change_state(result.agreement, {to, on, change.by, change.at, change.reason});
        if (!moved) return moved;
        // Only what adds days: an end that is recorded late must always be possible.
        const bool adds_days =
            to == State::signed_ || (from == State::notice_given && to == State::active);
        if (adds_days) {
            if (auto alone = stands_alone(connection, result.agreement); !alone) return alone;
        }
        return store(connection, result, change);
    });
    if (!done) return tl::unexpected(done.error());
    return result;
}

Expected<std::optional<StoredAgreement>> AgreementBook::in_force(MunicipalityId municipality,
                                                                 const LocalDate &day) {
    auto all = list(municipality);
    if (!all) return tl::unexpected(all.error());
    std::optional<StoredAgreement> found;
    for (StoredAgreement &each : *all) {
        if (!days_in_force(each.agreement, day, day)) continue;
        if (found) return price_overlap(found->agreement, each.agreement, {day, day});
        found = std::move(each);
    }
    return found;
}

} // namespace fernamt::billing
