// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/search_engine.h"

#include "base/log.h"
#include "knowledge/index_terms.h"
#include "knowledge/search_engine_run.h"

#include <fmt/format.h>
#include <xapian.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

namespace fernamt::knowledge {

namespace {

constexpr std::size_t kLongestQuestion = 200; // bytes; what nobody types
constexpr std::size_t kMostHits = 100;

using Placed = std::map<MunicipalityId, std::vector<SynonymEntry>>;

// Which is built anew then. A database that does not answer for a moment is no reason for that.
bool is_broken_index(const Expected<IndexState> &shown) {
    return !shown && shown.error().code == "search.index";
}

// Those of one town, beside what everybody's questions know.
LocalSynonyms local_synonyms(const std::vector<SynonymEntry> &entries, const Analyser &analyser,
                             const Spelling &known) {
    LocalSynonyms made{.synonyms = analyser.synonyms_of(entries), .spelling = {}};
    std::vector<KnownWord> words;
    for (const std::string &key : made.synonyms.keys) {
        if (!known.knows(key)) words.push_back({key, 1});
    }
    made.spelling = Spelling(std::move(words));
    return made;
}

std::shared_ptr<const IndexSnapshot> load(const std::string &path, const IndexState &state,
                                          const Analyser &analyser, const Placed &entered) {
    const Xapian::Database index(path);
    std::vector<KnownWord> words;
    for (auto at = index.allterms_begin("W"); at != index.allterms_end("W"); ++at) {
        words.push_back({(*at).substr(1), at.get_termfreq()});
    }
    auto made = std::make_shared<IndexSnapshot>();
    if (const auto house = entered.find(kCommonText); house != entered.end())
        made->house = analyser.synonyms_of(house->second);
    // Synonyms' words can be typed wrongly too, if they lead somewhere.
    std::set<std::string> more(made->house.keys.begin(), made->house.keys.end());
    more.insert(analyser.synonyms().keys.begin(), analyser.synonyms().keys.end());
    for (const std::string &key : more) {
        if (!index.term_exists("W" + key) && !analyser.is_place(key)) words.push_back({key, 1});
    }
    for (auto at = index.allterms_begin("N"); at != index.allterms_end("N"); ++at)
        made->names.emplace((*at).substr(1), at.get_termfreq());
    made->path = path;
    made->state = state;
    made->spelling = Spelling(std::move(words));
    for (const auto &[town, entries] : entered) {
        if (town == kCommonText) continue;
        made->local.emplace(town, local_synonyms(entries, analyser, made->spelling));
    }
    return made;
}

} // namespace

struct SearchEngine::Impl {
    Impl(DocumentSource s, const std::string &d)
        : source(std::move(s)), directory(d), store(d, analyser) {}

    const Analyser &analyser = Analyser::german();
    DocumentSource source;
    std::string directory;
    IndexStore store;
    std::mutex writing; // one update at a time
    mutable std::mutex mutex;
    std::shared_ptr<const IndexSnapshot> snapshot;
    mutable std::vector<std::unique_ptr<IndexReader>> idle;

    // Puts the index as it stands on disk before the readers.
    Expected<IndexState> show(const IndexState &state) {
        Placed entered;
        if (source.synonyms) {
            const auto all = source.synonyms();
            if (!all) return tl::unexpected(all.error());
            for (const PlacedSynonym &one : *all)
                entered[one.municipality].push_back(one.words);
        }
        try {
            auto fresh = load(store.path(), state, analyser, entered);
            const std::scoped_lock lock(mutex);
            snapshot = std::move(fresh);
            idle.clear();
            return state;
        } catch (const Xapian::Error &error) {
            return problem(error.get_description());
        }
    }

    [[nodiscard]] tl::unexpected<Problem> problem(const std::string &what) const {
        return fail(ProblemKind::unavailable, "search.index",
                    {{"directory", directory}, {"what", what}});
    }

    // Under `writing`.
    Expected<IndexState> build(const IndexWatch &watch) {
        auto built = store.rebuild(source, watch);
        if (!built) return built;
        const auto now = source.generation();
        if (now && *now > built->generation) { // changed while it was read
            if (auto caught_up = store.update(source, watch)) built = std::move(caught_up);
        }
        return show(*built);
    }

    [[nodiscard]] bool has_snapshot() const {
        const std::scoped_lock lock(mutex);
        return snapshot != nullptr;
    }

