// SPDX-License-Identifier: EUPL-1.2
// The editors' workplace against a running fernamt with the demo's people: a text from the draft to the
// caller's answer by two persons, back again, a report from a call, the TOP list and its gate. By
// keyboard where a person would type; every state is looked at by axe, in all looks.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { checkState } from './support/accessibility.mjs';
import { newContext, openPage, signIn } from './support/browser.mjs';
import { loaded, test, until } from './support/harness.mjs';
import { worksUnseen } from './support/keyboard.mjs';
import { listen, spoke } from './support/speech.mjs';

const url = (process.env.FERNAMT_URL ?? 'http://localhost:8115').replace(/\/$/, '');
const password = process.env.FERNAMT_EDITOR_PASSWORD;
const langenhagen = '032410010010';

async function open(context, login, path = '/editing', options = {}) {
  const one = await newContext(context.browser, options);
  const page = await openPage(one, url + path);
  await signIn(page, login, password);
  await page.getByRole('heading', { level: 1, name: /^(Redaktion|Editing|Arbeitsplatz|Abgemeldet)$/ }).waitFor();
  await loaded(page);
  await listen(page);
  return page;
}
const ask = (page, method, path, body) =>
  page.evaluate(
    async ([m, p, b]) => {
      const headers = { 'X-Fernamt': '1', 'Content-Type': 'application/json' };
      const answer = await fetch(`/api/v1${p}`, { method: m, headers, body: b && JSON.stringify(b) });
      const text = await answer.text();
      return { status: answer.status, ...(text ? { body: JSON.parse(text) } : {}) };
    },
    [method, path, body],
  );
const part = (page, name) =>
  page.locator('section.text-part').filter({ has: page.getByRole('heading', { name, exact: true, level: 3 }) });
const focused = (page) => page.evaluate(() => document.activeElement?.id);

// Whatever an earlier run left behind.
async function tidy(page) {
  const { body } = await ask(page, 'GET', `/knowledge/services/1/texts?municipality=${langenhagen}`);
  for (const { part, internal, draft } of body.texts)
    if (draft)
      await ask(page, 'POST', '/knowledge/services/1/draft/steps', {
        municipality: langenhagen, part, internal, edition: draft.edition, step: 'discard',
      });
}

