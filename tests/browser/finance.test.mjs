// SPDX-License-Identifier: EUPL-1.2
// The workplace of finance: from the draft to the issued invoice and back, queries of both sides,
// agreements, early warning, billing details; every page looked at by axe.
import assert from 'node:assert/strict';
import { checkState } from './support/accessibility.mjs';
import { wedemark } from './support/data.mjs';
import { test, until } from './support/harness.mjs';

const heading = (page, name) => page.getByRole('heading', { name }).first().waitFor();

test('an invoice is looked at, issued after a question, and taken back by the book', async (context) => {
  const server = await context.newServer();
  const page = await context.person('finance', { path: `/finance?month=2026-10&municipality=${wedemark}` });
  await page.getByRole('button', { name: 'Entwurf ansehen' }).click();
  await page.getByText('Noch ist nichts ausgestellt.').waitFor();
  await page.getByText('Zum Vergleich September 2026: 2 Gespräche, 4,00 € netto.').waitFor();
  assert.equal(server.money.papers.length, 1, 'looking stores nothing');
  await page.getByRole('button', { name: 'Ausstellen', exact: true }).click();
  await page.getByText('Rechnung ausstellen? Danach ist sie gesperrt').waitFor();
  await checkState(page, 'about to issue');
  await page.getByRole('button', { name: 'Ausstellen: 6,90 €' }).click();
  await heading(page, 'Rechnung R2026-000002');
  assert.equal(server.money.papers.length, 2);
  await checkState(page, 'issued invoice');
  await page.getByRole('button', { name: 'Stornieren' }).click();
  await page.getByText('Bitte einen Grund nennen.').first().waitFor();
  await page.getByLabel('Grund').first().fill('Falscher Monat');
  await page.getByRole('button', { name: 'Stornieren' }).click();
  await heading(page, 'Stornorechnung S2026-000001');
  await page.getByText('Zu R2026-000001. Grund: Falscher Monat').waitFor();
  assert.deepEqual(page.faults, []);
});

test('a missing detail is said where the draft is asked for', async (context) => {
  const server = await context.newServer();
  server.fail('GET', `/invoices/${wedemark}/2026-10/draft`, 503);
  const page = await context.person('finance', { path: `/finance?month=2026-10&municipality=${wedemark}` });
  await page.getByRole('button', { name: 'Entwurf ansehen' }).click();
  await page.getByText('Absichtlich gescheitert.').first().waitFor();
  server.heal();
  await page.getByRole('button', { name: 'Noch einmal versuchen' }).click();
  await page.getByText('Noch ist nichts ausgestellt.').waitFor();
});

test('the paying town asks about a line; the centre upholds with a credit note', async (context) => {
  const server = await context.newServer();
  const town = await context.person('town', { path: '/finance?section=documents&number=R2026-000001' });
  await heading(town, 'Rechnung R2026-000001');
  assert.equal(await town.getByRole('button', { name: 'Stornieren' }).count(), 0);
  await town.getByRole('button', { name: 'Rückfrage zu Position 1' }).click();
  await until('the question has the focus', () => town.evaluate(() => document.activeElement?.id === 'dispute-title'));
  await town.getByRole('button', { name: 'Absenden' }).first().click();
  await town.getByText('Bitte schreiben Sie, worum es geht.').first().waitFor();
  await town.getByLabel('Ihre Frage').fill('Warum drei Gespräche?');
  await town.getByRole('button', { name: 'Absenden' }).first().click();
  await heading(town, 'Rückfrage 2 zu R2026-000001');
  await checkState(town, 'queries of a town');
  assert.equal(server.money.disputes.length, 2);

  const page = await context.person('finance', { path: '/finance?section=disputes' });
  const thread = page.getByRole('region', { name: 'Rückfrage 1 zu R2026-000001' });
  await thread.getByLabel('Betrag netto in Euro').fill('2,38');
  await thread.getByLabel('Begründung').fill('Der Anruf war fehlgeleitet.');
  await thread.getByRole('button', { name: 'Entscheiden' }).click();
  await thread.getByRole('link', { name: 'Gutschrift G2026-000001' }).waitFor();
  await checkState(page, 'decided query');
  assert.deepEqual([...town.faults, ...page.faults], []);
});

test('an agreement: what is missing, its prices, the next step', async (context) => {
  const server = await context.newServer();
  const page = await context.person('finance', { path: '/finance?section=agreements' });
  await page.getByRole('link', { name: 'Gemeinde Wedemark' }).click();
  await heading(page, 'Vereinbarung mit Wedemark');
  await page.getByText('In der Vereinbarung fehlt etwas: 1.numbers.').waitFor();
  await page.getByText('31.12.2028, Kündigung bis 30.06.2028').waitFor();
  await checkState(page, 'agreement');
  const price = page.getByLabel('Gesprächsminuten: Betrag in Euro');
  assert.equal(await price.inputValue(), '0,95');
  await price.fill('eins');
  await page.getByLabel('Grund der Änderung').fill('Kalkulation 2027');
  await page.getByRole('button', { name: 'Speichern' }).click();
  await page.getByText('Gesprächsminuten: bitte einen Betrag in Euro.').first().waitFor();
  await price.fill('1,059999');
  await page.getByRole('button', { name: 'Speichern' }).click();
  await until('saved', () => server.money.agreement.version === 2);
  assert.equal(server.money.agreement.fields.prices[0].minute_price.steps[0].price, 1_059_999);
  assert.equal(server.money.agreement.fields.budgets[0].amount, 2_500_000);
  await page.getByLabel('Vermerk').fill('Ratsbeschluss');
  await page.getByRole('button', { name: 'Schritt festhalten' }).click();
  await until('resolved', () => server.money.agreement.state === 'resolved');
  assert.deepEqual(page.faults, []);
});

test('early warning and billing details; an auditor changes nothing', async (context) => {
  const server = await context.newServer();
  const page = await context.person('finance', { path: `/finance?section=forecast&municipality=${wedemark}&year=2026` });
  // Baden-Baden's case: warned in the second month of a year that would cost more than four times the budget.
  await page.getByText('Bei diesem Verlauf ist der Ansatz im März 2026 verbraucht.').waitFor();
  await page.getByRole('row', { name: /Januar 2026.*beobachten/ }).waitFor();
  await page.getByRole('row', { name: /Februar 2026.*19\.?000,00.*114\.?000,00.*Warnung/ }).waitFor();
  await page.getByRole('row', { name: /Februar 2026 .*Warnung/ }).waitFor();
  await checkState(page, 'early warning');
  await page.getByRole('link', { name: 'Rechnungsangaben' }).click();
  await page.getByLabel('Name', { exact: true }).first().fill('Servicecenter Region');
  await page.getByRole('button', { name: 'Speichern' }).first().click();
  await page.getByText('Gespeichert.', { exact: true }).first().waitFor();
  assert.equal(server.money.details.name, 'Servicecenter Region');
  await checkState(page, 'billing details');
  const auditor = await context.person('auditor', { path: '/finance?section=agreements&id=1' });
  await heading(auditor, 'Vereinbarung mit Wedemark');
  assert.equal(await auditor.getByRole('button', { name: 'Speichern' }).count(), 0);
  assert.equal(await auditor.getByRole('link', { name: 'Rechnungsangaben' }).count(), 0);
  assert.deepEqual([...page.faults, ...auditor.faults], []);
});
