// SPDX-License-Identifier: EUPL-1.2
// What callers say and what is meant, as editors enter it: the centre for everybody and for each
// town, a town's editors for questions about their own. Enter, change, remove, take the removal
// back. The search knows a change with its next look at the database, as of every change of the
// knowledge; the shipped list (data/search/synonyms.txt) stays below it.
#pragma once

#include "knowledge/analysis.h"
#include "knowledge/text_editing.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::knowledge {

inline constexpr std::size_t kMostSynonyms = 500;         // of a town, and of the house
inline constexpr std::size_t kMostPhrases = 10;           // said, and meant
inline constexpr std::size_t kLongestSynonymPhrase = 100; // bytes

struct PlacedSynonym {
    MunicipalityId municipality = kCommonText; // for questions about it; kCommonText: for all
    SynonymEntry words;
    friend bool operator==(const PlacedSynonym &, const PlacedSynonym &) = default;
};

struct SynonymRule {
    std::int64_t id = 0;
    PlacedSynonym synonym;
    bool removed = false; // the search does not know it
    Instant changed_at;
    std::int64_t version = 1;
    friend bool operator==(const SynonymRule &, const SynonymRule &) = default;
};

// Written beside a change, in its transaction (people/audit.h, which this room does not know).
using SynonymAudit =
    std::function<Expected<void>(storage::Connection &, std::string_view action,
                                 std::int64_t subject, const std::vector<std::string> &fields)>;

[[nodiscard]] bool may_write(const Editor &editor, const SynonymRule &rule);

// Problems: "synonym.not_found" (also a foreign one), "synonym.centre_only" (the house's, by a
// town's editor), "synonym.stale" (version), "synonym.words" (field: a phrase without a word that
// says something, with more than kLongestSynonym of them, too long, or none at all),
// "synonym.taken" (it stands there already), "synonym.too_many" (most), "synonym.removed", and
// "municipality.not_found".
class SynonymRules {
  public:
    SynonymRules(storage::Database &database, const Clock &clock)
        : database_(database), clock_(clock) {}

    // What the editor may read, newest first, with the removed ones: a town's are the house's and
    // its own.
    [[nodiscard]] Expected<std::vector<SynonymRule>> all(const Editor &editor) const;

    [[nodiscard]] Expected<SynonymRule> add(const Editor &editor, const PlacedSynonym &wanted,
                                            const SynonymAudit &audit);
    [[nodiscard]] Expected<SynonymRule> change(const Editor &editor, std::int64_t id,
                                               std::int64_t version, const SynonymEntry &words,
                                               const SynonymAudit &audit);
    [[nodiscard]] Expected<SynonymRule> remove(const Editor &editor, std::int64_t id,
                                               std::int64_t version, const SynonymAudit &audit);
    [[nodiscard]] Expected<SynonymRule> restore(const Editor &editor, std::int64_t id,
                                                std::int64_t version, const SynonymAudit &audit);

  private:
    storage::Database &database_;
    const Clock &clock_;
};

// What the search knows beside the shipped list.
[[nodiscard]] Expected<std::vector<PlacedSynonym>> standing_synonyms(storage::Database &database);

} // namespace fernamt::knowledge
