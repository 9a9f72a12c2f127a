// SPDX-License-Identifier: EUPL-1.2
// Whole tasks with the keyboard alone, and what a screen reader says on the way: sign-in, settings,
// wallboard, invoices and prices, administration. Desk and article: keys and spoken tests.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kPassword } from './support/browser.mjs';
import { wedemark } from './support/data.mjs';
import { silence } from './support/fixture.mjs';
import { test, until } from './support/harness.mjs';
import { tabTo } from './support/keyboard.mjs';
import { inOrder, listen, read, said, spoke } from './support/speech.mjs';

const heading = (page, name) =>
  until(`the heading "${name}" has the focus`, () =>
    page.evaluate(
      (text) => /^H\d$/.test(document.activeElement.tagName) && document.activeElement.textContent.trim() === text,
      name,
    ));
const focused = (page, id) =>
  until(`${id} has the focus`, () => page.evaluate((name) => document.activeElement?.id === name, id));
const type = async (page, label, text) => {
  await tabTo(page, label);
  await page.keyboard.press('Control+a');
  await page.keyboard.type(text);
};
const push = async (page, label) => {
  await tabTo(page, label);
  await page.keyboard.press('Enter');
};
// A date as people type it: browsers show it in the language of their own menus, German or English.
const day = async (page, label, iso) => {
  const [year, month, dayOfMonth] = iso.split('-');
  await tabTo(page, label);
  await page.keyboard.type(`${dayOfMonth}${month}${year}`);
  if ((await page.evaluate(() => document.activeElement.value)) === iso) return;
  for (const key of ['Shift+Tab', 'Shift+Tab']) await page.keyboard.press(key);
  await page.keyboard.type(`${month}${dayOfMonth}${year}`);
  assert.equal(await page.evaluate(() => document.activeElement.value), iso);
};

test('sign-in: read, refused, slowed, done', async (context) => {
  await context.newServer();
  const page = await context.person(null);
  await page.getByRole('heading', { name: 'Anmelden' }).waitFor();
  inOrder(await read(page), [
    'banner',
    'main',
    'heading, Anmelden, level 1',
    'textbox, Benutzername, required',
    'Kennwort',
    'button, Anmelden',
    'contentinfo',
    'link, Barrierefreiheit',
  ]);
  await listen(page);
  await type(page, 'Benutzername', 'lead');
  await type(page, 'Kennwort', 'falsch');
  await page.keyboard.press('Enter');
  await until('refused', () => spoke(page, 'Benutzername oder Kennwort stimmt nicht.'));
  await focused(page, 'password');
  await page.keyboard.type('slow'); // the wrong one is selected: typing replaces it
  await page.keyboard.press('Enter');
  await until('slowed', () => spoke(page, 'Zu viele Versuche. Bitte in 7 Sekunden noch einmal.'));
  await page.keyboard.type(kPassword);
  await page.keyboard.press('Enter');
  await heading(page, 'Lage');
});

test('skip link, another page, back to the sign-in from the statement', async (context) => {
  await context.newServer();
  const page = await context.person(null);
  await page.getByRole('heading', { name: 'Anmelden' }).waitFor();
  await push(page, 'Barrierefreiheit');
  await heading(page, 'Erklärung zur Barrierefreiheit');
  await push(page, 'Zur Anmeldung');
  await heading(page, 'Anmelden');
  await type(page, 'Benutzername', 'editor');
  await type(page, 'Kennwort', kPassword);
  await page.keyboard.press('Enter');
  await heading(page, 'Redaktion');
  await push(page, 'Wissen');
  await heading(page, 'Nachschlagen');
  await tabTo(page, 'Zum Inhalt', true);
  await page.keyboard.press('Enter');
  await focused(page, 'content');
  await page.keyboard.press('Tab');
  await focused(page, 'knowledge-search');
});

test('settings: language, looks and a key, each said to be saved', async (context) => {
  const server = await context.newServer();
  const page = await context.person('agent1', { path: '/desk?page=settings' });
  await page.getByRole('heading', { name: 'Einstellungen' }).waitFor();
  inOrder(await read(page, 'main'), [
    'heading, Einstellungen, level 1',
    'region, Aussehen',
    'group, Sprache',
    'radio, Deutsch',
    'group, Schriftgröße',
    'region, Ton und Mikrofon',
    'combobox, Mikrofon',
    'slider, Lautstärke des Klingelns',
    'region, Tasten',
    'checkbox, Tasten benutzen',
    'combobox, Taste für: Anruf annehmen',
  ]);
  await listen(page);
  await tabTo(page, '100 %');
  await page.keyboard.press('ArrowRight');
  await until('saved', () => spoke(page, 'Einstellungen gespeichert.'));
  assert.equal(server.users[0].settings.size, 112);
  await tabTo(page, 'Taste für: Anruf annehmen');
  await page.keyboard.press('ArrowDown');
  await until('the other key', () => server.users[0].settings.keys?.answer);
  await tabTo(page, /^Deutsch/, true);
  await page.keyboard.press('ArrowRight');
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  await until('said in the new language', () => spoke(page, 'Settings saved.'));
});

