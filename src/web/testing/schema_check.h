// SPDX-License-Identifier: EUPL-1.2
// For tests: does a JSON value fit a schema of openapi.json? Knows the part of JSON Schema 2020-12
// that our description uses, and throws for any keyword it does not know, so that nothing passes
// unchecked.
#pragma once

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace fernamt::web::testing {

namespace json = boost::json;

class SchemaCheck {
  public:
    explicit SchemaCheck(const json::value &document) : document_(document) {}

    // The first fault with its place ("/items/0/name: missing"), or nothing.
    [[nodiscard]] std::optional<std::string> fault(const json::value &value,
                                                   const json::value &schema) const;
    // "#/components/schemas/User"
    [[nodiscard]] const json::value &resolve(std::string_view reference) const;

  private:
    using Fault = std::optional<std::string>;
    [[nodiscard]] Fault check(const json::value &value, const json::value &schema,
                              const std::string &place) const;
    [[nodiscard]] Fault check_keyword(const json::value &value, const json::object &schema,
                                      std::string_view keyword, const json::value &rule,
                                      const std::string &place) const;
    [[nodiscard]] Fault check_object(const json::object &value, const json::object &schema,
                                     const std::string &place) const;

    const json::value &document_;
};

} // namespace fernamt::web::testing
