// SPDX-License-Identifier: EUPL-1.2
// Which members of the cost ledger and of price proposals stand in their stored documents. Names
// are stored for years: never change one. Internal to billing.
#pragma once

#include "agreements/cost.h"
#include "agreements/cost_cover.h"
#include "billing/agreement_fields.h"

namespace fernamt::agreements {

[[nodiscard]] constexpr std::string_view to_string(Side side) {
    switch (side) {
    case Side::centre:
        return "centre";
    case Side::municipality:
        return "municipality";
    }
    return {};
}

template <class F, Is<Posts> T>
void fields(F &f, T &v) {
    f("hundredths", v.hundredths);
    f("salary", v.salary);
}
template <class F, Is<CostItem> T>
void fields(F &f, T &v) {
    f("name", v.name);
    f("kind", v.kind);
    f("amount", v.amount);
    f("posts", v.posts);
}
template <class F, Is<Bearer> T>
void fields(F &f, T &v) {
    f("name", v.name);
    f("kind", v.kind);
    f("amount", v.amount);
    f("rest", v.rest);
}
template <class F, Is<CostBlock> T>
void fields(F &f, T &v) {
    f("name", v.name);
    f("running", v.running);
    f("items", v.items);
    f("bearers", v.bearers);
}
template <class F, Is<Consent> T>
void fields(F &f, T &v) {
    f("side", v.side);
    f("agrees", v.agrees);
    f("by", v.by);
    f("on", v.on);
    f("note", v.note);
}
template <class F, Is<Proposal> T>
void fields(F &f, T &v) {
    f("municipality", v.municipality);
    f("clause", v.clause);
    f("old_price", v.old_price);
    f("new_price", v.new_price);
    f("effective", v.effective);
    f("proposed_on", v.proposed_on);
    f("proposed_by", v.proposed_by);
    f("consents", v.consents);
}

} // namespace fernamt::agreements
