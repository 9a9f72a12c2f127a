// SPDX-License-Identifier: EUPL-1.2
// Function keys: each does its one thing, can be changed and switched off, and none disturbs typing
// on a German keyboard.
import assert from 'node:assert/strict';
import { ready as deskReady, talking } from './support/desk.mjs';
import { test, until } from './support/harness.mjs';
import { listen, said, spoke } from './support/speech.mjs';

async function ready(context) {
  const { server, page } = await deskReady(context);
  await listen(page);
  server.commands.length = 0;
  return { server, page };
}
const names = (server) => server.commands.map(({ command }) => command);
const focused = (page) => page.evaluate(() => document.activeElement?.id);

test('each key has its one effect, and only in its state', async (context) => {
  const { server, page } = await ready(context);
  for (const key of ['F8', 'F9', 'Shift+F9', 'Shift+F2']) await page.keyboard.press(key);
  await page.waitForTimeout(200);
  assert.deepEqual(names(server), [], 'nothing to do while ready');
  server.ring();
  await page.getByRole('button', { name: 'Annehmen' }).waitFor();
  await page.keyboard.press('Shift+F9');
  await page.keyboard.press('Shift+F8');
  await until('given back', () => names(server).length === 1);
  assert.deepEqual(server.commands[0], { command: 'hang_up', call: 4701 });
  await page.getByRole('heading', { name: 'Anruf verpasst' }).waitFor();
  await page.keyboard.press('Control+F9');
  await page.getByRole('heading', { name: 'Bereit', level: 1 }).waitFor();
  server.ring();
  await page.getByRole('button', { name: 'Annehmen' }).waitFor();
  for (const [key, button] of [['F8', 'Halten'], ['F9', 'Weiter'], ['F9', 'Halten'], ['Shift+F9', 'Verlängern']]) {
    await page.keyboard.press(key);
    await page.getByRole('button', { name: button }).waitFor();
  }
  await page.keyboard.press('Shift+F2');
  await until('extended', () => names(server).includes('wrap_up_extend'));
  await until('not busy', async () => (await spoke(page, 'Verlängert.')));
  await page.keyboard.press('Control+F9');
  await page.getByRole('heading', { name: 'Bereit', level: 1 }).waitFor();
  assert.deepEqual(names(server), [
    'hang_up', 'ready', 'answer', 'hold', 'resume', 'hang_up', 'wrap_up_extend', 'wrap_up_finish',
  ]);
});

test('a key held down and a double press count once', async (context) => {
  const { server, page } = await ready(context);
  server.ring();
  await page.getByRole('button', { name: 'Annehmen' }).waitFor();
  const release = server.hold('/desk/commands');
  await page.keyboard.down('F8');
  await page.keyboard.down('F8'); // repeat
  await page.keyboard.up('F8');
  await page.keyboard.press('F8');
  release();
  await page.getByRole('button', { name: 'Auflegen' }).waitFor();
  assert.deepEqual(names(server), ['answer']);
});

test('a key pressed before the answer to the last one has come is not lost', async (context) => {
  const { server, page } = await talking(context);
  let release;
  const later = new Promise((done) => (release = done));
  await page.route('**/desk/commands', async (route) => {
    const response = await route.fetch();
    await later;
    await route.fulfill({ response });
  });
  await page.keyboard.press('F9');
  await page.getByRole('button', { name: 'Weiter' }).first().waitFor(); // told sooner than the answer
  await page.keyboard.press('F9');
  await page.keyboard.press('F9');
  release();
  await page.getByRole('button', { name: 'Halten' }).waitFor();
  assert.deepEqual(names(server), ['hold', 'resume']);
});

test('German layout: AltGr writes @ € { [ and triggers nothing', async (context) => {
  const { page } = await ready(context);
  await page.keyboard.press('F2');
  await until('search focused', async () => (await focused(page)) === 'knowledge-search');
  const prevented = await page.evaluate(() => {
    // As Windows sends AltGr: Control and Alt are both down.
    const keys = [['q', 'KeyQ', '@'], ['e', 'KeyE', '€'], ['7', 'Digit7', '{'], ['8', 'Digit8', '['],
      ['1', 'Digit1', '¹'], ['2', 'Digit2', '²'], ['3', 'Digit3', '³']];
    return keys.filter(([, code, key]) => {
      const press = (extra) =>
        !document.activeElement.dispatchEvent(
          new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true, ...extra }),
        );
      return press({ ctrlKey: true, altKey: true }) || press({ modifierAltGraph: true, altKey: true });
    });
  });
  assert.deepEqual(prevented, []);
  await page.keyboard.type('a@b€{[');
  assert.equal(await page.locator('#knowledge-search').inputValue(), 'a@b€{[');
  assert.equal(await focused(page), 'knowledge-search');
});

