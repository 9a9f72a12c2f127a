// SPDX-License-Identifier: EUPL-1.2
// The demo's files as objects of the model: services with their modules, each place's offices with
// address, telephone and hours, online services, and who is responsible where. What an office does
// not say (the Region points to the place of residence) are local texts. Pure.
#pragma once

#include "knowledge/demo_file.h"
#include "knowledge/model.h"

#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace fernamt::knowledge {

struct DemoObjects {
    std::vector<KnowledgeObject> objects;
    // service, municipality, section
    std::map<std::tuple<std::int64_t, std::int64_t, std::string>, std::vector<std::string>> local;
};
[[nodiscard]] DemoObjects demo_objects(const DemoData &data);

} // namespace fernamt::knowledge
