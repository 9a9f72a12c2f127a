// SPDX-License-Identifier: EUPL-1.2
// What the program says to the shell, by the numbers of sysexits.h, so that a script can tell wrong
// data from a wrong command line without reading words (docs/reference/commands.md). Each kind of
// Problem has one code. What is printed beside it is for the operator, never for a client.
#pragma once

#include "base/problem.h"

namespace fernamt::app {

inline constexpr int kOk = 0;
inline constexpr int kFound = 1;        // verify: something is wrong with what was checked
inline constexpr int kUsage = 64;       // EX_USAGE
inline constexpr int kDataError = 65;   // EX_DATAERR
inline constexpr int kNoInput = 66;     // EX_NOINPUT
inline constexpr int kUnavailable = 69; // EX_UNAVAILABLE
inline constexpr int kSoftware = 70;    // EX_SOFTWARE
inline constexpr int kConfig = 78;      // EX_CONFIG

// Prints the problem to standard error for the operator (its code, the catalogue's sentence, and
// its arguments, the remedy among them) and returns the code for it. A step that the knowledge
// cannot take any more (kDataError) is no busy database.
[[nodiscard]] int report(const Problem &problem);

} // namespace fernamt::app
