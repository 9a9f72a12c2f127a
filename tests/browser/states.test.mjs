// SPDX-License-Identifier: EUPL-1.2
// Every state of every page is free of accessibility faults, in light, dark and at 320 px, without
// an error in the console (which includes every violation of the content security policy).
import assert from 'node:assert/strict';
import { checkState } from './support/accessibility.mjs';
import { signIn } from './support/browser.mjs';
import { langenhagen, wedemark } from './support/data.mjs';
import { test } from './support/harness.mjs';

const clean = (page) => assert.deepEqual(page.faults, []);
const hold = (page, text) => page.getByText(text).first().waitFor();

test('sign-in: empty, wrong, slowed', async (context) => {
  await context.newServer();
  const page = await context.person(null);
  await page.getByRole('heading', { name: 'Anmelden' }).waitFor();
  await checkState(page, 'empty');
  await page.getByLabel('Benutzername').fill('agent1');
  await page.getByLabel('Kennwort').fill('falsch');
  await page.keyboard.press('Enter');
  await hold(page, 'Benutzername oder Kennwort stimmt nicht.');
  await checkState(page, 'wrong');
  await page.getByLabel('Kennwort').fill('slow');
  await page.keyboard.press('Enter');
  await hold(page, 'Bitte in 7 Sekunden noch einmal.');
  await page.getByRole('link', { name: 'Barrierefreiheit' }).click();
  await page.getByRole('heading', { name: 'Erklärung zur Barrierefreiheit' }).waitFor();
  await checkState(page, 'accessibility statement without sign-in');
  clean(page);
});

const kDesk = {
  'signed out': [() => {}, 'Arbeitsplatz starten'],
  'desk phone missing': [(s) => s.set({ state: 'ready', device: 'sip_phone' }), 'nicht angemeldet'],
  ready: [(s) => s.set({ state: 'ready', waiting: 3, longest_wait_seconds: 41 }), 'Der nächste Anruf'],
  ringing: [(s) => s.ring(), 'Annehmen'],
  'ringing, number withheld': [(s) => s.ring({ caller: null }), 'unterdrückt'],
  'ringing, unknown municipality': [(s) => s.ring({ ars: 'none' }), 'Annehmen'],
  talking: [(s) => (s.ring(), s.answer()), 'Auflegen'],
  'talking, pause planned': [(s) => (s.ring(), s.answer(), s.set({ pause_after_call: true })), 'Doch keine Pause'],
  held: [(s) => (s.ring(), s.answer(), s.set({ state: 'held' })), 'Weiter'],
  'asking somebody': [(s) => (s.ring(), s.answer(), s.call({ consult: 'ringing' }, { state: 'held' })), 'Es klingelt bei der anderen Stelle'],
  'in consultation': [(s) => (s.ring(), s.answer(), s.call({ consult: 'talking' }, { state: 'held' })), 'Sie sprechen mit der anderen Stelle'],
  'all three': [(s) => (s.ring(), s.answer(), s.call({ consult: 'joined' })), 'Alle drei sprechen'],
  'callback offered': [(s) => s.ring({ more: { callback: 'offered' } }), 'Nach dem Annehmen wird gewählt'],
  'callback dialling': [(s) => (s.ring({ more: { callback: 'offered' } }), s.answer()), 'Die Nummer wird gewählt'],
  'line, partner, other municipality dialled': [
    (s) => (
      s.ring({ more: { scope: 'it_faults', partner: 2, dialled_municipality: { ars: '1', name: 'Stadt Langenhagen' } } }),
      s.answer()
    ),
    'Kommt aus einem Partner-Servicecenter',
  ],
  'after-call work': [(s) => (s.ring(), s.answer(), s.end()), 'Speichern und bereit'],
  paused: [(s) => s.set({ state: 'paused' }), 'In der Pause'],
  missed: [(s) => s.set({ state: 'missed' }), 'zurück in die Warteschlange'],
};
test('desk: every state', async (context) => {
  const page = await context.person(null, { server: await context.newServer() });
  for (const [name, [bring, sign]] of Object.entries(kDesk)) {
    const server = await context.newServer(); // one that nothing happened to; a new browser costs more
    await page.goto(server.url);
    await signIn(page, 'agent1');
    await hold(page, 'Arbeitsplatz starten');
    bring(server);
    await hold(page, sign);
    await checkState(page, name);
    assert.deepEqual(page.faults, [], name);
  }
});

