// SPDX-License-Identifier: EUPL-1.2
// The note of a call, saved by itself and never lost: until the server has it, it is kept in this
// browser window (sessionStorage, under the id of who wrote it) and tried again. Whoever signs in
// next in the same window sees and sends none of it. Two windows: the last saved text wins quietly
// only where nobody else was typing; otherwise the person decides. That a note is not saved, and
// that it is again, is spoken once.
import { announce } from '../lib/announce.svelte';
import { Failure, read, send } from '../lib/api';
import { i18n } from '../lib/i18n.svelte';
import type { Call, Notes } from '../lib/contract';

export type NotesState = 'empty' | 'saved' | 'dirty' | 'saving' | 'failed' | 'conflict';
export type Draft = { call: number; text: string; version: number };
type Saved = { user: number; call: number } & Notes;
type Trouble = 'failed' | 'conflict';

const kPrefix = 'fernamt.note.';
const kPause = 800; // ms after the last key
const kRetry = 5000;

class NotePad {
  call = $state<number | null>(null);
  text = $state('');
  state = $state<NotesState>('empty');
  other = $state(''); // what the other window has saved
  left = $state.raw<Draft[]>([]); // drafts of earlier calls that are still not saved

  #user = 0; // whose notes these are
  #run = 0; // a new number ends what the person before has on its way
  #told: Trouble | undefined; // what was spoken and is not over yet
  #version = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('fernamt-notes') : undefined;
  #saving: Promise<void> | undefined;

  constructor() {
    this.#channel?.addEventListener('message', ({ data }) => this.#savedElsewhere(data as Saved));
  }

  begin(user: number): void {
    this.reset();
    this.#user = user;
  }

