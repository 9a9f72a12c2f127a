// SPDX-License-Identifier: EUPL-1.2
#include "web/promised_targets.h"

#include "people/agreed_service.h"

namespace fernamt::web {

namespace json = boost::json;

Expected<reporting::Targets> promised_targets(storage::Database &database) {
    reporting::Targets targets;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        const auto all = people::agreed_promises(connection);
        if (!all) return tl::unexpected(all.error());
        targets = {};
        for (const auto &[municipality, promise] : *all) {
            targets.add(municipality, promise.from, promise.to,
                        {promise.value.within_seconds, promise.value.answered_percent, true});
        }
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return targets;
}

void add_service_level(json::object &object, const reporting::KeyFigures &figures) {
    json::array targets;
    for (const reporting::Target &each : figures.targets) {
        targets.push_back(json::object{{"within_seconds", each.within_seconds},
                                       {"percent", each.percent},
                                       {"agreed", each.agreed}});
    }
    object["answered_within_30s"] = figures.answered_within_30s;
    object["answered_in_time"] = figures.answered_in_time;
    object["service_level_percent"] = nullptr;
    if (figures.service_level_percent) {
        object["service_level_percent"] = *figures.service_level_percent;
    }
    object["targets"] = std::move(targets);
    object["target_met"] = nullptr;
    if (figures.target_met) object["target_met"] = *figures.target_met;
}

} // namespace fernamt::web
