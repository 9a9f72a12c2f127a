// SPDX-License-Identifier: EUPL-1.2
// What a person has chosen. Looks, keys and habits follow the person (kept on the server); devices
// belong to this computer (kept in this browser).
import type { Ars, Device, User } from './contract';
import { kDefaultKeys, keyName, type Action, type Keymap } from './keys';

export type Theme = 'system' | 'light' | 'dark';
export const kSizes = [100, 112, 125, 150] as const;
export const kRingNames = ['two', 'low', 'high', 'rising', 'falling'] as const;
export type Ring = (typeof kRingNames)[number];

export type Personal = {
  theme: Theme;
  size: number;
  keys_on: boolean;
  keys: Partial<Keymap>;
  focus_jumps: boolean;
  whisper: boolean; // read by the server: people/directory.h
  device: Device;
  ring: Ring;
  rings: Partial<Record<Ars, Ring>>; // where a municipality sounds differently
};
export type Local = {
  microphone: string;
  conversation: string;
  ringing: string;
  tones: string;
  ear: 'both' | 'left' | 'right';
  volume: number;
};

const kPersonal: Personal = {
  theme: 'system',
  size: 100,
  keys_on: true,
  keys: {},
  focus_jumps: false,
  whisper: false,
  device: 'browser',
  ring: 'two',
  rings: {},
};
const kLocal: Local = {
  microphone: '',
  conversation: '',
  ringing: '',
  tones: '',
  ear: 'both',
  volume: 70,
};

class Settings {
  personal = $state<Personal>({ ...kPersonal });
  local = $state<Local>({ ...kLocal, ...stored('fernamt.devices') });

  constructor() {
    const looks = stored('fernamt.looks') as Partial<Personal>;
    Object.assign(this.personal, looks); // the sign-in page looks right, too
    this.apply();
  }

  get keymap(): Keymap {
    return { ...kDefaultKeys, ...this.personal.keys };
  }

  ringOf(municipality?: Ars): Ring {
    const { ring, rings } = this.personal;
    return (municipality && rings[municipality]) || ring;
  }

  adopt(user: User): void {
    this.personal = { ...kPersonal, ...(user.settings as Partial<Personal>) };
    this.apply();
  }

  apply(): void {
    const root = document.documentElement;
    const { theme, size } = this.personal;
    if (theme === 'system') root.removeAttribute('data-kern-theme');
    else root.setAttribute('data-kern-theme', theme);
    root.dataset.size = String(size);
    keep('fernamt.looks', { theme, size });
  }

  saveLocal(): void {
    keep('fernamt.devices', this.local);
  }
}

function stored(name: string): object {
  try {
    return JSON.parse(localStorage.getItem(name) ?? '{}') as object;
  } catch {
    return {};
  }
}
const keep = (name: string, value: object) => localStorage.setItem(name, JSON.stringify(value));

export const settings = new Settings();

// The key of an action for people and for aria-keyshortcuts; "" while keys are off.
export const keyOf = (action: Action) => (settings.personal.keys_on ? settings.keymap[action] : '');
export const shownKey = (action: Action) => keyName(keyOf(action));
