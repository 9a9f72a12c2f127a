// SPDX-License-Identifier: EUPL-1.2
#include "app/demo.h"

#include "app/exit_codes.h"
#include "app/listen_address.h"
#include "app/serve.h"
#include "app/system.h"
#include "app/temporary_folder.h"
#include "base/log.h"
#include "billing/demo_billing.h"
#include "billing/invoice.h"
#include "billing/standard_price.h"
#include "billing/template_town.h"
#include "knowledge/demo_house.h"
#include "knowledge/demo_services.h"
#include "people/demo.h"
#include "people/demo_house.h"
#include "people/municipalities.h"
#include "people/users.h"
#include "reporting/projector.h"
#include "reporting/reports.h"
#include "telephony/media_ports.h"
#include "telephony/simulator.h"
#include "telephony/simulator_offices.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <map>
#include <optional>
#include <set>
#include <span>

namespace fernamt::app {

namespace {

// Unless told otherwise, everything of the demo stays on this machine.
const ListenAddress kThisMachine{"127.0.0.1", "127.0.0.0/8"};

// The first two agents are for whoever tries the demo: one at the browser, one with a SIP phone.
// The others are simulated.
constexpr int kAgentsForPeople = 2;

std::span<const people::DemoPhone> colleagues(const people::DemoRegion &region) {
    const std::span<const people::DemoPhone> all(region.phones);
    return all.size() > kAgentsForPeople ? all.subspan(kAgentsForPeople) : all.subspan(all.size());
}

Config demo_config(const DemoOptions &options, const std::string &state_directory,
                   const ListenAddress &listen, int offices_port,
                   const std::optional<telephony::MediaPorts> &ports) {
    Config config;
    config.state_directory = state_directory;
    config.database_url = options.database_url;
    config.log_level = "warning";
    config.web_port = options.http_port;
    config.web_static_directory = options.ui_directory;
    config.public_pages = true;
    // Somebody's own trial website stands on the same machine. Not when others reach the demo.
    if (listen.address == kThisMachine.address) {
        config.website_private_hosts = {"127.0.0.1", "[::1]", "localhost"};
    }
    config.media_announcements_directory = options.announcements_directory;
    // A browser gives its microphone to localhost and to HTTPS only, so that the pages must stay
    // there too.
    if (listen.address != kThisMachine.address) config.web_address = "0.0.0.0";
    config.media_address = listen.address;
    if (ports) { // else somebody runs many demos here: they may disturb each other
        config.media_port_min = ports->first();
        config.media_port_max = ports->last();
    }
    const std::string here = fmt::format("sip:{}:{}", listen.address, options.sip_port);
    config.sip_listen = {here + ";transport=udp", here + ";transport=tcp"};
    // The simulated telephone network: everybody on this machine, or in the network it was opened
    // to, may call the towns of the demo without a password. Nobody gets further: whatever number
    // a call is transferred to rings at a simulated office on this machine.
    config.sip_trunks = {{.name = "simulated-network",
                          .uri = fmt::format("sip:{}:{}", listen.address, offices_port),
                          .sources = {kThisMachine.network, listen.network},
                          .options_seconds = 0}};
    return config;
}

Expected<knowledge::Editor> editor(storage::Database &database, std::string_view login) {
    const auto user = people::Users(database, SystemClock{}).find_by_login(login);
    if (!user) return tl::unexpected(user.error());
    return knowledge::Editor{*user ? (*user)->id : UserId{}, {}};
}

// What people have arranged in the house, so that nobody who tries it finds empty rooms.
Expected<void> seed_house(storage::Database &database, const DemoOptions &options,
                          const people::DemoRegion &region) {
    const auto writer = editor(database, "editor");
    if (!writer) return tl::unexpected(writer.error());
    const auto second = editor(database, "editor2"); // four eyes
    if (!second) return tl::unexpected(second.error());
    const SystemClock clock;
    if (auto done = knowledge::seed_demo_house(
            database, clock, options.data_directory + "/knowledge", *writer, *second);
        !done) {
        return done;
    }
    return people::seed_demo_house(database, clock, region);
}

Expected<void> seed(storage::Database &database, const DemoOptions &options,
                    people::DemoRegion &region) {
    // Open around the clock, so that a demo in the evening is not just an announcement.
    auto people = people::seed_demo(database, SystemClock{},
                                    {.data_file = options.data_directory + "/region-hannover.csv",
                                     .agents = options.agents + kAgentsForPeople,
                                     .always_open = true});
    if (!people) return tl::unexpected(people.error());
    region = std::move(*people);
    const auto services =
        knowledge::seed_demo_services(database, options.data_directory + "/knowledge");
    if (!services) return tl::unexpected(services.error());
    if (auto done = seed_house(database, options, region); !done) return done;
    std::vector<MunicipalityId> ids;
    for (const auto &municipality : region.municipalities)
        ids.push_back(municipality.id);
    const auto prices = billing::seed_demo_prices(database, ids);
    if (!prices) return tl::unexpected(prices.error());
    std::vector<agreements::TemplateTown> towns;
    for (const auto &municipality : region.municipalities) {
        towns.push_back(billing::template_town(
            municipality.id, municipality.name, municipality.land, municipality.population,
            municipality.population_date, municipality.population_source, municipality.numbers,
            municipality.hours));
    }
    return billing::seed_demo_billing(database, towns, SystemClock{}.now());
}

// What simulated colleagues press at their desks.
class Desks {
  public:
    Desks(telephony::Exchange &exchange, const people::DemoRegion &region) : exchange_(exchange) {
        for (const people::DemoPhone &phone : colleagues(region)) {
            agents_[phone.sip_user] = phone.agent;
        }
    }
    void sign_in(const std::string &user) { press(user, telephony::AgentCommand::Kind::sign_in); }
    void finish_wrap_up(const std::string &user) {
        press(user, telephony::AgentCommand::Kind::ready);
    }

