// SPDX-License-Identifier: EUPL-1.2
// A page with Tab alone: everything that can be used is reached, in the order of the page, with a
// focus mark that is seen and that nothing covers (WCAG 2.1.1, 2.4.3, 2.4.7, 2.4.11).
import assert from 'node:assert/strict';
import { heard } from './speech.mjs';

const kMost = 400;

// What the keyboard has to reach, in order; a group of radio buttons is one stop.
const expected = (page) =>
  page.evaluate(() => {
    const names = new Set();
    globalThis.stops = [...document.querySelectorAll('a[href], button, input, select, textarea, [tabindex="0"], summary')]
      .filter((one) => one.tabIndex >= 0 && !one.matches(':disabled') && one.checkVisibility({ visibilityProperty: true }))
      .filter((one) => {
        if (one.type !== 'radio') return true;
        const group = [...document.querySelectorAll(`input[type=radio][name="${one.name}"]`)];
        const stop = group.find(({ checked }) => checked) ?? group[0];
        return one === stop && !names.has(one.name) && names.add(one.name);
      });
    return globalThis.stops.map((one) => globalThis.say(one));
  });

const describe = () => {
  globalThis.say = (one) => {
    const name = one.getAttribute('aria-label') ?? one.labels?.[0]?.textContent ?? one.textContent;
    return `${one.tagName.toLowerCase()}${one.id ? `#${one.id}` : ''} "${name.trim().replace(/\s+/g, ' ').slice(0, 40)}"`;
  };
};

// Where the focus is now, and what is wrong with how it looks.
const here = (page) =>
  page.evaluate(() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const style = getComputedStyle(one);
    const faults = [];
    if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) faults.push('no focus mark');
    const box = one.getBoundingClientRect();
    const [left, right] = [Math.max(0, box.left), Math.min(innerWidth, box.right)];
    const [top, bottom] = [Math.max(0, box.top), Math.min(innerHeight, box.bottom)];
    if (right - left < 1 || bottom - top < 1) faults.push('outside the window');
    else {
      const over = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
      if (over && !one.contains(over) && !over.contains(one)) faults.push(`covered by ${globalThis.say(over)}`);
    }
    return { name: globalThis.say(one), index: globalThis.stops.indexOf(one), faults };
  });

export async function walk(page, name) {
  await page.evaluate(describe);
  const wanted = await expected(page);
  await page.evaluate(() => {
    document.body.tabIndex = -1; // where Tab begins
    document.body.focus();
    document.body.removeAttribute('tabindex');
  });
  const reached = [];
  let last;
  for (let step = 0; step < kMost; step++) {
    await page.keyboard.press('Tab');
    const stop = await here(page);
    if (!stop || (reached.length > 0 && stop.index === 0)) break;
    assert.deepEqual(stop.faults, [], `${name}: ${stop.name}`);
    if (stop.index !== last) reached.push(stop.name); // a date is several stops in one
    last = stop.index;
  }
  assert.deepEqual(reached, wanted, `${name}: Tab reaches everything, in order`);
  return reached;
}

// Goes on with Tab until the focus is on what has this name; as a person without a mouse does.
export async function tabTo(page, wanted, back = false) {
  await page.evaluate(describe);
  for (let step = 0; step < kMost; step++) {
    await page.keyboard.press(back ? 'Shift+Tab' : 'Tab');
    const name = await page.evaluate(() => {
      const one = document.activeElement;
      const said = one?.getAttribute('aria-label') ?? one?.labels?.[0]?.textContent ?? one?.textContent ?? '';
      return said.trim().replace(/\s+/g, ' ');
    });
    if (wanted instanceof RegExp ? wanted.test(name) : name === wanted) return;
  }
  throw new Error(`Tab never reaches ${wanted}`);
}

// Walked with Tab alone, and read aloud to its end: nothing is without a name.
export async function worksUnseen(page, name) {
  await walk(page, name);
  await heard(page, name);
}
