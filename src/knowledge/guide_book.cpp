// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/guide_book.h"

#include "knowledge/object_store.h"
#include "knowledge/public_view.h"
#include "storage/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace fernamt::knowledge {

namespace {

constexpr std::string_view kColumns =
    "SELECT id, municipality, service, title, released, draft_title, draft, state, author, version "
    "FROM knowledge_guide ";

Expected<StoredGuide> guide_of(const storage::Row &row) {
    auto released = parse_guide_steps(row.text(4));
    if (!released) return tl::unexpected(released.error());
    auto draft = parse_guide_steps(row.text(6));
    if (!draft) return tl::unexpected(draft.error());
    StoredGuide guide{.id = GuideId{row.integer(0)},
                      .municipality = MunicipalityId{row.integer(1)},
                      .service = ServiceId{row.integer(2)},
                      .title = row.text(3),
                      .released = std::move(*released),
                      .draft_title = row.text(5),
                      .draft = std::move(*draft),
                      .state = std::nullopt,
                      .author = UserId{row.integer(8)},
                      .version = row.integer(9)};
    if (row.text(7) == "draft") guide.state = DraftState::draft;
    if (row.text(7) == "submitted") guide.state = DraftState::submitted;
    return guide;
}

Expected<std::vector<StoredGuide>> read(storage::Connection &connection, const std::string &where,
                                        const std::vector<storage::Value> &values) {
    std::vector<StoredGuide> guides;
    Expected<void> readable;
    const auto done =
        connection.each(fmt::format("{}{}", kColumns, where), values, [&](const storage::Row &row) {
            auto guide = guide_of(row);
            if (!guide) readable = tl::unexpected(guide.error());
            if (guide) guides.push_back(std::move(*guide));
            return readable.has_value();
        });
    if (!done) return tl::unexpected(done.error());
    if (!readable) return tl::unexpected(readable.error());
    return guides;
}

Expected<std::vector<StoredGuide>> read(storage::Database &database, const std::string &where,
                                        const std::vector<storage::Value> &values) {
    std::vector<StoredGuide> guides;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        auto found = read(connection, where, values);
        if (!found) return tl::unexpected(found.error());
        guides = std::move(*found);
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return guides;
}

tl::unexpected<Problem> not_found() {
    return fail(ProblemKind::not_found, "knowledge.guide_not_found");
}

Expected<void> may_write(const Editor &editor, MunicipalityId municipality) {
    if (!editor.municipality || *editor.municipality == municipality) return {};
    if (municipality == kCommonText) {
        return fail(ProblemKind::forbidden, "knowledge.common_text_centre_only");
    }
    return fail(ProblemKind::not_found, "municipality.not_found");
}

Expected<void> store(storage::Connection &connection, const StoredGuide &guide, Instant now) {
    const std::string state = guide.state ? std::string(to_string(*guide.state)) : "none";
    const auto done = connection.run(
        "INSERT INTO knowledge_guide (id, municipality, service, title, released, draft_title, "
        "draft, state, author, version, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
        "$10, $11) ON CONFLICT (id) DO UPDATE SET title = excluded.title, "
        "released = excluded.released, draft_title = excluded.draft_title, "
        "draft = excluded.draft, state = excluded.state, author = excluded.author, "
        "version = excluded.version, changed_at = excluded.changed_at",
        {guide.id.value, guide.municipality.value, guide.service.value, guide.title,
         to_json(guide.released), guide.draft_title, to_json(guide.draft), state,
         guide.author.value, guide.version, now.us});
    if (!done) return tl::unexpected(done.error());
    return {};
}

// The guide of this version, if the editor may write it; a foreign one looks like none.
Expected<StoredGuide> expect(storage::Connection &connection, const Editor &editor, GuideId id,
                             std::int64_t version) {
    auto found = read(connection, "WHERE id = $1", {id.value});
    if (!found) return tl::unexpected(found.error());
    if (found->empty()) return not_found();
    StoredGuide guide = std::move(found->front());
    if (const auto may = may_write(editor, guide.municipality); !may) {
        if (may.error().kind == ProblemKind::not_found) return not_found();
        return tl::unexpected(may.error());
    }
    if (guide.version != version) {
        return fail(ProblemKind::stale, "knowledge.guide_stale",
                    {{"version", fmt::format("{}", guide.version)}});
    }
    return guide;
}

// The index takes over the released guides with its next look.
Expected<void> tell_search(storage::Connection &connection, Instant now) {
    const auto next = next_generation(connection, now);
    if (!next) return tl::unexpected(next.error());
    const auto done =
        connection.run("UPDATE knowledge_guide_state SET generation = $1 WHERE id = 1", {*next});
    if (!done) return tl::unexpected(done.error());
    return {};
}

using Change = std::function<Expected<void>(storage::Connection &, StoredGuide &)>;

Expected<StoredGuide> change(storage::Database &database, const Clock &clock, const Editor &editor,
                             GuideId id, std::int64_t version, const Change &apply) {
    StoredGuide guide;
    const auto done = database.write([&](storage::Connection &connection) -> Expected<void> {
        auto found = expect(connection, editor, id, version);
        if (!found) return tl::unexpected(found.error());
        guide = std::move(*found);
        if (auto applied = apply(connection, guide); !applied) return applied;
        ++guide.version;
        if (!guide.state) { // released
            if (auto told = tell_search(connection, clock.now()); !told) return told;
        }
        return store(connection, guide, clock.now());
    });
    if (!done) return tl::unexpected(done.error());
    return guide;
}

Expected<void> expect_state(const StoredGuide &guide, DraftState state) {
    if (guide.state == state) return {};
    return fail(ProblemKind::conflict, "knowledge.draft_state",
                {{"state", guide.state ? std::string(to_string(*guide.state)) : "none"}});
}

Expected<std::vector<GuideFault>> faults_in(storage::Connection &connection,
                                            const StoredGuide &guide) {
    std::vector<GuideFault> faults = faults_of(guide.draft);
    std::optional<MunicipalityId> place;
    if (guide.municipality != kCommonText) place = guide.municipality;
    for (const GuideStep &step : guide.draft) {
        if (!step.service) continue;
        bool known = false;
        const auto asked = connection.each("SELECT id FROM knowledge_public_service WHERE id = $1",
                                           {step.service.value}, [&](const storage::Row &) {
                                               known = true;
                                               return false;
                                           });
        if (!asked) return tl::unexpected(asked.error());
        if (!known) faults.push_back({GuideFaultKind::service_unknown, step.key});
        if (!known || !leads_to_form(step)) continue;
        const auto offers = offers_for(connection, step.service, place);
        if (!offers) return tl::unexpected(offers.error());
        const bool there =
            step.offer == 0 ? !offers->empty()
                            : std::ranges::find(*offers, step.offer, &Offer::id) != offers->end();
        if (!there) faults.push_back({GuideFaultKind::form_missing, step.key});
    }
    return faults;
}

Expected<void> without_faults(storage::Connection &connection, const StoredGuide &guide) {
    const auto faults = faults_in(connection, guide);
    if (!faults) return tl::unexpected(faults.error());
    if (faults->empty()) return {};
    const GuideFault &first = faults->front();
    return fail(ProblemKind::conflict, "knowledge.guide_faulty",
                {{"step", first.step}, {"fault", std::string(to_string(first.kind))}});
}

Expected<void> check_size(const std::string &title, const GuideSteps &steps) {
    bool fits =
        !title.empty() && title.size() <= 4 * kLongestGuideTitle && steps.size() <= kMostSteps;
    for (const GuideStep &step : steps)
        fits = fits && step.answers.size() <= kMostAnswers;
    if (fits) return {};
    return fail(ProblemKind::invalid_input, "knowledge.text_invalid", {{"field", "steps"}});
}

} // namespace

