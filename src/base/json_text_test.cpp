// SPDX-License-Identifier: EUPL-1.2
#include "base/json_text.h"

#include <gtest/gtest.h>

namespace fernamt {
namespace {

std::string written(std::string_view text) {
    std::string out = "x";
    append_json_text(out, text);
    return out;
}

TEST(JsonText, PlainTextStandsForItself) {
    EXPECT_EQ(written(""), "x\"\"");
    EXPECT_EQ(written("Langenhagen, Straße / 7\x7f"), "x\"Langenhagen, Straße / 7\x7f\"");
}

TEST(JsonText, WhatWouldEndTheStringIsEscaped) {
    EXPECT_EQ(written("say \"a\\b\""), "x\"say \\\"a\\\\b\\\"\"");
    EXPECT_EQ(written("a\r\nb\t"), "x\"a\\r\\nb\\t\"");
    EXPECT_EQ(written("\b\f\v"), "x\"\\b\\f\\u000b\"");
    EXPECT_EQ(written(std::string_view("\0\x1f", 2)), "x\"\\u0000\\u001f\"");
}

} // namespace
} // namespace fernamt
