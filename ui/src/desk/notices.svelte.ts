// SPDX-License-Identifier: EUPL-1.2
// The lead's notices at the desk. One for everybody or for a skill stands there while it holds, and
// its beginning is spoken once, never into a call: it waits until nobody is on the line. One about a
// municipality stands beside that town's calls and is not spoken. What is over goes by itself.
import { announce } from '../lib/announce.svelte';
import { read } from '../lib/api';
import { i18n } from '../lib/i18n.svelte';
import { stream } from '../lib/stream.svelte';
import type { TeamNotice } from '../lib/contract';

const kRetry = 10_000;

class Notices {
  all = $state.raw<TeamNotice[]>([]);
  #known = new Set<number>();
  #unspoken: number[] = [];
  #first = true; // what was there at the start is not news
  #run = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  start(): () => void {
    const run = ++this.#run;
    this.all = [];
    this.#unspoken = [];
    this.#first = true;
    void this.#load(run);
    const stop = stream.on(['notice', 'configuration'], () => void this.#load(run));
    return () => {
      stop();
      clearTimeout(this.#retry);
      this.#run++;
      this.all = [];
    };
  }

  shown(now: number, ars: string | undefined): TeamNotice[] {
    return this.all.filter(
      ({ municipality, valid_until }) =>
        Date.parse(valid_until) > now && (municipality === null || municipality === ars),
    );
  }

  // Nobody is on the line: what came meanwhile may be said now.
  speak(now: number): void {
    const waiting = this.#unspoken.splice(0);
    for (const { id, text } of this.shown(now, undefined))
      if (waiting.includes(id)) announce(i18n.t.say.notice(text));
  }

  async #load(run: number): Promise<void> {
    clearTimeout(this.#retry);
    let items: TeamNotice[];
    try {
      ({ items } = await read<{ items: TeamNotice[] }>('/desk/notices'));
    } catch {
      if (run === this.#run) this.#retry = setTimeout(() => void this.#load(run), kRetry);
      return; // what was known stays
    }
    if (run !== this.#run) return;
    const fresh = items.filter(({ id }) => !this.#first && !this.#known.has(id));
    this.#first = false;
    this.#known = new Set(items.map(({ id }) => id));
    this.#unspoken.push(...fresh.map(({ id }) => id));
    this.all = items;
  }
}

export const notices = new Notices();
