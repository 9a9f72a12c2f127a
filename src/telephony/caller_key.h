// SPDX-License-Identifier: EUPL-1.2
// A caller's number as a keyed pseudonym (routing::CallerKey): the same number gives the same value
// on this installation and nothing can be found out from it without the key, which is made once,
// lies in the state directory (readable by the owner only) and never in the ledger. A lost key only
// means that callers of before are not recognised. For one thread.
#pragma once

#include "base/phone_number.h"
#include "base/problem.h"
#include "routing/rules.h"

#include <array>
#include <memory>
#include <string>

struct evp_mac_ctx_st; // OpenSSL's
using EVP_MAC_CTX = evp_mac_ctx_st;

namespace fernamt::telephony {

class CallerKeys {
  public:
    // Problem: telephony.caller_key.
    [[nodiscard]] static Expected<CallerKeys> open(const std::string &state_directory);
    // From 1 to 2^53 - 1, so that JSON keeps it.
    [[nodiscard]] routing::CallerKey of(const PhoneNumber &number) const;

  private:
    void prepare();
    std::array<unsigned char, 32> key_{};
    std::shared_ptr<EVP_MAC_CTX> mac_; // with the key: to set it up costs more than to use it
};

} // namespace fernamt::telephony
