// SPDX-License-Identifier: EUPL-1.2
// Drafts of an agreement to begin with: the three financing models of the papers,
// the flat package (F-24) and the price per call with a cap (F-28), with words for all six
// sections. A draft is a proposal: every value in it may be changed until it is resolved. Pure.
#pragma once

#include "agreements/agreement.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::agreements {

enum class Template { minute_price, levy_and_minutes, inhabitants_and_minutes, package, per_call };
[[nodiscard]] std::string_view to_string(Template model);
[[nodiscard]] std::optional<Template> parse_template(std::string_view text);

struct TemplateTown {
    MunicipalityId municipality;
    std::string name; // "Stadt Musterstedt"
    Land land = Land::NI;
    std::int64_t inhabitants = 0; // 0: unknown; the models that need it are incomplete then
    LocalDate key_date;
    std::string source;
    std::vector<PhoneNumber> numbers;
    std::vector<ServiceHours> hours;
};

// Begins on that day, for two years, then from year to year, with six months' notice.
[[nodiscard]] Agreement from_template(Template model, const TemplateTown &town,
                                      const LocalDate &begins);

} // namespace fernamt::agreements
