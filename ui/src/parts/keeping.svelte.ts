// SPDX-License-Identifier: EUPL-1.2
// A list that people keep: how reading it went, which entry's form is open, where the focus goes
// then and afterwards, and how a change went, shown and spoken once. KeptList.svelte shows it; what
// an entry is, is its page's matter.
import { tick } from 'svelte';
import { announce } from '../lib/announce.svelte';
import { explain } from '../lib/api';
import { Saving } from '../lib/saving.svelte';

type Ways<Entry> = {
  heading: () => string; // the id that has the focus when a form has closed
  form: (what: Entry | 'new') => string; // and when one has opened
  read: () => Promise<void>;
  changed?: () => void;
};

export class Keeping<Entry> {
  editing = $state.raw<Entry | 'new' | null>(null);
  problem = $state(''); // with reading
  #changing = new Saving();
  #ways: Ways<Entry>;

  constructor(ways: Ways<Entry>) {
    this.#ways = ways;
  }
  get heading(): string {
    return this.#ways.heading();
  }
  get refused(): string {
    return this.#changing.problem;
  }

  load = async (): Promise<void> => {
    try {
      await this.#ways.read();
      this.problem = '';
    } catch (error) {
      this.problem = explain(error);
    }
  };

  // A form that stands open for another entry makes room for a fresh one.
  async edit(what: Entry | 'new'): Promise<void> {
    this.editing = null;
    this.#changing.begin();
    await tick();
    this.editing = what;
    await tick();
    document.getElementById(this.#ways.form(what))?.focus();
  }
  // said: what has been saved; nothing: cancelled.
  async close(said = ''): Promise<void> {
    this.editing = null;
    if (said) {
      await this.#renew();
      announce(said);
    }
    await this.focus();
  }
  // A change without a form. Somebody else was quicker, or it is refused: false, said, and shown as
  // it is now.
  attempt(change: () => Promise<void>, said = ''): Promise<boolean> {
    this.#changing.begin();
    const whole = async () => {
      await change();
      await this.#renew();
    };
    return this.#changing.run(whole, said, this.load);
  }
  async focus(id = this.heading): Promise<void> {
    await tick();
    document.getElementById(id)?.focus();
  }
  async #renew(): Promise<void> {
    await this.load();
    this.#ways.changed?.();
  }
}
