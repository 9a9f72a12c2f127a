// SPDX-License-Identifier: EUPL-1.2
#include "telephony/trunk.h"

#include <algorithm>
#include <utility>

namespace fernamt::telephony {

namespace {
constexpr int kSilentUntilDown = 2; // one lost OPTIONS is no outage
constexpr int kBackOffFirst = 5;    // seconds
constexpr int kBackOffMost = 300;
} // namespace

bool TrunkKeeper::up() const {
    return answers_ && (registered_ || !settings_.registers);
}

std::vector<TrunkKeeper::Action> TrunkKeeper::handle(const Input &input, std::uint32_t random) {
    const bool was_up = up();
    actions_.clear();
    if (std::holds_alternative<Start>(input)) {
        if (settings_.registers) actions_.emplace_back(Ask{Question::registration, expires_});
        if (settings_.options_interval > 0s) actions_.emplace_back(Ask{Question::options, 0});
    } else if (const auto *due = std::get_if<Due>(&input)) {
        actions_.emplace_back(
            Ask{due->question, due->question == Question::registration ? expires_ : 0});
    } else {
        const auto &answer = std::get<Answered>(input);
        if (answer.question == Question::registration)
            on_registration(answer, random);
        else
            on_options(answer);
    }
    if (up() != was_up) actions_.emplace_back(Changed{up()});
    return std::exchange(actions_, {});
}

void TrunkKeeper::on_registration(const Answered &answer, std::uint32_t random) {
    if (answer.status >= 200 && answer.status < 300) {
        registered_ = true;
        failures_ = 0;
        const int granted = answer.expires > 0 ? answer.expires : expires_;
        // Early enough for a second try, and not all trunks at the same moment.
        const int wait = std::max(granted / 2 + static_cast<int>(random % 10) * granted / 100, 1);
        actions_.emplace_back(AskLater{Question::registration, std::chrono::seconds(wait)});
        return;
    }
    if (answer.status == 423 && answer.min_expires > expires_) {
        expires_ = answer.min_expires;
        actions_.emplace_back(Ask{Question::registration, expires_});
        return;
    }
    registered_ = false;
    const int doubled = kBackOffFirst << std::min(failures_++, 6);
    int wait = std::min(doubled, kBackOffMost);
    wait = wait / 2 + static_cast<int>(random % static_cast<unsigned>(wait / 2 + 1));
    wait = std::max(wait, std::min(answer.retry_after, 3600));
    actions_.emplace_back(AskLater{Question::registration, std::chrono::seconds(wait)});
}

void TrunkKeeper::on_options(const Answered &answer) {
    // Any answer of the far end shows that it is there (404 and 405 too); 408 and 503 do not.
    const bool alive = answer.status != 408 && answer.status != 503;
    silent_ = alive ? 0 : silent_ + 1;
    if (alive) answers_ = true;
    if (silent_ >= kSilentUntilDown) answers_ = false;
    actions_.emplace_back(AskLater{Question::options, settings_.options_interval});
}

} // namespace fernamt::telephony
