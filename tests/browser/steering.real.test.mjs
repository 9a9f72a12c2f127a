// SPDX-License-Identifier: EUPL-1.2
// What leads and administrators steer, against a running fernamt: every page of the rules and of the
// lead is used as its people use it, and what was done is asked back from the REST API. Whatever a
// test puts into the tables it takes out again.
import assert from 'node:assert/strict';
import { checkState } from './support/accessibility.mjs';
import { newContext, openPage, signIn } from './support/browser.mjs';
import { silence } from './support/fixture.mjs';
import { loaded, test, until } from './support/harness.mjs';
import { listen, spoke } from './support/speech.mjs';
import { signInOf, url } from './support/real.mjs';

const langenhagen = '032410010010';
const stamp = Date.now() % 1_000_000;

async function open(context, role, path) {
  const one = await newContext(context.browser);
  const page = await openPage(one, url + path);
  const { login, password } = signInOf(role);
  await signIn(page, login, password);
  await page.getByRole('heading', { level: 1, name: /^(Verwaltung|Lage|Leitung|Abgemeldet|Arbeitsplatz|Anrufe?|Finanzen|Abrechnung)/ }).waitFor();
  await listen(page);
  return page;
}
const ask = (page, method, path, body) =>
  page.evaluate(
    async ([m, p, b]) => {
      const headers = { 'X-Fernamt': '1', 'Content-Type': 'application/json' };
      const answer = await fetch(`/api/v1${p}`, { method: m, headers, body: b && JSON.stringify(b) });
      const text = await answer.text();
      return { status: answer.status, body: text ? JSON.parse(text) : null };
    },
    [method, path, body],
  );
const items = async (page, path) => (await ask(page, 'GET', path)).body.items;
const named = async (page, path, name) => (await items(page, path)).find((one) => one.name === name);
const form = (page, name) => page.locator(`form[aria-labelledby="${name}-title"]`);
const save = (page, name) => form(page, name).getByRole('button', { name: 'Speichern', exact: true }).click();
const closed = (page, name) => form(page, name).waitFor({ state: 'detached' });
const begin = async (page, title, name) => {
  await page.getByRole('button', { name: `Neu: ${title}`, exact: true }).click();
  await form(page, name).waitFor();
};
// Any call of any municipality that the month's evidence names.
async function endedCall(page, month) {
  for (const { municipality, calls } of await items(page, `/invoices?month=${month}`)) {
    if (calls === 0) continue;
    const invoice = `/invoices/${municipality.ars}/${month}`;
    const { body } = await ask(page, 'GET', invoice);
    for (const { key } of body.lines) {
      const { body: answer } = await ask(page, 'GET', `${invoice}/lines/${encodeURIComponent(key)}`);
      if (answer.calls?.[0]) return answer.calls[0].id;
    }
  }
  return undefined;
}
const shut = async (...pages) => {
  for (const page of pages) {
    assert.deepEqual(page.faults, []);
    await page.context().close();
  }
};

