// SPDX-License-Identifier: EUPL-1.2
// Rules are the configuration that distribution obeys: municipalities with hours, numbers, agents,
// times. They are data: one change replaces them whole, is an event in the ledger, and takes effect
// at that event. No names of persons here: an agent is an id.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/calendar.h"
#include "base/id.h"
#include "base/phone_number.h"
#include "base/time.h"

namespace fernamt::routing {

struct OpeningPeriod { // local time in Europe/Berlin, [from, to)
    Weekday weekday = Weekday::monday;
    int from_second = 0;
    int to_second = 0; // up to 86'400
    friend bool operator==(const OpeningPeriod &, const OpeningPeriod &) = default;
};

struct Municipality {
    MunicipalityId id;
    Land land = Land::NI;
    std::vector<OpeningPeriod> hours;     // empty: always closed
    bool closed_on_public_holidays = true;
    friend bool operator==(const Municipality &, const Municipality &) = default;
};

struct Number {
    PhoneNumber number;
    MunicipalityId municipality;
    friend bool operator==(const Number &, const Number &) = default;
};

struct Rules {
    std::int64_t version = 0; // grows with each change
    std::vector<Municipality> municipalities; // sorted by id
    std::vector<Number> numbers;              // sorted by number
    std::vector<AgentId> agents;              // sorted; who may sign in
    Duration ring_timeout = 20s;   // a phone rings this long, then the call counts as missed
    Duration wrap_up = 30s;        // after-call work ends by itself after this
    Duration wrap_up_extension = 60s;
    Duration transfer_timeout = 25s; // a transfer target that does not answer gives the call back
    friend bool operator==(const Rules &, const Rules &) = default;
};

// The same rules in the order that the lists above promise; the machine takes rules up through it.
[[nodiscard]] Rules sorted(Rules rules);
[[nodiscard]] const Municipality *find_municipality(const Rules &rules, MunicipalityId id);
[[nodiscard]] const Number *find_number(const Rules &rules, const PhoneNumber &number);

[[nodiscard]] bool is_agent(const Rules &rules, AgentId agent);

// Why a municipality is open or closed at an instant. closed_public_holiday means: its hours would
// be open now, but the Land keeps a holiday.
enum class Openness { open, closed_hours, closed_public_holiday, closed_no_hours };
[[nodiscard]] Openness openness(const Municipality &municipality, Instant at);

// Which number was dialled? The first candidate that is a number in the rules wins; candidates are
// given in the order of reference/sip.md 7: Request-URI, P-Called-Party-ID, first History-Info
// (RFC 7044), first set Diversion (RFC 5806: the last header), To.
enum class DialledSource { request_uri, called_party_id, history_info, diversion, to };
struct DialledCandidate {
    DialledSource source = DialledSource::request_uri;
    std::string user; // user part as received; normalised here
};
struct DialledNumber {
    PhoneNumber number;
    DialledSource source = DialledSource::request_uri;
    MunicipalityId municipality;
    friend bool operator==(const DialledNumber &, const DialledNumber &) = default;
};
[[nodiscard]] std::optional<DialledNumber>
resolve_dialled(const Rules &rules, const std::vector<DialledCandidate> &candidates);

} // namespace fernamt::routing
