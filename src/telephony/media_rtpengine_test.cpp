// SPDX-License-Identifier: EUPL-1.2
// Who hears whom, with a real rtpengine and one tone per party: the facts that media_rtpengine.h
// stands on.
#include "telephony/media_rtpengine.h"
#include "telephony/media_test_bench.h"
#include "telephony/media_test_ports.h"
#include "telephony/wav.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <random>
#include <thread>

namespace fernamt::telephony {

using Bench = MediaTestBench;
using Tones = std::set<double>;

namespace {

std::filesystem::path temporary_directory() {
    auto pattern = (std::filesystem::temp_directory_path() / "fernamt-media-XXXXXX").string();
    return ::mkdtemp(pattern.data());
}

// The rtpengine of this state directory runs, no longer the shell that began it.
bool eventually_maps_libraries(const std::filesystem::path &state_directory) {
    std::string pid;
    std::ifstream(state_directory / "rtpengine.pid") >> pid;
    for (int i = 0; i < 1000; ++i) {
        std::ifstream maps("/proc/" + pid + "/maps");
        const std::string text((std::istreambuf_iterator<char>(maps)), {});
        if (text.find("libavcodec") != std::string::npos) return true;
        std::this_thread::sleep_for(20ms);
    }
    return false;
}

} // namespace

MediaTestBench::MediaTestBench(RtpengineMedia::Options media_options)
    : directory(temporary_directory()), options_(std::move(media_options)) {
    std::ofstream(directory / "music.wav", std::ios::binary)
        << write_wav(to_alaw(tone(kMusic, 1s)));
    loop.start();
    on_loop([&] {
        RtpengineProcess::Options options;
        options.state_directory = directory;
        const auto &ports = reserve_media_ports();
        options.port_min = ports.first();
        options.port_max = ports.last();
        options.first_pause = 300ms;
        auto started = RtpengineProcess::start(loop, options);
        if (!started) throw std::runtime_error(describe(started.error()));
        process = std::move(*started);
        ticker = std::make_unique<RtpTicker>(loop);
    });
    begin_media();
    if (!eventually([&] { return media->available(); })) throw std::runtime_error("no rtpengine");
}

MediaTestBench::~MediaTestBench() {
    on_loop([&] {
        media.reset();
        ticker.reset();
        process->stop();
        process.reset();
    });
    loop.stop();
    std::filesystem::remove_all(directory);
}

void MediaTestBench::begin_media() {
    on_loop([&] {
        media.reset();
        availability.clear();
        options_.ng.port = process->ng_port();
        options_.outside_interface = RtpengineProcess::kOutside;
        options_.inside_interface = RtpengineProcess::kInside;
        media = std::move(*RtpengineMedia::create(loop, options_));
        media->on_availability([this](bool now) { availability.push_back(now); });
        process->on_exit([this] { media->rtpengine_died(); });
    });
}

bool MediaTestBench::eventually(const std::function<bool()> &condition) {
    for (int i = 0; i < 1000; ++i) {
        bool holds = false;
        on_loop([&] { holds = condition(); });
        if (holds) return true;
        std::this_thread::sleep_for(20ms);
    }
    return false;
}

Bench::Party &MediaTestBench::party(const std::string &tag, double hertz) {
    auto &party = parties[tag];
    party.stream = std::move(*RtpStream::open("127.0.0.1", static_cast<std::uint32_t>(hertz)));
    party.stream->play(std::make_shared<ALaw>(to_alaw(tone(hertz, 1s))), true);
    on_loop([&] { ticker->add(party.stream.get()); });
    return party;
}

Bench::Party &MediaTestBench::caller(const std::string &tag, double hertz) {
    auto &result = party(tag, hertz);
    const auto answer = wait_for<std::string>(
        [&](auto done) { media->leg_in(call, tag, LegKind::plain, result.stream->sdp(), done); });
    EXPECT_TRUE(answer) << describe(answer.error());
    result.local = answer.value_or("");
    on_loop([&] { EXPECT_TRUE(result.stream->send_to(result.local)); });
    return result;
}

Bench::Party &MediaTestBench::phone(const std::string &tag, double hertz) {
    auto &result = party(tag, hertz);
    const auto offer =
        wait_for<std::string>([&](auto done) { media->leg_out(call, tag, LegKind::plain, done); });
    EXPECT_TRUE(offer);
    result.local = offer.value_or("");
    on_loop([&] { EXPECT_TRUE(result.stream->send_to(result.local)); });
    EXPECT_TRUE(wait_for<void>(
        [&](auto done) { media->leg_out_answered(call, tag, result.stream->sdp(), done); }));
    return result;
}

Expected<void> MediaTestBench::connect(const std::string &a, const std::string &b) {
    return wait_for<void>([&](auto done) { media->connect(call, a, b, done); });
}

Expected<void> MediaTestBench::park(const std::string &tag) {
    return wait_for<void>([&](auto done) { media->park(call, tag, done); });
}

Expected<Duration> MediaTestBench::play_music(const std::string &tag) {
    return wait_for<Duration>(
        [&](auto done) { media->play(call, tag, (directory / "music.wav").string(), 1000, done); });
}

// Waits for what the party itself has sent, not for the clock: a machine that is too busy to send
// must not look like a silence.
Tones MediaTestBench::hears(const std::string &tag) {
    auto &stream = *parties.at(tag).stream;
    std::int64_t sent = 0;
    const auto frames_later = [&](std::int64_t frames) {
        on_loop([&] { sent = stream.counters().sent; });
        EXPECT_TRUE(eventually([&] { return stream.counters().sent >= sent + frames; })) << tag;
    };
    frames_later(10); // what was in the sockets belongs to the time before
    on_loop([&] { stream.forget(); });
    Samples heard;
    for (int i = 0; i < 3 && heard.size() < 10 * kFrame; ++i) {
        frames_later(30);
        on_loop([&] { heard = stream.heard(); });
    }
    Tones result;
    if (heard.size() < 10 * kFrame) return result; // a few: nobody is speaking
    for (const double hertz : {kCaller, kAgent, kThird, kMusic, kStranger})
        if (level_at(heard, hertz) > 0.03) result.insert(hertz);
    return result;
}

bool MediaTestBench::eventually_hears(const std::string &tag, const Tones &tones) {
    for (int i = 0; i < 20; ++i)
        if (hears(tag) == tones) return true;
    return false;
}

std::set<int> MediaTestBench::source_ports(const std::string &tag) {
    std::set<int> result;
    on_loop([&] { result = parties.at(tag).stream->source_ports(); });
    return result;
}

namespace {

TEST(MediaRtpengine, ACallerIsAnsweredBeforeAnybodyIsThereAndHearsMusic) {
    Bench bench;
    bench.caller("C");
    EXPECT_EQ(bench.hears("C"), Tones{});
    const auto length = bench.play_music("C");
    ASSERT_TRUE(length);
    EXPECT_EQ(*length, 1s); // of one pass
    EXPECT_TRUE(bench.eventually_hears("C", {Bench::kMusic}));
    bench.on_loop([&] { bench.media->stop(bench.call, "C"); });
    EXPECT_TRUE(bench.eventually_hears("C", {}));
}

TEST(MediaRtpengine, ARepeatedFileIsHeardAsOftenAsSaid) {
    Bench bench;
    bench.caller("C");
    const auto file = (bench.directory / "music.wav").string();
    for (const int repeat : {1, 2}) {
        std::int64_t before = 0, after = 0;
        bench.on_loop([&] { before = bench.parties.at("C").stream->counters().loud; });
        ASSERT_TRUE(bench.wait_for<Duration>(
            [&](auto done) { bench.media->play(bench.call, "C", file, repeat, done); }));
        EXPECT_TRUE(bench.eventually(
            [&] { return bench.parties.at("C").stream->counters().loud > before; }));
        EXPECT_TRUE(bench.eventually_hears("C", {}));
        bench.on_loop([&] { after = bench.parties.at("C").stream->counters().loud; });
        // 50 frames a pass; a busy machine may drop some, never play another pass.
        EXPECT_GT(after - before, 50 * repeat - 20) << repeat;
        EXPECT_LT(after - before, 50 * repeat + 20) << repeat;
    }
}

TEST(MediaRtpengine, TheCallersPortStaysThroughEveryoneTheyTalkTo) {
    Bench bench;
    bench.caller("C");
    ASSERT_TRUE(bench.play_music("C"));
    EXPECT_TRUE(bench.eventually_hears("C", {Bench::kMusic}));
    bench.phone("A1", Bench::kAgent); // rings and answers: the caller goes on hearing music
    EXPECT_TRUE(bench.eventually_hears("C", {Bench::kMusic}));

    ASSERT_TRUE(bench.connect("C", "A1")); // the music stops by itself
    EXPECT_TRUE(bench.eventually_hears("C", {Bench::kAgent}));
    EXPECT_TRUE(bench.eventually_hears("A1", {Bench::kCaller}));

    ASSERT_TRUE(bench.park("A1")); // hold
    ASSERT_TRUE(bench.play_music("C"));
    EXPECT_TRUE(bench.eventually_hears("C", {Bench::kMusic}));
    EXPECT_EQ(bench.hears("A1"), Tones{});

    ASSERT_TRUE(bench.connect("C", "A1")); // resume
    EXPECT_TRUE(bench.eventually_hears("C", {Bench::kAgent}));
    EXPECT_TRUE(bench.eventually_hears("A1", {Bench::kCaller}));

    bench.phone("T1", Bench::kThird); // transfer while the old agent still sends
    ASSERT_TRUE(bench.connect("C", "T1"));
    EXPECT_TRUE(bench.eventually_hears("C", {Bench::kThird}));
    EXPECT_TRUE(bench.eventually_hears("T1", {Bench::kCaller}));
    EXPECT_EQ(bench.hears("A1"), Tones{});
    bench.on_loop([&] { bench.media->drop(bench.call, "A1"); });
    EXPECT_TRUE(bench.eventually_hears("C", {Bench::kThird}));

    EXPECT_EQ(bench.source_ports("C").size(), 1u);
    EXPECT_EQ(bench.source_ports("A1").size(), 1u);
}

TEST(MediaRtpengine, WhoPlaysToATalkingPartyPartsTheTwo) {
    Bench bench;
    bench.caller("C");
    bench.phone("A1", Bench::kAgent);
    ASSERT_TRUE(bench.connect("C", "A1"));
    ASSERT_TRUE(bench.play_music("C"));
    EXPECT_TRUE(bench.eventually_hears("C", {Bench::kMusic}));
    EXPECT_EQ(bench.hears("A1"), Tones{});
}

TEST(MediaRtpengine, WhenTheAgentIsDroppedTheCallerLivesOn) {
    Bench bench;
    bench.caller("C");
    bench.phone("A1", Bench::kAgent);
    ASSERT_TRUE(bench.connect("C", "A1"));
    EXPECT_TRUE(bench.eventually_hears("C", {Bench::kAgent}));
    bench.on_loop([&] { bench.media->drop(bench.call, "A1"); });
    EXPECT_TRUE(bench.eventually_hears("C", {}));
    ASSERT_TRUE(bench.play_music("C"));
    EXPECT_TRUE(bench.eventually_hears("C", {Bench::kMusic}));
    bench.phone("A2", Bench::kThird);
    ASSERT_TRUE(bench.connect("C", "A2"));
    EXPECT_TRUE(bench.eventually_hears("C", {Bench::kThird}));
    EXPECT_TRUE(bench.eventually_hears("A2", {Bench::kCaller}));
    EXPECT_EQ(bench.source_ports("C").size(), 1u);
}

TEST(MediaRtpengine, ARestartedControllerTakesTheConversationUp) {
    Bench bench;
    bench.caller("C");
    bench.phone("A1", Bench::kAgent);
    ASSERT_TRUE(bench.connect("C", "A1"));
    EXPECT_TRUE(bench.eventually_hears("C", {Bench::kAgent}));
    std::string record;
    bench.on_loop([&] { record = bench.media->record(bench.call); });

    bench.begin_media(); // the old one is gone without a word
    EXPECT_TRUE(bench.eventually_hears("C", {Bench::kAgent}));
    EXPECT_TRUE(bench.eventually_hears("A1", {Bench::kCaller}));
    const auto running =
        bench.wait_for<std::vector<CallId>>([&](auto done) { bench.media->list(done); });
    EXPECT_EQ(running, std::vector<CallId>{bench.call});
    std::uint32_t voice_before = 0, voice_after = 0;
    bench.on_loop([&] {
        voice_before = bench.parties.at("C").stream->source();
        EXPECT_TRUE(bench.media->restore(bench.call, record));
        EXPECT_FALSE(bench.media->restore(bench.call, record)); // it is there already
        EXPECT_FALSE(bench.media->restore(CallId{1}, "garbage"));
    });
    EXPECT_TRUE(bench.eventually_hears("C", {Bench::kAgent}));
    EXPECT_TRUE(bench.eventually_hears("A1", {Bench::kCaller}));
    bench.on_loop([&] { voice_after = bench.parties.at("C").stream->source(); });
    EXPECT_EQ(voice_after, voice_before); // the stream goes on

    ASSERT_TRUE(bench.park("A1"));
    ASSERT_TRUE(bench.play_music("C"));
    EXPECT_TRUE(bench.eventually_hears("C", {Bench::kMusic}));
    EXPECT_EQ(bench.hears("A1"), Tones{});
    bench.phone("T1", Bench::kThird);
    ASSERT_TRUE(bench.connect("C", "T1"));
    EXPECT_TRUE(bench.eventually_hears("C", {Bench::kThird}));
    EXPECT_EQ(bench.source_ports("C").size(), 1u);
}

TEST(MediaRtpengine, MusicIsStoppedByTheConnectAfterARestart) {
    Bench bench;
    bench.caller("C");
    ASSERT_TRUE(bench.play_music("C"));
    std::string record;
    bench.on_loop([&] { record = bench.media->record(bench.call); });
    bench.begin_media();
    bench.on_loop([&] { EXPECT_TRUE(bench.media->restore(bench.call, record)); });
    EXPECT_TRUE(bench.eventually_hears("C", {Bench::kMusic}));
    bench.phone("A1", Bench::kAgent);
    ASSERT_TRUE(bench.connect("C", "A1"));
    EXPECT_TRUE(bench.eventually_hears("C", {Bench::kAgent}));
}

TEST(MediaRtpengine, ItsDeathIsToldOnceAndItIsStartedAgain) {
    Bench bench;
    bench.caller("C");
    bench.phone("A1", Bench::kAgent);
    ASSERT_TRUE(bench.connect("C", "A1"));
    const int port = bench.process->ng_port();
    bench.on_loop([&] {
        bench.availability.clear();
        ::kill(bench.process->pid(), SIGKILL);
    });
    ASSERT_TRUE(bench.eventually([&] { return bench.availability.size() >= 2; }));
    std::this_thread::sleep_for(1500ms); // a second report would come by now
    bench.on_loop([&] {
        EXPECT_EQ(bench.availability, (std::vector<bool>{false, true}));
        EXPECT_TRUE(bench.media->available());
        EXPECT_EQ(bench.process->ng_port(), port);
        EXPECT_GT(bench.process->pid(), 0);
    });
    // The old call is lost, and no command begins it anew by accident.
    const auto again = bench.connect("C", "A1");
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, "media.lost");
    const auto running =
        bench.wait_for<std::vector<CallId>>([&](auto done) { bench.media->list(done); });
    EXPECT_EQ(running, std::vector<CallId>{});
    bench.on_loop([&] {
        bench.media->end(bench.call);
        bench.parties.clear();
        bench.ticker = std::make_unique<RtpTicker>(bench.loop);
    });
    bench.caller("C");
    ASSERT_TRUE(bench.play_music("C"));
    EXPECT_TRUE(bench.eventually_hears("C", {Bench::kMusic}));
}

TEST(MediaRtpengine, WhatDoesNotAnswerMayRunCallsAndWhereNobodyListensNoneRun) {
    Bench bench;
    bench.caller("C");
    const auto list = [&] {
        return bench.wait_for<std::vector<CallId>>([&](auto done) { bench.media->list(done); });
    };
    bench.on_loop([&] { ::kill(bench.process->pid(), SIGSTOP); });
    ASSERT_TRUE(bench.eventually([&] { return !bench.media->available(); }));
    const auto unknown = list();
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, "media.unavailable");
    bench.on_loop([&] { bench.process->stop(); });
    Expected<std::vector<CallId>> none = list();
    for (int i = 0; i < 200 && !none; ++i) { // until the closed port has been noticed
        std::this_thread::sleep_for(50ms);
        none = list();
    }
    EXPECT_EQ(none, std::vector<CallId>{});
}

