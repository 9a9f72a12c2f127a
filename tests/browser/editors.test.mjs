// SPDX-License-Identifier: EUPL-1.2
// Pages of the editors in all their states, by keyboard and for axe: deliveries of the Land with
// their reports, and what callers ask for.
import assert from 'node:assert/strict';
import { checkState } from './support/accessibility.mjs';
import { test, until } from './support/harness.mjs';
import { tabTo, walk } from './support/keyboard.mjs';

const heading = (page, name) => page.getByRole('heading', { name, exact: true }).waitFor();
const hold = (page, text) => page.getByText(text).first().waitFor();

test('deliveries: the list, a report, applied and undone by keyboard', async (context) => {
  const server = await context.newServer();
  const page = await context.person('editor', { path: '/editing?section=deliveries' });
  await heading(page, 'Lieferungen');
  await hold(page, 'geprüft, noch nicht übernommen');
  await hold(page, 'von der Kommandozeile');
  await checkState(page, 'list of deliveries');
  await walk(page, 'deliveries');
  await tabTo(page, 'Bericht zu Lieferung 2');
  await page.keyboard.press('Enter');
  await heading(page, 'Lieferung 2');
  await hold(page, '310 Einträge gelesen, 1 abgewiesen, 1 Hinweise.');
  await hold(page, '40 von 300 Einträgen dieser Quelle');
  await hold(page, 'Unerlaubte Auszeichnung entfernt');
  await checkState(page, 'report of a delivery');
  await walk(page, 'report');
  // Many would be removed: refused until that is allowed.
  await tabTo(page, 'Übernehmen');
  await page.keyboard.press('Enter');
  await hold(page, '40 von 300 Einträgen würden entfallen.');
  await checkState(page, 'delivery refused');
  await tabTo(page, 'Auch so viele Löschungen erlauben', true);
  await page.keyboard.press('Space');
  await tabTo(page, 'Übernehmen');
  await page.keyboard.press('Enter');
  await until('applied', () => server.deliveries[0].state === 'applied');
  await page.getByRole('button', { name: 'Zurücknehmen' }).first().waitFor();
  await checkState(page, 'delivery applied');
});

test('deliveries: none, unreadable, error', async (context) => {
  const server = await context.newServer();
  const page = await context.person('editor', { path: '/editing?section=deliveries&delivery=1' });
  await heading(page, 'Lieferung 1');
  await hold(page, 'Die Lieferung ist nicht lesbar.');
  await checkState(page, 'unreadable delivery');
  server.deliveries = [];
  await page.goto(`${server.url}/editing?section=deliveries`);
  await hold(page, 'Noch keine Lieferung.');
  await checkState(page, 'no delivery');
  server.fail('GET', '/knowledge/deliveries', 503);
  await page.reload();
  await hold(page, 'Absichtlich gescheitert.');
  await checkState(page, 'deliveries error');
});

test('requests: what callers ask for leads to its texts; none; error and again', async (context) => {
  const server = await context.newServer();
  server.requested = [
    { service: 1, name: 'Personalausweis', calls: 1234 },
    { service: 2, name: 'Reisepass', calls: 7 },
  ];
  const page = await context.person('editor', { path: '/editing' });
  await heading(page, 'Am Telefon gefragt');
  const row = page.getByRole('row', { name: /Personalausweis/ });
  await row.waitFor();
  assert.match(await row.textContent(), /1\.234/);
  await checkState(page, 'requested services');
  await walk(page, 'tasks with requests');
  assert.match(await page.getByRole('link', { name: 'Reisepass' }).getAttribute('href'), /service=2/);
  server.requested = [];
  await page.reload();
  await hold(page, 'Noch keine Leistung in fünf Gesprächen.');
  await checkState(page, 'nothing requested');
  server.fail('GET', '/knowledge/requests', 503);
  await page.reload();
  await hold(page, 'Absichtlich gescheitert.');
  await checkState(page, 'requests error');
  server.heal();
  await page.getByRole('button', { name: 'Noch einmal versuchen' }).click();
  await hold(page, 'Noch keine Leistung in fünf Gesprächen.');
});
