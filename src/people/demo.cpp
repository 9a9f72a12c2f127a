// SPDX-License-Identifier: EUPL-1.2
#include "people/demo.h"

#include "people/directory.h"
#include "people/passwords.h"
#include "people/users.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <fstream>

namespace fernamt::people {

namespace {

constexpr std::string_view kHeader = "ars;kind;name;short_name;greeting;population;number";
constexpr std::string_view kPassword = "demo-passwort";
constexpr int kHour = 3600;

std::vector<std::string> split(const std::string &line) {
    std::vector<std::string> cells(1);
    for (const char c : line) {
        if (c == ';') {
            cells.emplace_back();
        } else {
            cells.back() += c;
        }
    }
    return cells;
}

std::vector<routing::OpeningPeriod> demo_hours(bool always) {
    std::vector<routing::OpeningPeriod> hours;
    for (int day = 0; day < (always ? 7 : 5); ++day)
        hours.push_back(
            {static_cast<Weekday>(day), always ? 0 : 8 * kHour, always ? 24 * kHour : 18 * kHour});
    return hours;
}

// Empty: a municipality; else the field that is wrong.
std::string read_line(const std::vector<std::string> &cells, Municipality &one) {
    if (cells.size() != 7) return "columns";
    const auto ars = parse_ars(cells[0]);
    if (!ars) return "ars";
    one.id = *ars;
    if (cells[1] != "district" && cells[1] != "municipality") return "kind";
    if (cells[1] == "district") one.kind = MunicipalityKind::district;
    one.name = cells[2];
    one.short_name = cells[3];
    one.greeting = cells[4];
    const char *const end = cells[5].data() + cells[5].size();
    if (std::from_chars(cells[5].data(), end, one.population).ptr != end || cells[5].empty())
        return "population";
    const auto number = parse_phone_number(cells[6]);
    if (!number) return "number";
    one.numbers = {*number};
    const auto checked = validate(one);
    if (checked) return "";
    return checked.error().arguments.front().second;
}

std::string number_word(int number) {
    static constexpr std::array words{"Eins",   "Zwei", "Drei", "Vier", "Fünf", "Sechs",
                                      "Sieben", "Acht", "Neun", "Zehn", "Elf",  "Zwölf"};
    const auto place = static_cast<std::size_t>(number - 1);
    return place < words.size() ? words.at(place) : std::to_string(number);
}

std::string demo_sip_password(const std::string &login) {
    return "demo-phone-" + login;
}

struct Person {
    std::string login, name;
    Roles roles;
    std::optional<MunicipalityId> municipality;
};

std::vector<Person> demo_people(int agents) {
    std::vector<Person> people;
    for (int i = 1; i <= agents; ++i)
        people.push_back({fmt::format("agent{}", i),
                          (i % 2 == 1 ? "Agentin " : "Agent ") + number_word(i),
                          {Role::agent},
                          {}});
    people.push_back({"lead", "Leitung Demo", {Role::lead}, {}});
    people.push_back({"editor", "Redaktion Demo", {Role::editor}, {}});
    people.push_back({"editor2", "Zweite Redaktion Demo", {Role::editor}, {}}); // four eyes
    people.push_back({"finance", "Finanzen Demo", {Role::finance}, {}});
    people.push_back({"admin", "Verwaltung Demo", {Role::admin}, {}});
    people.push_back({"auditor", "Prüfung Demo", {Role::auditor}, {}});
    // Sees Langenhagen only.
    people.push_back(
        {"langenhagen", "Kämmerei Demo", {Role::finance}, MunicipalityId{32'410'010'010}});
    people.push_back({"rathaus",
                      "Bürgerbüro Langenhagen Demo",
                      {Role::lead, Role::reader}, // lead: says that its operator is away
                      MunicipalityId{32'410'010'010}});
    people.push_back(
        {"redaktion", "Rathaus Langenhagen Demo", {Role::editor}, MunicipalityId{32'410'010'010}});
    return people;
}

Expected<void> add_missing(Municipalities &municipalities,
                           const std::vector<Municipality> &wanted) {
    for (const Municipality &one : wanted) {
        const auto known = municipalities.find(one.id);
        if (known) continue;
        if (known.error().kind != ProblemKind::not_found) return tl::unexpected(known.error());
        if (auto added = municipalities.add(one, {}); !added) return tl::unexpected(added.error());
    }
    return {};
}

Expected<User> add_missing(Users &users, const Person &person) {
    auto known = users.find_by_login(person.login);
    if (!known) return tl::unexpected(known.error());
    if (*known) return **known;
    auto added = users.add_with_sip_password(
        {person.login, person.name, person.roles, person.municipality, std::string(kPassword)},
        demo_sip_password(person.login), {});
    if (!added) return tl::unexpected(added.error());
    return added->user;
}

} // namespace

Expected<std::vector<Municipality>> read_region(const std::string &file, bool always_open) {
    std::ifstream in(file);
    std::vector<Municipality> region;
    std::string line;
    bool header_seen = false;
    for (int number = 1; std::getline(in, line); ++number) {
        if (line.empty() || line.front() == '#') continue;
        if (!header_seen) {
            header_seen = line == kHeader;
            if (header_seen) continue;
        }
        Municipality one;
        one.population_date = "2020-09-30";
        one.population_source = "Region Hannover, Statistische Kurzinformationen 17/2020";
        one.hours = demo_hours(always_open);
        one.closed_on_public_holidays = !always_open;
        const std::string wrong = header_seen ? read_line(split(line), one) : "header";
        if (!wrong.empty()) {
            return fail(ProblemKind::invalid_input, "demo.line_invalid",
                        {{"file", file}, {"line", std::to_string(number)}, {"field", wrong}});
        }
        region.push_back(std::move(one));
    }
    if (region.empty())
        return fail(ProblemKind::unavailable, "demo.file_unreadable", {{"file", file}});
    return region;
}

Expected<DemoRegion> seed_demo(storage::Database &database, const Clock &clock,
                               const DemoOptions &options) {
    const auto wanted = read_region(options.data_file, options.always_open);
    if (!wanted) return tl::unexpected(wanted.error());
    Municipalities municipalities(database, clock);
    if (auto added = add_missing(municipalities, *wanted); !added)
        return tl::unexpected(added.error());

    DemoRegion region;
    Users users(database, clock);
    std::vector<User> agents;
    for (const Person &person : demo_people(options.agents)) {
        const auto user = add_missing(users, person);
        if (!user) return tl::unexpected(user.error());
        region.accounts.push_back(
            {user->login, std::string(kPassword), user->display_name, user->roles});
        if (user->roles.contains(Role::agent)) agents.push_back(*user);
    }
    const auto directory = Directory::load(database);
    if (!directory) return tl::unexpected(directory.error());
    for (const User &user : agents) {
        const std::string password = demo_sip_password(user.login);
        const auto secret = (*directory)->phone_secret(user.sip_user);
        if (!secret || secret->ha1_sha256 != sip_hashes(user.sip_user, password).sha256) continue;
        region.phones.push_back({AgentId{user.id.value}, user.login, user.sip_user, password});
    }
    auto all = municipalities.all();
    if (!all) return tl::unexpected(all.error());
    region.municipalities = std::move(*all);
    return region;
}

} // namespace fernamt::people
