// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/demo_objects.h"

#include "knowledge/html.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::knowledge {

namespace {

const std::vector<std::string> *lines_of(const std::vector<Section> &sections, SectionKey key) {
    const auto found = std::ranges::find(sections, key, &Section::key);
    return found == sections.end() ? nullptr : &found->lines;
}

std::string paragraphs(const std::vector<std::string> &lines) {
    std::string html;
    for (const std::string &line : lines)
        html += "<p>" + escape_html(line) + "</p>";
    return html;
}

class Builder {
  public:
    explicit Builder(const DemoData &data) : data_(data) {}

    DemoObjects build() {
        offices();
        for (const DemoService &each : data_.services) {
            service(each);
            responsibilities(each);
        }
        return std::move(made_);
    }

  private:
    [[nodiscard]] static ObjectKey key(std::string local_id, std::string scheme) {
        return {std::string(kDemoAgency), std::move(local_id), std::move(scheme)};
    }
    [[nodiscard]] const DemoPlace &place(std::size_t index) const {
        return data_.region.places[index];
    }

    // One for the whole Region only if its name and telephone are the same everywhere.
    [[nodiscard]] bool shared(std::size_t office) const {
        const DemoOffice &the_office = data_.region.offices[office];
        return the_office.level == OfficeLevel::region &&
               the_office.responsible.find("{ort}") == std::string::npos;
    }
    [[nodiscard]] bool has_office(std::size_t office, std::size_t at) const {
        const DemoOffice &the_office = data_.region.offices[office];
        if (the_office.level == OfficeLevel::elsewhere) return false;
        if (shared(office)) return place(at).is_region;
        return the_office.level == OfficeLevel::region || !place(at).is_region;
    }
    [[nodiscard]] ObjectKey office_key(std::size_t office, std::size_t at) const {
        return key(fmt::format("{}-{}", data_.region.offices[office].key, to_ars(place(at).id)),
                   "Organisationseinheit");
    }

    void offices() {
        for (std::size_t office = 0; office < data_.region.offices.size(); ++office) {
            for (std::size_t at = 0; at < data_.region.places.size(); ++at) {
                if (has_office(office, at)) add_office(office, at);
            }
        }
    }

    void add_office(std::size_t office, std::size_t at) {
        const OfficeFacts facts = office_facts(data_.region, at, office);
        KnowledgeObject object{.kind = ObjectKind::office,
                               .key = office_key(office, at),
                               .name = facts.name,
                               .hours_text = fmt::format("{}", fmt::join(facts.hours, "\n"))};
        Address address = facts.address;
        address.area = place(at).id;
        object.addresses.push_back(std::move(address));
        object.contacts.push_back({.channel = "02", .value = facts.telephone});
        made_.objects.push_back(std::move(object));
    }

    void service(const DemoService &each) {
        const Service &from = each.service;
        KnowledgeObject object{.kind = ObjectKind::service,
                               .key = key(fmt::format("{}", from.id.value), "Leistung"),
                               .name = from.colloquial,
                               .official_name = from.name,
                               .typification = each.typification};
        if (!from.leika.empty()) object.keys.push_back({"leika", from.leika});
        for (const std::string &synonym : from.synonyms)
            object.terms.push_back({"synonym", "de", synonym});
        object.texts = {{"02", "de", escape_html(from.name)},
                        {"03", "de", escape_html(from.colloquial)},
                        {"05", "de", paragraphs({from.short_answer})}};
        for (const auto &[module, section] :
             {std::pair{"08", SectionKey::documents}, std::pair{"deadline", SectionKey::deadline},
              std::pair{"fee", SectionKey::fee}}) {
            if (const auto *lines = lines_of(each.common, section)) {
                object.texts.push_back({module, "de", paragraphs(*lines)});
            }
        }
        made_.objects.push_back(std::move(object));
    }

    void responsible(const DemoService &each, AreaId area, ObjectKind holder_kind,
                     ObjectKey holder) {
        const bool online = holder_kind == ObjectKind::online_service;
        KnowledgeObject object{
            .kind = ObjectKind::responsibility,
            .key = key(
                fmt::format("{}-{}-{}", online ? "od" : "oe", each.service.id.value, to_ars(area)),
                online ? "ZustaendigkeitOnlinedienst" : "ZustaendigkeitOrganisationseinheit")};
        object.responsibilities.push_back(
            {.service = key(fmt::format("{}", each.service.id.value), "Leistung"),
             .areas = {area},
             .holder_kind = holder_kind,
             .holder = std::move(holder),
             .role = online ? "Onlinedienst" : "Zuständige Stelle"});
        made_.objects.push_back(std::move(object));
    }

    void responsibilities(const DemoService &each) {
        for (std::size_t at = 0; at < data_.region.places.size(); ++at) {
            if (has_office(each.office, at)) {
                responsible(each, place(at).id, ObjectKind::office, office_key(each.office, at));
            } else if (!shared(each.office)) {
                for (const Section &section : compose_local(data_.region, at, each.office)) {
                    made_.local.emplace(std::tuple{each.service.id.value, place(at).id.value,
                                                   std::string(to_string(section.key))},
                                        section.lines);
                }
            }
        }
        if (const auto *lines = lines_of(each.common, SectionKey::online)) online(each, *lines);
    }

    void online(const DemoService &each, const std::vector<std::string> &lines) {
        const auto region = std::ranges::find_if(data_.region.places, &DemoPlace::is_region);
        const DemoPlace &where =
            region == data_.region.places.end() ? data_.region.places.front() : *region;
        KnowledgeObject object{.kind = ObjectKind::online_service,
                               .key = key(fmt::format("{}", each.service.id.value), "Onlinedienst"),
                               .name = fmt::format("{}", fmt::join(lines, " "))};
        responsible(each, where.id, ObjectKind::online_service, object.key);
        made_.objects.push_back(std::move(object));
    }

    const DemoData &data_;
    DemoObjects made_;
};

} // namespace

DemoObjects demo_objects(const DemoData &data) {
    return Builder(data).build();
}

} // namespace fernamt::knowledge
