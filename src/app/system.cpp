// SPDX-License-Identifier: EUPL-1.2
#include "app/system.h"

#include "app/call_import_command.h"
#include "app/config_phones.h"
#include "app/dial_plan.h"
#include "app/knowledge_search_command.h"
#include "app/operator_door.h"
#include "app/outside_work.h"
#include "app/retention.h"
#include "base/log.h"
#include "billing/call_set.h"
#include "knowledge/delivery_office.h"
#include "knowledge/search.h"
#include "knowledge/search_keeper.h"
#include "knowledge/website_office.h"
#include "net/http.h"
#include "people/changes.h"
#include "people/directory.h"
#include "people/rules.h"
#include "reporting/projector.h"
#include "telephony/announcements_files.h"
#include "telephony/binding_file.h"
#include "telephony/digit_listener.h"
#include "telephony/media_rtpengine.h"
#include "telephony/rtpengine_process.h"
#include "telephony/sofia_call_legs.h"
#include "telephony/sofia_loop.h"
#include "web/api.h"
#include "web/recordings.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <thread>

namespace fernamt::app {

namespace {

constexpr auto kMediaWithin = 5s;
constexpr auto kSnapshotEvery = std::chrono::minutes(5);
constexpr auto kEraseFirst = std::chrono::minutes(1);
constexpr auto kFarAhead = std::chrono::minutes(10);
constexpr auto kProjectEvery = std::chrono::seconds(2);
constexpr std::int64_t kKeptAtOnce = 20'000; // entries: a first start shall not hold up a stop

log::Level log_level(const std::string &name) {
    if (name == "debug") return log::Level::debug;
    if (name == "warning") return log::Level::warning;
    return name == "error" ? log::Level::error : log::Level::info;
}

Expected<std::string> first_line(const std::string &file) {
    std::ifstream in(file);
    std::string line;
    if (!std::getline(in, line)) {
        return fail(ProblemKind::invalid_input, "config.secret_unreadable",
                    {{"file", file}, {"remedy", "put the password into the file's first line"}});
    }
    return line;
}

// The wall clock has stepped back, or the last moment of the ledger is to come: one of them was
// ahead, or this one is behind.
void say_if_ahead(Duration ahead) {
    if (ahead < 1s) return;
    log::write(
        ahead > kFarAhead ? log::Level::error : log::Level::warning, "clock.ahead",
        {{"ahead_seconds", std::chrono::floor<std::chrono::seconds>(ahead).count()},
         {"effect", "hours, waits and bills go by a time that runs at half speed"},
         {"remedy", "if this machine's clock is behind, set it; if it is right, this passes "
                    "by itself in twice that time: docs/how-to/run-for-real.md, The clock"}});
}

} // namespace

struct System::Parts {
    explicit Parts(Config c) : config(std::move(c)) {}

    Config config;
    SystemClock clock;
    std::unique_ptr<storage::Database> database;
    std::unique_ptr<ledger::Ledger> ledger;
    std::unique_ptr<knowledge::Catalogue> catalogue;
    std::unique_ptr<people::Directory> directory;
    int phones_changed = 0; // subscription: accounts
    std::unique_ptr<DialPlan> dial_plan;
    std::unique_ptr<telephony::FileAnnouncements> announcements;
    telephony::SofiaLoop loop;
    std::unique_ptr<telephony::RtpengineProcess> rtpengine;
    std::unique_ptr<telephony::RtpengineMedia> media;
    std::unique_ptr<telephony::DigitListener> digits;
    std::unique_ptr<telephony::BindingFile> bindings;
    std::unique_ptr<telephony::SofiaCallLegs> legs;
    std::unique_ptr<telephony::Exchange> exchange;
    std::unique_ptr<reporting::Projector> projector;
    net::EventHub hub;
    std::unique_ptr<knowledge::DeliveryOffice> deliveries;
    std::unique_ptr<knowledge::WebsiteOffice> websites;
    std::unique_ptr<OperatorDoor> operators;
    std::unique_ptr<web::Api> api;
    std::unique_ptr<net::Server> server;
    std::unique_ptr<OutsideWork> outside;
    std::unique_ptr<knowledge::SearchKeeper> search;
    std::thread housekeeping;
    std::mutex mutex;
    std::condition_variable wake;
    std::atomic<bool> draining = false;
    bool keep_media_running = false;
    bool stopped = false;

