// SPDX-License-Identifier: EUPL-1.2
// Rules are the configuration that distribution obeys: municipalities with hours, numbers, agents,
// times. They are data: one change replaces them whole, is an event in the ledger, and takes effect
// at that event. No names of persons here: an agent is an id.
#pragma once

#include "base/id.h"
#include "base/phone_number.h"
#include "base/time.h"
#include "routing/hours.h"
#include "routing/skills.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::routing {

using QueueId = Id<struct QueueTag>;     // none: the common queue, open to every agent
using PartnerId = Id<struct PartnerTag>; // another service centre
using CrisisId = Id<struct CrisisTag>;
// A caller's number as a keyed pseudonym made at the edge (the number itself never comes here);
// none: withheld. Only compared.
using CallerKey = Id<struct CallerTag>;

// Information between the music while one waits: the first after so long, the next each so long.
// Distribution does nothing with it; telephony reads it here, so that the ledger says what held.
struct WaitingInformation {
    Duration first{};
    Duration every{};
    friend bool operator==(const WaitingInformation &, const WaitingInformation &) = default;
};

struct Municipality {
    MunicipalityId id;
    Land land = Land::NI;
    std::vector<OpeningPeriod> hours; // empty: always closed
    bool closed_on_public_holidays = true;
    std::vector<HoursException> exceptions;
    std::optional<Instant> joins;  // served from this second on (its agreement's begin)
    std::optional<Instant> leaves; // and until before this one
    std::optional<WaitingInformation> information = {}; // none: the house's times
    friend bool operator==(const Municipality &, const Municipality &) = default;
};

// What a number is for. 115 is counted apart from the own numbers (F-11, R-22).
enum class Scope {
    central,
    authority_115,
    department,
    it_faults, // from the staff
    public_order,
    test_calls, // rehearsals before a town goes live, checks of a line: never billed
    internal,   // between offices and centre: never billed
};
[[nodiscard]] std::string_view to_string(Scope scope);

// The town hall's own operator: rings first; the centre answers when that person is absent,
// busy or does not answer. Only what the centre takes is billable.
struct OfficeFirst {
    PhoneNumber office;
    Duration ring_for = 20s;
    std::vector<OpeningPeriod> absent; // the operator's timetable: then the centre at once
    friend bool operator==(const OfficeFirst &, const OfficeFirst &) = default;
};

struct Number {
    PhoneNumber number;
    MunicipalityId municipality;
    Scope scope = Scope::central;
    QueueId queue;
    std::int64_t price_class = 0;       // for billing; 0: the agreement's
    std::optional<OpeningHours> hours;  // its own instead of the municipality's
    std::optional<Instant> valid_from;  // [from, until); the same number may stand here again
    std::optional<Instant> valid_until; // with another municipality for another time
    std::optional<OfficeFirst> office;
    friend bool operator==(const Number &, const Number &) = default;
};

// From this wait on these demands hold instead. Who is looked for is whom the last step takes, so a
// step asks for nothing that the one before does not ask for; people/skills.h refuses any other.
struct Relaxation {
    Duration after{};
    std::vector<SkillLevel> demands;
    friend bool operator==(const Relaxation &, const Relaxation &) = default;
};

// There is one order over all queues: the longest effective wait is served first, and a head start
// counts as time already waited. Everybody ages alike, so nobody starves.
struct CallQueue {
    QueueId id;
    std::vector<SkillLevel> demands;     // an agent must have these
    std::vector<SkillLevel> prefers;     // of several idle agents, those with most of these
    std::vector<Relaxation> relaxations; // sorted by time
    Duration head_start{};
    std::int64_t max_waiting = 0; // 0: no limit; one more hears that nobody is available
    bool offers_callback = false;
    friend bool operator==(const CallQueue &, const CallQueue &) = default;
};

struct Partner { // a centre that helps, reached at this number
    PartnerId id;
    PhoneNumber number;
    friend bool operator==(const Partner &, const Partner &) = default;
};

enum class OverflowWhen { planned, closed, queue_length, longest_wait };
[[nodiscard]] std::string_view to_string(OverflowWhen when);

