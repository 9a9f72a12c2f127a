// SPDX-License-Identifier: EUPL-1.2
#include "web/testing/api_test_base.h"

#include "base/text.h"
#include "billing/standard_price.h"
#include "knowledge/demo_services.h"
#include "web/gate.h"
#include "web/openapi.h"
#include "web/testing/schema_check.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace fernamt::web::testing {

namespace {

const json::value &document() {
    static const json::value parsed =
        json::parse(json::string_view(openapi_text().data(), openapi_text().size()));
    return parsed;
}

std::string header_of(const net::Response &response, std::string_view name) {
    for (const auto &[known, value] : response.headers) {
        if (known == name) return value;
    }
    return "";
}

// The answer against its description.
void expect_described(const std::string &method, const std::string &pattern,
                      const net::Response &response) {
    const std::string place = method + " " + pattern + " " + std::to_string(response.status);
    const SchemaCheck check(document());
    const json::value &responses =
        document().at("paths").at(pattern).at(lower_ascii(method)).at("responses");
    const json::value *described =
        responses.as_object().if_contains(std::to_string(response.status));
    // 500 is a defect everywhere and 403 may come from the forgery check: neither is described.
    ASSERT_NE(described, nullptr) << place << " is not described: " << response.body;
    if (const json::value *reference = described->as_object().if_contains("$ref")) {
        described = &check.resolve(reference->as_string().c_str());
    }
    const json::value *content = described->as_object().if_contains("content");
    if (content == nullptr) {
        EXPECT_TRUE(response.body.empty()) << place << ": " << response.body;
        return;
    }
    const std::string type = header_of(response, "Content-Type");
    const json::value *media = content->as_object().if_contains(type.substr(0, type.find(';')));
    ASSERT_NE(media, nullptr) << place << ": media type " << type;
    if (type.find("json") == std::string::npos) return;
    json::error_code error;
    const json::value body = json::parse(response.body, error);
    ASSERT_FALSE(error) << place << ": " << response.body.substr(0, 300);
    const auto fault = check.fault(body, media->at("schema"));
    EXPECT_FALSE(fault) << place << fault.value_or("");
}

// What was accepted must be what the description says is accepted.
void expect_body_described(const std::string &method, const std::string &pattern,
                           const std::string &body) {
    const json::object &operation =
        document().at("paths").at(pattern).at(lower_ascii(method)).as_object();
    const json::value *described = operation.if_contains("requestBody");
    if (described == nullptr) return;
    const json::value *media = described->at("content").as_object().if_contains("application/json");
    if (media == nullptr) return;
    const SchemaCheck check(document());
    const auto fault = check.fault(json::parse(body), media->at("schema"));
    EXPECT_FALSE(fault) << method << " " << pattern << " accepted" << fault.value_or("");
}

} // namespace

void ApiTest::SetUp() {
    clock_.set(to_instant({2026, 11, 23}, 12 * 3600)); // a Monday
    auto opened = ledger::Ledger::open(db());
    ASSERT_TRUE(opened) << describe(opened.error());
    ledger_ = std::move(*opened);
    exchange_ = std::make_unique<FakeExchange>(*ledger_, clock_);
    exchange_->situation_now.media_available = true;
    exchange_->situation_now.ledger_accepting = true;
    exchange_->situation_now.recovered = true;
    exchange_->situation_now.now = clock_.now();
    projector_ = std::make_unique<reporting::Projector>(*ledger_, db());
    announcements_ = std::make_unique<telephony::FileAnnouncements>(directory_.path(),
                                                                    directory_.path(), clock_);
    users_ = std::make_unique<people::Users>(db(), clock_);
    municipalities_ = std::make_unique<people::Municipalities>(db(), clock_);

    const auto add_town = [&](MunicipalityId id, const char *name, const char *number) {
        people::Municipality town;
        town.id = id;
        town.name = name;
        town.short_name = name;
        town.population = 30'000;
        town.population_date = "2020-09-30";
        town.population_source = "Probe";
        town.greeting = std::string(name) + ", guten Tag!";
        town.hours = {{Weekday::monday, 8 * 3600, 18 * 3600}};
        town.numbers = {PhoneNumber{number}};
        auto added = municipalities_->add(town, UserId{});
        ASSERT_TRUE(added) << describe(added.error());
    };
    add_town(kLangenhagen, "Langenhagen", "+493023125001");
    add_town(kWedemark, "Wedemark", "+493023125002");
    ASSERT_TRUE(billing::seed_demo_prices(db(), {kLangenhagen, kWedemark}));
    auto seeded = knowledge::seed_demo_services(db(), FERNAMT_SOURCE_DIR "/data/knowledge");
    ASSERT_TRUE(seeded) << describe(seeded.error());
    auto catalogue = knowledge::Catalogue::load(db(), directory_.path() + "/search");
    ASSERT_TRUE(catalogue);
    catalogue_ = std::move(*catalogue);

    deliveries_ = std::make_unique<knowledge::DeliveryOffice>(
        db(), clock_,
        knowledge::DeliveryOffice::Options{.directory = directory_.path() + "/deliveries",
                                           .uploads = {.keep_free_bytes = 0},
                                           .on_change = {}});
    websites_ = std::make_unique<knowledge::WebsiteOffice>(
        db(), clock_,
        knowledge::WebsiteOffice::Options{.configured = {},
                                          .guard = {.private_hosts = {"127.0.0.1"}, .hosts = {}}});
    start_api();

    admin_ = add_user("chef", {people::Role::admin});
    agent_ = add_user("anke", {people::Role::agent});
    sign_in("chef");
    sign_in("anke");
    const Instant morning = to_instant({2026, 11, 23}, 9 * 3600);
    write_call(CallId{kCallOfLangenhagen}, kLangenhagen, PhoneNumber{"+493023125001"},
               AgentId{agent_.value}, morning);
    write_call(CallId{kCallOfWedemark}, kWedemark, PhoneNumber{"+493023125002"},
               AgentId{agent_.value}, morning + 600s);
}

