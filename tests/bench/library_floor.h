// SPDX-License-Identifier: EUPL-1.2
// What SIP by sofia-sip and datagrams to a media server cost when nobody decides anything: a relay
// of two legs on the bare nta layer, with as many messages and round trips as a distributed call of
// Fernamt. The floor under what system_bench sip_rate measures (docs/decisions/0041). No routing,
// no ledger, no media, no bad days: good for measuring alone. Its thread is named as the service's.
#pragma once

#include <memory>

namespace fernamt::testing {

class LibraryFloor {
  public:
    // Calls go on to this port of 127.0.0.1.
    explicit LibraryFloor(int answerer_port);
    ~LibraryFloor();
    LibraryFloor(const LibraryFloor &) = delete;
    LibraryFloor &operator=(const LibraryFloor &) = delete;

    [[nodiscard]] int sip_port() const;
    [[nodiscard]] long finished() const; // calls that have ended, with all their round trips

  private:
    struct Relay;
    std::unique_ptr<Relay> relay_;
};

} // namespace fernamt::testing
