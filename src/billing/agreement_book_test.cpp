// SPDX-License-Identifier: EUPL-1.2
#include "agreements/agreement_samples.h"
#include "billing/agreement_book.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <thread>

namespace fernamt::billing {
namespace {

using agreements::Agreement;
using agreements::State;
namespace samples = agreements::samples;

const Change kChange{UserId{4}, to_instant({2025, 9, 1}, 9 * 3600),
                     "Entwurf nach dem Fragekatalog"};

Change on(const LocalDate &date, std::string reason = "") {
    return {UserId{5}, to_instant(date, 9 * 3600), std::move(reason)};
}

Agreement every_price_model() {
    Agreement made = samples::agreement();
    const LocalDate day{2026, 1, 1};
    agreements::LevyShare levy{Money{5}, {{samples::kTown, 3}, {samples::kOtherTown, 4}}};
    made.prices = {
        samples::clause("a", day, samples::per_minute(Price{950'000})),
        samples::clause("b", day, agreements::CallPrice{{{1, Price{1}}, {2, Price{2}}}}),
        samples::clause("c", day, agreements::Package{Money{9}, 60'000, Price{1'590'000}}),
        samples::clause("d", day, agreements::NotCharged{}),
        samples::clause("e", day, agreements::InhabitantBase{Price{500'000}}),
        samples::clause("f", day, agreements::FixedBase{Money{14'000'000}}),
        samples::clause("g", day, levy),
        samples::clause("h", day, agreements::SecondmentCredit{150, Money{5'360'000}}),
        samples::clause("i", day, agreements::InhabitantCap{{{1, Price{40'000}}}}),
        samples::clause("j", day, agreements::Minimum{Money{1}})};
    made.prices[5].payer = agreements::Payer::third_party;
    made.prices[5].payer_name = "Rhein-Neckar-Kreis \"ä\"";
    made.prices[5].to = LocalDate{2027, 12, 31};
    made.prices[0].kinds = agreements::KindSet::of({agreements::CallKind::crisis});
    made.numbers[0].value.scope = agreements::Scope::when_absent;
    made.numbers[0].value.office = PhoneNumber{"+493023125900"};
    made.numbers[0].value.ring_seconds = 15;
    made.numbers[0].value.staffed = {{0, 8 * 3600, 12 * 3600}};
    made.ends = LocalDate{2030, 12, 31};
    made.notice_received = LocalDate{2030, 1, 1};
    return made;
}

TEST(AgreementDocument, ReadsWhatItWrites) {
    const Agreement made = every_price_model();
    const auto read = agreement_from(to_document(made));
    ASSERT_TRUE(read) << describe(read.error());
    EXPECT_EQ(*read, made);
    EXPECT_EQ(to_document(*read), to_document(made));
    const auto list = prices_of(made);
    EXPECT_EQ(price_list_from(to_document(list)).value(), list);
}

TEST(AgreementDocument, NamesThePlaceThatIsWrong) {
    std::string text = to_document(samples::agreement());
    const auto broken = [&](std::string_view from, std::string_view to) {
        std::string changed = text;
        changed.replace(changed.find(from), from.size(), to);
        const auto read = agreement_from(changed);
        return read ? "read" : describe(read.error());
    };
    EXPECT_EQ(broken("\"per_call\"", "\"per_day\""),
              "document.wrong_value place=prices.minute_price.level");
    EXPECT_EQ(broken("\"begins\":\"2026-01-01\"", "\"begins\":\"2026-02-30\""),
              "document.wrong_value place=term.begins");
    EXPECT_EQ(broken("\"title\"", "\"titel\""), "document.wrong_value place=documents.title");
    EXPECT_FALSE(agreement_from("[]"));
}

class AgreementBookTest : public storage::testing::DatabaseTest {
  protected:
    AgreementBook book() { return AgreementBook(db()); }
    // Stored and in force since 2026-01-01.
    StoredAgreement active() {
        auto stored = book().create(samples::agreement(), kChange).value();
        const auto step = [&](State to, const LocalDate &day) {
            stored = book().move(stored.agreement.id, stored.version, to, day, on(day)).value();
        };
        step(State::resolved, {2025, 10, 1});
        step(State::signed_, {2025, 11, 1});
        step(State::active, {2026, 1, 1});
        return stored;
    }
};

TEST_P(AgreementBookTest, KeepsEveryVersionWithWhoWhenAndWhy) {
    const auto stored = active();
    EXPECT_EQ(stored.version, 4);
    EXPECT_EQ(book().find(stored.agreement.id).value(), stored);
    close();
    const auto versions = book().versions(stored.agreement.id).value();
    ASSERT_EQ(versions.size(), 4U);
    EXPECT_EQ(versions[0].reason, kChange.reason);
    EXPECT_EQ(versions[0].changed_by, UserId{4});
    EXPECT_EQ(state_of(versions[1].agreement), State::resolved);
    EXPECT_EQ(versions[3].agreement, stored.agreement);
}

TEST_P(AgreementBookTest, TakesANewPriceFromALaterDay) {
    auto stored = active();
    Agreement changed = stored.agreement;
    changed.prices[0].to = LocalDate{2026, 12, 31};
    changed.prices.push_back(
        samples::clause("Minuten 2027", {2027, 1, 1}, samples::per_minute(Price{1'050'000})));
    const auto updated =
        book().update(changed, stored.version, on({2026, 10, 1}, "Neue Kalkulation"));
    ASSERT_TRUE(updated) << describe(updated.error());
    EXPECT_EQ(updated->version, 5);
    EXPECT_EQ(book().find(stored.agreement.id)->agreement.prices.size(), 2U);
    EXPECT_EQ(book().update(changed, stored.version, on({2026, 10, 1})).error().code,
              "agreement.stale");
}

TEST_P(AgreementBookTest, NeverChangesWhatWasInForce) {
    const auto stored = active();
    const auto refused = [&](auto &&change) {
        Agreement changed = stored.agreement;
        change(changed);
        const auto updated = book().update(changed, stored.version, on({2026, 5, 4}));
        return updated ? "updated" : describe(updated.error());
    };
    const std::string remedy = " remedy=add_a_part_with_a_later_day";
    EXPECT_EQ(refused([](Agreement &a) {
                  std::get<agreements::MinutePrice>(a.prices[0].model).steps[0].price.micro_euro++;
              }),
              "agreement.past_changed place=5.prices[0]" + remedy);
    EXPECT_EQ(refused([](Agreement &a) { a.prices[0].to = LocalDate{2026, 4, 30}; }),
              "agreement.past_changed place=5.prices[0]" + remedy);
    EXPECT_EQ(refused([](Agreement &a) { a.populations[0].inhabitants = 1; }),
              "agreement.past_changed place=5.populations" + remedy);
    EXPECT_EQ(refused([](Agreement &a) { a.term.first_months = 12; }),
              "agreement.past_changed place=6.term" + remedy);
    EXPECT_EQ(
        refused([](Agreement &a) { a.taxes[0].value.category = agreements::TaxCategory::exempt; }),
        "agreement.past_changed place=2026-01-01" + remedy);
    EXPECT_EQ(refused([](Agreement &a) { a.municipality = samples::kOtherTown; }),
              "agreement.past_changed place=municipality" + remedy);
    EXPECT_EQ(refused([](Agreement &a) { a.budgets.push_back({2027, Money{3}, "11109", ""}); }),
              "updated");
}

TEST_P(AgreementBookTest, FindsTheOneInForce) {
    const auto stored = active();
    EXPECT_EQ(book().in_force(samples::kTown, {2026, 5, 5}).value()->agreement.id,
              stored.agreement.id);
    EXPECT_FALSE(book().in_force(samples::kTown, {2025, 12, 31}).value());
    EXPECT_FALSE(book().in_force(samples::kOtherTown, {2026, 5, 5}).value());
    EXPECT_EQ(book().find(99).error().code, "agreement.not_found");
    EXPECT_EQ(book().list()->size(), 1U);
}

TEST_P(AgreementBookTest, OneOfTwoPeopleAtOnceIsTold) {
    const auto stored = book().create(samples::agreement(), kChange).value();
    Expected<StoredAgreement> results[2];
    {
        std::jthread first(
            [&] { results[0] = book().update(stored.agreement, 1, on({2025, 9, 2}, "eine")); });
        std::jthread second(
            [&] { results[1] = book().update(stored.agreement, 1, on({2025, 9, 2}, "andere")); });
    }
    EXPECT_NE(results[0].has_value(), results[1].has_value());
    EXPECT_EQ((results[0] ? results[1] : results[0]).error().code, "agreement.stale");
    EXPECT_EQ(book().versions(stored.agreement.id)->size(), 2U);
}

FERNAMT_ON_EVERY_ENGINE(AgreementBookTest);

} // namespace
} // namespace fernamt::billing
