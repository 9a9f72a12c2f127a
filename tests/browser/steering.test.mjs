// SPDX-License-Identifier: EUPL-1.2
// What leads and administrators steer: crises, skills on duty, town halls, callbacks, the why of a
// call, queues, partners, overflow, lines, exceptions. By keyboard, announced once, without faults
// in every look, in German and English.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { checkState } from './support/accessibility.mjs';
import { openPage, signIn } from './support/browser.mjs';
import { langenhagen, wedemark } from './support/data.mjs';
import { silence } from './support/fixture.mjs';
import { test, until } from './support/harness.mjs';
import { tabTo, worksUnseen } from './support/keyboard.mjs';
import { inOrder, listen, read, said, spoke } from './support/speech.mjs';

const clean = (page) => assert.deepEqual(page.faults, []);
const focused = (page, id) =>
  until(`${id} has the focus`, () => page.evaluate((name) => document.activeElement?.id === name, id));
const push = async (page, label) => {
  await tabTo(page, label);
  await page.keyboard.press('Enter');
};
const type = async (page, label, text) => {
  await tabTo(page, label);
  await page.keyboard.press('Control+a');
  await page.keyboard.type(text);
};
const at = (section) => `/lead?section=${section}`;

test('a crisis: one press begins, everybody sees and hears the wording, one press ends with a report', async (context) => {
  const server = await context.newServer();
  const agent = await context.person('agent1');
  await agent.getByRole('button', { name: 'Arbeitsplatz starten' }).waitFor();
  await listen(agent);
  const lead = await context.person('lead', { path: at('crisis') });
  await lead.getByRole('button', { name: 'Beginnen: Hochwasser' }).waitFor();
  await listen(lead);
  await checkState(lead, 'plans');
  await push(lead, 'Beginnen: Hochwasser');
  await lead.getByRole('button', { name: 'Beenden: Hochwasser' }).waitFor();
  await focused(lead, 'codes-1-title');
  await lead.keyboard.press('Enter'); // once too often: nothing ends
  await agent.getByRole('heading', { name: 'Krise: Hochwasser' }).waitFor();
  await agent.getByText('Sandsäcke gibt es am Bauhof.').waitFor();
  for (const page of [agent, lead]) {
    await until('said', () => spoke(page, 'Krise: Hochwasser.'));
    assert.equal((await said(page)).filter((text) => text.includes('Krise:')).length, 1);
  }
  await checkState(agent, 'desk in a crisis');
  server.ring({ more: { crisis: 1 } });
  inOrder(await read(agent, '.call'), ['heading, Anruf Wedemark, level 1', 'Krise', 'Hochwasser']);
  inOrder(await read(agent, '[aria-labelledby="knowledge-title"]'), [
    'heading, Wissen, level 2',
    'heading, Krise: Hochwasser, level 3',
    'Abgestimmter Wortlaut:',
  ]);
  await checkState(lead, 'crisis running');
  await worksUnseen(lead, 'crisis running');
  const board = await openPage(lead.context(), `${server.url}/lead`);
  await board.getByRole('heading', { name: 'Krise: Hochwasser' }).waitFor();
  await checkState(board, 'wallboard in a crisis');
  await board.close();
  await push(lead, 'Beenden: Hochwasser');
  await focused(lead, 'report-title');
  await lead.getByRole('term').filter({ hasText: 'Verstärkung' }).first().waitFor();
  await lead.getByText(/^Ein Gespräch läuft noch; seine Zeit kommt hinzu/).waitFor();
  await until('end said', () => spoke(agent, 'Krise vorbei: Hochwasser.'));
  await agent.getByRole('heading', { name: 'Krise: Hochwasser' }).waitFor({ state: 'detached' });
  await checkState(lead, 'report');
  clean(agent);
  clean(lead);
});

test('reports of crises keep their name; without a call there is no wait', async (context) => {
  const server = await context.newServer();
  const { distribution } = server;
  const none = {
    plan: 8, name: 'Stromausfall', began_at: '2026-11-20T08:00:00Z', ended_at: '2026-11-20T09:00:00Z', offered: 0,
    answered: 0, abandoned: 0, waiting: 0, running: 0, helpers: 0, talk_seconds: 0, acw_seconds: 0,
    average_wait_seconds: 0, longest_wait_seconds: 0,
  };
  distribution.reports = [none, { ...none, plan: 9, name: null, offered: 2, answered: 1, longest_wait_seconds: 7 }, { ...none, plan: 7, name: 'Niemand kam durch', offered: 41, abandoned: 41 }];
  const page = await context.person('lead', { path: at('crisis') });
  const cells = async (name) =>
    page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) }).getByRole('cell').allInnerTexts();
  await page.getByRole('rowheader', { name: 'Stromausfall' }).waitFor();
  assert.deepEqual((await cells('Stromausfall')).slice(-4), ['0:00', '0:00', '–', '–']);
  assert.deepEqual((await cells('eine Lage, die es nicht mehr gibt')).slice(-2), ['0:00', '0:07']);
  assert.deepEqual((await cells('Niemand kam durch')).slice(-2), ['–', '–']);
  await push(page, 'Neu: Vorbereitete Lagen');
  const none_of = (label) => page.getByLabel(label).locator('option').first().innerText();
  assert.deepEqual(await Promise.all(['Kommune', 'Warteschlange'].map(none_of)), ['alle Kommunen', 'alle Warteschlangen']);
  clean(page);
});

