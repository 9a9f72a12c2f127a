// SPDX-License-Identifier: EUPL-1.2
// How the figures about calls are measured: what signed agreements promise, of every day, and the
// JSON in which a report says which promise it used.
#pragma once

#include "base/problem.h"
#include "reporting/key_figures.h"
#include "storage/database.h"

#include <boost/json/value.hpp>

namespace fernamt::web {

[[nodiscard]] Expected<reporting::Targets> promised_targets(storage::Database &database);
// Adds answered_within_30s, answered_in_time, service_level_percent, targets and target_met.
void add_service_level(boost::json::object &object, const reporting::KeyFigures &figures);

} // namespace fernamt::web
