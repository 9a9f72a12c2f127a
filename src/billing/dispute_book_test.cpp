// SPDX-License-Identifier: EUPL-1.2
#include "billing/dispute_book.h"
#include "billing/invoice_samples.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

namespace fernamt::billing {
namespace {

using namespace samples;
using std::chrono::minutes;

const Change kAsk = change({2026, 12, 7});

class DisputeBookTest : public storage::testing::DatabaseTest {
  protected:
    void SetUp() override {
        set_up(db());
        ledger_ = ledger::Ledger::open(db()).value();
        add_calls(*ledger_, {2026, 11}, 20, minutes{3}, 200);
        number_ = InvoiceBook(db())
                      .issue(kLangenhagen, {2026, 11}, change({2026, 12, 1}))
                      .value()
                      .document.number;
    }
    void TearDown() override { ledger_.reset(); }
    DisputeBook book() { return DisputeBook(db()); }
    Dispute opened() {
        return book()
            .open({number_, 1, CallId{203}, "Dieser Anruf war für Wedemark.",
                   DisputeSide::municipality},
                  kAsk)
            .value();
    }
    std::unique_ptr<ledger::Ledger> ledger_;
    std::string number_;
};

TEST_P(DisputeBookTest, IsUpheldByACreditNoteThatNamesIt) {
    const Dispute dispute = opened();
    EXPECT_EQ(dispute.state, DisputeState::open);
    EXPECT_EQ(dispute.municipality, kLangenhagen);
    const auto answered =
        book().comment(dispute.id, DisputeSide::centre, "Wir prüfen das.", change({2026, 12, 8}));
    ASSERT_TRUE(answered) << describe(answered.error());
    const auto upheld =
        book().uphold(dispute.id, Money{285}, change({2026, 12, 9}, "Der Anruf war fehlgeleitet."));
    ASSERT_TRUE(upheld) << describe(upheld.error());
    EXPECT_EQ(upheld->state, DisputeState::upheld);
    EXPECT_EQ(upheld->credit_note, "G2026-000001");
    ASSERT_EQ(upheld->comments.size(), 3u);
    EXPECT_EQ(upheld->comments[1].side, DisputeSide::centre);
    EXPECT_EQ(upheld->comments[2].text, "Der Anruf war fehlgeleitet.");
    const Document credit = InvoiceBook(db()).find("G2026-000001").value();
    EXPECT_EQ(credit.net, Money{285});
    EXPECT_EQ(credit.refers_to, number_);
    EXPECT_EQ(credit.lines[0].text, "Korrektur zur Rückfrage 1, Position 1, Anruf 203");
    EXPECT_FALSE(InvoiceBook(db()).verify()->first_broken);
}

TEST_P(DisputeBookTest, IsUpheldByGivingTheCallToWhomItBelongs) {
    const Dispute dispute = opened();
    Reclassification how;
    how.municipality = kWedemark;
    const auto upheld = book().uphold_by_call(dispute.id, *ledger_, how,
                                              change({2026, 12, 9}, "Der Anruf galt Wedemark."));
    ASSERT_TRUE(upheld) << describe(upheld.error());
    EXPECT_EQ(upheld->state, DisputeState::upheld);
    EXPECT_TRUE(upheld->reclassified);
    EXPECT_FALSE(upheld->credit_note);
    const auto call = classified_call(db(), CallId{203}).value();
    EXPECT_EQ(call.municipality, kWedemark);
    ASSERT_EQ(call.changes.size(), 1U);
    EXPECT_EQ(call.changes[0].dispute, dispute.id);
    // The town pays 2,85 EUR less with its next invoice, and nothing twice.
    const auto next =
        InvoiceBook(db()).issue(kLangenhagen, {2026, 12}, change({2027, 1, 1})).value();
    EXPECT_EQ(next.document.net, Money{-285});
    EXPECT_EQ(book()
                  .uphold_by_call(dispute.id, *ledger_, how, change({2026, 12, 9}, "Noch einmal."))
                  .error()
                  .code,
              "dispute.closed");
}

TEST_P(DisputeBookTest, OnlyACallCanBeGivenToSomebodyElse) {
    const auto dispute =
        book().open({number_, 1, {}, "Zu viel.", DisputeSide::municipality}, kAsk).value();
    Reclassification how;
    how.municipality = kWedemark;
    EXPECT_EQ(
        book().uphold_by_call(dispute.id, *ledger_, how, change({2026, 12, 9}, "Ja.")).error().code,
        "dispute.no_call");
    EXPECT_EQ(book().find(dispute.id)->state, DisputeState::open);
}

TEST_P(DisputeBookTest, EndsOnce) {
    const Dispute dispute = opened();
    const auto refused =
        book().refuse(dispute.id, change({2026, 12, 9}, "Der Anruf galt Langenhagen."));
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->state, DisputeState::refused);
    const Change later = change({2026, 12, 10}, "Doch.");
    EXPECT_EQ(book().refuse(dispute.id, later).error().code, "dispute.closed");
    EXPECT_EQ(book().uphold(dispute.id, Money{1}, later).error().code, "dispute.closed");
    EXPECT_EQ(book().comment(dispute.id, DisputeSide::municipality, "Nein.", later).error().code,
              "dispute.closed");
    EXPECT_EQ(InvoiceBook(db()).list()->size(), 1u); // no credit note was left over
}

TEST_P(DisputeBookTest, TooMuchIsRefusedAndTheDisputeStaysOpen) {
    const Dispute dispute = opened();
    const auto upheld = book().uphold(dispute.id, Money{999'999}, change({2026, 12, 9}, "Ja."));
    EXPECT_EQ(upheld.error().code, "invoice.credit_too_high");
    EXPECT_EQ(book().find(dispute.id)->state, DisputeState::open);
    EXPECT_EQ(book().find(dispute.id)->comments.size(), 1u);
}

TEST_P(DisputeBookTest, AsksOnlyAboutWhatIsThere) {
    const auto asked = [&](Question question) {
        const auto opened = book().open(question, kAsk);
        return opened ? "opened" : describe(opened.error());
    };
    const Question question{number_, {}, {}, "Warum?", DisputeSide::municipality};
    EXPECT_EQ(asked(question), "opened");
    Question other = question;
    other.number = "R2026-000099";
    EXPECT_EQ(asked(other), "invoice.not_found");
    other = question;
    other.line = 2;
    EXPECT_EQ(asked(other), "dispute.place_unknown place=line");
    other = question;
    other.call = CallId{4711};
    EXPECT_EQ(asked(other), "dispute.place_unknown place=call");
    other = question;
    other.text.clear();
    EXPECT_EQ(asked(other), "dispute.empty");
    EXPECT_EQ(book().find(99).error().code, "dispute.not_found");
}

TEST_P(DisputeBookTest, ListsTheNewestFirstAndOnlyTheTownsOwn) {
    const Dispute first = opened();
    const auto second =
        book().open({number_, {}, {}, "Und das?", DisputeSide::centre}, change({2026, 12, 8}));
    ASSERT_TRUE(second);
    const auto all = book().list().value();
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].id, second->id);
    EXPECT_EQ(book().list(kLangenhagen)->size(), 2u);
    EXPECT_TRUE(book().list(kWedemark)->empty());
    EXPECT_EQ(book().list(std::nullopt, number_)->size(), 2u);
    close();
    EXPECT_EQ(book().find(first.id).value(), first);
}

TEST_P(DisputeBookTest, WhatGoesAlongsideStandsAndFallsWithIt) {
    Change refusing = change({2026, 12, 9}, "Ja.");
    refusing.also = [](storage::Connection &) {
        return Expected<void>(fail(ProblemKind::unavailable, "storage.full"));
    };
    const Dispute dispute = opened();
    EXPECT_EQ(book().uphold(dispute.id, Money{1}, refusing).error().code, "storage.full");
    EXPECT_EQ(InvoiceBook(db()).list()->size(), 1u);
    EXPECT_EQ(book().find(dispute.id)->state, DisputeState::open);
}

FERNAMT_ON_EVERY_ENGINE(DisputeBookTest);

} // namespace
} // namespace fernamt::billing
