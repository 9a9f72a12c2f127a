// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/delivery_files.h"

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace fernamt::knowledge {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kLongestIndex = 16U << 20;
constexpr std::uint64_t kSwelling = 500;

tl::unexpected<Problem> problem(std::string code, std::string file) {
    return fail(ProblemKind::invalid_input, std::move(code), {{"file", std::move(file)}});
}

// Something that holds files by name.
class Container {
  public:
    virtual ~Container() = default;
    [[nodiscard]] virtual std::vector<std::string> names() const = 0; // sorted
    [[nodiscard]] virtual bool has(const std::string &name) const = 0;
    [[nodiscard]] virtual Expected<void> open(const std::string &name,
                                              const FileVisitor &visit) const = 0;
};

class Folder final : public Container {
  public:
    explicit Folder(fs::path path) : path_(std::move(path)) {}
    std::vector<std::string> names() const override {
        std::vector<std::string> found;
        std::error_code error;
        for (const auto &entry : fs::directory_iterator(path_, error)) {
            if (entry.is_regular_file(error)) found.push_back(entry.path().filename().string());
        }
        std::ranges::sort(found);
        return found;
    }
    bool has(const std::string &name) const override {
        std::error_code error;
        return fs::is_regular_file(path_ / name, error);
    }
    Expected<void> open(const std::string &name, const FileVisitor &visit) const override {
        return read(path_ / name, name, visit);
    }
    static Expected<void> read(const fs::path &path, const std::string &name,
                               const FileVisitor &visit) {
        const std::unique_ptr<std::FILE, int (*)(std::FILE *)> file(std::fopen(path.c_str(), "rb"),
                                                                    std::fclose);
        if (!file) return problem("knowledge.delivery_unreadable", name);
        return visit(name, [&](char *buffer, std::size_t size) -> std::ptrdiff_t {
            const std::size_t got = std::fread(buffer, 1, size, file.get());
            if (got == 0 && std::ferror(file.get()) != 0) return -1;
            return static_cast<std::ptrdiff_t>(got);
        });
    }

  private:
    fs::path path_;
};

class Zip final : public Container {
  public:
    static std::unique_ptr<Zip> open_file(const std::string &path) {
        int error = 0;
        zip_t *archive = zip_open(path.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &error);
        if (!archive) return nullptr;
        return std::unique_ptr<Zip>(new Zip(archive));
    }
    ~Zip() override { zip_discard(archive_); }
    Zip(const Zip &) = delete;
    Zip &operator=(const Zip &) = delete;

    std::vector<std::string> names() const override {
        std::vector<std::string> found;
        const zip_int64_t count = zip_get_num_entries(archive_, 0);
        for (zip_int64_t i = 0; i < count; ++i) {
            const char *name = zip_get_name(archive_, static_cast<zip_uint64_t>(i), 0);
            if (name && !std::string_view(name).ends_with('/')) found.emplace_back(name);
        }
        std::ranges::sort(found);
        return found;
    }
    bool has(const std::string &name) const override {
        return zip_name_locate(archive_, name.c_str(), 0) >= 0;
    }
    Expected<void> open(const std::string &name, const FileVisitor &visit) const override {
        zip_stat_t about;
        zip_stat_init(&about);
        if (zip_stat(archive_, name.c_str(), 0, &about) != 0) {
            return problem("knowledge.delivery_unreadable", name);
        }
        const std::unique_ptr<zip_file_t, int (*)(zip_file_t *)> file(
            zip_fopen(archive_, name.c_str(), 0), zip_fclose);
        if (!file) return problem("knowledge.delivery_unreadable", name);
        std::uint64_t read = 0;
        // The size in the directory may lie: what really comes out is counted.
        const std::uint64_t most = std::max<std::uint64_t>(about.comp_size, 4096) * kSwelling;
        return visit(name, [&](char *buffer, std::size_t size) -> std::ptrdiff_t {
            const zip_int64_t got = zip_fread(file.get(), buffer, size);
            if (got > 0) read += static_cast<std::uint64_t>(got);
            return read > most ? -1 : static_cast<std::ptrdiff_t>(got);
        });
    }

  private:
    explicit Zip(zip_t *archive) : archive_(archive) {}
    zip_t *archive_;
};

bool leads_out(const std::string &name) {
    if (name.empty() || name.front() == '/' || name.find('\\') != std::string::npos ||
        name.find('\0') != std::string::npos) {
        return true;
    }
    for (const fs::path &part : fs::path(name)) {
        if (part == "..") return true;
    }
    return false;
}

bool is_index(std::string_view name) {
    const auto slash = name.rfind('/');
    if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
    return name.starts_with("index") && name.ends_with(".txt");
}

// The names in an index, one per line.
Expected<std::vector<std::string>> read_index(const Container &container,
                                              const std::string &index) {
    std::string text;
    const auto done =
        container.open(index, [&](const std::string &, const ByteSource &source) -> Expected<void> {
            char buffer[16384];
            for (std::ptrdiff_t got = 1; got > 0;) {
                got = source(buffer, sizeof buffer);
                if (got < 0 || text.size() > kLongestIndex) {
                    return problem("knowledge.delivery_unreadable", index);
                }
                text.append(buffer, static_cast<std::size_t>(got));
            }
            return {};
        });
    if (!done) return tl::unexpected(done.error());
    const auto slash = index.rfind('/');
    const std::string base = slash == std::string::npos ? "" : index.substr(0, slash + 1);
    std::vector<std::string> names;
    std::string_view rest = text;
    if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
    while (!rest.empty()) {
        const auto end = std::min(rest.find('\n'), rest.size());
        std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        while (!line.empty() && (line.back() == '\r' || line.back() == ' '))
            line.remove_suffix(1);
        if (line.empty()) continue;
        if (leads_out(std::string(line))) {
            return problem("knowledge.delivery_name", std::string(line.substr(0, 200)));
        }
        names.push_back(base + std::string(line));
    }
    return names;
}

Expected<std::vector<std::string>> files_of(const Container &container, const std::string &path) {
    const std::vector<std::string> all = container.names();
    std::vector<std::string> wanted;
    bool indexed = false;
    for (const std::string &name : all) {
        if (!is_index(name)) continue;
        indexed = true;
        const auto named = read_index(container, name);
        if (!named) return tl::unexpected(named.error());
        wanted.insert(wanted.end(), named->begin(), named->end());
    }
    if (!indexed) {
        std::ranges::copy_if(all, std::back_inserter(wanted),
                             [](const std::string &name) { return name.ends_with(".xml"); });
    }
    if (wanted.empty()) return problem("knowledge.delivery_empty", path);
    for (const std::string &name : wanted) {
        // Before anything is read: an incomplete full delivery would delete by accident.
        if (!container.has(name)) return problem("knowledge.delivery_incomplete", name);
    }
    return wanted;
}

bool is_zip(const std::string &path) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE *)> file(std::fopen(path.c_str(), "rb"),
                                                                std::fclose);
    char start[4] = {};
    return file && std::fread(start, 1, 4, file.get()) == 4 &&
           std::string_view(start, 4) == std::string_view("PK\x03\x04", 4);
}

} // namespace

Expected<void> each_delivered_file(const std::string &path, const FileVisitor &visit) {
    std::error_code error;
    std::unique_ptr<Container> container;
    if (fs::is_directory(path, error)) {
        container = std::make_unique<Folder>(path);
    } else if (!fs::is_regular_file(path, error)) {
        return problem("knowledge.delivery_unreadable", path);
    } else if (is_zip(path)) {
        container = Zip::open_file(path);
        if (!container) return problem("knowledge.delivery_unreadable", path);
    } else {
        return Folder::read(path, fs::path(path).filename().string(), visit);
    }
    const auto names = files_of(*container, path);
    if (!names) return tl::unexpected(names.error());
    for (const std::string &name : *names) {
        if (auto done = container->open(name, visit); !done) return done;
    }
    return {};
}

} // namespace fernamt::knowledge
