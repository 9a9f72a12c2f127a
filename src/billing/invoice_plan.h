// SPDX-License-Identifier: EUPL-1.2
// Plans what the next documents of a municipality bill: a month by today's prices, or on the facts
// of the document that was cancelled; and what other documents have billed otherwise than it is
// known now, month by month. One document has one VAT category, so corrections of months with
// another one are documents of their own. Only reads. Internal to invoice_book.
#pragma once

#include "billing/billed_months.h"
#include "billing/invoice_draft.h"
#include "billing/invoice_rows.h"

#include <map>

namespace fernamt::billing {

struct MonthNow {
    Basis basis;
    std::optional<agreements::Tax> tax; // empty: nothing is agreed for the month
};

class InvoicePlan {
  public:
    // `rows`: all of the municipality; they must outlive the plan.
    [[nodiscard]] static Expected<InvoicePlan> of(storage::Database &database,
                                                  MunicipalityId municipality,
                                                  const std::vector<Row> &rows, Instant now);

    [[nodiscard]] Expected<MonthNow> month_now(const Month &month);
    // One draft for the months (of one tax), first, with the corrections of the same tax; one more
    // for each other tax with anything to correct. `months` empty: corrections alone, which may be
    // none.
    [[nodiscard]] Expected<std::vector<Issued>> draft(const std::vector<Month> &months,
                                                      const agreements::Tax &tax);
    [[nodiscard]] Expected<std::vector<Issued>> draft_corrections();

  private:
    struct Group {
        agreements::Tax tax;
        std::vector<BilledStep> steps;
    };
    InvoicePlan(storage::Database &database, MunicipalityId municipality,
                const std::vector<Row> &rows, Instant now);
    [[nodiscard]] Expected<std::vector<Group>> corrections(const std::vector<Month> &months);
    [[nodiscard]] Expected<void> correct(std::vector<Group> &groups, const Month &month,
                                         bool drafted);
    [[nodiscard]] Expected<Issued> draft(const Group &group, std::vector<Month> months,
                                         Basis basis);
    [[nodiscard]] Expected<void> note_too_old(std::vector<Issued> &issued, const Month &reference);
    void note_other_reasons(Document &document, const std::vector<BilledStep> &steps);

    storage::Database &database_;
    MunicipalityId municipality_;
    const std::vector<Row> &rows_;
    Instant now_;
    std::int64_t seq_ = 0; // the ledger's last entry, or that of the document that is issued anew
    BilledMonths billed_;
    std::map<Month, MonthNow> known_;
};

} // namespace fernamt::billing
