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
import { ask, becomeReady, callWithin, open, signInOf, url, voice, watchHeading } from './support/real.mjs';
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

test('one whole call at the browser: rings, voice, note, hang up, after-call work', async (context) => {
  const page = await open(context, 'AGENT', [watch, watchHeading]);
  assert.ok(page, 'FERNAMT_AGENT and FERNAMT_AGENT_PASSWORD are needed');
  await listen(page);
  await becomeReady(page);
  await until('a caller comes', () => page.evaluate(() => globalThis.shownAt), callWithin);
  const ringing = await ask(page, '/desk');
  assert.equal(ringing.state, 'ringing');
  // Both clocks are this machine's: `since` is the moment the exchange decided to ring.
  const visibleAfter = (await page.evaluate(() => globalThis.shownAt)) - Date.parse(ringing.since);
  console.log(`     decision to ring -> visible: ${visibleAfter} ms`);
  const place = ringing.call.municipality.short_name;
  await until(`announced: ${place}`, async () => (await spoke(page, `Anruf ${place.replace(/\.$/, '')}. F8 annehmen.`)))
    .catch(async (error) => {
      throw new Error(`${error.message}; said was: ${(await said(page)).join(' | ')}`);
    });
  assert.match(await page.title(), new RegExp(`^Anruf ${place} – `));

  await page.keyboard.press('F8');
  await page.getByRole('button', { name: 'Auflegen', exact: true }).waitFor();
  await until('greeting focused', () => page.evaluate(() => document.activeElement?.id === 'greeting'));
  assert.equal(
    (await page.locator('#greeting').textContent()).trim(), ringing.call.municipality.greeting);
  const first = await until('voice arrives', async () => {
    const now = await voice(page);
    return now.packets > 0 ? now : undefined;
  });
  await until('it goes on', async () => (await voice(page)).packets > first.packets + 100);
  await until('somebody has spoken', async () => (await voice(page)).energy > 0.0005);
  const talk = await until('our microphone is sent', async () => {
    const now = await voice(page);
    return now.sent > 50 ? now : undefined;
  });
  console.log(`     voice: ${talk.packets} packets in, ${talk.sent} out, ${talk.lost} lost, energy ${talk.energy.toFixed(4)}`);

  await page.keyboard.press('F9');
  await until('held', async () => (await spoke(page, 'Gehalten.')));
  await page.keyboard.press('F9');
  await until('resumed', async () => (await spoke(page, 'Weiter im Gespräch.')));
  const back = (await voice(page)).packets;
  await until('voice after hold', async () => (await voice(page)).packets > back + 50);

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
  assert.equal((await ask(page, `/calls/${ringing.call.id}`)).notes.text, note);
  assert.deepEqual(page.faults, []);
  await page.getByRole('button', { name: 'Feierabend', exact: true }).click();
  await page.getByRole('heading', { name: 'Abgemeldet', level: 1 }).waitFor();
  await page.context().close();
});

// Answers the next call and loads the page again in it. False: the caller hung up before voice was
// back, which proves nothing.
async function reloadInCall(page) {
  await becomeReady(page);
  await page.getByRole('button', { name: 'Annehmen', exact: false }).waitFor({ timeout: callWithin });
  await page.keyboard.press('F8');
  await until('voice arrives', async () => (await voice(page)).packets > 50);
  const { id } = (await ask(page, '/desk')).call;
  page.once('dialog', (dialog) => void dialog.accept()); // "leave the page?"
  const began = Date.now();
  await page.reload();
  await listen(page);
  const stillTalking = async () => {
    const { state, call } = await ask(page, '/desk');
    return state === 'talking' && call.id === id;
  };
  const grown = async (before, what) => {
    for (;;) {
      const now = await voice(page);
      if (now.packets > before.packets + 50 && now.sent > before.sent + 50) return now;
      if (!(await stillTalking())) return undefined;
      await page.waitForTimeout(100);
      if (Date.now() - began > 60_000) throw new Error(`never happened: ${what}`);
    }
  };
  const first = await until('a new connection or the end', async () => {
    const now = await voice(page);
    if (now.packets > 0 && now.sent > 0) return now;
    return (await stillTalking()) ? undefined : 'ended';
  }, 60_000);
  if (first === 'ended') return false;
  console.log(`     voice in both directions ${Date.now() - began} ms after the reload began`);
  const later = await grown(first, 'both directions go on');
  if (!later) return false;
  assert.ok(await spoke(page, 'Ton wieder da.'), `said was: ${(await said(page)).join(' | ')}`);
  assert.equal((await said(page)).filter((text) => text.includes('Ton wieder da.')).length, 1);
  return true;
}

test('a page loaded again in a call has voice in both directions again by itself', async (context) => {
  const page = await open(context, 'AGENT', watch);
  let proven = false;
  for (let tries = 0; tries < 5 && !proven; tries++) proven = await reloadInCall(page);
  assert.ok(proven, 'five callers hung up within the same seconds');
  if ((await ask(page, '/desk')).state === 'talking') {
    await page.getByRole('button', { name: 'Pause danach', exact: true }).click();
    await page.keyboard.press('Shift+F9');
  }
  assert.deepEqual(page.faults, []);
  await page.context().close();
}, 400_000);

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
