// SPDX-License-Identifier: EUPL-1.2
#include "billing/finance_notices.h"

#include "billing/agreement_book.h"
#include "billing/invoice_book.h"
#include "billing/invoice_pdf.h"
#include "billing/year_forecast.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace fernamt::billing {

namespace {

using agreements::Alarm;
constexpr std::array kAlarms{Alarm::none, Alarm::watch, Alarm::warning, Alarm::exceeded};

Alarm parse_alarm(const std::string &text) {
    const auto found = std::ranges::find_if(
        kAlarms, [&](Alarm alarm) { return agreements::to_string(alarm) == text; });
    return found == kAlarms.end() ? Alarm::none : *found;
}

struct Watched {
    BudgetNotice notice;
    Instant computed_at;
    Alarm told = Alarm::none;
};

Expected<std::vector<Watched>> watched(storage::Database &database, int year) {
    std::vector<Watched> rows;
    const auto done = database.read([&](storage::Connection &connection) {
        rows.clear();
        return connection.each(
            "SELECT municipality, month, alarm, budget_cents, forecast_cents, exhausted_in, "
            "computed_at, told FROM budget_watch WHERE year = $1 ORDER BY municipality",
            {std::int64_t{year}}, [&](const storage::Row &row) {
                Watched each;
                each.notice.municipality = MunicipalityId{row.integer(0)};
                each.notice.year = year;
                each.notice.month = static_cast<int>(row.integer(1));
                each.notice.alarm = parse_alarm(row.text(2));
                each.notice.budget = Money{row.integer(3)};
                each.notice.forecast = Money{row.integer(4)};
                if (!row.is_null(5)) each.notice.exhausted_in = static_cast<int>(row.integer(5));
                each.computed_at = Instant{row.integer(6)};
                each.told = parse_alarm(row.text(7));
                rows.push_back(each);
                return true;
            });
    });
    if (!done) return tl::unexpected(done.error());
    return rows;
}

Expected<void> store(storage::Database &database, const BudgetNotice &notice, Instant now) {
    const storage::Value exhausted = notice.exhausted_in
                                         ? storage::Value{std::int64_t{*notice.exhausted_in}}
                                         : storage::Value{nullptr};
    return database.write([&](storage::Connection &connection) -> Expected<void> {
        const auto stored = connection.run(
            "INSERT INTO budget_watch (municipality, year, month, alarm, budget_cents, "
            "forecast_cents, exhausted_in, computed_at, told) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'none') "
            "ON CONFLICT (municipality, year) DO UPDATE SET month = excluded.month, "
            "alarm = excluded.alarm, budget_cents = excluded.budget_cents, "
            "forecast_cents = excluded.forecast_cents, exhausted_in = excluded.exhausted_in, "
            "computed_at = excluded.computed_at",
            {notice.municipality.value, std::int64_t{notice.year}, std::int64_t{notice.month},
             std::string{agreements::to_string(notice.alarm)}, notice.budget.cents,
             notice.forecast.cents, exhausted, now.us});
        if (!stored) return tl::unexpected(stored.error());
        return {};
    });
}

// Of the agreements whose year has a budget; only what is in force counts later.
Expected<std::set<MunicipalityId>> with_budget(storage::Database &database, int year) {
    const auto all = AgreementBook(database).list();
    if (!all) return tl::unexpected(all.error());
    std::set<MunicipalityId> found;
    for (const StoredAgreement &stored : *all) {
        for (const auto &budget : stored.agreement.budgets) {
            if (budget.year == year) found.insert(stored.agreement.municipality);
        }
    }
    return found;
}

std::optional<BudgetNotice> notice_of(MunicipalityId municipality, int year,
                                      const YearForecast &forecast) {
    if (!forecast.budget || forecast.months.empty()) return std::nullopt;
    const agreements::MonthForecast &last = forecast.months.back();
    return BudgetNotice{municipality,     year,          last.month,       last.alarm,
                        *forecast.budget, last.forecast, last.exhausted_in};
}

std::optional<AgreementNotice> notice_of(const agreements::Agreement &agreement,
                                         const LocalDate &today) {
    if (agreement.ends || state_on(agreement, today) != agreements::State::active) {
        return std::nullopt;
    }
    const auto next = agreements::next_possible_end(agreement.term, today, agreement.land);
    if (!next) return std::nullopt;
    std::optional<LocalDate> due;
    for (const auto &each : agreements::reminders(agreement.term, today, agreement.land)) {
        if (each.on <= today) due = each.on; // by date: the last one that is due
    }
    if (!due) return std::nullopt;
    return AgreementNotice{agreement.id, agreement.municipality, agreement.title,
                           *due,         next->notice_until,     next->last_day};
}

Expected<bool> was_told(storage::Database &database, const AgreementNotice &notice) {
    bool told = false;
    const auto done = database.read([&](storage::Connection &connection) {
        return connection.each(
            "SELECT 1 FROM agreement_told WHERE agreement = $1 AND remind_on = $2",
            {notice.agreement, to_string(notice.remind_on)}, [&](const storage::Row &) {
                told = true;
                return true;
            });
    });
    if (!done) return tl::unexpected(done.error());
    return told;
}

Expected<void> mark_told(storage::Database &database, const AgreementNotice &notice, Instant now) {
    return database.write([&](storage::Connection &connection) -> Expected<void> {
        const auto stored = connection.run(
            "INSERT INTO agreement_told (agreement, remind_on, told_at) VALUES ($1, $2, $3)",
            {notice.agreement, to_string(notice.remind_on), now.us});
        if (!stored) return tl::unexpected(stored.error());
        return {};
    });
}

Expected<void> mark_told(storage::Database &database, const BudgetNotice &notice) {
    return database.write([&](storage::Connection &connection) -> Expected<void> {
        const auto stored = connection.run(
            "UPDATE budget_watch SET told = $3 WHERE municipality = $1 AND year = $2",
            {notice.municipality.value, std::int64_t{notice.year},
             std::string{agreements::to_string(notice.alarm)}});
        if (!stored) return tl::unexpected(stored.error());
        return {};
    });
}

struct Message {
    std::string subject;
    std::string text;
};

std::string link(const std::string &address, std::string_view section) {
    if (address.empty()) return {};
    return fmt::format("\n\n{}/finance?section={}", address, section);
}

std::string german_month(int month) {
    static constexpr std::array kMonths{"Januar",    "Februar", "März",     "April",
                                        "Mai",       "Juni",    "Juli",     "August",
                                        "September", "Oktober", "November", "Dezember"};
    return kMonths.at(static_cast<std::size_t>(month - 1));
}

Message letter_of(const BudgetNotice &notice, const std::string &town, const std::string &address) {
    const bool exceeded = notice.alarm == Alarm::exceeded;
    std::string text = fmt::format(
        "{}: Im Haushalt {} stehen {} für den telefonischen Bürgerservice. Nach den Gesprächen bis "
        "Ende {} ist mit {} zu rechnen.",
        town, notice.year, to_german(notice.budget), german_month(notice.month),
        to_german(notice.forecast));
    if (exceeded) {
        text += " Der Ansatz ist überschritten.";
    } else if (notice.exhausted_in) {
        text += fmt::format(" Der Ansatz reicht voraussichtlich bis zum {}.",
                            german_month(*notice.exhausted_in));
    }
    return {fmt::format("Haushalt {} für den Bürgerservice: {}", notice.year,
                        exceeded ? "Ansatz überschritten" : "Ansatz reicht voraussichtlich nicht"),
            text + link(address, "forecast")};
}

Message letter_of(const AgreementNotice &notice, const std::string &town,
                  const std::string &address) {
    return {fmt::format("Vereinbarung mit {}: Kündigung möglich bis {}", town,
                        german_date(notice.notice_until)),
            fmt::format("{}\n\nDie Vereinbarung verlängert sich, wenn sie nicht bis {} gekündigt "
                        "wird. Nächstes mögliches Ende: {}.",
                        notice.title, german_date(notice.notice_until),
                        german_date(notice.last_day)) +
                link(address, "agreements")};
}

class Postman {
  public:
    Postman(storage::Database &database, const SendMail &send) : database_(database), send_(send) {}

