// SPDX-License-Identifier: EUPL-1.2
// What a change of the rules touches, in one line: "Warteschlange IT-Hotline: geändert".
import { rulesText } from '../texts/rules';

export type ChangedThing = { table: string; how: string; name: string };

export function thingsInWords(things: ChangedThing[]): string {
  const h = rulesText().history;
  return things
    .map(({ table, how, name }) => `${h.tables[table] ?? table}${name ? ` ${name}` : ''}: ${h.how[how] ?? how}`)
    .join('; ');
}
