// SPDX-License-Identifier: EUPL-1.2
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

// Lays a .br and a .gz beside every text asset, so that the server never compresses at run time.
function precompress(): Plugin {
  const walk = (dir: string): string[] =>
    readdirSync(dir).flatMap((name) => {
      const path = join(dir, name);
      return statSync(path).isDirectory() ? walk(path) : [path];
    });
  let out = 'dist';
  return {
    name: 'fernamt-precompress',
    apply: 'build',
    configResolved: (config) => void (out = config.build.outDir),
    closeBundle() {
      for (const path of walk(out).filter((file) => /\.(html|js|css|svg|txt|json)$/.test(file))) {
        const raw = readFileSync(path);
        const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
        writeFileSync(`${path}.br`, brotliCompressSync(raw, options));
        writeFileSync(`${path}.gz`, gzipSync(raw, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  plugins: [svelte(), precompress()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    cssCodeSplit: false, // one style sheet: no flash of unstyled parts when a page loads later
    assetsInlineLimit: 0, // CSP font-src/img-src 'self'
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  css: { preprocessorOptions: { scss: { quietDeps: true } } },
  server: { proxy: { '/api': process.env.FERNAMT_URL ?? 'http://localhost:8115' } },
});
