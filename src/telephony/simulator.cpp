// SPDX-License-Identifier: EUPL-1.2
#include "telephony/simulator.h"

#include "telephony/simulator_people.h"
#include "telephony/sofia_call_legs.h"
#include "telephony/sofia_loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>
#include <thread>
#include <utility>

namespace fernamt::telephony {
namespace {

constexpr Duration kLookAtRegistrations = 250ms;
constexpr int kWaitForHangUps = 300; // of 10 ms

SipConfig agent_config(const SimulatorOptions &options) {
    SipConfig config;
    config.listen = {fmt::format("sip:{}:0;transport={}", options.own_address, options.transport)};
    config.session_expires = 0;
    config.calls_per_second_per_source = 0;
    return config;
}

} // namespace

class Simulator::Inside {
  public:
    explicit Inside(SimulatorOptions given)
        : options(std::move(given)), voices(load_voices(options.audio_directory)),
          random(options.seed != 0 ? options.seed : std::random_device{}()),
          weights(weights_of(options)) {}
    ~Inside();

    [[nodiscard]] Expected<void> open();
    void begin();
    void schedule_arrival();
    void arrive();
    void call(const std::string &e164);
    void take(const IncomingCall &call);
    void look_at_registrations();
    void tick();
    void hang_everything_up();
    void close();

    [[nodiscard]] static std::discrete_distribution<std::size_t>
    weights_of(const SimulatorOptions &options) {
        std::vector<double> weights;
        for (const auto &number : options.numbers)
            weights.push_back(number.weight);
        return {weights.begin(), weights.end()};
    }

    SimulatorOptions options;
    SimulatorVoices voices;
    std::mt19937_64 random;
    std::discrete_distribution<std::size_t> weights;
    SofiaLoop loop;
    bool calling = false;
    bool stopped = false;

