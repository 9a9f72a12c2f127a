// SPDX-License-Identifier: EUPL-1.2
// The ledger: every fact once, append-only, in a SHA-256 chain, durable before its effects leave
// the building. Entries are canonical JSON without personal data; personal values are salted
// commitments whose salt and value stand in a side table that can be erased while the chain stays
// valid. Appending is asynchronous: entries queue up, one thread commits them in groups
// (synchronous=FULL) and then calls back in order.
#pragma once

#include "base/id.h"
#include "base/problem.h"
#include "base/redacted.h"
#include "base/time.h"
#include "storage/database.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::ledger {

using Hash = std::array<std::byte, 32>;

// A personal value on its way into the side table: salted, its commitment stands in a payload.
struct Sealed {
    std::string commitment; // 64 hex digits
    std::string kind;       // kSealedCaller, kSealedTarget
    Instant at;
    storage::Blob salt;
    Redacted<std::string> value;
};

struct NewEntry {
    Instant at;
    std::string type;    // "call.offered", "decision.end", "rules.changed": see routing_codec.h
    std::string payload; // canonical JSON object
    std::optional<CallId> call;
    std::optional<MunicipalityId> municipality;
    // The value behind the payload's commitment: durable together with the entry, outside the
    // chain.
    std::shared_ptr<const Sealed> sealed;
};

struct Entry : NewEntry {
    std::int64_t seq = 0; // 1, 2, 3 ... without gaps
    Hash previous{};
    Hash hash{}; // SHA-256 over all of the above, see entry_hash.h
};

struct VerifyReport {
    std::int64_t entries = 0;
    Hash root{};                              // hash of the last entry
    std::optional<std::int64_t> first_broken; // seq of the first entry that does not fit
    // "hash": the entry was changed. "previous": it does not continue the entry before it (which
    // was changed and hashed anew, or this one was put in). "gap": no entry has this seq.
    std::string what;
};

inline constexpr std::string_view kSealedCaller = "caller";          // who called
inline constexpr std::string_view kSealedTarget = "transfer_target"; // where a call went
inline constexpr std::string_view kSealedCallback = "callback";      // whom to call back

// Salts a personal value; stores nothing. The same value gives another commitment each time.
[[nodiscard]] Expected<Sealed> seal_value(std::string_view kind, const Redacted<std::string> &value,
                                          Instant at);

class Ledger {
  public:
    // Called on the committing thread, in the order of the appends, after the group is durable (or
    // with the problem that stopped the ledger; then no later append succeeds). last_seq is the
    // last entry of this append. Entries of one append follow each other without others between
    // them. Text that no database can keep (not UTF-8) fails this append alone:
    // "storage.text_encoding". Must not throw and must not wait for another append.
    using OnDurable = std::function<void(Expected<std::int64_t> last_seq)>;

    // The database must outlive the ledger. On a read-only database it reads and verifies only.
    [[nodiscard]] static Expected<std::unique_ptr<Ledger>> open(storage::Database &database);
    virtual ~Ledger() = default; // commits what is queued

    virtual void append(std::vector<NewEntry> entries, OnDurable on_durable) = 0;
    [[nodiscard]] virtual Expected<std::int64_t> append_and_wait(std::vector<NewEntry> entries) = 0;

    // In order of seq; returning false stops. Reads in pieces: no long transaction.
    [[nodiscard]] virtual Expected<void>
    each(std::int64_t from_seq, const std::function<bool(const Entry &)> &on_entry) = 0;
    // The entries of one call, in order of seq; returning false stops.
    [[nodiscard]] virtual Expected<void>
    each_of_call(CallId call, const std::function<bool(const Entry &)> &on_entry) = 0;
    [[nodiscard]] virtual std::int64_t last_seq() const = 0;
    [[nodiscard]] virtual bool accepting() const = 0;

    [[nodiscard]] virtual Expected<VerifyReport> verify() = 0;

    // Snapshots are a cache for a fast start, never the truth: state after entry seq. The last one
    // is kept; one that is ahead of the ledger is refused and never returned.
    struct Snapshot {
        std::int64_t seq = 0;
        std::string state;
    };
    [[nodiscard]] virtual Expected<void> save_snapshot(const Snapshot &snapshot) = 0;
    [[nodiscard]] virtual Expected<std::optional<Snapshot>> latest_snapshot() = 0;

    // Personal values, as NewEntry::sealed has brought them in.
    [[nodiscard]] virtual Expected<std::optional<Redacted<std::string>>>
    reveal(const std::string &commitment) = 0;
    [[nodiscard]] virtual Expected<std::int64_t> erase_sealed_before(std::string_view kind,
                                                                     Instant before) = 0;
    // The same, but for those with these commitments: they are still needed.
    [[nodiscard]] virtual Expected<std::int64_t>
    erase_sealed_before(std::string_view kind, Instant before,
                        const std::set<std::string> &kept) = 0;
};

} // namespace fernamt::ledger
