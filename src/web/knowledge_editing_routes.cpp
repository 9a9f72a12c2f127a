// SPDX-License-Identifier: EUPL-1.2
// Own texts as editors write them: what is told now, what is on its way with the words that change,
// the way to release, older versions, who cares. Every change answers with the whole state again.
#include "knowledge/article.h"
#include "knowledge/care.h"
#include "knowledge/word_diff.h"
#include "web/api.h"
#include "web/json_values.h"
#include "web/knowledge_values.h"
#include "web/request_values.h"
#include "web/routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

namespace fernamt::web {

namespace json = boost::json;

namespace {

using knowledge::Draft;
using knowledge::SectionKey;
using knowledge::ServiceId;
using knowledge::TextContent;
using knowledge::TextEditing;
using knowledge::TextPlace;

constexpr std::size_t kMostLines = 100;
constexpr std::size_t kLongestLine = 2'000;
constexpr std::int64_t kLargestEdition = 1'000'000'000;

std::string joined(const std::vector<std::string> &lines) {
    return fmt::format("{}", fmt::join(lines, "\n"));
}

json::array changes_json(const std::vector<std::string> &older,
                         const std::vector<std::string> &newer) {
    json::array pieces;
    for (const knowledge::DiffPiece &piece : knowledge::word_diff(joined(older), joined(newer))) {
        pieces.push_back(
            json::object{{"change", std::string(to_string(piece.change))}, {"text", piece.text}});
    }
    return pieces;
}

// One service's texts of one municipality as an editor sees them.
class TextsPage {
  public:
    TextsPage(const ApiParts &parts, const people::Users &users, const Incoming &incoming,
              ServiceId service, MunicipalityId municipality)
        : parts_(parts), users_(users), incoming_(incoming), editor_(editor_of(incoming.caller)),
          service_(service), municipality_(municipality) {}

    Expected<Reply> reply() {
        for (const auto read : {&TextsPage::read_care, &TextsPage::read_article,
                                &TextsPage::read_texts, &TextsPage::read_names}) {
            if (auto done = (this->*read)(); !done) return tl::unexpected(done.error());
        }
        const bool common = municipality_ == knowledge::kCommonText;
        json::array texts;
        for (int i = 0; i < 2 * knowledge::kSectionKeys + 1; ++i) {
            TextPlace place{.service = service_, .municipality = municipality_};
            if (i > 0) place.section = static_cast<SectionKey>((i - 1) / 2);
            place.internal = i > 0 && i % 2 == 0;
            if (!(place.internal && common)) texts.push_back(text_json(place));
        }
        return json_reply(
            json::object{{"service", json::object{{"id", article_->service.id.value},
                                                  {"leika", article_->service.leika},
                                                  {"name", article_->service.name},
                                                  {"colloquial", article_->service.colloquial},
                                                  {"level", level_json(*article_)}}},
                         {"municipality", place_json(municipality_)},
                         {"may_release", !(common && editor_.municipality)},
                         {"texts", std::move(texts)},
                         {"care", care_json()}});
    }

  private:
    Expected<void> read_care() {
        auto care = knowledge::care_of(parts_.database, editor_, service_, municipality_);
        if (!care) return tl::unexpected(care.error());
        care_ = *care;
        return {};
    }

    Expected<void> read_article() {
        const LocalDate today = to_local(incoming_.now).date;
        return parts_.database.read([&](storage::Connection &connection) -> Expected<void> {
            auto article =
                municipality_ == knowledge::kCommonText
                    ? knowledge::read_common_article(connection, service_, today)
                    : knowledge::read_article(connection, service_, municipality_, today);
            if (article && !*article) { // nobody answers here yet: write about it nevertheless
                article = knowledge::read_common_article(connection, service_, today);
            }
            if (!article) return tl::unexpected(article.error());
            if (!*article) return fail(ProblemKind::not_found, "knowledge.not_found");
            article_ = std::move(*article);
            return {};
        });
    }

    Expected<void> read_texts() {
        const TextEditing editing(parts_.database, parts_.clock);
        auto drafts = editing.drafts(editor_, service_, municipality_);
        if (!drafts) return tl::unexpected(drafts.error());
        drafts_ = std::move(*drafts);
        auto shown = editing.shown(editor_, service_, municipality_);
        if (!shown) return tl::unexpected(shown.error());
        shown_ = std::move(*shown);
        return {};
    }

