// SPDX-License-Identifier: EUPL-1.2
// Takes from the two fonts what no page of ours uses (small capitals, fractions, old figures): two fifths
// of what a desk loads first were fonts. Hinting stays: town halls have screens of 96 dpi. A letter
// that is missing comes from the system's font. Needs Debian's woff2 and libharfbuzz-bin
// (docs/decisions/0047).
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const kLetters = '20-7E,A0-FF,131,152-153,2013-2014,2018-201E,2020-2022,2026,2030,2039-203A,20AC,2122,2190-2193,2212';
const modules = join(dirname(fileURLToPath(import.meta.url)), 'node_modules');
const to = join(modules, '.fonts');
mkdirSync(to, { recursive: true });
for (const weight of [400, 600]) {
  const name = join(to, `fira-sans-latin-${weight}-normal`);
  copyFileSync(join(modules, `@fontsource/fira-sans/files/fira-sans-latin-${weight}-normal.woff2`), `${name}.woff2`);
  const run = (...command) => execFileSync(command[0], command.slice(1), { stdio: ['ignore', 'ignore', 'inherit'] });
  run('woff2_decompress', `${name}.woff2`);
  run('hb-subset', `--unicodes=${kLetters}`, '--layout-features=kern,tnum', `--output-file=${name}.small.ttf`, `${name}.ttf`);
  run('woff2_compress', `${name}.small.ttf`);
}