test('skills, queues, partners, overflow: made, tried on yesterday, changed, refused, removed', async (context) => {
  const page = await open(context, 'ADMIN', '/admin?section=distribution');
  const skill = `Kennt Sehnde ${stamp}`;
  await begin(page, 'Fähigkeiten', 'skill');
  await page.getByLabel('Name der Fähigkeit').fill(skill);
  await page.getByLabel('Art', { exact: true }).selectOption({ label: 'Kommune' });
  await save(page, 'skill');
  await page.getByRole('rowheader', { name: skill }).waitFor();
  const made = await named(page, '/skills', skill);
  assert.equal(made.kind, 'municipality');
  // The same name twice is refused in words, and nothing is lost.
  await begin(page, 'Fähigkeiten', 'skill');
  await page.getByLabel('Name der Fähigkeit').fill(skill);
  await save(page, 'skill');
  await form(page, 'skill').getByText(/gibt es schon/).first().waitFor();
  await checkState(page, 'name taken');
  await form(page, 'skill').getByRole('button', { name: 'Abbrechen' }).click();

  const queue = `Sehnde ${stamp}`;
  await begin(page, 'Warteschlangen', 'queue');
  await page.getByLabel('Name der Warteschlange').fill(queue);
  await form(page, 'queue').getByRole('button', { name: 'Hinzufügen: Verlangt' }).click();
  await form(page, 'queue').getByLabel('Fähigkeit 1').selectOption({ label: skill });
  await form(page, 'queue').getByLabel(`Stufe: ${skill}`).selectOption('2');
  await form(page, 'queue').getByRole('button', { name: 'Schritt hinzufügen' }).click();
  await form(page, 'queue').getByLabel('Schritt 1: nach Sekunden').fill('45');
  await page.getByLabel('Höchstens wartend').fill('12');
  await page.getByLabel('Bietet Rückruf an').check();
  await form(page, 'queue').getByRole('button', { name: 'Was würde sich ändern?' }).click();
  await form(page, 'queue').getByText(/von .* Anrufen liefen anders|keine Anrufe|verändert die Verteilung nicht/).first().waitFor();
  assert.equal(await named(page, '/queues', queue), undefined, 'only tried');
  await checkState(page, 'a queue tried');
  await save(page, 'queue');
  await page.getByRole('rowheader', { name: queue, exact: true }).waitFor();
  const { id, version, ...kept } = await named(page, '/queues', queue);
  assert.deepEqual(kept, {
    name: queue, demands: [{ skill: made.id, level: 2 }], prefers: [],
    relaxations: [{ after_seconds: 45, demands: [] }], head_start_seconds: 0, max_waiting: 12, offers_callback: true,
  });

  const partner = `Servicecenter Süd ${stamp}`;
  await begin(page, 'Partner', 'partner');
  await page.getByLabel('Name des Servicecenters').fill(partner);
  await page.getByLabel('Rufnummer').fill('12');
  await save(page, 'partner');
  await form(page, 'partner').getByText('Rufnummer: Das ist keine Rufnummer. Bitte mit Vorwahl angeben.').waitFor();
  await until('the wrong field has the focus', () => page.evaluate(() => document.activeElement?.id === 'partner-number'));
  await checkState(page, 'no telephone number');
  await page.getByLabel('Rufnummer').fill('030 23125091');
  await save(page, 'partner');
  await page.getByRole('rowheader', { name: partner }).waitFor();

  await begin(page, 'Überlauf', 'overflow');
  await page.getByLabel('Wann', { exact: true }).selectOption({ label: 'so lange gewartet' });
  await page.getByLabel('Partner-Servicecenter').selectOption({ label: partner });
  await form(page, 'overflow').getByLabel('Warteschlange', { exact: true }).selectOption({ label: queue });
  await page.getByLabel('Wartezeit in Sekunden').fill('90');
  await save(page, 'overflow');
  await page.getByRole('rowheader', { name: 'so lange gewartet: 90 s' }).waitFor();
  await begin(page, 'Überlauf', 'overflow');
  await page.getByLabel('Wann', { exact: true }).selectOption({ label: 'geplanter Zeitraum' });
  await page.getByLabel('Partner-Servicecenter').selectOption({ label: partner });
  await page.getByLabel('Beginn').fill('2030-06-01T12:00');
  await page.getByLabel('Ende').fill('2030-06-01T16:00');
  await save(page, 'overflow');
  const planned = /geplanter Zeitraum: 0?1\.0?6\.2030/;
  await page.getByRole('rowheader', { name: planned }).waitFor();
  const beginnings = (await items(page, '/overflows')).map(({ from }) => from?.slice(0, 16));
  assert.ok(beginnings.includes('2030-06-01T10:00'), `in Berlin's time: ${beginnings}`);

  // Changing it, and a change that somebody else overtook.
  await page.getByRole('button', { name: `Ändern: ${queue}` }).click();
  await page.getByLabel('Höchstens wartend').fill('13');
  await save(page, 'queue');
  await closed(page, 'queue');
  assert.equal((await named(page, '/queues', queue)).max_waiting, 13);

  // What is in use stays, and the page says why.
  await page.getByRole('button', { name: `Entfernen: ${skill}` }).click();
  await page.getByRole('button', { name: 'Ja, entfernen' }).click();
  await page.getByText(/wird noch (verwendet|gebraucht)/).first().waitFor();
  await checkState(page, 'in use');
  for (const [title, name] of [
    ['Überlauf', planned], ['Überlauf', 'so lange gewartet: 90 s'], ['Partner', partner],
    ['Warteschlangen', queue], ['Fähigkeiten', skill],
  ]) {
    const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
    await row.getByRole('button', { name: /^Entfernen: / }).click();
    await row.getByRole('button', { name: 'Ja, entfernen' }).click();
    await row.waitFor({ state: 'detached' }).catch((error) => {
      throw new Error(`${title}: ${error.message}`);
    });
  }
  assert.equal(await named(page, '/skills', skill), undefined);
  await shut(page);
});

