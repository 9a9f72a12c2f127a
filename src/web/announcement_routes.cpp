// SPDX-License-Identifier: EUPL-1.2
// What callers of a municipality hear, and in a crisis instead of its greeting: listening,
// replacing, and back to what came with the program.
#include "people/crisis.h"
#include "people/municipalities.h"
#include "telephony/announcements_files.h"
#include "web/api.h"
#include "web/request_values.h"
#include "web/routes.h"

#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <functional>
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

json::value info_json(const Recording &recording,
                      const telephony::FileAnnouncements &announcements) {
    const auto info = announcements.info(recording);
    const double seconds = static_cast<double>(info.length.count() / 100'000) / 10.0;
    return json::object{
        {"kind", std::string(recording.name)}, {"seconds", seconds}, {"replaced", info.replaced}};
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

Expected<Reply> list(const ApiParts &parts, const FindRecordings &find, const Incoming &incoming) {
    const auto all = find(incoming);
    if (!all) return tl::unexpected(all.error());
    json::array items;
    for (const Recording &recording : *all)
        items.push_back(info_json(recording, parts.announcements));
    return json_reply(json::object{{"items", std::move(items)}});
}

Expected<Reply> listen(const ApiParts &parts, const FindRecordings &find,
                       const Incoming &incoming) {
    const auto recording = recording_of(find, incoming);
    if (!recording) return tl::unexpected(recording.error());
    auto bytes = parts.announcements.read(*recording);
    if (!bytes) return tl::unexpected(bytes.error());
    return Reply{200, std::move(*bytes), "audio/wav", {}};
}

Expected<Reply> replace(const ApiParts &parts, const FindRecordings &find,
                        const Incoming &incoming) {
    const auto recording = recording_of(find, incoming);
    if (!recording) return tl::unexpected(recording.error());
    auto type = check_media_type(incoming.request, "audio/wav");
    if (!type) return tl::unexpected(type.error());
    if (incoming.request.body.size() > kMostBytes) {
        return fail(ProblemKind::too_large, "request.too_large",
                    {{"most_bytes", std::to_string(kMostBytes)}});
    }
    auto replaced = parts.announcements.replace(*recording, incoming.request.body);
    if (!replaced) return tl::unexpected(replaced.error());
    parts.hub.publish({"configuration", "{}", {}});
    return json_reply(info_json(*recording, parts.announcements));
}

Expected<Reply> reset(const ApiParts &parts, const FindRecordings &find, const Incoming &incoming) {
    const auto recording = recording_of(find, incoming);
    if (!recording) return tl::unexpected(recording.error());
    auto removed = parts.announcements.remove(*recording);
    if (!removed) return tl::unexpected(removed.error());
    parts.hub.publish({"configuration", "{}", {}});
    return nothing_to_show();
}

void add_routes_of(net::Router &router, Gate &gate, const ApiParts &parts, const std::string &all,
                   const FindRecordings &find) {
    const std::string one = all + "/{kind}";
    using Answer = Expected<Reply> (*)(const ApiParts &, const FindRecordings &, const Incoming &);
    const auto add = [&](const char *method, const std::string &path, Answer answer) {
        gate.add(router, method, path, [&parts, find, answer](const Incoming &incoming) {
            return answer(parts, find, incoming);
        });
    };
    add("GET", all, list);
    add("GET", one, listen);
    add("PUT", one, replace);
    add("DELETE", one, reset);
}

} // namespace

void add_announcement_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                             people::Municipalities &municipalities) {
    add_routes_of(
        router, gate, parts, "/api/v1/municipalities/{ars}/announcements",
        [&](const Incoming &incoming) { return of_municipality(municipalities, incoming); });
    add_routes_of(router, gate, parts, "/api/v1/crisis-plans/{id}/announcements",
                  [&](const Incoming &incoming) { return of_crisis(parts.database, incoming); });
}

} // namespace fernamt::web
