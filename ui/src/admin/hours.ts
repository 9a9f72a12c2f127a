// SPDX-License-Identifier: EUPL-1.2
// Service hours: several periods per day, which must not overlap.
import type { Period } from '../lib/contract';
import type { Catalogue } from '../texts/de';

export const minutes = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));

// What people type ("8", "8.30", "0830", "8:30 Uhr") as HH:MM, up to 24:00; else as it was typed.
// Not a time field: browsers show it in the language of their own menus, and none knows 24:00.
export function toClock(typed: string): string {
  const found = /^(\d{1,2})(?:[.:h]?(\d{2}))?\s*(?:uhr|h)?$/i.exec(typed.trim());
  const [hour, minute] = [Number(found?.[1]), Number(found?.[2] ?? 0)];
  if (!found || minute > 59 || hour * 60 + minute > 24 * 60) return typed.trim();
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}
const isClock = (text: string) => /^\d\d:\d\d$/.test(text) && minutes(text) <= 24 * 60;

export function sortHours(hours: Period[]): Period[] {
  return [...hours].sort((a, b) => a.weekday - b.weekday || minutes(a.from) - minutes(b.from));
}

// The first thing that is wrong, in words; empty if all is well.
export function hoursProblem(hours: Period[], t: Catalogue): string {
  const m = t.admin.municipality;
  const inOrder = sortHours(hours);
  for (const [index, { weekday, from, to }] of inOrder.entries()) {
    const day = t.weekdays[weekday] ?? '';
    if (!isClock(from) || !isClock(to)) return m.bad_time(day);
    if (minutes(to) <= minutes(from)) return m.bad_period(day);
    const next = inOrder[index + 1];
    if (next?.weekday === weekday && minutes(next.from) < minutes(to)) return m.overlap(day);
  }
  return '';
}