// A late offer of ours leaves the codec to the far end; the next leg and the music wait for it.
TEST(MediaRtpengine, AFarEndThatKnowsOnlyMuLawMayAnswerOurOffer) {
    Bench bench;
    const auto ours = bench.wait_for<std::string>(
        [&](auto done) { bench.media->leg_out(bench.call, "C", LegKind::plain, done); });
    ASSERT_TRUE(ours);
    const auto offered = sdp::parse(*ours);
    ASSERT_TRUE(offered);
    EXPECT_TRUE(offered->pcma && offered->pcmu);

    auto agent = std::make_shared<std::promise<Expected<std::string>>>();
    auto music = std::make_shared<std::promise<Expected<Duration>>>();
    auto agent_offer = agent->get_future();
    auto music_plays = music->get_future();
    bench.on_loop([&] {
        bench.media->leg_out(bench.call, "A1", LegKind::plain,
                             [agent](Expected<std::string> sdp) { agent->set_value(sdp); });
        bench.media->play(bench.call, "C", (bench.directory / "music.wav").string(), 1,
                          [music](Expected<Duration> length) { music->set_value(length); });
    });
    auto answer = *sdp::parse(*ours);
    ASSERT_TRUE(sdp::reduce(answer, sdp::Codec::pcmu));
    EXPECT_TRUE(bench.wait_for<void>([&](auto done) {
        bench.media->leg_out_answered(bench.call, "C", sdp::write(answer), done);
    }));
    ASSERT_EQ(agent_offer.wait_for(20s), std::future_status::ready);
    const auto text = agent_offer.get();
    ASSERT_TRUE(text);
    const auto second = sdp::parse(*text);
    ASSERT_TRUE(second);
    EXPECT_TRUE(second->pcmu);
    EXPECT_FALSE(second->pcma);
    ASSERT_EQ(music_plays.wait_for(20s), std::future_status::ready);
    EXPECT_TRUE(music_plays.get());
}