test('the last changes are taken back one after the other', async (context) => {
  const page = await open(context, 'ADMIN', '/admin?section=distribution');
  const name = `Zurück ${stamp}`;
  await begin(page, 'Fähigkeiten', 'skill');
  await page.getByLabel('Name der Fähigkeit').fill(name);
  await save(page, 'skill');
  await page.getByRole('rowheader', { name, exact: true }).waitFor();
  await page.getByRole('button', { name: `Ändern: ${name}` }).click();
  await page.getByLabel('Art', { exact: true }).selectOption({ label: 'Sprache' });
  await save(page, 'skill');
  await closed(page, 'skill');
  await page.getByRole('cell', { name: `Fähigkeit ${name}: geändert` }).waitFor();
  await page.getByRole('button', { name: 'Was würde das Zurücknehmen ändern?' }).click();
  await page.locator('section[aria-labelledby="history-title"]')
    .getByText(/verändert die Verteilung nicht|keine Anrufe|liefen anders/).first().waitFor();
  await page.getByRole('button', { name: 'Letzte Änderung zurücknehmen' }).click();
  await until('as before', async () => (await named(page, '/skills', name)).kind !== 'language');
  await until('said', () => spoke(page, 'Zurückgenommen.'));
  await checkState(page, 'taken back');
  await page.getByRole('button', { name: 'Letzte Änderung zurücknehmen' }).click();
  await page.getByRole('rowheader', { name, exact: true }).waitFor({ state: 'detached' });
  await shut(page);
});

