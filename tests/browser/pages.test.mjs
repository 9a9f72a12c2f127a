// SPDX-License-Identifier: EUPL-1.2
// What the other workplaces do: sign-in and landing, administration, invoices, wallboard.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkState } from './support/accessibility.mjs';
import { langenhagen, wedemark } from './support/data.mjs';
import { silence } from './support/fixture.mjs';
import { test, until } from './support/harness.mjs';
import { follow, followed, listen, said } from './support/speech.mjs';

const path = (page) => new URL(page.url()).pathname + new URL(page.url()).search;

test('each role lands on its page; a foreign page is refused', async (context) => {
  const server = await context.newServer();
  const lands = { agent1: '/desk', lead: '/lead', finance: '/finance', admin: '/admin', editor: '/editing' };
  for (const [login, wanted] of Object.entries(lands)) {
    const page = await context.person(login);
    await until(`${login} at ${wanted}`, () => path(page) === wanted);
    await until('heading focused', () => page.evaluate(() => document.activeElement?.tagName === 'H1'));
    if (login === 'finance') {
      await page.goto(`${server.url}/admin`);
      await page.getByRole('heading', { name: 'Keine Berechtigung' }).waitFor();
    }
  }
});

test('a deep address survives the sign-in, back and forward work', async (context) => {
  const server = await context.newServer();
  const page = await context.person('finance', { path: `/finance?month=2026-10&municipality=${wedemark}` });
  await page.getByRole('heading', { name: 'Gemeinde Wedemark, Oktober 2026' }).waitFor();
  await page.getByLabel('Monat').selectOption('2026-09');
  await page.getByRole('heading', { name: 'Gemeinde Wedemark, September 2026' }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: 'Gemeinde Wedemark, Oktober 2026' }).waitFor();
  assert.equal(await page.getByLabel('Monat').inputValue(), '2026-10');
  void server;
});

test('an auditor reads invoices and is offered nothing to change', async (context) => {
  await context.newServer();
  const page = await context.person('auditor');
  await page.getByRole('heading', { name: 'Abrechnung', level: 1 }).waitFor();
  await page.getByRole('link', { name: 'Wedemark' }).click();
  await page.getByRole('button', { name: '2. Tag' }).waitFor();
  assert.deepEqual(page.faults, []);
});

test('sign-out ends the session', async (context) => {
  const server = await context.newServer();
  const page = await context.person('lead');
  await page.getByRole('button', { name: 'Abmelden' }).click();
  await page.getByRole('heading', { name: 'Anmelden' }).waitFor();
  await page.goto(`${server.url}/lead`);
  await page.getByRole('heading', { name: 'Anmelden' }).waitFor();
});

test('invoice: every line opens its calls, CSV comes from the server, the proof is named', async (context) => {
  await context.newServer();
  const page = await context.person('finance', { path: `/finance?month=2026-11&municipality=${wedemark}` });
  await page.getByRole('button', { name: '2. Tag' }).click();
  assert.equal(await page.getByRole('button', { name: '2. Tag' }).getAttribute('aria-expanded'), 'true');
  await page.getByRole('row', { name: /501 09:15 1:59,7 0:20,2 2:20 in der Summe/ }).waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Als CSV herunterladen' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), `fernamt-${wedemark}-2026-11.csv`);
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  assert.match(Buffer.concat(chunks).toString(), /^datum;anrufe/);
  await page.getByText('12 bis 4.711').waitFor();
  await page.getByText('a3f5a3f5').waitFor();
  await page.getByText(/angefangene|Sekunde, gerundet in der Summe/).waitFor();
});

