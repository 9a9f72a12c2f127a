// SPDX-License-Identifier: EUPL-1.2
// axe on a state of a page: light, dark, and at 320 × 256 pixels, which is a screen of 1280 × 1024
// at 400 %. And the checks axe does not make: forced colours, light and dark (contrast as it is seen;
// what they take away, backgrounds and shadows, is never the only sign of something), nothing to
// scroll sideways at 200 % and 400 %, text spacing (WCAG 1.4.12).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { need } from './browser.mjs';

const axe = readFileSync(need.resolve('axe-core/axe.min.js'), 'utf8');
const kTags = [
  'wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'EN-301-549', 'best-practice',
];
const kAll = { type: 'tag', values: kTags };
// A colour scheme changes colours and nothing else: only the rules that look at them run again.
const kColours = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] };
const kLooks = [
  { colorScheme: 'light', forcedColors: 'none', rules: kAll },
  { colorScheme: 'dark', forcedColors: 'none', rules: kColours },
  { colorScheme: 'light', forcedColors: 'active' },
  { colorScheme: 'dark', forcedColors: 'active' },
];
const kSpacing = `* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
  word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }`;

async function violations(page, rules) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe);
  return page.evaluate(async (runOnly) => {
    const found = await axe.run(document, { runOnly });
    return found.violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((n) => `${n.target} ${n.any[0]?.message ?? ''}`).join(' | ')}`,
    );
  }, rules);
}

const styled = (page, css) =>
  page.evaluate((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    document.adoptedStyleSheets = text ? [sheet] : [];
  }, css);

const sideways = (page) =>
  page.evaluate(() => {
    const root = document.scrollingElement;
    return root.scrollWidth > root.clientWidth ? root.scrollWidth - root.clientWidth : 0;
  });

// Without backgrounds and shadows: what is chosen or can be pressed has an edge, a mark or a line.
const withoutEdge = (page) =>
  page.evaluate(() => {
    const shown = (element) => element.checkVisibility({ visibilityProperty: true });
    const edge = (element) => {
      const style = getComputedStyle(element);
      return ['Top', 'Right', 'Bottom', 'Left'].some(
        (side) => parseFloat(style[`border${side}Width`]) > 0 && style[`border${side}Style`] !== 'none' &&
          style[`border${side}Color`] !== style.backgroundColor,
      );
    };
    const underlined = (element) => getComputedStyle(element).textDecorationLine.includes('underline');
    const marked = (element) =>
      ['::before', '::after'].some((part) => /["“].+["”]/.test(getComputedStyle(element, part).content));
    const buttons = [...document.querySelectorAll('button, select, textarea, input')].filter(
      (one) => !['radio', 'checkbox', 'range', 'file'].includes(one.type),
    );
    const chosen = [...document.querySelectorAll('[aria-current], [aria-pressed="true"], [aria-selected="true"]')];
    return [
      ...buttons.filter((one) => !edge(one) && !underlined(one) && !marked(one)),
      ...chosen.filter((one) => !edge(one)),
    ]
      .filter(shown)
      .map((one) => `${one.tagName} ${one.className} "${one.textContent.trim().slice(0, 40)}"`);
  });

// Words under forced colours. axe looks at the colours the author wrote, not at those that are seen
// (measured with axe 4.14.1 in Chromium 156), so contrast is computed here.
const pale = (page) =>
  page.evaluate(() => {
    const rgb = (text) => text.match(/[\d.]+/g).map(Number);
    const light = (text) => {
      const [r, g, b] = rgb(text).slice(0, 3).map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (element) => {
      for (let one = element; one; one = one.parentElement) {
        const colour = getComputedStyle(one).backgroundColor;
        if ((rgb(colour)[3] ?? 1) === 1) return colour;
      }
      return matchMedia('(prefers-color-scheme: dark)').matches ? 'rgb(0, 0, 0)' : 'rgb(255, 255, 255)';
    };
    const words = [...document.querySelectorAll('body *')].filter(
      (one) =>
        [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()) &&
        one.checkVisibility({ visibilityProperty: true }),
    );
    return words.flatMap((one) => {
      const colour = one.ownerSVGElement ? getComputedStyle(one).fill : getComputedStyle(one).color;
      const [a, b] = [light(colour), light(ground(one))];
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      return contrast >= 4.5 ? [] : [`${one.tagName} "${one.textContent.trim().slice(0, 30)}" ${contrast.toFixed(1)}`];
    });
  });

// Every look of the state that is on the page now.
export async function checkState(page, name) {
  for (const { colorScheme, forcedColors, rules } of kLooks) {
    await page.emulateMedia({ colorScheme, forcedColors });
    const look = `${name}, ${colorScheme}${forcedColors === 'active' ? ', forced colours' : ''}`;
    if (rules) assert.deepEqual(await violations(page, rules), [], look);
    if (forcedColors !== 'active') continue;
    assert.deepEqual(await withoutEdge(page), [], `${look}: no edge`);
    assert.deepEqual(await pale(page), [], `${look}: contrast`);
  }
  await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none' });
  const size = page.viewportSize();
  await page.setViewportSize({ width: 640, height: 512 });
  assert.equal(await sideways(page), 0, `${name}: no scrolling sideways at 200 %`);
  await page.setViewportSize({ width: 320, height: 256 });
  assert.deepEqual(await violations(page, kAll), [], `${name}, 400 %`);
  assert.equal(await sideways(page), 0, `${name}: no scrolling sideways at 400 % (320 px)`);
  await styled(page, kSpacing);
  assert.equal(await sideways(page), 0, `${name}: no scrolling sideways with text spacing`);
  await styled(page, '');
  await page.setViewportSize(size);
}
