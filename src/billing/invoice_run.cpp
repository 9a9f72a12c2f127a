// SPDX-License-Identifier: EUPL-1.2
#include "billing/invoice_run.h"

#include "storage/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace fernamt::billing {

namespace {

constexpr std::array kStates{RunState::pending, RunState::issued, RunState::failed};

RunState parse_state(const std::string &text) {
    const auto found =
        std::ranges::find_if(kStates, [&](RunState state) { return to_string(state) == text; });
    return found == kStates.end() ? RunState::pending : *found;
}

Month before(const Month &month) {
    return month.month == 1 ? Month{month.year - 1, 12} : Month{month.year, month.month - 1};
}

// The standing invoice of a month: neither taken back, nor a taking back.
const Document *invoice_of_month(const std::vector<Document> &standing, const Month &month) {
    const auto found = std::ranges::find_if(standing, [&](const Document &each) {
        const auto &months = each.months;
        return (each.kind == DocumentKind::invoice || each.kind == DocumentKind::settlement) &&
               std::ranges::find(months, to_string(month)) != months.end();
    });
    return found == standing.end() ? nullptr : &*found;
}

std::int64_t calls_in(const Evidence &evidence, const Month &month) {
    std::int64_t count = 0;
    for (const EvidencePart &part : evidence.parts) {
        count += std::ranges::count_if(part.calls, [&](const CallFact &call) {
            return agreements::is_billed(call.kind) &&
                   month_of(to_local(call.offered_at).date) == month;
        });
    }
    return count;
}

Expected<std::vector<InvoiceRun>> read_runs(storage::Database &database, std::string_view where,
                                            const std::vector<storage::Value> &parameters) {
    std::vector<InvoiceRun> runs;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        runs.clear();
        const auto read = connection.each(
            fmt::format("SELECT id, month, started_at, started_by FROM invoice_run {} "
                        "ORDER BY id DESC",
                        where),
            parameters, [&](const storage::Row &row) {
                InvoiceRun run;
                run.id = row.integer(0);
                run.month = parse_month(row.text(1)).value_or(Month{});
                run.started_at = Instant{row.integer(2)};
                run.started_by = UserId{row.integer(3)};
                runs.push_back(std::move(run));
                return true;
            });
        if (!read) return read;
        for (InvoiceRun &run : runs) {
            const auto items =
                connection.each("SELECT municipality, state, number, problem FROM invoice_run_item "
                                "WHERE run = $1 ORDER BY municipality",
                                {run.id}, [&](const storage::Row &row) {
                                    RunItem item;
                                    item.municipality = MunicipalityId{row.integer(0)};
                                    item.state = parse_state(row.text(1));
                                    if (!row.is_null(2)) item.number = row.text(2);
                                    if (!row.is_null(3)) item.problem = row.text(3);
                                    run.items.push_back(std::move(item));
                                    return true;
                                });
            if (!items) return items;
        }
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return runs;
}

Expected<void> record(storage::Database &database, std::int64_t run, const RunItem &item) {
    const auto text = [](const std::string &value) {
        return value.empty() ? storage::Value{nullptr} : storage::Value{value};
    };
    return database.write([&](storage::Connection &connection) -> Expected<void> {
        const auto stored =
            connection.run("UPDATE invoice_run_item SET state = $3, number = $4, problem = $5 "
                           "WHERE run = $1 AND municipality = $2",
                           {run, item.municipality.value, std::string{to_string(item.state)},
                            text(item.number), text(item.problem)});
        if (!stored) return tl::unexpected(stored.error());
        return {};
    });
}

// What the month's invoice is by now, whoever issued it: a run that stopped between a document and
// its own note of it finds it here.
Expected<std::string> standing_number(InvoiceBook &book, MunicipalityId municipality,
                                      const Month &month) {
    const auto standing = standing_documents(book, municipality);
    if (!standing) return tl::unexpected(standing.error());
    const Document *found = invoice_of_month(*standing, month);
    return found ? found->number : std::string{};
}

Expected<void> issue_one(storage::Database &database, const InvoiceRun &run, RunItem item,
                         const Change &change) {
    InvoiceBook book(database);
    const auto issued = book.issue(item.municipality, run.month, change);
    if (issued) {
        item.state = RunState::issued;
        item.number = issued->document.number;
        return record(database, run.id, item);
    }
    // A full disk or a lost database ends the run; it is pending still.
    if (issued.error().kind == ProblemKind::unavailable ||
        issued.error().kind == ProblemKind::internal) {
        return tl::unexpected(issued.error());
    }
    const auto number = standing_number(book, item.municipality, run.month);
    if (!number) return tl::unexpected(number.error());
    item.state = number->empty() ? RunState::failed : RunState::issued;
    item.number = *number;
    item.problem = number->empty() ? issued.error().code : std::string{};
    return record(database, run.id, item);
}

} // namespace

