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
  await page.getByText('Gesprächsminuten: je Minute').click();
  const steps = page.getByRole('group', { name: 'Gesprächsminuten: Preis je Vertragsjahr, Zeile 1' });
  const price = steps.getByLabel('Betrag in Euro');
  assert.equal(await price.inputValue(), '0,95');
  await price.fill('eins');
  await page.getByLabel('Grund der Änderung').fill('Kalkulation 2027');
  const save = page.getByRole('button', { name: 'Speichern' });
  await save.click();
  await page.getByText('Gesprächsminuten: Dieser Wert geht so nicht.').first().waitFor();
  assert.equal(await price.getAttribute('aria-invalid'), 'true');
  assert.equal(await price.evaluate((field) => document.activeElement === field), true, 'the field has the focus');
  await price.fill('1,059999');
  await save.click();
  await until('saved', () => server.money.agreement.version === 2);
  assert.equal(server.money.agreement.fields.prices[0].minute_price.steps[0].price, 1_059_999);
  assert.equal(server.money.agreement.fields.budgets[0].amount, 2_500_000);
  await page.getByLabel('Vermerk').fill('Ratsbeschluss');
  await page.getByRole('button', { name: 'Schritt festhalten' }).click();
  await until('resolved', () => server.money.agreement.state === 'resolved');
  assert.deepEqual(page.faults, []);
});

