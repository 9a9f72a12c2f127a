// SPDX-License-Identifier: EUPL-1.2
// A test list that is run one after the other, with one browser and one server per file. The limits
// end what hangs; they say nothing about how fast a page has to be.
export const tests = [];
export const test = (name, run, limit = 600_000) => tests.push({ name, run, limit });

export async function runAll(file, only, context) {
  const result = { passed: 0, failed: 0 };
  for (const { name, run, limit } of tests.splice(0)) {
    if (!meant(`${file}: ${name}`, only)) continue;
    const started = Date.now();
    try {
      await withLimit(run(context), limit);
      result.passed++;
      console.log(`ok   ${file}: ${name} (${Date.now() - started} ms)`);
    } catch (error) {
      result.failed++;
      console.log(`FAIL ${file}: ${name}\n     ${String(error?.stack ?? error).replaceAll('\n', '\n     ')}`);
    }
    await context.clean?.();
  }
  return result;
}

// "states: " is a whole file, anything else a part of a name.
function meant(name, only) {
  const [whole, part] = [name.toLowerCase(), only.toLowerCase()];
  return part.endsWith(': ') ? whole.startsWith(part) : whole.includes(part);
}

async function withLimit(work, ms) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not finished after ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

// Waits until a condition holds. Tests never assume how long something takes.
export async function until(what, condition, ms = 60_000) {
  const end = Date.now() + ms;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`never happened: ${what}`);
    await new Promise((done) => setTimeout(done, 40));
  }
}

// Everything on the page that is read from the server has come.
export const loaded = (page) =>
  until('loaded', async () => (await page.locator('.loading').count()) === 0);
