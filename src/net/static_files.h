// SPDX-License-Identifier: EUPL-1.2
// The UI's files from one directory: precompressed variants (.br, .gz) by Accept-Encoding, strong
// ETags from the content, one-year caching for /assets/* (their names carry a hash) and "no-cache"
// for everything else. Unknown paths without a dot are pages of the UI: index.html. Reads blocking,
// keeps what it read; never follows a link out of the directory. Thread-safe.
#pragma once

#include "net/http.h"

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace fernamt::net {

class StaticFiles {
  public:
    explicit StaticFiles(const std::string &directory); // empty: serves nothing
    // Nothing if there is no such file. Only for GET and HEAD.
    [[nodiscard]] std::optional<Response> answer(const Request &request) const;

  private:
    struct File {
        std::filesystem::file_time_type changed;
        std::uintmax_t size = 0;
        std::string body;
        std::string etag;
    };
    [[nodiscard]] std::shared_ptr<const File> load(const std::filesystem::path &path) const;

    std::filesystem::path root_;
    mutable std::mutex mutex_;
    mutable std::map<std::string, std::shared_ptr<const File>> files_;
};

} // namespace fernamt::net
