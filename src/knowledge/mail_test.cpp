// SPDX-License-Identifier: EUPL-1.2
// Mail against a real SMTP server of the test's own, and reminders from the real work list.
#include "knowledge/delivery.h"
#include "knowledge/delivery_samples.h"
#include "knowledge/mail.h"
#include "knowledge/reminders.h"
#include "knowledge/testing/certificate.h"
#include "knowledge/testing/tcp_server.h"
#include "storage/test_database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <mutex>

namespace fernamt::knowledge {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr Instant kNow = Instant{1'795'335'300'000'000}; // 22 November 2026, 08:15 UTC
constexpr MunicipalityId kHere{32410010010};

std::string from_base64(const std::string &text) {
    const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    unsigned bits = 0;
    int have = 0;
    for (const char c : text) {
        const auto value = digits.find(c);
        if (value == std::string::npos) continue;
        bits = bits << 6 | static_cast<unsigned>(value);
        have += 6;
        if (have < 8) continue;
        have -= 8;
        out += static_cast<char>(bits >> have & 0xff);
    }
    return out;
}

// Speaks enough of RFC 5321 for one mail after the other.
class MailBox {
  public:
    struct Taken {
        std::string from, to, head, body;
        bool secure = false;
    };
    MailBox() = default;
    // With a certificate in the directory: speaks TLS when asked to, or from the beginning.
    MailBox(std::string certificate, MailSecurity security)
        : certificate_(std::move(certificate)), security_(security) {}
    MailServer server() const {
        return {.host = "127.0.0.1",
                .port = server_.port(),
                .security = MailSecurity::none,
                .from = "auskunft@example.de"};
    }
    std::vector<Taken> taken() {
        const std::scoped_lock lock(mutex_);
        return std::exchange(taken_, {});
    }
    std::vector<std::string> said() {
        const std::scoped_lock lock(mutex_);
        return said_;
    }
    void refuse(bool refuses) {
        const std::scoped_lock lock(mutex_);
        refuses_ = refuses;
    }

