// SPDX-License-Identifier: EUPL-1.2
// A delivery as the server tells it (openapi.json, Delivery), and its state in words.
import type { Texts } from './deliveryTexts';

export type DeliveryState =
  'staging' | 'failed' | 'staged' | 'applying' | 'applied' | 'undoing' | 'undone';
export type DeliverySummary = {
  id: number;
  source: string;
  file: string;
  complete: boolean;
  state: DeliveryState;
  started: string;
  finished: string | null;
  undoable: boolean;
  undo_until: string | null; // a day, of an applied one
  by: { id: number; name: string } | null;
  problem: { code: string; title: string } | null;
  progress: { step: string; waiting: boolean; objects: number; of: number | null } | null;
  objects: number;
  refused: number;
  notes: number;
};
export type Delivery = DeliverySummary & {
  files: number;
  unknown_removals: number;
  duplicates: number;
  dangling: number;
  source_objects: number;
  vanishing: number;
  kinds: {
    kind: string;
    created: number;
    updated: number;
    unchanged: number;
    removed: number;
  }[];
  changes: { what: 'removed' | 'updated' | 'created'; object: string; name: string }[];
  findings: { file: string; line: number; code: string; object: string; detail: string }[];
};

export function stateOf({ state, progress, problem }: DeliverySummary, e: Texts): string {
  const words = e.states[state];
  if (progress?.waiting) return `${words}, ${e.waiting}`;
  if (progress) return `${words}: ${e.progress(progress.objects, progress.of)}`;
  const half = state === 'applying' || state === 'undoing';
  return problem && half ? `${words}, ${e.stopped}` : words;
}
