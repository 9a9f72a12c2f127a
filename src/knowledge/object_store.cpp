// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/object_store.h"

#include "knowledge/bulk_rows.h"
#include "knowledge/xzufi_object.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace fernamt::knowledge {

namespace {

struct Table {
    std::string_view name;
    std::string_view owner; // the column with the object's id
    std::array<bool, kObjectKinds> of;
};
//                                        service special office online form  responsibility
constexpr std::array<Table, 14> kTables{
    {{"knowledge_public_service", "id", {true, false, false, false, false, false}},
     {"knowledge_specialisation", "id", {false, true, false, false, false, false}},
     {"knowledge_key", "owner", {true, true, true, true, true, true}},
     {"knowledge_text", "owner", {true, true, false, false, false, false}},
     {"knowledge_term", "owner", {true, true, true, false, false, false}},
     {"knowledge_link", "owner", {true, true, true, true, true, false}},
     {"knowledge_amount", "owner", {true, true, false, false, false, false}},
     {"knowledge_area", "owner", {true, true, false, false, false, false}},
     {"knowledge_office", "id", {false, false, true, false, false, false}},
     {"knowledge_address", "office", {false, false, true, false, false, false}},
     {"knowledge_person", "office", {false, false, true, false, false, false}},
     {"knowledge_contact", "office", {false, false, true, false, false, false}},
     {"knowledge_hours", "office", {false, false, true, false, false, false}},
     {"knowledge_offer", "id", {false, false, false, true, true, false}}}};

class Rows {
  public:
    void add(std::int64_t id, const KnowledgeObject &object) {
        id_ = id;
        add_keys(object);
        switch (object.kind) {
        case ObjectKind::service:
            services_.add({id, object.type, object.typification, object.name, object.official_name,
                           object.approved_on, object.approved_by});
            add_modules(object);
            break;
        case ObjectKind::specialisation:
            specialisations_.add({id, object_id(ObjectKind::service, object.service)});
            add_modules(object);
            break;
        case ObjectKind::office:
            add_office(object);
            break;
        case ObjectKind::online_service:
        case ObjectKind::form:
            offers_.add({id, object.name, object.trust_level});
            break;
        case ObjectKind::responsibility:
            break;
        }
        add_links(object);
        add_responsibilities(object);
    }

    [[nodiscard]] Expected<void> write(storage::Connection &connection) {
        for (BulkInsert *each : {&services_, &specialisations_, &keys_, &texts_, &terms_, &links_,
                                 &amounts_, &areas_, &offices_, &addresses_, &people_, &contacts_,
                                 &hours_, &offers_, &responsibilities_}) {
            if (auto done = each->write(connection); !done) return done;
        }
        return {};
    }

  private:
    void add_keys(const KnowledgeObject &object) {
        std::set<std::pair<std::string_view, std::string_view>> seen;
        for (const ValueKey &key : object.keys) {
            if (seen.emplace(key.scheme, key.value).second) keys_.add({id_, key.scheme, key.value});
        }
    }

    void add_links(const KnowledgeObject &object) {
        std::int64_t ordinal = 0;
        for (const Link &link : object.links)
            links_.add({id_, ordinal++, link.role, link.language, link.uri, link.title});
    }

    void add_terms(const KnowledgeObject &object) {
        std::int64_t ordinal = 0;
        for (const Term &term : object.terms)
            terms_.add({id_, ordinal++, term.role, term.language, term.term});
    }

    void add_modules(const KnowledgeObject &object) {
        std::int64_t ordinal = 0;
        for (const ModuleText &text : object.texts)
            texts_.add({id_, ordinal++, text.module, text.language, text.html});
        ordinal = 0;
        for (const Amount &amount : object.amounts) {
            storage::Value value = nullptr;
            if (amount.amount) value = *amount.amount;
            amounts_.add({id_, ordinal++, std::string(to_string(amount.kind)), amount.type, value,
                          amount.unit});
        }
        const std::set<AreaId> areas(object.areas.begin(), object.areas.end());
        for (const AreaId area : areas)
            areas_.add({id_, area.value});
        add_terms(object);
    }

    void add_contacts(const std::vector<Contact> &contacts, std::int64_t person) {
        for (const Contact &contact : contacts) {
            contacts_.add(
                {id_, contact_++, person, contact.channel, contact.value, contact.addition});
        }
    }

    void add_hours(std::string_view text, std::int64_t person) {
        for (const OpeningInterval &each : parse_opening_hours(text).intervals) {
            hours_.add({id_, interval_++, person, static_cast<std::int64_t>(each.weekday),
                        std::int64_t{each.from_minute}, std::int64_t{each.to_minute}});
        }
    }

    void add_people(const KnowledgeObject &object) {
        std::set<std::int64_t> seen; // a person told twice keeps both entries
        std::int64_t ordinal = 0;
        for (const Person &person : object.people) {
            const std::string name =
                person.local_id.empty() ? fmt::format("{}", ordinal) : person.local_id;
            std::string local = object.key.local_id + "#" + name;
            std::int64_t id = object_id(ObjectKind::office, object.key.agency, local);
            while (!seen.insert(id).second) {
                local += fmt::format("#{}", ordinal);
                id = object_id(ObjectKind::office, object.key.agency, local);
            }
            people_.add({id, id_, ordinal++, person.salutation, person.title, person.given_name,
                         person.family_name, person.position, person.room, person.hours_text});
            add_contacts(person.contacts, id);
            add_hours(person.hours_text, id);
        }
    }

