// SPDX-License-Identifier: EUPL-1.2
// From an element of a delivery to the model: which kind it is, its key, its fields. An object that
// cannot be used is refused with a code; what is only odd is noted and kept. It reads no files and
// asks no database. Internal to the xzufi_*.cpp files, the only ones that see libxml2's nodes.
#pragma once

#include "knowledge/model.h"
#include "knowledge/xzufi_xml.h"

#include <optional>
#include <string>
#include <vector>

namespace fernamt::knowledge {

[[nodiscard]] std::optional<ObjectKind> kind_of_element(const xmlNode *node);
[[nodiscard]] std::optional<ObjectKind> kind_of_class(std::string_view klasse); // of loesche
[[nodiscard]] ObjectKey key_of(const xmlNode *id);

struct Mapped {
    KnowledgeObject object;
    std::vector<std::pair<std::string, std::string>> notes; // code, detail: read, but not all
    std::string refusal;                                    // code; empty: fine
};
[[nodiscard]] Mapped map_object(ObjectKind kind, const xmlNode *node);

// Cleans the HTML in the texts that carry it, in the tree. Returns how many it had to change.
int clean_texts(xmlNode *node);

} // namespace fernamt::knowledge
