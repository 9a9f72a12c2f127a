// SPDX-License-Identifier: EUPL-1.2
// For tests: a certificate of the test's own, made by the openssl command, which nobody but who is
// given it trusts.
#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace fernamt::knowledge::testing {

// Self-signed, for 127.0.0.1 and localhost: cert.pem and key.pem in the directory.
inline void make_certificate(const std::string &directory) {
    const std::string command = fmt::format(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "
        "/CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout {0}/key.pem -out "
        "{0}/cert.pem 2>/dev/null",
        directory);
    if (std::system(command.c_str()) != 0) throw std::runtime_error("no certificate was made");
}

} // namespace fernamt::knowledge::testing
