// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/index_store.h"

#include "knowledge/index_terms.h"
#include "storage/file_lock.h"
#include "storage/file_owner.h"

#include <fmt/format.h>
#include <xapian.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <vector>

namespace fernamt::knowledge {

namespace {

namespace fs = std::filesystem;

constexpr int kForm = 4; // grows when terms, data or values change
constexpr Xapian::valueno kSubjectSlot = 0;
constexpr Xapian::valueno kHashSlot = 1;
constexpr std::int64_t kProgressEvery = 500;
constexpr std::int64_t kCommitEvery = 4'000; // what waits in memory stays near the processor

tl::unexpected<Problem> index_problem(const std::string &directory, const std::string &what) {
    return fail(ProblemKind::unavailable, "search.index",
                {{"directory", directory}, {"what", what}});
}

std::string hex(std::uint64_t number) {
    return fmt::format("{:016x}", number);
}

template <class Number>
Number number_of(const std::string &text, int base = 10) {
    Number number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number, base);
    return number;
}

IndexState read_state(const Xapian::Database &index) {
    return {.generation = number_of<std::int64_t>(index.get_metadata("generation")),
            .documents = static_cast<std::int64_t>(index.get_doccount()),
            .checksum = number_of<std::uint64_t>(index.get_metadata("checksum"), 16),
            .version = index.get_metadata("version")};
}

void write_state(Xapian::WritableDatabase &index, const IndexState &state) {
    index.set_metadata("generation", fmt::format("{}", state.generation));
    index.set_metadata("checksum", hex(state.checksum));
    index.set_metadata("version", state.version);
}

Xapian::Document to_document(const IndexEntry &entry, const SearchDocument &document) {
    Xapian::Document made;
    for (const IndexTerm &term : entry.terms) {
        if (term.weight > 0) {
            made.add_term(term.text, term.weight);
        } else {
            made.add_boolean_term(term.text);
        }
    }
    made.add_value(kSubjectSlot,
                   fmt::format("{}/{}", static_cast<int>(document.kind), document.subject));
    made.add_value(kHashSlot, hex(entry.hash));
    made.set_data(entry.data);
    return made;
}

// The documents under a term, with their hashes taken off the sum.
void remove(Xapian::WritableDatabase &index, const std::string &term, IndexState &state) {
    for (auto at = index.postlist_begin(term); at != index.postlist_end(term); ++at) {
        const Xapian::Document old = index.get_document(*at);
        state.checksum -= number_of<std::uint64_t>(old.get_value(kHashSlot), 16);
    }
    index.delete_document(term);
}

// Runs f; Xapian's exceptions become a Problem.
template <class F>
auto guarded(const std::string &directory, const F &f) -> decltype(f()) {
    try {
        return f();
    } catch (const Xapian::Error &error) {
        return index_problem(directory, error.get_description());
    } catch (const fs::filesystem_error &error) {
        return index_problem(directory, error.what());
    }
}

// Puts `name` in the place of the old index, which readers may still hold open.
Expected<void> put_in_place(const fs::path &directory, const std::string &name) {
    const fs::path current = directory / "current";
    const fs::path fresh = directory / "current.new";
    {
        std::ofstream out(fresh, std::ios::trunc);
        out << name << '\n';
        out.flush();
        if (!out) {
            throw fs::filesystem_error("cannot write", fresh,
                                       std::make_error_code(std::errc::io_error));
        }
    }
    if (auto given = storage::give_to_owner(fresh.string()); !given) return given;
    fs::rename(fresh, current);
    return {};
}

void remove_all_but(const fs::path &directory, const std::vector<std::string> &kept) {
    std::error_code ignored; // what stays behind is removed the next time
    std::vector<fs::path> old;
    for (const fs::directory_entry &each : fs::directory_iterator(directory, ignored)) {
        const std::string name = each.path().filename().string();
        if (name.starts_with("index-") && std::ranges::find(kept, name) == kept.end()) {
            old.push_back(each.path());
        }
    }
    for (const fs::path &path : old)
        fs::remove_all(path, ignored);
}

std::string unused_name(const fs::path &directory) {
    for (int i = 1;; ++i) {
        std::string name = fmt::format("index-{}", i);
        if (!fs::exists(directory / name)) return name;
    }
}

tl::unexpected<Problem> search_stopped() {
    return fail(ProblemKind::unavailable, "search.stopped");
}

// Makes the directory, too.
Expected<std::unique_ptr<storage::FileLock>> take_lock(const std::string &directory) {
    if (const auto made = storage::make_directories(directory); !made)
        return index_problem(directory, describe(made.error()));
    auto lock = storage::FileLock::take((fs::path(directory) / "lock").string());
    if (lock || lock.error().code != "storage.in_use") return lock;
    return fail(ProblemKind::conflict, "search.in_use", {{"directory", directory}});
}

} // namespace

IndexStore::IndexStore(std::string directory, const Analyser &analyser)
    : directory_(std::move(directory)), analyser_(analyser) {}

std::string IndexStore::path() const {
    std::ifstream in(fs::path(directory_) / "current");
    std::string name;
    if (!std::getline(in, name) || !name.starts_with("index-") ||
        name.find('/') != std::string::npos) {
        return {};
    }
    return (fs::path(directory_) / name).string();
}

