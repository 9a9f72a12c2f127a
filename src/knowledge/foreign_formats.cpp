// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/foreign_formats.h"

#include "knowledge/foreign_readers.h"
#include "knowledge/xzufi_object.h"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace fernamt::knowledge {

namespace {

Expected<std::string> whole_file(const std::filesystem::path &path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) {
        return fail(ProblemKind::not_found, "knowledge.delivery_unreadable",
                    {{"file", path.filename().string()}});
    }
    return text.str();
}

std::vector<std::filesystem::path> files_of(const std::string &path) {
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) return {path};
    std::vector<std::filesystem::path> files;
    for (const auto &entry : std::filesystem::directory_iterator(path, error)) {
        const auto extension = entry.path().extension();
        if (extension == ".json" || extension == ".csv") files.push_back(entry.path());
    }
    std::ranges::sort(files);
    return files;
}

} // namespace

KnowledgeObject responsibility(const ObjectKey &service, ObjectKind holder_kind,
                               const ObjectKey &holder, const std::vector<AreaId> &areas) {
    const bool office = holder_kind == ObjectKind::office;
    KnowledgeObject made{
        .kind = ObjectKind::responsibility,
        .key = {service.agency,
                fmt::format("{}-{}-{}", service.local_id, office ? "OE" : "OD", holder.local_id),
                office ? "ZustaendigkeitOrganisationseinheit" : "ZustaendigkeitOnlinedienst"}};
    made.responsibilities.push_back({.service = service,
                                     .areas = areas,
                                     .holder_kind = holder_kind,
                                     .holder = holder,
                                     .role = office ? "Zuständige Stelle" : "Onlinedienst"});
    made.areas = areas;
    return made;
}

std::optional<ForeignFormat> foreign_format(std::string_view name) {
    if (name == "pvog-json") return ForeignFormat::pvog_json;
    if (name == "pvog-csv") return ForeignFormat::pvog_csv;
    if (name == "bus-json") return ForeignFormat::bus_json;
    return std::nullopt;
}

ForeignObjects read_foreign(std::string_view text, ForeignFormat format,
                            const std::string &agency) {
    ForeignObjects out;
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    if (format == ForeignFormat::pvog_csv) {
        read_portal_table(text, out);
        return out;
    }
    json::error_code error;
    const json::value value =
        json::parse(json::string_view(text.data(), text.size()), error, {}, {.max_depth = 32});
    if (error) {
        out.unusable.push_back("not JSON: " + error.message());
        return out;
    }
    if (format == ForeignFormat::pvog_json) {
        read_portal_answer(value, out);
    } else {
        read_bus_answer(value, agency, out);
    }
    return out;
}

Expected<Converted> convert_foreign(const std::string &path, ForeignFormat format,
                                    const std::string &agency, const std::string &output) {
    std::ofstream out(output, std::ios::binary | std::ios::trunc);
    out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xzufi:transfer "
           "xmlns:xzufi=\"http://xoev.de/schemata/xzufi/2_3_1\" "
           "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n";
    Converted converted;
    for (const std::filesystem::path &file : files_of(path)) {
        const auto text = whole_file(file);
        if (!text) return tl::unexpected(text.error());
        ForeignObjects read = read_foreign(*text, format, agency);
        for (const KnowledgeObject &object : read.objects)
            out << "<xzufi:schreibe>" << write_object(object) << "</xzufi:schreibe>\n";
        for (const std::string &element : read.elements)
            out << element << "\n";
        converted.objects += static_cast<std::int64_t>(read.objects.size() + read.elements.size());
        for (std::string &what : read.unusable)
            converted.unusable.push_back(file.filename().string() + ": " + what);
    }
    out << "</xzufi:transfer>\n";
    out.flush();
    if (!out)
        return fail(ProblemKind::unavailable, "knowledge.delivery_unreadable", {{"file", output}});
    if (converted.objects == 0) {
        return fail(ProblemKind::invalid_input, "knowledge.delivery_empty", {{"file", path}});
    }
    return converted;
}

} // namespace fernamt::knowledge
