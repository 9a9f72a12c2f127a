// SPDX-License-Identifier: EUPL-1.2
// The lead's notices: set with keyboard, seen and spoken at the desk, never into a call, taken back.
import assert from 'node:assert/strict';
import { checkState } from './support/accessibility.mjs';
import { langenhagen, wedemark } from './support/data.mjs';
import { begin } from './support/desk.mjs';
import { test, until } from './support/harness.mjs';
import { tabTo } from './support/keyboard.mjs';
import { listen, said, spoke } from './support/speech.mjs';

async function atDesk(context) {
  const page = await context.person('agent1');
  await begin(page);
  await page.locator('#say-polite').filter({ hasText: 'Bereit.' }).waitFor();
  await listen(page);
  return page;
}
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
const give = (server, notice) => {
  const { distribution } = server;
  const id = distribution.notices.length + 1;
  distribution.notices = [
    { id, municipality: null, skill: null, created_at: new Date().toISOString(), valid_until: inAnHour(), ...notice },
    ...distribution.notices,
  ];
  server.emit('notice');
};
const times = async (page, text) => (await said(page)).filter((one) => one.includes(text)).length;

test('set by keyboard, spoken once at the desk, taken back', async (context) => {
  await context.newServer();
  const desk = await atDesk(context);
  const lead = await context.person('lead', { path: '/lead?section=notices' });
  await lead.getByText('Zurzeit kein Hinweis.').waitFor();
  await checkState(lead, 'no notice');
  await lead.getByRole('button', { name: 'Hinweis geben' }).press('Enter');
  await until('the empty field has the focus', () => lead.evaluate(() => document.activeElement?.id === 'notice-text'));
  await checkState(lead, 'empty notice refused');
  await lead.keyboard.type('Der Aufzug im Rathaus steht heute still.');
  await tabTo(lead, 'Hinweis geben');
  await lead.keyboard.press('Enter');
  await lead.getByRole('rowheader', { name: 'Der Aufzug im Rathaus steht heute still.' }).waitFor();
  await checkState(lead, 'a notice holds');
  await desk.getByText('Hinweis der Leitung: Der Aufzug im Rathaus steht heute still.').waitFor();
  await until('spoken', async () => (await said(desk)).includes('Hinweis: Der Aufzug im Rathaus steht …'));
  await checkState(desk, 'a notice at the desk');
  await desk.reload();
  await desk.getByText('Hinweis der Leitung: Der Aufzug').waitFor();
  await lead.getByRole('button', { name: /^Zurücknehmen: Der Aufzug/ }).press('Enter');
  await desk.getByText('Hinweis der Leitung').waitFor({ state: 'detached' });
  await lead.getByText('Zurzeit kein Hinweis.').waitFor();
  for (const page of [desk, lead]) assert.deepEqual(page.faults, []);
});

test('never into a call: shown at once, spoken once when nobody is on the line', async (context) => {
  const server = await context.newServer();
  const page = await atDesk(context);
  server.ring();
  server.answer();
  await page.getByRole('button', { name: 'Auflegen' }).waitFor();
  give(server, { text: 'Das Bürgerbüro schließt um vier.' });
  await page.getByText('Hinweis der Leitung: Das Bürgerbüro').waitFor();
  server.set({ state: 'held' });
  await until('held', () => spoke(page, 'Gehalten.'));
  assert.equal(await times(page, 'Hinweis'), 0, 'not into the call');
  server.end();
  await until('spoken', async () => (await times(page, 'Hinweis: Das Bürgerbüro schließt um')) === 1);
  server.emit('notice');
  server.ready();
  await page.getByRole('heading', { name: 'Bereit', level: 1 }).waitFor();
  server.ring();
  await page.getByRole('button', { name: 'Annehmen' }).waitFor();
  server.ready();
  await until('call gone', () => spoke(page, 'Anruf beendet.'));
  assert.equal(await times(page, 'Hinweis'), 1);
});

test('about a municipality: beside its calls only, not spoken; what is over goes by itself', async (context) => {
  const server = await context.newServer();
  const page = await atDesk(context);
  give(server, { text: 'Wedemark: Bürgerbüro zu.', municipality: wedemark });
  give(server, { text: 'Gleich vorbei.', valid_until: new Date(Date.now() + 12_000).toISOString() });
  await page.getByText('Gleich vorbei.').first().waitFor();
  assert.equal(await page.getByText('Bürgerbüro zu.').count(), 0);
  server.ring({ ars: wedemark });
  await page.getByText('Wedemark: Bürgerbüro zu.').waitFor();
  server.ready();
  await page.getByText('Wedemark: Bürgerbüro zu.').waitFor({ state: 'detached' });
  server.ring({ ars: langenhagen });
  await page.getByRole('button', { name: 'Annehmen' }).waitFor();
  assert.equal(await page.getByText('Bürgerbüro zu.').count(), 0);
  await page.locator('.notice').getByText('Gleich vorbei.').waitFor({ state: 'detached' });
  assert.equal(await times(page, 'Wedemark: Bürgerbüro'), 0);
});
