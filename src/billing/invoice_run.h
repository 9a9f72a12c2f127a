// SPDX-License-Identifier: EUPL-1.2
// A month's invoices in one go: looked at first, with the difference to the month before, then
// issued for all municipalities that nothing stands against. What was to be issued is stored before
// the first one is, so that a run that was interrupted goes on and issues none twice. It uses
// invoice_book.h alone. No rights are checked here; web and the command line do.
#pragma once

#include "billing/change.h"
#include "billing/invoice_book.h"
#include "billing/month.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fernamt::billing {

struct RunPreview { // of one municipality
    MunicipalityId municipality;
    Money net;
    Money payable;
    std::int64_t calls = 0;            // in the evidence of the month
    Money net_before;                  // of the standing invoice of the month before; 0: none
    std::optional<std::string> number; // issued already
    std::optional<Problem> problem;    // why it cannot be issued
    [[nodiscard]] bool clean() const { return !number && !problem; }
};
// In the given order. Municipalities without an agreement are left out.
[[nodiscard]] Expected<std::vector<RunPreview>>
preview_run(storage::Database &database, const std::vector<MunicipalityId> &municipalities,
            const Month &month, Instant now);

enum class RunState { pending, issued, failed };
[[nodiscard]] std::string_view to_string(RunState state);

struct RunItem {
    MunicipalityId municipality;
    RunState state = RunState::pending;
    std::string number;  // issued
    std::string problem; // failed: its code
    friend bool operator==(const RunItem &, const RunItem &) = default;
};
struct InvoiceRun {
    std::int64_t id = 0;
    Month month;
    Instant started_at;
    UserId started_by;
    std::vector<RunItem> items; // by municipality
    friend bool operator==(const InvoiceRun &, const InvoiceRun &) = default;
};

class InvoiceRuns {
  public:
    explicit InvoiceRuns(storage::Database &database) : database_(database) {}
    // Stores what a preview says is clean, and nothing else; issues nothing yet.
    // "run.month_open" (month), "run.nothing_to_issue".
    [[nodiscard]] Expected<InvoiceRun> start(const std::vector<MunicipalityId> &municipalities,
                                             const Month &month, const Change &change);
    // Issues what is pending, one document and transaction after the other. One that is refused
    // now does not stop the others. `change.also` goes along with each document.
    [[nodiscard]] Expected<InvoiceRun> resume(std::int64_t id, const Change &change);
    [[nodiscard]] Expected<InvoiceRun> find(std::int64_t id); // "run.not_found"
    [[nodiscard]] Expected<std::vector<InvoiceRun>> list();   // the newest first

  private:
    storage::Database &database_;
};

} // namespace fernamt::billing
