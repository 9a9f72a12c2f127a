// SPDX-License-Identifier: EUPL-1.2
#include "people/audit.h"
#include "people/directory.h"
#include "people/municipalities.h"
#include "people/passwords.h"
#include "people/sessions.h"
#include "people/users.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

namespace fernamt::people {
namespace {

constexpr UserId kRoot{99};

TEST(Login, HasOneForm) {
    EXPECT_EQ(normalise_login(" Anke.Müller "), "anke.müller");
    EXPECT_EQ(normalise_login("ANKE.MU\u0308LLER"), "anke.müller"); // decomposed, as macOS types it
    EXPECT_EQ(normalise_login("GROẞ"), "groß");
    EXPECT_EQ(normalise_login("a+b@amt-1.example_x"), "a+b@amt-1.example_x");
    for (const std::string_view bad : {"", "a", "anna b", "anna;", "\xff\xfe", "анна",
                                       "anna\u0308a", "a\u0301b", "\u0308\u0308", "an\nna"}) {
        if (bad == std::string_view("anna\u0308a")) {
            EXPECT_EQ(normalise_login(bad), "annäa");
            continue;
        }
        EXPECT_FALSE(normalise_login(bad)) << bad;
    }
    EXPECT_TRUE(normalise_login(std::string(64, 'a')));
    EXPECT_FALSE(normalise_login(std::string(65, 'a')));
}

class UsersTest : public storage::testing::DatabaseTest {
  protected:
    UsersTest() { clock_.set(Instant{1'800'000'000'000'000}); }

    Users users() { return Users(db(), clock_); }
    User add(const std::string &login, Roles roles,
             const std::string &password = "ein langer Satz") {
        auto created = users().add({login, "Agentin " + login, roles, {}, password}, kRoot);
        EXPECT_TRUE(created) << describe(created.error());
        return created->user;
    }
    static UserChange as_is(const User &user) {
        return {user.display_name, user.roles, user.municipality, user.active, {}};
    }
    std::string code_of(const NewUser &user) {
        const auto added = users().add(user, kRoot);
        return added ? "" : added.error().code + " " + added.error().arguments.front().second;
    }
    ManualClock clock_;
};

TEST_P(UsersTest, AreAddedWithAPhone) {
    const auto created =
        users().add({"Anke", "Agentin Eins", {Role::agent}, {}, "ein langer Satz"}, kRoot);
    ASSERT_TRUE(created) << describe(created.error());
    EXPECT_EQ(created->user.login, "anke");
    EXPECT_EQ(created->user.sip_user, "agent1");
    EXPECT_EQ(created->sip.user, "agent1");
    EXPECT_EQ(created->sip.password.size(), 24U);
    const auto again = users().find(created->user.id);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->display_name, "Agentin Eins");
    EXPECT_EQ(again->roles, Roles{Role::agent});
    EXPECT_EQ(again->version, 1);
    EXPECT_EQ(again->settings, "{}");
    const User other = add("finanzen", {Role::finance});
    EXPECT_EQ(other.sip_user, "");
    EXPECT_EQ(users().all()->size(), 2U);
    EXPECT_EQ(users().find(UserId{77}).error().code, "user.not_found");
}

TEST_P(UsersTest, WrongInputNamesItsField) {
    add("anke", {Role::admin});
    const NewUser good{"bert", "Agent Zwei", {Role::agent}, {}, "ein langer Satz"};
    NewUser bad = good;
    bad.login = "b b";
    EXPECT_EQ(code_of(bad), "user.login_invalid login");
    bad = good;
    bad.login = "ANKE";
    EXPECT_EQ(code_of(bad), "user.login_taken login");
    bad = good;
    bad.display_name = "  ";
    EXPECT_EQ(code_of(bad), "user.display_name_invalid display_name");
    bad = good;
    bad.roles = {};
    EXPECT_EQ(code_of(bad), "user.roles_missing roles");
    bad = good;
    bad.password = "zu kurz";
    EXPECT_EQ(code_of(bad), "user.password_too_short password");
    bad = good;
    bad.password = std::string(1001, 'x');
    EXPECT_EQ(code_of(bad), "user.password_too_long password");
    bad = good;
    bad.login = "berta.beispiel";
    bad.password = "Berta.Beispiel";
    EXPECT_EQ(code_of(bad), "user.password_is_login password");
    bad = good;
    bad.municipality = MunicipalityId{32'410'010'010};
    EXPECT_EQ(code_of(bad), "user.municipality_unknown municipality");
    EXPECT_EQ(code_of(good), "");
}

TEST_P(UsersTest, NaughtyNamesAreStoredAsTheyAre) {
    for (const std::string name : {"Robert'); DROP TABLE account;--", "<script>alert(1)</script>",
                                   "$1 %s {} \\", "Zoë 👩‍💻", "=1+1"}) {
        const auto created = users().add(
            {"u" + std::to_string(name.size()) + "x", name, {Role::lead}, {}, "ein langer Satz"},
            kRoot);
        ASSERT_TRUE(created) << name << describe(created.error());
        EXPECT_EQ(users().find(created->user.id)->display_name, name);
    }
}

TEST_P(UsersTest, ChangeNeedsTheVersionThatWasRead) {
    add("admin", {Role::admin});
    const User anke = add("anke", {Role::agent});
    UserChange change = as_is(anke);
    change.display_name = "Agentin Neu";
    const auto changed = users().change(anke.id, 1, change, kRoot);
    ASSERT_TRUE(changed) << describe(changed.error());
    EXPECT_EQ(changed->version, 2);
    EXPECT_EQ(changed->display_name, "Agentin Neu");
    const auto stale = users().change(anke.id, 1, as_is(anke), kRoot);
    EXPECT_EQ(stale.error(), (Problem{ProblemKind::stale, "user.stale", {{"version", "2"}}}));
    EXPECT_EQ(users().find(anke.id)->display_name, "Agentin Neu");
    EXPECT_EQ(users().change(UserId{77}, 1, change, kRoot).error().code, "user.not_found");
}

TEST_P(UsersTest, TheLastAdministratorStays) {
    const User admin = add("admin", {Role::admin, Role::lead});
    UserChange change = as_is(admin);
    change.roles = {Role::lead};
    EXPECT_EQ(users().change(admin.id, 1, change, kRoot).error().code, "user.last_admin");
    change = as_is(admin);
    change.active = false;
    EXPECT_EQ(users().change(admin.id, 1, change, kRoot).error().code, "user.last_admin");
    add("zweite", {Role::admin});
    EXPECT_TRUE(users().change(admin.id, 1, change, kRoot));
}

TEST_P(UsersTest, SipPasswordsAreRenewedForWhoHasAPhoneOnly) {
    const User anke = add("anke", {Role::agent});
    const User lead = add("lead", {Role::lead});
    const auto directory = Directory::load(db());
    ASSERT_TRUE(directory);
    const auto before = (*directory)->phone_secret("agent1");
    ASSERT_TRUE(before);
    const auto renewed = users().renew_sip_password(anke.id, kRoot);
    ASSERT_TRUE(renewed);
    const auto after = (*directory)->phone_secret("agent1"); // noticed without being told
    ASSERT_TRUE(after);
    EXPECT_NE(after->ha1_md5, before->ha1_md5);
    EXPECT_EQ(after->ha1_md5, sip_hashes("agent1", renewed->password).md5);
    EXPECT_EQ(after->ha1_sha256, sip_hashes("agent1", renewed->password).sha256);
    EXPECT_EQ(users().renew_sip_password(lead.id, kRoot).error().code, "user.no_phone");
    EXPECT_FALSE((*directory)->whispers(AgentId{1}));
    ASSERT_TRUE(users().keep_settings(anke.id, {}, R"({"whisper":true})"));
    EXPECT_TRUE((*directory)->whispers(AgentId{1})) << "also noticed without being told";
    ASSERT_TRUE(users().keep_settings(anke.id, {}, R"({"whisper":"perhaps"})"));
    EXPECT_FALSE((*directory)->whispers(AgentId{1}));
    UserChange promoted = as_is(lead);
    promoted.roles = {Role::lead, Role::agent};
    ASSERT_TRUE(users().change(lead.id, 1, promoted, kRoot));
    EXPECT_EQ(users().renew_sip_password(lead.id, kRoot)->user, "agent2");
    EXPECT_EQ((*directory)->sip_user(AgentId{2}), "agent2");
    UserChange gone = as_is(anke);
    gone.active = false;
    ASSERT_TRUE(users().change(anke.id, 2, gone, kRoot)) << "version after the renewal";
    EXPECT_FALSE((*directory)->phone_secret("agent1"));
    EXPECT_EQ((*directory)->sip_user(AgentId{1}), "");
}

TEST_P(UsersTest, ATownHallsOperatorHasAPhoneForItsOwnOfficeOnly) {
    constexpr MunicipalityId kLangenhagen{32'410'010'010};
    Municipality town;
    town.id = kLangenhagen;
    town.name = town.short_name = "Langenhagen";
    town.greeting = "Guten Tag!";
    ASSERT_TRUE(Municipalities(db(), clock_).add(town, kRoot));
    add("chefin", {Role::admin}); // somebody must be able to administer the centre
    const auto there = [&](const std::string &login, Roles roles) {
        User user = add(login, roles);
        UserChange moved = as_is(user);
        moved.municipality = kLangenhagen;
        return users().change(user.id, 1, moved, kRoot).value();
    };
    const User reader = there("leserin", {Role::reader});
    const User admin = there("zentrale", {Role::admin});
    EXPECT_EQ(users().renew_sip_password(reader.id, kRoot).error().code, "user.no_phone");
    const auto phone = users().renew_sip_password(admin.id, kRoot);
    ASSERT_TRUE(phone) << describe(phone.error());
    EXPECT_EQ(phone->user, "office" + std::to_string(admin.id.value));
    const auto directory = Directory::load(db());
    ASSERT_TRUE(directory);
    EXPECT_TRUE((*directory)->phone_secret(phone->user));
    EXPECT_EQ((*directory)->office_of_phone(phone->user), kLangenhagen);
    EXPECT_EQ((*directory)->sip_user(AgentId{admin.id.value}), "") << "takes no calls";
    EXPECT_FALSE((*directory)->is_agents_phone(phone->user));
    const auto desk = users().renew_sip_password(add("anke", {Role::agent}).id, kRoot);
    ASSERT_TRUE(desk);
    EXPECT_TRUE((*directory)->is_agents_phone(desk->user));
    EXPECT_FALSE((*directory)->is_agents_phone(""));
    UserChange demoted = as_is(*users().find(admin.id));
    demoted.roles = {Role::reader};
    ASSERT_TRUE(users().change(admin.id, users().find(admin.id)->version, demoted, kRoot));
    EXPECT_FALSE((*directory)->phone_secret(phone->user)) << "may not switch on the page either";
    EXPECT_FALSE((*directory)->office_of_phone(phone->user));
}

TEST_P(UsersTest, SettingsBelongToThePersonAndAreBounded) {
    const User anke = add("anke", {Role::agent});
    const auto kept = users().keep_settings(anke.id, "en", R"({"keys":{"answer":"F8"}})");
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->language, "en");
    EXPECT_EQ(kept->settings, R"({"keys":{"answer":"F8"}})");
    EXPECT_EQ(kept->version, 1); // an administrator's open form stays valid
    EXPECT_EQ(users().keep_settings(anke.id, {}, {})->language, "en");
    EXPECT_EQ(users().keep_settings(anke.id, "fr", {}).error().code, "user.language_unknown");
    EXPECT_EQ(users().keep_settings(anke.id, {}, std::string(16'385, ' ')).error().kind,
              ProblemKind::too_large);
    EXPECT_TRUE(users().keep_settings(anke.id, {}, std::string(16'384, ' ')));
}

TEST_P(UsersTest, EveryChangeIsAudited) {
    const User admin = add("admin", {Role::admin});
    const User anke = add("anke", {Role::agent});
    UserChange change = as_is(anke);
    change.roles = {Role::agent, Role::lead};
    change.password = "noch ein langer Satz";
    ASSERT_TRUE(users().change(anke.id, 1, change, admin.id));
    ASSERT_TRUE(users().renew_sip_password(anke.id, admin.id));
    const auto entries = audit_log(db(), 10);
    ASSERT_TRUE(entries);
    ASSERT_EQ(entries->size(), 4U);
    EXPECT_EQ((*entries)[0].action, "user.sip_password_renewed");
    EXPECT_EQ((*entries)[1].action, "user.changed");
    EXPECT_EQ((*entries)[1].fields, "roles,password");
    EXPECT_EQ((*entries)[1].by, admin.id);
    EXPECT_EQ((*entries)[1].subject, anke.id.value);
    EXPECT_EQ((*entries)[1].at, clock_.now());
    EXPECT_EQ((*entries)[2].action, "user.added");
    EXPECT_EQ(audit_log(db(), 1)->size(), 1U);
}

TEST_P(UsersTest, TheFirstUserComesFromTheCommandLine) {
    const auto first = add_first_user(db(), "chef", "Verwaltung", {"admin"}, "ein langer Satz");
    ASSERT_TRUE(first) << describe(first.error());
    EXPECT_TRUE(first->roles.contains(Role::admin));
    EXPECT_EQ(add_first_user(db(), "x1", "X", {"chief"}, "ein langer Satz").error().code,
              "user.role_unknown");
}

// ---- sessions

class SessionsTest : public UsersTest {
  protected:
    static std::string outcome(const Expected<SignedIn> &result) {
        return result ? "" : result.error().code;
    }
};

TEST_P(SessionsTest, SignInAndOut) {
    const User anke = add("anke", {Role::agent});
    Sessions sessions(db(), clock_);
    const auto in = sessions.sign_in("ANKE ", "ein langer Satz", "192.0.2.1");
    ASSERT_TRUE(in) << describe(in.error());
    EXPECT_EQ(in->user.id, anke.id);
    EXPECT_EQ(in->token.size(), 43U);
    EXPECT_EQ(sessions.find(in->token)->id, anke.id);
    const auto second = sessions.sign_in("anke", "ein langer Satz", "192.0.2.1");
    EXPECT_NE(second->token, in->token);
    ASSERT_TRUE(sessions.sign_out(in->token));
    EXPECT_EQ(sessions.find(in->token).error(),
              (Problem{ProblemKind::unauthenticated, "session.none", {}}));
    EXPECT_TRUE(sessions.find(second->token)); // another window
    for (const std::string &token : {std::string(), std::string(43, 'A'), std::string(1000, 'A'),
                                     second->token + "A", std::string("' OR 1=1 --")})
        EXPECT_EQ(sessions.find(token).error().code, "session.none");
}

TEST_P(SessionsTest, TheDatabaseDoesNotHoldTheToken) {
    add("anke", {Role::agent});
    Sessions sessions(db(), clock_);
    const auto in = sessions.sign_in("anke", "ein langer Satz", "192.0.2.1");
    ASSERT_TRUE(in);
    storage::Blob stored;
    ASSERT_TRUE(db().read([&](storage::Connection &connection) {
        return connection.each("SELECT token_hash FROM account_session", {},
                               [&](const storage::Row &row) {
                                   stored = row.blob(0);
                                   return true;
                               });
    }));
    EXPECT_EQ(stored, sha256(in->token));
}

TEST_P(SessionsTest, WrongIsWrongWhateverTheReason) {
    add("admin", {Role::admin});
    const User anke = add("anke", {Role::agent});
    UserChange gone = as_is(anke);
    gone.active = false;
    ASSERT_TRUE(users().change(anke.id, 1, gone, kRoot));
    Sessions sessions(db(), clock_);
    const Problem wrong{ProblemKind::unauthenticated, "session.wrong_password", {}};
    EXPECT_EQ(sessions.sign_in("admin", "falsches Passwort", "192.0.2.1").error(), wrong);
    EXPECT_EQ(sessions.sign_in("nobody", "ein langer Satz", "192.0.2.1").error(), wrong);
    EXPECT_EQ(sessions.sign_in("anke", "ein langer Satz", "192.0.2.1").error(), wrong); // inactive
    EXPECT_EQ(sessions.sign_in("'; --", "ein langer Satz", "192.0.2.1").error(), wrong);
    EXPECT_EQ(sessions.sign_in("admin", std::string(100'000, 'x'), "192.0.2.1").error(), wrong);
    EXPECT_EQ(sessions.sign_in("admin", "", "192.0.2.1").error(), wrong);
}

TEST_P(SessionsTest, GuessingIsSlowedAndTheRightPersonIsNot) {
    add("anke", {Role::agent});
    Sessions sessions(db(), clock_);
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(outcome(sessions.sign_in("anke", "falsch", "192.0.2.1")),
                  "session.wrong_password");
    const auto slowed = sessions.sign_in("anke", "ein langer Satz", "192.0.2.1");
    EXPECT_EQ(slowed.error(),
              (Problem{ProblemKind::too_many, "session.slowed", {{"retry_after_seconds", "1"}}}));
    EXPECT_EQ(outcome(sessions.sign_in("anke", "ein langer Satz", "198.51.100.7")), "");
    clock_.advance(1s);
    EXPECT_EQ(outcome(sessions.sign_in("anke", "ein langer Satz", "192.0.2.1")), "");
    // The same answers for somebody who does not exist.
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(outcome(sessions.sign_in("nobody", "falsch", "192.0.2.1")),
                  "session.wrong_password");
    EXPECT_EQ(outcome(sessions.sign_in("nobody", "falsch", "192.0.2.1")), "session.slowed");
}

TEST_P(SessionsTest, EndByIdleAndByAbsoluteTime) {
    add("anke", {Role::agent});
    Sessions sessions(db(), clock_, {.idle = 1h, .absolute = 3h});
    const auto in = sessions.sign_in("anke", "ein langer Satz", "192.0.2.1");
    ASSERT_TRUE(in);
    for (int i = 0; i < 5; ++i) { // active every 30 minutes: two and a half hours
        clock_.advance(30min);
        EXPECT_TRUE(sessions.find(in->token)) << i;
    }
    clock_.advance(30min);
    EXPECT_EQ(sessions.find(in->token).error().code, "session.none"); // absolute

    const auto idle = sessions.sign_in("anke", "ein langer Satz", "192.0.2.1");
    clock_.advance(40min);
    EXPECT_TRUE(sessions.find(idle->token, false)); // an open event stream is no activity
    clock_.advance(20min);
    EXPECT_EQ(sessions.find(idle->token).error().code, "session.none");
    EXPECT_EQ(sessions.remove_ended().value(), 2);
    EXPECT_EQ(sessions.remove_ended().value(), 0);
}

TEST_P(SessionsTest, EndWithANewPasswordAndWithDeactivation) {
    add("admin", {Role::admin});
    const User anke = add("anke", {Role::agent});
    Sessions sessions(db(), clock_);
    const auto first = sessions.sign_in("anke", "ein langer Satz", "192.0.2.1");
    ASSERT_TRUE(first);
    UserChange renamed = as_is(anke);
    renamed.display_name = "Agentin Anders";
    ASSERT_TRUE(users().change(anke.id, 1, renamed, kRoot));
    EXPECT_EQ(sessions.find(first->token)->display_name, "Agentin Anders"); // goes on
    UserChange secret = as_is(anke);
    secret.password = "ein neuer langer Satz";
    ASSERT_TRUE(users().change(anke.id, 2, secret, kRoot));
    EXPECT_FALSE(sessions.find(first->token));
    EXPECT_EQ(outcome(sessions.sign_in("anke", "ein langer Satz", "192.0.2.1")),
              "session.wrong_password");
    const auto second = sessions.sign_in("anke", "ein neuer langer Satz", "192.0.2.1");
    ASSERT_TRUE(second);
    UserChange gone = as_is(anke);
    gone.active = false;
    ASSERT_TRUE(users().change(anke.id, 3, gone, kRoot));
    EXPECT_FALSE(sessions.find(second->token));
}

TEST_P(SessionsTest, AnOldHashIsRenewedAtSignIn) {
    const User anke = add("anke", {Role::agent});
    // "ein langer Satz" with far weaker parameters than today's.
    const std::string weak = "$argon2id$v=19$m=32,t=1,p=1$KLckezCguxuc6uHzpYQW3g$"
                             "Q7jTO2zgbcxlEljb7it7kqGExVNFwDMptdlRZDWdrUc";
    ASSERT_TRUE(db().write([&](storage::Connection &connection) -> Expected<void> {
        const auto rows = connection.run("UPDATE account SET password_hash = $1 WHERE id = $2",
                                         {weak, anke.id.value});
        if (!rows) return tl::unexpected(rows.error());
        return {};
    }));
    Sessions sessions(db(), clock_);
    ASSERT_TRUE(sessions.sign_in("anke", "ein langer Satz", "192.0.2.1"));
    std::string stored;
    ASSERT_TRUE(db().read([&](storage::Connection &connection) {
        return connection.each("SELECT password_hash FROM account", {},
                               [&](const storage::Row &row) {
                                   stored = row.text(0);
                                   return true;
                               });
    }));
    EXPECT_FALSE(needs_rehash(stored));
    EXPECT_TRUE(sessions.sign_in("anke", "ein langer Satz", "192.0.2.1"));
}

FERNAMT_ON_EVERY_ENGINE(UsersTest);
FERNAMT_ON_EVERY_ENGINE(SessionsTest);

} // namespace
} // namespace fernamt::people
