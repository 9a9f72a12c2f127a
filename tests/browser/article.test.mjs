// SPDX-License-Identifier: EUPL-1.2
// The article in a call: numbers to connect with, called wrong by one key, more than the fixed
// sections, internal notes.
import assert from 'node:assert/strict';
import { checkState } from './support/accessibility.mjs';
import { wedemark } from './support/data.mjs';
import { talking } from './support/desk.mjs';
import { test, until } from './support/harness.mjs';
import { inOrder, listen, read, said, spoke } from './support/speech.mjs';

const shown = (page, name) => page.getByRole('button', { name, exact: true }).waitFor();

async function openArticle(page, name = 'Personalausweis') {
  await page.getByRole('button', { name: new RegExp(`^${name}`) }).click();
  await page.locator('.article-title').getByText(name).waitFor();
}

test('the level of administration stands in one word beside the name, in both languages (R-47)', async (context) => {
  const { page } = await talking(context);
  await openArticle(page);
  inOrder(await read(page, '.article'), ['heading, Personalausweis, level 3', 'Ebene: Kommune', 'Geprüft am 01.09.2026']);
  await checkState(page, 'article with its level');
  await page.getByRole('button', { name: /^Wohnsitz anmelden/ }).click();
  await page.locator('.article-title').getByText('Wohnsitz anmelden').waitFor();
  assert.equal(await page.locator('.article').getByText('Ebene:').count(), 0, 'not known');
});

test('every telephone number of the contact can be dialled, an hour or a fax cannot; it is said', async (context) => {
  const { server, page } = await talking(context);
  await openArticle(page);
  const buttons = page.locator('.article').getByRole('button', { name: /^Verbinden: / });
  assert.deepEqual(await buttons.allTextContents(), ['Verbinden: 030 23125099', 'Verbinden: 030 23125098']);
  await checkState(page, 'article with numbers in a call');
  await buttons.nth(1).press('Enter');
  await shown(page, 'Speichern und bereit');
  assert.deepEqual(server.commands, [{ command: 'transfer', call: 4701, target: '030 23125098' }]);
  await until('said', () => spoke(page, 'Verbunden mit 030 23125098.'));
  assert.equal((await said(page)).filter((text) => text.includes('Verbunden mit')).length, 1);
  assert.equal(await buttons.count(), 0, 'nobody is on the line');
  assert.deepEqual(page.faults, []);
});

test('while somebody else is asked the article offers no number; refused ones are not said as done', async (context) => {
  const { server, page } = await talking(context);
  await openArticle(page);
  const button = page.getByRole('button', { name: 'Verbinden: 030 23125099' });
  await button.waitFor();
  server.call({ consult: 'talking' }, { state: 'held' });
  await button.waitFor({ state: 'detached' });
  server.call({ consult: null }, { state: 'talking' });
  server.fail('POST', '/desk/commands', 409, 'desk.not_now', 'Das geht im Augenblick nicht.');
  await button.press('Enter');
  await until('refused', () => spoke(page, 'Das geht im Augenblick nicht.'));
  assert.equal((await said(page)).filter((text) => text.includes('Verbunden mit')).length, 0);
});

test('called wrong by one key: the section read last, a few words, taken back; the focus stays', async (context) => {
  const { server, page } = await talking(context);
  await openArticle(page);
  await page.keyboard.press('Alt+2');
  await page.keyboard.press('Control+Shift+F2');
  await until('said', () => spoke(page, 'Als falsch gemeldet: Gebühr.'));
  assert.equal(await page.evaluate(() => document.activeElement.id), 'section-fee');
  const { open, ...told } = server.reports[0];
  assert.deepEqual(told, { service: 1, municipality: wedemark, section: 'fee' });
  await page.keyboard.press('Control+Shift+F2');
  await until('not twice', () => spoke(page, 'Schon gemeldet.'));
  assert.equal(server.reports.length, 1);
  await checkState(page, 'called wrong');
  await page.getByLabel('Was stimmt nicht?').fill('seit Mai 46 Euro');
  await page.keyboard.press('Enter');
  await until('words said', () => spoke(page, 'Dazugeschrieben.'));
  assert.equal(server.reports[0].text, 'seit Mai 46 Euro');
  await page.getByRole('button', { name: 'Zurücknehmen' }).press('Enter');
  await until('taken back', () => spoke(page, 'Meldung zurückgenommen.'));
  assert.equal(server.reports[0].open, false);
  await until('focus on the button', async () =>
    (await page.evaluate(() => document.activeElement.id)) === 'report-wrong');
  server.fail('POST', '/knowledge/reports', 503, 'storage.busy', 'Gerade nicht möglich.');
  await page.keyboard.press('Control+Shift+F2');
  await until('failure said', () => spoke(page, 'Gerade nicht möglich.'));
  assert.equal(server.reports.length, 1);
  assert.deepEqual(page.faults, []);
});

