// SPDX-License-Identifier: EUPL-1.2
// The cost ledger of a service centre as council papers show it (R-56, R-57; Hannover 2271/2021):
// posts, personnel, material and investment, running or one-off, and who bears each block. Derives
// the table of a Haushaltsplan and the degree of refinancing. Pure; no bookkeeping.
#pragma once

#include "base/money.h"
#include "base/problem.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::agreements {

enum class CostKind { personnel, material, invest_movable, invest_other };
[[nodiscard]] std::string_view to_string(CostKind kind);

struct Posts {                   // "5 Mitarbeitende"; what one costs in a year
    std::int64_t hundredths = 0; // 650: six and a half posts
    Money salary;
    friend bool operator==(const Posts &, const Posts &) = default;
};
// Posts times salary, half up to the cent.
[[nodiscard]] Money cost_of(const Posts &posts);

struct CostItem {
    std::string name; // "Aufrüstung der Telefonanlage und Lizenzen"
    CostKind kind = CostKind::material;
    Money amount;
    std::optional<Posts> posts = {}; // personnel: what the amount comes from
    friend bool operator==(const CostItem &, const CostItem &) = default;
};

// How the money of a bearer comes in; decides the line of the budget's income.
enum class IncomeKind { private_fees, public_fees, reimbursement, own_funds };
[[nodiscard]] std::string_view to_string(IncomeKind kind);

struct Bearer {
    std::string name; // "beteiligte Kommunen", "Regionsverwaltung"
    IncomeKind kind = IncomeKind::private_fees;
    Money amount;      // what it bears
    bool rest = false; // bears what the others leave, instead of `amount`; one per block at most
    friend bool operator==(const Bearer &, const Bearer &) = default;
};

struct CostBlock {
    std::string name; // "laufend", "einmalig"
    bool running = true;
    std::vector<CostItem> items;
    std::vector<Bearer> bearers;
    friend bool operator==(const CostBlock &, const CostBlock &) = default;
};

struct BlockResult {
    Money cost;
    std::vector<Money> borne; // per bearer
    Money open;               // borne by nobody; negative: more than the cost
    Money refinanced;         // by others than own funds
    std::int64_t post_hundredths = 0;
    // refinanced / cost in hundredths of a percent, half up: 6006 is 60,06 %. 0 if there is no
    // cost.
    std::int64_t refinanced_basis_points = 0;
    friend bool operator==(const BlockResult &, const BlockResult &) = default;
};

// "cost.invalid" (place, remedy): negative amounts, an amount that is not what its posts come to,
// two bearers of the rest.
[[nodiscard]] Expected<BlockResult> evaluate(const CostBlock &block);

// The paper's table: Teilergebnishaushalt and investment. Own funds are no income.
struct CostTable {
    Money private_fees;   // Privatrechtliche Entgelte
    Money public_fees;    // Öffentlich-rechtliche Entgelte
    Money reimbursements; // Kostenerstattungen
    Money personnel;      // Personalaufwendungen
    Money material;       // Sach- und Dienstleistungen
    Money ordinary_balance;
    Money invest_movable; // Erwerb von beweglichem Sachvermögen
    Money invest_other;   // Sonstige Investitionstätigkeit
    Money invest_balance; // negative: to be paid from own funds
    friend bool operator==(const CostTable &, const CostTable &) = default;
};
[[nodiscard]] Expected<CostTable> cost_table(const std::vector<CostBlock> &blocks);

} // namespace fernamt::agreements
