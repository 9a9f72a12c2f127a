// SPDX-License-Identifier: EUPL-1.2
// Pages of the editors in all their states, by keyboard and for axe: deliveries of the Land with
// their reports, and what callers ask for.
import assert from 'node:assert/strict';
import { checkState } from './support/accessibility.mjs';
import { wedemark } from './support/data.mjs';
import { test, until } from './support/harness.mjs';
import { tabTo, worksUnseen } from './support/keyboard.mjs';
import { listen, spoke } from './support/speech.mjs';

const heading = (page, name) => page.getByRole('heading', { name, exact: true }).waitFor();
const hold = (page, text) => page.getByText(text).first().waitFor();

test('deliveries: the list, a report, applied and undone by keyboard', async (context) => {
  const server = await context.newServer();
  const page = await context.person('editor', { path: '/editing?section=deliveries' });
  await heading(page, 'Lieferungen');
  await hold(page, 'geprüft, noch nicht übernommen');
  await hold(page, 'von der Kommandozeile');
  await checkState(page, 'list of deliveries');
  await worksUnseen(page, 'deliveries');
  await tabTo(page, 'Bericht zu Lieferung 2');
  await page.keyboard.press('Enter');
  await heading(page, 'Lieferung 2');
  await hold(page, '310 Einträge gelesen, 1 abgewiesen, 1 Hinweis.');
  await hold(page, '40 von 300 Einträgen dieser Quelle');
  await hold(page, 'Unerlaubte Auszeichnung entfernt');
  await checkState(page, 'report of a delivery');
  await worksUnseen(page, 'report');
  await tabTo(page, 'Welche Einträge: 2');
  await page.keyboard.press('Enter');
  await page.getByRole('row', { name: 'entfällt Bürgerbüro Nord office L100042/815' }).waitFor();
  await checkState(page, 'changes of a delivery');
  // Many would be removed: refused until that is allowed.
  await tabTo(page, 'Übernehmen');
  await page.keyboard.press('Enter');
  await hold(page, '40 von 300 Einträgen würden entfallen.');
  await checkState(page, 'delivery refused');
  // By a higher share, which has to be one; or by name.
  const most = page.getByLabel('Höchstens entfallen dürfen (Prozent)');
  await most.fill('101');
  await tabTo(page, 'Übernehmen');
  await page.keyboard.press('Enter');
  await until('focus on the share', () => most.evaluate((field) => field === document.activeElement));
  await checkState(page, 'no share');
  await most.fill('14');
  await tabTo(page, 'Übernehmen');
  await page.keyboard.press('Enter');
  await until('applied by its share', () => server.deliveries[0].state === 'applied');
  Object.assign(server.deliveries[0], { state: 'staged', undoable: false, undo_until: null });
  await page.reload();
  await hold(page, '310 Einträge gelesen');
  await tabTo(page, 'Auch so viele Löschungen erlauben', true);
  await page.keyboard.press('Space');
  await tabTo(page, 'Übernehmen');
  await page.keyboard.press('Enter');
  await until('applied', () => server.deliveries[0].state === 'applied');
  await page.getByRole('button', { name: 'Zurücknehmen' }).first().waitFor();
  await hold(page, 'Lässt sich bis zum 18.02.2027 zurücknehmen.');
  await checkState(page, 'delivery applied');
  // Later: what was before is erased, and nothing is offered that would be refused.
  Object.assign(server.deliveries[0], { undoable: false, undo_until: '2026-11-20' });
  await page.reload();
  await hold(page, 'Ließ sich bis zum 20.11.2026 zurücknehmen.');
  assert.equal(await page.getByRole('button', { name: 'Zurücknehmen' }).count(), 0);
  // Refused when its turn came: says why, and is no step that was stopped half-way.
  const problem = { code: 'knowledge.undo_over', title: 'Die Lieferung ließ sich bis gestern zurücknehmen.' };
  Object.assign(server.deliveries[0], { problem });
  await page.reload();
  await hold(page, problem.title);
  assert.equal(await page.getByText('angehalten').count(), 0);
  // What is being read is left alone; what nobody reads any more can be discarded.
  const discard = page.getByRole('button', { name: 'Verwerfen' });
  const progress = { step: 'read', waiting: false, objects: 12, of: null };
  Object.assign(server.deliveries[0], { state: 'staging', problem: null, progress });
  await page.reload();
  await hold(page, 'wird gelesen: 12 Einträge');
  assert.equal(await discard.count(), 0);
  Object.assign(server.deliveries[0], { progress: null });
  await page.reload();
  await discard.waitFor();
});

