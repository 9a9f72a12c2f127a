// SPDX-License-Identifier: EUPL-1.2
// For tests: what poppler's tools read in a PDF of ours.
#pragma once

#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <string>

namespace fernamt::billing::samples {

// tool: its name and options, "pdfinfo -meta".
inline std::string read_with(const std::string &tool, const std::string &pdf) {
    const storage::testing::TemporaryDirectory directory;
    const std::string file = directory.path() + "/letter.pdf";
    std::ofstream(file, std::ios::binary) << pdf;
    const bool text = tool.starts_with("pdftotext");
    const std::string command = tool + " " + file + (text ? " -" : "");
    FILE *pipe = ::popen(command.c_str(), "r");
    if (!pipe) {
        ADD_FAILURE() << "cannot run " << command;
        return {};
    }
    std::string out;
    std::array<char, 4096> some{};
    for (std::size_t n = 0; (n = std::fread(some.data(), 1, some.size(), pipe)) > 0;)
        out.append(some.data(), n);
    EXPECT_EQ(::pclose(pipe), 0) << command;
    return out;
}

inline std::string text_of(const std::string &pdf) {
    return read_with("pdftotext -layout", pdf);
}

} // namespace fernamt::billing::samples
