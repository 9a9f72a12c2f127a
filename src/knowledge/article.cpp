// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/article.h"

#include "knowledge/areas.h"
#include "knowledge/delivered.h"
#include "knowledge/demo_file.h"
#include "knowledge/html.h"
#include "knowledge/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace fernamt::knowledge {

namespace {

using Lines = std::vector<std::string>;
using Sections = std::array<Lines, kSectionKeys>;

Lines &at(Sections &sections, SectionKey key) {
    return sections[static_cast<std::size_t>(key)];
}

void append(Lines &to, Lines lines) {
    for (std::string &line : lines) {
        if (std::ranges::find(to, line) == to.end()) to.push_back(std::move(line));
    }
}

Lines split(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        if (end > 0) lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

bool expired(const std::string &expires_on, const LocalDate &today) {
    if (expires_on.empty()) return false;
    const auto date = parse_date(expires_on);
    return !date || *date < today;
}

struct Office {
    std::int64_t id = 0;
    std::size_t distance = 0; // in the lineage
    std::string role, name, hours_text;
    std::string address;
    Lines telephones;
    Lines people;
};

class Composer {
  public:
    Composer(storage::Connection &connection, ServiceId service, MunicipalityId municipality,
             const LocalDate &today, const KnowledgeReader &reader)
        : connection_(connection), service_(service), municipality_(municipality), today_(today),
          reader_(reader), areas_(lineage(municipality)) {}

    // all: also where nobody answers for it.
    Expected<std::optional<Article>> compose(bool all = false) {
        if (auto done = read_service(); !done) return tl::unexpected(done.error());
        if (!article_) return std::optional<Article>{};
        for (const auto read :
             {&Composer::read_texts, &Composer::read_holders, &Composer::read_level,
              &Composer::read_local, &Composer::read_notes}) {
            if (auto done = (this->*read)(); !done) return tl::unexpected(done.error());
        }
        if (!answered_ && !all) return std::optional<Article>{};
        article_->answered = answered_;
        compose_offices();
        for (std::size_t key = 0; key < kSectionKeys; ++key) {
            Lines &lines = !local_[key].empty()    ? local_[key]
                           : !common_[key].empty() ? common_[key]
                                                   : sections_[key];
            if (!lines.empty()) {
                article_->sections.push_back({static_cast<SectionKey>(key), std::move(lines)});
            }
        }
        return article_;
    }

  private:
    Expected<void> read_service();
    Expected<void> read_own_check();
    Expected<void> read_texts();
    Expected<void> read_holders();
    Expected<void> read_offices();
    Expected<void> read_level();
    Expected<void> read_local();
    Expected<void> read_notes();
    Expected<void> read_desk_notes();
    void compose_offices();

    storage::Connection &connection_;
    ServiceId service_;
    MunicipalityId municipality_;
    LocalDate today_;
    KnowledgeReader reader_;
    std::vector<AreaId> areas_;
    std::optional<Article> article_;
    Sections sections_;
    Sections local_;
    Sections common_; // own texts of the centre, for all
    std::vector<Office> offices_;
    std::string short_text_;
    bool answered_ = false;
};

constexpr std::string_view kServiceColumns =
    "SELECT s.id, COALESCE((SELECT MIN(k.value) FROM knowledge_key k WHERE k.owner = s.id AND "
    "k.scheme = 'leika'), ''), s.official_name, s.name, s.approved_on, o.changed_at, "
    "COALESCE(r.checked_on, ''), COALESCE(r.review_days, 365), COALESCE(t.text, ''), "
    "COALESCE(t.expires_on, '') FROM knowledge_public_service s "
    "JOIN knowledge_object o ON o.id = s.id "
    "LEFT JOIN knowledge_review r ON r.service = s.id AND r.municipality = 0 "
    "LEFT JOIN knowledge_telephone_text t ON t.service = s.id AND t.municipality = 0 ";

Service to_service(const storage::Row &row) {
    Service service{
        .id = ServiceId{row.integer(0)},
        .leika = row.text(1),
        .name = row.text(2),
        .colloquial = row.text(3),
        .check = {last_check(row.text(6), row.text(4)), static_cast<int>(row.integer(7))},
        .changed_on = parse_date(row.text(5).substr(0, 10))};
    if (service.name.empty()) service.name = service.colloquial;
    return service;
}

Expected<void> Composer::read_service() {
    auto done = connection_.each(std::string(kServiceColumns) + "WHERE s.id = $1", {service_.value},
                                 [&](const storage::Row &row) {
                                     article_.emplace();
                                     article_->service = to_service(row);
                                     if (!expired(row.text(9), today_)) {
                                         article_->service.short_answer = row.text(8);
                                     }
                                     return true;
                                 });
    if (!done || !article_) return done;
    article_->municipality = municipality_;
    if (done = read_own_check(); !done) return done;
    return connection_.each("SELECT term FROM knowledge_term WHERE owner = $1 AND role = 'synonym' "
                            "ORDER BY ordinal",
                            {service_.value}, [&](const storage::Row &row) {
                                article_->service.synonyms.push_back(row.text(0));
                                return true;
                            });
}

Expected<void> Composer::read_own_check() {
    Check own;
    const auto done = connection_.each(
        "SELECT checked_on, review_days FROM knowledge_review WHERE service = $1 AND "
        "municipality = $2",
        {service_.value, municipality_.value}, [&](const storage::Row &row) {
            own = {parse_date(row.text(0)), static_cast<int>(row.integer(1))};
            return false;
        });
    const CheckedThere there = checked_there(article_->service.check, own, today_);
    article_->service.check.on = there.on;
    article_->state = there.state;
    return done;
}

// "2 Wochen" under "Frist" would be a promise that nobody made.
Lines durations(Lines lines) {
    const bool says_so = std::ranges::any_of(
        lines, [](const std::string &line) { return line.find("dauer") != std::string::npos; });
    if (!lines.empty() && !says_so) lines.front().insert(0, "Bearbeitungsdauer: ");
    return lines;
}

Expected<void> Composer::read_texts() {
    auto delivered = read_delivered(connection_, service_, areas_);
    if (!delivered) return tl::unexpected(delivered.error());
    answered_ = delivered->specialised;
    append(at(sections_, SectionKey::documents), delivered->lines("08"));
    append(at(sections_, SectionKey::fee), delivered->lines("fee"));
    append(at(sections_, SectionKey::deadline), delivered->lines("deadline"));
    append(at(sections_, SectionKey::deadline), durations(delivered->lines("duration")));
    short_text_ = delivered_short_text(*delivered);
    return {};
}

Expected<void> Composer::read_holders() {
    const AreaFilter here = area_filter(areas_, service_.value);
    const auto done = connection_.each(
        "SELECT r.area, r.role, r.holder, o.name, o.hours_text, f.name, "
        "COALESCE((SELECT MIN(l.uri) FROM knowledge_link l WHERE l.owner = f.id), '') "
        "FROM knowledge_responsibility r "
        "LEFT JOIN knowledge_office o ON o.id = r.holder "
        "LEFT JOIN knowledge_offer f ON f.id = r.holder "
        "WHERE r.service = $1 AND r.area IN " +
            here.list + " ORDER BY r.area DESC, r.holder LIMIT 100",
        here.values, [&](const storage::Row &row) {
            answered_ = true;
            if (!row.is_null(5)) {
                std::string line = row.text(5);
                if (!row.text(6).empty()) line += ": " + row.text(6);
                append(at(sections_, SectionKey::online), {std::move(line)});
            }
            if (row.is_null(3)) return true;
            const auto area = std::ranges::find(areas_, AreaId{row.integer(0)});
            const std::int64_t id = row.integer(2);
            if (std::ranges::find(offices_, id, &Office::id) != offices_.end()) return true;
            offices_.push_back({.id = id,
                                .distance = static_cast<std::size_t>(area - areas_.begin()),
                                .role = row.text(1),
                                .name = row.text(3),
                                .hours_text = row.text(4)});
            return true;
        });
    if (!done) return done;
    std::ranges::stable_sort(offices_, {}, &Office::distance);
    constexpr std::size_t kMostOffices = 5; // nobody reads more while a caller waits
    if (offices_.size() > kMostOffices) offices_.resize(kMostOffices);
    return read_offices();
}

// An office that answers for more than this one area says nothing about the level by it.
Expected<void> Composer::read_level() {
    std::optional<AreaLevel> area;
    if (!offices_.empty()) {
        const Office &nearest = offices_.front();
        const AreaId here = areas_.at(nearest.distance);
        area = knowledge::level_of(here);
        auto done = connection_.each(
            "SELECT area FROM knowledge_responsibility WHERE holder = $1 AND area <> $2 LIMIT 1",
            {nearest.id, here.value}, [&](const storage::Row &) {
                area.reset();
                return false;
            });
        if (!done) return done;
    }
    return connection_.each("SELECT typification FROM knowledge_public_service WHERE id = $1",
                            {service_.value}, [&](const storage::Row &row) {
                                article_->level = level_there(row.text(0), area);
                                return true;
                            });
}

std::string
address_line(const storage::Row &row) { // street, number, box, postcode, place, addition
    Lines parts;
    const Lines additions = split(row.text(5));
    if (!additions.empty()) parts.push_back(additions.front());
    std::string street = row.text(0);
    if (!row.text(1).empty()) street += (street.empty() ? "" : " ") + row.text(1);
    if (!street.empty()) parts.push_back(std::move(street));
    if (!row.text(2).empty()) parts.push_back("Postfach " + row.text(2));
    std::string place = row.text(3);
    if (!row.text(4).empty()) place += (place.empty() ? "" : " ") + row.text(4);
    if (!place.empty()) parts.push_back(std::move(place));
    for (std::size_t i = 1; i < additions.size(); ++i)
        parts.push_back(additions[i]);
    return fmt::format("{}", fmt::join(parts, ", "));
}

Expected<void> Composer::read_offices() {
    for (Office &office : offices_) {
        auto done = connection_.each(
            "SELECT street, house_number, post_box, postcode, place, addition FROM "
            "knowledge_address WHERE office = $1 ORDER BY CASE type WHEN '002' THEN 0 WHEN '001' "
            "THEN 1 ELSE 2 END, ordinal LIMIT 1",
            {office.id}, [&](const storage::Row &row) {
                office.address = address_line(row);
                return true;
            });
        if (!done) return done;
        std::map<std::int64_t, std::string> telephone_of; // of persons
        done = connection_.each(
            "SELECT person, value FROM knowledge_contact WHERE office = $1 AND channel IN "
            "('02', '03') ORDER BY ordinal",
            {office.id}, [&](const storage::Row &row) {
                const std::int64_t person = row.integer(0);
                if (person == 0)
                    office.telephones.push_back(row.text(1));
                else
                    telephone_of.emplace(person, row.text(1));
                return true;
            });
        if (!done) return done;
        done = connection_.each(
            "SELECT id, title, given_name, family_name, position, room FROM knowledge_person "
            "WHERE office = $1 ORDER BY ordinal LIMIT 10",
            {office.id}, [&](const storage::Row &row) {
                Lines parts;
                std::string name;
                for (const int column : {1, 2, 3}) {
                    if (row.text(column).empty()) continue;
                    name += (name.empty() ? "" : " ") + row.text(column);
                }
                if (!name.empty()) parts.push_back(std::move(name));
                if (!row.text(4).empty()) parts.push_back(row.text(4));
                if (!row.text(5).empty()) parts.push_back("Raum " + row.text(5));
                const auto telephone = telephone_of.find(row.integer(0));
                if (telephone != telephone_of.end()) {
                    parts.push_back("Telefon " + telephone->second);
                }
                if (!parts.empty()) {
                    office.people.push_back(fmt::format("{}", fmt::join(parts, ", ")));
                }
                return true;
            });
        if (!done) return done;
    }
    return {};
}

void Composer::compose_offices() {
    for (const Office &office : offices_) {
        append(at(sections_, SectionKey::responsible), {office.name});
        std::string contact = office.name;
        for (const std::string &telephone : office.telephones)
            contact += ", Telefon " + telephone;
        append(at(sections_, SectionKey::contact), {std::move(contact)});
        if (reader_.signed_in()) append(at(sections_, SectionKey::contact), office.people);
        if (!office.address.empty()) append(at(sections_, SectionKey::where), {office.address});
        Lines hours = split(office.hours_text);
        if (hours.empty()) continue;
        if (offices_.size() > 1) hours.insert(hours.begin(), office.name + ":");
        append(at(sections_, SectionKey::opening_hours), std::move(hours));
    }
}

Expected<void> Composer::read_local() {
    bool readable = true;
    auto done = connection_.each(
        "SELECT section, lines, expires_on, municipality FROM knowledge_local_text WHERE "
        "service = $1 AND municipality IN ($2, 0) AND visibility = 'public' AND "
        "state = 'released'",
        {service_.value, municipality_.value}, [&](const storage::Row &row) {
            const auto key = parse_section_key(row.text(0));
            const auto lines = parse_lines(row.text(1));
            if (!key || !lines) {
                readable = false;
                return false;
            }
            if (expired(row.text(2), today_)) return true;
            const bool own = row.integer(3) != 0;
            (own ? local_ : common_)[static_cast<std::size_t>(*key)] = *lines;
            answered_ = answered_ || own;
            return true;
        });
    if (!done) return done;
    if (!readable) {
        return fail(ProblemKind::internal, "knowledge.unreadable",
                    {{"service", fmt::format("{}", service_.value)}});
    }
    article_->read_aloud = article_->service.short_answer;
    done = connection_.each(
        "SELECT text, expires_on FROM knowledge_telephone_text WHERE service = $1 AND "
        "municipality = $2",
        {service_.value, municipality_.value}, [&](const storage::Row &row) {
            if (!expired(row.text(1), today_)) article_->read_aloud = row.text(0);
            return true;
        });
    if (!done) return done;
    if (article_->read_aloud.empty()) article_->read_aloud = short_text_;
    return {};
}

// What an office wants the service centre to know (F-13).
Expected<void> Composer::read_desk_notes() {
    for (const Office &office : offices_) {
        auto done =
            connection_.each("SELECT desk_note FROM knowledge_office WHERE id = $1", {office.id},
                             [&](const storage::Row &row) {
                                 for (std::string &line : plain_lines(row.text(0))) {
                                     article_->internal.push_back({.text = std::move(line),
                                                                   .municipality = municipality_,
                                                                   .section = {},
                                                                   .office = office.name});
                                 }
                                 return true;
                             });
        if (!done) return done;
    }
    return {};
}

// Asked for only when the reader may see them: what is not read cannot slip out.
Expected<void> Composer::read_notes() {
    if (reader_.centre) {
        if (auto done = read_desk_notes(); !done) return done;
    }
    if (!reader_.may_read_notes_of(municipality_)) return {};
    return connection_.each(
        "SELECT section, lines, expires_on FROM knowledge_local_text WHERE service = $1 AND "
        "municipality = $2 AND visibility = 'internal' AND state = 'released' ORDER BY section",
        {service_.value, municipality_.value}, [&](const storage::Row &row) {
            auto lines = parse_lines(row.text(1));
            if (!lines || expired(row.text(2), today_)) return true;
            for (std::string &line : *lines) {
                article_->internal.push_back({.text = std::move(line),
                                              .municipality = municipality_,
                                              .section = parse_section_key(row.text(0))});
            }
            return true;
        });
}

} // namespace

Expected<std::optional<Article>> read_article(storage::Connection &connection, ServiceId service,
                                              MunicipalityId municipality, const LocalDate &today,
                                              const KnowledgeReader &reader) {
    return Composer(connection, service, municipality, today, reader).compose(reader.signed_in());
}

Expected<std::optional<Article>> read_common_article(storage::Connection &connection,
                                                     ServiceId service, const LocalDate &today) {
    return Composer(connection, service, kFederation, today, {}).compose(true);
}

Expected<std::vector<Service>> read_services(storage::Connection &connection) {
    std::vector<Service> services;
    auto done = connection.each(std::string(kServiceColumns) + "ORDER BY s.id", {},
                                [&](const storage::Row &row) {
                                    services.push_back(to_service(row));
                                    return true;
                                });
    if (!done) return tl::unexpected(done.error());
    const auto find = [&](std::int64_t id) -> Service * {
        const auto found = std::ranges::lower_bound(services, ServiceId{id}, {}, &Service::id);
        return found != services.end() && found->id.value == id ? &*found : nullptr;
    };
    done = connection.each("SELECT owner, term FROM knowledge_term WHERE role = 'synonym' "
                           "ORDER BY owner, ordinal",
                           {}, [&](const storage::Row &row) {
                               if (Service *service = find(row.integer(0))) {
                                   service->synonyms.push_back(row.text(1));
                               }
                               return true;
                           });
    if (!done) return tl::unexpected(done.error());
    done = connection.each("SELECT owner, html FROM knowledge_text WHERE module IN ('05', '24') "
                           "AND language = 'de' ORDER BY owner, module, ordinal",
                           {}, [&](const storage::Row &row) {
                               Service *service = find(row.integer(0));
                               if (service && service->short_answer.empty()) {
                                   service->short_answer = first_sentences(plain_text(row.text(1)));
                               }
                               return true;
                           });
    if (!done) return tl::unexpected(done.error());
    return services;
}

Expected<void> each_short_text(storage::Connection &connection,
                               const std::function<void(ShortText)> &take) {
    auto done = connection.each(
        "SELECT service, municipality, text, expires_on FROM knowledge_telephone_text", {},
        [&](const storage::Row &row) {
            take({.service = ServiceId{row.integer(0)},
                  .area = AreaId{row.integer(1)},
                  .telephone = true,
                  .text = row.text(2),
                  .expires_on = parse_date(row.text(3))});
            return true;
        });
    if (!done) return done;
    return connection.each(
        "SELECT s.service, a.area, t.html FROM knowledge_specialisation s JOIN knowledge_area a ON "
        "a.owner = s.id JOIN knowledge_text t ON t.owner = s.id WHERE t.module IN ('05', '24') AND "
        "t.language = 'de' ORDER BY s.id, t.module, t.ordinal",
        {}, [&](const storage::Row &row) {
            take({.service = ServiceId{row.integer(0)},
                  .area = AreaId{row.integer(1)},
                  .telephone = false,
                  .text = first_sentences(plain_text(row.text(2))),
                  .expires_on = {}});
            return true;
        });
}

std::string first_sentences(std::string_view text, std::size_t most) {
    if (text.size() <= most) return std::string(text);
    std::size_t end = 0;
    for (std::size_t i = 0; i + 1 < text.size() && i < most; ++i) {
        const bool stop = text[i] == '.' || text[i] == '!' || text[i] == '?';
        // "z. B.", "Nr. 5", "1. Januar" end no sentence: a capital must follow, two letters
        // precede.
        if (stop && text[i + 1] == ' ' && i >= 3 && text[i - 1] > '9' && text[i - 2] > '9' &&
            i + 2 < text.size() && !(text[i + 2] >= '0' && text[i + 2] <= '9')) {
            end = i + 1;
        }
    }
    if (end > 0) return std::string(text.substr(0, end));
    end = text.rfind(' ', most);
    if (end == std::string_view::npos) end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
        --end; // never within a character
    return std::string(text.substr(0, end)) + " …";
}

} // namespace fernamt::knowledge
