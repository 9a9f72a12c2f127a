// SPDX-License-Identifier: EUPL-1.2
// The desk as most tests begin: an agent at work, or in a call, with what was said so far behind it.
import { listen } from './speech.mjs';

export const button = (page, name) => page.getByRole('button', { name, exact: true });

// From the signed-in page to "Bereit".
export async function begin(page) {
  await button(page, 'Arbeitsplatz starten').click();
  await page.getByRole('heading', { name: 'Bereit', level: 1 }).waitFor();
}

// A new server with agent1 ready for calls.
export async function ready(context, options) {
  const server = await context.newServer();
  const page = await context.person('agent1', options);
  await begin(page);
  return { server, page };
}

// The same, with a call that was answered. Listens from here on; no command counts yet.
export async function talking(context, options) {
  const { server, page } = await ready(context, options);
  await page.locator('#say-polite').filter({ hasText: 'Bereit.' }).waitFor(); // said and over
  const call = server.ring();
  server.answer();
  await button(page, 'Auflegen').waitFor();
  await page.locator('#notes').waitFor();
  await listen(page);
  server.commands.length = 0;
  return { server, page, call };
}
