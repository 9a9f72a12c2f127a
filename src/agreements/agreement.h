// SPDX-License-Identifier: EUPL-1.2
// The agreement between the centre and one municipality: the six sections that the papers name
// (R-03, Hannover 2271/2021), its legal kind, its way from draft to end, budgets and documents.
// What a machine can read in it is dated and configures the system from its day on. Pure: knows
// what holds on a day, not what day it is.
#pragma once

#include "agreements/price.h"
#include "agreements/term.h"
#include "base/phone_number.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::agreements {

// § 5 NKomZG and its sisters: with a delegation the duty itself passes over ("mit befreiender
// Wirkung"), with a mandate only its fulfilment. It bears on VAT (F-31); nobody decides that here.
enum class LegalKind { delegation, mandate, public_law_agreement, private_law_contract };
[[nodiscard]] std::string_view to_string(LegalKind kind);

enum class State { draft, resolved, signed_, active, notice_given, ended };
[[nodiscard]] std::string_view to_string(State state); // "signed"

struct StateChange {
    State to = State::draft;
    LocalDate on; // the legal day: of the resolution, the signature, the notice's arrival
    UserId by;
    Instant recorded_at;
    std::string note; // "Ratsbeschluss BV 2022 0312"; no personal data
    friend bool operator==(const StateChange &, const StateChange &) = default;
};

// Something that holds from a day to a day.
template <class T>
struct Dated {
    LocalDate from;
    std::optional<LocalDate> to; // included
    T value;
    friend bool operator==(const Dated &, const Dated &) = default;
};

template <class T>
[[nodiscard]] const T *on(const std::vector<Dated<T>> &all, const LocalDate &date) {
    for (const Dated<T> &each : all) {
        if (each.from <= date && (!each.to || date <= *each.to)) return &each.value;
    }
    return nullptr;
}

// What the centre answers. Hours are local, weekday 0 is Monday.
struct ServiceHours {
    int weekday = 0;
    int from_second = 8 * 3600;
    int to_second = 18 * 3600;
    friend bool operator==(const ServiceHours &, const ServiceHours &) = default;
};
enum class Scope {
    all_calls,     // the central number rings at the centre
    when_absent,   // only while the switchboard in the town hall is not staffed
    overflow_only, // only what the town hall does not answer
    out_of_hours,  // after the town hall has closed
    crisis_only,   // only while a crisis is declared, in the crisis's own hours
    number_115,    // all calls, and each is one to 115 wherever that is counted or priced
};
[[nodiscard]] std::string_view to_string(Scope scope);

struct NumberScope {
    PhoneNumber number;
    Scope scope = Scope::all_calls;
    // What the other scopes need to be brought about: whose phone rings first in the town hall and
    // how long, and when somebody sits there (when_absent, out_of_hours). Not said: people set it.
    std::optional<PhoneNumber> office = {};
    std::optional<std::int64_t> ring_seconds = {};
    std::optional<std::vector<ServiceHours>> staffed = {};
    friend bool operator==(const NumberScope &, const NumberScope &) = default;
};

// Promises (F-01, F-02); 115's own are the defaults, each may be agreed otherwise.
struct Promise {
    std::int64_t answered_percent = 75;
    std::int64_t within_seconds = 30;
    std::int64_t first_contact_percent = 65;
    std::int64_t reply_hours = 24;
    bool reply_in_service_hours = true; // the other reading is clock hours
    friend bool operator==(const Promise &, const Promise &) = default;
};

// Days after which data of a kind is deleted (section 4).
struct Retention {
    std::int64_t caller_days = 1;
    std::int64_t case_days = 90;
    std::int64_t call_record_days = 180; // F-41
    friend bool operator==(const Retention &, const Retention &) = default;
};

// VAT treatment (F-31, R-58). Fernamt never decides it: the reason is the finance people's.
enum class TaxCategory {
    not_taxable, // O: § 2b UStG, or § 2 Abs. 3 UStG old version
    exempt,      // E
    standard,    // S: 19 %
};
[[nodiscard]] std::string_view to_string(TaxCategory category);
struct Tax {
    TaxCategory category = TaxCategory::not_taxable;
    std::int64_t rate_percent = 0; // standard: 19
    std::string reason;            // "§ 2b Abs. 3 UStG, Vermerk Kämmerei vom ..."
    friend bool operator==(const Tax &, const Tax &) = default;
};

