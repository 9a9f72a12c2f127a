// SPDX-License-Identifier: EUPL-1.2
// Reads services.json and places.json strictly: a missing, unknown or wrong member is the Problem
// "knowledge.file_invalid" that names file, place and fault.
#pragma once

#include "base/problem.h"
#include "knowledge/demo_compose.h"
#include "knowledge/service.h"

#include <string>
#include <string_view>
#include <vector>

namespace fernamt::knowledge {

struct DemoService {
    Service service;
    std::string typification;    // says the level (knowledge/model.h), or ""
    std::size_t office = 0;      // index into DemoRegion::offices
    std::vector<Section> common; // documents, fee, online, deadline
};

struct DemoData {
    DemoRegion region;
    std::vector<DemoService> services;
};

[[nodiscard]] Expected<DemoData> parse_demo_data(std::string_view services_json,
                                                 std::string_view places_json);
[[nodiscard]] Expected<DemoData> read_demo_data(const std::string &directory);

// ["a","b"] for the columns that hold lists.
[[nodiscard]] std::string to_json(const std::vector<std::string> &lines);
[[nodiscard]] Expected<std::vector<std::string>> parse_lines(std::string_view json);

} // namespace fernamt::knowledge
