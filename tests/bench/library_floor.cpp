// SPDX-License-Identifier: EUPL-1.2
#include "library_floor.h"

#include "telephony/sofia_loop.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>

namespace fernamt::testing {
struct FloorAgent;
struct FloorCall;
} // namespace fernamt::testing

#define NTA_AGENT_MAGIC_T fernamt::testing::FloorAgent
#define NTA_LEG_MAGIC_T fernamt::testing::FloorCall
#define NTA_OUTGOING_MAGIC_T fernamt::testing::FloorCall
#define NTA_INCOMING_MAGIC_T fernamt::testing::FloorCall

#include <sofia-sip/nta.h>
#include <sofia-sip/nta_stateless.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/nta_tport.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/tport_tag.h>
#include <sofia-sip/url.h>

namespace {

// As many as a distributed call has of them (0041): the caller's offer and answer, the greeting,
// the agent's offer; the agent's answer, the greeting's end, the coupling's two; the end.
constexpr int kRoundTripsBeforeRinging = 4, kRoundTripsBeforeTalking = 4, kRoundTripsAtTheEnd = 1;
constexpr std::size_t kCommandBytes = 620; // an offer's, its SDP included; the others are shorter

constexpr const char *kAllow =
    "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, REFER, NOTIFY, INFO";
constexpr const char *kSupported = "timer, 100rel";

[[noreturn]] void give_up(const char *what) {
    throw std::runtime_error(what);
}

int datagram_socket(int port, bool connected) {
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    const auto *raw = reinterpret_cast<sockaddr *>(&address);
    const int done =
        connected ? ::connect(fd, raw, sizeof address) : ::bind(fd, raw, sizeof address);
    if (fd < 0 || done < 0) give_up("no socket");
    return fd;
}

int port_of(int fd) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(fd, reinterpret_cast<sockaddr *>(&address), &size);
    return ntohs(address.sin_port);
}

// In the place of rtpengine: sends back what comes, in a thread of its own.
class Echo {
  public:
    Echo() : fd_(datagram_socket(0, false)), thread_([this] { run(); }) {}
    ~Echo() {
        ::shutdown(fd_, SHUT_RDWR); // wakes recvfrom, though the socket is not connected
        thread_.join();
        ::close(fd_);
    }
    Echo(const Echo &) = delete;
    Echo &operator=(const Echo &) = delete;
    [[nodiscard]] int port() const { return port_of(fd_); }

  private:
    void run() const {
        std::array<char, 2048> buffer{};
        for (;;) {
            sockaddr_in from{};
            socklen_t size = sizeof from;
            auto *raw = reinterpret_cast<sockaddr *>(&from);
            const auto got = ::recvfrom(fd_, buffer.data(), buffer.size(), 0, raw, &size);
            if (got <= 0) return;
            (void)::sendto(fd_, buffer.data(), static_cast<std::size_t>(got), 0, raw, size);
        }
    }
    int fd_;
    std::thread thread_;
};

} // namespace

namespace fernamt::testing {

struct FloorCall {
    FloorAgent *relay = nullptr;
    nta_leg_t *caller = nullptr, *agent = nullptr;
    nta_incoming_t *invite = nullptr;
    nta_outgoing_t *ringing = nullptr, *bye = nullptr;
    std::string sdp; // of the side that spoke last
    std::string call_id, from, to;
};

// Runs on its loop alone.
struct FloorAgent {
    telephony::SofiaLoop &loop;
    int answerer_port;
    int echo_fd;
    nta_agent_t *agent = nullptr;
    std::string contact;
    std::unordered_map<std::uint64_t, std::function<void()>> asked;
    std::uint64_t last_question = 0, last_call = 0;
    std::set<FloorCall *> calls;
    std::atomic<long> finished = 0;

