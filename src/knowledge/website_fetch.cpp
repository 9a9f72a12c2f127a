// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/website_fetch.h"

#include "base/text.h"
#include "base/utf8.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <mutex>

namespace fernamt::knowledge {

namespace {

struct FreeUrl {
    void operator()(CURLU *url) const { curl_url_cleanup(url); }
};
struct FreeEasy {
    void operator()(CURL *easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
    void operator()(curl_slist *list) const { curl_slist_free_all(list); }
};

void initialise() {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

bool is_private_v4(std::uint32_t address) { // in host order
    const auto within = [&](std::uint32_t network, int bits) {
        return (address >> (32 - bits)) == (network >> (32 - bits));
    };
    // RFC 6890: this network, private, shared, loopback, link-local, benchmarks, multicast, rest.
    return within(0x00000000, 8) || within(0x0a000000, 8) || within(0x64400000, 10) ||
           within(0x7f000000, 8) || within(0xa9fe0000, 16) || within(0xac100000, 12) ||
           within(0xc0a80000, 16) || within(0xc6120000, 15) || within(0xe0000000, 3);
}

bool is_private(const sockaddr *address) {
    if (address->sa_family == AF_INET) {
        sockaddr_in four{};
        std::memcpy(&four, address, sizeof four);
        return is_private_v4(ntohl(four.sin_addr.s_addr));
    }
    if (address->sa_family != AF_INET6) return true;
    sockaddr_in6 six{};
    std::memcpy(&six, address, sizeof six);
    const unsigned char *bytes = six.sin6_addr.s6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr)) {
        std::uint32_t four = 0;
        std::memcpy(&four, bytes + 12, sizeof four);
        return is_private_v4(ntohl(four));
    }
    const bool global = (bytes[0] & 0xe0) == 0x20; // 2000::/3 is all that is routed
    return !global;
}

struct Transfer {
    Fetched answer;
    std::size_t most_bytes = 0;
    bool too_large = false;
    bool private_address = false;
};

std::size_t take_body(char *data, std::size_t size, std::size_t count, void *user) {
    auto &transfer = *static_cast<Transfer *>(user);
    const std::size_t bytes = size * count;
    if (transfer.answer.body.size() + bytes > transfer.most_bytes) {
        transfer.too_large = true;
        return 0; // ends the transfer
    }
    transfer.answer.body.append(data, bytes);
    return bytes;
}

constexpr std::size_t kMostHeaders = std::size_t{64} * 1024;
constexpr std::size_t kLongestValidator = 500;

// What is kept and sent back with the next visit. RFC 9110 section 8.8.3 allows any byte in an
// ETag, the database none that is not UTF-8: such a page is simply sent again.
std::string validator(const std::string &value) {
    const bool good = value.size() <= kLongestValidator && is_utf8(value) &&
                      value.find('\0') == std::string::npos;
    return good ? value : std::string();
}

std::size_t take_header(char *data, std::size_t size, std::size_t count, void *user) {
    auto &transfer = *static_cast<Transfer *>(user);
    const std::string_view line(data, size * count);
    if (line.size() > kMostHeaders) return 0;
    const auto colon = line.find(':');
    if (line.starts_with("HTTP/")) transfer.answer = {}; // an interim answer came before
    if (colon == std::string_view::npos) return line.size();
    const std::string name = lower_ascii(trimmed(line.substr(0, colon)));
    const std::string value(trimmed(line.substr(colon + 1)));
    if (name == "etag") transfer.answer.etag = validator(value);
    if (name == "last-modified") transfer.answer.last_modified = validator(value);
    if (name == "content-type") transfer.answer.content_type = lower_ascii(value);
    if (name == "retry-after") {
        std::from_chars(value.data(), value.data() + value.size(),
                        transfer.answer.retry_after_seconds);
    }
    return line.size();
}

// curl asks at least once a second, also while nothing comes. Not 0: the transfer ends.
int ask_whether_to_stop(void *user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return (*static_cast<const std::function<bool()> *>(user))() ? 1 : 0;
}

curl_socket_t open_socket(void *user, curlsocktype, curl_sockaddr *address) {
    if (user != nullptr && is_private(&address->addr)) {
        static_cast<Transfer *>(user)->private_address = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

class CurlFetcher final : public PageFetcher {
  public:
    explicit CurlFetcher(PrivateHosts private_hosts) : private_hosts_(std::move(private_hosts)) {
        initialise();
        easy_.reset(curl_easy_init());
    }

    Expected<Fetched> fetch(const FetchRequest &request) override {
        if (!easy_) return unreachable("no memory");
        const auto address = web_address(request.url);
        const bool may_be_private = address && is_among(private_hosts_, address->host);
        Transfer transfer;
        transfer.most_bytes = request.most_bytes;
        CURL *easy = easy_.get();
        curl_easy_reset(easy); // connections stay open, each for its own host
        curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
        // Not the environment's: open_socket() would check the proxy's address, not the server's.
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
        curl_easy_setopt(easy, CURLOPT_USERAGENT, "Fernamt/1 (Wissenssuche der Kommune)");
        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
        const auto longest =
            std::chrono::duration_cast<std::chrono::milliseconds>(request.longest).count();
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(longest));
        curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(longest));
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
        curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
        curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
        curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
        curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, may_be_private ? nullptr : &transfer);
        if (request.stop) {
            curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
            curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, ask_whether_to_stop);
            curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &request.stop);
        }
        curl_slist *lines = nullptr;
        lines = curl_slist_append(lines, "Accept: text/html, application/xhtml+xml, "
                                         "application/xml;q=0.9, text/plain;q=0.5");
        if (!request.header.empty()) lines = curl_slist_append(lines, request.header.c_str());
        if (!request.etag.empty()) {
            lines = curl_slist_append(lines, ("If-None-Match: " + request.etag).c_str());
        }
        if (!request.last_modified.empty()) {
            lines =
                curl_slist_append(lines, ("If-Modified-Since: " + request.last_modified).c_str());
        }
        const std::unique_ptr<curl_slist, FreeList> headers(lines);
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
        return answer_of(curl_easy_perform(easy), transfer);
    }

  private:
    static tl::unexpected<Problem> unreachable(const char *what) {
        return fail(ProblemKind::unavailable, "website.unreachable", {{"what", what}});
    }

    Expected<Fetched> answer_of(CURLcode code, Transfer &transfer) {
        if (transfer.private_address) {
            return fail(ProblemKind::forbidden, "website.private_address");
        }
        if (transfer.too_large) return fail(ProblemKind::too_large, "website.too_large");
        if (code == CURLE_OPERATION_TIMEDOUT) {
            return fail(ProblemKind::unavailable, "website.timeout");
        }
        if (code != CURLE_OK) return unreachable(curl_easy_strerror(code));
        long status = 0;
        curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
        transfer.answer.status = static_cast<int>(status);
        char *target = nullptr;
        curl_easy_getinfo(easy_.get(), CURLINFO_REDIRECT_URL, &target);
        if (target != nullptr) transfer.answer.location = target;
        return std::move(transfer.answer);
    }

    PrivateHosts private_hosts_;
    std::unique_ptr<CURL, FreeEasy> easy_;
};

