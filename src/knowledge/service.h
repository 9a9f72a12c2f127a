// SPDX-License-Identifier: EUPL-1.2
// A public service (Leistung) as the agent needs it on the telephone: one sentence to read aloud,
// then sections in a fixed order: opening hours, documents and contact first. Common text
// is shared, local text belongs to one municipality. General information only, no legal advice
// (F-08). Texts are plain; showing them as HTML is the reader's matter.
#pragma once

#include "base/calendar.h"
#include "base/id.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::knowledge {

using ServiceId = Id<struct ServiceTag>;

// In the order in which they are shown.
enum class SectionKey {
    opening_hours,
    documents,
    contact,
    responsible,
    fee,
    where,
    online,
    deadline,
};
inline constexpr int kSectionKeys = 8;
[[nodiscard]] std::string_view to_string(SectionKey key); // "opening_hours"
[[nodiscard]] std::optional<SectionKey> parse_section_key(std::string_view text);
[[nodiscard]] std::string_view heading_de(SectionKey key); // "Öffnungszeiten"
[[nodiscard]] std::string_view heading_en(SectionKey key);

struct Section {
    SectionKey key = SectionKey::opening_hours;
    std::vector<std::string> lines; // never empty
    friend bool operator==(const Section &, const Section &) = default;
};

// due: never checked, or longer ago than the review interval
enum class Freshness { current, due };
[[nodiscard]] std::string_view to_string(Freshness freshness);

inline constexpr int kUsualReviewDays = 365;

// When somebody last said that a text is true. A delivery is none: that a text came again, or was
// changed where it comes from, says nothing about who has read it.
struct Check {
    std::optional<LocalDate> on = {}; // none: never
    int days = kUsualReviewDays;
    [[nodiscard]] Freshness at(const LocalDate &today) const;
};
// `reviewed`: here, "2026-11-23"; `approved`: by the source (fachlichFreigegebenAm), which holds
// where nobody has checked here. Either may be empty.
[[nodiscard]] std::optional<LocalDate> last_check(std::string_view reviewed,
                                                  std::string_view approved);

struct Service { // without its sections
    ServiceId id;
    std::string leika; // 14 digits, "99..."; empty if it could not be verified
    std::string name;  // official
    std::string colloquial;
    std::vector<std::string> synonyms;
    std::string short_answer;                 // one sentence to read aloud
    Check check = {};                         // in an article, a hit: what is shown there
    std::optional<LocalDate> changed_on = {}; // where it comes from
};

// Which level of administration carries a service out. Local: the municipality or its
// district, and nothing says which.
enum class Administration { federation, land, district, local };
[[nodiscard]] std::string_view to_string(Administration level); // "federation"

// What holds in a municipality: the common check and its own, of which the older is told. Its own
// counts once it has been made.
struct CheckedThere {
    std::optional<LocalDate> on;
    Freshness state = Freshness::due;
};
[[nodiscard]] CheckedThere checked_there(const Check &common, const Check &own,
                                         const LocalDate &today);

// Who reads. Internal notes of a municipality are for its own staff and for the service centre,
// which answers in its name; an office's hints for the telephone are for the centre alone
// (docs/decisions/0016). Nobody in particular, the default, reads what is public.
struct KnowledgeReader {
    bool centre = false;
    std::optional<MunicipalityId> municipality = {}; // town hall staff: of this one

    [[nodiscard]] bool signed_in() const { return centre || municipality; }
    [[nodiscard]] bool may_read_notes_of(MunicipalityId id) const {
        return id && (centre || municipality == id);
    }
};

struct InternalNote {
    std::string text; // one line
    MunicipalityId municipality;
    std::optional<SectionKey> section = {}; // of a municipality's note
    std::string office = {};                // whose hint for the service centre it is
    friend bool operator==(const InternalNote &, const InternalNote &) = default;
};

struct Article { // a service as one municipality offers it
    Service service;
    MunicipalityId municipality;
    Freshness state = Freshness::current;
    std::optional<Administration> level = {}; // nothing: not known
    bool answered = true; // somebody there answers for it; else only what is common stands here
    std::string read_aloud;
    std::vector<Section> sections;      // in the order of SectionKey; empty ones are left out
    std::vector<InternalNote> internal; // what this reader may see and must not read aloud
};

} // namespace fernamt::knowledge
