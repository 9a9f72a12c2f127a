// SPDX-License-Identifier: EUPL-1.2
// Connecting by the town hall's directory: the combobox by keyboard and screen reader, offices and
// people in the search, and what happens when the list is not there.
import assert from 'node:assert/strict';
import { checkState } from './support/accessibility.mjs';
import { talking } from './support/desk.mjs';
import { test, until } from './support/harness.mjs';
import { tabTo } from './support/keyboard.mjs';
import { read, said, spoke } from './support/speech.mjs';

const focused = (page) => page.evaluate(() => document.activeElement?.id);
const shown = (page, name) => page.getByRole('button', { name, exact: true }).waitFor();
const field = (page) => page.getByRole('combobox', { name: 'Verbinden mit' });
const options = (page) => page.locator('#transfer-list [role=option]');

test('an office is chosen by keys and connected; who is closed says when again and who stands in', async (context) => {
  const { server, page } = await talking(context);
  await page.keyboard.press('Control+F1');
  await until('field focused', async () => (await focused(page)) === 'transfer-to');
  assert.equal(await field(page).getAttribute('aria-expanded'), 'false');
  await page.keyboard.type('Bau');
  await until('open', async () => (await field(page).getAttribute('aria-expanded')) === 'true');
  await until('all found', async () => (await options(page).count()) === 4);
  await until('counted', () => spoke(page, '4 Stellen'));
  const texts = (await options(page).allTextContents()).map((text) => text.replace(/\s+/g, ' ').trim());
  assert.match(texts[0], /^Bauamt 030 23125510 jetzt erreichbar bis \d\d:\d\d$/);
  assert.match(texts[1], /^Bea Bauer Bauamt · Bauanträge 030 23125512 zu, wieder \w\w \d\d:\d\d$/);
  assert.match(texts[2], /^Otto Öhler Bauamt · Vertretung von Bea Bauer 030 23125511 jetzt erreichbar/);
  assert.match(texts[3], /^Bauhof Stadt Langenhagen · 030 23125520 nach Vereinbarung$/, 'neighbours below');
  await checkState(page, 'list of offices open');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  assert.equal(await field(page).getAttribute('aria-activedescendant'), 'transfer-option-1');
  assert.equal(await page.locator('[aria-selected=true]').getAttribute('id'), 'transfer-option-1');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  assert.equal(await field(page).getAttribute('aria-activedescendant'), 'transfer-option-3', 'round about');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  assert.equal(await field(page).inputValue(), 'Bea Bauer');
  assert.equal(await field(page).getAttribute('aria-expanded'), 'false');
  assert.deepEqual(server.commands, [], 'chosen only');
  await until('closed is said', async () => (await said(page)).some((text) => /^Bea Bauer: zu, wieder/.test(text)));
  await checkState(page, 'an office chosen');
  await page.keyboard.press('Enter');
  await shown(page, 'Speichern und bereit');
  assert.deepEqual(server.commands, [{ command: 'transfer', call: 4701, target: '+493023125512' }]);
  await until('said', () => spoke(page, 'Verbunden mit Bea Bauer.'));
  for (const one of (await said(page)).flatMap((text) => text.split(/(?<=\.) /)))
    assert.ok(one.length <= 40, `one Braille line: ${one}`);
  assert.deepEqual(page.faults, []);
});

test('a search that finds nothing but an office says so, and not that there is nothing', async (context) => {
  const { page } = await talking(context);
  await page.getByLabel('Wissen durchsuchen').fill('bauhof');
  await page.getByText('Bauhof', { exact: true }).first().waitFor();
  await until('told', () => spoke(page, '1 Stelle'));
  assert.equal(await page.getByText('Nichts gefunden').count(), 0);
  await page.getByLabel('Wissen durchsuchen').fill('qxzwvk');
  await page.getByText('Nichts gefunden').waitFor();
  await until('nothing', () => spoke(page, 'Keine Treffer.'));
  assert.deepEqual(page.faults, []);
});

test('who chooses faster than the list answers keeps the choice', async (context) => {
  const { server, page } = await talking(context);
  await page.keyboard.press('Control+F1');
  await until('field focused', async () => (await focused(page)) === 'transfer-to');
  await page.keyboard.type('Ba');
  await until('all found', async () => (await options(page).count()) === 4);
  const release = server.hold('/knowledge/directory');
  await page.keyboard.type('uam');
  await page.keyboard.press('ArrowDown');
  assert.equal(await field(page).getAttribute('aria-activedescendant'), 'transfer-option-0');
  release();
  await until('fewer', async () => (await options(page).count()) < 4);
  await page.keyboard.press('Enter');
  assert.equal(await field(page).inputValue(), 'Bauamt');
  await page.keyboard.press('Enter');
  await shown(page, 'Speichern und bereit');
  assert.deepEqual(server.commands, [{ command: 'transfer', call: 4701, target: '+493023125510' }]);
  assert.deepEqual(page.faults, []);
});

