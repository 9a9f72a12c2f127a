// SPDX-License-Identifier: EUPL-1.2
// SDP for one audio stream (RFC 8866, RFC 3264): parse() reads what a far end sent, write() makes
// our own text of it, so that nothing unknown passes from one side to the other. Only G.711 and
// telephone-event (RFC 4733) survive. Everything has a limit; errors are values, nothing throws.
#pragma once

#include "base/problem.h"

#include <string>
#include <string_view>
#include <vector>

namespace fernamt::telephony::sdp {

inline constexpr std::size_t kMaxText = 16 * 1024; // a browser's offer has about 6 kB
inline constexpr std::size_t kMaxLine = 2048;
inline constexpr std::size_t kMaxMediaLines = 16;
inline constexpr std::size_t kMaxCandidates = 32;

enum class Codec { pcma, pcmu };
[[nodiscard]] constexpr int payload_type(Codec codec) {
    return codec == Codec::pcma ? 8 : 0;
}
inline constexpr int kTelephoneEvent = 101; // ours, unless the caller names another

// As seen by the side that wrote the SDP.
enum class Direction { sendrecv, sendonly, recvonly, inactive };
[[nodiscard]] std::string_view to_string(Direction direction);
[[nodiscard]] Direction
mirrored(Direction direction); // what the answer may say at most (RFC 3264, 6.1)

struct Browser { // what ICE and DTLS need; empty fields are not written
    std::string ufrag, pwd;
    std::string fingerprint; // "sha-256 AB:CD:…"
    std::string setup;       // active, passive, actpass
    std::string mid;
    std::vector<std::string> candidates; // values of a=candidate, UDP with literal addresses only
};

struct Audio {
    std::string address; // IPv4 or IPv6 literal, never a name
    int port = 0;
    bool pcma = false, pcmu = false;
    int telephone_event = -1; // payload type, -1: not offered
    int ptime = 0;            // ms, 0: not said
    Direction direction = Direction::sendrecv;
    bool rtcp_mux = false;
    bool secure = false; // UDP/TLS/RTP/SAVPF
    Browser browser;     // if secure
    // Media lines before and after the one we took ("video RTP/AVP 96"): an answer must refuse each
    // of them with port 0 (RFC 3264, 6).
    std::vector<std::string> refused_before, refused_after;

    [[nodiscard]] bool has(Codec codec) const { return codec == Codec::pcma ? pcma : pcmu; }
};

// Takes the first audio line that we can use. Problems: sdp.malformed (argument line),
// sdp.too_large, sdp.no_audio (protocol, if refused for it), sdp.no_common_codec, sdp.address.
[[nodiscard]] Expected<Audio> parse(std::string_view text);

// Does the far end put us on hold by this offer (RFC 3264 section 8.4, and c=0.0.0.0 of RFC 2543)?
// False for what parse() refuses.
[[nodiscard]] bool is_hold(std::string_view offer);

// PCMA before PCMU, whatever the order of the offer: one codec for all legs of a call, and A-law is
// what German networks carry.
[[nodiscard]] Codec preferred(const Audio &audio);
// Only this codec and telephone-event. False if the audio lacks the codec.
[[nodiscard]] bool reduce(Audio &audio, Codec codec);

[[nodiscard]] std::string write(const Audio &audio);
// The parking partner: listens to nothing, sends nothing (reference: discard port 9).
[[nodiscard]] Audio parking(Codec codec, int telephone_event);

// Edits on a finished SDP of ours for a far end; the text is well formed because rtpengine wrote
// it.
[[nodiscard]] std::string with_origin(std::string_view text, std::uint64_t session, int version);
[[nodiscard]] std::string with_direction(std::string_view text, Direction direction);
[[nodiscard]] std::string with_refused(std::string_view text, const Audio &offer);
// Equal but for the o= line (which only tells that something else has changed).
[[nodiscard]] bool same_content(std::string_view a, std::string_view b);

[[nodiscard]] bool is_literal_address(const std::string &text);

} // namespace fernamt::telephony::sdp
