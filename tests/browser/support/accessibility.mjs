// SPDX-License-Identifier: EUPL-1.2
// axe on a state of a page, in light, dark and at 320 px; and the checks axe does not make: nothing
// to scroll sideways, text spacing (WCAG 1.4.12).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { need } from './browser.mjs';

const axe = readFileSync(need.resolve('axe-core/axe.min.js'), 'utf8');
const kTags = [
  'wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'EN-301-549', 'best-practice',
];
const kSpacing = `* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
  word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }`;

async function violations(page) {
  await page.evaluate(axe);
  return page.evaluate(async (values) => {
    const found = await axe.run(document, { runOnly: { type: 'tag', values } });
    return found.violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((n) => `${n.target} ${n.any[0]?.message ?? ''}`).join(' | ')}`,
    );
  }, kTags);
}

const sideways = (page) =>
  page.evaluate(() => {
    const root = document.scrollingElement;
    return root.scrollWidth > root.clientWidth ? root.scrollWidth - root.clientWidth : 0;
  });

// Every look of the state that is on the page now.
export async function checkState(page, name) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await violations(page), [], `${name}, ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  const size = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 640 });
  assert.deepEqual(await violations(page), [], `${name}, 320 px`);
  assert.equal(await sideways(page), 0, `${name}: no scrolling sideways at 320 px (= 400 % of 1280)`);
  await page.evaluate((css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [sheet];
  }, kSpacing);
  assert.equal(await sideways(page), 0, `${name}: no scrolling sideways with text spacing`);
  await page.evaluate(() => void (document.adoptedStyleSheets = []));
  await page.setViewportSize(size);
}
