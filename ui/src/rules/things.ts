// SPDX-License-Identifier: EUPL-1.2
// What a change of the rules touches, in one line: "Warteschlange IT-Hotline: geändert".
import { date } from '../lib/format';
import { rulesText } from '../texts/rules';

export type ChangedThing = { table: string; how: string; name: string; town?: string | null };

// What has no name of its own is named by what it is about: a rule of overflow by its reason, an
// exception by its first day.
function nameOf({ table, name }: ChangedThing): string {
  if (table === 'overflow') return rulesText().reasons[name] ?? name;
  return table === 'exception' && /^\d{4}-\d\d-\d\d$/.test(name) ? date(name) : name;
}

const ofTown = ({ town }: ChangedThing) => town && `(${town})`;

export function thingsInWords(things: ChangedThing[]): string {
  const h = rulesText().history;
  return things
    .map((thing) => [h.tables[thing.table] ?? thing.table, nameOf(thing), ofTown(thing)].filter(Boolean).join(' ') +
      `: ${h.how[thing.how] ?? thing.how}`)
    .join('; ');
}