test('an agreement gets its taxes, inhabitants, numbers, hours and further price clauses', async (context) => {
  const server = await context.newServer();
  const page = await context.person('finance', { path: '/finance?section=agreements&id=1' });
  await heading(page, 'Vereinbarung mit Wedemark');
  const add = (title) => page.getByRole('button', { name: `Zeile hinzufügen: ${title}`, exact: true }).click();
  const line = (title) => page.getByRole('group', { name: `${title}, Zeile 1`, exact: true });
  await add('Umsatzsteuer');
  await line('Umsatzsteuer').getByLabel('Grund').fill('§ 2b UStG, Vermerk');
  await add('Einwohnerzahl');
  await line('Einwohnerzahl').getByLabel('Einwohner', { exact: true }).fill('29000');
  await line('Einwohnerzahl').getByLabel('Stichtag').fill('2026-12-31');
  await line('Einwohnerzahl').getByLabel('Quelle').fill('LSN');
  await add('Rufnummern');
  await line('Rufnummern').getByLabel('Rufnummer', { exact: true }).fill('05130 581-0');
  // Only what a scope needs is asked for.
  const asked = async (scope) => {
    await line('Rufnummern').getByLabel('Umfang').selectOption(scope);
    return Promise.all(
      [/^Anschluss der Zentrale/, /^klingelt dort/, /^Rathaus besetzt/].map((label) =>
        line('Rufnummern').getByLabel(label).count(),
      ),
    );
  };
  for (const scope of ['all_calls', 'crisis_only', 'number_115'])
    assert.deepEqual(await asked(scope), [0, 0, 0], scope);
  assert.deepEqual(await asked('overflow_only'), [1, 1, 0]);
  assert.deepEqual(await asked('out_of_hours'), [0, 0, 1]);
  await line('Rufnummern').getByLabel('Rathaus besetzt').fill('Di 08:00-12:00');
  assert.deepEqual(await asked('when_absent'), [1, 1, 1]);
  await line('Rufnummern').getByLabel('Anschluss der Zentrale im Rathaus').fill('05130 581-900');
  await line('Rufnummern').getByLabel('klingelt dort Sekunden').fill('15');
  await line('Rufnummern').getByLabel('Rathaus besetzt').fill('Mo 08:00-12:00');
  await add('Rufnummern');
  const second = page.getByRole('group', { name: 'Rufnummern, Zeile 2', exact: true });
  await second.getByLabel('Rufnummer', { exact: true }).fill('05130 581-1');
  await second.getByLabel('Umfang').selectOption('overflow_only');
  await second.getByLabel('Anschluss der Zentrale im Rathaus').fill('05130 581-901');
  await second.getByLabel('Umfang').selectOption('all_calls');
  await add('Servicezeiten');
  await line('Servicezeiten').getByLabel('Servicezeiten', { exact: true }).fill('Mo-Fr 8 bis 18 Uhr');
  await add('Zusagen');
  await line('Zusagen').getByLabel('binnen Sekunden').fill('20');
  await add('Löschfristen in Tagen');
  await page.getByLabel('Rechtsform').selectOption('mandate');
  await page.getByLabel('Kündigungsfrist', { exact: true }).fill('8');
  await page.getByLabel('gezählt in', { exact: true }).selectOption('weeks');
  await page.getByLabel('Erinnern, Tage vor der Frist').fill('ein Vierteljahr');
  const begins = page.getByLabel('Beginn', { exact: true });
  await begins.fill('');
  await page.getByLabel('Neue Preisregel').selectOption('package');
  await page.getByRole('button', { name: 'Preisregel hinzufügen' }).click();
  const clause = page.getByRole('group', { name: 'Preisregel Neue Preisregel, Zeile 1' });
  await clause.getByLabel('Name der Regel').fill('Pauschale 115');
  const filled = page.getByRole('group', { name: 'Preisregel Pauschale 115, Zeile 1' });
  await filled.getByLabel('Betrag im Jahr in Euro').fill('95.000');
  await filled.getByLabel('Enthaltene Minuten im Jahr').fill('60000');
  await filled.getByLabel('Je weitere Minute in Euro').fill('1,59');
  await checkState(page, 'agreement with all its fields');
  await page.getByLabel('Grund der Änderung').fill('Entwurf ergänzt');
  const save = page.getByRole('button', { name: 'Speichern' });
  await save.click();
  await page.getByText('Pauschale 115: Dieser Wert geht so nicht.').first().waitFor();
  await filled.getByLabel('Betrag im Jahr in Euro').fill('95000');
  await save.click();
  await page.getByText('Servicezeiten, Servicezeiten: Dieser Wert geht so nicht.').first().waitFor();
  await line('Servicezeiten').getByLabel('Servicezeiten', { exact: true }).fill('Mo-Do 08:00-18:00; Fr 08:00-12:30');
  await save.click();
  await page.getByText('Beginn: Dieser Wert geht so nicht.').first().waitFor();
  await begins.fill('2027-02-01');
  await save.click();
  await page.getByText('Erinnern, Tage vor der Frist: Dieser Wert geht so nicht.').first().waitFor();
  await page.getByLabel('Erinnern, Tage vor der Frist').fill('180; 30');
  await save.click();
  await until('saved', () => server.money.agreement.version === 2);
  const { fields } = server.money.agreement;
  assert.deepEqual(fields.taxes, [
    { from: '2027-01-01', value: { category: 'standard', rate_percent: 19, reason: '§ 2b UStG, Vermerk' } },
  ]);
  assert.deepEqual(fields.populations, [
    { from: '2027-01-01', key_date: '2026-12-31', inhabitants: 29000, source: 'LSN' },
  ]);
  assert.deepEqual(fields.numbers, [
    {
      from: '2027-01-01',
      value: {
        number: '+4951305810', scope: 'when_absent', office: '+495130581900', ring_seconds: 15,
        staffed: [{ weekday: 0, from_second: 28_800, to_second: 43_200 }],
      },
    },
    { from: '2027-01-01', value: { number: '+4951305811', scope: 'all_calls' } },
  ]);
  assert.equal(fields.kind, 'mandate');
  assert.deepEqual(fields.term, {
    begins: '2027-02-01',
    first_months: 24,
    renewal_months: 12,
    notice: { count: 8, unit: 'weeks' },
    remind_days: [180, 30],
  });
  assert.equal(fields.hours[0].value.length, 5);
  assert.deepEqual(fields.hours[0].value[4], { weekday: 4, from_second: 28_800, to_second: 45_000 });
  assert.equal(fields.promises[0].value.within_seconds, 20);
  assert.equal(fields.retentions[0].value.call_record_days, 180);
  assert.equal(fields.prices.length, 2);
  assert.deepEqual(fields.prices[1].package, {
    per_year: 9_500_000, included_minutes: 60_000, overage_per_minute: 1_590_000,
    counts_after_call_work: true, unit: 'second', rounding: 'half_up',
  });
  assert.equal(fields.prices[1].kinds, 7);
  assert.deepEqual(page.faults, []);
});