    Expected<void> read_names() {
        auto names = PeopleNames::load(users_);
        if (!names) return tl::unexpected(names.error());
        names_ = std::move(*names);
        return {};
    }

    // What a caller is told today, or the staff where it is internal.
    [[nodiscard]] std::vector<std::string> told(const TextPlace &place) const {
        if (place.internal) {
            const auto *own = own_text(place);
            return own ? own->content.lines : std::vector<std::string>{};
        }
        if (!place.section) {
            return article_->read_aloud.empty() ? std::vector<std::string>{}
                                                : std::vector<std::string>{article_->read_aloud};
        }
        for (const knowledge::Section &section : article_->sections) {
            if (section.key == *place.section) return section.lines;
        }
        return {};
    }

    [[nodiscard]] const TextEditing::OwnText *own_text(const TextPlace &place) const {
        const auto found = std::ranges::find(shown_, place, &TextEditing::OwnText::place);
        return found == shown_.end() ? nullptr : &*found;
    }

    [[nodiscard]] json::value text_json(const TextPlace &place) const {
        const std::vector<std::string> now = told(place);
        json::value own = nullptr;
        if (const auto *text = own_text(place)) {
            own = json::object{{"expires_on", date_json(text->content.expires_on)},
                               {"version", text->version}};
        }
        json::value draft = nullptr;
        const auto found = std::ranges::find(drafts_, place, &Draft::place);
        if (found != drafts_.end()) draft = draft_json(*found, now);
        return json::object{{"part", knowledge::part_name(place.section)},
                            {"internal", place.internal},
                            {"lines", lines_json(now)},
                            {"own", std::move(own)},
                            {"draft", std::move(draft)}};
    }

    [[nodiscard]] json::value draft_json(const Draft &draft,
                                         const std::vector<std::string> &now) const {
        return json::object{{"state", std::string(to_string(draft.state))},
                            {"lines", lines_json(draft.content.lines)},
                            {"expires_on", date_json(draft.content.expires_on)},
                            {"author", names_.of(draft.author)},
                            {"mine", draft.author == editor_.user},
                            {"remark", draft.remark},
                            {"edition", draft.edition},
                            {"changed_at", to_json(draft.changed_at)},
                            {"changes", changes_json(now, draft.content.lines)}};
    }

    [[nodiscard]] json::value care_json() const {
        std::optional<LocalDate> due_on;
        if (care_.checked_on) due_on = add_days(*care_.checked_on, care_.review_days);
        return json::object{{"editor", names_.of(care_.editor)},
                            {"reviewer", place_json(care_.reviewer)},
                            {"review_days", care_.review_days},
                            {"checked_on", date_json(care_.checked_on)},
                            {"due_on", date_json(due_on)}};
    }

    const ApiParts &parts_;
    const people::Users &users_;
    const Incoming &incoming_;
    knowledge::Editor editor_;
    ServiceId service_;
    MunicipalityId municipality_;
    knowledge::Care care_;
    std::optional<knowledge::Article> article_;
    std::vector<Draft> drafts_;
    std::vector<TextEditing::OwnText> shown_;
    PeopleNames names_;
};

struct Routes {
    const ApiParts &parts;
    people::Users &users;

    [[nodiscard]] Expected<ServiceId> service_of(const Incoming &incoming) const {
        const auto id = path_id(incoming.request, "knowledge.not_found");
        if (!id) return tl::unexpected(id.error());
        return ServiceId{*id};
    }
    [[nodiscard]] TextEditing editing() const { return {parts.database, parts.clock}; }

    [[nodiscard]] Expected<Reply> page(const Incoming &incoming, ServiceId service,
                                       MunicipalityId municipality) const {
        return TextsPage(parts, users, incoming, service, municipality).reply();
    }

    // Reads a body with a place, does it, answers with the page.
    using Body = std::function<Expected<void>(JsonReader &, const TextPlace &)>;
    [[nodiscard]] Expected<Reply> change(const Incoming &incoming, const Body &apply) const {
        const auto service = service_of(incoming);
        if (!service) return tl::unexpected(service.error());
        auto reader = JsonReader::parse(incoming.request.body, {.bytes = 512 * 1024});
        if (!reader) return tl::unexpected(reader.error());
        const TextPlace place = read_place(*reader, *service);
        if (auto done = apply(*reader, place); !done) return tl::unexpected(done.error());
        return page(incoming, *service, place.municipality);
    }

