// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/search_engine.h"

#include "base/log.h"
#include "knowledge/areas.h"
#include "knowledge/index_terms.h"
#include "knowledge/search_engine_match.h"

#include <fmt/format.h>
#include <xapian.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <set>
#include <unordered_map>

namespace fernamt::knowledge {

namespace {

constexpr std::size_t kLongestQuestion = 200; // bytes; what nobody types
constexpr std::size_t kMostHits = 100;
constexpr std::size_t kCandidates = 20;     // that are read and ordered again
constexpr Xapian::valueno kSubjectSlot = 0; // index_store.cpp
// A word of the text counts so much less than one of a name.
constexpr double kText = 0.22;
// Words that so many documents' texts use say little: they are asked for in names only.
constexpr double kCommon = 0.08;
constexpr double kSectionWord = 0.3;
constexpr double kPlace = 0.3;
constexpr double kTitle = 0.25; // more, for names that citizens use
constexpr double kWholeName = 1.6;
// Of the best hit's score: below it is noise. One word alone may also stand in texts only.
constexpr double kGoodEnough = 0.4;
constexpr double kGoodEnoughAlone = 0.02;

// What one build or update of the index leaves in memory.
struct Snapshot {
    std::string path;
    IndexState state;
    Spelling spelling;
    std::unordered_map<std::string, Xapian::doccount> names; // stems, and how many documents' names
};

struct Reader {
    std::shared_ptr<const Snapshot> snapshot;
    Xapian::Database index;
};

std::shared_ptr<const Snapshot> load(const std::string &path, const IndexState &state,
                                     const Analyser &analyser) {
    const Xapian::Database index(path);
    std::vector<KnownWord> words;
    for (auto at = index.allterms_begin("W"); at != index.allterms_end("W"); ++at) {
        words.push_back({(*at).substr(1), at.get_termfreq()});
    }
    // Synonyms' words can be typed wrongly too, if they lead somewhere.
    for (const std::string &key : analyser.synonyms().keys) {
        if (!index.term_exists("W" + key) && !analyser.is_place(key)) words.push_back({key, 1});
    }
    auto made = std::make_shared<Snapshot>();
    for (auto at = index.allterms_begin("N"); at != index.allterms_end("N"); ++at)
        made->names.emplace((*at).substr(1), at.get_termfreq());
    made->path = path;
    made->state = state;
    made->spelling = Spelling(std::move(words));
    return made;
}

// One question to one reader.
class Search {
  public:
    Search(const SearchQuestion &question, const Reader &reader, const Analyser &analyser)
        : question_(question), index_(reader.index), names_(reader.snapshot->names),
          documents_(index_.get_doccount()),
          parsed_(parse_question(
              question.text, question.typing,
              Vocabulary{
                  .analyser = analyser,
                  .spelling = reader.snapshot->spelling,
                  .in_names = [this](const std::string &s) { return frequency('N', s) > 0; },
                  .in_texts = [this](const std::string &s) { return frequency('B', s) > 0; }})) {}

    EngineResult run() {
        EngineResult result;
        if (parsed_.concepts.empty() || documents_ == 0) return result;
        for (const Concept &each : parsed_.concepts)
            worth_.push_back(importance(each) * rarity(each));
        const Xapian::Query asked = all_concepts();
        find(asked, own_filter(), false, result);
        const bool alone = question_.municipality && question_.neighbours;
        if (alone && result.hits.size() < question_.limit) {
            EngineResult around;
            find(asked, neighbours_filter(), true, around);
            append_neighbours(result, std::move(around));
        }
        for (EngineHit &hit : result.hits)
            hit.score = std::round(hit.score * 1000) / 1000;
        return result;
    }

  private:
    // ---- the question to the index ------------------------------------------------------------

    Xapian::doccount frequency(char prefix, const std::string &stem) {
        if (prefix == 'N') { // asked for most often: in memory
            const auto found = names_.find(stem);
            return found == names_.end() ? 0 : found->second;
        }
        std::string term(1, prefix);
        term += stem;
        const auto known = frequencies_.find(term);
        if (known != frequencies_.end()) return known->second;
        const Xapian::doccount count = index_.get_termfreq(term);
        frequencies_.emplace(std::move(term), count);
        return count;
    }