  // Nobody is here any more. What is not saved stays kept for its writer.
  reset(): void {
    this.#run++;
    this.#user = 0;
    clearTimeout(this.#timer);
    this.call = null;
    this.text = this.other = '';
    this.state = 'empty';
    this.left = [];
    this.#version = 0;
    this.#told = undefined;
    this.#saving = undefined;
  }

  // Turns to a call. The draft of the one before stays kept until it is saved.
  async open(call: number): Promise<void> {
    if (call === this.call) return;
    const run = this.#run;
    await this.flush();
    if (run !== this.#run) return;
    this.#keepLeft();
    const draft = this.#stored(call);
    this.call = call;
    this.#told = undefined;
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

  // Saves now, if there is something to save. Returns whether everything is on the server. Quiet:
  // whoever asked says himself how it went.
  async flush(quiet = false): Promise<boolean> {
    const run = this.#run;
    clearTimeout(this.#timer);
    if (this.#saving) await this.#saving;
    if (run !== this.#run) return false;
    if (this.state === 'dirty' || this.state === 'failed') await (this.#saving = this.#save(quiet));
    if (run !== this.#run) return false;
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
      this.#told = undefined; // decided by hand: nothing more to say
      this.#settle();
    } else {
      this.state = 'dirty';
      await this.flush();
    }
    this.other = '';
  }

  // Drafts that an earlier call, or an earlier life of this window, left behind.
  async sendLeft(): Promise<void> {
    const run = this.#run;
    for (const draft of this.#drafts()) {
      await this.#saveLeft(draft).catch(() => undefined);
      if (run !== this.#run) return;
    }
    const some = this.left.length > 0;
    this.#keepLeft();
    if (some && this.left.length === 0) announce(i18n.t.say.note_saved);
  }

  // Whether still the same person writes about the same call, asked after each answer.
  #watch(call: number): () => boolean {
    const run = this.#run;
    return () => run === this.#run && call === this.call;
  }

  async #readServer(call: number): Promise<void> {
    const still = this.#watch(call);
    const notes = await readNotes(call);
    if (!still()) return;
    if (this.state === 'empty' && notes) return this.#take(notes);
    if (!notes) {
      if (this.state === 'dirty') this.#later(kPause);
    } else if (notes.text === this.text) {
      this.#version = notes.version;
      this.#settle();
    } else if (notes.version > this.#version) {
      this.#collide(notes);
    } else {
      this.#later(kPause);
    }
  }

  async #save(quiet: boolean): Promise<void> {
    const { call, text } = this;
    if (call === null) return;
    const still = this.#watch(call);
    this.state = 'saving';
    try {
      const notes = await send<Notes>('PUT', `/calls/${call}/notes`, { text }, this.#version);
      if (still()) this.#isSaved(call, text, notes.version);
    } catch (error) {
      if (still()) await this.#notSaved(call, error, quiet);
    }
  }

  #isSaved(call: number, text: string, version: number): void {
    this.#channel?.postMessage({ user: this.#user, call, text, version } satisfies Saved);
    this.#version = version;
    if (this.text === text) return this.#settle();
    this.state = 'dirty';
    this.#keep();
    this.#later(kPause);
  }

  async #notSaved(call: number, error: unknown, quiet: boolean): Promise<void> {
    const still = this.#watch(call);
    if (error instanceof Failure && (error.status === 412 || error.status === 409)) {
      const notes = await readNotes(call);
      if (!still()) return;
      if (notes) return this.#collide(notes, quiet);
    }
    this.state = 'failed';
    this.#trouble('failed', quiet);
    this.#later(kRetry);
  }

  #collide(notes: Notes, quiet = false): void {
    this.#version = notes.version;
    if (notes.text === this.text) return this.#settle();
    this.other = notes.text;
    this.state = 'conflict';
    this.#trouble('conflict', quiet);
    this.#keep();
  }

  #trouble(kind: Trouble, quiet: boolean): void {
    const { say } = i18n.t;
    const text = kind === 'failed' ? say.note_failed : say.note_conflict;
    if (this.#told !== kind && !quiet) announce(text);
    this.#told = kind;
  }

  // What stands here is what the server has.
  #settle(): void {
    this.state = this.text ? 'saved' : 'empty';
    this.#forget();
    if (this.#told) announce(i18n.t.say.note_saved);
    this.#told = undefined;
  }

  #take({ text, version }: Notes): void {
    this.text = text;
    this.#version = version;
    this.state = text ? 'saved' : 'empty';
  }

  #savedElsewhere({ user, call, text, version }: Saved): void {
    if (user !== this.#user || call !== this.call || version <= this.#version) return;
    if (this.state === 'saved' || this.state === 'empty') this.#take({ text, version });
    else this.#collide({ text, version });
  }

  async #saveLeft(draft: Draft): Promise<void> {
    const run = this.#run;
    const { notes } = await read<Call>(`/calls/${draft.call}`);
    if (run !== this.#run) return;
    const version = notes?.version ?? 0;
    const theirs = notes?.text ?? '';
    // Nobody's words are thrown away: if the server's text moved on, ours is put below it.
    const moved = version > draft.version && theirs && !theirs.includes(draft.text);
    const text = moved ? `${theirs}\n\n${draft.text}` : draft.text;
    if (theirs !== text) await send('PUT', `/calls/${draft.call}/notes`, { text }, version);
    if (run === this.#run) sessionStorage.removeItem(this.#key(draft.call));
  }

  #later(pause: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), pause);
  }
  #key(call: number): string {
    return `${kPrefix}${this.#user}.${call}`;
  }
  #keep(): void {
    if (this.call === null) return;
    const draft: Draft = { call: this.call, text: this.text, version: this.#version };
    sessionStorage.setItem(this.#key(this.call), JSON.stringify(draft));
  }
  #forget(): void {
    if (this.call !== null) sessionStorage.removeItem(this.#key(this.call));
  }
  #keepLeft(): void {
    this.left = this.#drafts();
  }
  #stored(call: number): Draft | undefined {
    const text = sessionStorage.getItem(this.#key(call));
    return text ? (JSON.parse(text) as Draft) : undefined;
  }
  // This person's, of other calls than the one on the page.
  #drafts(): Draft[] {
    const mine = `${kPrefix}${this.#user}.`;
    return Object.keys(sessionStorage)
      .filter((key) => key.startsWith(mine))
      .map((key) => JSON.parse(sessionStorage.getItem(key)!) as Draft)
      .filter(({ call }) => call !== this.call);
  }
}

const readNotes = (call: number): Promise<Notes | null> =>
  read<Call>(`/calls/${call}`).then(
    (answer) => answer.notes,
    () => null,
  );

export const notes = new NotePad();
