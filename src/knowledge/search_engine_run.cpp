// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/search_engine_run.h"

#include "knowledge/areas.h"
#include "knowledge/index_terms.h"
#include "knowledge/search_engine_match.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace fernamt::knowledge {

namespace {

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
// More, for names that say little beside what was asked: "Führerschein" alone means getting one,
// not its loss. Sentences say too much besides for that.
constexpr double kNothingElse = 0.6;
constexpr std::size_t kFewConcepts = 2;
// Of the best hit's score: below it is noise. One word alone may also stand in texts only.
constexpr double kGoodEnough = 0.4;
constexpr double kGoodEnoughAlone = 0.02;

const LocalSynonyms *local_of(const SearchQuestion &question, const IndexSnapshot &snapshot) {
    if (!question.municipality) return nullptr;
    const auto found = snapshot.local.find(*question.municipality);
    return found == snapshot.local.end() ? nullptr : &found->second;
}

// One question to one reader.
class Search {
  public:
    Search(const SearchQuestion &question, const IndexReader &reader, const Analyser &analyser)
        : question_(question), index_(reader.index), filters_(reader.snapshot->filters),
          analyser_(analyser), names_(reader.snapshot->names),
          areas_(question.municipality ? lineage(*question.municipality) : std::vector<AreaId>{}),
          documents_(index_.get_doccount()),
          parsed_(parse_question(
              question.text, question.typing,
              Vocabulary{.analyser = analyser,
                         .spelling = reader.snapshot->spelling,
                         .in_names = [this](const std::string &s) { return frequency('N', s) > 0; },
                         .in_texts = [this](const std::string &s) { return frequency('B', s) > 0; },
                         .house = &reader.snapshot->house,
                         .local = local_of(question, *reader.snapshot)})) {}

