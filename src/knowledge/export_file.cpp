// SPDX-License-Identifier: EUPL-1.2
// An export as a file (export.h): written beside its place, checked there, moved there when whole.
#include "knowledge/export.h"
#include "knowledge/xzufi_reader.h"

#include <filesystem>
#include <fstream>

namespace fernamt::knowledge {

namespace {

// Gone unless it was moved to its place.
struct Unfinished {
    std::filesystem::path path;
    ~Unfinished() {
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
    }
};

// By the same reader that deliveries are held against a schema with.
Expected<void> obeys(const std::filesystem::path &file, const std::string &schema_file) {
    std::ifstream in(file, std::ios::binary);
    const ByteSource source = [&](char *buffer, std::size_t size) -> std::ptrdiff_t {
        in.read(buffer, static_cast<std::streamsize>(size));
        return in.bad() ? -1 : static_cast<std::ptrdiff_t>(in.gcount());
    };
    const XzufiSink nothing{[](const XzufiItem &) { return Expected<void>{}; },
                            [](const XzufiFinding &) {}};
    const auto schema = XzufiSchema::load(schema_file);
    if (!schema) return tl::unexpected(schema.error());
    const auto read = read_xzufi(source, schema->get(), nothing);
    if (read) return {};
    Problem problem = read.error();
    problem.arguments.emplace_back("file", file.filename().stem().string()); // without .part
    return tl::unexpected(std::move(problem));
}

} // namespace

Expected<ExportReport> export_xzufi_file(storage::Database &database, const ExportOptions &options,
                                         const std::string &file, const std::string &schema_file) {
    const Unfinished made{file + ".part"};
    std::ofstream out(made.path, std::ios::binary | std::ios::trunc);
    const auto report = export_xzufi(database, options, out);
    if (!report) return report;
    out.close();
    if (!out) return fail(ProblemKind::unavailable, "knowledge.export_failed");
    if (!schema_file.empty()) {
        if (auto obeyed = obeys(made.path, schema_file); !obeyed) {
            return tl::unexpected(obeyed.error());
        }
    }
    std::error_code error;
    std::filesystem::rename(made.path, file, error);
    if (error) return fail(ProblemKind::unavailable, "knowledge.export_failed");
    return report;
}

} // namespace fernamt::knowledge
