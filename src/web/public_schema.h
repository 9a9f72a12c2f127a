// SPDX-License-Identifier: EUPL-1.2
// What search engines and assistants read beside the citizens' pages: schema.org's
// GovernmentService and GovernmentOffice as JSON-LD. Only what the page itself shows. The text is
// safe within a script element: "<" is written as an escape.
#pragma once

#include "web/public_html.h"

#include <string>

namespace fernamt::web {

[[nodiscard]] std::string linked_data_of_service(const std::string &address, const PublicTown &town,
                                                 const PublicArticle &article);
[[nodiscard]] std::string linked_data_of_office(const std::string &address, const PublicTown &town,
                                                const knowledge::PublicOffice &office);

} // namespace fernamt::web
