// SPDX-License-Identifier: EUPL-1.2
#include "office.h"

#include "billing/standard_price.h"
#include "knowledge/demo_services.h"
#include "storage/database.h"
#include "telephony/media_test_ports.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace fernamt::testing {

namespace {

const std::string kSource = FERNAMT_SOURCE_DIR;

template <class T>
T must(Expected<T> result) {
    if (!result) throw std::runtime_error(describe(result.error()));
    return std::move(*result);
}

// Benchmarks fill the whole range that is the default, and run alone.
std::string media_ports(int agents) {
    if (agents > 40) return "";
    const auto &ports = telephony::reserve_media_ports();
    return fmt::format("port_min = {}\nport_max = {}\n", ports.first(), ports.last());
}

} // namespace

Office::Office(int agents, const Setup &setup)
    : directory_(make_directory()),
      http_port_(setup.http_port != 0 ? setup.http_port : free_port()),
      sip_port_(setup.sip_port != 0 ? setup.sip_port : free_port()) {
    if (setup.prepare_directory) setup.prepare_directory(directory_);
    database_url_ =
        setup.database_url.empty() ? "sqlite://" + directory_ + "/fernamt.db" : setup.database_url;
    auto database = must(storage::Database::open(database_url()));
    region_ = must(people::seed_demo(*database, SystemClock{},
                                     {.data_file = kSource + "/data/region-hannover.csv",
                                      .agents = agents,
                                      .always_open = true}));
    (void)must(knowledge::seed_demo_services(*database, kSource + "/data/knowledge"));
    std::vector<MunicipalityId> ids;
    for (const auto &municipality : region_.municipalities)
        ids.push_back(municipality.id);
    (void)must(billing::seed_demo_prices(*database, ids));
    const std::string sip =
        !setup.trunks.empty()
            ? setup.trunks
            : fmt::format("[sip]\nlisten = [\"sip:127.0.0.1:{0};transport=udp\", "
                          "\"sip:127.0.0.1:{0};transport=tcp\"]\ndrain_seconds = {1}\n{2}\n"
                          "[[sip.trunk]]\nname = \"test\"\nuri = \"{3}\"\n"
                          "sources = [\"127.0.0.0/8\"]\noptions_seconds = 0\n",
                          sip_port_, setup.drain_seconds, setup.sip, setup.trunk);
    std::ofstream(directory_ + "/fernamt.toml")
        << fmt::format("[state]\ndirectory = \"{0}\"\n[log]\nlevel = \"info\"\n"
                       "[web]\nport = {1}\nstatic_directory = \"{2}/ui/dist\"\n{5}\n"
                       "[media]\nannouncements_directory = \"{2}/build/announcements\"\n"
                       "rtpengine = \"{4}\"\n{7}{6}\n[database]\nurl = \"{3}\"\n",
                       directory_, http_port_, kSource, database_url_, setup.rtpengine, setup.web,
                       sip, media_ports(agents));
}

