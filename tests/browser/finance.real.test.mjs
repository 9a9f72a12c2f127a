// SPDX-License-Identifier: EUPL-1.2
// Against a running fernamt: what colleagues talk with citizens meanwhile stands in the month of a
// town, and finance follows it by keyboard to the calls of a line and to why one of them was routed
// so. Whose call it was stands nowhere.
import assert from 'node:assert/strict';
import { checkState } from './support/accessibility.mjs';
import { loaded, test, until } from './support/harness.mjs';
import { tabTo } from './support/keyboard.mjs';
import { ask, callWithin, open, signInOf, url } from './support/real.mjs';

const inBerlin = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin', year: 'numeric', month: '2-digit' });
const thisMonth = () => inBerlin.format(new Date()); // "2026-11"

if (signInOf('FINANCE'))
  test('the month, a town, a line and its calls, by keyboard', async (context) => {
    const page = await open(context, 'FINANCE');
    const { municipality, month } = await until('a call that is billed', async () => {
      const month = thisMonth();
      const { items } = await ask(page, `/invoices?month=${month}`);
      const head = items.find(({ total_cents }) => total_cents > 0);
      return head && { ...head, month };
    }, callWithin);
    await page.goto(`${url}/finance?month=${month}`);
    await page.getByRole('link', { name: municipality.name, exact: true }).waitFor();
    await loaded(page);
    await checkState(page, 'the month on the real server');
    await tabTo(page, municipality.name);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: new RegExp(`^${municipality.name}, `) }).waitFor();

    const button = page.locator('section[aria-labelledby="invoice-title"] button.disclose').first();
    await button.waitFor();
    await loaded(page);
    const text = (await button.textContent()).trim();
    const counted = Number(await button.locator('xpath=ancestor::tr/td[1]').textContent());
    assert.ok(counted > 0, text);
    await tabTo(page, text);
    await page.keyboard.press('Enter');
    const table = page.getByRole('group', { name: `Gespräche zu ${text}` });
    await table.locator('tbody tr').first().waitFor();
    await checkState(page, 'a line with its calls on the real server');

    const calls = await table.locator('tbody tr').evaluateAll((rows) =>
      rows.map((row) => [...row.children].map((cell) => cell.textContent.trim())));
    assert.ok(calls.length >= counted, 'each call that was counted; meanwhile there may be more');
    for (const [call, begin, talk] of calls) {
      assert.match(begin, /^\d{2}:\d{2}/, call);
      assert.match(talk, /^\d+(:\d{2})*(,\d)?/, call);
    }
    // Cell by cell, and not the call's own number: side by side, figures look like anything.
    for (const cell of calls.flatMap(([, ...cells]) => cells))
      assert.doesNotMatch(cell, /\+49|\b0221\b|\b4710\b/, 'no number of a caller');

    const why = table.getByRole('link').first();
    const id = (await why.locator('[aria-hidden]').textContent()).trim();
    await why.press('Enter');
    await until('why it was routed so', async () => new URL(page.url()).searchParams.get('call') === id);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await loaded(page);
    await checkState(page, 'why, from an invoice on the real server');
    assert.deepEqual(page.faults, []);
    await page.context().close();
  }, 900_000);