    Xapian::Query variant_query(const Variant &variant, bool alone) {
        std::vector<Xapian::Query> all;
        for (const std::string &stem : variant.stems) {
            if (frequency('N', stem) == 0 && variant.stems.size() > 1) return {};
            all.emplace_back("N" + stem);
        }
        if (all.size() > 1) {
            return {Xapian::Query::OP_SCALE_WEIGHT,
                    Xapian::Query(Xapian::Query::OP_AND, all.begin(), all.end()), variant.weight};
        }
        const std::string &stem = variant.stems.front();
        const Xapian::doccount in_names = frequency('N', stem);
        const Xapian::doccount in_texts = frequency('B', stem);
        std::vector<Xapian::Query> ways;
        if (in_names > 0) {
            ways.emplace_back(Xapian::Query::OP_SCALE_WEIGHT, all.front(), variant.weight);
        }
        const bool common = in_texts > std::max(50.0, kCommon * documents_);
        const bool likely =
            variant.kind == MatchKind::word || variant.kind == MatchKind::typing_error;
        if (in_texts > 0 && likely && (!common || alone)) {
            ways.emplace_back(Xapian::Query::OP_SCALE_WEIGHT, Xapian::Query("B" + stem),
                              variant.weight * kText);
        }
        if (ways.empty()) return {};
        if (ways.size() == 1) return ways.front();
        return {Xapian::Query::OP_OR, ways.begin(), ways.end()};
    }

    static double importance(const Concept &each) {
        if (each.section_word) return kSectionWord;
        return each.place ? kPlace : 1.0;
    }

    Xapian::Query concept_query(const Concept &each) {
        std::vector<Xapian::Query> ways;
        for (const Variant &variant : each.variants) {
            Xapian::Query way = variant_query(variant, parsed_.concepts.size() == 1);
            if (!way.empty()) ways.push_back(std::move(way));
        }
        if (ways.empty()) return {};
        const Xapian::Query any(Xapian::Query::OP_MAX, ways.begin(), ways.end());
        const double factor = importance(each);
        return factor == 1.0 ? any : Xapian::Query(Xapian::Query::OP_SCALE_WEIGHT, any, factor);
    }

    Xapian::Query all_concepts() {
        std::vector<Xapian::Query> all;
        for (const Concept &each : parsed_.concepts) {
            Xapian::Query query = concept_query(each);
            if (!query.empty()) all.push_back(std::move(query));
        }
        return {Xapian::Query::OP_OR, all.begin(), all.end()};
    }

    // ---- who may find what --------------------------------------------------------------------

    [[nodiscard]] Xapian::Query visible() const {
        const Xapian::Query everybody{std::string(kPublic)};
        if (!question_.staff_of) return everybody;
        return {Xapian::Query::OP_OR, everybody, Xapian::Query(internal_term(*question_.staff_of))};
    }

    [[nodiscard]] Xapian::Query with_kind(const Xapian::Query &filter) const {
        if (!question_.kind) return filter;
        return {Xapian::Query::OP_AND, filter, Xapian::Query(kind_term(*question_.kind))};
    }

    [[nodiscard]] Xapian::Query valid_here() const {
        std::vector<Xapian::Query> areas{Xapian::Query(std::string(kEverywhere))};
        for (const AreaId area : lineage(*question_.municipality))
            areas.emplace_back(area_term(area));
        return {Xapian::Query::OP_OR, areas.begin(), areas.end()};
    }

    [[nodiscard]] Xapian::Query own_filter() const {
        if (!question_.municipality) return with_kind(visible());
        return with_kind({Xapian::Query::OP_AND, visible(), valid_here()});
    }

    // Public only: a neighbour's internal notes are nobody's business here.
    [[nodiscard]] Xapian::Query neighbours_filter() const {
        const Xapian::Query district(district_term(*question_.municipality));
        const Xapian::Query there(Xapian::Query::OP_AND, Xapian::Query(std::string(kPublic)),
                                  district);
        return with_kind({Xapian::Query::OP_AND_NOT, there, valid_here()});
    }

    // ---- hits ---------------------------------------------------------------------------------

    struct Candidate {
        double score = 0;
        std::unique_ptr<IndexedDocument> document;
        std::vector<std::optional<NameMatch>> matches; // per concept
    };

