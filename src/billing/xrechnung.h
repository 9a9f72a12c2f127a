// SPDX-License-Identifier: EUPL-1.2
// A document as XRechnung 3.0 in UBL 2.1 (EN 16931), written with libxml2: Invoice, or CreditNote
// for a credit note. Checked before it leaves by the rules of xrechnung_check.h. Amounts are the
// document's to the cent; every line is one piece at its amount, because minutes rounded call by
// call are no product of quantity and price.
#pragma once

#include "billing/invoice_document.h"

#include <string>
#include <string_view>
#include <vector>

namespace fernamt::billing {

// "xrechnung.rule_broken" (rule, place): the document lacks what the standard demands.
// "xrechnung.not_written".
[[nodiscard]] Expected<std::string> to_xrechnung(const Document &document);
// Before a document is locked: every rule, so that none is that cannot be sent.
[[nodiscard]] Expected<void> fit_to_issue(const Document &document);
// The same without the check: for tests of the rules.
[[nodiscard]] Expected<std::string> write_xrechnung(const Document &document);

struct RuleFinding {
    std::string rule;  // "BR-CO-16", "BR-DE-15"
    std::string place; // XPath of the element at which it is broken
    // A warning of XRechnung: what is issued obeys it, what was issued before is still written.
    bool at_issue = false;
    friend bool operator==(const RuleFinding &, const RuleFinding &) = default;
};
// Our own reading of those rules of EN 16931 (CEN, validation 1.3) and XRechnung 3.0 that concern
// what Fernamt writes: docs/reference/xrechnung.md lists them. No replacement for the official
// validator. Never touches the network or a DTD. Not XML: one finding "xml".
[[nodiscard]] std::vector<RuleFinding> check_xrechnung(std::string_view xml);
// The ids of all rules that it knows, in order.
[[nodiscard]] std::vector<std::string> xrechnung_rules();

} // namespace fernamt::billing