test('a text goes from the draft to the caller by two people, and back', async (context) => {
  const author = await open(context, 'redaktion', '/editing?section=text');
  await tidy(author);
  await author.getByLabel('Leistung suchen').fill('perso');
  await author.getByRole('link', { name: 'Personalausweis beantragen' }).waitFor();
  await checkState(author, 'found services');
  await author.getByRole('link', { name: 'Personalausweis beantragen' }).press('Enter');
  await part(author, 'Gebühr').getByRole('button', { name: 'Bearbeiten: Gebühr' }).press('Enter');
  await until('the field has the focus', async () => (await focused(author)) === 'part-fee-lines');
  const words = `Sonderpreis ${Date.now()} Euro`;
  await author.keyboard.press('Control+A');
  await author.keyboard.type(words);
  await part(author, 'Gebühr').locator('.preview').getByText(words).waitFor();
  await checkState(author, 'writing a draft');
  await worksUnseen(author, 'writing a draft');
  await part(author, 'Gebühr').getByRole('button', { name: 'Zur Freigabe vorlegen' }).click();
  await until('said', () => spoke(author, 'Vorgelegt. Eine andere Person gibt frei.'));
  await until('back at the heading', async () => (await focused(author)) === 'part-fee');
  await part(author, 'Gebühr').getByText('Freigeben muss eine andere Person').waitFor();
  assert.equal(await part(author, 'Gebühr').getByRole('button', { name: /^Freigeben/ }).count(), 0);
  await checkState(author, 'submitted draft');

  // The other person finds it among the tasks, reads the difference and releases it.
  const other = await open(context, 'editor2');
  await other.getByLabel('Anzeigen').selectOption('release');
  const row = other.getByRole('row').filter({ hasText: 'Langenhagen' }).filter({ hasText: 'Gebühr' });
  await row.getByRole('link', { name: 'Personalausweis beantragen' }).click();
  await part(other, 'Gebühr').locator('ins').first().waitFor();
  assert.match(await part(other, 'Gebühr').locator('.changes').first().textContent(), /\[neu: .*Sonderpreis/s);
  await checkState(other, 'difference to release');
  await part(other, 'Gebühr').getByRole('button', { name: 'Zurückgeben' }).press('Enter');
  await until('the reason has the focus', () =>
    other.evaluate(() => /^(INPUT|TEXTAREA)$/.test(document.activeElement?.tagName ?? '')));
  await other.keyboard.type('Bitte ohne Sonderpreis.');
  await other.keyboard.press('Tab');
  await other.keyboard.press('Enter');
  await until('said', () => spoke(other, 'Zurückgegeben.'));

  await part(author, 'Gebühr').getByText('Zurückgegeben mit: Bitte ohne Sonderpreis.').waitFor({ timeout: 1 }).catch(() => author.reload());
  await part(author, 'Gebühr').getByText('Zurückgegeben mit: Bitte ohne Sonderpreis.').waitFor();
  await part(author, 'Gebühr').getByRole('button', { name: 'Zur Freigabe vorlegen' }).click();
  await part(author, 'Gebühr').getByText('Freigeben muss eine andere Person').waitFor();
  await other.reload();
  await listen(other);
  await part(other, 'Gebühr').getByRole('button', { name: 'Freigeben: Gebühr' }).press('Enter');
  await until('said', () => spoke(other, 'Freigegeben. Der Text wird ab jetzt gesagt.'));
  const article = async () =>
    JSON.stringify((await ask(other, 'GET', `/knowledge/services/1?municipality=${langenhagen}`)).body);
  assert.ok((await article()).includes(words), 'the caller is told it');

  // Undo: the older version comes back at once.
  await part(other, 'Gebühr').getByRole('button', { name: 'Frühere Fassungen: Gebühr' }).click();
  await part(other, 'Gebühr').locator('.versions li').first().waitFor();
  await checkState(other, 'versions');
  for (const page of [author, other]) {
    assert.deepEqual(page.faults, []);
    await page.context().close();
  }
});

test('an older version comes back by one person', async (context) => {
  const page = await open(context, 'editor', `/editing?section=text&service=2&municipality=common`);
  const second = await open(context, 'editor2');
  const sentence = { municipality: null, part: 'telephone', internal: false };
  const steps = '/knowledge/services/2/draft/steps';
  const before = (await ask(page, 'GET', '/knowledge/services/2/texts?common=true')).body.texts[0];
  assert.equal(before.draft, null);
  const words = `Ein neuer Satz ${Date.now()}.`;
  await ask(page, 'PUT', '/knowledge/services/2/draft', { ...sentence, lines: [words], expires_on: null, edition: 0 });
  await ask(page, 'POST', steps, { ...sentence, step: 'submit', edition: 1 });
  assert.equal((await ask(second, 'POST', steps, { ...sentence, step: 'release', edition: 2 })).status, 200);
  await page.reload();
  await listen(page);
  const place = part(page, 'Satz zum Vorlesen');
  await place.getByText(words).waitFor();
  await place.getByRole('button', { name: 'Frühere Fassungen: Satz zum Vorlesen' }).click();
  await place.getByRole('button', { name: /Fassung \d+ wieder zeigen/ }).first().click();
  await until('said', () => spoke(page, 'Die frühere Fassung gilt wieder.'));
  await place.getByText(before.lines[0]).first().waitFor();
  for (const one of [page, second]) {
    assert.deepEqual(one.faults, []);
    await one.context().close();
  }
});

test('what an agent calls wrong is a task of that town hall, and is settled', async (context) => {
  const agent = await open(context, process.env.FERNAMT_AGENT, '/desk');
  const told = await ask(agent, 'POST', '/knowledge/reports', {
    service: 3, municipality: langenhagen, section: 'fee', text: 'Seit Mai kostet es etwas.',
  });
  assert.equal(told.status, 201);
  await agent.context().close();
  const page = await open(context, 'redaktion');
  const row = page.getByRole('row').filter({ hasText: 'Seit Mai kostet es etwas.' });
  await row.waitFor();
  assert.match(await row.textContent(), /Als falsch gemeldet · Gebühr/);
  await checkState(page, 'tasks');
  await worksUnseen(page, 'tasks');
  await row.getByRole('button', { name: /^Erledigt: / }).press('Enter');
  await until('said', () => spoke(page, 'Erledigt.'));
  await row.waitFor({ state: 'detached' });
  await until('the heading has the focus', async () => (await focused(page)) === 'tasks-title');
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('reading and finding it true makes it fresh; care and jobs are arranged', async (context) => {
  const page = await open(context, 'redaktion', `/editing?section=text&service=5&municipality=${langenhagen}`);
  await page.getByRole('button', { name: 'Gelesen, stimmt' }).click();
  await until('said', () => spoke(page, 'Als geprüft vermerkt.'));
  await page.getByRole('button', { name: 'Prüfung regeln' }).click();
  await page.getByLabel('Prüfen alle … Tage').fill('0');
  await page.getByRole('button', { name: 'Speichern', exact: true }).click();
  await page.getByText('Bitte 1 bis 3650 Tage angeben.').first().waitFor();
  await page.getByLabel('Prüfen alle … Tage').fill('180');
  await checkState(page, 'care');
  await page.getByRole('button', { name: 'Speichern', exact: true }).click();
  await page.getByText('Gespeichert.', { exact: true }).first().waitFor();
  await page.getByRole('button', { name: 'Auftrag geben' }).first().click();
  await page.getByLabel('Was ist zu tun?').fill('Neue Satzung eintragen');
  await page.getByLabel('Bis', { exact: true }).fill('2030-01-31');
  await page.locator('form').getByRole('button', { name: 'Auftrag geben' }).click();
  await until('said', () => spoke(page, 'Auftrag gegeben.'));
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('the TOP list: sums, one town, its gate with a named reason; words, never colour alone', async (context) => {
  const page = await open(context, 'lead', '/editing?section=matrix');
  const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'Stadt Burgdorf', exact: true }) });
  await row.getByRole('button', { name: 'Leistungen zeigen: Stadt Burgdorf' }).press('Enter');
  await until('focus on the town', async () => (await focused(page)) === 'cells-title');
  await page.getByText(/^(zu prüfen|unvollständig)$/).first().waitFor();
  await checkState(page, 'TOP list');
  await worksUnseen(page, 'TOP list');
  await page.getByRole('button', { name: 'Trotzdem freigeben' }).press('Enter');
  await page.getByText('Bitte einen Grund nennen.').first().waitFor();
  await until('the reason has the focus', async () => (await focused(page)) === 'live-reason');
  await page.keyboard.type('Beschluss der Lenkungsgruppe');
  await page.keyboard.press('Enter');
  await page.getByText(/Freigegeben von Leitung Demo am/).waitFor();
  await page.getByText('Trotz Lücken, weil: Beschluss der Lenkungsgruppe').waitFor();
  await until('the focus is not lost', async () => (await focused(page)) === 'live-title');
  await checkState(page, 'decided');
  const burgdorf = (await ask(page, 'GET', '/municipalities')).body.items.find(({ name }) => name === 'Stadt Burgdorf');
  const gate = (await ask(page, 'GET', `/municipalities/${burgdorf.ars}/go-live`)).body;
  assert.equal(gate.open, true, 'live, although it is not ready');
  assert.equal(gate.ready, false);
  const csv = await page.evaluate(async () => (await fetch('/api/v1/knowledge/matrix.csv')).text());
  assert.match(csv, /Stadt Burgdorf;Personalausweis beantragen;99008001012000;/);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('a guide: faults are named while writing, walked through by keyboard, released by another', async (context) => {
  const page = await open(context, 'redaktion', '/editing?section=guides');
  const title = `Umzug ${Date.now()}`;
  await page.getByLabel('Titel').fill(title);
  await page.getByRole('button', { name: 'Leitfaden beginnen' }).press('Enter');
  await page.getByLabel('Frage, oder was zu sagen ist').fill('Ziehen Sie innerhalb der Stadt um?');
  for (const [at, text] of [[0, 'Ja'], [1, 'Nein']]) {
    await page.getByRole('button', { name: 'Antwort hinzufügen: Schritt 1' }).press('Enter');
    await until('the answer has the focus', async () => (await focused(page)) === `step-0-answer-${at}`);
    await page.keyboard.type(text);
  }
  for (const text of ['Bitte ummelden.', 'Bitte abmelden.']) {
    await page.getByRole('button', { name: 'Schritt hinzufügen' }).press('Enter');
    await until('the step has the focus', async () => /^step-[12]-text$/.test(await focused(page)));
    await page.keyboard.type(text);
  }
  await page.getByLabel('Antwort 1 führt zu').selectOption('2');
  await page.getByRole('button', { name: 'Entwurf speichern' }).click();
  await until('said', () => spoke(page, 'Entwurf gespeichert.'));
  await page.getByText('Eine Antwort führt nirgendwohin.').waitFor();
  await page.getByText('Keine Antwort führt zu diesem Schritt.').waitFor();
  await checkState(page, 'guide with faults');
  await worksUnseen(page, 'guide with faults');
  await page.getByRole('button', { name: 'Zur Freigabe vorlegen' }).click();
  await page.locator('#content').getByText(/hat noch einen Fehler bei „1“/).waitFor();
  await page.getByLabel('Antwort 2 führt zu').selectOption('3');
  await page.getByRole('button', { name: 'Entwurf speichern' }).click();
  await page.getByText('Eine Antwort führt nirgendwohin.').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Ausprobieren' }).press('Enter');
  await page.getByRole('button', { name: 'Nein', exact: true }).press('Enter');
  await until('the end has the focus', () =>
    page.evaluate(() => document.activeElement?.textContent === 'Bitte abmelden.'));
  await page.getByRole('button', { name: 'Eine Frage zurück' }).press('Enter');
  await page.getByRole('button', { name: 'Ja', exact: true }).waitFor();
  await checkState(page, 'guide tried');
  await page.getByRole('button', { name: 'Zur Freigabe vorlegen' }).click();
  await page.getByText('Freigeben muss eine andere Person').waitFor();

  const other = await open(context, 'editor2', '/editing?section=guides');
  await other.getByRole('link', { name: title }).click();
  await other.getByRole('button', { name: 'Freigeben', exact: true }).press('Enter');
  await until('said', () => spoke(other, 'Freigegeben. Die Anrufannahme wird ab jetzt so geführt.'));
  const agent = await open(context, process.env.FERNAMT_AGENT, '/desk');
  const { body } = await ask(agent, 'GET', `/knowledge/guides?municipality=${langenhagen}`);
  assert.ok(body.items.some((one) => one.title === title), 'agents are led by it');
  for (const one of [page, other, agent]) {
    assert.deepEqual(one.faults, []);
    await one.context().close();
  }
});

test('the TOP list is changed by keyboard; English', async (context) => {
  const page = await open(context, 'editor', '/editing?section=matrix');
  const size = (await ask(page, 'GET', '/knowledge/top')).body.services.length;
  await page.getByRole('button', { name: 'Liste ändern' }).click();
  await page.getByRole('button', { name: 'Entfernen: Führungszeugnis' }).press('Enter');
  await page.getByText(`${size - 1} Leistungen`).waitFor();
  await page.getByLabel('Leistung hinzufügen').fill('führungszeugnis');
  await page.getByRole('button', { name: 'Hinzufügen: Führungszeugnis' }).press('Enter');
  await page.getByRole('button', { name: 'Speichern', exact: true }).click();
  await until('said', () => spoke(page, 'Gespeichert.'));
  await checkState(page, 'changing the list');
  const { services } = (await ask(page, 'GET', '/knowledge/top')).body;
  assert.equal(services.length, size);
  assert.equal(services.at(-1).id, 5);
  await ask(page, 'PUT', '/session/settings', { language: 'en', settings: {} });
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Editing' }).waitFor();
  await page.getByRole('button', { name: 'Show services: Stadt Burgdorf' }).waitFor();
  await checkState(page, 'English');
  await ask(page, 'PUT', '/session/settings', { language: 'de', settings: {} });
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

// A town's website on this machine; the demo may read it, because nobody else reaches the demo.
async function website() {
  const pages = {
    '/': '<title>Start</title><main><h1>Start</h1><p>Stadt</p><a href="/halle">Halle</a></main>',
    '/halle': '<title>Halle</title><main><h1>Halle</h1><p>Die Quittenausstellung öffnet um neun Uhr.</p></main>',
  };
  const server = createServer((request, response) => {
    const page = pages[request.url];
    response.writeHead(page ? 200 : 404, { 'Content-Type': 'text/html; charset=utf-8' }).end(page ?? 'nichts');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { address: `http://127.0.0.1:${server.address().port}/`, close: () => server.closeAllConnections() || server.close() };
}

test('a website is entered, read, found in the search, removed and brought back', async (context) => {
  const site = await website();
  const page = await open(context, 'redaktion', '/editing?section=directory');
  await page.getByRole('button', { name: 'Website eintragen' }).press('Enter');
  await page.getByLabel('Adresse der Startseite').fill('ftp://127.0.0.1/');
  await page.keyboard.press('Enter');
  await page.getByText('Das ist keine Webadresse').first().waitFor();
  await page.getByLabel('Adresse der Startseite').fill(site.address);
  await page.keyboard.press('Enter');
  const row = page.getByRole('row').filter({ hasText: site.address });
  await row.filter({ hasText: 'ganz gelesen' }).waitFor({ timeout: 240_000 });
  const found = async () =>
    (await ask(page, 'GET', `/knowledge/services?q=quittenausstellung&municipality=${langenhagen}`)).body.websites.length;
  await until('in the search', async () => (await found()) === 1, 240_000);
  await checkState(page, 'a website that was read');
  await row.getByRole('button', { name: `Entfernen: ${site.address}` }).press('Enter');
  await page.getByRole('button', { name: 'Ja, entfernen' }).press('Enter');
  const back = page.getByRole('button', { name: `Zurückholen: ${site.address}` });
  await back.waitFor();
  await until('not in the search', async () => (await found()) === 0, 240_000);
  await back.press('Enter');
  await until('read again', async () => (await found()) === 1, 240_000);
  await row.getByRole('button', { name: `Entfernen: ${site.address}` }).press('Enter');
  await page.getByRole('button', { name: 'Ja, entfernen' }).press('Enter');
  await back.waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
  site.close();
}, 900_000);
