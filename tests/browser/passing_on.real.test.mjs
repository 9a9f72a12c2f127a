// SPDX-License-Identifier: EUPL-1.2
// Against a running fernamt with its simulated citizens and offices: another municipality is meant,
// an office is asked, all three speak, the call is handed over. By keys, through SIP and rtpengine.
import assert from 'node:assert/strict';
import { checkState } from './support/accessibility.mjs';
import { test } from './support/harness.mjs';
import { answerCall, ask, open, voice, whileCallersStay } from './support/real.mjs';
import { listen, said, spoke } from './support/speech.mjs';

const kOffice = '030 23125500'; // a simulated office answers
const kShort = 2_000; // a call that ends takes its buttons with it

const keepConnections = () => {
  globalThis.connections = [];
  const Native = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Native {
    constructor(...args) {
      super(...args);
      globalThis.connections.push(this);
    }
  };
};

async function oneCall(page) {
  const { call, holds, ends } = await answerCall(page);
  await listen(page);
  await page.keyboard.press('Shift+F1');
  const list = page.locator('#correct-to');
  await holds('list of municipalities', async () => (await list.locator('option').count()) > 2);
  const done = (step) => step.then(() => true, () => false);
  const last = list.locator('option').last();
  let meant;
  await holds('its last', async () => (meant = await last.textContent({ timeout: kShort }).catch(() => '')));
  await holds('chosen', () => done(list.selectOption({ label: meant }, { timeout: kShort })));
  const assign = page.getByRole('button', { name: 'Zuordnen' });
  await holds('assigned', () => done(assign.press('Enter', { timeout: kShort })));
  await holds('corrected', async () => (await ask(page, '/desk')).call?.municipality?.short_name === meant.trim());
  const corrected = (await ask(page, '/desk')).call;
  assert.equal(corrected.dialled_municipality.ars, call.municipality.ars, 'both values stay');
  await holds('said', () => spoke(page, `Jetzt ${corrected.municipality.short_name.replace(/\.$/, '')}.`));

  await page.keyboard.press('Control+F1');
  await page.keyboard.type(kOffice);
  await page.keyboard.press('Control+F1');
  await holds('the office is asked', async () => Boolean((await ask(page, '/desk')).call?.consult));
  await holds('the office answers', async () => (await ask(page, '/desk')).call?.consult === 'talking');
  await holds('said', () => spoke(page, 'In Rücksprache.'));
  const before = await voice(page);
  await holds('the office is heard', async () => (await voice(page)).packets > before.packets + 50);
  await page.keyboard.press('Control+Shift+F8');
  await holds('all three', async () => (await ask(page, '/desk')).call?.consult === 'joined');
  await holds('said', () => spoke(page, 'Konferenz. Alle drei sprechen.'));
  const joined = await voice(page);
  await holds('the two are heard', async () => {
    const now = await voice(page);
    return now.packets > joined.packets + 50 && now.sent > joined.sent + 50;
  });
  await page.keyboard.press('Control+Shift+F9');
  await ends('said', () => spoke(page, 'Übergeben.'));
  await page.getByRole('button', { name: 'Speichern und bereit' }).waitFor();
  assert.equal((await said(page)).filter((text) => text.includes('In Rücksprache.')).length, 1);
}

test('corrected, asked, three together, handed over: by keys, with voice', async (context) => {
  const page = await open(context, 'AGENT', keepConnections);
  assert.ok(page, 'FERNAMT_AGENT and FERNAMT_AGENT_PASSWORD are needed');
  await whileCallersStay('handed over', () => oneCall(page));
  await checkState(page, 'after-call work after a hand-over');
  await page.getByRole('button', { name: 'Pause danach', exact: true }).click();
  await page.keyboard.press('Control+F9');
  await page.getByRole('heading', { name: 'Pause', level: 1 }).waitFor();
  await page.getByRole('button', { name: 'Feierabend', exact: true }).click();
  await page.getByRole('heading', { name: 'Abgemeldet', level: 1 }).waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
}, 900_000);
