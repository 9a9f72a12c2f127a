// SPDX-License-Identifier: EUPL-1.2
// The browser as a telephone. The server offers one leg per source of voice; each gets a fresh
// RTCPeerConnection (after a change of source an old one can stay silent), answered at once without
// waiting for candidates: the media relay learns our address from our own checks. No bundle policy:
// the offer has no BUNDLE group. The microphone is open only during a call, and sends only while
// talking. In a call without a living leg in this window (the page was loaded again, the network was
// gone for long, another window led before) it asks for a new one by itself.
import { announce } from '../lib/announce.svelte';
import { explain, Failure, send } from '../lib/api';
import { i18n } from '../lib/i18n.svelte';
import { settings } from '../lib/settings.svelte';
import type { Desk } from '../lib/contract';

type Leg = { connection: RTCPeerConnection; audio: HTMLAudioElement; panner?: AudioContext };
type SinkAudio = HTMLAudioElement & { setSinkId?: (id: string) => Promise<void> };

export const kCallStates = ['ringing', 'talking', 'held'];
const kAskAgain = 5_000; // ms without an offer or a living leg
const kAskSoon = 1_000; // the exchange was busy
const kContextStarts = 500;

class Softphone {
  problem = $state('');
  live = $state(false); // voice flows in this window
  lost = $state(false); // it does not, although it should, and asking has not helped yet
  blocked = $state(false); // the browser plays nothing before the person touches the page
  #desk: Desk | undefined; // the call whose voice this window carries
  #legs = new Map<string, Leg>();
  #microphone: Promise<MediaStream> | undefined;
  #sending = false;
  #sawBegin = false; // this window led before the call: its offer comes without asking
  #resumed = false; // a new leg was asked for: to be announced once it lives
  #asking: ReturnType<typeof setTimeout> | undefined;

