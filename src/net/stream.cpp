// SPDX-License-Identifier: EUPL-1.2
#include "net/stream.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <openssl/ssl.h>

#include <utility>

namespace fernamt::net {
namespace {

using asio::ip::tcp;

template <class Socket>
asio::awaitable<error_code> read_into(Socket &socket, std::string &into, std::size_t limit) {
    const std::size_t before = into.size();
    into.resize(before + limit);
    const auto space = asio::buffer(into.data() + before, limit);
    error_code error;
    const std::size_t count =
        co_await socket.async_read_some(space, asio::redirect_error(asio::use_awaitable, error));
    into.resize(before + count);
    co_return error;
}

template <class Socket>
asio::awaitable<error_code> write_to(Socket &socket, std::vector<asio::const_buffer> parts) {
    error_code error;
    co_await asio::async_write(socket, parts, asio::redirect_error(asio::use_awaitable, error));
    co_return error;
}

class PlainStream final : public Stream {
  public:
    explicit PlainStream(tcp::socket socket) : socket_(std::move(socket)) {}

    asio::awaitable<error_code> handshake() override { co_return error_code{}; }
    asio::awaitable<error_code> read_some(std::string &into, std::size_t limit) override {
        return read_into(socket_, into, limit);
    }
    asio::awaitable<error_code> write(const std::vector<asio::const_buffer> &parts) override {
        return write_to(socket_, parts);
    }
    asio::awaitable<error_code> finish_writing() override {
        error_code error;
        socket_.shutdown(tcp::socket::shutdown_send, error);
        co_return error;
    }
    void cancel() override {
        error_code ignored;
        socket_.cancel(ignored);
    }
    void close() override {
        error_code ignored;
        socket_.close(ignored);
    }
    [[nodiscard]] bool secure() const override { return false; }

  private:
    tcp::socket socket_;
};

class TlsStream final : public Stream {
  public:
    TlsStream(tcp::socket socket, asio::ssl::context &context)
        : stream_(std::move(socket), context) {}

    asio::awaitable<error_code> handshake() override {
        error_code error;
        co_await stream_.async_handshake(asio::ssl::stream_base::server,
                                         asio::redirect_error(asio::use_awaitable, error));
        co_return error;
    }
    asio::awaitable<error_code> read_some(std::string &into, std::size_t limit) override {
        // After close_notify nothing is decrypted any more: what comes is only to be dropped.
        if (finished_) return read_into(stream_.next_layer(), into, limit);
        return read_into(stream_, into, limit);
    }
    asio::awaitable<error_code> write(const std::vector<asio::const_buffer> &parts) override {
        return write_to(stream_, parts);
    }
    asio::awaitable<error_code> finish_writing() override {
        // "Received" makes the shutdown one step: our close_notify is sent, the peer's not awaited.
        SSL_set_shutdown(stream_.native_handle(), SSL_RECEIVED_SHUTDOWN);
        error_code ignored;
        co_await stream_.async_shutdown(asio::redirect_error(asio::use_awaitable, ignored));
        finished_ = true;
        error_code error;
        stream_.next_layer().shutdown(tcp::socket::shutdown_send, error);
        co_return error;
    }
    void cancel() override {
        error_code ignored;
        stream_.next_layer().cancel(ignored);
    }
    void close() override {
        error_code ignored;
        stream_.next_layer().close(ignored);
    }
    [[nodiscard]] bool secure() const override { return true; }

  private:
    asio::ssl::stream<tcp::socket> stream_;
    bool finished_ = false;
};

} // namespace

std::shared_ptr<Stream> make_plain_stream(tcp::socket socket) {
    return std::make_shared<PlainStream>(std::move(socket));
}

std::shared_ptr<Stream> make_tls_stream(tcp::socket socket, asio::ssl::context &context) {
    return std::make_shared<TlsStream>(std::move(socket), context);
}

std::unique_ptr<asio::ssl::context> make_tls_context(const std::string &certificate_file,
                                                     const std::string &key_file,
                                                     std::string &error) {
    auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    // BSI TR-02102-2: TLS 1.2 and 1.3, forward secrecy and authenticated encryption only.
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(context->native_handle(), "ECDHE+AESGCM:ECDHE+CHACHA20");
    context->set_options(asio::ssl::context::default_workarounds |
                         asio::ssl::context::single_dh_use);
    SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                                      SSL_OP_CIPHER_SERVER_PREFERENCE);
    error_code failed;
    context->use_certificate_chain_file(certificate_file, failed);
    if (failed) {
        error = "the TLS certificate " + certificate_file + " cannot be used: " + failed.message();
        return nullptr;
    }
    context->use_private_key_file(key_file, asio::ssl::context::pem, failed);
    if (failed) {
        error = "the TLS key " + key_file + " cannot be used with " + certificate_file + ": " +
                failed.message();
        return nullptr;
    }
    return context;
}

Deadline::Deadline(asio::io_context &io, std::shared_ptr<Stream> stream, Duration after)
    : passed_(std::make_shared<bool>(false)), timer_(io, after) {
    timer_.async_wait([passed = passed_, stream = std::move(stream)](const error_code &cancelled) {
        if (cancelled) return;
        *passed = true;
        stream->cancel();
    });
}

Deadline::~Deadline() {
    timer_.cancel();
}

} // namespace fernamt::net
