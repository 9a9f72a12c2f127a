// SPDX-License-Identifier: EUPL-1.2
// docs/reference/commands.md says of itself that it names every command, option and script.
#include "program.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace fernamt::testing {
namespace {

namespace fs = std::filesystem;

std::string page(const std::string &name) {
    std::ifstream file(std::string(FERNAMT_SOURCE_DIR) + "/" + name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string help_of(std::vector<std::string> command) {
    command.emplace_back("--help");
    Program program(command);
    EXPECT_EQ(program.wait(30), 0) << program.errors();
    return program.output();
}

// Of the help's list "Subcommands:"; the names of commands, in their order.
std::vector<std::string> commands_in(const std::string &help) {
    std::vector<std::string> names;
    std::istringstream lines(help.substr(std::min(help.find("Subcommands:"), help.size())));
    std::string line;
    std::getline(lines, line);
    for (std::smatch name; std::getline(lines, line);) {
        if (std::regex_search(line, name, std::regex(R"(^  ([a-z][a-z-]*))")))
            names.push_back(name[1]);
    }
    return names;
}

std::set<std::string> options_in(const std::string &text) {
    const std::regex option(R"(--[a-z][a-z-]*)");
    return {std::sregex_token_iterator(text.begin(), text.end(), option),
            std::sregex_token_iterator()};
}

// The line of the table that begins with the command: "| `knowledge search ...".
std::string row_of(const std::string &commands, const std::string &command) {
    std::istringstream lines(commands);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("| `" + command + " ") || line.starts_with("| `" + command + "`")) {
            return line;
        }
    }
    return "";
}

bool names(const std::string &row, const std::string &word) {
    return std::regex_search(row, std::regex("`" + word + "[` ]"));
}

TEST(Commands, ThePageNamesEveryCommandAndOption) {
    const std::string commands = page("docs/reference/commands.md");
    const std::string tutorial = page("docs/tutorial/first-call.md"); // the demo's options
    const auto everywhere = options_in("--help --config --database --version");
    const auto groups = commands_in(help_of({}));
    EXPECT_GT(groups.size(), 8U);
    for (const std::string &group : groups) {
        const auto below = commands_in(help_of({group}));
        std::vector<std::vector<std::string>> all;
        for (const std::string &command : below)
            all.push_back({group, command});
        if (below.empty()) all.push_back({group});
        for (const auto &command : all) {
            // "document preview" has a row, and `issue` stands in it.
            std::string row =
                row_of(commands, group + (command.size() > 1 ? " " + command[1] : ""));
            std::istringstream lines(commands);
            for (std::string line; row.empty() && std::getline(lines, line);) {
                if (line.starts_with("| `" + group + " ") && names(line, command.back()))
                    row = line;
            }
            EXPECT_FALSE(row.empty()) << group << " " << command.back();
            if (group == "demo") row += tutorial;
            const auto told = options_in(row);
            for (const std::string &option : options_in(help_of(command))) {
                EXPECT_TRUE(told.contains(option) || everywhere.contains(option))
                    << group << " " << command.back() << " " << option;
            }
        }
    }
}

TEST(Commands, ThePageNamesEveryScript) {
    const std::string commands = page("docs/reference/commands.md");
    for (const auto &entry : fs::directory_iterator(std::string(FERNAMT_SOURCE_DIR) + "/script")) {
        if (entry.path().has_extension()) continue; // a part of another one
        EXPECT_FALSE(row_of(commands, "script/" + entry.path().filename().string()).empty())
            << entry.path();
    }
}

} // namespace
} // namespace fernamt::testing
