// SPDX-License-Identifier: EUPL-1.2
// The only way to include sofia-sip's nta: its context types are macros that must be the same in
// every file. With it, tag lists that cannot lose their end, and header values as text.
#pragma once

#include "telephony/session.h"

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::telephony {
class SofiaEndpoint;
class SofiaLeg;
class NtaClient;
} // namespace fernamt::telephony

#define NTA_AGENT_MAGIC_T fernamt::telephony::SofiaEndpoint
#define NTA_LEG_MAGIC_T fernamt::telephony::SofiaLeg
#define NTA_OUTGOING_MAGIC_T fernamt::telephony::NtaClient
#define NTA_INCOMING_MAGIC_T fernamt::telephony::SofiaLeg
#define NTA_RELIABLE_MAGIC_T fernamt::telephony::SofiaLeg

#include <sofia-sip/msg_addr.h>
#include <sofia-sip/nta.h>
#include <sofia-sip/nta_stateless.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/nta_tport.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/sip_util.h>
#include <sofia-sip/tport.h>
#include <sofia-sip/tport_tag.h>
#include <sofia-sip/url.h>

namespace fernamt::telephony {

// What waits for the responses to one request of ours.
class NtaClient {
  public:
    virtual ~NtaClient() = default;
    virtual void on_response(const sip_t *sip) = 0;

    static int callback(NtaClient *self, nta_outgoing_t *, const sip_t *sip) {
        self->on_response(sip);
        return 0;
    }
};

// A tag list for sofia's varargs: TAG_NEXT(tags.list()). Texts live as long as it does.
class Tags {
  public:
    Tags &add(tag_type_t tag, tag_value_t value);
    Tags &header(std::string_view name, std::string_view value); // line breaks are taken out
    Tags &body(const char *type, const std::string &text);       // nothing if empty
    [[nodiscard]] const tagi_t *list();
    [[nodiscard]] const char *keep(std::string text);

  private:
    std::deque<std::string> texts_;
    std::vector<tagi_t> items_;
};

[[nodiscard]] inline const url_string_t *as_url(const std::string &text) {
    return text.empty() ? nullptr : reinterpret_cast<const url_string_t *>(text.c_str());
}

struct SourceAddress {
    std::string host; // without brackets
    int port = 0;
    std::string transport;                 // "udp", "tcp", "tls"
    [[nodiscard]] std::string uri() const; // "sip:10.0.0.1:5060;transport=tcp"
};
[[nodiscard]] SourceAddress source_of(msg_t *msg, const sip_t *sip);

[[nodiscard]] std::string value_of(const void *header); // one header's value as text
[[nodiscard]] std::vector<std::string> values_of(const sip_t *sip, std::string_view unknown_name);
[[nodiscard]] std::string text_of(const url_t *url);

[[nodiscard]] session::SessionTimer timer_of(const sip_t *sip);
[[nodiscard]] session::Abilities abilities_of(const sip_t *sip);
[[nodiscard]] session::Method method_of(const sip_t *sip);
[[nodiscard]] std::string sdp_of(const sip_t *sip);    // empty if there is none
[[nodiscard]] bool has_foreign_body(const sip_t *sip); // a body we do not understand
[[nodiscard]] bool has_foreign_info(const sip_t *sip); // an INFO about something else than keys
[[nodiscard]] bool is_plausible_sdp(std::string_view sdp);

} // namespace fernamt::telephony
