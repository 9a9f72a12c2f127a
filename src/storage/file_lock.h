// SPDX-License-Identifier: EUPL-1.2
// An exclusive lock for the life of the object, by flock on a file of its own (never on the
// database file: closing any descriptor of that would drop SQLite's POSIX locks). The kernel frees
// it when the process dies. Also: what must be known of a database file before SQLite opens it.
#pragma once

#include "base/problem.h"

#include <memory>
#include <string>

namespace fernamt::storage {

class FileLock {
  public:
    // The file is made, of whoever owns its directory (file_owner.h).
    // "storage.in_use" if another holds it, "storage.read_only" if the file cannot be made.
    [[nodiscard]] static Expected<std::unique_ptr<FileLock>> take(const std::string &path);
    ~FileLock();
    FileLock(const FileLock &) = delete;
    FileLock &operator=(const FileLock &) = delete;

  private:
    explicit FileLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

// Creates the file with mode 0600, of whoever owns its directory, and makes its name durable;
// refuses network file systems, whose locks and syncs SQLite cannot rely on
// ("storage.network_file_system").
[[nodiscard]] Expected<void> prepare_file(const std::string &path);

} // namespace fernamt::storage
