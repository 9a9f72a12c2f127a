// SPDX-License-Identifier: EUPL-1.2
#include "telephony/sdp.h"

#include <gtest/gtest.h>

#include <random>

namespace fernamt::telephony::sdp {
namespace {

const std::string kTrunk = "v=0\r\no=trunk 53655765 2353687637 IN IP4 192.0.2.5\r\ns=-\r\n"
                           "c=IN IP4 192.0.2.7\r\nt=0 0\r\nm=audio 17004 RTP/AVP 9 0 8 96\r\n"
                           "a=rtpmap:9 G722/8000\r\na=rtpmap:96 telephone-event/8000\r\n"
                           "a=fmtp:96 0-16\r\na=ptime:20\r\na=ssrc:77 cname:secret\r\n";

const std::string kBrowser =
    "v=0\r\no=- 4611 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=msid-semantic: WMS stream\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 8 101\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n"
    "a=candidate:1 1 udp 2122260223 192.0.2.33 50001 typ host generation 0 network-id 1\r\n"
    "a=candidate:2 1 udp 2122260223 9b36-4e2a.local 50002 typ host\r\n"
    "a=candidate:3 1 tcp 1518280447 192.0.2.33 9 typ host tcptype active\r\n"
    "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\na=ice-options:trickle\r\n"
    "a=fingerprint:sha-256 "
    "D2:FA:0E:C3:22:59:5E:14:95:69:92:3D:13:B4:84:24:2C:C2:A2:C0:3E:FD:34:8E:5E:EA:6F:AF:52:CE:E6:"
    "0F\r\na=setup:active\r\na=mid:0\r\na=sendrecv\r\na=msid:stream track\r\na=rtcp-mux\r\n"
    "a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
    "a=ssrc:3735928559 cname:o/i14u9pJrxRKAsu\r\n";

std::string code_of(std::string_view text) {
    const auto result = parse(text);
    return result ? "ok" : result.error().code;
}

std::string replaced(std::string text, const std::string &what, const std::string &with) {
    const auto at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), with);
}

TEST(Sdp, ReadsATrunksOffer) {
    const auto audio = parse(kTrunk);
    ASSERT_TRUE(audio);
    EXPECT_EQ(audio->address, "192.0.2.7");
    EXPECT_EQ(audio->port, 17004);
    EXPECT_TRUE(audio->pcma);
    EXPECT_TRUE(audio->pcmu);
    EXPECT_EQ(audio->telephone_event, 96);
    EXPECT_EQ(audio->ptime, 20);
    EXPECT_EQ(audio->direction, Direction::sendrecv);
    EXPECT_FALSE(audio->secure);
}

TEST(Sdp, OurTextHasNothingOfTheOriginalButTheAudio) {
    auto audio = *parse(kTrunk);
    EXPECT_EQ(preferred(audio), Codec::pcma);
    ASSERT_TRUE(reduce(audio, Codec::pcma));
    EXPECT_EQ(write(audio), "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\n"
                            "t=0 0\r\nm=audio 17004 RTP/AVP 8 96\r\na=rtpmap:8 PCMA/8000\r\n"
                            "a=rtpmap:96 telephone-event/8000\r\na=fmtp:96 0-15\r\n"
                            "a=ptime:20\r\na=sendrecv\r\n");
}

TEST(Sdp, ReadsABrowsersAnswerAndLeavesItsPrivateParts) {
    const auto audio = parse(kBrowser);
    ASSERT_TRUE(audio);
    EXPECT_TRUE(audio->secure);
    EXPECT_TRUE(audio->rtcp_mux);
    EXPECT_EQ(audio->browser.ufrag, "EsAw");
    EXPECT_EQ(audio->browser.setup, "active");
    EXPECT_EQ(audio->browser.candidates,
              std::vector<std::string>{"1 1 udp 2122260223 192.0.2.33 50001 typ host"});
    const auto text = write(*audio);
    EXPECT_NE(text.find("a=ice-options:trickle\r\n"), std::string::npos);
    EXPECT_NE(text.find("a=mid:0\r\n"), std::string::npos);
    for (const auto *gone : {"ssrc", "msid", "local", "rtcp:9", " tcp "})
        EXPECT_EQ(text.find(gone), std::string::npos) << gone;
    const auto again = parse(text);
    ASSERT_TRUE(again);
    EXPECT_EQ(write(*again), text);
}

TEST(Sdp, KnowsPcmuOnlyCallers) {
    auto audio = *parse("v=0\nc=IN IP4 192.0.2.1\nm=audio 4000 RTP/AVP 0\n");
    EXPECT_EQ(preferred(audio), Codec::pcmu);
    EXPECT_FALSE(reduce(audio, Codec::pcma));
    EXPECT_TRUE(reduce(audio, Codec::pcmu));
    EXPECT_EQ(audio.telephone_event, -1);
}

TEST(Sdp, TheMediaLinesConnectionAndDirectionWinOverTheSessions) {
    const auto audio = parse("v=0\r\nc=IN IP4 192.0.2.1\r\na=sendonly\r\nm=audio 4000 RTP/AVP 8\r\n"
                             "c=IN IP6 2001:db8::1\r\na=inactive\r\n");
    ASSERT_TRUE(audio);
    EXPECT_EQ(audio->address, "2001:db8::1");
    EXPECT_EQ(audio->direction, Direction::inactive);
    EXPECT_NE(write(*audio).find("c=IN IP6 2001:db8::1"), std::string::npos);
    EXPECT_EQ(
        parse("v=0\r\nc=IN IP4 192.0.2.1\r\na=sendonly\r\nm=audio 4000 RTP/AVP 8\r\n")->direction,
        Direction::sendonly);
}