    // From here on: on the loop, or before start() and after stop() of it.
    SimulatorStatistics statistics;
    std::unique_ptr<RtpTicker> ticker;
    std::unique_ptr<SofiaCallLegs> citizens_legs, colleagues_legs;
    std::unique_ptr<SimulatedWorld> world;
    std::map<std::int64_t, std::unique_ptr<SimulatedCitizen>> citizens;
    std::map<std::string, std::unique_ptr<SimulatedColleague>> colleagues;
    std::map<std::string, bool> registered;
    std::int64_t last_citizen = 0;
    Loop::TimerId arrival = Loop::TimerId::none;
    Loop::TimerId registrations = Loop::TimerId::none;
};

Simulator::Inside::~Inside() {
    if (!stopped) {
        loop.run_on_loop([this] { close(); });
        loop.stop();
    }
}

Expected<void> Simulator::Inside::open() {
    auto citizens_agent = SofiaCallLegs::create(loop, agent_config(options));
    if (!citizens_agent) return tl::unexpected(citizens_agent.error());
    citizens_legs = std::move(*citizens_agent);

    // A colleague is a trunk registration of its own: INVITEs come to the user of its contact.
    auto config = agent_config(options);
    for (const auto &colleague : options.colleagues) {
        TrunkConfig trunk;
        trunk.name = colleague.user;
        trunk.proxy =
            fmt::format("sip:{}:{};transport={}", options.host, options.port, options.transport);
        trunk.user = colleague.user;
        trunk.password = colleague.password;
        trunk.register_there = true;
        trunk.options_interval = 0s;
        config.trunks.push_back(std::move(trunk));
    }
    auto colleagues_agent = SofiaCallLegs::create(loop, std::move(config));
    if (!colleagues_agent) return tl::unexpected(colleagues_agent.error());
    colleagues_legs = std::move(*colleagues_agent);
    colleagues_legs->on_incoming([this](const IncomingCall &incoming) { take(incoming); });

    ticker = std::make_unique<RtpTicker>(loop);
    ticker->on_tick([this] { tick(); });
    world = std::make_unique<SimulatedWorld>(
        SimulatedWorld{options, loop, *ticker, voices, statistics, random});
    for (const auto &colleague : options.colleagues)
        colleagues[colleague.user] = std::make_unique<SimulatedColleague>(
            *world, *colleagues_legs, colleague.user, voices.answers);
    return {};
}

void Simulator::Inside::begin() {
    calling = true;
    look_at_registrations();
    if (options.callers_per_hour > 0 && !options.numbers.empty()) schedule_arrival();
}

void Simulator::Inside::schedule_arrival() {
    const Duration mean{static_cast<std::int64_t>(3'600'000'000.0 / options.callers_per_hour)};
    arrival = loop.after(world->exponential(mean), [this] {
        if (!calling) return;
        schedule_arrival();
        arrive();
    });
}

void Simulator::Inside::arrive() {
    const auto &number = options.numbers[weights(random)];
    if (static_cast<std::int64_t>(citizens.size()) >= options.most_at_once) {
        ++statistics.skipped;
        return;
    }
    call(number.e164);
}

void Simulator::Inside::call(const std::string &e164) {
    const auto id = ++last_citizen;
    auto citizen = std::make_unique<SimulatedCitizen>(*world, *citizens_legs, [this, id] {
        loop.post([this, id] { citizens.erase(id); }); // not inside its own callback
    });
    auto &caller = *citizen;
    citizens.emplace(id, std::move(citizen));
    if (caller.dial(e164)) return;
    ++statistics.skipped;
    citizens.erase(id);
}

void Simulator::Inside::take(const IncomingCall &incoming) {
    const auto user = incoming.dialled.empty() ? std::string() : incoming.dialled.front().user;
    const auto colleague = colleagues.find(user);
    if (colleague == colleagues.end())
        return colleagues_legs->reject(incoming.leg, 404, reason_header(404, "Nobody of this name"),
                                       0s);
    const bool rejects =
        std::any_of(options.colleagues.begin(), options.colleagues.end(),
                    [&](const auto &one) { return one.user == user && one.rejects; });
    if (rejects)
        return colleagues_legs->reject(incoming.leg, 603, reason_header(603, "Declined"), 0s);
    colleague->second->take(incoming);
}

void Simulator::Inside::look_at_registrations() {
    for (const auto &colleague : options.colleagues) {
        const bool now = colleagues_legs->trunk_up(colleague.user);
        auto &before = registered[colleague.user];
        if (now && !before && options.phone_registered) options.phone_registered(colleague.user);
        before = now;
    }
    statistics.registered = std::count_if(registered.begin(), registered.end(),
                                          [](const auto &entry) { return entry.second; });
    registrations = loop.after(kLookAtRegistrations, [this] { look_at_registrations(); });
}

void Simulator::Inside::tick() {
    for (auto &[id, citizen] : citizens)
        citizen->tick();
}

void Simulator::Inside::hang_everything_up() {
    calling = false;
    loop.cancel(arrival);
    loop.cancel(registrations);
    for (auto &[id, citizen] : citizens)
        citizen->hang_up();
    for (auto &[user, colleague] : colleagues)
        colleague->hang_up();
}

void Simulator::Inside::close() {
    calling = false;
    loop.cancel(arrival);
    loop.cancel(registrations);
    citizens_legs.reset(); // no reports from here on
    colleagues_legs.reset();
    citizens.clear();
    colleagues.clear();
    world.reset();
    ticker.reset();
}

Simulator::Simulator(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

Simulator::~Simulator() {
    stop();
}

Expected<std::unique_ptr<Simulator>> Simulator::create(SimulatorOptions options) {
    if (options.callers_per_hour > 0 && options.numbers.empty())
        return fail(ProblemKind::invalid_input, "simulator.no_numbers");
    auto inside = std::make_unique<Inside>(std::move(options));
    if (auto opened = inside->open(); !opened) return tl::unexpected(opened.error());
    return std::unique_ptr<Simulator>(new Simulator(std::move(inside)));
}

void Simulator::start() {
    inside_->loop.start();
    inside_->loop.run_on_loop([this] { inside_->begin(); });
}

void Simulator::stop() {
    if (inside_->stopped) return;
    inside_->loop.run_on_loop([this] { inside_->hang_everything_up(); });
    for (int i = 0; i < kWaitForHangUps; ++i) {
        bool quiet = true;
        inside_->loop.run_on_loop([&] {
            quiet = inside_->citizens_legs->open_legs() == 0 &&
                    inside_->colleagues_legs->open_legs() == 0 && inside_->citizens.empty();
        });
        if (quiet) break;
        std::this_thread::sleep_for(10ms);
    }
    inside_->loop.run_on_loop([this] { inside_->close(); });
    inside_->loop.stop();
    inside_->stopped = true;
}

void Simulator::stop_calling() {
    inside_->loop.run_on_loop([this] {
        inside_->calling = false;
        inside_->loop.cancel(inside_->arrival);
    });
}

void Simulator::call(const std::string &e164) {
    inside_->loop.run_on_loop([&] { inside_->call(e164); });
}

SimulatorGaps Simulator::take_gaps() {
    SimulatorGaps result;
    inside_->loop.run_on_loop([&] {
        if (!inside_->ticker) return;
        for (auto *stream : inside_->ticker->streams()) {
            const RtpGapTimes one = stream->take_gaps();
            result.heard = std::max(result.heard, one.heard);
            result.sent = std::max(result.sent, one.sent);
        }
    });
    return result;
}

SimulatorStatistics Simulator::statistics() const {
    SimulatorStatistics result;
    inside_->loop.run_on_loop([&] {
        result = inside_->statistics;
        result.open = static_cast<std::int64_t>(inside_->citizens.size());
        if (!inside_->ticker) return;
        for (const auto *stream : inside_->ticker->streams())
            add_sound(stream->counters(), result); // of calls that still go on
    });
    return result;
}

} // namespace fernamt::telephony
