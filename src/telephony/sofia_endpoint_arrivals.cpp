// SPDX-License-Identifier: EUPL-1.2
// What arrives outside dialogs: new calls, and everything that is answered without state.
#include "base/log.h"
#include "telephony/dialled_headers.h"
#include "telephony/sofia_endpoint.h"

#include <algorithm>

namespace fernamt::telephony {

int SofiaEndpoint::on_message(SofiaEndpoint *self, nta_agent_t *, msg_t *msg, sip_t *sip) {
    const Scope scope(*self, Scope::From::network);
    if (sip->sip_status != nullptr)
        self->on_stray_response(msg, sip);
    else
        self->on_request(msg, sip);
    return 0;
}

// Responses that belong to no transaction: late forks of a call that is over.
void SofiaEndpoint::on_stray_response(msg_t *msg, sip_t *sip) {
    const bool is_answer = sip->sip_cseq != nullptr &&
                           sip->sip_cseq->cs_method == sip_method_invite &&
                           sip->sip_status->st_status / 100 == 2;
    const bool ours = is_answer && sip->sip_to != nullptr && sip->sip_to->a_tag != nullptr &&
                      nta_leg_by_dialog(agent, nullptr, sip->sip_call_id, sip->sip_to->a_tag,
                                        nullptr, sip->sip_from->a_tag, nullptr) != nullptr;
    if (is_answer && !ours) {
        nta_msg_ackbye(agent, msg);
        return;
    }
    nta_msg_discard(agent, msg);
}

void SofiaEndpoint::reply(msg_t *msg, int status, Tags &tags) {
    nta_msg_treply(agent, msg, status, sip_status_phrase(status), TAG_NEXT(tags.list()));
}

void SofiaEndpoint::reply(msg_t *msg, int status) {
    Tags tags;
    if (status == 405) tags.header("Allow", kAllow);
    reply(msg, status, tags);
}

void SofiaEndpoint::reply_busy(msg_t *msg) {
    Tags tags;
    tags.header("Retry-After", accepting ? "5" : "30");
    reply(msg, 503, tags);
}

bool SofiaEndpoint::admit(const std::string &source) {
    if (config.calls_per_second_per_source <= 0) return true;
    constexpr std::size_t kMostSources = 20'000;
    const Instant now = clock.now();
    if (buckets_.size() > kMostSources)
        std::erase_if(buckets_, [&](const auto &entry) { return now - entry.second.at > 10s; });
    auto [entry, is_new] = buckets_.try_emplace(source, Bucket{config.burst_per_source, now});
    return entry->second.take(config.calls_per_second_per_source, config.burst_per_source, now);
}

bool SofiaEndpoint::Bucket::take(double per_second, double burst, Instant now) {
    const double seconds = static_cast<double>((now - at).count()) / 1e6;
    tokens = std::min(burst, tokens + std::max(seconds, 0.0) * per_second);
    at = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
}

// Only of those who may call: strangers get no further than a challenge, which costs as little as a
// refusal, so their flood takes no call's place. Many trunks, or one that brings everything, could
// each stay below its own limit and together take the time that running calls need.
bool SofiaEndpoint::admit_call() {
    if (config.calls_per_second <= 0) return true;
    const Instant now = clock.now();
    if (!calls_) calls_ = Bucket{config.burst, now};
    const bool admitted = calls_->take(config.calls_per_second, config.burst, now);
    refused_ += admitted ? 0 : 1;
    constexpr Duration kTellEvery = 10s;
    if (refused_ > 0 && now - told_ >= kTellEvery) {
        log::warning("sip.overload",
                     {{"calls_refused", refused_},
                      {"remedy", "a flood: close its source; true calls: raise "
                                 "sip.calls_per_second_in_all if the processor has room"}});
        refused_ = 0;
        told_ = now;
    }
    return admitted;
}

void SofiaEndpoint::on_request(msg_t *msg, sip_t *sip) {
    const auto method = sip->sip_request->rq_method;
    if (method == sip_method_ack) return nta_msg_discard(agent, msg);
    if (sip->sip_to->a_tag != nullptr) return reply(msg, 481);
    switch (method) {
    case sip_method_invite:
        return on_invite(msg, sip);
    case sip_method_options:
        return on_options(msg);
    case sip_method_register:
        return on_register(msg, sip);
    case sip_method_refer:
        return reply(msg, 403); // would dial for anybody
    case sip_method_bye:
    case sip_method_cancel:
    case sip_method_prack:
    case sip_method_update:
    case sip_method_info:
    case sip_method_notify:
        return reply(msg, 481);
    case sip_method_message:
    case sip_method_subscribe:
    case sip_method_publish:
        return reply(msg, 405);
    default:
        return reply(msg, 501);
    }
}

void SofiaEndpoint::on_options(msg_t *msg) {
    if (!accepting) return reply_busy(msg);
    Tags tags;
    tags.header("Allow", kAllow);
    tags.header("Supported", kSupported);
    tags.header("Accept", "application/sdp");
    reply(msg, 200, tags);
}

void SofiaEndpoint::on_invite(msg_t *msg, sip_t *sip) {
    const SourceAddress source = source_of(msg, sip);
    // Who takes the place of a leg does not call anew: running calls are served to their end.
    const bool is_new = sip->sip_replaces == nullptr;
    if ((is_new && !accepting) || !admit(source.host)) return reply_busy(msg);
    // RFC 3261 16.3, RFC 7332 4: a switchboard that answers a call by another one keeps the count
    // of a proxy.
    if (sip->sip_max_forwards != nullptr && sip->sip_max_forwards->mf_count == 0)
        return reply(msg, 483);
    const auto scheme = sip->sip_request->rq_url->url_type;
    if (scheme != url_sip && scheme != url_sips && scheme != url_tel) return reply(msg, 416);

    const TrunkConfig *trunk = trunk_of(source);
    IncomingCall call;
    std::string phone;
    if (trunk != nullptr) {
        call.source = "trunk:" + trunk->name;
    } else {
        const auto user = authenticated_user(msg, sip, sip->sip_from->a_url);
        if (!user) return;
        phone = *user;
        call.source = "phone:" + phone;
    }
    if (is_new && !admit_call()) return reply_busy(msg);
    if (sip->sip_contact == nullptr) return reply(msg, 400);
    if (sip->sip_require != nullptr) {
        sip_unsupported_t *unsupported = sip_has_unsupported(
            msg_home(msg),
            sip_supported_make(msg_home(msg), phone.empty() ? kSupported : kSupportedByPhones),
            sip->sip_require);
        if (unsupported != nullptr) {
            nta_msg_treply(agent, msg, SIP_420_BAD_EXTENSION, SIPTAG_UNSUPPORTED(unsupported),
                           TAG_END());
            return;
        }
    }
    if (!is_new) {
        const SofiaLeg *named = find(*sip->sip_replaces);
        const bool early_only = sip->sip_replaces->rp_early_only != 0;
        const int refused = named != nullptr ? named->refuses_replacement(phone, early_only) : 481;
        if (refused != 0) return reply(msg, refused);
        call.replaces = named->id();
    }
    if (has_foreign_body(sip)) {
        Tags tags;
        tags.header("Accept", "application/sdp");
        return reply(msg, 415, tags);
    }
    call.offer = sdp_of(sip);
    if (!call.offer.empty() && !is_plausible_sdp(call.offer)) return reply(msg, 488);

    DialledHeaders dialled;
    dialled.request_uri = text_of(sip->sip_request->rq_url);
    dialled.called_party = values_of(sip, "P-Called-Party-ID");
    dialled.history_info = values_of(sip, "History-Info");
    dialled.diversion = values_of(sip, "Diversion");
    dialled.to = value_of(sip->sip_to);
    call.dialled = dialled_candidates(dialled);
    call.way.history_info = std::move(dialled.history_info);
    call.way.diversion = std::move(dialled.diversion);
    CallerHeaders caller;
    caller.asserted = values_of(sip, "P-Asserted-Identity");
    caller.from = value_of(sip->sip_from);
    caller.privacy = value_of(sip->sip_privacy);
    caller.trusted = trunk != nullptr;
    call.caller = Redacted<std::string>(caller_of(caller));
    call.caller_asserted = is_asserted(caller);
    call.way.hides_history = hides_history(caller);
    if (sip->sip_max_forwards != nullptr)
        call.way.max_forwards = static_cast<int>(
            std::min<unsigned long>(sip->sip_max_forwards->mf_count, kMaxForwards));

    const std::string contact = contact_for(source.transport, source.host);
    if (contact.empty()) return reply(msg, 503);
    // A phone is reached where it called from; a trunk says itself where (Contact, Record-Route).
    const std::string next_hop = trunk == nullptr ? source.uri() : std::string();
    const LegId id{++last_leg_};
    auto leg = std::make_unique<SofiaLeg>(*this, id, session::Session(false, session_settings()));
    SofiaLeg &opened = *leg;
    legs_[id.value] = std::move(leg);
    listeners_[id.value] = {};
    if (!opened.open_incoming(msg, sip, contact, next_hop, trunk, std::move(call))) retire(id);
    // Refused by the session itself (422): nobody will ever listen.
    if (legs_.find(id.value) == legs_.end()) listeners_.erase(id.value);
}

} // namespace fernamt::telephony
