// SPDX-License-Identifier: EUPL-1.2
// A municipality joins: it is found in the official list, taken in, distributable at once, gets a
// price, and only those who may do any of it.
#include "billing/invoice.h"
#include "people/audit.h"
#include "web/gate.h"
#include "web/testing/api_test_base.h"

#include <boost/json/serialize.hpp>

#include <array>
#include <set>

namespace fernamt::web::testing {
namespace {

constexpr MunicipalityId kHemmingen{32'410'007'007};
constexpr std::array kRoles = {people::Role::agent,   people::Role::lead,  people::Role::editor,
                               people::Role::finance, people::Role::admin, people::Role::auditor,
                               people::Role::reader};

std::string target_of(MunicipalityId id, const std::string &rest = "") {
    return "/api/v1/municipalities/" + to_ars(id) + rest;
}

json::object hemmingen() {
    return {
        {"ars", "032410007007"},
        {"name", "Stadt Hemmingen"},
        {"short_name", "Hemmingen"},
        {"greeting", "Stadt Hemmingen, guten Tag!"},
        {"hours", json::array{json::object{{"weekday", 0}, {"from", "08:00"}, {"to", "18:00"}}}},
        {"closed_on_public_holidays", true}};
}

json::object price_from(const char *from, json::value to = nullptr, const char *price = "0.95") {
    return {{"price", price},      {"unit", "second"},
            {"level", "per_call"}, {"counts_after_call_work", true},
            {"valid_from", from},  {"valid_to", std::move(to)}};
}

class Joining : public ApiTest {
  protected:
    net::Response join(const json::object &town, const std::string &key = "") {
        Asked asked{"chef", json::serialize(town), {}};
        if (!key.empty()) asked.headers.emplace("idempotency-key", key);
        return ask("POST", "/api/v1/municipalities", asked);
    }
    net::Response let_live() {
        return ask("POST", target_of(kHemmingen, "/go-live"),
                   {"chef", R"({"override_reason":"Der Rat hat es so beschlossen."})", {}});
    }
    net::Response add_number(const char *number) {
        return ask("POST", target_of(kHemmingen, "/numbers"),
                   {"chef", json::serialize(json::object{{"number", number}}), {}});
    }
    net::Response set_term(const json::object &term) {
        const auto version = json_of(get(target_of(kHemmingen), "chef")).at("version").as_int64();
        return ask(
            "PUT", target_of(kHemmingen, "/term"),
            {"chef", json::serialize(term), {{"if-match", "\"" + std::to_string(version) + "\""}}});
    }
    net::Response add_price(const json::object &price, const std::string &session = "chef") {
        return ask("POST", target_of(kHemmingen, "/prices"), {session, json::serialize(price), {}});
    }
    std::string price_target(const net::Response &added) {
        const auto id = json_of(added).at("id").as_int64();
        return target_of(kHemmingen, "/prices/" + std::to_string(id));
    }
    net::Response end_price(const std::string &target, const char *last) {
        return ask("PUT", target, {"chef", json::serialize(json::object{{"valid_to", last}}), {}});
    }
    std::set<std::string> audited() {
        std::set<std::string> actions;
        const auto entries = people::audit_log(db(), 100);
        EXPECT_TRUE(entries);
        for (const auto &entry : *entries) {
            if (entry.subject != kHemmingen.value) continue;
            EXPECT_EQ(entry.by, admin_) << entry.action;
            actions.insert(entry.action);
        }
        return actions;
    }
};

TEST_P(Joining, AMunicipalityIsDistributableBeforeTheAnswer) {
    const auto joined = join(hemmingen(), "hemmingen-0001");
    ASSERT_EQ(joined.status, 201) << joined.body;
    const json::value town = json_of(joined);
    EXPECT_EQ(town.at("land").as_string(), "NI"); // from the key
    EXPECT_EQ(town.at("kind").as_string(), "municipality");
    EXPECT_EQ(json_of(get(target_of(kHemmingen), "chef")), town);

    const auto *rules = routing::find_municipality(exchange_->rules_now, kHemmingen);
    ASSERT_NE(rules, nullptr);
    EXPECT_EQ(rules->hours.size(), 1U);
    EXPECT_EQ(exchange_->rule_changes, 1);
    ASSERT_EQ(let_live().status, 200);
    ASSERT_EQ(add_number("030 23125-007").status, 201);
    ASSERT_NE(routing::find_number(exchange_->rules_now, PhoneNumber{"+493023125007"}), nullptr);
    EXPECT_EQ(exchange_->rule_changes, 2);

    // The desk knows the new name at once.
    telephony::DeskView &desk = exchange_->desks[AgentId{agent_.value}];
    desk.call = telephony::DeskView::CallView{CallId{5}, kHemmingen, {}, {}, {}, {}};
    EXPECT_EQ(
        json_of(get("/api/v1/desk", "anke")).at("call").at("municipality").at("name").as_string(),
        "Stadt Hemmingen");
    EXPECT_EQ(audited(), (std::set<std::string>{"municipality.added", "municipality.number_added",
                                                "municipality.went_live"}));

    EXPECT_EQ(join(hemmingen(), "hemmingen-0001").body, joined.body) << "repeated, not added twice";
    const auto again = join(hemmingen());
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(code_of(again), "municipality.exists");
    EXPECT_EQ(exchange_->rule_changes, 2);
}

// R-40: whoever is not served yet gets neither number nor first day before somebody decides it.
TEST_P(Joining, NothingGoesLiveBesideTheGate) {
    constexpr const char *kGate = "knowledge.gate_undecided";
    json::object at_once = hemmingen();
    at_once["numbers"] = json::array{"030 23125-007"};
    const auto refused = join(at_once);
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(code_of(refused), kGate);
    const std::string text(json_of(refused).at("title").as_string());
    EXPECT_NE(text.find("TOP-Liste"), std::string::npos) << text;
    EXPECT_NE(text.find("mit einem Grund"), std::string::npos) << text;
    EXPECT_EQ(get(target_of(kHemmingen), "chef").status, 404) << "nothing of it is stored";
    EXPECT_EQ(exchange_->rule_changes, 0);

    ASSERT_EQ(join(hemmingen()).status, 201);
    EXPECT_EQ(code_of(add_number("030 23125-007")), kGate);
    json::object line{
        {"number", "030 23125-007"}, {"scope", "central"},     {"queue", nullptr},
        {"price_class", 0},          {"own_hours", false},     {"closed_on_public_holidays", true},
        {"towns_days", false},       {"hours", json::array{}}, {"valid_from", nullptr},
        {"valid_until", nullptr},    {"office", nullptr},      {"office_ring_seconds", 20},
        {"absent", json::array{}}};
    const Asked with_line{"chef", json::serialize(line), {}};
    EXPECT_EQ(code_of(ask("POST", target_of(kHemmingen, "/lines"), with_line)), kGate);
    EXPECT_EQ(json_of(get(target_of(kHemmingen, "/lines"), "chef")).at("items").as_array().size(),
              0U);
    for (const char *day : {"2026-11-23T08:00:00Z", "2027-01-01T00:00:00Z"}) {
        const auto term = set_term({{"joins", day}, {"leaves", nullptr}});
        EXPECT_EQ(term.status, 409) << day;
        EXPECT_EQ(code_of(term), kGate) << day;
    }
    EXPECT_EQ(set_term({{"joins", nullptr}, {"leaves", "2030-01-01T00:00:00Z"}}).status, 200)
        << "an end is no first day";

    ASSERT_EQ(let_live().status, 200);
    EXPECT_EQ(set_term({{"joins", "2027-01-01T00:00:00Z"}, {"leaves", nullptr}}).status, 200);
    EXPECT_EQ(ask("POST", target_of(kHemmingen, "/lines"), with_line).status, 201);
    EXPECT_EQ(add_number("030 23125-008").status, 201);
}

// An agreement had its first day: without a decision it cannot be brought forward.
TEST_P(Joining, AFirstDayToComeIsNotBroughtForwardWithoutTheGate) {
    people::Municipality town;
    town.id = kHemmingen;
    town.name = town.short_name = town.greeting = "Hemmingen";
    town.numbers = {PhoneNumber{"+493023125007"}};
    ASSERT_TRUE(municipalities_->add(town, admin_));
    ASSERT_TRUE(db().write([&](storage::Connection &connection) -> Expected<void> {
        const auto set = people::set_term({connection, clock_.now(), admin_}, kHemmingen, 1,
                                          clock_.now() + 24h, std::nullopt);
        if (!set) return tl::unexpected(set.error());
        return {};
    }));
    for (const json::value &day : {json::value(nullptr), json::value("2026-11-23T08:00:00Z"),
                                   json::value("2027-03-01T00:00:00Z")})
        EXPECT_EQ(code_of(set_term({{"joins", day}, {"leaves", nullptr}})),
                  "knowledge.gate_undecided")
            << day;
}

TEST_P(Joining, WhoIsServedAlreadyIsNotAskedAgain) {
    const std::string wedemark = target_of(kWedemark, "/numbers");
    EXPECT_EQ(ask("POST", wedemark, {"chef", R"({"number":"030 23125-009"})", {}}).status, 201);
    const auto version = json_of(get(target_of(kWedemark), "chef")).at("version").as_int64();
    EXPECT_EQ(ask("PUT", target_of(kWedemark, "/term"),
                  {"chef",
                   R"({"joins":"2026-01-01T00:00:00Z","leaves":null})",
                   {{"if-match", "\"" + std::to_string(version) + "\""}}})
                  .status,
              200)
        << "since when it is served";
}

TEST_P(Joining, ADistrictAnAssociationAndACityStateMayJoin) {
    const auto kind_of = [&](const char *ars) {
        json::object town = hemmingen();
        town["ars"] = ars;
        const auto joined = join(town);
        EXPECT_EQ(joined.status, 201) << joined.body;
        return std::string(json_of(joined).at("kind").as_string());
    };
    EXPECT_EQ(kind_of("032410000000"), "district");     // Region Hannover
    EXPECT_EQ(kind_of("033515401000"), "municipality"); // a Samtgemeinde
    EXPECT_EQ(kind_of("110000000000"), "municipality"); // Berlin
}

TEST_P(Joining, WhatDoesNotFitIsNamed) {
    const auto refused = [&](const char *member, json::value value) {
        json::object town = hemmingen();
        town[member] = std::move(value);
        const auto response = join(town);
        EXPECT_GE(response.status, 400) << member;
        const json::value problem = json_of(response);
        return std::string(problem.at("code").as_string()) + " " +
               std::string(problem.at("arguments").at("field").as_string());
    };
    for (const char *ars : {"", "03241", "990000000001", "03241000700x", "030000000000", "1"})
        EXPECT_EQ(refused("ars", ars), "municipality.ars_invalid ars") << ars;
    EXPECT_EQ(refused("name", " "), "municipality.text_missing name");
    EXPECT_EQ(refused("greeting", ""), "municipality.text_missing greeting");
    EXPECT_EQ(refused("short_name", "Hemmingen-Westerfeld"), "request.invalid short_name");
    EXPECT_EQ(refused("population", -1), "request.invalid population");
    EXPECT_EQ(refused("numbers", json::array{"keine"}), "municipality.number_invalid numbers");
    EXPECT_EQ(refused("numbers", json::array{"+493023125002"}), "municipality.number_taken number");
    EXPECT_EQ(refused("hours", json::array{json::object{
                                   {"weekday", 0}, {"from", "18:00"}, {"to", "08:00"}}}),
              "municipality.hours_order hours");
    EXPECT_EQ(get(target_of(kHemmingen), "chef").status, 404) << "nothing of it is stored";
    EXPECT_EQ(exchange_->rule_changes, 0);
}

TEST_P(Joining, TheOfficialListIsFoundByNameAndKey) {
    const auto first = [&](const std::string &query) {
        const json::value found = json_of(get("/api/v1/areas?q=" + query, "chef"));
        const auto &items = found.at("items").as_array();
        return items.empty() ? std::string() : std::string(items[0].at("ars").as_string());
    };
    EXPECT_EQ(first("Hemmingen"), "032410007007"); // there is one in Württemberg, too, by key later
    EXPECT_EQ(first("032410007007"), "032410007007");
    EXPECT_EQ(first("WENNIGSEN"), "032410020020");
    EXPECT_EQ(first("MÜNCHEN"), "091620000000");
    EXPECT_EQ(first("Nirgendwo an der Wümme"), "");
    EXPECT_EQ(first("x"), "") << "one letter is no question";
    const json::value wedemark = json_of(get("/api/v1/areas?q=wedemark", "chef"));
    const json::value &item = wedemark.at("items").at(0);
    EXPECT_TRUE(item.at("joined").as_bool());
    EXPECT_EQ(item.at("land").as_string(), "NI");
    EXPECT_EQ(item.at("within").as_string(), "Region Hannover, Niedersachsen");
    EXPECT_LE(json_of(get("/api/v1/areas?q=st", "chef")).at("items").as_array().size(), 20U);
}

TEST_P(Joining, PricesAreAddedEndedAndFollowEachOther) {
    ASSERT_EQ(join(hemmingen()).status, 201);
    EXPECT_TRUE(
        json_of(get(target_of(kHemmingen, "/prices"), "chef")).at("items").as_array().empty());
    json::object first = price_from("2026-11-01");
    first["price"] = "0,95";
    const auto added = add_price(first);
    ASSERT_EQ(added.status, 201) << added.body;
    EXPECT_EQ(json_of(added).at("price").as_string(), "0.95");
    EXPECT_NE(json_of(added).at("clause").as_string().find("Minute"), std::string::npos);

    const auto overlapping = add_price(price_from("2027-01-01"));
    EXPECT_EQ(overlapping.status, 409);
    EXPECT_EQ(code_of(overlapping), "price.overlap_open");
    EXPECT_EQ(json_of(overlapping).at("arguments").at("from").as_string(), "2027-01-01");
    EXPECT_EQ(code_of(add_price(price_from("2026-12-01", "2026-12-31"))), "price.overlap");

    const std::string target = price_target(added);
    EXPECT_EQ(code_of(end_price(target, "2026-10-31")), "price.order");
    EXPECT_EQ(code_of(end_price(target, "Silvester")), "price.day_invalid");
    ASSERT_EQ(end_price(target, "2026-12-31").status, 200);
    EXPECT_EQ(code_of(end_price(target, "2027-12-31")), "agreement.ended");
    // A month without a price is possible, and said.
    ASSERT_EQ(add_price(price_from("2027-02-01", nullptr, "1.05")).status, 201);
    const json::value prices = json_of(get(target_of(kHemmingen, "/prices"), "chef"));
    EXPECT_EQ(prices.at("items").as_array().size(), 2U);
    EXPECT_EQ(prices.at("gaps"),
              (json::array{json::object{{"from", "2027-01-01"}, {"to", "2027-01-31"}}}));
    EXPECT_EQ(audited(),
              (std::set<std::string>{"municipality.added", "price.added", "price.ended"}));
}

TEST_P(Joining, WhatDoesNotFitInAPriceIsNamed) {
    ASSERT_EQ(join(hemmingen()).status, 201);
    const auto refused = [&](const char *member, json::value value) {
        json::object price = price_from("2026-11-01");
        price[member] = std::move(value);
        const auto response = add_price(price);
        EXPECT_EQ(response.status, 422) << member;
        const json::value problem = json_of(response);
        return std::string(problem.at("code").as_string()) + " " +
               std::string(problem.at("arguments").at("field").as_string());
    };
    for (const char *price : {"", "x", "-1", "1e3", "1000.01", "0.1234567"})
        EXPECT_EQ(refused("price", price), "price.amount_invalid price") << price;
    EXPECT_EQ(refused("valid_from", "1.11.2026"), "price.day_invalid valid_from");
    EXPECT_EQ(refused("valid_from", "2026-02-29"), "price.day_invalid valid_from");
    EXPECT_EQ(refused("valid_to", "2026-10-31"), "price.order valid_to");
    EXPECT_EQ(refused("valid_to", "bald"), "price.day_invalid valid_to");
    EXPECT_EQ(refused("unit", "hour"), "request.invalid unit");
    EXPECT_EQ(refused("level", "per_day"), "request.invalid level");
    EXPECT_EQ(refused("rounding", "upwards"), "request.invalid rounding");
    EXPECT_EQ(refused("clause", ""), "request.invalid clause");
    EXPECT_EQ(ask("POST", "/api/v1/municipalities/032410009009/prices",
                  {"chef", json::serialize(price_from("2026-11-01")), {}})
                  .status,
              404);
    EXPECT_TRUE(
        json_of(get(target_of(kHemmingen, "/prices"), "chef")).at("items").as_array().empty());
}

TEST_P(Joining, APriceIsTakenBackUntilACallHasToBeBilledByIt) {
    ASSERT_EQ(join(hemmingen()).status, 201);
    const auto typed_wrong = add_price(price_from("2026-11-01", nullptr, "95"));
    ASSERT_EQ(typed_wrong.status, 201);
    EXPECT_EQ(ask("DELETE", price_target(typed_wrong), {"chef", "", {}}).status, 204);
    EXPECT_EQ(ask("DELETE", price_target(typed_wrong), {"chef", "", {}}).status, 404);

    const auto right = add_price(price_from("2026-11-01"));
    write_call(CallId{900'000'003}, kHemmingen, PhoneNumber{"+493023125007"}, AgentId{agent_.value},
               to_instant({2026, 11, 23}, 10 * 3600));
    const auto kept = ask("DELETE", price_target(right), {"chef", "", {}});
    EXPECT_EQ(kept.status, 409);
    EXPECT_EQ(code_of(kept), "agreement.billed");
    EXPECT_EQ(json_of(kept).at("arguments").at("calls").as_string(), "1");
    // 60 s of talk and 30 s of after-call work at 0.95 EUR: 1.425 EUR, half up.
    const json::value invoice =
        json_of(get("/api/v1/invoices/" + to_ars(kHemmingen) + "/2026-11", "chef"));
    EXPECT_EQ(invoice.at("total_cents").as_int64(), 143);
}

TEST_P(Joining, EachRoleMayWhatIsItsOwn) {
    ASSERT_EQ(join(hemmingen()).status, 201);
    const auto mine = add_price(price_from("2026-11-01"));
    for (const people::Role role : kRoles) {
        const std::string name(to_string(role));
        add_user("mitte-" + name, {role});
        add_user("dort-" + name, {role}, kHemmingen);
        sign_in("mitte-" + name);
        sign_in("dort-" + name);
    }
    const std::string town = json::serialize(hemmingen());
    ASSERT_EQ(end_price(price_target(mine), "2026-12-31").status, 200);
    int year = 2030;
    for (const people::Role role : kRoles) {
        const std::string name(to_string(role));
        const bool admin = role == people::Role::admin;
        const bool finance = role == people::Role::finance;
        const bool reads = admin || finance || role == people::Role::auditor;
        const std::string centre = "mitte-" + name;
        const std::string local = "dort-" + name;
        EXPECT_EQ(ask("POST", "/api/v1/municipalities", {centre, town, {}}).status,
                  admin ? 409 : 403)
            << name;
        EXPECT_EQ(ask("POST", "/api/v1/municipalities", {local, town, {}}).status, 403) << name;
        EXPECT_EQ(get("/api/v1/areas?q=hemmingen", centre).status, admin ? 200 : 403) << name;
        EXPECT_EQ(get("/api/v1/areas?q=hemmingen", local).status, 403) << name;
        for (const std::string &who : {centre, local}) {
            EXPECT_EQ(get(target_of(kHemmingen, "/prices"), who).status, reads ? 200 : 403) << who;
        }
        EXPECT_EQ(get(target_of(kWedemark, "/prices"), local).status, reads ? 404 : 403) << name;

        // A year of its own, so that only the role decides.
        const std::string from = std::to_string(year) + "-01-01";
        const std::string to = std::to_string(year++) + "-12-31";
        json::object price = price_from(from.c_str(), json::value(to));
        EXPECT_EQ(add_price(price, local).status, 403) << local;
        EXPECT_EQ(add_price(price, centre).status, admin || finance ? 201 : 403) << centre;
        EXPECT_EQ(ask("DELETE", price_target(mine), {local, "", {}}).status, 403) << local;
        const std::string body = json::serialize(json::object{{"valid_to", "2027-12-31"}});
        EXPECT_EQ(ask("PUT", price_target(mine), {local, body, {}}).status, 403) << local;
    }
}

TEST_P(Joining, APriceBelongsToItsMunicipality) {
    ASSERT_EQ(join(hemmingen()).status, 201);
    const auto mine = add_price(price_from("2026-11-01"));
    const std::string id = std::to_string(json_of(mine).at("id").as_int64());
    const std::string elsewhere = target_of(kWedemark, "/prices/" + id);
    EXPECT_EQ(ask("DELETE", elsewhere, {"chef", "", {}}).status, 404);
    EXPECT_EQ(end_price(elsewhere, "2026-12-31").status, 404);
    EXPECT_EQ(json_of(get(target_of(kHemmingen, "/prices"), "chef")).at("items").as_array().size(),
              1U);
}

FERNAMT_ON_EVERY_ENGINE(Joining);

} // namespace
} // namespace fernamt::web::testing
