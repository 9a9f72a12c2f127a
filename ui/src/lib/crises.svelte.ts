// SPDX-License-Identifier: EUPL-1.2
// The crises that run now, with the wording everybody uses. A beginning and an end are spoken once.
import { announce } from './announce.svelte';
import { read } from './api';
import { i18n } from './i18n.svelte';
import { stream } from './stream.svelte';
import type { Crisis } from './contract';

class Crises {
  running = $state.raw<Crisis[]>([]);
  #known: Map<number, string> | undefined; // what was there at the start is not news

  start(): () => void {
    this.#known = undefined;
    void this.load();
    return stream.on(['crisis'], () => void this.load());
  }

  find(id: number | null): Crisis | undefined {
    return this.running.find((one) => one.id === id);
  }

  async load(): Promise<void> {
    let items: Crisis[];
    try {
      ({ items } = await read<{ items: Crisis[] }>('/crises'));
    } catch {
      return; // what was known stays; the next event asks again
    }
    this.running = items;
    const now = new Map(items.map(({ id, name }) => [id, name]));
    const before = this.#known ?? now;
    this.#known = now;
    const { say } = i18n.t;
    for (const [id, name] of now) if (!before.has(id)) announce(say.crisis(name));
    for (const [id, name] of before) if (!now.has(id)) announce(say.crisis_over(name));
  }
}

export const crises = new Crises();

// In the page's language if there is one, else the first.
export const wordingOf = ({ wording }: Crisis) =>
  wording.find(({ language }) => language === i18n.language) ?? wording[0];