test('helpers: codes shown once, used at the sign-in, wrong ones refused', async (context) => {
  const server = await context.newServer();
  server.distribution.running.set(1, new Date().toISOString());
  const lead = await context.person('lead', { path: at('crisis') });
  await type(lead, 'Anzahl', '2');
  await push(lead, 'Codes erzeugen');
  await focused(lead, 'codes-1-shown');
  await lead.getByText('hilf-1-2').waitFor();
  await checkState(lead, 'codes');
  await push(lead, 'Notiert, ausblenden');
  await lead.getByText('hilf-1-2').waitFor({ state: 'detached' });
  const helper = await context.person(null);
  await push(helper, 'Mit Einmalcode mitarbeiten');
  await focused(helper, 'code');
  await listen(helper);
  await helper.keyboard.type('falsch');
  await helper.keyboard.press('Enter');
  await until('refused', () => spoke(helper, 'Dieser Code gilt nicht.'));
  await checkState(helper, 'code refused');
  await helper.keyboard.type('hilf-1-2');
  await helper.keyboard.press('Enter');
  await helper.getByRole('button', { name: 'Arbeitsplatz starten' }).waitFor();
  await helper.getByText('Noch keine Meldung.').waitFor(); // that of the wrong code is over
  server.endSessions();
  server.emit('crisis');
  await helper.getByText('Ihr Zugang als Hilfe ist beendet.').waitFor();
  await until('the heading has the focus', () => helper.evaluate(() => document.activeElement.tagName === 'H1'));
  await checkState(helper, 'a helper after the crisis');
  // Somebody with an account takes the browser over, in a window beside it.
  await signIn(await openPage(helper.context(), server.url), 'agent1');
  await helper.getByRole('button', { name: 'Arbeitsplatz starten' }).waitFor();
  server.endSessions();
  server.emit('crisis');
  await helper.getByText('Ihre Anmeldung ist abgelaufen').waitFor();
  clean(helper);
});

test('a new plan, with its wording in two languages', async (context) => {
  const server = await context.newServer();
  const page = await context.person('lead', { path: at('crisis') });
  await push(page, 'Neu: Vorbereitete Lagen');
  await focused(page, 'plan-title');
  await checkState(page, 'new plan');
  await push(page, 'Speichern');
  await focused(page, 'plan-name');
  await checkState(page, 'new plan refused');
  await page.keyboard.type('Stromausfall');
  await tabTo(page, 'Kommune');
  await page.keyboard.type('Stadt');
  await type(page, /^Vorsprung/, '120');
  await push(page, 'Schritt hinzufügen');
  await type(page, 'Schritt 1: nach Sekunden', '90');
  await checkState(page, 'new plan with a step');
  await type(page, 'Abgestimmter Wortlaut', 'Der Strom kommt bald.');
  await type(page, 'Wortlaut auf Englisch (freiwillig)', 'Power returns soon.');
  await push(page, 'Speichern');
  await page.getByRole('rowheader', { name: 'Stromausfall' }).waitFor();
  const plan = server.distribution.tables['/crisis-plans'].at(-1);
  assert.deepEqual(plan.wording, [
    { language: 'de', text: 'Der Strom kommt bald.' },
    { language: 'en', text: 'Power returns soon.' },
  ]);
  assert.equal(plan.always_open, true);
  assert.equal(plan.head_start_seconds, 120);
  assert.deepEqual(plan.relaxations, [{ after_seconds: 90, demands: [] }]);
  clean(page);
});

test('a crisis plan: its own announcement, uploaded, heard, taken back', async (context) => {
  const server = await context.newServer();
  const page = await context.person('lead', { path: at('crisis') });
  const upload = page.getByRole('button', { name: 'Hochladen: Ansage in einer Krise: Hochwasser' });
  await upload.waitFor();
  await page.getByText('Keine Aufnahme, wird nicht gespielt.').waitFor();
  await listen(page);
  await push(page, 'Hochladen: Ansage in einer Krise: Hochwasser');
  await focused(page, 'announcement-1-crisis');
  await until('said', () => spoke(page, 'Bitte zuerst eine Datei auswählen.'));
  await checkState(page, 'no file chosen');
  await page
    .getByLabel(/^Ansage in einer Krise: Hochwasser ersetzen/)
    .setInputFiles({ name: 'flut.wav', mimeType: 'audio/wav', buffer: silence(2) });
  await push(page, 'Hochladen: Ansage in einer Krise: Hochwasser');
  await page.getByText('2 Sekunden, eigene Aufnahme').waitFor();
  assert.deepEqual(server.announcements['1/crisis'], silence(2), 'byte for byte');
  await checkState(page, 'own announcement');
  await push(page, 'Anhören: Ansage in einer Krise: Hochwasser');
  await page.getByRole('button', { name: 'Anhalten' }).waitFor();
  await page.getByRole('button', { name: /^Anhören/ }).waitFor(); // it ends by itself
  await push(page, 'Zurücksetzen: Ansage in einer Krise: Hochwasser');
  await until('removed', () => spoke(page, 'Eigene Aufnahme entfernt.'));
  await page.getByText('Keine Aufnahme, wird nicht gespielt.').waitFor();
  assert.deepEqual(server.announcements, {});
  clean(page);
});

