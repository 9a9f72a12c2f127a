// SPDX-License-Identifier: EUPL-1.2
// `fernamt document`, `verify-invoice` and `agreement` as finance people and their auditors use
// them: the real binary on a real database, its output and exit codes.
#include "billing/invoice_samples.h"
#include "people/municipalities.h"
#include "program.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace fernamt::testing {
namespace {

using namespace billing::samples;

class Documents : public ::testing::Test {
  protected:
    void SetUp() override {
        directory_ = make_directory();
        url_ = "sqlite://" + directory_ + "/fernamt.db";
        auto database = storage::Database::open(url_).value();
        set_up(*database);
        auto ledger = ledger::Ledger::open(*database).value();
        add_calls(*ledger, {2026, 10}, 10, std::chrono::minutes{2}, 100);
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    struct Ran {
        int code = 0;
        std::string out;
        std::string errors;
    };
    Ran run(std::vector<std::string> arguments, bool database = true) {
        if (database) arguments.insert(arguments.end(), {"--database", url_});
        Program program(arguments);
        const int code = program.wait(60);
        return {code, program.output(), program.errors()};
    }
    std::string write(const std::string &name, const std::string &text) {
        std::ofstream(directory_ + "/" + name, std::ios::binary) << text;
        return directory_ + "/" + name;
    }
    const std::string ars_ = to_ars(kLangenhagen);
    std::string directory_;
    std::string url_;
};

TEST_F(Documents, AnInvoiceIsOfATownThatThereIsAndSaysWhenNothingIsAgreed) {
    {
        const SystemClock clock;
        auto database = storage::Database::open(url_).value();
        people::Municipality town;
        town.id = kLangenhagen;
        town.name = "Stadt Langenhagen";
        town.short_name = "Langenhagen";
        town.greeting = "Guten Tag!";
        ASSERT_TRUE(people::Municipalities(*database, clock).add(town, UserId{}));
    }
    const auto invoice = [&](const std::string &ars, const std::string &month) {
        return run({"invoice", "--municipality", ars, "--month", month});
    };
    const Ran october = invoice(ars_, "2026-10");
    EXPECT_EQ(october.code, 0) << october.errors;
    EXPECT_NE(october.out.find("19,00"), std::string::npos) << october.out;
    EXPECT_EQ(october.errors, "");
    const Ran november = invoice(ars_, "2026-11"); // a price, and nobody has called
    EXPECT_EQ(november.code, 0) << november.errors;
    EXPECT_EQ(november.errors, "");
    const Ran before = invoice(ars_, "2015-01");
    EXPECT_EQ(before.code, 0);
    EXPECT_NE(before.errors.find("nothing is agreed with " + ars_ + " in 2015-01"),
              std::string::npos)
        << before.errors;
    const Ran nowhere = invoice("032410009009", "2026-10");
    EXPECT_EQ(nowhere.code, 66);
    EXPECT_EQ(nowhere.out, "");
    EXPECT_NE(nowhere.errors.find("municipality.not_found\n  There is no such municipality"),
              std::string::npos)
        << nowhere.errors;
}

TEST_F(Documents, AreLookedAtIssuedShownTakenBackAndVerified) {
    const std::vector<std::string> october{"--municipality", ars_, "--month", "2026-10"};
    const auto with = [&](std::vector<std::string> command) {
        command.insert(command.end(), october.begin(), october.end());
        return command;
    };
    const Ran draft = run(with({"document", "preview"}));
    EXPECT_EQ(draft.code, 0) << draft.errors;
    EXPECT_NE(draft.out.find("\"number\":\"\""), std::string::npos) << draft.out;
    EXPECT_EQ(run({"document", "list"}).out, "") << "a preview stores nothing";

    const Ran issued = run(with({"document", "issue"}));
    EXPECT_EQ(issued.code, 0) << issued.errors;
    ASSERT_EQ(issued.out.substr(0, 1), "R");
    const std::string number = issued.out.substr(0, issued.out.find(' '));
    EXPECT_EQ(issued.out, number + " 19.00\n");
    const Ran again = run(with({"document", "issue"}));
    EXPECT_NE(again.code, 0);
    EXPECT_NE(again.errors.find("invoice.already_issued"), std::string::npos) << again.errors;

    EXPECT_EQ(run({"document", "list"}).out,
              number + " invoice " + ars_ + " 2026-10-01 2026-10-31 19.00\n");
    EXPECT_EQ(run({"document", "show", number, "--format", "pdf"}).out.substr(0, 5), "%PDF-");
    EXPECT_NE(run({"document", "show", number, "--format", "xrechnung"})
                  .out.find("03241001-1234512345-06"),
              std::string::npos);
    EXPECT_EQ(run({"document", "show", number, "--format", "csv"}).out.substr(0, 5), "Satz;");
    const std::string workbook = directory_ + "/nachweis.xlsx";
    EXPECT_EQ(run({"document", "show", number, "--workbook", workbook}).code, 0);
    EXPECT_GT(std::filesystem::file_size(workbook), 1'000u);
    EXPECT_NE(run({"document", "show", "R1999-000001"}).code, 0);

    const Ran taken = run({"document", "cancel", number, "--reason", "Falscher Monat"});
    EXPECT_EQ(taken.code, 0) << taken.errors;
    EXPECT_EQ(taken.out.substr(0, 1), "S");
    EXPECT_EQ(run({"document", "verify"}).out.substr(0, 16), "ok: 2 documents,");
    EXPECT_NE(run({"document", "issue", "--municipality", "12", "--month", "2026-10"}).code, 0);
}

TEST_F(Documents, TheTownProvesAnInvoiceWithoutDatabaseAndFindsAForgedDigit) {
    const Ran issued = run({"document", "issue", "--municipality", ars_, "--month", "2026-10"});
    const std::string number = issued.out.substr(0, issued.out.find(' '));
    std::string evidence = run({"document", "show", number, "--format", "evidence"}).out;
    const Ran proved = run({"verify-invoice", write("evidence.json", evidence)}, false);
    EXPECT_EQ(proved.code, 0) << proved.out << proved.errors;
    EXPECT_EQ(proved.out.substr(0, 4), "ok: ");
    const std::size_t talk = evidence.find("120000000");
    ASSERT_NE(talk, std::string::npos);
    evidence[talk] = '9';
    const Ran forged = run({"verify-invoice", write("forged.json", evidence)}, false);
    EXPECT_EQ(forged.code, 1);
    EXPECT_NE(forged.out.find("(call) was changed"), std::string::npos) << forged.out;
    EXPECT_NE(run({"verify-invoice", directory_ + "/nothing.json"}, false).code, 0);
}

TEST_F(Documents, BillingDetailsAreReadFromAFile) {
    const std::string party = billing::to_json(town());
    EXPECT_EQ(run({"document", "party", "--municipality", ars_, write("town.json", party)}).code,
              0);
    EXPECT_NE(run({"document", "party", "--municipality", "centre", write("x.json", "{}")}).code,
              0);
}

TEST_F(Documents, AnAgreementGoesItsWay) {
    {
        auto database = storage::Database::open(url_).value();
        const SystemClock clock;
        people::Municipality wedemark;
        wedemark.id = kWedemark;
        wedemark.name = "Wedemark";
        wedemark.short_name = "Wedemark";
        wedemark.greeting = "Guten Tag!";
        wedemark.numbers = {PhoneNumber{"+493023125002"}};
        wedemark.hours = {{Weekday::monday, 8 * 3600, 18 * 3600}};
        ASSERT_TRUE(people::Municipalities(*database, clock).add(wedemark, UserId{}));
    }
    const Ran created = run({"agreement", "create", "--municipality", to_ars(kWedemark), "--begins",
                             "2099-01-01", "--template", "minute_price"});
    EXPECT_EQ(created.code, 0) << created.errors;
    const std::string id = created.out.substr(0, created.out.find(' '));
    EXPECT_EQ(created.out, id + " " + to_ars(kWedemark) + " draft 2099-01-01 -\n");
    EXPECT_EQ(run({"agreement", "annex", id}).out.substr(0, 5), "%PDF-");
    const std::string today = to_string(to_local(SystemClock{}.now()).date);
    const Ran moved = run({"agreement", "move", id, "--to", "resolved", "--on", today});
    EXPECT_EQ(moved.code, 0) << moved.errors;
    EXPECT_NE(moved.out.find(" resolved "), std::string::npos);
    const Ran refused = run({"agreement", "move", id, "--to", "active", "--on", today});
    EXPECT_NE(refused.code, 0);
    EXPECT_NE(refused.errors.find("agreement.transition_forbidden"), std::string::npos);
    EXPECT_NE(run({"agreement", "list"}).out.find(moved.out), std::string::npos);
    EXPECT_NE(run({"agreement", "show", id}).out.find("\"minute_price\""), std::string::npos);
}

} // namespace
} // namespace fernamt::testing
