// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/demo_house.h"

#include "knowledge/directory.h"
#include "knowledge/guide_book.h"

#include <boost/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

namespace fernamt::knowledge {

namespace {

namespace json = boost::json;

Expected<std::string> read_file(const std::string &path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        return fail(ProblemKind::unavailable, "knowledge.file_unreadable", {{"file", path}});
    }
    return std::string{std::istreambuf_iterator<char>(in), {}};
}

tl::unexpected<Problem> invalid(const std::string &file, const std::string &place,
                                const std::string &what) {
    return fail(ProblemKind::invalid_input, "knowledge.file_invalid",
                {{"file", file}, {"place", place}, {"what", what}});
}

struct WrittenGuide {
    std::string title;
    ServiceId service;
    GuideSteps steps;
};

Expected<std::vector<WrittenGuide>> read_guides(const std::string &file) {
    const auto text = read_file(file);
    if (!text) return tl::unexpected(text.error());
    std::vector<WrittenGuide> guides;
    try {
        const json::value parsed = json::parse(*text);
        for (const json::value &one : parsed.as_array()) {
            WrittenGuide guide;
            guide.title = json::value_to<std::string>(one.at("title"));
            guide.service = ServiceId{one.at("service").to_number<std::int64_t>()};
            const auto steps = parse_guide_steps(json::serialize(one.at("steps")));
            if (!steps || !faults_of(*steps).empty()) return invalid(file, guide.title, "steps");
            guide.steps = *steps;
            guides.push_back(std::move(guide));
        }
    } catch (const std::exception &wrong) { // JSON of another shape
        return invalid(file, std::to_string(guides.size()), wrong.what());
    }
    return guides;
}

Expected<void> release_guides(storage::Database &database, const Clock &clock,
                              const std::string &file, const Editor &writer, const Editor &second) {
    const auto guides = read_guides(file);
    if (!guides) return tl::unexpected(guides.error());
    GuideBook book(database, clock);
    const auto there = book.all(writer);
    if (!there) return tl::unexpected(there.error());
    if (!there->empty()) return {};
    for (const WrittenGuide &guide : *guides) {
        const auto written = book.add(writer, kCommonText, guide.service, guide.title, guide.steps);
        if (!written) return tl::unexpected(written.error());
        const auto submitted = book.submit(writer, written->id, written->version);
        if (!submitted) return tl::unexpected(submitted.error());
        const auto released = book.release(second, submitted->id, submitted->version);
        if (!released) return tl::unexpected(released.error());
    }
    return {};
}

Expected<void> store_list(storage::Database &database, const std::filesystem::path &path) {
    const auto municipality = parse_ars(path.stem().string());
    if (!municipality) return invalid(path.string(), "file", "name is no ARS");
    const auto there = stored_directory(database, *municipality, DirectorySource::list);
    if (!there) return tl::unexpected(there.error());
    if (!there->empty()) return {};
    const auto text = read_file(path.string());
    if (!text) return tl::unexpected(text.error());
    const ParsedDirectory parsed = parse_directory(*text);
    if (!parsed.faults.empty()) {
        const DirectoryFault &first = parsed.faults.front();
        return invalid(path.string(), std::to_string(first.line), first.field);
    }
    return store_directory(database, *municipality, parsed.entries);
}

} // namespace

Expected<void> seed_demo_house(storage::Database &database, const Clock &clock,
                               const std::string &directory, const Editor &writer,
                               const Editor &second) {
    if (auto done = release_guides(database, clock, directory + "/guides.json", writer, second);
        !done) {
        return done;
    }
    std::error_code none;
    std::vector<std::filesystem::path> lists;
    for (const auto &entry : std::filesystem::directory_iterator(directory + "/directories", none))
        lists.push_back(entry.path());
    std::sort(lists.begin(), lists.end());
    for (const auto &list : lists) {
        if (auto done = store_list(database, list); !done) return done;
    }
    return {};
}

} // namespace fernamt::knowledge
