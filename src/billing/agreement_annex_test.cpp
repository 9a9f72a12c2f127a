// SPDX-License-Identifier: EUPL-1.2
#include "agreements/agreement_samples.h"
#include "billing/agreement_annex.h"
#include "billing/pdf_reading.h"

#include <gtest/gtest.h>

namespace fernamt::billing {
namespace {

using agreements::Agreement;
using agreements::Scope;

std::string annex_of(const Agreement &agreement) {
    const auto pdf =
        print_annex(agreement, "Stadt Musterstedt", "Servicecenter", LocalDate{2026, 11, 23});
    EXPECT_TRUE(pdf) << describe(pdf.error());
    return pdf ? samples::text_of(*pdf) : "";
}

TEST(AgreementAnnex, HasTheSixSectionsAndIsADraftUntilItIsResolved) {
    Agreement agreement = agreements::samples::agreement();
    const std::string text = annex_of(agreement);
    for (const char *words :
         {"ENTWURF", "1. Aufgaben des Servicecenters", "2. Aufgaben", "3. Technische",
          "4. Datenschutz", "5. Kosten", "6. Laufzeit", "030 23125234"}) {
        EXPECT_NE(text.find(words), std::string::npos) << words << "\n" << text;
    }
    ASSERT_TRUE(agreements::change_state(
        agreement,
        {agreements::State::resolved, {2025, 10, 1}, UserId{1}, Instant{1}, "Ratsbeschluss"}));
    EXPECT_EQ(annex_of(agreement).find("ENTWURF"), std::string::npos);
}

TEST(AgreementAnnex, SaysWhatEachNumbersScopeIs) {
    Agreement agreement = agreements::samples::agreement();
    const auto with = [&](Scope scope) {
        agreement.numbers[0].value.scope = scope;
        return annex_of(agreement);
    };
    EXPECT_NE(with(Scope::crisis_only).find("nur in einer ausgerufenen"), std::string::npos);
    EXPECT_NE(with(Scope::number_115).find("an die 115"), std::string::npos);
    agreement.numbers[0].value.office = PhoneNumber{"+493023125900"};
    agreement.numbers[0].value.ring_seconds = 15;
    agreement.numbers[0].value.staffed = {{0, 8 * 3600, 12 * 3600}};
    const std::string text = with(Scope::when_absent);
    for (const char *words :
         {"Rathaus nicht", "klingelt 030 23125900", "15 Sekunden", "Mo 8:00 bis 12:00"}) {
        EXPECT_NE(text.find(words), std::string::npos) << words << "\n" << text;
    }
}

} // namespace
} // namespace fernamt::billing