test('Esc closes, then empties; arrow down lists all of the town hall; Tab chooses nothing', async (context) => {
  const { server, page } = await talking(context);
  await tabTo(page, 'Verbinden mit');
  await page.keyboard.press('ArrowDown');
  await until('own only', async () => (await options(page).count()) === 3);
  assert.equal(await field(page).getAttribute('aria-activedescendant'), 'transfer-option-0');
  await page.keyboard.press('Escape');
  assert.equal(await field(page).getAttribute('aria-expanded'), 'false');
  await page.keyboard.type('bau');
  await until('open', async () => (await field(page).getAttribute('aria-expanded')) === 'true');
  await page.keyboard.press('Tab');
  assert.equal(await field(page).getAttribute('aria-expanded'), 'false');
  await page.keyboard.press('Enter');
  await page.getByText('Bitte in der Liste wählen oder eine Rufnummer eingeben.').waitFor();
  await until('field focused', async () => (await focused(page)) === 'transfer-to');
  await checkState(page, 'nothing chosen');
  await page.keyboard.press('Escape');
  assert.equal(await field(page).inputValue(), '');
  assert.deepEqual(server.commands, []);
});

test('asked first: consultation with a person of the directory; read as a combobox', async (context) => {
  const { server, page } = await talking(context);
  assert.ok((await read(page, '.transfer')).some((phrase) => phrase.startsWith('combobox, Verbinden mit')));
  await page.keyboard.press('Control+F1');
  await page.keyboard.type('otto');
  await options(page).first().waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Control+F1');
  await shown(page, 'Zurück zum Anruf');
  assert.deepEqual(server.commands, [{ command: 'consult', call: 4701, target: '+493023125511' }]);
  const who = 'Otto Öhler';
  await page.getByText(`Es klingelt bei „${who}“.`).waitFor();
  server.call({ consult: 'talking' });
  await page.getByText(`Sie sprechen mit „${who}“.`).waitFor();
  server.call({ consult: 'joined' }, { state: 'talking' });
  await page.getByText(`dabei ist „${who}“.`).waitFor();
  server.call({ consult: null });
  await field(page).waitFor();
  server.call({ consult: 'talking' }, { state: 'held' }); // by the second line of a desk phone
  await page.getByText('Sie sprechen mit der anderen Stelle.').waitFor();
});

test('a typed number asks nobody; a directory that fails takes nothing away', async (context) => {
  const { server, page } = await talking(context);
  let asked = 0;
  page.on('request', (request) => (asked += request.url().includes('/knowledge/directory') ? 1 : 0));
  await page.keyboard.press('Control+F1');
  await page.keyboard.type('030 23125510');
  assert.equal(asked, 0);
  await page.keyboard.press('Control+a');
  server.fail('GET', '/knowledge/directory', 503, 'storage.busy', 'Gerade nicht möglich.');
  await page.keyboard.type('bau');
  await page.getByText('Gerade nicht möglich.').waitFor();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('030 23125510');
  await page.keyboard.press('Enter');
  await shown(page, 'Speichern und bereit');
  assert.deepEqual(server.commands, [{ command: 'transfer', call: 4701, target: '030 23125510' }]);
});

test('the search finds offices and people, too, and connects from there', async (context) => {
  const { server, page } = await talking(context);
  await page.keyboard.press('F2');
  await page.keyboard.type('bauamt');
  await page.getByRole('heading', { name: 'Stellen und Personen' }).waitFor();
  await page.getByText('Vertretung von Bea Bauer').waitFor();
  await checkState(page, 'offices among the hits');
  await page.getByRole('button', { name: 'Verbinden mit Otto Öhler' }).first().press('Enter');
  await shown(page, 'Speichern und bereit');
  assert.deepEqual(server.commands, [{ command: 'transfer', call: 4701, target: '+493023125511' }]);
  assert.equal(await page.getByRole('button', { name: /^Verbinden mit / }).count(), 0, 'nobody is on the line');
  await page.getByRole('heading', { name: 'Stellen und Personen' }).waitFor();
});
