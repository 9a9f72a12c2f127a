// SPDX-License-Identifier: EUPL-1.2
// Routing's events, decisions and state as canonical JSON (keys sorted, no blanks, times as
// microseconds, numbers as E.164): the ledger's language. Reading is strict: an unknown type or
// member is a Problem that names it. An event and its decisions stand in the ledger one after the
// other; a decision's payload names its rule. Members: routing_fields.h; words: routing_names.h.
#pragma once

#include "base/problem.h"
#include "ledger/ledger.h"
#include "routing/machine.h"

#include <string>

namespace fernamt::ledger {

// caller: commitment of the caller's number ("" if withheld), only for CallOffered and
// CallbackRequested.
[[nodiscard]] NewEntry to_entry(const routing::Event &event, Instant at,
                                std::string_view caller = {});
[[nodiscard]] NewEntry to_entry(const routing::Decision &decision, Instant at);
// The commitment that was given for this call.offered or callback.requested; "" if withheld, or for
// another entry.
[[nodiscard]] std::string caller_of(const NewEntry &entry);

[[nodiscard]] bool is_event(const Entry &entry); // else a decision, or another room's entry
[[nodiscard]] bool is_decision(const Entry &entry);
[[nodiscard]] Expected<routing::Event> to_event(const NewEntry &entry);
[[nodiscard]] Expected<routing::Decision> to_decision(const NewEntry &entry);

[[nodiscard]] std::string to_json(const routing::State &state); // for snapshots
[[nodiscard]] Expected<routing::State> to_state(std::string_view json);

} // namespace fernamt::ledger
