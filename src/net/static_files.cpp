// SPDX-License-Identifier: EUPL-1.2
#include "net/static_files.h"

#include "base/text.h"
#include "net/message.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

namespace fernamt::net {
namespace {

constexpr std::uintmax_t kLargestFile = 16U * 1024 * 1024;

std::string content_type(const std::filesystem::path &path) {
    static const std::map<std::string, std::string, std::less<>> types{
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".map", "application/json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".webp", "image/webp"},
        {".woff2", "font/woff2"},
        {".wav", "audio/wav"},
        {".mp3", "audio/mpeg"},
        {".txt", "text/plain; charset=utf-8"},
        {".pdf", "application/pdf"},
    };
    const auto found = types.find(lower_ascii(path.extension().string()));
    return found != types.end() ? found->second : "application/octet-stream";
}

std::string etag_of(const std::string &body) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    std::string tag = "\"";
    SHA256(reinterpret_cast<const unsigned char *>(body.data()), body.size(), digest.data());
    for (std::size_t i = 0; i < 16; ++i)
        tag += fmt::format("{:02x}", digest.at(i));
    return tag + '"';
}

std::string header(const Request &request, std::string_view name) {
    const auto found = request.headers.find(name);
    return found != request.headers.end() ? found->second : std::string{};
}

bool is_inside(const std::filesystem::path &root, const std::filesystem::path &file) {
    return std::mismatch(root.begin(), root.end(), file.begin(), file.end()).first == root.end();
}

// Hidden files are not part of the UI.
bool has_hidden_segment(std::string_view path) {
    return path.find("/.") != std::string_view::npos;
}

} // namespace

StaticFiles::StaticFiles(const std::string &directory) {
    std::error_code ignored;
    if (!directory.empty()) root_ = std::filesystem::canonical(directory, ignored);
}

std::shared_ptr<const StaticFiles::File>
StaticFiles::load(const std::filesystem::path &path) const {
    std::error_code error;
    const std::filesystem::path real = std::filesystem::canonical(path, error);
    if (error || !is_inside(root_, real) || !std::filesystem::is_regular_file(real, error))
        return nullptr;
    const auto changed = std::filesystem::last_write_time(real, error);
    const auto size = std::filesystem::file_size(real, error);
    if (error || size > kLargestFile) return nullptr;
    {
        const std::lock_guard lock(mutex_);
        const auto known = files_.find(real.string());
        if (known != files_.end() && known->second->changed == changed &&
            known->second->size == size)
            return known->second;
    }
    std::ifstream in(real, std::ios::binary);
    std::ostringstream read;
    read << in.rdbuf();
    if (!in) return nullptr;
    auto file = std::make_shared<File>();
    file->changed = changed;
    file->size = size;
    file->body = read.str();
    file->etag = etag_of(file->body);
    const std::lock_guard lock(mutex_);
    files_[real.string()] = file;
    return file;
}

std::optional<Response> StaticFiles::answer(const Request &request) const {
    if (root_.empty() || has_hidden_segment(request.path)) return std::nullopt;
    std::string name = request.path.substr(1);
    if (name.empty()) name = "index.html";
    std::filesystem::path path = root_ / name;
    auto file = load(path);
    const bool is_api = request.path == "/api" || request.path.substr(0, 5) == "/api/";
    if (!file && !is_api && request.path.find('.') == std::string::npos) {
        path = root_ / "index.html";
        file = load(path);
    }
    if (!file) return std::nullopt;

    Response response;
    response.headers.emplace_back("Content-Type", content_type(path));
    response.headers.emplace_back("Vary", "Accept-Encoding");
    const bool hashed = request.path.substr(0, 8) == "/assets/";
    response.headers.emplace_back("Cache-Control",
                                  hashed ? "public, max-age=31536000, immutable" : "no-cache");
    const std::string wanted = header(request, "accept-encoding");
    for (const auto &[coding, suffix] : {std::pair{"br", ".br"}, std::pair{"gzip", ".gz"}}) {
        if (!accepts_coding(wanted, coding)) continue;
        const auto packed = load(path.string() + suffix);
        if (!packed) continue;
        file = packed;
        response.headers.emplace_back("Content-Encoding", coding);
        break;
    }
    response.headers.emplace_back("ETag", file->etag);
    if (matches_etag(header(request, "if-none-match"), file->etag)) {
        response.status = 304;
        return response;
    }
    response.body = file->body;
    return response;
}

} // namespace fernamt::net
