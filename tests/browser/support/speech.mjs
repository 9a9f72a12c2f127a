// SPDX-License-Identifier: EUPL-1.2
// A virtual screen reader in the page: what it would say, in which order. Live regions are also
// written down by themselves, with the time between event and text.
import { need } from './browser.mjs';

let bundle;
async function screenReader() {
  if (bundle) return bundle;
  const { build } = await import(need.resolve('esbuild'));
  const { outputFiles } = await build({
    stdin: {
      contents: `import { virtual } from '@guidepup/virtual-screen-reader'; globalThis.speech = virtual;`,
      resolveDir: new URL('../../../ui', import.meta.url).pathname,
    },
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    define: { 'process.env.NODE_ENV': '"test"' },
    logLevel: 'error',
  });
  return (bundle = outputFiles[0].text);
}

// Reads a part of the page from its start; returns the phrases.
export async function read(page, selector = 'body', limit = 5000) {
  await page.evaluate(await screenReader());
  return page.evaluate(
    async ([container, most]) => {
      const { speech } = globalThis;
      await speech.start({ container: document.querySelector(container) });
      const first = await speech.lastSpokenPhrase();
      for (let step = 0; step < most; step++) {
        await speech.next();
        if ((await speech.lastSpokenPhrase()) === first) break;
      }
      const phrases = await speech.spokenPhraseLog();
      await speech.stop();
      return phrases;
    },
    [selector, limit],
  );
}

// The part of a page is read to its end: a heading says what it is, and whatever one can use has a
// name.
const kNameless =
  /^(button|link|textbox|searchbox|checkbox|radio|combobox|spinbutton|slider|switch|tab|img)(, (not )?(expanded|checked|required|pressed|selected|disabled|current page))*$/;
export async function heard(page, name, part = 'main') {
  const most = 5000;
  const phrases = await read(page, part, most);
  if (phrases.length > most) throw new Error(`${name}: the reading does not come to an end`);
  const fail = (what) => {
    throw new Error(`${name}: ${what}\n${phrases.join('\n')}`);
  };
  if (!phrases.some((one) => one.startsWith('heading, '))) fail('no heading is read');
  const nameless = phrases.filter((one) => kNameless.test(one));
  if (nameless.length > 0) fail(`without a name: ${nameless.join('; ')}`);
  return phrases;
}

// From now on it follows the focus and the live regions; the phrases until now.
export async function follow(page) {
  await page.evaluate(await screenReader());
  await page.evaluate(() => globalThis.speech.start({ container: document.body }));
}
export const followed = (page) => page.evaluate(() => globalThis.speech.spokenPhraseLog());

// Writes down every text that a live region gets, each once. Install before the event; again, it
// forgets what was said.
export async function listen(page) {
  await page.evaluate(() => {
    const listening = globalThis.said !== undefined;
    globalThis.said = [];
    if (listening) return;
    for (const id of ['say-polite', 'say-now']) {
      const region = document.getElementById(id);
      new MutationObserver(() => {
        if (!region.textContent) return;
        globalThis.said.push({ how: region.ariaLive, text: region.textContent, at: Date.now() });
      }).observe(region, { childList: true, characterData: true, subtree: true });
    }
  });
}
export const said = (page) => page.evaluate(() => globalThis.said.map(({ text }) => text));
// Whether this was said, alone or together with what happened in the same moment.
export const spoke = async (page, text) =>
  (await said(page)).some((one) => ` ${one} `.includes(` ${text} `));
export const saidHow = (page) =>
  page.evaluate(() => globalThis.said.map(({ how, text }) => `${how}: ${text}`));
export const saidAt = (page, text) =>
  page.evaluate((wanted) => globalThis.said.find((one) => one.text === wanted)?.at, text);

// That the phrases come in this order, others between them.
export function inOrder(phrases, wanted) {
  let from = 0;
  for (const one of wanted) {
    const at = phrases.findIndex((phrase, index) => index >= from && phrase.includes(one));
    if (at < 0) throw new Error(`not spoken after "${phrases[from - 1]}": "${one}"\n${phrases.join('\n')}`);
    from = at + 1;
  }
}
