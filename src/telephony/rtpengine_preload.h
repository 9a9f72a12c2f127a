// SPDX-License-Identifier: EUPL-1.2
// The library that rtpengine is started with, so that it hears again after it stood still (a
// stopped process, a machine that swaps): preload/media_sockets.cpp says why and how. It lies
// within our own program and is handed over in memory, so there is no file to install, to find or
// to update.
#pragma once

#include <string>

namespace fernamt::telephony {

class RtpenginePreload {
  public:
    static constexpr const char *kName = "fernamt-media-sockets"; // as /proc/PID/maps shows it

    RtpenginePreload();
    ~RtpenginePreload(); // a process that was started with it keeps it
    RtpenginePreload(const RtpenginePreload &) = delete;
    RtpenginePreload &operator=(const RtpenginePreload &) = delete;

    // For LD_PRELOAD of a process that this one starts while this object lives. Empty where the
    // system has no files in memory: rtpengine runs without it then.
    [[nodiscard]] std::string path() const;

  private:
    int fd_ = -1;
};

} // namespace fernamt::telephony
