// SPDX-License-Identifier: EUPL-1.2
#include "reporting/call_record.h"

namespace fernamt::reporting {

std::string_view to_string(Reached reached) {
    switch (reached) {
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

} // namespace fernamt::reporting
