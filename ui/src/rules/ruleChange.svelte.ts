// SPDX-License-Identifier: EUPL-1.2
// One change of what distribution obeys, from a form: made at once or for later (Plans.svelte), or
// only asked what it would have changed. RuleChangeEnd.svelte is its end of the form.
import { announce } from '../lib/announce.svelte';
import { explain, send } from '../lib/api';
import { moment } from '../lib/format';
import { i18n } from '../lib/i18n.svelte';
import { Saving } from '../lib/saving.svelte';
import { rulesText } from '../texts/rules';
import { isAhead, refusePast } from './fields';
import { summary, type PreviewResult } from './Preview.svelte';

export type Request = { method: 'PUT' | 'POST'; path: string; body: object; version?: number };

export class RuleChange {
  saving = new Saving();
  preview = $state.raw<PreviewResult | null>(null);
  from = $state<string | null>(null); // none: at once

  get isPast(): boolean {
    return this.from !== null && !isAhead(this.from);
  }

  // False: the first wrong field, or that of a moment that has passed (both by id), has the focus.
  begin(wrongField: string | undefined, planned: string): boolean {
    this.preview = null;
    if (!this.saving.begin(wrongField)) return false;
    if (!this.isPast) return true;
    refusePast(planned);
    return false;
  }

  // What is said when it is made; what came back, if it holds now.
  async make<T>({ method, path, body, version }: Request): Promise<{ said: string; now?: T }> {
    const { from } = this;
    const made = await send<T>(method, from ? `${path}?from=${from}` : path, body, version);
    this.from = null;
    if (from) return { said: rulesText().plans.done(moment(from)) };
    return { said: i18n.t.common.saved, now: made };
  }

  async ask({ method, path, body, version }: Request, inWords = (error: unknown) => error) {
    try {
      const address = `${path}?preview=true${this.from ? `&from=${this.from}` : ''}`;
      this.preview = await send<PreviewResult>(method, address, body, version);
      announce(summary(this.preview));
    } catch (error) {
      this.saving.refuse(explain(inWords(error)));
    }
  }
}
