// SPDX-License-Identifier: EUPL-1.2
// Values as people read them: clocks, dates and figures in Europe/Berlin and in the page's language.
import { i18n } from './i18n.svelte';

const zone = { timeZone: 'Europe/Berlin' } as const;

const format = (time: string | Date, options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(i18n.t.locale, { ...zone, ...options }).format(new Date(time));

export const clockTime = (time: string) => format(time, { hour: '2-digit', minute: '2-digit' });
export const timeWithSeconds = (time: string) =>
  format(time, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
export const date = (day: string) =>
  format(day, { day: '2-digit', month: '2-digit', year: 'numeric' });
export const weekday = (time: string) => format(time, { weekday: 'short' });
export const dateTime = (time: string) =>
  format(time, { day: '2-digit', month: '2-digit', hour: '2-digit', minute: '2-digit' });
// With the year: what was planned may lie far ahead.
export const moment = (time: string) => `${date(time)}, ${clockTime(time)}`;
export const monthName = (month: string) =>
  format(`${month}-15T12:00:00Z`, { month: 'long', year: 'numeric' });

// The last n months as YYYY-MM, newest first.
export function lastMonths(n: number, from = new Date()): string[] {
  const year = Number(format(from, { year: 'numeric' }));
  const month = Number(format(from, { month: 'numeric' })) - 1;
  return Array.from({ length: n }, (_, back) => {
    const at = new Date(Date.UTC(year, month - back, 1));
    return at.toISOString().slice(0, 7);
  });
}

// 134 -> "2:14"; 3734 -> "1:02:14"
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

// 1266 tenths of a second -> "2:06,6"
export function tenths(value: number): string {
  const separator = new Intl.NumberFormat(i18n.t.locale).format(0.5).charAt(1);
  return `${duration(Math.floor(value / 10))}${separator}${value % 10}`;
}

export const number = (value: number) => new Intl.NumberFormat(i18n.t.locale).format(value);
export const plural = (value: number, one: string, many: string) =>
  `${number(value)} ${value === 1 ? one : many}`;
export const percent = (value: number) =>
  new Intl.NumberFormat(i18n.t.locale, {
    style: 'percent',
    maximumFractionDigits: 0,
  }).format(value / 100);
export const euro = (cents: number) =>
  new Intl.NumberFormat(i18n.t.locale, { style: 'currency', currency: 'EUR' }).format(cents / 100);
// "123.45" as the server writes it -> "123,45"
export const decimal = (text: string) =>
  new Intl.NumberFormat(i18n.t.locale, {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  }).format(Number(text));
