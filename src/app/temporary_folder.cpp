// SPDX-License-Identifier: EUPL-1.2
#include "app/temporary_folder.h"

#include <cstdlib>
#include <system_error>

namespace fernamt::app {

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

Expected<std::filesystem::path> TemporaryFolder::path() {
    if (!path_.empty()) return path_;
    std::error_code none;
    const auto parent = std::filesystem::temp_directory_path(none);
    std::string pattern = parent / (prefix_ + "-XXXXXX");
    if (none || ::mkdtemp(pattern.data()) == nullptr) {
        return fail(ProblemKind::unavailable, "config.no_temporary_folder",
                    {{"folder", parent.empty() ? "TMPDIR" : parent.string()},
                     {"remedy", "let TMPDIR name a folder that this user can write to"}});
    }
    path_ = pattern;
    return path_;
}

} // namespace fernamt::app
