// SPDX-License-Identifier: EUPL-1.2
// The command line: `fernamt serve` runs the service, `fernamt demo` the demo region; the others
// ask or prove something about a database and end. Exit codes follow sysexits.h.
#pragma once

namespace fernamt::app {

[[nodiscard]] int run(int argc, char **argv);

} // namespace fernamt::app