test('municipality: details and hours are saved with their version; wrong hours are explained', async (context) => {
  const server = await context.newServer();
  const page = await context.person('admin', { path: `/admin?section=municipalities&municipality=${wedemark}` });
  const town = server.towns.find(({ ars }) => ars === wedemark);
  await page.getByLabel('Kurzname').fill('Wedemark Nord');
  await page.getByRole('button', { name: 'Hinzufügen: Zeit am Samstag' }).click();
  await page.getByLabel('Samstag, Zeit 1, bis').fill('07:00');
  await page.getByRole('button', { name: 'Speichern' }).click();
  await page.getByText('Samstag: Das Ende muss nach dem Beginn liegen.').first().waitFor();
  await page.getByLabel('Samstag, Zeit 1, von').fill('neun');
  await page.getByRole('button', { name: 'Speichern' }).click();
  await page.getByText('Samstag: Zeiten bitte als Stunde und Minute').first().waitFor();
  await page.getByLabel('Samstag, Zeit 1, von').fill('9');
  await page.getByLabel('Samstag, Zeit 1, bis').fill('11.30 Uhr');
  await page.getByLabel('Montag, Zeit 2, von').fill('11:00');
  await page.getByRole('button', { name: 'Speichern' }).click();
  await page.getByText('Montag: Die Zeiten überschneiden sich.').first().waitFor();
  await page.getByLabel('Montag, Zeit 2, von').fill('14:00');
  await page.getByRole('button', { name: 'Speichern' }).click();
  await page.getByText('Gespeichert.', { exact: true }).first().waitFor();
  assert.equal(town.short_name, 'Wedemark Nord');
  assert.deepEqual(town.hours.filter(({ weekday }) => weekday === 5), [{ weekday: 5, from: '09:00', to: '11:30' }]);
  assert.equal(town.hours.filter(({ weekday }) => weekday === 0).length, 2);
  town.version = 20;
  await page.getByLabel('Kurzname').fill('Zu spät');
  await page.getByRole('button', { name: 'Speichern' }).click();
  await page.getByText('Inzwischen hat jemand anderes gespeichert.').first().waitFor();
  await until('what the other one saved is shown', async () => (await page.getByLabel('Kurzname').inputValue()) === 'Wedemark Nord');
  assert.deepEqual(page.faults, []);
});

test('numbers: added, refused, removed', async (context) => {
  const server = await context.newServer();
  const page = await context.person('admin', { path: `/admin?section=municipalities&municipality=${langenhagen}` });
  await page.getByLabel('Neue Rufnummer').fill('keine');
  await page.keyboard.press('Enter');
  await page.getByText('Das ist keine Telefonnummer.').first().waitFor();
  await page.getByLabel('Neue Rufnummer').fill('030 23125050');
  await page.keyboard.press('Enter');
  const remove = page.getByRole('button', { name: 'Entfernen: 030 23125050' });
  await remove.click();
  await page.getByText('Wer 030 23125050 anruft, erreicht dann niemanden mehr').waitFor();
  await until('the question has the focus', () =>
    page.evaluate(() => document.activeElement?.matches('.confirm')));
  await page.keyboard.press('Escape');
  await until('back at the button', () => remove.evaluate((one) => one === document.activeElement));
  assert.equal(server.towns[0].numbers.length, 2, 'nothing was removed before it was confirmed');
  await remove.click();
  await checkState(page, 'asked before a number goes');
  await page.getByRole('button', { name: 'Ja, entfernen' }).click();
  await until('removed', () => server.towns[0].numbers.length === 1);
  await page.getByRole('button', { name: 'Zurücknehmen', exact: true }).click();
  await until('there again', () => server.towns[0].numbers.length === 2);
  await remove.waitFor();
  await remove.click();
  await page.getByRole('button', { name: 'Ja, entfernen' }).click();
  await until('removed again', () => server.towns[0].numbers.length === 1);
  await page.getByRole('button', { name: 'Zurücknehmen', exact: true }).waitFor();
  server.distribution.removed('skill', 9, 'Anderes', () => undefined);
  await page.getByRole('button', { name: 'Zurücknehmen', exact: true }).click();
  await page.locator('.notice').getByText('Danach wurde schon anderes geändert.').waitFor();
  await page.getByLabel('Kurzname').fill('LGH');
  await page.getByRole('button', { name: 'Speichern' }).click();
  await until('saved on the newest version', () => server.towns[0].short_name === 'LGH');
});

