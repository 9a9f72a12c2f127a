// SPDX-License-Identifier: EUPL-1.2
#include "telephony/multipart.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace fernamt::telephony {
namespace {

const std::string kBody = "preamble\r\n--b1\r\nContent-Type: application/isup; version=itu-t\r\n"
                          "Content-Disposition: signal;handling=optional\r\n\r\n\x01\x02--b1\r\n"
                          "\r\n--b1\r\ncontent-type:APPLICATION/SDP\r\n\r\nv=0\r\ns=-\r\n"
                          "\r\n--b1--\r\nepilogue";

TEST(Multipart, finds_the_part_of_a_type_among_others) {
    EXPECT_EQ(find_part(kBody, "b1", "application/sdp"), "v=0\r\ns=-\r\n\r\n");
    EXPECT_TRUE(find_part(kBody, "b1", "application/isup").has_value());
}

TEST(Multipart, finds_nothing_where_nothing_is) {
    EXPECT_FALSE(find_part(kBody, "b1", "application/sd"));
    EXPECT_FALSE(find_part(kBody, "b2", "application/sdp"));
    EXPECT_FALSE(find_part(kBody, "", "application/sdp"));
    EXPECT_FALSE(find_part("", "b1", "application/sdp"));
    EXPECT_FALSE(find_part("--b1", "b1", "application/sdp"));
    EXPECT_FALSE(find_part("--b1--\r\n", "b1", "application/sdp"));
    EXPECT_FALSE(find_part(kBody, std::string(71, 'b'), "application/sdp"));
}

TEST(Multipart, survives_damaged_bodies) {
    std::mt19937 random(7);
    for (int i = 0; i < 20'000; ++i) {
        std::string text = kBody.substr(0, random() % (kBody.size() + 1));
        for (int j = 0; j < 3 && !text.empty(); ++j)
            text[random() % text.size()] = static_cast<char>(random() % 256);
        const auto part = find_part(text, "b1", "application/sdp");
        if (part) {
            EXPECT_LE(part->size(), text.size());
        }
    }
}

} // namespace
} // namespace fernamt::telephony
