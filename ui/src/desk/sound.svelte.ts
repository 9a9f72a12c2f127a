// SPDX-License-Identifier: EUPL-1.2
// Ringing and hint tones by Web Audio, without files, each on its own device where the browser can
// choose one. Browsers keep sound locked until the person has touched the page: see unlock().
import { settings } from '../lib/settings.svelte';

type Output = 'ringing' | 'tones';
type SinkContext = AudioContext & { setSinkId?: (id: string) => Promise<void> };
type Note = { frequency: number; at: number; length: number; level: number };

const kRing: Note[] = [
  { frequency: 659, at: 0, length: 0.34, level: 0.5 },
  { frequency: 784, at: 0.36, length: 0.34, level: 0.5 },
  { frequency: 659, at: 0.8, length: 0.34, level: 0.5 },
  { frequency: 784, at: 1.16, length: 0.5, level: 0.5 },
];
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

  startRinging(): void {
    if (this.#ringing) return;
    const once = () => this.#play('ringing', kRing, settings.local.volume / 100);
    once();
    this.#ringing = setInterval(once, kRingEvery);
  }

  stopRinging(): void {
    clearInterval(this.#ringing);
    this.#ringing = undefined;
  }

  ringOnce(): void {
    void this.unlock().then(() => this.#play('ringing', kRing, settings.local.volume / 100));
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
