// SPDX-License-Identifier: EUPL-1.2
// Parts of an agreement as lines of a form: which members there are, as exact text, to and from the
// stored values (cents, millionths of a euro, seconds of a day). What a line does not name stays as
// it was.
import { centsText, priceText, toWhole } from './prices';

export type Kind =
  | 'text'
  | 'int'
  | 'cents'
  | 'price'
  | 'hundredths'
  | 'day'
  | 'choice'
  | 'yes'
  | 'hours'
  | 'phone'
  | 'classes';
export type Spec = {
  path: string; // "value.category"
  label: string;
  kind: Kind;
  choices?: Record<string, string>;
  hint?: string;
  maybe?: boolean; // may be empty; then it is left out
  when?: (text: Row['text']) => boolean; // asked for only then; else it is left out
};
type Base = Record<string, unknown>;
export type Row = { base: Base; text: Record<string, string | boolean> };

const kDays = ['Mo', 'Di', 'Mi', 'Do', 'Fr', 'Sa', 'So'];
type Hours = { weekday: number; from_second: number; to_second: number };
const clock = (second: number) =>
  `${String(Math.floor(second / 3600)).padStart(2, '0')}:${String(Math.floor((second % 3600) / 60)).padStart(2, '0')}`;
const hoursText = (all: Hours[]) =>
  all.map((one) => `${kDays[one.weekday]} ${clock(one.from_second)}-${clock(one.to_second)}`).join('; ');
// "Mo-Fr 08:00-18:00; Sa 09:00-12:00"
function readHours(text: string): Hours[] | null {
  const found: Hours[] = [];
  for (const part of text.split(';').map((each) => each.trim()).filter(Boolean)) {
    const said = /^(\p{L}{2})(?:-(\p{L}{2}))? (\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$/u.exec(part);
    if (!said) return null;
    const first = kDays.indexOf(said[1]!);
    const last = said[2] ? kDays.indexOf(said[2]) : first;
    const from = Number(said[3]) * 3600 + Number(said[4]) * 60;
    const to = Number(said[5]) * 3600 + Number(said[6]) * 60;
    if (first < 0 || last < first || from >= to || to > 86_400) return null;
    for (let weekday = first; weekday <= last; weekday++)
      found.push({ weekday, from_second: from, to_second: to });
  }
  return found.length ? found : null;
}
function readPhone(text: string): string | null {
  const digits = text.replace(/[\s()/-]/g, '');
  const number = digits.startsWith('00') ? `+${digits.slice(2)}` : digits.replace(/^0/, '+49');
  return /^\+\d{5,15}$/.test(number) || number === '115' ? number : null;
}
function readClasses(text: string): number[] | null {
  const all = text.split(/[,;\s]+/).filter(Boolean);
  return all.every((each) => /^\d{1,6}$/.test(each)) ? all.map(Number) : null;
}

const at = (value: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((inner, name) => (inner as Base | undefined)?.[name], value);
function set(value: Base, path: string, to: unknown): void {
  const names = path.split('.');
  const last = names.pop()!;
  let inner = value;
  for (const name of names) inner = (inner[name] ??= {}) as Base;
  if (to === undefined) delete inner[last];
  else inner[last] = to;
}

function toText(spec: Spec, value: unknown): string | boolean {
  if (spec.kind === 'yes') return value === true;
  if (value === undefined || value === null) return '';
  if (spec.kind === 'cents' || spec.kind === 'hundredths') return centsText(value as number);
  if (spec.kind === 'price') return priceText(value as number);
  if (spec.kind === 'hours') return hoursText(value as Hours[]);
  if (spec.kind === 'classes') return (value as number[]).join(', ');
  return String(value);
}
// null: this is no such value.
function fromText(spec: Spec, text: string): unknown {
  if (spec.kind === 'int') return /^\d{1,12}$/.test(text) ? Number(text) : null;
  if (spec.kind === 'cents' || spec.kind === 'hundredths') return toWhole(text, 2);
  if (spec.kind === 'price') return toWhole(text, 6);
  if (spec.kind === 'day') return /^\d{4}-\d{2}-\d{2}$/.test(text) ? text : null;
  if (spec.kind === 'hours') return readHours(text);
  if (spec.kind === 'phone') return readPhone(text);
  if (spec.kind === 'classes') return readClasses(text);
  if (spec.kind === 'choice') return spec.choices && text in spec.choices ? text : null;
  return text;
}

export const rowOf = (specs: Spec[], base: Base): Row => ({
  base: structuredClone(base),
  text: Object.fromEntries(specs.map((spec) => [spec.path, toText(spec, at(base, spec.path))])),
});
export const isAsked = ({ when }: Spec, { text }: Row): boolean => !when || when(text);
const said = (spec: Spec, row: Row): unknown => {
  if (!isAsked(spec, row)) return undefined;
  const text = row.text[spec.path];
  if (spec.kind === 'yes') return text === true;
  const trimmed = String(text ?? '').trim();
  if (!trimmed && spec.kind === 'text') return '';
  return trimmed || !spec.maybe ? fromText(spec, trimmed) : undefined;
};
// The first member that is wrong; null: none.
export const wrongIn = (specs: Spec[], row: Row): Spec | null =>
  specs.find((spec) => said(spec, row) === null) ?? null;
export function valueIn<T>(specs: Spec[], row: Row): T {
  const value = structuredClone(row.base);
  for (const spec of specs) set(value, spec.path, said(spec, row));
  return value as T;
}
