-- SPDX-License-Identifier: EUPL-1.2
-- The level of administration is read from the typification: what stood here was wrong where that
-- leaves Land or Kommune open.
ALTER TABLE knowledge_public_service DROP COLUMN level;
