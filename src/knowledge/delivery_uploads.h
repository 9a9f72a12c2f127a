// SPDX-License-Identifier: EUPL-1.2
// What is being handed in: each upload is a folder of its own below one directory, written piece by
// piece, so that memory holds one piece whatever the size. A piece that is sent again does no harm;
// one that leaves a gap is refused with the place to go on from. Uploads belong to who began them,
// are forgotten after an hour without a piece and never outlive the process. Thread-safe.
#pragma once

#include "base/id.h"
#include "base/problem.h"
#include "base/time.h"

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace fernamt::knowledge {

class DeliveryUploads {
  public:
    struct Limits {
        std::uint64_t most_bytes = std::uint64_t{4} << 30; // of one upload
        std::size_t most_uploads = 8;
        // The ledger of calls writes to the same disk: so much stays free.
        std::uint64_t keep_free_bytes = std::uint64_t{512} << 20;
    };
    DeliveryUploads(std::filesystem::path directory, const Clock &clock, Limits limits);
    ~DeliveryUploads();
    DeliveryUploads(const DeliveryUploads &) = delete;
    DeliveryUploads &operator=(const DeliveryUploads &) = delete;

    // "knowledge.upload_too_large" (most), "knowledge.upload_too_many", "knowledge.delivery_disk".
    [[nodiscard]] Expected<std::string> begin(UserId by, const std::string &name,
                                              std::uint64_t bytes);
    // How much is there now. "knowledge.upload_not_found", "knowledge.upload_offset" (received).
    [[nodiscard]] Expected<std::uint64_t> add(UserId by, const std::string &upload,
                                              std::uint64_t offset, std::string_view bytes);
    [[nodiscard]] Expected<void> drop(UserId by, const std::string &upload);
    // The whole file, and its folder for the taker to remove. "knowledge.upload_incomplete"
    // (received, of).
    struct Taken {
        std::filesystem::path folder;
        std::filesystem::path file;
    };
    [[nodiscard]] Expected<Taken> take(UserId by, const std::string &upload);
    // An empty folder for somebody who writes several files into it, and removes it.
    [[nodiscard]] Expected<std::filesystem::path> make_folder();
    // Into a file of such a folder, at once: of several that write, none takes the room that
    // another was promised. "knowledge.delivery_disk", "knowledge.upload_unwritable".
    [[nodiscard]] Expected<void> write(std::ostream &file, std::string_view bytes);
    // "knowledge.delivery_disk" when nothing may be written any more.
    [[nodiscard]] Expected<void> check_disk(std::uint64_t bytes = 0) const;

  private:
    struct Upload {
        UserId by;
        std::filesystem::path folder;
        std::filesystem::path file;
        std::uint64_t bytes = 0;
        std::uint64_t received = 0;
        Instant touched;
    };
    using Uploads = std::map<std::string, Upload>;
    [[nodiscard]] Expected<Uploads::iterator> find(UserId by, const std::string &upload);
    void forget_abandoned();
    [[nodiscard]] Expected<void> write_alone(std::ostream &file, std::string_view bytes) const;

    const std::filesystem::path directory_;
    const Clock &clock_;
    const Limits limits_;
    std::mutex mutex_;
    Uploads uploads_;
};

} // namespace fernamt::knowledge
