// SPDX-License-Identifier: EUPL-1.2
// Figures of the whole service, one per name: prints {"name":...,"value":...} lines for
// script/bench.
//   system_bench sip_load|sip_rate|library_floor|closed_loop|overload|crash|startup
// sip_load: citizens at 8 calls/s for SECONDS (60) against `fernamt serve`, colleagues who
// answer, with sound; none may end before either of them wants. sip_rate: 200 calls/s for SECONDS
// (60) without sound: sipp calls, colleagues answer at once (below 60 s without what the calls
// leave in memory); what signalling costs is measured here, where the figures of other systems
// stand too (at 8 calls/s each of some thirty wake-ups begins with cold caches). Then the same
// calls through the bare library (library_floor.h; also alone): what is above that, is ours.
// FERNAMT_PROGRAM: another build's, to compare two. closed_loop: 30 callers, 20 agents, calls of
// one second, for SECONDS (20): 20 calls/s would be ideal. overload: ten times the calls that one
// source may make, beside conversations. crash: kill -9 with 200 conversations and 50 who wait
// (SECONDS: another number of conversations), twenty of them with sound. startup: a year of 200,000
// calls in the ledger, killed five minutes after the last snapshot; then the time until /readyz and
// the memory; and the time until /readyz with 35,000 documents whose search index is missing.
#include "knowledge/delivery_samples.h"
#include "ledger/ledger.h"
#include "ledger/routing_codec.h"
#include "library_floor.h"
#include "office.h"
#include "people/rules.h"
#include "routing/machine.h"
#include "storage/database.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <sstream>
#include <thread>

namespace fernamt::testing {
namespace {

void figure(std::string_view name, double value) {
    fmt::print("{{\"name\":\"{}\",\"value\":{:.3f}}}\n", name, value);
    std::fflush(stdout);
}

// User and system time so far: of the process, or of its thread of that name.
double cpu_seconds(pid_t pid, std::string_view thread = {}) {
    std::string file = fmt::format("/proc/{}/stat", pid);
    for (const auto &task :
         std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid))) {
        std::ifstream name(task.path() / "comm");
        std::string comm;
        std::getline(name, comm);
        if (!thread.empty() && comm == thread) file = task.path() / "stat";
    }
    std::ifstream in(file);
    std::string text;
    std::getline(in, text);
    std::istringstream rest(text.substr(text.rfind(')') + 2));
    std::string skip;
    for (int i = 0; i < 11; ++i)
        rest >> skip;
    double user = 0, system = 0;
    rest >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double resident_megabytes(pid_t pid) {
    std::ifstream in(fmt::format("/proc/{}/status", pid));
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("VmRSS:")) return std::atof(line.c_str() + 6) / 1024;
    }
    return 0;
}

// Figures that belong together come from one reading.
std::string metrics(Office &office) {
    net::Client client("127.0.0.1", static_cast<unsigned short>(office.http_port()));
    const auto answer = client.get("/metrics");
    return answer ? answer->body : std::string{};
}

// What is not there ends the run: no budget may hold because nothing was measured.
double metric(const std::string &metrics, const std::string &name) {
    const auto at = metrics.find("\n" + name + " ");
    if (at == std::string::npos) throw std::runtime_error("no metric " + name);
    return std::atof(metrics.c_str() + at + name.size() + 2);
}
double metric(Office &office, const std::string &name) {
    return metric(metrics(office), name);
}

double open_descriptors(pid_t pid) {
    const std::filesystem::directory_iterator all(fmt::format("/proc/{}/fd", pid));
    return static_cast<double>(std::distance(begin(all), end(all)));
}

// From the moment that somebody is free and somebody waits to the INVITE; over all calls so far.
void dispatch_figures(Office &office, const std::string &name) {
    const std::string read = metrics(office);
    const double rung = metric(read, "fernamt_dispatch_seconds_count");
    if (rung == 0) throw std::runtime_error("nobody was rung");
    figure(name + "_dispatch_mean_ms", metric(read, "fernamt_dispatch_seconds_sum") * 1000 / rung);
    figure(name + "_dispatch_within_20ms_percent",
           metric(read, "fernamt_dispatch_seconds_bucket{le=\"0.02\"}") * 100 / rung);
}