test('deliveries: none, unreadable, error', async (context) => {
  const server = await context.newServer();
  const page = await context.person('editor', { path: '/editing?section=deliveries&delivery=1' });
  await heading(page, 'Lieferung 1');
  await hold(page, 'Die Lieferung ist nicht lesbar.');
  await checkState(page, 'unreadable delivery');
  server.deliveries = [];
  await page.goto(`${server.url}/editing?section=deliveries`);
  await hold(page, 'Noch keine Lieferung.');
  await checkState(page, 'no delivery');
  server.fail('GET', '/knowledge/deliveries', 503);
  await page.reload();
  await hold(page, 'Absichtlich gescheitert.');
  await checkState(page, 'deliveries error');
});

test('sources: what is read from others, how it went, what never was; none; error', async (context) => {
  const server = await context.newServer();
  const town = { municipality: '032410010010', town: 'Langenhagen, Stadt' };
  const last = { ended_at: '2026-11-22T06:00:00Z', outcome: 'complete', found: 120, changed: 7, refused: 0, searched: 118 };
  for (const one of [
    { ...town, kind: 'directory', address: '', last: { ...last, outcome: 'directory.mass_deletion', found: 12, changed: 80, refused: 3 } },
    { ...town, kind: 'website', address: 'https://www.langenhagen.example/', last },
    { municipality: '032410019019', town: 'Wedemark', kind: 'directory', address: '', last: null },
  ])
    server.websites.add(one);
  const page = await context.person('editor', { path: '/editing?section=directory' });
  await heading(page, 'Was von anderen gelesen wird');
  await hold(page, 'ganz gelesen');
  const rows = await page.locator('[aria-labelledby=sources-title] tbody tr').allTextContents();
  assert.match(rows[0], /Zu viele wären entfallen.*12 Einträge genommen, 80 nicht mehr da, 3 Angaben abgewiesen/s);
  assert.match(rows[1], /langenhagen\.example.*\(aus der Konfiguration\).*120 Seiten abgerufen, 7 neu oder geändert.*118/s);
  assert.match(rows[2], /Wedemark.*Verzeichnisdienst.*noch nie/s);
  await checkState(page, 'sources');
  server.websites.items = [];
  await page.reload();
  await hold(page, 'Für diese Kommunen wird nichts von anderen gelesen.');
  server.fail('GET', '/knowledge/sources', 503);
  await page.reload();
  await hold(page, 'Absichtlich gescheitert.');
  await checkState(page, 'sources error');
});

test('requests: what callers ask for leads to its texts; none; error and again', async (context) => {
  const server = await context.newServer();
  server.requested = [
    { service: 1, name: 'Personalausweis', calls: 1234 },
    { service: 2, name: 'Reisepass', calls: 7 },
  ];
  const page = await context.person('editor', { path: '/editing' });
  await heading(page, 'Am Telefon gefragt');
  const row = page.getByRole('row', { name: /Personalausweis/ });
  await row.waitFor();
  assert.match(await row.textContent(), /1\.234/);
  await checkState(page, 'requested services');
  await worksUnseen(page, 'tasks with requests');
  assert.match(await page.getByRole('link', { name: 'Reisepass' }).getAttribute('href'), /service=2/);
  server.requested = [];
  await page.reload();
  await hold(page, 'Noch keine Leistung in fünf Gesprächen.');
  await checkState(page, 'nothing requested');
  server.fail('GET', '/knowledge/requests', 503);
  await page.reload();
  await hold(page, 'Absichtlich gescheitert.');
  await checkState(page, 'requests error');
  server.heal();
  await page.getByRole('button', { name: 'Noch einmal versuchen' }).click();
  await hold(page, 'Noch keine Leistung in fünf Gesprächen.');
});

const focusedId = (page) => page.evaluate(() => document.activeElement?.id);
const kSite = 'https://www.langenhagen.example/';

