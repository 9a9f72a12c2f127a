// SPDX-License-Identifier: EUPL-1.2
// What a blind colleague hears, in the exact words of the design, and where the focus goes.
import assert from 'node:assert/strict';
import { ready } from './support/desk.mjs';
import { test, until } from './support/harness.mjs';
import { heard, inOrder, listen, read, said, saidHow, spoke } from './support/speech.mjs';

const focused = (page) => page.evaluate(() => document.activeElement?.id || document.activeElement?.tagName);

async function atDesk(context, options) {
  const { server, page } = await ready(context, options);
  await page.locator('#say-polite').filter({ hasText: 'Bereit.' }).waitFor(); // said and over
  await listen(page);
  return { server, page };
}

test('a whole call: exact texts, titles and focus', async (context) => {
  const { server, page } = await atDesk(context);
  assert.match(await page.title(), /^Bereit – /);
  const before = await focused(page);
  server.ring();
  await until('call spoken', async () => (await spoke(page, 'Anruf Wedemark. F8 annehmen.')));
  await until('in the title', async () => (await page.title()).startsWith('Anruf Wedemark – '));
  assert.equal(await focused(page), before, 'a call moves no focus');
  await page.keyboard.press('F8');
  await until('greeting focused', async () => (await focused(page)) === 'greeting');
  assert.equal(await page.locator('#greeting').evaluate((e) => e.tagName), 'H3', 'a heading, not a paragraph');
  await until('in the title', async () => (await page.title()).startsWith('Gespräch Wedemark – '));
  await page.keyboard.press('F9');
  await until('held', async () => (await spoke(page, 'Gehalten.')));
  await page.keyboard.press('F9');
  await until('resumed', async () => (await spoke(page, 'Weiter im Gespräch.')));
  server.desk().call.answered_at = new Date(Date.now() - 130_000).toISOString();
  server.emit('desk', 'agent1');
  await until('clock follows', async () => /2:[1-5]\d/.test(await page.locator('.clock').textContent()));
  await page.keyboard.press('Shift+F9');
  await until('end spoken', async () => (await said(page)).some((t) => /^Gespräch beendet, 2 Minuten [1-5]\d\.$/.test(t)));
  await until('note focused', async () => (await focused(page)) === 'notes');
  await page.keyboard.type('Müllabfuhr');
  await page.keyboard.press('Shift+F2');
  await until('extended', async () => (await spoke(page, 'Verlängert.')));
  await page.keyboard.press('Control+F9');
  await until('ready spoken', async () => (await spoke(page, 'Gespeichert. Bereit.')));
  await until('h1 focused', async () => (await focused(page)) === 'heading');
  const all = await saidHow(page);
  assert.equal(all[0], 'assertive: Anruf Wedemark. F8 annehmen.');
  assert.ok(all.slice(1).every((one) => one.startsWith('polite: ')), all.join('\n'));
  for (const sentence of (await said(page)).flatMap((text) => text.split(/(?<=\.) /)))
    assert.ok(sentence.length <= 40, `one Braille line: ${sentence}`);
});

test('missed, caller gone, pause, queue and clock never speak', async (context) => {
  const { server, page } = await atDesk(context);
  server.set({ waiting: 7, longest_wait_seconds: 80 });
  server.ring();
  await until('call', async () => (await said(page)).length === 1);
  server.set({ state: 'missed', call: null });
  await until('missed', async () => (await saidHow(page)).includes('assertive: Anruf verpasst. Nicht bereit.'));
  await page.keyboard.press('Control+F9');
  await until('ready', async () => (await spoke(page, 'Bereit.')));
  server.ring();
  await until('second call', async () => (await said(page)).length === 4);
  server.ready();
  await until('gone', async () => (await spoke(page, 'Anruf beendet.')));
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await until('pause', async () => (await spoke(page, 'Pause.')));
  server.set({ waiting: 3 });
  await page.getByText('3 wartend').waitFor();
  const texts = await said(page);
  assert.equal(texts.length, 6, `nothing else was said:\n${texts.join('\n')}`);
});

