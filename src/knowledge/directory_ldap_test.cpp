// SPDX-License-Identifier: EUPL-1.2
// A town's directory service: a real OpenLDAP server with good days and bad ones, and servers that
// are none.
#include "knowledge/directory_ldap.h"
#include "knowledge/testing/slapd.h"
#include "knowledge/testing/tcp_server.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fernamt::knowledge {
namespace {

constexpr MunicipalityId kHere{32410010010};
constexpr MunicipalityId kThere{32410019019};
const Instant kMondayAtNine = to_instant({2026, 11, 23}, 9 * 3600);

std::string person(const std::string &name, const std::string &office, const std::string &number,
                   const std::string &more = "") {
    return fmt::format("dn: cn={0},{3}\nobjectClass: inetOrgPerson\ncn: {0}\nsn: {0}\nou: "
                       "{1}\ntelephoneNumber: {2}\n{4}\n",
                       name, office, number, testing::Slapd::kBase, more);
}
std::string many(int from, int to) {
    std::string ldif;
    for (int i = from; i < to; ++i)
        ldif += person(fmt::format("Person {:04}", i), "Bauamt", fmt::format("0221 471{:04}", i));
    return ldif;
}

LdapDirectory directory_of(const testing::Slapd &slapd) {
    return {.municipality = kHere,
            .server = {.url = slapd.url(),
                       .ca_file = slapd.ca_file(),
                       .bind_dn = testing::Slapd::kReader,
                       .password = testing::Slapd::kPassword},
            .base = testing::Slapd::kBase,
            .filter = "(&(objectClass=inetOrgPerson)(telephoneNumber=*))",
            .attributes = {"ou department", "displayName cn", "title", "telephoneNumber", "mail",
                           "roomNumber", "secretary", ""}};
}

class DirectoryLdap : public storage::testing::DatabaseTest {
  protected:
    void SetUp() override { clock_.set(kMondayAtNine); }
    Expected<LdapReading> read(const LdapDirectory &directory,
                               const LdapReadOptions &options = {}) {
        return read_ldap_directory(db(), clock_, directory, options);
    }
    std::string problem_of(const LdapDirectory &directory) {
        const auto done = read(directory);
        return done ? "none" : done.error().code;
    }
    std::vector<DirectoryEntry> stored() {
        return stored_directory(db(), kHere, DirectorySource::service)
            .value_or(std::vector<DirectoryEntry>{});
    }
    std::vector<FoundEntry> find(std::string_view text) {
        return find_in_directory(db(), {.municipality = kHere,
                                        .neighbours = {},
                                        .text = text,
                                        .limit = 50,
                                        .now = kMondayAtNine})
            .value_or(std::vector<FoundEntry>{});
    }
    ManualClock clock_;
};
FERNAMT_ON_EVERY_ENGINE(DirectoryLdap);

TEST_P(DirectoryLdap, PeopleAreReadOverStartTlsAndOverLdaps) {
    const std::string meike = fmt::format("cn=Meike Müßig,{}", testing::Slapd::kBase);
    testing::Slapd slapd(
        person("Meike Müßig", "Bürgerbüro", "+49 (0)221 4710-101",
               "displayName: Meike Müßig (sie)\ntitle: Ausweise\nmail: "
               "meike@stadt.example\nroomNumber: 12\nmobile: 0170 1234567\nuserPassword: x\n") +
        person("Olaf Öhler", "Bürgerbüro", "0221 4710-102", "secretary: " + meike + "\n") +
        fmt::format("dn: cn=Ohne Nummer,{}\nobjectClass: inetOrgPerson\ncn: Ohne Nummer\nsn: x\n",
                    testing::Slapd::kBase));
    LdapDirectory directory = directory_of(slapd);
    const auto reading = read(directory);
    ASSERT_TRUE(reading) << describe(reading.error());
    EXPECT_EQ(reading->read, 2) << "the filter leaves out who cannot be called";
    EXPECT_TRUE(reading->stored);
    EXPECT_EQ(reading->faults, std::vector<LdapFault>{});
    const DirectoryEntry expected{.office = "Bürgerbüro",
                                  .name = "Meike Müßig (sie)",
                                  .position = "Ausweise",
                                  .telephone = PhoneNumber{"+492214710101"},
                                  .email = "meike@stadt.example",
                                  .room = "12"};
    ASSERT_EQ(stored().size(), 2U);
    EXPECT_EQ(stored()[0], expected);
    EXPECT_EQ(stored()[1].substitute, "Meike Müßig (sie)") << "by the name of her entry";
    directory.server.url = slapd.tls_url();
    const auto again = read(directory);
    ASSERT_TRUE(again) << describe(again.error());
    EXPECT_FALSE(again->stored) << "nothing is new";
    EXPECT_EQ(last_ldap_visit(db(), kHere).value(), (LdapVisit{kMondayAtNine, "same"}));
    EXPECT_EQ(last_ldap_visit(db(), kThere).value(), std::nullopt);
}

TEST_P(DirectoryLdap, StandsBesideTheListThatKnowsBetterAndHasTheHours) {
    testing::Slapd slapd(person("Meike Müßig", "Bürgerbüro", "0221 4710-101") +
                         person("Olaf Öhler", "Bürgerbüro", "0221 4710-100"));
    ASSERT_TRUE(store_directory(
        db(), kHere,
        parse_directory("Amt;Name;Telefon;Zeiten\nBürgerbüro;;0221 4710-100;Mo-Fr 8-12 Uhr\n"
                        "Bürgerbüro;Meike Müßig;0221 4710-999;\n")
            .entries));
    ASSERT_TRUE(read(directory_of(slapd)));
    const auto meike = find("meike");
    ASSERT_EQ(meike.size(), 1U);
    EXPECT_EQ(meike[0].entry.telephone, PhoneNumber{"+492214710999"});
    const auto olaf = find("olaf");
    ASSERT_EQ(olaf.size(), 1U) << "although he shares the office's number";
    EXPECT_EQ(olaf[0].now.reach, Reach::open) << "by the hours of his office in the list";
    // Each source replaces its own only.
    ASSERT_TRUE(store_directory(db(), kHere, {}));
    EXPECT_EQ(find("").size(), 2U);
    EXPECT_EQ(find("meike")[0].entry.telephone, PhoneNumber{"+492214710101"});
}

TEST_P(DirectoryLdap, TurnsPagesAndKeepsTheMost) {
    testing::Slapd slapd(many(0, 1'203)); // the server gives ten without pages
    const auto reading = read(directory_of(slapd));
    ASSERT_TRUE(reading) << describe(reading.error());
    EXPECT_EQ(reading->taken, 1'203);
    EXPECT_EQ(stored().size(), 1'203U);
    const auto few = ask_ldap(directory_of(slapd).server, {.base = testing::Slapd::kBase,
                                                           .filter = "(cn=Person*)",
                                                           .attributes = {"cn"},
                                                           .most_entries = 700});
    ASSERT_FALSE(few);
    EXPECT_EQ(few.error().code, "directory.ldap_limit") << "a part would look like all";
}

TEST_P(DirectoryLdap, WrongValuesCostThemselvesAndAreReported) {
    const std::string base = testing::Slapd::kBase;
    testing::Slapd slapd(
        person("A", "Amt", "keine Nummer") +
        person("B", "Amt", "Zentrale", "telephoneNumber: 0221 4710-5\nmail: kein\n") +
        person("C", "Amt", "0221 4710-6", "secretary: cn=Niemand,dc=fort\n") +
        person("D", "Amt", "0221 4710-7", "title:: QQBC\n") + // "A", NUL, "B"
        person("E", "Amt", "0221 4710-8", "roomNumber: " + std::string(900, 'x') + "\n") +
        fmt::format("dn: cn=F,{}\nobjectClass: inetOrgPerson\ncn: F\nsn: F\ntelephoneNumber: 0221 "
                    "4710-9\n\n",
                    base));
    const auto reading = read(directory_of(slapd));
    ASSERT_TRUE(reading) << describe(reading.error());
    EXPECT_EQ(reading->read, 6);
    EXPECT_EQ(reading->taken, 5) << "F names no office";
    std::vector<std::pair<std::string, DirectoryField>> faults;
    for (const LdapFault &fault : reading->faults)
        faults.emplace_back(fault.entry.substr(0, 4), fault.field);
    using F = DirectoryField;
    EXPECT_EQ(reading->wrong, 6);
    for (const auto &[entry, field] :
         std::vector<std::pair<std::string, F>>{{"cn=A", F::telephone},
                                                {"cn=B", F::email},
                                                {"cn=C", F::substitute},
                                                {"cn=D", F::position},
                                                {"cn=E", F::room},
                                                {"cn=F", F::office}})
        EXPECT_NE(std::ranges::find(faults, std::pair(entry, field)), faults.end()) << entry;
    EXPECT_EQ(stored().at(1).telephone, PhoneNumber{"+4922147105"}) << "the one that is a number";
}

TEST_P(DirectoryLdap, TooManyThatVanishStayUntilSomebodySaysSo) {
    testing::Slapd slapd(many(0, 60));
    ASSERT_TRUE(read(directory_of(slapd)));
    slapd.hold(many(6, 60));
    const auto some = read(directory_of(slapd));
    ASSERT_TRUE(some) << "a tenth may leave";
    EXPECT_EQ(some->vanishing, 6);
    EXPECT_EQ(stored().size(), 54U);
    for (const std::string &ldif : {many(30, 60), std::string()}) {
        slapd.hold(ldif);
        EXPECT_EQ(problem_of(directory_of(slapd)), "directory.mass_deletion");
        EXPECT_EQ(stored().size(), 54U);
    }
    EXPECT_EQ(last_ldap_visit(db(), kHere).value()->outcome, "directory.mass_deletion");
    const auto looked = read(directory_of(slapd), {.dry_run = true});
    ASSERT_TRUE(looked);
    EXPECT_TRUE(looked->too_many_vanish);
    EXPECT_EQ(stored().size(), 54U);
    ASSERT_TRUE(read(directory_of(slapd), {.allow_mass_deletion = true}));
    EXPECT_TRUE(stored().empty());
}

TEST_P(DirectoryLdap, AFewMayAlwaysLeaveButNotAll) {
    testing::Slapd slapd(many(0, 4));
    ASSERT_TRUE(read(directory_of(slapd)));
    slapd.hold(many(3, 4));
    ASSERT_TRUE(read(directory_of(slapd)));
    EXPECT_EQ(stored().size(), 1U);
    slapd.hold("");
    EXPECT_EQ(problem_of(directory_of(slapd)), "directory.mass_deletion");
}

TEST_P(DirectoryLdap, BadDaysLeaveEverybodyWhereTheyAre) {
    testing::Slapd slapd(many(0, 3));
    const LdapDirectory good = directory_of(slapd);
    ASSERT_TRUE(read(good));
    LdapDirectory bad = good;
    bad.server.password = "falsch";
    EXPECT_EQ(problem_of(bad), "directory.ldap_refused");
    bad.server.password = "";
    EXPECT_EQ(problem_of(bad), "directory.ldap_password") << "would be nobody's sign-in";
    bad = good;
    bad.server.bind_dn = "";
    EXPECT_NE(problem_of(bad), "none") << "this server shows strangers nothing";
    bad = good;
    bad.server.ca_file = "";
    EXPECT_EQ(problem_of(bad), "directory.ldap_unreachable") << "nobody vouches for it";
    bad.server.url = slapd.tls_url();
    EXPECT_EQ(problem_of(bad), "directory.ldap_unreachable");
    bad = good;
    bad.base = "dc=anderswo";
    EXPECT_EQ(problem_of(bad), "directory.ldap_failed");
    bad = good;
    bad.filter = "((";
    EXPECT_EQ(problem_of(bad), "directory.ldap_failed");
    for (const char *url :
         {"", "http://x", "ldap://", "ldapi:///", "ldap://a b", "ldap://h/dc=x"}) {
        bad.server.url = url;
        EXPECT_EQ(problem_of(bad), "directory.ldap_address") << url;
    }
    slapd.stop();
    EXPECT_EQ(problem_of(good), "directory.ldap_unreachable");
    EXPECT_EQ(last_ldap_visit(db(), kHere).value()->outcome, "directory.ldap_unreachable");
    EXPECT_EQ(stored().size(), 3U);
}

TEST_P(DirectoryLdap, AServerThatIsSilentOrTalksNonsenseIsLeft) {
    using testing::TcpServer;
    // Accepts StartTLS (RFC 4511, 4.14.2) and says nothing afterwards.
    const std::string agreed("\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00", 14);
    TcpServer silent([](TcpServer::Peer &peer) { peer.be_silent(); });
    TcpServer halfway([&](TcpServer::Peer &peer) {
        peer.write(agreed);
        peer.be_silent();
    });
    TcpServer nonsense([](TcpServer::Peer &peer) { peer.write(std::string(5'000, '\xff')); });
    TcpServer huge([](TcpServer::Peer &peer) { // a message of two gigabytes is announced
        peer.write("\x30\x84\x7f\xff\xff\xff");
        while (peer.write(std::string(65'536, 'x'))) {
        }
    });
    TcpServer hangs_up([](TcpServer::Peer &) {});
    for (const TcpServer *server : {&silent, &halfway, &nonsense, &huge, &hangs_up}) {
        for (const char *scheme : {"ldap", "ldaps"}) {
            for (const bool starttls : {true, false}) {
                const LdapDirectory directory{
                    .municipality = kHere,
                    .server = {.url = fmt::format("{}://127.0.0.1:{}", scheme, server->port()),
                               .starttls = starttls,
                               .bind_dn = testing::Slapd::kReader,
                               .password = "x",
                               .longest = 300ms},
                    .base = "dc=x",
                    .filter = "(cn=*)",
                    .attributes = {"ou", "cn", "", "telephoneNumber", "", "", "", ""}};
                EXPECT_EQ(problem_of(directory), "directory.ldap_unreachable")
                    << scheme << starttls << server->port();
            }
        }
    }
}

TEST_P(DirectoryLdap, AStoppingServiceDoesNotWaitForIt) {
    testing::TcpServer silent([](testing::TcpServer::Peer &peer) { peer.be_silent(); });
    const auto done =
        ask_ldap({.url = fmt::format("ldap://127.0.0.1:{}", silent.port()),
                  .starttls = false,
                  .longest = std::chrono::hours(1)},
                 {.base = "dc=x", .filter = "(cn=*)", .attributes = {"cn"}}, [] { return true; });
    ASSERT_FALSE(done);
    EXPECT_EQ(describe(done.error()), "directory.ldap_unreachable what=stopped");
}

TEST(SameDn, KnowsNamesInEveryWriting) {
    EXPECT_EQ(same_dn("CN=Meike, DC=stadt,dc=example"), same_dn("cn=meike,dc=stadt,dc=example"));
    EXPECT_NE(same_dn("cn=a,dc=x"), same_dn("cn=b,dc=x"));
    EXPECT_EQ(same_dn("Meike Müßig"), "");
}

} // namespace
} // namespace fernamt::knowledge