TEST(MediaRtpengine, WhatWaitsForALateOfferEndsWithTheCall) {
    Bench bench;
    ASSERT_TRUE(bench.wait_for<std::string>(
        [&](auto done) { bench.media->leg_out(bench.call, "C", LegKind::plain, done); }));
    const auto dropped = bench.wait_for<std::string>([&](auto done) {
        bench.media->leg_out(bench.call, "A1", LegKind::plain, done);
        bench.media->drop(bench.call, "A1");
    });
    EXPECT_EQ(dropped.error().code, "media.no_leg");
    const auto ended = bench.wait_for<std::string>([&](auto done) {
        bench.media->leg_out(bench.call, "A2", LegKind::plain, done);
        bench.media->end(bench.call);
    });
    EXPECT_EQ(ended.error().code, "media.ended");
}

TEST(MediaRtpengine, WithoutRtpengineCommandsFailAtOnce) {
    Bench bench;
    bench.on_loop([&] { bench.process->stop(); });
    ASSERT_TRUE(bench.eventually([&] { return !bench.media->available(); }));
    const auto answer = bench.wait_for<std::string>(
        [&](auto done) { bench.media->leg_out(bench.call, "A1", LegKind::plain, done); });
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ProblemKind::unavailable);
    EXPECT_EQ(answer.error().code, "media.unavailable");
}