    // Whether at least one side has it.
    bool deliver(MunicipalityId municipality, const std::function<Message(std::string)> &write) {
        InvoiceBook book(database_);
        const auto town = book.party(municipality);
        const Message letter =
            write(town && !town->name.empty() ? town->name : to_ars(municipality));
        bool delivered = false;
        for (const MunicipalityId side : {InvoiceBook::kCentre, municipality}) {
            const auto party = book.party(side);
            if (!party || party->email.empty()) continue;
            const bool sent = send_(party->email, letter.subject, letter.text).has_value();
            ++(sent ? report_.sent : report_.failed);
            delivered = delivered || sent;
        }
        return delivered;
    }
    [[nodiscard]] NoticesSent report() const { return report_; }

  private:
    storage::Database &database_;
    const SendMail &send_;
    NoticesSent report_;
};

} // namespace

Expected<FinanceNotices> finance_notices(storage::Database &database,
                                         std::optional<MunicipalityId> only, Instant now) {
    const LocalDate today = to_local(now).date;
    FinanceNotices notices;
    const auto rows = watched(database, today.year);
    if (!rows) return tl::unexpected(rows.error());
    for (const Watched &each : *rows) {
        const bool theirs = !only || each.notice.municipality == *only;
        if (theirs && each.notice.alarm != Alarm::none) notices.budgets.push_back(each.notice);
    }
    const auto all = AgreementBook(database).list(only);
    if (!all) return tl::unexpected(all.error());
    for (const StoredAgreement &stored : *all) {
        if (const auto notice = notice_of(stored.agreement, today)) {
            notices.agreements.push_back(*notice);
        }
    }
    std::ranges::sort(notices.agreements, {}, [](const AgreementNotice &each) {
        return std::pair{each.notice_until, each.agreement};
    });
    return notices;
}

