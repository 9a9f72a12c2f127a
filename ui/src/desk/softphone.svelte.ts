// SPDX-License-Identifier: EUPL-1.2
// The browser as a telephone. The server offers one leg per source of voice; each gets a fresh
// RTCPeerConnection (after a change of source an old one can stay silent), answered at once without
// waiting for candidates: the media relay learns our address from our own checks. No bundle policy:
// the offer has no BUNDLE group. The microphone is open only during a call, and sends only while
// talking.
import { explain, send } from '../lib/api';
import { i18n } from '../lib/i18n.svelte';
import { settings } from '../lib/settings.svelte';
import type { Desk } from '../lib/contract';

type Leg = { connection: RTCPeerConnection; audio: HTMLAudioElement; panner?: AudioContext };
type SinkAudio = HTMLAudioElement & { setSinkId?: (id: string) => Promise<void> };

export const kCallStates = ['ringing', 'talking', 'held'];

class Softphone {
  problem = $state('');
  live = $state(false); // voice flows in this window
  taken = $state(false); // a leg of this call was answered here
  #legs = new Map<string, Leg>();
  #microphone: Promise<MediaStream> | undefined;
  #sending = false;

  // Brings the legs in line with the desk. Idempotent.
  follow(desk: Desk, leads: boolean): void {
    if (!leads || desk.device !== 'browser' || !kCallStates.includes(desk.state)) {
      this.close();
      return;
    }
    this.#sending = desk.state === 'talking';
    void this.#microphone?.then((stream) => this.#mute(stream)).catch(() => undefined);
    const offer = desk.browser_offer;
    if (offer && !this.#legs.has(offer.leg)) void this.#answer(offer.leg, offer.sdp);
  }

  // Asks for the microphone once, so that no question comes up in the middle of a call.
  async tryMicrophone(): Promise<boolean> {
    this.problem = '';
    try {
      (await openMicrophone()).getTracks().forEach((track) => track.stop());
      return true;
    } catch (error) {
      this.problem = microphoneProblem(error);
      return false;
    }
  }

  close(): void {
    for (const leg of this.#legs.values()) hangUp(leg);
    this.#legs.clear();
    this.live = false;
    this.taken = false;
    void this.#microphone?.then(stopTracks).catch(() => undefined);
    this.#microphone = undefined;
  }

  async useDevices(): Promise<void> {
    for (const { audio } of this.#legs.values()) await chooseOutput(audio);
  }

  async #answer(name: string, sdp: string): Promise<void> {
    const leg = { connection: new RTCPeerConnection(), audio: new Audio() };
    this.#legs.set(name, leg);
    this.taken = true;
    leg.connection.ontrack = ({ streams, track }) => play(leg, streams[0] ?? new MediaStream([track]));
    leg.connection.onconnectionstatechange = () => this.#changed(name, leg);
    try {
      const stream = await (this.#microphone ??= openMicrophone());
      this.#mute(stream);
      for (const track of stream.getAudioTracks()) leg.connection.addTrack(track, stream);
      await leg.connection.setRemoteDescription({ type: 'offer', sdp });
      await leg.connection.setLocalDescription(await leg.connection.createAnswer());
      const answer = leg.connection.localDescription?.sdp ?? '';
      await send('POST', '/desk/media', { leg: name, sdp: answer });
      this.problem = '';
    } catch (error) {
      this.#failed(name, leg, error);
    }
  }

  #failed(name: string, leg: Leg, error: unknown): void {
    if (this.#legs.get(name) !== leg) return; // the call was over before
    hangUp(leg); // the leg stays in the map: the same offer is not tried in a circle
    if (error instanceof DOMException) this.#microphone = undefined;
    this.problem = error instanceof DOMException ? microphoneProblem(error) : explain(error);
  }

  #changed(name: string, leg: Leg): void {
    const state = leg.connection.connectionState;
    if (state === 'failed') this.problem = i18n.t.desk.media_failed;
    if (state === 'connected') {
      this.problem = '';
      this.#dropOthers(name);
    }
    this.live = [...this.#legs.values()].some((l) => l.connection.connectionState === 'connected');
  }

  // A newer leg carries the voice: the ones before are obsolete.
  #dropOthers(name: string): void {
    const names = [...this.#legs.keys()];
    for (const older of names.slice(0, names.indexOf(name))) {
      hangUp(this.#legs.get(older)!);
      this.#legs.delete(older);
    }
  }

  #mute(stream: MediaStream): void {
    for (const track of stream.getAudioTracks()) track.enabled = this.#sending;
  }
}

function openMicrophone(): Promise<MediaStream> {
  if (!navigator.mediaDevices) return Promise.reject(new DOMException('', 'SecurityError'));
  const { microphone } = settings.local;
  // "ideal": a headset that was unplugged must not make the call fail.
  const audio = { deviceId: microphone ? { ideal: microphone } : undefined };
  return navigator.mediaDevices.getUserMedia({ audio, video: false });
}

const stopTracks = (stream: MediaStream) => stream.getTracks().forEach((track) => track.stop());

async function play(leg: Leg, stream: MediaStream): Promise<void> {
  leg.audio.srcObject = stream;
  leg.audio.autoplay = true;
  await chooseOutput(leg.audio);
  const { ear, conversation } = settings.local;
  if (ear !== 'both') {
    const context = new AudioContext() as AudioContext & { setSinkId?: (id: string) => Promise<void> };
    await context.setSinkId?.(conversation).catch(() => undefined);
    const panner = new StereoPannerNode(context, { pan: ear === 'left' ? -1 : 1 });
    context.createMediaStreamSource(stream).connect(panner).connect(context.destination);
    leg.audio.muted = true; // the element keeps the stream running, the panner is what is heard
    leg.panner = context;
  }
  await leg.audio.play().catch(() => undefined);
}

async function chooseOutput(audio: SinkAudio): Promise<void> {
  await audio.setSinkId?.(settings.local.conversation).catch(() => undefined);
}

function hangUp(leg: Leg): void {
  leg.connection.onconnectionstatechange = null;
  leg.connection.close();
  leg.audio.pause();
  leg.audio.srcObject = null;
  void leg.panner?.close();
}

export function microphoneProblem(error: unknown): string {
  const { microphone } = i18n.t.desk;
  const name = error instanceof DOMException ? error.name : '';
  if (!isSecureContext || name === 'SecurityError') return microphone.insecure;
  if (name === 'NotAllowedError') return microphone.denied;
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return microphone.missing;
  if (name === 'NotReadableError' || name === 'AbortError') return microphone.busy;
  return microphone.other;
}

export const softphone = new Softphone();
