// SPDX-License-Identifier: EUPL-1.2
// A connected socket, plain or TLS, behind one interface, so that the HTTP code is compiled once.
// Used on the I/O thread only. Deadline cancels what the stream is doing when time is up; the
// connection stays usable for a last answer (408). Includes Boost.Asio: only for net/'s own .cpp.
#pragma once

#include "base/time.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <string>
#include <vector>

namespace fernamt::net {

namespace asio = boost::asio;
using boost::system::error_code;

class Stream {
  public:
    Stream() = default;
    Stream(const Stream &) = delete;
    Stream &operator=(const Stream &) = delete;
    virtual ~Stream() = default;

    virtual asio::awaitable<error_code> handshake() = 0;
    // Appends at most `limit` bytes to `into`.
    virtual asio::awaitable<error_code> read_some(std::string &into, std::size_t limit) = 0;
    virtual asio::awaitable<error_code> write(const std::vector<asio::const_buffer> &parts) = 0;
    virtual asio::awaitable<error_code> finish_writing() = 0; // FIN, with TLS close_notify before
    virtual void cancel() = 0;                                // ends what is running, with an error
    virtual void close() = 0;
    [[nodiscard]] virtual bool secure() const = 0;
};

[[nodiscard]] std::shared_ptr<Stream> make_plain_stream(asio::ip::tcp::socket socket);
[[nodiscard]] std::shared_ptr<Stream> make_tls_stream(asio::ip::tcp::socket socket,
                                                      asio::ssl::context &context);
// TLS 1.2 and newer, server side. On failure `error` says which file and why.
[[nodiscard]] std::unique_ptr<asio::ssl::context>
make_tls_context(const std::string &certificate_file, const std::string &key_file,
                 std::string &error);

class Deadline {
  public:
    Deadline(asio::io_context &io, std::shared_ptr<Stream> stream, Duration after);
    ~Deadline();
    Deadline(const Deadline &) = delete;
    Deadline &operator=(const Deadline &) = delete;
    [[nodiscard]] bool passed() const { return *passed_; }

  private:
    std::shared_ptr<bool> passed_;
    asio::steady_timer timer_;
};

} // namespace fernamt::net
