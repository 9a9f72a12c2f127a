// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/areas.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace fernamt::knowledge {
namespace {

using Ids = std::vector<AreaId>;
constexpr AreaId kLangenhagen{32410010010};

TEST(AreasTest, AllMunicipalitiesAreThere) {
    EXPECT_EQ(municipalities().size(), 11'227u);
    const auto region = std::ranges::count_if(municipalities(), [](const Municipality &each) {
        return contains(AreaId{32410000000}, each.id);
    });
    EXPECT_EQ(region, 21);
    const auto kinds = [](MunicipalityKind kind) {
        return std::ranges::count(municipalities(), kind, &Municipality::kind);
    };
    EXPECT_EQ(kinds(MunicipalityKind::part_of_city), 283);
    EXPECT_GT(kinds(MunicipalityKind::city), 2'000);
    EXPECT_LT(kinds(MunicipalityKind::city), 2'100);
}

TEST(AreasTest, NamesAndKinds) {
    const Municipality *burgdorf = find_municipality(AreaId{32410003003});
    ASSERT_TRUE(burgdorf);
    EXPECT_EQ(burgdorf->official_name, "Burgdorf, Stadt");
    EXPECT_EQ(burgdorf->name, "Burgdorf");
    EXPECT_EQ(burgdorf->kind, MunicipalityKind::city);
    EXPECT_EQ(area_name(kLangenhagen), "Langenhagen");
    EXPECT_EQ(area_name(AreaId{32410000000}), "Region Hannover");
    EXPECT_EQ(area_name(AreaId{30000000000}), "Niedersachsen");
    EXPECT_EQ(area_name(kFederation), "Bund");
    EXPECT_EQ(area_name(AreaId{91620000000}), "München");
    EXPECT_EQ(find_municipality(AreaId{32410099099}), nullptr);
    EXPECT_EQ(land_of(kLangenhagen), Land::NI);
    EXPECT_EQ(land_of(kFederation), std::nullopt);
}

TEST(AreasTest, InheritsUpwards) {
    EXPECT_EQ(lineage(kLangenhagen),
              (Ids{kLangenhagen, AreaId{32410000000}, AreaId{30000000000}, kFederation}));
    // Averlak lies in the Amt 0101 51163.
    EXPECT_EQ(lineage(AreaId{10515163003}),
              (Ids{AreaId{10515163003}, AreaId{10515163000}, AreaId{10510000000},
                   AreaId{10000000000}, kFederation}));
    EXPECT_EQ(lineage(AreaId{10010000000}), // Flensburg is its own district
              (Ids{AreaId{10010000000}, AreaId{10000000000}, kFederation}));
    EXPECT_EQ(lineage(AreaId{20000000000}), (Ids{AreaId{20000000000}, kFederation}));
    EXPECT_EQ(lineage(kFederation), Ids{kFederation});
}

TEST(AreasTest, Levels) {
    EXPECT_EQ(level_of(kLangenhagen), AreaLevel::municipality);
    EXPECT_EQ(level_of(AreaId{10010000000}), AreaLevel::municipality);
    EXPECT_EQ(level_of(AreaId{10515163000}), AreaLevel::association);
    EXPECT_EQ(level_of(AreaId{32410000000}), AreaLevel::district);
    EXPECT_EQ(level_of(AreaId{30000000000}), AreaLevel::land);
    EXPECT_EQ(level_of(kFederation), AreaLevel::federation);
}

TEST(AreasTest, ReadsWhatDeliveriesWrite) {
    EXPECT_EQ(parse_area("032410010010"), kLangenhagen);
    EXPECT_EQ(parse_area(" 03241010\n"), kLangenhagen); // AGS
    EXPECT_EQ(parse_area("03241"), AreaId{32410000000});
    EXPECT_EQ(parse_area("03241000"), AreaId{32410000000});
    EXPECT_EQ(parse_area("03"), AreaId{30000000000});
    EXPECT_EQ(parse_area("000000000000"), kFederation);
    for (const char *wrong : {"", "0324", "03241999", "-32410010010", "03241001001x", "+3"}) {
        EXPECT_EQ(parse_area(wrong), std::nullopt) << wrong;
    }
    EXPECT_EQ(to_ags(kLangenhagen), "03241010");
}

RC_GTEST_PROP(AreasTest, EveryLineageEndsAtTheFederationAndKnowsItsKeys, ()) {
    const auto &all = municipalities();
    const Municipality &one = all[*rc::gen::inRange<std::size_t>(0, all.size())];
    const auto areas = lineage(one.id);
    RC_ASSERT(areas.size() >= 2u && areas.size() <= 5u);
    RC_ASSERT(areas.front() == one.id && areas.back() == kFederation);
    RC_ASSERT(parse_area(to_ars(one.id)) == one.id);
    RC_ASSERT(parse_area(to_ags(one.id)) == one.id);
    for (const AreaId each : areas)
        RC_ASSERT(contains(each, one.id));
}

} // namespace
} // namespace fernamt::knowledge