std::string_view to_string(RunState state) {
    switch (state) {
    case RunState::pending:
        return "pending";
    case RunState::issued:
        return "issued";
    case RunState::failed:
        return "failed";
    }
    return {};
}

Expected<std::vector<RunPreview>> preview_run(storage::Database &database,
                                              const std::vector<MunicipalityId> &municipalities,
                                              const Month &month, Instant now) {
    InvoiceBook book(database);
    std::vector<RunPreview> previews;
    for (const MunicipalityId municipality : municipalities) {
        RunPreview preview;
        preview.municipality = municipality;
        const auto standing = standing_documents(book, municipality);
        if (!standing) return tl::unexpected(standing.error());
        if (const Document *last = invoice_of_month(*standing, before(month))) {
            preview.net_before = last->net;
        }
        if (const Document *there = invoice_of_month(*standing, month)) {
            preview.number = there->number;
            preview.net = there->net;
            preview.payable = there->payable;
            previews.push_back(std::move(preview));
            continue;
        }
        const auto draft = book.preview(municipality, month, now);
        if (draft) {
            preview.net = draft->document.net;
            preview.payable = draft->document.payable;
            preview.calls = calls_in(draft->evidence, month);
        } else if (draft.error().code == "invoice.no_agreement") {
            continue;
        } else {
            preview.problem = draft.error();
        }
        previews.push_back(std::move(preview));
    }
    return previews;
}

Expected<InvoiceRun> InvoiceRuns::start(const std::vector<MunicipalityId> &municipalities,
                                        const Month &month, const Change &change) {
    if (end_of(month) > change.at) {
        return fail(ProblemKind::conflict, "run.month_open", {{"month", to_string(month)}});
    }
    const auto previews = preview_run(database_, municipalities, month, change.at);
    if (!previews) return tl::unexpected(previews.error());
    if (std::ranges::none_of(*previews, &RunPreview::clean)) {
        return fail(ProblemKind::conflict, "run.nothing_to_issue");
    }
    std::int64_t id = 0;
    const auto done = database_.write([&](storage::Connection &connection) -> Expected<void> {
        const auto next = storage::next_id(connection, "invoice_run");
        if (!next) return tl::unexpected(next.error());
        id = *next;
        const auto run = connection.run(
            "INSERT INTO invoice_run (id, month, started_at, started_by) VALUES ($1, $2, $3, $4)",
            {id, to_string(month), change.at.us, change.by.value});
        if (!run) return tl::unexpected(run.error());
        for (const RunPreview &each : *previews) {
            if (!each.clean()) continue;
            const auto item = connection.run("INSERT INTO invoice_run_item (run, municipality, "
                                             "state) VALUES ($1, $2, 'pending')",
                                             {id, each.municipality.value});
            if (!item) return tl::unexpected(item.error());
        }
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return find(id);
}

Expected<InvoiceRun> InvoiceRuns::resume(std::int64_t id, const Change &change) {
    const auto run = find(id);
    if (!run) return run;
    for (const RunItem &item : run->items) {
        if (item.state == RunState::issued) continue;
        if (auto done = issue_one(database_, *run, item, change); !done) {
            return tl::unexpected(done.error());
        }
    }
    return find(id);
}

Expected<InvoiceRun> InvoiceRuns::find(std::int64_t id) {
    auto runs = read_runs(database_, "WHERE id = $1", {id});
    if (!runs) return tl::unexpected(runs.error());
    if (runs->empty()) return fail(ProblemKind::not_found, "run.not_found");
    return std::move(runs->front());
}

Expected<std::vector<InvoiceRun>> InvoiceRuns::list() {
    return read_runs(database_, "", {});
}

} // namespace fernamt::billing
