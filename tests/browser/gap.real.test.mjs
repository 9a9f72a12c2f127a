// SPDX-License-Identifier: EUPL-1.2
// Against a running fernamt: the network of one browser is gone for 30 s in a call, and two windows
// of one agent in one call.
import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import { newContext, openPage, signIn } from './support/browser.mjs';
import { test, until } from './support/harness.mjs';
import { answerCall, ask, open, pressed, signInOf, url, whileCallersStay } from './support/real.mjs';
import { listen, said, spoke } from './support/speech.mjs';

// The way to the service, which can be cut: what runs is broken off, what comes is refused.
async function line() {
  const { port } = new URL(url);
  const running = new Set();
  let whole = true;
  const server = createServer((near) => {
    if (!whole) return near.destroy();
    const far = connect(Number(port), '127.0.0.1'); // Node 18 would take localhost's ::1
    for (const [one, other] of [[near, far], [far, near]]) {
      running.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => (running.delete(one), other.destroy()));
    }
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://localhost:${server.address().port}`,
    cut() {
      whole = false;
      for (const one of running) one.destroy();
    },
    restore: () => (whole = true),
    close() {
      this.cut();
      server.close();
    },
  };
}

test('a gap of 30 s: said, nothing lost, and the page knows afterwards what the service knows', async (context) => {
  const way = await line();
  const page = await openPage(await newContext(context.browser), way.url);
  const { login, password } = signInOf('AGENT');
  await signIn(page, login, password);
  await listen(page);
  const { id } = await whileCallersStay('the note before the gap', async () => {
    const { call, holds } = await answerCall(page);
    const note = page.getByLabel('Notiz zum Gespräch');
    await holds('written', () => note.fill('vor der Lücke', { timeout: 2_000 }).then(() => true, () => false));
    await holds('kept', () => page.getByText('Gespeichert.', { exact: true }).isVisible());
    return call;
  });

  way.cut();
  const lost = Date.now();
  await page.getByLabel('Notiz zum Gespräch').fill('in der Lücke geschrieben');
  await until('said', () => spoke(page, 'Verbindung weg. Telefon läuft.'));
  await new Promise((done) => setTimeout(done, Math.max(0, 30_000 - (Date.now() - lost))));
  way.restore();

  await until('back', async () => (await said(page)).some((text) => text.startsWith('Wieder da.')));
  await until('the note is kept', async () =>
    (await ask(page, `/calls/${id}`)).notes?.text === 'in der Lücke geschrieben');
  // The caller may have hung up meanwhile, and the next one may be there.
  const buttons = { talking: 'Auflegen', after_call_work: 'Speichern und bereit', ringing: 'Annehmen', ready: 'Pause' };
  await until('the page shows the state of the service', async () => {
    const { state } = await ask(page, '/desk');
    return buttons[state] && (await page.getByRole('button', { name: buttons[state] }).first().isVisible());
  });
  assert.deepEqual(page.faults, []);
  await page.context().close();
  way.close();
});

test('two windows of one agent: both show the call, and either may lead it', async (context) => {
  const first = await open(context, 'AGENT');
  const second = await open(context, 'AGENT');
  await whileCallersStay('both windows lead it', async () => {
    await listen(first);
    const { call, holds } = await answerCall(first, (_, rings) =>
      rings('in the second window', () => second.getByRole('button', { name: 'Annehmen' }).isVisible()));
    const inSecond = (name) => second.getByRole('button', { name, exact: true });
    await holds('in the second window', () => inSecond('Auflegen').isVisible());
    assert.equal(await second.getByRole('button', { name: 'Annehmen' }).count(), 0);
    await holds('one call, not two', async () => (await ask(second, '/desk')).call?.id === call.id);
    await holds('pressed', () => pressed(inSecond('Halten')));
    await holds('said in the window with the voice', () => spoke(first, 'Gehalten.'));
    await holds('pressed', () => pressed(inSecond('Auflegen')));
  });
  for (const page of [first, second]) {
    await page.getByRole('button', { name: 'Speichern und bereit' }).waitFor();
    assert.deepEqual(page.faults, []);
    await page.context().close();
  }
});
