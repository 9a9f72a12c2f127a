// SPDX-License-Identifier: EUPL-1.2
// The rules of distribution and the steps of a call in words, German and English: what the "why"
// of a call says to the lead. No code of routing is shown to people without them.
#pragma once

#include "routing/decision.h"
#include "web/language.h"

#include <string_view>

namespace fernamt::web {

[[nodiscard]] std::string_view rule_text(routing::Rule rule, Language language);
// WhyStep::what; empty if unknown.
[[nodiscard]] std::string_view step_text(std::string_view what, Language language);

} // namespace fernamt::web
