// SPDX-License-Identifier: EUPL-1.2
// Random bytes for what is public but must not repeat or be guessed: nonces, tags, Call-IDs. Drawn
// from OpenSSL's generator in large pieces, because one call of it costs several system calls and
// as much time as a whole piece. Each thread has its own; not for keys, which must not lie about.
#pragma once

#include <cstddef>

namespace fernamt::telephony {

// Throws if there are no random numbers: nothing safe can go on without them.
void random_ahead(unsigned char *to, std::size_t bytes);

} // namespace fernamt::telephony
