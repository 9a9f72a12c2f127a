// SPDX-License-Identifier: EUPL-1.2
// `fernamt verify-invoice FILE`: recomputes a document from its evidence, on the paying town's own
// machine, without database or network. `fernamt document ...`: issue, show (XRechnung, evidence,
// CSV, workbook), cancel and verify issued documents of a database.
#pragma once

#include "app/config.h"
#include "base/problem.h"

#include <functional>

namespace CLI {
class App;
}

namespace fernamt::app {

struct InvoiceCommandsContext {
    std::function<void(CLI::App &)> add_common; // --config, --database
    std::function<Expected<Config>()> configuration;
    int &result;
};
// Adds both to the command line; they keep what they need in the app itself.
void add_invoice_commands(CLI::App &app, InvoiceCommandsContext context);

} // namespace fernamt::app
