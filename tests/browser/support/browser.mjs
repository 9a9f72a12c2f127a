// SPDX-License-Identifier: EUPL-1.2
// Debian's Chromium under playwright-core, pages that count every error, and sign-in.
import { execSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';

export const need = createRequire(new URL('../../../ui/package.json', import.meta.url));
const { chromium } = need('playwright-core');
export const kPassword = 'Ferngespräch-2026';

// A fake microphone with a tone, loopback allowed.
const kFlags = [
  '--no-sandbox',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  '--allow-loopback-in-peer-connection',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
];

export async function launch(extra = ['--lang=de-DE']) {
  const executablePath = process.env.CHROMIUM ?? execSync('command -v chromium').toString().trim();
  if (!existsSync(executablePath)) throw new Error('chromium is missing');
  return chromium.launch({ executablePath, args: [...kFlags, ...extra] });
}

// A page whose errors are collected: page.faults must be empty at the end.
export async function openPage(context, url) {
  const page = await context.newPage();
  page.setDefaultTimeout(120_000); // ends what hangs; says nothing about how fast a page has to be
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(`pageerror: ${error.message}`));
  page.on('console', (message) => {
    const expected = /Failed to load resource|net::ERR_/; // answers that the tests plan themselves
    if (message.type() === 'error' && !expected.test(message.text()))
      page.faults.push(`console: ${message.text()}`);
  });
  if (url) await page.goto(url);
  return page;
}

export async function signIn(page, login, password = kPassword) {
  await page.getByLabel(/Benutzername|User name/).fill(login);
  await page.getByLabel(/Kennwort|Password/).fill(password);
  await page.getByRole('button', { name: /^(Anmelden|Sign in)$/ }).click();
  await page.getByRole('button', { name: /^(Abmelden|Sign out)$/ }).waitFor();
}

export const newContext = (browser, options = {}) =>
  browser.newContext({
    locale: 'de-DE',
    timezoneId: 'Europe/Berlin',
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    permissions: ['microphone'],
    ...options,
  });
