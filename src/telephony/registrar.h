// SPDX-License-Identifier: EUPL-1.2
// Where the desk phones are (RFC 3261 10.3): one binding per user, the last one wins. Pure: the
// clock is given in, authentication has happened before, and bindings are saved and loaded by
// callbacks, so that a restart still reaches the phones by UDP. A phone that came by TCP or TLS was
// reached through its connection, which ended with the process: it counts as gone until it is back.
#pragma once

#include "base/time.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fernamt::telephony {

struct Binding {
    std::string user;
    std::string contact;  // URI as the phone gave it
    std::string next_hop; // URI of the address the REGISTER came from
    Instant expires;
    std::string call_id;
    std::uint32_t cseq = 0;
    friend bool operator==(const Binding &, const Binding &) = default;
};

struct RegisterRequest {
    struct Contact {
        std::string uri;
        std::optional<int> expires; // the contact's own parameter
    };
    std::string user;
    std::vector<Contact> contacts;
    bool star = false; // Contact: *
    std::optional<int> expires;
    std::string call_id;
    std::uint32_t cseq = 0;
    std::string next_hop;
};

struct RegisterReply {
    int status = 200;
    int min_expires = 0;                               // with 423
    std::vector<std::pair<std::string, int>> contacts; // URI and seconds left
    bool registered_now = false;                       // was not registered before
    bool unregistered_now = false;
};

class Registrar {
  public:
    struct Settings {
        int min_expires = 60;
        int default_expires = 600;
        int max_expires = 3600;
        std::function<void(const Binding &)> save; // also each refresh
        std::function<void(const std::string &user)> forget;
        std::function<std::vector<Binding>()> load;
    };
    explicit Registrar(Settings settings);

    [[nodiscard]] RegisterReply handle(const RegisterRequest &request, Instant now);
    [[nodiscard]] const Binding *find(const std::string &user, Instant now) const;
    [[nodiscard]] std::vector<std::string> expire(Instant now); // users that are gone now
    // Drops the bindings of everybody else; those users.
    std::vector<std::string> keep(const std::function<bool(const std::string &user)> &wanted);
    [[nodiscard]] std::optional<Instant> next_expiry() const;
    [[nodiscard]] std::vector<std::string> users() const;

  private:
    [[nodiscard]] RegisterReply remove(const RegisterRequest &request);

    Settings settings_;
    std::map<std::string, Binding> bindings_; // by user
};

} // namespace fernamt::telephony
