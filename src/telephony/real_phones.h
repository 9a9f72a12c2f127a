// SPDX-License-Identifier: EUPL-1.2
// For tests: desk phones that are not ours, as processes with a directory of their own, led by
// their own means: baresip (commands over TCP) and linphonec (commands by its console). Each sends
// one tone and says which tones it hears. They register as `user` and are gone with the object.
#pragma once

#include "telephony/rtp_audio.h"

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace fernamt::telephony {

class RealPhone {
  public:
    struct Account {
        std::string user;
        std::string password;
        int port = 0; // of the exchange on 127.0.0.1
    };

    virtual ~RealPhone();
    RealPhone(const RealPhone &) = delete;
    RealPhone &operator=(const RealPhone &) = delete;

    virtual void answer() = 0;
    virtual void hold() = 0;
    virtual void resume() = 0;
    virtual void transfer(const std::string &uri) = 0; // blind, by REFER
    virtual void hang_up() = 0;
    // baresip 1.0 writes nothing down any more after a new offer, though it goes on playing.
    [[nodiscard]] virtual bool records_after_hold() const { return true; }

    // Of these, in the last quarter of a second that it has received since forget().
    [[nodiscard]] std::set<double> hears(const std::vector<double> &tones) const;
    void forget();
    [[nodiscard]] std::string log() const; // what it has written: for a failing test

  protected:
    RealPhone(std::string name, double tone);
    void start(const std::vector<std::string> &arguments);
    [[nodiscard]] virtual std::filesystem::path recording() const = 0;
    [[nodiscard]] std::string uri(const Account &account, const std::string &user) const;
    void write(const std::string &file, const std::string &text) const;

    std::filesystem::path directory_;
    int console_ = -1; // its standard input

  private:
    pid_t pid_ = -1;
    std::filesystem::path forgotten_file_;
    std::uintmax_t forgotten_bytes_ = 0;
};

class Baresip final : public RealPhone {
  public:
    Baresip(const Account &account, double tone, bool auto_answer = false);
    ~Baresip() override;
    void answer() override { command("accept"); }
    void hold() override { command("hold"); }
    void resume() override { command("resume"); }
    void transfer(const std::string &uri) override { command("transfer", uri); }
    void hang_up() override { command("hangup"); }
    [[nodiscard]] bool records_after_hold() const override { return false; }

  private:
    [[nodiscard]] std::filesystem::path recording() const override;
    void command(const std::string &name, const std::string &argument = {});
    int control_port_ = 0;
    int control_ = -1;
};

class Linphone final : public RealPhone {
  public:
    Linphone(const Account &account, double tone);
    void answer() override { say("answer"); }
    void hold() override { say("pause"); }
    void resume() override { say("resume 1"); }
    void transfer(const std::string &uri) override { say("transfer 1 " + uri); }
    void hang_up() override { say("terminate"); }
    // Its second line, when the first is on hold, and connecting the two.
    void call(const std::string &uri) { say("call " + uri); }
    void connect_both() { say("transfer 1 --to-call 2"); }

  private:
    [[nodiscard]] std::filesystem::path recording() const override;
    void say(const std::string &line);
};

} // namespace fernamt::telephony
