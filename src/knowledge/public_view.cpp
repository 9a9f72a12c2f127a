// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/public_view.h"

#include "knowledge/delivered.h"
#include "knowledge/html.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace fernamt::knowledge {

namespace {

struct Shown {
    std::string_view module;
    std::string_view title;
};
// In this order. Documents (08), fees, deadlines and offices stand in the article's sections.
constexpr std::array<Shown, 8> kShown{{{"06", "Beschreibung"},
                                       {"09", "Voraussetzungen"},
                                       {"11", "Ablauf"},
                                       {"14", "Formulare"},
                                       {"16", "Hinweise"},
                                       {"25", "Rechtsbehelf"},
                                       {"07", "Rechtsgrundlage"},
                                       {"15", "Weitere Informationen"}}};

Reference reference(const storage::Row &row) { // id, agency, local_id, name, role
    return {.id = row.integer(0),
            .key = {row.text(1), row.text(2), {}},
            .name = row.text(3),
            .role = row.text(4)};
}

Expected<std::vector<Reference>> references(storage::Connection &connection, const std::string &sql,
                                            const std::vector<storage::Value> &values) {
    std::vector<Reference> all;
    const auto done = connection.each(sql, values, [&](const storage::Row &row) {
        const std::int64_t id = row.integer(0);
        if (std::ranges::find(all, id, &Reference::id) == all.end()) all.push_back(reference(row));
        return true;
    });
    if (!done) return tl::unexpected(done.error());
    return all;
}

Expected<void> read_addresses(storage::Connection &connection, PublicOffice &office) {
    return connection.each(
        "SELECT type, street, house_number, post_box, postcode, place, addition FROM "
        "knowledge_address WHERE office = $1 ORDER BY CASE type WHEN '002' THEN 0 WHEN '001' THEN "
        "1 ELSE 2 END, ordinal",
        {office.id}, [&](const storage::Row &row) {
            office.addresses.push_back({.type = row.text(0),
                                        .street = row.text(1),
                                        .house_number = row.text(2),
                                        .post_box = row.text(3),
                                        .postcode = row.text(4),
                                        .place = row.text(5),
                                        .addition = row.text(6),
                                        .area = {}});
            return true;
        });
}

Expected<void> read_contacts(storage::Connection &connection, PublicOffice &office) {
    return connection.each("SELECT channel, value, addition FROM knowledge_contact WHERE "
                           "office = $1 AND person = 0 ORDER BY ordinal",
                           {office.id}, [&](const storage::Row &row) {
                               office.contacts.push_back({row.text(0), row.text(1), row.text(2)});
                               return true;
                           });
}

Expected<void> read_hours(storage::Connection &connection, PublicOffice &office) {
    return connection.each("SELECT weekday, from_minute, to_minute FROM knowledge_hours WHERE "
                           "office = $1 AND person = 0 ORDER BY weekday, from_minute",
                           {office.id}, [&](const storage::Row &row) {
                               office.hours.push_back({static_cast<Weekday>(row.integer(0)),
                                                       static_cast<int>(row.integer(1)),
                                                       static_cast<int>(row.integer(2))});
                               return true;
                           });
}

std::string_view letters(ObjectKind kind) {
    if (kind == ObjectKind::office) return "OE";
    return kind == ObjectKind::online_service ? "OD" : "LB";
}

} // namespace

Expected<std::vector<PublicText>> public_texts(storage::Connection &connection, ServiceId service,
                                               MunicipalityId municipality) {
    const auto delivered = read_delivered(connection, service, lineage(municipality));
    if (!delivered) return tl::unexpected(delivered.error());
    std::vector<PublicText> texts;
    for (const Shown &shown : kShown) {
        const auto found = delivered->html.find(shown.module);
        if (found == delivered->html.end()) continue;
        std::string html;
        for (const std::string &piece : found->second)
            html += clean_html(piece);
        texts.push_back({std::string(shown.module), std::string(shown.title), std::move(html)});
    }
    return texts;
}

Expected<std::vector<Reference>> offices_for(storage::Connection &connection, ServiceId service,
                                             MunicipalityId municipality) {
    const AreaFilter here = area_filter(lineage(municipality), service.value);
    return references(connection,
                      "SELECT r.holder, k.agency, k.local_id, o.name, r.role FROM "
                      "knowledge_responsibility r JOIN knowledge_office o ON o.id = r.holder JOIN "
                      "knowledge_object k ON k.id = o.id WHERE r.service = $1 AND r.area IN " +
                          here.list + " ORDER BY r.area DESC, o.name, r.holder",
                      here.values);
}

Expected<std::vector<Reference>> offices_in(storage::Connection &connection,
                                            MunicipalityId municipality) {
    const AreaFilter here = area_filter(lineage(municipality), std::nullopt);
    return references(connection,
                      "SELECT DISTINCT o.id, k.agency, k.local_id, o.name, '' FROM "
                      "knowledge_responsibility r JOIN knowledge_office o ON o.id = r.holder JOIN "
                      "knowledge_object k ON k.id = o.id WHERE r.area IN " +
                          here.list + " ORDER BY o.name, o.id",
                      here.values);
}

