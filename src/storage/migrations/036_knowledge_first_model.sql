-- SPDX-License-Identifier: EUPL-1.2
-- The first model (030) held the demo alone, which is seeded into the new one (032 to 034).
DROP TABLE knowledge_section;
DROP TABLE knowledge_service;
