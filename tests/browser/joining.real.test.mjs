// SPDX-License-Identifier: EUPL-1.2
// Against a running fernamt: a town is prepared for joining with questionnaire and decision paper, a
// year's cost is recorded and leads to a covering price, all financing models stand side by side;
// every page is looked at by axe.
import assert from 'node:assert/strict';
import { checkState } from './support/accessibility.mjs';
import { newContext, openPage, signIn } from './support/browser.mjs';
import { test } from './support/harness.mjs';
import { signInOf, url } from './support/real.mjs';

async function open(context, path) {
  const one = await newContext(context.browser, { acceptDownloads: true });
  const page = await openPage(one, url + path);
  const { login, password } = signInOf('FINANCE');
  await signIn(page, login, password);
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  return page;
}
const saved = async (page, click) => {
  const file = page.waitForEvent('download', { timeout: 60_000 });
  await click();
  return (await file).suggestedFilename();
};

test('a town answers, ticks off, and gets its decision paper', async (context) => {
  const page = await open(context, '/finance?section=joining');
  await page.getByRole('heading', { name: 'Beitritt beginnen' }).waitFor();
  await page.getByRole('button', { name: 'Beitritt beginnen' }).click();
  await page.getByText('Bitte einen Tag nennen.').first().waitFor();
  await page.locator('#join-place option').nth(3).waitFor({ state: 'attached' });
  await page.locator('#join-place').selectOption({ index: 3 });
  await page.locator('#join-day').fill('2027-07-01');
  await page.getByRole('button', { name: 'Beitritt beginnen' }).click();
  await page.getByRole('heading', { name: 'Aufgaben bis zum Start' }).waitFor();
  await page.getByText('0 von 16 erledigt').waitFor();
  await page.getByLabel('Wie viele Anrufe kommen im Jahr auf den Zentralrufnummern an?').fill('viele');
  await page.getByRole('button', { name: 'Antworten speichern' }).click();
  await page.getByText('Die Antwort passt nicht zur Frage').first().waitFor();
  await page.getByLabel('Wie viele Anrufe kommen im Jahr auf den Zentralrufnummern an?').fill('12000');
  await page.getByLabel('Wie viele Sekunden dauert ein Gespräch im Mittel, mit Nachbereitung?').fill('150');
  await page.getByRole('button', { name: 'Antworten speichern' }).click();
  await page.getByText('2 von 20 beantwortet').waitFor();
  await page.getByRole('button', { name: 'Erledigt: Fragekatalog beantworten' }).click();
  await page.getByText('1 von 16 erledigt').waitFor();
  await checkState(page, 'a joining town');
  assert.match(await saved(page, () => page.getByRole('button', { name: 'Entscheidungsvorlage (PDF)' }).click()),
    /^entscheidungsvorlage-\d{12}\.pdf$/);
  assert.match(await saved(page, () => page.getByRole('button', { name: 'Fragekatalog (CSV)' }).click()), /\.csv$/);
  await page.getByRole('link', { name: 'Alle Beitritte' }).click();
  await page.getByText('2 von 20 beantwortet').waitFor();
  await checkState(page, 'joining towns');
}, 240_000);

test('what the centre costs, and the price that would cover it', async (context) => {
  const page = await open(context, '/finance?section=costs');
  await page.getByText('Für dieses Jahr ist noch nichts erfasst.').waitFor();
  await page.getByRole('button', { name: 'Kosten erfassen' }).click();
  await page.getByText('Bitte Bezeichnung, Betrag und Grund nennen.').first().waitFor();
  await page.locator('#cost-block').fill('laufend');
  await page.locator('#cost-name').fill('Personal');
  await page.locator('#cost-posts').fill('5');
  await page.locator('#cost-salary').fill('53.600,00');
  await page.locator('#cost-reason').fill('Drucksache 2271/2021');
  await page.getByRole('button', { name: 'Kosten erfassen' }).click();
  await page.getByText('268.000,00 €').first().waitFor();
  await page.locator('#cost-entry').selectOption('bearer');
  await page.locator('#cost-block').fill('laufend');
  await page.locator('#cost-name').fill('beteiligte Kommunen');
  await page.locator('#cost-rest').selectOption('yes');
  await page.locator('#cost-reason').fill('Drucksache 2271/2021');
  await page.getByRole('button', { name: 'Träger erfassen' }).click();
  await page.getByText('refinanziert: 100 %. 5 Stellen.').waitFor();
  await page.getByText('Personal (5 Stellen zu 53.600,00 €)').waitFor();
  await page.getByText('Landeshauptstadt Hannover').first().waitFor();
  await page.getByText('Kostendeckung').first().waitFor();
  await page.getByText('Es gibt keine Vorschläge.').waitFor();
  await checkState(page, 'cost of a year');
}, 240_000);

test('all financing models on the same calls, and as a paper', async (context) => {
  const year = new Date().getFullYear();
  const page = await open(context, `/finance?section=variants&from=${year}-01&to=${year}-12`);
  await page.getByRole('heading', { name: 'Minutenpreis', exact: true }).waitFor();
  await page.getByRole('heading', { name: 'Umlage und Minuten' }).waitFor();
  await page.getByRole('heading', { name: 'Heute vereinbart' }).waitFor();
  await page.getByText('Gegenüber „Heute vereinbart“ zahlen').first().waitFor();
  await page.getByLabel('Preis je Minute in Euro').fill('1,05');
  await page.getByRole('button', { name: 'Vergleichen' }).click();
  await page.getByText('1,05').first().waitFor();
  await page.getByLabel('Vorlagen zu ihren eigenen Preisen').selectOption('package');
  await page.getByRole('button', { name: 'Vergleichen' }).click();
  await page.getByRole('heading', { name: 'Vorlage: Pauschale' }).waitFor();
  // The Region has no inhabitants of its own, so it bears nothing of a levy by inhabitants.
  await page.getByRole('row', { name: /Region Hannover/ }).first().waitFor();
  await checkState(page, 'financing models');
  assert.equal(await saved(page, () => page.getByRole('button', { name: 'Vorlage als PDF' }).click()),
    'finanzierungsmodelle.pdf');
}, 240_000);
