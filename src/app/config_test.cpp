// SPDX-License-Identifier: EUPL-1.2
#include "app/config.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <vector>

namespace fernamt::app {
namespace {

std::string argument(const Problem &problem, std::string_view name) {
    for (const auto &[key, value] : problem.arguments) {
        if (key == name) return value;
    }
    return "";
}

TEST(Config, DefaultsAreSafe) {
    const auto config = load_config("", {});
    ASSERT_TRUE(config);
    EXPECT_EQ(config->web_address, "127.0.0.1");
    EXPECT_EQ(config->web_port, 8115);
    EXPECT_FALSE(config->sip_transfer_deny.empty());
}

TEST(Config, ReadsSectionsAndTrunks) {
    const auto config = parse_config(R"([web]
port = 9000
[[sip.trunk]]
name = "provider"
uri = "sip:192.0.2.1"
registers = true
sources = ["192.0.2.1"]
)",
                                     "test.toml");
    ASSERT_TRUE(config) << describe(config.error());
    EXPECT_EQ(config->web_port, 9000);
    ASSERT_EQ(config->sip_trunks.size(), 1U);
    EXPECT_TRUE(config->sip_trunks[0].registers);
}

TEST(Config, ReadsWebsitesAndRefusesWhatIsNone) {
    const std::string site = "[[website.site]]\nmunicipality = \"032410010010\"\n";
    const auto config =
        parse_config(site + "start = \"https://stadt.example/\"\nmost_pages = 20\n", "f");
    ASSERT_TRUE(config) << describe(config.error());
    ASSERT_EQ(config->website_sites.size(), 1U);
    EXPECT_EQ(config->website_sites[0].most_pages, 20);
    EXPECT_NE(to_toml(*config).find("start = \"https://stadt.example/\""), std::string::npos);
    for (const std::string &bad :
         {site, site + "start = \"stadt.example\"\n", site + "start = \"https://x/\"\ndepth = 3\n",
          std::string("[[website.site]]\nmunicipality = \"3241\"\nstart = \"https://x/\"\n"),
          std::string("[mail]\nsecurity = \"ssl\"\n"), std::string("[mail]\nhost = \"x\"\n"),
          std::string("[public]\naddress = \"auskunft.example\"\n")}) {
        EXPECT_FALSE(parse_config(bad, "f")) << bad;
    }
}

TEST(Config, NamesTheHostsThatMayStandInTheOwnNetwork) {
    const auto config =
        parse_config("[website]\nprivate_hosts = [\"intranet.example\", \"10.0.0.5\"]\n", "f");
    ASSERT_TRUE(config) << describe(config.error());
    EXPECT_EQ(config->website_private_hosts,
              (std::vector<std::string>{"intranet.example", "10.0.0.5"}));
    const auto network = parse_config("[website]\nprivate_hosts = [\"10.0.0.0/8\"]\n", "f");
    ASSERT_FALSE(network);
    EXPECT_EQ(network.error().code, "config.wrong_value");
    // The switch of before, which opened everything.
    const auto former = parse_config("[website]\nallow_private = true\n", "f");
    const auto around = load_config("", {{"FERNAMT_WEBSITE_ALLOW_PRIVATE", "true"}});
    for (const auto *refused : {&former, &around}) {
        ASSERT_FALSE(*refused);
        EXPECT_EQ(refused->error().code, "config.unknown_key");
        EXPECT_NE(argument(refused->error(), "remedy").find("website.private_hosts"),
                  std::string::npos);
    }
}

TEST(Config, ReadsDirectoryServicesAndRefusesWhatIsNone) {
    const std::string head = "[directory]\nread_hours = 6\n[[directory.ldap]]\n"
                             "municipality = \"032410010010\"\n";
    const std::string one = head + "url = \"ldaps://ldap.stadt.example\"\nbase = \"dc=stadt\"\n";
    const auto config = parse_config(one + "telephone = \"ipPhone telephoneNumber\"\n", "f");
    ASSERT_TRUE(config) << describe(config.error());
    EXPECT_EQ(config->directory_read_hours, 6);
    ASSERT_EQ(config->directories.size(), 1U);
    EXPECT_EQ(config->directories[0].telephone, "ipPhone telephoneNumber");
    EXPECT_EQ(config->directories[0].name, "displayName cn");
    const auto again = parse_config(to_toml(*config), "shown");
    ASSERT_TRUE(again) << describe(again.error());
    EXPECT_EQ(to_toml(*again), to_toml(*config));
    for (const std::string &bad :
         {head, head + "url = \"https://x\"\nbase = \"dc=x\"\n", head + "url = \"ldap://x\"\n",
          one + "security = \"starttls\"\n", one + "bind_dn = \"cn=x\"\n",
          one + "password_file = \"x\"\n", one + "filter = \"\"\n", one + "office = \"\"\n",
          one + "mobile = \"mobile\"\n", one + "most_vanishing_percent = 101\n",
          one + "[[directory.ldap]]\nmunicipality = \"032410010010\"\nurl = \"ldap://y\"\n"
                "base = \"dc=y\"\n"}) {
        EXPECT_FALSE(parse_config(bad, "f")) << bad;
    }
}

TEST(Config, UnknownKeyNamesLineAndSuggestion) {
    const auto config = parse_config("[web]\naddress = \"::1\"\nprot = 8115\n", "fernamt.toml");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, "config.unknown_key");
    EXPECT_EQ(argument(config.error(), "line"), "3");
    EXPECT_EQ(argument(config.error(), "key"), "web.prot");
    EXPECT_EQ(argument(config.error(), "remedy"), "did you mean web.port?");
}

