// SPDX-License-Identifier: EUPL-1.2
#include "people/passwords.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

namespace fernamt::people {
namespace {

TEST(Passwords, AreArgon2idAndVerify) {
    const auto hash = hash_password("ein langer Satz");
    ASSERT_TRUE(hash);
    EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=65536,t=2,p=1$")) << *hash;
    EXPECT_TRUE(verify_password(*hash, "ein langer Satz").value());
    EXPECT_FALSE(verify_password(*hash, "ein langer Satz ").value());
    EXPECT_FALSE(verify_password("kein Hash", "ein langer Satz").value());
    EXPECT_FALSE(verify_nobody("nobody has this password").value());
    EXPECT_NE(*hash, hash_password("ein langer Satz").value());
    EXPECT_FALSE(needs_rehash(*hash));
    EXPECT_TRUE(needs_rehash("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$"
                             "JTBozgKQiCZPEZsUZ3dWZgxYqJLXlxnSPYVJ7Rb3CJM"));
}

TEST(Passwords, AFloodIsRefusedAndNotQueuedWithoutEnd) {
    std::atomic<int> answered = 0, refused = 0;
    std::vector<std::thread> flood;
    for (int i = 0; i < 24; ++i) {
        flood.emplace_back([&] {
            const auto verified = verify_nobody("x");
            if (verified) ++answered;
            if (!verified && verified.error().code == "session.slowed") ++refused;
        });
    }
    for (std::thread &one : flood)
        one.join();
    EXPECT_EQ(answered + refused, 24);
    EXPECT_GE(answered, 2);
}

TEST(Tokens, AreLongAndNeverTheSame) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i)
        seen.insert(random_token());
    EXPECT_EQ(seen.size(), 1000U);
    EXPECT_EQ(seen.begin()->size(), 43U);
    EXPECT_EQ(seen.begin()->find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                              "0123456789-_"),
              std::string::npos);
    const std::string typed = random_readable_secret();
    EXPECT_EQ(typed.size(), 24U);
    EXPECT_EQ(typed[4], '-');
}

TEST(SipHashes, AreWhatTheRfcComputes) {
    // echo -n 'agent7:fernamt:geheim' | md5sum, sha256sum
    const SipHashes hashes = sip_hashes("agent7", "geheim");
    EXPECT_EQ(hashes.md5, "3b35e22545e53d2d07d5c4576bb94038");
    EXPECT_EQ(hashes.sha256, "564b1a89579236c03416029f134d0c8d853c9c5c185b7234517955abcc7f8504");
}

} // namespace
} // namespace fernamt::people
