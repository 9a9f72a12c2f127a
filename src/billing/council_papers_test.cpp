// SPDX-License-Identifier: EUPL-1.2
// The papers and plans that are printed: whole, the same bytes each time, and with what they
// promise (read from the PDF by pdftotext where it is installed).
#include "agreements/agreement_samples.h"
#include "billing/council_papers.h"
#include "billing/offboarding_paper.h"
#include "billing/pdf_reading.h"

#include <gtest/gtest.h>

namespace fernamt::billing {
namespace {

using samples::text_of;

const PaperHead kHead{"Regionsstadt, Servicecenter", "Stadt Musterstedt", {2026, 11, 22}};
const MunicipalityId kSmall{32'410'010'010}, kLarge{32'410'019'019};

VariantComparison two_towns() {
    std::vector<VariantTown> towns;
    towns.push_back({kSmall, "Klein", 10'000, expected_calls(2026, 1'200, 120).value()});
    towns.push_back({kLarge, "Groß", 30'000, expected_calls(2026, 600, 60).value()});
    return compare_models(towns, {Price{1'000'000}, 50}).value();
}

TEST(CouncilPapers, VariantsNameWhoPaysWhat) {
    const auto pdf = print_variants(two_towns(), {"Klein", "Groß"}, kHead);
    ASSERT_TRUE(pdf) << describe(pdf.error());
    EXPECT_EQ(pdf.value(), print_variants(two_towns(), {"Klein", "Groß"}, kHead).value());
    const std::string text = text_of(*pdf);
    for (const char *words : {"Finanzierungsmodelle im Vergleich", "Umlage und Minuten", "2.400,00",
                              "-825,00", "1 Kommune zahlt weniger, 1 Kommune zahlt mehr"}) {
        EXPECT_NE(text.find(words), std::string::npos) << words << "\n" << text;
    }
}

TEST(CouncilPapers, VariantsAreMeasuredFromWhatIsAgreed) {
    std::vector<VariantTown> towns;
    towns.push_back({kSmall, "Klein", 10'000, expected_calls(2026, 1'200, 120).value(),
                     Burden{Money{200'000}, Money{}}});
    towns.push_back({kLarge, "Groß", 30'000, expected_calls(2026, 600, 60).value()});
    VariantPrices prices{.per_minute = Price{1'000'000}, .from_agreed = true};
    prices.templates = {agreements::Template::package};
    const auto pdf =
        print_variants(compare_models(towns, prices).value(), {"Klein", "Groß"}, kHead);
    ASSERT_TRUE(pdf) << describe(pdf.error());
    const std::string text = text_of(*pdf);
    for (const char *words :
         {"Heute vereinbart", "Vorlage: Pauschale", "Gegenüber dem, was heute vereinbart ist",
          "+400,00", "+40,00", "nicht lückenlos vereinbart"}) {
        EXPECT_NE(text.find(words), std::string::npos) << words << "\n" << text;
    }
}

TEST(CouncilPapers, TheDecisionPaperStandsOnTheAnswers) {
    auto onboarding = agreements::begin_onboarding(kSmall, Land::NI, {2027, 7, 1});
    ASSERT_TRUE(set_answer(onboarding, {"hours", "montags bis freitags 8 bis 18 Uhr"}));
    const auto without = print_decision_paper(onboarding, 10'000, std::nullopt, kHead);
    ASSERT_TRUE(without) << describe(without.error());
    EXPECT_NE(text_of(*without).find("sobald die Zahl der Anrufe"), std::string::npos);
    std::vector<VariantTown> town;
    town.push_back({kSmall, "Klein", 10'000, expected_calls(2027, 12'000, 150).value()});
    const auto paper =
        print_decision_paper(onboarding, 10'000, compare_models(town, {}).value(), kHead);
    ASSERT_TRUE(paper) << describe(paper.error());
    const std::string text = text_of(*paper);
    // 12,000 x 2.5 min x 0.95, each call rounded: 2.38
    for (const char *words : {"montags bis freitags 8 bis 18 Uhr", "28.560,00", "12.000 Anrufe",
                              "01.07.2027", "(noch offen)", "Personalrat beteiligen"}) {
        EXPECT_NE(text.find(words), std::string::npos) << words << "\n" << text;
    }
}

TEST(OffboardingPaper, ListsWhatIsToDoAndWhatIsStillToBill) { // F-32
    auto agreement = agreements::samples::in_force();
    const auto print = [&] {
        return print_offboarding(agreement, "Stadt Musterstedt", kHead.centre, {}, kHead.today);
    };
    EXPECT_EQ(print().error().code, "agreement.no_end");
    agreement.ends = LocalDate{2026, 12, 31};
    Document invoice;
    invoice.number = "R2026-000001";
    invoice.period_from = {2026, 1, 1};
    invoice.period_to = {2026, 1, 31};
    invoice.payable = Money{12'345};
    invoice.months = {"2026-01"};
    const auto pdf =
        print_offboarding(agreement, "Stadt Musterstedt", kHead.centre, {invoice}, kHead.today);
    ASSERT_TRUE(pdf) << describe(pdf.error());
    const std::string text = text_of(*pdf);
    for (const char *words : {"zurückschalten", "31.12.2026", "R2026-000001", "123,45",
                              "Noch abzurechnen: Februar 2026", "Daten übergeben"}) {
        EXPECT_NE(text.find(words), std::string::npos) << words << "\n" << text;
    }
}

} // namespace
} // namespace fernamt::billing
