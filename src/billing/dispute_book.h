// SPDX-License-Identifier: EUPL-1.2
// What the paying municipality asks about a document, one of its lines or one call, what the centre
// answers, and how it ends: upheld with a credit note that names it, or by giving the call to whom
// it belongs, or refused with a reason. The document itself never changes. No rights are checked
// here; web does.
#pragma once

#include "billing/change.h"
#include "billing/classification.h"
#include "billing/invoice_book.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::billing {

enum class DisputeState { open, upheld, refused };
[[nodiscard]] std::string_view to_string(DisputeState state);
enum class DisputeSide { centre, municipality };
[[nodiscard]] std::string_view to_string(DisputeSide side);

struct DisputeComment {
    Instant at;
    UserId by;
    DisputeSide side = DisputeSide::municipality;
    std::string text;
    friend bool operator==(const DisputeComment &, const DisputeComment &) = default;
};

struct Dispute {
    std::int64_t id = 0;
    std::string number; // of the document
    MunicipalityId municipality;
    std::optional<std::int64_t> line; // from 1, as on the document
    std::optional<CallId> call;       // of its evidence
    DisputeState state = DisputeState::open;
    std::optional<std::string> credit_note;
    bool reclassified = false; // upheld so; then without a credit note
    Instant opened_at;
    std::vector<DisputeComment> comments; // in order; the first is the question
    friend bool operator==(const Dispute &, const Dispute &) = default;
};

struct Question {
    std::string number;
    std::optional<std::int64_t> line;
    std::optional<CallId> call;
    std::string text;
    DisputeSide side = DisputeSide::municipality;
};

class DisputeBook {
  public:
    explicit DisputeBook(storage::Database &database) : database_(database) {}

    // "invoice.not_found"; "dispute.place_unknown" (place): no such line or call; "dispute.empty".
    [[nodiscard]] Expected<Dispute> open(const Question &question, const Change &change);
    [[nodiscard]] Expected<Dispute> find(std::int64_t id); // "dispute.not_found"
    // The newest first.
    [[nodiscard]] Expected<std::vector<Dispute>>
    list(std::optional<MunicipalityId> municipality = std::nullopt,
         const std::optional<std::string> &number = std::nullopt);

    // "dispute.closed" once it is decided.
    [[nodiscard]] Expected<Dispute> comment(std::int64_t id, DisputeSide side,
                                            const std::string &text, const Change &change);
    // Both say why in `change.reason`. Upheld: a credit note over `net`, in the same transaction;
    // the problems of InvoiceBook::credit.
    [[nodiscard]] Expected<Dispute> uphold(std::int64_t id, Money net, const Change &change);
    // Upheld as well, but by the call itself (billing/classification.h): the correction lines of
    // the next invoices take it from the one municipality and give it to the other, so a credit
    // note beside them would pay twice. "dispute.no_call"; the problems of reclassify().
    [[nodiscard]] Expected<Dispute> uphold_by_call(std::int64_t id, ledger::Ledger &ledger,
                                                   Reclassification how, const Change &change);
    [[nodiscard]] Expected<Dispute> refuse(std::int64_t id, const Change &change);

  private:
    storage::Database &database_;
};

} // namespace fernamt::billing