test('a municipality joins by keyboard: the official list proposes, its page opens', async (context) => {
  const server = await context.newServer();
  const page = await context.person('admin');
  const focused = () => page.evaluate(() => document.activeElement?.id);
  await page.getByRole('button', { name: 'Kommune aufnehmen' }).press('Enter');
  await until('the heading has the focus', async () => (await focused()) === 'new-town-title');
  await page.getByLabel('Im amtlichen Verzeichnis suchen').fill('hemm');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Hemmingen, Stadt (Region Hannover' }).press('Enter');
  await until('the name has the focus', async () => (await focused()) === 'new-name');
  assert.equal(await page.getByLabel('Regionalschlüssel (ARS)').inputValue(), '032410007007');
  assert.equal(await page.getByLabel('Begrüßung am Telefon').inputValue(), 'Stadt Hemmingen, guten Tag!');
  await page.getByLabel('Kurzname').fill(' ');
  await page.getByRole('button', { name: 'Aufnehmen', exact: true }).click();
  await page.getByText('Bitte ausfüllen.').first().waitFor();
  await until('the field that is wrong has the focus', async () => (await focused()) === 'new-short');
  await page.getByLabel('Kurzname').fill('Hemmingen');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Stadt Hemmingen', level: 2 }).waitFor();
  const town = server.towns.at(-1);
  assert.equal(town.short_name, 'Hemmingen');
  assert.equal(town.hours.length, 5);
  await page.getByText('Noch kein Preis.').waitFor();
  await page.getByLabel('Neue Rufnummer').fill('030 23125070');
  await page.keyboard.press('Enter');
  await page.getByText('Über den Start dieser Kommune ist noch nicht entschieden').first().waitFor();
  await until('what was typed stays', async () => (await focused()) === 'new-number');
  assert.equal(await page.getByLabel('Neue Rufnummer').inputValue(), '030 23125070');
  assert.deepEqual(town.numbers, []);
  await page.getByRole('link', { name: 'Start prüfen und freigeben' }).press('Enter');
  await page.waitForURL(/section=matrix.*municipality=032410007007|municipality=032410007007.*section=matrix/);
  server.gates['032410007007'].decision ??= { ...server.gates['032410007007'], decided_at: '2026-11-22T08:00:00Z', decided_by: null };
  await page.goBack();
  await page.getByText('Noch keine Rufnummer. Ohne sie kommt kein Anruf an.', { exact: true }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'Start prüfen und freigeben' }).count(), 0, 'it is decided');
  assert.deepEqual(page.faults, []);
});

test('prices: overlap refused, ended, the next one added, a wrong one taken back', async (context) => {
  const server = await context.newServer();
  const page = await context.person('admin', { path: `/admin?section=municipalities&municipality=${wedemark}` });
  const prices = () => server.prices[wedemark];
  const add = async (price, from) => {
    await page.getByRole('button', { name: 'Neuer Preis' }).click();
    await page.getByLabel('Euro je Minute').fill(price);
    await page.getByLabel('Erster Tag').fill(from);
    await page.getByRole('button', { name: 'Preis hinzufügen' }).click();
  };
  await add('1,05', '2027-01-01');
  await page.getByText('Ab dem 2027-01-01 gälten zwei Preise.').first().waitFor();
  await page.getByRole('button', { name: 'Abbrechen' }).click();
  await page.getByRole('button', { name: 'Zurücknehmen: Preis ab 01.01.2026' }).click();
  await page.getByText('Nach diesem Preis sind schon 3 Anrufe abzurechnen.').first().waitFor();
  await page.getByRole('button', { name: 'Beenden: Preis ab 01.01.2026' }).click();
  await page.getByLabel('Letzter Tag dieses Preises').fill('2026-12-31');
  await page.getByRole('button', { name: 'Beenden', exact: true }).click();
  await page.getByRole('rowheader', { name: '01.01.2026 bis 31.12.2026' }).waitFor();
  await until('the section has the focus', () =>
    page.evaluate(() => document.activeElement?.id === 'prices-title'));
  await add('105', '2027-01-01');
  await page.getByRole('button', { name: 'Zurücknehmen: Preis ab 01.01.2027' }).click();
  await until('taken back', () => prices().length === 1);
  await add('1,05', '2027-01-01');
  await page.getByRole('rowheader', { name: 'ab 01.01.2027' }).waitFor();
  assert.equal(prices()[1].price, '1.05');
  assert.equal(prices()[1].counts_after_call_work, true);
  assert.deepEqual(page.faults, []);
});

