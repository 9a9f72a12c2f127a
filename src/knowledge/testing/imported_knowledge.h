// SPDX-License-Identifier: EUPL-1.2
// For tests that begin with delivered knowledge: a database of either engine, a clock, and import()
// for what delivery_samples.h makes. The towns the stories happen in.
#pragma once

#include "knowledge/delivery.h"
#include "knowledge/delivery_samples.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace fernamt::knowledge::testing {

inline constexpr MunicipalityId kHere{32410010010};
inline constexpr MunicipalityId kThere{32410019019};   // of the same district
inline constexpr MunicipalityId kFarAway{51240000000}; // of another Land

class ImportedKnowledge : public storage::testing::DatabaseTest {
  protected:
    void import(const std::string &body) {
        const std::string path = directory_.path() + "/delivery.xml";
        std::ofstream(path, std::ios::trunc) << samples::transfer(body);
        const DeliveryOptions options{.path = path};
        const auto staged = stage_delivery(db(), clock_, options);
        ASSERT_TRUE(staged) << describe(staged.error());
        const auto applied = apply_delivery(db(), clock_, staged->id, options);
        ASSERT_TRUE(applied) << describe(applied.error());
    }

    storage::testing::TemporaryDirectory directory_;
    ManualClock clock_{Instant{1'700'000'000'000'000}};
    const ServiceId service_{object_id(ObjectKind::service, "L1", "1")}; // samples::service("1")
};

} // namespace fernamt::knowledge::testing
