// SPDX-License-Identifier: EUPL-1.2
// Knowledge in a real call against a running fernamt with the demo's people: the fee by "pass gebühr",
// the sections by key, a guide whose answers stand in the call's note, a text called wrong by one key,
// an office of the town hall's own list connected, a number of the article dialled.
import assert from 'node:assert/strict';
import { checkState } from './support/accessibility.mjs';
import { newContext, openPage, signIn } from './support/browser.mjs';
import { test, until } from './support/harness.mjs';
import { answerCall, ask, Gone, open, pressed, url, whileCallersStay } from './support/real.mjs';
import { listen, spoke } from './support/speech.mjs';

const kOffice = '030 23125500'; // a simulated office answers
const kShort = 2_000;
const kTitle = 'Umzug geprüft';
const password = process.env.FERNAMT_EDITOR_PASSWORD;

async function editor(context, login) {
  const page = await openPage(await newContext(context.browser), `${url}/editing`);
  await signIn(page, login, password);
  await page.getByRole('heading', { level: 1, name: 'Redaktion' }).waitFor();
  return page;
}
const tell = (page, method, path, body, version) =>
  page.evaluate(
    async ([m, p, b, v]) => {
      const headers = { 'X-Fernamt': '1', 'Content-Type': typeof b === 'string' ? 'text/csv' : 'application/json' };
      if (v !== undefined) headers['If-Match'] = `"${v}"`;
      const answer = await fetch(`/api/v1${p}`, { method: m, headers, body: typeof b === 'string' ? b : b && JSON.stringify(b) });
      const text = await answer.text();
      return { status: answer.status, body: text && JSON.parse(text) };
    },
    [method, path, body, version],
  );

// A guide for all, written by one editor and released by another.
async function releaseGuide(writer, second) {
  const steps = [
    { key: '1', text: 'Innerhalb der Gemeinde?', answers: [{ text: 'Ja', next: '2' }, { text: 'Nein', next: '3' }], request: false, service: 0 },
    { key: '2', text: 'Schon eingezogen?', answers: [{ text: 'Schon', next: '3' }, { text: 'Noch nicht', next: '4' }], request: false, service: 0 },
    { key: '3', text: 'Bitte binnen zwei Wochen anmelden.', answers: [], request: false, service: 1 },
    { key: '4', text: 'Das geht nach dem Einzug.', answers: [], request: true, service: 0 },
  ];
  const made = await tell(writer, 'POST', '/knowledge/guides', { municipality: null, title: kTitle, steps });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const { id, version } = made.body;
  const given = await tell(writer, 'POST', `/knowledge/guides/${id}/steps`, { step: 'submit' }, version);
  assert.equal(given.status, 200, JSON.stringify(given.body));
  const done = await tell(second, 'POST', `/knowledge/guides/${id}/steps`, { step: 'release' }, given.body.version);
  assert.equal(done.status, 200, JSON.stringify(done.body));
  return id;
}

async function pauseAfter(page) {
  const pause = page.getByRole('button', { name: 'Pause danach', exact: true });
  if (await pause.isVisible()) await pause.click({ timeout: kShort }).catch(() => {}); // gone with its call
}
const focusedId = (page) => page.evaluate(() => document.activeElement?.id);
const focusedText = (page) => page.evaluate(() => document.activeElement?.textContent.trim());

test('"pass gebühr" leads to the fee, keys to the sections, a guide into the note, one key to the editors', async (context) => {
  const [writer, second] = [await editor(context, 'editor'), await editor(context, 'editor2')];
  const guide = await releaseGuide(writer, second);
  const page = await open(context, 'AGENT');
  const noted = await whileCallersStay('the note', async () => {
    const { call, holds } = await answerCall(page);
    await listen(page);
    await page.keyboard.press('F2');
    await page.keyboard.type('pass gebühr');
    await holds('hits', () => page.locator('.hit').first().filter({ hasText: '→ Gebühr' }).isVisible());
    await page.keyboard.press('Enter');
    await holds('at the fee', async () => (await focusedId(page)) === 'section-fee');
    await holds('an amount', () => page.locator('#section-fee + *').filter({ hasText: /\d+,\d\d/ }).isVisible());
    const sections = [[1, 'responsible'], [3, 'documents'], [4, 'where'], [5, 'opening_hours'], [2, 'fee']];
    for (const [key, section] of sections) {
      await page.keyboard.press(`Alt+${key}`);
      await holds(section, async () => (await focusedId(page)) === `section-${section}`);
    }
    await page.keyboard.press('Control+Shift+F2');
    await holds('called wrong', () => spoke(page, 'Als falsch gemeldet: Gebühr.'));
    await page.keyboard.press('F2');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('umzug geprüft');
    const found = page.getByRole('button', { name: kTitle, exact: true });
    await holds('guide found', () => found.isVisible());
    await holds('pressed', () => pressed(found));
    for (const answer of ['Ja', 'Schon']) {
      await holds(answer, () => page.getByRole('button', { name: answer, exact: true }).isVisible());
      await holds('pressed', () => pressed(page.getByRole('button', { name: answer, exact: true })));
    }
    await holds('its end', async () => (await focusedText(page)) === 'Bitte binnen zwei Wochen anmelden.');
    return { call, article: await page.getByRole('button', { name: 'Auskunft dazu öffnen' }).isVisible() };
  });
  assert.ok(noted.article, 'the end offers the article');
  const wanted = `${kTitle}:\n- Innerhalb der Gemeinde? Ja\n- Schon eingezogen? Schon`;
  await until('the note is kept', async () => (await ask(page, `/calls/${noted.call.id}`)).notes?.text === wanted);
  const { items } = await ask(writer, '/knowledge/tasks');
  const wrong = items.find(({ kind, part }) => kind === 'wrong' && part === 'fee');
  assert.equal(wrong?.municipality, noted.call.municipality.ars, 'a task for the town hall');
  await checkState(page, 'the end of a guide on the real server');
  await pauseAfter(page);
  if ((await ask(page, '/desk')).state === 'talking') await page.keyboard.press('Shift+F9');
  const { body: { version } } = await tell(writer, 'GET', `/knowledge/guides/${guide}`);
  await tell(writer, 'DELETE', `/knowledge/guides/${guide}`, undefined, version);
  await tell(writer, 'POST', `/knowledge/tasks/${wrong.task}/close`, { outcome: 'dismissed' });
  assert.deepEqual(page.faults, []);
  for (const one of [page, writer, second]) await one.context().close();
}, 900_000);