test('announcements: listen, replace, wrong file, back to the default', async (context) => {
  const server = await context.newServer();
  const page = await context.person('admin', { path: `/admin?section=municipalities&municipality=${wedemark}` });
  const dir = mkdtempSync(join(tmpdir(), 'fernamt-ui-'));
  try {
    await page.getByRole('button', { name: 'Anhören: Begrüßung' }).click();
    await page.getByRole('button', { name: 'Anhalten' }).waitFor();
    await page.getByRole('button', { name: 'Anhören: Begrüßung' }).waitFor(); // it ends by itself
    const upload = page.getByRole('button', { name: 'Hochladen: Begrüßung' });
    await upload.click();
    await page.getByText('Bitte zuerst eine Datei auswählen.').first().waitFor();
    writeFileSync(join(dir, 'a.wav'), 'kein Ton');
    await page.getByLabel(/^Begrüßung ersetzen/).setInputFiles(join(dir, 'a.wav'));
    await upload.click();
    await page.getByText('Das ist keine WAV-Datei.').first().waitFor();
    writeFileSync(join(dir, 'b.wav'), silence(2));
    await page.getByLabel(/^Begrüßung ersetzen/).setInputFiles(join(dir, 'b.wav'));
    await upload.click();
    await page.getByText('2 Sekunden, eigene Aufnahme').waitFor();
    assert.deepEqual(server.announcements[`${wedemark}/greeting`], silence(2), 'byte for byte');
    await page.getByRole('button', { name: 'Zurücksetzen: Begrüßung' }).click();
    await page.getByText('eigene Aufnahme').waitFor({ state: 'detached' });
  } finally {
    rmSync(dir, { recursive: true });
  }
  assert.deepEqual(page.faults, []);
});

test('information while one waits: a recording of its own, times of its own or the house’s', async (context) => {
  const server = await context.newServer();
  const page = await context.person('admin', { path: `/admin?section=municipalities&municipality=${wedemark}` });
  await page.getByText('Keine Aufnahme, wird nicht gespielt.').first().waitFor();
  assert.equal(await page.getByRole('button', { name: 'Anhören: Information beim Warten 1' }).count(), 0);
  const dir = mkdtempSync(join(tmpdir(), 'fernamt-ui-'));
  try {
    writeFileSync(join(dir, 'i.wav'), silence(2));
    await page.getByLabel(/^Information beim Warten 1 ersetzen/).setInputFiles(join(dir, 'i.wav'));
    await page.getByRole('button', { name: 'Hochladen: Information beim Warten 1' }).click();
    await page.getByRole('button', { name: 'Anhören: Information beim Warten 1' }).waitFor();
  } finally {
    rmSync(dir, { recursive: true });
  }
  await page.getByLabel('Die erste nach (Sekunden)').fill('20');
  await page.getByRole('button', { name: 'Speichern' }).first().click();
  await until('both or neither', () =>
    page.evaluate(() => document.activeElement?.id === 'town-information_every_seconds'));
  await page.getByLabel('Dann alle (Sekunden)').fill('60');
  await page.getByRole('button', { name: 'Speichern' }).first().click();
  const town = () => server.towns.find(({ ars }) => ars === wedemark);
  await until('saved', () => town().information_every_seconds === 60);
  assert.equal(town().information_first_seconds, 20);
  await page.getByLabel('Die erste nach (Sekunden)').fill('');
  await page.getByLabel('Dann alle (Sekunden)').fill('');
  await page.getByRole('button', { name: 'Speichern' }).first().click();
  await until('the house’s again', () => town().information_first_seconds === null);
  assert.deepEqual(page.faults, []);
});

