// SPDX-License-Identifier: EUPL-1.2
// The citizens' pages against a running fernamt: from the town to the answer without JavaScript and by
// keyboard alone, every page looked at by axe in all looks, at 320 px too.
import assert from 'node:assert/strict';
import { checkState } from './support/accessibility.mjs';
import { newContext, openPage } from './support/browser.mjs';
import { test } from './support/harness.mjs';
import { url } from './support/real.mjs';

const langenhagen = '/buerger/032410010010';

test('a citizen finds the answer and the office without JavaScript', async (context) => {
  const one = await newContext(context.browser, { javaScriptEnabled: false });
  const page = await openPage(one, url + '/buerger');
  await page.getByRole('link', { name: 'Langenhagen' }).click();
  await page.getByRole('searchbox', { name: 'Was suchen Sie in Langenhagen?' }).fill('perso gebühr');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: /Treffer zu „perso gebühr“/ }).waitFor();
  await page.locator('.treffer a').first().click();
  assert.match(page.url(), /\/leistung\/\d+#fee$/, 'the question about the fee leads to the fee');
  await page.getByRole('heading', { level: 2, name: 'Gebühr' }).waitFor();
  await page.locator('section[aria-labelledby="stellen"] a').first().click();
  await page.getByRole('heading', { level: 2, name: 'Öffnungszeiten' }).waitFor();
  const answer = await page.goto(`${url}${langenhagen}/leistung/999999`);
  assert.equal(answer.status(), 404);
  await page.getByRole('heading', { level: 1, name: 'Diese Seite gibt es nicht' }).waitFor();
  await one.close();
});

test('every public page is accessible and asks nobody else', async (context) => {
  const one = await newContext(context.browser);
  const page = await openPage(one);
  const elsewhere = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(url + '/')) elsewhere.push(request.url());
  });
  await page.goto(url + langenhagen);
  const article = await page.locator('main li a').first().getAttribute('href');
  await page.goto(url + article);
  const office = await page.locator('section[aria-labelledby="stellen"] a').first().getAttribute('href');
  for (const path of ['/buerger', langenhagen, `${langenhagen}?q=reisepass`, `${langenhagen}?q=qxqxqx`, article,
    office, '/buerger/barrierefreiheit', `${langenhagen}/leistung/999999`]) {
    await page.goto(url + path);
    await checkState(page, `public page ${path}`);
    assert.equal(await page.locator('script:not([type="application/ld+json"])').count(), 0, path);
  }
  assert.deepEqual(elsewhere, []);
  assert.deepEqual(page.faults, []);
  await one.close();
});

test('the keyboard goes to the content, to the search and through the list', async (context) => {
  const one = await newContext(context.browser);
  const page = await openPage(one, url + langenhagen);
  const focused = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent);
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'Zum Inhalt');
  await page.keyboard.press('Enter');
  assert.equal(await focused(), 'inhalt');
  await page.keyboard.press('Shift+Tab');
  assert.equal(await focused(), 'Suchen');
  await page.keyboard.press('Shift+Tab');
  assert.equal(await focused(), 'q');
  await page.keyboard.type('hund anmelden');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: /Treffer/ }).waitFor();
  await one.close();
});
