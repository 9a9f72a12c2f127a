// SPDX-License-Identifier: EUPL-1.2
#include "ledger/reclassified_call.h"

#include "ledger/json_fields.h"

namespace fernamt::ledger {

// Stored for years: never change one, only add.
std::string_view to_string(ReclassifyReason reason) {
    switch (reason) {
    case ReclassifyReason::misrouted:
        return "misrouted";
    case ReclassifyReason::test:
        return "test";
    case ReclassifyReason::staff:
        return "staff";
    case ReclassifyReason::wrong_kind:
        return "wrong_kind";
    case ReclassifyReason::taken_back:
        return "taken_back";
    }
    return {};
}

namespace {

[[nodiscard]] std::string_view name_of(ReclassifyReason reason) {
    return to_string(reason);
}

std::optional<ReclassifyReason> parse_reason(std::string_view text) {
    for (int i = 0; !name_of(static_cast<ReclassifyReason>(i)).empty(); ++i) {
        if (name_of(static_cast<ReclassifyReason>(i)) == text) {
            return static_cast<ReclassifyReason>(i);
        }
    }
    return std::nullopt;
}

template <class F, class T>
void members(F &f, T &fact) {
    f("call", fact.call);
    f("offered_at", fact.offered_at);
    f("from", fact.from);
    f("to", fact.to);
    f("kind", fact.kind);
    f("role", fact.role);
    f("dispute", fact.dispute);
}

} // namespace

NewEntry to_entry(const Reclassified &fact, Instant at) {
    FieldWriter writer;
    members(writer, fact);
    writer("reason", to_string(fact.reason));
    NewEntry entry{at, std::string(kReclassified), writer.take(), {}, {}, {}};
    entry.call = fact.call;
    return entry;
}

Expected<Reclassified> to_reclassified(const NewEntry &entry) {
    const auto object = parse_object(entry.payload);
    if (!object) return tl::unexpected(object.error());
    FieldReader reader(*object, entry.type);
    Reclassified fact;
    members(reader, fact);
    std::string_view reason;
    reader("reason", reason);
    if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
    const auto known = parse_reason(reason);
    if (!known) {
        return fail(ProblemKind::invalid_input, "ledger.unknown_type",
                    {{"type", std::string(reason)}});
    }
    fact.reason = *known;
    return fact;
}

} // namespace fernamt::ledger
