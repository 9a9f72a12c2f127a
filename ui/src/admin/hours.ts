// SPDX-License-Identifier: EUPL-1.2
// Service hours: several periods per day, which must not overlap.
import type { Period } from '../lib/contract';
import type { Catalogue } from '../texts/de';

export const minutes = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));

// An end at midnight is written 24:00; a time field shows it as 00:00.
export const toField = (clock: string) => (clock === '24:00' ? '00:00' : clock);
export const fromField = (clock: string, isEnd: boolean) =>
  isEnd && clock === '00:00' ? '24:00' : clock;

export function sortHours(hours: Period[]): Period[] {
  return [...hours].sort((a, b) => a.weekday - b.weekday || minutes(a.from) - minutes(b.from));
}

// The first thing that is wrong, in words; empty if all is well.
export function hoursProblem(hours: Period[], t: Catalogue): string {
  const m = t.admin.municipality;
  const inOrder = sortHours(hours);
  for (const [index, { weekday, from, to }] of inOrder.entries()) {
    const day = t.weekdays[weekday] ?? '';
    if (!from || !to || minutes(to) <= minutes(from)) return m.bad_period(day);
    const next = inOrder[index + 1];
    if (next?.weekday === weekday && minutes(next.from) < minutes(to)) return m.overlap(day);
  }
  return '';
}