TEST(MediaRtpengine, AnotherProcessOfOursTakesTheRunningRtpengineUp) {
    Bench bench;
    const int pid = bench.process->pid();
    bench.on_loop([&] {
        RtpengineProcess::Options options;
        options.state_directory = bench.directory;
        bench.process.reset(); // a crash: nobody stops it
        bench.process = std::move(*RtpengineProcess::start(bench.loop, options));
        EXPECT_TRUE(bench.process->taken_up());
        EXPECT_EQ(bench.process->pid(), pid);
        EXPECT_TRUE(bench.process->guarded());
    });
    EXPECT_EQ(::kill(pid, 0), 0);
}

// One that an older program started has not what rtpengine_preload.h gives it. It is taken up, as
// people speak through it, and the log says it once.
TEST(MediaRtpengine, AnUnguardedOneIsTakenUpAndToldOnce) {
    Bench bench;
    const auto older = bench.directory / "older" / "rtpengine";
    std::filesystem::create_directories(older.parent_path());
    std::ofstream(older) << "#!/bin/sh\nunset LD_PRELOAD\nexec rtpengine \"$@\"\n";
    std::filesystem::permissions(older, std::filesystem::perms::owner_all);
    bench.on_loop([&] {
        RtpengineProcess::Options options;
        options.state_directory = older.parent_path();
        options.binary = older;
        const auto &ports = reserve_media_ports();
        options.port_min = ports.first();
        options.port_max = ports.last();
        (void)*RtpengineProcess::start(bench.loop, options); // a crash: nobody stops it
        ASSERT_TRUE(eventually_maps_libraries(older.parent_path()));
        testing::internal::CaptureStderr();
        auto again = RtpengineProcess::start(bench.loop, options);
        const std::string log = testing::internal::GetCapturedStderr();
        ASSERT_TRUE(again);
        EXPECT_TRUE((*again)->taken_up());
        EXPECT_FALSE((*again)->guarded());
        const auto told = log.find("media.sockets_not_guarded");
        EXPECT_NE(told, std::string::npos) << log;
        EXPECT_EQ(log.find("media.sockets_not_guarded", told + 1), std::string::npos) << log;
        (*again)->stop();
    });
}