    FloorAgent(telephony::SofiaLoop &l, int answerer, int echo_port)
        : loop(l), answerer_port(answerer), echo_fd(datagram_socket(echo_port, true)) {
        agent = nta_agent_create(loop.root(), URL_STRING_MAKE("sip:127.0.0.1:*;transport=udp"),
                                 on_message, this, NTATAG_UA(1), NTATAG_UDP_MTU(65535),
                                 NTATAG_PASS_100(1), NTATAG_MAXSIZE(65536), TAG_END());
        if (agent == nullptr) give_up("no agent");
        contact = fmt::format("Contact: <sip:floor@127.0.0.1:{};transport=udp>", port());
        loop.watch(echo_fd, [this] { on_echo(); });
    }
    ~FloorAgent() {
        loop.unwatch(echo_fd);
        for (FloorCall *call : calls) {
            if (call->invite != nullptr) nta_incoming_destroy(call->invite);
            if (call->ringing != nullptr) nta_outgoing_destroy(call->ringing);
            if (call->bye != nullptr) nta_outgoing_destroy(call->bye);
            destroy_legs(*call);
            delete call;
        }
        nta_agent_destroy(agent);
        ::close(echo_fd);
    }
    FloorAgent(const FloorAgent &) = delete;
    FloorAgent &operator=(const FloorAgent &) = delete;

    [[nodiscard]] int port() const { return std::atoi(nta_agent_via(agent)->v_port); }

    // One after the other, as the commands of one call.
    void ask(int times, std::function<void()> then) {
        if (times == 0) return then();
        std::string datagram(kCommandBytes, 'x');
        const std::uint64_t cookie = ++last_question;
        datagram.replace(0, sizeof cookie, reinterpret_cast<const char *>(&cookie), sizeof cookie);
        asked.emplace(cookie, [this, times, then = std::move(then)]() mutable {
            ask(times - 1, std::move(then));
        });
        (void)::send(echo_fd, datagram.data(), datagram.size(), MSG_NOSIGNAL);
    }

