// SPDX-License-Identifier: EUPL-1.2
// The citizens' pages against a running fernamt: from the town to the answer without JavaScript and by
// keyboard alone, every page looked at by axe in all looks, at 320 px too.
import assert from 'node:assert/strict';
import { checkState } from './support/accessibility.mjs';
import { newContext, openPage } from './support/browser.mjs';
import { test, until } from './support/harness.mjs';
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
  await page.waitForURL(/\/leistung\/\d+#fee$/); // the question about the fee leads to the fee
  await page.getByRole('heading', { level: 2, name: 'Gebühr' }).waitFor();
  await page.locator('section[aria-labelledby="stellen"] a').first().click();
  await page.getByRole('heading', { level: 2, name: 'Öffnungszeiten' }).waitFor();
  const answer = await page.goto(`${url}${langenhagen}/leistung/999999`);
  assert.equal(answer.status(), 404);
  await page.getByRole('heading', { level: 1, name: 'Diese Seite gibt es nicht' }).waitFor();
  await one.close();
});

test('a citizen who reads English finds the way, and the way back to German', async (context) => {
  const one = await newContext(context.browser, { javaScriptEnabled: false });
  const page = await openPage(one, url + '/buerger');
  await page.getByRole('link', { name: 'English', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Choose your municipality' }).waitFor();
  await page.getByRole('link', { name: 'Langenhagen' }).click();
  await page.getByRole('searchbox', { name: 'What are you looking for in Langenhagen?' }).fill('perso gebühr');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: /found for “perso gebühr”/ }).waitFor();
  await page.locator('.treffer a').first().click();
  await page.waitForURL(/\/leistung\/\d+\?lang=en#fee$/);
  assert.equal(await page.locator('h1').getAttribute('lang'), 'de', 'the answer is German and says so');
  await page.getByRole('heading', { level: 2, name: 'Fee', exact: true }).waitFor();
  await page.getByRole('link', { name: 'Deutsch', exact: true }).click();
  await page.getByRole('heading', { level: 2, name: 'Gebühr', exact: true }).waitFor();
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
    office, '/buerger/barrierefreiheit', `${langenhagen}/leistung/999999`, '/buerger?lang=en', `${langenhagen}?lang=en`,
    `${langenhagen}?q=reisepass&lang=en`, `${article}?lang=en`, `${office}?lang=en`]) {
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
  const on = (what) => until(`${what} has the focus`, () => page.evaluate((wanted) =>
    (document.activeElement?.id || document.activeElement?.textContent) === wanted, what));
  await page.keyboard.press('Tab');
  await on('Zum Inhalt');
  await page.keyboard.press('Enter');
  await on('inhalt');
  await page.keyboard.press('Shift+Tab');
  await on('Suchen');
  await page.keyboard.press('Shift+Tab');
  await on('q');
  await page.keyboard.type('hund anmelden');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: /Treffer/ }).waitFor();
  await one.close();
});
