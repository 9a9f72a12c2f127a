// SPDX-License-Identifier: EUPL-1.2
// What a page looks like when something is missing, refused, empty or broken: as free of faults as
// on a good day, in every look.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkState } from './support/accessibility.mjs';
import { openPage } from './support/browser.mjs';
import { langenhagen, wedemark } from './support/data.mjs';
import { begin } from './support/desk.mjs';
import { test, until } from './support/harness.mjs';

const clean = (page) => assert.deepEqual(page.faults, []);
const hold = (page, text) => page.getByText(text).first().waitFor();
// A browser that gives no microphone, and so does not name its devices either.
const refusing = (name) => `
  navigator.mediaDevices.enumerateDevices = async () => [];
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', '${name}'))`;

for (const [refusal, words] of [
  ['NotAllowedError', 'Das Mikrofon ist für diese Seite gesperrt.'],
  ['NotFoundError', 'Kein Mikrofon gefunden.'],
])
  test(`microphone: ${refusal}`, async (context) => {
    await context.newServer();
    const page = await context.person('agent1', { before: refusing(refusal) });
    await page.getByRole('button', { name: 'Arbeitsplatz starten' }).click();
    await hold(page, words);
    await checkState(page, refusal);
    await page.goto(`${context.server.url}/desk?page=settings`);
    await page.getByRole('button', { name: 'Mikrofon erlauben' }).click();
    await hold(page, words);
    await checkState(page, `settings, ${refusal}`);
    clean(page);
  });

test('voice lost in a call; sound not yet allowed', async (context) => {
  const server = await context.newServer();
  const page = await context.person('agent1');
  await hold(page, 'Arbeitsplatz starten');
  server.set({ state: 'ready' });
  await page.reload(); // nobody has touched this page yet
  await page.getByRole('button', { name: 'Ton einschalten' }).waitFor();
  await checkState(page, 'sound not yet allowed');
  server.ring();
  server.answer();
  await page.reload(); // a call without a living voice, and the relay offers none
  await hold(page, 'Der Ton ist weg und wird neu verbunden.');
  await checkState(page, 'voice lost');
});

test('callers wait already when the desk begins: it rings at once, nothing is refused', async (context) => {
  const server = await context.newServer();
  server.callersWait = true;
  const page = await context.person('agent1');
  await page.getByRole('button', { name: 'Arbeitsplatz starten' }).click();
  await page.getByRole('button', { name: 'Annehmen' }).waitFor();
  assert.deepEqual(server.commands.map(({ command }) => command), ['sign_in']);
  assert.equal(await page.getByText('Das geht im Augenblick nicht.').count(), 0);
});

test('whoever begins in a pause gets no call until ready, though callers wait', async (context) => {
  const server = await context.newServer();
  server.callersWait = true;
  const page = await context.person('agent1');
  await page.getByRole('button', { name: 'In Pause beginnen' }).click();
  await page.getByText('In der Pause kommen keine Anrufe.').waitFor();
  await checkState(page, 'began in a pause');
  assert.deepEqual(server.commands, [{ command: 'sign_in', device: 'browser', paused: true }]);
  await page.getByRole('button', { name: 'Bereit' }).click();
  await page.getByText('Der nächste Anruf kommt von selbst zu Ihnen.').waitFor();
  clean(page);
});

test('second window of the same agent', async (context) => {
  const server = await context.newServer();
  const first = await context.person('agent1');
  await begin(first);
  const second = await openPage(first.context(), `${server.url}/desk`);
  await hold(second, 'Ton und Mikrofon laufen in einem anderen Fenster.');
  await checkState(second, 'second window, ready');
  server.ring();
  await second.getByRole('button', { name: 'Annehmen' }).waitFor();
  await checkState(second, 'second window, ringing');
  clean(second);
});

test('connection searched for, lost, back', async (context) => {
  const server = await context.newServer();
  const page = await context.person('agent1');
  await hold(page, 'Arbeitsplatz starten');
  server.ring();
  server.answer();
  await page.getByRole('button', { name: 'Auflegen' }).waitFor();
  await server.cut();
  await hold(page, 'Verbindung wird gesucht');
  await checkState(page, 'searching');
  await page.locator('.notice--danger').getByText('Verbindung weg.').waitFor();
  await checkState(page, 'lost');
  await server.restore();
  await page.locator('.line--live').waitFor({ timeout: 60_000 });
  await checkState(page, 'back');
});