    void find(const Xapian::Query &asked, const Xapian::Query &filter, bool neighbours,
              EngineResult &result) {
        if (asked.empty()) return;
        Xapian::Enquire enquire(index_);
        // Names are short and weighted by repetition: little normalisation by length.
        enquire.set_weighting_scheme(Xapian::BM25Weight(1.2, 0, 1, 0.2, 0.5));
        enquire.set_query(Xapian::Query(Xapian::Query::OP_FILTER, asked, filter));
        // Without a municipality each of them may have a text of its own about one subject; with
        // one there are two or three, which are collapsed below.
        if (!question_.municipality) enquire.set_collapse_key(kSubjectSlot);
        const auto wanted =
            static_cast<Xapian::doccount>(std::max<std::size_t>(kCandidates, question_.limit));
        const Xapian::MSet found = enquire.get_mset(0, wanted);
        std::vector<Candidate> candidates;
        for (auto at = found.begin(); at != found.end(); ++at) {
            if (auto made = candidate(at)) candidates.push_back(std::move(*made));
        }
        std::ranges::stable_sort(candidates, [](const Candidate &a, const Candidate &b) {
            if (a.score != b.score) return a.score > b.score;
            return a.document->subject < b.document->subject; // the more frequent
        });
        if (candidates.empty()) return;
        const double least = candidates.front().score *
                             (parsed_.concepts.size() == 1 ? kGoodEnoughAlone : kGoodEnough);
        std::set<std::pair<DocumentKind, std::int64_t>> subjects;
        for (Candidate &each : candidates) {
            if (each.score < least) break;
            if (!subjects.emplace(each.document->kind, each.document->subject).second) continue;
            ++result.total;
            if (result.hits.size() < question_.limit) result.hits.push_back(hit(each, neighbours));
        }
    }

    std::optional<Candidate> candidate(const Xapian::MSetIterator &at) {
        Candidate made;
        made.document = IndexedDocument::unpack(at.get_document().get_data());
        if (!made.document) return std::nullopt;
        double asked = 0;
        double answered = 0;
        double in_title = 0; // the very words
        for (std::size_t i = 0; i < parsed_.concepts.size(); ++i) {
            const Concept &each = parsed_.concepts[i];
            const auto match = match_names(each, *made.document);
            asked += worth_[i];
            if (match) answered += worth_[i] * std::min(1.0, match->variant->weight);
            if (match && match->whole && match->variant->weight >= 1 &&
                match->word->field == MatchField::title) {
                in_title += worth_[i];
            }
            made.matches.push_back(match);
        }
        const double share = asked > 0 ? answered / asked : 0;
        made.score = at.get_weight() * (0.5 + 0.5 * share);
        if (asked > 0) made.score *= 1 + kTitle * in_title / asked;
        if (is_whole_name(parsed_.stems, *made.document)) made.score *= kWholeName;
        return made;
    }

    // How much a concept narrows down: rare words say more.
    double rarity(const Concept &each) {
        Xapian::doccount most = 0;
        for (const Variant &variant : each.variants) {
            if (variant.stems.size() == 1 && variant.weight > 0.5) {
                most = std::max(most, frequency('N', variant.stems.front()));
            }
        }
        return std::log(1.5 + static_cast<double>(documents_) / (1.0 + most));
    }

    EngineHit hit(const Candidate &from, bool neighbour) const {
        const IndexedDocument &document = *from.document;
        EngineHit made{.id = std::string(document.id),
                       .kind = document.kind,
                       .subject = document.subject,
                       .title = std::string(document.title),
                       .areas = document.areas(),
                       .neighbour = neighbour,
                       .internal = document.internal,
                       .score = from.score,
                       .section = {},
                       .why = {}};
        bool about_the_section = false;
        std::string in_text;
        for (std::size_t i = 0; i < parsed_.concepts.size(); ++i) {
            const Concept &each = parsed_.concepts[i];
            const auto &match = from.matches[i];
            const bool said = match && match->variant->weight >= 1;
            std::optional<Why> text;
            if (!said && !each.section_word && !each.place) {
                text = why_in_text(each, document, match.has_value());
            }
            if (text) {
                if (in_text.empty()) in_text = text->section;
                add_why(made, std::move(*text));
            } else if (match) {
                // "gebühr" in "Kita-Gebühr ermäßigen" is the subject, not a wish for a section.
                about_the_section |= each.section_word;
                add_why(made, {.said = each.said,
                               .kind = shown_kind(*match),
                               .field = match->word->field,
                               .found = std::string(match->word->shown),
                               .section = {}});
            }
        }
        if (parsed_.section && !about_the_section) {
            made.section = to_string(*parsed_.section);
        } else {
            made.section = in_text;
        }
        return made;
    }

