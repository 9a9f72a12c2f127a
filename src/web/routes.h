// SPDX-License-Identifier: EUPL-1.2
// The adapters, one file per subject. Each adds its routes behind the gate; what it refers to must
// outlive the router.
#pragma once

#include "web/api.h"
#include "web/gate.h"

namespace fernamt::people {
class Municipalities;
class Sessions;
class Users;
} // namespace fernamt::people
namespace fernamt::knowledge {
class SearchGaps;
} // namespace fernamt::knowledge

namespace fernamt::web {

class PublicSite;
class Recordings;
class RuleChange;
class RulePlans;
class Towns;

void add_operations_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                           HttpTimes &times);
void add_session_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                        people::Sessions &sessions, people::Users &users);
void add_desk_routes(net::Router &router, Gate &gate, const ApiParts &parts, Towns &towns);
void add_call_routes(net::Router &router, Gate &gate, const ApiParts &parts);
void add_knowledge_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                          knowledge::SearchGaps &gaps);
void add_article_routes(net::Router &router, Gate &gate, const ApiParts &parts);
void add_directory_routes(net::Router &router, Gate &gate, const ApiParts &parts, Towns &towns);
void add_knowledge_website_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                                  Towns &towns);
void add_knowledge_synonym_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                                  Towns &towns);
void add_knowledge_editing_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                                  people::Users &users);
void add_knowledge_work_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                               people::Users &users, knowledge::SearchGaps &gaps);
void add_knowledge_matrix_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                                 people::Municipalities &municipalities, people::Users &users,
                                 Towns &towns);
void add_knowledge_delivery_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                                   people::Users &users);
void add_knowledge_guide_routes(net::Router &router, Gate &gate, const ApiParts &parts);
void add_public_routes(net::Router &router, Gate &gate, PublicSite &site);
void add_public_api_routes(net::Router &router, Gate &gate, PublicSite &site);
void add_pvog_routes(net::Router &router, Gate &gate, PublicSite &site);
void add_situation_routes(net::Router &router, Gate &gate, const ApiParts &parts, Towns &towns);
void add_municipality_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                             people::Municipalities &municipalities, RuleChange &rules,
                             Towns &towns);
void add_line_routes(net::Router &router, Gate &gate, const ApiParts &parts, RuleChange &rules,
                     people::Municipalities &municipalities);
void add_distribution_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                             RuleChange &rules, RulePlans &plans);
void add_crisis_routes(net::Router &router, Gate &gate, const ApiParts &parts, RuleChange &rules,
                       RulePlans &plans, people::Sessions &sessions);
void add_callback_routes(net::Router &router, Gate &gate, const ApiParts &parts);
void add_notice_routes(net::Router &router, Gate &gate, const ApiParts &parts);
void add_why_routes(net::Router &router, Gate &gate, const ApiParts &parts, Towns &towns);
void add_report_routes(net::Router &router, Gate &gate, const ApiParts &parts);
void add_audit_routes(net::Router &router, Gate &gate, const ApiParts &parts);
void add_area_routes(net::Router &router, Gate &gate, people::Municipalities &municipalities);
void add_price_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                      people::Municipalities &municipalities);
void add_announcement_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                             people::Municipalities &municipalities, Recordings &recordings);
void add_agent_routes(net::Router &router, Gate &gate, people::Users &users, RuleChange &rules);
void add_settings_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                         people::Municipalities &municipalities, RuleChange &rules,
                         RulePlans &plans);
void add_invoice_routes(net::Router &router, Gate &gate, const ApiParts &parts, Towns &towns);
void add_document_routes(net::Router &router, Gate &gate, const ApiParts &parts, Towns &towns);
void add_run_routes(net::Router &router, Gate &gate, const ApiParts &parts, Towns &towns);
void add_partner_routes(net::Router &router, Gate &gate, const ApiParts &parts);
void add_classification_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                               Towns &towns);
void add_dispute_routes(net::Router &router, Gate &gate, const ApiParts &parts, Towns &towns);
void add_agreement_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                          people::Municipalities &municipalities, RuleChange &rules, Towns &towns);
void add_onboarding_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                           people::Municipalities &municipalities, Towns &towns);
void add_cost_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                     people::Municipalities &municipalities, Towns &towns);

} // namespace fernamt::web