    // As NgClient reads: back to the loop unless other answers may be there.
    void on_echo() {
        std::array<char, 2048> buffer{};
        bool more = true;
        while (more) {
            const auto got = ::recv(echo_fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
            if (got < static_cast<long>(sizeof(std::uint64_t))) return;
            more = asked.size() > 1;
            std::uint64_t cookie = 0;
            std::copy_n(buffer.data(), sizeof cookie, reinterpret_cast<char *>(&cookie));
            auto node = asked.extract(cookie);
            if (!node.empty()) node.mapped()();
        }
    }

    static int on_message(FloorAgent *self, nta_agent_t *agent, msg_t *msg, sip_t *sip) {
        if (sip->sip_request == nullptr || sip->sip_request->rq_method != sip_method_invite) {
            nta_msg_discard(agent, msg);
            return 0;
        }
        self->begin(msg, sip);
        return 0;
    }

    void begin(msg_t *msg, sip_t *sip) {
        auto *call = *calls.insert(new FloorCall{}).first;
        call->relay = this;
        call->sdp = body_of(sip);
        call->caller = nta_leg_tcreate(agent, on_request, call, SIPTAG_CALL_ID(sip->sip_call_id),
                                       SIPTAG_FROM(sip->sip_to), SIPTAG_TO(sip->sip_from),
                                       NTATAG_REMOTE_CSEQ(sip->sip_cseq->cs_seq), TAG_END());
        nta_leg_tag(call->caller, nullptr);
        nta_leg_server_route(call->caller, sip->sip_record_route, sip->sip_contact);
        call->invite = nta_incoming_create(agent, call->caller, msg, sip, TAG_END());
        nta_incoming_bind(call->invite, on_ack, call);
        nta_incoming_treply(call->invite, SIP_100_TRYING, TAG_END());
        ask(kRoundTripsBeforeRinging, [this, call] { ring(*call); });
    }

    void ring(FloorCall &call) {
        call.call_id = fmt::format("{:032x}", ++last_call);
        call.from = fmt::format("\"Langenhagen\" <sip:+493023125001@127.0.0.1:{}>", port());
        call.to = fmt::format("<sip:agent@127.0.0.1:{}>", answerer_port);
        call.agent = nta_leg_tcreate(
            agent, on_request, &call, SIPTAG_CALL_ID_STR(call.call_id.c_str()),
            SIPTAG_FROM_STR(call.from.c_str()), SIPTAG_TO_STR(call.to.c_str()), TAG_END());
        nta_leg_tag(call.agent, nullptr);
        const std::string uri = fmt::format("sip:agent@127.0.0.1:{};transport=udp", answerer_port);
        const auto *url = reinterpret_cast<const url_string_t *>(uri.c_str());
        call.ringing =
            nta_outgoing_tcreate(call.agent, on_ringing, &call, url, SIP_METHOD_INVITE, url,
                                 SIPTAG_HEADER_STR(contact.c_str()), SIPTAG_ALLOW_STR(kAllow),
                                 SIPTAG_SUPPORTED_STR("timer"), SIPTAG_SESSION_EXPIRES_STR("1800"),
                                 SIPTAG_CONTENT_TYPE_STR("application/sdp"),
                                 SIPTAG_PAYLOAD_STR(call.sdp.c_str()), TAG_END());
    }

    static int on_ringing(FloorCall *call, nta_outgoing_t *orq, const sip_t *sip) {
        if (sip == nullptr || sip->sip_status == nullptr) return 0;
        const int status = sip->sip_status->st_status;
        if (status == 180) nta_incoming_treply(call->invite, SIP_180_RINGING, TAG_END());
        if (status < 200) return 0;
        if (status >= 300) return 0; // does not happen; a call that stays shows as lost
        nta_leg_rtag(call->agent, sip->sip_to->a_tag);
        nta_leg_client_reroute(call->agent, sip->sip_record_route, sip->sip_contact, 1);
        call->sdp = body_of(sip);
        const std::string cseq = fmt::format("{} ACK", nta_outgoing_cseq(orq));
        nta_outgoing_t *ack = nta_outgoing_tcreate(
            call->agent, nullptr, nullptr, nullptr, SIP_METHOD_ACK, nullptr,
            SIPTAG_CSEQ_STR(cseq.c_str()), NTATAG_ACK_BRANCH(nta_outgoing_branch(orq)), TAG_END());
        nta_outgoing_destroy(ack);
        nta_outgoing_destroy(std::exchange(call->ringing, nullptr));
        call->relay->ask(kRoundTripsBeforeTalking, [call] { call->relay->talk(*call); });
        return 0;
    }

    void talk(FloorCall &call) const {
        nta_incoming_treply(call.invite, SIP_200_OK, SIPTAG_HEADER_STR(contact.c_str()),
                            SIPTAG_ALLOW_STR(kAllow), SIPTAG_SUPPORTED_STR(kSupported),
                            SIPTAG_CONTENT_TYPE_STR("application/sdp"),
                            SIPTAG_PAYLOAD_STR(call.sdp.c_str()), TAG_END());
    }

    static int on_ack(FloorCall *call, nta_incoming_t *irq, const sip_t *) {
        if (call->invite != irq) return 0;
        nta_incoming_destroy(std::exchange(call->invite, nullptr));
        return 0;
    }

    // The caller hangs up.
    static int on_request(FloorCall *call, nta_leg_t *, nta_incoming_t *irq, const sip_t *sip) {
        if (irq == nullptr || sip->sip_request->rq_method != sip_method_bye) return 0;
        nta_incoming_treply(irq, SIP_200_OK, TAG_END());
        nta_incoming_destroy(irq);
        call->bye = nta_outgoing_tcreate(call->agent, on_bye, call, nullptr, SIP_METHOD_BYE,
                                         nullptr, TAG_END());
        return 0;
    }

    static int on_bye(FloorCall *call, nta_outgoing_t *, const sip_t *) {
        nta_outgoing_destroy(std::exchange(call->bye, nullptr));
        call->relay->ask(kRoundTripsAtTheEnd, [call] { call->relay->end(call); });
        return 0;
    }

    void end(FloorCall *call) {
        destroy_legs(*call);
        calls.erase(call);
        delete call;
        ++finished;
    }

    static void destroy_legs(FloorCall &call) {
        for (nta_leg_t **leg : {&call.caller, &call.agent})
            if (*leg != nullptr) nta_leg_destroy(std::exchange(*leg, nullptr));
    }

    static std::string body_of(const sip_t *sip) {
        const sip_payload_t *body = sip->sip_payload;
        return body != nullptr ? std::string(body->pl_data, body->pl_len) : std::string();
    }
};

struct LibraryFloor::Relay {
    Echo echo;
    telephony::SofiaLoop loop;
    FloorAgent agent;
    explicit Relay(int answerer_port) : agent(loop, answerer_port, echo.port()) { loop.start(); }
    ~Relay() { loop.stop(); }
    Relay(const Relay &) = delete;
    Relay &operator=(const Relay &) = delete;
};

LibraryFloor::LibraryFloor(int answerer_port) : relay_(std::make_unique<Relay>(answerer_port)) {}
LibraryFloor::~LibraryFloor() = default;

int LibraryFloor::sip_port() const {
    return relay_->agent.port();
}
long LibraryFloor::finished() const {
    return relay_->agent.finished;
}

} // namespace fernamt::testing
