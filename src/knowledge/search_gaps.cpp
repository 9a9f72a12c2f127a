// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/search_gaps.h"

#include "base/calendar.h"
#include "knowledge/search.h"
#include "storage/statement.h"

#include <algorithm>
#include <utility>

namespace fernamt::knowledge {

namespace {

constexpr std::size_t kShortest = 4;
constexpr std::size_t kLongest = 60;

// Empty: not to be counted.
std::string countable(std::string_view query) {
    if (query.find_first_of("0123456789@") != std::string_view::npos) return "";
    std::string words;
    for (const char c : normalise(query)) {
        if (c == ' ' && (words.empty() || words.back() == ' ')) continue;
        words += c;
    }
    while (!words.empty() && words.back() == ' ')
        words.pop_back();
    if (words.size() < kShortest || words.size() > kLongest) return "";
    return words;
}

bool goes_on(const std::string &before, const std::string &now) {
    return now.starts_with(before) || before.starts_with(now);
}

Expected<void> add(storage::Connection &connection, const std::string &query,
                   std::int64_t municipality, std::int64_t times, const std::string &today) {
    const auto counted =
        connection.run("UPDATE knowledge_gap SET times = times + $1, last_on = $2 WHERE query = $3 "
                       "AND municipality = $4",
                       {times, today, query, municipality});
    if (!counted) return tl::unexpected(counted.error());
    if (*counted > 0) return {};
    const auto id = storage::next_id(connection, "knowledge_gap");
    if (!id) return tl::unexpected(id.error());
    return storage::run(connection,
                        "INSERT INTO knowledge_gap (id, query, municipality, times, last_on, "
                        "state) VALUES ($1, $2, $3, $4, $5, 'open')",
                        {*id, query, municipality, times, today});
}

} // namespace

void SearchGaps::settle(const Typed &typed, UserId who,
                        std::vector<std::pair<Key, std::int64_t>> &ready) {
    if (typed.found || typed.key.first.empty()) return;
    if (counts_.size() >= kMostKept && !counts_.contains(typed.key)) return;
    Count &count = counts_[typed.key];
    ++count.times;
    count.last = typed.at;
    if (count.people.size() < kPeople) count.people.insert(who.value);
    if (count.times < kTimes || count.people.size() < kPeople) return;
    ready.emplace_back(typed.key, count.times);
    count.times = 0; // the people stay: from now on every further kTimes is added
}

void SearchGaps::forget(Instant now) {
    std::erase_if(counts_, [&](const auto &one) { return now - one.second.last > kForgotten; });
}

Expected<void> SearchGaps::asked(UserId who, MunicipalityId municipality, std::string_view query,
                                 bool found, Instant now) {
    Typed typed{{countable(query), municipality.value}, found, now};
    std::vector<std::pair<Key, std::int64_t>> ready;
    {
        const std::scoped_lock lock(mutex_);
        const auto mine = typing_.find(who.value);
        if (mine != typing_.end() && now - mine->second.at <= kSettled &&
            goes_on(mine->second.key.first, typed.key.first)) {
            mine->second = typed;
        }
        for (auto one = typing_.begin(); one != typing_.end();) {
            const bool replaced = one->first == who.value && one->second.key != typed.key;
            if (!replaced && now - one->second.at <= kSettled) {
                ++one;
                continue;
            }
            settle(one->second, UserId{one->first}, ready);
            one = typing_.erase(one);
        }
        typing_.insert_or_assign(who.value, std::move(typed));
        forget(now);
    }
    if (ready.empty()) return {};
    const std::string today = to_string(to_local(now).date);
    return database_.write([&](storage::Connection &connection) -> Expected<void> {
        for (const auto &[key, times] : ready) {
            if (auto done = add(connection, key.first, key.second, times, today); !done) {
                return done;
            }
        }
        return {};
    });
}

Expected<std::vector<SearchGap>>
SearchGaps::open(std::optional<MunicipalityId> municipality) const {
    std::vector<SearchGap> gaps;
    std::string sql = "SELECT id, query, municipality, times, last_on FROM knowledge_gap WHERE "
                      "state = 'open' ";
    std::vector<storage::Value> values;
    if (municipality) {
        sql += "AND municipality = $1 ";
        values.emplace_back(municipality->value);
    }
    const auto done = database_.read([&](storage::Connection &connection) {
        gaps.clear();
        return connection.each(
            sql + "ORDER BY times DESC, query LIMIT 200", values, [&](const storage::Row &row) {
                gaps.push_back({row.integer(0), row.text(1), MunicipalityId{row.integer(2)},
                                row.integer(3), row.text(4)});
                return true;
            });
    });
    if (!done) return tl::unexpected(done.error());
    return gaps;
}

Expected<void> SearchGaps::dismiss(std::int64_t id, std::optional<MunicipalityId> municipality) {
    return database_.write([&](storage::Connection &connection) -> Expected<void> {
        const auto changed =
            municipality
                ? connection.run("UPDATE knowledge_gap SET state = 'dismissed' WHERE id = $1 AND "
                                 "municipality = $2",
                                 {id, municipality->value})
                : connection.run("UPDATE knowledge_gap SET state = 'dismissed' WHERE id = $1",
                                 {id});
        if (!changed) return tl::unexpected(changed.error());
        if (*changed == 0) return fail(ProblemKind::not_found, "knowledge.gap_not_found");
        return {};
    });
}

} // namespace fernamt::knowledge
