// SPDX-License-Identifier: EUPL-1.2
// Reads one HTTP/1.x request from a stream: head first, so that the caller can refuse before a body
// is read. Enforces the limits of ServerOptions; a fault is a status and a code to answer with,
// after which the connection must be closed (its framing is no longer trusted).
#pragma once

#include "net/http.h"
#include "net/stream.h"

#include <atomic>
#include <memory>
#include <string>

namespace fernamt::net {

struct Fault {
    int status = 0; // 0: none
    std::string_view code;
    [[nodiscard]] explicit operator bool() const { return status != 0; }
};

class RequestReader {
  public:
    // `bytes_in_flight` is shared by all connections: the memory that request bodies take.
    RequestReader(asio::io_context &io, std::shared_ptr<Stream> stream,
                  const ServerOptions &options, std::size_t &bytes_in_flight);
    ~RequestReader();

    enum class Head { complete, closed, fault };
    asio::awaitable<Head> read_head(Duration first_byte_within);
    asio::awaitable<Fault> read_body(); // after the head; nothing to do if there is no body

    [[nodiscard]] const Fault &fault() const { return fault_; }
    [[nodiscard]] Request &request() { return request_; }
    [[nodiscard]] bool keep_alive() const { return keep_alive_; }
    [[nodiscard]] bool has_body() const { return has_body_; }
    void forget_body(); // the request was answered; frees its share of the memory

  private:
    asio::awaitable<error_code> fill(std::size_t limit);
    Fault interpret_head(std::string_view head);
    void release();

    asio::io_context &io_;
    std::shared_ptr<Stream> stream_;
    const ServerOptions &options_;
    std::size_t &bytes_in_flight_;
    std::string buffer_; // received, not yet consumed (pipelined requests)
    Request request_;
    Fault fault_;
    std::size_t held_ = 0;
    bool keep_alive_ = false;
    bool has_body_ = false;
    bool expects_continue_ = false;
    struct Parser;
    std::unique_ptr<Parser> parser_;
};

} // namespace fernamt::net