test('desk: refused command, lost line, lost session', async (context) => {
  const server = await context.newServer();
  const page = await context.person('agent1');
  await hold(page, 'Arbeitsplatz starten');
  server.ring();
  server.answer();
  await page.getByRole('button', { name: 'Verbinden' }).click();
  await hold(page, 'Bitte ausfüllen.');
  await page.getByLabel('Verbinden mit').fill('abc');
  await page.keyboard.press('Enter');
  await hold(page, 'Das ist keine Telefonnummer.');
  await checkState(page, 'refused');
  server.endSessions();
  await hold(page, 'Ihre Anmeldung ist abgelaufen.');
  await checkState(page, 'session lost');
  clean(page);
});

test('desk: unreadable, then read again', async (context) => {
  const server = await context.newServer();
  server.fail('GET', '/desk', 503);
  const page = await context.person('agent1');
  await hold(page, 'Absichtlich gescheitert.');
  await checkState(page, 'desk error');
  const again = page.getByRole('button', { name: 'Noch einmal versuchen' });
  await again.waitFor();
  server.heal();
  await again.click({ timeout: 1_000 }).catch(() => {}); // the page may have been faster by itself
  await hold(page, 'Arbeitsplatz starten');
});

test('knowledge: hits, none, article, article due, error, loading', async (context) => {
  const server = await context.newServer();
  const page = await context.person('agent1');
  const search = page.getByLabel('Wissen durchsuchen');
  await hold(page, 'Wohnsitz anmelden');
  await search.fill('xyz');
  await hold(page, 'Nichts gefunden zu „xyz“');
  await checkState(page, 'no hits');
  await search.fill('trauerhalle');
  const website = page.getByRole('link', { name: 'Waldfriedhof' });
  await website.waitFor();
  assert.equal(await website.getAttribute('href'), 'https://stadt.example/wald');
  await hold(page, 'Website, Stand 20.11.2026');
  await hold(page, '„trauerhalle“'); // why it was found
  await checkState(page, 'a hit on the website only');
  await search.fill('ausweis');
  await page.getByRole('button', { name: /^Personalausweis/ }).click();
  await hold(page, 'Zum Vorlesen');
  await checkState(page, 'article');
  await search.fill('reise');
  await page.getByRole('button', { name: /^Reisepass/ }).click();
  await page.locator('.article .due').waitFor();
  await checkState(page, 'article to be checked');
  server.fail('GET', '/knowledge', 503);
  await search.fill('wohn');
  await hold(page, 'Absichtlich gescheitert.');
  await checkState(page, 'search error');
  server.heal();
  const release = server.hold('/knowledge');
  await page.reload();
  await hold(page, 'Wird geladen');
  await checkState(page, 'loading');
  release();
  await hold(page, 'Wohnsitz anmelden');
  clean(page);
});

test('keys help, settings, English', async (context) => {
  await context.newServer();
  const page = await context.person('agent1');
  await hold(page, 'Arbeitsplatz starten');
  await page.keyboard.press('F1');
  await page.getByRole('dialog', { name: 'Tasten' }).waitFor();
  await checkState(page, 'keys help');
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Einstellungen' }).click();
  await page.getByRole('heading', { name: 'Einstellungen' }).waitFor();
  await checkState(page, 'settings');
  await page.getByLabel('English').check();
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  await checkState(page, 'settings in English');
  await page.getByLabel('dark').check();
  await page.getByLabel('150 %').check();
  assert.equal(await page.locator('html').getAttribute('data-kern-theme'), 'dark');
  await page.goto(`${context.server.url}/desk`);
  await hold(page, 'Start the desk');
  assert.equal(await page.locator('html').getAttribute('data-size'), '150', 'chosen on the server');
  await checkState(page, 'desk in English, 150 %');
  clean(page);
});

