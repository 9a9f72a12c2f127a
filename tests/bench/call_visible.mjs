// SPDX-License-Identifier: EUPL-1.2
// How long after its INVITE an arriving call stands on the free agent's screen: real SIP callers,
// the real page in Chromium. Run by script/bench beside a demo (tests/system/with-demo); prints one
// JSON line. Both clocks are this machine's: offered_at is the service's, taken when the INVITE came.
//   node call_visible.mjs [CALLS]
import { launch, newContext, openPage, signIn } from '../browser/support/browser.mjs';
import { until } from '../browser/support/harness.mjs';
import { watchHeading } from '../browser/support/real.mjs';

const calls = Number(process.argv[2] ?? 20);
const url = process.env.FERNAMT_URL;

const next = { signed_out: 'Arbeitsplatz starten', talking: 'Auflegen', held: 'Auflegen',
  after_call_work: 'Speichern und bereit', paused: 'Bereit', missed: 'Bereit' };

const browser = await launch();
const context = await newContext(browser);
await context.addInitScript(watchHeading);
const page = await openPage(context, url);
await signIn(page, process.env.FERNAMT_AGENT, process.env.FERNAMT_AGENT_PASSWORD);
const desk = () => page.evaluate(async () => (await fetch('/api/v1/desk')).json());

const times = [];
// Not measured, and why: a caller who had waited for this agent tells of the queue, not of us.
const leftOut = { agent_was_busy: 0, caller_gone_before_asked: 0 };
while (times.length < calls) {
  const { state } = await desk();
  if (next[state]) {
    await page.getByRole('button', { name: next[state], exact: true }).click().catch(() => undefined);
    await page.waitForTimeout(200);
    continue;
  }
  const wasReady = state === 'ready'; // else the caller had waited, which is no delay of ours
  const shownAt = await until('a caller comes', () => page.evaluate(() => globalThis.shownAt), 240_000);
  const { call } = await desk();
  if (!call?.offered_at) leftOut.caller_gone_before_asked++;
  else if (!wasReady) leftOut.agent_was_busy++;
  else times.push(shownAt - Date.parse(call.offered_at));
  await page.keyboard.press('F8');
  await until('the conversation or its end', async () => (await desk()).state !== 'ringing');
}
await browser.close();
times.sort((a, b) => a - b);
const at = (share) => times[Math.min(times.length - 1, Math.ceil(share * times.length) - 1)];
console.log(JSON.stringify({ calls: times.length, p50_ms: at(0.5), p95_ms: at(0.95), most_ms: times.at(-1), left_out: leftOut }));
