// SPDX-License-Identifier: EUPL-1.2
// Against a running fernamt (`fernamt demo` or `fernamt serve` with callers): an agent with the
// browser softphone takes a real call through SIP and rtpengine. From the environment:
//   FERNAMT_URL            http://localhost:8115
//   FERNAMT_AGENT, FERNAMT_AGENT_PASSWORD      the agent whose desk is used; nobody else's
//   FERNAMT_LEAD, FERNAMT_FINANCE, FERNAMT_ADMIN (+ _PASSWORD)   pages that are only looked at;
//                          left out if not given
//   FERNAMT_CALL_WITHIN    seconds within which a simulated caller comes (default 240)
import assert from 'node:assert/strict';
import { checkState } from './support/accessibility.mjs';
import { loaded, test, until } from './support/harness.mjs';
import { answerCall, ask, Gone, open, pressed, signInOf, url, voice, watchHeading, whileCallersStay } from './support/real.mjs';
import { listen, said, spoke } from './support/speech.mjs';

const watch = () => {
  globalThis.connections = [];
  const Native = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Native {
    constructor(...args) {
      super(...args);
      globalThis.connections.push(this);
    }
  };
};

// Rings, is shown, is said; answered with voice both ways, held, taken up again.
async function talk(page) {
  const { call, holds } = await answerCall(page, async (ringing, rings) => {
    let shown;
    await rings('shown', async () => (shown = await page.evaluate(() => globalThis.shownAt)));
    // Both clocks are this machine's: `since` is the moment the exchange decided to ring.
    console.log(`     decision to ring -> visible: ${shown - Date.parse(ringing.since)} ms`);
    const place = ringing.call.municipality.short_name;
    await rings(`said: ${place}`, () => spoke(page, `Anruf ${place.replace(/\.$/, '')}. F8 annehmen.`))
      .catch(async (error) => {
        if (error instanceof Gone) throw error;
        throw new Error(`${error.message}; said was: ${(await said(page)).join(' | ')}`);
      });
    await rings('in the title', async () => (await page.title()).startsWith(`Anruf ${place} – `));
  });
  await holds('greeting focused', () => page.evaluate(() => document.activeElement?.id === 'greeting'));
  await holds('greeting of the town', () => page.evaluate(
    (greeting) => document.querySelector('#greeting')?.textContent.trim() === greeting, call.municipality.greeting));
  let now;
  await holds('voice arrives', async () => (now = await voice(page)).packets > 0);
  const first = now.packets;
  await holds('it goes on', async () => (await voice(page)).packets > first + 100);
  await holds('somebody has spoken', async () => (await voice(page)).energy > 0.0005);
  await holds('our microphone is sent', async () => (now = await voice(page)).sent > 50);
  console.log(`     voice: ${now.packets} packets in, ${now.sent} out, ${now.lost} lost, energy ${now.energy.toFixed(4)}`);
  await page.keyboard.press('F9');
  await holds('held', () => spoke(page, 'Gehalten.'));
  await page.keyboard.press('F9');
  await holds('resumed', () => spoke(page, 'Weiter im Gespräch.'));
  await holds('voice', async () => (now = await voice(page)).packets > 0);
  const back = now.packets;
  await holds('voice after hold', async () => (await voice(page)).packets > back + 50);
  return call;
}

test('one whole call at the browser: rings, voice, note, hang up, after-call work', async (context) => {
  const page = await open(context, 'AGENT', [watch, watchHeading]);
  assert.ok(page, 'FERNAMT_AGENT and FERNAMT_AGENT_PASSWORD are needed');
  const call = await whileCallersStay('voice after hold', async () => {
    await listen(page);
    return talk(page);
  });
  // From here on the caller may hang up: the note is written in the call or after it.
  await page.keyboard.press('F2');
  await page.keyboard.type('ausweis');
  await page.locator('.hit').first().waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.article-title').waitFor();

  const note = `Testnotiz ${Date.now()}`;
  await page.getByLabel('Notiz zum Gespräch').fill(note);
  await page.getByText('Gespeichert.', { exact: true }).waitFor();
  if ((await ask(page, '/desk')).state === 'talking') await page.keyboard.press('Shift+F9');
  await until('end spoken', async () => (await said(page)).some((text) => text.includes('Gespräch beendet')));
  await page.getByRole('button', { name: 'Speichern und bereit', exact: true }).waitFor();
  await checkState(page, 'after-call work on the real server');
  await page.getByRole('button', { name: 'Pause danach', exact: true }).click(); // no second call into this test
  await page.keyboard.press('Control+F9');
  await page.getByRole('heading', { name: 'Pause', level: 1 }).waitFor();
  assert.equal((await ask(page, `/calls/${call.id}`)).notes.text, note);
  assert.deepEqual(page.faults, []);
  await page.getByRole('button', { name: 'Feierabend', exact: true }).click();
  await page.getByRole('heading', { name: 'Abgemeldet', level: 1 }).waitFor();
  await page.context().close();
}, 900_000);

// Answers the next call and loads the page again in it.
async function reloadInCall(page) {
  const { holds } = await answerCall(page);
  await holds('voice arrives', async () => (await voice(page)).packets > 50);
  const began = Date.now();
  await page.reload();
  await listen(page);
  let first;
  await holds('voice in both directions', async () => {
    first = await voice(page);
    return first.packets > 0 && first.sent > 0;
  });
  console.log(`     voice in both directions ${Date.now() - began} ms after the reload began`);
  await holds('both directions go on', async () => {
    const now = await voice(page);
    return now.packets > first.packets + 50 && now.sent > first.sent + 50;
  });
  await holds('said', () => spoke(page, 'Ton wieder da.'));
  assert.equal((await said(page)).filter((text) => text.includes('Ton wieder da.')).length, 1);
}

test('a page loaded again in a call has voice in both directions again by itself', async (context) => {
  const page = await open(context, 'AGENT', watch);
  page.on('dialog', (dialog) => dialog.accept().catch(() => {})); // "leave the page?"
  await whileCallersStay('voice is back', () => reloadInCall(page));
  await pressed(page.getByRole('button', { name: 'Pause danach', exact: true }));
  if ((await ask(page, '/desk')).state === 'talking') await page.keyboard.press('Shift+F9');
  assert.deepEqual(page.faults, []);
  await page.context().close();
}, 900_000);

const looks = {
  LEAD: [['/lead', 'In 30 Sekunden angenommen']],
  FINANCE: [['/finance', 'Rechnungen']],
  ADMIN: [
    ['/admin', 'Kurzname'],
    ['/admin?section=agents', 'Benutzername'],
    ['/admin?section=settings', 'Nachbearbeitung'],
  ],
};
for (const [role, pages] of Object.entries(looks))
  if (signInOf(role))
    test(`${role.toLowerCase()}: pages on the real server, without faults`, async (context) => {
      const page = await open(context, role);
      for (const [path, sign] of pages) {
        await page.goto(url + path);
        await page.getByText(sign).first().waitFor();
        await loaded(page);
        await checkState(page, path);
      }
      assert.deepEqual(page.faults, []);
      await page.context().close();
    });