test('websites: entered, read, refused, changed, stopped, removed and taken back by keyboard', async (context) => {
  const server = await context.newServer();
  const page = await context.person('editor', { path: '/editing?section=directory' });
  await hold(page, 'Für diese Kommunen wird nichts von anderen gelesen.');
  await listen(page);
  await tabTo(page, 'Website eintragen');
  await page.keyboard.press('Enter');
  await until('the form', async () => (await focusedId(page)) === 'website-title');
  await checkState(page, 'a new website');
  await worksUnseen(page, 'a new website');
  await page.getByRole('button', { name: 'Speichern' }).press('Enter');
  await until('the first wrong field', async () => (await focusedId(page)) === 'website-place');
  await checkState(page, 'a website with faults');
  await page.locator('#website-place').selectOption(server.towns[0].ars);
  await page.getByLabel('Adresse der Startseite').fill('http://127.0.0.1/');
  await page.keyboard.press('Enter');
  await hold(page, 'Das ist kein öffentlicher Name einer Website.');
  await page.getByLabel('Adresse der Startseite').fill('www.langenhagen.example/');
  await page.keyboard.press('Enter');
  await until('said', () => spoke(page, `Eingetragen: ${kSite}. Sie wird gelesen, sobald sie an der Reihe ist.`));
  await until('back', async () => (await focusedId(page)) === 'sources-title');
  await hold(page, 'wartet darauf, gelesen zu werden');
  server.websites.items[0].reading = { began_at: '2026-11-23T08:00:00Z', asked: 12, stored: 3 };
  await hold(page, 'wird gerade gelesen, 12 Seiten bisher');
  await checkState(page, 'a website is being read');
  server.websites.read(kSite, 'kept');
  await until('said', () => spoke(page, `${kSite}: Sah nach einer Störung aus; alles blieb, wie es war.`));

  // No outage: meant.
  await tabTo(page, `Verluste sind gewollt, neu lesen: ${kSite}`);
  await page.keyboard.press('Enter');
  await hold(page, 'was dort fehlt, entfällt auch in der Suche');
  await checkState(page, 'losses are asked about');
  await page.getByRole('group', { name: `Verluste sind gewollt, neu lesen: ${kSite}` }).getByRole('button', { name: 'Verluste sind gewollt' }).press('Enter');
  await until('asked', () => server.websites.asked.length === 1);
  assert.deepEqual(server.websites.asked, [{ address: kSite, losses_meant: true }]);
  server.websites.read(kSite, 'complete');
  await hold(page, 'ganz gelesen');

  // Stopped by one key, which stays where it is; another was quicker.
  await tabTo(page, `Anhalten: ${kSite}`);
  await page.keyboard.press('Enter');
  await hold(page, 'angehalten; ganz gelesen');
  await until('the way back', async () => page.evaluate((name) => document.activeElement?.getAttribute('aria-label') === name, `Weiter lesen: ${kSite}`));
  await checkState(page, 'a website is stopped');
  server.websites.items[0].site.version++;
  await page.keyboard.press('Enter');
  await hold(page, 'Inzwischen hat jemand anderes gespeichert');
  await page.keyboard.press('Enter');
  await hold(page, 'Jetzt lesen');

  // Changed while another changed it: what was typed stays, and is saved by the second press.
  await tabTo(page, `Ändern: ${kSite}`);
  await page.keyboard.press('Enter');
  await until('the form', async () => (await focusedId(page)) === 'website-title');
  await page.getByLabel('Höchstens so viele Seiten').fill('40');
  server.websites.items[0].site.version++;
  await page.keyboard.press('Enter');
  await hold(page, 'Inzwischen hat jemand anderes gespeichert');
  assert.equal(await page.getByLabel('Höchstens so viele Seiten').inputValue(), '40');
  await page.getByLabel('Höchstens so viele Seiten').press('Enter');
  await until('saved', () => server.websites.items[0].site.most_pages === 40);
  await until('back', async () => (await focusedId(page)) === 'sources-title');

  await tabTo(page, `Entfernen: ${kSite}`);
  await page.keyboard.press('Enter');
  await hold(page, 'ihre Seiten verschwinden sofort aus der Suche');
  await checkState(page, 'removing a website');
  await page.getByRole('button', { name: 'Ja, entfernen' }).press('Enter');
  await until('the way back has the focus', async () => (await focusedId(page)) === 'website-back-1');
  await heading(page, 'Entfernte Websites');
  await checkState(page, 'a removed website');
  await worksUnseen(page, 'a removed website');
  await page.locator('#website-back-1').press('Enter');
  await until('said', () => spoke(page, `${kSite} ist wieder da und wird neu gelesen.`));
  await until('back', async () => (await focusedId(page)) === 'sources-title');
  assert.equal(server.websites.removed.length, 0);
});

