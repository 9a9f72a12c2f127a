// SPDX-License-Identifier: EUPL-1.2
// The cost side as it is stored: paper 2271/2021, a new price agreed by both, and how
// a municipality joins.
#include "agreements/agreement_samples.h"
#include "billing/cost_book.h"
#include "billing/onboarding_book.h"
#include "billing/proposal_book.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

namespace fernamt::billing {
namespace {

using agreements::Bearer;
using agreements::Consent;
using agreements::CostBlock;
using agreements::CostKind;
using agreements::IncomeKind;
using agreements::ProposalState;
using agreements::Side;
using agreements::State;
namespace samples = agreements::samples;

Change on(const LocalDate &date) {
    return {UserId{5}, to_instant(date, 9 * 3600), "Kalkulation"};
}

// Hannover 2271/2021: 268,000 personnel and 48,500 material a year, borne by the municipalities;
// 333,000 once, 200,000 of it by the Region.
std::vector<CostBlock> paper() {
    CostBlock running{
        .name = "laufend",
        .running = true,
        .items = {{"Personal", CostKind::personnel, Money{26'800'000},
                   agreements::Posts{500, Money{5'360'000}}},
                  {"Sachkosten", CostKind::material, Money{4'850'000}}},
        .bearers = {{"beteiligte Kommunen", IncomeKind::private_fees, Money{}, true}}};
    CostBlock once{
        .name = "einmalig",
        .running = false,
        .items = {{"Aufrüstung der Telefonanlage", CostKind::invest_movable, Money{33'300'000}}},
        .bearers = {{"Region", IncomeKind::reimbursement, Money{20'000'000}, false},
                    {"Stadt", IncomeKind::own_funds, Money{}, true}}};
    return {running, once};
}

class CostBookTest : public storage::testing::DatabaseTest {
  protected:
    std::int64_t agreement_in_force() {
        AgreementBook book(db());
        auto stored = book.create(samples::agreement(), on({2025, 9, 1})).value();
        for (const auto &[to, day] : {std::pair{State::resolved, LocalDate{2025, 10, 1}},
                                      std::pair{State::signed_, LocalDate{2025, 11, 1}},
                                      std::pair{State::active, LocalDate{2026, 1, 1}}}) {
            stored = book.move(stored.agreement.id, stored.version, to, day, on(day)).value();
        }
        return stored.agreement.id;
    }
    static Consent says(Side side, const LocalDate &day, bool agrees = true) {
        return {side, agrees, UserId{6}, day, "Ratsbeschluss 2026/112"};
    }
};

FERNAMT_ON_EVERY_ENGINE(CostBookTest);

TEST_P(CostBookTest, KeepsTheTableOfThePaperToTheCent) {
    CostBook book(db());
    EXPECT_EQ(book.find(2021).value(), (CostYear{2021, 0, {}}));
    const auto stored = book.set({2021, 0, paper()}, on({2021, 10, 18}));
    ASSERT_TRUE(stored) << describe(stored.error());
    const CostYear read = book.find(2021).value();
    EXPECT_EQ(read, (CostYear{2021, 1, paper()}));
    const auto table = agreements::cost_table(read.blocks).value();
    EXPECT_EQ(table.private_fees, Money{31'650'000});
    EXPECT_EQ(table.reimbursements, Money{20'000'000});
    const auto running = agreements::evaluate(read.blocks[0]).value();
    EXPECT_EQ(running.open, Money{});
    EXPECT_EQ(running.refinanced_basis_points, 10'000);
    const auto once = agreements::evaluate(read.blocks[1]).value();
    EXPECT_EQ(once.cost - once.refinanced, Money{13'300'000});
    EXPECT_EQ(once.refinanced_basis_points, 6'006);
}

TEST_P(CostBookTest, OfTwoPeopleAtOnceOneIsTold) {
    CostBook book(db());
    ASSERT_TRUE(book.set({2021, 0, paper()}, on({2021, 10, 18})));
    const auto second = book.set({2021, 0, {}}, on({2021, 10, 18}));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, "cost.stale");
    auto wrong = paper();
    wrong[0].items[0].amount = Money{-1};
    EXPECT_EQ(book.set({2022, 0, wrong}, on({2022, 1, 1})).error().code, "cost.invalid");
}

TEST_P(CostBookTest, ANewPriceCountsFromItsDayWhenBothAgree) {
    const std::int64_t agreement = agreement_in_force();
    ProposalBook book(db());
    const LocalDate today{2026, 10, 1}, effective{2027, 1, 1};
    const auto made = book.propose(agreement, "Minuten", Price{1'050'000}, effective, on(today));
    ASSERT_TRUE(made) << describe(made.error());
    EXPECT_EQ(made->proposal.old_price, Price{950'000});
    ASSERT_TRUE(book.consent(made->id, says(Side::centre, today), on(today)));
    AgreementBook agreements_(db());
    EXPECT_EQ(agreements_.find(agreement)->agreement.prices.size(), 1u) << "one is not enough";
    const auto agreed =
        book.consent(made->id, says(Side::municipality, {2026, 11, 5}), on({2026, 11, 5}));
    ASSERT_TRUE(agreed) << describe(agreed.error());
    EXPECT_EQ(state_of(agreed->proposal), ProposalState::agreed);
    const auto after = agreements_.find(agreement)->agreement;
    ASSERT_EQ(after.prices.size(), 2u);
    EXPECT_EQ(after.prices[0].to, (LocalDate{2026, 12, 31}));
    EXPECT_EQ(after.prices[1].from, effective);
    EXPECT_EQ(std::get<agreements::MinutePrice>(after.prices[1].model).steps.at(0).price,
              Price{1'050'000});
    EXPECT_TRUE(check(after).empty());
    EXPECT_EQ(book.consent(made->id, says(Side::centre, today), on(today)).error().code,
              "recalculation.decided");
    EXPECT_EQ(book.list(samples::kTown)->size(), 1u);
    EXPECT_TRUE(book.list(samples::kOtherTown)->empty());
}

TEST_P(CostBookTest, ARefusalLeavesThePrice) {
    const std::int64_t agreement = agreement_in_force();
    ProposalBook book(db());
    const LocalDate today{2026, 10, 1};
    const auto made =
        book.propose(agreement, "Minuten", Price{1'050'000}, {2027, 1, 1}, on(today)).value();
    const auto refused =
        book.consent(made.id, says(Side::municipality, today, false), on(today)).value();
    EXPECT_EQ(state_of(refused.proposal), ProposalState::rejected);
    EXPECT_EQ(AgreementBook(db()).find(agreement)->agreement.prices.size(), 1u);
}

TEST_P(CostBookTest, ProposalsForWhatCannotBeAreRefused) {
    const std::int64_t agreement = agreement_in_force();
    ProposalBook book(db());
    const auto code = [&](const char *clause, Price price, const LocalDate &day) {
        const auto made = book.propose(agreement, clause, price, day, on({2026, 10, 1}));
        return made ? std::string{} : made.error().code;
    };
    EXPECT_EQ(code("Grundbetrag", Price{1}, {2027, 1, 1}), "recalculation.clause");
    EXPECT_EQ(code("Minuten", Price{1}, {2026, 10, 1}), "recalculation.too_late");
    EXPECT_EQ(code("Minuten", Price{-1}, {2027, 1, 1}), "recalculation.price");
    EXPECT_EQ(book.find(7).error().code, "recalculation.not_found");
}

TEST_P(CostBookTest, AJoiningTownKeepsItsAnswersAndTasks) {
    OnboardingBook book(db());
    const LocalDate go_live{2027, 7, 1};
    auto stored = book.begin(samples::kTown, Land::NI, go_live, on({2026, 11, 1})).value();
    EXPECT_EQ(book.begin(samples::kTown, Land::NI, go_live, on({2026, 11, 1})).error().code,
              "onboarding.exists");
    stored = book.change(
                     samples::kTown, 1,
                     [](agreements::Onboarding &it) {
                         return set_answer(it, {"calls_per_year", "12000"});
                     },
                     on({2026, 11, 2}))
                 .value();
    EXPECT_EQ(stored.version, 2);
    EXPECT_EQ(book.find(samples::kTown).value(), stored);
    EXPECT_EQ(book.change(
                      samples::kTown, 1, [](auto &) { return Expected<void>{}; }, on({2026, 11, 2}))
                  .error()
                  .code,
              "onboarding.stale");
    const auto wrong = book.change(
        samples::kTown, 2,
        [](agreements::Onboarding &it) { return set_answer(it, {"calls_per_year", "viele"}); },
        on({2026, 11, 2}));
    EXPECT_EQ(wrong.error().code, "onboarding.answer");
    EXPECT_EQ(book.list()->size(), 1u);
    EXPECT_EQ(book.find(samples::kOtherTown).error().code, "onboarding.none");
    const std::string csv = to_csv(stored.onboarding);
    EXPECT_NE(csv.find("Frage;calls_per_year;"), std::string::npos);
    EXPECT_NE(csv.find(";12000;"), std::string::npos);
    EXPECT_NE(csv.find("Aufgabe;go_live;"), std::string::npos);
    EXPECT_EQ(onboarding_from(to_document(stored.onboarding)).value(), stored.onboarding);
}

} // namespace
} // namespace fernamt::billing
