// SPDX-License-Identifier: EUPL-1.2
#include "billing/classification.h"
#include "billing/classification_preview.h"
#include "billing/invoice_samples.h"
#include "billing/invoice_source.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fernamt::billing {
namespace {

using namespace samples;
using agreements::CallKind;
using ledger::ReclassifyReason;
using std::chrono::minutes;
using std::chrono::seconds;

const Instant kLater = at({2026, 12, 3});

TEST(KindOfTest, WhatNobodyPaysGoesFirstAnd115IsCountedApartInACrisisToo) {
    routing::End end;
    end.answered_at = kLater;
    end.crisis = routing::CrisisId{3};
    EXPECT_EQ(kind_of(end), CallKind::crisis);
    end.scope = routing::Scope::it_faults;
    EXPECT_EQ(kind_of(end), CallKind::it_fault);
    end.scope = routing::Scope::authority_115;
    EXPECT_EQ(kind_of(end), CallKind::number_115);
    end.scope = routing::Scope::central;
    end.number = PhoneNumber{"115"};
    EXPECT_EQ(kind_of(end), CallKind::number_115);
    end.scope = routing::Scope::test_calls;
    EXPECT_EQ(kind_of(end), CallKind::test_call);
    end.scope = routing::Scope::internal;
    EXPECT_EQ(kind_of(end), CallKind::internal_call);
    end.from = routing::PartnerId{2};
    EXPECT_EQ(kind_of(end), CallKind::from_partner);
}

class ClassificationTest : public storage::testing::DatabaseTest {
  protected:
    void SetUp() override {
        set_up_two_towns(db());
        ledger_ = ledger::Ledger::open(db()).value();
        add_calls(*ledger_, {2026, 11}, 20, minutes{3}, 200);
        add_call_of_wedemark(*ledger_); // so that it has a November of its own to correct
    }
    void TearDown() override { ledger_.reset(); }

