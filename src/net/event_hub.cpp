// SPDX-License-Identifier: EUPL-1.2
#include "net/event_hub.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::net {
namespace {

// Lines of an event must not be split by its data (HTML, section "server-sent events").
std::string wire_form(std::int64_t id, const EventHub::Event &event) {
    std::string text = fmt::format("id: {}\nevent: ", id);
    std::copy_if(event.topic.begin(), event.topic.end(), std::back_inserter(text),
                 [](char c) { return c != '\n' && c != '\r'; });
    text += "\ndata: ";
    for (const char c : event.data) {
        if (c == '\r') continue;
        if (c == '\n') {
            text += "\ndata: ";
        } else {
            text += c;
        }
    }
    return text + "\n\n";
}

constexpr std::size_t kRemembered = 4096;

} // namespace

EventHub::Impl::Impl(std::size_t remembered, Instant epoch)
    : remembered_(std::max<std::size_t>(remembered, 1)), newest_(epoch.us) {}

void EventHub::Impl::publish(EventHub::Event event) {
    const std::lock_guard lock(mutex_);
    ++newest_;
    std::string text = wire_form(newest_, event);
    ring_.push_back(std::make_shared<const Entry>(
        Entry{newest_, std::move(text), std::move(event.visible_to)}));
    if (ring_.size() > remembered_) ring_.pop_front();
    for (const auto &[subscription, wake] : wakes_)
        wake();
}

std::int64_t EventHub::Impl::newest() const {
    const std::lock_guard lock(mutex_);
    return newest_;
}

EventHub::Impl::Batch EventHub::Impl::after(std::int64_t cursor,
                                            const std::string &audience) const {
    std::vector<std::shared_ptr<const Entry>> missed;
    Batch batch;
    {
        const std::lock_guard lock(mutex_);
        batch.cursor = newest_;
        const std::int64_t count = newest_ - cursor;
        batch.gap = count < 0 || count > static_cast<std::int64_t>(ring_.size());
        if (!batch.gap) missed.assign(ring_.end() - count, ring_.end());
    }
    for (const auto &entry : missed) {
        if (!entry->visible_to || entry->visible_to(audience)) batch.text += entry->text;
    }
    return batch;
}

int EventHub::Impl::subscribe(std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    wakes_.emplace(next_subscription_, std::move(wake));
    return next_subscription_++;
}

void EventHub::Impl::unsubscribe(int subscription) {
    const std::lock_guard lock(mutex_);
    wakes_.erase(subscription);
}

void EventHub::Impl::recheck_listeners() {
    ++rechecks_;
    const std::lock_guard lock(mutex_);
    for (const auto &[subscription, wake] : wakes_)
        wake();
}

void EventHub::Impl::count_listener(const std::string &audience, int by) {
    const std::lock_guard lock(mutex_);
    int &count = listeners_[audience];
    count += by;
    if (count == 0) listeners_.erase(audience);
}

int EventHub::Impl::listeners() const {
    const std::lock_guard lock(mutex_);
    int sum = 0;
    for (const auto &[audience, count] : listeners_)
        sum += count;
    return sum;
}

int EventHub::Impl::listeners(const std::string &audience) const {
    const std::lock_guard lock(mutex_);
    const auto found = listeners_.find(audience);
    return found != listeners_.end() ? found->second : 0;
}

EventHub::EventHub() : EventHub(kRemembered, SystemClock{}.now()) {}
EventHub::EventHub(std::size_t remembered_events, Instant epoch)
    : impl_(std::make_unique<Impl>(remembered_events, epoch)) {}
EventHub::~EventHub() = default;

void EventHub::publish(Event event) {
    impl_->publish(std::move(event));
}

void EventHub::recheck_listeners() {
    impl_->recheck_listeners();
}

int EventHub::listeners() const {
    return impl_->listeners();
}

int EventHub::listeners(const std::string &audience) const {
    return impl_->listeners(audience);
}

} // namespace fernamt::net
