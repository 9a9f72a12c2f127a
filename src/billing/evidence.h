// SPDX-License-Identifier: EUPL-1.2
// The proof of a document: the calls behind it (no person, no number), the prices, and what both
// come to. The paying town recomputes everything on its own machine from this one file; a changed
// digit is found and named. Calls are sealed one by one in a chain of hashes (ledger/entry_hash.h);
// its end stands in the document, and the document's in the book.
#pragma once

#include "agreements/corrections.h"
#include "billing/call_collector.h"
#include "billing/invoice_document.h"

#include <string>
#include <string_view>
#include <vector>

namespace fernamt::billing {

// The calls under one agreement, from its contract year's begin (caps and packages need it).
struct EvidencePart {
    agreements::PriceList prices;
    LocalDate first;
    LocalDate last;
    std::vector<CallFact> calls; // by time, then id
    friend bool operator==(const EvidencePart &, const EvidencePart &) = default;
};

// A month of another document that this one corrects: with the prices and calls it was billed by
// and those of now, so that the town need not trust the difference.
struct EvidenceCorrection {
    Month month;
    std::vector<EvidencePart> before; // empty: nothing of it was billed
    std::vector<EvidencePart> after;  // empty: nothing is left
    std::vector<agreements::Correction> lines;
    friend bool operator==(const EvidenceCorrection &, const EvidenceCorrection &) = default;
};
// What its calls come to; as stated where a document of before they were carried has none.
[[nodiscard]] Expected<std::vector<agreements::Correction>>
corrected_lines(const EvidenceCorrection &correction);

struct Evidence {
    std::vector<Month> months; // that the document's lines stand for
    std::vector<EvidencePart> parts;
    std::vector<EvidenceCorrection> corrections;
    friend bool operator==(const Evidence &, const Evidence &) = default;
};

struct Computed {
    std::vector<DocumentLine> lines;
    std::vector<std::string> notes;
};
// What the evidence comes to. Problems of agreements::rate.
[[nodiscard]] Expected<Computed> compute(const Evidence &evidence);

[[nodiscard]] std::string root_of(const Evidence &evidence);

// The file: JSON, one object.
[[nodiscard]] std::string to_json(const Document &document, const Evidence &evidence);

struct Finding {
    std::string place; // "document.lines[2].amount_cents", "rows[17] (call)"
    std::string stated;
    std::string computed; // empty where only a seal is broken
    friend bool operator==(const Finding &, const Finding &) = default;
};
struct Verdict {
    std::string number;
    std::int64_t calls = 0;
    Money payable;
    std::string root;
    std::vector<Finding> findings; // empty: the document is what the calls come to
};
// "evidence.not_readable" for what is no such file. Reads no database and needs no network.
[[nodiscard]] Expected<Verdict> verify_invoice(std::string_view file);
[[nodiscard]] std::string describe(const Verdict &verdict); // lines for people

} // namespace fernamt::billing
