// SPDX-License-Identifier: EUPL-1.2
// DuckDB beside our rating: the same ten million calls by formula (src/agreements/rating_bench.cpp,
// like_duckdb), each amount rounded to the cent half up. Prints {"seconds", "cents"}: the best of five. DuckDB comes
// from npm into build/duckdb; it measures and is no part of the product.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = join(dirname(fileURLToPath(import.meta.url)), '../build/duckdb');
if (!existsSync(join(home, 'node_modules/@duckdb/node-api'))) {
  mkdirSync(home, { recursive: true });
  execFileSync('npm', ['install', '--prefix', home, '--no-audit', '--no-fund', '--silent', '@duckdb/node-api@1.5.6-r.1'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
const { DuckDBInstance } = createRequire(join(home, 'package.json'))('@duckdb/node-api');
const connection = await (await DuckDBInstance.create(':memory:')).connect();
await connection.run(`CREATE TABLE calls AS SELECT i + 1 AS id, (i % 31)::USMALLINT AS day,
  (i * 7919 % 600 * 1000000)::BIGINT AS talk_us, (i * 104729 % 90 * 1000000)::BIGINT AS work_us FROM range(10000000) t(i)`);
// Started seconds; 0.95 EUR per minute is 950,000 millionths: cents = (950,000 s / 600,000), half up.
const rate = `SELECT sum((2 * 950000 * ((talk_us + work_us + 999999) // 1000000) + 600000) // 1200000)::BIGINT AS cents,
  sum((talk_us + work_us + 999999) // 1000000)::BIGINT AS seconds, count(*) AS calls FROM calls`;
let best = Infinity;
let cents = 0;
for (let turn = 0; turn < 5; turn++) {
  const begin = performance.now();
  const rows = (await connection.runAndReadAll(rate)).getRows();
  best = Math.min(best, (performance.now() - begin) / 1000);
  cents = Number(rows[0][0]);
}
console.log(JSON.stringify({ seconds: best, cents }));
