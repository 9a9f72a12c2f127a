// SPDX-License-Identifier: EUPL-1.2
// Several windows of one person show the same desk, but only one rings and carries the voice: the
// one that holds the browser's lock. Another can take it over.
const kLock = 'fernamt-desk';

class Leader {
  leads = $state(false);
  #run = 0;
  #release: (() => void) | undefined;

  start(): void {
    const run = ++this.#run;
    if (!navigator.locks) {
      this.leads = true; // no locks on an insecure address: every window counts as the only one
      return;
    }
    void this.#hold(run, {});
  }

  takeOver(): void {
    void this.#hold(++this.#run, { steal: true });
  }

  stop(): void {
    this.#run++;
    this.leads = false;
    this.#release?.();
  }

  async #hold(run: number, options: LockOptions): Promise<void> {
    try {
      await navigator.locks.request(kLock, options, () => {
        if (run !== this.#run) return undefined;
        this.leads = true;
        return new Promise<void>((release) => (this.#release = release));
      });
    } catch {
      if (run !== this.#run) return;
      this.leads = false; // stolen by another window: queue up again for when it closes
      void this.#hold(run, {});
    }
  }
}

export const leader = new Leader();