Expected<int> watch_budgets(storage::Database &database, Instant now) {
    const LocalDate today = to_local(now).date;
    const auto rows = watched(database, today.year);
    if (!rows) return tl::unexpected(rows.error());
    const auto towns = with_budget(database, today.year);
    if (!towns) return tl::unexpected(towns.error());
    int unrated = 0;
    for (const MunicipalityId town : *towns) {
        const auto known = std::ranges::find_if(
            *rows, [&](const Watched &each) { return each.notice.municipality == town; });
        const bool fresh = known != rows->end() && to_local(known->computed_at).date == today;
        if (fresh) continue;
        const auto forecast = year_forecast(database, town, today.year, now);
        if (!forecast) {
            ++unrated;
            continue;
        }
        const auto notice = notice_of(town, today.year, *forecast);
        if (!notice) continue;
        if (auto stored = store(database, *notice, now); !stored) {
            return tl::unexpected(stored.error());
        }
    }
    return unrated;
}

Expected<NoticesSent> send_notices(storage::Database &database, Instant now, const SendMail &send,
                                   const std::string &address) {
    Postman postman(database, send);
    const auto rows = watched(database, to_local(now).date.year);
    if (!rows) return tl::unexpected(rows.error());
    for (const Watched &each : *rows) {
        // One month may be chance: `watch` is shown, not sent.
        if (each.notice.alarm <= std::max(each.told, Alarm::watch)) continue;
        const bool there = postman.deliver(each.notice.municipality, [&](const std::string &town) {
            return letter_of(each.notice, town, address);
        });
        if (!there) continue;
        if (auto marked = mark_told(database, each.notice); !marked) {
            return tl::unexpected(marked.error());
        }
    }
    const auto notices = finance_notices(database, std::nullopt, now);
    if (!notices) return tl::unexpected(notices.error());
    for (const AgreementNotice &each : notices->agreements) {
        const auto told = was_told(database, each);
        if (!told) return tl::unexpected(told.error());
        if (*told) continue;
        const bool there = postman.deliver(each.municipality, [&](const std::string &town) {
            return letter_of(each, town, address);
        });
        if (!there) continue;
        if (auto marked = mark_told(database, each, now); !marked) {
            return tl::unexpected(marked.error());
        }
    }
    return postman.report();
}

} // namespace fernamt::billing
