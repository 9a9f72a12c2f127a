// SPDX-License-Identifier: EUPL-1.2
// For tests only: runs code in a forked child, so that it can be killed, or can mount a file system
// of its own. Fork before the test starts threads. What the child reports comes back as bytes.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

namespace fernamt::storage::testing {

class ChildProcess {
  public:
    // code gets the descriptor to report to. A thrown exception is reported as its text.
    explicit ChildProcess(const std::function<void(int report)> &code);
    ~ChildProcess(); // kills
    ChildProcess(const ChildProcess &) = delete;
    ChildProcess &operator=(const ChildProcess &) = delete;

    void wait_for_report() const;     // until it has reported something, or has ended
    void kill();                      // SIGKILL
    [[nodiscard]] std::string wait(); // everything it reported until its end

  private:
    pid_t pid_ = 0;
    int report_ = -1;
};

// Runs code in a child and returns its answer.
[[nodiscard]] std::string in_child(const std::function<std::string()> &code);

// In a child: a file system in memory at directory that nobody else sees and that is gone with the
// process. options as for mount(8): "size=2m", "ro". Throws if that is impossible.
void mount_private_tmpfs(const std::string &directory, const std::string &options);
void remount_private_tmpfs(const std::string &directory, bool read_only,
                           const std::string &options = {});

} // namespace fernamt::storage::testing
