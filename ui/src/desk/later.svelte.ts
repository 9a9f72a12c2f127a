// SPDX-License-Identifier: EUPL-1.2
// Fetches ./incall once; until then, and if it fails, its parts are not there. A failed fetch is tried
// again by whoever asks next.
type Parts = typeof import('./incall');

class Loaded {
  parts = $state.raw<Parts | null>(null);
  #loading: Promise<void> | undefined;

  load(): Promise<void> {
    return (this.#loading ??= import('./incall').then(
      (parts) => void (this.parts = parts),
      () => void (this.#loading = undefined),
    ));
  }
}

export const later = new Loaded();
