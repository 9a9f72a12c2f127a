// SPDX-License-Identifier: EUPL-1.2
// The shapes of the editors' part of the REST API (src/web/openapi.json).
import type { Administration, Ars, SectionKey, Time } from '../lib/contract';

export type Part = 'telephone' | Exclude<SectionKey, 'short_answer'>;
export type Place = Ars | null; // null: the common text
export type Day = string; // 2026-11-22
export type Named = { id: number; name: string } | null;
export type Piece = { change: 'same' | 'removed' | 'added'; text: string };

export type Draft = {
  state: 'draft' | 'submitted';
  lines: string[];
  expires_on: Day | null;
  author: Named;
  mine: boolean;
  remark: string;
  edition: number;
  changed_at: Time;
  changes: Piece[];
};
export type Text = {
  part: Part;
  internal: boolean;
  lines: string[];
  own: { expires_on: Day | null; version: number } | null;
  draft: Draft | null;
};
export type CareState = {
  editor: Named;
  reviewer: Place;
  review_days: number;
  checked_on: Day | null;
  due_on: Day | null;
};
export type Texts = {
  service: {
    id: number;
    leika: string;
    name: string;
    colloquial: string;
    level: Administration | null;
  };
  municipality: Place;
  may_release: boolean;
  texts: Text[];
  care: CareState;
};
export type Version = {
  number: number;
  kind: 'before' | 'released' | 'restored';
  lines: string[];
  expires_on: Day | null;
  written_by: Named;
  released_by: Named;
  released_at: Time;
  restored_from: number | null;
  changes: Piece[];
};
export type WorkKind = 'wrong' | 'job' | 'release' | 'draft' | 'review';
export type Work = {
  kind: WorkKind;
  task: number | null;
  service: { id: number; name: string };
  municipality: Place;
  part: Part | null;
  internal: boolean;
  text: string;
  due_on: Day;
  overdue: boolean;
  times: number;
  mine: boolean;
};
export type Gap = { id: number; query: string; municipality: Place; times: number; last_on: Day };
export type Requested = { service: number; name: string; calls: number };
export type Editor = { id: number; name: string; municipality: Place };

export type CellState = 'complete' | 'stale' | 'missing';
export type Cell = {
  state: CellState;
  office: boolean;
  contact: boolean;
  reachability: boolean;
  fresh: boolean;
  checked_on: Day | null;
};
export type Counts = { complete: number; stale: number; missing: number; ready: boolean };
export type Matrix = {
  services: { id: number; name: string; leika: string }[];
  municipalities: (Counts & { ars: Ars; name: string; cells: Cell[] })[];
};
export type GoLive = Counts & {
  open: boolean;
  lacks: string[]; // beside the knowledge
  decision:
    | null
    | (Counts & {
        lacks: string[];
        decided_at: Time;
        decided_by: Named;
        override_reason: string | null;
      });
};

export type GuideStep = {
  key: string;
  text: string;
  answers: { text: string; next: string }[];
  request: boolean;
  service: number; // 0: none
  offer: number | null; // an end at the forms of the town that is called: this one; 0: all; null: no
};
// A form or an online service; an empty address: the name says where.
export type Offer = { id: number; form: boolean; name: string; address: string };
export type GuideFault =
  | 'no_steps'
  | 'key_twice'
  | 'text_missing'
  | 'next_unknown'
  | 'loop'
  | 'out_of_reach'
  | 'single_answer'
  | 'service_missing'
  | 'service_unknown'
  | 'form_missing';
export type GuideHead = {
  id: number;
  municipality: Place;
  service: number | null;
  title: string;
  released: boolean;
  version: number;
};
export type Guide = GuideHead & {
  steps: GuideStep[];
  draft: null | {
    title: string;
    state: 'draft' | 'submitted';
    mine: boolean;
    steps: GuideStep[];
    faults: { fault: GuideFault; step: string }[];
  };
};

// What the pages hand to each other.
export const addressOf = (service: number, place: Place, part?: Part | null) => ({
  section: 'text',
  service: String(service),
  municipality: place ?? 'common',
  part: part ?? null,
});

// A directory service or website that is read, and how the last reading went; null: never. site: as
// editors have entered it; null: of the configuration.
export type SourceState = {
  kind: 'website' | 'directory';
  municipality: Ars;
  town: string;
  address: string;
  last: null | {
    ended_at: Time;
    outcome: string;
    found: number;
    changed: number;
    refused: number;
    searched: number;
  };
  site: null | { id: number; most_pages: number; pause_seconds: number; stopped: boolean; version: number };
  reading: null | { began_at: Time; asked: number; stored: number };
  waiting: boolean;
  overruled: boolean;
};
// What callers say and what is meant. meant is empty only in the shipped list: each means the others.
export type SynonymWords = { said: string[]; meant: string[]; both_ways: boolean };
export type Synonym = SynonymWords & {
  id: number;
  municipality: Place;
  changed_at: Time;
  version: number;
  writable: boolean;
};
export type RemovedSite = {
  id: number;
  municipality: Ars;
  town: string;
  address: string;
  removed_at: Time;
  version: number;
};
