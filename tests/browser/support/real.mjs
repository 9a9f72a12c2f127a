// SPDX-License-Identifier: EUPL-1.2
// What tests against a running fernamt share: its address and sign-ins from the environment (see
// real.test.mjs), a desk that is ready, and the voice that a page hears and sends.
import assert from 'node:assert/strict';
import { newContext, openPage, signIn } from './browser.mjs';

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
  for (let tries = 0; tries < 10; tries++) {
    const { state, device } = await ask(page, '/desk');
    assert.ok(state === 'signed_out' || device === 'browser',
      'this agent works at a desk phone (a simulated colleague?): name a free one');
    if (state === 'ready' || state === 'ringing') break;
    const next = { signed_out: 'Arbeitsplatz starten', talking: 'Auflegen', held: 'Auflegen',
      after_call_work: 'Speichern und bereit', paused: 'Bereit', missed: 'Bereit' }[state];
    await page.getByRole('button', { name: next, exact: true }).click();
    await page.waitForTimeout(500);
  }
  const soundOff = page.getByRole('button', { name: 'Ton einschalten', exact: true });
  if (await soundOff.isVisible()) await soundOff.click();
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
