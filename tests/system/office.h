// SPDX-License-Identifier: EUPL-1.2
// A whole office for a test: a seeded state directory, the real `fernamt serve` on it, simulated
// citizens and colleagues in the test's own process (so that they outlive a kill -9 of the
// service), and desks that press their keys over REST like everybody else.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "net/client.h"
#include "people/demo.h"
#include "program.h"
#include "telephony/simulator.h"

namespace fernamt::testing {

class Office {
  public:
    explicit Office(int agents);
    ~Office();

    void start();                  // fernamt serve, until it is ready
    void kill();                   // SIGKILL
    [[nodiscard]] int stop();      // SIGTERM; exit code
    [[nodiscard]] Program &program() { return *program_; }
    // Citizens call by themselves, or (0) only when told to.
    // Returns when every colleague is registered, signed in and ready.
    void people(double callers_per_hour, Duration talk);
    [[nodiscard]] telephony::Simulator &simulator() { return *simulator_; }
    [[nodiscard]] telephony::SimulatorStatistics seen() const { return simulator_->statistics(); }
    void call() { simulator_->call(number()); }
    [[nodiscard]] std::string number() const;

    // Signed in as somebody of the demo ("agent1", "lead", ...).
    [[nodiscard]] std::unique_ptr<net::Client> sign_in(const std::string &login);
    [[nodiscard]] std::string get(const std::string &login, const std::string &path);
    [[nodiscard]] int press(const std::string &login, const std::string &command); // HTTP status

    // `fernamt` with these arguments on this office's database.
    [[nodiscard]] std::string ask(std::vector<std::string> arguments, int expected_code = 0);

    [[nodiscard]] const people::DemoRegion &region() const { return region_; }
    [[nodiscard]] const std::string &directory() const { return directory_; }
    [[nodiscard]] int http_port() const { return http_port_; }
    [[nodiscard]] int sip_port() const { return sip_port_; }
    [[nodiscard]] std::string database_url() const;

  private:
    std::string directory_;
    int http_port_ = 0, sip_port_ = 0;
    people::DemoRegion region_;
    std::unique_ptr<Program> program_;
    std::unique_ptr<telephony::Simulator> simulator_;
    std::mutex mutex_;
    std::map<std::string, std::unique_ptr<net::Client>> clients_;
};

} // namespace fernamt::testing
