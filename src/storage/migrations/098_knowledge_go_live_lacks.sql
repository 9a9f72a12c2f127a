-- SPDX-License-Identifier: EUPL-1.2
-- What else was missing when somebody let a municipality go live (knowledge/go_live.h): words, by commas.
ALTER TABLE knowledge_go_live ADD COLUMN lacks TEXT NOT NULL DEFAULT '';
