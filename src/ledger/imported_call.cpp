// SPDX-License-Identifier: EUPL-1.2
#include "ledger/imported_call.h"

#include "ledger/entry_hash.h"
#include "ledger/json_fields.h"

#include <optional>

namespace fernamt::ledger {

namespace {

constexpr std::string_view kType = "call.imported";

} // namespace

std::string record_hash(std::string_view source, std::string_view identity) {
    EntryHasher hasher;
    storage::Blob name;
    for (const char c : source)
        name.push_back(static_cast<std::byte>(c));
    return to_hex(hasher.commitment(name, identity));
}

NewEntry imported_entry(CallId call, MunicipalityId municipality, Instant at,
                        std::string_view source, std::string_view record) {
    FieldWriter writer;
    writer("call", call);
    writer("record", record);
    writer("source", source);
    NewEntry entry{at, std::string(kType), writer.take(), {}, {}, {}};
    entry.call = call;
    entry.municipality = municipality;
    return entry;
}

Expected<void>
each_imported(storage::Database &database,
              const std::function<void(const std::string &record, CallId call)> &on_record) {
    std::optional<Problem> unreadable;
    auto read = database.read([&](storage::Connection &connection) {
        return connection.each(
            "SELECT payload, call_id FROM ledger_entry WHERE type = $1", {std::string(kType)},
            [&](const storage::Row &row) {
                const auto object = parse_object(row.text(0));
                const auto *record = object ? object->if_contains("record") : nullptr;
                if (record == nullptr || !record->is_string()) {
                    unreadable = Problem{ProblemKind::internal,
                                         "ledger.unknown_type",
                                         {{"type", std::string(kType)}}};
                    return false;
                }
                on_record(std::string(record->get_string()), CallId{row.integer(1)});
                return true;
            });
    });
    if (read && unreadable) return tl::unexpected(*unreadable);
    return read;
}

} // namespace fernamt::ledger