void ApiTest::start_api() {
    api_.reset();
    api_ = std::make_unique<Api>(ApiParts{.exchange = *exchange_,
                                          .database = db(),
                                          .ledger = *ledger_,
                                          .clock = clock_,
                                          .hub = hub_,
                                          .projector = *projector_,
                                          .catalogue = *catalogue_,
                                          .announcements = *announcements_,
                                          .deliveries = *deliveries_,
                                          .websites = *websites_,
                                          .draining = {},
                                          .tls = true,
                                          .public_pages = true,
                                          .public_address = "https://auskunft.example",
                                          .forbidden_by = [](const PhoneNumber &number) {
                                              const bool denied = number.e164.starts_with("+49900");
                                              return std::string(denied ? "sip.transfer_deny" : "");
                                          }});
    router_ = api_->router();
}

UserId ApiTest::add_user(const std::string &login, people::Roles roles,
                         std::optional<MunicipalityId> municipality) {
    auto added = users_->add({login, "Person " + login, roles, municipality, kPassword}, UserId{});
    EXPECT_TRUE(added) << describe(added.error());
    return added ? added->user.id : UserId{};
}

void ApiTest::sign_in(const std::string &login) {
    const json::value body = json::object{{"login", login}, {"password", kPassword}};
    const net::Response response = ask("POST", "/api/v1/session", {"", json::serialize(body), {}});
    ASSERT_EQ(response.status, 200) << response.body;
    const std::string cookie = header_of(response, "Set-Cookie");
    const std::size_t begin = cookie.find('=') + 1;
    tokens_[login] = cookie.substr(begin, cookie.find(';') - begin);
}

net::Response ApiTest::ask(const std::string &method, const std::string &target, Asked asked) {
    net::Request request;
    request.method = method;
    const std::size_t mark = std::min(target.find('?'), target.size());
    request.path = target.substr(0, mark);
    std::string query = target.substr(std::min(mark + 1, target.size()));
    while (!query.empty()) { // "a=b&c=d", already decoded
        const std::string part = query.substr(0, query.find('&'));
        query.erase(0, part.size() + 1);
        const std::size_t equals = std::min(part.find('='), part.size());
        request.query[part.substr(0, equals)] = part.substr(std::min(equals + 1, part.size()));
    }
    const auto match = router_.match(method, request.path);
    if (match.handler == nullptr) {
        ADD_FAILURE() << "no route " << method << " " << target;
        return {};
    }
    request.path_parameters = match.parameters;
    request.headers = std::move(asked.headers);
    if (asked.ours) request.headers.emplace("x-fernamt", "1");
    request.headers.emplace("content-type", "application/json");
    const auto token = tokens_.find(asked.session);
    if (token != tokens_.end()) request.cookies.emplace(kSessionCookie, token->second);
    request.body = std::move(asked.body);
    request.remote_address = asked.from;
    request.request_id = "test";
    net::Response response = (*match.handler)(request);
    expect_described(method, match.pattern, response);
    if (response.status < 300 && !request.body.empty()) {
        expect_body_described(method, match.pattern, request.body);
    }
    return response;
}

json::value ApiTest::json_of(const net::Response &response) {
    json::error_code error;
    json::value value = json::parse(response.body, error);
    EXPECT_FALSE(error) << response.body;
    return value;
}

std::string ApiTest::code_of(const net::Response &response) {
    const json::value value = json_of(response);
    const json::value *code = value.is_object() ? value.get_object().if_contains("code") : nullptr;
    return code == nullptr ? "" : std::string(code->as_string());
}

void ApiTest::write_call(CallId call, MunicipalityId municipality, const PhoneNumber &number,
                         AgentId agent, Instant at, Times times) {
    using namespace routing;
    const Instant over = at + 10s + times.talk;
    const Instant done = over + times.after_call_work;
    const DialledNumber dialled{number, DialledSource::request_uri, municipality};
    const End end{call,     EndReason::completed, municipality, number, at,
                  at + 10s, times.talk,           Duration{}};
    std::vector<ledger::NewEntry> entries{
        ledger::to_entry(Event{CallOffered{call, dialled}}, at),
        ledger::to_entry(Decision{Queue{call, municipality}, Rule::queue_of_municipality}, at),
        ledger::to_entry(Event{AgentAnswered{agent, call}}, at + 10s),
        ledger::to_entry(Decision{Connect{call, agent, Duration{10s}}, Rule::agent_answered},
                         at + 10s),
        ledger::to_entry(Event{CallerHungUp{call}}, over),
        ledger::to_entry(Decision{end, Rule::caller_hung_up}, over),
        ledger::to_entry(Event{WrapUpFinished{agent}}, done),
        ledger::to_entry(Decision{WrapUpDone{agent, call, municipality, times.after_call_work},
                                  Rule::agent_request},
                         done)};
    auto written = ledger_->append_and_wait(std::move(entries));
    ASSERT_TRUE(written) << describe(written.error());
}

} // namespace fernamt::web::testing
