// SPDX-License-Identifier: EUPL-1.2
// One page from a foreign web server, which may be slow, endless or hostile: no more bytes than
// allowed, no longer than allowed, http and https only, certificates are checked, redirects are
// answers and never followed here. Addresses of private networks are refused when it connects,
// unless the operator has named the host, so that nobody reads the house's own machines through a
// redirect or a name; no proxy of the environment is asked. Ends at once when asked to. libcurl
// stays here.
#pragma once

#include "base/problem.h"
#include "base/time.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

// Hosts that may stand at a private address, each by its whole name or its address, as is_host()
// takes them: an intranet's town-hall site; tests. Nothing else becomes allowed by one.
using PrivateHosts = std::vector<std::string>;
[[nodiscard]] bool is_among(const PrivateHosts &hosts, std::string_view host);

[[nodiscard]] std::unique_ptr<PageFetcher> make_page_fetcher(PrivateHosts private_hosts = {});

inline constexpr std::string_view kCrawlerToken = "Fernamt"; // in robots.txt

struct WebAddress {
    std::string whole;  // normalised, without fragment
    std::string origin; // "https://www.example.de", the port where it is not the usual one
    std::string host;   // "www.example.de", "10.0.0.5", "[fd00::5]"
    std::string path;   // with query, percent-encoded
};
// reference: absolute or relative to base; nothing for what is not http or https, or has a user.
[[nodiscard]] std::optional<WebAddress> web_address(const std::string &reference,
                                                    const std::string &base = {});
// A host as WebAddress has it, in capitals or small letters: no scheme, no port, no network.
[[nodiscard]] bool is_host(const std::string &text);

} // namespace fernamt::knowledge
