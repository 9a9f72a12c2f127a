// SPDX-License-Identifier: EUPL-1.2
// "Query this line": the paying municipality asks about a document, a line or a call, both sides
// write, and the centre decides; what is upheld comes back as a credit note, or the call goes to
// whom it belongs.
#include "billing/dispute_book.h"
#include "web/api.h"
#include "web/classification_routes.h"
#include "web/finance_values.h"
#include "web/json_reader.h"
#include "web/json_values.h"
#include "web/request_values.h"
#include "web/routes.h"
#include "web/towns.h"

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <array>

namespace fernamt::web {

namespace json = boost::json;

namespace {

using billing::Dispute;
using billing::DisputeBook;
using billing::DisputeSide;

constexpr TextLimits kSaid{.shortest = 1, .longest = 2000, .lines = Lines::many};

DisputeSide side_of(const Incoming &incoming) {
    return incoming.caller.municipality ? DisputeSide::municipality : DisputeSide::centre;
}

json::value dispute_json(Towns &towns, const Dispute &dispute) {
    json::array comments;
    for (const auto &comment : dispute.comments) {
        comments.push_back(json::object{{"at", to_json(comment.at)},
                                        {"side", std::string(to_string(comment.side))},
                                        {"text", comment.text}});
    }
    json::value line = nullptr;
    if (dispute.line) line = *dispute.line;
    json::value call = nullptr;
    if (dispute.call) call = dispute.call->value;
    return json::object{{"id", dispute.id},
                        {"number", dispute.number},
                        {"municipality", municipality_json(towns, dispute.municipality)},
                        {"line", line},
                        {"call", call},
                        {"state", std::string(to_string(dispute.state))},
                        {"credit_note", to_json(dispute.credit_note)},
                        {"reclassified", dispute.reclassified},
                        {"opened_at", to_json(dispute.opened_at)},
                        {"comments", std::move(comments)}};
}

Expected<Reply> list(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    const auto disputes = DisputeBook(parts.database).list(incoming.caller.municipality);
    if (!disputes) return tl::unexpected(disputes.error());
    json::array items;
    for (const Dispute &dispute : *disputes)
        items.push_back(dispute_json(towns, dispute));
    return json_reply(json::object{{"items", std::move(items)}});
}

// Another municipality's is as good as none.
Expected<Dispute> find(const ApiParts &parts, const Incoming &incoming) {
    const auto id = path_id(incoming.request, "dispute.not_found");
    if (!id) return tl::unexpected(id.error());
    auto dispute = DisputeBook(parts.database).find(*id);
    if (dispute && !people::may_see(incoming.caller, dispute->municipality)) {
        return fail(ProblemKind::not_found, "dispute.not_found");
    }
    return dispute;
}

Expected<Reply> answer(const ApiParts &parts, Towns &towns, const Expected<Dispute> &dispute,
                       int status = 200) {
    if (!dispute) return tl::unexpected(dispute.error());
    parts.hub.publish({"documents", "{}", {}});
    return json_reply(dispute_json(towns, *dispute), status);
}

Expected<Reply> open(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    const auto document =
        billing::InvoiceBook(parts.database).find(path_text(incoming.request, "number"));
    if (!document) return tl::unexpected(document.error());
    if (!people::may_see(incoming.caller, document->municipality)) {
        return fail(ProblemKind::not_found, "invoice.not_found");
    }
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    billing::Question question;
    question.number = document->number;
    question.line = reader->optional_integer("line", 1, 100'000);
    if (const auto call = reader->optional_integer("call", 1, kLargestId)) {
        question.call = CallId{*call};
    }
    question.text = reader->text("text", kSaid);
    question.side = side_of(incoming);
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    return answer(parts, towns,
                  DisputeBook(parts.database)
                      .open(question, audited_change(incoming, "", "dispute.opened",
                                                     document->municipality, document->number)),
                  201);
}

Expected<Reply> comment(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    const auto dispute = find(parts, incoming);
    if (!dispute) return tl::unexpected(dispute.error());
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    const std::string text = reader->text("text", kSaid);
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    const auto change = audited_change(incoming, "", "dispute.commented", dispute->municipality,
                                       fmt::format("{}", dispute->id));
    return answer(parts, towns,
                  DisputeBook(parts.database).comment(dispute->id, side_of(incoming), text, change),
                  201);
}

enum class Outcome { refused, upheld, reclassified };

Expected<Reply> decide(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    static constexpr std::array kOutcomes{
        std::pair{std::string_view("refused"), Outcome::refused},
        std::pair{std::string_view("upheld"), Outcome::upheld},
        std::pair{std::string_view("reclassified"), Outcome::reclassified}};
    const auto dispute = find(parts, incoming);
    if (!dispute) return tl::unexpected(dispute.error());
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    const auto outcome = reader->choice<Outcome>("outcome", kOutcomes);
    const std::string text = reader->text("text", kSaid);
    const auto net = reader->optional_text("net", {.longest = 20});
    const auto how = read_reclassification(*reader, false);
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    const auto change = audited_change(incoming, text, "dispute.decided", dispute->municipality,
                                       fmt::format("{}", dispute->id));
    DisputeBook book(parts.database);
    if (outcome == Outcome::refused) {
        return answer(parts, towns, book.refuse(dispute->id, change));
    }
    if (outcome == Outcome::reclassified) {
        if (auto known = check_town(towns, how); !known) return tl::unexpected(known.error());
        return answer(parts, towns, book.uphold_by_call(dispute->id, parts.ledger, how, change));
    }
    const auto amount = to_money(net.value_or(""), "net");
    if (!amount) return tl::unexpected(amount.error());
    return answer(parts, towns, book.uphold(dispute->id, *amount, change));
}

} // namespace

void add_dispute_routes(net::Router &router, Gate &gate, const ApiParts &parts, Towns &towns) {
    gate.add(router, "GET", "/api/v1/disputes",
             [&](const Incoming &incoming) { return list(parts, towns, incoming); });
    gate.add(router, "POST", "/api/v1/documents/{number}/disputes",
             [&](const Incoming &incoming) { return open(parts, towns, incoming); });
    gate.add(router, "POST", "/api/v1/disputes/{id}/comments",
             [&](const Incoming &incoming) { return comment(parts, towns, incoming); });
    gate.add(router, "POST", "/api/v1/disputes/{id}/decision",
             [&](const Incoming &incoming) { return decide(parts, towns, incoming); });
}

} // namespace fernamt::web