test('recordings have versions: planned, withdrawn, an earlier one heard and brought back, by keyboard', async (context) => {
  const server = await context.newServer();
  const page = await context.person('lead', { path: at('crisis') });
  const crisis = 'Ansage in einer Krise: Hochwasser';
  const list = `${crisis}: frühere und geplante Aufnahmen`;
  const file = (seconds) => ({ name: 'flut.wav', mimeType: 'audio/wav', buffer: silence(seconds) });
  const choose = (seconds) => page.getByLabel(`${crisis} ersetzen`).setInputFiles(file(seconds));
  await page.getByRole('button', { name: `Hochladen: ${crisis}` }).waitFor();
  await listen(page);
  await choose(2);
  await push(page, `Hochladen: ${crisis}`);
  await page.getByText('2 Sekunden, eigene Aufnahme').waitFor();
  await choose(3);
  await push(page, `Hochladen: ${crisis}`);
  await page.getByText('3 Sekunden, eigene Aufnahme').waitFor();

  await choose(4);
  await page.getByLabel(`${crisis}: zu hören ab`).fill('2020-01-02T15:00');
  await push(page, `Hochladen: ${crisis}`);
  await page.getByText('Dieser Zeitpunkt ist vorbei.').waitFor();
  await focused(page, 'announcement-1-crisis-from');
  await page.getByLabel(`${crisis}: zu hören ab`).fill('2099-01-02T15:00');
  await push(page, `Hochladen: ${crisis}`);
  await until('planned', () => spoke(page, 'Geplant: gilt ab 02.01.2099, 15:00.'));
  await page.getByText('Ab 02.01.2099, 15:00 ist eine andere zu hören.').waitFor();
  assert.deepEqual(server.announcements['1/crisis'], silence(3), 'not yet');

  await page.locator('summary', { hasText: list }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('cell', { name: /^geplant, 4 Sekunden/ }).waitFor();
  await page.getByRole('cell', { name: /^jetzt zu hören, 3 Sekunden/ }).waitFor();
  await page.getByRole('cell', { name: /^Leitung, / }).first().waitFor();
  await page.getByText('Die letzten 10 früheren Aufnahmen bleiben').waitFor();
  await checkState(page, 'versions');
  const [planned, , earlier] = server.versions['1/crisis'];
  const named = async (state) =>
    (await page.getByRole('row').filter({ hasText: state }).getByRole('rowheader').innerText()).trim();
  const oldest = `${crisis} ab ${await named('früher zu hören')}`;
  await push(page, `Anhören: ${oldest}`);
  await page.getByRole('button', { name: 'Anhalten' }).waitFor();
  await page.getByRole('button', { name: `Anhören: ${oldest}` }).waitFor(); // it ends by itself
  await push(page, `Zurückziehen: ${crisis} ab 02.01.2099, 15:00:00`);
  await page.getByText('Diese Aufnahme wird dann nie zu hören sein.').waitFor();
  await checkState(page, 'withdrawing');
  await push(page, 'Zurückziehen');
  await until('withdrawn', () => spoke(page, 'Zurückgezogen.'));
  await focused(page, 'announcement-1-crisis-versions');
  assert.equal(planned.state, 'withdrawn');
  await page.getByText('ist eine andere zu hören').waitFor({ state: 'detached' });

  await push(page, `Wieder einsetzen: ${oldest}`);
  await page.getByText('hört sie zu Ende').waitFor();
  await push(page, 'Wieder einsetzen');
  await until('restored', () => spoke(page, 'Wieder eingesetzt.'));
  await page.getByText('2 Sekunden, eigene Aufnahme').waitFor();
  assert.deepEqual(server.announcements['1/crisis'], silence(2), 'byte for byte');
  assert.equal(server.versions['1/crisis'][0].restores, earlier.id);
  await worksUnseen(page, 'versions');
  clean(page);
});

test('team: moved for now, back to the rule; no figure about anybody', async (context) => {
  const server = await context.newServer();
  const page = await context.person('lead', { path: at('skills') });
  await page.getByLabel('Person').waitFor();
  await listen(page);
  await tabTo(page, 'Person');
  await page.keyboard.type('Anke');
  await page.getByText('Es gilt die Regel.').waitFor();
  await push(page, 'Hinzufügen: Fähigkeiten');
  await focused(page, 'team-levels-0');
  await page.keyboard.type('IT');
  await tabTo(page, 'Stufe: IT-Störungen');
  await page.keyboard.type('Stufe 3');
  await push(page, 'Für jetzt übernehmen');
  await until('said', () => spoke(page, 'Gilt ab jetzt.'));
  assert.deepEqual(server.distribution.skillsOf[1].live, [{ skill: 2, level: 3 }]);
  await checkState(page, 'moved');
  await worksUnseen(page, 'moved');
  await push(page, 'Zurück zur Regel');
  await until('back', () => spoke(page, 'Es gilt wieder die Regel.'));
  assert.equal(server.distribution.skillsOf[1].live, null);
  server.distribution.tables['/skills'] = [];
  await page.reload();
  await page.getByText('Noch keine Fähigkeiten.').waitFor();
  await checkState(page, 'no skills');
  clean(page);
});

test('town halls: absent until an hour, by timetable again', async (context) => {
  const server = await context.newServer();
  const page = await context.person('lead', { path: at('office') });
  await tabTo(page, 'Kommune');
  await page.keyboard.type('Gemeinde');
  await page.getByRole('radio', { name: 'nach Zeitplan' }).waitFor();
  await listen(page);
  await tabTo(page, 'nach Zeitplan');
  await page.keyboard.press('ArrowDown');
  await page.getByLabel('Bis (freiwillig)').fill('2030-01-02T15:00');
  await checkState(page, 'office');
  await push(page, 'Schalten');
  await until('said', () => spoke(page, 'Geschaltet.'));
  assert.equal(server.distribution.offices[wedemark].presence, 'absent');
  assert.match(server.distribution.offices[wedemark].until, /^2030-01-02T/);
  await page.locator('strong', { hasText: 'abwesend' }).waitFor();
  server.fail('GET', `/municipalities/${langenhagen}/office`, 503);
  await page.getByLabel('Kommune').selectOption(langenhagen);
  await page.getByText('Absichtlich gescheitert.').waitFor();
  await checkState(page, 'office unreadable');
});

test('callbacks: in their order, without numbers, withdrawn', async (context) => {
  const server = await context.newServer();
  const page = await context.person('lead', { path: at('callbacks') });
  await page.getByRole('rowheader', { name: 'Gemeinde Wedemark' }).waitFor();
  await listen(page);
  await checkState(page, 'callbacks');
  assert.equal(await page.getByText('030').count(), 0);
  await push(page, 'Zurückziehen: Rückruf 4650');
  await until('said', () => spoke(page, 'Rückruf zurückgezogen.'));
  await focused(page, 'callbacks-title');
  assert.deepEqual(server.distribution.callbacks.map(({ call }) => call), [4651]);
  server.distribution.callbacks = [];
  await page.reload();
  await page.getByText('Kein Rückruf offen.').waitFor();
  await checkState(page, 'no callbacks');
  clean(page);
});

test('a period in sums: misroutes and callbacks, sorted, saved, by month or year, empty, refused, in English', async (context) => {
  const server = await context.newServer();
  const page = await context.person('lead');
  await push(page, 'Auswertung');
  const [pairs, callbacks] = ['Eine Kommune gewählt, eine andere gemeint', 'Rückrufe nach Kommunen'].map((name) => ({
    rows: page.getByRole('group', { name }).getByRole('row'),
    save: page.getByRole('region', { name }).getByRole('button', { name: 'Tabelle als CSV' }),
    sort: (heading) => page.getByRole('group', { name }).getByRole('button', { name: heading }).press('Enter'),
  }));
  const text = async ({ rows }) => (await rows.allInnerTexts()).map((row) => row.trim().split(/\s*\t\s*/).join(' | '));
  await pairs.rows.nth(3).waitFor();
  assert.deepEqual((await text(pairs)).slice(1), [
    'Gemeinde Wedemark | Langenhagen | 140',
    'Langenhagen | Gemeinde Wedemark | 17',
    'Langenhagen | eine andere Kommune | 5',
  ]);
  const kAll = 'Zusammen | 38 | 29 | 5 | 1:30:00';
  const kTowns = ['Gemeinde Wedemark | 26 | 20 | 4 | 2:01:15', 'Langenhagen | 12 | 9 | 1 | 21:00'];
  assert.deepEqual((await text(callbacks)).slice(1), [...kTowns, kAll], 'what is rare is nowhere');
  await pairs.sort('Anrufe');
  assert.equal((await text(pairs))[1], 'Langenhagen | eine andere Kommune | 5');
  await callbacks.sort('Dauer bis zum Rückruf');
  assert.deepEqual((await text(callbacks)).slice(1), [...kTowns.toReversed(), kAll]);
  const waiting = page.waitForEvent('download');
  await callbacks.save.press('Enter');
  const lines = readFileSync(await (await waiting).path(), 'utf8').split('\r\n');
  assert.equal(lines[0], '\ufeffKommune;Gewünscht;Erreicht;Nicht erreicht;Dauer bis zum Rückruf');
  assert.deepEqual([lines[1], lines[3]], ['Langenhagen;12;9;1;21:00', 'Zusammen;38;29;5;1:30:00']);
  await pairs.save.waitFor();
  const [card, title] = await Promise.all(
    ['details', 'summary'].map((name) => page.locator(`main ${name}`).boundingBox()),
  );
  assert.equal(card.y + card.height - (title.y + title.height), title.y - card.y, 'closed, nothing is below');
  await push(page, 'Was die Zahlen zählen');
  assert.deepEqual(await page.locator('dt').allTextContents(), ['Umgeordnet', 'Rückrufe gewünscht']);
  for (const { display_name } of server.users.filter(({ login }) => login !== 'lead'))
    assert.equal(await page.getByText(display_name).count(), 0);
  await checkState(page, 'report');
  inOrder(await read(page, 'main'), [
    'heading, Eine Kommune gewählt, eine andere gemeint, level 2',
    'columnheader, Gemeint',
    'heading, Rückrufe nach Kommunen, level 2',
    'rowheader, Zusammen',
  ]);

  const asked = server.distribution.reported;
  const thisMonth = asked.at(-1);
  assert.match(thisMonth, /^(\d{4}-\d{2})-01 \1-(28|29|30|31)$/);
  server.distribution.report = { ...server.distribution.report, misroutes: [], municipalities: [], total: { callbacks: null } };
  await tabTo(page, 'Zeitraum');
  await page.keyboard.press('End');
  await page.getByText('Nichts davon kam fünfmal vor.').waitFor();
  await page.getByText('In keiner Kommune wurden fünf oder mehr Rückrufe gewünscht.').waitFor();
  assert.match(page.url(), /period=year/);
  const [from, to] = asked.at(-1).split(' ');
  assert.equal(to, thisMonth.split(' ')[1]);
  assert.equal(Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000 / 30.44), 12);
  await checkState(page, 'report of nothing');
  server.failOnce('GET', '/reports/calls', 503);
  await page.keyboard.press('ArrowUp');
  await page.getByText('Absichtlich gescheitert.').waitFor();
  await checkState(page, 'report unreadable');
  await push(page, 'Noch einmal versuchen');
  await page.getByText('Nichts davon kam fünfmal vor.').waitFor();

  for (const user of server.users) user.language = 'en';
  const english = await context.person('lead', { path: at('reports') });
  await english.getByText('Nothing of it came five times.').waitFor();
  await checkState(english, 'report in English');
  clean(english);
});