  private:
    void press(const std::string &user, telephony::AgentCommand::Kind kind) {
        const auto agent = agents_.find(user);
        if (agent == agents_.end()) return;
        // Too late or too early is no harm: the machine says no and nothing changes.
        exchange_.command(
            {.agent = agent->second, .kind = kind, .device = routing::Device::sip_phone},
            [](Expected<void>) {});
    }

    telephony::Exchange &exchange_;
    std::map<std::string, AgentId> agents_;
};

telephony::SimulatorOptions simulator_options(const DemoOptions &options,
                                              const people::DemoRegion &region,
                                              const ListenAddress &listen, int sip_port,
                                              Desks &desks) {
    telephony::SimulatorOptions simulator{
        .host = listen.address,
        .port = sip_port,
        .own_address = listen.address,
        .callers_per_hour = static_cast<double>(options.callers_per_hour),
        .audio_directory = options.announcements_directory,
        .seed = options.seed,
        .phone_registered = [&desks](const std::string &user) { desks.sign_in(user); },
        .finish_wrap_up = [&desks](const std::string &user) { desks.finish_wrap_up(user); }};
    for (const auto &municipality : region.municipalities) {
        for (const PhoneNumber &number : municipality.numbers) {
            simulator.numbers.push_back(
                {number.e164, static_cast<double>(municipality.population)});
        }
    }
    for (const people::DemoPhone &phone : colleagues(region)) {
        simulator.colleagues.push_back({phone.sip_user, phone.sip_password});
    }
    return simulator;
}

void greet(const System &system, const people::DemoRegion &region, const DemoOptions &options,
           const ListenAddress &listen) {
    const bool alone = listen.address == kThisMachine.address;
    fmt::print("\nFernamt runs: http://localhost:{}   (Ctrl-C stops it)\n", system.web_port());
    if (!alone) {
        fmt::print("From other machines: http://{}:{}   (a browser there gives no microphone "
                   "without HTTPS: take a telephone)\n",
                   listen.address, system.web_port());
    }
    fmt::print("What citizens read: http://localhost:{}/buerger\n\n", system.web_port());
    fmt::print("Sign in as\n");
    int shown_agents = 0;
    for (const people::DemoAccount &account : region.accounts) {
        // Simulated colleagues have accounts too; showing the first agents is enough.
        const bool agent = account.roles.contains(people::Role::agent);
        if (agent && shown_agents++ >= kAgentsForPeople) continue;
        fmt::print("  {:<12} {:<20} {}\n", account.login, account.password, account.display_name);
    }
    const people::DemoPhone &phone = region.phones.at(kAgentsForPeople - 1);
    fmt::print("\nYour own SIP phone: registrar {}:{}, user {}, password {}; "
               "sign in on the page as {}\n",
               listen.address, system.sip_port(), phone.sip_user, phone.sip_password, phone.login);
    if (alone) {
        fmt::print("  (only programs on this machine reach it; for a telephone on the desk or a "
                   "mobile: ./script/demo --listen auto)\n");
    }
    fmt::print("Be the citizen: dial sip:{}@{}:{} ({}; the numbers are reserved for films)\n",
               region.municipalities.front().numbers.front().e164, listen.address,
               system.sip_port(), region.municipalities.front().name);
    fmt::print("Transfer a call to any number: a simulated office answers (030 23125-500); "
               "ending in 8 it is busy, in 9 nobody is there.\n");
    fmt::print("Simulated: {} callers per hour, {} colleagues.\n\n", options.callers_per_hour,
               options.agents);
    std::fflush(stdout);
}

struct Summary {
    std::int64_t offered = 0, answered = 0, abandoned = 0, answered_within_30s = 0;
    std::int64_t talk_seconds = 0, acw_seconds = 0, invoice_lines = 0, lost = 0;
    std::int64_t open_at_end = 0; // waited or talked when the time was over; nobody gave up there
    std::int64_t transferred = 0; // calls that an office answered
};

Expected<std::int64_t> open_calls(storage::Database &database, Instant since) {
    std::int64_t open = 0;
    auto counted = database.read([&](storage::Connection &connection) {
        return connection.each(
            "SELECT COUNT(*) FROM call_record WHERE offered_at >= $1 AND ended_at IS NULL",
            {since.us}, [&](const storage::Row &row) {
                open = row.integer(0);
                return false;
            });
    });
    if (!counted) return tl::unexpected(counted.error());
    return open;
}

// The figures of the calls at the end of the time, while those on the line are still there.
Expected<Summary> count_calls(System &system, Instant began) {
    reporting::Projector projector(system.ledger(), system.database());
    if (const auto caught_up = projector.catch_up(); !caught_up) {
        return tl::unexpected(caught_up.error());
    }
    const reporting::Period whole{began, SystemClock{}.now() + 1s};
    const auto report = reporting::Reports(system.database()).report(whole);
    if (!report) return tl::unexpected(report.error());
    const auto open = open_calls(system.database(), began);
    if (!open) return tl::unexpected(open.error());
    return Summary{.offered = report->total.offered,
                   .answered = report->total.answered,
                   .abandoned = report->total.abandoned,
                   .answered_within_30s = report->total.answered_within_30s,
                   .open_at_end = *open};
}

// What this run's calls brought onto the invoices, when everybody has hung up: also those who were
// cut off in mid-sentence have talked. A kept state may hold calls of earlier runs on the same
// lines; they are not counted.
Expected<Summary> add_invoices(Summary summary, System &system, const people::DemoRegion &region,
                               Instant began) {
    std::set<LocalDate> days; // a run may go past midnight
    const Instant now = SystemClock{}.now();
    for (Instant at = began; at < now; at = at + std::chrono::hours(12))
        days.insert(to_local(at).date);
    days.insert(to_local(now).date);
    Duration talk{}, after_call_work{};
    for (const auto &municipality : region.municipalities) {
        for (const LocalDate &day : days) {
            const auto calls = billing::invoice_line_calls(system.database(), municipality.id, day);
            if (!calls) return tl::unexpected(calls.error());
            bool ours = false;
            for (const billing::RatedCall &call : *calls) {
                if (call.offered_at < began) continue;
                ours = true;
                talk += call.talk;
                after_call_work += call.after_call_work;
            }
            if (ours) ++summary.invoice_lines;
        }
    }
    summary.talk_seconds = std::chrono::duration_cast<std::chrono::seconds>(talk).count();
    summary.acw_seconds = std::chrono::duration_cast<std::chrono::seconds>(after_call_work).count();
    return summary;
}

void print(const Summary &summary, bool json) {
    if (json) {
        fmt::print("{{\"offered\":{},\"answered\":{},\"abandoned\":{},\"answered_within_30s\":{},"
                   "\"talk_seconds\":{},\"acw_seconds\":{},\"invoice_lines\":{},\"lost\":{},"
                   "\"open_at_end\":{},\"transferred\":{}}}\n",
                   summary.offered, summary.answered, summary.abandoned,
                   summary.answered_within_30s, summary.talk_seconds, summary.acw_seconds,
                   summary.invoice_lines, summary.lost, summary.open_at_end, summary.transferred);
        return;
    }
    fmt::print("\n{} calls offered, {} answered ({} within 30 s), {} gave up, {} lost.\n"
               "{} were still on the line at the end, {} had been transferred to an office.\n"
               "{} s of talk and {} s of after-call work stand on {} invoice lines.\n",
               summary.offered, summary.answered, summary.answered_within_30s, summary.abandoned,
               summary.lost, summary.open_at_end, summary.transferred, summary.talk_seconds,
               summary.acw_seconds, summary.invoice_lines);
}

// Until somebody stops us or the time is over; a line now and then says what happens.
void run(const DemoOptions &options, telephony::Simulator &simulator) {
    constexpr int kBetweenLines = 15;
    for (int passed = 0; options.seconds == 0 || passed < options.seconds;) {
        const int left = options.seconds == 0 ? kBetweenLines : options.seconds - passed;
        const int wait = std::min(kBetweenLines, left);
        if (wait_for_stop(wait)) return;
        passed += wait;
        if (options.json) continue;
        const auto seen = simulator.statistics();
        fmt::print(
            "{:>3}:{:02}  {} calls offered, {} reached a person, {} gave up, {} on the line\n",
            passed / 60, passed % 60, seen.offered, seen.reached_person, seen.abandoned, seen.open);
        std::fflush(stdout);
    }
}

} // namespace

int demo(const DemoOptions &options) {
    block_stop_signals();
    ListenAddress listen = kThisMachine;
    if (!options.listen.empty()) {
        auto found = find_listen_address(options.listen);
        if (!found) return report(found.error());
        listen = *found;
    }
    TemporaryFolder temporary("fernamt-demo"); // vanishes with us
    std::string state_directory = options.state_directory;
    if (state_directory.empty()) {
        const auto folder = temporary.path();
        if (!folder) return report(folder.error());
        state_directory = *folder;
    }
    people::DemoRegion region;
    const Instant began = SystemClock{}.now();
    auto offices =
        telephony::SimulatedOffices::open({.address = listen.address,
                                           .audio_directory = options.announcements_directory,
                                           .seed = options.seed});
    if (!offices) return report(offices.error());
    const auto ports = telephony::MediaPorts::take(30'000, 2'000, 5); // several demos at once
    auto started = System::start(
        {.config = demo_config(options, state_directory, listen, (*offices)->port(), ports),
         .prepare = [&](storage::Database &database) { return seed(database, options, region); }});
    if (!started) return report(started.error());
    System &system = **started;
    Desks desks(system.exchange(), region);
    auto simulator = telephony::Simulator::create(
        simulator_options(options, region, listen, system.sip_port(), desks));
    if (!simulator) return report(simulator.error());
    (*simulator)->start();
    if (!options.json) greet(system, region, options, listen);

    run(options, **simulator);
    (*simulator)->stop_calling();
    auto summary = count_calls(system, began);
    (*simulator)->stop();
    (*offices)->stop();
    if (summary) {
        const auto seen = (*simulator)->statistics();
        summary->lost = seen.lost + seen.rejected; // also who was refused without an answer
        summary->transferred = (*offices)->statistics().answered;
        summary = add_invoices(*summary, system, region, began);
    }
    system.stop();
    if (!summary) return report(summary.error());
    print(*summary, options.json);
    return kOk;
}

} // namespace fernamt::app
