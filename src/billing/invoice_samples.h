// SPDX-License-Identifier: EUPL-1.2
// A ledger with calls, an agreement in force and complete billing details, for the tests of
// documents. Invented town.
#pragma once

#include "agreements/agreement_samples.h"
#include "billing/billing_samples.h"
#include "billing/invoice_book.h"
#include "ledger/ledger.h"

#include <string>
#include <vector>

namespace fernamt::billing::samples {

[[nodiscard]] inline Party centre() {
    return {.name = "Regionsstadt, Servicecenter",
            .street = "Rathausplatz 1",
            .postcode = "30001",
            .city = "Regionsstadt",
            .leitweg_id = "",
            .vat_id = "DE123456789",
            .tax_number = "25/123/45678",
            .contact = "Kämmerei",
            .phone = "+49 30 23125234",
            .email = "kaemmerei@regionsstadt.example",
            .iban = "DE89370400440532013000"};
}

[[nodiscard]] inline Party town() {
    return {.name = "Stadt Musterstedt",
            .street = "Am Markt 2",
            .postcode = "30002",
            .city = "Musterstedt",
            .leitweg_id = "03241001-1234512345-06",
            .vat_id = "",
            .tax_number = "",
            .contact = "",
            .phone = "",
            .email = "rathaus@musterstedt.example",
            .iban = ""};
}

[[nodiscard]] inline Change change(const LocalDate &date, std::string reason = "") {
    return {UserId{12}, to_instant(date, 9 * 3600), std::move(reason)};
}

// The agreement of agreements/agreement_samples.h, in force since 2026-01-01, and both parties.
inline void set_up(storage::Database &database,
                   agreements::Agreement agreement = agreements::samples::agreement()) {
    using agreements::State;
    AgreementBook book(database);
    auto stored = book.create(std::move(agreement), change({2025, 9, 1})).value();
    const auto step = [&](State to, const LocalDate &day) {
        stored = book.move(stored.agreement.id, stored.version, to, day, change(day)).value();
    };
    step(State::resolved, {2025, 10, 1});
    step(State::signed_, {2025, 11, 1});
    step(State::active, {2026, 1, 1});
    InvoiceBook invoices(database);
    (void)invoices.set_party(InvoiceBook::kCentre, centre()).has_value();
    (void)invoices.set_party(kLangenhagen, town()).has_value();
}

// Langenhagen as above and Wedemark under the same terms.
inline void set_up_two_towns(storage::Database &database) {
    set_up(database);
    agreements::Agreement other = agreements::samples::agreement();
    other.municipality = kWedemark;
    set_up(database, other);
    (void)InvoiceBook(database).set_party(kWedemark, town()).has_value();
}

// Calls of `talk` each, on the first days of the month, with their entries in the ledger.
inline void add_calls(ledger::Ledger &ledger, const Month &month, int count, Duration talk,
                      std::int64_t first_id) {
    std::vector<ledger::NewEntry> entries;
    for (int i = 0; i < count; ++i) {
        const Instant offered = at({month.year, month.month, 1 + i % 20}, 8 + i % 9);
        const CallFact fact = call(first_id + i, offered, talk);
        entries.push_back(offered_entry(kLangenhagen, fact.call, offered));
        entries.push_back(end_entry(kLangenhagen, fact, offered + Duration{5'000'000} + talk));
    }
    (void)ledger.append_and_wait(std::move(entries)).value();
}

// One call of Wedemark's own, of two minutes on 9 November 2026.
inline void add_call_of_wedemark(ledger::Ledger &ledger) {
    const CallFact own = call(900, at({2026, 11, 9}), std::chrono::minutes{2});
    (void)ledger.append_and_wait({end_entry(kWedemark, own, own.offered_at + own.talk)}).value();
}

} // namespace fernamt::billing::samples
