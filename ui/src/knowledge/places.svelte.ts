// SPDX-License-Identifier: EUPL-1.2
// The municipalities' names beside their keys, read once for all pages of the editors.
import { read } from '../lib/api';
import type { Municipality } from '../lib/contract';
import { texts } from './texts';
import type { Place } from './types';

class Places {
  all = $state.raw<{ ars: string; name: string }[]>([]);
  #loading: Promise<void> | undefined;

  load(): Promise<void> {
    this.#loading ??= read<{ items: Municipality[] }>('/municipalities').then(
      ({ items }) => void (this.all = items),
      (error) => {
        this.#loading = undefined;
        throw error;
      },
    );
    return this.#loading;
  }
  name(place: Place): string {
    if (place === null) return texts().common;
    return this.all.find(({ ars }) => ars === place)?.name ?? place;
  }
}

export const places = new Places();