TEST(Config, UnknownSectionAndTrunkKeyAreRefused) {
    EXPECT_EQ(parse_config("[wbe]\nport = 1\n", "f").error().code, "config.unknown_key");
    EXPECT_EQ(parse_config("port = 1\n", "f").error().code, "config.unknown_key");
    EXPECT_EQ(
        parse_config("[[sip.trunk]]\nname=\"a\"\nuri=\"sip:b\"\nsecret=\"c\"\n", "f").error().code,
        "config.unknown_key");
}

TEST(Config, ATrunksSourcesAreAddressesOrNetworks) { // one that matches nothing would refuse calls
    const auto wrong = parse_config(
        "[[sip.trunk]]\nname=\"a\"\nuri=\"sip:b\"\nsources=[\"10.0.0.0/8\", \"b.example\"]\n", "f");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, "config.wrong_value");
    EXPECT_EQ(argument(wrong.error(), "line"), "4");
}

TEST(Config, ReadsWhoseNumbersATrunkHasAndRefusesWhatIsNone) {
    const std::string trunk = "[[sip.trunk]]\nname=\"a\"\nuri=\"sip:b\"\n";
    const auto config = parse_config(
        trunk + "partner_number=\"+495111234\"\nnumbers=[\"+495117307\", \"+49511555\"]\n", "f");
    ASSERT_TRUE(config) << describe(config.error());
    EXPECT_EQ(config->sip_trunks[0].numbers, (std::vector<std::string>{"+495117307", "+49511555"}));
    const auto again = parse_config(to_toml(*config), "shown");
    ASSERT_TRUE(again) << describe(again.error());
    EXPECT_EQ(to_toml(*again), to_toml(*config));
    for (const char *bad : {"numbers=[\"0511 7307\"]\n", "numbers=[\"+\"]\n", "numbers=[\"\"]\n",
                            "numbers=\"+495117307\"\n", "partner_number=\"the partner\"\n"}) {
        const auto refused = parse_config(trunk + bad, "f");
        ASSERT_FALSE(refused) << bad;
        EXPECT_EQ(argument(refused.error(), "line"), "4") << bad;
    }
}

TEST(Config, ReadsPhonesWithANumberAndRefusesWhatIsNone) {
    const std::string one = "[[sip.phone]]\nnumber=\"0511 7307-0\"\nuser=\"office8\"\n";
    const auto config = parse_config(one, "f");
    ASSERT_TRUE(config) << describe(config.error());
    ASSERT_EQ(config->sip_phones.size(), 1U);
    EXPECT_EQ(config->sip_phones[0].user, "office8");
    EXPECT_EQ(to_toml(*parse_config(to_toml(*config), "shown")), to_toml(*config));
    for (const std::string &bad :
         {std::string("[[sip.phone]]\nnumber=\"+495111\"\n"),
          std::string("[[sip.phone]]\nuser=\"office8\"\n"),
          std::string("[[sip.phone]]\nnumber=\"town\"\nuser=\"office8\"\n"),
          std::string("[[sip.phone]]\nnumber=\"+495111\"\nuser=\"sip:office8@x\"\n"),
          one + "password=\"x\"\n",
          one + "[[sip.phone]]\nnumber=\"+4951173070\"\nuser=\"office9\"\n"}) {
        EXPECT_FALSE(parse_config(bad, "f")) << bad;
    }
}