    static void add_why(EngineHit &hit, Why why) {
        const auto same = std::ranges::find_if(hit.why, [&](const Why &each) {
            return each.said == why.said && each.found == why.found;
        });
        if (same == hit.why.end()) hit.why.push_back(std::move(why));
    }

    static MatchKind shown_kind(const NameMatch &match) {
        const MatchKind kind = match.variant->kind;
        return kind == MatchKind::word && !match.whole ? MatchKind::part : kind;
    }

    // just_said: only the very word counts, because the names already say something like it.
    static std::optional<Why> why_in_text(const Concept &each, const IndexedDocument &document,
                                          bool just_said) {
        for (const Variant &variant : each.variants) {
            if (variant.stems.size() != 1 || (just_said && variant.weight < 1)) continue;
            const auto section = document.section_with(variant.stems.front());
            if (!section) continue;
            return Why{.said = each.said,
                       .kind = variant.kind,
                       .field = MatchField::text,
                       .found = {},
                       .section = std::string(*section)};
        }
        return std::nullopt;
    }

    void append_neighbours(EngineResult &result, EngineResult around) const {
        for (EngineHit &hit : around.hits) {
            const bool known = std::ranges::any_of(result.hits, [&](const EngineHit &own) {
                return own.kind == hit.kind && own.subject == hit.subject;
            });
            if (known) {
                --around.total;
            } else if (result.hits.size() < question_.limit) {
                result.hits.push_back(std::move(hit));
            }
        }
        result.total += around.total;
    }

    const SearchQuestion &question_;
    const Xapian::Database &index_;
    const std::unordered_map<std::string, Xapian::doccount> &names_;
    Xapian::doccount documents_;
    std::unordered_map<std::string, Xapian::doccount> frequencies_;
    ParsedQuestion parsed_;
    std::vector<double> worth_; // of each concept
};

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
    std::shared_ptr<const Snapshot> snapshot;
    mutable std::vector<std::unique_ptr<Reader>> idle;

    // Puts the index as it stands on disk before the readers.
    Expected<IndexState> show(const IndexState &state) {
        try {
            auto fresh = load(store.path(), state, analyser);
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

    [[nodiscard]] std::unique_ptr<Reader> take() const {
        std::shared_ptr<const Snapshot> now;
        {
            const std::scoped_lock lock(mutex);
            if (!idle.empty()) {
                auto reader = std::move(idle.back());
                idle.pop_back();
                return reader;
            }
            now = snapshot;
        }
        return std::make_unique<Reader>(Reader{now, Xapian::Database(now->path)});
    }

    void give_back(std::unique_ptr<Reader> reader) const {
        const std::scoped_lock lock(mutex);
        if (reader->snapshot == snapshot) idle.push_back(std::move(reader));
    }
};

SearchEngine::SearchEngine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SearchEngine::~SearchEngine() = default;

Expected<std::unique_ptr<SearchEngine>> SearchEngine::open(DocumentSource source,
                                                           const std::string &directory,
                                                           const IndexProgress &progress) {
    std::unique_ptr<SearchEngine> engine(
        new SearchEngine(std::make_unique<Impl>(std::move(source), directory)));
    const auto ready = engine->impl_->store.state() ? engine->refresh() : engine->rebuild(progress);
    if (!ready) return tl::unexpected(ready.error());
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

Expected<IndexState> SearchEngine::rebuild(const IndexProgress &progress) {
    const std::scoped_lock lock(impl_->writing);
    const auto built = impl_->store.rebuild(impl_->source, progress);
    if (!built) return built;
    return impl_->show(*built);
}

Expected<IndexState> SearchEngine::refresh() {
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
            if (auto shown = impl_->show(*before)) return shown;
        } else if (*wanted > before->generation) {
            if (const auto updated = impl_->store.update(impl_->source)) {
                if (auto shown = impl_->show(*updated)) return shown;
            }
        }
    }
    // Missing, broken, or of a database that was put back to an older state.
    const auto built = impl_->store.rebuild(impl_->source);
    if (!built) return built;
    return impl_->show(*built);
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
    constexpr int kTries = 3;
    for (int i = 1;; ++i) {
        try {
            auto reader = impl_->take();
            EngineResult result = Search(question, *reader, impl_->analyser).run();
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