test('wallboard: figures with their meaning, sorted, as a table', async (context) => {
  await context.newServer();
  const page = await context.person('lead');
  await page.getByText('In 30 Sekunden angenommen').waitFor();
  inOrder(await read(page, 'main'), [
    'heading, Lage, level 1',
    'region, Kennzahlen heute',
    'heading, Wartend, level 3',
    'längste Wartezeit 1:14 · davon 2 Rückrufe',
    'Anrufende, die jetzt in der Warteschlange sind.',
    'heading, In 30 Sekunden angenommen, level 3',
    '166 von 214',
    'region, Anrufe je Stunde',
    'image, Balkenbild der Anrufe je Stunde. Zusammen 214, die meisten um 9 Uhr.',
    'region, Team',
    'Nur Summen, keine Personen.',
    'region, Kommunen',
    'button, Wartend',
  ]);
  await push(page, 'Als Tabelle');
  inOrder(await read(page, '[aria-labelledby="hours-title"]'), [
    'columnheader, Stunde',
    'columnheader, Angekommen',
    'rowheader, 9 Uhr',
    'cell, 58',
  ]);
  await tabTo(page, 'Wartend');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  const column = page.getByRole('columnheader', { name: 'Wartend' });
  await until('sorted', async () => (await column.getAttribute('aria-sort')) === 'descending');
});

test('invoice: month, municipality, line, calls; a price of finance', async (context) => {
  const server = await context.newServer();
  const page = await context.person('finance', { path: '/finance?month=2026-11' });
  await page.getByText('6,90 €').first().waitFor();
  await listen(page);
  inOrder(await read(page, 'main'), [
    'heading, Abrechnung, level 1',
    'combobox, Monat',
    'combobox, Kommune',
    'region, Rechnungen · November 2026',
    'columnheader, Kommune',
    'rowheader, Gemeinde Wedemark',
    'cell, 6,90 €',
  ]);
  await push(page, 'Gemeinde Wedemark');
  await page.getByText('Nachweis im Journal').waitFor();
  await push(page, '2. Tag');
  await page.getByText('0:20,2').waitFor();
  inOrder(await read(page, '[aria-labelledby="invoice-title"]'), [
    'heading, Gemeinde Wedemark, November 2026, level 2',
    'button, Als CSV herunterladen',
    'button, 2. Tag',
    'heading, Gespräche zu 2. Tag, level 3',
    'rowheader, Warum so verteilt: Gespräch 501',
    'rowheader, Summe',
  ]);
  await push(page, /^Beenden: Preis/);
  await focused(page, 'price-last');
  await push(page, 'Beenden');
  await until('explained', () => spoke(page, 'Bitte einen Tag ab dem 01.01.2026 eingeben.'));
  await page.keyboard.press('Shift+Tab');
  await day(page, 'Letzter Tag dieses Preises', '2026-12-31');
  await push(page, 'Beenden');
  await until('ended', () => spoke(page, 'Der Preis endet am 31.12.2026.'));
  await heading(page, 'Preis');
  await push(page, 'Neuer Preis');
  await heading(page, 'Neuer Preis');
  await type(page, 'Euro je Minute', '1,05');
  await day(page, 'Erster Tag', '2027-01-01');
  await push(page, 'Preis hinzufügen');
  await until('added', () => spoke(page, 'Preis hinzugefügt.'));
  assert.deepEqual(server.prices[wedemark].map(({ price }) => price), ['0.95', '1.05']);
  assert.equal(server.prices[wedemark][0].valid_to, '2026-12-31');
});

