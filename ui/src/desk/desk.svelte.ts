// SPDX-License-Identifier: EUPL-1.2
// The agent's desk: what the server says it is, and the commands. The server holds the state; this
// page shows it, speaks its changes, rings and follows with voice and notes. It lives as long as the
// agent is signed in, whichever page is open.
import { tick } from 'svelte';
import { announce, forgetLast, speak } from '../lib/announce.svelte';
import { explain, Failure, read, send } from '../lib/api';
import { duration } from '../lib/format';
import { i18n } from '../lib/i18n.svelte';
import { router } from '../lib/router.svelte';
import { settings, shownKey } from '../lib/settings.svelte';
import { stream } from '../lib/stream.svelte';
import type { Command, Desk, Device } from '../lib/contract';
import { leader } from './leader.svelte';
import { notes } from './notes.svelte';
import { kCallStates, softphone } from './softphone.svelte';
import { sound } from './sound.svelte';
import { endsWork, reaction, type Focus, type Note } from './transitions';

const over = () => {};
const kLastSeconds = 15;
const kRest = 3000; // ms between two questions for the queue alone
const kRetry = 500; // ms after a reading that failed, doubled up to:
const kLongestRetry = 8000;

// Is somebody else asked now, or nobody? Whom one asks is called first.
const isOther = (before: Desk['call'], after: Desk['call']): boolean =>
  !after?.consult ||
  after.id !== before?.id ||
  (after.consult === 'ringing' && before.consult !== 'ringing');

class DeskModel {
  view = $state.raw<Desk | null>(null);
  problem = $state(''); // reading failed: what is shown may be out of date
  refusal = $state(''); // a command was refused
  busy = $state('');
  // Who is asked in a consultation, as chosen here; empty: at the phone, in another window, before a
  // reload. It may be anybody's number, so it is kept nowhere else.
  asked = $state('');
  now = $state(Date.now()); // the server's clock, in ms

  #asking = false;
  #ahead = 0; // server minus browser
  #reading = false;
  #again = false;
  #failures = 0; // readings in a row
  #retry: ReturnType<typeof setTimeout> | undefined;
  #run = 0; // a new number: what was asked for the person before is not shown
  #ownCommands = 0; // under way, or what they did is being read
  #sending: Promise<void> | undefined; // the command under way, whatever becomes of it
  #finishing = false;
  #note: Note = '';
  #warned = 0;
  #typed = 0;
  #queueRead: ReturnType<typeof setTimeout> | undefined;
  #stop: (() => void)[] = [];

  get line() {
    return stream.line;
  }
  get seconds(): number {
    const desk = this.view;
    if (!desk) return 0;
    const from = desk.state === 'after_call_work' ? desk.since : (desk.call?.answered_at ?? desk.since);
    return Math.max(0, (this.now - Date.parse(from)) / 1000);
  }
  get remaining(): number {
    const until = this.view?.until;
    return until ? Math.max(0, Math.ceil((Date.parse(until) - this.now) / 1000)) : 0;
  }
  get place(): string {
    return this.view?.call?.municipality?.short_name ?? '';
  }
  // What one does, in a word: the state, or what is special about this call.
  get word(): string {
    const { t } = i18n;
    const { state, call } = this.view!;
    if (!this.onLine || !call) return t.states[state];
    if (call.consult) return call.consult === 'joined' ? t.modes.joined : t.modes.consult;
    const callback = call.callback === 'offered' || call.callback === 'dialling';
    return callback ? t.modes.callback : t.states[state];
  }
  get heading(): string {
    if (!this.view) return i18n.t.desk.title;
    const ofCall = this.onLine || this.view.state === 'after_call_work';
    return i18n.t.desk.heading(this.word, ofCall ? this.place : '');
  }
  get consult() {
    return this.onLine ? (this.view?.call?.consult ?? null) : null;
  }
  // Nobody is on the line yet: the one who asked for a callback is being dialled.
  get dialling(): boolean {
    return this.view?.state === 'talking' && this.view.call?.callback === 'dialling';
  }
  // Ended once, in after-call work the call is still ours but nobody is on the line.
  get onLine(): boolean {
    return kCallStates.includes(this.view?.state ?? '');
  }

