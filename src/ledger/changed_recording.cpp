// SPDX-License-Identifier: EUPL-1.2
#include "ledger/changed_recording.h"

#include "ledger/json_fields.h"

namespace fernamt::ledger {

NewEntry to_entry(const ChangedRecording &fact, Instant at) {
    FieldWriter writer;
    writer("version", fact.version);
    writer("municipality", fact.municipality);
    writer("crisis", fact.crisis);
    writer("kind", fact.kind);
    writer("from", fact.from);
    writer("sha256", fact.sha256);
    writer("by", fact.by);
    writer("withdrawn_at", fact.withdrawn_at);
    NewEntry entry{at, "announcement.changed", writer.take(), {}, {}, {}};
    entry.municipality = fact.municipality;
    return entry;
}

} // namespace fernamt::ledger
