// SPDX-License-Identifier: EUPL-1.2
// All financing models on the same real calls, as figures and as a paper for committees.
#pragma once

#include "web/routes.h"

namespace fernamt::web {

void add_variant_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                        people::Municipalities &municipalities, Towns &towns);

} // namespace fernamt::web
