// SPDX-License-Identifier: EUPL-1.2
// What callers of a municipality hear, and in a crisis instead of its greeting: listening,
// replacing, back to what came with the program; now or from an instant on (?from=), and every
// version of it: heard earlier, now or later, to be listened to, taken back and withdrawn.
#include "people/crisis.h"
#include "people/municipalities.h"
#include "telephony/announcements_files.h"
#include "web/api.h"
#include "web/json_values.h"
#include "web/recordings.h"
#include "web/request_values.h"
#include "web/routes.h"
#include "web/rule_plans.h"

#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <optional>
#include <set>
#include <vector>

namespace fernamt::web {

namespace json = boost::json;

namespace {

using Recording = telephony::FileAnnouncements::Recording;

// Information is heard in turn while one waits; three are enough for anybody's patience.
constexpr std::array<std::string_view, 8> kOfMunicipality = {
    "greeting",       "waiting_music", "closed", "nobody_available",
    "unknown_number", "info_1",        "info_2", "info_3"};
constexpr std::array<std::string_view, 1> kOfCrisis = {"crisis"};
constexpr std::size_t kMostBytes = 2 * 1024 * 1024;

people::RecordingOf key_of(const Recording &recording) {
    people::RecordingOf key;
    key.crisis = recording.crisis;
    if (!key.crisis) key.municipality = recording.municipality;
    key.kind = recording.name;
    return key;
}

double in_seconds(Duration length) {
    return static_cast<double>(length.count() / 100'000) / 10.0;
}

struct Shelf {
    const ApiParts &parts;
    Recordings &recordings;
};

Expected<json::value> info_json(const Shelf &shelf, const Recording &recording, Instant now) {
    const auto versions = shelf.recordings.versions(key_of(recording));
    if (!versions) return tl::unexpected(versions.error());
    std::optional<Instant> next;
    for (const people::Recording &one : *versions) {
        if (!next && one.from > now && !one.withdrawn_at) next = one.from;
    }
    const auto info = shelf.parts.announcements.info(recording);
    return json::object{{"kind", std::string(recording.name)},
                        {"seconds", in_seconds(info.length)},
                        {"replaced", info.replaced},
                        {"next_from", to_json(next)}};
}

std::string state_of(const people::Recording &one, const people::Recording *heard, Instant now) {
    if (one.withdrawn_at) return "withdrawn";
    if (one.from > now) return "planned";
    return heard != nullptr && heard->id == one.id ? "heard" : "earlier";
}

json::value version_json(const people::Recording &one, const std::string &state) {
    json::value office = nullptr;
    if (one.office) office = std::string(people::to_string(*one.office));
    json::value restores = nullptr;
    if (one.restores) restores = *one.restores;
    return json::object{{"id", one.id},
                        {"from", to_json(one.from)},
                        {"made_at", to_json(one.made_at)},
                        {"office", std::move(office)},
                        {"own", !one.file.empty()},
                        {"seconds", in_seconds(one.length)},
                        {"restores", std::move(restores)},
                        {"state", state}};
}

// All that can be replaced there; the thing in the path exists.
using FindRecordings = std::function<Expected<std::vector<Recording>>(const Incoming &)>;

Expected<std::vector<Recording>> of_municipality(const people::Municipalities &municipalities,
                                                 const Incoming &incoming) {
    const auto found = municipalities.find(path_municipality(incoming.request));
    if (!found) return tl::unexpected(found.error());
    std::vector<Recording> all;
    for (const std::string_view kind : kOfMunicipality)
        all.push_back({found->id, kind});
    return all;
}

Expected<std::vector<Recording>> of_crisis(storage::Database &database, const Incoming &incoming) {
    const auto id = path_id(incoming.request, "distribution.not_found");
    if (!id) return tl::unexpected(id.error());
    std::vector<Recording> all;
    const auto read = database.read([&](storage::Connection &connection) -> Expected<void> {
        const auto plan = people::find_crisis_plan(connection, routing::CrisisId{*id});
        if (!plan) return tl::unexpected(plan.error());
        all.clear();
        for (const std::string_view kind : kOfCrisis)
            all.push_back({plan->rules.municipality, kind, plan->rules.id});
        return {};
    });
    if (!read) return tl::unexpected(read.error());
    return all;
}

Expected<Recording> recording_of(const FindRecordings &find, const Incoming &incoming) {
    const auto all = find(incoming);
    if (!all) return tl::unexpected(all.error());
    const std::string name = path_text(incoming.request, "kind");
    const auto found = std::ranges::find(*all, name, &Recording::name);
    if (found == all->end()) return fail(ProblemKind::not_found, "announcement.not_found");
    return *found;
}

Expected<std::int64_t> path_version(const Incoming &incoming) {
    const std::string text = path_text(incoming.request, "version");
    std::int64_t id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc{} || end != text.data() + text.size() || id < 1)
        return fail(ProblemKind::not_found, "announcement.not_found");
    return id;
}

Expected<Instant> wanted_from(const Incoming &incoming) {
    if (!is_for_later(incoming.request)) return incoming.now;
    return planned_instant(incoming);
}

Expected<Reply> list(const Shelf &shelf, const FindRecordings &find, const Incoming &incoming) {
    const auto all = find(incoming);
    if (!all) return tl::unexpected(all.error());
    json::array items;
    for (const Recording &recording : *all) {
        auto info = info_json(shelf, recording, incoming.now);
        if (!info) return tl::unexpected(info.error());
        items.push_back(std::move(*info));
    }
    return json_reply(json::object{{"items", std::move(items)}});
}

Expected<Reply> listen(const Shelf &shelf, const FindRecordings &find, const Incoming &incoming) {
    const auto recording = recording_of(find, incoming);
    if (!recording) return tl::unexpected(recording.error());
    auto bytes = shelf.parts.announcements.read(*recording);
    if (!bytes) return tl::unexpected(bytes.error());
    return Reply{200, std::move(*bytes), "audio/wav", {}};
}

void published(const Shelf &shelf) {
    shelf.parts.hub.publish({"configuration", "{}", {}});
}

Expected<Reply> replace(const Shelf &shelf, const FindRecordings &find, const Incoming &incoming) {
    const auto recording = recording_of(find, incoming);
    if (!recording) return tl::unexpected(recording.error());
    auto type = check_media_type(incoming.request, "audio/wav");
    if (!type) return tl::unexpected(type.error());
    if (incoming.request.body.size() > kMostBytes) {
        return fail(ProblemKind::too_large, "request.too_large",
                    {{"most_bytes", std::to_string(kMostBytes)}});
    }
    const auto from = wanted_from(incoming);
    if (!from) return tl::unexpected(from.error());
    const auto replaced =
        shelf.recordings.replace(incoming.caller, key_of(*recording), incoming.request.body, *from);
    if (!replaced) return tl::unexpected(replaced.error());
    published(shelf);
    auto info = info_json(shelf, *recording, incoming.now);
    if (!info) return tl::unexpected(info.error());
    return json_reply(std::move(*info));
}

Expected<Reply> reset(const Shelf &shelf, const FindRecordings &find, const Incoming &incoming) {
    const auto recording = recording_of(find, incoming);
    if (!recording) return tl::unexpected(recording.error());
    const auto from = wanted_from(incoming);
    if (!from) return tl::unexpected(from.error());
    auto removed = shelf.recordings.reset(incoming.caller, key_of(*recording), *from);
    if (!removed) return tl::unexpected(removed.error());
    published(shelf);
    return nothing_to_show();
}

// The newest first.
Expected<Reply> versions(const Shelf &shelf, const FindRecordings &find, const Incoming &incoming) {
    const auto recording = recording_of(find, incoming);
    if (!recording) return tl::unexpected(recording.error());
    const auto all = shelf.recordings.versions(key_of(*recording));
    if (!all) return tl::unexpected(all.error());
    const people::Recording *heard = people::heard_at(*all, incoming.now);
    json::array items;
    std::set<std::string> files;
    std::int64_t bytes = 0;
    for (auto one = all->rbegin(); one != all->rend(); ++one) {
        items.push_back(version_json(*one, state_of(*one, heard, incoming.now)));
        const bool counts = !one->file.empty() && files.insert(one->file).second;
        if (counts) bytes += shelf.parts.announcements.kept_bytes(one->file);
    }
    return json_reply(json::object{
        {"items", std::move(items)}, {"most_kept", people::kKeptRecordings}, {"bytes", bytes}});
}

Expected<Reply> listen_to_version(const Shelf &shelf, const FindRecordings &find,
                                  const Incoming &incoming) {
    const auto recording = recording_of(find, incoming);
    if (!recording) return tl::unexpected(recording.error());
    const auto id = path_version(incoming);
    if (!id) return tl::unexpected(id.error());
    const auto version = shelf.recordings.find(key_of(*recording), *id);
    if (!version) return tl::unexpected(version.error());
    if (version->file.empty()) return fail(ProblemKind::not_found, "announcement.not_found");
    auto bytes = shelf.parts.announcements.read_kept(version->file);
    if (!bytes) return tl::unexpected(bytes.error());
    return Reply{200, std::move(*bytes), "audio/wav", {}};
}

Expected<Reply> restore(const Shelf &shelf, const FindRecordings &find, const Incoming &incoming) {
    const auto recording = recording_of(find, incoming);
    if (!recording) return tl::unexpected(recording.error());
    const auto id = path_version(incoming);
    if (!id) return tl::unexpected(id.error());
    const auto from = wanted_from(incoming);
    if (!from) return tl::unexpected(from.error());
    const auto added = shelf.recordings.restore(incoming.caller, key_of(*recording), *id, *from);
    if (!added) return tl::unexpected(added.error());
    published(shelf);
    const bool later = is_for_later(incoming.request);
    return json_reply(version_json(*added, later ? "planned" : "heard"), 201);
}

Expected<Reply> withdraw(const Shelf &shelf, const FindRecordings &find, const Incoming &incoming) {
    const auto recording = recording_of(find, incoming);
    if (!recording) return tl::unexpected(recording.error());
    const auto id = path_version(incoming);
    if (!id) return tl::unexpected(id.error());
    auto gone = shelf.recordings.withdraw(incoming.caller.user, key_of(*recording), *id);
    if (!gone) return tl::unexpected(gone.error());
    published(shelf);
    return nothing_to_show();
}

void add_routes_of(net::Router &router, Gate &gate, const Shelf &shelf, const std::string &all,
                   const FindRecordings &find) {
    const std::string one = all + "/{kind}";
    const std::string version = one + "/versions/{version}";
    using Answer = Expected<Reply> (*)(const Shelf &, const FindRecordings &, const Incoming &);
    const auto add = [&](const char *method, const std::string &path, Answer answer,
                         Trials trials = Trials::refused) {
        gate.add(
            router, method, path,
            [shelf, find, answer](const Incoming &incoming) {
                return answer(shelf, find, incoming);
            },
            trials);
    };
    add("GET", all, list);
    add("GET", one, listen);
    add("PUT", one, replace, Trials::for_later);
    add("DELETE", one, reset, Trials::for_later);
    add("GET", one + "/versions", versions);
    add("GET", version, listen_to_version);
    add("POST", version + "/restore", restore, Trials::for_later);
    add("DELETE", version, withdraw);
}

} // namespace

void add_announcement_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                             people::Municipalities &municipalities, Recordings &recordings) {
    const Shelf shelf{parts, recordings};
    add_routes_of(
        router, gate, shelf, "/api/v1/municipalities/{ars}/announcements",
        [&](const Incoming &incoming) { return of_municipality(municipalities, incoming); });
    add_routes_of(router, gate, shelf, "/api/v1/crisis-plans/{id}/announcements",
                  [&](const Incoming &incoming) { return of_crisis(parts.database, incoming); });
}

} // namespace fernamt::web
