// SPDX-License-Identifier: EUPL-1.2
#include "telephony/sdp.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <map>
#include <optional>

namespace fernamt::telephony::sdp {
namespace {

constexpr std::size_t kMaxPayloads = 64;
constexpr std::size_t kMaxAttributes = 256; // of one media line

struct Attribute {
    std::string_view name, value;
};

struct Section { // a media line with what belongs to it
    std::string_view kind, protocol, formats;
    int port = 0;
    std::string address;
    std::vector<Attribute> attributes;
};

struct Description {
    std::string address;
    std::vector<Attribute> attributes;
    std::vector<Section> sections;
};

auto malformed(std::size_t line) {
    return fail(ProblemKind::invalid_input, "sdp.malformed", {{"line", std::to_string(line)}});
}

std::string_view next_word(std::string_view &rest) {
    const auto begin = rest.find_first_not_of(' ');
    if (begin == std::string_view::npos) {
        rest = {};
        return {};
    }
    rest.remove_prefix(begin);
    const auto word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(word.size());
    return word;
}

std::optional<int> number(std::string_view text, int low, int high) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    if (value < low || value > high) return std::nullopt;
    return value;
}

bool printable(std::string_view line) {
    return std::all_of(line.begin(), line.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x20 ? byte != 0x7f : byte == '\t';
    });
}

// "IN IP4 192.0.2.1"; a TTL ("/127") belongs to multicast only, which no telephone uses.
std::optional<std::string> connection(std::string_view value) {
    if (next_word(value) != "IN") return std::nullopt;
    const auto family = next_word(value);
    if (family != "IP4" && family != "IP6") return std::nullopt;
    std::string address(next_word(value));
    if (address.empty() || address.size() > 255) return std::nullopt;
    return address;
}

std::optional<Section> media_line(std::string_view value) {
    Section section;
    section.kind = next_word(value);
    auto port = next_word(value);
    port = port.substr(0, port.find('/')); // "49170/2": a number of ports, of no use to us
    const auto parsed = number(port, 0, 65535);
    section.protocol = next_word(value);
    const auto begin = value.find_first_not_of(' ');
    section.formats = begin == std::string_view::npos ? std::string_view{} : value.substr(begin);
    if (!parsed || section.kind.empty() || section.protocol.empty()) return std::nullopt;
    section.port = *parsed;
    return section;
}

bool take_line(Description &into, char type, std::string_view value) {
    auto *section = into.sections.empty() ? nullptr : &into.sections.back();
    if (type == 'm') {
        if (into.sections.size() == kMaxMediaLines) return false;
        auto parsed = media_line(value);
        if (parsed) into.sections.push_back(std::move(*parsed));
        return parsed.has_value();
    }
    if (type == 'c') {
        auto address = connection(value);
        if (!address) return false;
        (section != nullptr ? section->address : into.address) = std::move(*address);
        return true;
    }
    if (type != 'a') return true; // o, s, t, b, …: nothing that we use
    auto &attributes = section != nullptr ? section->attributes : into.attributes;
    if (attributes.size() == kMaxAttributes) return false;
    const auto colon = value.find(':');
    attributes.push_back(
        {value.substr(0, colon), colon == std::string_view::npos ? "" : value.substr(colon + 1)});
    return true;
}

Expected<Description> describe_text(std::string_view text) {
    if (text.size() > kMaxText) return fail(ProblemKind::invalid_input, "sdp.too_large");
    Description result;
    std::size_t line_number = 0;
    while (!text.empty()) {
        ++line_number;
        const auto end = text.find('\n');
        auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (line.empty() && text.find_first_not_of("\r\n") == std::string_view::npos) break;
        if (line.size() > kMaxLine || line.size() < 2 || line[1] != '=' || !printable(line))
            return malformed(line_number);
        if (line[0] < 'a' || line[0] > 'z') return malformed(line_number);
        if (line_number == 1 && line != "v=0") return malformed(line_number);
        if (!take_line(result, line[0], line.substr(2))) return malformed(line_number);
    }
    if (line_number == 0) return malformed(1);
    return result;
}

std::string_view find(const std::vector<Attribute> &attributes, std::string_view name) {
    for (const auto &attribute : attributes)
        if (attribute.name == name) return attribute.value;
    return {};
}

bool has(const std::vector<Attribute> &attributes, std::string_view name) {
    return std::any_of(attributes.begin(), attributes.end(),
                       [&](const Attribute &a) { return a.name == name; });
}