test('a line with its scope, hours, town hall; exceptions from the hours', async (context) => {
  const page = await open(context, 'ADMIN', `/admin?section=municipalities&municipality=${langenhagen}`);
  const lines = () => items(page, `/municipalities/${langenhagen}/lines`);
  const before = await lines();
  assert.ok(before.length > 0);
  const number = `030 2312560${stamp % 10}`;
  await begin(page, 'Leitungen', 'line');
  await form(page, 'line').getByLabel('Rufnummer').fill(number);
  await form(page, 'line').getByLabel('Zweck').selectOption({ label: '115' });
  await form(page, 'line').getByLabel('Klingelt zuerst im Rathaus bei').fill('030 23125098');
  await form(page, 'line').getByLabel('Klingelt dort, Sekunden').fill('15');
  await form(page, 'line').getByLabel(/^Eigene Zeiten/).check();
  // They begin with the town's, which is always open here.
  await form(page, 'line').getByRole('button', { name: 'Entfernen: Montag von 00:00 bis 24:00' }).click();
  await form(page, 'line').getByRole('button', { name: 'Hinzufügen: Zeit am Montag' }).click();
  await save(page, 'line');
  await page.getByRole('rowheader', { name: number }).first().waitFor();
  const made = (await lines()).find((one) => !before.some(({ id }) => id === one.id));
  assert.equal(made.scope, 'authority_115');
  assert.equal(made.office, '+493023125098');
  assert.equal(made.office_ring_seconds, 15);
  const always = [1, 2, 3, 4, 5, 6].map((weekday) => ({ weekday, from: '00:00', to: '24:00' }));
  assert.deepEqual(made.hours, [{ weekday: 0, from: '08:00', to: '12:00' }, ...always]);
  const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: made.shown }) })
    .filter({ hasText: '115' });
  await row.getByRole('button', { name: /^Ändern: / }).click();
  await form(page, 'line').getByLabel('Klingelt zuerst im Rathaus bei').fill('');
  await form(page, 'line').getByLabel('Beginn').fill('2030-01-01T08:00');
  await form(page, 'line').getByRole('button', { name: 'Was würde sich ändern?' }).click();
  await form(page, 'line').getByText(/von .* Anrufen liefen anders|keine Anrufe|verändert die Verteilung nicht/).first().waitFor();
  await save(page, 'line');
  await closed(page, 'line');
  const changed = (await lines()).find(({ id }) => id === made.id);
  assert.equal(changed.office, null);
  assert.equal(changed.valid_from.slice(0, 16), '2030-01-01T07:00');
  const remove = async () => {
    await row.getByRole('button', { name: /^Entfernen: / }).click();
    await row.getByRole('button', { name: 'Ja, entfernen' }).click();
    await until('removed', async () => (await lines()).length === before.length);
  };
  await remove();
  await page.getByRole('button', { name: 'Zurücknehmen', exact: true }).click();
  await until('there again', async () => (await lines()).length === before.length + 1);
  const { version: _, ...again } = (await lines()).find(({ id }) => id === made.id);
  const { version: __, ...was } = changed;
  assert.deepEqual(again, was, 'with its purpose, queue, hours and validity');
  await row.waitFor();
  await remove();

  const exceptions = () => items(page, `/municipalities/${langenhagen}/hours-exceptions`);
  await begin(page, 'Ausnahmen von den Zeiten', 'exception');
  await page.getByLabel('Erster Tag').fill('2030-12-31');
  await page.getByLabel('Letzter Tag').fill('2030-12-31');
  await page.getByLabel('Bis (Uhrzeit)').fill('12');
  await page.getByLabel('Grund', { exact: true }).fill('Silvester');
  await save(page, 'exception');
  const day = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: '31.12.2030' }) });
  await day.waitFor();
  const [kept] = (await exceptions()).filter(({ reason }) => reason === 'Silvester');
  assert.deepEqual([kept.first_day, kept.from, kept.to, kept.open], ['2030-12-31', '00:00', '12:00', false]);
  await day.getByRole('button', { name: /^Ändern: / }).click();
  await page.getByLabel('Zusätzlich geöffnet').check();
  await save(page, 'exception');
  await closed(page, 'exception');
  await checkState(page, 'lines and exceptions');
  await day.getByRole('button', { name: /^Entfernen: / }).click();
  await day.getByRole('button', { name: 'Ja, entfernen' }).click();
  await day.waitFor({ state: 'detached' });
  await shut(page);
});

const inField = (page) => page.evaluate(() => document.activeElement?.tagName === 'INPUT');