test('the town hall brings its list; its office is found by name and the caller connected', async (context) => {
  const writer = await editor(context, 'editor');
  await writer.goto(`${url}/editing?section=directory`);
  const file = (text) => ({ name: 'verzeichnis.csv', mimeType: 'text/csv', buffer: Buffer.from(text, 'latin1') });
  await writer.getByLabel('Kommune').selectOption({ label: 'Langenhagen' }).catch(() =>
    writer.getByLabel('Kommune').selectOption('032410010010'));
  await writer.getByLabel('Datei').setInputFiles(file('Amt;Telefon;Vertretung\nPrüfamt;keine Nummer;niemand\n'));
  await writer.getByRole('button', { name: 'Prüfen' }).click();
  await writer.getByText('Das ist keine Telefonnummer.').waitFor();
  await writer.getByText('Die Vertretung steht nicht in der Liste.').waitFor();
  assert.equal(await writer.getByRole('button', { name: 'Liste übernehmen' }).count(), 0);
  await checkState(writer, 'a list with faults');
  const list = `Amt;Name;Telefon;Zeiten\nPrüfamt;;${kOffice};Mo-So 0-24 Uhr\n`;
  await writer.getByLabel('Datei').setInputFiles(file(list));
  await writer.getByRole('button', { name: 'Prüfen' }).click();
  await writer.getByRole('heading', { name: '1 Eintrag, kein Fehler.' }).waitFor();
  await checkState(writer, 'a list without faults');
  await writer.getByRole('button', { name: 'Liste übernehmen' }).press('Enter');
  await writer.getByRole('heading', { name: '1 Eintrag übernommen.' }).waitFor();
  const near = await ask(writer, '/knowledge/directory?municipality=032410010010&q=pr%C3%BCfamt');
  assert.equal(near.items[0]?.reach, 'open', 'read as Windows-1252, open around the clock');

  const page = await open(context, 'AGENT');
  await whileCallersStay('the office', async () => {
    const { call, holds, ends } = await answerCall(page);
    await listen(page);
    const { ars } = call.municipality;
    assert.equal((await tell(writer, 'PUT', `/municipalities/${ars}/directory`, list)).status, 200);
    await page.keyboard.press('Control+F1');
    await holds('the field', async () => (await focusedId(page)) === 'transfer-to');
    await page.keyboard.type('prüf');
    await holds('found', () => page.locator('#transfer-option-0').isVisible());
    await holds('open now', () => page.locator('#transfer-option-0').filter({ hasText: /Prüfamt.*jetzt erreichbar bis/s }).isVisible());
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await holds('chosen', async () => (await page.locator('#transfer-to').inputValue({ timeout: kShort }).catch(() => '')) === 'Prüfamt');
    await pauseAfter(page);
    await holds('the button', () => pressed(page.locator('#transfer-to')));
    await ends('connected', () => spoke(page, 'Verbunden mit Prüfamt.'));
  });
  await page.getByRole('button', { name: 'Speichern und bereit' }).waitFor();
  await page.keyboard.press('Control+F9');
  await page.getByRole('heading', { name: 'Pause', level: 1 }).waitFor();

  // A number of the article, dialled from there.
  await whileCallersStay('a number of the article', async () => {
    const { holds, ends } = await answerCall(page);
    await page.evaluate(() => (globalThis.said.length = 0));
    await page.keyboard.press('F2');
    await page.keyboard.type('reisepass');
    await holds('hits', () => page.locator('.hit').first().isVisible());
    await page.keyboard.press('Enter');
    const numbers = page.locator('.article').getByRole('button', { name: /^Verbinden: / });
    await holds('a number', () => numbers.first().isVisible());
    // Of the demo's offices, those whose number ends in 8 are busy and nobody is at those in 9: a town
    // with no other is left to somebody else.
    const dial = page.locator('.article').getByRole('button', { name: /^Verbinden: .*[0-7]\s*$/ }).first();
    if (!(await dial.isVisible())) throw new Gone();
    let number;
    await holds('its text', async () => (number = await dial.textContent({ timeout: kShort }).catch(() => '')));
    await pauseAfter(page);
    await holds('the button', () => pressed(dial));
    await ends('connected', () => spoke(page, `Verbunden mit ${number.replace('Verbinden: ', '').trim()}.`));
  });
  assert.deepEqual(page.faults, []);
  assert.deepEqual(writer.faults, []);
  await page.context().close();
  await writer.context().close();
}, 900_000);
