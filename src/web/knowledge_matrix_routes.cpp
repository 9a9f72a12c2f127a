// SPDX-License-Identifier: EUPL-1.2
// The TOP list, its matrix over the municipalities (also as tables for the steering group), and the
// gate before a municipality goes live: its knowledge, and what else a caller would miss. A
// municipality's own people see its own row.
#include "billing/onboarding_book.h"
#include "knowledge/go_live.h"
#include "knowledge/matrix_table.h"
#include "people/audit.h"
#include "people/municipalities.h"
#include "web/api.h"
#include "web/json_values.h"
#include "web/knowledge_values.h"
#include "web/request_values.h"
#include "web/routes.h"
#include "web/towns.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::web {

namespace json = boost::json;

namespace {

using knowledge::Matrix;
using knowledge::MatrixCell;
using knowledge::MatrixCounts;

constexpr const char *kWorkbookType =
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

json::object counts_json(const MatrixCounts &counts) {
    return json::object{{"complete", counts.complete},
                        {"stale", counts.stale},
                        {"missing", counts.missing},
                        {"ready", counts.ready()}};
}

json::value cell_json(const MatrixCell &cell) {
    return json::object{{"state", std::string(to_string(cell.state()))},
                        {"office", cell.office},
                        {"contact", cell.contact},
                        {"reachability", cell.reachability},
                        {"fresh", cell.fresh},
                        {"checked_on", date_json(cell.checked_on)}};
}

json::array words_json(const std::vector<std::string> &words) {
    json::array all;
    for (const std::string &word : words)
        all.emplace_back(word);
    return all;
}

// Of what is to be done before the first day.
std::int64_t open_tasks(const agreements::Onboarding &onboarding) {
    return std::ranges::count_if(onboarding.tasks, [&](const agreements::OnboardingTask &task) {
        const agreements::TaskKind *kind = agreements::find_task(task.key);
        return kind != nullptr && kind->days < 0 && !task.done;
    });
}

struct Routes {
    const ApiParts &parts;
    people::Municipalities &municipalities;
    people::Users &users;
    Towns &towns;

    [[nodiscard]] Expected<Matrix> matrix(const Incoming &incoming) const {
        const auto all = towns.all();
        if (!all) return tl::unexpected(all.error());
        const auto asked = query_municipality(incoming.request);
        if (!asked) return tl::unexpected(asked.error());
        std::vector<MunicipalityId> shown;
        for (const Town &town : *all) {
            if (*asked && **asked != town.id) continue;
            if (people::may_see(incoming.caller, town.id)) shown.push_back(town.id);
        }
        Matrix found;
        const auto done =
            parts.database.read([&](storage::Connection &connection) -> Expected<void> {
                auto read = knowledge::read_matrix(connection, shown, to_local(incoming.now).date);
                if (!read) return tl::unexpected(read.error());
                found = std::move(*read);
                return {};
            });
        if (!done) return tl::unexpected(done.error());
        return found;
    }

    [[nodiscard]] std::string name_of(MunicipalityId id) const {
        const auto town = towns.find(id);
        return town ? town->name : to_ars(id);
    }

    [[nodiscard]] Expected<Reply> show(const Incoming &incoming) const {
        const auto found = matrix(incoming);
        if (!found) return tl::unexpected(found.error());
        json::array services;
        for (const knowledge::MatrixService &service : found->services) {
            services.push_back(json::object{
                {"id", service.id.value}, {"name", service.name}, {"leika", service.leika}});
        }
        json::array rows;
        for (const knowledge::MatrixRow &row : found->rows) {
            json::object made = counts_json(row.counts);
            made["ars"] = to_ars(row.municipality);
            made["name"] = name_of(row.municipality);
            json::array cells;
            for (const MatrixCell &cell : row.cells)
                cells.push_back(cell_json(cell));
            made["cells"] = std::move(cells);
            rows.push_back(std::move(made));
        }
        return json_reply(
            json::object{{"services", std::move(services)}, {"municipalities", std::move(rows)}});
    }

    [[nodiscard]] Reply file(std::string bytes, const std::string &type, const char *ending,
                             const Incoming &incoming) const {
        Reply reply{200, std::move(bytes), type, {}};
        const std::string day = fernamt::to_string(to_local(incoming.now).date);
        reply.headers.emplace_back(
            "Content-Disposition",
            fmt::format("attachment; filename=\"top-matrix-{}.{}\"", day, ending));
        return reply;
    }

    [[nodiscard]] Expected<Reply> csv(const Incoming &incoming) const {
        const auto found = matrix(incoming);
        if (!found) return tl::unexpected(found.error());
        return file(matrix_csv(*found, [&](MunicipalityId id) { return name_of(id); }),
                    "text/csv; charset=utf-8", "csv", incoming);
    }

    [[nodiscard]] Expected<Reply> workbook(const Incoming &incoming) const {
        const auto found = matrix(incoming);
        if (!found) return tl::unexpected(found.error());
        auto bytes = matrix_workbook(
            *found, [&](MunicipalityId id) { return name_of(id); }, to_local(incoming.now).date);
        if (!bytes) return tl::unexpected(bytes.error());
        return file(std::move(*bytes), kWorkbookType, "xlsx", incoming);
    }

    [[nodiscard]] Expected<Reply> list(const Incoming &) const {
        const auto found = knowledge::top_list(parts.database);
        if (!found) return tl::unexpected(found.error());
        json::array ids;
        for (const knowledge::ServiceId service : found->services)
            ids.push_back(json::object{{"id", service.value}});
        return versioned_reply(
            json::object{{"services", std::move(ids)}, {"version", found->version}},
            found->version);
    }