  start(user: number): void {
    notes.begin(user);
    leader.start();
    void this.load();
    const clock = setInterval(() => this.#tick(), 1000);
    const typing = () => (this.#typed = Date.now());
    const leave = () => notes.leave();
    const stay = (event: BeforeUnloadEvent) => {
      if (this.onLine && softphone.live) event.preventDefault();
    };
    // Browsers allow sound once the person has touched the page: the first key or click will do.
    const touched = () => {
      softphone.unblock();
      if (!sound.unlocked && this.view && this.view.state !== 'signed_out') void sound.unlock();
    };
    addEventListener('input', typing, true);
    addEventListener('keydown', touched, true);
    addEventListener('pointerdown', touched, true);
    addEventListener('pagehide', leave);
    addEventListener('beforeunload', stay);
    this.#stop = [
      stream.on(['desk'], () => void this.load()),
      stream.on(['situation'], () => this.#readQueueSoon()),
      () => clearTimeout(this.#queueRead),
      () => clearInterval(clock),
      () => removeEventListener('input', typing, true),
      () => removeEventListener('keydown', touched, true),
      () => removeEventListener('pointerdown', touched, true),
      () => removeEventListener('pagehide', leave),
      () => removeEventListener('beforeunload', stay),
    ];
  }

  stop(): void {
    this.#run++;
    this.#stop.forEach((undo) => undo());
    sound.stopRinging();
    softphone.close();
    leader.stop();
    notes.reset();
    forgetLast();
    clearTimeout(this.#retry);
    this.#failures = 0;
    this.view = null;
    this.problem = this.refusal = this.asked = '';
  }

  // Reads the desk. One question at a time; an event during it asks once more, whatever became of
  // the first; one that failed is asked again by itself.
  async load(): Promise<void> {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    clearTimeout(this.#retry);
    do {
      this.#again = false;
      await this.#readOnce();
    } while (this.#again);
    this.#reading = false;
    if (this.#failures > 0) this.#retryLater();
    else void notes.sendLeft();
  }

  async #readOnce(): Promise<void> {
    const run = this.#run;
    try {
      const desk = await read<Desk>('/desk');
      if (run !== this.#run) return;
      this.#succeed();
      this.#show(desk);
    } catch (error) {
      if (run === this.#run) this.#fail(explain(error));
    }
  }

  // A lost line has its own words; one hiccup that mends itself is not spoken.
  #fail(text: string): void {
    this.problem = text;
    if (++this.#failures === 2 && this.view && this.line !== 'lost') announce(i18n.t.say.stale);
  }

  #succeed(): void {
    if (this.#failures > 1 && this.view && this.line !== 'lost') announce(i18n.t.say.fresh);
    this.#failures = 0;
    this.problem = '';
  }

  #retryLater(): void {
    const pause = Math.min(kRetry * 2 ** (this.#failures - 1), kLongestRetry);
    this.#retry = setTimeout(() => void this.load(), pause * (0.75 + Math.random() / 2));
  }

  // Others' calls change how many wait, many times a second on a busy day.
  #readQueueSoon(): void {
    clearTimeout(this.#queueRead);
    const since = Date.now() + this.#ahead - Date.parse(this.view?.now ?? '1970-01-01');
    this.#queueRead = setTimeout(() => void this.load(), Math.max(0, kRest - since));
  }

  async command(command: Command): Promise<boolean> {
    // A double press is one press. Another key waits: the page may show what a command did before the
    // answer to it is here, and what the page then offers is there.
    while (this.busy) {
      if (this.busy === command.command || !this.#sending) return false;
      await this.#sending;
    }
    if (this.line === 'lost') {
      this.#refuse(i18n.t.connection.read_only);
      return false;
    }
    this.busy = command.command;
    this.refusal = '';
    this.#ownCommands++;
    const sending = send('POST', '/desk/commands', command);
    this.#sending = sending.then(over, over);
    try {
      await sending;
      return true;
    } catch (error) {
      this.#refuse(refusalText(error));
      return false;
    } finally {
      this.busy = '';
      this.#sending = undefined;
      await this.load();
      this.#ownCommands--;
    }
  }

  // For commands that mean the call on the screen, not one that came in between.
  callCommand(
    command: Command['command'],
    more: Pick<Command, 'target' | 'municipality'> = {},
  ): Promise<boolean> {
    const call = this.view?.call?.id;
    return call === undefined ? Promise.resolve(false) : this.command({ command, call, ...more });
  }

  // paused: no call comes before "ready".
  async begin(device: Device, paused = false): Promise<void> {
    this.busy = 'sign_in';
    await sound.unlock();
    const speaks = device !== 'browser' || (await softphone.tryMicrophone());
    this.busy = '';
    if (!speaks) return;
    const signedIn = await this.command({ command: 'sign_in', device, ...(paused && { paused }) });
    if (signedIn && !paused) await this.becomeReady();
  }

  // Whoever signs in is ready at once, and while callers wait the phone rings at once.
  async becomeReady(): Promise<void> {
    if (!['paused', 'missed', 'after_call_work'].includes(this.view?.state ?? '')) return;
    await this.command({ command: 'ready' });
  }

  // What the keys do. Each acts only where its button is there.
  answer(): void {
    if (this.view?.state !== 'ringing') return;
    if (this.view.device === 'sip_phone') return announce(i18n.t.desk.answer_at_phone);
    if (!sound.unlocked) void sound.unlock();
    void this.callCommand('answer');
  }
  giveBack(): void {
    if (this.view?.state === 'ringing') void this.callCommand('hang_up');
  }
  hold(): void {
    if (this.dialling || this.consult === 'joined') return;
    if (this.consult) void this.callCommand('consult_end');
    else if (this.view?.state === 'talking') void this.callCommand('hold');
    else if (this.view?.state === 'held') void this.callCommand('resume');
  }
  // While somebody else is asked the caller hears music and must not be cut off by mistake.
  hangUp(): void {
    if (this.consult && this.consult !== 'joined') return;
    if (this.view?.state === 'talking' || this.view?.state === 'held')
      void this.callCommand('hang_up');
  }
  async handOver(): Promise<void> {
    if (this.consult && (await this.callCommand('hand_over'))) announce(i18n.t.desk.handed_over);
  }
  // who: as it was chosen or typed.
  async consultWith(target: string, who: string): Promise<boolean> {
    if (this.#asking) return false; // a double press is one press
    this.#asking = true;
    const before = this.asked;
    this.asked = who;
    const done = await this.callCommand('consult', { target }); // the desk is read again at its end
    this.#asking = false;
    if (!done) this.asked = before;
    if (!this.consult) this.asked = '';
    return done;
  }
  conference(): void {
    if (this.consult === 'talking') void this.callCommand('conference');
  }
  extend(): void {
    if (this.view?.state === 'after_call_work') void this.command({ command: 'wrap_up_extend' });
  }
  async finish(): Promise<void> {
    const { state } = this.view ?? {};
    if (state === 'paused' || state === 'missed') {
      await notes.flush();
      return this.becomeReady();
    }
    if (state !== 'after_call_work' || this.#finishing) return;
    this.#finishing = true;
    const saved = await notes.flush(true);
    this.#note = !saved ? 'unsaved' : notes.text ? 'saved' : '';
    await this.command({ command: 'wrap_up_finish' });
    if (this.#note === 'unsaved') announce(i18n.t.say.unsaved); // no sentence of the desk had room
    this.#note = '';
    this.#finishing = false;
  }
  readSituation(): void {
    const desk = this.view;
    if (!desk) return;
    const clock = ['talking', 'held', 'after_call_work'].includes(desk.state)
      ? duration(this.seconds)
      : '';
    speak(i18n.t.say.situation(this.heading, clock, desk.waiting));
  }

  #refuse(text: string): void {
    this.refusal = text;
    announce(text);
  }

  #show(after: Desk): void {
    const before = this.view;
    const focused = document.activeElement;
    this.#ahead = Date.parse(after.now) - Date.now();
    this.now = Date.parse(after.now);
    this.view = after;
    if (before?.state !== after.state) this.refusal = '';
    if (!this.#asking && isOther(before?.call ?? null, after.call)) this.asked = '';
    this.followSound();
    if (after.call && after.state !== 'ringing') void notes.open(after.call.id);
    const { say, urgent, tone, focus } = reaction(before, after, i18n.t, {
      answerKey: shownKey('answer'),
      focusJumps: settings.personal.focus_jumps,
      ownCommand: this.#ownCommands > 0,
      note: this.#note,
    });
    if (endsWork(before, after)) this.#note = '';
    if (say) announce(say, urgent ? 'assertive' : 'polite');
    if (tone && leader.leads) sound.tone(tone);
    void this.#focus(focus, focused);
  }

  // Ringing and voice follow the desk; also called when this window starts or stops leading.
  followSound(): void {
    const desk = this.view;
    if (!desk) return;
    if (desk.state === 'ringing' && leader.leads) sound.startRinging(desk.call?.municipality?.ars);
    else sound.stopRinging();
    softphone.follow(desk, leader.leads);
  }

  // To its target; and if a field or button with the focus went with what is over, to the heading,
  // which says what is now: a keyboard never starts at the top of the page again.
  async #focus(target: Focus | undefined, before: Element | null): Promise<void> {
    if (router.path !== '/desk' || router.get('page')) return;
    const typing = Date.now() - this.#typed < 3000 && isTextField(document.activeElement);
    const unasked = target === 'notes' || target === 'answer';
    await tick();
    if (target && !(typing && unasked)) document.getElementById(target)?.focus();
    const gone = before?.matches('button, input') && !before.isConnected;
    if (gone && document.activeElement === document.body) document.getElementById('heading')?.focus();
  }

  #tick(): void {
    const before = this.remaining;
    this.now = Date.now() + this.#ahead;
    if (this.view?.state !== 'after_call_work' || !this.view.until) return;
    const until = Date.parse(this.view.until);
    if (before <= kLastSeconds || this.remaining > kLastSeconds || until === this.#warned) return;
    this.#warned = until;
    announce(i18n.t.say.last_seconds(kLastSeconds, shownKey('extend')));
  }
}

const isTextField = (element: Element | null) =>
  element instanceof HTMLTextAreaElement || element instanceof HTMLInputElement;

function refusalText(error: unknown): string {
  if (error instanceof Failure && error.code === 'desk.other_call') return i18n.t.desk.other_call;
  return explain(error);
}

export const desk = new DeskModel();
