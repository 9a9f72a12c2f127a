// SPDX-License-Identifier: EUPL-1.2
// The adapters, one file per subject. Each adds its routes behind the gate; what it refers to must
// outlive the router.
#pragma once

#include "web/gate.h"

namespace fernamt::web {

struct ApiParts;
class Towns;

void add_operations_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                           HttpTimes &times);
void add_desk_routes(net::Router &router, Gate &gate, const ApiParts &parts, Towns &towns);
void add_call_routes(net::Router &router, Gate &gate, const ApiParts &parts);
void add_knowledge_routes(net::Router &router, Gate &gate, const ApiParts &parts);
void add_situation_routes(net::Router &router, Gate &gate, const ApiParts &parts, Towns &towns);
void add_invoice_routes(net::Router &router, Gate &gate, const ApiParts &parts, Towns &towns);

} // namespace fernamt::web
