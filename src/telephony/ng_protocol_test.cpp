// SPDX-License-Identifier: EUPL-1.2
#include "telephony/ng_protocol.h"
#include "telephony/ng_test_encode.h"

#include <gtest/gtest.h>

#include <random>

namespace fernamt::telephony::ng {
namespace {

TEST(NgProtocol, WritesBencode) {
    DictText inner;
    inner.put("k", "");
    DictText text;
    text.put("to-tag", "A1").put("flags", {"port latching", "7"});
    text.put("limit", -3).put("inner", inner);
    EXPECT_EQ(text.text(), "d6:to-tag2:A15:flagsl13:port latching1:7e5:limiti-3e5:innerd1:k0:ee");
    const Dict dict{{"to-tag", "A1"},
                    {"flags", List{"port latching", "7"}},
                    {"limit", -3},
                    {"inner", Dict{{"k", ""}}}};
    EXPECT_EQ(decode(text.text()), dict);
    EXPECT_EQ(decode(Command("ping").fields.text()), (Dict{{"command", "ping"}}));
}

TEST(NgProtocol, LeavesOutWhatIsInsideWhenToldTo) {
    const auto dict = *decode_flat("d1:ai5e1:b2:171:cd1:x1:ye1:dl1:zli1eee6:result2:oke");
    EXPECT_EQ(dict, (Dict{{"a", 5}, {"b", "17"}, {"result", "ok"}}));
    for (const auto *bad : {"", "i5e", "le", "d1:ae", "d1:ad1:be", "d1:al", "d1:al1:be",
                            "d1:ali-ee", "d1:adi1ei2eee", "d1:ai5eee"})
        EXPECT_FALSE(decode_flat(bad)) << bad;
    std::string deep = "d1:a" + std::string(1000, 'l') + std::string(1000, 'e') + "e";
    EXPECT_FALSE(decode_flat(deep));
}

TEST(NgProtocol, ReadsMembersByKind) {
    const auto dict = *decode("d1:ai5e1:b2:171:cd1:x1:ye1:dl1:zee");
    EXPECT_EQ(number(dict, "a"), 5);
    EXPECT_EQ(number(dict, "b"), 17);
    EXPECT_EQ(number(dict, "c"), std::nullopt);
    EXPECT_EQ(*text(*dictionary(dict, "c"), "x"), "y");
    EXPECT_EQ(text(dict, "a"), nullptr);
    EXPECT_EQ(list(dict, "d")->size(), 1u);
    EXPECT_EQ(list(dict, "missing"), nullptr);
}

TEST(NgProtocol, RefusesWhatIsNotBencode) {
    for (const auto *bad :
         {"", "i5e", "le", "d", "d1:a", "d1:ae", "di5ei6ee", "d1:ai5", "d1:a5:abce", "d1:ai5eee",
          "d-1:ae", "d99999999999:ae", "d1:ai99999999999999999999ee", "d1:ai e e", "d1:a:e"})
        EXPECT_FALSE(decode(bad)) << bad;
    std::string deep = "d1:a";
    for (int i = 0; i < 1000; ++i)
        deep += 'l';
    EXPECT_FALSE(decode(deep));
    EXPECT_FALSE(
        decode("d1:a" + std::to_string(kMaxDatagram) + ":" + std::string(kMaxDatagram, 'x') + "e"));
}

TEST(NgProtocol, SplitsTheCookieOff) {
    const auto datagram = split("7f_42 d6:result4:ponge");
    ASSERT_TRUE(datagram);
    EXPECT_EQ(datagram->cookie, "7f_42");
    EXPECT_EQ(datagram->dictionary, "d6:result4:ponge");
    EXPECT_FALSE(split("nospace"));
    EXPECT_FALSE(split(" de"));
}

TEST(NgProtocol, MutationsNeverBreakTheReader) {
    std::mt19937 random(7);
    const std::string good = "d5:callsl9:fernamt-1e4:morei-12e6:result2:ok3:sub"
                             "d1:ad1:bli1ei2eeee3:sdp3:v=0e";
    ASSERT_TRUE(decode(good));
    const std::string alphabet = "dlie:0123456789-x";
    for (int round = 0; round < 20000; ++round) {
        auto text = good;
        for (unsigned i = 0; i < 1 + random() % 4; ++i)
            text[random() % text.size()] = alphabet[random() % alphabet.size()];
        const auto dict = decode(text);
        ASSERT_EQ(decode_flat(text).has_value(), dict.has_value()) << text;
        if (!dict) continue;
        ASSERT_EQ(decode(encode(*dict)), dict);
    }
}

} // namespace
} // namespace fernamt::telephony::ng