    [[nodiscard]] std::unique_ptr<IndexReader> take() const {
        std::shared_ptr<const IndexSnapshot> now;
        {
            const std::scoped_lock lock(mutex);
            if (!idle.empty()) {
                auto reader = std::move(idle.back());
                idle.pop_back();
                return reader;
            }
            now = snapshot;
        }
        return std::make_unique<IndexReader>(IndexReader{now, Xapian::Database(now->path)});
    }

    void give_back(std::unique_ptr<IndexReader> reader) const {
        const std::scoped_lock lock(mutex);
        if (reader->snapshot == snapshot) idle.push_back(std::move(reader));
    }
};

SearchEngine::SearchEngine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SearchEngine::~SearchEngine() = default;

Expected<std::unique_ptr<SearchEngine>>
SearchEngine::open(DocumentSource source, const std::string &directory, const IndexWatch &watch) {
    std::unique_ptr<SearchEngine> engine(
        new SearchEngine(std::make_unique<Impl>(std::move(source), directory)));
    if (const auto ready = engine->refresh(watch); !ready) return tl::unexpected(ready.error());
    return engine;
}

std::unique_ptr<SearchEngine> SearchEngine::open_at_once(DocumentSource source,
                                                         const std::string &directory) {
    std::unique_ptr<SearchEngine> engine(
        new SearchEngine(std::make_unique<Impl>(std::move(source), directory)));
    const auto state = engine->impl_->store.state();
    if (!state) return engine;
    const auto now = engine->impl_->source.generation();
    // One that knows more than the database is of a later state, which was put back.
    if (now && *now >= state->generation) (void)engine->impl_->show(*state);
    return engine;
}

Expected<std::unique_ptr<SearchEngine>> SearchEngine::open_existing(DocumentSource source,
                                                                    const std::string &directory) {
    std::unique_ptr<SearchEngine> engine(
        new SearchEngine(std::make_unique<Impl>(std::move(source), directory)));
    const auto state = engine->impl_->store.state();
    if (!state) {
        return fail(ProblemKind::not_found, "search.index_missing", {{"directory", directory}});
    }
    if (auto shown = engine->impl_->show(*state); !shown) return tl::unexpected(shown.error());
    return engine;
}

Expected<IndexState> SearchEngine::rebuild(const IndexWatch &watch) {
    const std::scoped_lock lock(impl_->writing);
    return impl_->build(watch);
}

Expected<IndexState> SearchEngine::refresh(const IndexWatch &watch) {
    const std::scoped_lock lock(impl_->writing);
    const auto before = impl_->store.state();
    if (before) {
        const auto wanted = impl_->source.generation();
        if (!wanted) return tl::unexpected(wanted.error());
        if (*wanted == before->generation) {
            {
                const std::scoped_lock reading(impl_->mutex);
                if (impl_->snapshot && impl_->snapshot->state == *before) return *before;
            }
            if (auto shown = impl_->show(*before); !is_broken_index(shown)) return shown;
        } else if (*wanted > before->generation) {
            const auto updated = impl_->store.update(impl_->source, watch);
            if (!updated && !is_broken_index(updated)) return updated;
            if (updated) {
                if (auto shown = impl_->show(*updated); !is_broken_index(shown)) return shown;
            }
        }
    }
    // Missing, broken, or of a database that was put back to an older state.
    return impl_->build(watch);
}

bool SearchEngine::ready() const {
    return impl_->has_snapshot();
}

Expected<IndexVerification> SearchEngine::verify() const {
    return impl_->store.verify(impl_->source);
}

IndexState SearchEngine::state() const {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->snapshot ? impl_->snapshot->state : IndexState{};
}

Expected<EngineResult> SearchEngine::search(const SearchQuestion &asked) const {
    SearchQuestion question = asked;
    question.text = question.text.substr(0, kLongestQuestion);
    question.limit = std::clamp<std::size_t>(question.limit, 1, kMostHits);
    if (!impl_->has_snapshot()) return impl_->problem("there is none yet");
    constexpr int kTries = 3;
    for (int i = 1;; ++i) {
        try {
            auto reader = impl_->take();
            EngineResult result = run_question(question, *reader, impl_->analyser);
            impl_->give_back(std::move(reader));
            return result;
        } catch (const Xapian::DatabaseModifiedError &) {
            if (i == kTries) return impl_->problem("changed while it was read");
        } catch (const Xapian::DatabaseOpeningError &error) { // replaced while it was opened
            if (i == kTries) return impl_->problem(error.get_description());
        } catch (const Xapian::Error &error) {
            log::error("search.index_unreadable", {{"what", error.get_description()}});
            return impl_->problem(error.get_description());
        }
    }
}

} // namespace fernamt::knowledge
