// SPDX-License-Identifier: EUPL-1.2
// What tests against a running fernamt share: its address and sign-ins from the environment (see
// real.test.mjs), a desk that is ready, and the voice that a page hears and sends.
import assert from 'node:assert/strict';
import { newContext, openPage, signIn } from './browser.mjs';
import { until } from './harness.mjs';

export const url = (process.env.FERNAMT_URL ?? 'http://localhost:8115').replace(/\/$/, '');
export const callWithin = Number(process.env.FERNAMT_CALL_WITHIN ?? 240) * 1000;

export function signInOf(role) {
  const login = process.env[`FERNAMT_${role}`];
  const password = process.env[`FERNAMT_${role}_PASSWORD`];
  return login && password ? { login, password } : undefined;
}

export const ask = (page, path) => page.evaluate(async (p) => (await fetch(`/api/v1${p}`)).json(), path);

// In the page, before its scripts: shownAt is when a call stands in the heading, in the frame that
// shows it; null until that frame, undefined while there is none.
export const watchHeading = () => {
  addEventListener('DOMContentLoaded', () => {
    new MutationObserver(() => {
      const heading = document.querySelector('h1')?.textContent.trim() ?? '';
      if (!/^Anruf(?! verpasst)/.test(heading)) globalThis.shownAt = undefined;
      else if (globalThis.shownAt === undefined) {
        globalThis.shownAt = null;
        requestAnimationFrame(() => (globalThis.shownAt = Date.now()));
      }
    }).observe(document.documentElement, { childList: true, subtree: true, characterData: true });
  });
};

export async function open(context, role, before = []) {
  const who = signInOf(role);
  if (!who) return undefined;
  const one = await newContext(context.browser);
  for (const script of [before].flat()) await one.addInitScript(script);
  const page = await openPage(one, url);
  await signIn(page, who.login, who.password);
  return page;
}

// Brings the desk to "ready", whatever an earlier run left behind.
export async function becomeReady(page) {
  await page.getByRole('heading', { level: 1 }).filter({ hasNotText: 'Arbeitsplatz' }).waitFor();
  await until('ready', async () => {
    const { state, device } = await ask(page, '/desk');
    assert.ok(state === 'signed_out' || device === 'browser',
      'this agent works at a desk phone (a simulated colleague?): name a free one');
    if (state === 'ready' || state === 'ringing') return true;
    const next = { signed_out: 'Arbeitsplatz starten', talking: 'Auflegen', held: 'Auflegen',
      after_call_work: 'Speichern und bereit', paused: 'Bereit', missed: 'Bereit' }[state];
    if (next) await pressed(page.getByRole('button', { name: next, exact: true }));
    return false;
  });
  const soundOff = page.getByRole('button', { name: 'Ton einschalten', exact: true });
  if (await soundOff.isVisible()) await soundOff.click();
}

// A call that ends takes its buttons with it: whether this one could be pressed.
const kShort = 2_000;
export const pressed = (button) => button.press('Enter', { timeout: kShort }).then(() => true, () => false);

// Citizens hang up when they please, at every moment: then the rest of that call proves nothing, and
// the next one is taken. Whoever waits for something in a call waits with its `holds`.
export class Gone extends Error {}
const kTries = 10; // on a slow machine every second caller may be gone before the last step
const kRuns = ['talking', 'held'];

export async function whileCallersStay(what, one) {
  for (let tries = 0; tries < kTries; tries++) {
    try {
      return await one();
    } catch (error) {
      if (!(error instanceof Gone)) throw error;
    }
  }
  throw new Error(`${kTries} callers hung up before: ${what}`);
}

// Answers the next call by key, after what has to be seen while it rings: `ringing` gets the call and
// waits with the `rings` it is given.
export async function answerCall(page, ringing = async () => {}) {
  await becomeReady(page);
  await page.getByRole('button', { name: 'Annehmen' }).waitFor({ timeout: callWithin });
  const desk = await ask(page, '/desk');
  if (desk.state !== 'ringing') throw new Gone();
  await ringing(desk, (what, condition) =>
    until(what, async () => {
      if (await condition()) return true;
      const now = await ask(page, '/desk');
      if (now.state !== 'ringing' || now.call.id !== desk.call.id) throw new Gone();
      return false;
    }));
  await page.keyboard.press('F8');
  const { call } = await until('answered', async () => {
    const now = await ask(page, '/desk');
    if (kRuns.includes(now.state)) return now;
    if (now.state !== 'ringing') throw new Gone();
    return false;
  });
  const runs = async () => {
    const now = await ask(page, '/desk');
    return now.call?.id === call.id && kRuns.includes(now.state);
  };
  const holds = (what, condition) =>
    until(what, async () => {
      if (await condition()) return true;
      if (!(await runs())) throw new Gone();
      return false;
    }, 40_000);
  await holds('on the page', () => page.getByRole('button', { name: 'Auflegen' }).isVisible());
  // What is said when a call has been passed on comes as the call ends, before or after it.
  const ends = async (what, condition) => {
    let over;
    await until(what, async () => {
      if (await condition()) return true;
      if (!(await runs())) over ??= Date.now();
      if (over && Date.now() - over > 20_000) throw new Gone();
      return false;
    });
  };
  return { call, holds, ends };
}

export const voice = (page) =>
  page.evaluate(async () => {
    const result = { packets: 0, lost: 0, level: 0, sent: 0, energy: 0 };
    for (const connection of globalThis.connections.filter((c) => c.connectionState === 'connected'))
      for (const entry of (await connection.getStats()).values()) {
        if (entry.type === 'inbound-rtp')
          Object.assign(result, {
            packets: entry.packetsReceived,
            lost: entry.packetsLost,
            level: entry.audioLevel,
            energy: entry.totalAudioEnergy,
          });
        if (entry.type === 'outbound-rtp') result.sent = entry.packetsSent;
      }
    return result;
  });