test('wallboard: full, table, empty day, nothing works, error, forbidden', async (context) => {
  const server = await context.newServer();
  const page = await context.person('lead');
  await hold(page, 'In 30 Sekunden angenommen');
  await checkState(page, 'full');
  await page.getByRole('button', { name: 'Als Tabelle' }).click();
  await page.getByRole('rowheader', { name: '9 Uhr' }).waitFor();
  await checkState(page, 'as a table');
  Object.assign(server.situation, {
    per_hour: [],
    agents: {},
    media_available: false,
    ledger_accepting: false,
    today: {
      ...server.situation.today,
      offered: 0,
      service_level_percent: null,
      average_wait_seconds: null,
      average_talk_seconds: null,
    },
  });
  server.emit('situation');
  await hold(page, 'Heute noch keine Anrufe.');
  await hold(page, 'Die Sprachverbindung fehlt.');
  await checkState(page, 'empty day, nothing works');
  server.fail('GET', '/situation', 503);
  await page.reload();
  await hold(page, 'Absichtlich gescheitert.');
  await checkState(page, 'error');
  await page.goto(`${server.url}/admin`);
  await hold(page, 'Keine Berechtigung');
  await checkState(page, 'forbidden');
  await page.goto(`${server.url}/nowhere`);
  await hold(page, 'Seite nicht gefunden');
  await checkState(page, 'not found');
  clean(page);
});

test('invoices: list, invoice with calls, empty month, own municipality only, error', async (context) => {
  const server = await context.newServer();
  const page = await context.person('finance');
  await hold(page, '6,90 €');
  await checkState(page, 'list');
  await page.getByRole('link', { name: 'Gemeinde Wedemark' }).click();
  await page.getByRole('button', { name: '2. Tag' }).click();
  await hold(page, 'Gespräche zu 2. Tag');
  await checkState(page, 'invoice');
  server.fail('GET', '/invoices', 503);
  await page.reload();
  await hold(page, 'Absichtlich gescheitert.');
  await checkState(page, 'error');
  server.heal();
  server.emptyMonth = true;
  await page.goto(`${server.url}/finance`);
  await hold(page, 'In diesem Monat gibt es keine Gespräche.');
  await checkState(page, 'empty month');
  const town = await context.person('town');
  await town.getByRole('heading', { name: /Gemeinde Wedemark/ }).waitFor();
  await checkState(town, 'own municipality');
  clean(page);
  clean(town);
});

// What each section of finance reads, and what it says when there is nothing yet.
const kFinance = {
  documents: ['/documents', 'Noch ist nichts ausgestellt.'],
  disputes: ['/disputes', 'Es gibt keine Rückfragen.'],
  agreements: ['/agreements', 'Es gibt noch keine Vereinbarung.'],
  joining: ['/onboarding', 'Zurzeit tritt keine Kommune bei.'],
  partners: ['/partner-accounts', 'Es gibt keine Partner.'],
  costs: ['/costs', 'Für dieses Jahr ist noch nichts erfasst.'],
  variants: ['/variants', 'Für diesen Zeitraum gibt es keine Kommunen.'],
  [`forecast&municipality=${wedemark}`]: [`/municipalities/${wedemark}/forecast`, 'In diesem Jahr ist noch kein Monat vorbei.'],
  'calls&id=501': ['/calls/501', null],
  details: ['/billing-details', null],
};
test('finance: every other section empty, then unreadable', async (context) => {
  const server = await context.newServer();
  server.money.empty();
  const page = await context.person('finance');
  for (const [section, [path, none]] of Object.entries(kFinance)) {
    server.heal();
    if (none) {
      await page.goto(`${server.url}/finance?section=${section}`);
      await hold(page, none);
      await checkState(page, `${section}, empty`);
    }
    server.fail('GET', path, 503);
    await page.goto(`${server.url}/finance?section=${section}`);
    await hold(page, 'Absichtlich gescheitert.');
    await checkState(page, `${section}, error`);
  }
  clean(page);
});