test('administration: a municipality found, its hours, its number, its announcement', async (context) => {
  const server = await context.newServer();
  const page = await context.person('admin');
  await page.getByText('1.175.315').waitFor();
  inOrder(await read(page, 'main'), [
    'heading, Verwaltung, level 1',
    'navigation, Verwaltung',
    'link, Kommunen, current page',
    'region, Kommunen',
    'button, Kommune aufnehmen, not expanded',
    'searchbox, Kommune suchen',
    'columnheader, Rufnummern',
    'link, Gemeinde Wedemark',
  ]);
  await type(page, 'Kommune suchen', 'wede');
  await push(page, 'Gemeinde Wedemark');
  await page.getByText('4,2 Sekunden').first().waitFor();
  await page.getByRole('rowheader', { name: 'ab 01.01.2026' }).waitFor();
  await listen(page);
  inOrder(await read(page, 'main'), [
    'heading, Gemeinde Wedemark, level 2',
    'textbox, Kurzname',
    'group, Zeiten',
    'textbox, Montag, Zeit 1, von',
    'button, Entfernen: Montag von 08:00 bis 12:00',
    'button, Hinzufügen: Zeit am Samstag',
    'checkbox, An Feiertagen geschlossen',
    'region, Rufnummern',
    'button, Entfernen: 030 23125002',
    'textbox, Neue Rufnummer',
    'region, Ansagen',
    'button, Anhören: Begrüßung',
    'button, Hochladen: Begrüßung',
    'region, Preis',
    'rowheader, ab 01.01.2026',
  ]);
  await type(page, 'Montag, Zeit 1, von', '9');
  await push(page, 'Hinzufügen: Zeit am Samstag');
  await focused(page, 'hours-5-0-from');
  await push(page, 'Speichern');
  await until('saved', () => spoke(page, 'Gespeichert.'));
  const town = server.towns.find(({ ars }) => ars === wedemark);
  assert.equal(town.hours.find(({ weekday }) => weekday === 0).from, '09:00');
  assert.deepEqual(town.hours.filter(({ weekday }) => weekday === 5), [{ weekday: 5, from: '08:00', to: '12:00' }]);
  await type(page, 'Neue Rufnummer', '030 23125051');
  await page.keyboard.press('Enter');
  await until('added', () => spoke(page, 'Rufnummer 030 23125051 hinzugefügt.'));
  await tabTo(page, 'Entfernen: 030 23125051', true);
  await page.keyboard.press('Enter');
  await push(page, 'Ja, entfernen');
  await until('removed', () => spoke(page, 'Rufnummer 030 23125051 entfernt.'));
  await focused(page, 'number-back');
  await push(page, 'Hochladen: Begrüßung');
  await until('explained', () => spoke(page, 'Bitte zuerst eine Datei auswählen.'));
  await focused(page, 'announcements-greeting');
  const dir = mkdtempSync(join(tmpdir(), 'fernamt-ui-'));
  try {
    writeFileSync(join(dir, 'a.wav'), silence(1));
    let chooser;
    page.once('filechooser', (opened) => (chooser = opened));
    await until('the browser asks for a file', async () => {
      if (!chooser) await page.keyboard.press('Enter');
      await page.waitForTimeout(500);
      return chooser;
    });
    await chooser.setFiles(join(dir, 'a.wav'));
    await push(page, 'Hochladen: Begrüßung');
    await until('replaced', () => spoke(page, 'Ansage ersetzt.'));
  } finally {
    rmSync(dir, { recursive: true });
  }
  await push(page, 'Zurücksetzen: Begrüßung');
  await until('back to the delivered one', () => spoke(page, 'Wieder die mitgelieferte Ansage.'));
  assert.deepEqual(page.faults, []);
});

test('administration: a person is created, changed and blocked; procedures', async (context) => {
  const server = await context.newServer();
  const page = await context.person('admin');
  await page.getByText('1.175.315').waitFor();
  await push(page, 'Personen');
  await page.getByRole('row', { name: /Anke Ahlers/ }).waitFor();
  await listen(page);
  await push(page, 'Neue Person');
  await heading(page, 'Neue Person');
  await type(page, 'Name', 'Nele Neumann');
  await type(page, 'Benutzername', 'nele');
  await type(page, 'Kennwort', 'ein langer Satz');
  await tabTo(page, 'Teamleitung');
  await page.keyboard.press('Space');
  await push(page, 'Anlegen');
  await until('created', () => spoke(page, 'Nele Neumann ist angelegt.'));
  await heading(page, 'Telefonzugang, wird nur jetzt gezeigt: Nele Neumann');
  inOrder(await read(page, '.once'), ['Tischtelefon', 'Kennwort am Telefon', 'x7Kq-2Pm9']);
  await push(page, 'Notiert, ausblenden');
  await heading(page, 'Personen');
  await push(page, 'Ändern: Nele Neumann');
  await heading(page, 'Ändern: Nele Neumann');
  await tabTo(page, 'Darf sich anmelden');
  await page.keyboard.press('Space');
  await push(page, 'Speichern');
  await until('saved', () => spoke(page, 'Gespeichert.'));
  assert.equal(server.agents.at(-1).active, false);
  await tabTo(page, 'Abläufe', true);
  await page.keyboard.press('Enter');
  await page.getByLabel(/^Nachbearbeitung/).waitFor();
  await type(page, 'Nachbearbeitung (Sekunden)', '45');
  await push(page, 'Speichern');
  await until('saved', () => server.rules.wrap_up_seconds === 45);
});

test('what a page says by itself: nothing while it is only read', async (context) => {
  const server = await context.newServer();
  const page = await context.person('admin', { path: `/admin?section=municipalities&municipality=${wedemark}` });
  await page.getByText('4,2 Sekunden').first().waitFor();
  await listen(page);
  server.emit('configuration');
  server.emit('situation');
  await page.waitForTimeout(1500);
  assert.deepEqual(await said(page), []);
});
