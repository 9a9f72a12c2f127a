// SPDX-License-Identifier: EUPL-1.2
#include "base/address_range.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>

namespace fernamt {

namespace {

constexpr std::size_t kFour = 4; // bytes of an IPv4 address
constexpr std::size_t kSix = 16;

struct Address {
    std::array<unsigned char, kSix> bytes{};
    std::size_t size = kFour;
};

std::optional<Address> read(const std::string &text) {
    Address address;
    if (inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1) return address;
    address.size = kSix;
    if (inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1) return address;
    return std::nullopt;
}

// RFC 4291 2.5.5.2
Address without_mapping(const Address &address) {
    constexpr std::array<unsigned char, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (address.size == kFour || !std::ranges::equal(kMapped, std::span(address.bytes).first<12>()))
        return address;
    Address four;
    std::copy_n(address.bytes.begin() + kMapped.size(), kFour, four.bytes.begin());
    return four;
}

struct Network {
    Address address;
    std::size_t bits = 0;
};

std::optional<Network> read_network(const std::string &text) {
    const auto slash = text.find('/');
    const auto address = read(text.substr(0, slash));
    if (!address) return std::nullopt;
    if (slash == std::string::npos) {
        const Address one = without_mapping(*address);
        return Network{one, 8 * one.size};
    }
    Network network{*address};
    const char *end = text.data() + text.size();
    const auto [at, wrong] = std::from_chars(text.data() + slash + 1, end, network.bits);
    if (wrong != std::errc{} || at != end || network.bits > 8 * address->size) return std::nullopt;
    return network;
}

bool same_bit(const Address &a, const Address &b, std::size_t bit) {
    const int mask = 0x80 >> (bit % 8);
    return ((a.bytes[bit / 8] ^ b.bytes[bit / 8]) & mask) == 0;
}

} // namespace

bool is_address_range(const std::string &text) {
    return read_network(text).has_value();
}

bool lies_in(const std::string &address, const std::string &range) {
    const auto read_address = read(address);
    const auto network = read_network(range);
    if (!read_address || !network) return false;
    const Address one = without_mapping(*read_address);
    if (one.size != network->address.size) return false;
    for (std::size_t bit = 0; bit < network->bits; ++bit)
        if (!same_bit(one, network->address, bit)) return false;
    return true;
}

} // namespace fernamt
