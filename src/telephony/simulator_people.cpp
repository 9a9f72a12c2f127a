// SPDX-License-Identifier: EUPL-1.2
#include "telephony/simulator_people.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace fernamt::telephony {
namespace {

constexpr int kRequestTimeout = 408;
// A tenth of a second of something: less may be a click.
constexpr std::int64_t kUnderstood = 5;
constexpr std::uint32_t kPersonMask = 0xffff'0000, kPersonMark = 0xfe12'0000;
constexpr Duration kPoliteness = 4s; // after "goodbye" the other may hang up first

std::int64_t monotonic_us() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

// From the blocks that the Bundesnetzagentur reserves for film and media (Vfg. 148/2021).
std::string invented_number(std::mt19937_64 &random) {
    switch (random() % 3) {
    case 0:
        return fmt::format("+493023125{:03}", random() % 1000);
    case 1:
        return fmt::format("+494066969{:03}", random() % 1000);
    default:
        return fmt::format("+4917139200{:02}", random() % 100);
    }
}

Duration length_of(const Sound &sound) {
    return telephony::length_of(sound->size());
}

} // namespace

// --- what they share --------------------------------------------------------------------------

Duration SimulatedWorld::between(Duration least, Duration most) {
    if (most <= least) return least;
    return Duration{
        std::uniform_int_distribution<std::int64_t>(least.count(), most.count())(random)};
}

Duration SimulatedWorld::exponential(Duration mean) {
    if (mean <= Duration{0}) return Duration{0};
    const double us =
        std::exponential_distribution<double>(1.0 / static_cast<double>(mean.count()))(random);
    return Duration{static_cast<std::int64_t>(us)};
}

const Sound &SimulatedWorld::any_of(const std::vector<Sound> &sounds) {
    return sounds[random() % sounds.size()];
}

bool SimulatedWorld::next_speaks(Voice voice) {
    std::int64_t &so_far = voice == Voice::caller ? citizens_so_far : answers_so_far;
    return !options.silent || so_far++ < options.speaking;
}

std::unique_ptr<RtpStream> SimulatedWorld::open_stream(Voice voice, bool speaks) {
    auto ssrc = static_cast<std::uint32_t>(random() | 1u) & ~kPersonMask;
    ssrc |= voice == Voice::person ? kPersonMark : ~kPersonMark & kPersonMask;
    auto stream = RtpStream::open(options.own_address, ssrc);
    if (!stream) return nullptr;
    if (speaks) ticker.add(stream->get());
    return std::move(*stream);
}

void SimulatedWorld::close_stream(std::unique_ptr<RtpStream> &stream) {
    if (!stream) return;
    ticker.remove(stream.get());
    add_sound(stream->counters(), statistics);
    stream.reset();
}

bool is_person(std::uint32_t ssrc) {
    return (ssrc & kPersonMask) == kPersonMark;
}

void add_sound(const RtpCounters &counters, SimulatorStatistics &to) {
    to.rtp_sent += counters.sent;
    to.rtp_received += counters.received;
    to.rtp_lost += counters.lost;
}

// --- citizens ---------------------------------------------------------------------------------

SimulatedCitizen::SimulatedCitizen(SimulatedWorld &world, CallLegs &legs,
                                   std::function<void()> finished)
    : world_(world), legs_(legs), finished_(std::move(finished)) {}

SimulatedCitizen::~SimulatedCitizen() {
    world_.loop.cancel(timer_);
    world_.close_stream(stream_);
}

bool SimulatedCitizen::dial(const std::string &e164) {
    constexpr auto kVoice = SimulatedWorld::Voice::caller;
    stream_ = world_.open_stream(kVoice, world_.next_speaks(kVoice));
    if (!stream_) return false;
    const bool withheld = std::bernoulli_distribution(world_.options.withheld_share)(world_.random);
    OutgoingCall call;
    call.target = fmt::format("sip:{}@{}:{};transport={}", e164, world_.options.host,
                              world_.options.port, world_.options.transport);
    call.from_user = withheld ? "anonymous" : invented_number(world_.random);
    call.offer = stream_->sdp();
    ++world_.statistics.offered;
    leg_ = legs_.invite(call, this);
    return true;
}

