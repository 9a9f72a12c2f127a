-- SPDX-License-Identifier: EUPL-1.2
-- Of an applied delivery: the last day on which it can be undone, YYYY-MM-DD; what it replaced
-- (knowledge_undo) is erased after it. '': none has been set yet, or it is in another state.
ALTER TABLE knowledge_delivery ADD COLUMN undo_until TEXT NOT NULL DEFAULT '';
