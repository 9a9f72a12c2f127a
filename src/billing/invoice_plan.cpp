// SPDX-License-Identifier: EUPL-1.2
#include "billing/invoice_plan.h"

#include "billing/invoice_source.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::billing {

namespace {

// How far back late facts are billed, and for how long after that they are still counted.
constexpr int kCorrectionMonths = 12;
constexpr int kCountedMonths = 24;

int months_between(const Month &from, const Month &to) {
    return (to.year - from.year) * 12 + to.month - from.month;
}

std::vector<const Document *> billing_documents(const std::vector<Row> &rows) {
    std::vector<const Document *> documents;
    for (const Row *row : standing(rows)) {
        if (bills_months(row->document.kind)) documents.push_back(&row->document);
    }
    return documents;
}

Expected<std::int64_t> last_seq(storage::Database &database) {
    std::int64_t seq = 0;
    const auto done = database.read([&](storage::Connection &connection) {
        return connection.each("SELECT COALESCE(MAX(seq), 0) FROM ledger_entry", {},
                               [&](const storage::Row &row) {
                                   seq = row.integer(0);
                                   return true;
                               });
    });
    if (!done) return tl::unexpected(done.error());
    return seq;
}

// The newest document that billed this month alone and was cancelled: its facts are taken again.
const Document *cancelled_invoice(const std::vector<Row> &rows, const std::vector<Month> &months) {
    if (months.size() != 1) return nullptr;
    const std::vector<std::string> wanted{to_string(months.front())};
    const Document *found = nullptr;
    for (const Row &row : rows) {
        if (bills_months(row.document.kind) && row.document.months == wanted) {
            found = &row.document;
        }
    }
    return found;
}

std::int64_t differing(const std::vector<CallFact> &before, const std::vector<CallFact> &after) {
    std::map<CallId, const CallFact *> known;
    for (const CallFact &fact : before)
        known[fact.call] = &fact;
    std::int64_t count = 0;
    for (const CallFact &fact : after) {
        const auto there = known.find(fact.call);
        count += there == known.end() || !(*there->second == fact) ? 1 : 0;
        if (there != known.end()) known.erase(there);
    }
    return count + static_cast<std::int64_t>(known.size());
}

} // namespace

InvoicePlan::InvoicePlan(storage::Database &database, MunicipalityId municipality,
                         const std::vector<Row> &rows, Instant now)
    : database_(database), municipality_(municipality), rows_(rows), now_(now),
      billed_(billing_documents(rows)) {}

Expected<InvoicePlan> InvoicePlan::of(storage::Database &database, MunicipalityId municipality,
                                      const std::vector<Row> &rows, Instant now) {
    InvoicePlan plan(database, municipality, rows, now);
    const auto seq = last_seq(database); // before the calls: what comes later is corrected later
    if (!seq) return tl::unexpected(seq.error());
    plan.seq_ = *seq;
    return plan;
}

Expected<MonthNow> InvoicePlan::month_now(const Month &month) {
    if (const auto known = known_.find(month); known != known_.end()) return known->second;
    const auto terms = terms_of(database_, municipality_, first_day(month), last_day(month));
    if (!terms) return tl::unexpected(terms.error());
    const auto tax = tax_of(*terms, month);
    if (!tax) return tl::unexpected(tax.error());
    return known_[month] = MonthNow{{seq_, terms->stand_on}, *tax};
}

// What is billed of the month under each tax must come to what it is now under today's, and to
// nothing under any other.
Expected<void> InvoicePlan::correct(std::vector<Group> &groups, const Month &month, bool drafted) {
    const auto now = month_now(month);
    if (!now) return tl::unexpected(now.error());
    std::vector<agreements::Tax> taxes = billed_.taxes(month);
    const auto is_today = [&](const agreements::Tax &tax) {
        return now->tax && same_rate(*now->tax, tax);
    };
    if (now->tax && std::ranges::none_of(taxes, is_today)) taxes.push_back(*now->tax);
    for (const agreements::Tax &tax : taxes) {
        if (drafted && is_today(tax)) continue; // that is what the draft bills
        const bool due = !drafted && billed_.billed(month) && is_today(tax);
        Basis target = now->basis;
        target.known_seq = seq_;
        auto steps = billed_.steps(month, tax, due ? std::optional{target} : std::nullopt);
        if (steps.empty()) continue;
        const auto same = std::ranges::find_if(
            groups, [&](const Group &group) { return same_rate(group.tax, tax); });
        Group &group = same != groups.end() ? *same : groups.emplace_back(Group{tax, {}});
        group.steps.insert(group.steps.end(), steps.begin(), steps.end());
    }
    return {};
}

Expected<std::vector<InvoicePlan::Group>>
InvoicePlan::corrections(const std::vector<Month> &months) {
    const Month reference = months.empty() ? month_of(to_local(now_).date) : months.back();
    std::vector<Group> groups;
    for (const Month &month : billed_.months()) {
        if (months_between(month, reference) > kCorrectionMonths) continue;
        const bool drafted = std::ranges::find(months, month) != months.end();
        if (auto done = correct(groups, month, drafted); !done) {
            return tl::unexpected(done.error());
        }
    }
    return groups;
}

