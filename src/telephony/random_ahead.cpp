// SPDX-License-Identifier: EUPL-1.2
#include "telephony/random_ahead.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace fernamt::telephony {

namespace {

struct Piece {
    std::array<unsigned char, 4096> bytes{};
    std::size_t used = sizeof bytes;
};

} // namespace

void random_ahead(unsigned char *to, std::size_t bytes) {
    thread_local Piece piece;
    while (bytes > 0) {
        if (piece.used == piece.bytes.size()) {
            if (RAND_bytes(piece.bytes.data(), static_cast<int>(piece.bytes.size())) != 1)
                throw std::runtime_error("no random numbers");
            piece.used = 0;
        }
        const std::size_t now = std::min(bytes, piece.bytes.size() - piece.used);
        unsigned char *from = piece.bytes.data() + piece.used;
        std::copy_n(from, now, to);
        std::fill_n(from, now, static_cast<unsigned char>(0)); // given out once, then forgotten
        piece.used += now;
        to += now;
        bytes -= now;
    }
}

} // namespace fernamt::telephony
