// SPDX-License-Identifier: EUPL-1.2
// The XML files of a delivery, in its order: one file; a folder with index.txt (or index*.txt) that
// names them, CRLF allowed; a folder without an index: its *.xml by name; a zip with either. Each
// is read as a stream, nothing is unpacked. Names that lead out of the folder are refused, a zip
// entry that swells more than 1:500 as well.
#pragma once

#include "base/problem.h"
#include "knowledge/xzufi_reader.h"

#include <functional>
#include <string>

namespace fernamt::knowledge {

using FileVisitor =
    std::function<Expected<void>(const std::string &name, const ByteSource &source)>;

// Problems: "knowledge.delivery_unreadable" (file), "knowledge.delivery_empty" (an index or a
// folder without files), "knowledge.delivery_incomplete" (a file that the index names is missing),
// "knowledge.delivery_name" (file), or the visitor's.
[[nodiscard]] Expected<void> each_delivered_file(const std::string &path, const FileVisitor &visit);

} // namespace fernamt::knowledge
