// SPDX-License-Identifier: EUPL-1.2
// For tests: a real rtpengine of its own on loopback, a loop, and parties that each send one tone
// and say which tones they hear. Everything is gone when the bench is.
#pragma once

#include "telephony/media_rtpengine.h"
#include "telephony/rtp_stream.h"
#include "telephony/rtpengine_process.h"
#include "telephony/sofia_loop.h"

#include <filesystem>
#include <future>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace fernamt::telephony {

class MediaTestBench {
  public:
    static constexpr double kCaller = 440, kAgent = 1000, kThird = 700, kMusic = 300,
                            kStranger = 1700;

    explicit MediaTestBench(RtpengineMedia::Options media = {}); // addresses are filled in
    ~MediaTestBench();

    struct Party {
        std::unique_ptr<RtpStream> stream;
        std::string local; // our SDP for it
    };

    void begin_media(); // drops the old one without a word, as a crash would
    void on_loop(const std::function<void()> &work) { loop.run_on_loop(work); }
    // Runs start(done) on the loop and waits for done(result).
    template <class T>
    Expected<T> wait_for(const std::function<void(std::function<void(Expected<T>)>)> &start) {
        auto promise = std::make_shared<std::promise<Expected<T>>>();
        auto future = promise->get_future();
        on_loop([&] { start([promise](Expected<T> result) { promise->set_value(result); }); });
        if (future.wait_for(std::chrono::seconds(20)) != std::future_status::ready)
            return fail(ProblemKind::internal, "test.no_reply");
        return future.get();
    }
    bool eventually(const std::function<bool()> &condition); // asked on the loop; 20 s at most

    Party &party(const std::string &tag, double hertz); // sends its tone when it knows where
    Party &caller(const std::string &tag, double hertz = kCaller); // leg_in
    Party &phone(const std::string &tag, double hertz);            // leg_out, answered
    Expected<void> connect(const std::string &a, const std::string &b);
    Expected<void> park(const std::string &tag);
    Expected<Duration> play_music(const std::string &tag);
    // The tones that this party hears now (after what was under way has died away).
    std::set<double> hears(const std::string &tag);
    // Within a quarter of a minute: a command may report no completion.
    bool eventually_hears(const std::string &tag, const std::set<double> &tones);
    [[nodiscard]] std::set<int> source_ports(const std::string &tag);

    std::filesystem::path directory;
    CallId call{4711};
    SofiaLoop loop;
    std::unique_ptr<RtpengineProcess> process;
    std::unique_ptr<RtpengineMedia> media;
    std::vector<bool> availability; // as reported
    std::map<std::string, Party> parties;
    std::unique_ptr<RtpTicker> ticker;

  private:
    RtpengineMedia::Options options_;
};

} // namespace fernamt::telephony