test('websites: of the configuration, and what the operator has overruled; refused and said', async (context) => {
  const server = await context.newServer();
  const last = { ended_at: '2026-11-22T06:00:00Z', outcome: 'moved', found: 1, changed: 0, refused: 0, searched: 0 };
  const town = { kind: 'website', municipality: server.towns[0].ars, town: server.towns[0].name };
  server.websites.add({ ...town, address: kSite, last });
  server.websites.enter({ address: 'https://a.example/', municipality: town.municipality, most_pages: 5, pause_seconds: 1 }, town.town);
  Object.assign(server.websites.items[1], { overruled: true, waiting: false });
  const page = await context.person('editor', { path: '/editing?section=directory' });
  await hold(page, 'Die Startseite führt zu einem anderen Namen. Bitte diesen eintragen.');
  const rows = page.locator('[aria-labelledby=sources-title] tbody tr');
  assert.equal(await rows.nth(0).getByRole('button').count(), 1, 'read now, nothing else');
  assert.match(await rows.nth(1).textContent(), /wird nicht gelesen: Der Betrieb hat/);
  assert.equal(await rows.nth(1).getByRole('button', { name: 'Jetzt lesen' }).count(), 0);
  await checkState(page, 'websites of the configuration');
  server.fail('POST', '/knowledge/website-readings', 429, 'website.read_lately', 'Diese Website wurde eben gelesen.');
  await rows.nth(0).getByRole('button').press('Enter');
  await hold(page, 'Diese Website wurde eben gelesen.');
  await checkState(page, 'a reading refused');
});