test('the desk cannot be read any more', async (context) => {
  const server = await context.newServer();
  const page = await context.person('agent1');
  await hold(page, 'Arbeitsplatz starten');
  server.ring();
  server.answer();
  await page.getByRole('button', { name: 'Auflegen' }).waitFor();
  server.fail('GET', '/desk', 503);
  server.emit('desk', 'agent1');
  await hold(page, 'Die Anzeige ist nicht aktuell');
  await checkState(page, 'out of date');
  clean(page);
});

test('note: not saved, another text, one left behind', async (context) => {
  const server = await context.newServer();
  const page = await context.person('agent1');
  await hold(page, 'Arbeitsplatz starten');
  const call = server.ring();
  server.answer();
  await page.locator('#notes').waitFor();
  server.fail('PUT', '/calls', 503);
  await page.locator('#notes').fill('Nicht gespeichert');
  await hold(page, 'Speichern nicht möglich');
  await checkState(page, 'not saved');
  server.ring();
  server.answer();
  await hold(page, 'Nicht gespeichert');
  await page.locator('.notice--warning').waitFor();
  await checkState(page, 'left behind');
  server.heal();
  server.notes.set(call + 1, { text: 'Von woanders', version: 9 });
  await page.locator('#notes').fill('Von hier');
  await page.getByRole('heading', { name: 'Text im anderen Fenster' }).waitFor();
  await checkState(page, 'another text');
});

test('the server: not there at the start, a page that cannot be fetched', async (context) => {
  const server = await context.newServer();
  const page = await context.person('lead');
  await hold(page, 'In 30 Sekunden angenommen');
  server.fail('GET', '/session', 503);
  await page.reload();
  await page.getByRole('heading', { name: 'Das hat nicht geklappt' }).waitFor();
  await checkState(page, 'no session to be had');
  server.heal();
  await page.route('**/Lead-*.js', (route) => route.abort());
  await page.reload();
  await hold(page, 'Der Server ist nicht zu erreichen.');
  await checkState(page, 'no page to be had');
});

test('wallboard: before the first answer', async (context) => {
  const server = await context.newServer();
  const release = server.hold('/situation');
  const page = await context.person('lead');
  await hold(page, 'Wird geladen');
  await checkState(page, 'wallboard loading');
  release();
  await hold(page, 'In 30 Sekunden angenommen');
  clean(page);
});

test('invoices: no agreement, no amount, calls unreadable, prices of a municipality only read', async (context) => {
  const server = await context.newServer();
  server.withoutAgreement = true;
  const page = await context.person('finance');
  await hold(page, 'kein Betrag möglich');
  await checkState(page, 'no amount');
  server.prices[wedemark] = [];
  await page.getByRole('link', { name: 'Gemeinde Wedemark' }).click();
  await hold(page, 'Für diesen Monat gibt es keine Vereinbarung.');
  await hold(page, 'Noch kein Preis.');
  await checkState(page, 'no agreement');
  await page.getByRole('button', { name: 'Neuer Preis' }).click();
  await page.getByRole('button', { name: 'Preis hinzufügen' }).click();
  await hold(page, 'Bitte den Preis in Euro eingeben');
  await checkState(page, 'finance refused a price');
  server.fail('GET', `/invoices/${wedemark}/`, 503);
  await page.getByRole('button', { name: 'Abbrechen' }).click();
  await page.reload();
  await hold(page, 'Absichtlich gescheitert.');
  await checkState(page, 'invoice unreadable');
  server.heal();
  server.withoutAgreement = false;
  const town = await context.person('town');
  await town.getByRole('button', { name: '2. Tag' }).waitFor();
  server.fail('GET', `/invoices/${wedemark}/2026-11/lines`, 503);
  server.fail('GET', '/invoices/', 503);
  await town.getByRole('button', { name: '2. Tag' }).click();
  await hold(town, 'Absichtlich gescheitert.');
  assert.equal(await town.getByRole('button', { name: 'Neuer Preis' }).count(), 0);
  await checkState(town, 'calls unreadable');
});

