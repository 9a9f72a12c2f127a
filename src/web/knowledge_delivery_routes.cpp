// SPDX-License-Identifier: EUPL-1.2
// Deliveries of knowledge by the pages: a file is uploaded in pieces, read in the background and
// reported; an editor of the service centre looks at the report and applies, discards or undoes it.
#include "knowledge/delivery_json.h"
#include "knowledge/delivery_office.h"
#include "people/audit.h"
#include "web/api.h"
#include "web/json_reader.h"
#include "web/json_values.h"
#include "web/knowledge_values.h"
#include "web/problem_texts.h"
#include "web/request_values.h"
#include "web/routes.h"

namespace fernamt::web {

namespace json = boost::json;

namespace {

using knowledge::DeliveryReport;

constexpr std::int64_t kPieceBytes = std::int64_t{4} << 20; // net's limit for a body is twice that
constexpr std::int64_t kMostBytes = std::int64_t{1} << 50;

json::value problem_json(const std::optional<Problem> &problem, Language language) {
    if (!problem) return nullptr;
    json::object made;
    made["code"] = problem->code;
    made["title"] = title_of(*problem, language);
    return made;
}

json::value progress_json(const std::optional<knowledge::DeliveryProgress> &progress) {
    if (!progress) return nullptr;
    json::object made;
    made["step"] = std::string(to_string(progress->step));
    made["waiting"] = progress->waiting;
    made["objects"] = progress->objects;
    made["of"] = progress->of ? json::value(*progress->of) : json::value(nullptr);
    return made;
}

json::array kinds_json(const DeliveryReport &report) {
    json::array kinds;
    for (int kind = 1; kind <= knowledge::kObjectKinds; ++kind) {
        json::object one = counts_of_kind(report.kinds[static_cast<std::size_t>(kind - 1)]);
        one["kind"] = std::string(to_string(static_cast<knowledge::ObjectKind>(kind)));
        kinds.push_back(std::move(one));
    }
    return kinds;
}

// Where a file lay is the server's business; what it was called is not.
std::string name_of(const std::string &path) {
    return path.substr(path.rfind('/') + 1);
}

struct Routes {
    const ApiParts &parts;
    people::Users &users;

    [[nodiscard]] json::object summary(const DeliveryReport &report, const PeopleNames &names,
                                       const Incoming &incoming) const {
        json::object made;
        made["id"] = report.id;
        made["source"] = report.source;
        made["file"] = name_of(report.path);
        made["complete"] = report.complete;
        made["state"] = report.state;
        made["started"] = to_json(report.started);
        made["finished"] = to_json(report.finished);
        made["undoable"] = can_undo(report, incoming.now);
        made["undo_until"] =
            report.undo_until ? json::value(to_string(*report.undo_until)) : json::value(nullptr);
        made["by"] = names.of(report.by);
        made["problem"] = problem_json(report.problem, incoming.language);
        made["progress"] = progress_json(parts.deliveries.progress(report.id));
        made["objects"] = report.objects;
        made["refused"] = report.refused;
        made["notes"] = report.notes;
        return made;
    }

    [[nodiscard]] Expected<Reply> list(const Incoming &incoming) const {
        const auto all = knowledge::deliveries(parts.database);
        if (!all) return tl::unexpected(all.error());
        const auto names = PeopleNames::load(users);
        if (!names) return tl::unexpected(names.error());
        json::array made;
        for (const DeliveryReport &each : *all)
            made.push_back(summary(each, *names, incoming));
        json::object body;
        body["deliveries"] = std::move(made);
        return json_reply(body);
    }

    [[nodiscard]] Expected<Reply> page(const Incoming &incoming, std::int64_t id,
                                       int status = 200) const {
        const auto report = knowledge::find_delivery(parts.database, id);
        if (!report) return tl::unexpected(report.error());
        const auto names = PeopleNames::load(users);
        if (!names) return tl::unexpected(names.error());
        json::object body = summary(*report, *names, incoming);
        body["files"] = report->files;
        body["unknown_removals"] = report->unknown_removals;
        body["duplicates"] = report->duplicates;
        body["dangling"] = report->dangling;
        body["source_objects"] = report->source_objects;
        body["vanishing"] = report->vanishing;
        body["kinds"] = kinds_json(*report);
        body["changes"] = changes_json(*report);
        body["findings"] = findings_json(*report);
        return json_reply(body, status);
    }

    [[nodiscard]] static Expected<std::int64_t> id_of(const Incoming &incoming) {
        return path_id(incoming.request, "knowledge.delivery_not_found");
    }

    [[nodiscard]] Expected<Reply> show(const Incoming &incoming) const {
        const auto id = id_of(incoming);
        if (!id) return tl::unexpected(id.error());
        return page(incoming, *id);
    }

    [[nodiscard]] Expected<Reply> begin_upload(const Incoming &incoming) const {
        auto reader = JsonReader::parse(incoming.request.body);
        if (!reader) return tl::unexpected(reader.error());
        const std::string name = reader->text("name", {.shortest = 1, .longest = 200});
        const std::int64_t bytes = reader->integer("bytes", 1, kMostBytes);
        if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
        const auto upload = parts.deliveries.uploads().begin(incoming.caller.user, name,
                                                             static_cast<std::uint64_t>(bytes));
        if (!upload) return tl::unexpected(upload.error());
        json::object body;
        body["upload"] = *upload;
        body["piece_bytes"] = kPieceBytes;
        return json_reply(body, 201);
    }

