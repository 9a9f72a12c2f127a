// SPDX-License-Identifier: EUPL-1.2
// One object of the knowledge as XZuFi knows it: a public service, its specialisation for areas, an
// office with people and hours, an online service, a form, a responsibility (service x area x
// holder x role). This is what is asked for; the whole object, with everything unknown, is its XML.
// Texts are HTML of the white list (html.h). Plain values, no I/O.
#pragma once

#include "knowledge/areas.h"
#include "knowledge/opening_hours.h"
#include "knowledge/service.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::knowledge {

enum class ObjectKind {
    service = 1,
    specialisation,
    office,
    online_service,
    form,
    responsibility,
};
inline constexpr int kObjectKinds = 6;
[[nodiscard]] std::string_view to_string(ObjectKind kind); // "service"
[[nodiscard]] std::optional<ObjectKind> object_kind(std::int64_t number);

// Who made it (schemeAgencyID) and how it is called there: unique together within a kind.
struct ObjectKey {
    std::string agency;
    std::string local_id;
    std::string scheme;
    friend bool operator==(const ObjectKey &, const ObjectKey &) = default;
};

// The demo numbers its services by hand; ids below kFreeIds are not computed.
inline constexpr std::string_view kDemoAgency = "demo";
inline constexpr std::int64_t kFreeIds = 1 << 20;

// Our id: computed, so that references need no look-up. 52 bits, because clients read it as a JSON
// number; responsibilities, of which there are millions and which nobody asks for by id, have 62.
// Two keys with one id are found when they are stored, and the second one is refused.
[[nodiscard]] std::int64_t object_id(ObjectKind kind, std::string_view agency,
                                     std::string_view local_id);
[[nodiscard]] inline std::int64_t object_id(ObjectKind kind, const ObjectKey &key) {
    return object_id(kind, key.agency, key.local_id);
}

struct ModuleText {
    std::string module; // XZuFi text module code ("06"), "fee", "deadline", "duration" or "own"
    std::string language;
    std::string html;
};

struct Term {
    std::string role; // "synonym", or "name" in another language than German
    std::string language;
    std::string term;
};

struct Link {
    std::string role; // "further", "legal", "form", "online", "origin", "web"
    std::string language;
    std::string uri;
    std::string title;
};

enum class AmountKind { fee, deadline, duration };
[[nodiscard]] std::string_view to_string(AmountKind kind);

struct Amount {
    AmountKind kind = AmountKind::fee;
    std::string type;                   // code of the list (Kostentyp, Fristtyp)
    std::optional<std::int64_t> amount; // cents, or a number of units
    std::string unit;                   // "EUR", "TAG"
};

struct ValueKey {
    std::string scheme; // "leika", "ozg", "sdg", "category", "addressee", "secondary"
    std::string value;
};

struct Address {
    std::string type; // 001 house, 002 visitors, 003 post box ...
    std::string street, house_number, post_box, postcode, place;
    std::string addition; // lines divided by \n; the first stands before the street
    std::optional<AreaId> area;
};

struct Contact {
    std::string channel; // 01 e-mail, 02 telephone, 03 mobile, 04 fax, 09 web ...
    std::string value;
    std::string addition;
};

struct Person {
    std::string local_id;
    std::string salutation, title, given_name, family_name, position, room, hours_text;
    std::vector<Contact> contacts;
};

// Who answers for a service in some areas.
struct Responsibility {
    ObjectKey service;
    std::vector<AreaId> areas; // empty: everywhere
    ObjectKind holder_kind = ObjectKind::office;
    ObjectKey holder;
    std::string role; // "Zuständige Stelle"
};

struct KnowledgeObject {
    ObjectKind kind = ObjectKind::service;
    ObjectKey key;
    std::string changed_at; // as delivered
    std::string name;       // German; of a service what citizens call it (module 03, else 02)
    std::vector<Term> terms;
    std::vector<ValueKey> keys;
    std::vector<Link> links;
    std::vector<AreaId> areas; // of validity, of a specialisation, of a responsibility

    // service, specialisation
    std::string official_name; // module 02
    std::string type;          // "lo", "lov", "lovd"
    std::string typification;  // "4a"
    std::string approved_on;   // date
    std::string approved_by;
    std::vector<ModuleText> texts;
    std::vector<Amount> amounts;

    ObjectKey service; // of a specialisation
    // A responsibility has exactly one; an office may bring its own along.
    std::vector<Responsibility> responsibilities;

    // office
    ObjectKey parent;
    std::string description;
    std::string hours_text; // lines
    std::string desk_note;  // for the service centre only
    std::vector<Address> addresses;
    std::vector<Contact> contacts;
    std::vector<Person> people;

    std::string trust_level; // online service
};

// Who carries a service out, from its typification (urn:de:fim:leika:typisierung, R-47): 1 is the
// federation, 2a, 3a and 4a the Länder, 2b, 3b, 4b and 5 the municipalities and districts. Nothing
// where the code leaves it open (2, 3, 2/3, 4) or speaks of something else (6 and above).
[[nodiscard]] std::optional<Administration> level_of_typification(std::string_view typification);
// The same where an office answers for one area alone, which may say more of what the typification
// says or leaves open: what municipalities and districts carry out, the district does for a
// whole district; what Länder or municipalities do, the Land does for a whole Land. Without a
// typification an area says nothing: an office of the Land may answer for one town or district (a
// tax office), one of the federation for one Land.
[[nodiscard]] std::optional<Administration> level_there(std::string_view typification,
                                                        std::optional<AreaLevel> area);

} // namespace fernamt::knowledge
