// SPDX-License-Identifier: EUPL-1.2
// How the command line reaches the process that holds the database: a Unix socket beside it, for
// the user that runs the service and for root (file mode 0600, and the kernel says who is there).
// One request per connection: a line of JSON, then the bytes of the files that it names; the answer
// is a line of JSON when the step has ended. Deliveries only; nothing here reads personal data.
// docs/decisions/0042-operators-door.md says why not HTTP.
#pragma once

#include "app/config.h"
#include "base/problem.h"
#include "knowledge/delivery_office.h"

#include <cstdint>
#include <memory>
#include <string>

namespace fernamt::app {

// Beside the SQLite file, or in the state directory.
[[nodiscard]] std::string operator_socket(const Config &config);

class OperatorDoor {
  public:
    // Nothing (and a line in the log) when the socket cannot be made: calls matter more.
    [[nodiscard]] static std::unique_ptr<OperatorDoor>
    open(const std::string &path, knowledge::DeliveryOffice &office, storage::Database &database);
    virtual ~OperatorDoor() = default; // ends what waits; stop the office before
};

// The other side. Problems: "operator.no_answer" when nobody listens, or the office's.
class OperatorClient {
  public:
    explicit OperatorClient(std::string path) : path_(std::move(path)) {}
    // Sends the file, or the folder's files; returns when all was read.
    [[nodiscard]] Expected<std::int64_t> read(const knowledge::DeliveryOptions &options);
    [[nodiscard]] Expected<void> apply(std::int64_t id, const knowledge::DeliveryOptions &options);
    [[nodiscard]] Expected<void> undo(std::int64_t id);
    [[nodiscard]] Expected<void> discard(std::int64_t id);

  private:
    std::string path_;
};

} // namespace fernamt::app