    // Somebody else's page shows what holds now.
    void tell() const { parts.hub.publish({"knowledge", "{}", {}}); }

    [[nodiscard]] Expected<Reply> show(const Incoming &incoming) const {
        const auto service = service_of(incoming);
        if (!service) return tl::unexpected(service.error());
        const auto municipality = queried_place(incoming);
        if (!municipality) return tl::unexpected(municipality.error());
        return page(incoming, *service, *municipality);
    }

    [[nodiscard]] Expected<Reply> save(const Incoming &incoming) const {
        return change(incoming, [&](JsonReader &reader, const TextPlace &place) -> Expected<void> {
            TextContent content;
            content.lines =
                reader.texts("lines", kMostLines, {.shortest = 1, .longest = kLongestLine});
            content.expires_on = read_date(reader, "expires_on");
            const std::int64_t edition = reader.integer("edition", 0, kLargestEdition);
            if (auto read = reader.finish(); !read) return read;
            const auto saved = editing().save(editor_of(incoming.caller), place, content, edition);
            if (!saved) return tl::unexpected(saved.error());
            return {};
        });
    }

    [[nodiscard]] Expected<Reply> step(const Incoming &incoming) const {
        enum class Step { submit, give_back, release, discard };
        static constexpr std::array kSteps{
            std::pair{std::string_view("submit"), Step::submit},
            std::pair{std::string_view("give_back"), Step::give_back},
            std::pair{std::string_view("release"), Step::release},
            std::pair{std::string_view("discard"), Step::discard}};
        return change(incoming, [&](JsonReader &reader, const TextPlace &place) -> Expected<void> {
            const Step step = reader.choice<Step>("step", kSteps);
            const std::int64_t edition = reader.integer("edition", 0, kLargestEdition);
            const std::string remark =
                reader
                    .optional_text("remark",
                                   {.longest = knowledge::kLongestRemark, .lines = Lines::many})
                    .value_or("");
            if (auto read = reader.finish(); !read) return read;
            return take(step, incoming, place, edition, remark);
        });
    }

    template <class Step>
    [[nodiscard]] Expected<void> take(Step step, const Incoming &incoming, const TextPlace &place,
                                      std::int64_t edition, const std::string &remark) const {
        const knowledge::Editor editor = editor_of(incoming.caller);
        const auto done = [](const auto &result) -> Expected<void> {
            if (!result) return tl::unexpected(result.error());
            return {};
        };
        switch (step) {
        case Step::submit:
            return done(editing().submit(editor, place, edition));
        case Step::give_back:
            return done(editing().give_back(editor, place, edition, remark));
        case Step::discard:
            return editing().discard(editor, place, edition);
        case Step::release:
            break;
        }
        const auto released = editing().release(editor, place, edition);
        if (released) tell();
        return done(released);
    }

    [[nodiscard]] Expected<Reply> restore(const Incoming &incoming) const {
        return change(incoming, [&](JsonReader &reader, const TextPlace &place) -> Expected<void> {
            const std::int64_t number = reader.integer("number", 1, kLargestEdition);
            if (auto read = reader.finish(); !read) return read;
            const auto restored = editing().restore(editor_of(incoming.caller), place, number);
            if (!restored) return tl::unexpected(restored.error());
            tell();
            return {};
        });
    }

    [[nodiscard]] Expected<Reply> history(const Incoming &incoming) const {
        const auto service = service_of(incoming);
        if (!service) return tl::unexpected(service.error());
        const auto municipality = queried_place(incoming);
        if (!municipality) return tl::unexpected(municipality.error());
        const auto part = query_text(incoming.request, "part", 20);
        if (!part) return tl::unexpected(part.error());
        const auto internal = query_text(incoming.request, "internal", 5);
        if (!internal) return tl::unexpected(internal.error());
        TextPlace place{.service = *service,
                        .municipality = *municipality,
                        .section = knowledge::parse_section_key(*part),
                        .internal = *internal == "true"};
        if (!place.section && !part->empty() && *part != knowledge::part_name(std::nullopt)) {
            return invalid_value("part", "not_one_of");
        }
        const auto versions = editing().history(editor_of(incoming.caller), place);
        if (!versions) return tl::unexpected(versions.error());
        const auto names = PeopleNames::load(users);
        if (!names) return tl::unexpected(names.error());
        json::array items;
        for (std::size_t i = 0; i < versions->size(); ++i) {
            const knowledge::TextVersion &version = (*versions)[i];
            const auto older = i + 1 < versions->size() ? (*versions)[i + 1].content.lines
                                                        : std::vector<std::string>{};
            json::value from = nullptr;
            if (version.restored_from > 0) from = version.restored_from;
            items.push_back(json::object{{"number", version.number},
                                         {"kind", std::string(to_string(version.kind))},
                                         {"lines", lines_json(version.content.lines)},
                                         {"expires_on", date_json(version.content.expires_on)},
                                         {"written_by", names->of(version.written_by)},
                                         {"released_by", names->of(version.released_by)},
                                         {"released_at", to_json(version.released_at)},
                                         {"restored_from", std::move(from)},
                                         {"changes", changes_json(older, version.content.lines)}});
        }
        return json_reply(json::object{{"items", std::move(items)}});
    }

