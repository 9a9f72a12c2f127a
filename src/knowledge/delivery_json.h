// SPDX-License-Identifier: EUPL-1.2
// The parts of a delivery's report that the command line and the pages both write as JSON.
#pragma once

#include "knowledge/delivery.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace fernamt::knowledge {

// {created, updated, unchanged, removed} of one kind.
[[nodiscard]] boost::json::object counts_of_kind(const DeliveryCounts &counts);
// [{file, line, code, object, detail}]
[[nodiscard]] boost::json::array changes_json(const DeliveryReport &report);
[[nodiscard]] boost::json::array findings_json(const DeliveryReport &report);

} // namespace fernamt::knowledge
