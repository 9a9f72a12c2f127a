// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/delivery_office.h"

#include "base/log.h"
#include "knowledge/delivery_record.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::knowledge {

namespace {

using steady = std::chrono::steady_clock;

constexpr auto kTellEvery = std::chrono::milliseconds(500);
constexpr auto kLongestPause = std::chrono::milliseconds(250);

tl::unexpected<Problem> interrupted(std::int64_t id) {
    return fail(ProblemKind::unavailable, "knowledge.delivery_interrupted",
                {{"delivery", fmt::format("{}", id)}});
}

tl::unexpected<Problem> busy(std::int64_t id) {
    return fail(ProblemKind::conflict, "knowledge.delivery_busy",
                {{"delivery", fmt::format("{}", id)}});
}

} // namespace

std::string_view to_string(DeliveryStep step) {
    switch (step) {
    case DeliveryStep::read:
        return "read";
    case DeliveryStep::apply:
        return "apply";
    case DeliveryStep::undo:
        return "undo";
    case DeliveryStep::erase:
        return "erase";
    }
    return "read";
}

DeliveryOffice::DeliveryOffice(storage::Database &database, const Clock &clock, Options options)
    : database_(database), clock_(clock), options_(std::move(options)),
      uploads_(options_.directory, clock, options_.uploads), thread_([this] { run(); }) {}

DeliveryOffice::~DeliveryOffice() {
    stop();
}

void DeliveryOffice::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stops_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

Expected<std::int64_t> DeliveryOffice::read(UserId by, const DeliveryOptions &options,
                                            const std::filesystem::path &folder) {
    Job job{.progress = {.of = std::nullopt}, .options = options, .folder = folder};
    if (options.schema_file.empty() && !options.converted) {
        job.options.schema_file = options_.schema_file;
    }
    std::unique_lock opening(opening_);
    const auto id = open_delivery(database_, clock_, options, by);
    if (!id) return id;
    job.progress.id = *id;
    if (auto pushed = push(std::move(job)); !pushed) return tl::unexpected(pushed.error());
    opening.unlock();
    tell(false);
    return id;
}

Expected<void> DeliveryOffice::apply(std::int64_t id, const DeliveryOptions &options) {
    const auto held = hold(id);
    if (!held) return tl::unexpected(held.error());
    if (auto allowed = check_apply(database_, id, options); !allowed) return allowed;
    const auto delivery = delivery_record(database_, id);
    if (!delivery) return tl::unexpected(delivery.error());
    Job job{.progress = {.id = id,
                         .step = DeliveryStep::apply,
                         .of = delivery->objects + delivery->vanishing},
            .options = options,
            .folder = {}};
    job.options.undo_days = options_.undo_days;
    return queue(std::move(job));
}

Expected<void> DeliveryOffice::undo(std::int64_t id) {
    const auto held = hold(id);
    if (!held) return tl::unexpected(held.error());
    if (auto allowed = check_undo(database_, clock_, id); !allowed) return allowed;
    return queue({.progress = {.id = id, .step = DeliveryStep::undo, .of = std::nullopt},
                  .options = {},
                  .folder = {}});
}

Expected<void> DeliveryOffice::discard(std::int64_t id) {
    const auto held = hold(id);
    if (!held) return tl::unexpected(held.error());
    const auto delivery = delivery_record(database_, id);
    if (!delivery) return tl::unexpected(delivery.error());
    if (delivery->state == "staging") { // opened just now, or its reading left it so
        const std::scoped_lock opening(opening_);
        if (progress(id)) return busy(id);
    }
    auto done = discard_delivery(database_, id,
                                 {.piece_objects = options_.piece_objects, .after_piece = {}});
    tell(false);
    return done;
}

Expected<void> DeliveryOffice::erase_what_is_over() {
    const auto over = find_over(database_, clock_, options_.undo_days);
    if (!over) return tl::unexpected(over.error());
    for (const std::int64_t id : *over) {
        const auto held = hold(id);
        if (!held) continue; // being erased, or decided about at the last moment
        const auto queued =
            queue({.progress = {.id = id, .step = DeliveryStep::erase, .of = std::nullopt},
                   .options = {},
                   .folder = {}});
        if (!queued) return queued;
    }
    return {};
}

std::optional<DeliveryProgress> DeliveryOffice::progress(std::int64_t id) const {
    const std::scoped_lock lock(mutex_);
    const Job *job = find(id);
    return job && job->progress.step != DeliveryStep::erase ? std::optional(job->progress)
                                                            : std::nullopt;
}

void DeliveryOffice::wait_for(std::int64_t id) const {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stops_ || find(id) == nullptr; });
}

const DeliveryOffice::Job *DeliveryOffice::find(std::int64_t id) const {
    const auto found =
        std::ranges::find_if(jobs_, [&](const Job &job) { return job.progress.id == id; });
    return found == jobs_.end() ? nullptr : &*found;
}

