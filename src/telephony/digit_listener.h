// SPDX-License-Identifier: EUPL-1.2
// Listens for the keys that rtpengine reports (--dtmf-log-dest: one JSON datagram per key, UDP,
// without acknowledgement). Hands each datagram on and keeps nothing: keys may be personal data.
#pragma once

#include "base/problem.h"
#include "telephony/loop.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace fernamt::telephony {

class DigitListener {
  public:
    using Report = std::function<void(std::string_view)>;
    // Problem: media.digits (the port is taken, or no address of ours).
    [[nodiscard]] static Expected<std::unique_ptr<DigitListener>>
    open(Loop &loop, const std::string &address, int port, Report report);
    ~DigitListener();
    DigitListener(const DigitListener &) = delete;
    DigitListener &operator=(const DigitListener &) = delete;

  private:
    DigitListener(Loop &loop, int fd, Report report);
    void receive();

    Loop &loop_;
    int fd_;
    Report report_;
};

} // namespace fernamt::telephony
