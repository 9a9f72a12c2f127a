// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/search_document.h"

namespace fernamt::knowledge {

std::string_view to_string(DocumentKind kind) {
    switch (kind) {
    case DocumentKind::service: return "service";
    case DocumentKind::office: return "office";
    case DocumentKind::person: return "person";
    case DocumentKind::guide: return "guide";
    case DocumentKind::website: return "website";
    }
    return "service";
}

} // namespace fernamt::knowledge
