// SPDX-License-Identifier: EUPL-1.2
// One call with its times, and the notes of the agent who took it. The caller's number is not here:
// only the desk shows it, while the call is there.
#include "reporting/reports.h"
#include "web/api.h"
#include "web/call_access.h"
#include "web/call_notes.h"
#include "web/json_reader.h"
#include "web/json_values.h"
#include "web/request_values.h"
#include "web/routes.h"

#include <boost/json/value.hpp>

namespace fernamt::web {

namespace json = boost::json;

namespace {

constexpr std::size_t kLongestNote = 8 * 1024; // bytes

struct VisibleCall {
    reporting::CallRecord record;
    bool own = false; // the caller of the API took it
};

tl::unexpected<Problem> no_such_call() {
    return fail(ProblemKind::not_found, "call.not_found");
}

Expected<VisibleCall> find_call(const ApiParts &parts, const Incoming &incoming) {
    auto id = path_id(incoming.request, "call.not_found");
    if (!id) return tl::unexpected(id.error());
    if (auto taken = parts.projector.catch_up(); !taken) return tl::unexpected(taken.error());
    auto record = reporting::Reports(parts.database).call(CallId{*id});
    if (!record) return tl::unexpected(record.error());
    if (!*record) return no_such_call();

    VisibleCall call{**record, false};
    if (people::may(incoming.caller, people::Action::use_desk)) {
        auto own = took_call(parts.ledger, call.record, AgentId{incoming.caller.user.value});
        if (!own) return tl::unexpected(own.error());
        call.own = *own;
    }
    if (!call.own && !oversees(incoming.caller, call.record)) return no_such_call();
    return call;
}

json::value wait_json(const reporting::CallRecord &record) {
    const auto until = record.answered_at ? record.answered_at : record.ended_at;
    if (!until) return nullptr;
    return whole_seconds(*until - record.offered_at);
}

json::value reason_json(const reporting::CallRecord &record) {
    if (!record.end_reason) return nullptr;
    return json::value(std::string(routing::to_string(*record.end_reason)));
}

json::value note_json(const std::optional<CallNote> &note) {
    if (!note) return nullptr;
    return json::object{{"text", note->text.reveal()}, {"version", note->version}};
}

json::value call_json(const reporting::CallRecord &record, json::value notes) {
    return json::object{{"id", record.call.value},
                        {"municipality", to_json(record.municipality)},
                        {"number", to_json(record.number)},
                        {"offered_at", to_json(record.offered_at)},
                        {"answered_at", to_json(record.answered_at)},
                        {"ended_at", to_json(record.ended_at)},
                        {"end_reason", reason_json(record)},
                        {"wait_seconds", wait_json(record)},
                        {"talk_seconds", whole_seconds(record.talk)},
                        {"acw_seconds", whole_seconds(record.after_call_work)},
                        {"notes", std::move(notes)}};
}

Expected<Reply> show_call(const ApiParts &parts, const Incoming &incoming) {
    auto call = find_call(parts, incoming);
    if (!call) return tl::unexpected(call.error());
    std::optional<CallNote> note;
    if (call->own) {
        auto found = CallNotes(parts.database).find(call->record.call);
        if (!found) return tl::unexpected(found.error());
        note = *found;
    }
    return json_reply(call_json(call->record, note_json(note)));
}

Expected<Reply> change_notes(const ApiParts &parts, const Incoming &incoming) {
    auto version = expected_version(incoming.request);
    if (!version) return tl::unexpected(version.error());
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    std::string text = reader->text("text", {.longest = kLongestNote, .lines = Lines::many});
    if (text.size() > kLongestNote) reader->fault("text", "too_long");
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());

    auto call = find_call(parts, incoming);
    if (!call) return tl::unexpected(call.error());
    if (!call->own) return no_such_call();
    auto saved = CallNotes(parts.database)
                     .save({call->record.call, incoming.caller.user, call->record.municipality,
                            Redacted<std::string>(text), *version},
                           incoming.now);
    if (!saved) return tl::unexpected(saved.error());
    return versioned_reply(json::object{{"text", text}, {"version", *saved}}, *saved);
}

} // namespace

void add_call_routes(net::Router &router, Gate &gate, const ApiParts &parts) {
    gate.add(router, "GET", "/api/v1/calls/{id}",
             [&](const Incoming &incoming) { return show_call(parts, incoming); });
    gate.add(router, "PUT", "/api/v1/calls/{id}/notes",
             [&](const Incoming &incoming) { return change_notes(parts, incoming); });
}

} // namespace fernamt::web
