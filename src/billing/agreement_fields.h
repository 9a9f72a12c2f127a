// SPDX-License-Identifier: EUPL-1.2
// Which members of an agreement stand in its stored document, and under which names: one line each,
// for writing and reading. Names are stored for years: never change one. Internal to billing.
#pragma once

#include "agreements/agreement.h"

#include <concepts>
#include <type_traits>

namespace fernamt::agreements {

template <class T, class Struct>
concept Is = std::same_as<std::remove_const_t<T>, Struct>;

[[nodiscard]] constexpr std::string_view to_string(Period::Unit unit) {
    switch (unit) {
    case Period::Unit::days:
        return "days";
    case Period::Unit::weeks:
        return "weeks";
    case Period::Unit::months:
        return "months";
    }
    return {};
}

template <class F, Is<PriceStep> T>
void fields(F &f, T &v) {
    f("contract_year", v.contract_year);
    f("price", v.price);
}
template <class F, Is<MinutePrice> T>
void fields(F &f, T &v) {
    f("steps", v.steps);
    f("counts_after_call_work", v.counts_after_call_work);
    f("unit", v.unit);
    f("level", v.level);
    f("rounding", v.rounding);
    f("minimum_seconds", v.minimum_seconds);
}
template <class F, Is<CallPrice> T>
void fields(F &f, T &v) {
    f("steps", v.steps);
    f("rounding", v.rounding);
}
template <class F, Is<Package> T>
void fields(F &f, T &v) {
    f("per_year", v.per_year);
    f("included_minutes", v.included_minutes);
    f("overage_per_minute", v.overage_per_minute);
    f("counts_after_call_work", v.counts_after_call_work);
    f("unit", v.unit);
    f("rounding", v.rounding);
}
template <class F, Is<NotCharged> T>
void fields(F &, T &) {}
template <class F, Is<InhabitantBase> T>
void fields(F &f, T &v) {
    f("per_year", v.per_year);
    f("rounding", v.rounding);
}
template <class F, Is<FixedBase> T>
void fields(F &f, T &v) {
    f("per_year", v.per_year);
}
template <class F, Is<KeyShare> T>
void fields(F &f, T &v) {
    f("municipality", v.municipality);
    f("weight", v.weight);
}
template <class F, Is<LevyShare> T>
void fields(F &f, T &v) {
    f("carried_per_year", v.carried_per_year);
    f("key", v.key);
}
template <class F, Is<SecondmentCredit> T>
void fields(F &f, T &v) {
    f("post_hundredths", v.post_hundredths);
    f("per_post_and_year", v.per_post_and_year);
}
template <class F, Is<InhabitantCap> T>
void fields(F &f, T &v) {
    f("per_inhabitant", v.per_inhabitant);
    f("rounding", v.rounding);
}
template <class F, Is<Minimum> T>
void fields(F &f, T &v) {
    f("per_year", v.per_year);
}
template <class F, Is<PriceClause> T>
void fields(F &f, T &v) {
    f("name", v.name);
    f("from", v.from);
    f("to", v.to);
    f("kinds", v.kinds.bits);
    f("price_classes", v.price_classes);
    f("payer", v.payer);
    f("payer_name", v.payer_name);
    f("words", v.words);
    f.template alternative<MinutePrice>("minute_price", v.model);
    f.template alternative<CallPrice>("call_price", v.model);
    f.template alternative<Package>("package", v.model);
    f.template alternative<NotCharged>("not_charged", v.model);
    f.template alternative<InhabitantBase>("inhabitant_base", v.model);
    f.template alternative<FixedBase>("fixed_base", v.model);
    f.template alternative<LevyShare>("levy_share", v.model);
    f.template alternative<SecondmentCredit>("secondment_credit", v.model);
    f.template alternative<InhabitantCap>("inhabitant_cap", v.model);
    f.template alternative<Minimum>("minimum", v.model);
}
template <class F, Is<Population> T>
void fields(F &f, T &v) {
    f("from", v.from);
    f("key_date", v.key_date);
    f("inhabitants", v.inhabitants);
    f("source", v.source);
}
template <class F, Is<PriceList> T>
void fields(F &f, T &v) {
    f("municipality", v.municipality);
    f("contract_begins", v.contract_begins);
    f("ends", v.ends);
    f("populations", v.populations);
    f("clauses", v.clauses);
}
template <class F, Is<Period> T>
void fields(F &f, T &v) {
    f("count", v.count);
    f("unit", v.unit);
}
template <class F, Is<Term> T>
void fields(F &f, T &v) {
    f("begins", v.begins);
    f("first_months", v.first_months);
    f("renewal_months", v.renewal_months);
    f("notice", v.notice);
    f("remind_days", v.remind_days);
}
template <class F, Is<StateChange> T>
void fields(F &f, T &v) {
    f("to", v.to);
    f("on", v.on);
    f("by", v.by);
    f("recorded_at", v.recorded_at);
    f("note", v.note);
}
template <class F, Is<ServiceHours> T>
void fields(F &f, T &v) {
    f("weekday", v.weekday);
    f("from_second", v.from_second);
    f("to_second", v.to_second);
}
template <class F, Is<NumberScope> T>
void fields(F &f, T &v) {
    f("number", v.number);
    f("scope", v.scope);
    f("office", v.office);
    f("ring_seconds", v.ring_seconds);
    f("staffed", v.staffed);
}
template <class F, Is<Promise> T>
void fields(F &f, T &v) {
    f("answered_percent", v.answered_percent);
    f("within_seconds", v.within_seconds);
    f("first_contact_percent", v.first_contact_percent);
    f("reply_hours", v.reply_hours);
    f("reply_in_service_hours", v.reply_in_service_hours);
}
template <class F, Is<Retention> T>
void fields(F &f, T &v) {
    f("caller_days", v.caller_days);
    f("case_days", v.case_days);
    f("call_record_days", v.call_record_days);
}
template <class F, Is<Tax> T>
void fields(F &f, T &v) {
    f("category", v.category);
    f("rate_percent", v.rate_percent);
    f("reason", v.reason);
}
template <class F, Is<BudgetYear> T>
void fields(F &f, T &v) {
    f("year", v.year);
    f("amount", v.amount);
    f("product", v.product);
    f("cost_centre", v.cost_centre);
}
template <class F, Is<Document> T>
void fields(F &f, T &v) {
    f("title", v.title);
    f("reference", v.reference);
    f("date", v.date);
}
template <class T>
struct IsDated : std::false_type {};
template <class T>
struct IsDated<Dated<T>> : std::true_type {};
template <class F, class T>
    requires IsDated<std::remove_const_t<T>>::value
void fields(F &f, T &v) {
    f("from", v.from);
    f("to", v.to);
    f("value", v.value);
}
template <class F, Is<Agreement> T>
void fields(F &f, T &v) {
    f("id", v.id);
    f("municipality", v.municipality);
    f("title", v.title);
    f("land", v.land);
    f("kind", v.kind);
    f("history", v.history);
    f("tasks_of_centre", v.tasks_of_centre);
    f("numbers", v.numbers);
    f("promises", v.promises);
    f("tasks_of_municipality", v.tasks_of_municipality);
    f("backup_contact", v.backup_contact);
    f("technical_prerequisites", v.technical_prerequisites);
    f("hours", v.hours);
    f("data_protection", v.data_protection);
    f("retentions", v.retentions);
    f("cost_clause", v.cost_clause);
    f("populations", v.populations);
    f("prices", v.prices);
    f("taxes", v.taxes);
    f("payment_days", v.payment_days);
    f("budgets", v.budgets);
    f("term_clause", v.term_clause);
    f("term", v.term);
    f("notice_received", v.notice_received);
    f("ends", v.ends);
    f("documents", v.documents);
}

} // namespace fernamt::agreements
