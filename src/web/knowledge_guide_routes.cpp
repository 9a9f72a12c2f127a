// SPDX-License-Identifier: EUPL-1.2
// Question trees: agents read what is released, editors also drafts with their faults, which are
// named while somebody is still writing.
#include "knowledge/guide_book.h"
#include "web/api.h"
#include "web/json_values.h"
#include "web/knowledge_values.h"
#include "web/request_values.h"
#include "web/routes.h"

#include <algorithm>
#include <array>

namespace fernamt::web {

namespace json = boost::json;

namespace {

using knowledge::GuideBook;
using knowledge::GuideEnd;
using knowledge::GuideId;
using knowledge::GuideStep;
using knowledge::GuideSteps;
using knowledge::StoredGuide;

constexpr std::size_t kLongestText = 500;
constexpr std::size_t kLongestKey = 40;

json::value service_json(knowledge::ServiceId service) {
    if (!service) return nullptr;
    return service.value;
}

json::value offer_json(const GuideStep &step) {
    if (step.end != GuideEnd::online) return nullptr;
    return step.offer;
}

json::array steps_json(const GuideSteps &steps) {
    json::array all;
    for (const GuideStep &step : steps) {
        json::array answers;
        for (const knowledge::GuideAnswer &answer : step.answers)
            answers.push_back(json::object{{"text", answer.text}, {"next", answer.next}});
        all.push_back(json::object{{"key", step.key},
                                   {"text", step.text},
                                   {"answers", std::move(answers)},
                                   {"request", step.end == GuideEnd::request},
                                   {"service", step.service.value},
                                   {"offer", offer_json(step)}});
    }
    return all;
}

bool writes(const people::Principal &caller, const StoredGuide &guide) {
    return people::may(caller, people::Action::edit_knowledge) &&
           (!caller.municipality || *caller.municipality == guide.municipality);
}

json::value draft_json(const StoredGuide &guide, const std::vector<knowledge::GuideFault> &found,
                       const people::Principal &caller) {
    json::array faults;
    for (const knowledge::GuideFault &fault : found) {
        faults.push_back(
            json::object{{"fault", std::string(to_string(fault.kind))}, {"step", fault.step}});
    }
    return json::object{{"title", guide.draft_title},
                        {"state", std::string(to_string(*guide.state))},
                        {"mine", guide.author == caller.user},
                        {"steps", steps_json(guide.draft)},
                        {"faults", std::move(faults)}};
}

json::object guide_json(const StoredGuide &guide) {
    return {{"id", guide.id.value},
            {"municipality", place_json(guide.municipality)},
            {"service", service_json(guide.service)},
            {"title", guide.title.empty() ? guide.draft_title : guide.title},
            {"released", !guide.title.empty()},
            {"version", guide.version}};
}

GuideSteps read_steps(JsonReader &reader) {
    GuideSteps steps;
    reader.objects("steps", knowledge::kMostSteps, [&](JsonReader &one) {
        GuideStep step;
        step.key = one.text("key", {.longest = kLongestKey});
        step.text = one.text("text", {.longest = kLongestText, .lines = Lines::many});
        one.objects("answers", knowledge::kMostAnswers, [&](JsonReader &answer) {
            const std::string text = answer.text("text", {.longest = kLongestText});
            step.answers.push_back({text, answer.text("next", {.longest = kLongestKey})});
        });
        step.end = one.boolean("request") ? GuideEnd::request : GuideEnd::tell;
        const auto service = one.optional_integer("service", 0, kLargestId);
        step.service = knowledge::ServiceId{service.value_or(0)};
        const auto offer = one.has("offer") ? one.nullable_integer("offer", 0, kLargestId)
                                            : std::optional<std::int64_t>();
        if (offer && step.end == GuideEnd::request) one.fault("offer", "not_known_here");
        if (offer) step.end = GuideEnd::online;
        step.offer = offer.value_or(0);
        steps.push_back(std::move(step));
    });
    return steps;
}

struct Routes {
    const ApiParts &parts;

    [[nodiscard]] GuideBook book() const { return {parts.database, parts.clock}; }

    [[nodiscard]] Expected<Reply> list(const Incoming &incoming) const {
        auto asked = query_municipality(incoming.request);
        if (!asked) return tl::unexpected(asked.error());
        if (*asked && !people::may_see(incoming.caller, **asked)) {
            return fail(ProblemKind::not_found, "municipality.not_found");
        }
        const auto released = book().released(*asked ? *asked : incoming.caller.municipality);
        if (!released) return tl::unexpected(released.error());
        json::array items;
        for (const StoredGuide &guide : *released)
            items.push_back(guide_json(guide));
        if (auto own = append_drafts(incoming, *asked, items); !own) {
            return tl::unexpected(own.error());
        }
        return json_reply(json::object{{"items", std::move(items)}});
    }

    // Editors see what was never released, too.
    [[nodiscard]] Expected<void> append_drafts(const Incoming &incoming,
                                               std::optional<MunicipalityId> of,
                                               json::array &items) const {
        if (!people::may(incoming.caller, people::Action::edit_knowledge)) return {};
        const auto all = book().all(editor_of(incoming.caller));
        if (!all) return tl::unexpected(all.error());
        for (const StoredGuide &guide : *all) {
            if (!guide.title.empty()) continue;
            if (of && guide.municipality != *of && guide.municipality != MunicipalityId{}) continue;
            items.push_back(guide_json(guide));
        }
        return {};
    }

