// SPDX-License-Identifier: EUPL-1.2
// The TOP list, its matrix, the gate before going live and the tables for the steering group.
#include "knowledge/demo_services.h"
#include "knowledge/go_live.h"
#include "knowledge/matrix.h"
#include "knowledge/matrix_table.h"
#include "knowledge/testing/imported_knowledge.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fernamt::knowledge {
namespace {

using testing::kHere;
using testing::kThere;
constexpr LocalDate kToday{2026, 11, 23};
const Editor kCentre{UserId{4}, std::nullopt};

class MatrixTest : public testing::ImportedKnowledge {
  protected:
    void SetUp() override { clock_.set(to_instant(kToday, 12 * 3600)); }
    Matrix matrix(const std::vector<MunicipalityId> &of, const LocalDate &today = kToday) {
        Matrix found;
        EXPECT_TRUE(db().read([&](storage::Connection &connection) -> Expected<void> {
            auto read = read_matrix(connection, of, today);
            if (!read) return tl::unexpected(read.error());
            found = std::move(*read);
            return {};
        }));
        return found;
    }
    MatrixCell cell(MunicipalityId of, const LocalDate &today = kToday) {
        const Matrix found = matrix({of}, today);
        return found.rows.at(0).cells.at(0);
    }
    void own(MunicipalityId municipality, SectionKey section,
             std::optional<LocalDate> expires_on = {}) {
        EXPECT_TRUE(put_local_text(db(), clock_,
                                   {.service = service_,
                                    .municipality = municipality,
                                    .section = section,
                                    .lines = {"eigen"},
                                    .expires_on = expires_on}));
    }
};
FERNAMT_ON_EVERY_ENGINE(MatrixTest);

TEST_P(MatrixTest, ACellSaysWhatIsThereAndWhatIsMissing) {
    import(samples::service("1", "Eins", "") + samples::office("7", "Amt", ""));
    ASSERT_EQ(set_top_list(db(), {{service_}, 1}, {}), 2);
    EXPECT_FALSE(cell(kHere).office);
    EXPECT_EQ(cell(kHere).state(), CellState::missing);

    import(samples::responsibility("9", "1", "7", "03241")); // the district's office
    EXPECT_TRUE(cell(kHere).office);
    EXPECT_TRUE(cell(kThere).office);
    EXPECT_FALSE(cell(MunicipalityId{51240000000}).office);
    EXPECT_FALSE(cell(kHere).contact);
    import(samples::office("7", "Amt",
                           "<xzufi:kontaktperson><xzufi:familienname>Muster</xzufi:familienname>"
                           "</xzufi:kontaktperson>"));
    EXPECT_TRUE(cell(kHere).contact);
    EXPECT_FALSE(cell(kHere).reachability);
    EXPECT_EQ(cell(kHere).state(), CellState::missing);

    own(kHere, SectionKey::opening_hours, LocalDate{2026, 11, 23});
    EXPECT_TRUE(cell(kHere).reachability);
    EXPECT_FALSE(cell(kHere, {2026, 11, 24}).reachability) << "expired";
    EXPECT_FALSE(cell(kThere).reachability) << "another town's text";
    EXPECT_EQ(cell(kHere).state(), CellState::stale) << "never checked here";
}

TEST_P(MatrixTest, FreshNeedsTheCommonTextAndWhatIsLocal) {
    import(samples::service("1", "Eins", ""));
    ASSERT_TRUE(set_top_list(db(), {{service_}, 1}, {}));
    for (const SectionKey key :
         {SectionKey::responsible, SectionKey::contact, SectionKey::opening_hours}) {
        own(kHere, key);
    }
    EXPECT_EQ(cell(kHere).state(), CellState::stale);
    ASSERT_TRUE(mark_checked(db(), clock_, kCentre, service_, kCommonText));
    EXPECT_EQ(cell(kHere).state(), CellState::stale);
    EXPECT_FALSE(cell(kHere).checked_on);
    ASSERT_TRUE(set_care(db(), clock_, kCentre,
                         {.service = service_, .municipality = kHere, .review_days = 30}));
    ASSERT_TRUE(mark_checked(db(), clock_, kCentre, service_, kHere));
    EXPECT_EQ(cell(kHere).state(), CellState::complete);
    EXPECT_EQ(cell(kHere).checked_on, kToday);
    EXPECT_EQ(cell(kHere, add_days(kToday, 30)).state(), CellState::complete);
    EXPECT_EQ(cell(kHere, add_days(kToday, 31)).state(), CellState::stale);
}

TEST_P(MatrixTest, TheListIsEditedByOneAtATime) {
    import(samples::service("1", "Eins", "") + samples::service("2", "Zwei", ""));
    const ServiceId second{object_id(ObjectKind::service, "L1", "2")};
    EXPECT_EQ(set_top_list(db(), {{second, service_}, 1}, {}), 2);
    EXPECT_EQ(set_top_list(db(), {{service_}, 1}, {}).error().code, "knowledge.top_list_stale");
    EXPECT_EQ(set_top_list(db(), {{service_, service_}, 2}, {}).error().code,
              "knowledge.text_invalid");
    EXPECT_EQ(set_top_list(db(), {{ServiceId{4711}}, 2}, {}).error().code, "knowledge.not_found");
    const auto audited = [](storage::Connection &) -> Expected<void> {
        return fail(ProblemKind::unavailable, "storage.full");
    };
    EXPECT_FALSE(set_top_list(db(), {{}, 2}, audited)) << "no change without its audit entry";
    const auto list = top_list(db());
    EXPECT_EQ(list->services, (std::vector<ServiceId>{second, service_}));
    EXPECT_EQ(list->version, 2);
    const Matrix found = matrix({kHere});
    ASSERT_EQ(found.services.size(), 2U);
    EXPECT_EQ(found.services[0].name, "Zwei");
    EXPECT_EQ(found.services[0].leika, "99102013104000");
}

TEST_P(MatrixTest, TheGateOpensWhenAllIsThereOrByANamedPerson) {
    import(samples::service("1", "Eins", ""));
    ASSERT_TRUE(set_top_list(db(), {{service_}, 1}, {}));
    int audited = 0;
    const Audit audit = [&](storage::Connection &) -> Expected<void> {
        ++audited;
        return {};
    };
    const UserId by{7};
    EXPECT_FALSE(go_live_gate(db(), clock_, kHere)->open());
    const auto closed = decide_go_live(db(), clock_, by, kHere, "", audit);
    EXPECT_EQ(closed.error().code, "knowledge.gate_closed");
    EXPECT_EQ(closed.error().arguments, (std::vector<std::pair<std::string, std::string>>{
                                            {"stale", "0"}, {"missing", "1"}, {"lacks", "0"}}));
    EXPECT_EQ(audited, 0);
    const auto forced = decide_go_live(db(), clock_, by, kHere, "Der Rat will es so.", audit);
    ASSERT_TRUE(forced);
    EXPECT_EQ(audited, 1);
    const auto gate = go_live_gate(db(), clock_, kHere);
    ASSERT_TRUE(gate->decision);
    EXPECT_EQ(gate->decision->decided_by, by);
    EXPECT_EQ(gate->decision->override_reason, "Der Rat will es so.");
    EXPECT_EQ(gate->decision->counts.missing, 1);
    EXPECT_TRUE(gate->open());
    EXPECT_EQ(decide_go_live(db(), clock_, by, kHere, "x", audit).error().code,
              "knowledge.gate_passed");

    for (const SectionKey key :
         {SectionKey::responsible, SectionKey::contact, SectionKey::opening_hours}) {
        own(kThere, key);
    }
    for (const MunicipalityId of : {kCommonText, kThere})
        ASSERT_TRUE(mark_checked(db(), clock_, kCentre, service_, of));
    // Knowledge alone does not open it: what else is missing needs a reason, too, and is kept.
    EXPECT_TRUE(go_live_gate(db(), clock_, kThere)->open());
    EXPECT_FALSE(go_live_gate(db(), clock_, kThere, {"numbers"})->open());
    const auto without = decide_go_live(db(), clock_, by, kThere, "", audit, {"numbers"});
    ASSERT_FALSE(without);
    EXPECT_EQ(without.error().code, "knowledge.gate_closed");
    const MunicipalityId third{32410002002};
    const auto lacking =
        decide_go_live(db(), clock_, by, third, "Die Leitung kommt.", audit, {"numbers", "hours"});
    ASSERT_TRUE(lacking) << describe(lacking.error());
    const auto kept = go_live_gate(db(), clock_, third);
    EXPECT_EQ(kept->decision->override_reason, "Die Leitung kommt.");
    EXPECT_EQ(kept->decision->lacks, (std::vector<std::string>{"numbers", "hours"}));
    EXPECT_TRUE(kept->lacks.empty()) << "by now";

    const auto passed = decide_go_live(db(), clock_, by, kThere, "unnötig", audit);
    ASSERT_TRUE(passed);
    EXPECT_EQ(passed->decision->override_reason, "");
    // An empty list proves nothing.
    ASSERT_TRUE(set_top_list(db(), {{}, 2}, {}));
    EXPECT_FALSE(go_live_gate(db(), clock_, MunicipalityId{32410002002})->counts.ready());
}

TEST_P(MatrixTest, TheDemoIsNearlyCompleteAndTheTablesSayTheSame) {
    ASSERT_TRUE(seed_demo_services(db(), FERNAMT_SOURCE_DIR "/data/knowledge"));
    const Matrix found = matrix({kHere, kThere});
    ASSERT_EQ(found.services.size(), 100U);
    const MatrixCounts &counts = found.rows[0].counts;
    EXPECT_EQ(counts.complete + counts.stale + counts.missing, 100);
    EXPECT_GT(counts.complete, 40);
    EXPECT_GT(counts.stale, 0);

    const MunicipalityName name = [](MunicipalityId id) {
        return id == kHere ? "=Langenhagen" : "Wedemark; Gemeinde";
    };
    const std::string csv = matrix_csv(found, name);
    EXPECT_EQ(std::ranges::count(csv, '\n'), 201);
    EXPECT_NE(csv.find("'=Langenhagen;Personalausweis beantragen;99008001012000;ja;ja;ja;"),
              std::string::npos)
        << csv.substr(0, 500);
    EXPECT_NE(csv.find("\"Wedemark; Gemeinde\""), std::string::npos);
    const auto workbook = matrix_workbook(found, name, kToday);
    ASSERT_TRUE(workbook);
    EXPECT_TRUE(workbook->starts_with("PK"));
    EXPECT_EQ(matrix_workbook(found, name, kToday), *workbook);
}

} // namespace
} // namespace fernamt::knowledge