Expected<DeliveryOffice::Hold> DeliveryOffice::hold(std::int64_t id) {
    const std::scoped_lock lock(mutex_);
    if (stops_) return interrupted(id);
    if (find(id) != nullptr || !held_.insert(id).second) return busy(id);
    return Hold(*this, id);
}

void DeliveryOffice::let_go(std::int64_t id) {
    const std::scoped_lock lock(mutex_);
    held_.erase(id);
}

Expected<void> DeliveryOffice::push(Job job) {
    {
        const std::scoped_lock lock(mutex_);
        if (stops_) return interrupted(job.progress.id);
        jobs_.push_back(std::move(job));
    }
    changed_.notify_all();
    return {};
}

Expected<void> DeliveryOffice::queue(Job job) {
    auto pushed = push(std::move(job));
    if (pushed) tell(false);
    return pushed;
}

void DeliveryOffice::run() {
    take_up_interrupted();
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return stops_ || !jobs_.empty(); });
        if (stops_) return;
        jobs_.front().progress.waiting = false;
        const Job job = jobs_.front();
        lock.unlock();
        work(job);
        lock.lock();
        jobs_.pop_front();
        changed_.notify_all();
        lock.unlock();
        const DeliveryStep step = job.progress.step;
        tell(step == DeliveryStep::apply || step == DeliveryStep::undo);
        lock.lock();
    }
}

// Somebody had decided it; half of a delivery is what nobody wants.
void DeliveryOffice::take_up_interrupted() {
    const auto left = clean_up_deliveries(database_, clock_);
    if (!left) {
        log::warning("knowledge.deliveries_unreadable", {{"problem", describe(left.error())}});
        return;
    }
    for (const InterruptedDelivery &each : *left) {
        log::info("knowledge.delivery_goes_on", {{"delivery", each.id}});
        if (auto queued = each.undoing ? undo(each.id) : apply(each.id, {}); !queued) {
            log::warning("knowledge.delivery_stopped",
                         {{"delivery", each.id}, {"problem", describe(queued.error())}});
        }
    }
}

void DeliveryOffice::work(const Job &job) {
    const std::string step(to_string(job.progress.step));
    const auto done = take_step(job);
    if (!job.folder.empty()) {
        std::error_code ignored;
        std::filesystem::remove_all(job.folder, ignored);
    }
    if (!done) {
        // A refusal, too: the day of undoing may have ended since it was asked for.
        if (job.progress.step == DeliveryStep::apply || job.progress.step == DeliveryStep::undo)
            (void)note_problem(database_, job.progress.id, done.error());
        log::warning(
            "knowledge.delivery_stopped",
            {{"delivery", job.progress.id}, {"step", step}, {"problem", describe(done.error())}});
        return;
    }
    log::info("knowledge.delivery", {{"delivery", done->id},
                                     {"step", step},
                                     {"state", done->state},
                                     {"objects", done->objects},
                                     {"refused", done->refused}});
}

Expected<DeliveryReport> DeliveryOffice::take_step(const Job &job) {
    const std::int64_t id = job.progress.id;
    const DeliveryPace pace = pace_for(id);
    switch (job.progress.step) {
    case DeliveryStep::apply:
        return apply_delivery(database_, clock_, id, job.options, pace);
    case DeliveryStep::undo:
        return undo_delivery(database_, clock_, id, pace);
    case DeliveryStep::erase:
        return erase_over(database_, clock_, id, options_.undo_days, pace);
    case DeliveryStep::read:
        break;
    }
    return read_delivery(database_, clock_, id, job.options, pace);
}

DeliveryPace DeliveryOffice::pace_for(std::int64_t id) {
    return {.piece_objects = options_.piece_objects,
            .after_piece = [this, id, began = steady::now()](std::int64_t objects) mutable {
                return between_pieces(id, objects, began);
            }};
}

Expected<void> DeliveryOffice::between_pieces(std::int64_t id, std::int64_t objects,
                                              steady::time_point &began) {
    const auto pause = std::min<steady::duration>(steady::now() - began, kLongestPause);
    bool tells = false, erases = false;
    {
        std::unique_lock lock(mutex_);
        tells = steady::now() - told_ >= kTellEvery;
        jobs_.front().progress.objects = objects;
        erases = jobs_.front().progress.step == DeliveryStep::erase; // which makes room
        // A lock is given to nobody in particular: whoever waits needs time to take it.
        changed_.wait_for(lock, pause, [this] { return stops_; });
        if (stops_) return interrupted(id);
    }
    if (auto room = uploads_.check_disk(); !room && !erases) return room;
    if (tells) tell(false);
    began = steady::now();
    return {};
}

void DeliveryOffice::tell(bool knowledge_changed) {
    {
        const std::scoped_lock lock(mutex_);
        told_ = steady::now();
    }
    if (options_.on_change) options_.on_change(knowledge_changed);
}

} // namespace fernamt::knowledge