    [[nodiscard]] Expected<StoredGuide> find(const Incoming &incoming) const {
        const auto id = path_id(incoming.request, "knowledge.guide_not_found");
        if (!id) return tl::unexpected(id.error());
        auto guide = book().find(GuideId{*id});
        if (!guide) return guide;
        const bool foreign = guide->municipality != knowledge::kCommonText &&
                             !people::may_see(incoming.caller, guide->municipality);
        const bool hidden = guide->title.empty() && !writes(incoming.caller, *guide);
        if (foreign || hidden) return fail(ProblemKind::not_found, "knowledge.guide_not_found");
        return guide;
    }

    // With its steps, and for who writes it with the draft and what is wrong in it.
    [[nodiscard]] Expected<Reply> told(const Expected<StoredGuide> &guide, const Incoming &incoming,
                                       int status = 200) const {
        if (!guide) return tl::unexpected(guide.error());
        json::object body = guide_json(*guide);
        body["steps"] = steps_json(guide->released);
        body["draft"] = nullptr;
        if (guide->state && writes(incoming.caller, *guide)) {
            const auto faults = book().faults(*guide);
            if (!faults) return tl::unexpected(faults.error());
            body["draft"] = draft_json(*guide, *faults, incoming.caller);
        }
        Reply reply = versioned_reply(body, guide->version);
        reply.status = status;
        return reply;
    }

    [[nodiscard]] Expected<Reply> show(const Incoming &incoming) const {
        return told(find(incoming), incoming);
    }

    [[nodiscard]] Expected<Reply> add(const Incoming &incoming) const {
        auto reader = JsonReader::parse(incoming.request.body, {.bytes = 512 * 1024});
        if (!reader) return tl::unexpected(reader.error());
        const MunicipalityId municipality = read_municipality(*reader);
        const auto service = reader->optional_integer("service", 1, kLargestId);
        const std::string title =
            reader->text("title", {.shortest = 1, .longest = knowledge::kLongestGuideTitle});
        const GuideSteps steps = read_steps(*reader);
        if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
        return told(book().add(editor_of(incoming.caller), municipality,
                               knowledge::ServiceId{service.value_or(0)}, title, steps),
                    incoming, 201);
    }

    struct Wanted {
        GuideId id;
        std::int64_t version = 0;
    };
    [[nodiscard]] Expected<Wanted> wanted(const Incoming &incoming) const {
        // A guide that this person does not see is not there, whatever else is wrong.
        const auto guide = find(incoming);
        if (!guide) return tl::unexpected(guide.error());
        const auto version = expected_version(incoming.request);
        if (!version) return tl::unexpected(version.error());
        return Wanted{guide->id, *version};
    }

    [[nodiscard]] Expected<Reply> save(const Incoming &incoming) const {
        const auto which = wanted(incoming);
        if (!which) return tl::unexpected(which.error());
        auto reader = JsonReader::parse(incoming.request.body, {.bytes = 512 * 1024});
        if (!reader) return tl::unexpected(reader.error());
        const std::string title =
            reader->text("title", {.shortest = 1, .longest = knowledge::kLongestGuideTitle});
        const GuideSteps steps = read_steps(*reader);
        if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
        return told(
            book().save(editor_of(incoming.caller), which->id, which->version, title, steps),
            incoming);
    }

    [[nodiscard]] Expected<Reply> move(const Incoming &incoming) const {
        enum class Move { submit, give_back, release };
        static constexpr std::array kMoves{
            std::pair{std::string_view("submit"), Move::submit},
            std::pair{std::string_view("give_back"), Move::give_back},
            std::pair{std::string_view("release"), Move::release}};
        const auto which = wanted(incoming);
        if (!which) return tl::unexpected(which.error());
        auto reader = JsonReader::parse(incoming.request.body);
        if (!reader) return tl::unexpected(reader.error());
        const Move step = reader->choice<Move>("step", kMoves);
        if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
        const knowledge::Editor editor = editor_of(incoming.caller);
        GuideBook guides = book();
        return told(step == Move::submit      ? guides.submit(editor, which->id, which->version)
                    : step == Move::give_back ? guides.give_back(editor, which->id, which->version)
                                              : guides.release(editor, which->id, which->version),
                    incoming);
    }

    [[nodiscard]] Expected<Reply> remove(const Incoming &incoming) const {
        const auto which = wanted(incoming);
        if (!which) return tl::unexpected(which.error());
        auto gone = book().remove(editor_of(incoming.caller), which->id, which->version);
        if (!gone) return tl::unexpected(gone.error());
        return nothing_to_show();
    }
};

} // namespace

void add_knowledge_guide_routes(net::Router &router, Gate &gate, const ApiParts &parts) {
    const Routes routes{parts};
    const std::string all = "/api/v1/knowledge/guides";
    const std::string one = all + "/{id}";
    gate.add(router, "GET", all,
             [routes](const Incoming &incoming) { return routes.list(incoming); });
    gate.add(router, "POST", all,
             [routes](const Incoming &incoming) { return routes.add(incoming); });
    gate.add(router, "GET", one,
             [routes](const Incoming &incoming) { return routes.show(incoming); });
    gate.add(router, "PUT", one,
             [routes](const Incoming &incoming) { return routes.save(incoming); });
    gate.add(router, "DELETE", one,
             [routes](const Incoming &incoming) { return routes.remove(incoming); });
    gate.add(router, "POST", one + "/steps",
             [routes](const Incoming &incoming) { return routes.move(incoming); });
}

} // namespace fernamt::web
