// SPDX-License-Identifier: EUPL-1.2
// `fernamt calls import` as docs/how-to/import-calls.md shows it: the example of that page, word
// for word, through the real binary into figures and an invoice.
#include "billing/standard_price.h"
#include "office.h"
#include "people/municipalities.h"
#include "program.h"
#include "storage/database.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>

namespace fernamt::testing {
namespace {

constexpr MunicipalityId kLangenhagen{32'410'010'010};

std::string page() {
    std::ifstream file(std::string(FERNAMT_SOURCE_DIR) + "/docs/how-to/import-calls.md");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// The block of that language, without the list's indentation.
std::string block(const std::string &language) {
    const std::string text = page();
    const auto begin = text.find("```" + language + "\n");
    EXPECT_NE(begin, std::string::npos) << language;
    std::istringstream lines(text.substr(begin));
    std::string found, line;
    std::getline(lines, line);
    while (std::getline(lines, line) && line != "   ```")
        found += (line.starts_with("   ") ? line.substr(3) : line) + "\n";
    return found;
}

class CallImport : public ::testing::Test {
  protected:
    void SetUp() override {
        directory_ = make_directory();
        url_ = "sqlite://" + directory_ + "/fernamt.db";
        auto database = storage::Database::open(url_).value();
        const SystemClock clock;
        people::Municipality town;
        town.id = kLangenhagen;
        town.name = town.short_name = "Langenhagen";
        town.greeting = "Guten Tag!";
        town.numbers = {*parse_phone_number("030 23125110")};
        const auto added = people::Municipalities(*database, clock).add(town, {});
        ASSERT_TRUE(added) << describe(added.error());
        write("november.csv", block("csv"));
        write("mapping.toml", block("toml"));
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    void write(const std::string &name, const std::string &text) {
        std::ofstream(directory_ + "/" + name, std::ios::binary) << text;
    }
    struct Ran {
        int code = 0;
        std::string out;
        std::string errors;
    };
    Ran run(std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"--database", url_});
        Program program(arguments);
        const int code = program.wait(60);
        return {code, program.output(), program.errors()};
    }
    Ran import(std::vector<std::string> more = {}) {
        std::vector<std::string> arguments{"calls", "import", directory_ + "/november.csv",
                                           "--mapping", directory_ + "/mapping.toml"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run(arguments);
    }
    std::string directory_;
    std::string url_;
};

TEST_F(CallImport, TheExampleOfThePageDoesWhatThePageShows) {
    const std::string shown = block("console");
    const auto second = shown.find("$ fernamt", 1);
    const auto answer = [](const std::string &part) { return part.substr(part.find('\n') + 1); };
    const Ran dry = import({"--dry-run"});
    EXPECT_EQ(dry.code, 1) << dry.errors;
    EXPECT_EQ(dry.out, answer(shown.substr(0, second))) << dry.errors;
    EXPECT_NE(run({"ledger", "verify"}).out.find("0 entries"), std::string::npos) << "only looked";

    const Ran done = import();
    EXPECT_EQ(done.code, 1) << done.errors;
    EXPECT_EQ(done.out, answer(shown.substr(second))) << done.errors;
    EXPECT_EQ(run({"ledger", "verify"}).code, 0);
    const Ran ledger = run({"ledger", "export"});
    EXPECT_EQ(ledger.out.find("1234567"), std::string::npos) << "a caller's number: " << ledger.out;
    EXPECT_NE(ledger.out.find("\"rule\":\"imported\""), std::string::npos) << ledger.out;

    const Ran again = import({"--json"});
    EXPECT_NE(again.out.find("\"imported\":0"), std::string::npos) << again.out;
    EXPECT_NE(again.out.find("\"already_there\":2"), std::string::npos) << again.out;
    EXPECT_EQ(run({"ledger", "export"}).out, ledger.out);
}

TEST_F(CallImport, TheMappingThatTheHelpShowsTakesThePagesRecordsIn) {
    Program asked({"calls", "import", "--help"});
    EXPECT_EQ(asked.wait(30), 0) << asked.errors();
    const std::string help = asked.output();
    const auto begin = help.find("\nsource = ");
    ASSERT_NE(begin, std::string::npos) << help;
    write("mapping.toml", help.substr(begin));
    const Ran done = import();
    EXPECT_EQ(done.code, 1) << done.errors;
    EXPECT_NE(done.out.find("2 calls imported, 0 already there, 1 ignored, 1 refused"),
              std::string::npos)
        << done.out;
}

TEST_F(CallImport, TheMappingSaysWhatTheHouseItselfDialled) {
    write("mapping.toml", block("toml") + "\n[outgoing]\nZiel = [\"030 231259\"]\n");
    const Ran done = import();
    EXPECT_EQ(done.code, 0) << done.errors;
    EXPECT_NE(done.out.find("2 ignored, 0 refused"), std::string::npos) << done.out;
    write("mapping.toml", block("toml") + "\n[outgoing]\nZiel = \"\"\n");
    const Ran all = import();
    EXPECT_EQ(all.code, 65);
    EXPECT_NE(all.errors.find("outgoing.Ziel"), std::string::npos) << all.errors;
}

TEST_F(CallImport, AMistypedAddressIsNoNewDatabase) {
    const std::string elsewhere = directory_ + "/fernamd.db";
    url_ = "sqlite://" + elsewhere;
    const Ran done = import();
    EXPECT_EQ(done.code, 69) << done.out << done.errors;
    EXPECT_NE(done.errors.find(elsewhere), std::string::npos) << done.errors;
    EXPECT_FALSE(std::filesystem::exists(elsewhere));
}

TEST_F(CallImport, AnImportedCallStandsOnTheInvoice) {
    ASSERT_EQ(import().code, 1);
    {
        auto database = storage::Database::open(url_).value();
        billing::StandardPrice price;
        price.municipality = kLangenhagen;
        price.valid_from = {2026, 1, 1};
        price.price_per_minute = Price{1'000'000};
        price.clause = billing::standard_clause(price);
        const auto kept = billing::add_price(*database, price);
        ASSERT_TRUE(kept) << describe(kept.error());
    }
    const Ran invoice = run({"invoice", "--municipality", to_ars(kLangenhagen), "--month",
                             "2026-11", "--format", "json"});
    EXPECT_EQ(invoice.code, 0) << invoice.errors;
    // 120 s of talk and 30 s of work after it, at 1.00 a minute.
    EXPECT_NE(invoice.out.find("\"total_cents\":250"), std::string::npos) << invoice.out;
}

// As an auditor finds it, with the file alone.
TEST_F(CallImport, AnEntryThatSomebodyChangedIsNamedByTheCommand) {
    ASSERT_EQ(import().code, 1);
    const Ran exported = run({"ledger", "export", "--json"});
    EXPECT_EQ(exported.code, 0) << exported.errors;
    EXPECT_EQ(run({"ledger", "verify"}).code, 0);
    {
        auto database = storage::Database::open(url_).value();
        ASSERT_TRUE(database->write([](storage::Connection &c) -> Expected<void> {
            for (const char *text : {"DROP TRIGGER ledger_entry_no_update",
                                     "UPDATE ledger_entry SET at = at + 1 WHERE seq = 2"}) {
                if (auto ran = c.run(text); !ran) return tl::unexpected(ran.error());
            }
            return {};
        }));
    }
    const Ran found = run({"ledger", "verify"});
    EXPECT_EQ(found.code, 1);
    EXPECT_NE(found.out.find('2'), std::string::npos) << found.out << found.errors;
    const Ran told = run({"ledger", "verify", "--json"});
    EXPECT_NE(told.out.find("\"first_broken\":2"), std::string::npos) << told.out;
}

TEST_F(CallImport, WhatCannotBeReadIsSaidWithItsPlace) {
    write("mapping.toml", "source = \"a\"\ndelimiter = \"ab\"\n");
    const Ran wrong = import();
    EXPECT_EQ(wrong.code, 65) << wrong.errors;
    EXPECT_NE(wrong.errors.find("delimiter"), std::string::npos) << wrong.errors;
    write("mapping.toml", "source = \"a\"\n[columns]\nanrufer = \"Anrufer\"\n");
    EXPECT_NE(import().errors.find("columns.anrufer"), std::string::npos);
    write("mapping.toml", "source = ");
    EXPECT_EQ(import().code, 65);
    std::filesystem::remove(directory_ + "/mapping.toml");
    EXPECT_EQ(import().code, 66);
}

// While the service answers calls: the same command, the same report, nothing twice.
class CallImportBesideTheService : public ::testing::Test {
  protected:
    CallImportBesideTheService()
        : office_(1, {.prepare_directory = [this](const auto &path) { directory_ = path; }}) {}
    // So many answered calls of one town, by what no mapping of ours has ever named: a caller.
    void records(int count) {
        std::ofstream csv(directory_ + "/old.csv", std::ios::binary);
        csv << "Nr,Beginn,Annahme,Ende,Anrufer,Ziel\n";
        const Instant first = *parse_iso8601("2026-10-01T08:00:00Z");
        for (int i = 0; i < count; ++i) {
            const Instant begin = first + i * 20s;
            csv << i << ',' << to_iso8601(begin) << ',' << to_iso8601(begin + 5s) << ','
                << to_iso8601(begin + 65s) << ",0511 1234567," << office_.number() << '\n';
        }
        std::ofstream(directory_ + "/old.toml", std::ios::binary)
            << "source = \"Telefonanlage\"\ndelimiter = \",\"\ntime_format = \"iso8601\"\n"
               "[columns]\nrecord = \"Nr\"\nbegin = \"Beginn\"\nanswered = \"Annahme\"\n"
               "end = \"Ende\"\ndialled = \"Ziel\"\n";
    }
    std::vector<std::string> command() const {
        return {"calls", "import", directory_ + "/old.csv", "--mapping", directory_ + "/old.toml"};
    }
    std::vector<std::string> on_database(std::vector<std::string> arguments) const {
        arguments.insert(arguments.end(), {"--database", office_.database_url()});
        return arguments;
    }
    std::string text_of(const std::string &name) const {
        std::ifstream file(directory_ + "/" + name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    std::int64_t imported() {
        auto database =
            storage::Database::open(office_.database_url(), storage::Access::read_only).value();
        std::int64_t found = 0;
        EXPECT_TRUE(database->read([&](storage::Connection &connection) {
            return connection.each("SELECT COUNT(*) FROM ledger_entry WHERE type = 'call.imported'",
                                   {}, [&](const storage::Row &row) {
                                       found = row.integer(0);
                                       return true;
                                   });
        }));
        return found;
    }
    std::string directory_;
    Office office_;
};

TEST_F(CallImportBesideTheService, TheRunningServiceTakesTheRecordsIn) {
    records(2'000);
    office_.start();
    office_.people(0, 1s);
    Program import(on_database(command()));
    ASSERT_TRUE(eventually([&] { return imported() > 0; }));
    office_.call();
    EXPECT_TRUE(eventually([&] { return office_.seen().reached_person > 0; }))
        << "calls go on meanwhile";
    EXPECT_EQ(import.wait(120), 0) << import.errors();
    EXPECT_TRUE(import.output().starts_with(
        "2000 rows: 2000 calls imported, 0 already there, 0 ignored, 0 refused\n"))
        << import.output();
    EXPECT_EQ(imported(), 2'000);
    EXPECT_TRUE(office_.ask(command()).starts_with("2000 rows: 0 calls imported, 2000 already"));
    EXPECT_EQ(imported(), 2'000);

    // What is wrong is told by the service, and no file of records lies about.
    std::ofstream(directory_ + "/old.csv", std::ios::app) << "x,y,,,,\n";
    const std::string refused = office_.ask(command(), 1);
    EXPECT_NE(refused.find("line 2002: dialled_unreadable"), std::string::npos) << refused;
    for (const auto &entry : std::filesystem::recursive_directory_iterator(directory_)) {
        if (!entry.is_regular_file() || entry.path().filename() == "old.csv") continue;
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(file), {}};
        EXPECT_EQ(bytes.find("0511 1234567"), std::string::npos) << entry.path();
    }
    EXPECT_EQ(office_.stop(), 0);
    EXPECT_NE(office_.ask({"ledger", "verify"}).find("entries"), std::string::npos);
}

// A visitor at the operator's door who sends half of the records at once and the rest a row at a
// time: whatever the machine, the import is in its middle as long as this one is there.
class HalfAnImport {
  public:
    HalfAnImport(const std::string &door, const std::string &mapping, const std::string &records)
        : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)),
          middle_(records.find('\n', records.size() / 2) + 1) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        EXPECT_LT(door.size(), sizeof address.sun_path);
        door.copy(address.sun_path, sizeof address.sun_path - 1);
        const auto *there = reinterpret_cast<const sockaddr *>(&address); // NOLINT
        EXPECT_EQ(::connect(socket_, there, sizeof address), 0);
        boost::json::object asked;
        asked["do"] = "import_calls";
        asked["mapping"] = mapping;
        asked["bytes"] = static_cast<std::int64_t>(records.size());
        thread_ = std::thread([this, records, line = boost::json::serialize(asked) + "\n"] {
            if (!send(line) || !send(std::string_view(records).substr(0, middle_))) return;
            while (!over_) {
                const std::size_t end = records.find('\n', middle_) + 1;
                if (end == 0 || !send(std::string_view(records).substr(middle_, end - middle_)))
                    return;
                middle_ = end;
                std::this_thread::sleep_for(500ms); // far below the door's patience
            }
        });
    }
    ~HalfAnImport() {
        over_ = true;
        ::shutdown(socket_, SHUT_RDWR);
        thread_.join();
        ::close(socket_);
    }

  private:
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    int socket_;
    std::size_t middle_; // the thread's
    std::atomic<bool> over_ = false;
    std::thread thread_;
};

TEST_F(CallImportBesideTheService, AServiceThatDiesInTheMiddleLosesAndDoublesNothing) {
    constexpr int kMany = 4'000; // the slow half takes longer than any test may
    records(kMany);
    office_.start();
    const std::string door = office_.database_url().substr(std::string("sqlite://").size());
    {
        const HalfAnImport import(door + "-operator", text_of("old.toml"), text_of("old.csv"));
        ASSERT_TRUE(eventually([&] { return imported() > 0; }, 120));
        // Meanwhile nobody hangs: other commands are served, a second import is told why not.
        Program second(on_database(command()));
        EXPECT_EQ(second.wait(120), 69) << second.output();
        EXPECT_NE(second.errors().find("operator.busy"), std::string::npos) << second.errors();
        EXPECT_NE(second.errors().find("doing: calls import"), std::string::npos);
        EXPECT_NE(second.errors().find("remedy: "), std::string::npos) << second.errors();
        Program other(on_database({"knowledge", "undo", "4711"}));
        EXPECT_EQ(other.wait(120), 66) << other.errors();
        EXPECT_NE(other.errors().find("knowledge.delivery_not_found"), std::string::npos);
        office_.kill();
    }
    const std::int64_t there = imported();
    EXPECT_GT(there, 0);
    EXPECT_LT(there, kMany) << "half was never sent";
    const std::string rest = office_.ask(command());
    EXPECT_TRUE(rest.starts_with("4000 rows: " + std::to_string(kMany - there) +
                                 " calls imported, " + std::to_string(there) + " already there"))
        << rest;
    EXPECT_EQ(imported(), kMany);
}

} // namespace
} // namespace fernamt::testing