test('why: from the invoice, by number, unknown', async (context) => {
  await context.newServer();
  const page = await context.person('finance', { path: `/finance?month=2026-11&municipality=${wedemark}` });
  await page.getByRole('button', { name: '2. Tag' }).click();
  await page.getByRole('link', { name: 'Warum so verteilt: Gespräch 501' }).click();
  await page.getByRole('cell', { name: 'Die Warteschlange der Kommune.' }).waitFor();
  await checkState(page, 'why');
  inOrder(await read(page, 'main'), [
    'heading, Anruf erklären, level 1',
    'heading, Warum ging dieser Anruf so?, level 2',
    'columnheader, Entscheidende Regel',
    'rowheader, 09:15:00',
  ]);
  await type(page, 'Nummer des Anrufs', '777');
  await listen(page);
  await push(page, 'Erklären');
  await page.getByText('Diesen Anruf gibt es nicht.').waitFor();
  await focused(page, 'why-number');
  await checkState(page, 'why of nothing');
  assert.deepEqual(await said(page), [], 'with its field, and once');
  await page.keyboard.press('Enter');
  await until('said where the focus is', () => spoke(page, 'Diesen Anruf gibt es nicht.'));
  const lead = await context.person('lead', { path: `${at('why')}&call=501` });
  await focused(lead, 'why-call');
  const cell = await lead.getByRole('cell', { name: /^Warteschlange: / }).innerText();
  assert.equal(
    cell.replace(/\s+/g, ' '),
    'Warteschlange: Zentrale (heute „Bürgertelefon“); Lage: Hochwasser (inzwischen entfernt); ' +
      'Partner: Nr. 9 (inzwischen entfernt); Von Partner: Nr. 8; ' +
      'Warteten schon: 2; Grenze: Wartende: 5; Vorsprung: 45 s',
  );
  await lead.getByText('heißen hier so wie zum Zeitpunkt der Entscheidung').waitFor();
  await lead.getByRole('cell', { name: 'In die Warteschlange: Wedemark' }).waitFor(); // whose, and whose then
  await lead.getByRole('cell', { name: 'Kommune berichtigt: Langenhagen' }).waitFor();
  await lead.getByRole('cell', { name: 'Ansage: außerhalb der Zeiten; Öffnet wieder: 03.11.2026, 08:00' }).waitFor();
  await worksUnseen(lead, 'why');
  clean(page);
});

