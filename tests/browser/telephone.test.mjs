// SPDX-License-Identifier: EUPL-1.2
// What in an article's line is a telephone number, and what only looks like one.
import assert from 'node:assert/strict';
import { test } from './support/harness.mjs';
import { load } from './support/module.mjs';

const kNumbers = {
  'Bürgerbüro, 030 23125099': ['030 23125099'],
  'Telefon 0511 7307-0 oder 0511 7307-100': ['0511 7307-0', '0511 7307-100'],
  'Zentrale 0511 7307-0 / 0511 7308-0': ['0511 7307-0', '0511 7308-0'],
  '(0511) 63 00-26, Fax (0511) 63 00-27': ['(0511) 63 00-26'],
  'Telefax: 0511 630027': [],
  '+49 511 6300-26': ['+49 511 6300-26'],
  '+49 (0) 511 630026': ['+49 (0) 511 630026'],
  '0049 511 630026': ['0049 511 630026'],
  '0511/630026': ['0511/630026'],
  '05130 581-0.': ['05130 581-0'],
  '01701234567': ['01701234567'],
  'Telefon 115': ['115'],
  'Behördennummer 115, ohne Vorwahl': ['115'],
  'Tel. 0511 630026, 8 - 12 Uhr': ['0511 630026'],
  'Tel. 0511 630026 8-12 Uhr': ['0511 630026'],
};
const kNone = [
  '08 - 12 Uhr',
  'Montag bis Freitag 08:00 - 12:00 Uhr und 14 - 18 Uhr',
  '0800-1200 Uhr',
  'DE89 3704 0044 0532 0130 00',
  'IBAN DE02 0512 0300 0000 2020 51',
  'bis 100 000 Euro',
  '0500 000 Euro',
  '05/2026 - 12/2026',
  '01.05.2026 - 31.12.2026',
  '2026-05-01',
  'Az. 1002003004',
  'Az. 0100200300',
  'Aktenzeichen: 0511 2003004',
  'Raum 115',
  'Hauptstraße 115',
  '115 Euro',
  '115 Plätze',
  '04109 Leipzig',
  'Postfach 0511 30853 Langenhagen',
  'unter 115 Jahren',
  '',
];

test('numbers that can be dialled, all of a line, in its order', async () => {
  const { telephones } = await load('desk/telephone.ts');
  for (const [line, wanted] of Object.entries(kNumbers)) assert.deepEqual(telephones(line), wanted, line);
});

test('hours, dates, sums, IBANs, file and fax numbers are none', async () => {
  const { telephones } = await load('desk/telephone.ts');
  for (const line of kNone) assert.deepEqual(telephones(line), [], line);
});

test('long lines are read in time that grows with their length only', async () => {
  const { telephones } = await load('desk/telephone.ts');
  for (const part of ['0511 ', '0511-', '(0511', '1 ', '08 - ', '+49 ', '. '])
    assert.ok(Array.isArray(telephones(part.repeat(20_000))), part);
});