test('the last 15 seconds are announced once, and never move the writer', async (context) => {
  const { server, page } = await atDesk(context);
  server.ring();
  server.answer();
  await page.locator('#notes').waitFor();
  await page.locator('#notes').fill('Müll');
  server.end('agent1', 23); // the page has time to see it before
  await until('warning', async () =>
    (await spoke(page, 'Noch 15 Sekunden. Umschalt F2 verlängert.')));
  assert.equal(await focused(page), 'notes');
  await page.keyboard.type(' abgeholt');
  const release = server.hold('/calls/'); // nothing is saved yet
  await page.keyboard.type('.');
  server.set({ until: new Date().toISOString() });
  await until('no time left', async () => /0:00/.test(await page.locator('.clock').textContent()));
  server.ready(); // the time is over while typing
  await until('ready spoken', async () => (await spoke(page, 'Zeit um. Bereit.')));
  release();
  assert.equal(await focused(page), 'notes', 'the note stays under the hands');
  await page.keyboard.type('!');
  assert.equal(await page.locator('#notes').inputValue(), 'Müll abgeholt.!');
  assert.ok(!(await said(page)).some((text) => text.includes('Gespeichert')), 'nobody pressed "save"');
});

// After-call work with a text, the cursor in it.
async function working(context) {
  const { server, page } = await atDesk(context);
  const call = server.ring();
  server.answer();
  await page.locator('#notes').waitFor();
  server.end();
  await page.getByRole('button', { name: 'Speichern und bereit' }).waitFor();
  await until('note focused', async () => (await focused(page)) === 'notes');
  return { server, page, call };
}
const times = async (page, text) => (await said(page)).filter((one) => one.includes(text)).length;

test('"save and ready" says the truth: nothing written, not saved, saved later; each once', async (context) => {
  const { server, page, call } = await working(context);
  await page.keyboard.press('Control+F9');
  await until('ready', async () => (await spoke(page, 'Bereit.')));
  assert.equal(await times(page, 'Gespeichert'), 0, 'nothing was written');

  server.set({ state: 'after_call_work', until: new Date(Date.now() + 60_000).toISOString(),
    call: { ...server.desk().call, id: call } });
  await page.getByRole('button', { name: 'Speichern und bereit' }).waitFor();
  server.fail('PUT', '/calls', 503);
  await page.locator('#notes').fill('Sperrmüll');
  await page.keyboard.press('Control+F9');
  await until('told', async () => (await spoke(page, 'Notiz noch nicht gespeichert. Bereit.')));
  const tries = server.refused.length;
  await until('tried again', () => server.refused.length > tries);
  assert.equal(await times(page, 'nicht gespeichert'), 1, (await said(page)).join('\n'));
  server.heal();
  await until('saved', () => server.notes.get(call)?.text === 'Sperrmüll');
  await until('told, too', async () => (await spoke(page, 'Notiz gespeichert.')));
  assert.equal(await times(page, 'Gespeichert'), 0);
});

test('a note that is not saved while writing is spoken once, and that it is again', async (context) => {
  const { server, page, call } = await working(context);
  server.fail('PUT', '/calls', 503);
  await page.keyboard.type('Grüngut');
  await until('told', async () => (await spoke(page, 'Notiz nicht gespeichert. Neuer Versuch.')));
  const tries = server.refused.length;
  await until('tried again', () => server.refused.length > tries);
  server.heal();
  server.notes.set(call, { text: 'Anderes', version: 9 });
  await until('conflict', async () => (await spoke(page, 'Notiz: anderer Text im anderen Fenster.')));
  await page.getByRole('button', { name: 'Meinen Text behalten' }).click();
  await until('saved', async () => (await spoke(page, 'Notiz gespeichert.')));
  assert.equal(server.notes.get(call).text, 'Grüngut');
  for (const text of ['nicht gespeichert', 'anderer Text', 'Notiz gespeichert'])
    assert.equal(await times(page, text), 1, text);
  await page.keyboard.press('Control+F9');
  await until('ready', async () => (await spoke(page, 'Gespeichert. Bereit.')));
});

test('situation and last message on request', async (context) => {
  const { server, page } = await atDesk(context);
  server.ring();
  server.answer();
  server.desk().call.answered_at = new Date(Date.now() - 130_000).toISOString();
  server.set({ waiting: 3 });
  await until('clock follows', async () => /2:[1-5]\d/.test(await page.locator('.clock').textContent()));
  await page.keyboard.press('Control+F8');
  await until('situation', async () =>
    (await said(page)).some((t) => /^Gespräch Wedemark, 2:[1-5]\d\. 3 wartend\.$/.test(t)));
  await page.keyboard.press('F9');
  await until('held', async () => (await spoke(page, 'Gehalten.')));
  await page.keyboard.press('Control+F2');
  await until('again', async () => (await said(page)).filter((t) => t === 'Gehalten.').length === 2);
  assert.match(await page.locator('.last-message').textContent(), /Gehalten\./);
});