// A session-level value counts where the media line says nothing itself (RFC 8866, 5.13).
std::string_view find_in(const Description &all, const Section &section, std::string_view name) {
    return has(section.attributes, name) ? find(section.attributes, name)
                                         : find(all.attributes, name);
}

std::optional<Direction> direction_of(const std::vector<Attribute> &attributes) {
    for (const auto &attribute : attributes) {
        if (attribute.name == "sendrecv") return Direction::sendrecv;
        if (attribute.name == "sendonly") return Direction::sendonly;
        if (attribute.name == "recvonly") return Direction::recvonly;
        if (attribute.name == "inactive") return Direction::inactive;
    }
    return std::nullopt;
}

bool ice_characters(std::string_view text, std::size_t low) { // RFC 8839, 5.4
    return text.size() >= low && text.size() <= 256 &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                      c == '+' || c == '/';
           });
}

bool token(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '-' || c == '_' || c == '.';
    });
}

bool fingerprint(std::string_view text) { // RFC 8122: "sha-256 4A:AD:…"
    const auto hash = next_word(text);
    const auto digest = next_word(text);
    return token(hash) && digest.size() >= 59 && digest.size() <= 191 &&
           std::all_of(digest.begin(), digest.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f') ||
                      c == ':';
           });
}

// foundation component transport priority address port "typ" type [...]; names (mDNS) and TCP are
// left out: rtpengine learns the address from the browser's checks anyway.
std::optional<std::string> candidate(std::string_view value) {
    std::array<std::string_view, 8> words;
    for (auto &word : words)
        word = next_word(value);
    const bool good = ice_characters(words[0], 1) && number(words[1], 1, 256) &&
                      same_ignoring_case(words[2], "udp") && number(words[3], 1, 2147483647) &&
                      is_literal_address(std::string(words[4])) && number(words[5], 1, 65535) &&
                      words[6] == "typ" && token(words[7]);
    if (!good) return std::nullopt;
    return fmt::format("{} {} udp {} {} {} typ {}", words[0], words[1], words[3], words[4],
                       words[5], words[7]);
}

void take_browser(Audio &audio, const Description &all, const Section &section) {
    auto &browser = audio.browser;
    if (const auto v = find_in(all, section, "ice-ufrag"); ice_characters(v, 4)) browser.ufrag = v;
    if (const auto v = find_in(all, section, "ice-pwd"); ice_characters(v, 22)) browser.pwd = v;
    if (const auto v = find_in(all, section, "fingerprint"); fingerprint(v))
        browser.fingerprint = v;
    const auto setup = find_in(all, section, "setup");
    if (setup == "active" || setup == "passive" || setup == "actpass") browser.setup = setup;
    if (const auto v = find(section.attributes, "mid"); token(v)) browser.mid = v;
    for (const auto &attribute : section.attributes) {
        if (attribute.name != "candidate" || browser.candidates.size() == kMaxCandidates) continue;
        if (auto good = candidate(attribute.value)) browser.candidates.push_back(std::move(*good));
    }
}

void take_codecs(Audio &audio, const Section &section) {
    std::map<int, std::string_view> names; // of dynamic payload types; 0 and 8 are fixed (RFC 3551)
    for (const auto &attribute : section.attributes) {
        if (attribute.name != "rtpmap" || names.size() == kMaxPayloads) continue;
        auto value = attribute.value;
        if (const auto type = number(next_word(value), 0, 127)) names[*type] = next_word(value);
    }
    auto formats = section.formats;
    for (std::size_t i = 0; i < kMaxPayloads; ++i) {
        const auto word = next_word(formats);
        if (word.empty()) break;
        const auto type = number(word, 0, 127);
        if (!type) continue;
        if (*type == 8) audio.pcma = true;
        if (*type == 0) audio.pcmu = true;
        const auto name = names.find(*type);
        if (*type >= 96 && name != names.end() && audio.telephone_event < 0 &&
            same_ignoring_case(name->second, "telephone-event/8000"))
            audio.telephone_event = *type;
    }
}

bool usable(const Section &section) {
    return section.kind == "audio" && section.port != 0 &&
           (section.protocol == "RTP/AVP" || section.protocol == "UDP/TLS/RTP/SAVPF");
}

