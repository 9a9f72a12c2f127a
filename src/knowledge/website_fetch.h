// SPDX-License-Identifier: EUPL-1.2
// One page from a foreign web server, which may be slow, endless or hostile: no more bytes than
// allowed, no longer than allowed, http and https only, certificates are checked, redirects are
// answers and never followed here. Addresses of private networks are refused unless allowed, so
// that nobody reads the house's own machines through a redirect or a name; no proxy of the
// environment is asked. Ends at once when asked to. libcurl stays here.
#pragma once

#include "base/problem.h"
#include "base/time.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace fernamt::knowledge {

struct FetchRequest {
    std::string url;
    std::string etag;                                      // of what is known already
    std::string last_modified;                             // as the server wrote it
    std::string header;                                    // one more line, "api_key: ..."
    std::size_t most_bytes = std::size_t{2} * 1024 * 1024; // after unpacking
    Duration longest = 20s;                                // for all of it
    std::function<bool()> stop;                            // asked all the time; may be empty
};

struct Fetched {
    int status = 0; // of HTTP
    std::string content_type;
    std::string body;
    std::string etag; // "" if it is over 500 bytes or not UTF-8; the next, too
    std::string last_modified;
    std::string location; // absolute; of a redirect
    int retry_after_seconds = 0;
};

class PageFetcher {
  public:
    virtual ~PageFetcher() = default;
    // Problems: "website.too_large", "website.timeout", "website.unreachable" (what; also when
    // asked to stop), "website.private_address".
    [[nodiscard]] virtual Expected<Fetched> fetch(const FetchRequest &request) = 0;
};

// allow_private: a town whose web server stands in the same house; tests.
[[nodiscard]] std::unique_ptr<PageFetcher> make_page_fetcher(bool allow_private = false);

inline constexpr std::string_view kCrawlerToken = "Fernamt"; // in robots.txt

struct WebAddress {
    std::string whole;  // normalised, without fragment
    std::string origin; // "https://www.example.de", the port where it is not the usual one
    std::string path;   // with query, percent-encoded
};
// reference: absolute or relative to base; nothing for what is not http or https, or has a user.
[[nodiscard]] std::optional<WebAddress> web_address(const std::string &reference,
                                                    const std::string &base = {});

} // namespace fernamt::knowledge
