// SPDX-License-Identifier: EUPL-1.2
// A guide in a call: found, answered by keyboard, each answer once and in order in the note of the
// call, steps back taken back, and its end at the article, the request or the town's form.
import assert from 'node:assert/strict';
import { checkState } from './support/accessibility.mjs';
import { wedemark } from './support/data.mjs';
import { talking } from './support/desk.mjs';
import { test, until } from './support/harness.mjs';
import { inOrder, listen, read, spoke } from './support/speech.mjs';
import { load } from './support/module.mjs';

const focused = (page) => page.evaluate(() => document.activeElement.textContent.trim());

test('each answer stands in the note once, in order; a step back takes its answer back', async (context) => {
  const { server, page, call } = await talking(context);
  const note = page.getByLabel('Notiz zum Gespräch');
  await note.fill('Frau ruft wegen Umzug an.');
  await page.keyboard.press('F2');
  await page.keyboard.type('umzug');
  await page.getByRole('heading', { name: 'Leitfäden' }).waitFor();
  await page.getByRole('button', { name: 'Umzug', exact: true }).press('Enter');
  await until('title focused', async () => (await focused(page)) === 'Umzug');
  await checkState(page, 'a guide begins');
  await page.getByRole('button', { name: 'Ja', exact: true }).press('Enter');
  await until('next question focused', async () => (await focused(page)) === 'Wohnen Sie schon dort?');
  inOrder(await read(page, '.article-place'), [
    'heading, Umzug, level 3', 'heading, Wohnen Sie schon dort?, level 4', 'button, Schon eingezogen', 'button, Eine Frage zurück']);
  await page.getByRole('button', { name: 'Noch nicht' }).press('Enter');
  await until('end', async () => (await focused(page)) === 'Das geht erst nach dem Einzug.');
  await page.getByRole('button', { name: 'Eine Frage zurück' }).press('Enter');
  await page.getByRole('button', { name: 'Schon eingezogen' }).press('Enter');
  await until('other end', async () => (await focused(page)) === 'Bitte binnen zwei Wochen anmelden.');
  const wanted = [
    'Frau ruft wegen Umzug an.', '', 'Umzug:', '- Ziehen Sie innerhalb der Gemeinde um? Ja', '- Wohnen Sie schon dort? Schon eingezogen',
  ].join('\n');
  assert.equal(await note.inputValue(), wanted);
  await until('kept on the server', () => server.notes.get(call)?.text === wanted);
  await checkState(page, 'the end of a guide');
  await page.getByRole('button', { name: 'Auskunft dazu öffnen' }).press('Enter');
  await until('article', async () => (await focused(page)) === 'Wohnsitz anmelden');
  assert.deepEqual(page.faults, []);
});