test('hits are spoken 700 ms after the last key, once', async (context) => {
  const { page } = await atDesk(context);
  await page.keyboard.press('F2');
  await page.keyboard.type('reisepass'); // no pause between the keys, however slow the machine
  await until('hits', async () => (await spoke(page, '1 Treffer')));
  assert.deepEqual((await said(page)).filter((text) => /Treffer/.test(text)), ['1 Treffer']);
  await page.keyboard.press('Escape');
  await page.keyboard.type('xyz');
  await until('none', async () => (await spoke(page, 'Keine Treffer.')));
});

test('hits are spoken also if the page asks anew before they have come', async (context) => {
  const { server, page } = await atDesk(context);
  const towns = server.hold('/municipalities');
  const hits = server.hold('/knowledge/services');
  await page.keyboard.press('F2');
  await page.keyboard.type('reisepass');
  const anew = page.waitForRequest((request) => /services\?.*municipality=/.test(request.url()));
  towns(); // the list chooses a municipality: its hits are asked for instead
  await anew;
  hits();
  await until('hits', async () => (await spoke(page, '1 Treffer')));
  assert.deepEqual((await said(page)).filter((text) => /Treffer/.test(text)), ['1 Treffer']);
});

test('the focus jumps to "Annehmen" only if that is switched on', async (context) => {
  const { server, page } = await atDesk(context);
  await page.getByRole('link', { name: 'Einstellungen' }).click();
  await page.getByLabel(/Fokus springt/).check();
  await until('saved', () => server.users[0].settings.focus_jumps);
  await page.getByRole('link', { name: 'Arbeitsplatz' }).click();
  await page.getByRole('heading', { name: 'Bereit', level: 1 }).waitFor();
  server.ring();
  await until('answer focused', async () => (await focused(page)) === 'answer');
});

test('desk phone: the words say to lift the receiver', async (context) => {
  const { server, page } = await atDesk(context);
  server.set({ device: 'sip_phone', phone_registered: true });
  server.ring();
  await until('call', async () => (await spoke(page, 'Anruf Wedemark. Am Telefon abheben.')));
  assert.equal(await page.getByRole('button', { name: 'Annehmen' }).count(), 0);
});

test('the desk read from top to bottom', async (context) => {
  const { server, page } = await atDesk(context);
  server.ring();
  server.answer();
  await page.getByRole('button', { name: 'Auflegen' }).waitFor();
  const phrases = await read(page);
  inOrder(phrases, [
    'banner',
    'navigation, Seiten',
    'main',
    'region, Anruf',
    'heading, Gespräch Wedemark, level 1',
    'heading, Anruf, level 2',
    'heading, Servicecenter, Gemeinde Wedemark, guten Tag!, level 3',
    'button, Halten',
    'button, Auflegen',
    'combobox, Verbinden mit',
    'region, Wissen',
    'heading, Wissen, level 2',
    'searchbox, Wissen durchsuchen',
    'heading, Alle Leistungen',
    'region, Vorgang',
    'heading, Vorgang, level 2',
    'textbox, Notiz zum Gespräch',
    'contentinfo',
  ]);
  assert.ok(!phrases.some((phrase) => /\b\d:\d\d\b/.test(phrase)), 'no clock is read');
});

test('an article read: title, sentence to read aloud, sections in order', async (context) => {
  const { page } = await atDesk(context);
  await page.keyboard.press('F2');
  await page.keyboard.type('ausweis');
  await until('hits', async () => (await spoke(page, '1 Treffer')));
  await page.keyboard.press('Enter');
  await until('title focused', async () => (await focused(page)) === 'article-title');
  const heard = await read(page, '.article');
  inOrder(heard, [
    'heading, Personalausweis, level 3',
    'Zum Vorlesen:',
    'Einen neuen Personalausweis beantragen Sie persönlich',
    'Geprüft am 01.09.2026',
    'aktuell',
    'heading, Öffnungszeiten',
    'heading, Mitbringen',
    'heading, Ansprechstelle',
    'heading, Zuständig',
    'heading, Gebühr',
  ]);
  const sentence = heard.findIndex((phrase) => phrase.startsWith('Einen neuen Personalausweis'));
  assert.ok(sentence <= 4, `few steps from the title to the sentence: ${heard.slice(0, sentence + 1).join(' / ')}`);
  assert.ok(!heard.some((phrase) => phrase.includes('·')), 'no signs are read out');
});

