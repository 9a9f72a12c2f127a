// SPDX-License-Identifier: EUPL-1.2
// The event stream, read with fetch instead of EventSource: only so are the server's heartbeat
// comments visible, and a line that died silently is noticed after 15 s. Events carry no data: the
// page reads again what changed, so a lost event cannot corrupt it. Resumes with Last-Event-ID.
// (Browsers slow the timers of hidden pages down to 1 s, which does no harm here; pages with a live
// microphone are not slowed further.)
import { i18n } from './i18n.svelte';

export type EventName =
  | 'desk'
  | 'situation'
  | 'knowledge'
  | 'deliveries'
  | 'configuration'
  | 'crisis'
  | 'notice'
  | 'reset';
type Line = 'searching' | 'live' | 'lost';

const kSilence = 15_000; // heartbeat every 10 s
const kLongestPause = 8_000;

class EventStream {
  line = $state<Line>('searching');
  onLost: () => void = () => {};
  onBack: () => void = () => {};
  onSessionEnd: () => void = () => {};

  #listeners = new Set<{ names: EventName[]; handler: () => void }>();
  #lastId = '';
  #run = 0; // a new number ends the loop before
  #abort: AbortController | undefined;
  #lostTimer: ReturnType<typeof setTimeout> | undefined;

  // Calls handler at each named event, and after every reconnection. Returns how to stop.
  on(names: EventName[], handler: () => void): () => void {
    const listener = { names, handler };
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    this.stop();
    this.line = 'searching';
    this.#expectLife();
    void this.#loop(++this.#run);
  }

  stop(): void {
    this.#run++;
    this.#abort?.abort();
    clearTimeout(this.#lostTimer);
  }

  async #loop(run: number): Promise<void> {
    let pause = 500;
    let first = true;
    while (run === this.#run) {
      const opened = await this.#read(run, first).catch(() => false);
      if (run !== this.#run) return;
      if (opened) pause = 500;
      first = false;
      if (this.line === 'live') {
        this.line = 'searching';
        this.#expectLife();
      }
      await new Promise((done) => setTimeout(done, pause * (0.5 + Math.random())));
      pause = Math.min(pause * 2, kLongestPause);
    }
  }

  // After 15 s without a living line it counts as lost.
  #expectLife(): void {
    clearTimeout(this.#lostTimer);
    this.#lostTimer = setTimeout(() => this.#lose(), kSilence);
  }

  #lose(): void {
    clearTimeout(this.#lostTimer);
    if (this.line === 'lost') return;
    this.line = 'lost';
    this.onLost();
  }

  // Nothing was heard for 15 s, not even a heartbeat: the line is dead although nobody said so.
  #watch(abort: AbortController): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.#lose();
      abort.abort();
    }, kSilence);
  }

  async #read(run: number, first: boolean): Promise<boolean> {
    const abort = new AbortController();
    this.#abort = abort;
    let silence = this.#watch(abort);
    try {
      const headers: Record<string, string> = {
        Accept: 'text/event-stream',
        'Accept-Language': i18n.language,
      };
      if (this.#lastId) headers['Last-Event-ID'] = this.#lastId;
      const response = await fetch('/api/v1/events', {
        headers,
        signal: abort.signal,
        cache: 'no-store',
      });
      if (response.status === 401) {
        this.stop();
        this.onSessionEnd();
        return false;
      }
      if (!response.ok || !response.body) return false;
      this.#alive(first);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      const take = this.#parser();
      for (;;) {
        const { done, value } = await reader.read();
        if (done || run !== this.#run) return true;
        clearTimeout(silence);
        silence = this.#watch(abort);
        take(value);
      }
    } finally {
      clearTimeout(silence);
    }
  }

  #alive(first: boolean): void {
    clearTimeout(this.#lostTimer);
    const wasLost = this.line === 'lost';
    this.line = 'live';
    if (wasLost) this.onBack();
    if (!first) this.#emit('reset'); // whatever happened in the gap: read again
  }

  // The text/event-stream format, of which only `event` and `id` matter here.
  #parser(): (chunk: string) => void {
    let rest = '';
    let name = '';
    return (chunk) => {
      const lines = (rest + chunk).split(/\r\n|\n|\r/);
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.startsWith('event:')) name = line.slice(6).trim();
        else if (line.startsWith('id:')) this.#lastId = line.slice(3).trim();
        else if (line === '' && name) {
          this.#emit(name as EventName);
          name = '';
        }
      }
    };
  }

  #emit(name: EventName): void {
    for (const { names, handler } of [...this.#listeners])
      if (name === 'reset' || names.includes(name)) handler();
  }
}

export const stream = new EventStream();
