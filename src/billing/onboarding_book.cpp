// SPDX-License-Identifier: EUPL-1.2
#include "billing/onboarding_book.h"

#include "base/csv.h"
#include "billing/document_fields.h"

#include <fmt/format.h>

namespace fernamt::agreements {

template <class T, class Struct>
concept IsA = std::same_as<std::remove_const_t<T>, Struct>;

template <class F, IsA<Answer> T>
void fields(F &f, T &v) {
    f("question", v.question);
    f("text", v.text);
}
template <class F, IsA<OnboardingTask> T>
void fields(F &f, T &v) {
    f("key", v.key);
    f("due", v.due);
    f("done", v.done);
    f("note", v.note);
}
template <class F, IsA<Onboarding> T>
void fields(F &f, T &v) {
    f("municipality", v.municipality);
    f("land", v.land);
    f("go_live", v.go_live);
    f("answers", v.answers);
    f("tasks", v.tasks);
}

} // namespace fernamt::agreements

namespace fernamt::billing {

namespace {

using agreements::Onboarding;
using storage::Connection;

Expected<std::vector<StoredOnboarding>> select(Connection &connection, std::string_view where,
                                               const std::vector<storage::Value> &parameters) {
    std::vector<StoredOnboarding> found;
    Expected<void> read;
    const auto done = connection.each(
        fmt::format("SELECT version, document FROM onboarding {} ORDER BY go_live, municipality",
                    where),
        parameters, [&](const storage::Row &row) {
            auto onboarding = onboarding_from(row.text(1));
            if (!onboarding) {
                read = tl::unexpected(onboarding.error());
                return false;
            }
            found.push_back({std::move(*onboarding), row.integer(0)});
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    if (!read) return tl::unexpected(read.error());
    return found;
}

Expected<StoredOnboarding> select_one(Connection &connection, MunicipalityId municipality) {
    auto found = select(connection, "WHERE municipality = $1", {municipality.value});
    if (!found) return tl::unexpected(found.error());
    if (found->empty()) return fail(ProblemKind::not_found, "onboarding.none");
    return std::move(found->front());
}

Expected<void> keep_version(Connection &connection, const StoredOnboarding &stored,
                            const Change &change) {
    const auto done = connection.run(
        "INSERT INTO onboarding_version (municipality, version, changed_at, changed_by, document) "
        "VALUES ($1, $2, $3, $4, $5)",
        {stored.onboarding.municipality.value, stored.version, change.at.us, change.by.value,
         to_document(stored.onboarding)});
    if (!done) return tl::unexpected(done.error());
    return change.also ? change.also(connection) : Expected<void>{};
}

void append(std::string &out, std::initializer_list<std::string_view> fields) {
    bool first = true;
    for (const std::string_view field : fields) {
        if (!first) out += ';';
        out += csv_field(field, "=+-@\t\r");
        first = false;
    }
    out += "\r\n";
}

} // namespace

Expected<StoredOnboarding> OnboardingBook::begin(MunicipalityId municipality, Land land,
                                                 const LocalDate &go_live, const Change &change) {
    StoredOnboarding stored{agreements::begin_onboarding(municipality, land, go_live), 1};
    const auto done = database_.write([&](Connection &connection) -> Expected<void> {
        const auto known = select(connection, "WHERE municipality = $1", {municipality.value});
        if (!known) return tl::unexpected(known.error());
        if (!known->empty()) return fail(ProblemKind::conflict, "onboarding.exists");
        const auto inserted =
            connection.run("INSERT INTO onboarding (municipality, version, go_live, document) "
                           "VALUES ($1, $2, $3, $4)",
                           {municipality.value, stored.version, to_string(go_live),
                            to_document(stored.onboarding)});
        if (!inserted) return tl::unexpected(inserted.error());
        return keep_version(connection, stored, change);
    });
    if (!done) return tl::unexpected(done.error());
    return stored;
}

Expected<StoredOnboarding> OnboardingBook::find(MunicipalityId municipality) {
    Expected<StoredOnboarding> found;
    const auto done = database_.read([&](Connection &connection) -> Expected<void> {
        found = select_one(connection, municipality);
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return found;
}

Expected<std::vector<StoredOnboarding>> OnboardingBook::list() {
    Expected<std::vector<StoredOnboarding>> found;
    const auto done = database_.read([&](Connection &connection) -> Expected<void> {
        found = select(connection, "", {});
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return found;
}

Expected<StoredOnboarding> OnboardingBook::change(MunicipalityId municipality,
                                                  std::int64_t expected_version, const Edit &edit,
                                                  const Change &change) {
    StoredOnboarding result;
    const auto done = database_.write([&](Connection &connection) -> Expected<void> {
        auto stored = select_one(connection, municipality);
        if (!stored) return tl::unexpected(stored.error());
        if (stored->version != expected_version) {
            return fail(ProblemKind::stale, "onboarding.stale",
                        {{"version", fmt::format("{}", stored->version)}});
        }
        result = std::move(*stored);
        if (auto edited = edit(result.onboarding); !edited) return edited;
        ++result.version;
        const auto updated =
            connection.run("UPDATE onboarding SET version = $2, go_live = $3, document = $4 "
                           "WHERE municipality = $1",
                           {municipality.value, result.version,
                            to_string(result.onboarding.go_live), to_document(result.onboarding)});
        if (!updated) return tl::unexpected(updated.error());
        return keep_version(connection, result, change);
    });
    if (!done) return tl::unexpected(done.error());
    return result;
}

std::string to_document(const Onboarding &onboarding) {
    return write_document(onboarding);
}

Expected<Onboarding> onboarding_from(std::string_view document) {
    return read_document<Onboarding>(document);
}

std::string to_csv(const Onboarding &onboarding) {
    std::string out;
    append(out, {"Satz", "Schluessel", "Text", "Antwort oder Bemerkung", "bis", "erledigt"});
    for (const agreements::Question &question : agreements::questions()) {
        append(out, {"Frage", question.key, question.german, answer_to(onboarding, question.key),
                     "", ""});
    }
    for (const agreements::OnboardingTask &task : onboarding.tasks) {
        const auto *kind = agreements::find_task(task.key);
        append(out, {"Aufgabe", task.key, kind == nullptr ? std::string_view{} : kind->german,
                     task.note, to_string(task.due), task.done ? to_string(*task.done) : ""});
    }
    return out;
}

} // namespace fernamt::billing