  // Brings the legs in line with the desk. Idempotent.
  follow(desk: Desk, leads: boolean): void {
    const inCall = desk.device === 'browser' && kCallStates.includes(desk.state);
    if (!leads || !inCall) {
      this.#sawBegin = leads;
      this.close();
      return;
    }
    this.#desk = desk;
    this.#sending = desk.state === 'talking';
    void this.#microphone?.then((stream) => this.#mute(stream)).catch(() => undefined);
    const offer = desk.browser_offer;
    if (offer && !this.#legs.has(offer.leg)) void this.#answer(offer.leg, offer.sdp);
    this.#care();
  }

  // After a refused microphone: the same offer once more. From a click, so sound may start, too.
  retry(): void {
    const desk = this.#desk;
    if (!desk) return;
    this.close();
    this.follow(desk, true);
  }

  // The person has touched the page: what the browser held back may be heard.
  unblock(): void {
    if (!this.blocked) return;
    this.blocked = false;
    for (const leg of this.#legs.values()) void this.#listen(leg);
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
    if (this.#desk) this.problem = ''; // one of the call; without a call it is one of the start
    this.#desk = undefined;
    clearTimeout(this.#asking);
    this.#asking = undefined;
    this.#resumed = this.live = this.lost = this.blocked = false;
    void this.#microphone?.then(stopTracks).catch(() => undefined);
    this.#microphone = undefined;
  }

  // Tones for a machine at the other end, as telephone events (RFC 4733). New ones queue up behind
  // those on their way. False: this call has no voice here, or the other end takes none.
  sendTones(tones: string): boolean {
    const leg = [...this.#legs.values()].at(-1);
    const dtmf = leg?.connection.getSenders().find((sender) => sender.dtmf)?.dtmf;
    if (!dtmf?.canInsertDTMF) return false;
    dtmf.insertDTMF(dtmf.toneBuffer + tones);
    return true;
  }

  async useDevices(): Promise<void> {
    for (const { audio } of this.#legs.values()) await chooseOutput(audio);
  }

  async #answer(name: string, sdp: string): Promise<void> {
    const leg: Leg = { connection: new RTCPeerConnection(), audio: new Audio() };
    this.#legs.set(name, leg);
    leg.connection.ontrack = ({ streams, track }) => {
      leg.audio.srcObject = streams[0] ?? new MediaStream([track]);
      void this.#listen(leg);
    };
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
    // Another window, or this page before it was loaded again, was quicker with the same offer.
    if (error instanceof Failure && error.code === 'desk.other_call') return void this.#ask();
    this.problem = error instanceof DOMException ? microphoneProblem(error) : explain(error);
  }

  #changed(name: string, leg: Leg): void {
    const state = leg.connection.connectionState;
    if (state === 'failed') this.problem = i18n.t.desk.media_failed;
    if (state === 'connected') {
      this.problem = '';
      this.#dropOthers(name);
      this.#announceBack();
    }
    this.live = [...this.#legs.values()].some((l) => l.connection.connectionState === 'connected');
    this.#care();
  }

  // Sees to it that a call has a leg here: living, being set up, or at least offered.
  #care(): void {
    if (!this.#isSilent()) {
      clearTimeout(this.#asking);
      this.#asking = undefined;
      this.lost = false;
    } else if (this.#asking === undefined) void this.#ask();
  }

  #isSilent(): boolean {
    if (this.#sawBegin && this.#legs.size === 0) return false;
    const dead = ({ connection }: Leg) => ['failed', 'closed'].includes(connection.connectionState);
    return Boolean(this.#desk && !this.#desk.browser_offer) && [...this.#legs.values()].every(dead);
  }

  async #ask(): Promise<void> {
    const call = this.#desk?.call?.id;
    if (call === undefined) return;
    this.#resumed = true;
    clearTimeout(this.#asking);
    const again = (pause: number) => setTimeout(() => this.#askAgain(), pause);
    this.#asking = again(kAskAgain);
    try {
      await send('POST', '/desk/commands', { command: 'phone_resume', call });
    } catch (error) {
      if (!(error instanceof Failure) || error.status !== 503 || this.#desk?.call?.id !== call) return;
      clearTimeout(this.#asking);
      this.#asking = again(kAskSoon);
    }
  }

  #askAgain(): void {
    this.#asking = undefined;
    if (!this.#isSilent()) return this.#care();
    if (!this.lost) announce(i18n.t.say.voice_gone, 'assertive');
    this.lost = true;
    void this.#ask();
  }

  // Once, when the voice that was asked for is there; a ringing call announces itself.
  #announceBack(): void {
    const call = this.#desk?.state === 'ringing' ? undefined : this.#desk?.call;
    if (this.#resumed && call) announce(i18n.t.say.voice_back(call.municipality?.short_name ?? ''));
    this.#resumed = false;
  }

  async #listen(leg: Leg): Promise<void> {
    if (!(await play(leg))) this.blocked = true;
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

async function openMicrophone(): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new DOMException('', 'SecurityError');
  const open = (audio: true | MediaTrackConstraints) =>
    navigator.mediaDevices.getUserMedia({ audio, video: false });
  const { microphone } = settings.local;
  if (!microphone) return open(true);
  try {
    // "exact": Chromium takes the machine's own microphone when the chosen one is only "ideal".
    return await open({ deviceId: { exact: microphone } });
  } catch (error) {
    // A headset that was unplugged must not make the call fail.
    if (/^(Overconstrained|NotFound)Error$/.test((error as Error).name)) return open(true);
    throw error;
  }
}

const stopTracks = (stream: MediaStream) => stream.getTracks().forEach((track) => track.stop());

// False: the browser wants the person to touch the page first (no sound before a gesture).
async function play(leg: Leg): Promise<boolean> {
  leg.audio.autoplay = true;
  await chooseOutput(leg.audio);
  if (settings.local.ear !== 'both') leg.panner ??= await oneEar(leg);
  const refused = await leg.audio.play().then(
    () => false,
    (error) => error instanceof DOMException && error.name === 'NotAllowedError',
  );
  if (!leg.panner) return !refused;
  // A context that may not start leaves the promise open.
  await Promise.race([leg.panner.resume(), new Promise((done) => setTimeout(done, kContextStarts))]);
  return !refused && leg.panner.state === 'running';
}

async function oneEar({ audio }: Leg): Promise<AudioContext> {
  const { ear, conversation } = settings.local;
  const context = new AudioContext() as AudioContext & { setSinkId?: (id: string) => Promise<void> };
  await context.setSinkId?.(conversation).catch(() => undefined);
  const panner = new StereoPannerNode(context, { pan: ear === 'left' ? -1 : 1 });
  context
    .createMediaStreamSource(audio.srcObject as MediaStream)
    .connect(panner)
    .connect(context.destination);
  audio.muted = true; // the element keeps the stream running, the panner is what is heard
  return context;
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
