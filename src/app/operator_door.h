// SPDX-License-Identifier: EUPL-1.2
// How the command line reaches the process that holds the database: a Unix socket beside it, for
// the user that runs the service and for root (file mode 0600, and the kernel says who is there).
// One request per connection: a line of JSON, then the bytes of the files that it names; the answer
// is a line of JSON when the step has ended, after lines that say how far it is. Several are served
// beside each other; whoever cannot be is told at once ("operator.busy"). Deliveries of
// knowledge, and call records of another telephone system: their bytes are read as they come and
// lie in no file here, because they name callers. docs/decisions/0042-operators-door.md says why
// not HTTP.
#pragma once

#include "app/config.h"
#include "base/problem.h"
#include "knowledge/delivery_office.h"

#include <cstdint>
#include <functional>
#include <istream>
#include <memory>
#include <string>

namespace fernamt::app {

// Beside the SQLite file, or in the state directory.
[[nodiscard]] std::string operator_socket(const Config &config);

// What a step that takes its time says and asks meanwhile.
struct OperatorTalk {
    std::function<void(std::int64_t rows)> tell; // how far it is
    std::function<Expected<void>()> check;       // a Problem: the service ends, stop where you are
};

class OperatorDoor {
  public:
    // Takes in call records (app/call_import_command.h): the mapping's text and the records; its
    // answer is the report as JSON text. The stream throws when the other side falls silent before
    // the end, so that half a record is never taken for a whole one.
    using TakeCalls = std::function<Expected<std::string>(
        const std::string &mapping, std::istream &records, const OperatorTalk &talk)>;
    // Nothing (and a line in the log) when the socket cannot be made: calls matter more.
    [[nodiscard]] static std::unique_ptr<OperatorDoor> open(const std::string &path,
                                                            knowledge::DeliveryOffice &office,
                                                            storage::Database &database,
                                                            TakeCalls take_calls);
    virtual ~OperatorDoor() = default; // ends what waits; stop the office before
};

// The other side. Problems: "operator.no_answer" when nobody listens; unavailable "operator.busy"
// {doing} {remedy} when too many are there, or another import of calls; or the office's.
class OperatorClient {
  public:
    explicit OperatorClient(std::string path) : path_(std::move(path)) {}
    // Sends the file, or the folder's files; returns when all was read.
    [[nodiscard]] Expected<std::int64_t> read(const knowledge::DeliveryOptions &options);
    [[nodiscard]] Expected<void> apply(std::int64_t id, const knowledge::DeliveryOptions &options);
    [[nodiscard]] Expected<void> undo(std::int64_t id);
    [[nodiscard]] Expected<void> discard(std::int64_t id);
    // Sends the records' file; returns TakeCalls' report when all was taken in.
    [[nodiscard]] Expected<std::string>
    import_calls(const std::string &file, const std::string &mapping,
                 const std::function<void(std::int64_t rows)> &progress);

  private:
    std::string path_;
};

} // namespace fernamt::app
