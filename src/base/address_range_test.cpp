// SPDX-License-Identifier: EUPL-1.2
#include "base/address_range.h"

#include <gtest/gtest.h>

namespace fernamt {
namespace {

TEST(AddressRange, AddressesAndNetworks) {
    EXPECT_TRUE(lies_in("192.0.2.1", "192.0.2.1"));
    EXPECT_FALSE(lies_in("192.0.2.2", "192.0.2.1"));
    EXPECT_TRUE(lies_in("10.200.3.4", "10.0.0.0/8"));
    EXPECT_TRUE(lies_in("10.200.3.4", "10.1.2.3/8")); // host bits are no mistake
    EXPECT_FALSE(lies_in("11.0.0.1", "10.0.0.0/8"));
    EXPECT_TRUE(lies_in("2001:db8::7", "2001:db8::/32"));
    EXPECT_FALSE(lies_in("2001:db9::7", "2001:db8::/32"));
    EXPECT_FALSE(lies_in("::1", "0.0.0.0/0"));
    EXPECT_TRUE(lies_in("::ffff:10.1.1.1", "10.0.0.0/8"));
    EXPECT_FALSE(lies_in("nobody", "10.0.0.0/8"));
}

TEST(AddressRange, KnowsWhatIsNone) {
    for (const char *good : {"127.0.0.1", "::1", "10.0.0.0/8", "fd00::/8"})
        EXPECT_TRUE(is_address_range(good)) << good;
    for (const char *bad : {"", "proxy.example", "10.0.0.0/33", "10.0.0/8", "::/129", "1.2.3.4/"})
        EXPECT_FALSE(is_address_range(bad)) << bad;
}

} // namespace
} // namespace fernamt
