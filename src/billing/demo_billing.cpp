// SPDX-License-Identifier: EUPL-1.2
#include "billing/demo_billing.h"

#include "billing/invoice_book.h"

#include <fmt/format.h>

namespace fernamt::billing {

namespace {

constexpr UserId kProgram{0};

Party centre() {
    return {.name = "Demo-Region, Servicecenter",
            .street = "Beispielplatz 1",
            .postcode = "30000",
            .city = "Demostadt",
            .tax_number = "25/000/00000",
            .contact = "Finanzen",
            .phone = "+49 30 23125 500",
            .email = "finanzen@demo.example",
            .iban = "DE02120300000000202051"};
}

Party party_of(const agreements::TemplateTown &town) {
    return {.name = town.name + " (Demo)",
            .street = "Am Rathaus 1",
            .postcode = "30000",
            .city = town.name,
            .leitweg_id = leitweg_id(to_ars(town.municipality), "DEMO"),
            .contact = "Kämmerei",
            .phone = "+49 30 23125 0",
            .email = fmt::format("kaemmerei@{}.example", to_ars(town.municipality))};
}

Expected<void> set_missing(InvoiceBook &book, MunicipalityId municipality, const Party &party) {
    const auto known = book.party(municipality);
    if (known) return {};
    if (known.error().code != "invoice.party_missing") return tl::unexpected(known.error());
    return book.set_party(municipality, party);
}

// A small budget, so that early warning has something to warn about.
Expected<void> agree(storage::Database &database, const agreements::TemplateTown &town,
                     Instant now) {
    using agreements::State;
    AgreementBook book(database);
    const auto known = book.list();
    if (!known) return tl::unexpected(known.error());
    if (!known->empty()) return {};
    const int year = to_local(now).date.year;
    const LocalDate begins{year, 1, 1};
    auto agreement = agreements::from_template(agreements::Template::minute_price, town, begins);
    agreement.budgets = {{year, Money{2'500'000}, "11109", ""}};
    const auto on_day = [](const LocalDate &day) {
        return Change{kProgram, to_instant(day, 9 * 3600), "Demo"};
    };
    auto stored = book.create(std::move(agreement), on_day({year - 1, 9, 1}));
    if (!stored) return tl::unexpected(stored.error());
    for (const auto &[to, on] : {std::pair{State::resolved, LocalDate{year - 1, 10, 1}},
                                 std::pair{State::signed_, LocalDate{year - 1, 11, 1}}}) {
        stored = book.move(stored->agreement.id, stored->version, to, on, on_day(on));
        if (!stored) return tl::unexpected(stored.error());
    }
    return {};
}

} // namespace

std::string leitweg_id(const std::string &coarse, const std::string &fine) {
    int rest = 0;
    for (const char c : coarse + fine + "00") {
        const bool digit = c >= '0' && c <= '9';
        rest = digit ? (rest * 10 + (c - '0')) % 97 : (rest * 100 + (c - 'A' + 10)) % 97;
    }
    return fmt::format("{}-{}-{:02d}", coarse, fine, 98 - rest);
}

Expected<void> seed_demo_billing(storage::Database &database,
                                 const std::vector<agreements::TemplateTown> &towns, Instant now) {
    InvoiceBook book(database);
    if (auto set = set_missing(book, InvoiceBook::kCentre, centre()); !set) return set;
    for (const agreements::TemplateTown &town : towns) {
        if (auto set = set_missing(book, town.municipality, party_of(town)); !set) return set;
    }
    return towns.empty() ? Expected<void>{} : agree(database, towns.front(), now);
}

} // namespace fernamt::billing