test('from the notes the whole article is called wrong if no section was read', async (context) => {
  const { server, page } = await talking(context);
  await openArticle(page);
  await page.getByLabel('Notiz zum Gespräch').focus();
  await page.keyboard.press('Control+Shift+F2');
  await until('said', () => spoke(page, 'Als falsch gemeldet: Artikel.'));
  assert.equal(server.reports[0].section, undefined);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'notes');
});

test('more than the sections: opened by hand, or by a search that found its word there', async (context) => {
  const { page } = await talking(context);
  await openArticle(page);
  await page.getByRole('button', { name: 'Mehr dazu' }).press('Enter');
  await page.getByRole('heading', { name: 'Voraussetzungen', level: 4 }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'Antrag' }).getAttribute('href'), 'https://stadt.example/antrag');
  await checkState(page, 'more of an article');
  await page.keyboard.press('F2');
  await page.keyboard.type('befreiung');
  await page.locator('.hit-name').getByText('Personalausweis', { exact: true }).waitFor();
  await page.keyboard.press('Enter');
  await until('at the form', async () => (await page.evaluate(() => document.activeElement.id)) === 'more-14');
  assert.deepEqual(page.faults, []);
});

test('internal notes are marked and never read aloud as public text', async (context) => {
  const { server, page } = await talking(context);
  server.services[0].internal = [{ text: 'Termine nur über Zimmer 12.', municipality: wedemark, section: 'where', office: null }];
  await openArticle(page);
  await page.getByRole('heading', { name: 'Intern, nicht vorlesen' }).waitFor();
  inOrder(await read(page, '.article'), ['Zum Vorlesen', 'heading, Frist', 'heading, Intern, nicht vorlesen', 'Intern (Gemeinde Wedemark, Wo):', 'Zimmer 12']);
  assert.ok(!(await page.locator('.read-aloud').textContent()).includes('Zimmer 12'));
  await checkState(page, 'article with an internal note');
});

test('Enter is for the words in the field: it waits for their hits, and typing on takes it back', async (context) => {
  const server = await context.newServer();
  const page = await context.person('agent1');
  await page.getByText('Wohnsitz anmelden').waitFor();
  const field = page.getByLabel('Wissen durchsuchen');
  await field.focus();
  await listen(page);
  let release = server.hold('/knowledge/services');
  await page.keyboard.type('reisepass');
  await page.keyboard.press('Enter');
  release();
  await until('the article', async () => (await page.evaluate(() => document.activeElement.textContent.trim())) === 'Reisepass');
  release = server.hold('/knowledge/services');
  await field.fill('pass');
  await page.keyboard.press('Enter');
  await field.fill('wohnsitz');
  release();
  await page.locator('.hit-name').getByText('Wohnsitz anmelden', { exact: true }).waitFor();
  await until('hits said', () => spoke(page, '1 Treffer'));
  assert.equal(await page.evaluate(() => document.activeElement.id), 'knowledge-search');
  server.failOnce('GET', '/knowledge/services', 500);
  await field.fill('reisepass');
  await page.getByRole('button', { name: 'Noch einmal versuchen' }).waitFor();
  await page.keyboard.press('Enter');
  await until('asked again', async () => (await page.evaluate(() => document.activeElement.textContent.trim())) === 'Reisepass');
});
