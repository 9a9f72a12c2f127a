// SPDX-License-Identifier: EUPL-1.2
// The wish for reminders is an editor's own: nobody sees or changes another's.
#include "web/testing/api_test_base.h"

namespace fernamt::web::testing {
namespace {

const std::string kReminder = "/api/v1/knowledge/reminder";

class Reminder : public ApiTest {};

TEST_P(Reminder, IsEveryEditorsOwn) {
    for (const char *login : {"lara", "wanda"}) {
        add_user(login, {people::Role::editor}, kLangenhagen);
        sign_in(login);
    }
    EXPECT_EQ(json_of(get(kReminder, "lara")).at("address"), nullptr);
    const auto wished = ask("PUT", kReminder, {"lara", R"({"address":"lara@example.de"})", {}});
    EXPECT_EQ(wished.status, 200);
    EXPECT_EQ(json_of(get(kReminder, "lara")).at("address").as_string(), "lara@example.de");
    EXPECT_EQ(json_of(get(kReminder, "wanda")).at("address"), nullptr);
    const auto wrong = ask("PUT", kReminder, {"wanda", R"({"address":"kein @ort"})", {}});
    EXPECT_EQ(code_of(wrong), "mail.address");
    EXPECT_EQ(ask("PUT", kReminder, {"lara", R"({"address":null})", {}}).status, 200);
    EXPECT_EQ(json_of(get(kReminder, "lara")).at("address"), nullptr);
    EXPECT_EQ(get(kReminder, "anke").status, 403);
}

FERNAMT_ON_EVERY_ENGINE(Reminder);

} // namespace
} // namespace fernamt::web::testing
