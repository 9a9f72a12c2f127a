// SPDX-License-Identifier: EUPL-1.2
// When to register at a trunk and when to ask whether it is there (RFC 3261 10.2, OPTIONS), and
// what is known about it: pure, no clock; random is given in. Back-off after failures as in RFC
// 5626 4.5.
#pragma once

#include "base/time.h"

#include <cstdint>
#include <variant>
#include <vector>

namespace fernamt::telephony {

class TrunkKeeper {
  public:
    struct Settings {
        bool registers = false;
        int expires = 300;
        Duration options_interval = 30s; // 0: none
    };
    enum class Question { registration, options };

    struct Start {};
    struct Answered { // final; 408 and 503 also stand for "no answer"
        Question question = Question::registration;
        int status = 0;
        int expires = 0;     // granted
        int min_expires = 0; // with 423
        int retry_after = 0;
    };
    struct Due {
        Question question = Question::registration;
    };
    using Input = std::variant<Start, Answered, Due>;

    struct Ask {
        Question question = Question::registration;
        int expires = 0;
    };
    struct AskLater {
        Question question = Question::registration;
        Duration after{};
    };
    struct Changed {
        bool up = false;
    };
    using Action = std::variant<Ask, AskLater, Changed>;

    explicit TrunkKeeper(Settings settings) : settings_(settings), expires_(settings.expires) {}
    [[nodiscard]] std::vector<Action> handle(const Input &input, std::uint32_t random);
    [[nodiscard]] bool registered() const { return registered_; }
    [[nodiscard]] bool up() const;

  private:
    void on_registration(const Answered &answer, std::uint32_t random);
    void on_options(const Answered &answer);

    Settings settings_;
    int expires_;
    int failures_ = 0;
    bool registered_ = false;
    bool answers_ = true; // until it has not
    int silent_ = 0;
    std::vector<Action> actions_;
};

} // namespace fernamt::telephony
