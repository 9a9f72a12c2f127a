// SPDX-License-Identifier: EUPL-1.2
// Implementation of sip_peers.h; in the test program only (hence the file's name).
#include "telephony/sip_peers.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <thread>

namespace fernamt::telephony::sip_test {

std::string sdp(int port) {
    return fmt::format("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                       "m=audio {} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n",
                       port);
}

namespace {
std::string port_of(const std::string &text) { // of the m= line
    const auto at = text.find("m=audio ");
    if (at == std::string::npos) return "-";
    return text.substr(at + 8, text.find(' ', at + 8) - at - 8);
}

bool same_name(std::string_view a, std::string_view b) {
    return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}
} // namespace

SipConfig plain_config(const std::string &listen) {
    SipConfig config;
    config.listen = {listen};
    TrunkConfig trunk;
    trunk.name = "test";
    trunk.proxy = "sip:192.0.2.1:5060"; // never asked: no OPTIONS
    trunk.sources = {"127.0.0.0/8", "::1"};
    trunk.options_interval = 0s;
    config.trunks = {trunk};
    config.calls_per_second_per_source = 0;
    return config;
}

Endpoint::Endpoint(SipConfig config) {
    auto created = SofiaCallLegs::create(loop, std::move(config));
    if (!created) throw std::runtime_error(describe(created.error()));
    legs = std::move(*created);
    legs->on_incoming([this](IncomingCall call) {
        const std::string line = "incoming " + call.source;
        const LegId leg = call.leg;
        {
            const std::lock_guard lock(mutex_);
            incoming_ = std::move(call);
        }
        legs->listen(leg, this);
        note(line);
    });
    legs->on_registration([this](const std::string &user, bool registered) {
        note(fmt::format("{} {}", registered ? "registered" : "unregistered", user));
    });
    loop.start();
}

Endpoint::~Endpoint() {
    destroy();
}

void Endpoint::destroy() {
    loop.stop();
    legs.reset();
}

void Endpoint::note(std::string what) {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(what));
    changed_.notify_all();
}

std::string Endpoint::expect(const std::string &start) {
    std::unique_lock lock(mutex_);
    std::string found;
    const bool came = changed_.wait_for(lock, kSoon, [&] {
        for (std::size_t i = taken_; i < events_.size(); ++i)
            if (events_[i].starts_with(start)) {
                found = events_[i];
                taken_ = i + 1;
                return true;
            }
        return false;
    });
    if (came) return found;
    std::string seen;
    for (const auto &event : events_)
        seen += event + " | ";
    return "NOT SEEN: " + start + " in: " + seen;
}

bool Endpoint::has(const std::string &start) {
    const std::lock_guard lock(mutex_);
    return std::any_of(events_.begin() + static_cast<std::ptrdiff_t>(taken_), events_.end(),
                       [&](const auto &event) { return event.starts_with(start); });
}

LegId Endpoint::invite(OutgoingCall call) {
    LegId leg;
    on_loop([&] { leg = legs->invite(call, this); });
    return leg;
}

int Endpoint::port(const std::string &transport) {
    int found = 0;
    on_loop([&] {
        for (const auto &address : legs->addresses())
            if (address.transport == transport) found = address.port;
    });
    return found;
}

std::string Endpoint::uri(const std::string &user, const std::string &transport) {
    const bool tls = transport == "tls";
    if (tls) return fmt::format("sips:{}@127.0.0.1:{}", user, port(transport));
    return fmt::format("sip:{}@127.0.0.1:{};transport={}", user, port(transport), transport);
}

std::size_t Endpoint::open_legs() {
    std::size_t count = 0;
    on_loop([&] { count = legs->open_legs(); });
    return count;
}

void Endpoint::wait_until_no_legs() {
    wait_until_no_legs_but_registrations();
    std::size_t timers = 0;
    on_loop([&] { timers = loop.open_timers(); });
    EXPECT_EQ(timers, 0U) << "dangling timers";
}

