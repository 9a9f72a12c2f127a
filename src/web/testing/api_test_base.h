// SPDX-License-Identifier: EUPL-1.2
// For tests of the API: the adapters over a real database, ledger, people, billing and knowledge,
// two municipalities with a call each, and a fake exchange. Every answer of every test is held
// against openapi.json: an undescribed status, media type or member fails the test.
#pragma once

#include "knowledge/website_office.h"
#include "people/municipalities.h"
#include "people/users.h"
#include "storage/test_database.h"
#include "web/api.h"
#include "web/testing/fake_exchange.h"

#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace fernamt::web::testing {

namespace json = boost::json;

inline constexpr MunicipalityId kLangenhagen{32'410'010'010};
inline constexpr MunicipalityId kWedemark{32'410'019'019};
inline constexpr std::int64_t kCallOfLangenhagen = 700'000'001;
inline constexpr std::int64_t kCallOfWedemark = 800'000'002;
inline constexpr const char *kPassword = "Klingelbeutel am Apparat";

struct Asked {
    std::string session;
    std::string body;
    std::map<std::string, std::string, std::less<>> headers;
    bool ours = true; // sends X-Fernamt
    std::string from = "192.0.2.1";
};

class ApiTest : public storage::testing::DatabaseTest {
  protected:
    void SetUp() override;

    void start_api(); // anew: the database, the ledger and the exchange stay

    // Path with query; `session` is a login that signed in.
    net::Response ask(const std::string &method, const std::string &target, Asked asked = {});
    net::Response get(const std::string &target, const std::string &session) {
        return ask("GET", target, {session, "", {}});
    }
    json::value json_of(const net::Response &response);
    std::string code_of(const net::Response &response);

    UserId add_user(const std::string &login, people::Roles roles,
                    std::optional<MunicipalityId> municipality = std::nullopt);
    void sign_in(const std::string &login);
    struct Times {
        Duration talk = 60s;
        Duration after_call_work = 30s;
    };
    // One answered call, taken by `agent` after 10 s.
    void write_call(CallId call, MunicipalityId municipality, const PhoneNumber &number,
                    AgentId agent, Instant at, Times times);
    void write_call(CallId call, MunicipalityId municipality, const PhoneNumber &number,
                    AgentId agent, Instant at) {
        write_call(call, municipality, number, agent, at, Times{});
    }

    ManualClock clock_{};
    std::unique_ptr<ledger::Ledger> ledger_;
    std::unique_ptr<FakeExchange> exchange_;
    std::unique_ptr<reporting::Projector> projector_;
    std::unique_ptr<knowledge::Catalogue> catalogue_;
    std::unique_ptr<telephony::FileAnnouncements> announcements_;
    std::unique_ptr<knowledge::DeliveryOffice> deliveries_;
    std::unique_ptr<knowledge::WebsiteOffice> websites_; // not started
    std::unique_ptr<people::Users> users_;
    std::unique_ptr<people::Municipalities> municipalities_;
    net::EventHub hub_;
    std::unique_ptr<Api> api_;
    net::Router router_;
    storage::testing::TemporaryDirectory directory_;
    std::map<std::string, std::string> tokens_; // by login
    UserId admin_, agent_;                      // "chef", "anke": signed in
};

} // namespace fernamt::web::testing
