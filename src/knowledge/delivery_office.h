// SPDX-License-Identifier: EUPL-1.2
// Deliveries beside a running exchange: one thread takes one step of one delivery at a time, in
// small pieces with pauses as long as the work, so that the one writer is there for calls. At the
// start it goes on with what an earlier process left half-way. Questions that can be refused are
// refused at once; what happens later stands in the delivery's record. Thread-safe.
#pragma once

#include "knowledge/delivery.h"
#include "knowledge/delivery_uploads.h"

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace fernamt::knowledge {

enum class DeliveryStep { read, apply, undo, erase };
[[nodiscard]] std::string_view to_string(DeliveryStep step);

struct DeliveryProgress {
    std::int64_t id = 0;
    DeliveryStep step = DeliveryStep::read;
    bool waiting = true;            // for another delivery's step
    std::int64_t objects = 0;       // done so far
    std::optional<std::int64_t> of; // known once all was read
};

class DeliveryOffice {
  public:
    struct Options {
        std::filesystem::path directory; // for uploads; its own
        DeliveryUploads::Limits uploads;
        std::size_t piece_objects = 40; // some milliseconds of the writer
        std::string schema_file;        // XSD for whatever names none and was not converted
        int undo_days =
            90; // as in DeliveryOptions, of all that is applied here; also for find_over
        // A state or a number changed; true: what readers see, too. From the office's thread, at
        // most some times a second.
        std::function<void(bool knowledge_changed)> on_change;
    };
    DeliveryOffice(storage::Database &database, const Clock &clock, Options options);
    ~DeliveryOffice(); // stops
    DeliveryOffice(const DeliveryOffice &) = delete;
    DeliveryOffice &operator=(const DeliveryOffice &) = delete;

    // Within one piece; what was under way goes on at the next start. Everything asked later is
    // refused with "knowledge.delivery_interrupted".
    void stop();

    [[nodiscard]] DeliveryUploads &uploads() { return uploads_; }

    // options.path is read in the background; folder (may be empty) is removed afterwards. The
    // delivery's number.
    [[nodiscard]] Expected<std::int64_t> read(UserId by, const DeliveryOptions &options,
                                              const std::filesystem::path &folder);
    // As delivery.h; also "knowledge.delivery_busy" while a step of it is under way, or somebody
    // else is asking for one. What is refused only when its turn comes is noted in the record.
    [[nodiscard]] Expected<void> apply(std::int64_t id, const DeliveryOptions &options);
    [[nodiscard]] Expected<void> undo(std::int64_t id);
    [[nodiscard]] Expected<void> discard(std::int64_t id);
    // Erases what is over after undo_days (find_over), in the background. What is interrupted is
    // named again the next time.
    [[nodiscard]] Expected<void> erase_what_is_over();

    // Of a step that somebody asked for.
    [[nodiscard]] std::optional<DeliveryProgress> progress(std::int64_t id) const;
    // Until no step of it is under way, or the office stops.
    void wait_for(std::int64_t id) const;

  private:
    struct Job {
        DeliveryProgress progress;
        DeliveryOptions options;
        std::filesystem::path folder;
    };

    // Between the question whether a step is possible and its end, or its place among the jobs,
    // nobody else may have another of the same delivery.
    class Hold {
      public:
        Hold(DeliveryOffice &office, std::int64_t id) : office_(&office), id_(id) {}
        Hold(Hold &&other) noexcept
            : office_(std::exchange(other.office_, nullptr)), id_(other.id_) {}
        Hold &operator=(Hold &&) = delete;
        Hold(const Hold &) = delete;
        Hold &operator=(const Hold &) = delete;
        ~Hold() {
            if (office_ != nullptr) office_->let_go(id_);
        }

      private:
        DeliveryOffice *office_;
        std::int64_t id_;
    };
    Expected<Hold> hold(std::int64_t id);
    void let_go(std::int64_t id);
    Expected<void> push(Job job);
    Expected<void> queue(Job job); // and says so
    [[nodiscard]] const Job *find(std::int64_t id) const;
    void run();
    void take_up_interrupted();
    void work(const Job &job);
    Expected<DeliveryReport> take_step(const Job &job);
    [[nodiscard]] DeliveryPace pace_for(std::int64_t id);
    Expected<void> between_pieces(std::int64_t id, std::int64_t objects,
                                  std::chrono::steady_clock::time_point &began);
    void tell(bool knowledge_changed);

    storage::Database &database_;
    const Clock &clock_;
    const Options options_;
    DeliveryUploads uploads_;
    std::mutex opening_; // held until what is opened has its job; before mutex_
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::deque<Job> jobs_;        // the first is under way
    std::set<std::int64_t> held_; // see Hold
    bool stops_ = false;
    std::chrono::steady_clock::time_point told_{};
    std::thread thread_;
};

} // namespace fernamt::knowledge