    [[nodiscard]] Expected<Reply> add_piece(const Incoming &incoming) const {
        if (auto type = check_media_type(incoming.request, "application/octet-stream"); !type) {
            return tl::unexpected(type.error());
        }
        const auto offset = query_integer(incoming.request, "offset", 0, kMostBytes, 0);
        if (!offset) return tl::unexpected(offset.error());
        const auto received = parts.deliveries.uploads().add(
            incoming.caller.user, path_text(incoming.request, "upload"),
            static_cast<std::uint64_t>(*offset), incoming.request.body);
        if (!received) return tl::unexpected(received.error());
        json::object body;
        body["received"] = static_cast<std::int64_t>(*received);
        return json_reply(body);
    }

    [[nodiscard]] Expected<Reply> drop_upload(const Incoming &incoming) const {
        const auto done = parts.deliveries.uploads().drop(incoming.caller.user,
                                                          path_text(incoming.request, "upload"));
        if (!done) return tl::unexpected(done.error());
        return nothing_to_show();
    }

    // Who did it stands in the audit log before it happens.
    [[nodiscard]] Expected<void> record(const Incoming &incoming, std::string_view action,
                                        std::int64_t id,
                                        const std::vector<std::string> &fields = {}) const {
        return parts.database.write([&](storage::Connection &connection) {
            return people::record(connection, incoming.now, incoming.caller.user, action, id,
                                  fields);
        });
    }

    [[nodiscard]] Expected<Reply> read(const Incoming &incoming) const {
        auto reader = JsonReader::parse(incoming.request.body);
        if (!reader) return tl::unexpected(reader.error());
        const std::string upload = reader->text("upload", {.shortest = 1, .longest = 40});
        knowledge::DeliveryOptions options;
        options.source = reader->text("source", {.shortest = 1, .longest = 60});
        options.complete = reader->boolean("complete");
        if (auto done = reader->finish(); !done) return tl::unexpected(done.error());
        const auto taken = parts.deliveries.uploads().take(incoming.caller.user, upload);
        if (!taken) return tl::unexpected(taken.error());
        options.path = taken->file;
        const auto id = parts.deliveries.read(incoming.caller.user, options, taken->folder);
        if (!id) return tl::unexpected(id.error());
        if (auto kept = record(incoming, "knowledge.delivery_read", *id); !kept) {
            return tl::unexpected(kept.error());
        }
        return page(incoming, *id, 201);
    }

    [[nodiscard]] Expected<Reply> apply(const Incoming &incoming) const {
        const auto id = id_of(incoming);
        if (!id) return tl::unexpected(id.error());
        auto reader = JsonReader::parse(incoming.request.body);
        if (!reader) return tl::unexpected(reader.error());
        knowledge::DeliveryOptions options;
        const int usual = options.most_vanishing_percent;
        options.allow_mass_deletion = reader->boolean("allow_mass_deletion");
        options.most_vanishing_percent = static_cast<int>(
            reader->optional_integer("most_vanishing_percent", 0, 100).value_or(usual));
        if (auto done = reader->finish(); !done) return tl::unexpected(done.error());
        if (auto done = parts.deliveries.apply(*id, options); !done) {
            return tl::unexpected(done.error());
        }
        std::vector<std::string> forced; // by which of the two the guard was told to give way
        if (options.allow_mass_deletion) forced.emplace_back("allow_mass_deletion");
        if (options.most_vanishing_percent > usual) forced.emplace_back("most_vanishing_percent");
        const auto kept = record(
            incoming, forced.empty() ? "knowledge.delivery_applied" : "knowledge.delivery_forced",
            *id, forced);
        if (!kept) return tl::unexpected(kept.error());
        return page(incoming, *id);
    }

    [[nodiscard]] Expected<Reply> undo(const Incoming &incoming) const {
        const auto id = id_of(incoming);
        if (!id) return tl::unexpected(id.error());
        if (auto done = parts.deliveries.undo(*id); !done) return tl::unexpected(done.error());
        if (auto kept = record(incoming, "knowledge.delivery_undone", *id); !kept) {
            return tl::unexpected(kept.error());
        }
        return page(incoming, *id);
    }

    [[nodiscard]] Expected<Reply> discard(const Incoming &incoming) const {
        const auto id = id_of(incoming);
        if (!id) return tl::unexpected(id.error());
        if (auto done = parts.deliveries.discard(*id); !done) return tl::unexpected(done.error());
        if (auto kept = record(incoming, "knowledge.delivery_discarded", *id); !kept) {
            return tl::unexpected(kept.error());
        }
        return nothing_to_show();
    }
};

} // namespace

void add_knowledge_delivery_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                                   people::Users &users) {
    const Routes routes{parts, users};
    using Method = Expected<Reply> (Routes::*)(const Incoming &) const;
    const auto add = [&](std::string_view method, const std::string &path, Method handler) {
        gate.add(
            router, method, "/api/v1/knowledge" + path,
            [routes, handler](const Incoming &incoming) { return (routes.*handler)(incoming); });
    };
    add("POST", "/uploads", &Routes::begin_upload);
    add("PUT", "/uploads/{upload}", &Routes::add_piece);
    add("DELETE", "/uploads/{upload}", &Routes::drop_upload);
    add("GET", "/deliveries", &Routes::list);
    add("POST", "/deliveries", &Routes::read);
    add("GET", "/deliveries/{id}", &Routes::show);
    add("DELETE", "/deliveries/{id}", &Routes::discard);
    add("POST", "/deliveries/{id}/apply", &Routes::apply);
    add("POST", "/deliveries/{id}/undo", &Routes::undo);
}

} // namespace fernamt::web
