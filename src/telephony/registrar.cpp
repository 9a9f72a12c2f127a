// SPDX-License-Identifier: EUPL-1.2
#include "telephony/registrar.h"

#include <algorithm>

namespace fernamt::telephony {

namespace {
bool needs_connection(const std::string &next_hop) {
    return next_hop.starts_with("sips:") || next_hop.find(";transport=tcp") != std::string::npos ||
           next_hop.find(";transport=tls") != std::string::npos;
}
} // namespace

Registrar::Registrar(Settings settings) : settings_(std::move(settings)) {
    if (!settings_.load) return;
    for (auto &binding : settings_.load()) {
        if (needs_connection(binding.next_hop)) {
            if (settings_.forget) settings_.forget(binding.user);
            continue;
        }
        auto user = binding.user;
        bindings_.insert_or_assign(std::move(user), std::move(binding));
    }
}

RegisterReply Registrar::handle(const RegisterRequest &request, Instant now) {
    const auto known = bindings_.find(request.user);
    // RFC 3261 10.3 step 7: the same Call-ID must count upwards, else it is an old message.
    if (known != bindings_.end() && known->second.call_id == request.call_id &&
        request.cseq <= known->second.cseq && known->second.expires > now &&
        !request.contacts.empty())
        return {500, 0, {}, false, false};

    if (request.star) {
        if (request.expires != 0 || !request.contacts.empty()) return {400, 0, {}, false, false};
        return remove(request);
    }
    if (request.contacts.empty()) { // a question
        RegisterReply reply;
        if (const Binding *binding = find(request.user, now))
            reply.contacts = {{binding->contact, static_cast<int>((binding->expires - now) / 1s)}};
        return reply;
    }

    const RegisterRequest::Contact *wanted = nullptr;
    int seconds = 0;
    for (const auto &contact : request.contacts) {
        const int asked =
            contact.expires.value_or(request.expires.value_or(settings_.default_expires));
        if (asked > 0) { // the last one wins
            wanted = &contact;
            seconds = asked;
        }
    }
    if (wanted == nullptr) {
        const bool ours =
            known != bindings_.end() &&
            std::any_of(request.contacts.begin(), request.contacts.end(),
                        [&](const auto &c) { return c.uri == known->second.contact; });
        if (ours) return remove(request);
        RegisterReply reply; // it takes back what it does not have
        if (const Binding *binding = find(request.user, now))
            reply.contacts = {{binding->contact, static_cast<int>((binding->expires - now) / 1s)}};
        return reply;
    }
    if (seconds < settings_.min_expires) return {423, settings_.min_expires, {}, false, false};
    seconds = std::min(seconds, settings_.max_expires);

    const bool was_there = find(request.user, now) != nullptr;
    Binding binding{request.user,     wanted->uri,
                    request.next_hop, now + std::chrono::seconds(seconds),
                    request.call_id,  request.cseq};
    if (settings_.save) settings_.save(binding);
    bindings_.insert_or_assign(request.user, std::move(binding));
    return {200, 0, {{wanted->uri, seconds}}, !was_there, false};
}

RegisterReply Registrar::remove(const RegisterRequest &request) {
    const bool was_there = bindings_.erase(request.user) > 0;
    if (was_there && settings_.forget) settings_.forget(request.user);
    return {200, 0, {}, false, was_there};
}

const Binding *Registrar::find(const std::string &user, Instant now) const {
    const auto found = bindings_.find(user);
    if (found == bindings_.end() || found->second.expires <= now) return nullptr;
    return &found->second;
}

std::vector<std::string> Registrar::expire(Instant now) {
    std::vector<std::string> gone;
    for (const auto &[user, binding] : bindings_)
        if (binding.expires <= now) gone.push_back(user);
    for (const auto &user : gone) {
        bindings_.erase(user);
        if (settings_.forget) settings_.forget(user);
    }
    return gone;
}

std::vector<std::string>
Registrar::keep(const std::function<bool(const std::string &user)> &wanted) {
    std::vector<std::string> dropped;
    for (const auto &[user, binding] : bindings_)
        if (!wanted(user)) dropped.push_back(user);
    for (const auto &user : dropped) {
        bindings_.erase(user);
        if (settings_.forget) settings_.forget(user);
    }
    return dropped;
}

std::optional<Instant> Registrar::next_expiry() const {
    std::optional<Instant> next;
    for (const auto &[user, binding] : bindings_)
        if (!next || binding.expires < *next) next = binding.expires;
    return next;
}

std::vector<std::string> Registrar::users() const {
    std::vector<std::string> result;
    for (const auto &[user, binding] : bindings_)
        result.push_back(user);
    return result;
}

} // namespace fernamt::telephony