Expected<std::vector<Reference>> online_services_for(storage::Connection &connection,
                                                     ServiceId service,
                                                     MunicipalityId municipality) {
    const AreaFilter here = area_filter(lineage(municipality), service.value);
    auto all = references(
        connection,
        "SELECT r.holder, k.agency, k.local_id, f.name, COALESCE((SELECT MIN(l.uri) FROM "
        "knowledge_link l WHERE l.owner = f.id), '') FROM knowledge_responsibility r JOIN "
        "knowledge_offer f ON f.id = r.holder JOIN knowledge_object k ON k.id = f.id WHERE "
        "r.service = $1 AND r.area IN " +
            here.list + " ORDER BY r.area DESC, f.name, r.holder",
        here.values);
    if (all) std::erase_if(*all, [](const Reference &one) { return !is_safe_address(one.role); });
    return all;
}

Expected<std::vector<Offer>> offers_for(storage::Connection &connection, ServiceId service,
                                        std::optional<MunicipalityId> municipality) {
    const std::vector<AreaId> areas = municipality ? lineage(*municipality) : std::vector<AreaId>{};
    const AreaFilter here = area_filter(areas, service.value);
    const std::string at = municipality ? " AND r.area IN " + here.list : "";
    std::vector<Offer> offers;
    const auto take = [&](const storage::Row &row) { // id, kind, name, address
        Offer made{.id = row.integer(0),
                   .form = object_kind(row.integer(1)) == ObjectKind::form,
                   .name = row.text(2),
                   .address = row.text(3)};
        if (!made.address.empty() && !is_safe_address(made.address)) return true;
        if (made.name.empty()) made.name = made.address;
        const bool known = std::ranges::any_of(offers, [&](const Offer &other) {
            return other.id == made.id ? made.id != 0 || other.address == made.address
                                       : made.id == 0 && other.address == made.address;
        });
        if (!known && !made.name.empty()) offers.push_back(std::move(made));
        return offers.size() < kMostOffers;
    };
    auto done = connection.each(
        "SELECT r.holder, k.kind, f.name, COALESCE((SELECT MIN(l.uri) FROM knowledge_link l WHERE "
        "l.owner = f.id), '') FROM knowledge_responsibility r JOIN knowledge_offer f ON f.id = "
        "r.holder JOIN knowledge_object k ON k.id = f.id WHERE r.service = $1" +
            at + " ORDER BY r.area DESC, f.name, r.holder",
        here.values, take);
    if (!done) return tl::unexpected(done.error());
    std::optional<std::int64_t> special;
    if (municipality) {
        auto found = specialisation_for(connection, service, areas);
        if (!found) return tl::unexpected(found.error());
        special = *found;
    }
    done = connection.each(fmt::format("SELECT 0, {}, title, uri FROM knowledge_link WHERE owner "
                                       "IN ($1, $2) AND role = 'form' ORDER BY owner, ordinal",
                                       static_cast<int>(ObjectKind::form)),
                           {service.value, special.value_or(service.value)}, take);
    if (!done) return tl::unexpected(done.error());
    return offers;
}

Expected<std::optional<PublicOffice>>
read_public_office(storage::Connection &connection, std::int64_t id, MunicipalityId municipality) {
    std::optional<PublicOffice> office;
    const AreaFilter here = area_filter(lineage(municipality), id);
    auto services = references(
        connection,
        "SELECT s.id, k.agency, k.local_id, s.name, r.role FROM knowledge_responsibility r JOIN "
        "knowledge_public_service s ON s.id = r.service JOIN knowledge_object k ON k.id = s.id "
        "WHERE r.holder = $1 AND r.area IN " +
            here.list + " ORDER BY s.name, s.id",
        here.values);
    if (!services) return tl::unexpected(services.error());
    if (services->empty()) return office;
    auto done = connection.each(
        "SELECT o.name, o.description, o.hours_text, k.agency, k.local_id FROM knowledge_office o "
        "JOIN knowledge_object k ON k.id = o.id WHERE o.id = $1",
        {id}, [&](const storage::Row &row) {
            office.emplace();
            office->id = id;
            office->name = row.text(0);
            office->description = clean_html(row.text(1));
            office->hours_lines = plain_lines(escape_html(row.text(2)));
            office->key = {row.text(3), row.text(4), {}};
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    if (!office) return office;
    office->services = std::move(*services);
    for (const auto read : {&read_addresses, &read_contacts, &read_hours}) {
        if (auto more = read(connection, *office); !more) return tl::unexpected(more.error());
    }
    return office;
}

std::string portal_id(ObjectKind kind, const ObjectKey &key) {
    return fmt::format("{}.{}.{}", key.agency, letters(kind), key.local_id);
}

std::optional<std::int64_t> parse_portal_id(ObjectKind kind, std::string_view text) {
    const std::string middle = fmt::format(".{}.", letters(kind));
    const auto at = text.find(middle);
    if (at == std::string_view::npos || at == 0) return std::nullopt;
    const std::string_view agency = text.substr(0, at);
    const std::string_view local = text.substr(at + middle.size());
    if (local.empty()) return std::nullopt;
    return object_id(kind, agency, local);
}

Expected<ObjectKey> key_of_object(storage::Connection &connection, std::int64_t id) {
    ObjectKey key;
    const auto done = connection.each("SELECT agency, local_id FROM knowledge_object WHERE id = $1",
                                      {id}, [&](const storage::Row &row) {
                                          key = {row.text(0), row.text(1), {}};
                                          return true;
                                      });
    if (!done) return tl::unexpected(done.error());
    return key;
}

} // namespace fernamt::knowledge
