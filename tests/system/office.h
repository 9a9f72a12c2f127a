// SPDX-License-Identifier: EUPL-1.2
// A whole office for a test: a seeded state directory, the real `fernamt serve` on it, simulated
// citizens and colleagues in the test's own process (so that they outlive a kill -9 of the
// service), and desks that press their keys over REST like everybody else.
#pragma once

#include "net/client.h"
#include "people/demo.h"
#include "program.h"
#include "telephony/simulator.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace fernamt::testing {

class Office {
  public:
    struct Setup {
        std::function<void(const std::string &directory)> prepare_directory = {};
        std::string trunk = "sip:127.0.0.1:9"; // where transfers go
        std::string database_url = {};         // empty: SQLite in the directory
        std::string rtpengine = {};            // host:port of another one; empty: its own
        int http_port = 0, sip_port = 0;       // 0: free ones
        std::string web = {};                  // more lines of the configuration's [web]
        std::string sip = {};                  // and of [sip]
        int drain_seconds = 0;
        std::string trunks = {}; // instead of all of [sip], with its trunks
    };
    explicit Office(int agents) : Office(agents, Setup{}) {}
    Office(int agents, const Setup &setup);
    ~Office();

    void start();             // fernamt serve, until it is ready
    void start_unready();     // until it answers; something it needs is missing
    void kill();              // SIGKILL
    [[nodiscard]] int stop(); // SIGTERM; exit code
    [[nodiscard]] Program &program() { return *program_; }
    // Citizens call by themselves, or (0) only when told to.
    // Returns when every colleague is registered, signed in and ready.
    using Adjust = std::function<void(telephony::SimulatorOptions &)>;
    void people(double callers_per_hour, Duration talk, const Adjust &adjust = {});
    [[nodiscard]] telephony::Simulator &simulator() { return *simulator_; }
    [[nodiscard]] telephony::SimulatorStatistics seen() const { return simulator_->statistics(); }
    void call() { simulator_->call(number()); }
    [[nodiscard]] std::string number() const;

    // Signed in as somebody of the demo ("agent1", "lead", ...).
    [[nodiscard]] std::unique_ptr<net::Client> sign_in(const std::string &login);
    [[nodiscard]] std::string get(const std::string &login, const std::string &path);
    [[nodiscard]] int press(const std::string &login, const std::string &command,
                            const std::string &target = {}); // HTTP status
    [[nodiscard]] std::string talking_agent();               // login; empty if nobody talks
    [[nodiscard]] int status_of(const std::string &path);    // HTTP status, nobody signed in
    [[nodiscard]] std::string ledger() { return ask({"ledger", "export"}); }

    // `fernamt` with these arguments on this office's database.
    [[nodiscard]] std::string ask(std::vector<std::string> arguments, int expected_code = 0);

    [[nodiscard]] const people::DemoRegion &region() const { return region_; }
    [[nodiscard]] const std::string &directory() const { return directory_; }
    [[nodiscard]] int http_port() const { return http_port_; }
    [[nodiscard]] int sip_port() const { return sip_port_; }
    [[nodiscard]] const std::string &database_url() const { return database_url_; }

  private:
    void launch(const std::string &until_answered);
    std::string directory_;
    std::string database_url_;
    int http_port_ = 0, sip_port_ = 0;
    people::DemoRegion region_;
    std::unique_ptr<Program> program_;
    std::unique_ptr<telephony::Simulator> simulator_;
    std::set<std::string> signed_in_; // by people()
    std::mutex mutex_;
    std::map<std::string, std::unique_ptr<net::Client>> clients_;
};

} // namespace fernamt::testing
