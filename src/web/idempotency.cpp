// SPDX-License-Identifier: EUPL-1.2
#include "web/idempotency.h"

#include <algorithm>
#include <functional>

namespace fernamt::web {

namespace {

constexpr Duration kKeptFor = std::chrono::hours{1};
constexpr std::size_t kMostEntries = 1000;

} // namespace

bool Idempotency::is_key(std::string_view text) {
    const auto allowed = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '_' || c == '-';
    };
    return text.size() >= 8 && text.size() <= 100 && std::all_of(text.begin(), text.end(), allowed);
}

Expected<std::optional<Reply>> Idempotency::begin(const std::string &key, std::string_view body,
                                                  Instant now) {
    const std::scoped_lock lock(mutex_);
    drop_old(now);
    const std::size_t hash = std::hash<std::string_view>{}(body);
    const auto [entry, is_new] = entries_.try_emplace(key, Entry{hash, now, std::nullopt});
    if (is_new) return std::optional<Reply>();
    if (entry->second.body_hash != hash) {
        return fail(ProblemKind::invalid_input, "request.idempotency_key_reused");
    }
    if (!entry->second.response) {
        return fail(ProblemKind::conflict, "request.idempotency_key_at_work");
    }
    return entry->second.response;
}

void Idempotency::finish(const std::string &key, const Reply &reply) {
    const std::scoped_lock lock(mutex_);
    const auto entry = entries_.find(key);
    if (entry != entries_.end()) entry->second.response = reply;
}

void Idempotency::forget(const std::string &key) {
    const std::scoped_lock lock(mutex_);
    entries_.erase(key);
}

void Idempotency::drop_old(Instant now) {
    std::erase_if(entries_, [&](const auto &item) { return now - item.second.at > kKeptFor; });
    if (entries_.size() < kMostEntries) return;
    const auto older = [](const auto &a, const auto &b) { return a.second.at < b.second.at; };
    entries_.erase(std::min_element(entries_.begin(), entries_.end(), older));
}

} // namespace fernamt::web