TEST(MediaRtpengine, AStrangersPacketsAreDroppedAlsoDuringSwitches) {
    Bench bench;
    auto &caller = bench.caller("C");
    auto &agent = bench.phone("A1", Bench::kAgent);
    auto &stranger = bench.party("S", Bench::kStranger);
    auto &second = bench.party("S2", Bench::kStranger);
    bench.on_loop([&] {
        stranger.stream->send_to(caller.local); // as if it were the caller
        second.stream->send_to(agent.local);
    });
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(bench.connect("C", "A1"));
        EXPECT_TRUE(bench.eventually_hears("A1", {Bench::kCaller}));
        EXPECT_TRUE(bench.eventually_hears("C", {Bench::kAgent}));
        EXPECT_EQ(bench.hears("S"), Tones{});
        ASSERT_TRUE(bench.park("C"));
    }
    // From the media's own ports: another test's packet may still be on its way to a port just
    // reused.
    EXPECT_EQ(bench.source_ports("S").count(sdp::parse(caller.local)->port), 0U);
    EXPECT_EQ(bench.source_ports("S2").count(sdp::parse(agent.local)->port), 0U);
}

TEST(MediaRtpengine, AFarEndThatHoldsIsPartedUntilItResumes) {
    Bench bench;
    auto &caller = bench.caller("C");
    bench.phone("A1", Bench::kAgent);
    ASSERT_TRUE(bench.connect("C", "A1"));
    const auto update = [&](const std::string &sdp) {
        return bench.wait_for<std::string>(
            [&](auto done) { bench.media->leg_updated(bench.call, "C", sdp, done); });
    };
    const auto held = update(sdp::with_direction(caller.stream->sdp(), sdp::Direction::inactive));
    ASSERT_TRUE(held);
    EXPECT_EQ(sdp::parse(*held)->direction, sdp::Direction::inactive);
    EXPECT_EQ(sdp::parse(*held)->port, sdp::parse(caller.local)->port);
    EXPECT_FALSE(sdp::same_content(*held, caller.local));
    EXPECT_EQ(bench.hears("C"), Tones{});
    EXPECT_EQ(bench.hears("A1"), Tones{});
    const auto resumed = update(caller.stream->sdp());
    ASSERT_TRUE(resumed);
    EXPECT_TRUE(sdp::same_content(*resumed, caller.local));
    EXPECT_NE(*resumed, caller.local); // a higher version (RFC 3264, 8)
    EXPECT_TRUE(bench.eventually_hears("C", {Bench::kAgent}));
    EXPECT_TRUE(bench.eventually_hears("A1", {Bench::kCaller}));
    // The same offer again (a session refresh): the same answer to the letter.
    EXPECT_EQ(update(caller.stream->sdp()), resumed);
}