// What an audio line wanted that no leg of ours speaks, by a name of ours: a far end's own words do
// not reach the log. Empty if there is no such line.
std::string_view refused_protocol(const std::vector<Section> &sections) {
    constexpr std::array<std::string_view, 5> kKnown = {"RTP/SAVP", "RTP/SAVPF", "RTP/AVPF",
                                                        "UDP/TLS/RTP/SAVP", "TCP/RTP/AVP"};
    for (const auto &section : sections) {
        if (section.kind != "audio" || section.port == 0 || usable(section)) continue;
        const auto *const known = std::find(kKnown.begin(), kKnown.end(), section.protocol);
        return known != kKnown.end() ? *known : "other";
    }
    return {};
}

// Refused lines repeat kind, protocol and formats of the offer (RFC 3264, 6).
std::string refusal(const Section &section) {
    return fmt::format("m={} 0 {} {}", section.kind, section.protocol,
                       section.formats.empty() ? "0" : section.formats);
}

bool multicast_or_broadcast(const std::string &address) {
    in_addr v4{};
    if (inet_pton(AF_INET, address.c_str(), &v4) == 1) {
        const auto host = ntohl(v4.s_addr);
        return (host >> 28) == 0xe || host == 0xffffffffu;
    }
    in6_addr v6{};
    return inet_pton(AF_INET6, address.c_str(), &v6) == 1 && v6.s6_addr[0] == 0xff;
}

Expected<Audio> audio_of(const Description &all, const Section &section) {
    Audio audio;
    audio.secure = section.protocol == "UDP/TLS/RTP/SAVPF";
    audio.address = section.address.empty() ? all.address : section.address;
    if (!is_literal_address(audio.address) || multicast_or_broadcast(audio.address))
        return fail(ProblemKind::invalid_input, "sdp.address");
    audio.port = section.port;
    audio.rtcp_mux = has(section.attributes, "rtcp-mux");
    if (const auto ptime = number(find(section.attributes, "ptime"), 1, 200)) audio.ptime = *ptime;
    audio.direction = direction_of(section.attributes)
                          .value_or(direction_of(all.attributes).value_or(Direction::sendrecv));
    take_codecs(audio, section);
    if (audio.secure) take_browser(audio, all, section);
    if (!audio.pcma && !audio.pcmu) return fail(ProblemKind::invalid_input, "sdp.no_common_codec");
    return audio;
}

template <class Edit>
std::string edited(std::string_view text, Edit edit) { // calls edit(line) -> text for each line
    std::string result;
    while (!text.empty()) {
        const auto end = text.find('\n');
        auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (line.empty()) continue;
        const std::string replaced = edit(line);
        if (!replaced.empty()) result += replaced + "\r\n";
    }
    return result;
}

bool is_direction(std::string_view line) {
    return line == "a=sendrecv" || line == "a=sendonly" || line == "a=recvonly" ||
           line == "a=inactive";
}

} // namespace

bool is_literal_address(const std::string &text) {
    in6_addr buffer{};
    return inet_pton(AF_INET, text.c_str(), &buffer) == 1 ||
           inet_pton(AF_INET6, text.c_str(), &buffer) == 1;
}

std::string_view to_string(Direction direction) {
    switch (direction) {
    case Direction::sendrecv:
        return "sendrecv";
    case Direction::sendonly:
        return "sendonly";
    case Direction::recvonly:
        return "recvonly";
    case Direction::inactive:
        return "inactive";
    }
    return "inactive";
}

Direction mirrored(Direction direction) {
    if (direction == Direction::sendonly) return Direction::recvonly;
    if (direction == Direction::recvonly) return Direction::sendonly;
    return direction;
}

Expected<Audio> parse(std::string_view text) {
    const auto description = describe_text(text);
    if (!description) return tl::unexpected(description.error());
    const auto &sections = description->sections;
    std::optional<Expected<Audio>> first_problem;
    for (std::size_t i = 0; i < sections.size(); ++i) {
        if (!usable(sections[i])) continue;
        auto audio = audio_of(*description, sections[i]);
        if (!audio) {
            if (!first_problem) first_problem = std::move(audio);
            continue;
        }
        for (std::size_t j = 0; j < sections.size(); ++j) {
            if (j != i)
                (j < i ? audio->refused_before : audio->refused_after)
                    .push_back(refusal(sections[j]));
        }
        return audio;
    }
    if (first_problem) return *first_problem;
    const auto protocol = refused_protocol(sections);
    if (protocol.empty()) return fail(ProblemKind::invalid_input, "sdp.no_audio");
    return fail(ProblemKind::invalid_input, "sdp.no_audio", {{"protocol", std::string(protocol)}});
}

