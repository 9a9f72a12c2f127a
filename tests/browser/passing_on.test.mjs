// SPDX-License-Identifier: EUPL-1.2
// Asking somebody, three together, handing over, the wrong municipality, callbacks: by key and by
// button, each said once, in German and English.
import assert from 'node:assert/strict';
import { checkState } from './support/accessibility.mjs';
import { langenhagen } from './support/data.mjs';
import { begin } from './support/desk.mjs';
import { test, until } from './support/harness.mjs';
import { tabTo } from './support/keyboard.mjs';
import { inOrder, listen, read, said, saidHow, spoke } from './support/speech.mjs';

const focused = (page) => page.evaluate(() => document.activeElement?.id);
const shown = (page, name) => page.getByRole('button', { name, exact: true }).waitFor();

async function talking(context, login = 'agent1') {
  const server = await context.newServer();
  const page = await context.person(login);
  await begin(page);
  server.ring();
  server.answer();
  await shown(page, 'Auflegen');
  await until('greeting focused', async () => (await focused(page)) === 'greeting');
  await listen(page);
  server.commands.length = 0;
  return { server, page };
}
const consulting = async (page) => {
  await page.keyboard.press('Control+F1');
  await until('number focused', async () => (await focused(page)) === 'transfer-to');
  await page.keyboard.type('030 23125500');
  await page.keyboard.press('Control+F1');
  await shown(page, 'Zurück zum Anruf');
};

test('consultation by keys: asked, answered, back; the caller cannot be cut off by mistake', async (context) => {
  const { server, page } = await talking(context);
  await consulting(page);
  assert.deepEqual(server.commands, [{ command: 'consult', call: 4701, target: '030 23125500' }]);
  await page.getByText('Es klingelt bei „030 23125500“.').waitFor();
  await until('ringing said', () => spoke(page, 'Rücksprache klingelt.'));
  await until('the field is gone, the focus is not', async () => (await focused(page)) === 'heading');
  assert.match(await page.title(), /^Rücksprache Wedemark – /);
  assert.equal(await page.getByRole('button', { name: 'Auflegen' }).count(), 0);
  assert.equal(await page.getByRole('button', { name: 'Konferenz' }).count(), 0, 'nobody is there yet');
  await page.keyboard.press('Shift+F9');
  await page.keyboard.press('Control+Shift+F8');
  server.call({ consult: 'talking' });
  await until('answered said', () => spoke(page, 'In Rücksprache.'));
  assert.equal(server.commands.length, 1, 'neither hung up nor joined');
  await page.keyboard.press('Control+F8');
  await until('situation', async () => (await said(page)).some((text) => text.startsWith('Rücksprache Wedemark, 0:')));
  await page.keyboard.press('F9'); // "resume" leads back to the caller, too
  await shown(page, 'Auflegen');
  assert.equal(server.commands.at(-1).command, 'consult_end');
  await until('back said', () => spoke(page, 'Weiter im Gespräch.'));
  const all = await saidHow(page);
  assert.equal(new Set(all).size, all.length, `each once:\n${all.join('\n')}`);
  assert.ok(all.every((one) => one.startsWith('polite: ')));
  for (const sentence of (await said(page)).flatMap((text) => text.split(/(?<=\.) /)))
    assert.ok(sentence.length <= 40, `one Braille line: ${sentence}`);
  assert.deepEqual(page.faults, []);
});

test('three together by keys, then handed over', async (context) => {
  const { server, page } = await talking(context);
  await consulting(page);
  server.call({ consult: 'talking' });
  await shown(page, 'Konferenz');
  inOrder(await read(page, '.call'), [
    'heading, Rücksprache Wedemark, level 1',
    'Sie sprechen mit „030 23125500“.',
    'button, Zurück zum Anruf',
    'button, Konferenz',
    'button, Übergeben',
  ]);
  await page.keyboard.press('Control+Shift+F8');
  await shown(page, 'Rücksprache trennen');
  await until('joined said', () => spoke(page, 'Konferenz. Alle drei sprechen.'));
  await shown(page, 'Auflegen');
  await page.keyboard.press('F9');
  await page.waitForTimeout(200);
  assert.equal(server.commands.at(-1).command, 'conference', 'nobody is put on hold in a conference');
  await page.keyboard.press('Control+Shift+F9');
  await shown(page, 'Speichern und bereit');
  await until('said', () => spoke(page, 'Übergeben.'));
  await until('note focused', async () => (await focused(page)) === 'notes');
  assert.deepEqual(server.commands.map(({ command }) => command), ['consult', 'conference', 'hand_over']);
});

test('who was asked is not reached or goes: said, and the caller is still there', async (context) => {
  const { server, page } = await talking(context);
  await consulting(page);
  server.call({ consult: null });
  await until('not reached', () => spoke(page, 'Rücksprache nicht erreicht. Gehalten.'));
  await shown(page, 'Weiter');
  server.call({ consult: 'ringing' });
  server.call({ consult: 'talking' });
  await until('there', () => spoke(page, 'In Rücksprache.'));
  server.call({ consult: null });
  await until('gone', () => spoke(page, 'Rücksprache beendet. Gehalten.'));
  server.call({ consult: 'joined' }, { state: 'talking' });
  await until('three', () => spoke(page, 'Konferenz. Alle drei sprechen.'));
  server.call({ consult: null });
  await until('two', () => spoke(page, 'Konferenz beendet.'));
});

