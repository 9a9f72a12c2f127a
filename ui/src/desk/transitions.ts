// SPDX-License-Identifier: EUPL-1.2
// What the desk says, sounds and focuses when its state changes. Pure: two desks in,
// reactions out. Clock and queue never speak by themselves.
import type { Desk } from '../lib/contract';
import type { Catalogue } from '../texts/de';

export type Focus = 'greeting' | 'notes' | 'heading' | 'answer';
export type Tone = 'answered' | 'ended';
export type Reaction = {
  say?: string;
  urgent?: boolean;
  tone?: Tone;
  focus?: Focus;
};
export type Habits = {
  answerKey: string;
  focusJumps: boolean;
  ownCommand: boolean;
  note: Note;
};
// How saving went for "save and ready"; empty: nothing was to be saved, or nobody pressed it.
export type Note = 'saved' | 'unsaved' | '';

const inCall = (desk: Desk | null) => desk?.state === 'talking' || desk?.state === 'held';

export function reaction(before: Desk | null, after: Desk, t: Catalogue, habits: Habits): Reaction {
  if (after.state === 'ringing') return ringing(before, after, t, habits);
  if (!before) return {};
  const passing = inCall(before) && inCall(after) ? aboutOthers(before, after, t) : undefined;
  if (passing) return passing;
  if (before.state === after.state) return sameState(before, after, t);
  if (inCall(after)) return callGoesOn(before, after, t);
  if (inCall(before)) return callEnded(before, after, t);
  if (after.state === 'missed') return { say: t.say.missed, urgent: true };
  if (before.state === 'ringing') return { say: t.say.call_gone };
  if (after.state === 'paused') return { say: afterWork(before, after, t, habits) + t.say.paused };
  if (after.state === 'signed_out') return { say: t.say.signed_out };
  if (after.state === 'ready') return becameReady(before, after, t, habits);
  return {};
}

function ringing(before: Desk | null, after: Desk, t: Catalogue, habits: Habits): Reaction {
  if (before?.state === 'ringing' && before.call?.id === after.call?.id) return {};
  const place = after.call?.municipality?.short_name ?? '';
  const atPhone = after.device === 'sip_phone'; // answered by lifting the receiver only
  const words = after.call?.callback
    ? { here: t.say.callback, phone: t.say.callback_at_phone }
    : { here: t.say.call, phone: t.say.call_at_phone };
  const say = atPhone ? words.phone(place) : words.here(place, habits.answerKey);
  return { say, urgent: true, focus: habits.focusJumps ? 'answer' : undefined };
}

function sameState(before: Desk, after: Desk, t: Catalogue): Reaction {
  if (!before.pause_after_call && after.pause_after_call) return { say: t.say.pause_planned };
  if (before.pause_after_call && !after.pause_after_call) return { say: t.say.pause_cancelled };
  const longer = after.until && before.until && Date.parse(after.until) > Date.parse(before.until);
  if (after.state === 'after_call_work' && longer) return { say: t.say.extended };
  return {};
}

// Somebody else is asked, joins or leaves; or it turns out that another municipality is meant.
function aboutOthers(before: Desk, after: Desk, t: Catalogue): Reaction | undefined {
  const [was, is] = [before.call?.consult ?? null, after.call?.consult ?? null];
  if (was !== is) return { say: consultation(before, after, t) };
  const place = after.call?.municipality;
  if (place && place.ars !== before.call?.municipality?.ars && before.call?.id === after.call?.id)
    return { say: t.say.corrected(place.short_name), focus: 'greeting' };
  if (before.call?.callback === 'dialling' && after.call?.callback === 'reached')
    return { say: t.say.callback_reached, tone: 'answered', focus: 'greeting' };
  return undefined;
}

function consultation(before: Desk, after: Desk, t: Catalogue): string {
  const was = before.call?.consult ?? null;
  switch (after.call?.consult ?? null) {
    case 'ringing':
      return t.say.consult_ringing;
    case 'talking':
      return t.say.consult_talking;
    case 'joined':
      return t.say.joined;
    default:
      if (after.state === 'talking') return was === 'joined' ? t.say.joined_over : t.say.resumed;
      return was === 'ringing' ? t.say.consult_failed : t.say.consult_over;
  }
}

function callGoesOn(before: Desk, after: Desk, t: Catalogue): Reaction {
  if (after.state === 'held') return { say: t.say.held };
  if (before.state === 'held') return { say: t.say.resumed };
  if (after.call?.callback === 'dialling')
    return { say: t.say.callback_dialling, focus: 'greeting' };
  return { tone: 'answered', focus: 'greeting' };
}

function callEnded(before: Desk, after: Desk, t: Catalogue): Reaction {
  const began = before.call?.answered_at ?? before.since;
  const seconds = Math.max(0, Math.round((Date.parse(after.since) - Date.parse(began)) / 1000));
  const say = t.say.ended(Math.floor(seconds / 60), seconds % 60);
  const focus = after.state === 'after_call_work' ? 'notes' : undefined;
  return { say, tone: 'ended', focus };
}

function becameReady(before: Desk, after: Desk, t: Catalogue, habits: Habits): Reaction {
  const say = afterWork(before, after, t, habits) + t.say.ready;
  return { say, focus: habits.ownCommand ? 'heading' : undefined };
}

// How after-call work ended, as far as it is known: never "saved" when nothing was.
function afterWork(before: Desk, after: Desk, t: Catalogue, { note }: Habits): string {
  if (!endsWork(before, after)) return '';
  if (note) return `${note === 'saved' ? t.say.saved : t.say.unsaved} `;
  const over = before.until && Date.parse(before.until) <= Date.parse(after.since);
  return over ? `${t.say.time_over} ` : '';
}

// Into a state that says so by itself; a call that rings at once has its own sentence.
export const endsWork = (before: Desk | null, after: Desk): boolean =>
  before?.state === 'after_call_work' && (after.state === 'ready' || after.state === 'paused');
