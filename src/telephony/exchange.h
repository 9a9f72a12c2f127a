// SPDX-License-Identifier: EUPL-1.2
// The exchange joins signalling, media, the routing machine and the ledger. Every event goes
// machine -> ledger -> (durable) -> effects: nothing leaves the building before it is written.
// Commands and questions come from any thread and are carried out on the telephony loop.
#pragma once

#include "base/id.h"
#include "base/problem.h"
#include "base/redacted.h"
#include "base/time.h"
#include "ledger/ledger.h"
#include "routing/machine.h"
#include "telephony/call_leg.h"
#include "telephony/loop.h"
#include "telephony/media.h"

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::telephony {

using routing::CrisisId;
using routing::PartnerId;

struct AgentCommand {
    enum class Kind {
        sign_in,
        sign_out,
        ready,
        pause,
        answer,
        hang_up,
        hold,
        resume,
        transfer,
        consult,              // ask somebody; the caller hears music
        consult_end,          // back to the caller
        conference,           // all three speak
        hand_over,            // the agent leaves, the other two go on
        correct_municipality, // the caller meant another one (F-07)
        wrap_up_extend,
        wrap_up_finish,
        // This window carries the voice of the agent's call and has no connection for it: a reload,
        // another window, a lost network. browser_offer holds a fresh offer afterwards; nothing
        // changes in the call or its history.
        phone_resume,
    };
    AgentId agent;
    Kind kind = Kind::ready;
    std::optional<CallId> call; // if given it must be the agent's call, else "desk.other_call"
    std::optional<PhoneNumber> target;                 // transfer, consult
    std::optional<MunicipalityId> municipality;        // correct_municipality
    routing::Device device = routing::Device::browser; // sign_in
    bool paused = false;                               // sign_in: no call comes yet
};

struct DeskView {
    routing::AgentState state = routing::AgentState::signed_out;
    routing::Device device = routing::Device::browser;
    Instant since;
    std::optional<Instant> until;
    struct CallView {
        CallId id;
        std::optional<MunicipalityId> municipality;
        std::optional<PhoneNumber> number;
        std::optional<Instant> offered_at; // empty once the call has ended
        std::optional<Instant> answered_at;
        Redacted<std::string> caller; // empty if withheld or erased
        routing::Scope scope = routing::Scope::central;
        CrisisId crisis;                       // shows its approved wording
        PartnerId from;                        // handed to us by this partner
        std::optional<MunicipalityId> dialled; // before the agent's correction
        // Somebody else is asked about this call, or listens (joined).
        std::optional<routing::Consultation::State> consult;
        bool callback = false; // the caller asked to be called back
        bool dialling = false; // and is being dialled: nobody is on the line yet
    };
    std::optional<CallView> call;
    std::int64_t waiting = 0;
    Duration longest_wait{}; // of who is on the line; 0: nobody
    bool phone_registered = false;
    // Browser softphone: an offer of ours that this desk has not answered yet.
    struct BrowserOffer {
        std::string leg;
        std::string sdp;
    };
    std::optional<BrowserOffer> browser_offer;
    bool pause_after_call = false;
    Instant now; // the server's clock, for the page's clocks
};

struct Situation { // sums only, never a person
    Instant now;
    std::int64_t waiting = 0;
    Duration longest_wait{}; // of who is on the line; 0: nobody
    std::map<routing::AgentState, std::int64_t> agents;
    struct PerMunicipality {
        MunicipalityId id;
        std::int64_t waiting = 0;
        std::int64_t talking = 0;
    };
    std::vector<PerMunicipality> municipalities;
    std::int64_t callbacks = 0;   // of the waiting: nobody is on the line
    std::vector<CrisisId> crises; // that run now
    bool media_available = false;
    bool ledger_accepting = false;
    bool recovered = false;     // after a start: calls of before are dealt with; until then, 503
    std::int64_t open_legs = 0; // dialogs, also those that are just ending
};

// WAV files as rtpengine reads them: G.711 A-law or 16-bit, 8 kHz, mono.
struct Announcements {
    virtual ~Announcements() = default;
    // Path of the file for this municipality (or the general one).
    [[nodiscard]] virtual std::string path(std::optional<MunicipalityId> municipality,
                                           routing::Announcement announcement) const = 0;
    // Words beside those five that may or may not be there: "callback_offer", "callback_noted",
    // "callback_exists", "ahead_0" to "ahead_9", "ahead_more" (how many wait), "minutes_1" etc.
    // (waiting_words.h), "info_1", "info_2" and so on (information while one waits), "name" (of the
    // municipality, for the agent). Empty: none.
    [[nodiscard]] virtual std::string words(std::optional<MunicipalityId>, std::string_view) const {
        return {};
    }
    // Instead of the greeting while a crisis runs. Empty: none, the greeting stays.
    [[nodiscard]] virtual std::string crisis(CrisisId, std::optional<MunicipalityId>) const {
        return {};
    }
};

// Upper bounds of the dispatch histogram, in microseconds.
inline constexpr std::array<std::int64_t, 8> kDispatchBounds{1'000,  2'000,  5'000,   10'000,
                                                             20'000, 50'000, 100'000, 500'000};

class Exchange {
  public:
    struct Changed { // what changed, for the event stream
        std::set<AgentId> agents;
        bool situation = false;
    };
    struct Parts {
        Loop &loop;
        CallLegs &legs;
        Media &media;
        ledger::Ledger &ledger;
        const Clock &clock;
        const Announcements &announcements;
        std::function<std::string(AgentId)> phone_user; // SIP user of an agent's desk phone
        // Where a call to an outside number goes (OutgoingCall::target); empty if not allowed.
        std::function<std::string(const PhoneNumber &)> outside_uri;
        std::function<std::string(MunicipalityId)> short_name; // for the agent's phone display
        std::function<void(Changed)> on_change;                // called on the loop
        // The leg journal, to take calls up again after a crash, and the key of callers'
        // pseudonyms.
        std::string state_directory;
        // Number of the partner centre whose calls come by this source ("trunk:NAME"); may be
        // empty.
        std::function<std::string(const std::string &source)> partner_number = {};
        // Whether this partner's calls come by a trunk of its own: then by no other; may be empty.
        std::function<bool(const PhoneNumber &partner)> partner_has_trunk = {};
        // Whether this agent hears the municipality's name before the caller (part 9: for whom the
        // screen does not say it); may be empty.
        std::function<bool(AgentId)> whispers = {};
        // The town hall whose operator has this phone, registered with us (SIP user); may be empty.
        std::function<std::optional<MunicipalityId>(const std::string &phone)> office_of_phone = {};
        // Information of the municipality between the music: the first after so long, then every;
        // for a municipality without times of its own.
        Duration information_first = 40s;
        Duration information_every = 90s;
    };

    // Takes the state up from snapshot and ledger. Call before the loop runs, then recover() on it.
    [[nodiscard]] static Expected<std::unique_ptr<Exchange>> create(Parts parts);
    virtual ~Exchange() = default;

    // Takes live legs up again from the journal, or ends their calls truthfully. On the loop, once,
    // when SIP and media are up; calls are accepted afterwards.
    virtual void recover() = 0;

    virtual void command(const AgentCommand &command, std::function<void(Expected<void>)> done) = 0;
    virtual void change_rules(routing::Rules rules, UserId by,
                              std::function<void(Expected<void>)> done) = 0;
    // What a lead, an administrator or a one-time code decides: OfficeSwitched, SkillsAssigned,
    // CrisisBegan, CrisisEnded, HelperJoined, CallbackWithdrawn. done: it is in the ledger and in
    // force. Problems: exchange.not_administrative (another event), exchange.refused (with the
    // reason, routing/refusal.h). From any thread.
    virtual void act(const routing::Event &event, std::function<void(Expected<void>)> done) = 0;
    // The page's answer to DeskView::browser_offer.
    virtual void browser_answer(AgentId agent, const std::string &leg, const std::string &sdp,
                                std::function<void(Expected<void>)> done) = 0;

    // Questions: from any thread but the loop; they block for the loop's next turn.
    [[nodiscard]] virtual Expected<DeskView> desk(AgentId agent) = 0;
    [[nodiscard]] virtual Expected<Situation> situation() = 0;
    [[nodiscard]] virtual Expected<routing::Rules> rules() = 0;
    // A copy of all that routing knows, without personal data: for previews, waiting lists with
    // their callbacks, running crises. Not for every second: it is as large as the house.
    [[nodiscard]] virtual Expected<routing::State> state() = 0;
    [[nodiscard]] virtual Expected<void> save_snapshot() = 0;
    // Commitments of the numbers that are still to be called back (ledger::kSealedCallback): all
    // others of that kind may be erased.
    [[nodiscard]] virtual Expected<std::set<std::string>> callback_numbers() = 0;

    // A desk phone came or went (registrar): desks show it. On the loop.
    virtual void phone_changed(const std::string &user) = 0;
    virtual void stop_accepting() = 0; // new calls get 503 from now on; running ones go on

    struct Counters { // since the start of the process, for metrics and the demo's summary
        std::int64_t offered = 0;
        std::int64_t rejected_media = 0;
        std::int64_t rejected_ledger = 0;
        std::int64_t live_calls = 0;
        // Decision "this agent rings" -> the phone's INVITE is out, or the desk has been told: how
        // many took at most kDispatchBounds[i]; the last one counts all. Their sum in microseconds.
        std::array<std::int64_t, kDispatchBounds.size() + 1> dispatched{};
        std::int64_t dispatch_us = 0;
    };
    [[nodiscard]] virtual Counters counters() const = 0; // any thread
};

} // namespace fernamt::telephony
