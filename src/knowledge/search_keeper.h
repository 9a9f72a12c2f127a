// SPDX-License-Identifier: EUPL-1.2
// Keeps the search as the database is, beside everything else: a thread of its own, which steps
// back where calls need the processor. A missing index of 200,000 documents takes it minutes;
// searches are answered by names meanwhile (knowledge/search.h). A build that fails is tried again,
// less and less often, also where an older index answers meanwhile: each try reads all documents.
#pragma once

#include "knowledge/search.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace fernamt::knowledge {

class SearchKeeper {
  public:
    struct Options {
        std::chrono::milliseconds every = std::chrono::seconds(2);
        std::chrono::milliseconds longest_pause = std::chrono::minutes(2); // after failures
        // An index was built: searches find everything from now on. From the keeper's thread.
        std::function<void()> on_built = {};
    };
    // The catalogue outlives it. Begins at once.
    SearchKeeper(Catalogue &catalogue, Options options);
    ~SearchKeeper(); // stops
    SearchKeeper(const SearchKeeper &) = delete;
    SearchKeeper &operator=(const SearchKeeper &) = delete;

    // Within one document; a half-built index is taken away.
    void stop();

  private:
    void run();
    [[nodiscard]] bool stops();
    // False: it failed, and the next try waits longer.
    bool look();

    Catalogue &catalogue_;
    const Options options_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stops_ = false;
    std::thread thread_;
};

} // namespace fernamt::knowledge
