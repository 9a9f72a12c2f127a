-- SPDX-License-Identifier: EUPL-1.2
-- A line with hours of its own may keep the municipality's holidays, closures and exceptional
-- openings (routing/hours.h), instead of having none or copies of them.
ALTER TABLE line ADD COLUMN towns_days @i64 NOT NULL DEFAULT 0 CHECK (towns_days IN (0, 1));