Expected<Issued> InvoicePlan::draft(const Group &group, std::vector<Month> months, Basis basis) {
    auto issued = draft_invoice(database_, {.municipality = municipality_,
                                            .now = now_,
                                            .tax = group.tax,
                                            .months = std::move(months),
                                            .basis = std::move(basis),
                                            .corrections = group.steps,
                                            .known_seq = seq_});
    if (issued) note_other_reasons(issued->document, group.steps);
    return issued;
}

// The same rate for another reason: both stand on the document.
void InvoicePlan::note_other_reasons(Document &document, const std::vector<BilledStep> &steps) {
    std::map<Month, std::string> reasons;
    for (const BilledStep &step : steps) {
        const auto now = known_.find(step.month);
        const std::string month = to_string(step.month);
        const bool corrected =
            std::ranges::find(document.corrected, month) != document.corrected.end();
        if (!corrected || now == known_.end() || !now->second.tax) continue;
        const agreements::Tax &tax = *now->second.tax;
        if (same_rate(tax, document.tax) && tax.reason != document.tax.reason) {
            reasons[step.month] = tax.reason;
        }
    }
    for (const auto &[month, reason] : reasons)
        document.notes.push_back(fmt::format("Umsatzsteuer {}: {}", to_string(month), reason));
}

// What became known too late to be billed is not passed over in silence.
Expected<void> InvoicePlan::note_too_old(std::vector<Issued> &issued, const Month &reference) {
    std::string found;
    for (const Month &month : billed_.months()) {
        const int back = months_between(month, reference);
        const auto basis = billed_.newest(month);
        if (back <= kCorrectionMonths || back > kCountedMonths || !basis) continue;
        const LocalDate first = first_day(month);
        const LocalDate last = last_day(month);
        const auto then = read_calls(database_, municipality_, first, last, basis->known_seq);
        if (!then) return tl::unexpected(then.error());
        const auto now = read_calls(database_, municipality_, first, last, seq_);
        if (!now) return tl::unexpected(now.error());
        const std::int64_t count = differing(then->calls, now->calls);
        if (count == 0) continue;
        found += fmt::format("{}{} ({} {})", found.empty() ? "" : ", ", to_string(month), count,
                             count == 1 ? "Anruf" : "Anrufe");
    }
    if (found.empty() || issued.empty()) return {};
    issued.front().document.notes.push_back(
        "Nicht berichtigt, weil länger als zwölf Monate her: " + found + ".");
    return {};
}

Expected<std::vector<Issued>> InvoicePlan::draft(const std::vector<Month> &months,
                                                 const agreements::Tax &tax) {
    const auto first_now = month_now(months.front());
    if (!first_now) return tl::unexpected(first_now.error());
    Basis basis{seq_, std::nullopt};
    const auto terms =
        terms_of(database_, municipality_, first_day(months.front()), last_day(months.back()));
    if (!terms) return tl::unexpected(terms.error());
    basis.terms = terms->stand_on;
    if (const Document *cancelled = cancelled_invoice(rows_, months)) {
        seq_ = basis.known_seq = cancelled->known_seq;
        // What was corrected since stands on exactly what was cancelled.
        if (const auto missing = billed_.missing(months.front(), tax)) basis = *missing;
    }
    auto groups = corrections(months);
    if (!groups) return tl::unexpected(groups.error());
    std::vector<Issued> issued;
    Group main{tax, {}};
    std::erase_if(*groups, [&](Group &group) {
        if (!same_rate(group.tax, tax)) return false;
        main.steps = std::move(group.steps);
        return true;
    });
    auto drafted = draft(main, months, basis);
    if (!drafted) return tl::unexpected(drafted.error());
    issued.push_back(std::move(*drafted));
    for (const Group &group : *groups) {
        auto other = draft(group, {}, {});
        if (!other && other.error().code == "invoice.nothing_to_correct") continue;
        if (!other) return tl::unexpected(other.error());
        issued.front().document.notes.push_back(fmt::format(
            "Berichtigungen zu {} stehen auf einer eigenen Rechnung, weil dort eine andere "
            "Umsatzsteuer gilt.",
            fmt::join(other->document.corrected, ", ")));
        issued.push_back(std::move(*other));
    }
    if (auto noted = note_too_old(issued, months.back()); !noted) {
        return tl::unexpected(noted.error());
    }
    return issued;
}

Expected<std::vector<Issued>> InvoicePlan::draft_corrections() {
    const auto groups = corrections({});
    if (!groups) return tl::unexpected(groups.error());
    std::vector<Issued> issued;
    for (const Group &group : *groups) {
        auto drafted = draft(group, {}, {});
        if (!drafted && drafted.error().code == "invoice.nothing_to_correct") continue;
        if (!drafted) return tl::unexpected(drafted.error());
        issued.push_back(std::move(*drafted));
    }
    if (auto noted = note_too_old(issued, month_of(to_local(now_).date)); !noted) {
        return tl::unexpected(noted.error());
    }
    return issued;
}

} // namespace fernamt::billing
