// SPDX-License-Identifier: EUPL-1.2
// Service hours: several periods per day, which must not overlap.
import { tick } from 'svelte';
import type { Period } from '../lib/contract';
import type { Catalogue } from '../texts/de';
import { adminTexts } from './texts';

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

// What is wrong, in words, and in which field.
export type HoursFault = { text: string; period: Period; end: 'from' | 'to' };

// The first thing that is wrong; undefined if all is well.
export function hoursFault(hours: Period[], t: Catalogue): HoursFault | undefined {
  const m = adminTexts().municipality;
  const day = ({ weekday }: Period) => t.weekdays[weekday] ?? '';
  for (const period of hours)
    for (const end of ['from', 'to'] as const)
      if (!isClock(period[end])) return { text: m.bad_time(day(period)), period, end };
  const inOrder = sortHours(hours);
  for (const [index, period] of inOrder.entries()) {
    if (minutes(period.to) <= minutes(period.from))
      return { text: m.bad_period(day(period)), period, end: 'to' };
    const next = inOrder[index + 1];
    if (next?.weekday === period.weekday && minutes(next.from) < minutes(period.to))
      return { text: m.overlap(day(period)), period: next, end: 'from' };
  }
  return undefined;
}

// The field in a week named so; the focus goes there, and its words are read with it.
export async function focusFault(name: string): Promise<void> {
  await tick();
  document.querySelector<HTMLElement>(`[aria-describedby="${name}-fault"]`)?.focus();
}