struct Overflow {
    OverflowWhen when = OverflowWhen::planned;
    PartnerId partner;
    QueueId queue;               // none: every queue
    std::int64_t waiting = 0;    // queue_length: when so many wait there already
    Duration wait{};             // longest_wait: when a caller has waited so long
    std::optional<Instant> from; // planned: a staff outing (F-06), [from, until)
    std::optional<Instant> until;
    friend bool operator==(const Overflow &, const Overflow &) = default;
};

struct AgentSkills {
    AgentId agent;
    std::vector<SkillLevel> skills; // sorted
    friend bool operator==(const AgentSkills &, const AgentSkills &) = default;
};

struct CallbackRules {
    Duration ring_for = 30s;       // the citizen's phone
    std::int64_t attempts = 3;     // then it is given up
    Duration retry_after = 1'800s; // nobody answered
    Duration retry_when_busy = 300s;
    // We could not dial, or our own side ended it: no attempt of the citizen's, and never given up
    // for it; after so many in a row as there are attempts, the longer of this and retry_after. 0:
    // by rules of before it, which counted it, and waited as when busy.
    Duration retry_when_not_dialled = 300s;
    friend bool operator==(const CallbackRules &, const CallbackRules &) = default;
};

struct Rules {
    std::int64_t version = 0;                 // grows with each change
    std::vector<Municipality> municipalities; // sorted by id
    std::vector<Number> numbers;              // sorted by number
    std::vector<AgentId> agents;              // sorted; who may sign in
    Duration ring_timeout = 20s; // a phone rings this long, then the call counts as missed
    Duration wrap_up = 30s;      // after-call work ends by itself after this
    Duration wrap_up_extension = 60s;
    Duration transfer_timeout = 25s; // a transfer target that does not answer gives the call back
    std::vector<CallQueue> queues;   // sorted by id
    std::vector<AgentSkills> skills; // sorted by agent; who is not here has none
    std::vector<Partner> partners;   // sorted by id
    // The first that applies decides, of those whose partner has not been asked for this call yet.
    std::vector<Overflow> overflows;
    std::int64_t max_hops = 3; // a call diverted more often than this is not handed on any more
    // So many partners are asked for one call, each once; older rules: one, whoever else was named.
    std::int64_t max_partners = 5;
    // After whatever else is due by then. Rules of before: in the order of the deadlines, and if
    // one at most was asked, also while somebody here had just become free.
    bool partners_last = true;
    CallbackRules callbacks;
    Duration typical_handling = 180s; // talk and work after it, until the core has seen its own
    friend bool operator==(const Rules &, const Rules &) = default;
};

[[nodiscard]] std::vector<Relaxation> sorted(std::vector<Relaxation> steps); // by their waits
// The same rules in the order that the lists above promise; the machine takes rules up through it.
[[nodiscard]] Rules sorted(Rules rules);
[[nodiscard]] const Municipality *find_municipality(const Rules &rules, MunicipalityId id);
// Whatever its validity; the earliest if it stands there more than once.
[[nodiscard]] const Number *find_number(const Rules &rules, const PhoneNumber &number);
// The one that is valid at this instant.
[[nodiscard]] const Number *find_number(const Rules &rules, const PhoneNumber &number, Instant at);
[[nodiscard]] const CallQueue *find_queue(const Rules &rules, QueueId id);
[[nodiscard]] const Partner *find_partner(const Rules &rules, PartnerId id);
[[nodiscard]] const std::vector<SkillLevel> &skills_of(const Rules &rules, AgentId agent);

[[nodiscard]] bool is_agent(const Rules &rules, AgentId agent);

// The hours of a municipality, or of one of its numbers if that has its own (OpeningHours says
// whether the municipality's days hold there).
[[nodiscard]] Openness openness(const Municipality &municipality, Instant at);
[[nodiscard]] Openness openness(const Municipality &municipality, const Number *number, Instant at);
[[nodiscard]] std::optional<Instant> next_opening(const Municipality &municipality,
                                                  const Number *number, Instant after);
[[nodiscard]] bool is_served(const Municipality &municipality, Instant at); // has joined, not left

// Which number was dialled? The first candidate that is a number in the rules wins; candidates are
// given in this order: Request-URI, P-Called-Party-ID, first History-Info
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
resolve_dialled(const Rules &rules, const std::vector<DialledCandidate> &candidates,
                std::optional<Instant> at = {}); // at: prefers whom the number belongs to then

} // namespace fernamt::routing