test('letters, composing and browser keys stay alone', async (context) => {
  const { page } = await ready(context);
  const prevented = await page.evaluate(() => {
    const tries = [
      { key: 'a' }, { key: 'F3' }, { key: 'F5' }, { key: 'F6' }, { key: 'F7' }, { key: 'F10' },
      { key: 'F11' }, { key: 'F12' }, { key: 'F8', isComposing: true }, { key: 'F8', repeat: true },
      { key: 'F2', ctrlKey: true, shiftKey: true }, { key: 'F1', altKey: true },
    ];
    return tries.filter((init) =>
      !document.body.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init })));
  });
  assert.deepEqual(prevented, []);
});

test('Alt 1 to 8 jump to the sections of the article', async (context) => {
  const { page } = await ready(context);
  await page.keyboard.press('Alt+2');
  await until('no article', async () => (await spoke(page, 'Kein Artikel offen.')));
  await page.getByRole('button', { name: /^Personalausweis/ }).click();
  const jumps = ['responsible', 'fee', 'documents', 'where', 'opening_hours', 'online', 'deadline', 'contact'];
  await page.locator('#section-fee').waitFor();
  for (const [index, section] of jumps.entries()) {
    await page.keyboard.press(`Alt+${index + 1}`);
    await until(section, async () => (await focused(page)) === `section-${section}`);
  }
  await page.getByRole('button', { name: /^Wohnsitz/ }).click();
  await page.getByRole('heading', { name: 'Wohnsitz anmelden' }).waitFor();
  await page.keyboard.press('Alt+2');
  await until('section missing', async () => (await spoke(page, 'Gebühr: keine Angabe.')));
});

test('"pass gebühr" opens the article at its fee', async (context) => {
  const { page } = await ready(context);
  await page.keyboard.press('F2');
  await page.keyboard.type('pass gebühr');
  await until('hits', async () => (await spoke(page, '1 Treffer')));
  await page.keyboard.press('Enter');
  await until('at the fee', async () => (await focused(page)) === 'section-fee');
});

test('hits by arrow keys', async (context) => {
  const { page } = await ready(context);
  await page.getByRole('button', { name: /^Wohnsitz/ }).waitFor();
  await page.keyboard.press('F2');
  const on = (hit) => until(`${hit} has the focus`, async () =>
    (await page.evaluate(() => document.activeElement.textContent.trim())).startsWith(hit));
  await page.keyboard.press('ArrowDown');
  await on('Personalausweis');
  await page.keyboard.press('ArrowDown');
  await on('Reisepass');
  await page.getByRole('button', { name: 'Umzug', exact: true }).waitFor();
  await page.keyboard.press('End');
  await on('Umzug'); // guides stand below
  await page.keyboard.press('ArrowUp');
  await on('Wohnsitz');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowUp');
  await until('back in the search', async () => (await focused(page)) === 'knowledge-search');
});

test('keys can be changed and switched off, and the buttons show it', async (context) => {
  const { server, page } = await ready(context);
  await page.getByRole('link', { name: 'Einstellungen' }).click();
  await page.getByLabel('Taste für: Anruf annehmen').selectOption('F9');
  await until('kept on the server', () => server.users[0].settings.keys?.answer === 'F9');
  assert.equal(await page.getByLabel('Taste für: Halten und weiter').inputValue(), 'F8', 'swapped');
  await until('swap spoken', async () => (await spoke(page, 'Getauscht mit: Halten und weiter')));
  await page.getByRole('link', { name: 'Arbeitsplatz' }).click();
  await page.getByRole('heading', { name: 'Bereit', level: 1 }).waitFor();
  server.ring();
  const answer = page.getByRole('button', { name: 'Annehmen' });
  await answer.waitFor();
  assert.equal(await answer.getAttribute('aria-keyshortcuts'), 'F9');
  await until('announced with the new key', async () => (await spoke(page, 'Anruf Wedemark. F9 annehmen.')));
  await page.keyboard.press('F9');
  await page.getByRole('button', { name: 'Halten' }).waitFor();
  server.end('agent1', 0);
  await page.getByRole('link', { name: 'Einstellungen' }).click();
  await page.getByLabel('Tasten benutzen').uncheck();
  await until('kept', () => server.users[0].settings.keys_on === false);
  await page.getByRole('link', { name: 'Arbeitsplatz' }).click();
  await page.evaluate(() => (globalThis.said = []));
  server.ring();
  await answer.waitFor();
  await page.keyboard.press('F9');
  await page.waitForTimeout(200);
  assert.equal(server.desk().state, 'ringing', 'no key does anything');
  assert.equal(await answer.getAttribute('aria-keyshortcuts'), null);
  await until('announced without a key', async () => spoke(page, 'Anruf Wedemark.'));
});

test('everything works with Tab and Enter', async (context) => {
  const { server, page } = await ready(context);
  server.ring();
  const answer = page.getByRole('button', { name: 'Annehmen' });
  await answer.waitFor();
  for (let step = 0; step < 40 && (await focused(page)) !== 'answer'; step++) await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'answer');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Auflegen' }).waitFor();
  await page.getByLabel('Verbinden mit').fill('030 23125099');
  await page.keyboard.press('Enter');
  await until('transferred', () => server.commands.some(({ target }) => target === '030 23125099'));
});
