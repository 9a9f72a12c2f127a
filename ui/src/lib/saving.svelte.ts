// SPDX-License-Identifier: EUPL-1.2
// What a form says about saving: refused or done, shown beside the button and spoken once.
import { announce } from './announce.svelte';
import { explain, Failure } from './api';
import { i18n } from './i18n.svelte';

export class Saving {
  problem = $state('');
  done = $state('');
  tried = $state(false); // only then are empty fields called wrong

  // The first field (by id) that is wrong gets the focus; then nothing is sent.
  begin(wrongField = ''): boolean {
    this.tried = true;
    this.problem = this.done = '';
    document.getElementById(wrongField)?.focus();
    return wrongField === '';
  }

  refuse(text: string): void {
    this.problem = text;
    announce(text);
  }

  // Does the change, and says what it returns or `say`; false: it did not happen. Somebody else was quicker: `reload` fetches what
  // holds now, and only then is it said: whoever tries again at once tries it on what is there.
  async run(
    change: () => Promise<string | void>,
    say = '',
    reload?: () => Promise<void>,
  ): Promise<boolean> {
    try {
      const said = (await change()) || say;
      this.tried = false;
      this.done = said;
      if (said) announce(said);
      return true;
    } catch (error) {
      const stale = error instanceof Failure && error.status === 412;
      try {
        if (stale) await reload?.();
      } finally {
        this.refuse(stale ? i18n.t.common.version_conflict : explain(error));
      }
      return false;
    }
  }
}
