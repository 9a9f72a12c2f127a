// SPDX-License-Identifier: EUPL-1.2
// What a form asks for, said as data: every table that distribution obeys has the same list and the
// same form. A field names the member of the REST thing it fills.
import { announce } from '../lib/announce.svelte';
import { rulesText } from '../texts/rules';

export type Choice = { value: string | number; text: string };
export type Thing = Record<string, unknown> & { id?: number; version?: number };

// start: what a new thing begins with; when: whether the field matters now.
type Common = {
  name: string;
  label: string;
  hint?: string;
  start?: unknown;
  when?: (values: Thing) => boolean;
};
export type Field = Common &
  (
  | { kind: 'text' | 'tel' | 'clock' | 'day'; required?: boolean; longest?: number }
  | { kind: 'long'; required?: boolean; longest?: number }
  | { kind: 'count'; least: number; most: number }
  | { kind: 'check'; fill?: (values: Thing) => Thing } // what else it writes when it is ticked
  | { kind: 'choice'; choices: Choice[]; optional?: string } // optional: the words for none
  | { kind: 'skills' }
  | { kind: 'relaxations' }
  | { kind: 'hours'; empty?: string } // empty: what it means that there are none
  | { kind: 'instant' }
);

export type SkillLevel = { skill: number; level: number };
export type Relaxation = { after_seconds: number; demands: SkillLevel[] };

// A new thing with nothing filled in.
export function blank(fields: Field[]): Thing {
  const empty = (field: Field): unknown => {
    switch (field.kind) {
      case 'count':
        return field.least;
      case 'check':
        return false;
      case 'skills':
      case 'relaxations':
      case 'hours':
        return [];
      case 'choice':
        return field.optional === undefined ? (field.choices[0]?.value ?? null) : null;
      case 'instant':
        return null;
      default:
        return '';
    }
  };
  return Object.fromEntries(fields.map((field) => [field.name, field.start ?? empty(field)]));
}

// The first field that is wrong, if any.
export function wrongField(fields: Field[], values: Thing): Field | undefined {
  return fields.find((field) => {
    if (field.when && !field.when(values)) return false;
    const value = values[field.name];
    if (field.kind === 'count')
      return !Number.isInteger(value) || Number(value) < field.least || Number(value) > field.most;
    if (field.kind === 'choice') return field.optional === undefined && value === null;
    return 'required' in field && field.required === true && !String(value ?? '').trim();
  });
}

// An instant as an <input type="datetime-local"> wants it, in the time of this computer, and back.
export function toLocalInput(instant: unknown): string {
  if (typeof instant !== 'string') return '';
  const at = new Date(instant);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
export const isAhead = (instant: string) => Date.parse(instant) > Date.now();
export const refusePast = (id: string): void => refuseAt(id, rulesText().plans.past);
// The field (by id) gets the focus, and a screen reader says with it what is wrong there; only where
// the focus is already has it to be announced.
export function refuseAt(id: string, fault: string): void {
  const field = document.getElementById(id);
  if (field === document.activeElement) announce(fault);
  else field?.focus();
}
export const fromLocalInput = (text: string) => (text ? new Date(text).toISOString() : null);