struct BudgetYear {
    int year = 0;
    Money amount;
    std::string product; // "01.17.01", "11109"
    std::string cost_centre;
    friend bool operator==(const BudgetYear &, const BudgetYear &) = default;
};

struct Document {
    std::string title;
    std::string reference; // file reference or place, not the content
    LocalDate date;
    friend bool operator==(const Document &, const Document &) = default;
};

struct Agreement {
    std::int64_t id = 0;
    MunicipalityId municipality;
    std::string title;
    Land land = Land::NI;
    LegalKind kind = LegalKind::public_law_agreement;
    std::vector<StateChange> history; // in order; the first is the draft
    // 1. Aufgaben des Servicecenters
    std::string tasks_of_centre;
    std::vector<Dated<NumberScope>> numbers;
    std::vector<Dated<Promise>> promises;
    // 2. Aufgaben der angeschlossenen Verwaltung (F-34)
    std::string tasks_of_municipality;
    std::string backup_contact; // an office, not a person
    // 3. Technische Voraussetzungen
    std::string technical_prerequisites;
    std::vector<Dated<std::vector<ServiceHours>>> hours;
    // 4. Datenschutz
    std::string data_protection;
    std::vector<Dated<Retention>> retentions;
    // 5. Kostenübernahme
    std::string cost_clause;
    std::vector<Population> populations;
    std::vector<PriceClause> prices;
    std::vector<Dated<Tax>> taxes;
    int payment_days = 30;
    std::vector<BudgetYear> budgets;
    // 6. Laufzeit
    std::string term_clause;
    Term term;
    std::optional<LocalDate> notice_received; // section 6: set by the notice
    std::optional<LocalDate> ends;            // the last day, once known
    std::vector<Document> documents;
    friend bool operator==(const Agreement &, const Agreement &) = default;
};

[[nodiscard]] State state_of(const Agreement &agreement); // as recorded
// What is true on a day: a signed agreement is active from its begin, one that ends is ended after
// its last day, also if nobody has recorded it.
[[nodiscard]] State state_on(const Agreement &agreement, const LocalDate &date);

// The only ways on: draft -> resolved -> signed -> active -> notice_given -> ended; back from
// resolved to draft (changed after the resolution) and from notice_given to active (taken back by
// both); to ended from every state (never came into force, or by consent).
// "agreement.transition_forbidden" (from, to), "agreement.transition_date" (remedy): before the
// change before it; "agreement.incomplete" (place, remedy): it may not be resolved like this.
// Notice sets notice_received and ends; a notice too late for one end counts for the next.
[[nodiscard]] Expected<void> change_state(Agreement &agreement, const StateChange &change);

// What is wrong or missing, each with place and remedy; empty: it may be resolved.
[[nodiscard]] std::vector<Problem> check(const Agreement &agreement);

[[nodiscard]] PriceList prices_of(const Agreement &agreement);

// What distribution, promises, deletion and billing obey on a day.
struct Configuration {
    bool active = false;
    std::vector<NumberScope> numbers;
    std::vector<ServiceHours> hours;
    std::optional<Promise> promise;
    std::optional<Retention> retention;
    std::vector<std::string> prices; // names of the clauses in force
    std::optional<Tax> tax;
    friend bool operator==(const Configuration &, const Configuration &) = default;
};
[[nodiscard]] Configuration configuration_on(const Agreement &agreement, const LocalDate &date);
// The days in (after, until] on which the configuration differs from the day before.
[[nodiscard]] std::vector<LocalDate>
changes_between(const Agreement &agreement, const LocalDate &after, const LocalDate &until);

// A hint, never a verdict (§ 2b Abs. 3 Nr. 2 UStG speaks of "langfristig": five years as a rule).
enum class TaxHint { none, short_term, transition_ends, no_tax_clause };
[[nodiscard]] std::string_view to_string(TaxHint hint);
[[nodiscard]] std::vector<TaxHint> tax_hints(const Agreement &agreement, const LocalDate &date);

} // namespace fernamt::agreements
