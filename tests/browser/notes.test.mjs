// SPDX-License-Identifier: EUPL-1.2
// A note is never lost: reload, server gone, next call, full speed typing.
import assert from 'node:assert/strict';
import { test, until } from './support/harness.mjs';

async function talking(context) {
  const server = await context.newServer();
  const page = await context.person('agent1');
  await page.getByRole('button', { name: 'Arbeitsplatz starten' }).click();
  await page.getByRole('heading', { name: 'Bereit', level: 1 }).waitFor();
  const call = server.ring();
  server.answer();
  await page.locator('#notes').waitFor();
  return { server, page, call };
}

test('saved by itself while typing, with the version it is based on', async (context) => {
  const { server, page, call } = await talking(context);
  await page.locator('#notes').pressSequentially('Personalausweis für ein Kind', { delay: 40 });
  await page.getByText('Gespeichert.', { exact: true }).waitFor();
  await until('on the server', () => server.notes.get(call).text === 'Personalausweis für ein Kind');
  await until('no copy left in the window', async () =>
    (await page.evaluate((id) => sessionStorage.getItem(`fernamt.note.${id}`), call)) === null);
});

test('survives a reload while the server refuses to save', async (context) => {
  const { server, page, call } = await talking(context);
  server.fail('PUT', '/calls', 503);
  await page.locator('#notes').fill('Nicht verlieren!');
  await page.getByText('Speichern nicht möglich').waitFor();
  await page.reload();
  await page.getByRole('button', { name: 'Auflegen' }).waitFor();
  assert.equal(await page.locator('#notes').inputValue(), 'Nicht verlieren!');
  server.heal();
  await until('saved', () => server.notes.get(call).text === 'Nicht verlieren!');
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
  await until('second saved', () => server.notes.get(next).text === 'Vom zweiten');
  server.heal();
  server.emit('desk', 'agent1');
  await until('first saved', () => server.notes.get(call).text === 'Vom ersten Gespräch');
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
  await until('both', () => server.notes.get(call).text === 'Ihres\n\nMeins');
});

test('what is typed while a save is on its way is saved, too', async (context) => {
  const { server, page, call } = await talking(context);
  const release = server.hold(`/calls/${call}/notes`);
  await page.locator('#notes').fill('Anfang');
  await page.getByText('Wird gespeichert …').waitFor();
  await page.locator('#notes').fill('Anfang und Ende');
  release();
  await until('all of it', () => server.notes.get(call).text === 'Anfang und Ende');
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
  await until('sent', () => server.notes.get(call).text === 'Kurz vor dem Schließen');
});
