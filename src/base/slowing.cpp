// SPDX-License-Identifier: EUPL-1.2
#include "base/slowing.h"

#include <algorithm>

namespace fernamt {

namespace {

// One customer has a whole /64 of IPv6 addresses: count it as one.
std::string network_of(std::string_view address) {
    if (address.find(':') == std::string_view::npos) return std::string(address);
    const std::size_t gap = address.find("::");
    std::size_t end = 0;
    for (int groups = 0; end < address.size(); ++end) {
        if (address[end] == ':' && ++groups == 4) break;
    }
    return std::string(address.substr(0, std::min({end, gap, address.size()}))) + "::/64";
}

std::string pair_key(std::string_view login, const std::string &network) {
    return network + '\n' + std::string(login);
}

} // namespace

Slowing::Count &Slowing::count(Counts &counts, const std::string &key, Instant now) {
    if (counts.size() >= limits_.most_entries && !counts.contains(key)) {
        std::erase_if(
            counts, [&](const auto &one) { return now - one.second.last > limits_.forget_after; });
        if (counts.size() >= limits_.most_entries) {
            counts.erase(std::min_element(counts.begin(), counts.end(), [](auto &a, auto &b) {
                return a.second.last < b.second.last;
            }));
        }
    }
    Count &one = counts[key];
    if (now - one.last > limits_.forget_after) one = {};
    return one;
}

void Slowing::add(Count &one, int free, Duration first, Instant now) const {
    ++one.attempts;
    one.last = now;
    one.not_before_that = one.not_before;
    if (one.attempts < free) return;
    const int doublings = std::min(one.attempts - free, 20);
    one.not_before = now + std::min(first * (std::int64_t{1} << doublings), limits_.longest_delay);
}

std::optional<Duration> Slowing::attempt(std::string_view login, std::string_view address,
                                         Instant now) {
    const std::lock_guard lock(mutex_);
    const std::string network = network_of(address);
    Count &pair = count(pairs_, pair_key(login, network), now);
    Count &whole = count(addresses_, network, now);
    Count &everywhere = count(logins_, std::string(login), now);
    const Instant not_before = std::max(pair.not_before, whole.not_before);
    if (now < not_before) return not_before - now;
    const bool attacked = everywhere.attempts >= limits_.attacked_after;
    add(pair, attacked ? 1 : limits_.free_attempts,
        attacked ? limits_.attacked_delay : limits_.first_delay, now);
    // One that is slowed already counts no further towards its address: a phone that was set up
    // wrongly tries for ever, and its colleagues beside it must not pay for that.
    if (pair.attempts <= limits_.free_attempts)
        add(whole, limits_.free_per_address, limits_.first_delay, now);
    ++everywhere.attempts;
    everywhere.last = now;
    return std::nullopt;
}

void Slowing::succeeded(std::string_view login, std::string_view address) {
    withdrawn(login, address);
    const std::lock_guard lock(mutex_);
    pairs_.erase(pair_key(login, network_of(address)));
}

void Slowing::withdrawn(std::string_view login, std::string_view address) {
    const std::lock_guard lock(mutex_);
    const std::string network = network_of(address);
    const auto take_back = [](Counts &counts, std::string_view key) {
        const auto found = counts.find(key);
        if (found == counts.end()) return;
        found->second.attempts = std::max(found->second.attempts - 1, 0);
        found->second.not_before = found->second.not_before_that;
    };
    take_back(pairs_, pair_key(login, network));
    take_back(addresses_, network);
    take_back(logins_, login);
}

} // namespace fernamt
