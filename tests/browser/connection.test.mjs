// SPDX-License-Identifier: EUPL-1.2
// The line breaks, silently or aloud, and comes back without loss.
import assert from 'node:assert/strict';
import { ready, talking } from './support/desk.mjs';
import { test, until } from './support/harness.mjs';
import { listen, said, saidAt, saidHow, spoke } from './support/speech.mjs';

test('a gap of 30 s: seen at once, spoken after 15 s, read again afterwards, nothing lost', async (context) => {
  const { server, page } = await talking(context);
  await page.locator('#notes').fill('Frage nach dem');
  await page.getByText('Gespeichert.', { exact: true }).waitFor();
  const lostAt = Date.now();
  await server.cut();
  await page.getByText('Verbindung wird gesucht …').waitFor();
  assert.deepEqual(await said(page), [], 'a short gap is not announced');
  await page.locator('#notes').fill('Frage nach dem Reisepass');
  await until('spoken', async () => (await saidHow(page)).includes('assertive: Verbindung weg. Telefon läuft.'), 25_000);
  const waited = (await saidAt(page, 'Verbindung weg. Telefon läuft.')) - lostAt;
  assert.ok(waited > 14_000, `only after 15 s, was ${waited} ms`);
  const hangUp = page.getByRole('button', { name: 'Auflegen' });
  assert.equal(await hangUp.getAttribute('aria-disabled'), 'true');
  assert.match(await page.locator(`#${await hangUp.getAttribute('aria-describedby')}`).textContent(), /Verbindung weg/);
  await hangUp.focus();
  await page.keyboard.press('Enter'); // reachable, and says why it does nothing
  await page.locator('.notice--warning').getByText('lässt sich hier nichts auslösen').waitFor();
  await new Promise((done) => setTimeout(done, Math.max(0, 30_000 - (Date.now() - lostAt))));
  server.end('agent1', 60); // happened during the gap: no event of it will ever come
  await server.restore();
  await until('back', async () => (await saidHow(page)).some((text) => text.startsWith('polite: Wieder da.')), 30_000);
  await page.getByRole('button', { name: 'Speichern und bereit' }).waitFor();
  await until('end spoken, too', async () => (await said(page)).some((text) => text.includes('Gespräch beendet')));
  await until('note saved', () => [...server.notes.values()].some(({ text }) => text === 'Frage nach dem Reisepass'));
  await page.getByText('Verbunden').waitFor();
});

test('a line that dies silently is noticed by the missing heartbeat', async (context) => {
  const { server, page } = await talking(context);
  server.freeze();
  await until('spoken', async () => (await spoke(page, 'Verbindung weg. Telefon läuft.')), 40_000);
  server.thaw();
  await until('back', async () => (await said(page)).some((text) => text.startsWith('Wieder da.')), 30_000);
  server.set({ state: 'held' });
  await page.getByRole('button', { name: 'Weiter' }).waitFor();
});

test('a living but quiet line stays connected, and resuming names the last event', async (context) => {
  const { server, page } = await talking(context);
  server.set({ waiting: 4 });
  await page.getByText('4 wartend').waitFor();
  await page.waitForTimeout(17_000); // longer than the silence that counts as lost
  assert.ok(!(await spoke(page, 'Verbindung weg. Telefon läuft.')));
  await server.cut();
  await server.restore();
  await until('resumed', () => server.lastEventId !== undefined);
  assert.match(server.lastEventId, /^\d+$/);
  assert.ok(!(await said(page)).some((text) => text.includes('Wieder da.')), 'a gap nobody was told of is not announced as over');
});

test('an expired session asks for the sign-in and keeps the note', async (context) => {
  const { server, page } = await talking(context);
  const release = server.hold('/calls/');
  await page.locator('#notes').fill('Noch nicht gesichert');
  server.endSessions();
  release();
  await page.getByText('Ihre Anmeldung ist abgelaufen.').waitFor();
  await page.getByLabel('Benutzername').fill('agent1');
  await page.getByLabel('Kennwort').fill('Ferngespräch-2026');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Auflegen' }).waitFor();
  await until('note is there', async () =>
    (await page.locator('#notes').inputValue()) === 'Noch nicht gesichert');
  await until('and saved', () => [...server.notes.values()].some(({ text }) => text === 'Noch nicht gesichert'));
});

test('the desk cannot be read just when a call rings: it is asked again and the call is there', async (context) => {
  const { server, page } = await ready(context);
  await listen(page);
  server.failOnce('GET', '/desk', 503);
  server.ring();
  await page.getByRole('button', { name: 'Annehmen' }).waitFor();
  await until('spoken', async () => spoke(page, 'Anruf Wedemark. F8 annehmen.'));
  assert.equal(server.refused.length, 1);
  assert.ok(!(await said(page)).some((text) => text.includes('aktuell')), 'a hiccup is not spoken');
  assert.deepEqual(page.faults, []);
});

test('an event during a reading that fails is not forgotten', async (context) => {
  const { server, page } = await ready(context);
  let asked = false;
  page.on('request', (request) => (asked ||= request.url().endsWith('/api/v1/desk')));
  const release = server.hold('/desk');
  await until('asked', () => {
    server.emit('desk', 'agent1'); // again, should the line not have been there yet
    return asked;
  });
  server.failOnce('GET', '/desk', 503);
  server.ring();
  release();
  await page.getByRole('button', { name: 'Annehmen' }).waitFor();
});

test('a desk that stays unreadable keeps what it showed, says so once, and says when it is right again', async (context) => {
  const { server, page } = await talking(context);
  server.fail('GET', '/desk', 503);
  server.set({ state: 'held' });
  await page.getByText('Die Anzeige ist nicht aktuell').waitFor();
  await page.getByRole('button', { name: 'Auflegen' }).waitFor();
  await until('asked again and again', () => server.refused.length > 3);
  assert.equal((await said(page)).filter((text) => text.includes('Anzeige nicht aktuell.')).length, 1);
  server.heal();
  await page.getByRole('button', { name: 'Weiter' }).waitFor();
  await page.getByText('Die Anzeige ist nicht aktuell').waitFor({ state: 'detached' });
  await until('right again', async () => spoke(page, 'Anzeige wieder aktuell.'));
  assert.deepEqual(page.faults, []);
});
