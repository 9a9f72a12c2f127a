// SPDX-License-Identifier: EUPL-1.2
#include "telephony/simulator_offices.h"

#include "telephony/simulator_people.h"
#include "telephony/sofia_call_legs.h"
#include "telephony/sofia_loop.h"

#include <fmt/format.h>

#include <map>
#include <random>
#include <thread>
#include <utility>

namespace fernamt::telephony {
namespace {

constexpr int kWaitForHangUps = 300; // of 10 ms
constexpr Duration kNeverAnswers = std::chrono::hours(1);

SimulatorOptions people_options(const OfficesOptions &options, OfficeManner manner) {
    SimulatorOptions people{.own_address = options.address,
                            .answer_after_least = options.answer_after_least,
                            .answer_after_most = options.answer_after_most,
                            .talk_least = options.talk_least,
                            .talk_most = options.talk_most};
    if (manner == OfficeManner::away) {
        people.answer_after_least = people.answer_after_most = kNeverAnswers;
    }
    return people;
}

} // namespace

OfficeManner manner_of_office(const std::string &number) {
    if (number.ends_with('8')) return OfficeManner::busy;
    return number.ends_with('9') ? OfficeManner::away : OfficeManner::answers;
}

class SimulatedOffices::Inside {
  public:
    explicit Inside(OfficesOptions given)
        : options(std::move(given)), answering(people_options(options, OfficeManner::answers)),
          away(people_options(options, OfficeManner::away)),
          voices(load_voices(options.audio_directory)),
          random(options.seed != 0 ? options.seed : std::random_device{}()) {}

    [[nodiscard]] Expected<void> open();
    void take(const IncomingCall &incoming);
    void close();

    OfficesOptions options;
    SimulatorOptions answering, away;
    SimulatorVoices voices;
    std::mt19937_64 random;
    SofiaLoop loop;
    bool stopped = false;

    // On the loop.
    SimulatorStatistics statistics;
    std::int64_t busy = 0;
    std::unique_ptr<RtpTicker> ticker;
    std::unique_ptr<SofiaCallLegs> legs;
    std::unique_ptr<SimulatedWorld> there, nobody_there;
    std::map<std::int64_t, std::unique_ptr<SimulatedColleague>> calls;
    std::int64_t last = 0;
};

Expected<void> SimulatedOffices::Inside::open() {
    SipConfig config;
    config.listen = {fmt::format("sip:{}:0;transport={}", options.address, options.transport)};
    config.session_expires = 0;
    config.calls_per_second_per_source = 0;
    TrunkConfig network; // whoever transfers to us: this machine only
    network.name = "town-halls";
    network.proxy = fmt::format("sip:{}:9;transport={}", options.address, options.transport);
    network.sources = {"127.0.0.0/8", options.address};
    network.options_interval = 0s;
    config.trunks = {network};
    auto created = SofiaCallLegs::create(loop, std::move(config));
    if (!created) return tl::unexpected(created.error());
    legs = std::move(*created);
    legs->on_incoming([this](const IncomingCall &incoming) { take(incoming); });
    ticker = std::make_unique<RtpTicker>(loop);
    there = std::make_unique<SimulatedWorld>(
        SimulatedWorld{answering, loop, *ticker, voices, statistics, random});
    nobody_there = std::make_unique<SimulatedWorld>(
        SimulatedWorld{away, loop, *ticker, voices, statistics, random});
    return {};
}

void SimulatedOffices::Inside::take(const IncomingCall &incoming) {
    const auto number = incoming.dialled.empty() ? std::string() : incoming.dialled.front().user;
    const OfficeManner manner = manner_of_office(number);
    if (manner == OfficeManner::busy) {
        ++busy;
        return legs->reject(incoming.leg, 486, reason_header(486, "Busy"), 0s);
    }
    const auto id = ++last;
    auto office = std::make_unique<SimulatedColleague>(
        manner == OfficeManner::answers ? *there : *nobody_there, *legs, number, voices.offices,
        [this, id] { loop.post([this, id] { calls.erase(id); }); }); // not inside its own callback
    auto &taken = *office;
    calls.emplace(id, std::move(office));
    taken.take(incoming);
}

void SimulatedOffices::Inside::close() {
    legs.reset(); // no reports from here on
    calls.clear();
    there.reset();
    nobody_there.reset();
    ticker.reset();
}

SimulatedOffices::SimulatedOffices(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

SimulatedOffices::~SimulatedOffices() {
    stop();
}

Expected<std::unique_ptr<SimulatedOffices>> SimulatedOffices::open(OfficesOptions options) {
    auto inside = std::make_unique<Inside>(std::move(options));
    if (auto opened = inside->open(); !opened) return tl::unexpected(opened.error());
    inside->loop.start();
    return std::unique_ptr<SimulatedOffices>(new SimulatedOffices(std::move(inside)));
}

int SimulatedOffices::port() const {
    int port = 0;
    inside_->loop.run_on_loop([&] { port = inside_->legs->addresses().front().port; });
    return port;
}

void SimulatedOffices::stop() {
    if (std::exchange(inside_->stopped, true)) return;
    inside_->loop.run_on_loop([this] {
        for (auto &[id, call] : inside_->calls)
            call->hang_up();
    });
    for (int i = 0; i < kWaitForHangUps; ++i) {
        bool quiet = true;
        inside_->loop.run_on_loop([&] { quiet = inside_->legs->open_legs() == 0; });
        if (quiet) break;
        std::this_thread::sleep_for(10ms);
    }
    inside_->loop.run_on_loop([this] { inside_->close(); });
    inside_->loop.stop();
}

OfficesStatistics SimulatedOffices::statistics() const {
    OfficesStatistics result;
    inside_->loop.run_on_loop([&] {
        const SimulatorStatistics &people = inside_->statistics;
        result = {.rung = people.rung,
                  .busy = inside_->busy,
                  .answered = people.answered,
                  .understood_citizen = people.understood_citizen,
                  .gave_up_ringing = people.gave_up_ringing,
                  .open = static_cast<std::int64_t>(inside_->calls.size())};
    });
    return result;
}

} // namespace fernamt::telephony
