// SPDX-License-Identifier: EUPL-1.2
#include "people/demo_house.h"

#include "people/crisis.h"
#include "people/lines.h"
#include "people/partners.h"
#include "people/queues.h"
#include "people/skills.h"

#include <algorithm>

namespace fernamt::people {

namespace {

using routing::SkillLevel;

const MunicipalityId kRegion{32'410'000'000};
const MunicipalityId kLangenhagen{32'410'010'010};

template <class T>
Expected<void> nothing(const Expected<T> &made) {
    if (!made) return tl::unexpected(made.error());
    return {};
}

Expected<bool> is_empty(storage::Connection &connection) {
    const auto known = skills(connection);
    if (!known) return tl::unexpected(known.error());
    const auto lines = queues(connection);
    if (!lines) return tl::unexpected(lines.error());
    const auto others = partners(connection);
    if (!others) return tl::unexpected(others.error());
    const auto plans = crisis_plans(connection);
    if (!plans) return tl::unexpected(plans.error());
    return known->empty() && lines->empty() && others->empty() && plans->empty();
}

struct Skills {
    routing::SkillId vehicles, turkish, sign_language, it;
};

Expected<Skills> add_skills(const Change &change) {
    Skills made;
    const auto make = [&](SkillKind kind, const char *name,
                          routing::SkillId &id) -> Expected<void> {
        const auto added = add(change, Skill{.id = {}, .kind = kind, .name = name});
        if (!added) return tl::unexpected(added.error());
        id = added->id;
        return {};
    };
    auto done = make(SkillKind::topic, "Kfz-Zulassung", made.vehicles);
    if (done) done = make(SkillKind::language, "Türkisch", made.turkish);
    if (done) {
        done =
            make(SkillKind::sign_language_video, "Gebärdensprache per Video", made.sign_language);
    }
    if (done) done = make(SkillKind::it, "IT-Störungen der Rathäuser", made.it);
    if (!done) return tl::unexpected(done.error());
    return made;
}

// The first agent has none: whoever tries the demo begins with everything the rules say of all.
Expected<void> give_skills(const Change &change, const DemoRegion &region, const Skills &skills) {
    const std::vector<std::vector<SkillLevel>> wanted{
        {},
        {{skills.sign_language, 5}},
        {{skills.vehicles, 7}, {skills.turkish, 8}},
        {{skills.vehicles, 4}},
        {{skills.it, 6}},
        {{skills.turkish, 5}},
    };
    for (std::size_t i = 0; i < std::min(wanted.size(), region.phones.size()); ++i) {
        if (wanted[i].empty()) continue;
        auto own = skills_of_agent(change.connection, region.phones[i].agent);
        if (!own) return tl::unexpected(own.error());
        own->skills = wanted[i];
        std::sort(own->skills.begin(), own->skills.end());
        const auto set = set_skills(change, region.phones[i].agent, *own);
        if (!set) return tl::unexpected(set.error());
    }
    return {};
}

// The vehicle registration is the Region's: whoever dials the Region rather speaks with somebody
// who knows it, and with anybody else before waiting.
Expected<void> lead_to(const Change &change, const Queue &queue) {
    const auto region = lines(change.connection, kRegion);
    if (!region) return tl::unexpected(region.error());
    for (Line line : *region) {
        line.rules.queue = queue.rules.id;
        if (auto changed = modify(change, line); !changed) return tl::unexpected(changed.error());
    }
    return {};
}

Expected<void> add_queues(const Change &change, const Skills &skills) {
    Queue vehicles{.rules = {}, .name = "Kfz-Zulassung"};
    vehicles.rules.prefers = {{skills.vehicles, 3}};
    vehicles.rules.offers_callback = true;
    Queue faults{.rules = {}, .name = "IT-Störungen"};
    faults.rules.demands = {{skills.it, 3}};
    faults.rules.relaxations = {{60s, {}}}; // then anybody: better noted than unheard
    faults.rules.head_start = 120s;
    const auto added = add(change, vehicles);
    if (!added) return tl::unexpected(added.error());
    if (auto done = nothing(add(change, faults)); !done) return done;
    return lead_to(change, *added);
}

Expected<void> add_partner(const Change &change) {
    Partner partner{.rules = {}, .name = "Servicecenter Musterland (Demo)"};
    partner.rules.number = PhoneNumber{"+493023125590"};
    const auto added = add(change, partner);
    if (!added) return tl::unexpected(added.error());
    const LocalDate outing = add_days(to_local(change.at).date, 30);
    Overflow planned;
    planned.position = 1;
    planned.rules.when = routing::OverflowWhen::planned;
    planned.rules.partner = added->rules.id;
    planned.rules.from = to_instant(outing, 12 * 3600);
    planned.rules.until = to_instant(outing, 16 * 3600);
    return nothing(add(change, planned));
}

Expected<void> add_plans(const Change &change) {
    CrisisPlan flood{.rules = {}, .name = "Hochwasser", .wording = {}};
    flood.rules.municipality = kRegion;
    flood.rules.head_start = 300s;
    flood.rules.always_open = true;
    flood.wording = {
        {"de",
         "Der Krisenstab der Region ist einberufen. Bitte meiden Sie die Uferwege. Bei Gefahr "
         "für Leib und Leben: 112. Sandsäcke geben die Feuerwehrhäuser aus."},
        {"en",
         "The crisis team has been convened. Please keep away from the river banks. If life is "
         "in danger, call 112. Sandbags are given out at the fire stations."}};
    CrisisPlan water{.rules = {}, .name = "Trinkwasser abkochen", .wording = {}};
    water.rules.municipality = kLangenhagen;
    water.rules.head_start = 120s;
    water.wording = {{"de", "Bitte kochen Sie Leitungswasser bis auf Weiteres drei Minuten ab. "
                            "Duschen ist unbedenklich."}};
    auto done = nothing(add(change, flood));
    if (done) done = nothing(add(change, water));
    return done;
}

} // namespace

Expected<void> seed_demo_house(storage::Database &database, const Clock &clock,
                               const DemoRegion &region) {
    return database.write([&](storage::Connection &connection) -> Expected<void> {
        const auto empty = is_empty(connection);
        if (!empty) return tl::unexpected(empty.error());
        if (!*empty) return {};
        const Change change{connection, clock.now(), UserId{}};
        const auto skills = add_skills(change);
        if (!skills) return tl::unexpected(skills.error());
        auto done = give_skills(change, region, *skills);
        if (done) done = add_queues(change, *skills);
        if (done) done = add_partner(change);
        if (done) done = add_plans(change);
        return done;
    });
}

} // namespace fernamt::people