test('distribution: a queue with demands and steps, tried on yesterday first; a partner, an overflow', async (context) => {
  const server = await context.newServer();
  const { tables } = server.distribution;
  const page = await context.person('admin', { path: '/admin?section=distribution' });
  await page.getByRole('rowheader', { name: 'IT-Hotline' }).waitFor();
  await page.getByRole('cell', { name: 'IT-Störungen 2' }).waitFor();
  await checkState(page, 'distribution');
  await worksUnseen(page, 'distribution');
  await listen(page);
  await push(page, 'Ändern: IT-Hotline');
  await focused(page, 'queue-title');
  await checkState(page, 'a queue');
  await type(page, /^Höchstens wartend/, '-1');
  await push(page, 'Speichern');
  await until('refused', () => spoke(page, 'Bitte eine ganze Zahl von 0 bis 100000.'));
  await focused(page, 'queue-max_waiting');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('30');
  await push(page, 'Was würde sich ändern?');
  await until('preview said', () => spoke(page, '9 von 214 Anrufen liefen anders.'));
  assert.equal(tables['/queues'][0].max_waiting, 20, 'only tried');
  await checkState(page, 'preview');
  await tabTo(page, 'Speichern', true);
  await page.keyboard.press('Enter');
  await until('saved', () => spoke(page, 'Gespeichert.'));
  await focused(page, 'queue-heading');
  assert.equal(tables['/queues'][0].max_waiting, 30);
  assert.deepEqual(tables['/queues'][0].relaxations, [{ after_seconds: 60, demands: [] }]);
  await push(page, 'Neu: Partner');
  await type(page, 'Name des Servicecenters', 'Servicecenter Süd');
  await type(page, 'Rufnummer', '030 23125091');
  await page.keyboard.press('Enter');
  await page.getByRole('cell', { name: '030 23125091' }).waitFor();
  await push(page, 'Neu: Überlauf');
  await tabTo(page, 'Wann');
  await page.keyboard.type('so lange');
  await type(page, 'Wartezeit in Sekunden', '90');
  await push(page, 'Speichern');
  await page.getByRole('rowheader', { name: 'so lange gewartet: 90 s' }).waitFor();
  assert.equal(tables['/overflows'].at(-1).partner, 1);
  await push(page, 'Entfernen: so lange gewartet: 90 s');
  await push(page, 'Ja, entfernen');
  await until('removed', () => tables['/overflows'].length === 1);
  await page.getByText('Entfernt: so lange gewartet: 90 s.').waitFor();
  await checkState(page, 'removed, with the way back');
  await page.keyboard.press('Enter'); // the focus is on it
  await until('there again', () => tables['/overflows'].length === 2);
  await push(page, 'Entfernen: so lange gewartet: 90 s');
  await push(page, 'Ja, entfernen');
  await until('removed again', () => tables['/overflows'].length === 1);
  tables['/queues'][0].version = 9;
  await page.getByRole('button', { name: 'Ändern: IT-Hotline' }).click();
  await page.getByRole('button', { name: 'Speichern' }).click();
  await page.getByText('Inzwischen hat jemand anderes gespeichert.').first().waitFor();
  server.fail('GET', '/partners', 503);
  await page.reload();
  await page.getByText('Absichtlich gescheitert.').waitFor();
  await checkState(page, 'partners unreadable');
  clean(page);
});