  private:
    void serve(testing::TcpServer::Peer &peer) {
        bool secure = false;
        if (security_ == MailSecurity::tls) {
            secure = peer.secure(certificate_);
            if (!secure) return;
        }
        peer.write("220 probe ESMTP\r\n");
        Taken mail;
        std::string line;
        while (peer.line(line)) {
            bool refuses = false;
            {
                const std::scoped_lock lock(mutex_);
                said_.push_back(line);
                refuses = refuses_;
            }
            if (line.starts_with("EHLO")) {
                const bool offers = security_ == MailSecurity::starttls && !secure;
                peer.write(offers ? "250-probe\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n"
                                  : "250-probe\r\n250 AUTH PLAIN\r\n");
            } else if (line == "STARTTLS" && security_ == MailSecurity::starttls) {
                peer.write("220 los\r\n");
                secure = peer.secure(certificate_);
                if (!secure) return;
            } else if (line == "AUTH PLAIN") {
                peer.write("334 \r\n");
                peer.line(line); // the secret; not kept
                peer.write("235 gut\r\n");
            } else if (line.starts_with("AUTH")) {
                peer.write("235 gut\r\n");
            } else if (line.starts_with("MAIL FROM:")) {
                mail = {.from = line.substr(10), .secure = secure};
                peer.write("250 gut\r\n");
            } else if (line.starts_with("RCPT TO:")) {
                mail.to = line.substr(8);
                peer.write(refuses ? "550 <jemand@example.de> kennt hier niemand\r\n"
                                   : "250 gut\r\n");
            } else if (line == "DATA") {
                peer.write("354 los\r\n");
                bool head = true;
                while (peer.line(line) && line != ".") {
                    if (head && line.empty()) head = false;
                    (head ? mail.head : mail.body) += line + "\n";
                }
                const std::scoped_lock lock(mutex_);
                taken_.push_back(mail);
                peer.write("250 angenommen\r\n");
            } else if (line == "QUIT") {
                peer.write("221 bis bald\r\n");
                return;
            } else {
                peer.write("502 was?\r\n");
            }
        }
    }
    std::string certificate_;
    MailSecurity security_ = MailSecurity::none;
    std::mutex mutex_;
    std::vector<Taken> taken_;
    std::vector<std::string> said_;
    bool refuses_ = false;
    testing::TcpServer server_{[this](testing::TcpServer::Peer &peer) { serve(peer); }};
};

TEST(Mail, ArrivesWithItsUmlautsAndHeaders) {
    MailBox box;
    const std::string subject = "Prüfen: Übergangsmäßig lange Überschrift über größere Größen";
    const std::string text = "Grüße\n.\n..\n" + std::string(3000, 'x');
    ASSERT_TRUE(send_mail(box.server(), {"wanda@example.de", subject, text}, kNow));
    const auto taken = box.taken();
    ASSERT_EQ(taken.size(), 1U);
    EXPECT_THAT(taken[0].from, HasSubstr("<auskunft@example.de>"));
    EXPECT_THAT(taken[0].to, HasSubstr("<wanda@example.de>"));
    EXPECT_EQ(from_base64(taken[0].body), text);
    EXPECT_THAT(taken[0].head, HasSubstr("Auto-Submitted: auto-generated\n"));
    EXPECT_THAT(taken[0].head, HasSubstr("Date: Sun, 22 Nov 2026 08:15:00 +0000\n"));
    std::string shown;
    for (auto at = taken[0].head.find("=?UTF-8?B?"); at != std::string::npos;
         at = taken[0].head.find("=?UTF-8?B?", at + 1)) {
        shown += from_base64(taken[0].head.substr(at + 10, taken[0].head.find("?=", at) - at - 10));
    }
    EXPECT_EQ(shown, subject);
    for (std::size_t at = 0; at < taken[0].head.size();) {
        const auto end = taken[0].head.find('\n', at);
        EXPECT_LE(end - at, 78U) << taken[0].head;
        at = end + 1;
    }
}

TEST(Mail, SignsInAndInsistsOnEncryption) {
    MailBox box;
    MailServer server = box.server();
    server.user = "dienst";
    server.password = "geheim";
    ASSERT_TRUE(send_mail(server, {"a@example.de", "x", "y"}, kNow));
    const auto said = box.said();
    EXPECT_TRUE(std::any_of(said.begin(), said.end(), [](const std::string &line) {
        return line.starts_with("AUTH PLAIN");
    }));
    // The server knows no STARTTLS: nothing is said in the clear then.
    server.security = MailSecurity::starttls;
    (void)box.taken();
    EXPECT_FALSE(send_mail(server, {"a@example.de", "x", "y"}, kNow));
    EXPECT_TRUE(box.taken().empty());
}

TEST(Mail, GoesOverStartTlsOrTlsToWhomeverIsTrustedAndToNobodyElse) {
    const storage::testing::TemporaryDirectory directory;
    testing::make_certificate(directory.path());
    for (const MailSecurity security : {MailSecurity::starttls, MailSecurity::tls}) {
        MailBox box(directory.path(), security);
        MailServer server = box.server();
        server.security = security;
        server.user = "dienst";
        server.password = "geheim";
        server.ca_file = directory.path() + "/cert.pem";
        const auto sent = send_mail(server, {"wanda@example.de", "Prüfen", "Grüße"}, kNow);
        ASSERT_TRUE(sent) << describe(sent.error());
        const auto taken = box.taken();
        ASSERT_EQ(taken.size(), 1U);
        EXPECT_TRUE(taken[0].secure);
        EXPECT_EQ(from_base64(taken[0].body), "Grüße");
        // Nothing but the greeting was said before, the password least of all.
        const auto said = box.said();
        const auto upgrade = std::ranges::find(said, "STARTTLS");
        EXPECT_EQ(upgrade != said.end(), security == MailSecurity::starttls);
        if (upgrade != said.end()) {
            EXPECT_TRUE(std::all_of(said.begin(), upgrade, [](const std::string &line) {
                return line.starts_with("EHLO");
            }));
        }
        server.ca_file = ""; // the system does not know who signed it
        const auto refused = send_mail(server, {"wanda@example.de", "x", "y"}, kNow);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, "mail.unreachable");
        server.ca_file = directory.path() + "/cert.pem";
        server.host = "127.0.0.2"; // trusted, but it is somebody else's name
        EXPECT_FALSE(send_mail(server, {"wanda@example.de", "x", "y"}, kNow));
        EXPECT_TRUE(box.taken().empty());
        const auto all = box.said();
        EXPECT_EQ(std::ranges::count_if(
                      all, [](const std::string &line) { return line.starts_with("AUTH"); }),
                  1);
    }
}

TEST(Mail, RefusalsAndBadAddressesAreProblemsWithoutNames) {
    MailBox box;
    box.refuse(true);
    const auto refused = send_mail(box.server(), {"jemand@example.de", "x", "y"}, kNow);
    ASSERT_FALSE(refused);
    EXPECT_EQ(describe(refused.error()), "mail.refused code=550");
    MailServer nowhere = box.server();
    nowhere.port = 1;
    EXPECT_EQ(send_mail(nowhere, {"a@example.de", "x", "y"}, kNow).error().code,
              "mail.unreachable");
    for (const char *bad : {"", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\r\nRCPT TO:<x@y>", "ä@b.de",
                            "<a@b>", "a,b@c"}) {
        EXPECT_FALSE(is_mail_address(bad)) << bad;
        EXPECT_EQ(send_mail(box.server(), {bad, "x", "y"}, kNow).error().code, "mail.address");
    }
    EXPECT_TRUE(is_mail_address("vor.nach+x@amt.example.de"));
}

class ReminderTest : public storage::testing::DatabaseTest {
  protected:
    void SetUp() override {
        clock_.set(kNow);
        const std::string path = directory_.path() + "/d.xml";
        std::ofstream(path) << samples::transfer(samples::service("1", "Hundesteuer"));
        const DeliveryOptions options{.path = path};
        const auto staged = stage_delivery(db(), clock_, options);
        ASSERT_TRUE(staged) << describe(staged.error());
        ASSERT_TRUE(apply_delivery(db(), clock_, staged->id, options));
    }
    ReminderReport remind() {
        const auto report = send_reminders(
            db(), clock_,
            {.editor = [&](UserId user) -> std::optional<Editor> {
                 if (user == gone_) return std::nullopt;
                 return Editor{user, kHere};
             },
             .send = [&](const Mail &mail) { return send_mail(box_.server(), mail, clock_.now()); },
             .address = "https://auskunft.example"});
        EXPECT_TRUE(report) << describe(report.error());
        return report.value_or(ReminderReport{});
    }
    void later(int days) { clock_.set(clock_.now() + std::chrono::hours(24 * days)); }

