// SPDX-License-Identifier: EUPL-1.2
// The description of the API against the table of access rules: the same routes, the same roles,
// and examples that fit their own schemas.
#include "web/openapi.h"
#include "web/route_rules.h"
#include "web/testing/schema_check.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>
#include <string>

namespace fernamt::web {
namespace {

namespace json = boost::json;
using testing::SchemaCheck;

const json::value &document() {
    static const json::value parsed =
        json::parse(json::string_view(openapi_text().data(), openapi_text().size()));
    return parsed;
}

std::string upper(json::string_view method) {
    std::string text(method.data(), method.size());
    for (char &c : text)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

// "GET /path" -> operation
std::map<std::string, json::object> operations() {
    std::map<std::string, json::object> found;
    for (const auto &path : document().at("paths").as_object()) {
        for (const auto &operation : path.value().as_object()) {
            found[upper(operation.key()) + " " + std::string(path.key())] =
                operation.value().as_object();
        }
    }
    return found;
}

std::set<std::string> described_roles(const json::object &operation) {
    std::set<std::string> roles;
    for (const json::value &role : operation.at("x-roles").as_array()) {
        roles.emplace(role.as_string().c_str());
    }
    return roles;
}

bool allows(const RouteRule &rule, const people::Principal &who) {
    if (rule.access != Access::action) return true;
    return people::may(who, *rule.action) || (rule.or_action && people::may(who, *rule.or_action));
}

constexpr std::array kAllRoles = {people::Role::agent,   people::Role::lead,  people::Role::editor,
                                  people::Role::finance, people::Role::admin, people::Role::auditor,
                                  people::Role::reader};

std::set<std::string> enforced_roles(const RouteRule &rule) {
    if (rule.access == Access::open) return {};
    std::set<std::string> roles;
    for (const people::Role role : kAllRoles) {
        if (allows(rule, {UserId{1}, {role}, std::nullopt})) roles.emplace(to_string(role));
    }
    if (roles.size() == kAllRoles.size()) return {"any"};
    return roles;
}

// Nobody who belongs to a municipality gets in, whatever the role.
bool is_for_the_centre(const RouteRule &rule) {
    const MunicipalityId town{32'410'010'010};
    for (const people::Role role : kAllRoles) {
        if (allows(rule, {UserId{1}, {role}, town})) return false;
    }
    return true;
}

// Calls `visit` for each "$ref" and each schema's examples anywhere in the document.
template <class Visit>
void walk(const json::value &value, const Visit &visit) {
    if (value.is_array()) {
        for (const json::value &item : value.get_array())
            walk(item, visit);
    }
    if (!value.is_object()) return;
    visit(value);
    for (const auto &member : value.get_object())
        walk(member.value(), visit);
}

TEST(OpenApi, DescribesExactlyTheRoutesThatHaveAnAccessRule) {
    std::set<std::string> described;
    for (const auto &[name, operation] : operations()) {
        // The event stream is answered by net/ itself, behind the same sign-in.
        if (operation.contains("x-served-by")) continue;
        described.insert(name);
    }
    std::set<std::string> ruled;
    for (const RouteRule &rule : route_rules()) {
        EXPECT_TRUE(
            ruled.insert(std::string(rule.method) + " " + std::string(rule.pattern)).second);
    }
    EXPECT_EQ(described, ruled);
    EXPECT_GT(ruled.size(), 30U);
}

TEST(OpenApi, NamesTheRolesThatTheGateEnforces) {
    const auto described = operations();
    for (const RouteRule &rule : route_rules()) {
        const std::string name = std::string(rule.method) + " " + std::string(rule.pattern);
        ASSERT_TRUE(described.count(name)) << name;
        const json::object &operation = described.at(name);
        EXPECT_EQ(described_roles(operation), enforced_roles(rule)) << name;
        EXPECT_EQ(operation.contains("x-scope"), is_for_the_centre(rule)) << name;
        EXPECT_EQ(operation.at("security").as_array().empty(), rule.access == Access::open) << name;
    }
}

TEST(OpenApi, EveryPathParameterIsDescribedAndIsInThePath) {
    const SchemaCheck check(document());
    for (const auto &[name, operation] : operations()) {
        std::set<std::string> in_path;
        std::size_t at = 0;
        while ((at = name.find('{', at)) != std::string::npos) {
            const std::size_t end = name.find('}', at);
            in_path.insert(name.substr(at + 1, end - at - 1));
            at = end;
        }
        std::set<std::string> described;
        const json::value *parameters = operation.if_contains("parameters");
        if (parameters != nullptr) {
            for (const json::value &given : parameters->as_array()) {
                const json::value *reference = given.as_object().if_contains("$ref");
                const json::value &parameter =
                    reference ? check.resolve(reference->as_string().c_str()) : given;
                if (parameter.at("in").as_string() != "path") continue;
                described.emplace(parameter.at("name").as_string().c_str());
            }
        }
        EXPECT_EQ(in_path, described) << name;
    }
}

TEST(OpenApi, ChangesNeedTheForgeryHeaderAndSayWhatCanGoWrong) {
    for (const auto &[name, operation] : operations()) {
        const bool changes = !name.starts_with("GET ");
        const std::string text = json::serialize(operation);
        EXPECT_EQ(text.find("#/components/parameters/Csrf") != std::string::npos, changes) << name;
        const auto &responses = operation.at("responses").as_object();
        EXPECT_TRUE(!changes || responses.contains("403")) << name;
        EXPECT_TRUE(!operation.contains("requestBody") || responses.contains("422")) << name;
        if (!operation.at("security").as_array().empty()) {
            EXPECT_TRUE(responses.contains("401")) << name;
        }
    }
}

TEST(OpenApi, EveryReferenceLeadsSomewhereAndEveryExampleFitsItsSchema) {
    const SchemaCheck check(document());
    int examples = 0;
    walk(document(), [&](const json::value &part) {
        if (const json::value *reference = part.get_object().if_contains("$ref")) {
            EXPECT_NO_THROW(static_cast<void>(check.resolve(reference->as_string().c_str())));
        }
        const json::value *given = part.get_object().if_contains("examples");
        if (given == nullptr) return;
        for (const json::value &example : given->as_array()) {
            ++examples;
            const auto fault = check.fault(example, part);
            EXPECT_FALSE(fault) << fault.value_or("");
        }
    });
    EXPECT_GT(examples, 20);
}

TEST(OpenApi, OperationIdsAreUnique) {
    std::set<std::string> ids;
    for (const auto &[name, operation] : operations()) {
        EXPECT_TRUE(ids.emplace(operation.at("operationId").as_string().c_str()).second) << name;
    }
}

TEST(SchemaCheck, FindsEveryKindOfFault) {
    const json::value schema = json::parse(R"({"type":"object","additionalProperties":false,
        "required":["a"],"properties":{"a":{"type":["integer","null"],"minimum":1},
        "b":{"type":"string","pattern":"^x$","maxLength":1},"c":{"type":"array",
        "items":{"enum":["p","q"]}},"d":{"oneOf":[{"type":"null"},{"type":"boolean"}]}}})");
    const SchemaCheck check(schema);
    for (const char *good : {R"({"a":1})", R"({"a":null,"b":"x","c":["p","q"],"d":true})"}) {
        EXPECT_FALSE(check.fault(json::parse(good), schema)) << good;
    }
    for (const char *bad :
         {R"({})", R"({"a":0})", R"({"a":"1"})", R"({"a":1.5})", R"({"a":1,"b":"y"})",
          R"({"a":1,"c":["r"]})", R"({"a":1,"d":1})", R"({"a":1,"e":1})", R"([])"}) {
        EXPECT_TRUE(check.fault(json::parse(bad), schema)) << bad;
    }
    EXPECT_THROW(static_cast<void>(check.fault(1, json::parse(R"({"multipleOf":2})"))),
                 std::logic_error);
}

} // namespace
} // namespace fernamt::web