test('a guide that ends with a request leads to the note; the next call begins anew', async (context) => {
  const { server, page } = await talking(context);
  await page.locator('#knowledge-search').focus();
  await page.getByRole('button', { name: 'Umzug', exact: true }).press('Enter');
  await page.getByRole('button', { name: 'Nein', exact: true }).press('Enter');
  await page.getByRole('button', { name: 'Anfrage aufnehmen' }).press('Enter');
  await until('in the note', async () => (await page.evaluate(() => document.activeElement.id)) === 'notes');
  await until('said', () => spoke(page, 'Anfrage hier aufnehmen.'));
  server.end('agent1', 0);
  await page.getByRole('heading', { name: 'Bereit', level: 1 }).waitFor();
  const next = server.ring();
  server.answer();
  await page.getByRole('button', { name: 'Auflegen', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Eine Frage zurück' }).press('Enter');
  await page.getByRole('button', { name: 'Ja', exact: true }).press('Enter');
  await page.getByText('Wohnen Sie schon dort?').waitFor();
  assert.equal(await page.getByLabel('Notiz zum Gespräch').inputValue(), '', 'not into a stranger\'s note');
  assert.equal(server.notes.get(next).text, '');
});

test('a guide that ends at a form: what the called town has, by keyboard; the way stays in the note', async (context) => {
  const { server, page } = await talking(context);
  const end = server.guides[0].steps[3];
  end.offer = 8;
  server.offers = [
    { id: 8, form: true, name: 'Anmeldeformular', address: 'https://stadt.example/anmeldung' },
    { id: 9, form: false, name: 'Ummelden im Netz', address: '' },
  ];
  const walkTo = async () => {
    await page.getByRole('button', { name: 'Ja', exact: true }).press('Enter');
    await page.getByRole('button', { name: 'Schon eingezogen' }).press('Enter');
  };
  await listen(page);
  await page.context().route('https://stadt.example/**', (route) => route.fulfill({ body: 'Formular' }));
  await page.locator('#knowledge-search').focus();
  await page.getByRole('button', { name: 'Umzug', exact: true }).press('Enter');
  const askedFor = page.waitForRequest((one) => one.url().includes('/offers'));
  await walkTo();
  await until('the end has the focus', async () => (await focused(page)) === end.text);
  await until('said', () => spoke(page, '1 Weg zum Antrag'));
  inOrder(await read(page, '.article-place'), [
    `heading, ${end.text}, level 4`, 'Ende: Formular oder Onlinedienst', 'Formular:', 'link, Anmeldeformular', 'button, Auskunft dazu öffnen']);
  assert.ok((await askedFor).url().endsWith(`/knowledge/services/3/offers?municipality=${wedemark}`));
  await checkState(page, 'a guide that ends at a form');
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'Anmeldeformular');
  const [form] = await Promise.all([page.context().waitForEvent('page'), page.keyboard.press('Enter')]);
  await form.waitForURL('https://stadt.example/anmeldung');
  await form.close();
  assert.match(await page.getByLabel('Notiz zum Gespräch').inputValue(), /Wohnen Sie schon dort\? Schon eingezogen/);

  // The one that the editor chose is another town's: what there is here stands in its place.
  end.offer = 7;
  await page.getByRole('button', { name: 'Leitfaden schließen' }).press('Enter');
  await page.getByRole('button', { name: 'Umzug', exact: true }).press('Enter');
  await walkTo();
  await page.getByText('Onlinedienst: Ummelden im Netz').waitFor();
  await until('said', () => spoke(page, '2 Wege zum Antrag'));
  // None here: then the request is taken down.
  server.offers = [];
  await page.getByRole('button', { name: 'Eine Frage zurück' }).press('Enter');
  await page.getByRole('button', { name: 'Schon eingezogen' }).press('Enter');
  await until('said', () => spoke(page, 'Hier ist kein Formular hinterlegt.'));
  await checkState(page, 'a guide whose town has no form');
  await page.getByRole('button', { name: 'Anfrage aufnehmen' }).press('Enter');
  await until('in the note', async () => (await page.evaluate(() => document.activeElement.id)) === 'notes');
  assert.deepEqual(page.faults, []);
});

test('the guide of the open article stands first', async (context) => {
  const { page } = await talking(context);
  await page.keyboard.press('F2');
  await page.keyboard.type('reisepass');
  await page.locator('.hit-name').getByText('Reisepass', { exact: true }).waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.article-title').getByText('Reisepass').waitFor();
  await page.getByRole('button', { name: 'Eilige Reise' }).waitFor();
});

test('lines that the agent changed stay the agent\'s', async () => {
  const { withWay } = await load('desk/guideNotes.ts');
  const [a, b, c] = [['A?', 'ja'], ['B?', 'nein'], ['B?', 'doch']].map(([question, answer]) => ({ question, answer }));
  const one = withWay('', 'T', [], [a]);
  assert.equal(one, 'T:\n- A? ja');
  assert.equal(withWay(one, 'T', [a], [a, b]), 'T:\n- A? ja\n- B? nein');
  assert.equal(withWay('T:\n- A? ja\n- B? nein\nSpäter: x', 'T', [a, b], [a]), 'T:\n- A? ja\nSpäter: x');
  assert.equal(withWay(one, 'T', [a], []), '');
  assert.equal(withWay('T:\n- A? ja, sagt sie', 'T', [a], [a]), 'T:\n- A? ja, sagt sie');
  assert.equal(withWay('T: A? eher ja', 'T', [a], [a, c]), 'T: A? eher ja\n- B? doch');
});