TEST(Sdp, OtherMediaLinesAreRefusedInTheirPlace) {
    const auto offer = parse("v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4002 RTP/SAVP 8\r\n"
                             "m=audio 4000 RTP/AVP 8\r\nm=video 4004 RTP/AVP 96\r\n");
    ASSERT_TRUE(offer);
    EXPECT_EQ(offer->port, 4000);
    auto plain = *offer;
    const auto answer = with_refused(write(plain), *offer);
    const auto secure = answer.find("m=audio 0 RTP/SAVP 8\r\n");
    const auto audio = answer.find("m=audio 4000 RTP/AVP 8\r\n");
    const auto video = answer.find("m=video 0 RTP/AVP 96\r\n");
    ASSERT_NE(secure, std::string::npos);
    ASSERT_NE(video, std::string::npos);
    EXPECT_LT(secure, audio);
    EXPECT_LT(audio, video);
}

TEST(Sdp, NamesWhatIsWrong) {
    EXPECT_EQ(code_of(""), "sdp.malformed");
    EXPECT_EQ(code_of("v=1\r\n"), "sdp.malformed");
    EXPECT_EQ(code_of("hello"), "sdp.malformed");
    EXPECT_EQ(code_of("v=0\r\n"), "sdp.no_audio");
    EXPECT_EQ(code_of(replaced(kTrunk, "17004", "0")), "sdp.no_audio");
    EXPECT_EQ(code_of(replaced(kTrunk, "17004", "65536")), "sdp.malformed");
    EXPECT_EQ(code_of(replaced(kTrunk, "17004", "-1")), "sdp.malformed");
    EXPECT_EQ(code_of(replaced(kTrunk, "17004", "")), "sdp.malformed");
    EXPECT_EQ(code_of(replaced(kTrunk, "RTP/AVP", "RTP/SAVP")), "sdp.no_audio");
    using Arguments = std::vector<std::pair<std::string, std::string>>;
    const auto refused = [](const std::string &protocol) {
        return parse(replaced(kTrunk, "RTP/AVP", protocol)).error().arguments;
    };
    EXPECT_EQ(refused("RTP/SAVP"), (Arguments{{"protocol", "RTP/SAVP"}}));
    EXPECT_EQ(refused("sips:anna@example.org"), (Arguments{{"protocol", "other"}}));
    EXPECT_EQ(parse(replaced(kTrunk, "17004", "0")).error().arguments, Arguments{});
    EXPECT_EQ(code_of(replaced(kTrunk, "9 0 8 96", "9 96")), "sdp.no_common_codec");
    EXPECT_EQ(code_of(replaced(kTrunk, "192.0.2.7", "sip.example.org")), "sdp.address");
    EXPECT_EQ(code_of(replaced(kTrunk, "192.0.2.7", "224.0.0.9")), "sdp.address");
    EXPECT_EQ(code_of(replaced(kTrunk, "c=IN IP4 192.0.2.7\r\n", "")), "sdp.address");
    EXPECT_EQ(code_of(replaced(kTrunk, "c=IN IP4", "c=ATM X")), "sdp.malformed");
    EXPECT_EQ(code_of(replaced(kTrunk, "s=-", std::string("s=\0", 3))), "sdp.malformed");
    EXPECT_EQ(code_of(replaced(kTrunk, "s=-", "s=" + std::string(kMaxLine, 'x'))), "sdp.malformed");
    EXPECT_EQ(code_of(kTrunk + std::string(kMaxText, 'x')), "sdp.too_large");
    std::string many = kTrunk;
    for (std::size_t i = 0; i < kMaxMediaLines; ++i)
        many += "m=video 0 RTP/AVP 96\r\n";
    EXPECT_EQ(code_of(many), "sdp.malformed");
    EXPECT_EQ(parse("v=0\r\nx\r\n").error().arguments.at(0).second, "2");
}

TEST(Sdp, EditsKeepTheRestAsItIs) {
    const auto text = write(*parse(kTrunk));
    const auto other = with_origin(text, 42, 7);
    EXPECT_NE(other.find("o=- 42 7 IN IP4 192.0.2.7\r\n"), std::string::npos);
    EXPECT_TRUE(same_content(text, other));
    const auto held = with_direction(other, Direction::recvonly);
    EXPECT_EQ(parse(held)->direction, Direction::recvonly);
    EXPECT_FALSE(same_content(held, text));
    EXPECT_EQ(with_direction(held, Direction::sendrecv), other);
}

TEST(Sdp, MutationsNeverBreakTheParser) {
    std::mt19937 random(20261122);
    const std::string alphabet = "\r\n =:/amcvo0189.\0\x80IP";
    int accepted = 0;
    for (int round = 0; round < 20000; ++round) {
        std::string text = round % 2 == 0 ? kTrunk : kBrowser;
        const auto changes = 1 + random() % 6;
        for (unsigned i = 0; i < changes && !text.empty(); ++i) {
            const auto at = random() % text.size();
            switch (random() % 4) {
            case 0:
                text[at] = alphabet[random() % alphabet.size()];
                break;
            case 1:
                text.erase(at, 1 + random() % 30);
                break;
            case 2:
                text.insert(at, text.substr(random() % text.size(), random() % 200));
                break;
            default:
                text.resize(at);
                break;
            }
        }
        auto audio = parse(text);
        if (!audio) continue;
        ++accepted;
        // What we write is read again as the same, and has no line that we did not mean to write.
        const auto ours = write(*audio);
        const auto again = parse(ours);
        ASSERT_TRUE(again) << ours;
        ASSERT_EQ(write(*again), ours);
        ASSERT_TRUE(is_literal_address(audio->address));
    }
    EXPECT_GT(accepted, 500);
}

} // namespace
} // namespace fernamt::telephony::sdp