    void add_office(const KnowledgeObject &object) {
        const std::int64_t parent =
            object.parent.local_id.empty() ? 0 : object_id(ObjectKind::office, object.parent);
        offices_.add(
            {id_, parent, object.name, object.description, object.hours_text, object.desk_note});
        std::int64_t ordinal = 0;
        for (const Address &each : object.addresses) {
            storage::Value area = nullptr;
            if (each.area) area = each.area->value;
            addresses_.add({id_, ordinal++, each.type, each.street, each.house_number,
                            each.post_box, each.postcode, each.place, each.addition, area});
        }
        contact_ = 0;
        interval_ = 0;
        add_contacts(object.contacts, 0);
        add_hours(object.hours_text, 0);
        add_people(object);
        add_terms(object);
    }

    void add_responsibilities(const KnowledgeObject &object) {
        std::int64_t ordinal = 0;
        for (const Responsibility &one : object.responsibilities) {
            const std::int64_t service = object_id(ObjectKind::service, one.service);
            const std::int64_t holder = object_id(one.holder_kind, one.holder);
            const auto add = [&](AreaId area) {
                responsibilities_.add({id_, ordinal++, service, area.value, holder, one.role});
            };
            if (one.areas.empty()) add(kFederation);
            for (const AreaId area : one.areas)
                add(area);
        }
    }

    std::int64_t id_ = 0;
    std::int64_t contact_ = 0;
    std::int64_t interval_ = 0;
    BulkInsert services_{"knowledge_public_service",
                         "id, type, typification, name, official_name, approved_on, "
                         "approved_by"};
    BulkInsert specialisations_{"knowledge_specialisation", "id, service"};
    BulkInsert keys_{"knowledge_key", "owner, scheme, value"};
    BulkInsert texts_{"knowledge_text", "owner, ordinal, module, language, html"};
    BulkInsert terms_{"knowledge_term", "owner, ordinal, role, language, term"};
    BulkInsert links_{"knowledge_link", "owner, ordinal, role, language, uri, title"};
    BulkInsert amounts_{"knowledge_amount", "owner, ordinal, kind, type, amount, unit"};
    BulkInsert areas_{"knowledge_area", "owner, area"};
    BulkInsert offices_{"knowledge_office", "id, parent, name, description, hours_text, desk_note"};
    BulkInsert addresses_{"knowledge_address",
                          "office, ordinal, type, street, house_number, post_box, postcode, "
                          "place, addition, area"};
    BulkInsert people_{"knowledge_person",
                       "id, office, ordinal, salutation, title, given_name, family_name, "
                       "position, room, hours_text"};
    BulkInsert contacts_{"knowledge_contact", "office, ordinal, person, channel, value, addition"};
    BulkInsert hours_{"knowledge_hours",
                      "office, ordinal, person, weekday, from_minute, to_minute"};
    BulkInsert offers_{"knowledge_offer", "id, name, trust_level"};
    BulkInsert responsibilities_{"knowledge_responsibility",
                                 "object, ordinal, service, area, holder, role"};
};

Expected<void> remove_rows(storage::Connection &connection,
                           const std::vector<ObjectChange> &changes) {
    std::array<std::vector<std::int64_t>, kObjectKinds> ids;
    std::vector<std::int64_t> with_responsibilities;
    for (const ObjectChange &change : changes) {
        if (!change.existed) continue;
        ids[static_cast<std::size_t>(change.kind) - 1].push_back(change.id);
        if (change.kind == ObjectKind::office || change.kind == ObjectKind::responsibility) {
            with_responsibilities.push_back(change.id);
        }
    }
    for (const Table &table : kTables) {
        std::vector<std::int64_t> concerned;
        for (std::size_t kind = 0; kind < ids.size(); ++kind) {
            if (!table.of[kind]) continue;
            concerned.insert(concerned.end(), ids[kind].begin(), ids[kind].end());
        }
        if (auto done = delete_in(connection, table.name, table.owner, concerned); !done) {
            return done;
        }
    }
    return delete_in(connection, "knowledge_responsibility", "object", with_responsibilities);
}

// Services and offices whose surroundings change with these objects: where somebody answers for
// them, what a specialisation says. Their own rows stay the same, but not what is found of them.
class Surroundings {
  public:
    // As it stands now; before the rows go.
    Expected<void> read(storage::Connection &connection, const std::vector<ObjectChange> &changes) {
        std::vector<std::int64_t> specialisations, others;
        for (const ObjectChange &change : changes) {
            if (!change.existed) continue;
            if (change.kind == ObjectKind::specialisation) specialisations.push_back(change.id);
            if (change.kind == ObjectKind::office || change.kind == ObjectKind::responsibility) {
                others.push_back(change.id);
            }
        }
        if (auto done = read_ids(connection, "service, service FROM knowledge_specialisation", "id",
                                 specialisations);
            !done) {
            return done;
        }
        return read_ids(connection, "service, holder FROM knowledge_responsibility", "object",
                        others);
    }