TEST(Config, WrongTypesAndSyntaxNameTheLine) {
    const auto type = parse_config("[web]\nport = \"8115\"\n", "f");
    EXPECT_EQ(type.error().code, "config.wrong_type");
    EXPECT_EQ(argument(type.error(), "line"), "2");
    const auto syntax = parse_config("[web]\nport = = 1\n", "f");
    EXPECT_EQ(syntax.error().code, "config.syntax");
    EXPECT_EQ(argument(syntax.error(), "line"), "2");
}

TEST(Config, EnvironmentWinsOverFile) {
    const auto config =
        load_config("", {{"FERNAMT_WEB_PORT", "9001"},
                         {"FERNAMT_SIP_LISTEN", "sip:[::1]:0;transport=udp sip:a"}});
    ASSERT_TRUE(config);
    EXPECT_EQ(config->web_port, 9001);
    EXPECT_EQ(config->sip_listen, (std::vector<std::string>{"sip:[::1]:0;transport=udp", "sip:a"}));
    EXPECT_FALSE(load_config("", {{"FERNAMT_WEB_PORT", "many"}}));
}

TEST(Config, WhatIsShownIsReadBackTheSame) {
    auto config = parse_config("[[sip.trunk]]\nname=\"p\"\nuri=\"sip:x\"\n", "f");
    ASSERT_TRUE(config);
    const auto again = parse_config(to_toml(*config), "shown");
    ASSERT_TRUE(again) << describe(again.error());
    EXPECT_EQ(to_toml(*again), to_toml(*config));
}

TEST(Config, WrongMediaAddressNamesItsLine) {
    for (const char *bad : {"127.0.0.1", "host:", ":2223", "host:0", "host:70000", "host:12a",
                            "::1:2223", "ho st:2223"}) {
        const auto config =
            parse_config(std::string("[media]\n\nrtpengine = \"") + bad + "\"\n", "f");
        ASSERT_FALSE(config) << bad;
        EXPECT_EQ(config.error().code, "config.wrong_value");
        EXPECT_EQ(argument(config.error(), "line"), "3");
        EXPECT_EQ(argument(config.error(), "key"), "media.rtpengine");
        EXPECT_NE(argument(config.error(), "remedy").find("host:port"), std::string::npos);
    }
    EXPECT_TRUE(parse_config("[media]\nrtpengine = \"media.example:2223\"\n", "f"));
    EXPECT_EQ(parse_host_port("[::1]:2223")->host, "::1");
    EXPECT_FALSE(load_config("", {{"FERNAMT_MEDIA_RTPENGINE", "nowhere"}}));
}

TEST(Config, ASchemaThatCannotBeReadIsRefusedWithItsLine) {
    const storage::testing::TemporaryDirectory directory;
    const std::string path = directory.path() + "/xzufi.xsd";
    const std::string text = "[knowledge]\n\nschema_file = \"" + path + "\"\n";
    const auto missing = parse_config(text, "f");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, "config.wrong_value");
    EXPECT_EQ(argument(missing.error(), "line"), "3");
    EXPECT_EQ(argument(missing.error(), "key"), "knowledge.schema_file");

    const std::string begin = "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">\n";
    std::ofstream(path) << begin << "<xs:element name=\"a\" type=\"b\"/></xs:schema>";
    const auto broken = parse_config(text, "f");
    ASSERT_FALSE(broken);
    EXPECT_NE(argument(broken.error(), "remedy").find("xzufi.xsd, line 2"), std::string::npos)
        << describe(broken.error());
    EXPECT_FALSE(load_config("", {{"FERNAMT_KNOWLEDGE_SCHEMA_FILE", path}}));

    std::ofstream(path) << begin << "<xs:element name=\"a\"/></xs:schema>";
    const auto good = parse_config(text, "f");
    ASSERT_TRUE(good) << describe(good.error());
    EXPECT_EQ(good->knowledge_schema_file, path);
}

