// SPDX-License-Identifier: EUPL-1.2
// A pure module of the pages (no components) for tests without a browser.
import { need } from './browser.mjs';

export async function load(path) {
  const { build } = await import(need.resolve('esbuild'));
  const { outputFiles } = await build({
    entryPoints: [new URL(`../../../ui/src/${path}`, import.meta.url).pathname],
    bundle: true,
    write: false,
    format: 'esm',
    logLevel: 'error',
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}
