// SPDX-License-Identifier: EUPL-1.2
// What the desk page costs: bytes on the line, requests to strangers, and the time from an event to
// the words on the page.
import assert from 'node:assert/strict';
import { newContext, openPage, signIn } from './support/browser.mjs';
import { ready } from './support/desk.mjs';
import { test, until } from './support/harness.mjs';

const kBudget = 120_000;

test('desk page: at most 120 kB transferred, nothing from strangers', async (context) => {
  const server = await context.newServer();
  const page = await openPage(await newContext(context.browser));
  const line = await page.context().newCDPSession(page);
  await line.send('Network.enable');
  let bytes = 0;
  const hosts = new Set();
  line.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
  page.on('request', (request) => hosts.add(new URL(request.url()).host));
  await page.goto(server.url);
  await signIn(page, 'agent1');
  await page.getByRole('button', { name: 'Arbeitsplatz starten' }).waitFor();
  await page.getByText('Wohnsitz anmelden').waitFor();
  await page.waitForTimeout(500);
  console.log(`     desk page: ${(bytes / 1000).toFixed(1)} kB transferred`);
  assert.ok(bytes > 20_000, 'measured at all');
  assert.ok(bytes <= kBudget, `${bytes} bytes`);
  assert.deepEqual([...hosts], [new URL(server.url).host]);
  await page.context().close();
});

test('from the event to the words on the page', async (context) => {
  const { server, page } = await ready(context);
  await page.evaluate(() => {
    new MutationObserver(() => {
      if (/^Anruf/.test(document.querySelector('h1')?.textContent.trim() ?? ''))
        requestAnimationFrame(() => (globalThis.shownAt ??= Date.now()));
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
  const times = [];
  for (let round = 0; round < 5; round++) {
    await page.evaluate(() => (globalThis.shownAt = undefined));
    const sent = Date.now();
    server.ring();
    const shown = await until('shown', () => page.evaluate(() => globalThis.shownAt));
    times.push(shown - sent);
    server.ready();
    await page.getByRole('heading', { name: 'Bereit', level: 1 }).waitFor();
  }
  console.log(`     event to visible: ${times.join(', ')} ms`);
});