void sip_load(int seconds) {
    constexpr double kPerSecond = 8;
    Office office(60);
    office.start();
    office.people(0, 2s); // the phones register and the desks sign in
    for (int i = 0; i < 20; ++i)
        office.call(); // warm
    eventually([&] { return office.seen().completed == 20; }, 60);
    // What sixty registered phones and desks cost when nobody calls: to be told apart from the
    // calls.
    std::this_thread::sleep_for(std::chrono::seconds(5)); // after-call work ends, transactions too
    constexpr int kIdleSeconds = 10;
    const double telephony_idle = cpu_seconds(office.program().pid(), "telephony");
    const double idle = cpu_seconds(office.program().pid());
    std::this_thread::sleep_for(std::chrono::seconds(kIdleSeconds));
    figure("telephony_idle_ms_per_second",
           (cpu_seconds(office.program().pid(), "telephony") - telephony_idle) * 1000 /
               kIdleSeconds);
    figure("process_idle_ms_per_second",
           (cpu_seconds(office.program().pid()) - idle) * 1000 / kIdleSeconds);
    const int calls = static_cast<int>(kPerSecond * seconds);
    const auto load = [&] {
        const auto begin = std::chrono::steady_clock::now();
        for (int i = 0; i < calls; ++i) {
            std::this_thread::sleep_until(begin + std::chrono::duration<double>(i / kPerSecond));
            office.call();
        }
    };
    // The same load twice: the first fills caches and pools up to its height (3.1 MB; sip_rate's
    // second load adds 0.1 MB to what its first one took), what grows with the second one, leaks.
    const pid_t media = rtpengine_pid(office.directory());
    load();
    eventually([&] { return office.seen().open == 0; }, 120);
    std::this_thread::sleep_for(std::chrono::seconds(40)); // transactions end 32 s after their call
    const double media_before = open_descriptors(media);
    const double ours_before = open_descriptors(office.program().pid());
    const double memory_before = resident_megabytes(office.program().pid());
    const double ledger_before = cpu_seconds(office.program().pid(), "ledger");
    const double cpu_before = cpu_seconds(office.program().pid());
    const double telephony_before = cpu_seconds(office.program().pid(), "telephony");
    load();
    eventually([&] { return office.seen().open == 0; }, 120);
    const double cpu = cpu_seconds(office.program().pid()) - cpu_before;
    const double telephony = cpu_seconds(office.program().pid(), "telephony") - telephony_before;
    const double ledger = cpu_seconds(office.program().pid(), "ledger") - ledger_before;
    std::this_thread::sleep_for(std::chrono::seconds(40));
    const auto seen = office.seen();
    figure("sip_load_calls_per_second", kPerSecond);
    figure("sip_load_lost", static_cast<double>(20 + 2 * calls - seen.completed));
    figure("sip_load_unheard", static_cast<double>(seen.completed - seen.understood));
    figure("sip_load_cut", static_cast<double>(seen.cut));
    // SIP, media control, routing and journal of one call; then all of Fernamt: also ledger, REST
    // commands of the desks, projection.
    figure("signalling_cpu_ms_per_call", telephony * 1000 / calls);
    figure("ledger_cpu_ms_per_call", ledger * 1000 / calls);
    figure("process_cpu_ms_per_call", cpu * 1000 / calls);
    figure("sip_load_open_legs_after", metric(office, "fernamt_legs_open"));
    // Its sockets are closed some time after the end of a call.
    eventually([&] { return open_descriptors(media) <= media_before; }, 60);
    figure("sip_load_ports_left", std::max(0.0, open_descriptors(media) - media_before));
    figure("sip_load_descriptors_left",
           std::max(0.0, open_descriptors(office.program().pid()) - ours_before));
    figure("sip_load_memory_growth_mb", resident_megabytes(office.program().pid()) - memory_before);
    dispatch_figures(office, "sip_load");
}

