// SPDX-License-Identifier: EUPL-1.2
// What callers of a municipality hear: listening, replacing, and back to what came with the
// program.
#include "people/municipalities.h"
#include "telephony/announcements_files.h"
#include "web/api.h"
#include "web/request_values.h"
#include "web/routes.h"

#include <boost/json/value.hpp>

#include <array>

namespace fernamt::web {

namespace json = boost::json;

namespace {

// Information is heard in turn while one waits; three are enough for anybody's patience.
constexpr std::array<std::string_view, 6> kKinds = {"greeting", "waiting_music", "closed",
                                                    "info_1",   "info_2",        "info_3"};
constexpr std::size_t kMostBytes = 2 * 1024 * 1024;

json::value info_json(std::string_view kind, const telephony::FileAnnouncements::Info &info) {
    const double seconds = static_cast<double>(info.length.count() / 100'000) / 10.0;
    return json::object{
        {"kind", std::string(kind)}, {"seconds", seconds}, {"replaced", info.replaced}};
}

Expected<MunicipalityId> existing(const people::Municipalities &municipalities,
                                  const Incoming &incoming) {
    auto found = municipalities.find(path_municipality(incoming.request));
    if (!found) return tl::unexpected(found.error());
    return found->id;
}

Expected<std::string_view> kind_of(const Incoming &incoming) {
    const std::string name = path_text(incoming.request, "kind");
    for (const std::string_view kind : kKinds) {
        if (kind == name) return kind;
    }
    return fail(ProblemKind::not_found, "announcement.not_found");
}

struct Place {
    MunicipalityId municipality;
    std::string_view kind;
};

Expected<Place> place_of(const people::Municipalities &municipalities, const Incoming &incoming) {
    auto municipality = existing(municipalities, incoming);
    if (!municipality) return tl::unexpected(municipality.error());
    auto kind = kind_of(incoming);
    if (!kind) return tl::unexpected(kind.error());
    return Place{*municipality, *kind};
}

Expected<Reply> list(const ApiParts &parts, const people::Municipalities &municipalities,
                     const Incoming &incoming) {
    auto municipality = existing(municipalities, incoming);
    if (!municipality) return tl::unexpected(municipality.error());
    json::array items;
    for (const std::string_view kind : kKinds) {
        items.push_back(info_json(kind, parts.announcements.info(*municipality, kind)));
    }
    return json_reply(json::object{{"items", std::move(items)}});
}

Expected<Reply> listen(const ApiParts &parts, const people::Municipalities &municipalities,
                       const Incoming &incoming) {
    auto place = place_of(municipalities, incoming);
    if (!place) return tl::unexpected(place.error());
    auto bytes = parts.announcements.read(place->municipality, place->kind);
    if (!bytes) return tl::unexpected(bytes.error());
    return Reply{200, std::move(*bytes), "audio/wav", {}};
}

Expected<Reply> replace(const ApiParts &parts, const people::Municipalities &municipalities,
                        const Incoming &incoming) {
    auto place = place_of(municipalities, incoming);
    if (!place) return tl::unexpected(place.error());
    auto type = check_media_type(incoming.request, "audio/wav");
    if (!type) return tl::unexpected(type.error());
    if (incoming.request.body.size() > kMostBytes) {
        return fail(ProblemKind::too_large, "request.too_large",
                    {{"most_bytes", std::to_string(kMostBytes)}});
    }
    auto replaced =
        parts.announcements.replace(place->municipality, place->kind, incoming.request.body);
    if (!replaced) return tl::unexpected(replaced.error());
    parts.hub.publish({"configuration", "{}", {}});
    return json_reply(
        info_json(place->kind, parts.announcements.info(place->municipality, place->kind)));
}

Expected<Reply> reset(const ApiParts &parts, const people::Municipalities &municipalities,
                      const Incoming &incoming) {
    auto place = place_of(municipalities, incoming);
    if (!place) return tl::unexpected(place.error());
    auto removed = parts.announcements.remove(place->municipality, place->kind);
    if (!removed) return tl::unexpected(removed.error());
    parts.hub.publish({"configuration", "{}", {}});
    return nothing_to_show();
}

} // namespace

void add_announcement_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                             people::Municipalities &municipalities) {
    const std::string all = "/api/v1/municipalities/{ars}/announcements";
    const std::string one = all + "/{kind}";
    gate.add(router, "GET", all,
             [&](const Incoming &incoming) { return list(parts, municipalities, incoming); });
    gate.add(router, "GET", one,
             [&](const Incoming &incoming) { return listen(parts, municipalities, incoming); });
    gate.add(router, "PUT", one,
             [&](const Incoming &incoming) { return replace(parts, municipalities, incoming); });
    gate.add(router, "DELETE", one,
             [&](const Incoming &incoming) { return reset(parts, municipalities, incoming); });
}

} // namespace fernamt::web
