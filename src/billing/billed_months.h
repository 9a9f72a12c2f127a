// SPDX-License-Identifier: EUPL-1.2
// What the standing documents of a municipality have billed of each month, as one sum of states of
// knowledge: added what they billed, less what they took back. The steps that lead from there to
// what a month should come to close every gap that late issues and cancellations left, so that the
// sum of the documents is the sum of the rated months. Pure.
#pragma once

#include "agreements/agreement.h"
#include "billing/billed_step.h"
#include "billing/invoice_document.h"

#include <map>
#include <optional>
#include <set>
#include <vector>

namespace fernamt::billing {

// What may stand on one document together: BR-O-11 forbids "not taxable" beside anything else.
[[nodiscard]] bool same_rate(const agreements::Tax &a, const agreements::Tax &b);
// The document's own, or those that follow from one of before they were kept.
[[nodiscard]] std::vector<BilledStep> steps_of(const Document &document);

class BilledMonths {
  public:
    // `documents`: those that stand and bill months.
    explicit BilledMonths(const std::vector<const Document *> &documents);

    // With anything billed or taken back, also if it was billed by a document that is cancelled.
    [[nodiscard]] std::vector<Month> months() const;
    // A standing document bills it whole.
    [[nodiscard]] bool billed(const Month &month) const { return whole_.contains(month); }
    [[nodiscard]] std::vector<agreements::Tax> taxes(const Month &month) const;
    // From what is billed of a month under a tax to `target` (empty: nothing), as few as possible;
    // never back to older knowledge than was billed.
    [[nodiscard]] std::vector<BilledStep> steps(const Month &month, const agreements::Tax &tax,
                                                std::optional<Basis> target) const;
    // What was corrected and is no longer billed itself, because its invoice was cancelled.
    [[nodiscard]] std::optional<Basis> missing(const Month &month,
                                               const agreements::Tax &tax) const;
    // What the month was last billed with, whatever the tax.
    [[nodiscard]] std::optional<Basis> newest(const Month &month) const;

  private:
    struct Account { // of a month under one tax, by known_seq
        agreements::Tax tax;
        std::vector<Basis> billed;
        std::vector<Basis> taken_back;
    };
    Account &account_of(const Month &month, const agreements::Tax &tax);
    [[nodiscard]] const Account *find(const Month &month, const agreements::Tax &tax) const;

    std::map<Month, std::vector<Account>> accounts_;
    std::set<Month> whole_;
};

} // namespace fernamt::billing