test('a crisis from the plan to the report, with a helper without an account', async (context) => {
  const lead = await open(context, 'LEAD', '/lead?section=crisis');
  const name = `Hochwasser ${stamp}`;
  await begin(lead, 'Vorbereitete Lagen', 'plan');
  await lead.getByLabel('Name der Lage').fill(name);
  await form(lead, 'plan').getByLabel('Kommune').selectOption(langenhagen);
  await lead.getByLabel('Vorsprung in Sekunden').fill('120');
  await lead.getByLabel('Abgestimmter Wortlaut').fill('Sandsäcke gibt es am Bauhof.');
  await save(lead, 'plan');
  await lead.getByRole('rowheader', { name, exact: true }).waitFor();
  await lead.getByRole('button', { name: `Ändern: ${name}` }).click();
  await lead.getByLabel('Wortlaut auf Englisch (freiwillig)').fill('Sandbags are at the depot.');
  await save(lead, 'plan');
  await closed(lead, 'plan');
  const plan = await named(lead, '/crisis-plans', name);
  assert.equal(plan.municipality, langenhagen);
  await lead
    .getByLabel(`Ansage in einer Krise: ${name} ersetzen`)
    .setInputFiles({ name: 'flut.wav', mimeType: 'audio/wav', buffer: silence(2) });
  await lead.getByRole('button', { name: `Hochladen: Ansage in einer Krise: ${name}` }).click();
  await lead.getByText('2 Sekunden, eigene Aufnahme').waitFor();
  assert.equal(plan.wording.length, 2);

  const agent = await open(context, 'AGENT', '/desk');
  await lead.getByRole('button', { name: `Beginnen: ${name}` }).click();
  await lead.getByRole('button', { name: `Beenden: ${name}` }).waitFor();
  await agent.getByRole('heading', { name: `Krise: ${name}` }).waitFor();
  await agent.getByText('Sandsäcke gibt es am Bauhof.').waitFor();
  await until('said', () => spoke(agent, `Krise: ${name}.`));
  await checkState(lead, 'crisis running');

  await lead.getByLabel('Anzahl').fill('2');
  await lead.getByRole('button', { name: 'Codes erzeugen' }).click();
  await lead.getByRole('heading', { name: 'Einmalcodes, nur jetzt gezeigt' }).waitFor();
  const codes = await lead.locator('.once code').allTextContents();
  assert.equal(new Set(codes).size, 2);
  const helper = await openPage(await newContext(context.browser), url);
  await helper.getByRole('button', { name: 'Mit Einmalcode mitarbeiten' }).click();
  await until('the code has the focus', () => inField(helper));
  await helper.keyboard.type(codes[0]);
  await helper.keyboard.press('Enter');
  await helper.getByRole('button', { name: 'Arbeitsplatz starten' }).waitFor();
  await helper.getByText('Sandsäcke gibt es am Bauhof.').waitFor();
  const again = await openPage(await newContext(context.browser), url);
  await again.getByRole('button', { name: 'Mit Einmalcode mitarbeiten' }).click();
  await until('the code has the focus', () => inField(again));
  await again.keyboard.type(codes[0]);
  await again.keyboard.press('Enter');
  await again.getByText(/Code gilt nicht|Code ist/).first().waitFor();

  await lead.getByRole('button', { name: `Beenden: ${name}` }).click();
  await lead.getByRole('heading', { name: `Bericht: ${name}` }).waitFor();
  await checkState(lead, 'report');
  await lead.getByRole('button', { name: `Beginnen: ${name}` }).waitFor();
  await agent.getByRole('heading', { name: `Krise: ${name}` }).waitFor({ state: 'detached' });
  await helper.getByLabel(/Benutzername/).waitFor();
  const [report] = await items(lead, '/crisis-reports');
  assert.equal(report.plan, plan.id);
  assert.equal(report.helpers, 1);
  await lead.getByRole('button', { name: `Entfernen: ${name}` }).click();
  await lead.getByRole('button', { name: 'Ja, entfernen' }).click();
  await until('removed', async () => !(await named(lead, '/crisis-plans', name)));
  await shut(lead, agent, helper, again);
});

