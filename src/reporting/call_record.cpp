// SPDX-License-Identifier: EUPL-1.2
#include "reporting/call_record.h"

namespace fernamt::reporting {

std::string_view to_string(Reached reached) {
    switch (reached) {
    case Reached::nobody_yet:
        return "nobody_yet";
    case Reached::office:
        return "office";
    case Reached::closed:
        return "closed";
    case Reached::closed_partner:
        return "closed_partner";
    case Reached::unknown_number:
        return "unknown_number";
    case Reached::nobody_available:
        return "nobody_available";
    case Reached::centre:
        return "centre";
    }
    return {};
}

std::optional<Reached> parse_reached(std::string_view text) {
    using enum Reached;
    for (const auto reached :
         {nobody_yet, office, closed, closed_partner, unknown_number, nobody_available, centre}) {
        if (to_string(reached) == text) return reached;
    }
    return std::nullopt;
}

} // namespace fernamt::reporting
