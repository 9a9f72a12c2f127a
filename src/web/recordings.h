// SPDX-License-Identifier: EUPL-1.2
// Changes of what callers hear: the sound is on the disk before its version stands in the database,
// the version before it is heard, and what was changed is in the ledger before the answer goes out;
// what a killed program did not get that far with, take_up() finishes at the next start. One change
// at a time.
#pragma once

#include "ledger/ledger.h"
#include "people/access.h"
#include "people/recordings.h"
#include "telephony/announcements_files.h"

#include <mutex>
#include <string_view>

namespace fernamt::web {

class Recordings {
  public:
    Recordings(storage::Database &database, ledger::Ledger &ledger,
               telephony::FileAnnouncements &files, const Clock &clock)
        : database_(database), ledger_(ledger), files_(files), clock_(clock) {}

    // At the start, before the first call: takes over what a program without versions has left,
    // sets sounds aside that no version names, puts into force what is stored. Versions of a town
    // that is gone stay: it may come back.
    [[nodiscard]] Expected<void> take_up();

    // Problems of FileAnnouncements::keep and of people::add. `from` in the past is now.
    [[nodiscard]] Expected<people::Recording> replace(const people::Principal &by,
                                                      const people::RecordingOf &of,
                                                      std::string_view bytes, Instant from);
    // What came with the program again. Nothing is changed if it would be heard then anyway.
    [[nodiscard]] Expected<void> reset(const people::Principal &by, const people::RecordingOf &of,
                                       Instant from);
    // The sound of an earlier version again, or what came with the program if that was it.
    // "announcement.not_found", also when its file is gone.
    [[nodiscard]] Expected<people::Recording> restore(const people::Principal &by,
                                                      const people::RecordingOf &of,
                                                      std::int64_t version, Instant from);
    [[nodiscard]] Expected<void> withdraw(UserId by, const people::RecordingOf &of,
                                          std::int64_t version);

    [[nodiscard]] Expected<std::vector<people::Recording>>
    versions(const people::RecordingOf &of) const;
    // "announcement.not_found".
    [[nodiscard]] Expected<people::Recording> find(const people::RecordingOf &of,
                                                   std::int64_t version) const;

  private:
    [[nodiscard]] Expected<people::Recording> add(const people::Principal &by,
                                                  people::Recording recording);
    [[nodiscard]] Expected<void> take_over_old_ones();
    [[nodiscard]] Expected<void> bring_into_force();
    [[nodiscard]] Expected<void> bring_into_ledger();

    storage::Database &database_;
    ledger::Ledger &ledger_;
    telephony::FileAnnouncements &files_;
    const Clock &clock_;
    std::mutex mutex_;
};

} // namespace fernamt::web