Expected<std::vector<StoredGuide>>
GuideBook::released(std::optional<MunicipalityId> municipality) const {
    if (!municipality) return read(database_, "WHERE title <> '' ORDER BY title, id", {});
    return read(database_, "WHERE title <> '' AND municipality IN (0, $1) ORDER BY title, id",
                {municipality->value});
}

Expected<std::vector<StoredGuide>> GuideBook::all(const Editor &editor) const {
    if (!editor.municipality) return read(database_, "ORDER BY id", {});
    return read(database_, "WHERE municipality = $1 ORDER BY id", {editor.municipality->value});
}

Expected<StoredGuide> GuideBook::find(GuideId id) const {
    auto found = read(database_, "WHERE id = $1", {id.value});
    if (!found) return tl::unexpected(found.error());
    if (found->empty()) return not_found();
    return std::move(found->front());
}

Expected<std::vector<GuideFault>> GuideBook::faults(const StoredGuide &guide) const {
    std::vector<GuideFault> faults;
    const auto done = database_.read([&](storage::Connection &connection) -> Expected<void> {
        auto found = faults_in(connection, guide);
        if (!found) return tl::unexpected(found.error());
        faults = std::move(*found);
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return faults;
}

Expected<StoredGuide> GuideBook::add(const Editor &editor, MunicipalityId municipality,
                                     ServiceId service, const std::string &title,
                                     const GuideSteps &steps) {
    if (auto may = may_write(editor, municipality); !may) return tl::unexpected(may.error());
    if (auto fits = check_size(title, steps); !fits) return tl::unexpected(fits.error());
    StoredGuide guide{.municipality = municipality,
                      .service = service,
                      .draft_title = title,
                      .draft = steps,
                      .state = DraftState::draft,
                      .author = editor.user};
    const auto done = database_.write([&](storage::Connection &connection) -> Expected<void> {
        const auto id = storage::next_id(connection, "knowledge_guide");
        if (!id) return tl::unexpected(id.error());
        guide.id = GuideId{*id};
        return store(connection, guide, clock_.now());
    });
    if (!done) return tl::unexpected(done.error());
    return guide;
}

Expected<StoredGuide> GuideBook::save(const Editor &editor, GuideId id, std::int64_t version,
                                      const std::string &title, const GuideSteps &steps) {
    if (auto fits = check_size(title, steps); !fits) return tl::unexpected(fits.error());
    return change(database_, clock_, editor, id, version,
                  [&](storage::Connection &, StoredGuide &guide) {
                      guide.draft_title = title;
                      guide.draft = steps;
                      guide.state = DraftState::draft;
                      guide.author = editor.user;
                      return Expected<void>{};
                  });
}

Expected<StoredGuide> GuideBook::submit(const Editor &editor, GuideId id, std::int64_t version) {
    return change(database_, clock_, editor, id, version,
                  [](storage::Connection &connection, StoredGuide &guide) -> Expected<void> {
                      if (auto right = expect_state(guide, DraftState::draft); !right) return right;
                      guide.state = DraftState::submitted;
                      return without_faults(connection, guide);
                  });
}

Expected<StoredGuide> GuideBook::give_back(const Editor &editor, GuideId id, std::int64_t version) {
    return change(database_, clock_, editor, id, version,
                  [](storage::Connection &, StoredGuide &guide) -> Expected<void> {
                      if (auto right = expect_state(guide, DraftState::submitted); !right)
                          return right;
                      guide.state = DraftState::draft;
                      return {};
                  });
}

Expected<StoredGuide> GuideBook::release(const Editor &editor, GuideId id, std::int64_t version) {
    return change(database_, clock_, editor, id, version,
                  [&](storage::Connection &connection, StoredGuide &guide) -> Expected<void> {
                      if (auto right = expect_state(guide, DraftState::submitted); !right) {
                          return right;
                      }
                      if (guide.author == editor.user) {
                          return fail(ProblemKind::conflict, "knowledge.four_eyes");
                      }
                      if (auto good = without_faults(connection, guide); !good) return good;
                      guide.title = guide.draft_title;
                      guide.released = std::move(guide.draft);
                      guide.draft = {};
                      guide.draft_title.clear();
                      guide.state = std::nullopt;
                      return {};
                  });
}

Expected<void> GuideBook::remove(const Editor &editor, GuideId id, std::int64_t version) {
    return database_.write([&](storage::Connection &connection) -> Expected<void> {
        const auto found = expect(connection, editor, id, version);
        if (!found) return tl::unexpected(found.error());
        const auto done = connection.run("DELETE FROM knowledge_guide WHERE id = $1", {id.value});
        if (!done) return tl::unexpected(done.error());
        return tell_search(connection, clock_.now());
    });
}

} // namespace fernamt::knowledge