Office::~Office() {
    simulator_.reset();
    if (program_ && program_->running()) {
        program_->signal(SIGTERM); // a clean stop also ends the media process
        program_->wait(20);
    } else if (program_) { // killed: somebody has to clear up what it left running
        start();
        (void)stop();
    }
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

void Office::start() {
    launch("/readyz");
}

void Office::start_unready() {
    launch("/healthz");
}

void Office::launch(const std::string &until_answered) {
    program_ = std::make_unique<Program>(
        std::vector<std::string>{"serve", "--config", directory_ + "/fernamt.toml"});
    const bool ready =
        eventually([&] { return status_of(until_answered) == 200 || !program_->running(); }, 60);
    if (!ready || !program_->running()) {
        throw std::runtime_error("fernamt serve did not start:\n" + program_->errors());
    }
}

void Office::kill() {
    program_->signal(SIGKILL);
    program_->wait(10);
}

int Office::stop() {
    program_->signal(SIGTERM);
    return program_->wait(30);
}

void Office::people(double callers_per_hour, Duration talk, const Adjust &adjust) {
    telephony::SimulatorOptions options{.port = sip_port_,
                                        .callers_per_hour = callers_per_hour,
                                        // Nobody gives up: tests count on each call.
                                        .patience_mean = std::chrono::hours(100'000),
                                        .answer_after_least = 100ms,
                                        .answer_after_most = 300ms,
                                        .wrap_up_least = 100ms,
                                        .wrap_up_most = 300ms,
                                        .talk_least = talk,
                                        .talk_most = talk + 1s,
                                        .audio_directory = kSource + "/build/announcements",
                                        .seed = 11};
    for (const auto &municipality : region_.municipalities) {
        for (const auto &number : municipality.numbers)
            options.numbers.push_back({number.e164, 1});
    }
    std::map<std::string, std::string> logins;
    for (const auto &phone : region_.phones) {
        options.colleagues.push_back({phone.sip_user, phone.sip_password});
        logins[phone.sip_user] = phone.login;
    }
    options.phone_registered = [this, logins](const std::string &user) {
        // 409: after a restart of the service a phone registers anew, its agent is still there.
        const int status = press(logins.at(user), "sign_in");
        EXPECT_TRUE(status == 204 || status == 409) << user << ": " << status;
    };
    options.finish_wrap_up = [this, logins](const std::string &user) {
        (void)press(logins.at(user), "ready");
    };
    if (adjust) adjust(options);
    for (const auto &colleague : options.colleagues)
        signed_in_.insert(colleague.user);
    simulator_.reset(); // before the new one: each phone is somewhere once
    simulator_ = must(telephony::Simulator::create(options));
    simulator_->start();
    const std::string all = fmt::format("\"ready\":{}", signed_in_.size());
    const bool ready = eventually(
        [&] { return get("lead", "/api/v1/situation").find(all) != std::string::npos; }, 60);
    if (!ready) throw std::runtime_error("the colleagues are not ready:\n" + program_->errors());
}

std::string Office::number() const {
    return region_.municipalities.back().numbers.front().e164;
}

std::unique_ptr<net::Client> Office::sign_in(const std::string &login) {
    std::string password;
    for (const auto &account : region_.accounts) {
        if (account.login == login) password = account.password;
    }
    auto client =
        std::make_unique<net::Client>("127.0.0.1", static_cast<unsigned short>(http_port_));
    const auto answer = client->send(
        "POST", "/api/v1/session", {{"Content-Type", "application/json"}, {"X-Fernamt", "1"}},
        fmt::format(R"({{"login":"{}","password":"{}"}})", login, password));
    EXPECT_TRUE(answer && answer->status == 200) << login << (answer ? answer->body : "");
    return client;
}

std::string Office::get(const std::string &login, const std::string &path) {
    const std::lock_guard lock(mutex_);
    auto &client = clients_[login];
    if (!client) client = sign_in(login);
    const auto answer = client->get(path);
    return answer ? answer->body : "";
}

std::string Office::talking_agent() {
    for (const auto &phone : region_.phones) {
        const bool talks =
            get(phone.login, "/api/v1/desk").find("\"state\":\"talking\"") != std::string::npos;
        if (talks) return phone.login;
    }
    return "";
}

int Office::status_of(const std::string &path) {
    net::Client client("127.0.0.1", static_cast<unsigned short>(http_port_));
    const auto answer = client.get(path);
    return answer ? answer->status : 0;
}

int Office::press(const std::string &login, const std::string &command, const std::string &target) {
    const std::lock_guard lock(mutex_);
    auto &client = clients_[login];
    if (!client) client = sign_in(login);
    const std::string more = command == "sign_in" ? R"(,"device":"sip_phone")"
                             : target.empty()     ? ""
                                                  : fmt::format(R"(,"target":"{}")", target);
    const auto answer = client->send("POST", "/api/v1/desk/commands",
                                     {{"Content-Type", "application/json"}, {"X-Fernamt", "1"}},
                                     fmt::format(R"({{"command":"{}"{}}})", command, more));
    return answer ? answer->status : 0;
}

std::string Office::ask(std::vector<std::string> arguments, int expected_code) {
    arguments.insert(arguments.end(), {"--database", database_url()});
    Program question(arguments);
    EXPECT_EQ(question.wait(60), expected_code) << question.errors();
    return question.output();
}

} // namespace fernamt::testing
