// SPDX-License-Identifier: EUPL-1.2
// The way back after something was removed: the server keeps every change of what distribution obeys
// (people/rule_history.h), and takes the last one back whole, with queue, scope, hours and their
// exceptions. Offered only while this removal is the last change that stands.
import { announce } from '../lib/announce.svelte';
import { explain, read, send } from '../lib/api';
import { rulesText } from '../texts/rules';

type Removed = { table: string; id: number; how: string; name: string };
type Changes = { items: { id: number; things: Removed[] }[]; last: number | null };

export class TakeBack {
  text = $state(''); // what was removed; empty: nothing is offered
  problem = $state('');
  #change = 0;

  async offer(text: string, isIt: (thing: Removed) => boolean): Promise<void> {
    this.forget();
    const { items, last } = await read<Changes>('/rule-changes');
    const newest = items.find(({ id }) => id === last);
    if (!newest?.things.some((thing) => thing.how === 'removed' && isIt(thing))) return;
    this.#change = newest.id;
    this.text = text;
  }

  forget(): void {
    this.text = this.problem = '';
  }

  // True: it is there again.
  async undo(): Promise<boolean> {
    try {
      await send('POST', `/rule-changes/${this.#change}/undo`);
      this.forget();
      announce(rulesText().history.done);
      return true;
    } catch (error) {
      this.problem = explain(error);
      announce(this.problem);
      return false;
    }
  }
}