    void add(const KnowledgeObject &object) {
        if (object.kind == ObjectKind::specialisation) {
            subjects_.insert(object_id(ObjectKind::service, object.service));
        }
        for (const Responsibility &one : object.responsibilities) {
            subjects_.insert(object_id(ObjectKind::service, one.service));
            subjects_.insert(object_id(one.holder_kind, one.holder));
        }
    }

    Expected<void> write(storage::Connection &connection, std::int64_t generation) const {
        BulkInsert rows("knowledge_surroundings", "id, generation",
                        "ON CONFLICT (id) DO UPDATE SET generation = excluded.generation");
        for (const std::int64_t id : subjects_)
            rows.add({id, generation});
        return rows.write(connection);
    }

  private:
    Expected<void> read_ids(storage::Connection &connection, std::string_view what,
                            std::string_view column, const std::vector<std::int64_t> &ids) {
        return each_group(
            ids, 0, [&](const std::string &list, const std::vector<storage::Value> &group) {
                return connection.each(
                    fmt::format("SELECT DISTINCT {} WHERE {} IN {}", what, column, list), group,
                    [&](const storage::Row &row) {
                        subjects_.insert(row.integer(0));
                        subjects_.insert(row.integer(1));
                        return true;
                    });
            });
    }

    std::set<std::int64_t> subjects_; // each once
};

Expected<void> put_tombstones(storage::Connection &connection, std::int64_t generation,
                              const std::vector<ObjectChange> &changes) {
    BulkInsert tombstones("knowledge_tombstone", "id, kind, agency, local_id, scheme, generation",
                          "ON CONFLICT (id) DO UPDATE SET generation = excluded.generation");
    std::vector<std::int64_t> gone, written;
    for (const ObjectChange &change : changes) {
        if (change.xml) {
            written.push_back(change.id);
            continue;
        }
        gone.push_back(change.id);
        tombstones.add({change.id, static_cast<std::int64_t>(change.kind), change.key.agency,
                        change.key.local_id, change.key.scheme, generation});
    }
    if (auto done = delete_in(connection, "knowledge_tombstone", "id", written); !done) return done;
    if (auto done = delete_in(connection, "knowledge_object", "id", gone); !done) return done;
    return tombstones.write(connection);
}

} // namespace

Expected<std::int64_t> next_generation(storage::Connection &connection, Instant now) {
    const auto done = connection.run(
        "UPDATE knowledge_state SET generation = generation + 1, changed_at = $1 WHERE id = 1",
        {now.us});
    if (!done) return tl::unexpected(done.error());
    std::int64_t generation = 0;
    const auto read = connection.each("SELECT generation FROM knowledge_state WHERE id = 1", {},
                                      [&](const storage::Row &row) {
                                          generation = row.integer(0);
                                          return true;
                                      });
    if (!read) return tl::unexpected(read.error());
    return generation;
}

Expected<void> touch_object(storage::Connection &connection, Instant now, std::int64_t id) {
    const auto generation = next_generation(connection, now);
    if (!generation) return tl::unexpected(generation.error());
    const auto done = connection.run("UPDATE knowledge_object SET generation = $1 WHERE id = $2",
                                     {*generation, id});
    if (!done) return tl::unexpected(done.error());
    return {};
}

Expected<void> store_objects(storage::Connection &connection, Instant now,
                             const std::vector<ObjectChange> &changes) {
    if (changes.empty()) return {};
    const auto generation = next_generation(connection, now);
    if (!generation) return tl::unexpected(generation.error());
    Surroundings surroundings;
    if (auto done = surroundings.read(connection, changes); !done) return done;
    if (auto done = remove_rows(connection, changes); !done) return done;
    if (auto done = put_tombstones(connection, *generation, changes); !done) return done;
    BulkInsert objects(
        "knowledge_object",
        "id, kind, agency, local_id, scheme, source, hash, changed_at, generation, xml",
        "ON CONFLICT (id) DO UPDATE SET scheme = excluded.scheme, source = excluded.source, "
        "hash = excluded.hash, changed_at = excluded.changed_at, "
        "generation = excluded.generation, xml = excluded.xml");
    Rows rows;
    for (const ObjectChange &change : changes) {
        if (!change.xml) continue;
        const auto object = read_object(*change.xml);
        if (!object) return tl::unexpected(object.error());
        objects.add({change.id, static_cast<std::int64_t>(change.kind), change.key.agency,
                     change.key.local_id, change.key.scheme, change.source, text_hash(*change.xml),
                     object->changed_at, *generation, *change.xml});
        rows.add(change.id, *object);
        surroundings.add(*object);
    }
    if (auto done = surroundings.write(connection, *generation); !done) return done;
    if (auto done = objects.write(connection); !done) return done;
    return rows.write(connection);
}

} // namespace fernamt::knowledge