test('people: created with a telephone password shown once, changed, blocked', async (context) => {
  const server = await context.newServer();
  const page = await context.person('admin', { path: '/admin?section=agents' });
  await page.getByRole('button', { name: 'Neue Person' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Nele Neumann');
  await page.getByLabel('Benutzername').fill('nele');
  await page.getByLabel('Kennwort', { exact: true }).fill('kurz');
  await page.getByRole('button', { name: 'Anlegen' }).click();
  await until('the wrong field has the focus', () => page.evaluate(() => document.activeElement.id === 'agent-password'));
  await page.getByLabel('Kennwort', { exact: true }).fill('ein langer Satz');
  await page.getByLabel('Teamleitung').check();
  await page.getByRole('button', { name: 'Anlegen' }).click();
  await page.getByRole('heading', { name: 'Telefonzugang, wird nur jetzt gezeigt: Nele Neumann' }).waitFor();
  await page.getByText('x7Kq-2Pm9').waitFor();
  await page.getByRole('button', { name: 'Notiert, ausblenden' }).click();
  await page.getByText('x7Kq-2Pm9').waitFor({ state: 'detached' });
  assert.deepEqual(server.agents.at(-1).roles, ['agent', 'lead']);
  await page.getByRole('button', { name: 'Ändern: Nele Neumann' }).click();
  await page.getByLabel('Darf sich anmelden').uncheck();
  await page.getByRole('button', { name: 'Speichern' }).click();
  await page.getByRole('row', { name: /Nele Neumann.*gesperrt/ }).waitFor();
  await page.getByRole('button', { name: 'Wieder zulassen: Nele Neumann' }).click();
  await page.getByRole('row', { name: /Nele Neumann.*aktiv/ }).waitFor();
  await page.getByRole('button', { name: 'Sperren: Nele Neumann' }).click();
  await page.getByRole('row', { name: /Nele Neumann.*gesperrt/ }).waitFor();
  await page.getByRole('button', { name: 'Neues Telefonkennwort: Nele Neumann' }).click();
  await page.getByText('x7Kq-2Pm9').waitFor();
  assert.deepEqual(page.faults, []);
});

test('people: who works for a town hall takes no calls here; who switches its desk is said', async (context) => {
  const server = await context.newServer();
  const page = await context.person('admin', { path: '/admin?section=agents' });
  await page.getByRole('button', { name: 'Neue Person' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Petra Pforte');
  await page.getByLabel('Benutzername').fill('pforte');
  await page.getByLabel('Kennwort', { exact: true }).fill('ein langer Satz');
  await page.locator('#agent-place').selectOption(wedemark);
  await page.getByLabel('Anrufannahme').waitFor({ state: 'detached' });
  await page.getByText('„abwesend“ und „anwesend“').waitFor();
  await page.getByRole('button', { name: 'Anlegen' }).click();
  await page.getByText('Bitte mindestens eine Aufgabe wählen.').first().waitFor();
  await page.getByLabel('Teamleitung').check();
  await page.getByRole('button', { name: 'Anlegen' }).click();
  await page.getByRole('heading', { name: /Petra Pforte$/ }).waitFor();
  assert.deepEqual(server.agents.at(-1).roles, ['lead']);
  assert.deepEqual(page.faults, []);
});

test('procedures: how callbacks ring is shown and saved with the rest', async (context) => {
  const server = await context.newServer();
  const page = await context.person('admin', { path: '/admin?section=settings' });
  assert.equal(await page.getByLabel(/^Versuche, dann/).inputValue(), '3');
  for (const [label, value] of [
    [/^So lange klingelt ein Rückruf/, '40'], [/^Versuche, dann/, '5'], [/^Pause, wenn niemand/, '900'],
    [/^Pause, wenn besetzt/, '120'], [/^Pause, wenn es an uns lag/, '90'], [/^Übliche Dauer/, '200'],
    [/^So oft darf/, '2'], [/^So viele Partner/, '7'],
  ])
    await page.getByLabel(label).fill(value);
  await page.getByRole('button', { name: 'Speichern' }).click();
  await page.getByText('Gespeichert.', { exact: true }).first().waitFor();
  const { ring_timeout_seconds, wrap_up_seconds, version, ...rest } = server.rules;
  assert.deepEqual(rest, {
    wrap_up_extension_seconds: 60, transfer_timeout_seconds: 25, callback_ring_seconds: 40, callback_attempts: 5,
    callback_retry_seconds: 900, callback_retry_busy_seconds: 120, callback_retry_own_seconds: 90,
    typical_handling_seconds: 200, max_hops: 2, max_partners: 7,
  });
  await page.getByLabel(/^Versuche, dann/).fill('11');
  await page.getByRole('button', { name: 'Speichern' }).click();
  await page.getByText('Bitte eine ganze Zahl von 1 bis 10.').waitFor();
  assert.equal(server.rules.callback_attempts, 5);
  assert.deepEqual(page.faults, []);
});

test('procedures: tried on the last day, and planned for later', async (context) => {
  const server = await context.newServer();
  const page = await context.person('admin', { path: '/admin?section=settings' });
  await page.getByLabel(/^Nachbearbeitung/).fill('45');
  await page.getByRole('button', { name: 'Was würde sich ändern?', exact: true }).click();
  await page.getByText('9 von 214').first().waitFor();
  assert.equal(server.rules.wrap_up_seconds, 30, 'only asked');
  await page.getByLabel('Gilt ab').fill('2020-01-01T08:00');
  await follow(page);
  await page.getByRole('button', { name: 'Speichern' }).click();
  await page.getByText('Dieser Zeitpunkt ist vorbei.').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'rules-planned');
  const past = async () => (await followed(page)).filter((one) => one.includes('Dieser Zeitpunkt ist vorbei.'));
  await until('said with the focus', async () => (await past()).length > 0);
  await page.keyboard.press('Enter');
  await until('said where the focus is', async () => (await past()).includes('polite: Dieser Zeitpunkt ist vorbei.'));
  await page.getByLabel('Gilt ab').fill('2099-01-01T08:00');
  await page.getByRole('button', { name: 'Speichern' }).click();
  await until('planned', async () => (await followed(page)).some((one) => one.startsWith('polite: Geplant: gilt ab')));
  assert.equal((await past()).length, 2, `each once: ${await followed(page)}`);
  assert.equal(server.rules.wrap_up_seconds, 30, 'not yet');
  assert.equal(await page.getByLabel(/^Nachbearbeitung/).inputValue(), '30', 'what holds until then');
  server.emit('configuration');
  await page.getByRole('button', { name: /^Zurückziehen: Abläufe/ }).waitFor();
  assert.equal(await page.getByLabel('Gilt ab').inputValue(), '');
  await page.getByRole('button', { name: /^Zurückziehen/ }).first().waitFor();
  assert.deepEqual(page.faults, []);
});

test('procedures: saved; impossible values are not sent', async (context) => {
  const server = await context.newServer();
  const page = await context.person('admin', { path: '/admin?section=settings' });
  await page.getByLabel(/^Nachbearbeitung/).fill('-3');
  await page.getByRole('button', { name: 'Speichern' }).click();
  await page.locator('[aria-invalid="true"]').first().waitFor();
  assert.equal(server.rules.wrap_up_seconds, 30);
  await page.getByLabel(/^Nachbearbeitung/).fill('45');
  await page.getByRole('button', { name: 'Speichern' }).click();
  await page.getByText('Gespeichert.', { exact: true }).first().waitFor();
  assert.equal(server.rules.wrap_up_seconds, 45);
});

test('ring tones: one for all, another for a municipality, heard when it calls', async (context) => {
  const server = await context.newServer();
  const page = await context.person('agent1', { path: '/desk' });
  await page.evaluate(() => {
    const Real = OscillatorNode;
    window.heard = [];
    window.OscillatorNode = class extends Real {
      constructor(audio, options) {
        super(audio, options);
        window.heard.push(options.frequency);
      }
    };
  });
  const heard = () => page.evaluate(() => window.heard.splice(0));
  await page.getByRole('button', { name: /Arbeitsplatz starten/ }).click();
  await page.getByText('Bereit', { exact: true }).first().waitFor();
  await page.getByRole('link', { name: 'Einstellungen' }).click();
  const tone = page.getByRole('combobox', { name: 'Klingelton', exact: true });
  await page.getByLabel('Klingelton für').selectOption({ label: 'Gemeinde Wedemark' });
  await tone.selectOption({ label: 'tief und ruhig' });
  await until('kept', () => server.users[0].settings.rings?.[wedemark] === 'low');
  await page.getByText('Anders klingeln: Gemeinde Wedemark: tief und ruhig.').waitFor();
  await checkState(page, 'ring tones');
  await heard();
  await page.getByRole('button', { name: 'Klingeln probehören' }).click();
  await until('tried', async () => (await heard()).includes(196));

  server.ring({ ars: wedemark });
  await until('the low one rings', async () => (await heard())[0] === 196);
});

test('a table: sorted by a heading, empty values last, saved as it is shown', async (context) => {
  const server = await context.newServer();
  server.towns[0].short_name = '=HYPERLINK("x")'; // what a spreadsheet must not carry out
  const page = await context.person('admin', { path: '/admin?section=municipalities' });
  const table = page.getByRole('table');
  const names = () => table.getByRole('rowheader').allTextContents();
  await table.getByRole('rowheader').first().waitFor();
  const heading = table.getByRole('button', { name: 'Bevölkerung' });
  await heading.click();
  const upwards = await names();
  const sizes = new Map(server.towns.map(({ name, population }) => [name, population]));
  assert.deepEqual(upwards, [...upwards].sort((a, b) => sizes.get(a) - sizes.get(b)));
  await heading.click();
  assert.deepEqual(await names(), upwards.reverse());
  assert.equal(await page.getByRole('columnheader', { name: 'Bevölkerung' }).getAttribute('aria-sort'), 'descending');
  await checkState(page, 'sorted table');

  const waiting = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Tabelle als CSV' }).click();
  const file = await waiting;
  assert.equal(file.suggestedFilename(), 'fernamt-kommunen.csv');
  const lines = readFileSync(await file.path(), 'utf8').split('\r\n');
  assert.equal(lines.length, server.towns.length + 2);
  assert.ok(lines[0].startsWith('\ufeffName;') && lines[0].endsWith(';Bevölkerung'), lines[0]);
  assert.deepEqual(lines.slice(1, -1).map((line) => line.split(';')[0]), upwards);
  assert.ok(lines.some((line) => line.includes(`;"'=HYPERLINK(""x"")";`)), lines.join('|'));

  await page.goto(`${server.url}/admin?section=agents`);
  await page.getByRole('button', { name: 'Tabelle als CSV' }).waitFor();
  const second = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Tabelle als CSV' }).click();
  const people = readFileSync(await (await second).path(), 'utf8');
  assert.ok(people.includes('\r\nAnke Ahlers;agent1;'), people);
  assert.ok(!people.includes('Ändern'), 'no buttons in a file');
});

test('wallboard: follows events, table sorts, chart has a table behind it, no person anywhere', async (context) => {
  const server = await context.newServer();
  const page = await context.person('lead');
  await page.getByText('166 von 214').waitFor();
  await listen(page);
  server.situation.waiting = 12;
  server.emit('situation');
  await until('figure follows', async () => (await page.locator('.figure-value').first().textContent()) === '12');
  assert.deepEqual(await said(page), [], 'a wallboard never speaks by itself');
  const places = page.getByRole('table').filter({ hasText: 'Langenhagen' });
  await places.getByRole('button', { name: 'Wartend' }).click();
  await places.getByRole('button', { name: 'Wartend' }).click();
  assert.equal(await places.getByRole('columnheader', { name: 'Wartend' }).getAttribute('aria-sort'), 'descending');
  assert.equal(await places.getByRole('rowheader').first().textContent(), 'Langenhagen');
  const label = await page.locator('svg.chart').getAttribute('aria-label');
  assert.match(label, /Zusammen 214, die meisten um 9 Uhr/);
  for (const { display_name } of server.users.filter(({ login }) => login !== 'lead'))
    assert.equal(await page.getByText(display_name).count(), 0);
});

test('wallboard: what each figure counts, and the whole screen for a wall', async (context) => {
  await context.newServer();
  const page = await context.person('lead');
  await page.getByText('Was die Zahlen zählen').click();
  for (const name of ['Wartend', 'Im Gespräch', 'Angebotene Anrufe', 'Angenommene Anrufe', 'Aufgelegte Anrufe',
    'Geschlossen', 'Servicelevel', 'Durchschnittliche Wartezeit', 'Durchschnittliche Gesprächszeit'])
    await page.locator('dt').getByText(name, { exact: true }).waitFor();
  await checkState(page, 'wallboard with definitions');
  await page.getByRole('button', { name: 'Große Anzeige' }).click();
  await until('fills the screen', () => page.evaluate(() => document.fullscreenElement?.matches('.wallboard')));
  await page.getByText('In 30 Sekunden angenommen').waitFor();
  await page.keyboard.press('Escape');
  await page.evaluate(() => document.fullscreenElement && document.exitFullscreen());
  await page.getByRole('button', { name: 'Große Anzeige' }).waitFor();
  assert.deepEqual(page.faults, []);
});

test('the statement names, in both languages, every key that people have not tried', async (context) => {
  const server = await context.newServer();
  const page = await context.person('lead');
  for (const [language, names] of [['de', 'Strg'], ['en', 'Ctrl']]) {
    server.users.find(({ login }) => login === 'lead').language = language;
    await page.goto(`${server.url}/?page=accessibility`);
    const shift = language === 'de' ? 'Umschalt' : 'Shift';
    const text = page.locator('main').getByText(`${names} F2, ${names} ${shift} F8`);
    await text.waitFor();
    for (const key of [`${names} F1`, `${names} ${shift} F9`, `Alt 1 ${language === 'de' ? 'bis' : 'to'} 8`])
      assert.ok((await text.textContent()).includes(key), `${language}: ${key}`);
  }
});
