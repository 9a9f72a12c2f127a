// SPDX-License-Identifier: EUPL-1.2
#include "billing/dispute_book.h"

#include "storage/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace fernamt::billing {

namespace {

constexpr std::array kStates{std::pair{DisputeState::open, std::string_view{"open"}},
                             std::pair{DisputeState::upheld, std::string_view{"upheld"}},
                             std::pair{DisputeState::refused, std::string_view{"refused"}}};
constexpr std::array kSides{std::pair{DisputeSide::centre, std::string_view{"centre"}},
                            std::pair{DisputeSide::municipality, std::string_view{"municipality"}}};

template <class E, std::size_t N>
std::string_view name_of(const std::array<std::pair<E, std::string_view>, N> &names, E value) {
    return std::ranges::find(names, value, &std::pair<E, std::string_view>::first)->second;
}
template <class E, std::size_t N>
E value_of(const std::array<std::pair<E, std::string_view>, N> &names, std::string_view text) {
    const auto found = std::ranges::find(names, text, &std::pair<E, std::string_view>::second);
    return found == names.end() ? names.front().first : found->first;
}

Expected<void> read_comments(storage::Connection &connection, std::vector<Dispute> &disputes) {
    for (Dispute &dispute : disputes) {
        const auto done = connection.each(
            "SELECT at, by_user, side, body FROM dispute_comment WHERE dispute = $1 "
            "ORDER BY position",
            {dispute.id}, [&](const storage::Row &row) {
                dispute.comments.push_back({Instant{row.integer(0)}, UserId{row.integer(1)},
                                            value_of(kSides, row.text(2)), row.text(3)});
                return true;
            });
        if (!done) return done;
    }
    return {};
}

Expected<std::vector<Dispute>> select(storage::Connection &connection, std::string_view where,
                                      const std::vector<storage::Value> &parameters) {
    std::vector<Dispute> disputes;
    const auto done = connection.each(
        fmt::format("SELECT id, number, municipality, line, call_id, state, credit_note, "
                    "opened_at, reclassified FROM dispute {} ORDER BY opened_at DESC, id DESC",
                    where),
        parameters, [&](const storage::Row &row) {
            Dispute dispute;
            dispute.id = row.integer(0);
            dispute.number = row.text(1);
            dispute.municipality = MunicipalityId{row.integer(2)};
            if (!row.is_null(3)) dispute.line = row.integer(3);
            if (!row.is_null(4)) dispute.call = CallId{row.integer(4)};
            dispute.state = value_of(kStates, row.text(5));
            if (!row.is_null(6)) dispute.credit_note = row.text(6);
            dispute.opened_at = Instant{row.integer(7)};
            dispute.reclassified = row.integer(8) != 0;
            disputes.push_back(std::move(dispute));
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    if (auto read = read_comments(connection, disputes); !read) {
        return tl::unexpected(read.error());
    }
    return disputes;
}

Expected<Dispute> require_open(storage::Connection &connection, std::int64_t id) {
    auto found = select(connection, "WHERE id = $1", {id});
    if (!found) return tl::unexpected(found.error());
    if (found->empty()) return fail(ProblemKind::not_found, "dispute.not_found");
    if (found->front().state != DisputeState::open) {
        return fail(ProblemKind::conflict, "dispute.closed");
    }
    return std::move(found->front());
}

Expected<void> add_comment(storage::Connection &connection, std::int64_t id, DisputeSide side,
                           const std::string &text, const Change &change) {
    const auto done = connection.run(
        "INSERT INTO dispute_comment (dispute, position, at, by_user, side, body) "
        "SELECT $1, COALESCE(MAX(position), 0) + 1, $2, $3, $4, $5 FROM dispute_comment "
        "WHERE dispute = $1",
        {id, change.at.us, change.by.value, std::string{to_string(side)}, text});
    if (!done) return tl::unexpected(done.error());
    return {};
}

Expected<void> close(storage::Connection &connection, std::int64_t id, DisputeState state,
                     const std::optional<std::string> &credit_note, const Change &change) {
    const storage::Value note =
        credit_note ? storage::Value{*credit_note} : storage::Value{nullptr};
    const auto done =
        connection.run("UPDATE dispute SET state = $2, credit_note = $3 WHERE id = $1",
                       {id, std::string{to_string(state)}, note});
    if (!done) return tl::unexpected(done.error());
    return add_comment(connection, id, DisputeSide::centre, change.reason, change);
}

Expected<void> finish(storage::Connection &connection, const Change &change) {
    return change.also ? change.also(connection) : Expected<void>{};
}

tl::unexpected<Problem> unknown_place(std::string_view place) {
    return fail(ProblemKind::invalid_input, "dispute.place_unknown",
                {{"place", std::string{place}}});
}

Expected<void> check_place(InvoiceBook &book, const Document &document, const Question &question) {
    const auto lines = static_cast<std::int64_t>(document.lines.size());
    if (question.line && (*question.line < 1 || *question.line > lines)) {
        return unknown_place("line");
    }
    if (!question.call) return {};
    const auto evidence = book.evidence(document);
    if (!evidence) return tl::unexpected(evidence.error());
    for (const EvidencePart &part : evidence->parts) {
        if (std::ranges::find(part.calls, *question.call, &CallFact::call) != part.calls.end()) {
            return {};
        }
    }
    return unknown_place("call");
}

// "Rückfrage 3, Position 2, Anruf 4711"
std::string credit_text(const Dispute &dispute) {
    std::string text = fmt::format("Korrektur zur Rückfrage {}", dispute.id);
    if (dispute.line) text += fmt::format(", Position {}", *dispute.line);
    if (dispute.call) text += fmt::format(", Anruf {}", dispute.call->value);
    return text;
}

tl::unexpected<Problem> nothing_said() {
    return fail(ProblemKind::invalid_input, "dispute.empty");
}

} // namespace

std::string_view to_string(DisputeState state) {
    return name_of(kStates, state);
}
std::string_view to_string(DisputeSide side) {
    return name_of(kSides, side);
}

Expected<Dispute> DisputeBook::open(const Question &question, const Change &change) {
    if (question.text.empty()) return nothing_said();
    InvoiceBook book(database_);
    const auto document = book.find(question.number);
    if (!document) return tl::unexpected(document.error());
    if (auto there = check_place(book, *document, question); !there) {
        return tl::unexpected(there.error());
    }
    std::int64_t id = 0;
    const auto done = database_.write([&](storage::Connection &connection) -> Expected<void> {
        const auto next = storage::next_id(connection, "dispute");
        if (!next) return tl::unexpected(next.error());
        id = *next;
        const storage::Value line =
            question.line ? storage::Value{*question.line} : storage::Value{nullptr};
        const storage::Value call =
            question.call ? storage::Value{question.call->value} : storage::Value{nullptr};
        const auto inserted = connection.run(
            "INSERT INTO dispute (id, number, municipality, line, call_id, state, opened_at) "
            "VALUES ($1, $2, $3, $4, $5, 'open', $6)",
            {id, question.number, document->municipality.value, line, call, change.at.us});
        if (!inserted) return tl::unexpected(inserted.error());
        if (auto said = add_comment(connection, id, question.side, question.text, change); !said) {
            return said;
        }
        return finish(connection, change);
    });
    if (!done) return tl::unexpected(done.error());
    return find(id);
}

Expected<Dispute> DisputeBook::find(std::int64_t id) {
    Expected<std::vector<Dispute>> found;
    const auto done = database_.read([&](storage::Connection &connection) -> Expected<void> {
        found = select(connection, "WHERE id = $1", {id});
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    if (!found) return tl::unexpected(found.error());
    if (found->empty()) return fail(ProblemKind::not_found, "dispute.not_found");
    return std::move(found->front());
}

Expected<std::vector<Dispute>> DisputeBook::list(std::optional<MunicipalityId> municipality,
                                                 const std::optional<std::string> &number) {
    Expected<std::vector<Dispute>> found;
    const auto done = database_.read([&](storage::Connection &connection) -> Expected<void> {
        found = number ? select(connection, "WHERE number = $1", {*number})
                : municipality
                    ? select(connection, "WHERE municipality = $1", {municipality->value})
                    : select(connection, "", {});
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return found;
}

Expected<Dispute> DisputeBook::comment(std::int64_t id, DisputeSide side, const std::string &text,
                                       const Change &change) {
    if (text.empty()) return nothing_said();
    const auto done = database_.write([&](storage::Connection &connection) -> Expected<void> {
        const auto dispute = require_open(connection, id);
        if (!dispute) return tl::unexpected(dispute.error());
        if (auto said = add_comment(connection, id, side, text, change); !said) return said;
        return finish(connection, change);
    });
    if (!done) return tl::unexpected(done.error());
    return find(id);
}

Expected<Dispute> DisputeBook::uphold(std::int64_t id, Money net, const Change &change) {
    if (change.reason.empty()) return nothing_said();
    const auto dispute = find(id);
    if (!dispute) return dispute;
    Change credit = change;
    credit.also = [&](storage::Connection &connection) -> Expected<void> {
        // Again within the transaction: somebody else may have decided meanwhile.
        if (auto open = require_open(connection, id); !open) return tl::unexpected(open.error());
        std::string number;
        const auto read =
            connection.each("SELECT number FROM invoice ORDER BY position DESC LIMIT 1", {},
                            [&](const storage::Row &row) {
                                number = row.text(0);
                                return true;
                            });
        if (!read) return read;
        if (auto closed = close(connection, id, DisputeState::upheld, number, change); !closed) {
            return closed;
        }
        return finish(connection, change);
    };
    const auto credited =
        InvoiceBook(database_).credit(dispute->number, credit_text(*dispute), net, credit);
    if (!credited) return tl::unexpected(credited.error());
    return find(id);
}

Expected<Dispute> DisputeBook::uphold_by_call(std::int64_t id, ledger::Ledger &ledger,
                                              Reclassification how, const Change &change) {
    if (change.reason.empty()) return nothing_said();
    const auto dispute = find(id);
    if (!dispute) return dispute;
    if (dispute->state != DisputeState::open) return fail(ProblemKind::conflict, "dispute.closed");
    if (!dispute->call) return fail(ProblemKind::conflict, "dispute.no_call");
    how.call = *dispute->call;
    how.dispute = id;
    const auto known = classified_call(database_, how.call);
    if (!known) return tl::unexpected(known.error());
    // The fact is durable before the decision: whoever repeats it after a crash finds it there.
    const bool there = !known->changes.empty() && known->changes.back().dispute == id;
    if (!there) {
        const auto said = reclassify(database_, ledger, how, change.at);
        if (!said) return tl::unexpected(said.error());
    }
    const auto done = database_.write([&](storage::Connection &connection) -> Expected<void> {
        if (auto open = require_open(connection, id); !open) return tl::unexpected(open.error());
        if (auto closed = close(connection, id, DisputeState::upheld, std::nullopt, change);
            !closed) {
            return closed;
        }
        const auto marked =
            connection.run("UPDATE dispute SET reclassified = 1 WHERE id = $1", {id});
        if (!marked) return tl::unexpected(marked.error());
        return finish(connection, change);
    });
    if (!done) return tl::unexpected(done.error());
    return find(id);
}

Expected<Dispute> DisputeBook::refuse(std::int64_t id, const Change &change) {
    if (change.reason.empty()) return nothing_said();
    const auto done = database_.write([&](storage::Connection &connection) -> Expected<void> {
        const auto dispute = require_open(connection, id);
        if (!dispute) return tl::unexpected(dispute.error());
        if (auto closed = close(connection, id, DisputeState::refused, std::nullopt, change);
            !closed) {
            return closed;
        }
        return finish(connection, change);
    });
    if (!done) return tl::unexpected(done.error());
    return find(id);
}

} // namespace fernamt::billing
