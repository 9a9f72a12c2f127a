// SPDX-License-Identifier: EUPL-1.2
// What everybody may read about a town's services and offices, beyond the article: the delivered
// texts that no section of the telephone holds, the offices that answer, each office with address,
// contacts and hours. Delivered and public only: own texts come with the article, the centre's desk
// notes, persons, drafts and internal texts never come from here.
#pragma once

#include "base/problem.h"
#include "knowledge/model.h"
#include "knowledge/service.h"
#include "storage/database.h"

#include <optional>
#include <string>
#include <vector>

namespace fernamt::knowledge {

struct PublicText {
    std::string module; // "06"
    std::string title;  // German heading
    std::string html;   // of the white list (html.h)
};
// Those of the most specific specialisation replace the service's own, module by module.
[[nodiscard]] Expected<std::vector<PublicText>>
public_texts(storage::Connection &connection, ServiceId service, MunicipalityId municipality);

struct Reference {
    std::int64_t id = 0;
    ObjectKey key;
    std::string name;
    std::string role; // "Zuständige Stelle"
};
// The nearest first.
[[nodiscard]] Expected<std::vector<Reference>>
offices_for(storage::Connection &connection, ServiceId service, MunicipalityId municipality);
// Everybody who answers for something there, by name.
[[nodiscard]] Expected<std::vector<Reference>> offices_in(storage::Connection &connection,
                                                          MunicipalityId municipality);
// The online services for it there, with their address as role.
[[nodiscard]] Expected<std::vector<Reference>> online_services_for(storage::Connection &connection,
                                                                   ServiceId service,
                                                                   MunicipalityId municipality);

// Where a citizen asks for a service in writing: online services and forms that are delivered for
// it, and the forms that its texts link to.
struct Offer {
    std::int64_t id = 0; // 0: a link of its texts
    bool form = false;
    std::string name;    // never empty
    std::string address; // https, http or mailto; empty: the name says where
};
inline constexpr std::size_t kMostOffers = 50;
// In one municipality, the nearest first; without one, all that there are anywhere.
[[nodiscard]] Expected<std::vector<Offer>> offers_for(storage::Connection &connection,
                                                      ServiceId service,
                                                      std::optional<MunicipalityId> municipality);

struct PublicOffice {
    std::int64_t id = 0;
    ObjectKey key;
    std::string name;
    std::string description; // HTML of the white list
    std::vector<std::string> hours_lines;
    std::vector<OpeningInterval> hours; // where the text was understood
    std::vector<Address> addresses;     // visitors' first
    std::vector<Contact> contacts;      // of the office, not of persons
    std::vector<Reference> services;    // it answers for in the municipality, by name
};
// Nothing if it answers for nothing there.
[[nodiscard]] Expected<std::optional<PublicOffice>>
read_public_office(storage::Connection &connection, std::int64_t id, MunicipalityId municipality);

// "L100042.LB.101954", as the federal portal names services (LB) and offices (OE).
[[nodiscard]] std::string portal_id(ObjectKind kind, const ObjectKey &key);
// Our id of such a name; nothing for what is none of that kind.
[[nodiscard]] std::optional<std::int64_t> parse_portal_id(ObjectKind kind, std::string_view text);
[[nodiscard]] Expected<ObjectKey> key_of_object(storage::Connection &connection, std::int64_t id);

} // namespace fernamt::knowledge