    void append(std::vector<ledger::NewEntry> entries) {
        (void)ledger_->append_and_wait(std::move(entries)).value();
    }
    Expected<ClassifiedCall> say(const Reclassification &change) {
        return reclassify(db(), *ledger_, change, kLater);
    }
    static Reclassification to(CallId call, MunicipalityId municipality) {
        Reclassification change;
        change.call = call;
        change.municipality = municipality;
        return change;
    }
    static Reclassification as(CallId call, CallKind kind, ReclassifyReason reason) {
        Reclassification change;
        change.call = call;
        change.kind = kind;
        change.reason = reason;
        return change;
    }
    Document issued(MunicipalityId municipality, const Month &month) {
        const Month after = next(month);
        return InvoiceBook(db())
            .issue(municipality, month, change({after.year, after.month, 1}))
            .value()
            .document;
    }
    std::vector<CallFact> november(MunicipalityId municipality,
                                   std::optional<std::int64_t> up_to = {}) {
        return read_calls(db(), municipality, first_day(kNovember), last_day(kNovember), up_to)
            .value()
            .calls;
    }
    std::unique_ptr<ledger::Ledger> ledger_;
};

// Three minutes at 0.95 go from the one to the other; what was shown is what is billed then.
TEST_P(ClassificationTest, WhatWouldChangeIsShownBeforeAndHappensAsShown) {
    const Document billed = issued(kLangenhagen, kNovember);
    const auto effects = preview_reclassification(db(), to(CallId{203}, kWedemark));
    ASSERT_TRUE(effects) << describe(effects.error());
    ASSERT_EQ(effects->size(), 2u);
    EXPECT_EQ(effects->at(0).municipality, kLangenhagen);
    EXPECT_EQ(effects->at(0).before, Money{5'700});
    EXPECT_EQ(effects->at(0).after, Money{5'415});
    EXPECT_EQ(effects->at(0).billed_by, billed.number);
    EXPECT_EQ(effects->at(1).municipality, kWedemark);
    EXPECT_EQ(effects->at(1).before, Money{190});
    EXPECT_EQ(effects->at(1).after, Money{475});
    EXPECT_EQ(effects->at(1).billed_by, std::nullopt);
    EXPECT_EQ(november(kLangenhagen).size(), 20u) << "nothing is stored";
    EXPECT_TRUE(InvoiceBook(db()).preview_corrections(kLangenhagen, kLater)->empty());

    ASSERT_TRUE(say(to(CallId{203}, kWedemark)));
    const auto drafts = InvoiceBook(db()).preview_corrections(kLangenhagen, kLater);
    ASSERT_TRUE(drafts) << describe(drafts.error());
    ASSERT_EQ(drafts->size(), 1u);
    EXPECT_EQ(drafts->front().document.net, Money{-285});
    EXPECT_TRUE(drafts->front().document.number.empty());
    EXPECT_EQ(InvoiceBook(db()).list(kLangenhagen)->size(), 1u) << "nothing is stored";
    const auto corrected = InvoiceBook(db()).correct(kLangenhagen, change({2026, 12, 4}));
    ASSERT_TRUE(corrected) << describe(corrected.error());
    EXPECT_EQ(corrected->front().document.net, Money{-285});
    EXPECT_EQ(issued(kWedemark, kNovember).net, Money{475});
}

TEST_P(ClassificationTest, APreviewKnowsTestsAndTownsWithoutAnAgreement) {
    const auto test_call = preview_reclassification(
        db(), as(CallId{204}, CallKind::test_call, ReclassifyReason::test));
    ASSERT_TRUE(test_call) << describe(test_call.error());
    ASSERT_EQ(test_call->size(), 1u);
    EXPECT_EQ(test_call->front().after, Money{5'415});
    const auto nowhere =
        preview_reclassification(db(), to(CallId{204}, MunicipalityId{32410000000}));
    ASSERT_TRUE(nowhere) << describe(nowhere.error());
    EXPECT_EQ(nowhere->at(1).before, Money{});
    EXPECT_EQ(nowhere->at(1).after, std::nullopt);
    EXPECT_EQ(preview_reclassification(db(), to(CallId{204}, kLangenhagen)).error().code,
              "call.same_classification");
    EXPECT_EQ(preview_reclassification(db(), to(CallId{1}, kWedemark)).error().code,
              "call.not_found");
}

TEST_P(ClassificationTest, ACallGoesToTheOtherTownAndBothBillsSayIt) {
    const Document before = issued(kLangenhagen, kNovember);
    EXPECT_EQ(before.net, Money{5'700});
    EXPECT_EQ(issued(kWedemark, kNovember).net, Money{190});

    const auto moved = say(to(CallId{203}, kWedemark));
    ASSERT_TRUE(moved) << describe(moved.error());
    EXPECT_EQ(moved->municipality, kWedemark);
    EXPECT_EQ(november(kLangenhagen).size(), 19U);
    EXPECT_EQ(november(kWedemark).size(), 2U);
    EXPECT_EQ(november(kLangenhagen, before.known_seq).size(), 20U) << "as it was known then";

    EXPECT_EQ(issued(kLangenhagen, {2026, 12}).net, Money{-285});
    EXPECT_EQ(issued(kWedemark, {2026, 12}).net, Money{285});
    const auto evidence = InvoiceBook(db()).evidence(before);
    ASSERT_TRUE(evidence) << describe(evidence.error());
    EXPECT_EQ(root_of(*evidence), before.evidence_root);
}

TEST_P(ClassificationTest, ATestCallIsNotBilledAndComesBackIfThatWasTheMistake) {
    (void)issued(kLangenhagen, kNovember);
    ASSERT_TRUE(say(as(CallId{204}, CallKind::test_call, ReclassifyReason::test)));
    EXPECT_EQ(november(kLangenhagen)[4].kind, CallKind::test_call);
    EXPECT_EQ(issued(kLangenhagen, {2026, 12}).net, Money{-285});
    const auto back = say(as(CallId{204}, CallKind::own_number, ReclassifyReason::taken_back));
    ASSERT_TRUE(back) << describe(back.error());
    EXPECT_EQ(back->kind, CallKind::own_number);
    EXPECT_EQ(back->changes.size(), 2U);
    EXPECT_EQ(issued(kLangenhagen, {2027, 1}).net, Money{285});
}

TEST_P(ClassificationTest, AKindThatWasSaidGoesAlongToTheOtherTown) {
    ASSERT_TRUE(say(as(CallId{205}, CallKind::it_fault, ReclassifyReason::staff)));
    ASSERT_TRUE(say(to(CallId{205}, kWedemark)));
    const auto calls = november(kWedemark);
    ASSERT_EQ(calls.size(), 2U);
    EXPECT_EQ(std::ranges::find(calls, CallId{205}, &CallFact::call)->kind, CallKind::it_fault);
}

// Two people decide at once, each from what they saw: the later entry holds, for everybody.
TEST_P(ClassificationTest, ACallBelongsToOneTownWhateverItsEntriesSayOfBefore) {
    const MunicipalityId third{32410007007};
    ledger::Reclassified fact;
    fact.call = CallId{206};
    fact.offered_at = at({2026, 11, 7}, 14);
    fact.from = kLangenhagen;
    fact.to = kWedemark;
    fact.role = "finance";
    append({to_entry(fact, kLater)});
    fact.to = third;
    append({to_entry(fact, kLater)});
    EXPECT_EQ(november(kLangenhagen).size(), 19U);
    EXPECT_EQ(november(kWedemark).size(), 1U);
    EXPECT_EQ(november(third).size(), 1U);
}

TEST_P(ClassificationTest, RefusesWhatCannotBe) {
    const auto code = [&](const Reclassification &change) {
        const auto said = say(change);
        return said ? std::string("said") : said.error().code;
    };
    EXPECT_EQ(code(to(CallId{207}, kLangenhagen)), "call.same_classification");
    EXPECT_EQ(code(to(CallId{99'999}, kWedemark)), "call.not_found");
    EXPECT_EQ(code(as(CallId{207}, CallKind::from_partner, ReclassifyReason::wrong_kind)),
              "call.kind_forbidden");
    EXPECT_EQ(code(as(CallId{207}, CallKind::abandoned, ReclassifyReason::wrong_kind)),
              "call.kind_forbidden");
    const CallFact lost = not_taken(901, at({2026, 11, 9}), CallKind::abandoned);
    append({end_entry(kLangenhagen, lost, lost.offered_at + minutes{1})});
    EXPECT_EQ(code(as(lost.call, CallKind::own_number, ReclassifyReason::wrong_kind)),
              "call.kind_forbidden");
    EXPECT_EQ(code(to(lost.call, kWedemark)), "said") << "it counts in Wedemark's figures";
}

// The first agent handed over and worked on for the town that was dialled; the second one found
// out which town was meant. All work belongs to the call, and to nobody else's bill.
TEST_P(ClassificationTest, AfterCallWorkFollowsTheCallThatAnAgentCorrected) {
    const CallFact fact = call(902, at({2026, 11, 10}), minutes{4});
    const Instant ended = fact.offered_at + minutes{4};
    const routing::Corrected corrected{fact.call, AgentId{8}, kLangenhagen, kWedemark};
    append({work_entry(kLangenhagen, fact.call, seconds{40}, ended - minutes{1}),
            ledger::to_entry(routing::Decision{corrected, routing::Rule::tenant_corrected},
                             ended - seconds{30}),
            end_entry(kWedemark, fact, ended),
            work_entry(kWedemark, fact.call, seconds{20}, ended + seconds{20})});
    const auto calls = november(kWedemark);
    ASSERT_EQ(calls.size(), 2U);
    EXPECT_EQ(std::ranges::find(calls, fact.call, &CallFact::call)->after_call_work, seconds{60});
    EXPECT_EQ(november(kLangenhagen).size(), 20U);
}

// from the line's price class in the ledger to the invoice and its evidence file.
TEST_P(ClassificationTest, ALinesPriceClassHasItsOwnPriceOnTheInvoice) {
    const MunicipalityId third{32410007007};
    agreements::Agreement agreement = agreements::samples::agreement();
    agreement.municipality = third;
    agreement.prices.push_back(agreement.prices[0]);
    agreement.prices[1].name = "Bürgeramt";
    agreement.prices[1].price_classes = {2};
    std::get<agreements::MinutePrice>(agreement.prices[1].model).steps = {{1, Price{2'000'000}}};
    set_up(db(), agreement);
    (void)InvoiceBook(db()).set_party(third, town()).has_value();
    for (const auto &[id, price_class] : {std::pair{950, 0}, std::pair{951, 2}}) {
        routing::End end;
        end.call = CallId{id};
        end.municipality = third;
        end.offered_at = at({2026, 11, 5});
        end.answered_at = end.offered_at;
        end.talk = minutes{1};
        end.price_class = price_class;
        append({ledger::to_entry(routing::Decision{end, routing::Rule::caller_hung_up},
                                 end.offered_at + minutes{1})});
    }
    const auto november = InvoiceBook(db()).issue(third, kNovember, change({2026, 12, 1}));
    ASSERT_TRUE(november) << describe(november.error());
    ASSERT_EQ(november->document.lines.size(), 2U);
    EXPECT_EQ(november->document.lines[0].amount, Money{95});
    EXPECT_EQ(november->document.lines[1].amount, Money{200});
    const auto verdict = verify_invoice(to_json(november->document, november->evidence));
    ASSERT_TRUE(verdict) << describe(verdict.error());
    EXPECT_TRUE(verdict->findings.empty()) << describe(*verdict);
}

FERNAMT_ON_EVERY_ENGINE(ClassificationTest);

} // namespace
} // namespace fernamt::billing