test('a guide walked through by ear: each question is the focus, its answers follow, the end says so', async (context) => {
  const { page } = await atDesk(context);
  await page.keyboard.press('F2');
  await page.keyboard.type('umzug');
  await page.getByRole('heading', { name: 'Leitfäden' }).waitFor();
  const hits = await read(page, 'main');
  inOrder(hits, ['heading, Leitfäden', 'button, Umzug']);
  await page.getByRole('button', { name: 'Umzug', exact: true }).press('Enter');
  await until('title focused', async () => (await focused(page)) === 'article-title');
  await page.getByRole('heading', { name: 'Ziehen Sie innerhalb der Gemeinde um?' }).waitFor();
  inOrder(await heard(page, 'first question', '.article-place'), [
    'button, Leitfaden schließen',
    'heading, Umzug, level 3',
    'heading, Ziehen Sie innerhalb der Gemeinde um?, level 4',
    'button, Ja',
    'button, Nein',
  ]);
  const spokenByFocus = async (question) => {
    await until(`"${question}" has the focus`, () =>
      page.evaluate((text) => document.activeElement.textContent.trim() === text, question));
    assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H4');
    assert.equal(await page.evaluate(() => document.activeElement.lang), 'de');
  };
  await page.getByRole('button', { name: 'Ja', exact: true }).press('Enter');
  await spokenByFocus('Wohnen Sie schon dort?');
  inOrder(await heard(page, 'second question', '.article-place'), [
    'heading, Wohnen Sie schon dort?, level 4',
    'button, Schon eingezogen',
    'button, Noch nicht',
    'button, Eine Frage zurück',
  ]);
  await page.getByRole('button', { name: 'Eine Frage zurück' }).press('Enter');
  await spokenByFocus('Ziehen Sie innerhalb der Gemeinde um?');
  await page.getByRole('button', { name: 'Ja', exact: true }).press('Enter');
  await page.getByRole('button', { name: 'Schon eingezogen' }).press('Enter');
  await spokenByFocus('Bitte binnen zwei Wochen anmelden.');
  const end = await heard(page, 'end', '.article-place');
  inOrder(end, ['heading, Bitte binnen zwei Wochen anmelden., level 4', 'button, Auskunft dazu öffnen', 'button, Eine Frage zurück']);
  assert.ok(!end.some((phrase) => phrase.startsWith('button, Ja')), 'nothing of the questions before');
  await page.getByRole('button', { name: 'Leitfaden schließen' }).press('Enter');
  await page.getByRole('heading', { name: 'Leitfäden' }).waitFor();
  assert.deepEqual(page.faults, []);
});

test('on an English page, what citizens are told is marked as German', async (context) => {
  const { server, page } = await atDesk(context);
  server.users[0].language = 'en';
  server.ring();
  server.answer();
  await page.reload();
  await page.getByRole('button', { name: 'Hang up' }).waitFor();
  await page.getByRole('button', { name: /^Personalausweis/ }).click();
  await page.locator('.article-title').waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  for (const part of ['#greeting', '.article-title', '.read-aloud span', '.article-section li span', '.hit-text'])
    assert.equal(await page.locator(part).first().evaluate((e) => e.closest('[lang]').lang), 'de', part);
  assert.equal(await page.locator('#work-title').evaluate((e) => e.closest('[lang]').lang), 'en');
});

test('live regions stand empty in the page from the start, and no dialog is modal', async (context) => {
  const server = await context.newServer();
  // By address: the Node 18 of Debian 12 asks ::1 for "localhost", where nobody listens.
  const html = await (await fetch(server.url.replace('localhost', '127.0.0.1'))).text();
  assert.match(html, /<div id="say-polite"[^>]*aria-live="polite"[^>]*><\/div>/);
  assert.match(html, /<div id="say-now"[^>]*aria-live="assertive"[^>]*><\/div>/);
  const page = await context.person('agent1');
  await page.getByRole('button', { name: 'Arbeitsplatz starten' }).waitFor();
  await listen(page);
  await page.keyboard.press('F1');
  await page.getByRole('dialog', { name: 'Tasten' }).waitFor();
  assert.equal(await focused(page), 'keys-title');
  server.ring();
  await until('spoken over the help', async () => (await spoke(page, 'Anruf Wedemark. F8 annehmen.')));
  assert.equal(await page.locator('dialog').count(), 0);
  await page.keyboard.press('Escape');
  assert.equal(await page.getByRole('dialog').count(), 0);
});
