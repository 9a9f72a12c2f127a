// SPDX-License-Identifier: EUPL-1.2
// Ringing and hint tones by Web Audio, without files, each on its own device where the browser can
// choose one. Browsers keep sound locked until the person has touched the page: see unlock().
import type { Ars } from '../lib/contract';
import { settings, type Ring } from '../lib/settings.svelte';

type Output = 'ringing' | 'tones';
type SinkContext = AudioContext & { setSinkId?: (id: string) => Promise<void> };
type Note = { frequency: number; at: number; length: number; level: number };

// Told apart by ear at the first note: in pitch, number of notes and pace.
const kRings: Record<Ring, Note[]> = {
  two: ring([659, 0, 0.34], [784, 0.36, 0.34], [659, 0.8, 0.34], [784, 1.16, 0.5]),
  low: ring([196, 0, 0.5], [262, 0.55, 0.7]),
  high: ring([1319, 0, 0.12], [1319, 0.2, 0.12], [1319, 0.4, 0.12], [1319, 0.6, 0.3]),
  rising: ring([523, 0, 0.25], [659, 0.27, 0.25], [784, 0.54, 0.25], [1047, 0.81, 0.5]),
  falling: ring([1047, 0, 0.25], [784, 0.27, 0.25], [523, 0.54, 0.6]),
};
const kRingEvery = 3000;
const kTones: Record<'answered' | 'ended' | 'lost' | 'back', Note[]> = {
  answered: [{ frequency: 880, at: 0, length: 0.09, level: 0.2 }],
  ended: [{ frequency: 262, at: 0, length: 0.22, level: 0.3 }],
  lost: [
    { frequency: 392, at: 0, length: 0.14, level: 0.3 },
    { frequency: 262, at: 0.2, length: 0.24, level: 0.3 },
  ],
  back: [
    { frequency: 262, at: 0, length: 0.14, level: 0.25 },
    { frequency: 392, at: 0.2, length: 0.2, level: 0.25 },
  ],
};

export const canChooseOutput = () => 'setSinkId' in HTMLMediaElement.prototype;

class Sound {
  unlocked = $state(false);
  #contexts = new Map<Output, SinkContext>();
  #ringing: ReturnType<typeof setInterval> | undefined;

  // Call from a key press or a click.
  async unlock(): Promise<void> {
    const contexts = [this.#context('ringing'), this.#context('tones')];
    await Promise.all(contexts.map((context) => context.resume().catch(() => undefined)));
    this.unlocked = contexts.every((context) => context.state === 'running');
    await this.useDevices();
  }

  async useDevices(): Promise<void> {
    for (const [output, context] of this.#contexts)
      await context.setSinkId?.(settings.local[output]).catch(() => undefined);
  }

  startRinging(municipality?: Ars): void {
    if (this.#ringing) return;
    const notes = kRings[settings.ringOf(municipality)];
    const once = () => this.#play('ringing', notes, settings.local.volume / 100);
    once();
    this.#ringing = setInterval(once, kRingEvery);
  }

  stopRinging(): void {
    clearInterval(this.#ringing);
    this.#ringing = undefined;
  }

  ringOnce(name: Ring): void {
    void this.unlock().then(() =>
      this.#play('ringing', kRings[name], settings.local.volume / 100),
    );
  }

  tone(name: keyof typeof kTones): void {
    this.#play('tones', kTones[name], 1);
  }

  #context(output: Output): SinkContext {
    let context = this.#contexts.get(output);
    if (!context) {
      context = new AudioContext() as SinkContext;
      this.#contexts.set(output, context);
    }
    return context;
  }

  #play(output: Output, notes: Note[], volume: number): void {
    const context = this.#contexts.get(output);
    if (context?.state !== 'running') return;
    for (const note of notes) playNote(context, note, volume);
  }
}

function ring(...notes: [frequency: number, at: number, length: number][]): Note[] {
  return notes.map(([frequency, at, length]) => ({ frequency, at, length, level: 0.5 }));
}

function playNote(context: AudioContext, note: Note, volume: number): void {
  const begin = context.currentTime + note.at;
  const end = begin + note.length;
  const oscillator = new OscillatorNode(context, { type: 'triangle', frequency: note.frequency });
  const gain = new GainNode(context, { gain: 0 });
  gain.gain.setValueAtTime(0, begin);
  gain.gain.linearRampToValueAtTime(note.level * volume, begin + 0.02);
  gain.gain.setValueAtTime(note.level * volume, end - 0.06);
  gain.gain.linearRampToValueAtTime(0, end); // no click at the end
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(begin);
  oscillator.stop(end);
}

export const sound = new Sound();
