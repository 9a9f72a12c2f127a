// SPDX-License-Identifier: EUPL-1.2
// `fernamt agreement ...`: a draft from a template, the list, one agreement as JSON, the steps from
// draft to end, the annex as PDF. Whoever may write to the database from the shell may do it.
#pragma once

#include "app/invoice_commands.h"

namespace fernamt::app {

void add_agreement_commands(CLI::App &app, InvoiceCommandsContext context);

} // namespace fernamt::app