test('a change for later is planned, tried, withdrawn; one that was refused says so', async (context) => {
  const server = await context.newServer();
  const { distribution } = server;
  const page = await context.person('admin', { path: '/admin?section=distribution' });
  await page.getByText('Nichts geplant.').waitFor();
  await listen(page);
  await page.getByRole('button', { name: 'Ändern: IT-Hotline' }).click();
  await page.getByLabel(/^Höchstens wartend/).fill('30');
  await page.getByLabel(/^Gilt ab/).fill('2020-01-01T08:00');
  await page.getByRole('button', { name: 'Speichern' }).click();
  await page.getByText('Dieser Zeitpunkt ist vorbei.').waitFor();
  await focused(page, 'queue-planned');
  await checkState(page, 'a moment that has passed');
  await page.getByLabel(/^Gilt ab/).fill('2099-12-01T08:00');
  await page.getByRole('button', { name: 'Speichern' }).click();
  await until('planned', () => spoke(page, 'Geplant: gilt ab 01.12.2099, 08:00.'));
  assert.equal(distribution.tables['/queues'][0].max_waiting, 20, 'not yet');
  const plans = page.getByRole('region', { name: 'Geplante Änderungen' });
  server.emit('configuration');
  await plans.getByRole('rowheader', { name: /01\.12\.2099/ }).waitFor();
  await plans.getByText('Warteschlange IT-Hotline: geändert').waitFor();
  await plans.getByText(/^Leitung, /).waitFor();
  await plans.getByRole('button', { name: /^Was würde sich ändern/ }).click();
  await until('preview said', () => spoke(page, '9 von 214 Anrufen liefen anders.'));
  await checkState(page, 'a plan tried');
  distribution.plans = [
    { ...distribution.plans[0], id: 39, refused_at: '2026-11-22T08:30:00Z', problem: 'Diesen Namen gibt es schon.' },
    { ...distribution.plans[0], problem: 'Inzwischen hat jemand anderes das geändert.' },
  ];
  server.emit('configuration');
  await plans.getByText(/^Nicht gemacht: .*Diesen Namen gibt es schon\.$/).waitFor();
  await plans.getByText(/^So, wie es jetzt steht, wird das nicht gehen: Inzwischen/).waitFor();
  await checkState(page, 'plans that do not fit');
  await plans.getByRole('button', { name: /^Gelesen/ }).click();
  await until('read', () => spoke(page, 'Entfernt.'));
  await plans.getByRole('button', { name: /^Zurückziehen/ }).click();
  await plans.getByRole('button', { name: 'Zurückziehen', exact: true }).click();
  await until('withdrawn', () => spoke(page, 'Zurückgezogen.'));
  await focused(page, 'plans-title');
  await plans.getByText('Nichts geplant.').waitFor();
  // The lead's page: who has which skills, as the rule from then on.
  const lead = await context.person('lead', { path: '/lead?section=skills' });
  await lead.getByRole('region', { name: 'Geplante Änderungen' }).getByText('Nichts geplant.').waitFor();
  clean(page);
  clean(lead);
});