TEST(MediaRtpengine, AMovedFarEndIsHeardAtItsNewAddressOnly) {
    Bench bench;
    auto &caller = bench.caller("C");
    bench.phone("A1", Bench::kAgent);
    ASSERT_TRUE(bench.connect("C", "A1"));
    auto &moved = bench.party("M", Bench::kThird);
    const auto answer = bench.wait_for<std::string>(
        [&](auto done) { bench.media->leg_updated(bench.call, "C", moved.stream->sdp(), done); });
    ASSERT_TRUE(answer);
    EXPECT_EQ(sdp::parse(*answer)->port, sdp::parse(caller.local)->port);
    bench.on_loop([&] { moved.stream->send_to(*answer); });
    EXPECT_TRUE(bench.eventually_hears("M", {Bench::kAgent}));
    EXPECT_TRUE(bench.eventually_hears("A1", {Bench::kThird}));
    EXPECT_EQ(bench.hears("C"), Tones{});
}

TEST(MediaRtpengine, ABrowsersOfferHasWhatWebRtcNeeds) {
    Bench bench;
    bench.caller("C");
    const auto offer = bench.wait_for<std::string>(
        [&](auto done) { bench.media->leg_out(bench.call, "A1", LegKind::browser, done); });
    ASSERT_TRUE(offer);
    const auto audio = sdp::parse(*offer);
    ASSERT_TRUE(audio) << *offer;
    EXPECT_TRUE(audio->secure);
    EXPECT_TRUE(audio->rtcp_mux);
    EXPECT_TRUE(audio->pcma);
    EXPECT_FALSE(audio->pcmu);
    EXPECT_EQ(audio->telephone_event, sdp::kTelephoneEvent);
    EXPECT_EQ(audio->browser.setup, "actpass");
    EXPECT_FALSE(audio->browser.ufrag.empty());
    EXPECT_FALSE(audio->browser.pwd.empty());
    EXPECT_EQ(audio->browser.fingerprint.substr(0, 8), "sha-256 ");
    EXPECT_FALSE(audio->browser.candidates.empty());
    EXPECT_EQ(offer->find("a=crypto"), std::string::npos);
    // A plain answer to it is refused, and the caller is none the worse for it.
    const auto wrong = bench.wait_for<void>([&](auto done) {
        bench.media->leg_out_answered(bench.call, "A1", bench.parties.at("C").stream->sdp(), done);
    });
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, "sdp.transport");
    ASSERT_TRUE(bench.play_music("C"));
    EXPECT_TRUE(bench.eventually_hears("C", {Bench::kMusic}));
}

