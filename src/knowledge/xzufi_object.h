// SPDX-License-Identifier: EUPL-1.2
// Between one object's XML and the model. Reading is lenient, as what others write demands
// (docs/explanation/measured-facts.md): every field 0..n, any order, name or name/name, code with
// or without a namespace. HTML is cleaned by the white list. Writing makes XML for what was never
// delivered but written here; it reads back to the same object.
#pragma once

#include "base/problem.h"
#include "knowledge/model.h"

#include <string>
#include <string_view>

namespace fernamt::knowledge {

// "knowledge.object_unreadable" for what is not one canonical XZuFi object.
[[nodiscard]] Expected<KnowledgeObject> read_object(std::string_view canonical_xml);
[[nodiscard]] std::string write_object(const KnowledgeObject &object);
// The whole loesche of a transfer.
[[nodiscard]] std::string write_removal(ObjectKind kind, const ObjectKey &key);

// 128 bits in hexadecimal digits: equal text, equal hash. Not against forgers.
[[nodiscard]] std::string text_hash(std::string_view text);

} // namespace fernamt::knowledge
