// SPDX-License-Identifier: EUPL-1.2
// The agent's desk: what it shows, what the agent does, and the browser softphone's answer.
#include "telephony/exchange.h"
#include "web/api.h"
#include "web/json_reader.h"
#include "web/json_values.h"
#include "web/request_values.h"
#include "web/routes.h"
#include "web/towns.h"
#include "web/waiting.h"

#include <boost/json/value.hpp>

#include <array>

namespace fernamt::web {

namespace json = boost::json;

namespace {

using Kind = telephony::AgentCommand::Kind;

constexpr auto kCommands = std::to_array<std::pair<std::string_view, Kind>>({
    {"sign_in", Kind::sign_in},
    {"sign_out", Kind::sign_out},
    {"ready", Kind::ready},
    {"pause", Kind::pause},
    {"answer", Kind::answer},
    {"hang_up", Kind::hang_up},
    {"hold", Kind::hold},
    {"resume", Kind::resume},
    {"transfer", Kind::transfer},
    {"consult", Kind::consult},
    {"consult_end", Kind::consult_end},
    {"conference", Kind::conference},
    {"hand_over", Kind::hand_over},
    {"correct_municipality", Kind::correct_municipality},
    {"wrap_up_extend", Kind::wrap_up_extend},
    {"wrap_up_finish", Kind::wrap_up_finish},
    {"phone_resume", Kind::phone_resume},
});
constexpr auto kDevices = std::to_array<std::pair<std::string_view, routing::Device>>({
    {"browser", routing::Device::browser},
    {"sip_phone", routing::Device::sip_phone},
});

AgentId agent_of(const Incoming &incoming) {
    return AgentId{incoming.caller.user.value};
}

json::value town_json(Towns &towns, const std::optional<MunicipalityId> &id) {
    if (!id) return nullptr;
    const auto town = towns.find(*id);
    if (!town) return nullptr;
    return json::object{{"ars", to_ars(*id)},
                        {"name", town->name},
                        {"short_name", town->short_name},
                        {"greeting", town->greeting}};
}

json::value caller_json(const Redacted<std::string> &caller) {
    const std::string &text = caller.reveal(); // the one place where the desk shows the caller
    if (text.empty()) return nullptr;
    if (const auto number = parse_phone_number(text)) return to_json(*number);
    return json::object{{"e164", text}, {"shown", text}};
}

json::value consult_json(const std::optional<routing::Consultation::State> &consult) {
    if (!consult) return nullptr;
    switch (*consult) {
    case routing::Consultation::State::ringing:
        return "ringing";
    case routing::Consultation::State::talking:
        return "talking";
    case routing::Consultation::State::joined:
        break;
    }
    return "joined";
}

// The desk's "callback": none, or how far it is.
json::value callback_json(const telephony::DeskView::CallView &call) {
    if (!call.callback) return nullptr;
    if (call.dialling) return "dialling";
    return call.answered_at ? "reached" : "offered";
}

json::value call_json(Towns &towns, const std::optional<telephony::DeskView::CallView> &call) {
    if (!call) return nullptr;
    return json::object{{"id", call->id.value},
                        {"municipality", town_json(towns, call->municipality)},
                        {"number", to_json(call->number)},
                        {"offered_at", to_json(call->offered_at)},
                        {"answered_at", to_json(call->answered_at)},
                        {"caller", caller_json(call->caller)},
                        {"scope", std::string(routing::to_string(call->scope))},
                        {"crisis", call->crisis ? json::value(call->crisis.value) : nullptr},
                        {"partner", call->from ? json::value(call->from.value) : nullptr},
                        {"dialled_municipality", town_json(towns, call->dialled)},
                        {"consult", consult_json(call->consult)},
                        {"callback", callback_json(*call)}};
}

json::value desk_json(Towns &towns, const telephony::DeskView &desk) {
    json::value offer = nullptr;
    if (desk.browser_offer) {
        offer = json::object{{"leg", desk.browser_offer->leg}, {"sdp", desk.browser_offer->sdp}};
    }
    return json::object{
        {"state", std::string(routing::to_string(desk.state))},
        {"device", desk.device == routing::Device::browser ? "browser" : "sip_phone"},
        {"since", to_json(desk.since)},
        {"until", to_json(desk.until)},
        {"now", to_json(desk.now)},
        {"waiting", desk.waiting},
        {"longest_wait_seconds", whole_seconds(desk.longest_wait)},
        {"phone_registered", desk.phone_registered},
        {"pause_after_call", desk.pause_after_call},
        {"call", call_json(towns, desk.call)},
        {"browser_offer", offer}};
}

Expected<telephony::AgentCommand> read_command(const Incoming &incoming) {
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    telephony::AgentCommand command;
    command.agent = agent_of(incoming);
    command.kind = reader->choice<Kind>("command", kCommands);
    if (const auto call = reader->optional_integer("call", 1, kLargestId)) {
        command.call = CallId{*call};
    }
    const auto target = reader->optional_text("target", {.longest = 64});
    const auto municipality = reader->optional_text("municipality", {.longest = 12});
    if (municipality) {
        command.municipality = parse_ars(*municipality);
        if (!command.municipality) reader->fault("municipality", "not_an_ars");
    }
    if (const auto device = reader->optional_choice<routing::Device>("device", kDevices)) {
        command.device = *device;
    }
    command.paused = reader->has("paused") && reader->boolean("paused");
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());

    if (target) command.target = parse_phone_number(*target);
    const bool needs_target = command.kind == Kind::transfer || command.kind == Kind::consult;
    if (needs_target && !command.target) {
        return fail(ProblemKind::invalid_input, "desk.target_invalid");
    }
    return command;
}

} // namespace

void add_desk_routes(net::Router &router, Gate &gate, const ApiParts &parts, Towns &towns) {
    telephony::Exchange &exchange = parts.exchange;

    gate.add(router, "GET", "/api/v1/desk", [&](const Incoming &incoming) -> Expected<Reply> {
        auto desk = exchange.desk(agent_of(incoming));
        if (!desk) return tl::unexpected(desk.error());
        return json_reply(desk_json(towns, *desk));
    });

    gate.add(router, "POST", "/api/v1/desk/commands",
             [&](const Incoming &incoming) -> Expected<Reply> {
                 auto command = read_command(incoming);
                 if (!command) return tl::unexpected(command.error());
                 auto done =
                     wait_for([&](auto report) { exchange.command(*command, std::move(report)); });
                 if (!done) return tl::unexpected(done.error());
                 return nothing_to_show();
             });

    gate.add(
        router, "POST", "/api/v1/desk/media", [&](const Incoming &incoming) -> Expected<Reply> {
            auto reader = JsonReader::parse(incoming.request.body, {.bytes = 128 * 1024});
            if (!reader) return tl::unexpected(reader.error());
            const std::string leg = reader->text("leg", {.shortest = 1, .longest = 200});
            const std::string sdp =
                reader->text("sdp", {.shortest = 1, .longest = 64 * 1024, .lines = Lines::many});
            if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
            auto done = wait_for([&](auto report) {
                exchange.browser_answer(agent_of(incoming), leg, sdp, std::move(report));
            });
            if (!done) return tl::unexpected(done.error());
            return nothing_to_show();
        });
}

} // namespace fernamt::web
