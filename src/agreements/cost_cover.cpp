// SPDX-License-Identifier: EUPL-1.2
#include "agreements/cost_cover.h"

#include "agreements/names.h"

#include <algorithm>

namespace fernamt::agreements {

namespace {

constexpr Names<ProposalState, 4> kStates{{{ProposalState::proposed, "proposed"},
                                           {ProposalState::agreed_by_one, "agreed_by_one"},
                                           {ProposalState::agreed, "agreed"},
                                           {ProposalState::rejected, "rejected"}}};

} // namespace

Expected<CostCover> cost_cover(Money cost, Money income, const std::vector<std::int64_t> &key) {
    CostCover cover{cost, income, income - cost, {}};
    auto shares = distribute(cover.surplus, key);
    if (!shares) return tl::unexpected(shares.error());
    cover.shares = std::move(*shares);
    return cover;
}

Expected<Price> cost_covering_price(const PreviousYear &year, std::int64_t steps_per_euro,
                                    Rounding rounding) {
    if (year.billable_seconds <= 0) {
        return fail(ProblemKind::conflict, "recalculation.no_minutes",
                    {{"place", "billable_seconds"}, {"remedy", "choose_a_year_with_calls"}});
    }
    if (year.cost <= year.fixed_income) return Price{0};
    const Money open = year.cost - year.fixed_income;
    // cents * 60 / seconds is cents per minute; in steps of 1/steps_per_euro of a euro:
    const std::int64_t steps =
        mul_div(open.cents * 60, steps_per_euro, year.billable_seconds * 100, rounding);
    return Price{steps * (1'000'000 / steps_per_euro)};
}

std::string_view to_string(ProposalState state) {
    return name_in(kStates, state);
}

ProposalState state_of(const Proposal &proposal) {
    const auto refuses = [](const Consent &each) { return !each.agrees; };
    if (std::ranges::any_of(proposal.consents, refuses)) return ProposalState::rejected;
    if (proposal.consents.empty()) return ProposalState::proposed;
    return proposal.consents.size() == 1 ? ProposalState::agreed_by_one : ProposalState::agreed;
}

Expected<void> consent(Proposal &proposal, const Consent &consent) {
    const ProposalState state = state_of(proposal);
    if (state == ProposalState::agreed || state == ProposalState::rejected) {
        return fail(ProblemKind::conflict, "recalculation.decided",
                    {{"state", std::string{to_string(state)}}, {"remedy", "make_a_new_proposal"}});
    }
    const auto spoken = [&](const Consent &each) { return each.side == consent.side; };
    if (std::ranges::any_of(proposal.consents, spoken)) {
        return fail(ProblemKind::conflict, "recalculation.twice",
                    {{"remedy", "wait_for_the_other_side"}});
    }
    if (consent.agrees && consent.on > proposal.effective) {
        return fail(
            ProblemKind::conflict, "recalculation.too_late",
            {{"effective", to_string(proposal.effective)}, {"remedy", "propose_a_later_day"}});
    }
    proposal.consents.push_back(consent);
    return {};
}

} // namespace fernamt::agreements