void SimulatedCitizen::on_answered(LegId, const std::string &sdp) {
    ++world_.statistics.connected;
    connected_us_ = monotonic_us();
    if (state_ == State::finished || !stream_->send_to(sdp)) return hang_up();
    state_ = State::waiting;
    timer_ = world_.loop.after(world_.exponential(world_.options.patience_mean), [this] {
        timer_ = Loop::TimerId::none;
        if (state_ != State::waiting) return;
        gave_up_ = true;
        hang_up();
    });
}

void SimulatedCitizen::tick() {
    if (!stream_ || state_ == State::finished) return;
    const auto &counters = stream_->counters();
    if (!heard_greeting_ && counters.loud >= kUnderstood && state_ == State::waiting) {
        heard_greeting_ = true;
        ++world_.statistics.heard_greeting;
    }
    const auto speaker = stream_->source();
    if (state_ != State::waiting || counters.received == 0) return;
    if (announcer_ == 0 && !is_person(speaker)) announcer_ = speaker;
    if (speaker != announcer_) reach_person();
}

void SimulatedCitizen::reach_person() {
    state_ = State::talking;
    ++world_.statistics.reached_person;
    world_.statistics.waited += Duration{monotonic_us() - connected_us_};
    loud_before_person_ = stream_->counters().loud;
    stream_->play(world_.any_of(world_.voices.questions));
    world_.loop.cancel(timer_);
    const auto talk = world_.between(world_.options.talk_least, world_.options.talk_most);
    // The colleague hangs up kPoliteness later at the earliest, but counts from its own answer, of
    // which the citizen hears later.
    cut_before_us_ = monotonic_us() + std::min(talk, world_.options.talk_least).count();
    timer_ = world_.loop.after(talk, [this] { say_goodbye(); });
}

void SimulatedCitizen::say_goodbye() {
    timer_ = Loop::TimerId::none;
    if (state_ != State::talking) return;
    state_ = State::saying_goodbye;
    stream_->play(world_.voices.citizen_goodbye);
    const auto wait = length_of(world_.voices.citizen_goodbye);
    timer_ = world_.loop.after(wait, [this] {
        timer_ = Loop::TimerId::none;
        hang_up();
    });
}

void SimulatedCitizen::hang_up() {
    hung_up_ = true;
    if (leg_ && state_ != State::finished) legs_.hang_up(leg_, false);
}

void SimulatedCitizen::on_failed(LegId, int sip_status) {
    auto &statistics = world_.statistics;
    if (gave_up_) {
        ++statistics.abandoned;
    } else if (sip_status == kRequestTimeout) {
        ++statistics.lost;
    } else {
        ++statistics.rejected;
        ++statistics.rejected_by_status[sip_status];
    }
    finish();
}

void SimulatedCitizen::on_ended(LegId, routing::HangUpCause cause) {
    auto &statistics = world_.statistics;
    if (!hung_up_ && monotonic_us() < cut_before_us_) ++statistics.cut;
    if (cause == routing::HangUpCause::signalling) {
        ++statistics.lost;
    } else if (state_ == State::talking || state_ == State::saying_goodbye) {
        ++statistics.completed;
    } else if (gave_up_) {
        ++statistics.abandoned;
    } else {
        ++statistics.turned_away;
    }
    if (stream_ && statistics.reached_person > 0 &&
        (state_ == State::talking || state_ == State::saying_goodbye) &&
        stream_->counters().loud >= loud_before_person_ + kUnderstood)
        ++statistics.understood;
    finish();
}

void SimulatedCitizen::on_offer(LegId leg, const std::string &sdp) {
    legs_.answer_offer(leg, stream_ && stream_->send_to(sdp) ? stream_->sdp() : "");
}

void SimulatedCitizen::on_refer(LegId leg, const std::string &) {
    legs_.answer_refer(leg, false);
}

void SimulatedCitizen::finish() {
    if (state_ == State::finished) return;
    state_ = State::finished;
    world_.loop.cancel(std::exchange(timer_, Loop::TimerId::none));
    world_.close_stream(stream_);
    leg_ = {};
    finished_();
}

// --- colleagues -------------------------------------------------------------------------------

