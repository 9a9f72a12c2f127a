// SPDX-License-Identifier: EUPL-1.2
#include "telephony/sofia_nta.h"

#include "base/text.h"
#include "telephony/multipart.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace fernamt::telephony {

namespace {

std::string without_line_breaks(std::string_view text) {
    std::string result(text);
    std::erase_if(result, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
    return result;
}

} // namespace

Tags &Tags::add(tag_type_t tag, tag_value_t value) {
    items_.push_back({tag, value});
    return *this;
}

const char *Tags::keep(std::string text) {
    return texts_.emplace_back(std::move(text)).c_str();
}

Tags &Tags::header(std::string_view name, std::string_view value) {
    return add(SIPTAG_HEADER_STR(keep(fmt::format("{}: {}", name, without_line_breaks(value)))));
}

Tags &Tags::body(const char *type, const std::string &text) {
    if (text.empty()) return *this;
    add(SIPTAG_CONTENT_TYPE_STR(type));
    return add(SIPTAG_PAYLOAD_STR(keep(text)));
}

const tagi_t *Tags::list() {
    items_.push_back({TAG_END()});
    return items_.data();
}

std::string SourceAddress::uri() const {
    const bool six = host.find(':') != std::string::npos;
    const std::string address = six ? "[" + host + "]" : host;
    if (transport == "tls") return fmt::format("sips:{}:{}", address, port);
    return fmt::format("sip:{}:{};transport={}", address, port, transport);
}

SourceAddress source_of(msg_t *msg, const sip_t *sip) {
    SourceAddress source;
    char text[INET6_ADDRSTRLEN] = "";
    if (const su_sockaddr_t *address = msg_addr(msg)) {
        if (address->su_family == AF_INET6)
            inet_ntop(AF_INET6, &address->su_sin6.sin6_addr, text, sizeof text);
        else
            inet_ntop(AF_INET, &address->su_sin.sin_addr, text, sizeof text);
        source.port = ntohs(address->su_port);
    }
    source.host = text;
    if (source.host.starts_with("::ffff:") && source.host.find('.') != std::string::npos)
        source.host.erase(0, 7);
    const char *protocol = sip->sip_via != nullptr ? sip->sip_via->v_protocol : nullptr;
    const char *slash = protocol != nullptr ? std::strrchr(protocol, '/') : nullptr;
    source.transport = slash != nullptr ? slash + 1 : "udp";
    std::transform(source.transport.begin(), source.transport.end(), source.transport.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return source;
}

// Not by sip_header_as_string(): it loses the last parameter of texts that do not fit into the 128
// bytes it starts with.
std::string value_of(const void *header) {
    if (header == nullptr) return {};
    const auto *any = static_cast<const sip_header_t *>(header);
    std::string text(2048, '\0');
    for (int tries = 0; tries < 2; ++tries) {
        const issize_t size = sip_header_field_e(text.data(), text.size(), any, 0);
        if (size < 0) return {};
        if (static_cast<std::size_t>(size) + 1 < text.size()) {
            text.resize(static_cast<std::size_t>(size));
            return text;
        }
        text.assign(static_cast<std::size_t>(size) + 1024, '\0');
    }
    return {};
}

std::vector<std::string> values_of(const sip_t *sip, std::string_view unknown_name) {
    std::vector<std::string> result;
    for (const sip_unknown_t *header = sip->sip_unknown; header != nullptr;
         header = header->un_next)
        if (header->un_name != nullptr && header->un_value != nullptr &&
            same_ignoring_case(header->un_name, unknown_name))
            result.emplace_back(header->un_value);
    return result;
}

std::string text_of(const url_t *url) {
    if (url == nullptr) return {};
    su_home_t home[1] = {SU_HOME_INIT(home)};
    const char *text = url_as_string(home, url);
    std::string result = text != nullptr ? text : "";
    su_home_deinit(home);
    return result;
}

session::SessionTimer timer_of(const sip_t *sip) {
    session::SessionTimer timer;
    const auto seconds = [](unsigned long value) {
        return static_cast<int>(std::min(value, 86'400UL));
    };
    if (const auto *expires = sip->sip_session_expires) {
        timer.expires = std::max(seconds(expires->x_delta), 1);
        if (expires->x_refresher != nullptr)
            timer.refresher = same_ignoring_case(expires->x_refresher, "uas")
                                  ? session::Refresher::uas
                                  : session::Refresher::uac;
    }
    if (sip->sip_min_se != nullptr) timer.min_se = seconds(sip->sip_min_se->min_delta);
    return timer;
}

session::Abilities abilities_of(const sip_t *sip) {
    session::Abilities peer;
    peer.timer = sip_has_feature(sip->sip_supported, "timer") != 0 ||
                 sip_has_feature(sip->sip_require, "timer") != 0;
    peer.requires_reliable = sip_has_feature(sip->sip_require, "100rel") != 0;
    peer.update = sip->sip_allow != nullptr && sip_is_allowed(sip->sip_allow, SIP_METHOD_UPDATE);
    return peer;
}

session::Method method_of(const sip_t *sip) {
    switch (sip->sip_request->rq_method) {
    case sip_method_invite:
        return session::Method::invite;
    case sip_method_prack:
        return session::Method::prack;
    case sip_method_update:
        return session::Method::update;
    case sip_method_bye:
        return session::Method::bye;
    case sip_method_refer:
        return session::Method::refer;
    case sip_method_notify:
        return session::Method::notify;
    case sip_method_options:
        return session::Method::options;
    case sip_method_info:
        return session::Method::info;
    case sip_method_message:
    case sip_method_subscribe:
    case sip_method_publish:
        return session::Method::message;
    default:
        return session::Method::other;
    }
}

namespace {

bool is_type(const sip_t *sip, std::string_view wanted) {
    const auto *type = sip->sip_content_type;
    return type != nullptr && type->c_type != nullptr && same_ignoring_case(type->c_type, wanted);
}

bool is_multipart(const sip_t *sip) {
    const auto *type = sip->sip_content_type;
    constexpr std::string_view kStart = "multipart/";
    return type != nullptr && type->c_type != nullptr && starts_ignoring_case(type->c_type, kStart);
}

bool has_body(const sip_t *sip) {
    return sip->sip_payload != nullptr && sip->sip_payload->pl_len > 0;
}

} // namespace

std::string sdp_of(const sip_t *sip) {
    if (!has_body(sip)) return {};
    const std::string_view body(sip->sip_payload->pl_data, sip->sip_payload->pl_len);
    if (is_type(sip, "application/sdp")) return std::string(body);
    if (!is_multipart(sip)) return {};
    const char *named = msg_params_find(sip->sip_content_type->c_params, "boundary=");
    std::string_view boundary(named != nullptr ? named : "");
    if (boundary.size() > 2 && boundary.front() == '"' && boundary.back() == '"')
        boundary = boundary.substr(1, boundary.size() - 2);
    const auto part = find_part(body, boundary, "application/sdp");
    return part ? std::string(*part) : std::string();
}

bool has_foreign_body(const sip_t *sip) {
    if (!has_body(sip) || is_type(sip, "application/sdp")) return false;
    if (is_multipart(sip) && !sdp_of(sip).empty()) return false; // the rest may be left aside
    const auto *disposition = sip->sip_content_disposition; // RFC 3261 20.11: may be left aside
    return disposition == nullptr || disposition->cd_optional == 0;
}

bool has_foreign_info(const sip_t *sip) {
    return has_body(sip) && !is_type(sip, "application/dtmf-relay") &&
           !is_type(sip, "application/dtmf");
}

// Enough to know that it is meant as a session with sound; the media room reads it properly.
bool is_plausible_sdp(std::string_view sdp) {
    if (!sdp.starts_with("v=0\r\n") && !sdp.starts_with("v=0\n")) return false;
    const auto has_line = [&](std::string_view start) {
        return sdp.find(start) != std::string_view::npos;
    };
    return sdp.find('\0') == std::string_view::npos && has_line("\no=") && has_line("\nc=") &&
           has_line("\nm=audio ");
}

} // namespace fernamt::telephony
