// SPDX-License-Identifier: EUPL-1.2
// Function keys only, changeable, can be switched off (WCAG 2.1.4). Never letters, never
// Ctrl+Alt (= AltGr: @ € { [), never keys that browsers or screen readers need (F3-F7, F10-F12).
import type { SectionKey } from './contract';
import { i18n } from './i18n.svelte';
import type { Catalogue } from '../texts/de';

export type Action = keyof Catalogue['actions'];
export type Keymap = Record<Action, string>; // "Shift+F8"; "" = no key

export const kDefaultKeys: Keymap = {
  answer: 'F8',
  give_back: 'Shift+F8',
  hold: 'F9',
  hang_up: 'Shift+F9',
  consult: 'Control+F1',
  conference: 'Control+Shift+F8',
  hand_over: 'Control+Shift+F9',
  correct: 'Shift+F1',
  finish: 'Control+F9',
  search: 'F2',
  extend: 'Shift+F2',
  repeat: 'Control+F2',
  situation: 'Control+F8',
  help: 'F1',
  section1: 'Alt+1',
  section2: 'Alt+2',
  section3: 'Alt+3',
  section4: 'Alt+4',
  section5: 'Alt+5',
  section6: 'Alt+6',
  section7: 'Alt+7',
  section8: 'Alt+8',
  report: 'Control+Shift+F2',
};

export const kFunctionKeys = ['F1', 'F2', 'F8', 'F9'].flatMap((key) => [
  key,
  `Shift+${key}`,
  `Control+${key}`,
  `Control+Shift+${key}`,
]);
// By the number of their action, as people learned them; an article shows them in the server's order.
const kSections: SectionKey[] = [
  ...['responsible', 'fee', 'documents', 'where', 'opening_hours', 'online', 'deadline', 'contact'],
] as SectionKey[];
export const sectionActions = Object.fromEntries(
  kSections.map((section, index) => [section, `section${index + 1}`]),
) as Partial<Record<SectionKey, Action>>;
export const kSectionKeys = kSections.map((_, index) => `Alt+${index + 1}`);

// What only a desk can do; nobody else is shown these keys.
const kOfDesk: Action[] = [
  ...['answer', 'give_back', 'hold', 'hang_up', 'finish', 'extend', 'situation'],
  ...['consult', 'conference', 'hand_over', 'correct'],
] as Action[];
export const isOfDesk = (action: Action) => kOfDesk.includes(action);
export const isSection = (action: Action) => action.startsWith('section');
export const choices = (action: Action) => (isSection(action) ? kSectionKeys : kFunctionKeys);

// The key of an event in the form above; "" if it is none that we could mean.
export function chord(event: KeyboardEvent): string {
  if (event.repeat || event.isComposing || event.metaKey) return '';
  if (event.getModifierState('AltGraph') || (event.ctrlKey && event.altKey)) return '';
  const digit = /^Digit([1-8])$/.exec(event.code)?.[1];
  if (digit) return event.altKey && !event.shiftKey && !event.ctrlKey ? `Alt+${digit}` : '';
  if (!/^F\d+$/.test(event.key) || event.altKey) return '';
  return `${event.ctrlKey ? 'Control+' : ''}${event.shiftKey ? 'Shift+' : ''}${event.key}`;
}

// "Shift+F8" as people read it: "Umschalt F8".
export function keyName(key: string): string {
  const names: Record<string, string> = {
    Shift: i18n.t.keys.shift,
    Control: i18n.t.keys.control,
    Alt: i18n.t.keys.alt,
  };
  return key
    .split('+')
    .map((part) => names[part] ?? part)
    .join(' ');
}

// Gives `key` to `action`. Whoever had it gets the old one, so that no key has two effects.
export function rebind(keys: Keymap, action: Action, key: string): { keys: Keymap; swapped?: Action } {
  const owner = (Object.keys(keys) as Action[]).find((other) => other !== action && keys[other] === key);
  const next = { ...keys, [action]: key };
  if (!key || !owner) return { keys: next };
  next[owner] = keys[action];
  return { keys: next, swapped: owner };
}

type Handler = () => void;
const handlers = new Map<Action, Handler>();

// The newest page that offers an action gets it. Returns how to withdraw.
export function offer(actions: Partial<Record<Action, Handler>>): () => void {
  for (const [action, handler] of Object.entries(actions)) handlers.set(action as Action, handler);
  return () => {
    for (const [action, handler] of Object.entries(actions))
      if (handlers.get(action as Action) === handler) handlers.delete(action as Action);
  };
}

export function listen(current: () => { on: boolean; keys: Keymap }): () => void {
  const onKey = (event: KeyboardEvent) => {
    const { on, keys } = current();
    const key = on ? chord(event) : '';
    if (!key) return;
    const action = (Object.keys(keys) as Action[]).find((name) => keys[name] === key);
    const handler = action && handlers.get(action);
    if (!handler) return;
    event.preventDefault();
    handler();
  };
  addEventListener('keydown', onKey);
  return () => removeEventListener('keydown', onKey);
}