SimulatedColleague::SimulatedColleague(SimulatedWorld &world, CallLegs &legs, std::string user,
                                       const std::vector<Sound> &sentences,
                                       std::function<void()> free)
    : world_(world), legs_(legs), user_(std::move(user)), sentences_(sentences),
      free_(std::move(free)) {}

SimulatedColleague::~SimulatedColleague() {
    world_.loop.cancel(timer_);
    world_.loop.cancel(wrap_up_);
    world_.close_stream(stream_);
}

void SimulatedColleague::take(const IncomingCall &call) {
    if (leg_) return legs_.reject(call.leg, 486, reason_header(486, "Busy"));
    ++world_.statistics.rung;
    world_.loop.cancel(std::exchange(wrap_up_, Loop::TimerId::none));
    leg_ = call.leg;
    legs_.listen(leg_, this);
    legs_.ring(leg_);
    const auto wait =
        world_.between(world_.options.answer_after_least, world_.options.answer_after_most);
    timer_ = world_.loop.after(wait, [this, offer = call.offer] {
        timer_ = Loop::TimerId::none;
        answer(offer);
    });
}

void SimulatedColleague::answer(const std::string &offer) {
    constexpr auto kVoice = SimulatedWorld::Voice::person;
    speaks_ = world_.next_speaks(kVoice);
    stream_ = world_.open_stream(kVoice, speaks_);
    if (!stream_ || !stream_->send_to(offer)) {
        legs_.reject(leg_, 488, reason_header(488, "No usable audio"));
        return;
    }
    talking_ = true;
    ++world_.statistics.answered;
    legs_.answer(leg_, stream_->sdp());
    stream_->play(world_.any_of(sentences_));
    // Citizens end most calls; a colleague ends those that go on for longer.
    const auto wished = world_.between(world_.options.talk_least, world_.options.talk_most);
    ends_at_us_ = monotonic_us() + wished.count();
    if (!speaks_) { // nobody to be polite to: the time is exact
        timer_ = world_.loop.after(wished, [this] {
            timer_ = Loop::TimerId::none;
            hang_up();
        });
        return;
    }
    const auto talk = wished + kPoliteness;
    timer_ = world_.loop.after(talk, [this] { say_goodbye(); });
}

void SimulatedColleague::say_goodbye() {
    timer_ = Loop::TimerId::none;
    if (!talking_) return;
    stream_->play(world_.voices.colleague_goodbye);
    timer_ = world_.loop.after(length_of(world_.voices.colleague_goodbye), [this] {
        timer_ = Loop::TimerId::none;
        hang_up();
    });
}

void SimulatedColleague::hang_up() {
    hung_up_ = true;
    if (leg_) legs_.hang_up(leg_, false);
}

void SimulatedColleague::on_failed(LegId, int) {
    over();
}

void SimulatedColleague::on_ended(LegId, routing::HangUpCause) {
    if (!talking_) ++world_.statistics.gave_up_ringing;
    const bool too_early = talking_ && !hung_up_ && monotonic_us() < ends_at_us_;
    if (too_early && !speaks_) ++world_.statistics.cut;
    if (talking_ && stream_->counters().loud >= kUnderstood) ++world_.statistics.understood_citizen;
    if (talking_ && world_.options.finish_wrap_up) {
        const auto wait = world_.between(world_.options.wrap_up_least, world_.options.wrap_up_most);
        wrap_up_ = world_.loop.after(wait, [this] {
            wrap_up_ = Loop::TimerId::none;
            world_.options.finish_wrap_up(user_);
        });
    }
    over();
}

void SimulatedColleague::on_offer(LegId leg, const std::string &sdp) {
    legs_.answer_offer(leg, stream_ && stream_->send_to(sdp) ? stream_->sdp() : "");
}

void SimulatedColleague::on_refer(LegId leg, const std::string &) {
    legs_.answer_refer(leg, false);
}

void SimulatedColleague::over() {
    world_.loop.cancel(std::exchange(timer_, Loop::TimerId::none));
    world_.close_stream(stream_);
    talking_ = false;
    hung_up_ = false;
    leg_ = {};
    if (free_) free_();
}

} // namespace fernamt::telephony