TEST(MediaRtpengine, APcmuCallerGetsPcmuThroughout) {
    Bench bench;
    const auto answer = bench.wait_for<std::string>([&](auto done) {
        bench.media->leg_in(bench.call, "C", LegKind::plain,
                            "v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 9 RTP/AVP 0 96\r\n"
                            "a=rtpmap:96 telephone-event/8000\r\nm=video 4 RTP/AVP 99\r\n",
                            done);
    });
    ASSERT_TRUE(answer);
    EXPECT_TRUE(sdp::parse(*answer)->pcmu);
    EXPECT_FALSE(sdp::parse(*answer)->pcma);
    EXPECT_EQ(sdp::parse(*answer)->telephone_event, 96);
    EXPECT_NE(answer->find("m=video 0 RTP/AVP 99"), std::string::npos);
    const auto offer = bench.wait_for<std::string>(
        [&](auto done) { bench.media->leg_out(bench.call, "A1", LegKind::plain, done); });
    EXPECT_TRUE(sdp::parse(*offer)->pcmu);
    EXPECT_FALSE(sdp::parse(*offer)->pcma);
}

TEST(MediaRtpengine, UnusableOffersAreAProblemNotACall) {
    Bench bench;
    for (const auto *bad :
         {"", "v=0\r\n", "v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 9 RTP/AVP 9\r\n"}) {
        const auto answer = bench.wait_for<std::string>(
            [&](auto done) { bench.media->leg_in(bench.call, "C", LegKind::plain, bad, done); });
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().kind, ProblemKind::invalid_input);
    }
    EXPECT_EQ(bench.connect("C", "A1").error().code, "media.no_leg");
    bench.caller("C");
    EXPECT_EQ(bench.connect("C", "C").error().code, "media.no_leg");
    EXPECT_FALSE(bench.wait_for<Duration>(
        [&](auto done) { bench.media->play(bench.call, "C", "/no/such.wav", 1, done); }));
}