test('administration: municipalities, one municipality, people, procedures, error', async (context) => {
  const server = await context.newServer();
  const page = await context.person('admin');
  await hold(page, '1.175.315');
  await checkState(page, 'municipalities');
  await page.getByLabel('Kommune suchen').fill('xyz');
  await hold(page, 'Keine Kommune passt.');
  await page.goto(`${server.url}/admin?section=municipalities&municipality=${wedemark}`);
  await hold(page, '4,2 Sekunden');
  await checkState(page, 'municipality');
  await page.getByRole('link', { name: 'Personen' }).click();
  await page.getByRole('button', { name: 'Neue Person' }).click();
  await page.getByLabel('Kennwort', { exact: true }).waitFor();
  await checkState(page, 'new person');
  await page.getByRole('link', { name: 'Abläufe' }).click();
  await page.getByLabel(/Nachbearbeitung/).waitFor();
  await checkState(page, 'procedures');
  server.fail('GET', '/municipalities', 503);
  await page.goto(`${server.url}/admin`);
  await hold(page, 'Absichtlich gescheitert.');
  await checkState(page, 'error');
  clean(page);
});

test('administration: a municipality joins; prices: none, new, refused, ended, gap', async (context) => {
  const server = await context.newServer();
  const page = await context.person('admin');
  await page.getByRole('button', { name: 'Kommune aufnehmen' }).click();
  await page.getByRole('heading', { name: 'Kommune aufnehmen' }).waitFor();
  await checkState(page, 'new municipality');
  await page.getByRole('button', { name: 'Aufnehmen', exact: true }).click();
  await hold(page, 'Der Regionalschlüssel hat zwölf Ziffern.');
  await checkState(page, 'new municipality refused');
  await page.getByLabel('Im amtlichen Verzeichnis suchen').fill('em');
  await page.keyboard.press('Enter');
  await hold(page, 'schon dabei');
  await checkState(page, 'official list');
  await page.getByLabel('Im amtlichen Verzeichnis suchen').fill('xyz');
  await page.keyboard.press('Enter');
  await hold(page, 'Nichts gefunden.');
  await page.goto(`${server.url}/admin?section=municipalities&municipality=${langenhagen}`);
  await hold(page, 'Noch kein Preis.');
  await checkState(page, 'no price');
  await page.goto(`${server.url}/admin?section=municipalities&municipality=${wedemark}`);
  await page.getByRole('button', { name: 'Neuer Preis' }).click();
  await page.getByRole('button', { name: 'Preis hinzufügen' }).click();
  await hold(page, 'Bitte den Preis in Euro eingeben');
  await checkState(page, 'new price refused');
  await page.getByRole('button', { name: 'Abbrechen' }).click();
  await page.getByRole('button', { name: /^Beenden: Preis/ }).click();
  await page.getByRole('button', { name: 'Beenden', exact: true }).click();
  await hold(page, 'Bitte einen Tag ab dem 01.01.2026 eingeben.');
  await checkState(page, 'end refused');
  server.prices[wedemark][0].valid_to = '2026-11-30';
  server.prices[wedemark].push({ ...server.prices[wedemark][0], id: 2, valid_from: '2027-01-01', valid_to: null });
  await page.reload();
  await hold(page, 'Vom 01.12.2026 bis 31.12.2026 gilt kein Preis.');
  await checkState(page, 'gap');
  server.fail('GET', `/municipalities/${wedemark}/prices`, 503);
  await page.reload();
  await hold(page, 'Absichtlich gescheitert.');
  await checkState(page, 'prices error');
  clean(page);
});

test('knowledge page of the editors', async (context) => {
  await context.newServer();
  const page = await context.person('editor', { path: '/?page=knowledge' });
  await page.getByRole('heading', { name: 'Nachschlagen', level: 1 }).waitFor();
  await hold(page, 'Wohnsitz anmelden');
  await checkState(page, 'knowledge page');
  clean(page);
});