test('a removal and a crisis plan wait for their day, too', async (context) => {
  const server = await context.newServer();
  const { distribution } = server;
  const page = await context.person('admin', { path: '/admin?section=distribution' });
  await page.getByText('Nichts geplant.').waitFor();
  await listen(page);
  await page.getByRole('button', { name: 'Entfernen: IT-Hotline' }).click();
  const question = page.getByRole('group', { name: 'Entfernen: IT-Hotline' });
  await question.getByLabel('Gilt ab').fill('2020-01-01T08:00');
  await question.getByRole('button', { name: 'Ja, entfernen' }).click();
  await page.getByText('Dieser Zeitpunkt ist vorbei.').waitFor();
  await focused(page, 'queue-1-gone');
  await checkState(page, 'a removal in the past');
  await question.getByLabel('Gilt ab').fill('2099-12-01T08:00');
  await question.getByRole('button', { name: 'Ja, entfernen' }).click();
  await until('planned', () => spoke(page, 'Geplant: gilt ab 01.12.2099, 08:00.'));
  assert.equal(distribution.tables['/queues'].length, 1, 'not yet');
  server.emit('configuration');
  const plans = page.getByRole('region', { name: 'Geplante Änderungen' });
  await plans.getByText('Warteschlange IT-Hotline: entfernt').waitFor();
  clean(page);
  const lead = await context.person('lead', { path: '/lead?section=crisis' });
  await lead.getByRole('button', { name: 'Ändern: Hochwasser' }).click();
  await lead.getByLabel(/^Gilt ab/).fill('2099-12-02T08:00');
  await lead.getByRole('button', { name: 'Speichern' }).click();
  const there = lead.getByRole('region', { name: 'Geplante Änderungen' });
  server.emit('configuration');
  await there.getByText('Vorbereitete Lage Hochwasser: geändert').waitFor();
  await checkState(lead, 'a crisis plan for later');
  clean(lead);
});

test('the last change is tried backwards and taken back, then the one before it', async (context) => {
  const server = await context.newServer();
  const page = await context.person('admin', { path: '/admin?section=distribution' });
  await page.getByRole('cell', { name: 'Warteschlange IT-Hotline: geändert' }).waitFor();
  await listen(page);
  await push(page, 'Was würde das Zurücknehmen ändern?');
  await until('preview said', () => spoke(page, '9 von 214 Anrufen liefen anders.'));
  await checkState(page, 'taking back tried');
  await tabTo(page, 'Letzte Änderung zurücknehmen', true);
  await page.keyboard.press('Enter');
  await until('said', () => spoke(page, 'Zurückgenommen.'));
  await focused(page, 'history-title');
  assert.deepEqual(server.distribution.changes.map(({ undone }) => undone), [true, false]);
  await push(page, 'Letzte Änderung zurücknehmen');
  await page.getByRole('button', { name: 'Letzte Änderung zurücknehmen' }).waitFor({ state: 'detached' });
  clean(page);
});