TEST(MediaRtpengine, AnEndedCallLeavesNothingBehindWhateverWasUnderWay) {
    Bench bench;
    bench.caller("C");
    bench.phone("A1", Bench::kAgent);
    int answers = 0;
    bench.on_loop([&] {
        bench.media->connect(bench.call, "C", "A1", [&](Expected<void>) { ++answers; });
        bench.media->park(bench.call, "C", [&](Expected<void>) { ++answers; });
        bench.media->leg_out(bench.call, "A2", LegKind::plain,
                             [&](const Expected<std::string> &) { ++answers; });
        bench.media->end(bench.call);
        EXPECT_EQ(bench.media->record(bench.call), "");
    });
    ASSERT_TRUE(bench.eventually([&] { return answers == 3 && bench.media->open_calls() == 0; }));
    const auto running =
        bench.wait_for<std::vector<CallId>>([&](auto done) { bench.media->list(done); });
    EXPECT_EQ(running, std::vector<CallId>{});
}

TEST(MediaRtpengine, ManyCallsAtOnceEachHearTheirOwn) {
    Bench bench;
    // Twenty calls whose commands all go out together; each ends connected to its own agent.
    constexpr int kCalls = 20;
    int connected = 0;
    for (int i = 0; i < kCalls; ++i) {
        bench.call = CallId{i + 1};
        const auto c = "C" + std::to_string(i), a = "A" + std::to_string(i);
        bench.caller(c);
        bench.phone(a, Bench::kAgent);
    }
    bench.on_loop([&] {
        for (int i = 0; i < kCalls; ++i)
            bench.media->connect(CallId{i + 1}, "C" + std::to_string(i), "A" + std::to_string(i),
                                 [&](Expected<void> result) { connected += result ? 1 : 0; });
    });
    ASSERT_TRUE(bench.eventually([&] { return connected == kCalls; }));
    EXPECT_TRUE(bench.eventually_hears("C7", {Bench::kAgent}));
    EXPECT_TRUE(bench.eventually_hears("A13", {Bench::kCaller}));
    bench.on_loop([&] { bench.media->end(CallId{8}); });
    EXPECT_TRUE(bench.eventually_hears("C7", {}));
    EXPECT_TRUE(bench.eventually_hears("C13", {Bench::kAgent}));
}

} // namespace
} // namespace fernamt::telephony
