// SPDX-License-Identifier: EUPL-1.2
// One call as the key figures see it: derived from the ledger, to be deleted and derived again at
// any time. It knows the municipality and the times, and by design neither the caller nor the
// agent: no report of this room can be broken down to a person.
#pragma once

#include "base/id.h"
#include "base/phone_number.h"
#include "base/time.h"
#include "routing/decision.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace fernamt::reporting {

// Ids of calls that another telephone system has recorded (call_import.h) begin here: our own are
// milliseconds since 2020 and never get so far. Below 2^53, so that they stay exact in JSON.
inline constexpr std::int64_t kFirstImportedCall = std::int64_t{1} << 52;

// How far a call came, by the latest decision about it. Only what came to the centre within its
// hours is offered to it (key_figures.h); what is overtaken by a place in the queue or a partner's
// ear is not kept.
enum class Reached {
    office,         // rings, or is talked to, at the town hall first
    closed,         // outside the hours: the closing announcement
    closed_partner, // outside the hours: a partner, by the overflow for that
    unknown_number, // not ours, not valid now, or a municipality that is not served
    nobody_available,
    centre, // its queue, or from here to a partner
};
[[nodiscard]] std::string_view to_string(Reached reached); // "closed_partner"

struct CallRecord {
    CallId call;
    std::optional<MunicipalityId> municipality; // meant by the caller; empty: nobody's number
    std::optional<MunicipalityId> dialled;      // if an agent corrected it
    std::optional<PhoneNumber> number;          // the dialled number of ours
    Instant offered_at;
    std::optional<Instant> answered_at; // by the first agent
    std::optional<Instant> ended_at;
    std::optional<routing::EndReason> end_reason;
    std::optional<Reached> reached; // empty: no decision read yet
    Duration talk{};                // talking and held, all agents of the call; known at the end
    Duration transferred{};         // with a transfer target
    Duration after_call_work{};     // all agents of the call
    // Known at the end, as are those below; afterwards by what somebody said it was.
    std::optional<routing::Scope> scope;
    routing::QueueId queue;
    routing::CrisisId crisis;
    routing::PartnerId from; // handed to us by this partner
    routing::PartnerId to;   // handed to this partner
    std::int64_t transfers = 0;
    std::optional<Instant> callback_at; // chose a callback then
    std::int64_t callback_attempts = 0;
    std::int64_t first_seq = 0; // its entries stand between these two in the ledger
    std::int64_t last_seq = 0;
    friend bool operator==(const CallRecord &, const CallRecord &) = default;
};

// One time that a crisis plan ran, in sums.
struct CrisisRecord {
    routing::CrisisId crisis;
    Instant began_at;
    Instant ended_at;
    routing::CrisisFacts facts;
    std::int64_t running = 0; // conversations that go on: their talk and work will be added
    friend bool operator==(const CrisisRecord &, const CrisisRecord &) = default;
};

} // namespace fernamt::reporting