TEST(Config, ProxiesAreAddressesOrNetworks) {
    const auto config = parse_config(
        "[web]\ntrusted_proxies = [\"192.0.2.1\", \"10.0.0.0/8\"]\nbehind_tls = true\n", "f");
    ASSERT_TRUE(config) << describe(config.error());
    EXPECT_EQ(config->web_trusted_proxies.size(), 2U);
    EXPECT_TRUE(config->web_behind_tls);
    EXPECT_NE(to_toml(*config).find("behind_tls = true"), std::string::npos);
    const auto wrong = parse_config("[web]\ntrusted_proxies = [\"proxy.example\"]\n", "f");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(argument(wrong.error(), "line"), "2");
    EXPECT_EQ(parse_config("[web]\nbehind_tls = 1\n", "f").error().code, "config.wrong_type");
    EXPECT_TRUE(load_config("", {{"FERNAMT_WEB_BEHIND_TLS", "true"}})->web_behind_tls);
    EXPECT_EQ(load_config("", {{"FERNAMT_SIP_PUBLIC_HOST", "sip.example.org"}})->sip_public_host,
              "sip.example.org");
    EXPECT_FALSE(load_config("", {{"FERNAMT_SIP_CALLS_PER_SECOND", "-1"}}));
    EXPECT_FALSE(load_config("", {})->sip_phone_sha256); // or baresip 1.0 could not register
    EXPECT_FALSE(load_config("", {{"FERNAMT_WEB_BEHIND_TLS", "yes"}}));
}

// "line key" of each mistake in the text, in the order in which they are told.
std::vector<std::string> mistakes_in(const std::string &text,
                                     const std::map<std::string, std::string> &environment = {}) {
    const storage::testing::TemporaryDirectory directory;
    const std::string file = directory.path() + "/fernamt.toml";
    std::ofstream(file) << text;
    std::vector<std::string> told;
    for (const Problem &mistake : check_config(file, environment).mistakes) {
        EXPECT_FALSE(argument(mistake, "remedy").empty()) << describe(mistake);
        told.push_back(argument(mistake, "line") + " " + argument(mistake, "key"));
    }
    return told;
}
using Told = std::vector<std::string>;

TEST(Config, EveryMistakeIsToldInTheOrderOfTheFile) {
    EXPECT_EQ(mistakes_in(R"([web]
foo = 1
bar = 2
port = "many"
[sip]
listen = ["foo"]
transfer_trunk = "nope"
[[sip.trunk]]
uri = "sbc.carrier.example"
name = "carrier"
numbers = ["0511"]
[database]
url = "mysql://x"
[log]
level = "loud"
[[directory.ldap]]
municipality = "3241"
url = "https://x"
base = 5
)",
                          {{"FERNAMT_MAIL_PORT", "x"}}),
              (Told{"2 web.foo", "3 web.bar", "4 web.port", "6 sip.listen", "7 sip.transfer_trunk",
                    "9 sip.trunk.uri", "11 sip.trunk.numbers", "13 database.url", "15 log.level",
                    "17 directory.ldap.municipality", "18 directory.ldap.url",
                    "19 directory.ldap.base", " mail.port"}));
    EXPECT_EQ(load_config("", {{"FERNAMT_LOG_LEVEL", "loud"}}).error().code, "config.wrong_value");
    EXPECT_EQ(mistakes_in("[web]\nfoo = 1\n[x = 2\n"), Told{"3 "}); // nothing of it was read
}