test('team: moved for now, kept as the rule, back', async (context) => {
  const admin = await open(context, 'ADMIN', '/admin?section=distribution');
  const skill = `IT ${stamp}`;
  const made = (await ask(admin, 'POST', '/skills', { kind: 'it', name: skill })).body;
  const page = await open(context, 'LEAD', '/lead?section=skills');
  const person = await page.getByLabel('Person').locator('option').nth(1).textContent();
  await page.getByLabel('Person').selectOption({ label: person });
  await page.getByText('Es gilt die Regel.').waitFor();
  await page.getByRole('button', { name: 'Hinzufügen: Fähigkeiten' }).click();
  await page.getByLabel('Fähigkeit 1').selectOption({ label: skill });
  await page.getByLabel(`Stufe: ${skill}`).selectOption('3');
  await page.getByRole('button', { name: 'Für jetzt übernehmen' }).click();
  await page.getByText('Für jetzt anders als die Regel.').waitFor();
  const who = (await items(page, '/agents')).find(({ display_name }) => display_name === person).id;
  const skills = async () => (await ask(page, 'GET', `/agents/${who}/skills`)).body;
  assert.deepEqual((await skills()).live, [{ skill: made.id, level: 3 }]);
  await checkState(page, 'moved');
  await page.getByRole('button', { name: 'Zurück zur Regel' }).click();
  await page.getByText('Es gilt die Regel.').waitFor();
  assert.equal((await skills()).live, null);
  await page.getByRole('button', { name: 'Hinzufügen: Fähigkeiten' }).click();
  await page.getByLabel('Fähigkeit 1').selectOption({ label: skill });
  await page.getByRole('button', { name: 'Als Regel speichern' }).click();
  await until('said', () => spoke(page, 'Gespeichert.'));
  assert.deepEqual((await skills()).skills, [{ skill: made.id, level: 1 }]);
  await page.getByRole('button', { name: `Entfernen: ${skill} aus Fähigkeiten` }).click();
  await page.getByRole('button', { name: 'Als Regel speichern' }).click();
  await until('no skills', async () => (await skills()).skills.length === 0);
  assert.equal((await ask(admin, 'DELETE', `/skills/${made.id}`)).status, 204);
  await shut(page, admin);
});

test('town halls, callbacks, and the why of a real call', async (context) => {
  const page = await open(context, 'LEAD', '/lead?section=office');
  await page.getByLabel('Kommune').selectOption(langenhagen);
  await page.getByRole('radio', { name: /^abwesend/ }).check();
  await page.getByLabel('Bis (freiwillig)').fill('2030-01-02T15:00');
  await page.getByRole('button', { name: 'Schalten' }).click();
  await until('said', () => spoke(page, 'Geschaltet.'));
  await page.locator('strong', { hasText: 'abwesend' }).waitFor();
  const office = async () => (await ask(page, 'GET', `/municipalities/${langenhagen}/office`)).body;
  assert.equal((await office()).presence, 'absent');
  assert.equal((await office()).until.slice(0, 16), '2030-01-02T14:00');
  await page.getByRole('radio', { name: 'nach Zeitplan' }).check();
  await page.getByRole('button', { name: 'Schalten' }).click();
  await until('back', async () => (await office()).presence === 'by_timetable');

  await page.getByRole('link', { name: 'Rückrufe' }).click();
  await page.getByRole('heading', { name: 'Offene Rückrufe' }).waitFor();
  await page.getByText('Kein Rückruf offen.').or(page.getByRole('columnheader', { name: 'Versuche' })).first().waitFor();
  await checkState(page, 'callbacks');

  // A call that ended: from the evidence of the invoice to its why, in words.
  const finance = await open(context, 'FINANCE', '/finance');
  const month = new Date().toISOString().slice(0, 7);
  const call = await until('a call stands in the evidence', () => endedCall(finance, month), 300_000);
  await page.getByRole('link', { name: 'Anruf erklären' }).click();
  await page.getByLabel('Nummer des Anrufs').fill(String(call));
  await page.getByRole('button', { name: 'Erklären' }).click();
  await page.getByRole('heading', { name: new RegExp(`^Anruf ${call}, `) }).waitFor();
  await checkState(page, 'why');
  for (const step of (await ask(page, 'GET', `/calls/${call}/why`)).body.steps)
    assert.ok(step.text, `${step.what} has words`);
  await page.getByLabel('Nummer des Anrufs').fill('999999');
  await page.getByRole('button', { name: 'Erklären' }).click();
  await page.getByText(/gibt es nicht/).first().waitFor();
  await shut(page, finance);
}, 400_000);

