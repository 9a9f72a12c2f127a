// SPDX-License-Identifier: EUPL-1.2
// Calls, standard prices and ledger entries for the tests and benchmarks of this room: two towns,
// one month, each value the simplest that is valid. Instants are of Europe/Berlin, so days and
// months are those that an invoice means. Not linked into the program.
#pragma once

#include "base/calendar.h"
#include "billing/invoice.h"
#include "billing/standard_price.h"
#include "ledger/ledger.h"
#include "ledger/routing_codec.h"
#include "routing/decision.h"

#include <cstdint>
#include <vector>

namespace fernamt::billing::samples {

inline constexpr MunicipalityId kLangenhagen{32410010010};
inline constexpr MunicipalityId kWedemark{32410019019};
inline constexpr Month kNovember{2026, 11};

[[nodiscard]] inline StandardPrice per_minute(Price price = Price{950'000},
                                              Unit unit = Unit::second,
                                              Level level = Level::per_call,
                                              Rounding rounding = Rounding::half_up) {
    StandardPrice made{.id = 1,
                       .municipality = kLangenhagen,
                       .valid_from = {2026, 1, 1},
                       .valid_to = std::nullopt,
                       .price_per_minute = price,
                       .unit = unit,
                       .level = level,
                       .rounding = rounding,
                       .clause = {}};
    made.clause = standard_clause(made);
    return made;
}

[[nodiscard]] inline Instant at(const LocalDate &date, int hour = 10, int minute = 0) {
    return to_instant(date, hour * 3600 + minute * 60);
}

[[nodiscard]] inline CallFact call(std::int64_t id, Instant offered_at, Duration talk,
                                   Duration after_call_work = {}) {
    return {.call = CallId{id},
            .offered_at = offered_at,
            .kind = agreements::CallKind::own_number,
            .talk = talk,
            .after_call_work = after_call_work};
}

[[nodiscard]] inline CallFact not_taken(std::int64_t id, Instant offered_at,
                                        agreements::CallKind kind) {
    return {.call = CallId{id},
            .offered_at = offered_at,
            .kind = kind,
            .talk = {},
            .after_call_work = {}};
}

// The month of these calls by standard prices, without a database.
[[nodiscard]] inline std::vector<PricedPart> parts(const Month &month,
                                                   const std::vector<CallFact> &calls,
                                                   const std::vector<StandardPrice> &prices) {
    PricedPart made{.part = {.prices = to_price_list(kLangenhagen, prices),
                             .first = first_day(month),
                             .last = last_day(month),
                             .calls = calls},
                    .standard = true,
                    .ids = {}};
    for (const StandardPrice &price : prices)
        made.ids.push_back(price.id);
    return prices.empty() ? std::vector<PricedPart>{} : std::vector{made};
}
[[nodiscard]] inline Expected<Invoice> rate(const Month &month, const std::vector<CallFact> &calls,
                                            const std::vector<StandardPrice> &prices) {
    return invoice_of(kLangenhagen, month, {.calls = calls, .ledger = {}},
                      parts(month, calls, prices));
}

[[nodiscard]] inline ledger::NewEntry offered_entry(MunicipalityId municipality, CallId call,
                                                    Instant at) {
    const routing::DialledNumber dialled{PhoneNumber{"+49302312500"},
                                         routing::DialledSource::request_uri, municipality};
    return ledger::to_entry(routing::CallOffered{call, dialled}, at);
}

[[nodiscard]] inline ledger::NewEntry end_entry(MunicipalityId municipality, const CallFact &fact,
                                                Instant ended_at) {
    routing::End end;
    end.call = fact.call;
    end.reason = agreements::is_billed(fact.kind) ? routing::EndReason::completed
                                                  : routing::EndReason::abandoned;
    end.municipality = municipality;
    end.offered_at = fact.offered_at;
    if (agreements::is_billed(fact.kind)) end.answered_at = fact.offered_at + Duration{5'000'000};
    end.talk = fact.talk;
    return ledger::to_entry(routing::Decision{end, routing::Rule::caller_hung_up}, ended_at);
}

[[nodiscard]] inline ledger::NewEntry work_entry(MunicipalityId municipality, CallId call,
                                                 Duration duration, Instant done_at) {
    return ledger::to_entry(
        routing::Decision{routing::WrapUpDone{AgentId{7}, call, municipality, duration},
                          routing::Rule::wrap_up_time_over},
        done_at);
}

} // namespace fernamt::billing::samples
