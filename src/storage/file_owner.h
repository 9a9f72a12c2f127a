// SPDX-License-Identifier: EUPL-1.2
// What root makes in the directory of the service's user belongs to that user: a command that was
// run as root must not keep the service out of its own files afterwards.
#pragma once

#include "base/problem.h"

#include <string>

namespace fernamt::storage {

// Gives the file or directory, with whatever root owns in it, to whom the directory belongs that it
// lies in. Nothing unless this process is root's and that directory somebody else's. Links are not
// followed, and files of several names stay whose they are: that user may have put them there.
// Who may not give files away (a container's root without CAP_CHOWN) keeps them. Problems: those of
// file_problem().
[[nodiscard]] Expected<void> give_to_owner(const std::string &path);

// Makes the directory and those above it that are missing. Made by root in somebody's directory,
// each is that user's and has that directory's mode.
[[nodiscard]] Expected<void> make_directories(const std::string &path);

// The directory that a path lies in.
[[nodiscard]] std::string folder_of(const std::string &path);

// "storage.read_only", "storage.full" or "storage.unavailable" (path, reason), by errno.
[[nodiscard]] tl::unexpected<Problem> file_problem(int error, const std::string &path);

} // namespace fernamt::storage
