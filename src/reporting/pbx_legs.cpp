// SPDX-License-Identifier: EUPL-1.2
#include "reporting/pbx_legs.h"

#include <algorithm>

namespace fernamt::reporting {

namespace {

using Row = PbxReader::Row;
using Leg = const PbxCall *;

struct Span {
    Instant from, until;
};

// How long at least one of them was; two at once (a conference, a consultation) count once.
Duration covered(std::vector<Span> spans) {
    std::ranges::sort(spans, {}, &Span::from);
    Duration sum{};
    std::optional<Instant> until;
    for (const Span &span : spans) {
        const Instant from = until ? std::max(*until, span.from) : span.from;
        if (span.until > from) sum += span.until - from;
        until = until ? std::max(*until, span.until) : span.until;
    }
    return sum;
}

std::vector<Span> answered_by(const std::vector<Leg> &legs, PbxSide side) {
    std::vector<Span> spans;
    for (const Leg leg : legs) {
        if (leg->side == side && leg->answered) spans.push_back({*leg->answered, leg->end});
    }
    return spans;
}

// Nobody of the centre answered: what the last leg says. A menu or a queue that "answered" is what
// the caller gave up in.
PbxResult result_without_answer(const std::vector<Leg> &legs) {
    const Leg last = *std::ranges::max_element(legs, {}, &PbxCall::end);
    return last->result == PbxResult::answered ? PbxResult::abandoned : last->result;
}

void take_answers(const std::vector<Leg> &legs, PbxCall &call) {
    std::vector<Span> centre = answered_by(legs, PbxSide::centre);
    const std::vector<Span> elsewhere = answered_by(legs, PbxSide::elsewhere);
    call.answered.reset();
    call.talk = call.passed_on = call.after_call_work = {};
    if (centre.empty()) { // taken by the town hall itself, or by nobody
        call.result = elsewhere.empty() ? result_without_answer(legs) : PbxResult::ignored;
        return;
    }
    call.result = PbxResult::answered;
    call.answered = std::ranges::min(centre, {}, &Span::from).from;
    call.talk = covered(centre);
    call.transfers = static_cast<std::int64_t>(centre.size() + elsewhere.size()) - 1;
    centre.insert(centre.end(), elsewhere.begin(), elsewhere.end());
    call.passed_on = covered(std::move(centre)) - call.talk;
    for (const Leg leg : legs) {
        if (leg->side == PbxSide::centre) call.after_call_work += leg->after_call_work;
    }
}

Row joined(const std::vector<Row> &rows, const std::function<bool(const PhoneNumber &)> &is_ours) {
    for (const Row &row : rows) {
        if (!row.call) return row;
    }
    std::vector<Leg> legs;
    for (const Row &row : rows) {
        if (row.call->result != PbxResult::ignored) legs.push_back(&*row.call);
    }
    if (legs.empty()) return rows.front();
    std::ranges::stable_sort(legs, {}, &PbxCall::begin);
    const auto readable = [](const Leg leg) { return !leg->dialled.e164.empty(); };
    auto first = std::ranges::find_if(
        legs, [&](const Leg leg) { return readable(leg) && is_ours(leg->dialled); });
    if (first == legs.end()) first = std::ranges::find_if(legs, readable);
    Row row = rows.front();
    if (legs.front()->outgoing) { // begun in the house; asking a colleague later is not
        row.call->result = PbxResult::ignored;
        return row;
    }
    if (first == legs.end()) {
        row.refused = "dialled_unreadable";
        row.call.reset();
        return row;
    }
    row.call = **first;
    row.line = row.call->line;
    row.call->begin = legs.front()->begin;
    row.call->end = (*std::ranges::max_element(legs, {}, &PbxCall::end))->end;
    take_answers(legs, *row.call);
    return row;
}

} // namespace

void PbxLegs::add(Row leg) {
    // A row without a mark belongs to no call: it stands alone, refused.
    const auto [place, is_new] = leg.mark.empty() ? std::pair(places_.end(), true)
                                                  : places_.emplace(leg.mark, calls_.size());
    if (is_new) calls_.emplace_back();
    Legs &legs = is_new ? calls_.back() : calls_[place->second];
    legs.push_back(std::move(leg));
}

std::vector<Row> PbxLegs::join(const std::function<bool(const PhoneNumber &)> &is_ours) {
    std::vector<Row> calls;
    calls.reserve(calls_.size());
    for (const Legs &legs : calls_)
        calls.push_back(joined(legs, is_ours));
    return calls;
}

} // namespace fernamt::reporting