test('a town hall says itself that its operator is away; no page of it is refused', async (context) => {
  const page = await open(context, 'RATHAUS', '/');
  await page.getByRole('heading', { name: 'Telefonplatz im Rathaus' }).waitFor();
  const office = async () => (await ask(page, 'GET', `/municipalities/${langenhagen}/office`)).body.presence;
  assert.equal(await office(), 'by_timetable');
  for (const [choice, presence] of [[/^abwesend/, 'absent'], ['nach Zeitplan', 'by_timetable']]) {
    await page.getByRole('radio', { name: choice }).check();
    await page.getByRole('button', { name: 'Schalten' }).click();
    await until(presence, async () => (await office()) === presence);
    await page.locator('strong', { hasText: choice }).waitFor();
    await checkState(page, `the town hall's own desk: ${presence}`);
  }

  const refused = [];
  page.on('response', (answer) => answer.status() >= 400 && refused.push(answer.url()));
  const links = (inside) =>
    page.locator(inside).getByRole('link').evaluateAll((all) => all.map(({ href }) => href));
  const seen = [];
  for (const workplace of await links('header nav')) {
    await page.goto(workplace);
    await page.getByRole('heading', { level: 1 }).waitFor();
    for (const address of [workplace, ...(await links('main nav.tabs'))]) {
      await page.goto(address);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await loaded(page);
      seen.push(new URL(address).pathname + new URL(address).search);
    }
  }
  for (const one of ['/lead?section=why', '/?page=knowledge', '/editing']) assert.ok(seen.includes(one), `${seen}`);
  assert.deepEqual(refused, []);
  await shut(page);
});

test('a period in sums: what the page shows is what the program counts', async (context) => {
  const page = await open(context, 'LEAD', '/lead?section=reports');
  await page.getByRole('heading', { name: 'Eine Kommune gewählt, eine andere gemeint' }).waitFor();
  const month = await page.getByLabel('Zeitraum').inputValue();
  assert.match(month, /^\d{4}-\d{2}$/);
  const { status, body } = await ask(page, 'GET', `/reports/calls?from=${month}-01&to=${month}-28`);
  assert.equal(status, 200);
  assert.ok('callbacks_missed' in body.total);
  assert.ok(body.misroutes.every(({ calls }) => calls >= 5));
  await page.getByText('Nichts davon kam fünfmal vor.').or(page.getByRole('columnheader', { name: 'Gemeint' })).first().waitFor();
  await page.getByText('In keiner Kommune wurden fünf oder mehr Rückrufe gewünscht.').or(page.getByRole('rowheader', { name: 'Zusammen' })).first().waitFor();
  await page.getByText('Was die Zahlen zählen').click();
  await page.locator('dt').getByText('Rückrufe nicht erreicht', { exact: true }).waitFor();
  await page.getByLabel('Zeitraum').selectOption('year');
  await page.getByText('Was die Zahlen zählen').waitFor();
  await checkState(page, 'report');
  const finance = await open(context, 'FINANCE', '/finance');
  assert.equal((await ask(finance, 'GET', `/reports/calls?from=${month}-01&to=${month}-28`)).status, 200);
  const agent = await open(context, 'AGENT', '/desk');
  assert.equal((await ask(agent, 'GET', `/reports/calls?from=${month}-01&to=${month}-28`)).status, 403);
  await shut(page, finance, agent);
});

test('a notice of the lead: at the desk at once, spoken, taken back', async (context) => {
  const agent = await open(context, 'AGENT', '/desk');
  const lead = await open(context, 'LEAD', '/lead?section=notices');
  const text = `Hinweis ${stamp} an alle.`;
  await lead.getByLabel('Hinweis', { exact: true }).fill(text);
  await lead.getByRole('button', { name: 'Hinweis geben' }).click();
  await lead.getByRole('rowheader', { name: text }).waitFor();
  await agent.getByText(`Hinweis der Leitung: ${text}`).waitFor();
  await until('spoken', () => spoke(agent, `Hinweis: ${text}`));
  const [{ id, skill, municipality }] = await items(agent, '/desk/notices');
  assert.deepEqual([skill, municipality], [null, null]);
  assert.equal((await ask(agent, 'DELETE', `/notices/${id}`)).status, 403);
  await checkState(lead, 'a notice that holds');
  await lead.getByRole('button', { name: `Zurücknehmen: ${text}` }).click();
  await agent.getByText(`Hinweis der Leitung: ${text}`).waitFor({ state: 'detached' });
  assert.deepEqual(await items(agent, '/desk/notices'), []);
  await shut(agent, lead);
});
