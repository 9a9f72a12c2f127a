-- SPDX-License-Identifier: EUPL-1.2
-- Which services were looked up in a call (knowledge/service_requests.h), each once, so that editors
-- see what citizens ask for. The call is a number; who answered it does not stand here.
CREATE TABLE knowledge_call_service (
    call @i64 NOT NULL,
    service @i64 NOT NULL,
    municipality @i64 NOT NULL,
    opened_on TEXT NOT NULL,
    PRIMARY KEY (call, service)
) @strict;
CREATE INDEX knowledge_call_service_day ON knowledge_call_service (opened_on);
