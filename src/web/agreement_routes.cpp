// SPDX-License-Identifier: EUPL-1.2
// Agreements: drafts from a template, their six sections' fields, the steps from draft to end with
// their legal days, what follows from them (next possible end, reminders, what holds today), and
// what the year costs against its budget. The paying municipality reads its own.
#include "agreements/offboarding.h"
#include "agreements/template.h"
#include "billing/agreement_annex.h"
#include "billing/agreement_book.h"
#include "billing/finance_notices.h"
#include "billing/invoice_book.h"
#include "billing/offboarding_paper.h"
#include "billing/template_town.h"
#include "billing/year_forecast.h"
#include "people/agreed_service.h"
#include "people/changes.h"
#include "people/municipalities.h"
#include "web/agreed_change.h"
#include "web/api.h"
#include "web/finance_values.h"
#include "web/json_reader.h"
#include "web/json_values.h"
#include "web/problem_texts.h"
#include "web/request_values.h"
#include "web/routes.h"
#include "web/rule_change.h"
#include "web/towns.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

namespace fernamt::web {

namespace json = boost::json;

namespace {

using agreements::Agreement;
using agreements::State;
using billing::AgreementBook;
using billing::StoredAgreement;

constexpr std::array kStates{State::draft,  State::resolved,     State::signed_,
                             State::active, State::notice_given, State::ended};
constexpr std::size_t kMostBytes = 256 * 1024;

json::value day_json(const std::optional<LocalDate> &day) {
    if (!day) return nullptr;
    return json::value(fernamt::to_string(*day));
}

LocalDate today_of(const Incoming &incoming) {
    return to_local(incoming.now).date;
}

json::value next_end_json(const Agreement &agreement, const LocalDate &today) {
    if (agreement.ends) return nullptr; // it is known
    const auto next = agreements::next_possible_end(agreement.term, today, agreement.land);
    if (!next) return nullptr;
    return json::object{{"last_day", fernamt::to_string(next->last_day)},
                        {"notice_until", fernamt::to_string(next->notice_until)},
                        {"notice_advised", fernamt::to_string(next->notice_advised)}};
}

json::object head_json(Towns &towns, const StoredAgreement &stored, const LocalDate &today) {
    const Agreement &agreement = stored.agreement;
    return {{"id", agreement.id},
            {"version", stored.version},
            {"municipality", municipality_json(towns, agreement.municipality)},
            {"title", agreement.title},
            {"kind", std::string(to_string(agreement.kind))},
            {"state", std::string(to_string(state_on(agreement, today)))},
            {"begins", fernamt::to_string(agreement.term.begins)},
            {"ends", day_json(agreement.ends)},
            {"next_end", next_end_json(agreement, today)},
            {"problems", static_cast<std::int64_t>(check(agreement).size())}};
}

json::array problems_json(const std::vector<Problem> &problems, Language language) {
    json::array array;
    for (const Problem &problem : problems) {
        json::value place = nullptr;
        for (const auto &[name, value] : problem.arguments) {
            if (name == "place") place = json::value(value);
        }
        array.push_back(json::object{
            {"code", problem.code}, {"place", place}, {"text", title_of(problem, language)}});
    }
    return array;
}

// Where it may go from here, tried on a copy with today as the legal day.
json::array steps_json(const Agreement &agreement, const Incoming &incoming) {
    json::array steps;
    for (const State to : kStates) {
        Agreement tried = agreement;
        const auto moved = agreements::change_state(
            tried, {to, today_of(incoming), incoming.caller.user, incoming.now, ""});
        if (!moved && moved.error().code == "agreement.transition_forbidden") continue;
        json::value problem = nullptr;
        if (!moved) problem = json::value(title_of(moved.error(), incoming.language));
        steps.push_back(json::object{{"to", std::string(to_string(to))}, {"problem", problem}});
    }
    return steps;
}

json::array reminders_json(const Agreement &agreement, const LocalDate &today) {
    json::array array;
    if (agreement.ends) return array;
    for (const auto &each : agreements::reminders(agreement.term, today, agreement.land)) {
        array.push_back(json::object{{"on", fernamt::to_string(each.on)},
                                     {"days_before", each.days_before},
                                     {"past", each.on <= today}});
    }
    return array;
}

json::value configuration_json(const Agreement &agreement, const LocalDate &today) {
    const auto configuration = configuration_on(agreement, today);
    json::array numbers;
    for (const auto &scope : configuration.numbers) {
        numbers.push_back(json::object{{"number", to_json(scope.number)},
                                       {"scope", std::string(to_string(scope.scope))}});
    }
    json::array prices;
    for (const std::string &name : configuration.prices)
        prices.emplace_back(name);
    json::array changes;
    for (const LocalDate &day : changes_between(agreement, today, add_days(today, 730)))
        changes.emplace_back(fernamt::to_string(day));
    return json::object{{"active", configuration.active},
                        {"numbers", std::move(numbers)},
                        {"prices", std::move(prices)},
                        {"changes", std::move(changes)}};
}

json::array offboarding_json(const Agreement &agreement) {
    json::array array;
    for (const auto &step : agreements::offboarding_plan(agreement)) {
        array.push_back(json::object{{"task", std::string(to_string(step.task))},
                                     {"subject", step.subject},
                                     {"due", fernamt::to_string(step.due)}});
    }
    return array;
}

json::array tax_hints_json(const Agreement &agreement, const LocalDate &today) {
    json::array array;
    for (const auto hint : tax_hints(agreement, today)) {
        if (hint != agreements::TaxHint::none) array.emplace_back(std::string(to_string(hint)));
    }
    return array;
}

Expected<json::array> versions_json(AgreementBook &book, std::int64_t id) {
    const auto versions = book.versions(id);
    if (!versions) return tl::unexpected(versions.error());
    json::array array;
    for (auto at = versions->rbegin(); at != versions->rend(); ++at) {
        array.push_back(json::object{{"version", at->version},
                                     {"changed_at", to_json(at->changed_at)},
                                     {"reason", at->reason},
                                     {"state", std::string(to_string(state_of(at->agreement)))}});
    }
    return array;
}

json::value promise_json(const std::optional<agreements::Promise> &promise) {
    if (!promise) return nullptr;
    return json::object{{"answered_percent", promise->answered_percent},
                        {"within_seconds", promise->within_seconds},
                        {"first_contact_percent", promise->first_contact_percent},
                        {"reply_hours", promise->reply_hours},
                        {"reply_in_service_hours", promise->reply_in_service_hours}};
}

json::array effects_json(const std::vector<people::AgreedEffect> &effects) {
    json::array array;
    for (const people::AgreedEffect &effect : effects) {
        json::array changed;
        for (const std::string_view part : parts_changed(effect))
            changed.emplace_back(part);
        array.push_back(json::object{{"at", to_json(effect.at)},
                                     {"agreement", effect.agreement},
                                     {"parts", std::move(changed)}});
    }
    return array;
}

// What the agreements have set in the service, and what people still have to look at.
Expected<json::object> service_json(storage::Database &database, MunicipalityId municipality,
                                    const LocalDate &today) {
    json::object object;
    const auto read = database.read([&](storage::Connection &connection) -> Expected<void> {
        const auto plan = plan_of(connection, municipality);
        if (!plan) return tl::unexpected(plan.error());
        const auto promise = people::promise_on(connection, municipality, today);
        if (!promise) return tl::unexpected(promise.error());
        const auto effects = people::agreed_effects(connection, municipality);
        if (!effects) return tl::unexpected(effects.error());
        // Before the plan begins its first day is what people prepare for.
        const LocalDate day = plan->begins ? std::max(today, *plan->begins) : today;
        const auto points = people::open_points(connection, municipality, *plan, day);
        if (!points) return tl::unexpected(points.error());
        json::array open;
        for (const people::OpenPoint &point : *points) {
            open.push_back(json::object{{"what", std::string(to_string(point.what))},
                                        {"subject", point.subject}});
        }
        object = {{"promise", promise_json(*promise)},
                  {"effects", effects_json(*effects)},
                  {"open", std::move(open)}};
        return {};
    });
    if (!read) return tl::unexpected(read.error());
    return object;
}

Expected<Reply> shown(const ApiParts &parts, Towns &towns, const StoredAgreement &stored,
                      const Incoming &incoming, int status = 200) {
    AgreementBook book(parts.database);
    const LocalDate today = today_of(incoming);
    const Agreement &agreement = stored.agreement;
    auto versions = versions_json(book, agreement.id);
    if (!versions) return tl::unexpected(versions.error());
    auto service = service_json(parts.database, agreement.municipality, today);
    if (!service) return tl::unexpected(service.error());
    json::object object = head_json(towns, stored, today);
    object["service"] = std::move(*service);
    object["fields"] = json::parse(billing::to_document(agreement));
    object["problems"] = problems_json(check(agreement), incoming.language);
    object["steps"] = steps_json(agreement, incoming);
    object["reminders"] = reminders_json(agreement, today);
    object["today"] = configuration_json(agreement, today);
    object["offboarding"] = offboarding_json(agreement);
    object["tax_hints"] = tax_hints_json(agreement, today);
    object["versions"] = std::move(*versions);
    Reply reply = versioned_reply(object, stored.version);
    reply.status = status;
    return reply;
}

// Another municipality's is as good as none.
Expected<StoredAgreement> find(const ApiParts &parts, const Incoming &incoming) {
    const auto id = path_id(incoming.request, "agreement.not_found");
    if (!id) return tl::unexpected(id.error());
    auto stored = AgreementBook(parts.database).find(*id);
    if (stored && !people::may_see(incoming.caller, stored->agreement.municipality)) {
        return fail(ProblemKind::not_found, "agreement.not_found");
    }
    return stored;
}

Expected<Reply> list(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    const auto all = AgreementBook(parts.database).list(incoming.caller.municipality);
    if (!all) return tl::unexpected(all.error());
    json::array items;
    for (const StoredAgreement &stored : *all)
        items.push_back(head_json(towns, stored, today_of(incoming)));
    return json_reply(json::object{{"items", std::move(items)}});
}

agreements::TemplateTown town_of(const people::Municipality &known) {
    return billing::template_town(known.id, known.name, known.land, known.population,
                                  known.population_date, known.population_source, known.numbers,
                                  known.hours);
}

Expected<Reply> create(const ApiParts &parts, people::Municipalities &municipalities, Towns &towns,
                       const Incoming &incoming) {
    using agreements::Template;
    static constexpr std::array kTemplates{
        std::pair{std::string_view("minute_price"), Template::minute_price},
        std::pair{std::string_view("levy_and_minutes"), Template::levy_and_minutes},
        std::pair{std::string_view("inhabitants_and_minutes"), Template::inhabitants_and_minutes},
        std::pair{std::string_view("package"), Template::package},
        std::pair{std::string_view("per_call"), Template::per_call}};
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    const std::string ars = reader->text("municipality", {.longest = 12});
    const auto model = reader->choice<Template>("template", kTemplates);
    const std::string begins = reader->text("begins", {.longest = 10});
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    const auto day = parse_date(begins);
    if (!day) return invalid_value("begins", "no_day");
    const auto id = parse_ars(ars);
    if (!id) return invalid_value("municipality", "no_ars");
    const auto known = municipalities.find(*id);
    if (!known) return tl::unexpected(known.error());
    const auto stored =
        AgreementBook(parts.database)
            .create(agreements::from_template(model, town_of(*known), *day),
                    audited_change(incoming, fmt::format("Vorlage {}", to_string(model)),
                                   "agreement.created", *id));
    if (!stored) return tl::unexpected(stored.error());
    return shown(parts, towns, *stored, incoming, 201);
}

Expected<Reply> show(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    const auto stored = find(parts, incoming);
    if (!stored) return tl::unexpected(stored.error());
    return shown(parts, towns, *stored, incoming);
}

// A step and what follows from it in the service; distribution obeys it when this returns.
Expected<StoredAgreement> change_service(const ApiParts &parts, RuleChange &rules,
                                         const Incoming &incoming,
                                         const std::function<Expected<StoredAgreement>()> &step) {
    Expected<StoredAgreement> stored;
    const auto made = rules.make(incoming.caller.user, [&]() -> Expected<void> {
        stored = step();
        if (!stored) return tl::unexpected(stored.error());
        people::people_changed(parts.database);
        return {};
    });
    if (!made) return tl::unexpected(made.error());
    return stored;
}

Expected<Reply> update(const ApiParts &parts, RuleChange &rules, Towns &towns,
                       const Incoming &incoming) {
    const auto known = find(parts, incoming);
    if (!known) return tl::unexpected(known.error());
    const auto version = expected_version(incoming.request);
    if (!version) return tl::unexpected(version.error());
    auto reader =
        JsonReader::parse(incoming.request.body, {.bytes = kMostBytes + 4096, .depth = 10});
    if (!reader) return tl::unexpected(reader.error());
    const auto text = reader->optional_object_text("fields", kMostBytes);
    const std::string reason = reader->text("reason", {.shortest = 1, .longest = 500});
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    auto fields = billing::agreement_from(text.value_or("{}"));
    if (!fields) return tl::unexpected(fields.error());
    fields->id = known->agreement.id;
    const MunicipalityId municipality = known->agreement.municipality;
    const auto stored = change_service(parts, rules, incoming, [&] {
        return AgreementBook(parts.database)
            .update(*fields, *version,
                    with_effect(audited_change(incoming, reason, "agreement.changed", municipality,
                                               fmt::format("{}", fields->id)),
                                parts.database, municipality, fields->id));
    });
    if (!stored) return tl::unexpected(stored.error());
    return shown(parts, towns, *stored, incoming);
}

Expected<Reply> move(const ApiParts &parts, RuleChange &rules, Towns &towns,
                     const Incoming &incoming) {
    static constexpr std::array kNames{
        std::pair{std::string_view("draft"), State::draft},
        std::pair{std::string_view("resolved"), State::resolved},
        std::pair{std::string_view("signed"), State::signed_},
        std::pair{std::string_view("active"), State::active},
        std::pair{std::string_view("notice_given"), State::notice_given},
        std::pair{std::string_view("ended"), State::ended}};
    const auto known = find(parts, incoming);
    if (!known) return tl::unexpected(known.error());
    const auto version = expected_version(incoming.request);
    if (!version) return tl::unexpected(version.error());
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    const auto to = reader->choice<State>("to", kNames);
    const std::string on = reader->text("on", {.longest = 10});
    const std::string note = reader->text("note", {.longest = 500});
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    const auto day = parse_date(on);
    if (!day) return invalid_value("on", "no_day");
    const MunicipalityId municipality = known->agreement.municipality;
    const std::int64_t id = known->agreement.id;
    const auto stored = change_service(parts, rules, incoming, [&] {
        return AgreementBook(parts.database)
            .move(id, *version, to, *day,
                  with_effect(audited_change(incoming, note, "agreement.moved", municipality,
                                             std::string(to_string(to))),
                              parts.database, municipality, id));
    });
    if (!stored) return tl::unexpected(stored.error());
    return shown(parts, towns, *stored, incoming);
}

Expected<Reply> annex(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    const auto stored = find(parts, incoming);
    if (!stored) return tl::unexpected(stored.error());
    const auto centre = billing::InvoiceBook(parts.database).party(billing::InvoiceBook::kCentre);
    const MunicipalityId municipality = stored->agreement.municipality;
    const auto town = towns.find(municipality);
    auto pdf = billing::print_annex(stored->agreement, town ? town->name : to_ars(municipality),
                                    centre ? centre->name : "Servicecenter", today_of(incoming));
    if (!pdf) return tl::unexpected(pdf.error());
    return file_reply(std::move(*pdf), "application/pdf",
                      fmt::format("vereinbarung-{}.pdf", stored->agreement.id));
}

Expected<Reply> offboarding(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    const auto stored = find(parts, incoming);
    if (!stored) return tl::unexpected(stored.error());
    billing::InvoiceBook book(parts.database);
    const auto centre = book.party(billing::InvoiceBook::kCentre);
    const MunicipalityId municipality = stored->agreement.municipality;
    const auto issued = billing::standing_documents(book, municipality);
    if (!issued) return tl::unexpected(issued.error());
    const auto town = towns.find(municipality);
    auto pdf = billing::print_offboarding(
        stored->agreement, town ? town->name : to_ars(municipality),
        centre ? centre->name : "Servicecenter", *issued, today_of(incoming));
    if (!pdf) return tl::unexpected(pdf.error());
    return file_reply(std::move(*pdf), "application/pdf",
                      fmt::format("vereinbarung-{}-ende.pdf", stored->agreement.id));
}

// ---- early warning -----------------------------------------------------------------------------

Expected<Reply> forecast(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    const MunicipalityId municipality = path_municipality(incoming.request);
    if (!towns.find(municipality)) return fail(ProblemKind::not_found, "municipality.not_found");
    const auto year = query_integer(incoming.request, "year", 2000, 2199, today_of(incoming).year);
    if (!year) return tl::unexpected(year.error());
    const auto seen =
        billing::year_forecast(parts.database, municipality, static_cast<int>(*year), incoming.now);
    if (!seen) return tl::unexpected(seen.error());
    json::array months;
    for (std::size_t i = 0; i < seen->months.size(); ++i) {
        const agreements::MonthForecast &each = seen->months[i];
        json::object month{{"month", fmt::format("{}-{:02d}", *year, each.month)},
                           {"alarm", std::string(to_string(each.alarm))}};
        add_amount(month, "amount", seen->amounts[i]);
        add_amount(month, "spent", each.spent);
        add_amount(month, "forecast", each.forecast);
        month["exhausted_in"] = nullptr;
        if (seen->budget && each.exhausted_in) month["exhausted_in"] = *each.exhausted_in;
        months.push_back(std::move(month));
    }
    json::value budget_json = nullptr;
    if (seen->budget) budget_json = seen->budget->cents;
    return json_reply(json::object{{"municipality", municipality_json(towns, municipality)},
                                   {"year", *year},
                                   {"budget_cents", budget_json},
                                   {"months", std::move(months)}});
}

// ---- what finance has to know ------------------------------------------------------------------

Expected<Reply> notices(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    const auto found =
        billing::finance_notices(parts.database, incoming.caller.municipality, incoming.now);
    if (!found) return tl::unexpected(found.error());
    json::array budgets;
    for (const billing::BudgetNotice &each : found->budgets) {
        json::object object{{"year", each.year},
                            {"month", each.month},
                            {"alarm", std::string(to_string(each.alarm))}};
        object["municipality"] = municipality_json(towns, each.municipality);
        add_amount(object, "budget", each.budget);
        add_amount(object, "forecast", each.forecast);
        object["exhausted_in"] = nullptr;
        if (each.exhausted_in) object["exhausted_in"] = *each.exhausted_in;
        budgets.push_back(std::move(object));
    }
    json::array due;
    for (const billing::AgreementNotice &each : found->agreements) {
        json::object object{{"id", each.agreement},
                            {"title", each.title},
                            {"notice_until", fernamt::to_string(each.notice_until)},
                            {"last_day", fernamt::to_string(each.last_day)}};
        object["municipality"] = municipality_json(towns, each.municipality);
        due.push_back(std::move(object));
    }
    json::object object;
    object["budgets"] = std::move(budgets);
    object["agreements"] = std::move(due);
    return json_reply(object);
}

} // namespace

void add_agreement_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                          people::Municipalities &municipalities, RuleChange &rules, Towns &towns) {
    gate.add(router, "GET", "/api/v1/agreements",
             [&](const Incoming &incoming) { return list(parts, towns, incoming); });
    gate.add(router, "POST", "/api/v1/agreements", [&](const Incoming &incoming) {
        return create(parts, municipalities, towns, incoming);
    });
    gate.add(router, "GET", "/api/v1/agreements/{id}",
             [&](const Incoming &incoming) { return show(parts, towns, incoming); });
    gate.add(router, "PUT", "/api/v1/agreements/{id}",
             [&](const Incoming &incoming) { return update(parts, rules, towns, incoming); });
    gate.add(router, "POST", "/api/v1/agreements/{id}/states",
             [&](const Incoming &incoming) { return move(parts, rules, towns, incoming); });
    gate.add(router, "GET", "/api/v1/agreements/{id}/annex",
             [&](const Incoming &incoming) { return annex(parts, towns, incoming); });
    gate.add(router, "GET", "/api/v1/agreements/{id}/offboarding",
             [&](const Incoming &incoming) { return offboarding(parts, towns, incoming); });
    gate.add(router, "GET", "/api/v1/finance/notices",
             [&](const Incoming &incoming) { return notices(parts, towns, incoming); });
    gate.add(router, "GET", "/api/v1/municipalities/{ars}/forecast",
             [&](const Incoming &incoming) { return forecast(parts, towns, incoming); });
}

} // namespace fernamt::web