// What has happened between two looks at one thread and at the whole program, in ms of CPU.
struct Cost {
    pid_t pid;
    double telephony, ledger, process;
    explicit Cost(pid_t of)
        : pid(of), telephony(cpu_seconds(of, "telephony")), ledger(cpu_seconds(of, "ledger")),
          process(cpu_seconds(of)) {}
    // Returns the telephony thread's.
    double figures_since(const std::string &name, double calls) const {
        const double signalling = (cpu_seconds(pid, "telephony") - telephony) * 1000 / calls;
        figure(name + "_signalling_cpu_ms_per_call", signalling);
        figure(name + "_ledger_cpu_ms_per_call",
               (cpu_seconds(pid, "ledger") - ledger) * 1000 / calls);
        figure(name + "_process_cpu_ms_per_call", (cpu_seconds(pid) - process) * 1000 / calls);
        return signalling;
    }
};

// No after-call work to speak of: what limits is the service, not the team.
void brief_after_call_work(Office &office, Duration length = 200ms) {
    auto database = storage::Database::open(office.database_url());
    const auto done = (*database)->write([&](storage::Connection &connection) -> Expected<void> {
        auto run = connection.run("UPDATE office_settings SET wrap_up_us = $1",
                                  {std::int64_t{length.count()}});
        if (!run) return tl::unexpected(run.error());
        return {};
    });
    if (!done) std::abort();
}

// Brief calls by sipp to that port: the number that failed.
double brief_calls(const std::string &directory, int port, const std::string &number, int calls,
                   int per_second) {
    const std::string command = fmt::format(
        "cd {0} && sipp 127.0.0.1:{1} -sf {2}/tests/system/sipp/brief_caller.xml -m {3} -r {4} "
        "-l {5} -i 127.0.0.1 -p {6} -mi 127.0.0.1 -s {7} -key caller +493023125001 -timeout 300 "
        "-nostdin -trace_err -error_file {0}/errors -trace_counts >{0}/sipp 2>&1; "
        "sed -n 's/.*Failed call .*| *\\([0-9]*\\).*/\\1/p' {0}/sipp | tail -1 >{0}/failed",
        directory, port, FERNAMT_SOURCE_DIR, calls, per_second, per_second * 20, free_port(),
        number);
    if (std::system(command.c_str()) != 0) return calls;
    double failed = calls;
    std::ifstream(directory + "/failed") >> failed;
    return failed;
}

// The same calls at the same rate through the bare library: ms of its thread for each.
double library_floor(int seconds, int per_second) {
    const std::string directory = make_directory();
    const int answerer_port = free_port();
    const pid_t answerer = fork();
    if (answerer == 0) {
        const std::string command =
            fmt::format("cd {0} && exec sipp -sf {1}/tests/system/sipp/brief_answerer.xml -i "
                        "127.0.0.1 -mi 127.0.0.1 -p {2} -nostdin >{0}/answerer 2>&1",
                        directory, FERNAMT_SOURCE_DIR, answerer_port);
        execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
        _exit(127);
    }
    LibraryFloor floor(answerer_port);
    const int calls = per_second * seconds;
    (void)brief_calls(directory, floor.sip_port(), "floor", per_second, per_second); // warm
    const double before = cpu_seconds(getpid(), "telephony");
    const double failed = brief_calls(directory, floor.sip_port(), "floor", calls, per_second);
    eventually([&] { return floor.finished() >= calls + per_second; }, 10);
    const double cost = (cpu_seconds(getpid(), "telephony") - before) * 1000 / calls;
    ::kill(answerer, SIGKILL);
    ::waitpid(answerer, nullptr, 0);
    std::filesystem::remove_all(directory);
    figure("sip_rate_library_floor_lost", failed);
    figure("sip_rate_library_floor_cpu_ms_per_call", cost);
    return cost;
}

