// SPDX-License-Identifier: EUPL-1.2
#include "web/call_access.h"

#include "ledger/routing_codec.h"

#include <variant>

namespace fernamt::web {

Expected<bool> took_call(ledger::Ledger &ledger, const reporting::CallRecord &record,
                         AgentId agent) {
    bool took = false;
    auto read = ledger.each(record.first_seq, [&](const ledger::Entry &entry) {
        if (entry.seq > record.last_seq) return false;
        if (entry.call != record.call || !ledger::is_decision(entry)) return true;
        const auto decision = ledger::to_decision(entry);
        if (!decision) return true;
        const auto *connect = std::get_if<routing::Connect>(&decision->effect);
        took = connect != nullptr && connect->agent == agent;
        return !took;
    });
    if (!read) return tl::unexpected(read.error());
    return took;
}

bool oversees(const people::Principal &caller, const reporting::CallRecord &record) {
    if (!people::may(caller, people::Action::see_calls, record.municipality)) return false;
    return record.municipality || !caller.municipality;
}

} // namespace fernamt::web