    [[nodiscard]] Expected<Reply> set_care(const Incoming &incoming) const {
        const auto service = service_of(incoming);
        if (!service) return tl::unexpected(service.error());
        auto reader = JsonReader::parse(incoming.request.body);
        if (!reader) return tl::unexpected(reader.error());
        knowledge::Care care{.service = *service, .municipality = read_municipality(*reader)};
        care.editor = UserId{reader->integer("editor", 0, kLargestId)};
        if (const auto text = reader->nullable_text("reviewer", {.longest = 12})) {
            const auto parsed = parse_ars(*text);
            if (!parsed) reader->fault("reviewer", "not_an_ars");
            care.reviewer = parsed.value_or(knowledge::kCommonText);
        }
        care.review_days =
            static_cast<int>(reader->integer("review_days", 1, knowledge::kLongestReviewDays));
        if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
        if (auto fits = check_editor(care); !fits) return tl::unexpected(fits.error());
        if (auto done =
                knowledge::set_care(parts.database, parts.clock, editor_of(incoming.caller), care);
            !done) {
            return tl::unexpected(done.error());
        }
        return page(incoming, *service, care.municipality);
    }

    // An editor who could not write it cannot be responsible.
    [[nodiscard]] Expected<void> check_editor(const knowledge::Care &care) const {
        if (!care.editor) return {};
        const auto user = users.find(care.editor);
        const auto may = [&] {
            if (!user->active || !user->roles.contains(people::Role::editor)) return false;
            return !user->municipality || *user->municipality == care.municipality ||
                   (care.reviewer && *user->municipality == care.reviewer);
        };
        if (user && may()) return {};
        return fail(ProblemKind::invalid_input, "knowledge.not_an_editor", {{"field", "editor"}});
    }

    [[nodiscard]] Expected<Reply> check(const Incoming &incoming) const {
        const auto service = service_of(incoming);
        if (!service) return tl::unexpected(service.error());
        auto reader = JsonReader::parse(incoming.request.body);
        if (!reader) return tl::unexpected(reader.error());
        const MunicipalityId municipality = read_municipality(*reader);
        if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
        if (auto done = knowledge::mark_checked(parts.database, parts.clock,
                                                editor_of(incoming.caller), *service, municipality);
            !done) {
            return tl::unexpected(done.error());
        }
        tell();
        return page(incoming, *service, municipality);
    }
};

} // namespace

void add_knowledge_editing_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                                  people::Users &users) {
    const Routes routes{parts, users};
    const std::string one = "/api/v1/knowledge/services/{id}";
    gate.add(router, "GET", one + "/texts",
             [routes](const Incoming &incoming) { return routes.show(incoming); });
    gate.add(router, "PUT", one + "/draft",
             [routes](const Incoming &incoming) { return routes.save(incoming); });
    gate.add(router, "POST", one + "/draft/steps",
             [routes](const Incoming &incoming) { return routes.step(incoming); });
    gate.add(router, "GET", one + "/versions",
             [routes](const Incoming &incoming) { return routes.history(incoming); });
    gate.add(router, "POST", one + "/restore",
             [routes](const Incoming &incoming) { return routes.restore(incoming); });
    gate.add(router, "PUT", one + "/care",
             [routes](const Incoming &incoming) { return routes.set_care(incoming); });
    gate.add(router, "POST", one + "/checks",
             [routes](const Incoming &incoming) { return routes.check(incoming); });
}

} // namespace fernamt::web
