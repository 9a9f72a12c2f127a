// SPDX-License-Identifier: EUPL-1.2
#include "web/agreed_change.h"

#include "billing/agreement_book.h"
#include "billing/standard_price.h"
#include "people/agreed_service.h"

#include <algorithm>

namespace fernamt::web {

namespace {

bool priced_before(const std::vector<billing::StandardPrice> &prices, const LocalDate &begins) {
    const LocalDate before = add_days(begins, -1);
    return std::ranges::any_of(prices, [&](const billing::StandardPrice &price) {
        return price.valid_from <= before && (!price.valid_to || *price.valid_to >= before);
    });
}

Expected<void> take_effect(storage::Connection &connection, const billing::Change &change,
                           MunicipalityId municipality, std::int64_t agreement,
                           const std::vector<billing::StandardPrice> &prices) {
    const auto plan = plan_of(connection, municipality);
    if (!plan) return tl::unexpected(plan.error());
    const bool served = plan->begins && priced_before(prices, *plan->begins);
    const auto taken = people::take_effect({connection, change.at, change.by}, municipality,
                                           agreement, *plan, served);
    if (!taken) return tl::unexpected(taken.error());
    return {};
}

} // namespace

Expected<agreements::ServicePlan> plan_of(storage::Connection &connection,
                                          MunicipalityId municipality) {
    auto stored = billing::agreements_of(connection, municipality);
    if (!stored) return tl::unexpected(stored.error());
    std::vector<agreements::Agreement> all;
    for (billing::StoredAgreement &each : *stored)
        all.push_back(std::move(each.agreement));
    return agreements::service_plan(std::move(all));
}

billing::Change with_effect(billing::Change change, storage::Database &database,
                            MunicipalityId municipality, std::int64_t agreement) {
    // Read before the transaction: a price is not what this step changes.
    const auto prices = billing::standard_prices(database, municipality);
    billing::Change whole = change;
    whole.also = [change, prices, municipality,
                  agreement](storage::Connection &connection) -> Expected<void> {
        if (!prices) return tl::unexpected(prices.error());
        if (change.also) {
            if (auto done = change.also(connection); !done) return done;
        }
        return take_effect(connection, change, municipality, agreement, *prices);
    };
    return whole;
}

} // namespace fernamt::web
