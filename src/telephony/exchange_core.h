// SPDX-License-Identifier: EUPL-1.2
// The exchange's inside, shared by its files, one idea each: exchange.cpp (the pipeline machine ->
// ledger -> effects), exchange_commands.cpp (commands and questions), exchange_incoming.cpp (a call
// arrives), exchange_replacing.cpp (a phone takes the place of its user's line),
// exchange_effects.cpp (what decisions about caller and agent do), exchange_sound.cpp
// (who hears what and whom), exchange_passing_on.cpp (transfer, consultation, conference, office,
// partner), exchange_callbacks.cpp, exchange_legs.cpp (what legs report), exchange_browser.cpp
// (voice in a browser page, which may come and go during a call) and exchange_recovery.cpp (taking
// calls up again after a restart).
#pragma once

#include "telephony/caller_key.h"
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

    ExchangeCore(Parts parts, routing::Machine machine, LegJournal journal, CallerKeys keys);

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
    Expected<std::set<std::string>> callback_numbers() override;
    void phone_changed(const std::string &user) override;
    void stop_accepting() override;
    Counters counters() const override;

  private:
    // --- the pipeline (exchange.cpp)
    // The number behind the event's commitment: of CallOffered's and CallbackRequested's caller, of
    // TransferRequested's and ConsultRequested's target.
    using Personal = std::shared_ptr<const ledger::Sealed>;
    void submit(const routing::Event &event, Done done = {}, Personal personal = {});
    void submit_at(Instant at, const routing::Event &event, Done done = {}, Personal personal = {});
    void append(const routing::Event &event, Instant now,
                std::shared_ptr<const routing::Decisions> decisions, Personal personal,
                ledger::Ledger::OnDurable then);
    void give_up_targets(const routing::Effect &effect);
    void prepare(const routing::Decisions &decisions, Instant now, const Personal &personal);
    enum class PassOn { transfer, consult };
    void submit_passing_on(PassOn how, AgentId agent, CallId call, const PhoneNumber &target,
                           const Done &done);
    void keep_target(CallId call, const routing::TransferTarget &target, const Personal &personal);
    [[nodiscard]] Personal seal(std::string_view kind, const Redacted<std::string> &value) const;
    void report_lost_ledger(const Problem &problem);
    void schedule_deadline();

    // --- a call arrives (exchange_incoming.cpp)
    void incoming(IncomingCall incoming);
    [[nodiscard]] bool consult_by_phone(const IncomingCall &incoming);
    // --- a phone takes the place of its user's line (exchange_replacing.cpp)
    void replace(const IncomingCall &incoming);
    [[nodiscard]] bool gave_up_place(LiveCall &call, const LiveLeg &leg); // before it had it
    void take_place(CallId call, const Media::Tag &tag, const Expected<std::string> &answer);
    // --- the operator's keys (exchange_service_codes.cpp)
    [[nodiscard]] bool switch_office_by_phone(const IncomingCall &incoming); // true: was a code
    [[nodiscard]] std::optional<MunicipalityId>
    office_that_calls(const IncomingCall &incoming) const;
    void confirm(LegId leg, const std::string &offer, const std::string &path);
    void open_second_line(LiveCall &call, AgentId agent, const IncomingCall &incoming,
                          const PhoneNumber &target);
    [[nodiscard]] PartnerId partner_of(const IncomingCall &incoming, const LiveCall &call) const;
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
    void carry_out(const routing::StillWaits &effect);
    void carry_out(const routing::SortedAnew &) {} // the crisis that began or ended shows all
    void carry_out(const routing::Corrected &effect);
    void carry_out(const routing::CrisisStarted &) { changed_all(); }
    void carry_out(const routing::CrisisReport &) { changed_all(); }
    void carry_out(const routing::Forward &) {} // see forward(): it needs the rule
    void carry_out(const routing::StopTarget &effect);
    void carry_out(const routing::Consult &effect);
    void carry_out(const routing::ConnectConsult &effect);
    void carry_out(const routing::EndConsult &effect);
    void carry_out(const routing::Conference &effect);
    void carry_out(const routing::HandOver &effect);
    void carry_out(const routing::CallbackNoted &effect);
    void carry_out(const routing::CallBack &effect);

    // --- who hears what and whom (exchange_sound.cpp)
    void prepare_caller(CallId call, const std::function<void()> &then); // sound, but no 200
    void answer_caller(CallId call, const std::function<void()> &then);
    void send_answer(CallId call);
    using Heard = std::function<void()>;
    void play(CallId call, const std::string &path, int repeat, const Heard &then);
    void play_music(CallId call);
    void hear_music(const LiveCall &call, const Media::Tag &tag);
    void greet(CallId call, CrisisId crisis);
    void tell_place(CallId call); // its place and probable wait, what may be chosen; then music
    using Words = std::vector<std::string>; // paths
    void add_word(const LiveCall &call, const std::string &name, Words &words) const;
    void inform(CallId call); // the next information of its municipality; then music
    [[nodiscard]] routing::WaitingInformation information_times(const LiveCall &call) const;
    void say(CallId call, const std::shared_ptr<Words> &words, std::size_t at);
    void listen_to_music(LiveCall &call);
    [[nodiscard]] bool whisper(LiveCall &call, AgentId agent);
    void whispered(CallId call, AgentId agent);
    void couple(LiveCall &call, Coupling coupling);
    void settle_sound(LiveCall &call); // what is decided, as far as sound is up
    void join(LiveCall &call, const LiveLeg *a, const LiveLeg *b);
    void join_all(LiveCall &call);
    [[nodiscard]] bool offers_fresh_leg(LiveCall &call, const Media::Tag &tag,
                                        const Media::Tag &source);
    void sound_failed(CallId call, const Problem &problem);

    // --- passing on (exchange_passing_on.cpp)
    struct Dial {
        LegRole role = LegRole::target;
        PhoneNumber number;
        std::string from_user; // empty: the municipality's number
        std::vector<std::pair<std::string, std::string>> headers = {};
        Duration ring_for{};
    };
    void dial(LiveCall &call, const Dial &wanted);
    void ring_outside(CallId call, const Media::Tag &tag, const std::string &way,
                      const Dial &wanted);
    void dial_target(LiveCall &call);
    // History-Info and Diversion of the call that goes on to target, see diversion.h.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>>
    history_for(const LiveCall &call, const PhoneNumber &target, routing::Rule rule) const;
    void forward(const routing::Forward &effect, routing::Rule rule);
    void drop_targets(LiveCall &call);
    void drop_failed_agent(LiveCall &call);
    [[nodiscard]] std::string shown_number(CallId call) const; // of the municipality

    // --- callbacks (exchange_callbacks.cpp)
    void on_digit(CallId call, const Media::Tag &tag, char digit);
    [[nodiscard]] bool may_be_called_back(LiveCall &call) const;
    [[nodiscard]] bool has_callback(const LiveCall &call) const; // this caller, of any call
    void request_callback(LiveCall &call);
    void grant_wished_callback(CallId call); // nobody has answered: it waits again
    void tell_callback_exists(CallId call);
    [[nodiscard]] bool is_dialling_citizen(CallId call) const;
    [[nodiscard]] bool is_on_line(CallId call) const; // false: a callback, not reached yet
    void end_caller_leg(CallId call);
    [[nodiscard]] Redacted<std::string> callback_number(CallId call);

    void ring_phone(CallId call, const Media::Tag &tag, AgentId agent, bool callback);
    [[nodiscard]] LiveLeg *attach_invited(CallId call, const Media::Tag &tag, LegId sip);
    void drop_leg(LiveCall &call, const Media::Tag &tag, bool answered_elsewhere);
    void drop_agent(LiveCall &call, AgentId agent, bool answered_elsewhere,
                    const Media::Tag &but = {});
    void release_agent(LiveCall &call, AgentId agent); // left; a phone that waits for news stays
    void release_referrer(AgentId agent);              // its phone is to ring again
    void refer(LiveLeg &leg, const std::function<void(const Done &)> &ask);
    void tell_referrer(LiveCall &call, int sip_status);
    void remember(const LiveCall &call); // media record -> journal, at the end of this turn
    void write_journal_later();
    void write_journal();
    void count_dispatch(const LiveCall &call);
    void count_live();

    // --- voice in a browser page (exchange_browser.cpp)
    [[nodiscard]] Expected<void> resume_phone(const AgentCommand &command);
    void offer_to_browser(LiveCall &call, AgentId agent, const std::function<void(bool)> &then);
    void take_answer(CallId call, const Media::Tag &tag, AgentId agent, const Done &done);
    void carry_voice(LiveCall &call, const Media::Tag &tag);

    [[nodiscard]] routing::Event event_answered(const LiveCall &call, const LiveLeg &leg) const;
    // ours: nothing of it is the far end's doing (tells only of a callback's citizen).
    [[nodiscard]] routing::Event event_failed(const LiveCall &call, const LiveLeg &leg,
                                              routing::DeclineCause cause, bool ours) const;
    // --- what legs report (LegListener)
    void on_ringing(LegId leg) override;
    void on_answered(LegId leg, const std::string &sdp) override;
    void on_failed(LegId leg, int sip_status) override;
    void on_ended(LegId leg, routing::HangUpCause cause) override;
    void on_offer(LegId leg, const std::string &sdp) override;
    void on_refer(LegId leg, const std::string &target) override;
    bool on_refer_replaces(LegId leg, LegId other) override;
    void on_dialog(LegId leg, const std::string &dialog_record) override;

    // --- recovery (exchange_recovery.cpp)
    void take_up(const routing::Call &call, const LegJournal::LiveCall &journal);
    using JournalledLegs = std::map<std::string, LegJournal::Leg>;
    void take_up_all(const Expected<std::vector<CallId>> &running); // a problem: nobody knows
    void end_lost(const routing::Call &call, const LegJournal::LiveCall *journal);
    void let_go(CallId call, const JournalledLegs &legs); // BYE to all of them
    void end_unknown(const std::vector<CallId> &running);
    void end_calls_without_sound(); // rtpengine is back: does it still know our calls?
    void take_up_callback(const routing::Call &call, const LegJournal::LiveCall *journal);
    void restore_others(LiveCall &live, const routing::Call &call,
                        const LegJournal::LiveCall &journal);
    void go_on(LiveCall &live, const routing::Call &call);
    void ring_again(const routing::Call &call);
    void hang_up_lost(const LegJournal::Leg &leg);
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
    void changed_all(); // something that every desk shows
    void tell_changes();

    Parts parts_;
    routing::Machine machine_;
    LegJournal journal_;
    std::set<CallId> unremembered_;
    CallerKeys keys_;
    std::map<CallId, std::string> callback_numbers_; // commitments
    std::map<CallId, LiveCall> calls_;
    std::unordered_map<LegId, LegPlace> places_;
    std::map<AgentId, CallId> referrers_; // whose phone waits for news of which call's transfer
    Loop::TimerId deadline_timer_ = Loop::TimerId::none;
    std::optional<Instant> deadline_;
    Changed changes_; // of the decisions that are being carried out: told once, together
    bool collecting_ = false;
    CallId last_call_;
    Instant last_known_;        // of the house before our start
    std::set<CallId> unproven_; // taken up while nobody could say whether they have sound
    bool recovered_ = false;
    bool stopped_ = false;
    bool ledger_failure_logged_ = false;
    std::atomic<std::int64_t> offered_{0};
    std::atomic<std::int64_t> rejected_media_{0};
    std::atomic<std::int64_t> rejected_ledger_{0};
    std::atomic<std::int64_t> live_{0};
    std::array<std::atomic<std::int64_t>, kDispatchBounds.size() + 1> dispatched_{};
    std::atomic<std::int64_t> dispatch_us_{0};
    std::shared_ptr<char> alive_ = std::make_shared<char>('\0'); // expires with us
};

} // namespace fernamt::telephony
