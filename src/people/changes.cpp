// SPDX-License-Identifier: EUPL-1.2
#include "people/changes.h"

#include <map>
#include <mutex>

namespace fernamt::people {

namespace {

struct Subscription {
    storage::Database *database;
    std::function<void()> then;
};

// One per process, because databases are: a reader need not know every writer.
struct Registry {
    std::mutex mutex;
    std::map<int, Subscription> subscriptions;
    int next = 1;
};

Registry &registry() {
    static Registry one;
    return one;
}

} // namespace

int on_people_changed(storage::Database &database, std::function<void()> then) {
    Registry &all = registry();
    const std::lock_guard lock(all.mutex);
    all.subscriptions.emplace(all.next, Subscription{&database, std::move(then)});
    return all.next++;
}

void forget_people_changed(int subscription) {
    Registry &all = registry();
    const std::lock_guard lock(all.mutex);
    all.subscriptions.erase(subscription);
}

void people_changed(storage::Database &database) {
    Registry &all = registry();
    const std::lock_guard lock(all.mutex); // held: a reader cannot vanish while it is told
    for (const auto &[number, subscription] : all.subscriptions) {
        if (subscription.database == &database) subscription.then();
    }
}

} // namespace fernamt::people
