// SPDX-License-Identifier: EUPL-1.2
// The exchange's inside, shared by its four files: exchange.cpp (the pipeline machine -> ledger ->
// effects, commands and questions), exchange_effects.cpp (what each decision does to legs and
// sound), exchange_browser.cpp (voice in a browser page, which may come and go during a call) and
// exchange_recovery.cpp (taking calls up again after a restart).
#pragma once

#include "telephony/exchange.h"
#include "telephony/leg_journal.h"
#include "telephony/live_call.h"

#include <atomic>
#include <set>
#include <unordered_map>

namespace fernamt::telephony {

class ExchangeCore final : public Exchange, private LegListener {
  public:
    using Done = std::function<void(Expected<void>)>;

    ExchangeCore(Parts parts, routing::Machine machine, LegJournal journal);

    void recover() override;
    void command(const AgentCommand &command, Done done) override;
    void change_rules(routing::Rules rules, UserId by, Done done) override;
    void act(const routing::Event &event, Done done) override;
    void browser_answer(AgentId agent, const std::string &leg, const std::string &sdp,
                        Done done) override;
    Expected<DeskView> desk(AgentId agent) override;
    Expected<Situation> situation() override;
    Expected<routing::Rules> rules() override;
    Expected<routing::State> state() override;
    Expected<void> save_snapshot() override;
    void phone_changed(const std::string &user) override;
    void stop_accepting() override;
    Counters counters() const override;

  private:
    // --- the pipeline (exchange.cpp)
    // The number behind the event's commitment: of CallOffered's caller, TransferRequested's
    // target.
    using Personal = std::shared_ptr<const ledger::Sealed>;
    void submit(const routing::Event &event, Done done = {}, Personal personal = {});
    void submit_at(Instant at, const routing::Event &event, Done done = {}, Personal personal = {});
    void append(const routing::Event &event, Instant now,
                std::shared_ptr<const routing::Decisions> decisions, Personal personal,
                ledger::Ledger::OnDurable then);
    void prepare(const routing::Decisions &decisions, Instant now, const Personal &personal);
    void submit_transfer(AgentId agent, CallId call, const PhoneNumber &target, const Done &done);
    [[nodiscard]] Personal seal(std::string_view kind, const Redacted<std::string> &value) const;
    void report_lost_ledger(const Problem &problem);
    void schedule_deadline();
    void incoming(IncomingCall incoming);
    [[nodiscard]] std::optional<std::string> refusal() const; // why no new call is taken now
    [[nodiscard]] CallId new_call_id();
    [[nodiscard]] Expected<routing::Event> to_event(const AgentCommand &command) const;
    [[nodiscard]] DeskView desk_now(AgentId agent) const;
    [[nodiscard]] Situation situation_now() const;

    // --- what decisions do (exchange_effects.cpp); all harmless if the call or leg is gone
    void execute(const routing::Decision &decision);
    void carry_out(const routing::Announce &effect);
    void carry_out(const routing::Queue &effect);
    void carry_out(const routing::Ring &effect);
    void carry_out(const routing::StopRinging &effect);
    void carry_out(const routing::Connect &effect);
    void carry_out(const routing::Hold &effect);
    void carry_out(const routing::Resume &effect);
    void carry_out(const routing::Transfer &effect);
    void carry_out(const routing::ConnectTransfer &effect);
    void carry_out(const routing::Requeue &effect);
    void carry_out(const routing::End &effect);
    void carry_out(const routing::AgentStateChanged &effect);
    void carry_out(const routing::WrapUpDone &effect);
    void carry_out(const routing::Refused &effect);
    void carry_out(const routing::StillWaits &) {} // to be shown only
    void carry_out(const routing::Corrected &) {}
    void carry_out(const routing::CrisisStarted &) {}
    void carry_out(const routing::CrisisReport &) {}
    // Decisions that only newer rules ask for, and that nothing here carries out yet: said in the
    // log, once for each kind, because callers wait in vain for what was decided.
    template <class Later>
    void carry_out(const Later &effect) {
        report_not_carried_out({effect});
    }
    void report_not_carried_out(const routing::Decision &decision);

    void answer_caller(CallId call, const std::function<void()> &then);
    void play(CallId call, routing::Announcement announcement, int repeat,
              const std::function<void(Duration)> &then);
    void play_music(CallId call);
    void ring_phone(CallId call, const Media::Tag &tag, const std::string &target,
                    const std::string &display);
    void connect_caller(LiveCall &call, LiveLeg &partner); // now, or when its sound is up
    void drop_leg(LiveCall &call, const Media::Tag &tag, bool answered_elsewhere);
    void drop_agent(LiveCall &call, AgentId agent, bool answered_elsewhere);
    void remember(LiveCall &call); // media record -> journal
    void count_dispatch(const LiveCall &call);
    void count_live();

    // --- voice in a browser page (exchange_browser.cpp)
    [[nodiscard]] Expected<void> resume_phone(const AgentCommand &command);
    void offer_to_browser(LiveCall &call, AgentId agent, const std::function<void(bool)> &then);
    void take_answer(CallId call, const Media::Tag &tag, AgentId agent, const Done &done);
    void carry_voice(LiveCall &call, const Media::Tag &tag);

    // --- what legs report (LegListener)
    void on_ringing(LegId leg) override;
    void on_answered(LegId leg, const std::string &sdp) override;
    void on_failed(LegId leg, int sip_status) override;
    void on_ended(LegId leg, routing::HangUpCause cause) override;
    void on_offer(LegId leg, const std::string &sdp) override;
    void on_refer(LegId leg, const std::string &target) override;
    void on_dialog(LegId leg, const std::string &dialog_record) override;

    // --- recovery (exchange_recovery.cpp)
    void take_up(const routing::Call &call, const LegJournal::LiveCall &journal);
    void end_lost(const routing::Call &call);
    void end_calls_without_sound(); // rtpengine is back: does it still know our calls?
    [[nodiscard]] bool restore_leg(LiveCall &live, const LegJournal::Leg &leg);

    struct LegPlace {
        CallId call;
        Media::Tag tag;
    };
    [[nodiscard]] LiveCall *find(CallId call);
    [[nodiscard]] std::pair<LiveCall *, LiveLeg *> find(LegId leg);
    void attach(LiveCall &call, LiveLeg &leg, LegId sip);
    [[nodiscard]] Media::Tag new_tag(LiveCall &call, char prefix);
    void changed(AgentId agent);
    void changed_situation();
    void tell_changes();

    Parts parts_;
    routing::Machine machine_;
    LegJournal journal_;
    std::map<CallId, LiveCall> calls_;
    std::unordered_map<LegId, LegPlace> places_;
    Loop::TimerId deadline_timer_ = Loop::TimerId::none;
    std::optional<Instant> deadline_;
    Changed changes_; // of the decisions that are being carried out: told once, together
    bool collecting_ = false;
    CallId last_call_;
    bool recovered_ = false;
    bool stopped_ = false;
    bool ledger_failure_logged_ = false;
    std::set<std::string> not_carried_out_; // names of decisions, each logged once
    std::atomic<std::int64_t> offered_{0};
    std::atomic<std::int64_t> rejected_media_{0};
    std::atomic<std::int64_t> rejected_ledger_{0};
    std::atomic<std::int64_t> live_{0};
    std::array<std::atomic<std::int64_t>, kDispatchBounds.size() + 1> dispatched_{};
    std::atomic<std::int64_t> dispatch_us_{0};
};

} // namespace fernamt::telephony
