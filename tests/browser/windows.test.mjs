// SPDX-License-Identifier: EUPL-1.2
// Two windows of one agent: the same desk in both, ringing and voice in one.
import assert from 'node:assert/strict';
import { openPage } from './support/browser.mjs';
import { begin } from './support/desk.mjs';
import { test, until } from './support/harness.mjs';

// Counts the ringing tones that a window starts.
const countTones = () => {
  globalThis.tones = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...args) {
    globalThis.tones++;
    return start.apply(this, args);
  };
};
const tones = (page) => page.evaluate(() => globalThis.tones);

test('same state in both, one rings, the other can take over', async (context) => {
  const server = await context.newServer();
  const first = await context.person('agent1', { before: countTones });
  await begin(first);
  const second = await openPage(first.context(), `${server.url}/desk`);
  await second.getByText('Ton und Mikrofon laufen in einem anderen Fenster.').waitFor();
  server.ring();
  for (const page of [first, second]) await page.getByRole('button', { name: 'Annehmen' }).waitFor();
  await until('first rings', async () => (await tones(first)) > 0);
  assert.equal(await tones(second), 0);
  await second.getByRole('button', { name: 'Annehmen' }).click();
  for (const page of [first, second]) await page.getByRole('button', { name: 'Auflegen' }).waitFor();
  assert.equal(
    await second.getByRole('button', { name: 'Hierher holen' }).count(), 0,
    'not during a call: the voice would break off');
  server.end('agent1', 0);
  await second.getByRole('button', { name: 'Hierher holen' }).click();
  await first.getByText('Ton und Mikrofon laufen in einem anderen Fenster.').waitFor();
  await second.getByText('Ton und Mikrofon laufen').waitFor({ state: 'detached' });
  const before = await tones(first);
  server.ring();
  await until('second rings', async () => (await tones(second)) > 0);
  assert.equal(await tones(first), before);
  await second.close(); // the leader goes: the other one follows
  await until('first rings again', async () => (await tones(first)) > before);
  assert.deepEqual(first.faults, []);
});

test('a note saved in one window appears in the other; two texts are never merged silently', async (context) => {
  const server = await context.newServer();
  const first = await context.person('agent1');
  await begin(first);
  const second = await openPage(first.context(), `${server.url}/desk`);
  await second.getByRole('heading', { name: 'Bereit', level: 1 }).waitFor();
  const call = server.ring();
  server.answer();
  for (const page of [first, second]) await page.locator('#notes').waitFor();
  await first.locator('#notes').fill('Aus dem ersten Fenster');
  await until('follows', async () =>
    (await second.locator('#notes').inputValue()) === 'Aus dem ersten Fenster');
  server.fail('PUT', '/calls', 503);
  await second.locator('#notes').fill('Zweites Fenster, offline');
  await second.getByText('auf diesem Gerät gesichert').waitFor();
  server.heal();
  server.notes.set(call, { text: 'Von woanders', version: 9 });
  await second.getByRole('heading', { name: 'Text im anderen Fenster' }).waitFor();
  await second.getByText('Von woanders').waitFor();
  assert.equal(await second.locator('#notes').inputValue(), 'Zweites Fenster, offline');
  await second.getByRole('button', { name: 'Meinen Text behalten' }).click();
  await until('kept', () => server.notes.get(call)?.text === 'Zweites Fenster, offline');
});
