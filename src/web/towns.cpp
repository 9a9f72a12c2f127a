// SPDX-License-Identifier: EUPL-1.2
#include "web/towns.h"

namespace fernamt::web {

std::optional<Town> Towns::find(MunicipalityId id) {
    const std::scoped_lock lock(mutex_);
    if (!ensure_loaded()) return std::nullopt;
    const auto found = towns_.find(id);
    if (found == towns_.end()) return std::nullopt;
    return found->second;
}

Expected<std::vector<Town>> Towns::all() {
    const std::scoped_lock lock(mutex_);
    if (auto loaded = ensure_loaded(); !loaded) return tl::unexpected(loaded.error());
    std::vector<Town> towns;
    towns.reserve(towns_.size());
    for (const auto &[id, town] : towns_)
        towns.push_back(town);
    return towns;
}

void Towns::changed() {
    const std::scoped_lock lock(mutex_);
    loaded_ = false;
}

Expected<void> Towns::ensure_loaded() {
    if (loaded_) return {};
    auto towns = load_();
    if (!towns) return tl::unexpected(towns.error());
    towns_.clear();
    for (Town &town : *towns)
        towns_.insert_or_assign(town.id, std::move(town));
    loaded_ = true;
    return {};
}

} // namespace fernamt::web
