// SPDX-License-Identifier: EUPL-1.2
#include "billing/account_code.h"

#include "billing/invoice_document.h"
#include "billing/terms.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace fernamt::billing {

namespace {

bool same_words(const AccountCode &a, const AccountCode &b) {
    return a.product == b.product && a.cost_centre == b.cost_centre;
}

const std::vector<AccountCode> &codes_in(const Document &document) {
    static const std::vector<AccountCode> kNone;
    return document.codes ? *document.codes : kNone;
}

} // namespace

std::string reference_of(const AccountCode &code) {
    if (code.cost_centre.empty()) return code.product;
    return fmt::format("{}/{}", code.product, code.cost_centre);
}

std::string german_words(const AccountCode &code) {
    if (code.cost_centre.empty()) return "Produkt " + code.product;
    if (code.product.empty()) return "Kostenstelle " + code.cost_centre;
    return fmt::format("Produkt {}, Kostenstelle {}", code.product, code.cost_centre);
}

const AccountCode *code_of(const std::vector<AccountCode> &codes, const LocalDate &from,
                           const LocalDate &to) {
    const AccountCode *found = nullptr;
    for (const AccountCode &code : codes) {
        if (code.to < from || to < code.from) continue;
        if (found != nullptr && !same_words(*found, code)) return nullptr;
        found = &code;
    }
    return found;
}

const AccountCode *code_of(const Document &document) {
    return code_of(codes_in(document), document.period_from, document.period_to);
}

const AccountCode *other_code_of(const Document &document, const DocumentLine &line) {
    const AccountCode *whole = code_of(document);
    const AccountCode *own = code_of(codes_in(document), line.from, line.to);
    const bool other = own != nullptr && (whole == nullptr || !same_words(*own, *whole));
    return other ? own : nullptr;
}

std::vector<AccountCode> joined(std::vector<AccountCode> codes) {
    std::ranges::stable_sort(codes, {}, &AccountCode::from);
    std::vector<AccountCode> made;
    for (AccountCode &code : codes) {
        const bool goes_on = !made.empty() && same_words(made.back(), code) &&
                             code.from <= add_days(made.back().to, 1);
        if (goes_on) {
            made.back().to = std::max(made.back().to, code.to);
        } else {
            made.push_back(std::move(code));
        }
    }
    return made;
}

Expected<void> add_codes(storage::Database &database, Document &document) {
    // Span by span: what is agreed on days between them is none of this document's business.
    std::set<std::pair<LocalDate, LocalDate>> spans{{document.period_from, document.period_to}};
    for (const DocumentLine &line : document.lines)
        spans.emplace(line.from, line.to);
    std::vector<AccountCode> codes;
    for (const auto &[from, to] : spans) {
        const auto terms = terms_of(database, document.municipality, from, to);
        if (!terms) return tl::unexpected(terms.error());
        codes.insert(codes.end(), terms->codes.begin(), terms->codes.end());
    }
    if (!codes.empty()) document.codes = joined(std::move(codes));
    return {};
}

} // namespace fernamt::billing
