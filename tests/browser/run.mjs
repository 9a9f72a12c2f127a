// SPDX-License-Identifier: EUPL-1.2
// node tests/browser/run.mjs [fixture|real] ["FILE: " or a part of a test's name]
//   fixture: every state of every page against a contract server in memory
//   real:    against a running fernamt (FERNAMT_URL and the sign-ins; every *real.test.mjs)
// Prints "N passed, N failed"; exits non-zero if one failed.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch, newContext, openPage, signIn } from './support/browser.mjs';
import { Fixture } from './support/fixture.mjs';
import { runAll } from './support/harness.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const [mode = 'fixture', only = ''] = process.argv.slice(2);
if (!['fixture', 'real'].includes(mode)) {
  console.error('usage: node tests/browser/run.mjs [fixture|real] [part of a name]');
  process.exit(64);
}
if (mode === 'fixture' && !existsSync(join(here, '../../ui/dist/index.html'))) {
  console.error('ui/dist is missing: npm --prefix ui run build');
  process.exit(1);
}

const files = readdirSync(here)
  .filter((name) => name.endsWith('.test.mjs') && /(^|\.)real\.test\.mjs$/.test(name) === (mode === 'real'))
  .sort();
const browser = await launch();
const total = { passed: 0, failed: 0 };
for (const file of files) {
  await import(join(here, file));
  const contexts = [];
  const context = {
    browser,
    // A new person at a new browser.
    async person(login, options = {}) {
      const one = await newContext(browser, options);
      contexts.push(one);
      const { path = '/', server = this.server, before } = options;
      if (before) await one.addInitScript(before);
      const page = await openPage(one, server.url + path);
      if (login) await signIn(page, login);
      return page;
    },
    async newServer() {
      await this.server?.stop();
      this.server = await new Fixture().start();
      return this.server;
    },
    async clean() {
      await Promise.all(contexts.splice(0).map((one) => one.close()));
      await this.server?.stop().catch(() => undefined);
      this.server = undefined;
    },
  };
  const { passed, failed } = await runAll(file.replace('.test.mjs', ''), only, context);
  total.passed += passed;
  total.failed += failed;
}
await browser.close();
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);
