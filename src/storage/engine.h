// SPDX-License-Identifier: EUPL-1.2
// What the two engines share behind the facade: a connection that can also run scripts of several
// statements (for transactions and migrations), and the checks that make both engines refuse the
// same input. Internal to storage and the ledger.
#pragma once

#include "storage/database.h"

#include <string_view>
#include <vector>

namespace fernamt::storage {

class EngineConnection : public Connection {
  public:
    // Several statements, no parameters, no rows.
    [[nodiscard]] virtual Expected<void> script(std::string_view sql) = 0;
};

// PostgreSQL takes neither NUL nor invalid UTF-8 in text; SQLite would store both. So both refuse:
// Problem{invalid_input, "storage.text_encoding"} with the parameter's number.
[[nodiscard]] Expected<void> check_parameters(const std::vector<Value> &parameters);

} // namespace fernamt::storage
