// SPDX-License-Identifier: EUPL-1.2
// The article in a call: numbers to connect with, called wrong by one key, more than the fixed
// sections, internal notes.
import assert from 'node:assert/strict';
import { checkState } from './support/accessibility.mjs';
import { test, until } from './support/harness.mjs';
import { listen, said, spoke } from './support/speech.mjs';

const shown = (page, name) => page.getByRole('button', { name, exact: true }).waitFor();

async function talking(context) {
  const server = await context.newServer();
  const page = await context.person('agent1');
  await page.getByRole('button', { name: 'Arbeitsplatz starten' }).click();
  await page.getByRole('heading', { name: 'Bereit', level: 1 }).waitFor();
  server.ring();
  server.answer();
  await shown(page, 'Auflegen');
  await listen(page);
  server.commands.length = 0;
  return { server, page };
}
async function openArticle(page, name = 'Personalausweis') {
  await page.getByRole('button', { name: new RegExp(`^${name}`) }).click();
  await page.locator('.article-title').getByText(name).waitFor();
}

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
