// SPDX-License-Identifier: EUPL-1.2
// The command and the service's own readings against a real directory service, with the attributes
// that are configured when nobody says otherwise.
#include "app/exit_codes.h"
#include "app/knowledge_directory_command.h"
#include "app/outside_work.h"
#include "knowledge/testing/slapd.h"
#include "storage/test_database.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <fstream>

namespace fernamt::app {
namespace {

using knowledge::testing::Slapd;
constexpr MunicipalityId kTown{32410010010};
const std::string kPeople =
    "dn: cn=Meike Muster,dc=stadt,dc=example\nobjectClass: inetOrgPerson\ncn: Meike Muster\nsn: "
    "Muster\nou: Bauamt\ntelephoneNumber: 0511 7307-101\ntitle: Bauaufsicht\nmail: kein\n\n";

class DirectoryCommand : public ::testing::Test {
  protected:
    DirectoryCommand() {
        config_.database_url = database_.url();
        config_.directories = {{.municipality = to_ars(kTown),
                                .url = slapd_.url(),
                                .ca_file = slapd_.ca_file(),
                                .bind_dn = Slapd::kReader,
                                .password_file = slapd_.path() + "/password",
                                .base = Slapd::kBase}};
        std::ofstream(slapd_.path() + "/password") << Slapd::kPassword << "\n";
        (void)database_.open(); // makes its tables
        database_.close();
    }
    boost::json::value said(const KnowledgeDirectoryOptions &options, int expected) {
        ::testing::internal::CaptureStdout();
        EXPECT_EQ(read_directories(config_, options), expected);
        const std::string text = ::testing::internal::GetCapturedStdout();
        return options.json ? boost::json::parse(text).at(0) : boost::json::value(text);
    }
    std::vector<knowledge::DirectoryEntry> stored() {
        return knowledge::stored_directory(database_.open(), kTown,
                                           knowledge::DirectorySource::service)
            .value_or(std::vector<knowledge::DirectoryEntry>{});
    }
    storage::testing::TestDatabase database_{storage::Engine::sqlite};
    Slapd slapd_{kPeople};
    Config config_;
};

TEST_F(DirectoryCommand, ReportsThenReads) {
    const auto looked = said({.dry_run = true, .json = true}, kOk);
    EXPECT_EQ(looked.at("taken"), 1);
    EXPECT_EQ(looked.at("stored"), false);
    EXPECT_EQ(looked.at("faults").at(0).at("field"), "email");
    EXPECT_TRUE(stored().empty());
    database_.close();
    EXPECT_EQ(said({.json = true}, kOk).at("stored"), true);
    ASSERT_EQ(stored().size(), 1U);
    EXPECT_EQ(stored()[0].position, "Bauaufsicht");
    EXPECT_EQ(stored()[0].telephone, PhoneNumber{"+495117307101"});
    database_.close();
    slapd_.hold("");
    const auto kept = said({.json = true}, kFound);
    EXPECT_NE(kept.at("problem").as_string().find("directory.mass_deletion"), std::string::npos);
    EXPECT_EQ(said({.ars = to_ars(kTown), .allow_mass_deletion = true, .json = true}, kOk)
                  .at("vanishing"),
              1);
    EXPECT_NE(said({}, kOk).as_string().find("0 entries"), std::string::npos);
    said({.ars = "032410019019"}, kUsage);
    config_.directories[0].password_file += ".fehlt";
    EXPECT_NE(said({.json = true}, kFound).at("problem").as_string().find("secret_unreadable"),
              std::string::npos);
}

TEST_F(DirectoryCommand, TheRunningServiceReadsByItselfAndAgainWhenItIsTime) {
    ManualClock clock;
    clock.set(to_instant({2026, 11, 23}, 9 * 3600));
    storage::Database &database = database_.open();
    const auto run_until = [&](Instant ended) {
        OutsideWork work(database, clock, config_);
        for (int i = 0; i < 3'000; ++i) {
            const auto visit = knowledge::last_ldap_visit(database, kTown);
            if (visit && *visit && (*visit)->ended_at == ended) return (*visit)->outcome;
            std::this_thread::sleep_for(10ms);
        }
        return std::string("never");
    };
    EXPECT_EQ(run_until(clock.now()), "stored");
    EXPECT_EQ(stored().size(), 1U);
    slapd_.stop();
    clock.set(clock.now() + std::chrono::hours(24));
    EXPECT_EQ(run_until(clock.now()), "directory.ldap_unreachable");
    EXPECT_EQ(stored().size(), 1U);
    slapd_.hold(kPeople);
    clock.set(clock.now() + std::chrono::hours(1));
    EXPECT_EQ(run_until(clock.now()), "same") << "after an hour, not after a day";
}

} // namespace
} // namespace fernamt::app
