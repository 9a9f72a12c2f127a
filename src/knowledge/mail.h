// SPDX-License-Identifier: EUPL-1.2
// One mail by SMTP (RFC 5321) to the operator's mail server: plain German text, UTF-8, RFC 5322
// headers, marked as automatic (RFC 3834) so that nobody's absence note answers. Certificates are
// checked. A mail is sent to one reader at a time, so that addresses are shown to nobody else.
// libcurl stays in mail.cpp.
#pragma once

#include "base/problem.h"
#include "base/time.h"

#include <string>
#include <string_view>

namespace fernamt::knowledge {

enum class MailSecurity { none, starttls, tls };

struct MailServer {
    std::string host; // empty: this installation sends no mail
    int port = 587;
    MailSecurity security = MailSecurity::starttls;
    std::string user; // empty: without signing in
    std::string password;
    std::string from;    // "auskunft@example.de"
    std::string ca_file; // PEM; empty: the system's
    Duration longest = 30s;
};

struct Mail {
    std::string to;
    std::string subject;
    std::string text;
};

// One address of plain ASCII without display name; lenient about what a mail server accepts.
[[nodiscard]] bool is_mail_address(std::string_view text);
// Headers and body as they go over the line.
[[nodiscard]] std::string mail_text(const MailServer &server, const Mail &mail, Instant now);
// Problems: "mail.address" , "mail.refused" (code: of SMTP), "mail.unreachable" (what).
[[nodiscard]] Expected<void> send_mail(const MailServer &server, const Mail &mail, Instant now);

} // namespace fernamt::knowledge