// ms of the telephony thread for each call.
double rate_of_the_service(int seconds, int per_second) {
    Office office(2 * per_second, {.sip = "calls_per_second = 0\ncalls_per_second_in_all = 0"});
    brief_after_call_work(office);
    office.start();
    office.people(0, 2s, [](telephony::SimulatorOptions &options) {
        options.silent = true;
        options.answer_after_least = options.answer_after_most = 20ms;
        options.talk_least = options.talk_most = 600s; // the callers hang up
        options.finish_wrap_up = nullptr;
    });
    const auto run = [&](int calls) {
        return brief_calls(office.directory(), office.sip_port(), office.number(), calls,
                           per_second);
    };
    (void)run(per_second); // warm
    const double memory = resident_megabytes(office.program().pid());
    const double answered = metric(office, "fernamt_dispatch_seconds_count");
    const Cost cost(office.program().pid());
    const int calls = per_second * seconds;
    const auto begin = std::chrono::steady_clock::now();
    const double failed = run(calls);
    const double took =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const double signalling = cost.figures_since("sip_rate", calls);
    figure("sip_rate_calls_per_second", calls / (took - 1.5)); // the last one talks for so long
    figure("sip_rate_lost", failed);
    // Who only hears the greeting is no distributed call.
    figure("sip_rate_not_rung",
           calls - (metric(office, "fernamt_dispatch_seconds_count") - answered));
    dispatch_figures(office, "sip_rate");
    if (seconds < 60)
        return signalling; // between two changes: what calls cost, not what they leave
    // What the first load needed at its height stays with the process; what a second one adds,
    // leaks.
    const auto settled = [&] {
        std::this_thread::sleep_for(std::chrono::seconds(40)); // transactions end 32 s after a call
        return resident_megabytes(office.program().pid());
    };
    const double first = settled();
    figure("sip_rate_memory_growth_mb", first - memory);
    (void)run(per_second * 20);
    figure("sip_rate_memory_growth_again_mb", settled() - first);
    return signalling;
}

void sip_rate(int seconds, int per_second) {
    const double signalling = rate_of_the_service(seconds, per_second);
    const double floor = library_floor(seconds, per_second);
    figure("sip_rate_ours_above_floor_ms_per_call", signalling - floor);
}

// Calls by sipp; exit code, 0 if every one went as its scenario says.
int sipp(Office &office, std::string_view scenario, std::string_view options) {
    return std::system(
        fmt::format("cd {0} && sipp 127.0.0.1:{1} -sf {2}/tests/system/sipp/{3}.xml -i 127.0.0.1 "
                    "-p {4} -mi 127.0.0.1 -s {5} -key caller +493023125001 -nostdin {6} "
                    ">{0}/sipp 2>&1",
                    office.directory(), office.sip_port(), FERNAMT_SOURCE_DIR, scenario,
                    free_port(), office.number(), options)
            .c_str());
}

// Every agent has somebody to talk to at any moment: what is missing from 20 calls/s is the time in
// which an agent is free while callers wait.
void closed_loop(int seconds) {
    constexpr int kCallers = 30, kAgents = 20;
    Office office(kAgents, {.sip = "calls_per_second = 0\ncalls_per_second_in_all = 0"});
    brief_after_call_work(office, 0s);
    office.start();
    office.people(0, 2s, [](telephony::SimulatorOptions &options) {
        options.silent = true;
        options.answer_after_least = options.answer_after_most = 0ms;
        options.talk_least = options.talk_most = 1s;
        options.finish_wrap_up = nullptr;
    });
    std::thread callers([&] {
        (void)sipp(office, "loop_caller",
                   fmt::format("-users {} -m 1000000 -timeout {}", kCallers, 2 * seconds + 8));
    });
    std::this_thread::sleep_for(std::chrono::seconds(4)); // all are on the line
    // Twenty calls begin together, again and again: from one beginning to a later one.
    const auto reaches = [&](std::int64_t answered) {
        while (office.seen().answered < answered)
            std::this_thread::sleep_for(1ms);
        return std::chrono::steady_clock::now();
    };
    const std::int64_t first = office.seen().answered / kAgents * kAgents + kAgents + 1;
    const auto begin = reaches(first);
    const Cost cost(office.program().pid());
    const double calls = static_cast<double>(kAgents) * seconds;
    const auto end = reaches(first + kAgents * seconds);
    const double took = std::chrono::duration<double>(end - begin).count();
    (void)cost.figures_since("closed_loop", calls);
    figure("closed_loop_calls_per_second", calls / took);
    figure("closed_loop_idle_gap_ms", (kAgents * took / calls - 1) * 1000);
    dispatch_figures(office, "closed_loop"); // here it is always a caller who waits
    callers.join();
}

