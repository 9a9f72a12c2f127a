// SPDX-License-Identifier: EUPL-1.2
#include "app/knowledge_search_command.h"

#include "app/exit_codes.h"
#include "app/temporary_folder.h"
#include "knowledge/areas.h"
#include "knowledge/search_engine.h"
#include "storage/database.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <iostream>

namespace fernamt::app {

namespace {

namespace json = boost::json;

json::object why_json(const knowledge::Why &why) {
    return {{"said", why.said},
            {"by", std::string(knowledge::to_string(why.kind))},
            {"field", std::string(knowledge::to_string(why.field))},
            {"found", why.found},
            {"section", why.section}};
}

json::object hit_json(const knowledge::EngineHit &hit) {
    json::array areas;
    for (const MunicipalityId area : hit.areas)
        areas.emplace_back(to_ars(area));
    json::array why;
    for (const knowledge::Why &each : hit.why)
        why.emplace_back(why_json(each));
    return {{"id", hit.id},
            {"kind", std::string(knowledge::to_string(hit.kind))},
            {"subject", hit.subject},
            {"title", hit.title},
            {"areas", std::move(areas)},
            {"neighbour", hit.neighbour},
            {"unanswered", hit.unanswered},
            {"section", hit.section},
            {"score", hit.score},
            {"why", std::move(why)}};
}

std::string why_line(const knowledge::EngineHit &hit) {
    std::string line;
    for (const knowledge::Why &why : hit.why) {
        const std::string where =
            why.found.empty() ? fmt::format("text{}{}", why.section.empty() ? "" : " ", why.section)
                              : why.found;
        line += fmt::format("{}{} = {} ({}, {})", line.empty() ? "" : "; ", why.said, where,
                            knowledge::to_string(why.kind), knowledge::to_string(why.field));
    }
    return line;
}

std::string place_of(const knowledge::EngineHit &hit) {
    if (hit.unanswered) return " (nobody answers for it there)";
    if (!hit.neighbour) return "";
    return " (" + (hit.areas.empty() ? "neighbours" : knowledge::area_name(hit.areas.front())) +
           ")";
}

std::string title_of(const knowledge::EngineHit &hit) {
    return hit.title + (hit.section.empty() ? "" : " > " + hit.section);
}

void print_hits(const knowledge::EngineResult &result) {
    int number = 0;
    for (const knowledge::EngineHit &hit : result.hits) {
        fmt::print("{:2}. {}{}\n    {}\n", ++number, title_of(hit), place_of(hit), why_line(hit));
    }
    fmt::print("{} of {}\n", result.hits.size(), result.total);
    for (const knowledge::EngineHit &hit : result.beside)
        fmt::print("{}: {}\n    {}\n", knowledge::to_string(hit.kind), title_of(hit),
                   why_line(hit));
}

json::array hits_json(const std::vector<knowledge::EngineHit> &hits) {
    json::array all;
    for (const knowledge::EngineHit &hit : hits)
        all.emplace_back(hit_json(hit));
    return all;
}

// The desk's question (web/knowledge_routes.cpp, by way of the catalogue): services, be it that
// nobody answers for them there; everything else in a list of its own.
knowledge::SearchQuestion desk_question(const KnowledgeSearchOptions &options,
                                        std::optional<MunicipalityId> municipality) {
    using knowledge::DocumentKind;
    return {.text = options.words,
            .municipality = municipality,
            .staff_of = std::nullopt,
            .kind = DocumentKind::service,
            .beside = {DocumentKind::office, DocumentKind::guide, DocumentKind::website},
            .unanswered = true,
            .limit = static_cast<std::size_t>(std::max(1, options.limit))};
}

json::object state_json(const knowledge::IndexState &state) {
    return {{"documents", state.documents},
            {"generation", state.generation},
            {"checksum", fmt::format("{:016x}", state.checksum)},
            {"version", state.version}};
}

int verify_index(const knowledge::SearchEngine &engine, bool as_json) {
    const auto verified = engine.verify();
    if (!verified) return report(verified.error());
    if (as_json) {
        std::cout << json::serialize(json::object{{"ok", verified->ok()},
                                                  {"readable", verified->readable},
                                                  {"index", state_json(verified->index)},
                                                  {"database", state_json(verified->source)}})
                  << "\n";
    } else {
        fmt::print("Index: {} documents of generation {}. Database: {} of {}. {}\n",
                   verified->index.documents, verified->index.generation,
                   verified->source.documents, verified->source.generation,
                   verified->ok()       ? "They agree."
                   : verified->readable ? "They differ."
                                        : "The index is damaged: --rebuild.");
    }
    return verified->ok() ? kOk : kFound;
}

// Why one waits, on standard error: a figure that runs on a terminal, elsewhere a line per tenth.
knowledge::IndexWatch said_on_standard_error() {
    const bool terminal = isatty(STDERR_FILENO) != 0;
    return {.building = [terminal, tenths = std::int64_t{-1}](std::int64_t done,
                                                              std::int64_t of) mutable {
        const bool all = done > 0 && done == of;
        if (terminal) {
            fmt::print(stderr, "\rSearch index: {} of {} documents{}", done, of, all ? "\n" : "");
        } else if (const auto now = of > 0 ? done * 10 / of : 0; now > tenths) {
            tenths = now;
            fmt::print(stderr, "Search index: {} of {} documents\n", done, of);
        }
    }};
}

} // namespace

std::string search_directory(const Config &config) {
    return config.state_directory + "/search";
}

int search_knowledge(const Config &config, const KnowledgeSearchOptions &options) {
    const auto municipality = parse_ars(options.ars);
    if (!options.ars.empty() && !municipality) {
        fmt::print(stderr, "fernamt: --ars is 12 digits, or 5 of a district\n");
        return kUsage;
    }
    auto database = storage::Database::open(config.database_url, storage::Access::read_only);
    if (!database) return report(database.error());
    TemporaryFolder temporary("fernamt-search");
    const auto source = knowledge::database_documents(**database);
    auto engine = knowledge::SearchEngine::open_existing(source, search_directory(config));
    if (!engine) {
        const auto folder = temporary.path();
        if (!folder) return report(folder.error());
        engine = knowledge::SearchEngine::open(source, *folder, said_on_standard_error());
    }
    if (!engine) return report(engine.error());
    const auto result = (*engine)->search(desk_question(options, municipality));
    if (!result) return report(result.error());
    if (options.json) {
        std::cout << json::serialize(json::object{{"items", hits_json(result->hits)},
                                                  {"total", result->total},
                                                  {"beside", hits_json(result->beside)}})
                  << "\n";
    } else {
        print_hits(*result);
    }
    return result->hits.empty() && result->beside.empty() ? kFound : kOk;
}

int knowledge_index(const Config &config, const KnowledgeIndexOptions &options) {
    auto database = storage::Database::open(config.database_url, storage::Access::read_only);
    if (!database) return report(database.error());
    const auto source = knowledge::database_documents(**database);
    const std::string directory = search_directory(config);
    if (options.rebuild) {
        const auto built = knowledge::IndexStore(directory, knowledge::Analyser::german())
                               .rebuild(source, said_on_standard_error());
        if (!built) return report(built.error());
    }
    const auto engine = knowledge::SearchEngine::open_existing(source, directory);
    if (!engine) return report(engine.error());
    if (options.verify) return verify_index(**engine, options.json);
    const knowledge::IndexState state = (*engine)->state();
    if (options.json) {
        std::cout << json::serialize(state_json(state)) << "\n";
    } else {
        fmt::print("{} documents, generation {}\n", state.documents, state.generation);
    }
    return kOk;
}

} // namespace fernamt::app
