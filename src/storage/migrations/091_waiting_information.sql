-- SPDX-License-Identifier: EUPL-1.2
-- When a municipality's information is heard between the waiting music: the first after so long,
-- then every. Both or neither; NULL: the times of the house (media.information_*).
ALTER TABLE municipality ADD COLUMN information_first_us @i64;
ALTER TABLE municipality ADD COLUMN information_every_us @i64;
