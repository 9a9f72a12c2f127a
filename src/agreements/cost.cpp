// SPDX-License-Identifier: EUPL-1.2
#include "agreements/cost.h"

#include "agreements/names.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::agreements {

namespace {

constexpr Names<CostKind, 4> kCostKinds{{{CostKind::personnel, "personnel"},
                                         {CostKind::material, "material"},
                                         {CostKind::invest_movable, "invest_movable"},
                                         {CostKind::invest_other, "invest_other"}}};
constexpr Names<IncomeKind, 4> kIncomeKinds{{{IncomeKind::private_fees, "private_fees"},
                                             {IncomeKind::public_fees, "public_fees"},
                                             {IncomeKind::reimbursement, "reimbursement"},
                                             {IncomeKind::own_funds, "own_funds"}}};

constexpr Money kHighestCost{100'000'000'000'000}; // 10^12 EUR
constexpr Money kHighestSalary{100'000'000'00};    // times kMostPosts: far below the highest cost
constexpr std::int64_t kMostPosts = 10'000'00;     // in hundredths

tl::unexpected<Problem> invalid_cost(std::string place, std::string remedy) {
    return fail(ProblemKind::invalid_input, "cost.invalid",
                {{"place", std::move(place)}, {"remedy", std::move(remedy)}});
}

bool posts_fit(const CostItem &item) {
    if (!item.posts) return true;
    const Posts &posts = *item.posts;
    return item.kind == CostKind::personnel && posts.hundredths > 0 &&
           posts.hundredths <= kMostPosts && posts.salary >= Money{} &&
           posts.salary <= kHighestSalary && item.amount == cost_of(posts);
}

Expected<void> check(const CostBlock &block) {
    for (std::size_t i = 0; i < block.items.size(); ++i) {
        const Money amount = block.items[i].amount;
        const bool fits = amount >= Money{} && amount <= kHighestCost;
        if (fits && posts_fit(block.items[i])) continue;
        return invalid_cost(fmt::format("{}.items[{}]", block.name, i), "correct_value");
    }
    std::ptrdiff_t rests = 0;
    for (std::size_t i = 0; i < block.bearers.size(); ++i) {
        rests += block.bearers[i].rest ? 1 : 0;
        const Money amount = block.bearers[i].amount;
        if (amount >= Money{} && amount <= kHighestCost) continue;
        return invalid_cost(fmt::format("{}.bearers[{}]", block.name, i), "correct_value");
    }
    if (rests > 1) return invalid_cost(block.name + ".bearers", "let_one_bear_the_rest");
    return {};
}

Money &income_line(CostTable &table, IncomeKind kind, Money &none) {
    switch (kind) {
    case IncomeKind::private_fees:
        return table.private_fees;
    case IncomeKind::public_fees:
        return table.public_fees;
    case IncomeKind::reimbursement:
        return table.reimbursements;
    case IncomeKind::own_funds:
        return none;
    }
    return none;
}

Money &expense_line(CostTable &table, CostKind kind) {
    switch (kind) {
    case CostKind::personnel:
        return table.personnel;
    case CostKind::material:
        return table.material;
    case CostKind::invest_movable:
        return table.invest_movable;
    case CostKind::invest_other:
        return table.invest_other;
    }
    return table.material;
}

} // namespace

std::string_view to_string(CostKind kind) {
    return name_in(kCostKinds, kind);
}
std::string_view to_string(IncomeKind kind) {
    return name_in(kIncomeKinds, kind);
}

Money cost_of(const Posts &posts) {
    return Money{mul_div(posts.hundredths, posts.salary.cents, 100, Rounding::half_up)};
}

Expected<BlockResult> evaluate(const CostBlock &block) {
    if (auto valid = check(block); !valid) return tl::unexpected(valid.error());
    BlockResult result;
    for (const CostItem &item : block.items) {
        result.cost = result.cost + item.amount;
        if (item.posts) result.post_hundredths += item.posts->hundredths;
    }
    result.open = result.cost;
    for (const Bearer &bearer : block.bearers) {
        if (!bearer.rest) result.open = result.open - bearer.amount;
    }
    for (const Bearer &bearer : block.bearers) {
        Money borne = bearer.amount;
        if (bearer.rest) {
            borne = std::max(result.open, Money{});
            result.open = result.open - borne;
        }
        result.borne.push_back(borne);
        if (bearer.kind != IncomeKind::own_funds) result.refinanced = result.refinanced + borne;
    }
    if (result.cost > Money{}) {
        result.refinanced_basis_points =
            mul_div(result.refinanced.cents, 10'000, result.cost.cents, Rounding::half_up);
    }
    return result;
}

Expected<CostTable> cost_table(const std::vector<CostBlock> &blocks) {
    CostTable table;
    Money own_funds;
    for (const CostBlock &block : blocks) {
        const auto result = evaluate(block);
        if (!result) return tl::unexpected(result.error());
        for (const CostItem &item : block.items) {
            Money &line = expense_line(table, item.kind);
            line = line + item.amount;
        }
        for (std::size_t i = 0; i < block.bearers.size(); ++i) {
            Money &line = income_line(table, block.bearers[i].kind, own_funds);
            line = line + result->borne[i];
        }
    }
    table.ordinary_balance = table.private_fees + table.public_fees + table.reimbursements -
                             table.personnel - table.material;
    table.invest_balance = Money{} - table.invest_movable - table.invest_other;
    return table;
}

} // namespace fernamt::agreements
