// SPDX-License-Identifier: EUPL-1.2
// Who hears whom in the mixer alone (three streams with a tone each), and in a call through a real
// rtpengine; keys through rtpengine's report.
#include "telephony/conference_mixer.h"
#include "telephony/digit_listener.h"
#include "telephony/media_test_bench.h"

#include <gtest/gtest.h>

#include <thread>

namespace fernamt::telephony {
namespace {

using Bench = MediaTestBench;
using Tones = std::set<double>;

// A participant without rtpengine in between.
struct Speaker {
    std::unique_ptr<RtpStream> stream;

    Speaker(ConferenceMixer &mixer, const std::string &name, double hertz)
        : stream(std::move(*RtpStream::open("127.0.0.1", static_cast<std::uint32_t>(hertz)))) {
        stream->play(std::make_shared<ALaw>(to_alaw(tone(hertz, 1s))), true);
        const auto offer = mixer.open(1, name, 101);
        EXPECT_TRUE(offer && stream->send_to(*offer));
        EXPECT_TRUE(mixer.answer(1, name, stream->sdp()));
    }
    Tones hears() const {
        Tones result;
        for (const double hertz : {440.0, 700.0, 1000.0})
            if (level_at(stream->heard(), hertz) > 0.03) result.insert(hertz);
        return result;
    }
};

// Everybody speaks until `done`, at most for 20 s.
template <class F>
bool speak_until(std::vector<Speaker *> speakers, F done) {
    for (int i = 0; i < 1000; ++i) {
        for (auto *speaker : speakers)
            speaker->stream->tick();
        if (done()) return true;
        std::this_thread::sleep_for(20ms);
    }
    return false;
}

TEST(ConferenceMixer, EverybodyHearsTheOthersAndNotThemselves) {
    ConferenceMixer mixer("127.0.0.1");
    Speaker a(mixer, "a", 440), b(mixer, "b", 700), c(mixer, "c", 1000);
    EXPECT_TRUE(speak_until({&a, &b, &c}, [&] {
        return a.hears() == Tones{700, 1000} && b.hears() == Tones{440, 1000} &&
               c.hears() == Tones{440, 700};
    }));
    mixer.close(1, "c");
    EXPECT_TRUE(speak_until({&a, &b}, [&] { return a.hears() == Tones{700}; }));
    EXPECT_EQ(mixer.open_ports(), 2U);
    mixer.close(1);
    EXPECT_EQ(mixer.open_ports(), 0U);
}

TEST(ConferenceMixer, AForeignRoomHearsNothing) {
    ConferenceMixer mixer("127.0.0.1");
    Speaker a(mixer, "a", 440);
    auto other = std::move(*RtpStream::open("127.0.0.1", 7));
    const auto offer = mixer.open(2, "a", 101);
    ASSERT_TRUE(offer && other->send_to(*offer));
    ASSERT_TRUE(mixer.answer(2, "a", other->sdp()));
    ASSERT_TRUE(speak_until({&a}, [&] {
        other->tick();
        return other->counters().received > 50;
    }));
    EXPECT_EQ(other->counters().loud, 0);
    EXPECT_FALSE(mixer.answer(3, "a", a.stream->sdp()));
    EXPECT_FALSE(mixer.answer(2, "a", "no sdp"));
}

TEST(RtpAudio, MuLawComesBackAsItWas) {
    EXPECT_EQ(from_ulaw(to_ulaw(0)), 0);
    for (const int value : {-32768, -8000, -300, 5, 40, 1234, 32767}) {
        const auto sample = static_cast<std::int16_t>(value);
        const int back = from_ulaw(to_ulaw(sample));
        EXPECT_NEAR(back, value, std::max(16, std::abs(value) / 16)) << value;
    }
}

TEST(MediaConference, AllThreeHearEachOtherAndLeaveOneByOne) {
    Bench bench;
    bench.caller("C");
    bench.phone("A1", Bench::kAgent);
    bench.phone("T1", Bench::kThird);
    ASSERT_TRUE(bench.play_music("C"));
    const auto conference = [&](std::vector<std::string> tags) {
        return bench.wait_for<void>(
            [&](auto done) { bench.media->conference(bench.call, tags, done); });
    };
    ASSERT_TRUE(conference({"C", "A1", "T1"}));
    const auto all_three = [&] {
        return bench.eventually_hears("C", {Bench::kAgent, Bench::kThird}) &&
               bench.eventually_hears("A1", {Bench::kCaller, Bench::kThird}) &&
               bench.eventually_hears("T1", {Bench::kCaller, Bench::kAgent});
    };
    EXPECT_TRUE(all_three());
    EXPECT_EQ(bench.source_ports("C").size(), 1U) << "the caller's port moved";
    ASSERT_TRUE(conference({"C", "A1", "T1"})) << "once more changes nothing";
    EXPECT_EQ(bench.media->mixer_ports(), 3U);

    // Our process dies: the sound of the conference with it; a new one brings all three together.
    const std::string record = bench.media->record(bench.call);
    bench.begin_media();
    ASSERT_TRUE(bench.eventually([&] { return bench.media->available(); }));
    bench.on_loop([&] { EXPECT_TRUE(bench.media->restore(bench.call, record)); });
    EXPECT_TRUE(bench.eventually([&] { return bench.media->mixer_ports() == 3; }));
    EXPECT_TRUE(all_three());

    ASSERT_TRUE(bench.connect("C", "A1"));
    EXPECT_TRUE(bench.eventually_hears("C", {Bench::kAgent}));
    EXPECT_TRUE(bench.eventually_hears("A1", {Bench::kCaller}));
    EXPECT_EQ(bench.hears("T1"), Tones{});
    ASSERT_TRUE(bench.connect("C", "T1")); // handed over
    bench.on_loop([&] { bench.media->drop(bench.call, "A1"); });
    EXPECT_TRUE(bench.eventually_hears("C", {Bench::kThird}));
    EXPECT_TRUE(bench.eventually_hears("T1", {Bench::kCaller}));
    bench.on_loop([&] { bench.media->end(bench.call); });
    EXPECT_TRUE(bench.eventually([&] { return bench.media->mixer_ports() == 0; }));
}

TEST(MediaDigits, AKeyIsReportedOnceWithItsLeg) {
    Bench bench;
    std::vector<std::string> keys;
    std::unique_ptr<DigitListener> listener;
    bench.on_loop([&] {
        bench.media->on_digit([&](CallId call, const Media::Tag &tag, char key) {
            keys.push_back(std::to_string(call.value) + " " + tag + " " + key);
        });
        auto opened =
            DigitListener::open(bench.loop, "127.0.0.1", bench.process->digit_port(),
                                [&](std::string_view report) { bench.media->take_digit(report); });
        ASSERT_TRUE(opened) << describe(opened.error());
        listener = std::move(*opened);
    });
    bench.caller("C");
    ASSERT_TRUE(bench.play_music("C"));
    bench.on_loop([&] { bench.parties.at("C").stream->press('1'); });
    EXPECT_TRUE(bench.eventually([&] { return !keys.empty(); }));
    bench.on_loop([&] { bench.parties.at("C").stream->press('#'); });
    EXPECT_TRUE(bench.eventually([&] { return keys.size() >= 2; }));
    bench.on_loop([&] {
        bench.media->take_digit("{\"callid\":\"other-4711\",\"source_tag\":\"C\",\"event\":1}");
        bench.media->take_digit("{\"callid\":\"fernamt-4711\",\"source_tag\":\"X\",\"event\":1}");
        bench.media->take_digit("{\"callid\":\"fernamt-4711\",\"source_tag\":\"C\",\"event\":99}");
        bench.media->take_digit("no json");
        listener.reset();
    });
    EXPECT_EQ(keys, (std::vector<std::string>{"4711 C 1", "4711 C #"}));
}

} // namespace
} // namespace fernamt::telephony
