// SPDX-License-Identifier: EUPL-1.2
// The municipalities as tenants: names, opening hours, numbers, and the times that hold for the
// whole office. Optimistic versions; problems name the field and what would be right; every change
// is audited. Nothing here takes effect in distribution until build_rules() is given to it.
// Thread-safe.
#pragma once

#include "base/calendar.h"
#include "base/id.h"
#include "base/phone_number.h"
#include "base/time.h"
#include "people/rule_change.h"
#include "routing/rules.h"
#include "storage/database.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace fernamt::people {

inline constexpr std::size_t kLongestShortName = 14; // characters; a desk phone's display

enum class MunicipalityKind { municipality, district };
[[nodiscard]] std::string_view to_string(MunicipalityKind kind);

struct Municipality {
    MunicipalityId id;
    std::string name;
    std::string short_name;
    MunicipalityKind kind = MunicipalityKind::municipality;
    Land land = Land::NI;
    std::int64_t population = 0;
    std::string population_date; // "2020-09-30"
    std::string population_source;
    std::string greeting;                      // what the agent says
    std::vector<routing::OpeningPeriod> hours; // sorted
    bool closed_on_public_holidays = true;
    std::vector<PhoneNumber> numbers; // sorted, each once; more about them: lines.h
    std::optional<Instant> joins;     // its agreement's begin: served from this second on
    std::optional<Instant> leaves;    // and until before this one
    // Between the waiting music: 5 s to 3,600 s, then every 15 s to 3,600 s; none: the house's
    // times
    std::optional<routing::WaitingInformation> information;
    std::int64_t version = 1;
    friend bool operator==(const Municipality &, const Municipality &) = default;
};

struct Settings {
    Duration ring_timeout = 20s;      // 5 s to 120 s
    Duration wrap_up = 30s;           // 0 s to 600 s
    Duration wrap_up_extension = 60s; // 0 s to 600 s
    Duration transfer_timeout = 25s;  // 5 s to 120 s
    routing::CallbackRules callbacks; // rings 10 s to 120 s, 1 to 10 times, 1 min to 24 h apart
    Duration typical_handling = 180s; // 10 s to 3,600 s
    std::int64_t max_hops = 3;        // 1 to 10
    std::int64_t max_partners = 5;    // 1 to 10
    std::int64_t version = 1;
    friend bool operator==(const Settings &, const Settings &) = default;
};

// The first fault, as a Problem with {field}: "municipality.text_missing",
// "municipality.text_too_long" {most}, "municipality.hours_order" {weekday, from, to},
// "municipality.hours_overlap" {weekday, first, second}, "municipality.population_negative",
// "settings.out_of_range" {field, least, most} in seconds.
[[nodiscard]] Expected<void> validate(const Municipality &municipality);
// "settings.out_of_range" {field, least, most} in seconds.
[[nodiscard]] Expected<void> validate(const Settings &settings);

// "municipality.not_found".
[[nodiscard]] Expected<Municipality> load_municipality(storage::Connection &connection,
                                                       MunicipalityId id);
// Within a change that may hold more: the same problems as below.
[[nodiscard]] Expected<Municipality> add(const Change &change, const Municipality &municipality);
[[nodiscard]] Expected<Municipality> modify(const Change &change, const Municipality &changed);
// A municipality is never deleted: its calls are in the ledger and have to be billed. It ends.
// "distribution.order" {field: leaves}, "municipality.stale".
[[nodiscard]] Expected<Municipality> set_term(const Change &change, MunicipalityId id,
                                              std::int64_t expected_version,
                                              std::optional<Instant> joins,
                                              std::optional<Instant> leaves);

[[nodiscard]] Expected<Settings> load_settings(storage::Connection &connection);
[[nodiscard]] Expected<Settings> modify(const Change &change, const Settings &changed); // as below

class Municipalities {
  public:
    Municipalities(storage::Database &database, const Clock &clock)
        : database_(database), clock_(clock) {}

    [[nodiscard]] Expected<std::vector<Municipality>> all() const;      // by id
    [[nodiscard]] Expected<Municipality> find(MunicipalityId id) const; // "municipality.not_found"

    // "municipality.exists"; numbers are added too.
    Expected<Municipality> add(const Municipality &municipality, UserId by);
    // Everything but id, kind, numbers and term, if `changed.version` is still the version
    // ("municipality.stale" {version}).
    Expected<Municipality> change(const Municipality &changed, UserId by);

    [[nodiscard]] Expected<Settings> settings() const;
    Expected<Settings> change_settings(const Settings &changed, UserId by); // "settings.stale"

  private:
    [[nodiscard]] Expected<Municipality>
    write(const std::function<Expected<Municipality>(const Change &)> &change, UserId by);

    storage::Database &database_;
    const Clock &clock_;
};

} // namespace fernamt::people
