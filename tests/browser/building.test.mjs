// SPDX-License-Identifier: EUPL-1.2
// The search index is still being built: the desk says that names are all that is found, once and
// with how far it is, opens what it finds, and turns to normal by itself.
import assert from 'node:assert/strict';
import { checkState } from './support/accessibility.mjs';
import { ready } from './support/desk.mjs';
import { test, until } from './support/harness.mjs';
import { listen, said, spoke } from './support/speech.mjs';

const times = async (page, words) => (await said(page)).filter((text) => text === words).length;

// What the server says of its index is said here; the rest of its answers is the fixture's.
async function atDesk(context) {
  const { server, page } = await ready(context);
  const index = { building: null };
  await page.route(/\/knowledge\/services\?/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), building: index.building } });
  });
  await page.locator('#say-polite').filter({ hasText: 'Bereit.' }).waitFor(); // said and over
  await listen(page);
  return { server, page, index };
}

test('the desk finds names, says so once, counts and turns to normal by itself', async (context) => {
  const { server, page, index } = await atDesk(context);
  index.building = { done: 500, of: 35_000 };
  await page.keyboard.press('F2');
  await page.keyboard.type('reise');
  await page.getByText('Die Suche wird gerade aufgebaut (500 von 35.000 Texten).').waitFor();
  await until('said', () => spoke(page, 'Suche im Aufbau: nur Namen.'));
  await checkState(page, 'search index being built');
  index.building = { done: 12_000, of: 35_000 };
  await page.getByText('(12.000 von 35.000 Texten)').waitFor(); // asked again by itself
  assert.equal(await page.evaluate(() => document.activeElement.id), 'knowledge-search');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Reisepass', level: 3 }).waitFor();
  index.building = null;
  server.emit('knowledge');
  await until('gone', async () => (await page.getByText('Die Suche wird gerade aufgebaut').count()) === 0);
  await until('said, too', () => spoke(page, 'Die Suche findet wieder alles.'));
  assert.equal(await times(page, 'Suche im Aufbau: nur Namen.'), 1);
  assert.equal(await times(page, 'Die Suche findet wieder alles.'), 1);
  await until('article open', () => page.getByRole('heading', { name: 'Reisepass', level: 3 }).isVisible());
  assert.deepEqual(page.faults, []);
});

test('a desk whose line is lost meanwhile asks by itself, too; the hits stay where the focus is', async (context) => {
  const { page, index } = await atDesk(context);
  index.building = { done: 500, of: 35_000 };
  await page.keyboard.press('F2');
  await page.keyboard.type('a');
  await page.getByText('(500 von 35.000 Texten)').waitFor();
  await page.keyboard.press('ArrowDown');
  const hit = await page.evaluate(() => document.activeElement.textContent);
  index.building = null; // nobody tells
  await until('gone', async () => (await page.getByText('Die Suche wird gerade aufgebaut').count()) === 0);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), hit);
});