std::optional<IndexState> IndexStore::state() const {
    const std::string where = path();
    if (where.empty()) return std::nullopt;
    try {
        const IndexState state = read_state(Xapian::Database(where));
        if (state.version != fmt::format("{}-{}", kForm, analyser_.version())) return std::nullopt;
        return state;
    } catch (const Xapian::Error &) {
        return std::nullopt; // built again
    }
}

Expected<IndexState> IndexStore::rebuild(const DocumentSource &source, const IndexWatch &watch) {
    return guarded(directory_, [&]() -> Expected<IndexState> {
        const auto lock = take_lock(directory_);
        if (!lock) return tl::unexpected(lock.error());
        return build(source, watch);
    });
}

Expected<IndexState> IndexStore::update(const DocumentSource &source, const IndexWatch &watch) {
    return guarded(directory_, [&]() -> Expected<IndexState> {
        const auto lock = take_lock(directory_);
        if (!lock) return tl::unexpected(lock.error());
        return state() ? apply(source, watch) : build(source, watch);
    });
}

Expected<IndexState> IndexStore::build(const DocumentSource &source, const IndexWatch &watch) {
    const std::int64_t of = source.documents ? source.documents().value_or(0) : 0;
    const auto tell = [&](std::int64_t done, bool all) {
        if (watch.building) watch.building(done, all ? done : std::max(done, of));
    };
    tell(0, false);
    const std::string before = fs::path(path()).filename().string();
    remove_all_but(directory_, {before});
    const std::string name = unused_name(directory_);
    const fs::path fresh = fs::path(directory_) / name;
    IndexState state{.version = fmt::format("{}-{}", kForm, analyser_.version())};
    bool stopped = false;
    const auto fill = [&]() -> Expected<void> {
        // Nothing is lost when the power goes: "current" still names the old index.
        Xapian::WritableDatabase index(fresh.string(), Xapian::DB_CREATE_OR_OVERWRITE |
                                                           Xapian::DB_NO_SYNC |
                                                           Xapian::DB_DANGEROUS);
        IndexTerms terms(analyser_);
        const auto done = source.all([&](const SearchDocument &document) {
            stopped = watch.stops && watch.stops();
            if (stopped) return false;
            const IndexEntry entry = terms.entry(document);
            index.add_document(to_document(entry, document));
            state.checksum += entry.hash;
            ++state.documents;
            if (state.documents % kCommitEvery == 0) index.commit();
            if (state.documents % kProgressEvery == 0) tell(state.documents, false);
            return true;
        });
        if (!done) return tl::unexpected(done.error());
        if (stopped) return search_stopped();
        state.generation = *done;
        write_state(index, state);
        index.commit();
        return {};
    };
    if (const auto filled = fill(); !filled) {
        std::error_code ignored; // else the next one removes it
        fs::remove_all(fresh, ignored);
        return tl::unexpected(filled.error());
    }
    if (auto given = storage::give_to_owner(fresh.string()); !given)
        return tl::unexpected(given.error());
    if (auto placed = put_in_place(directory_, name); !placed)
        return tl::unexpected(placed.error());
    tell(state.documents, true);
    return state;
}

Expected<IndexState> IndexStore::apply(const DocumentSource &source, const IndexWatch &watch) {
    const auto before = state();
    if (!before) return index_problem(directory_, "it vanished");
    Xapian::WritableDatabase index(path(), Xapian::DB_OPEN);
    IndexState after = *before;
    IndexTerms terms(analyser_);
    bool stopped = false;
    index.begin_transaction();
    const auto done = source.changed(
        before->generation,
        [&](const std::string &subject) {
            remove(index, "S" + subject, after);
            return true;
        },
        [&](const SearchDocument &document) {
            stopped = watch.stops && watch.stops();
            if (stopped) return false;
            const IndexEntry entry = terms.entry(document);
            const std::string unique = "Q" + document.id;
            remove(index, unique, after);
            index.add_document(to_document(entry, document));
            after.checksum += entry.hash;
            return true;
        });
    if (!done || stopped) {
        index.cancel_transaction();
        if (!done) return tl::unexpected(done.error());
        return search_stopped();
    }
    after.generation = *done;
    write_state(index, after);
    index.commit_transaction();
    if (auto given = storage::give_to_owner(path()); !given) return tl::unexpected(given.error());
    after.documents = static_cast<std::int64_t>(index.get_doccount());
    return after;
}

Expected<IndexVerification> IndexStore::verify(const DocumentSource &source) const {
    return guarded(directory_, [&]() -> Expected<IndexVerification> {
        IndexVerification result;
        result.source.version = fmt::format("{}-{}", kForm, analyser_.version());
        const auto generation = source.all([&](const SearchDocument &document) {
            result.source.checksum += hash_of(document);
            ++result.source.documents;
            return true;
        });
        if (!generation) return tl::unexpected(generation.error());
        result.source.generation = *generation;
        const std::string where = path();
        if (where.empty()) return result;
        try {
            const Xapian::Database index(where);
            result.index = read_state(index);
            // What stands there, not only what was noted when it was written.
            std::uint64_t sum = 0;
            for (auto at = index.postlist_begin(""); at != index.postlist_end(""); ++at)
                sum += number_of<std::uint64_t>(index.get_document(*at).get_value(kHashSlot), 16);
            result.readable =
                sum == result.index.checksum && Xapian::Database::check(where, 0, nullptr) == 0;
        } catch (const Xapian::Error &) {
            result.readable = false;
        }
        return result;
    });
}

} // namespace fernamt::knowledge
