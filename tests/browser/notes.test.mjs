// SPDX-License-Identifier: EUPL-1.2
// A note is never lost: reload, server gone, next call, full speed typing. And it stays its writer's.
import assert from 'node:assert/strict';
import { openPage, signIn } from './support/browser.mjs';
import { begin, talking } from './support/desk.mjs';
import { test, until } from './support/harness.mjs';

test('saved by itself while typing, with the version it is based on', async (context) => {
  const { server, page, call } = await talking(context);
  await page.locator('#notes').pressSequentially('Personalausweis für ein Kind', { delay: 40 });
  await page.getByText('Gespeichert.', { exact: true }).waitFor();
  await until('on the server', () => server.notes.get(call)?.text === 'Personalausweis für ein Kind');
  await until('no copy left in the window', async () =>
    (await page.evaluate((id) => Object.keys(sessionStorage).some((key) => key.endsWith(`.${id}`)), call)) === false);
});

test('survives a reload while the server refuses to save', async (context) => {
  const { server, page, call } = await talking(context);
  server.fail('PUT', '/calls', 503);
  await page.locator('#notes').fill('Nicht verlieren!');
  await page.getByText('Speichern nicht möglich').waitFor();
  await page.reload();
  await until('there again', async () => (await page.locator('#notes').inputValue()) === 'Nicht verlieren!');
  server.heal();
  await until('saved', () => server.notes.get(call)?.text === 'Nicht verlieren!');
});

test('an unsaved note of an earlier call stays visible and is saved later', async (context) => {
  const { server, page, call } = await talking(context);
  server.fail('PUT', `/calls/${call}`, 503);
  await page.locator('#notes').fill('Vom ersten Gespräch');
  await page.getByText('Speichern nicht möglich').waitFor();
  server.end('agent1', 0);
  const next = server.ring();
  server.answer();
  await page.getByText('Notizen, die noch nicht gespeichert sind').waitFor();
  await page.getByText('Vom ersten Gespräch').waitFor();
  await until('new note is empty', async () => (await page.locator('#notes').inputValue()) === '');
  await page.locator('#notes').fill('Vom zweiten');
  await until('second saved', () => server.notes.get(next)?.text === 'Vom zweiten');
  server.heal();
  server.emit('desk', 'agent1');
  await until('first saved', () => server.notes.get(call)?.text === 'Vom ersten Gespräch');
  await page.getByText('Notizen, die noch nicht').waitFor({ state: 'detached' });
});

test('a text that grew on the server meanwhile keeps both', async (context) => {
  const { server, page, call } = await talking(context);
  server.fail('PUT', '/calls', 503);
  await page.locator('#notes').fill('Meins');
  await page.getByText('Speichern nicht möglich').waitFor();
  server.end('agent1', 0);
  server.ring();
  server.answer();
  await page.getByText('Notizen, die noch nicht').waitFor();
  server.notes.set(call, { text: 'Ihres', version: 5 });
  server.heal();
  server.emit('desk', 'agent1');
  await until('both', () => server.notes.get(call)?.text === 'Ihres\n\nMeins');
});

test('what is typed while a save is on its way is saved, too', async (context) => {
  const { server, page, call } = await talking(context);
  const release = server.hold(`/calls/${call}/notes`);
  await page.locator('#notes').fill('Anfang');
  await page.getByText('Wird gespeichert …').waitFor();
  await page.locator('#notes').fill('Anfang und Ende');
  release();
  await until('all of it', () => server.notes.get(call)?.text === 'Anfang und Ende');
  await page.getByText('Gespeichert.', { exact: true }).waitFor();
});

test('"Speichern und bereit" saves first', async (context) => {
  const { server, page, call } = await talking(context);
  server.end();
  await page.getByRole('button', { name: 'Speichern und bereit' }).waitFor();
  await page.locator('#notes').fill('Im letzten Augenblick');
  await page.keyboard.press('Control+F9');
  await page.getByRole('heading', { name: 'Bereit', level: 1 }).waitFor();
  assert.equal(server.notes.get(call).text, 'Im letzten Augenblick');
});

test('leaving the page sends what is not saved yet', async (context) => {
  const { server, page, call } = await talking(context);
  await page.locator('#notes').fill('Kurz vor dem Schließen');
  await page.goto('about:blank');
  await until('sent', () => server.notes.get(call)?.text === 'Kurz vor dem Schließen');
});

const signOut = async (page) => {
  await page.getByRole('button', { name: 'Abmelden', exact: true }).click();
  await page.getByLabel('Benutzername').waitFor();
};

test('the next agent in the same window neither sees nor sends it; its writer does', async (context) => {
  const { server, page, call } = await talking(context);
  server.fail('PUT', `/calls/${call}`, 503);
  await page.locator('#notes').fill('Nur für Anke');
  await page.getByText('Speichern nicht möglich').waitFor();
  server.set({ state: 'signed_out', call: null });
  await signOut(page);
  server.heal();
  await signIn(page, 'agent2');
  await begin(page);
  server.ring({ login: 'agent2' });
  server.answer('agent2');
  await page.locator('#notes').waitFor();
  assert.equal(await page.locator('#notes').inputValue(), '');
  await page.locator('#notes').fill('Von Bernd'); // the desk has been read and drafts were looked for
  await until('saved', () => server.writers.length > 0);
  assert.deepEqual(server.writers.map(({ login }) => login), ['agent2']);
  assert.notEqual(server.writers[0].call, call);
  assert.ok(!(await page.locator('body').textContent()).includes('Nur für Anke'));
  server.set({ state: 'signed_out', call: null }, 'agent2');
  await signOut(page);
  await signIn(page, 'agent1');
  await until('sent by its writer', () => server.notes.get(call)?.text === 'Nur für Anke');
  assert.deepEqual(server.writers.at(-1), { call, login: 'agent1' });
  assert.deepEqual(page.faults, []);
});

test('signing out saves first', async (context) => {
  const { server, page, call } = await talking(context);
  await page.locator('#notes').fill('Noch schnell');
  await signOut(page);
  assert.equal(server.notes.get(call).text, 'Noch schnell');
});

test('two windows: who signs in in one is who is signed in in the other', async (context) => {
  const { server, page } = await talking(context);
  const second = await openPage(page.context(), `${server.url}/desk`);
  await second.getByText('Anke Ahlers').waitFor();
  await second.locator('#notes').waitFor();
  server.fail('PUT', '/calls', 503);
  await second.locator('#notes').fill('Aus dem zweiten Fenster');
  await second.getByText('Speichern nicht möglich').waitFor();
  await signOut(page);
  await second.getByLabel('Benutzername').waitFor();
  server.heal();
  await signIn(page, 'agent2');
  await second.getByText('Bernd Busse').waitFor();
  await second.getByRole('button', { name: 'Arbeitsplatz starten' }).waitFor();
  assert.ok(!(await second.locator('body').textContent()).includes('Aus dem zweiten Fenster'));
  assert.ok(server.writers.every(({ login }) => login !== 'agent2'));
});
