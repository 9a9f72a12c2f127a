// SPDX-License-Identifier: EUPL-1.2
// Which level of administration carries a service out, in one word beside its name. Apart from
// the catalogue, so that the desk comes up with little.
import type { Administration } from '../lib/contract';
import { i18n } from '../lib/i18n.svelte';

const de: Record<Administration, string> = {
  federation: 'Ebene: Bund',
  land: 'Ebene: Land',
  district: 'Ebene: Kreis',
  local: 'Ebene: Kommune',
};
const en: Record<Administration, string> = {
  federation: 'Level: federation',
  land: 'Level: federal state',
  district: 'Level: district',
  local: 'Level: municipal',
};

export const level = (of: Administration) => (i18n.language === 'en' ? en : de)[of];
