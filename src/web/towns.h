// SPDX-License-Identifier: EUPL-1.2
// The names of the municipalities, as many routes need them beside an ARS: held in memory, read
// again when a municipality has changed. Thread-safe.
#pragma once

#include "base/id.h"
#include "base/problem.h"

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace fernamt::web {

struct Town {
    MunicipalityId id;
    std::string name;
    std::string short_name;
    std::string greeting; // what the agent says
};

class Towns {
  public:
    using Load = std::function<Expected<std::vector<Town>>()>;
    explicit Towns(Load load) : load_(std::move(load)) {}

    // Nothing also when they cannot be read now: a desk without a name is better than no desk.
    [[nodiscard]] std::optional<Town> find(MunicipalityId id);
    [[nodiscard]] Expected<std::vector<Town>> all();
    void changed(); // read again at the next question

  private:
    [[nodiscard]] Expected<void> ensure_loaded();

    std::mutex mutex_;
    Load load_;
    bool loaded_ = false;
    std::map<MunicipalityId, Town> towns_;
};

} // namespace fernamt::web
