// SPDX-License-Identifier: EUPL-1.2
#include "sipp.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace fernamt::testing {

SippResult sipp(const Office &office, const std::string &scenario, const std::string &caller) {
    const std::string directory = make_directory(); // not the office's: its files are searched
    const std::string command = fmt::format(
        "cd {0} && exec timeout -k 5 90 sipp 127.0.0.1:{1} -sf {2}/tests/system/sipp/{3}.xml -m 1 "
        "-i 127.0.0.1 -p {4} -mi 127.0.0.1 -s {5} -key caller {6} -timeout 60 -timeout_error "
        "-nostdin -trace_err -error_file {0}/errors -trace_msg -message_file {0}/messages "
        ">{0}/output 2>&1",
        directory, office.sip_port(), FERNAMT_SOURCE_DIR, scenario, free_port(), office.number(),
        caller);
    const int status = std::system(command.c_str());
    SippResult result{.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1, .output = {}};
    for (const char *file : {"/errors", "/messages"}) {
        std::ifstream in(directory + file);
        std::stringstream text;
        text << in.rdbuf();
        result.output += text.str();
    }
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
    return result;
}

} // namespace fernamt::testing