TEST(Config, WhatNoSingleKeyCanKnowStandsInALineAllTheSame) {
    EXPECT_EQ(mistakes_in("[web]\n\nkey_file = \"k\"\n"), Told{"3 web.key_file"});
    EXPECT_EQ(mistakes_in("[web]\n\ncertificate_file = \"c\"\n"), Told{"3 web.certificate_file"});
    EXPECT_EQ(mistakes_in("[web]\nkey_file = \"k\"\ncertificate_file = 5\n"),
              Told{"3 web.certificate_file"}); // once
    EXPECT_EQ(mistakes_in("[media]\n\nport_min = 80\n"), Told{"3 media.port_min"});
    EXPECT_EQ(mistakes_in("[media]\n\nport_max = 2000\n"), Told{"3 media.port_max"});
    EXPECT_EQ(mistakes_in("[media]\ninformation_first_seconds = 0\n\n"
                          "information_every_seconds = 1\n"),
              (Told{"2 media.information_first_seconds", "4 media.information_every_seconds"}));
    EXPECT_EQ(mistakes_in("[mail]\nhost = \"mail.example\"\n"), Told{"2 mail.host"});
    EXPECT_EQ(mistakes_in("[sip]\nlisten = []\n"), Told{"2 sip.listen"});
    EXPECT_EQ(mistakes_in("[sip]\nlisten = [\"sips:192.0.2.1:5061\"]\n"), Told{"2 sip.listen"});
    EXPECT_EQ(mistakes_in("[web]\n", {{"FERNAMT_WEB_KEY_FILE", "k"}}), Told{" web.key_file"});
    const storage::testing::TemporaryDirectory directory;
    const std::string tls = "[sip]\nlisten = [\"sips:192.0.2.1\"]\n\ncertificate_directory = \"" +
                            directory.path() + "\"\n";
    EXPECT_EQ(mistakes_in(tls), Told{"4 sip.certificate_directory"});
    std::ofstream(directory.path() + "/agent.pem") << "certificate and key";
    EXPECT_EQ(mistakes_in(tls), Told{});
}

TEST(Config, AddressesOfSipTheDatabaseAndPrefixesAreLookedAt) {
    for (const char *good :
         {"sip:0.0.0.0:5115;transport=udp", "sip:[::1]:5060;transport=tcp", "sip:192.0.2.1",
          "sip:192.0.2.1:0", "sip:[::1]", "sip:phones.example:5060", "sip:*:5060"}) {
        EXPECT_EQ(mistakes_in(std::string("[sip]\nlisten = [\"") + good + "\"]\n"), Told{}) << good;
    }
    for (const char *bad :
         {"foo", "", "sip:", "192.0.2.1:5060", "sip:192.0.2.1:70000", "sip:192.0.2.1:x",
          "sip:192.0.2.1;transport=sctp", "sip:::1:5060", "sips:192.0.2.1:5061;transport=udp"}) {
        EXPECT_EQ(mistakes_in(std::string("[sip]\ncertificate_directory = \"d\"\nlisten = [\"") +
                              bad + "\"]\n"),
                  Told{"3 sip.listen"})
            << bad;
    }
    const auto second = parse_config("[sip]\nlisten = [\"sip:192.0.2.1\", \"foo\"]\n", "f");
    ASSERT_FALSE(second);
    EXPECT_TRUE(argument(second.error(), "remedy").starts_with("entry 2: "));
    for (const char *good : {"", "sqlite:///a.db", "postgresql://u@h:5432/n", "sqlite::memory:"}) {
        EXPECT_EQ(mistakes_in(std::string("[database]\nurl = \"") + good + "\"\n"), Told{}) << good;
    }
    const auto database = parse_config("[database]\nurl = \"mysql://u:secret@h\"\n", "f");
    ASSERT_FALSE(database);
    EXPECT_EQ(describe(database.error()).find("secret"), std::string::npos);
    // A prefix that no number begins with would forbid nothing.
    EXPECT_EQ(mistakes_in("[sip]\ntransfer_allow = [\"+\"]\ntransfer_deny = [\"0900\"]\n"),
              Told{"3 sip.transfer_deny"});
    EXPECT_EQ(mistakes_in("[sip]\ntransfer_trunk = \"b\"\n[[sip.trunk]]\nname = \"a\"\n"
                          "uri = \"sip:x\"\n[[sip.trunk]]\nname = \"b\"\nuri = \"sip:y\"\n"),
              Told{});
}

TEST(Config, TlsNeedsBothFiles) {
    EXPECT_EQ(parse_config("[web]\nkey_file = \"k\"\n", "f").error().code, "config.wrong_value");
}

} // namespace
} // namespace fernamt::app
