// SPDX-License-Identifier: EUPL-1.2
// What the desk page costs until it can take a call: bytes on the line, and requests to strangers.
// script/bench reads the figure from here.
import assert from 'node:assert/strict';
import { newContext, openPage, signIn } from './support/browser.mjs';
import { test } from './support/harness.mjs';

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
  await page.getByRole('button', { name: 'Arbeitsplatz starten' }).click();
  await page.getByText('Wohnsitz anmelden').waitFor();
  await page.getByRole('heading', { name: 'Bereit', level: 1 }).waitFor();
  await page.waitForTimeout(500);
  console.log(`     desk page: ${(bytes / 1000).toFixed(1)} kB transferred`);
  assert.ok(bytes > 20_000, 'measured at all');
  assert.ok(bytes <= kBudget, `${bytes} bytes`);
  assert.deepEqual([...hosts], [new URL(server.url).host]);
  await page.context().close();
});