bool is_hold(std::string_view offer) {
    const auto audio = parse(offer);
    if (!audio) return false;
    return audio->direction == Direction::sendonly || audio->direction == Direction::inactive ||
           audio->address == "0.0.0.0";
}

Codec preferred(const Audio &audio) {
    return audio.pcma ? Codec::pcma : Codec::pcmu;
}

bool reduce(Audio &audio, Codec codec) {
    if (!audio.has(codec)) return false;
    audio.pcma = codec == Codec::pcma;
    audio.pcmu = codec == Codec::pcmu;
    return true;
}

std::string write(const Audio &audio) {
    const bool v6 = audio.address.find(':') != std::string::npos;
    const auto network = fmt::format("IN {} {}", v6 ? "IP6" : "IP4", audio.address);
    std::string formats, maps;
    const auto add = [&](int type, std::string_view name) {
        formats += fmt::format(" {}", type);
        maps += fmt::format("a=rtpmap:{} {}/8000\r\n", type, name);
    };
    if (audio.pcma) add(8, "PCMA");
    if (audio.pcmu) add(0, "PCMU");
    if (audio.telephone_event >= 0) {
        add(audio.telephone_event, "telephone-event");
        maps += fmt::format("a=fmtp:{} 0-15\r\n", audio.telephone_event);
    }
    std::string text = fmt::format("v=0\r\no=- 1 1 {0}\r\ns=-\r\nc={0}\r\nt=0 0\r\n"
                                   "m=audio {1} {2}{3}\r\n{4}",
                                   network, audio.port,
                                   audio.secure ? "UDP/TLS/RTP/SAVPF" : "RTP/AVP", formats, maps);
    if (audio.ptime > 0) text += fmt::format("a=ptime:{}\r\n", audio.ptime);
    text += fmt::format("a={}\r\n", to_string(audio.direction));
    if (audio.rtcp_mux) text += "a=rtcp-mux\r\n";
    if (!audio.secure) return text;

    const auto &browser = audio.browser;
    const auto line = [&](std::string_view name, const std::string &value) {
        if (!value.empty()) text += fmt::format("a={}:{}\r\n", name, value);
    };
    line("mid", browser.mid);
    line("ice-ufrag", browser.ufrag);
    line("ice-pwd", browser.pwd);
    // With it rtpengine does not take the browser's 0.0.0.0 for a hold (measured).
    text += "a=ice-options:trickle\r\n";
    line("fingerprint", browser.fingerprint);
    line("setup", browser.setup);
    for (const auto &candidate : browser.candidates)
        line("candidate", candidate);
    return text;
}

Audio parking(Codec codec, int telephone_event) {
    Audio audio;
    audio.address = "127.0.0.1";
    audio.port = 9;
    audio.pcma = codec == Codec::pcma;
    audio.pcmu = codec == Codec::pcmu;
    audio.telephone_event = telephone_event;
    return audio;
}

std::string with_origin(std::string_view text, std::uint64_t session, int version) {
    return edited(text, [&](std::string_view line) {
        if (line.substr(0, 2) != "o=") return std::string(line);
        // "o=user session version IN IP4 address": only the address is rtpengine's.
        auto rest = line.substr(2);
        for (int i = 0; i < 3; ++i)
            (void)next_word(rest);
        return fmt::format("o=- {} {}{}", session, version, rest);
    });
}

std::string with_direction(std::string_view text, Direction direction) {
    bool found = false;
    auto result = edited(text, [&](std::string_view line) {
        if (!is_direction(line)) return std::string(line);
        found = true;
        return fmt::format("a={}", to_string(direction));
    });
    if (!found) result += fmt::format("a={}\r\n", to_string(direction));
    return result;
}

std::string with_refused(std::string_view text, const Audio &offer) {
    std::string before, after;
    for (const auto &line : offer.refused_before)
        before += line + "\r\n";
    for (const auto &line : offer.refused_after)
        after += line + "\r\n";
    if (before.empty() && after.empty()) return std::string(text);
    auto result = edited(text, [&](std::string_view line) {
        return line.substr(0, 2) == "m=" ? before + std::string(line) : std::string(line);
    });
    return result + after;
}

bool same_content(std::string_view a, std::string_view b) {
    const auto without_origin = [](std::string_view text) {
        return edited(text, [](std::string_view line) {
            return line.substr(0, 2) == "o=" ? std::string() : std::string(line);
        });
    };
    return without_origin(a) == without_origin(b);
}

} // namespace fernamt::telephony::sdp
