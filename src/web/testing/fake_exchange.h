// SPDX-License-Identifier: EUPL-1.2
// For tests of the adapters: an exchange that remembers what it was told, shows what it was given
// to show, and writes changed rules into the real ledger. No telephony, no threads.
#pragma once

#include "ledger/routing_codec.h"
#include "telephony/exchange.h"

#include <map>
#include <vector>

namespace fernamt::web::testing {

class FakeExchange final : public telephony::Exchange {
  public:
    using Done = std::function<void(Expected<void>)>;

    FakeExchange(ledger::Ledger &ledger, const Clock &clock) : ledger_(ledger), clock_(clock) {}

    void command(const telephony::AgentCommand &command, Done done) override {
        commands.push_back(command);
        done(next_result);
    }
    void change_rules(routing::Rules rules, UserId by, Done done) override {
        if (!next_result) return done(next_result);
        auto written = ledger_.append_and_wait(
            {ledger::to_entry(routing::Event{routing::RulesChanged{rules, by}}, clock_.now())});
        if (!written) return done(tl::unexpected(written.error()));
        rules_now = std::move(rules);
        ++rule_changes;
        done({});
    }
    void act(const routing::Event &event, Done done) override {
        if (next_result) acts.push_back(event);
        done(next_result);
    }
    void browser_answer(AgentId agent, const std::string &leg, const std::string &sdp,
                        Done done) override {
        answered_by = agent;
        answered_leg = leg;
        answered_sdp = sdp;
        done(next_result);
    }
    Expected<telephony::DeskView> desk(AgentId agent) override {
        if (!next_result) return tl::unexpected(next_result.error());
        return desks[agent];
    }
    Expected<telephony::Situation> situation() override {
        if (!next_result) return tl::unexpected(next_result.error());
        return situation_now;
    }
    Expected<routing::Rules> rules() override { return rules_now; }
    Expected<routing::State> state() override { return state_now; }
    Expected<void> save_snapshot() override { return {}; }
    Expected<std::set<std::string>> callback_numbers() override { return std::set<std::string>{}; }
    void stop_accepting() override {}
    void phone_changed(const std::string &) override {}
    void recover() override {}
    Counters counters() const override { return {}; }

    std::vector<telephony::AgentCommand> commands;
    std::map<AgentId, telephony::DeskView> desks;
    telephony::Situation situation_now;
    routing::Rules rules_now;
    routing::State state_now;
    std::vector<routing::Event> acts;
    int rule_changes = 0;
    AgentId answered_by;
    std::string answered_leg, answered_sdp;
    Expected<void> next_result;

  private:
    ledger::Ledger &ledger_;
    const Clock &clock_;
};

} // namespace fernamt::web::testing
