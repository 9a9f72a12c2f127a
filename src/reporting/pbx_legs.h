// SPDX-License-Identifier: EUPL-1.2
// Many telephone systems write one record per leg: the caller in the menu, each agent that rang,
// whoever it was passed on to. Joins the legs of a call into the call that they were, by the rules
// of docs/how-to/import-calls.md. Keeps the legs of the whole file in memory, as those of one call
// may stand far apart. Pure.
#pragma once

#include "reporting/pbx_record.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace fernamt::reporting {

class PbxLegs {
  public:
    void add(PbxReader::Row leg);
    // The calls in the order of their first rows. A call with a leg that cannot be read is refused
    // whole, with that leg's line and reason. `is_ours`: this was dialled from outside; other legs
    // dialled an extension.
    [[nodiscard]] std::vector<PbxReader::Row>
    join(const std::function<bool(const PhoneNumber &)> &is_ours);

  private:
    using Legs = std::vector<PbxReader::Row>;
    std::map<std::string, std::size_t> places_; // by the call's mark
    std::vector<Legs> calls_;
};

} // namespace fernamt::reporting