test('search words: entered, refused, narrowed, changed, removed and taken back by keyboard', async (context) => {
  const server = await context.newServer();
  const page = await context.person('editor', { path: '/editing?section=synonyms' });
  await heading(page, 'Suchwörter');
  await hold(page, 'Noch nichts eingetragen; die Suche kennt, was mitgeliefert ist.');
  // What is shipped is closed, with its count, until somebody opens it or looks for something.
  const shipped = page.getByText('Mitgelieferte Suchwörter (2)');
  const row = page.getByRole('row', { name: /lappen weg/ });
  await shipped.waitFor();
  assert.equal(await row.isVisible(), false);
  await checkState(page, 'no search words');
  await listen(page);
  await shipped.focus();
  await page.keyboard.press('Enter');
  await row.waitFor();
  await checkState(page, 'shipped search words');
  await page.keyboard.press('Space');
  await until('closed', async () => !(await row.isVisible()));
  await tabTo(page, 'Suchwort eintragen');
  await page.keyboard.press('Enter');
  await until('the form', async () => (await focusedId(page)) === 'synonym-title');
  await checkState(page, 'a new search word');
  await worksUnseen(page, 'a new search word');
  await page.getByRole('button', { name: 'Speichern' }).press('Enter');
  await until('the first wrong field', async () => (await focusedId(page)) === 'synonym-said');
  await checkState(page, 'a search word with faults');
  await page.getByLabel('Anrufende sagen').fill('was ist das');
  await page.getByLabel('Gemeint ist').fill('Parkausweis,, Wohngeld ');
  await page.keyboard.press('Enter');
  await hold(page, 'Bitte je Eintrag ein bis drei Wörter, die etwas sagen.');
  await page.getByLabel('Anrufende sagen').fill('blaue Karte, Klappkarte');
  await tabTo(page, 'Gilt auch umgekehrt', true);
  await page.keyboard.press('Space');
  await page.getByLabel('Gilt für').selectOption(server.towns[0].ars);
  await page.getByRole('button', { name: 'Speichern' }).press('Enter');
  await until('said', () => spoke(page, 'Eingetragen: blaue Karte, Klappkarte.'));
  await until('back', async () => (await focusedId(page)) === 'synonyms-title');
  const { said, meant, both_ways, municipality } = server.synonyms.items[0];
  assert.deepEqual(said, ['blaue Karte', 'Klappkarte']);
  assert.deepEqual([meant, both_ways, municipality], [['Parkausweis', 'Wohngeld'], true, server.towns[0].ars]);
  const entered = page.getByRole('row', { name: /blaue Karte/ });
  assert.match(await entered.textContent(), /Parkausweis, Wohngeld \(auch umgekehrt\)/);
  await checkState(page, 'search words');
  await worksUnseen(page, 'search words');

  // Only what contains a few letters, of both lists.
  await page.getByLabel('Nur was dies enthält').fill('lappen');
  await hold(page, 'Nichts Eingetragenes enthält das.');
  await hold(page, '0 eingetragen, 1 mitgeliefert.');
  await row.waitFor();
  await checkState(page, 'search words narrowed');
  await page.getByLabel('Nur was dies enthält').fill('KLAPP');
  await hold(page, '1 eingetragen, 0 mitgeliefert.');
  await page.getByLabel('Nur was dies enthält').fill('');

  // Changed while another changed it: what was typed stays, and is saved by the second press.
  await tabTo(page, 'Ändern: blaue Karte, Klappkarte');
  await page.keyboard.press('Enter');
  await until('the form', async () => (await focusedId(page)) === 'synonym-title');
  await page.getByLabel('Gemeint ist').fill('Parkausweis');
  server.synonyms.items[0].version++;
  await page.keyboard.press('Enter');
  await hold(page, 'Inzwischen hat jemand anderes gespeichert');
  assert.equal(await page.getByLabel('Gemeint ist').inputValue(), 'Parkausweis');
  await page.getByLabel('Gemeint ist').press('Enter');
  await until('saved', () => server.synonyms.items[0].meant.length === 1);
  await until('back', async () => (await focusedId(page)) === 'synonyms-title');

  await tabTo(page, 'Entfernen: blaue Karte, Klappkarte');
  await page.keyboard.press('Enter');
  await hold(page, 'wird danach nicht mehr so verstanden');
  await checkState(page, 'removing a search word');
  await page.getByRole('button', { name: 'Ja, entfernen' }).press('Enter');
  await until('the way back has the focus', async () => (await focusedId(page)) === 'synonym-back-1');
  await heading(page, 'Entfernte Suchwörter');
  await checkState(page, 'a removed search word');
  await page.locator('#synonym-back-1').press('Enter');
  await until('said', () => spoke(page, 'Wieder da: blaue Karte, Klappkarte.'));
  await until('back', async () => (await focusedId(page)) === 'synonyms-title');
  assert.equal(server.synonyms.removed.length, 0);
});

test("search words: a town's editor changes the own ones, not the house's; error and again", async (context) => {
  const server = await context.newServer();
  const [town, other] = server.towns;
  server.users.find(({ login }) => login === 'editor').municipality = town.ars;
  server.synonyms.enter({ said: ['Hausschein'], meant: ['Wohngeld'] });
  server.synonyms.enter({ said: ['Stadtschein'], meant: ['Wohngeld'], municipality: town.ars });
  server.synonyms.enter({ said: ['Fremdschein'], meant: ['Wohngeld'], municipality: other.ars });
  server.fail('GET', '/knowledge/synonyms', 503);
  const page = await context.person('editor', { path: '/editing?section=synonyms' });
  await hold(page, 'Absichtlich gescheitert.');
  await checkState(page, 'search words error');
  server.heal();
  await page.getByRole('button', { name: 'Noch einmal versuchen' }).click();
  const row = (name) => page.getByRole('row', { name });
  await row(/Hausschein/).waitFor();
  assert.match(await row(/Hausschein/).textContent(), /Alle Kommunen.*ändert das Servicecenter/s);
  assert.equal(await row(/Hausschein/).getByRole('button').count(), 0);
  assert.equal(await row(/Stadtschein/).getByRole('button').count(), 2);
  assert.equal(await row(/Fremdschein/).count(), 0);
  await checkState(page, "a town's search words");
  await page.getByRole('button', { name: 'Suchwort eintragen' }).press('Enter');
  await until('the form', async () => (await focusedId(page)) === 'synonym-title');
  assert.equal(await page.getByLabel('Gilt für').count(), 0, 'for the own town');
  await page.getByLabel('Anrufende sagen').fill('Ratsschein');
  await page.getByLabel('Gemeint ist').fill('Wohngeld');
  await page.keyboard.press('Enter');
  await until('entered', () => server.synonyms.items[0].said[0] === 'Ratsschein');
  assert.equal(server.synonyms.items[0].municipality, town.ars);
});

