// SPDX-License-Identifier: EUPL-1.2
// From the key to the hits on the screen: words typed at a person's pace into the desk's search, the
// real page in Chromium against the real program. Run by script/bench beside a demo
// (tests/system/with-demo); prints one JSON line. Both clocks are the page's: the key event's own time
// stamp, and the frame after the one in which the answer to just this text was drawn.
//   node keystroke.mjs [ROUNDS]
import { launch, newContext, openPage, signIn } from '../browser/support/browser.mjs';
import { until } from '../browser/support/harness.mjs';

const rounds = Number(process.argv[2] ?? 3);
const kPace = 130; // ms between two keys: a quick typist
const kWords = ['reisepass gebühr', 'hund anmelden', 'müll sperrig', 'führerschein umtauschen', 'wohngeld', 'geburtsurkund'];

// For each key the moment at which the list that answers it stands on the screen.
const watch = () => {
  globalThis.keys = []; // {text, at, shown}
  const fetched = globalThis.fetch;
  globalThis.fetch = async (...args) => {
    const url = new URL(args[0].url ?? args[0], location.href);
    const answer = await fetched(...args);
    if (url.pathname !== '/api/v1/knowledge/services') return answer;
    const text = url.searchParams.get('q');
    const json = answer.json.bind(answer);
    answer.json = async () => {
      const body = await json();
      // Drawn in the frame after the page has taken the answer in.
      setTimeout(() => requestAnimationFrame(() => setTimeout(() => {
        const key = globalThis.keys.findLast((one) => one.text === text && one.shown === undefined);
        if (key) key.shown = performance.now();
      })));
      return body;
    };
    return answer;
  };
  addEventListener('DOMContentLoaded', () =>
    document.addEventListener('input', (event) => {
      if (event.target.id === 'knowledge-search')
        globalThis.keys.push({ text: event.target.value.trim(), at: event.timeStamp });
    }, true));
};

const browser = await launch();
const context = await newContext(browser);
await context.addInitScript(watch);
const page = await openPage(context, process.env.FERNAMT_URL);
await signIn(page, process.env.FERNAMT_AGENT, process.env.FERNAMT_AGENT_PASSWORD);
const field = page.locator('#knowledge-search');
await field.focus();
await until('a municipality is chosen', async () => (await page.locator('#knowledge-place').inputValue()) !== '');

for (let round = 0; round < rounds; round++)
  for (const word of kWords) {
    await field.fill('');
    await page.waitForTimeout(300);
    await page.keyboard.type(word, { delay: kPace });
    await page.waitForTimeout(300);
  }
const keys = await page.evaluate(() => globalThis.keys);
await browser.close();
// A text is typed once a blank has been trimmed away twice: the answer to the second counts.
const typed = keys.filter(({ text }) => text !== '');
const times = typed.filter(({ shown }) => shown !== undefined).map(({ at, shown }) => shown - at).sort((a, b) => a - b);
const at = (share) => Math.round(times[Math.min(times.length - 1, Math.ceil(share * times.length) - 1)] * 10) / 10;
// Overtaken: a later key was answered first; nobody waits for those.
console.log(JSON.stringify({
  keys: typed.length, answered: times.length, p50_ms: at(0.5), p95_ms: at(0.95), most_ms: at(1),
}));