    EngineResult run() {
        EngineResult result;
        if (parsed_.concepts.empty() || documents_ == 0) return result;
        for (const Concept &each : parsed_.concepts)
            worth_.push_back(importance(each) * rarity(each));
        const Xapian::Query asked = all_concepts();
        Found own = find(asked, own_filter(kinds()), question_.limit);
        result.hits = std::move(own.hits);
        result.total = own.total;
        if (question_.municipality && result.hits.size() < question_.limit) {
            append_others(result, asked);
        }
        if (!question_.beside.empty()) {
            result.beside = beside(asked);
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
        std::vector<Xapian::Query> ways;
        if (in_names > 0) {
            ways.emplace_back(Xapian::Query::OP_SCALE_WEIGHT, all.front(), variant.weight);
        }
        const bool likely =
            variant.kind == MatchKind::word || variant.kind == MatchKind::typing_error;
        const Xapian::doccount in_texts = likely ? frequency('B', stem) : 0;
        const bool common = in_texts > std::max(50.0, kCommon * documents_);
        if (in_texts > 0 && (!common || alone)) {
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

    [[nodiscard]] std::vector<DocumentKind> kinds() const {
        if (question_.kind) return {*question_.kind};
        return {DocumentKind::service, DocumentKind::office, DocumentKind::person,
                DocumentKind::guide, DocumentKind::website};
    }

    // Public documents for which somebody answers here.
    [[nodiscard]] FilterTerms answered_here(const std::vector<DocumentKind> &kinds) const {
        FilterTerms terms;
        for (const DocumentKind kind : kinds) {
            if (!question_.municipality) {
                terms.any.push_back(public_term(kind));
                continue;
            }
            for (const AreaId area : areas_)
                terms.any.push_back(answered_term(kind, area));
        }
        return terms;
    }

    [[nodiscard]] FilterTerms own_filter(const std::vector<DocumentKind> &kinds) const {
        FilterTerms terms = answered_here(kinds);
        const auto reads = question_.staff_of;
        if (!reads) return terms;
        // A note of a municipality holds in its own area.
        if (question_.municipality && !contains(*reads, *question_.municipality)) return terms;
        for (const DocumentKind kind : kinds)
            terms.any.push_back(internal_term(kind, *reads));
        return terms;
    }

    // Public only: a neighbour's internal notes are nobody's business here.
    [[nodiscard]] FilterTerms others_filter() const {
        FilterTerms terms;
        for (const DocumentKind kind : kinds()) {
            if (question_.neighbours) {
                terms.any.push_back(district_term(kind, *question_.municipality));
            }
            if (!question_.unanswered) continue;
            for (const AreaId area : areas_)
                terms.any.push_back(valid_term(kind, area));
        }
        terms.none = answered_here(kinds()).any;
        return terms;
    }

    // ---- hits ---------------------------------------------------------------------------------

    struct Candidate {
        double score = 0;
        std::unique_ptr<IndexedDocument> document;
        std::vector<std::optional<NameMatch>> matches; // per concept
    };

    struct Found {
        std::vector<EngineHit> hits;
        std::int64_t total = 0;
    };

    Found find(const Xapian::Query &asked, const FilterTerms &terms, std::size_t limit,
               bool elsewhere = false) {
        Found found;
        if (asked.empty() || terms.any.empty()) return found;
        FilterSource filter(filters_.bits(index_, terms));
        if (filter.get_termfreq_max() == 0) return found;
        Xapian::Enquire enquire(index_);
        // Names are short and weighted by repetition: little normalisation by length.
        enquire.set_weighting_scheme(Xapian::BM25Weight(1.2, 0, 1, 0.2, 0.5));
        enquire.set_query(Xapian::Query(Xapian::Query::OP_FILTER, asked, Xapian::Query(&filter)));
        // Without a municipality each of them may have a text of its own about one subject; with
        // one there are two or three, which are collapsed below.
        if (!question_.municipality) enquire.set_collapse_key(kSubjectSlot);
        const auto wanted = static_cast<Xapian::doccount>(std::max(kCandidates, limit));
        const Xapian::MSet set = enquire.get_mset(0, wanted);
        std::vector<Candidate> candidates;
        for (auto at = set.begin(); at != set.end(); ++at) {
            if (auto made = candidate(at)) candidates.push_back(std::move(*made));
        }
        std::ranges::stable_sort(candidates, [](const Candidate &a, const Candidate &b) {
            if (a.score != b.score) return a.score > b.score;
            return a.document->subject < b.document->subject; // the more frequent
        });
        if (candidates.empty()) return found;
        const double least = candidates.front().score *
                             (parsed_.concepts.size() == 1 ? kGoodEnoughAlone : kGoodEnough);
        std::set<std::pair<DocumentKind, std::int64_t>> subjects;
        for (Candidate &each : candidates) {
            if (each.score < least) break;
            if (!subjects.emplace(each.document->kind, each.document->subject).second) continue;
            ++found.total;
            if (found.hits.size() < limit) found.hits.push_back(hit(each, elsewhere));
        }
        return found;
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
        if (!is_supported(*made.document)) return std::nullopt;
        const double share = asked > 0 ? answered / asked : 0;
        made.score = at.get_weight() * (0.5 + 0.5 * share);
        if (asked > 0) made.score *= 1 + kTitle * in_title / asked;
        if (parsed_.concepts.size() <= kFewConcepts)
            made.score *= 1 + kNothingElse * asked_share_of_names(*made.document);
        if (is_whole_name(parsed_.stems, *made.document) ||
            is_whole_name(parsed_.telling, *made.document)) {
            made.score *= kWholeName;
        }
        return made;
    }

    // Something of it says what was asked for: not just a word for hours or fees, a verb for
    // everything or an ending like "-amt". Unless the question says no more.
    [[nodiscard]] bool is_supported(const IndexedDocument &document) const {
        const auto tells = [](const Concept &each) {
            return !each.weak && !each.section_word && !each.place;
        };
        const auto telling = std::ranges::count_if(parsed_.concepts, tells);
        const auto said_in_names = [&](const Concept &each) {
            const auto match = match_names(each, document);
            return match && match->whole && !match->variant->weak && !each.place;
        };
        if (std::ranges::count_if(parsed_.concepts, said_in_names) >= 2) return true;
        return std::ranges::any_of(parsed_.concepts, [&](const Concept &each) {
            return (tells(each) || telling == 0) &&
                   supports(each, telling <= 1, document, analyser_);
        });
    }

    // How much a concept narrows down: rare words say more.
    double rarity(const Concept &each) {
        Xapian::doccount most = 0;
        for (const Variant &variant : each.variants) {
            if (variant.stems.size() == 1 && variant.weight > 0.5) {
                most = std::max(most, frequency('N', variant.stems.front()));
            }
        }
        return rarity(most);
    }

    double rarity(std::string_view stem) const {
        const auto found = names_.find(std::string(stem));
        return rarity(found == names_.end() ? 0 : found->second);
    }

    double rarity(Xapian::doccount documents) const {
        return std::log(1.5 + static_cast<double>(documents_) / (1.0 + documents));
    }

    bool is_asked(std::string_view stem) const {
        return std::ranges::any_of(parsed_.concepts, [&](const Concept &each) {
            return std::ranges::any_of(each.variants, [&](const Variant &variant) {
                return variant.named &&
                       std::ranges::find(variant.stems, stem) != variant.stems.end();
            });
        });
    }

    // How much of its title, or of its official one, the question says: 0 to 1, rare words count
    // more.
    double asked_share_of_names(const IndexedDocument &document) const {
        double best = 0;
        for (const MatchField field : {MatchField::title, MatchField::official_title}) {
            double all = 0;
            double asked = 0;
            for (const NameWord &word : document.words) {
                if (word.field != field) continue;
                const double worth = rarity(word.stem);
                all += worth;
                if (is_asked(word.stem)) asked += worth;
            }
            if (all > 0) best = std::max(best, asked / all);
        }
        return best;
    }

    EngineHit hit(const Candidate &from, bool elsewhere) const {
        const IndexedDocument &document = *from.document;
        EngineHit made{.id = std::string(document.id),
                       .kind = document.kind,
                       .subject = document.subject,
                       .title = std::string(document.title),
                       .areas = document.areas(),
                       .neighbour = elsewhere && question_.neighbours &&
                                    document.is_answered_in_district_of(*question_.municipality),
                       .unanswered = false,
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

    // Below what is answered here: what the neighbours answer, then what nobody answers.
    void append_others(EngineResult &result, const Xapian::Query &asked) {
        Found others = find(asked, others_filter(), question_.limit, true);
        std::ranges::stable_partition(others.hits, &EngineHit::neighbour);
        for (EngineHit &hit : others.hits) {
            const bool known = std::ranges::any_of(result.hits, [&](const EngineHit &own) {
                return own.kind == hit.kind && own.subject == hit.subject;
            });
            if (known) {
                --others.total;
                continue;
            }
            hit.unanswered = !hit.neighbour;
            if (result.hits.size() < question_.limit) result.hits.push_back(std::move(hit));
        }
        result.total += others.total;
    }

    // At most kMostBeside of each kind, by score.
    std::vector<EngineHit> beside(const Xapian::Query &asked) {
        Found found = find(asked, own_filter(question_.beside), kCandidates);
        std::map<DocumentKind, std::size_t> shown;
        std::erase_if(found.hits,
                      [&](const EngineHit &hit) { return ++shown[hit.kind] > kMostBeside; });
        return std::move(found.hits);
    }

    const SearchQuestion &question_;
    const Xapian::Database &index_;
    const FilterCache &filters_;
    const Analyser &analyser_;
    const std::unordered_map<std::string, Xapian::doccount> &names_;
    std::vector<AreaId> areas_; // the municipality's lineage
    Xapian::doccount documents_;
    std::unordered_map<std::string, Xapian::doccount> frequencies_;
    ParsedQuestion parsed_;
    std::vector<double> worth_; // of each concept
};

} // namespace

EngineResult run_question(const SearchQuestion &question, const IndexReader &reader,
                          const Analyser &analyser) {
    return Search(question, reader, analyser).run();
}

} // namespace fernamt::knowledge