test('a municipality: wrong hours, refused number, wrong announcement, none at all', async (context) => {
  const server = await context.newServer();
  const dir = mkdtempSync(join(tmpdir(), 'fernamt-ui-'));
  const page = await context.person('admin', { path: `/admin?section=municipalities&municipality=${wedemark}` });
  try {
    await page.getByLabel('Montag, Zeit 1, bis').fill('07:00');
    await page.getByLabel('Kurzname').fill('');
    await page.getByRole('button', { name: 'Speichern' }).click();
    await checkState(page, 'name missing');
    await page.getByLabel('Kurzname').fill('Wedemark');
    await page.getByRole('button', { name: 'Speichern' }).click();
    await hold(page, 'Montag: Das Ende muss nach dem Beginn liegen.');
    const wrong = page.getByLabel('Montag, Zeit 1, bis');
    await until('the wrong field has the focus', () => wrong.evaluate((one) => one === document.activeElement));
    assert.equal(await page.locator('.days [aria-invalid]').count(), 1);
    assert.equal(await wrong.getAttribute('aria-invalid'), 'true');
    const words = await wrong.getAttribute('aria-describedby');
    assert.match(await page.locator(`#${words}`).textContent(), /^Montag: Das Ende/);
    await page.getByLabel('Neue Rufnummer').fill('keine');
    await page.keyboard.press('Enter');
    await hold(page, 'Das ist keine Telefonnummer.');
    assert.equal(await page.getByLabel('Neue Rufnummer').getAttribute('aria-describedby'), 'new-number-fault new-number-hint');
    writeFileSync(join(dir, 'a.wav'), 'kein Ton');
    await page.getByLabel(/^Begrüßung ersetzen/).setInputFiles(join(dir, 'a.wav'));
    await page.getByRole('button', { name: 'Hochladen: Begrüßung' }).click();
    await hold(page, 'Das ist keine WAV-Datei.');
    await checkState(page, 'all wrong');
  } finally {
    rmSync(dir, { recursive: true });
  }
  server.towns[0].numbers = [];
  server.fail('GET', `/municipalities/${langenhagen}/announcements`, 503);
  await page.goto(`${server.url}/admin?section=municipalities&municipality=${langenhagen}`);
  await hold(page, 'Noch keine Rufnummer.');
  await hold(page, 'Absichtlich gescheitert.');
  await checkState(page, 'no number, announcements unreadable');
  server.towns = [];
  server.heal();
  await page.goto(`${server.url}/admin`);
  await hold(page, 'Noch keine Kommunen eingerichtet.');
  await checkState(page, 'no municipality');
  clean(page);
});

test('people: refused, telephone password shown, unreadable; procedures refused', async (context) => {
  const server = await context.newServer();
  const page = await context.person('admin', { path: '/admin?section=agents' });
  await page.getByRole('button', { name: 'Neue Person' }).click();
  await page.getByRole('button', { name: 'Anlegen' }).click();
  await checkState(page, 'empty fields');
  await page.getByRole('button', { name: 'Abbrechen' }).click();
  await page.getByRole('button', { name: /^Neues Telefonkennwort/ }).first().click();
  await hold(page, 'x7Kq-2Pm9');
  await checkState(page, 'telephone password');
  await page.getByRole('button', { name: /^Ändern/ }).first().click();
  await page.getByLabel('Darf sich anmelden').waitFor();
  await checkState(page, 'person changed');
  server.fail('GET', '/agents', 503);
  await page.reload();
  await hold(page, 'Absichtlich gescheitert.');
  await checkState(page, 'people unreadable');
  await page.goto(`${server.url}/admin?section=settings`);
  await page.getByLabel(/^Nachbearbeitung/).fill('-3');
  await page.getByRole('button', { name: 'Speichern' }).click();
  await checkState(page, 'procedures wrong');
  server.rules.version = 7;
  await page.getByLabel(/^Nachbearbeitung/).fill('40');
  await page.getByRole('button', { name: 'Speichern' }).click();
  await hold(page, 'Inzwischen hat jemand anderes gespeichert.');
  await checkState(page, 'procedures changed by somebody else');
  server.fail('GET', '/settings', 503);
  await page.reload();
  await hold(page, 'Absichtlich gescheitert.');
  await checkState(page, 'procedures unreadable');
});

test('settings: keys off, not saved; knowledge: article unreadable', async (context) => {
  const server = await context.newServer();
  const page = await context.person('agent1', { path: '/desk?page=settings' });
  await page.getByLabel('Tasten benutzen').uncheck();
  await page.getByText('Taste für').first().waitFor({ state: 'detached' });
  server.fail('PUT', '/session/settings', 503);
  await page.getByLabel('112 %').check();
  await hold(page, 'Absichtlich gescheitert.');
  await checkState(page, 'settings not saved');
  await page.keyboard.press('F1');
  await page.getByRole('button', { name: 'Tasten', exact: true }).click();
  await hold(page, 'Die Tasten sind ausgeschaltet.');
  await checkState(page, 'keys help while keys are off');
  server.fail('GET', '/knowledge/services/', 503);
  await page.goto(`${server.url}/desk`);
  await page.getByRole('button', { name: /^Personalausweis/ }).click();
  await hold(page, 'Absichtlich gescheitert.');
  await checkState(page, 'article unreadable');
});
