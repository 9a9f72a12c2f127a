// SPDX-License-Identifier: EUPL-1.2
// Offices and people of the town halls as lines to choose from: who, where, and whether they can be
// reached now. Whoever stands in for somebody is a line of its own, right below. The server computes
// reachability; here it is only put into words.
import { read } from '../lib/api';
import type { Ars, PhoneNumber, Time } from '../lib/contract';
import { clockTime, date, weekday } from '../lib/format';
import { words } from './words';

type Reachable = {
  office: string;
  name: string;
  position: string;
  telephone: PhoneNumber | null;
  hours: string;
  reach: 'open' | 'closed' | 'unknown';
  until: Time | null;
  opens: Time | null;
};
type Entry = Reachable & { municipality: Ars; town: string; substitute: Reachable | null };

export type Line = {
  who: string;
  about: string; // office, position, for whom
  number: PhoneNumber | null;
  reach: string;
  brief: string; // reach in few words, to be spoken
  open: boolean | null; // null: not known
  town: string; // another than the one asked for; else empty
};

const kDay = 86_400_000;
const dayOf = (time: string | number) => date(new Date(time).toISOString());

function closedUntil(opens: Time | null): string {
  const w = words().reach;
  if (!opens) return w.closed;
  const time = clockTime(opens);
  if (dayOf(opens) === dayOf(Date.now())) return w.opens_today(time);
  const soon = Date.parse(opens) - Date.now() < 6 * kDay;
  return w.opens(soon ? weekday(opens) : date(opens), time);
}

function lineOf(one: Reachable, town: string, standsInFor = ''): Line {
  const w = words();
  const about = [one.name ? one.office : '', one.position, standsInFor && w.stands_in(standsInFor)];
  const until = one.until ? clockTime(one.until) : '';
  const told = {
    open: { reach: w.reach.open(until), brief: w.reach.open_short(until), open: true },
    closed: { reach: closedUntil(one.opens), brief: closedUntil(one.opens), open: false },
    unknown: { reach: one.hours.replaceAll('\n', ', '), brief: '', open: null },
  }[one.reach];
  return {
    who: one.name || one.office,
    about: about.filter(Boolean).join(' · '),
    number: one.telephone,
    town,
    ...told,
  };
}

// The same in two answers.
export const keyOf = ({ who, number, town }: Line) => `${who} ${number?.e164} ${town}`;

export async function findReachable(place: Ars, q: string, limit: number): Promise<Line[]> {
  const params = new URLSearchParams({ municipality: place, q, limit: String(limit) });
  const { items } = await read<{ items: Entry[] }>(`/knowledge/directory?${params}`);
  const lines = items.flatMap((entry) => {
    const town = entry.municipality === place ? '' : entry.town;
    const own = lineOf(entry, town);
    const { substitute } = entry;
    return substitute ? [own, lineOf(substitute, town, own.who)] : [own];
  });
  // Who stands in for somebody is not named again further down.
  const first = new Map<string, Line>();
  for (const line of lines) if (!first.has(keyOf(line))) first.set(keyOf(line), line);
  return [...first.values()];
}

// What is dialled as it is: digits, perhaps with +, blanks, brackets, - and /.
export const isNumber = (text: string) => /^[+(]?\d[\d\s()/-]*$/.test(text);
