// SPDX-License-Identifier: EUPL-1.2
#include "billing/billed_months.h"

#include <algorithm>

namespace fernamt::billing {

namespace {

// One on each side cancel each other out: what was billed and taken back is as if it never was.
void add_to(std::vector<Basis> &side, std::vector<Basis> &other,
            const std::optional<Basis> &basis) {
    if (!basis) return;
    if (const auto same = std::ranges::find(other, *basis); same != other.end()) {
        other.erase(same);
        return;
    }
    side.insert(std::ranges::upper_bound(side, basis->known_seq, {}, &Basis::known_seq), *basis);
}

std::vector<std::optional<Basis>> padded(const std::vector<Basis> &bases, std::size_t size) {
    std::vector<std::optional<Basis>> all(size - bases.size());
    all.insert(all.end(), bases.begin(), bases.end());
    return all;
}

} // namespace

bool same_rate(const agreements::Tax &a, const agreements::Tax &b) {
    return a.category == b.category && a.rate_percent == b.rate_percent;
}

std::vector<BilledStep> steps_of(const Document &document) {
    if (document.steps) return *document.steps;
    std::vector<BilledStep> steps;
    const Basis known{document.known_seq, std::nullopt};
    for (const std::string &text : document.months) {
        if (const auto month = parse_month(text)) steps.push_back({*month, std::nullopt, known});
    }
    for (const std::string &text : document.corrected) {
        const auto month = parse_month(text);
        if (!month) continue;
        steps.push_back({*month, Basis{document.corrected_up_to.value_or(0), std::nullopt}, known});
    }
    return steps;
}

BilledMonths::BilledMonths(const std::vector<const Document *> &documents) {
    for (const Document *document : documents) {
        for (const BilledStep &step : steps_of(*document)) {
            Account &account = account_of(step.month, document->tax);
            add_to(account.billed, account.taken_back, step.after);
            add_to(account.taken_back, account.billed, step.before);
        }
        for (const std::string &text : document->months) {
            if (const auto month = parse_month(text)) whole_.insert(*month);
        }
    }
}

BilledMonths::Account &BilledMonths::account_of(const Month &month, const agreements::Tax &tax) {
    auto &accounts = accounts_[month];
    const auto same = [&](const Account &account) { return same_rate(account.tax, tax); };
    const auto found = std::ranges::find_if(accounts, same);
    return found != accounts.end() ? *found : accounts.emplace_back(Account{tax, {}, {}});
}

const BilledMonths::Account *BilledMonths::find(const Month &month,
                                                const agreements::Tax &tax) const {
    const auto there = accounts_.find(month);
    if (there == accounts_.end()) return nullptr;
    const auto same = [&](const Account &account) { return same_rate(account.tax, tax); };
    const auto found = std::ranges::find_if(there->second, same);
    return found == there->second.end() ? nullptr : &*found;
}

std::vector<Month> BilledMonths::months() const {
    std::vector<Month> all;
    for (const auto &[month, accounts] : accounts_)
        all.push_back(month);
    return all;
}

std::vector<agreements::Tax> BilledMonths::taxes(const Month &month) const {
    std::vector<agreements::Tax> taxes;
    const auto there = accounts_.find(month);
    if (there == accounts_.end()) return taxes;
    for (const Account &account : there->second)
        taxes.push_back(account.tax);
    return taxes;
}

std::vector<BilledStep> BilledMonths::steps(const Month &month, const agreements::Tax &tax,
                                            std::optional<Basis> target) const {
    const Account *account = find(month, tax);
    const std::vector<Basis> before = account == nullptr ? std::vector<Basis>{} : account->billed;
    std::vector<Basis> after = account == nullptr ? std::vector<Basis>{} : account->taken_back;
    if (target) {
        if (!before.empty()) {
            target->known_seq = std::max(target->known_seq, before.back().known_seq);
        }
        after.push_back(std::move(*target));
    }
    // From the end: the newest that was billed leads to the target, the others close the gaps.
    const std::size_t size = std::max(before.size(), after.size());
    const auto from = padded(before, size);
    const auto to = padded(after, size);
    std::vector<BilledStep> steps;
    for (std::size_t i = 0; i < size; ++i) {
        if (from[i] != to[i]) steps.push_back({month, from[i], to[i]});
    }
    return steps;
}

std::optional<Basis> BilledMonths::missing(const Month &month, const agreements::Tax &tax) const {
    const Account *account = find(month, tax);
    if (account == nullptr || account->taken_back.empty()) return std::nullopt;
    return account->taken_back.front();
}

std::optional<Basis> BilledMonths::newest(const Month &month) const {
    std::optional<Basis> newest;
    const auto there = accounts_.find(month);
    if (there == accounts_.end()) return newest;
    for (const Account &account : there->second) {
        for (const Basis &basis : account.billed) {
            if (!newest || basis.known_seq > newest->known_seq) newest = basis;
        }
    }
    return newest;
}

} // namespace fernamt::billing