test('with Tab and Enter; without a number it says so; refused ones are shown', async (context) => {
  const { server, page } = await talking(context);
  await tabTo(page, /^Rücksprache/);
  await page.keyboard.press('Enter');
  await page.getByText('Bitte ausfüllen.').waitFor();
  await until('number focused', async () => (await focused(page)) === 'transfer-to');
  await page.keyboard.type('abc');
  await tabTo(page, /^Rücksprache/);
  await page.keyboard.press('Enter');
  await until('refused', () => spoke(page, 'Das ist keine Telefonnummer.'));
  await tabTo(page, 'Verbinden mit', true);
  await page.keyboard.press('Control+a');
  await page.keyboard.type('030 23125500');
  await tabTo(page, /^Rücksprache/);
  await page.keyboard.press('Enter');
  await tabTo(page, /^Übergeben/);
  await page.keyboard.press('Enter');
  await shown(page, 'Speichern und bereit');
  assert.equal(server.commands.at(-1).command, 'hand_over');
});

test('another municipality is meant: one key, its name, Enter; greeting and knowledge follow', async (context) => {
  const { server, page } = await talking(context);
  await page.keyboard.press('Shift+F1');
  await until('list focused', async () => (await focused(page)) === 'correct-to');
  await checkState(page, 'list of municipalities open');
  await tabTo(page, 'Zuordnen');
  await page.keyboard.press('Enter');
  await page.locator('#correct-problem').getByText('Bitte ausfüllen.').waitFor();
  assert.equal(await focused(page), 'correct-to');
  await checkState(page, 'nothing chosen');
  await page.keyboard.press('Escape');
  await until('closed', async () => (await focused(page)) === 'correct');
  await page.keyboard.press('Shift+F1');
  await until('list again', async () => (await focused(page)) === 'correct-to');
  await page.keyboard.type('Lang');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await until('said', () => spoke(page, 'Jetzt Langenhagen.'));
  assert.deepEqual(server.commands, [{ command: 'correct_municipality', call: 4701, municipality: langenhagen }]);
  await until('new greeting focused', () =>
    page.evaluate(() => document.activeElement.textContent === 'Servicecenter, Stadt Langenhagen, guten Tag!'));
  assert.match(await page.title(), /^Gespräch Langenhagen – /);
  await page.getByText('Gewählt war').waitFor();
  await until('knowledge follows', async () => (await page.locator('#knowledge-place').inputValue()) === langenhagen);
  await page.keyboard.press('Shift+F1');
  await until('the one dialled is proposed', async () =>
    (await page.locator('#correct-to option:checked').textContent()) === 'Wedemark');
  assert.deepEqual(page.faults, []);
});

test('of two municipalities that are spoken alike the list says which is which', async (context) => {
  const { server, page } = await talking(context);
  const [first] = server.towns;
  const twin = { ...first, ars: '032540021021', name: `Samtgemeinde ${first.short_name}` };
  server.towns.push(twin);
  await page.keyboard.press('Shift+F1');
  await until('list focused', async () => (await focused(page)) === 'correct-to');
  const named = await page.locator('#correct-to option').allTextContents();
  const alike = named.filter((name) => name.startsWith(first.short_name));
  assert.deepEqual(alike, [first.name, `${first.short_name} (${twin.name})`]);
  assert.ok(named.includes(server.towns[2].short_name), 'whoever is spoken alone stands alone');
  assert.deepEqual(page.faults, []);
});

test('a callback: announced as one, dialled, reached', async (context) => {
  const { server, page } = await talking(context);
  server.end('agent1', 0);
  await page.getByRole('heading', { name: 'Bereit', level: 1 }).waitFor();
  server.ring({ more: { callback: 'offered' } });
  await until('announced', () => spoke(page, 'Rückruf Wedemark. F8 annehmen.'));
  await page.keyboard.press('F8');
  await until('dialling', () => spoke(page, 'Rückruf wird gewählt.'));
  await page.getByText('Sie hatten um Rückruf gebeten.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Halten' }).count(), 0, 'nobody is on the line');
  await page.keyboard.press('F9');
  server.call({ callback: 'reached' });
  await until('reached', () => spoke(page, 'Verbunden.'));
  await shown(page, 'Halten');
  assert.match(await page.title(), /^Gespräch Wedemark – /);
  assert.equal(server.commands.filter(({ command }) => command === 'hold').length, 0);
});

test('in English', async (context) => {
  const { server, page } = await talking(context);
  server.users[0].language = 'en';
  await page.reload();
  await shown(page, 'Consult');
  await listen(page);
  server.call({ consult: 'talking' }, { state: 'held' });
  await until('said', () => spoke(page, 'In consultation.'));
  await shown(page, 'Back to the caller');
  await shown(page, 'Hand over');
  await checkState(page, 'consultation in English');
});