void overload(int seconds) {
    constexpr int kTalking = 10, kLimit = 50; // the default of sip.calls_per_second
    Office office(2 * kTalking);
    brief_after_call_work(office, 0s);
    office.start();
    office.people(0, 600s);
    for (int i = 0; i < kTalking; ++i) {
        office.call();
        std::this_thread::sleep_for(200ms);
    }
    eventually([&] { return office.seen().reached_person == kTalking; }, 60);
    const double memory = resident_megabytes(office.program().pid());
    const double rung = metric(office, "fernamt_dispatch_seconds_count");
    const int flood = 10 * kLimit * seconds;
    const int unexpected = sipp(office, "flood_caller",
                                fmt::format("-m {} -r {} -l {} -timeout {}", flood, 10 * kLimit,
                                            20 * kLimit, seconds + 60));
    const auto over = std::chrono::steady_clock::now();
    const auto reached = office.seen().reached_person;
    while (office.seen().reached_person == reached &&
           std::chrono::steady_clock::now() - over < std::chrono::seconds(60)) {
        office.call();
        eventually([&] { return office.seen().reached_person > reached; }, 1);
    }
    figure("overload_normal_again_seconds",
           std::chrono::duration<double>(std::chrono::steady_clock::now() - over).count());
    figure("overload_flood_answered_as_expected", unexpected == 0 ? 1 : 0);
    figure("overload_rung", metric(office, "fernamt_dispatch_seconds_count") - rung);
    const auto seen = office.seen();
    figure("overload_conversations_cut",
           static_cast<double>(seen.completed + seen.lost + seen.turned_away));
    figure("overload_memory_growth_mb", resident_megabytes(office.program().pid()) - memory);
}

// Of each call in the order of that entry; those that had it already are left out.
std::vector<std::string> calls_in_order(const std::string &ledger, const std::string &type) {
    std::vector<std::string> calls;
    std::set<std::string> known;
    std::istringstream lines(ledger);
    for (std::string line; std::getline(lines, line);) {
        if (line.find("\"type\":\"" + type + "\"") == std::string::npos) continue;
        const auto at = line.find("\"call\":");
        if (at == std::string::npos) continue;
        const auto number = line.substr(at + 7, line.find_first_of(",}", at) - at - 7);
        if (known.insert(number).second) calls.push_back(number);
    }
    return calls;
}

// What the talkers with sound hear and send in so long a time, in ms.
constexpr std::chrono::seconds kListen{5};
struct Heard {
    double gap, sent_gap, lost;
};
Heard listened(Office &office, std::int64_t lost_before) {
    const auto gaps = office.simulator().take_gaps();
    return {static_cast<double>(gaps.heard.count()) / 1000,
            static_cast<double>(gaps.sent.count()) / 1000,
            static_cast<double>(office.seen().rtp_lost - lost_before)};
}