    [[nodiscard]] knowledge::Audit audited(const Incoming &incoming, std::string_view action,
                                           std::int64_t subject,
                                           std::vector<std::string> fields = {}) const {
        return [this, &incoming, action, subject, fields](storage::Connection &connection) {
            return people::record(connection, parts.clock.now(), incoming.caller.user, action,
                                  subject, fields);
        };
    }

    [[nodiscard]] Expected<Reply> replace(const Incoming &incoming) const {
        const auto version = expected_version(incoming.request);
        if (!version) return tl::unexpected(version.error());
        auto reader = JsonReader::parse(incoming.request.body);
        if (!reader) return tl::unexpected(reader.error());
        knowledge::TopList wanted{.services = {}, .version = *version};
        reader->objects("services", knowledge::kLongestTopList, [&](JsonReader &one) {
            wanted.services.emplace_back(knowledge::ServiceId{one.integer("id", 1, kLargestId)});
        });
        if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
        const auto done = knowledge::set_top_list(parts.database, wanted,
                                                  audited(incoming, "knowledge.top_list", 0));
        if (!done) return tl::unexpected(done.error());
        return list(incoming);
    }

    // What a caller would notice on the first day, beside the knowledge. Not numbers: it gets them
    // once it may go live (web/first_day.h).
    [[nodiscard]] Expected<std::vector<std::string>>
    lacks_of(const people::Municipality &town) const {
        std::vector<std::string> lacks;
        if (town.hours.empty()) lacks.emplace_back("hours");
        // Its own: what everybody's callers hear otherwise does not say whose town it is.
        const std::string_view greeting = to_string(routing::Announcement::greeting);
        if (parts.announcements.words(town.id, greeting) ==
            parts.announcements.words(std::nullopt, greeting)) {
            lacks.emplace_back("greeting");
        }
        const auto joining = billing::OnboardingBook(parts.database).find(town.id);
        if (!joining && joining.error().code != "onboarding.none") {
            return tl::unexpected(joining.error());
        }
        if (joining && open_tasks(joining->onboarding) > 0) lacks.emplace_back("checklist");
        return lacks;
    }

    [[nodiscard]] Expected<Reply> gate_json(const knowledge::GoLiveGate &gate) const {
        json::object body = counts_json(gate.counts);
        body["ready"] = gate.ready();
        body["open"] = gate.open();
        body["lacks"] = words_json(gate.lacks);
        body["decision"] = nullptr;
        if (gate.decision) {
            const auto names = PeopleNames::load(users);
            if (!names) return tl::unexpected(names.error());
            json::object decision = counts_json(gate.decision->counts);
            decision["lacks"] = words_json(gate.decision->lacks);
            decision["decided_at"] = to_json(gate.decision->decided_at);
            decision["decided_by"] = names->of(gate.decision->decided_by);
            decision["override_reason"] = gate.decision->override_reason.empty()
                                              ? json::value(nullptr)
                                              : json::value(gate.decision->override_reason);
            body["decision"] = std::move(decision);
        }
        return json_reply(body);
    }

    [[nodiscard]] Expected<Reply> show_gate(const Incoming &incoming) const {
        const MunicipalityId id = path_municipality(incoming.request);
        const auto known = municipalities.find(id);
        if (!known) return tl::unexpected(known.error());
        auto lacks = lacks_of(*known);
        if (!lacks) return tl::unexpected(lacks.error());
        const auto gate =
            knowledge::go_live_gate(parts.database, parts.clock, id, std::move(*lacks));
        if (!gate) return tl::unexpected(gate.error());
        return gate_json(*gate);
    }

    [[nodiscard]] Expected<Reply> decide(const Incoming &incoming) const {
        const MunicipalityId id = path_municipality(incoming.request);
        const auto known = municipalities.find(id);
        if (!known) return tl::unexpected(known.error());
        auto lacks = lacks_of(*known);
        if (!lacks) return tl::unexpected(lacks.error());
        std::vector<std::string> noted = *lacks; // what was passed over, in the audit too
        auto reader = JsonReader::parse(incoming.request.body);
        if (!reader) return tl::unexpected(reader.error());
        const std::string reason =
            reader->nullable_text("override_reason", {.shortest = 1, .longest = 250}).value_or("");
        if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
        if (!reason.empty()) noted.insert(noted.begin(), "override_reason");
        const auto gate = knowledge::decide_go_live(
            parts.database, parts.clock, incoming.caller.user, id, reason,
            audited(incoming, "municipality.went_live", id.value, std::move(noted)),
            std::move(*lacks));
        if (!gate) return tl::unexpected(gate.error());
        return gate_json(*gate);
    }
};

} // namespace

void add_knowledge_matrix_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                                 people::Municipalities &municipalities, people::Users &users,
                                 Towns &towns) {
    const Routes routes{parts, municipalities, users, towns};
    const std::string base = "/api/v1/knowledge";
    const std::string go_live = "/api/v1/municipalities/{ars}/go-live";
    gate.add(router, "GET", base + "/top",
             [routes](const Incoming &incoming) { return routes.list(incoming); });
    gate.add(router, "PUT", base + "/top",
             [routes](const Incoming &incoming) { return routes.replace(incoming); });
    gate.add(router, "GET", base + "/matrix",
             [routes](const Incoming &incoming) { return routes.show(incoming); });
    gate.add(router, "GET", base + "/matrix.csv",
             [routes](const Incoming &incoming) { return routes.csv(incoming); });
    gate.add(router, "GET", base + "/matrix.xlsx",
             [routes](const Incoming &incoming) { return routes.workbook(incoming); });
    gate.add(router, "GET", go_live,
             [routes](const Incoming &incoming) { return routes.show_gate(incoming); });
    gate.add(router, "POST", go_live,
             [routes](const Incoming &incoming) { return routes.decide(incoming); });
}

} // namespace fernamt::web
