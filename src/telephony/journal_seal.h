// SPDX-License-Identifier: EUPL-1.2
// Seals the lines of the leg journal (AES-256-GCM, a nonce of its own per line): on disk stands
// nothing that names a party, not even while the call lives. The key lies in memory-backed storage
// only ($RUNTIME_DIRECTORY of systemd, else /dev/shm), so it outlives kill -9 as the journal must,
// and is gone with the power, as the calls are. Does not hide how many lines there are.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace fernamt::telephony {

class JournalSeal {
  public:
    // The key that sealed this directory's journal before, or a fresh one. Where no memory-backed
    // place can be trusted the key is kept in this process alone: then nothing is taken up again
    // after a crash, and the log says so.
    [[nodiscard]] static JournalSeal open(const std::string &state_directory);
    JournalSeal(JournalSeal &&) noexcept;
    ~JournalSeal();

    [[nodiscard]] std::string seal(std::string_view line); // one line of base64
    // None: torn, or sealed by another key.
    [[nodiscard]] std::optional<std::string> unseal(std::string_view sealed) const;
    // Nothing lives any more: what is left on disk cannot be read by anybody from now on.
    void forget();

  private:
    JournalSeal();
    struct Press; // the cipher with its key
    static constexpr std::size_t kKeyBytes = 32;
    std::unique_ptr<Press> press_; // made by the first seal()
    std::array<unsigned char, kKeyBytes> key_{};
    std::string path_; // of the key; empty: in this process alone
};

} // namespace fernamt::telephony
