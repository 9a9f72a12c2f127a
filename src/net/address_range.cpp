// SPDX-License-Identifier: EUPL-1.2
#include "net/address_range.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <optional>
#include <variant>

namespace fernamt::net {

namespace {

namespace ip = boost::asio::ip;
using Network = std::variant<ip::network_v4, ip::network_v6>;

std::optional<ip::address> read(const std::string &text) {
    boost::system::error_code wrong;
    const auto address = ip::make_address(text, wrong);
    if (wrong) return std::nullopt;
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        return ip::make_address_v4(ip::v4_mapped, address.to_v6());
    }
    return address;
}

std::optional<Network> read_network(const std::string &text) {
    boost::system::error_code wrong;
    if (text.find('/') == std::string::npos) {
        const auto address = read(text);
        if (!address) return std::nullopt;
        if (address->is_v4()) return ip::network_v4(address->to_v4(), 32);
        return ip::network_v6(address->to_v6(), 128);
    }
    if (text.find(':') == std::string::npos) {
        const auto network = ip::make_network_v4(text, wrong);
        if (wrong) return std::nullopt;
        return network.canonical();
    }
    const auto network = ip::make_network_v6(text, wrong);
    if (wrong) return std::nullopt;
    return network.canonical();
}

} // namespace

bool is_address_range(const std::string &text) {
    return read_network(text).has_value();
}

bool lies_in(const std::string &address, const std::string &range) {
    const auto one = read(address);
    const auto network = read_network(range);
    if (!one || !network) return false;
    if (const auto *four = std::get_if<ip::network_v4>(&*network)) {
        return one->is_v4() &&
               ip::network_v4(one->to_v4(), four->prefix_length()).canonical() == *four;
    }
    const auto &six = std::get<ip::network_v6>(*network);
    return one->is_v6() && ip::network_v6(one->to_v6(), six.prefix_length()).canonical() == six;
}

} // namespace fernamt::net