    ManualClock clock_;
    MailBox box_;
    UserId wanda_{7}, gone_{8};
    ServiceId service_{object_id(ObjectKind::service, "L1", "1")};
    storage::testing::TemporaryDirectory directory_;
};

TEST_P(ReminderTest, TellsOnceWhatHasBecomeDueAndAgainAfterAWeek) {
    ASSERT_TRUE(wish_reminders(db(), wanda_, "wanda@example.de"));
    ASSERT_TRUE(wish_reminders(db(), gone_, "fort@example.de"));
    EXPECT_EQ(wish_reminders(db(), wanda_, "kein").error().code, "mail.address");
    EXPECT_EQ(remind().sent, 0) << "nothing is due";
    ASSERT_TRUE(report_wrong(db(), clock_, {service_, kHere, SectionKey::fee, "neue Satzung"}));
    EXPECT_EQ(remind().sent, 0) << "due in three days";
    later(kDaysForWrong);
    EXPECT_EQ(remind().sent, 1);
    const auto mails = box_.taken();
    ASSERT_EQ(mails.size(), 1U);
    EXPECT_THAT(mails[0].to, HasSubstr("wanda@example.de"));
    const std::string text = from_base64(mails[0].body);
    EXPECT_THAT(text, HasSubstr("Hundesteuer (Langenhagen): im Gespräch als falsch gemeldet"));
    EXPECT_THAT(text, HasSubstr("https://auskunft.example/editing"));
    EXPECT_THAT(text, Not(HasSubstr("neue Satzung")))
        << "what callers were told stays in the house";
    EXPECT_EQ(remind().sent, 0);
    later(1);
    EXPECT_EQ(remind().sent, 0);
    later(6);
    EXPECT_EQ(remind().sent, 1) << "still open after a week";
    ASSERT_TRUE(wish_reminders(db(), wanda_, ""));
    EXPECT_EQ(reminder_address(db(), wanda_).value_or("?"), "");
    later(8);
    EXPECT_EQ(remind().sent, 0);
}

TEST_P(ReminderTest, TriesAgainWhatTheMailServerRefused) {
    ASSERT_TRUE(wish_reminders(db(), wanda_, "wanda@example.de"));
    ASSERT_TRUE(report_wrong(db(), clock_, {service_, kHere, {}, ""}));
    later(kDaysForWrong);
    box_.refuse(true);
    EXPECT_EQ(remind().failed, 1);
    box_.refuse(false);
    EXPECT_EQ(remind().sent, 1);
}

FERNAMT_ON_EVERY_ENGINE(ReminderTest);

} // namespace
} // namespace fernamt::knowledge
