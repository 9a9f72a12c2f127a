// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/mail.h"

#include "base/calendar.h"
#include "knowledge/xzufi_object.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>

namespace fernamt::knowledge {

namespace {

constexpr std::size_t kLongestAddress = 254; // RFC 5321 section 4.5.3.1.3, without the brackets

std::string base64(std::string_view bytes) {
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        const std::size_t got = std::min<std::size_t>(3, bytes.size() - i);
        for (std::size_t j = 0; j < 3; ++j)
            group = group << 8 | (j < got ? static_cast<unsigned char>(bytes[i + j]) : 0U);
        for (std::size_t j = 0; j < 4; ++j)
            out += j <= got ? kDigits[group >> (18 - 6 * j) & 63] : '=';
    }
    return out;
}

// Words of at most 75 characters (RFC 2047 section 2), cut between characters.
std::string encoded_words(std::string_view text) {
    constexpr std::size_t kBytes = 42;
    std::string out;
    while (!text.empty()) {
        std::size_t take = std::min(kBytes, text.size());
        while (take > 1 && take < text.size() &&
               (static_cast<unsigned char>(text[take]) & 0xc0) == 0x80)
            --take;
        out += fmt::format("{}=?UTF-8?B?{}?=", out.empty() ? "" : "\r\n ",
                           base64(text.substr(0, take)));
        text.remove_prefix(take);
    }
    return out;
}

std::string mail_date(Instant now) {
    constexpr std::array<std::string_view, 7> kDays{"Mon", "Tue", "Wed", "Thu",
                                                    "Fri", "Sat", "Sun"};
    constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::string text = to_iso8601(now); // "2026-11-22T08:15:30.123456Z"
    const LocalDate day = parse_date(text.substr(0, 10)).value_or(LocalDate{});
    return fmt::format(
        "{}, {:02} {} {} {} +0000", kDays.at(static_cast<std::size_t>(weekday_of(day))), day.day,
        kMonths.at(static_cast<std::size_t>(day.month - 1)), day.year, text.substr(11, 8));
}

struct Upload {
    std::string text;
    std::size_t sent = 0;
};

std::size_t give(char *to, std::size_t size, std::size_t count, void *user) {
    auto &upload = *static_cast<Upload *>(user);
    const std::size_t bytes = std::min(size * count, upload.text.size() - upload.sent);
    upload.text.copy(to, bytes, upload.sent);
    upload.sent += bytes;
    return bytes;
}

struct FreeEasy {
    void operator()(CURL *easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
    void operator()(curl_slist *list) const { curl_slist_free_all(list); }
};

void set_server(CURL *easy, const MailServer &server) {
    const bool tls = server.security == MailSecurity::tls;
    const std::string url =
        fmt::format("{}://{}:{}", tls ? "smtps" : "smtp", server.host, server.port);
    curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    const bool plain = server.security == MailSecurity::none;
    curl_easy_setopt(easy, CURLOPT_USE_SSL,
                     static_cast<long>(plain ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    if (!server.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, server.ca_file.c_str());
    if (!server.user.empty()) {
        curl_easy_setopt(easy, CURLOPT_USERNAME, server.user.c_str());
        curl_easy_setopt(easy, CURLOPT_PASSWORD, server.password.c_str());
    }
    const auto longest =
        std::chrono::duration_cast<std::chrono::milliseconds>(server.longest).count();
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(longest));
}

} // namespace

bool is_mail_address(std::string_view text) {
    const auto at = text.find('@');
    if (at == std::string_view::npos || at == 0 || at + 1 >= text.size()) return false;
    if (text.size() > kLongestAddress || text.find('@', at + 1) != std::string_view::npos) {
        return false;
    }
    return std::ranges::all_of(text, [](char c) {
        return c > ' ' && c < 0x7f &&
               std::string_view("<>(),;:\"\\[]").find(c) == std::string_view::npos;
    });
}

std::string mail_text(const MailServer &server, const Mail &mail, Instant now) {
    const std::string domain =
        server.from.substr(std::min(server.from.find('@') + 1, server.from.size()));
    std::string text = fmt::format(
        "Date: {}\r\nFrom: Fernamt <{}>\r\nTo: <{}>\r\nSubject: {}\r\nMessage-ID: <{}.{}@{}>\r\n"
        "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
        mail_date(now), server.from, mail.to, encoded_words(mail.subject), now.us,
        text_hash(mail.to + mail.text).substr(0, 16), domain);
    const std::string body = base64(mail.text);
    for (std::size_t i = 0; i < body.size(); i += 76) // RFC 2045 section 6.8
        text += body.substr(i, 76) + "\r\n";
    return text;
}

Expected<void> send_mail(const MailServer &server, const Mail &mail, Instant now) {
    if (!is_mail_address(mail.to) || !is_mail_address(server.from)) {
        return fail(ProblemKind::invalid_input, "mail.address");
    }
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    const std::unique_ptr<CURL, FreeEasy> easy(curl_easy_init());
    if (!easy) return fail(ProblemKind::unavailable, "mail.unreachable", {{"what", "no memory"}});
    set_server(easy.get(), server);
    Upload upload{mail_text(server, mail, now)};
    const std::unique_ptr<curl_slist, FreeList> readers(
        curl_slist_append(nullptr, ("<" + mail.to + ">").c_str()));
    curl_easy_setopt(easy.get(), CURLOPT_MAIL_FROM, ("<" + server.from + ">").c_str());
    curl_easy_setopt(easy.get(), CURLOPT_MAIL_RCPT, readers.get());
    curl_easy_setopt(easy.get(), CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy.get(), CURLOPT_READFUNCTION, give);
    curl_easy_setopt(easy.get(), CURLOPT_READDATA, &upload);
    const CURLcode code = curl_easy_perform(easy.get());
    if (code == CURLE_OK) return {};
    long answer = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &answer);
    if (answer >= 400) { // what the server says may name the reader: only its number is passed on
        return fail(ProblemKind::unavailable, "mail.refused", {{"code", std::to_string(answer)}});
    }
    return fail(ProblemKind::unavailable, "mail.unreachable", {{"what", curl_easy_strerror(code)}});
}

} // namespace fernamt::knowledge
