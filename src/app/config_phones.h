// SPDX-License-Identifier: EUPL-1.2
// Whether the configuration's [[sip.phone]] are telephones of town halls: only the database knows
// who has one. A number that is given to nobody's phone never rings, and one that is given to an
// agent's would ring somebody who waits for the centre's calls.
#pragma once

#include "app/config.h"
#include "app/config_tables.h"
#include "people/directory.h"

namespace fernamt::app {

// "config.wrong_value" for each that is none, where its user is written.
void check_phones(const Config &config, const people::Directory &people, Mistakes &mistakes);

} // namespace fernamt::app