test('a line with the town hall first and hours of its own; an exception', async (context) => {
  const server = await context.newServer();
  const lines = () => server.distribution.tables[`/municipalities/${wedemark}/lines`];
  const page = await context.person('admin', { path: `/admin?section=municipalities&municipality=${wedemark}` });
  await page.getByRole('rowheader', { name: '030 23125002' }).waitFor();
  await page.getByRole('button', { name: 'Neu: Leitungen' }).press('Enter');
  await focused(page, 'line-title');
  await type(page, 'Rufnummer', '030 23125060');
  await tabTo(page, 'Zweck');
  await page.keyboard.type('IT');
  await page.locator('#line-valid_from').fill('2099-11-30T08:00');
  await type(page, 'Klingelt zuerst im Rathaus bei', '030 23125061');
  await listen(page);
  await tabTo(page, /^Eigene Zeiten/);
  await page.keyboard.press('Space');
  await until('said', () => spoke(page, 'Zeiten der Kommune übernommen.'));
  const line = page.getByRole('form', { name: 'Neu: Leitungen' });
  const periods = line.getByRole('button', { name: /^Entfernen: .* von / });
  assert.equal(await periods.count(), 10, "none would be closed for ever: it begins with the town's");
  for (let left = 10; left > 0; left--) {
    await periods.first().press('Enter');
    await until('one less', async () => (await periods.count()) === left - 1);
  }
  await line.getByText('Ohne eine Zeit ist diese Leitung immer geschlossen').waitFor();
  await checkState(page, 'a line that never opens');
  await line.getByRole('button', { name: 'Hinzufügen: Zeit am Montag' }).press('Enter');
  await line.getByText('Ohne eine Zeit').waitFor({ state: 'detached' });
  const holidays = page.locator('#line-closed_on_public_holidays');
  assert.equal(await holidays.count(), 0, "the town's days hold, its holidays with them");
  await tabTo(page, /^Feiertage, Schließtage/);
  await page.keyboard.press('Space');
  await holidays.waitFor();
  await checkState(page, 'new line');
  await page.keyboard.press('Space');
  await push(page, 'Speichern');
  await page.getByRole('row', { name: /^030 23125060 IT-Störung ab 30\.11\.2099, 08:00/ }).waitFor();
  await page.getByRole('row', { name: /^030 23125002 Zentrale unbefristet/ }).waitFor();
  const { scope, office, office_ring_seconds, hours, own_hours, towns_days } = lines().at(-1);
  assert.deepEqual(
    { scope, office, office_ring_seconds, hours, own_hours, towns_days },
    { scope: 'it_faults', office: '030 23125061', office_ring_seconds: 20, own_hours: true, towns_days: true,
      hours: [{ weekday: 0, from: '08:00', to: '12:00' }] });
  await page.getByRole('button', { name: 'Neu: Ausnahmen von den Zeiten' }).press('Enter');
  await page.getByLabel('Erster Tag').last().fill('2026-12-31');
  await page.getByLabel('Letzter Tag').last().fill('2026-12-31');
  await page.getByLabel('Bis (Uhrzeit)').fill('12');
  await page.getByLabel('Grund').fill('Silvester');
  await page.locator('#exception-line').selectOption({ label: '030 23125060' });
  await checkState(page, 'new exception');
  await page.getByLabel('Grund').press('Enter');
  await page.getByRole('row', { name: /^31\.12\.2026 geschlossen, 00:00–12:00 030 23125060 Silvester/ }).waitFor();
  await page.getByRole('row', { name: /^24\.12\.2026 geschlossen, 00:00–24:00 die Kommune Heiligabend/ }).waitFor();
  const exception = server.distribution.tables[`/municipalities/${wedemark}/hours-exceptions`].at(-1);
  assert.deepEqual([exception.from, exception.to, exception.open], ['00:00', '12:00', false]);
  assert.equal(exception.line, lines().at(-1).id);
  clean(page);
});

test('a lead has the rules of distribution, too; changes are named in words', async (context) => {
  const server = await context.newServer();
  server.distribution.changes = [
    { id: 14, at: '2026-11-23T08:40:00Z', by: 3, undone: false, things: [{ table: 'overflow', id: 2, how: 'added', name: 'planned' }] },
    { id: 13, at: '2026-11-23T08:39:00Z', by: 3, undone: false, things: [{ table: 'exception', id: 2, how: 'added', name: '2026-12-24', town: 'Wedemark' }] },
    { id: 12, at: '2026-11-23T08:38:00Z', by: 3, undone: false, things: [{ table: 'line', id: 4, how: 'changed', name: '+493023125002', town: 'Wedemark' }] },
  ];
  const page = await context.person('lead', { path: '/lead' });
  await page.getByRole('link', { name: 'Verteilung' }).click();
  await page.getByRole('cell', { name: 'Überlauf geplanter Zeitraum: neu' }).waitFor();
  await page.getByRole('cell', { name: 'Ausnahme von den Zeiten 24.12.2026 (Wedemark): neu' }).waitFor();
  await page.getByRole('cell', { name: 'Leitung +493023125002 (Wedemark): geändert' }).waitFor();
  await page.getByRole('button', { name: 'Neu: Überlauf' }).press('Enter');
  await focused(page, 'overflow-title');
  await checkState(page, 'distribution of a lead');
  clean(page);
});

test('whoever leads one town hall lands at its desk; an absence cannot end before it begins', async (context) => {
  const server = await context.newServer();
  server.users.find(({ login }) => login === 'lead').municipality = wedemark;
  const page = await context.person('lead', { path: '/lead' });
  await page.getByRole('heading', { name: 'Telefonplatz im Rathaus' }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'Übersicht' }).count(), 0, 'the centre\'s alone');
  await page.getByRole('radio', { name: /^abwesend/ }).check();
  await page.getByLabel('Bis (freiwillig)').fill('2020-01-02T14:00');
  await page.getByRole('button', { name: 'Schalten' }).press('Enter');
  await focused(page, 'office-until');
  await page.getByText('Dieser Zeitpunkt ist vorbei.').waitFor();
  await page.getByLabel('Bis (freiwillig)').fill('2099-01-02T14:00');
  await page.getByRole('button', { name: 'Schalten' }).press('Enter');
  await page.getByText('Geschaltet.').first().waitFor();
  clean(page);
});

test('in English', async (context) => {
  const server = await context.newServer();
  for (const user of server.users) user.language = 'en';
  server.distribution.running.set(1, new Date().toISOString());
  const page = await context.person('lead', { path: at('crisis') });
  await page.getByRole('button', { name: 'End: Hochwasser' }).waitFor();
  await checkState(page, 'crisis in English');
  const desk = await context.person('agent1');
  await desk.getByText('Sandbags are at the depot.').waitFor();
  const second = await openPage(page.context(), `${server.url}${at('callbacks')}`);
  await second.getByRole('button', { name: 'Withdraw: callback 4650' }).waitFor();
  clean(page);
});
