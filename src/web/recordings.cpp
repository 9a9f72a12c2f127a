// SPDX-License-Identifier: EUPL-1.2
#include "web/recordings.h"

#include "base/log.h"
#include "ledger/changed_recording.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <tuple>

namespace fernamt::web {

namespace {

using people::Recording;
using people::RecordingOf;
using storage::Connection;
using telephony::FileAnnouncements;

template <class Read>
auto read(storage::Database &database, Read reading)
    -> decltype(reading(std::declval<Connection &>())) {
    decltype(reading(std::declval<Connection &>())) found;
    const auto done = database.read([&](Connection &connection) -> Expected<void> {
        found = reading(connection);
        if (!found) return tl::unexpected(found.error());
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return found;
}

ledger::NewEntry fact_of(const Recording &recording, Instant now) {
    ledger::ChangedRecording fact;
    fact.version = recording.id;
    fact.municipality = recording.of.municipality;
    if (recording.of.crisis) fact.crisis = recording.of.crisis;
    fact.kind = recording.of.kind;
    fact.from = recording.from;
    if (!recording.file.empty()) fact.sha256 = recording.file;
    fact.by = recording.by;
    fact.withdrawn_at = recording.withdrawn_at;
    return ledger::to_entry(fact, now);
}

std::string bytes_of(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    return bytes.str();
}

// A database that came back without the sounds: one line says so, and how many of those that would
// be heard now are not there. Nobody hears those of a town that is gone.
void say_what_is_missing(const std::vector<Recording> &all, const std::set<std::int64_t> &towns,
                         const FileAnnouncements &files, Instant now) {
    std::set<std::tuple<std::int64_t, std::int64_t, std::string>> seen;
    std::string example;
    std::size_t missing = 0;
    for (auto one = all.rbegin(); one != all.rend(); ++one) {
        if (one->withdrawn_at || one->from > now) continue;
        const std::int64_t town = one->of.municipality ? one->of.municipality->value : 0;
        if (town != 0 && !towns.contains(town)) continue;
        if (!seen.emplace(town, one->of.crisis.value, one->of.kind).second) continue;
        if (one->file.empty() || files.kept_bytes(one->file) > 0) continue;
        ++missing;
        example = one->file + ".wav";
    }
    if (missing == 0) return;
    log::error("announcement.missing",
               {{"recordings", std::to_string(missing)},
                {"file", example},
                {"remedy", "copy announcements/recordings of the state directory back from the "
                           "backup that the database is of, and start again"}});
}

Expected<std::set<std::int64_t>> our_towns(Connection &connection) {
    std::set<std::int64_t> all;
    const auto done =
        connection.each("SELECT id FROM municipality", {}, [&](const storage::Row &row) {
            all.insert(row.integer(0));
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    return all;
}

// Its municipality is ours; a crisis plan may come back.
Expected<bool> is_ours(Connection &connection, const RecordingOf &of) {
    if (!of.municipality) return true;
    return storage::exists(connection, "SELECT 1 FROM municipality WHERE id = $1",
                           {of.municipality->value});
}

} // namespace

Expected<std::vector<Recording>> Recordings::versions(const RecordingOf &of) const {
    return read(database_,
                [&](Connection &connection) { return people::recordings(connection, of); });
}

Expected<Recording> Recordings::find(const RecordingOf &of, std::int64_t version) const {
    const auto all = versions(of);
    if (!all) return tl::unexpected(all.error());
    const auto found = std::ranges::find(*all, version, &Recording::id);
    if (found == all->end()) return fail(ProblemKind::not_found, "announcement.not_found");
    return *found;
}

Expected<void> Recordings::bring_into_force() {
    const auto all =
        read(database_, [](Connection &connection) { return people::recordings(connection); });
    if (!all) return tl::unexpected(all.error());
    const auto ours = read(database_, [](Connection &connection) { return our_towns(connection); });
    if (!ours) return tl::unexpected(ours.error());
    std::vector<FileAnnouncements::Version> versions;
    std::set<std::string> files;
    for (const Recording &one : *all) {
        files.insert(one.file);
        if (one.withdrawn_at) continue;
        versions.push_back({{one.of.municipality, one.of.kind, one.of.crisis}, one.from, one.file});
    }
    files_.follow(versions);
    files_.forget_all_but(files);
    say_what_is_missing(*all, *ours, files_, clock_.now());
    return {};
}

Expected<void> Recordings::bring_into_ledger() {
    const auto missing = read(database_, [](Connection &connection) {
        return people::recordings_not_in_ledger(connection);
    });
    if (!missing) return tl::unexpected(missing.error());
    for (const Recording &one : *missing) {
        const auto seq = ledger_.append_and_wait({fact_of(one, clock_.now())});
        if (!seq) return tl::unexpected(seq.error());
        const auto stored = database_.write(
            [&](Connection &connection) { return people::set_in_ledger(connection, one, *seq); });
        if (!stored) return stored;
    }
    return {};
}

Expected<Recording> Recordings::add(const people::Principal &by, Recording recording) {
    using people::Role;
    recording.office = by.roles.contains(Role::lead) ? Role::lead : Role::admin;
    Expected<Recording> added;
    auto done = database_.write([&](Connection &connection) -> Expected<void> {
        const people::Change change{connection, clock_.now(), by.user};
        Recording wanted = recording;
        wanted.from = std::max(wanted.from, change.at);
        added = people::add(change, std::move(wanted));
        if (!added) return tl::unexpected(added.error());
        return {};
    });
    if (done) done = bring_into_ledger();
    if (done) done = bring_into_force();
    if (!done) return tl::unexpected(done.error());
    return added;
}

Expected<Recording> Recordings::replace(const people::Principal &by, const RecordingOf &of,
                                        std::string_view bytes, Instant from) {
    const std::scoped_lock lock(mutex_);
    const auto kept = files_.keep(bytes);
    if (!kept) return tl::unexpected(kept.error());
    Recording recording;
    recording.of = of;
    recording.from = from;
    recording.file = kept->file;
    recording.length = kept->length;
    return add(by, std::move(recording));
}

Expected<void> Recordings::reset(const people::Principal &by, const RecordingOf &of, Instant from) {
    const std::scoped_lock lock(mutex_);
    const auto all = versions(of);
    if (!all) return tl::unexpected(all.error());
    const Recording *heard = people::heard_at(*all, std::max(from, clock_.now()));
    // Without any, what a program without versions has left may be heard.
    const FileAnnouncements::Recording place{of.municipality, of.kind, of.crisis};
    if (heard == nullptr ? !files_.info(place).replaced : heard->file.empty()) return {};
    Recording recording;
    recording.of = of;
    recording.from = from;
    const auto added = add(by, std::move(recording));
    if (!added) return tl::unexpected(added.error());
    return {};
}

Expected<Recording> Recordings::restore(const people::Principal &by, const RecordingOf &of,
                                        std::int64_t version, Instant from) {
    const std::scoped_lock lock(mutex_);
    auto recording = find(of, version);
    if (!recording) return recording;
    if (!recording->file.empty() && files_.kept_bytes(recording->file) == 0)
        return fail(ProblemKind::not_found, "announcement.not_found");
    recording->restores = recording->id;
    recording->from = from;
    recording->withdrawn_at.reset();
    return add(by, std::move(*recording));
}

Expected<void> Recordings::withdraw(UserId by, const RecordingOf &of, std::int64_t version) {
    const std::scoped_lock lock(mutex_);
    auto done = database_.write([&](Connection &connection) {
        return people::withdraw({connection, clock_.now(), by}, of, version);
    });
    if (done) done = bring_into_ledger();
    if (done) done = bring_into_force();
    return done;
}

// Its file goes last: a program that is killed in between finds it again, and knows by its sound,
// and that nobody of ours made that version, that it has it. What cannot be taken over stays heard
// where it is, and is tried again at the next start.
Expected<void> Recordings::take_over_old_ones() {
    for (const FileAnnouncements::Old &old : files_.of_older_programs()) {
        Recording recording;
        recording.of = {old.crisis ? std::nullopt : old.municipality, old.crisis, old.name};
        recording.from = old.changed;
        const auto kept = files_.keep(bytes_of(old.path));
        if (!kept) {
            log::warning("announcement.not_taken_over",
                         {{"file", old.path}, {"problem", describe(kept.error())}});
            continue;
        }
        recording.file = kept->file;
        recording.length = kept->length;
        bool ours = false;
        const auto done = database_.write([&](Connection &connection) -> Expected<void> {
            const auto known = is_ours(connection, recording.of);
            if (!known) return tl::unexpected(known.error());
            ours = *known;
            if (!ours) return {};
            const auto there = people::recordings(connection, recording.of);
            if (!there) return tl::unexpected(there.error());
            const bool has_it = std::ranges::any_of(*there, [&](const Recording &one) {
                return !one.by && one.file == recording.file;
            });
            if (has_it) return {};
            const auto added = people::add({connection, old.changed, UserId{}}, recording);
            if (!added) return tl::unexpected(added.error());
            return {};
        });
        if (!done) {
            log::warning("announcement.not_taken_over",
                         {{"file", old.path}, {"problem", describe(done.error())}});
            continue;
        }
        std::error_code ignored;
        if (ours) std::filesystem::remove(old.path, ignored);
    }
    return {};
}

Expected<void> Recordings::take_up() {
    const std::scoped_lock lock(mutex_);
    auto done = take_over_old_ones();
    if (done) done = bring_into_ledger();
    if (done) done = bring_into_force();
    return done;
}

} // namespace fernamt::web
