// SPDX-License-Identifier: EUPL-1.2
// The stored guides: a draft may have faults, what is released has none and was seen by four eyes
// (text_editing.h). Agents are led by what is released for the municipality of the call or for all.
// A municipality's editors write its own, the centre those for all.
#pragma once

#include "knowledge/guide.h"
#include "knowledge/text_editing.h"

#include <optional>
#include <vector>

namespace fernamt::knowledge {

using GuideId = Id<struct GuideTag>;

struct StoredGuide {
    GuideId id;
    MunicipalityId municipality = kCommonText;
    ServiceId service;   // may be none
    std::string title;   // released; empty: not released yet
    GuideSteps released; // empty: not released yet
    std::string draft_title;
    GuideSteps draft;
    std::optional<DraftState> state; // of the draft; none: there is none
    UserId author;                   // of the draft
    std::int64_t version = 1;
};

inline constexpr std::size_t kLongestGuideTitle = 120;

// Problems: "knowledge.guide_not_found" (also a foreign one), "knowledge.guide_stale" (version),
// "knowledge.guide_faulty" (step, fault), "knowledge.common_text_centre_only",
// "municipality.not_found", "knowledge.draft_state", "knowledge.four_eyes".
class GuideBook {
  public:
    GuideBook(storage::Database &database, const Clock &clock)
        : database_(database), clock_(clock) {}

    // What somebody may be led by: of one municipality and for all; without one, all there are.
    [[nodiscard]] Expected<std::vector<StoredGuide>>
    released(std::optional<MunicipalityId> municipality) const;
    // Everything that this editor may write.
    [[nodiscard]] Expected<std::vector<StoredGuide>> all(const Editor &editor) const;
    [[nodiscard]] Expected<StoredGuide> find(GuideId id) const; // whosever it is
    // Of its draft: those of the steps, then what they name and what is not there in the guide's
    // municipality; of a guide for all, in none.
    [[nodiscard]] Expected<std::vector<GuideFault>> faults(const StoredGuide &guide) const;

    [[nodiscard]] Expected<StoredGuide> add(const Editor &editor, MunicipalityId municipality,
                                            ServiceId service, const std::string &title,
                                            const GuideSteps &steps);
    [[nodiscard]] Expected<StoredGuide> save(const Editor &editor, GuideId id, std::int64_t version,
                                             const std::string &title, const GuideSteps &steps);
    [[nodiscard]] Expected<StoredGuide> submit(const Editor &editor, GuideId id,
                                               std::int64_t version);
    [[nodiscard]] Expected<StoredGuide> give_back(const Editor &editor, GuideId id,
                                                  std::int64_t version);
    [[nodiscard]] Expected<StoredGuide> release(const Editor &editor, GuideId id,
                                                std::int64_t version);
    [[nodiscard]] Expected<void> remove(const Editor &editor, GuideId id, std::int64_t version);

  private:
    storage::Database &database_;
    const Clock &clock_;
};

} // namespace fernamt::knowledge