test('a call is given to the town that was meant; a query is upheld by the call', async (context) => {
  const server = await context.newServer();
  const page = await context.person('finance', { path: '/finance?section=calls' });
  await page.getByLabel('Nummer des Gesprächs').fill('501');
  await page.getByRole('button', { name: 'Suchen' }).click();
  await heading(page, /Gespräch 501 vom/);
  await page.getByRole('button', { name: 'Zuordnen' }).click();
  await page.getByText('Bitte wählen Sie eine Kommune oder eine Art.').first().waitFor();
  await page.getByLabel('Art', { exact: true }).selectOption('test_call');
  await page.getByLabel('Grund', { exact: true }).selectOption('test');
  await page.getByText('Oktober 2026: statt 6,90 € nun 4,60 € netto (-2,30 €). Der Monat steht auf R2026-000001').waitFor();
  assert.deepEqual(server.money.calls[501].changes, [], 'looking changes nothing');
  await checkState(page, 'what an assignment would change');
  await page.getByRole('button', { name: 'Zuordnen' }).click();
  await page.getByText('Das Gespräch ist neu zugeordnet.').first().waitFor();
  assert.equal(server.money.calls[501].changes[0].reason, 'test');
  await checkState(page, 'a call and its assignments');

  await page.getByRole('button', { name: 'Berichtigungen ansehen' }).first().click();
  await page.getByText('So würde heute berichtigt.').waitFor();
  await page.getByRole('button', { name: 'Jetzt berichtigen' }).click();
  await page.getByText('Eigene Berichtigung ausstellen?').waitFor();
  assert.equal(server.money.corrected, undefined, 'not without a second look');
  await checkState(page, 'about to correct');
  await page.getByRole('button', { name: 'Ausstellen', exact: true }).click();
  await heading(page, 'Rechnung R2026-000009');
  assert.equal(server.money.corrected, true);

  await page.getByRole('link', { name: 'Rückfragen' }).click();
  const thread = page.getByRole('region', { name: 'Rückfrage 1 zu R2026-000001' });
  await thread.getByLabel('Stattgeben: das Gespräch anders zuordnen').check();
  await thread.getByLabel('Art', { exact: true }).selectOption('it_fault');
  await thread.getByLabel('Begründung').fill('Störung der Belegschaft.');
  await thread.getByRole('button', { name: 'Entscheiden' }).click();
  await thread.getByText('Gespräch anders zugeordnet').waitFor();
  assert.deepEqual(server.money.decision, { outcome: 'reclassified', text: 'Störung der Belegschaft.', kind: 'it_fault' });
  assert.deepEqual(page.faults, []);
});

test('a month is issued for all municipalities that nothing stands against', async (context) => {
  const server = await context.newServer();
  const page = await context.person('finance', { path: '/finance?month=2026-10' });
  const card = page.getByRole('region', { name: 'Alle Rechnungen für Oktober 2026' });
  await card.getByRole('button', { name: 'Vorschau ansehen' }).click();
  await card.getByRole('row', { name: /Gemeinde Wedemark 3 6,90.*2,90.*kann ausgestellt werden/ }).waitFor();
  await card.getByRole('row', { name: /Langenhagen.*Es fehlen Rechnungsangaben/ }).waitFor();
  await card.getByRole('button', { name: 'Eine Rechnung ausstellen' }).click();
  await card.getByText('Eine Rechnung ausstellen?').waitFor();
  assert.equal(server.money.runs.length, 0, 'asking issues nothing');
  await checkState(page, 'before a run');
  await card.getByRole('button', { name: 'Jetzt ausstellen' }).click();
  await card.getByRole('link', { name: 'R2026-000010 ausgestellt' }).waitFor();
  assert.equal(server.money.runs.length, 1);
  assert.equal(await card.getByRole('button', { name: /ausstellen/ }).count(), 0);
  assert.deepEqual(page.faults, []);
});

test('a month with a partner centre, and a price for both directions', async (context) => {
  const server = await context.newServer();
  const page = await context.person('finance', { path: '/finance?section=partners&month=2026-10' });
  await page.getByRole('row', { name: /Servicecenter Nord.*kein Preis vereinbart.*12.*3/ }).waitFor();
  await page.getByRole('button', { name: 'Schreiben (PDF) an Servicecenter Nord' }).waitFor();
  await page.getByRole('button', { name: 'Speichern' }).click();
  await page.getByText('Bitte einen Partner und beide Preise in Euro nennen.').first().waitFor();
  await page.getByLabel('Partner', { exact: true }).selectOption('2');
  await page.getByLabel('Der Partner zahlt je Minute in Euro').fill('0,95');
  await page.getByLabel('Wir zahlen je Minute in Euro').fill('1,10');
  await page.getByRole('button', { name: 'Speichern' }).click();
  await page.getByText('Der Preis ist festgehalten.').first().waitFor();
  assert.equal(server.money.partnerPrice.taken_by, '1,10');
  await checkState(page, 'partner accounts');
  assert.deepEqual(page.faults, []);
});

test('the first page of finance says which budget and which agreement need a look', async (context) => {
  const server = await context.newServer();
  const town = { ars: wedemark, name: 'Gemeinde Wedemark' };
  server.money.notices = {
    budgets: [{
      municipality: town, year: 2026, month: 2, alarm: 'warning', budget_cents: 2_500_000, budget_shown: '25.000,00 €',
      forecast_cents: 11_400_000, forecast_shown: '114.000,00 €', exhausted_in: 3,
    }],
    agreements: [{ id: 1, title: 'Vereinbarung', municipality: town, notice_until: '2028-06-30', last_day: '2028-12-31' }],
  };
  const page = await context.person('finance', { path: '/finance' });
  await page.getByText('Bei diesem Verlauf kostet das Jahr 114.000,00 €').waitFor();
  await checkState(page, 'notices of finance');
  await page.getByRole('link', { name: /Kündigung möglich bis 30.06.2028/ }).click();
  await heading(page, 'Vereinbarung mit Wedemark');
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