std::string part(CURLU *url, CURLUPart which) {
    char *text = nullptr;
    if (curl_url_get(url, which, &text, 0) != CURLUE_OK || text == nullptr) return "";
    std::string copy = text;
    curl_free(text);
    return copy;
}

} // namespace

std::unique_ptr<PageFetcher> make_page_fetcher(PrivateHosts private_hosts) {
    return std::make_unique<CurlFetcher>(std::move(private_hosts));
}

bool is_among(const PrivateHosts &hosts, std::string_view host) {
    return std::ranges::any_of(hosts,
                               [&](const std::string &one) { return lower_ascii(one) == host; });
}

bool is_host(const std::string &text) {
    const auto address = web_address("http://" + text);
    return address && address->host == lower_ascii(text) && address->path == "/" &&
           address->origin == "http://" + address->host;
}

std::optional<WebAddress> web_address(const std::string &reference, const std::string &base) {
    initialise();
    const std::unique_ptr<CURLU, FreeUrl> url(curl_url());
    if (!url) return std::nullopt;
    if (!base.empty() && curl_url_set(url.get(), CURLUPART_URL, base.c_str(), 0) != CURLUE_OK) {
        return std::nullopt;
    }
    const std::string wanted(trimmed(reference));
    constexpr unsigned kFlags = CURLU_URLENCODE | CURLU_NON_SUPPORT_SCHEME;
    if (curl_url_set(url.get(), CURLUPART_URL, wanted.c_str(), kFlags) != CURLUE_OK) {
        return std::nullopt;
    }
    curl_url_set(url.get(), CURLUPART_FRAGMENT, nullptr, 0);
    const std::string scheme = lower_ascii(part(url.get(), CURLUPART_SCHEME));
    if (scheme != "http" && scheme != "https") return std::nullopt;
    if (!part(url.get(), CURLUPART_USER).empty()) return std::nullopt;
    const std::string host = lower_ascii(part(url.get(), CURLUPART_HOST));
    if (host.empty()) return std::nullopt;
    const std::string port = part(url.get(), CURLUPART_PORT);
    const bool usual = port.empty() || port == (scheme == "https" ? "443" : "80");
    WebAddress made;
    made.host = host;
    made.origin = scheme + "://" + host + (usual ? "" : ":" + port);
    made.path = part(url.get(), CURLUPART_PATH);
    const std::string query = part(url.get(), CURLUPART_QUERY);
    if (!query.empty()) made.path += "?" + query;
    if (made.path.empty()) made.path = "/";
    made.whole = made.origin + made.path;
    return made;
}

} // namespace fernamt::knowledge
