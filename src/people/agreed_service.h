// SPDX-License-Identifier: EUPL-1.2
// Signed agreements configure the service: term, numbers, hours, promises and periods for deletion
// of a municipality follow its plan (agreements/service_plan.h). Everything is stored with its days
// at once, so that distribution obeys each part from its day on without anybody's doing. What a
// scope says about the town hall's own operator becomes the line's, and hours that it makes keep
// the town's holidays and exceptions; queue, price class and greeting stay as people set them.
// Every time is recorded with what stood there before, and can be set back. Nothing takes effect
// until build_rules().
#pragma once

#include "agreements/service_plan.h"
#include "people/lines.h"
#include "people/rule_change.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::people {

// What agreements touch of a municipality.
struct AgreedState {
    // Who rings first, when the centre is open for the number, and what its calls are counted as.
    struct Setup {
        std::optional<routing::OfficeFirst> office;
        std::optional<std::vector<routing::OpeningPeriod>> hours; // its own
        bool towns_days = false; // beside them, as routing::OpeningHours has it
        routing::Scope use = routing::Scope::central;
        bool by_agreement = false;
        friend bool operator==(const Setup &, const Setup &) = default;
    };
    struct Number {
        std::int64_t line = 0; // 0: not there yet
        PhoneNumber number;
        std::optional<Instant> from;
        std::optional<Instant> until;
        bool by_agreement = false;       // there only because an agreement names it
        std::optional<Setup> setup = {}; // not recorded by programs before this was agreed
        friend bool operator==(const Number &, const Number &) = default;
    };
    std::optional<Instant> joins;
    std::optional<Instant> leaves;
    std::vector<routing::OpeningPeriod> hours;
    std::vector<Number> numbers; // by number, then validity
    std::vector<agreements::Dated<agreements::Promise>> promises;
    std::vector<agreements::Dated<agreements::Retention>> retentions;
    friend bool operator==(const AgreedState &, const AgreedState &) = default;
};

struct AgreedEffect {
    std::int64_t id = 0;
    MunicipalityId municipality;
    std::int64_t agreement = 0; // 0: set back
    Instant at;
    UserId by;
    AgreedState base;
    AgreedState before;
    AgreedState after;
};
// "joins", "leaves", "hours", "numbers", "promises", "retentions": what it changed.
[[nodiscard]] std::vector<std::string_view> parts_changed(const AgreedEffect &effect);

// Where the plan should lead from here. A municipality that is served without an agreement before
// the plan begins (`served_before`) goes on being served. Pure.
[[nodiscard]] AgreedState fit(const AgreedState &now, const AgreedState &base,
                              const agreements::ServicePlan &plan, bool served_before);

// Brings the plan about; `agreement` is the one whose change asked for it. A plan that binds
// nothing sets back what agreements had set, but leaves what somebody has changed since by hand.
// Empty if nothing had to change. Problems of set_term, modify and the lines
// ("municipality.number_taken").
[[nodiscard]] Expected<std::optional<AgreedEffect>>
take_effect(const Change &change, MunicipalityId municipality, std::int64_t agreement,
            const agreements::ServicePlan &plan, bool served_before);

// The newest first.
[[nodiscard]] Expected<std::vector<AgreedEffect>> agreed_effects(storage::Connection &connection,
                                                                 MunicipalityId municipality);
[[nodiscard]] Expected<AgreedState> agreed_state(storage::Connection &connection,
                                                 MunicipalityId municipality);

// What a person has to look at, because the agreement does not say it or the system says otherwise.
struct OpenPoint {
    enum class What {
        office_missing,    // calls come when the town hall does not answer: whose phone is it?
        office_not_agreed, // the agreement says all calls, yet the town hall rings first
        number_not_agreed, // answered for, but in no agreement
        hours_differ,      // changed by hand since
        number_differs,    // the same
        staffed_missing,   // out of the town hall's hours: these, or the centre's, are not agreed
        scope_differs,     // who rings first, or when: changed by hand since
    };
    What what = What::office_missing;
    std::string subject; // the number
};
[[nodiscard]] std::string_view to_string(OpenPoint::What what);
// For the part of the plan that holds on `day`.
[[nodiscard]] Expected<std::vector<OpenPoint>> open_points(storage::Connection &connection,
                                                           MunicipalityId municipality,
                                                           const agreements::ServicePlan &plan,
                                                           const LocalDate &day);

// ---- for whom it holds today ----------------------------------------------------------------
[[nodiscard]] Expected<std::optional<agreements::Promise>>
promise_on(storage::Connection &connection, MunicipalityId municipality, const LocalDate &day);
struct AgreedPromise {
    MunicipalityId municipality;
    agreements::Dated<agreements::Promise> promise;
};
// Of all municipalities and days, also those that are over: an old month is measured by its own.
[[nodiscard]] Expected<std::vector<AgreedPromise>> agreed_promises(storage::Connection &connection);
struct AgreedRetention {
    MunicipalityId municipality;
    agreements::Retention retention;
};
[[nodiscard]] Expected<std::vector<AgreedRetention>> retentions_on(storage::Connection &connection,
                                                                   const LocalDate &day);

} // namespace fernamt::people
