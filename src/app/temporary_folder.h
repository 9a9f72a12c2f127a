// SPDX-License-Identifier: EUPL-1.2
// A folder of this process alone under the system's temporary one: made when it is first asked for,
// so that a command which needs none and is killed leaves none, and gone with everything in it at
// the end. Its name cannot be guessed: nobody else can have put something there before.
#pragma once

#include "base/problem.h"

#include <filesystem>
#include <string>

namespace fernamt::app {

class TemporaryFolder {
  public:
    // prefix: "fernamt-import"; what an operator recognises it by.
    explicit TemporaryFolder(std::string prefix) : prefix_(std::move(prefix)) {}
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder &) = delete;
    TemporaryFolder &operator=(const TemporaryFolder &) = delete;

    // Problem: config.no_temporary_folder.
    [[nodiscard]] Expected<std::filesystem::path> path();

  private:
    std::string prefix_;
    std::filesystem::path path_; // empty: nobody has asked
};

} // namespace fernamt::app
