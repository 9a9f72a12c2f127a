// SPDX-License-Identifier: EUPL-1.2
// What the lists of changes have in common: something is tried on the last day's calls or done, one
// at a time, and what came of it is shown and said.
import { announce } from '../lib/announce.svelte';
import { explain } from '../lib/api';
import { summary, type PreviewResult } from './Preview.svelte';

export class Trial {
  problem = $state('');
  preview = $state.raw<PreviewResult | null>(null);

  async attempt(what: () => Promise<void>): Promise<void> {
    this.problem = '';
    this.preview = null;
    try {
      await what();
    } catch (error) {
      this.problem = explain(error);
      announce(this.problem);
    }
  }

  ask(answer: () => Promise<PreviewResult>): Promise<void> {
    return this.attempt(async () => {
      this.preview = await answer();
      announce(summary(this.preview));
    });
  }
}