void Endpoint::wait_until_no_legs_but_registrations() {
    const auto until = std::chrono::steady_clock::now() + kSoon;
    while (open_legs() != 0 && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    EXPECT_EQ(open_legs(), 0U);
    const std::lock_guard lock(mutex_);
    for (const auto &[leg, count] : finals_)
        EXPECT_EQ(count, 1) << "final reports of leg " << leg;
}

std::string Endpoint::dialog(LegId leg) {
    const std::lock_guard lock(mutex_);
    return dialogs_[leg.value];
}

IncomingCall Endpoint::last_incoming() {
    const std::lock_guard lock(mutex_);
    return incoming_;
}

std::vector<std::string> Endpoint::all() {
    const std::lock_guard lock(mutex_);
    return events_;
}

void Endpoint::on_ringing(LegId) {
    note("ringing");
}
void Endpoint::on_answered(LegId, const std::string &text) {
    note("answered " + port_of(text));
}
void Endpoint::on_failed(LegId leg, int sip_status) {
    {
        const std::lock_guard lock(mutex_);
        ++finals_[leg.value];
    }
    note(fmt::format("failed {}", sip_status));
}
void Endpoint::on_ended(LegId leg, routing::HangUpCause cause) {
    {
        const std::lock_guard lock(mutex_);
        ++finals_[leg.value];
    }
    note(cause == routing::HangUpCause::normal       ? "ended normal"
         : cause == routing::HangUpCause::signalling ? "ended signalling"
                                                     : "ended other");
}
void Endpoint::on_offer(LegId leg, const std::string &text) {
    note("offer " + port_of(text));
    if (auto_answer_offers) legs->answer_offer(leg, sdp(4999));
}
void Endpoint::on_refer(LegId, const std::string &target) {
    note("refer " + target);
}
bool Endpoint::on_refer_replaces(LegId leg, LegId other) {
    if (!take_attended) return false;
    note("attended " + std::to_string(leg.value) + " " + std::to_string(other.value));
    legs->answer_refer(leg, true);
    return true;
}
void Endpoint::on_dialog(LegId leg, const std::string &record) {
    const std::lock_guard lock(mutex_);
    dialogs_[leg.value] = record;
}
void Endpoint::on_offer_answered(LegId, const std::string &text) {
    note("offer_answered " + port_of(text));
}

// ---------------------------------------------------------------- raw peer

std::vector<std::string> RawPeer::Message::headers(const std::string &name) const {
    std::vector<std::string> result;
    std::size_t at = text.find("\r\n");
    while (at != std::string::npos) {
        at += 2;
        const std::size_t end = text.find("\r\n", at);
        if (end == std::string::npos || end == at) break;
        const std::string line = text.substr(at, end - at);
        const std::size_t colon = line.find(':');
        if (colon != std::string::npos) {
            std::string found = line.substr(0, colon);
            while (!found.empty() && found.back() == ' ')
                found.pop_back();
            std::size_t value = colon + 1;
            while (value < line.size() && line[value] == ' ')
                ++value;
            if (same_name(found, name)) result.push_back(line.substr(value));
        }
        at = end;
    }
    return result;
}

std::string RawPeer::Message::header(const std::string &name) const {
    const auto found = headers(name);
    return found.empty() ? std::string() : found.front();
}

std::string RawPeer::Message::body() const {
    const auto at = text.find("\r\n\r\n");
    return at == std::string::npos ? std::string() : text.substr(at + 4);
}

int RawPeer::Message::status() const {
    return first_line.starts_with("SIP/2.0 ") ? std::stoi(first_line.substr(8)) : 0;
}

std::string RawPeer::Message::method() const {
    if (status() == 0) return first_line.substr(0, first_line.find(' '));
    const std::string cseq = header("CSeq");
    return cseq.substr(cseq.find(' ') + 1);
}

std::string RawPeer::Message::to_tag() const {
    const std::string to = header("To");
    const auto at = to.find("tag=");
    return at == std::string::npos ? std::string() : to.substr(at + 4, to.find(';', at) - at - 4);
}

std::string RawPeer::Message::contact_uri() const {
    const std::string contact = header("Contact");
    const auto open = contact.find('<');
    return contact.substr(open + 1, contact.find('>') - open - 1);
}

RawPeer::RawPeer() {
    fd_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(fd_, reinterpret_cast<sockaddr *>(&address), size) != 0 ||
        getsockname(fd_, reinterpret_cast<sockaddr *>(&address), &size) != 0)
        throw std::runtime_error("no UDP port");
    port_ = ntohs(address.sin_port);
}

RawPeer::~RawPeer() {
    close(fd_);
}

void RawPeer::send_to(int port, const std::string &text) {
    last_port_ = port;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    sendto(fd_, text.data(), text.size(), 0, reinterpret_cast<sockaddr *>(&address),
           sizeof address);
}

std::string RawPeer::uri(const std::string &user) const {
    return fmt::format("sip:{}@127.0.0.1:{}", user, port_);
}

std::string RawPeer::new_branch() {
    return fmt::format("z9hG4bKraw{}x{}", port_, ++branches_);
}

