// SPDX-License-Identifier: EUPL-1.2
// What the editors and town halls of the demo have arranged beside the texts: guides for all,
// written by one editor and released by the other, and the lists of two town halls. Through the
// same doors as people use. Written once: where there are guides or a list, nothing is changed.
#pragma once

#include "base/problem.h"
#include "knowledge/text_editing.h"
#include "storage/database.h"

#include <string>

namespace fernamt::knowledge {

// directory holds guides.json and directories/<ARS>.csv (data/knowledge in the repository).
// Problems: "knowledge.file_unreadable" (file), "knowledge.file_invalid" (file, place, what).
[[nodiscard]] Expected<void> seed_demo_house(storage::Database &database, const Clock &clock,
                                             const std::string &directory, const Editor &writer,
                                             const Editor &second);

} // namespace fernamt::knowledge