    Expected<void> open_storage(const std::function<Expected<void>(storage::Database &)> &prepare);
    void say_whose_phones() const;
    Expected<void> start_media();
    void listen_to_digits();
    [[nodiscard]] std::string partner_number(const std::string &source) const;
    [[nodiscard]] bool partner_has_trunk(const PhoneNumber &partner) const;
    Expected<void> start_sip();
    Expected<void> start_exchange();
    Expected<void> start_web();
    void keep_house();
    void stop();
};

Expected<void>
System::Parts::open_storage(const std::function<Expected<void>(storage::Database &)> &prepare) {
    std::error_code error;
    std::filesystem::create_directories(config.state_directory, error);
    if (error) {
        return fail(ProblemKind::unavailable, "state.directory",
                    {{"directory", config.state_directory}, {"reason", error.message()}});
    }
    ::chmod(config.state_directory.c_str(), 0700);
    const std::string url = config.database_url.empty()
                                ? "sqlite://" + config.state_directory + "/fernamt.db"
                                : config.database_url;
    auto opened = storage::Database::open(url);
    if (!opened) return tl::unexpected(opened.error());
    database = std::move(*opened);
    if (prepare) {
        if (auto prepared = prepare(*database); !prepared) return prepared;
    }
    auto opened_ledger = ledger::Ledger::open(*database);
    if (!opened_ledger) return tl::unexpected(opened_ledger.error());
    ledger = std::move(*opened_ledger);
    auto loaded = knowledge::Catalogue::open(*database, search_directory(config));
    if (!loaded) return tl::unexpected(loaded.error());
    catalogue = std::move(*loaded);
    auto people = people::Directory::load(*database);
    if (!people) return tl::unexpected(people.error());
    directory = std::move(*people);
    projector = std::make_unique<reporting::Projector>(*ledger, *database);
    return {};
}

// An account may be withdrawn at any time: no reason for all others to be without telephone.
void System::Parts::say_whose_phones() const {
    Mistakes mistakes;
    check_phones(config, *directory, mistakes);
    for (const Problem &mistake : mistakes.in_order())
        log::warning("sip.phone", {{"problem", describe(mistake)}});
}

Expected<void> System::Parts::start_media() {
    telephony::RtpengineMedia::Options options;
    if (config.media_rtpengine.empty()) {
        auto started =
            telephony::RtpengineProcess::start(loop, {.state_directory = config.state_directory,
                                                      .address = config.media_address,
                                                      .port_min = config.media_port_min,
                                                      .port_max = config.media_port_max});
        if (!started) return tl::unexpected(started.error());
        rtpengine = std::move(*started);
        options.ng.port = rtpengine->ng_port();
        options.outside_interface = telephony::RtpengineProcess::kOutside;
        options.inside_interface = telephony::RtpengineProcess::kInside;
    } else {
        const auto there = parse_host_port(config.media_rtpengine);
        if (!there) {
            return fail(ProblemKind::invalid_input, "config.wrong_value",
                        {{"key", "media.rtpengine"}, {"remedy", "write host:port"}});
        }
        options.ng.host = there->host;
        options.ng.port = there->port;
    }
    auto created = telephony::RtpengineMedia::create(loop, options);
    if (!created) return tl::unexpected(created.error());
    media = std::move(*created);
    if (rtpengine) rtpengine->on_exit([this] { media->rtpengine_died(); });
    listen_to_digits();
    announcements = std::make_unique<telephony::FileAnnouncements>(
        config.media_announcements_directory, config.state_directory, clock);
    return web::Recordings(*database, *ledger, *announcements, clock).take_up();
}

// Without them nobody can ask for a callback by key; everything else works.
void System::Parts::listen_to_digits() {
    HostPort there{"127.0.0.1", rtpengine ? rtpengine->digit_port() : 0};
    if (!rtpengine) there = parse_host_port(config.media_digits).value_or(there);
    if (there.port == 0) return;
    auto opened = telephony::DigitListener::open(
        loop, there.host, there.port, [this](std::string_view key) { media->take_digit(key); });
    if (opened) {
        digits = std::move(*opened);
    } else {
        log::warning("media.digits", {{"problem", describe(opened.error())}});
    }
}

// source: "trunk:NAME"
std::string System::Parts::partner_number(const std::string &source) const {
    for (const TrunkConfig &trunk : config.sip_trunks) {
        if (source != "trunk:" + trunk.name) continue;
        const auto number = parse_phone_number(trunk.partner_number);
        return number ? number->e164 : "";
    }
    return "";
}

bool System::Parts::partner_has_trunk(const PhoneNumber &partner) const {
    return std::any_of(config.sip_trunks.begin(), config.sip_trunks.end(),
                       [&](const TrunkConfig &trunk) {
                           return partner_number("trunk:" + trunk.name) == partner.e164;
                       });
}

Expected<void> System::Parts::start_sip() {
    telephony::SipConfig sip;
    sip.listen = config.sip_listen;
    sip.certificate_dir = config.sip_certificate_directory;
    for (const TrunkConfig &trunk : config.sip_trunks) {
        telephony::TrunkConfig made{.name = trunk.name,
                                    .proxy = trunk.uri,
                                    .sources = trunk.sources,
                                    .user = trunk.user,
                                    .register_there = trunk.registers,
                                    .options_interval =
                                        std::chrono::seconds(trunk.options_seconds)};
        if (!trunk.password_file.empty()) {
            auto password = first_line(trunk.password_file);
            if (!password) return tl::unexpected(password.error());
            made.password = std::move(*password);
        }
        sip.trunks.push_back(std::move(made));
    }
    sip.public_host = config.sip_public_host;
    sip.calls_per_second_per_source = config.sip_calls_per_second;
    sip.burst_per_source = 2.0 * config.sip_calls_per_second;
    sip.calls_per_second = config.sip_calls_per_second_in_all;
    sip.burst = 2.0 * config.sip_calls_per_second_in_all;
    sip.offer_sha256 = config.sip_phone_sha256;
    sip.phone_secret = [this](const std::string &user) -> std::optional<telephony::PhoneSecret> {
        const auto secret = directory->phone_secret(user);
        if (!secret) return std::nullopt;
        return telephony::PhoneSecret{secret->ha1_md5, secret->ha1_sha256};
    };
    bindings = std::make_unique<telephony::BindingFile>(config.state_directory);
    sip.save_binding = [this](const telephony::Binding &binding) { bindings->save(binding); };
    sip.forget_binding = [this](const std::string &user) { bindings->forget(user); };
    sip.load_bindings = [this] { return bindings->load(); };
    auto created = telephony::SofiaCallLegs::create(loop, std::move(sip));
    if (!created) return tl::unexpected(created.error());
    legs = std::move(*created);
    return {};
}

Expected<void> System::Parts::start_exchange() {
    auto created = telephony::Exchange::create(
        {.loop = loop,
         .legs = *legs,
         .media = *media,
         .ledger = *ledger,
         .clock = clock,
         .announcements = *announcements,
         .phone_user = [this](AgentId id) { return directory->sip_user(id); },
         .outside_uri = [this](const PhoneNumber &number) { return dial_plan->uri(number); },
         .short_name = [this](MunicipalityId id) { return directory->short_name(id); },
         .on_change =
             [this](const telephony::Exchange::Changed &changed) {
                 web::publish_change(hub, changed);
             },
         .state_directory = config.state_directory,
         .partner_number = [this](const std::string &source) { return partner_number(source); },
         .partner_has_trunk =
             [this](const PhoneNumber &partner) { return partner_has_trunk(partner); },
         .whispers = [this](AgentId id) { return directory->whispers(id); },
         .office_of_phone =
             [this](const std::string &phone) { return directory->office_of_phone(phone); },
         .information_first = std::chrono::seconds{config.media_information_first_seconds},
         .information_every = std::chrono::seconds{config.media_information_every_seconds}});
    if (!created) return tl::unexpected(created.error());
    exchange = std::move(*created);
    legs->on_registration([this](const std::string &user, bool) { exchange->phone_changed(user); });

    loop.start();
    // After the directory's own subscription: it has read the accounts anew by then.
    phones_changed = people::on_people_changed(
        *database, [this] { loop.post([this] { legs->recheck_phones(); }); });
    // The state of the media plane decides what of the past is still alive.
    const auto deadline = std::chrono::steady_clock::now() + kMediaWithin;
    bool available = false;
    while (!available && std::chrono::steady_clock::now() < deadline) {
        loop.run_on_loop([&] { available = media->available(); });
        if (!available) std::this_thread::sleep_for(10ms);
    }
    if (!available) {
        const bool own = config.media_rtpengine.empty();
        log::error("media.no_answer",
                   {{"rtpengine", own ? std::string("our own") : config.media_rtpengine},
                    {"effect", std::string("callers get 503 until it answers")},
                    {"remedy", std::string(own ? "see why rtpengine does not start on this machine"
                                               : "start it, or correct media.rtpengine")}});
    }
    const auto past = exchange->state();
    if (!past) return tl::unexpected(past.error());
    SystemClock::not_before(past->now);
    say_if_ahead(clock.ahead());
    loop.run_on_loop([this] { exchange->recover(); });

    auto rules = people::build_rules(*database);
    if (!rules) return tl::unexpected(rules.error());
    auto current = exchange->rules();
    if (!current) return tl::unexpected(current.error());
    rules->version = current->version;
    if (*rules == *current) return {};
    std::promise<Expected<void>> changed;
    exchange->change_rules(*rules, UserId{}, [&](Expected<void> done) { changed.set_value(done); });
    return changed.get_future().get();
}

Expected<void> System::Parts::start_web() {
    deliveries = std::make_unique<knowledge::DeliveryOffice>(
        *database, clock,
        knowledge::DeliveryOffice::Options{
            .directory = config.state_directory + "/deliveries",
            .uploads = {},
            .schema_file = config.knowledge_schema_file,
            .undo_days = config.privacy_delivery_undo_days,
            .on_change = [this](bool knowledge) { web::publish_delivery(hub, knowledge); }});
    websites = std::make_unique<knowledge::WebsiteOffice>(
        *database, clock,
        knowledge::WebsiteOffice::Options{.configured = website_sites(config),
                                          .guard = website_guard(config),
                                          .every = std::chrono::hours(config.website_visit_hours)});
    operators = OperatorDoor::open(
        operator_socket(config), *deliveries, *database,
        [this](const std::string &mapping, std::istream &records, const OperatorTalk &talk) {
            return import_calls_beside(mapping, records, *ledger, *database, clock.now(), talk);
        });
    api = std::make_unique<web::Api>(web::ApiParts{
        .exchange = *exchange,
        .database = *database,
        .ledger = *ledger,
        .clock = clock,
        .hub = hub,
        .projector = *projector,
        .catalogue = *catalogue,
        .announcements = *announcements,
        .deliveries = *deliveries,
        .websites = *websites,
        .draining = [this] { return draining.load(); },
        .tls = config.web_behind_tls || !config.web_certificate_file.empty(),
        .public_pages = config.public_pages,
        .public_address = config.public_address,
        .metrics_from = config.web_metrics_from,
        .forbidden_by =
            [this](const PhoneNumber &number) { return dial_plan->forbidden_by(number); }});
    net::ServerOptions options{.address = config.web_address,
                               .port = static_cast<unsigned short>(config.web_port),
                               .static_directory = config.web_static_directory,
                               .certificate_file = config.web_certificate_file,
                               .key_file = config.web_key_file,
                               .trusted_proxies = config.web_trusted_proxies};
    server = net::Server::create(options, api->router(), hub, api->authorise_events());
    std::string error;
    if (!server->start(error)) {
        return fail(
            ProblemKind::unavailable, "web.cannot_listen",
            {{"address", config.web_address + ":" + std::to_string(config.web_port)},
             {"reason", error},
             {"remedy", "free the port or choose another with web.port (demo: --http-port)"}});
    }
    api->start();
    return {};
}

// Projection and snapshots: nothing that anybody waits for.
void System::Parts::keep_house() {
    auto next_snapshot = std::chrono::steady_clock::now() + kSnapshotEvery;
    auto next_erasure = std::chrono::steady_clock::now() + kEraseFirst;
    const Retention retention{
        .database = *database,
        .ledger = *ledger,
        .clock = clock,
        .caller_numbers = std::chrono::hours(config.privacy_caller_number_hours),
        .call_notes = std::chrono::hours(24 * config.privacy_call_note_days),
        .still_needed = [this] { return exchange->callback_numbers(); },
        .erase_deliveries = [this] { return deliveries->erase_what_is_over(); }};
    std::unique_lock lock(mutex);
    while (!draining) {
        wake.wait_for(lock, kProjectEvery, [this] { return draining.load(); });
        lock.unlock();
        if (const auto taken = projector->catch_up(); !taken) {
            log::warning("projector.failed", {{"problem", describe(taken.error())}});
        }
        if (const auto kept = billing::keep_call_set(*database, kKeptAtOnce); !kept) {
            log::warning("billing.call_set_behind", {{"problem", describe(kept.error())}});
        }
        if (const auto refreshed = catalogue->refresh_services(); !refreshed) {
            log::warning("knowledge.refresh_failed", {{"problem", describe(refreshed.error())}});
        }
        if (std::chrono::steady_clock::now() >= next_erasure) {
            next_erasure += kEraseEvery;
            say_if_ahead(clock.ahead());
            erase_what_is_over(retention);
        }
        if (std::chrono::steady_clock::now() >= next_snapshot) {
            next_snapshot += kSnapshotEvery;
            if (const auto saved = exchange->save_snapshot(); !saved) {
                log::warning("snapshot.failed", {{"problem", describe(saved.error())}});
            }
        }
        lock.lock();
    }
}

void System::Parts::stop() {
    if (std::exchange(stopped, true)) return;
    { // between the question of whoever keeps the house and its sleep nobody would hear it
        const std::scoped_lock lock(mutex);
        draining = true;
    }
    wake.notify_all();
    search.reset();
    if (housekeeping.joinable()) housekeeping.join();
    outside.reset();
    if (websites) websites->stop();
    if (deliveries) deliveries->stop();
    operators.reset();
    if (exchange) {
        exchange->stop_accepting();
        if (const auto saved = exchange->save_snapshot(); !saved) {
            log::warning("snapshot.failed", {{"problem", describe(saved.error())}});
        }
    }
    if (server) server->stop();
    if (api) api->stop();
    people::forget_people_changed(phones_changed);
    loop.stop();
    if (rtpengine && !keep_media_running) rtpengine->stop();
    // The ledger's last callbacks may still name the exchange: it goes first to end.
    ledger.reset();
}

Expected<std::unique_ptr<System>> System::start(Options options) {
    log::set_level(log_level(options.config.log_level));
    auto parts = std::make_unique<Parts>(std::move(options.config));
    parts->keep_media_running = options.keep_media_running;
    auto result = parts->open_storage(options.prepare);
    if (result) {
        parts->dial_plan = std::make_unique<DialPlan>(parts->config);
        parts->say_whose_phones();
        result = parts->start_media();
    }
    if (result) result = parts->start_sip();
    if (result) result = parts->start_exchange();
    if (result) result = parts->start_web();
    if (!result) {
        parts->stop();
        return tl::unexpected(result.error());
    }
    Parts *running = parts.get();
    parts->outside = std::make_unique<OutsideWork>(*parts->database, parts->clock, parts->config);
    parts->websites->start(); // after it has noted which are configured
    parts->housekeeping = std::thread([running] { running->keep_house(); });
    parts->search = std::make_unique<knowledge::SearchKeeper>(
        *parts->catalogue, knowledge::SearchKeeper::Options{
                               .on_built = [running] { web::publish_search_built(running->hub); }});
    return std::unique_ptr<System>(new System(std::move(parts)));
}

System::System(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

System::~System() {
    stop();
}

void System::stop_accepting() {
    parts_->exchange->stop_accepting();
    parts_->loop.run_on_loop([&] { parts_->legs->set_accepting(false); });
}

std::int64_t System::live_calls() const {
    return parts_->exchange->counters().live_calls;
}

void System::stop() {
    parts_->stop();
}

int System::web_port() const {
    return parts_->server->port();
}

int System::sip_port() const {
    int port = 0;
    parts_->loop.run_on_loop([&] { port = parts_->legs->addresses().front().port; });
    return port;
}

std::size_t System::open_legs() const {
    std::size_t open = 0;
    parts_->loop.run_on_loop([&] { open = parts_->legs->open_legs(); });
    return open;
}

telephony::Exchange &System::exchange() {
    return *parts_->exchange;
}
storage::Database &System::database() {
    return *parts_->database;
}
ledger::Ledger &System::ledger() {
    return *parts_->ledger;
}

} // namespace fernamt::app
