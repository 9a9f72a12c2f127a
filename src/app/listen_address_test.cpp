// SPDX-License-Identifier: EUPL-1.2
#include "app/listen_address.h"

#include <gtest/gtest.h>

namespace fernamt::app {
namespace {

TEST(ListenAddress, KnowsTheAddressAndItsNetwork) {
    const auto loopback = find_listen_address("127.0.0.1");
    ASSERT_TRUE(loopback) << describe(loopback.error());
    EXPECT_EQ(loopback->address, "127.0.0.1");
    EXPECT_EQ(loopback->network, "127.0.0.0/8");
}

TEST(ListenAddress, AutoIsNeverALoopbackAddress) {
    const auto found = find_listen_address("auto");
    if (found) {
        EXPECT_FALSE(found->address.starts_with("127."));
        EXPECT_NE(found->network.find('/'), std::string::npos);
    } else {
        EXPECT_EQ(found.error().code, "listen.no_address"); // a machine without a network
    }
}

TEST(ListenAddress, AnotherMachinesAddressIsRefusedWithThoseThereAre) {
    for (const char *wanted : {"192.0.2.77", "0.0.0.0", "nonsense", ""}) {
        const auto found = find_listen_address(wanted);
        ASSERT_FALSE(found) << wanted;
        EXPECT_EQ(found.error().code, "listen.not_here");
        EXPECT_NE(describe(found.error()).find("127.0.0.1"), std::string::npos);
    }
}

} // namespace
} // namespace fernamt::app
