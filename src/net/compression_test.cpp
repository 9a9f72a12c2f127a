// SPDX-License-Identifier: EUPL-1.2
#include "net/client.h"
#include "net/compression.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace fernamt::net {
namespace {

std::string gunzip(std::string_view packed, std::size_t at_most) {
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
    std::string plain(at_most, '\0');
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef *>(plain.data());
    stream.avail_out = static_cast<uInt>(plain.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    EXPECT_EQ(stream.avail_in, 0U) << "something behind the member";
    plain.resize(stream.total_out);
    inflateEnd(&stream);
    return plain;
}

std::string json_of(std::size_t items) {
    std::string text = "[";
    for (std::size_t i = 0; i < items; ++i)
        text += R"({"name":"Reisepass beantragen","id":)" + std::to_string(i) + "},";
    text.back() = ']';
    return text;
}

Response answer(std::string body, std::string type = "application/json") {
    return {200, {{"Content-Type", std::move(type)}}, std::move(body)};
}

Request asking(std::string method, std::string accept) {
    Request request;
    request.method = std::move(method);
    if (!accept.empty()) request.headers["accept-encoding"] = std::move(accept);
    return request;
}

bool is_coded(const Response &response) {
    return header(response, "content-encoding") == "gzip";
}

TEST(Compression, GivesTheSameTextBack) {
    std::string noise;
    for (unsigned i = 0, x = 1; i < 100'000; ++i, x = x * 1664525U + 1013904223U)
        noise += static_cast<char>(x >> 24U);
    for (const std::string &plain : {std::string(), std::string("a"), json_of(5000), noise})
        EXPECT_EQ(gunzip(gzip(plain), plain.size() + 1), plain);
    EXPECT_LT(gzip(json_of(5000)).size() * 8, json_of(5000).size());
    EXPECT_EQ(gzip(json_of(50)), gzip(json_of(50))); // no time in the header
}

TEST(Compression, SaysWhatItDid) {
    Response response = answer(json_of(100));
    const std::string plain = response.body;
    compress_for(asking("GET", "gzip, deflate, br"), response);
    EXPECT_TRUE(is_coded(response));
    EXPECT_EQ(header(response, "vary"), "Accept-Encoding");
    EXPECT_EQ(gunzip(response.body, plain.size()), plain);
}

TEST(Compression, OnlyForWhoeverWantsIt) {
    for (const char *accept : {"", "br", "gzip;q=0", "identity, *;q=0"}) {
        Response response = answer(json_of(100));
        compress_for(asking("GET", accept), response);
        EXPECT_FALSE(is_coded(response)) << accept;
        EXPECT_EQ(response.body, json_of(100)) << accept;
        EXPECT_EQ(header(response, "vary"), "Accept-Encoding") << "the answer depends on it";
    }
}

TEST(Compression, OnlyWhatIsWorthItAndAllowed) {
    const Request wanted = asking("GET", "gzip");
    Response small = answer(std::string(1023, ' '));
    compress_for(wanted, small);
    EXPECT_FALSE(is_coded(small));

    Response sound = answer(std::string(5000, ' '), "audio/wav");
    compress_for(wanted, sound);
    EXPECT_FALSE(is_coded(sound));

    Response tagged = answer(json_of(100));
    tagged.headers.emplace_back("ETag", "\"3\"");
    compress_for(wanted, tagged);
    EXPECT_FALSE(is_coded(tagged));

    Response coded = answer(json_of(100));
    coded.headers.emplace_back("Content-Encoding", "br");
    compress_for(wanted, coded);
    EXPECT_EQ(coded.body, json_of(100));

    // What changes something may answer with a password shown once: see compression.cpp.
    Response secret = answer(json_of(100));
    compress_for(asking("POST", "gzip"), secret);
    EXPECT_FALSE(is_coded(secret));

    Response weak = answer(json_of(100)); // says the same, in whatever bytes
    weak.headers.emplace_back("ETag", "W/\"3\"");
    compress_for(asking("GET", "gzip"), weak);
    EXPECT_TRUE(is_coded(weak));
}

} // namespace
} // namespace fernamt::net