void crash(int talking, int waiting) {
    const int speaking = std::min(talking, 20);
    Office office(talking, {.sip = "calls_per_second = 0\ncalls_per_second_in_all = 0"});
    office.start();
    office.people(0, 2s, [&](telephony::SimulatorOptions &options) {
        options.silent = true;
        options.speaking = speaking;
        options.most_at_once = talking + waiting;
        options.patience_mean = std::chrono::hours(600);
        options.talk_least = std::chrono::seconds(60 + talking / 10);
        options.talk_most = options.talk_least + 10s;
    });
    for (int i = 0; i < talking + waiting; ++i) {
        // Who has sound talks to somebody who has.
        if (i == speaking) eventually([&] { return office.seen().reached_person == speaking; }, 60);
        office.call();
        std::this_thread::sleep_for(50ms);
    }
    const auto situation = [&] { return office.get("lead", "/api/v1/situation"); };
    const bool all = eventually(
        [&] {
            const std::string now = situation();
            return now.find(fmt::format("\"talking\":{}", talking)) != std::string::npos &&
                   now.find(fmt::format("\"waiting\":{}", waiting)) != std::string::npos;
        },
        60);
    figure("crash_all_there", all ? 1 : 0);
    figure("crash_talkers_with_sound", static_cast<double>(office.seen().reached_person));
    (void)office.simulator().take_gaps();
    auto lost = office.seen().rtp_lost;
    std::this_thread::sleep_for(kListen);
    const Heard quiet = listened(office, lost);
    lost = office.seen().rtp_lost;
    office.kill();
    const auto begin = std::chrono::steady_clock::now();
    office.start();
    figure("crash_control_back_seconds",
           std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    std::this_thread::sleep_until(begin + kListen);
    const Heard killed = listened(office, lost);
    figure("crash_audio_gap_without_kill_ms", quiet.gap);
    figure("crash_audio_lost_without_kill", quiet.lost);
    figure("crash_audio_sent_gap_ms", killed.sent_gap);
    figure("crash_audio_gap_ms", killed.gap);
    figure("crash_audio_lost", killed.lost);
    // The talkers run on the machine that starts the program anew: what they send late, nobody can
    // hear in time.
    figure("crash_audio_gap_more_ms",
           std::max(0.0, killed.gap - std::max(quiet.gap, killed.sent_gap)));
    eventually([&] { return office.seen().open == 0; }, 300);
    const std::string ledger = office.ledger();
    const auto offered = calls_in_order(ledger, "call.offered");
    const auto rung = calls_in_order(ledger, "decision.ring");
    const auto tail = [&](const std::vector<std::string> &calls) {
        const auto from = std::min(calls.size(), static_cast<std::size_t>(talking));
        return std::vector(calls.begin() + static_cast<std::ptrdiff_t>(from), calls.end());
    };
    const auto late = tail(offered), served = tail(rung);
    double misplaced =
        std::abs(static_cast<double>(late.size()) - static_cast<double>(served.size()));
    for (std::size_t i = 0; i < std::min(late.size(), served.size()); ++i)
        misplaced += late[i] == served[i] ? 0 : 1;
    figure("crash_places_lost", misplaced);
    figure("crash_conversations_cut", static_cast<double>(office.seen().cut));
    figure("crash_calls_lost", static_cast<double>(office.seen().lost));
}

// A working year: 200,000 calls in order, each offered, answered, ended and worked up. The last
// `after_snapshot` of them came after the last snapshot.
void write_year(Office &office, std::int64_t calls, std::int64_t after_snapshot) {
    auto database = storage::Database::open(office.database_url());
    auto ledger = ledger::Ledger::open(**database);
    auto rules = people::build_rules(**database);
    routing::Machine machine;
    Instant now = *parse_iso8601("2025-11-24T07:00:00Z");
    std::vector<ledger::NewEntry> batch;
    const auto flush = [&] {
        if (!(*ledger)->append_and_wait(std::move(batch))) std::abort();
        batch.clear();
    };
    const auto step = [&](const routing::Event &event, Duration later) {
        now = now + later;
        const auto decisions = machine.step(event, now);
        batch.push_back(ledger::to_entry(event, now));
        for (const auto &decision : decisions)
            batch.push_back(ledger::to_entry(decision, now));
    };
    step(routing::RulesChanged{*rules, UserId{1}}, 0s);
    const AgentId agent = rules->agents.front();
    step(routing::AgentSignedIn{agent, routing::Device::browser}, 1s);
    const auto &number = rules->numbers.front();
    for (std::int64_t i = 1; i <= calls; ++i) {
        const CallId call{i};
        step(routing::CallOffered{call, routing::DialledNumber{number.number,
                                                               routing::DialledSource::request_uri,
                                                               number.municipality}},
             1s);
        step(routing::AgentAnswered{agent, call}, 5s);
        step(routing::CallerHungUp{call, routing::HangUpCause::normal}, 60s);
        step(routing::WrapUpFinished{agent}, 20s);
        if (batch.size() > 20'000) flush();
        if (i != calls - after_snapshot) continue;
        flush();
        const auto saved =
            (*ledger)->save_snapshot({(*ledger)->last_seq(), ledger::to_json(machine.state())});
        if (!saved) std::abort();
    }
    step(routing::AgentSignedOut{agent}, 1s);
    flush();
}

void startup() {
    Office office(4);
    // As after a kill at the worst moment of the busiest hour: snapshots are five minutes apart,
    // and more than 8 calls/s are not asked for.
    write_year(office, 200'000, 8 * 300);
    const auto first = std::chrono::steady_clock::now();
    office.start(); // the first start also derives the call records
    figure("startup_first_seconds",
           std::chrono::duration<double>(std::chrono::steady_clock::now() - first).count());
    eventually([&] { return !office.get("lead", "/api/v1/situation").empty(); }, 300);
    office.kill();
    const auto begin = std::chrono::steady_clock::now();
    office.start();
    figure("startup_seconds",
           std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    std::this_thread::sleep_for(std::chrono::seconds(3));
    figure("startup_memory_mb", resident_megabytes(office.program().pid()));
}

// Of eight objects three are found by words. The index is built beside the calls.
void startup_without_index() {
    constexpr int kObjects = 35'000 * 8 / 3;
    Office office(4);
    const std::string path = office.directory() + "/delivery.xml";
    {
        std::ofstream out(path, std::ios::binary);
        out << knowledge::samples::head();
        for (int i = 0; i < kObjects; ++i)
            out << knowledge::samples::generated(i, 3'000);
        out << knowledge::samples::kFoot;
    }
    Program import(
        {"knowledge", "import", path, "--source", "bench", "--database", office.database_url()});
    if (import.wait(600) != 0) throw std::runtime_error(import.errors());
    std::filesystem::remove(path);
    std::filesystem::remove_all(office.directory() + "/search");
    const auto begin = std::chrono::steady_clock::now();
    const auto seconds = [&] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    };
    office.start();
    figure("startup_without_index_seconds", seconds());
    eventually([&] { return times(office.program().errors(), "\"event\":\"search.built\"") > 0; },
               600);
    figure("startup_index_built_seconds", seconds());
}

} // namespace
} // namespace fernamt::testing

int main(int argc, char **argv) {
    using namespace fernamt::testing;
    const std::string what = argc > 1 ? argv[1] : "";
    const int seconds = argc > 2 ? std::atoi(argv[2]) : 0;
    if (what == "sip_load") {
        sip_load(seconds > 0 ? seconds : 60);
    } else if (what == "sip_rate") {
        sip_rate(seconds > 0 ? seconds : 60, argc > 3 ? std::atoi(argv[3]) : 200);
    } else if (what == "library_floor") {
        (void)library_floor(seconds > 0 ? seconds : 60, argc > 3 ? std::atoi(argv[3]) : 200);
    } else if (what == "closed_loop") {
        closed_loop(seconds > 0 ? seconds : 20);
    } else if (what == "overload") {
        overload(seconds > 0 ? seconds : 8);
    } else if (what == "crash") {
        crash(seconds > 0 ? seconds : 200, argc > 3 ? std::atoi(argv[3]) : 50);
    } else if (what == "startup") {
        startup();
        startup_without_index();
    } else {
        std::cerr
            << "usage: system_bench sip_load|sip_rate|library_floor|closed_loop|overload|crash|"
               "startup [SECONDS [CALLS_PER_SECOND]]\n";
        return 64;
    }
    return 0;
}
