// SPDX-License-Identifier: EUPL-1.2
// How an own text comes to be shown: somebody writes a draft, submits it, and another person
// releases it (four eyes). Every text that was shown stays as a numbered version; an older one can
// be brought back at once, because two people have released it before. A draft has an edition, so
// that of fifty editors who save at once one wins and the others read first. A municipality's
// editors write its texts; the common ones are written by the centre, and by the municipality that
// checks them for all, but released by the centre alone.
#pragma once

#include "knowledge/local_text.h"

#include <cstdint>

namespace fernamt::knowledge {

struct Editor {
    UserId user;
    std::optional<MunicipalityId> municipality; // empty: the service centre
};

struct TextPlace {
    ServiceId service;
    MunicipalityId municipality = kCommonText;
    std::optional<SectionKey> section; // none: the sentence to read aloud
    bool internal = false;             // for the municipality's own staff; sections only
    friend bool operator==(const TextPlace &, const TextPlace &) = default;
};
// "telephone" or the section's name.
[[nodiscard]] std::string part_name(const std::optional<SectionKey> &section);

struct TextContent {
    std::vector<std::string> lines; // none: no own text, what is delivered is shown again
    std::optional<LocalDate> expires_on;
    friend bool operator==(const TextContent &, const TextContent &) = default;
};

enum class DraftState { draft, submitted };
[[nodiscard]] std::string_view to_string(DraftState state);

struct Draft {
    TextPlace place;
    TextContent content;
    DraftState state = DraftState::draft;
    UserId author;            // who wrote last
    std::string remark;       // of who gave it back
    std::int64_t edition = 0; // 0: there is none yet
    Instant changed_at;
};

enum class VersionKind { before, released, restored };
[[nodiscard]] std::string_view to_string(VersionKind kind);

struct TextVersion {
    std::int64_t number = 0;
    VersionKind kind = VersionKind::released;
    TextContent content;
    UserId written_by; // none: it stood there before versions were kept
    UserId released_by;
    Instant released_at;
    std::int64_t restored_from = 0;
};

inline constexpr std::size_t kLongestRemark = 500;

// Problems: "knowledge.not_found" (service), "knowledge.common_text_centre_only",
// "municipality.not_found" (a foreign one), those of check() in local_text.h,
// "knowledge.text_over" (day) for a last day that is over: it would be shown nowhere,
// "knowledge.draft_stale" (edition), "knowledge.draft_not_found", "knowledge.draft_state" (state),
// "knowledge.four_eyes", "knowledge.version_not_found".
class TextEditing {
  public:
    TextEditing(storage::Database &database, const Clock &clock)
        : database_(database), clock_(clock) {}

    // Writes a draft; one that was submitted is a draft again, by this author.
    [[nodiscard]] Expected<Draft> save(const Editor &editor, const TextPlace &place,
                                       const TextContent &content, std::int64_t edition);
    [[nodiscard]] Expected<Draft> submit(const Editor &editor, const TextPlace &place,
                                         std::int64_t edition);
    // Gives a submitted draft back to its author with a remark.
    [[nodiscard]] Expected<Draft> give_back(const Editor &editor, const TextPlace &place,
                                            std::int64_t edition, const std::string &remark);
    [[nodiscard]] Expected<void> discard(const Editor &editor, const TextPlace &place,
                                         std::int64_t edition);
    // Shows a submitted draft; returns the number of its version.
    [[nodiscard]] Expected<std::int64_t> release(const Editor &editor, const TextPlace &place,
                                                 std::int64_t edition);
    // Shows an older version again, as a new one.
    [[nodiscard]] Expected<std::int64_t> restore(const Editor &editor, const TextPlace &place,
                                                 std::int64_t number);

    // Newest first.
    [[nodiscard]] Expected<std::vector<TextVersion>> history(const Editor &editor,
                                                             const TextPlace &place) const;
    // Of one service's texts of one municipality, or all that this editor may write or release.
    [[nodiscard]] Expected<std::vector<Draft>> drafts(const Editor &editor, ServiceId service,
                                                      MunicipalityId municipality) const;
    [[nodiscard]] Expected<std::vector<Draft>> drafts(const Editor &editor) const;

    struct OwnText {
        TextPlace place;
        TextContent content;
        std::int64_t version = 0; // 0: from before versions were kept
    };
    // What is shown now, of one service's own texts of one municipality.
    [[nodiscard]] Expected<std::vector<OwnText>> shown(const Editor &editor, ServiceId service,
                                                       MunicipalityId municipality) const;

  private:
    storage::Database &database_;
    const Clock &clock_;
};

// May the editor write these texts? Of common ones: the centre, and who checks them for all.
[[nodiscard]] Expected<void> may_write(storage::Connection &connection, const Editor &editor,
                                       ServiceId service, MunicipalityId municipality);

} // namespace fernamt::knowledge
