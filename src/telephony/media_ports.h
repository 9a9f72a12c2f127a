// SPDX-License-Identifier: EUPL-1.2
// A range of UDP ports for the sound of one rtpengine that no other Fernamt on this machine has.
// rtpengine binds with SO_REUSEADDR: two of them on one range take each other's packets without an
// error. Held by an abstract socket, so that it is free again when the process is gone, however it
// ended; knows nothing of programs that are not Fernamt.
#pragma once

#include <optional>

namespace fernamt::telephony {

class MediaPorts {
  public:
    // The first free one of `ranges` ranges of `count` ports each, from `first` on.
    [[nodiscard]] static std::optional<MediaPorts> take(int first, int count, int ranges);

    MediaPorts(MediaPorts &&other) noexcept;
    MediaPorts &operator=(MediaPorts &&) = delete;
    ~MediaPorts();

    [[nodiscard]] int first() const { return first_; }
    [[nodiscard]] int last() const { return last_; }

  private:
    MediaPorts(int first, int last, int lock) : first_(first), last_(last), lock_(lock) {}

    int first_, last_;
    int lock_;
};

} // namespace fernamt::telephony
