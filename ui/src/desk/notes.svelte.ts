// SPDX-License-Identifier: EUPL-1.2
// The note of a call, saved by itself and never lost: until the server has it, it is kept in this
// browser window (sessionStorage, so it ends with the session) and tried again. Two windows: the
// last saved text wins quietly only where nobody else was typing; otherwise the person decides.
import { Failure, read, send } from '../lib/api';
import type { Call, Notes } from '../lib/contract';

export type NotesState = 'empty' | 'saved' | 'dirty' | 'saving' | 'failed' | 'conflict';
export type Draft = { call: number; text: string; version: number };
type Saved = { call: number } & Notes;

const kPrefix = 'fernamt.note.';
const kPause = 800; // ms after the last key
const kRetry = 5000;

class NotePad {
  call = $state<number | null>(null);
  text = $state('');
  state = $state<NotesState>('empty');
  other = $state(''); // what the other window has saved
  left = $state.raw<Draft[]>([]); // drafts of earlier calls that are still not saved

  #version = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('fernamt-notes') : undefined;
  #saving: Promise<void> | undefined;

  constructor() {
    this.#channel?.addEventListener('message', ({ data }) => this.#savedElsewhere(data as Saved));
  }

  // Turns to a call. The draft of the one before stays kept until it is saved.
  async open(call: number): Promise<void> {
    if (call === this.call) return;
    await this.flush();
    this.#keepLeft();
    const draft = stored(call);
    this.call = call;
    this.#version = draft?.version ?? 0;
    this.text = draft?.text ?? '';
    this.state = draft ? 'dirty' : 'empty';
    this.other = '';
    await this.#readServer(call);
  }

  edit(text: string): void {
    this.text = text;
    this.state = 'dirty';
    this.#keep();
    this.#later(kPause);
  }

  // Saves now, if there is something to save. Returns whether everything is on the server.
  async flush(): Promise<boolean> {
    clearTimeout(this.#timer);
    if (this.#saving) await this.#saving;
    if (this.state === 'dirty' || this.state === 'failed') await (this.#saving = this.#save());
    this.#saving = undefined;
    return this.state === 'saved' || this.state === 'empty';
  }

  // The page goes away: one last try that outlives it.
  leave(): void {
    const written = this.state === 'dirty' || this.state === 'saving' || this.state === 'failed';
    if (written && this.call !== null)
      void fetch(`/api/v1/calls/${this.call}/notes`, {
        method: 'PUT',
        keepalive: true,
        headers: {
          'Content-Type': 'application/json',
          'X-Fernamt': '1',
          'If-Match': `"${this.#version}"`,
        },
        body: JSON.stringify({ text: this.text }),
      }).catch(() => undefined);
  }

  async resolve(mine: boolean): Promise<void> {
    if (!mine) {
      this.text = this.other;
      this.#forget();
      this.state = 'saved';
    } else {
      this.state = 'dirty';
      await this.flush();
    }
    this.other = '';
  }

  // Drafts that an earlier call, or an earlier life of this window, left behind.
  async sendLeft(): Promise<void> {
    for (const draft of drafts().filter(({ call }) => call !== this.call))
      await saveLeft(draft).catch(() => undefined);
    this.#keepLeft();
  }

  async #readServer(call: number): Promise<void> {
    const notes = await read<Call>(`/calls/${call}`)
      .then((answer) => answer.notes)
      .catch(() => null);
    if (!notes || call !== this.call) return;
    const untouched = this.state === 'empty';
    if (untouched) {
      this.text = notes.text;
      this.#version = notes.version;
      this.state = notes.text ? 'saved' : 'empty';
    } else if (notes.text === this.text) {
      this.#version = notes.version;
      this.#forget();
      this.state = 'saved';
    } else if (notes.version > this.#version) {
      this.#collide(notes);
    } else {
      this.#later(kPause);
    }
  }

  async #save(): Promise<void> {
    const { call, text } = this;
    if (call === null) return;
    this.state = 'saving';
    try {
      const notes = await send<Notes>('PUT', `/calls/${call}/notes`, { text }, this.#version);
      this.#stored(call, text, notes.version);
    } catch (error) {
      await this.#notSaved(call, error);
    }
  }

  #stored(call: number, text: string, version: number): void {
    this.#channel?.postMessage({ call, text, version } satisfies Saved);
    if (call !== this.call) return;
    this.#version = version;
    if (this.text === text) {
      this.state = text ? 'saved' : 'empty';
      this.#forget();
    } else {
      this.state = 'dirty';
      this.#keep();
      this.#later(kPause);
    }
  }

  async #notSaved(call: number, error: unknown): Promise<void> {
    if (call !== this.call) return;
    if (error instanceof Failure && (error.status === 412 || error.status === 409)) {
      const notes = await read<Call>(`/calls/${call}`).then((answer) => answer.notes, () => null);
      if (notes) return this.#collide(notes);
    }
    this.state = 'failed';
    this.#later(kRetry);
  }

  #collide(notes: Notes): void {
    this.#version = notes.version;
    if (notes.text === this.text) {
      this.state = 'saved';
      this.#forget();
      return;
    }
    this.other = notes.text;
    this.state = 'conflict';
    this.#keep();
  }

  #savedElsewhere({ call, text, version }: Saved): void {
    if (call !== this.call || version <= this.#version) return;
    if (this.state === 'saved' || this.state === 'empty') {
      this.text = text;
      this.#version = version;
      this.state = text ? 'saved' : 'empty';
    } else this.#collide({ text, version });
  }

  #later(pause: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), pause);
  }
  #keep(): void {
    if (this.call === null) return;
    const draft: Draft = { call: this.call, text: this.text, version: this.#version };
    sessionStorage.setItem(kPrefix + this.call, JSON.stringify(draft));
  }
  #forget(): void {
    if (this.call !== null) sessionStorage.removeItem(kPrefix + this.call);
  }
  #keepLeft(): void {
    this.left = drafts().filter(({ call }) => call !== this.call);
  }
}

function stored(call: number): Draft | undefined {
  const text = sessionStorage.getItem(kPrefix + call);
  return text ? (JSON.parse(text) as Draft) : undefined;
}

function drafts(): Draft[] {
  return Object.keys(sessionStorage)
    .filter((key) => key.startsWith(kPrefix))
    .map((key) => JSON.parse(sessionStorage.getItem(key)!) as Draft);
}

async function saveLeft(draft: Draft): Promise<void> {
  const { notes } = await read<Call>(`/calls/${draft.call}`);
  const version = notes?.version ?? 0;
  const theirs = notes?.text ?? '';
  // Nobody's words are thrown away: if the server's text moved on, ours is put below it.
  const moved = version > draft.version && theirs && !theirs.includes(draft.text);
  const text = moved ? `${theirs}\n\n${draft.text}` : draft.text;
  if (theirs !== text) await send('PUT', `/calls/${draft.call}/notes`, { text }, version);
  sessionStorage.removeItem(kPrefix + draft.call);
}

export const notes = new NotePad();