void RawPeer::reply(const Message &request, int status, const std::string &to_tag,
                    const std::string &extra_headers, const std::string &body) {
    std::string text = fmt::format("SIP/2.0 {} Scripted\r\n", status);
    for (const auto &via : request.headers("Via"))
        text += "Via: " + via + "\r\n";
    std::string to = request.header("To");
    if (to.find("tag=") == std::string::npos && !to_tag.empty()) to += ";tag=" + to_tag;
    text += fmt::format("From: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {}\r\n", request.header("From"),
                        to, request.header("Call-ID"), request.header("CSeq"));
    if (status > 100) text += fmt::format("Contact: <{}>\r\n", uri("peer"));
    text += extra_headers;
    if (!body.empty()) text += "Content-Type: application/sdp\r\n";
    text += fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body);
    send_to(last_port_, text);
}

RawPeer::Message RawPeer::receive(const std::string &what, std::chrono::milliseconds wait) {
    const auto fits = [&](const Message &message) {
        if (message.status() == 0) return message.method() == what;
        return fmt::format("{} {}", message.status(), message.method()) == what ||
               std::to_string(message.status()) == what;
    };
    for (auto it = kept_.begin(); it != kept_.end(); ++it)
        if (fits(*it)) {
            Message found = *it;
            kept_.erase(it);
            return found;
        }
    const auto until = std::chrono::steady_clock::now() + wait;
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            until - std::chrono::steady_clock::now());
        if (left.count() <= 0) return {};
        pollfd poll_fd{fd_, POLLIN, 0};
        if (poll(&poll_fd, 1, static_cast<int>(left.count())) <= 0) continue;
        char buffer[65536];
        sockaddr_in from{};
        socklen_t size = sizeof from;
        const auto n =
            recvfrom(fd_, buffer, sizeof buffer, 0, reinterpret_cast<sockaddr *>(&from), &size);
        if (n <= 4) continue;
        last_port_ = ntohs(from.sin_port);
        Message message;
        message.text.assign(buffer, static_cast<std::size_t>(n));
        message.first_line = message.text.substr(0, message.text.find("\r\n"));
        // A repeated request was answered already: the answer was late or lost.
        if (message.status() == 0 && message.method() != "ACK" &&
            !seen_.insert(message.method() + message.header("Via")).second)
            continue;
        if (fits(message)) return message;
        kept_.push_back(std::move(message));
    }
}

bool RawPeer::nothing(const std::string &what, std::chrono::milliseconds wait) {
    return receive(what, wait).text.empty();
}

std::string RawPeer::in_dialog(const Message &invite, const std::string &our_tag,
                               const std::string &method, int cseq, const std::string &extra,
                               const std::string &body) {
    std::string text = fmt::format(
        "{} {} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{};branch={}\r\nMax-Forwards: 70\r\n"
        "From: {};tag={}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {} {}\r\nContact: <{}>\r\n",
        method, invite.contact_uri(), port_, new_branch(), invite.header("To"), our_tag,
        invite.header("From"), invite.header("Call-ID"), cseq, method, uri("peer"));
    text += extra;
    if (!body.empty()) text += "Content-Type: application/sdp\r\n";
    return text + fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body);
}

std::string RawPeer::request(const std::string &method, int to_port, const std::string &call_id,
                             const std::string &extra, const std::string &body, int cseq,
                             const std::string &user) {
    std::string text = fmt::format(
        "{} sip:{}@127.0.0.1:{} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{};branch={}\r\n"
        "Max-Forwards: 70\r\nFrom: <sip:+493023125099@127.0.0.1>;tag=raw\r\n"
        "To: <sip:{}@127.0.0.1>\r\nCall-ID: {}\r\nCSeq: {} {}\r\nContact: <{}>\r\n",
        method, user, to_port, port_, new_branch(), user, call_id, cseq, method, uri("raw"));
    text += extra;
    if (!body.empty() && extra.find("Content-Type") == std::string::npos)
        text += "Content-Type: application/sdp\r\n";
    return text + fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body);
}

std::string RawPeer::caller_request(const Message &answer, const std::string &method, int cseq,
                                    const std::string &extra, const std::string &body) {
    std::string text = fmt::format(
        "{} {} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{};branch={}\r\nMax-Forwards: 70\r\n"
        "From: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {} {}\r\nContact: <{}>\r\n",
        method, answer.contact_uri(), port_, new_branch(), answer.header("From"),
        answer.header("To"), answer.header("Call-ID"), cseq, method, uri("raw"));
    text += extra;
    if (!body.empty() && extra.find("Content-Type") == std::string::npos)
        text += "Content-Type: application/sdp\r\n";
    return text + fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body);
}

} // namespace fernamt::telephony::sip_test