test('a guide names the article of its steps to editors of one town and of all', async (context) => {
  for (const [town, path, name] of [
    [wedemark, '/editing?section=guides&guide=2', 'Pass'],
    [null, '/editing?section=guides&guide=1', 'Ummelden'],
  ]) {
    const server = await context.newServer();
    server.users.find(({ login }) => login === 'editor').municipality = town;
    const page = await context.person('editor', { path });
    await page.locator('#step-0-text').waitFor();
    await until('named', async () => (await page.locator('fieldset strong').allTextContents()).includes(name));
    assert.deepEqual(page.faults, []);
  }
});

test('go-live: open, blocked with what is missing, by a named person with a reason, error', async (context) => {
  const server = await context.newServer();
  const [first, second] = server.towns;
  const page = await context.person('lead', { path: `/editing?section=matrix&municipality=${second.ars}` });
  await heading(page, `Start von ${second.name}`);
  await hold(page, 'Noch nicht vollständig: bei 1 Leistung fehlt etwas, 1 Leistung ist zu prüfen.');
  await hold(page, 'Servicezeiten (Verwaltung, Kommunen)');
  await hold(page, 'eine eigene Aufnahme der Begrüßung');
  await checkState(page, 'gate closed');
  await worksUnseen(page, 'gate closed');
  await listen(page);
  await tabTo(page, 'Trotzdem freigeben');
  await page.keyboard.press('Enter');
  await until('the reason has the focus', async () => (await focusedId(page)) === 'live-reason');
  await until('said', () => spoke(page, 'Bitte einen Grund nennen.'));
  assert.equal(server.gates[second.ars].decision, null);
  await checkState(page, 'a reason is missing');
  await page.keyboard.type('Beschluss der Lenkungsgruppe');
  await page.keyboard.press('Enter');
  await hold(page, 'Trotz Lücken, weil: Beschluss der Lenkungsgruppe');
  await hold(page, 'Damals fehlte außerdem:');
  await until('said', () => spoke(page, 'Der Start ist freigegeben.'));
  await until('the focus is not lost', async () => (await focusedId(page)) === 'live-title');
  await checkState(page, 'gone live');

  await page.goto(`${server.url}/editing?section=matrix&municipality=${first.ars}`);
  await hold(page, 'Alles ist vollständig und geprüft: Diese Kommune kann starten.');
  assert.equal(await page.locator('#live-reason').count(), 0, 'nobody has to give a reason');
  await checkState(page, 'gate open');
  await page.getByRole('button', { name: 'Start freigeben' }).press('Enter');
  await hold(page, /^Freigegeben von .+ am .+\.$/);
  assert.equal(server.gates[first.ars].decision.override_reason, null);

  for (const [counts, said] of [
    [{ missing: 0, stale: 2 }, '2 Leistungen sind zu prüfen'],
    [{ missing: 3, stale: 0 }, 'bei 3 Leistungen fehlt etwas'],
    [{ missing: 0, stale: 0, complete: 0 }, 'die TOP-Liste ist leer'],
  ]) {
    Object.assign(server.gates[first.ars], { ready: false, decision: null }, counts);
    await page.reload();
    await hold(page, `Noch nicht vollständig: ${said}.`);
  }

  server.gates[first.ars].decision = null;
  server.fail('GET', `/municipalities/${first.ars}/go-live`, 503);
  await page.reload();
  await hold(page, 'Absichtlich gescheitert.');
  await checkState(page, 'gate not readable');
});
