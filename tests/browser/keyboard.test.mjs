// SPDX-License-Identifier: EUPL-1.2
// Every page of every role with Tab alone: all of it is reached, in order, and one sees where one
// is; also at 400 % and under forced colours. And read aloud to its end: nothing is without a name.
import assert from 'node:assert/strict';
import { langenhagen, wedemark } from './support/data.mjs';
import { loaded, test } from './support/harness.mjs';
import { tabTo, walk, worksUnseen } from './support/keyboard.mjs';

const town = `/admin?section=municipalities&municipality=${wedemark}`;
const bill = `/finance?month=2026-11&municipality=${wedemark}`;
const finance = (section) => `/finance?section=${section}`;
const press = (name) => (page) => page.getByRole('button', { name }).first().click();
// Guides and offices are fetched when the focus comes to the search.
const search = async (page) => {
  await page.getByLabel('Wissen durchsuchen').focus();
  await page.getByRole('button', { name: 'Umzug' }).waitFor();
};
// who, address, a text that says the page is there, what to open first
const kPages = {
  'sign-in': [null, '/', 'Kennwort'],
  'accessibility statement': [null, '/?page=accessibility', 'Schlichtung'],
  desk: ['agent1', '/desk', 'Wohnsitz anmelden', search],
  'desk with an article': ['agent1', '/desk', 'Wohnsitz anmelden', async (page) => (await search(page), await press(/^Personalausweis/)(page), await page.locator('#article-title:focus').waitFor())],
  settings: ['agent1', '/desk?page=settings', 'Taste'],
  wallboard: ['lead', '/lead', 'In 30 Sekunden angenommen'],
  'wallboard as a table': ['lead', '/lead', 'In 30 Sekunden angenommen', press('Als Tabelle')],
  crisis: ['lead', '/lead?section=crisis', 'Hochwasser'],
  'notice to all desks': ['lead', '/lead?section=notices', 'Zurzeit kein Hinweis.'],
  'who can do what': ['lead', '/lead?section=skills', 'Person'],
  'offices that answer first': ['lead', '/lead?section=office', 'Kommune'],
  callbacks: ['lead', '/lead?section=callbacks', 'Gemeinde Wedemark'],
  'a period in sums': ['lead', '/lead?section=reports', 'Eine Kommune gewählt'],
  distribution: ['admin', '/admin?section=distribution', 'Warteschlangen'],
  knowledge: ['editor', '/?page=knowledge', 'Wohnsitz anmelden', search],
  'settings of others': ['editor', '/?page=settings', 'Taste'],
  invoices: ['finance', '/finance?month=2026-11', '6,90 €'],
  invoice: ['finance', bill, 'Nachweis im Journal', async (page) => (await press('2. Tag')(page), await page.getByRole('columnheader', { name: 'Nachbearbeitung' }).last().waitFor())],
  'new price': ['finance', bill, 'Wortlaut', press('Neuer Preis')],
  'invoice of the own municipality': ['town', '/finance', 'Nachweis im Journal'],
  'invoice for an auditor': ['auditor', bill, 'Nachweis im Journal'],
  documents: ['finance', finance('documents'), 'R2026-000001'],
  document: ['finance', finance('documents&number=R2026-000001'), 'Gesprächsminuten ab'],
  'document of the own municipality': ['town', finance('documents&number=R2026-000001'), 'Gesprächsminuten ab', press('Rückfrage zu Position 1')],
  disputes: ['finance', finance('disputes'), 'Dieser Anruf war nicht für uns.'],
  call: ['finance', finance('calls&id=501'), 'Gespräch 501'],
  agreements: ['finance', finance('agreements'), 'Gemeinde Wedemark'],
  agreement: ['finance', finance('agreements&id=1'), 'In der Vereinbarung fehlt etwas'],
  'agreement for an auditor': ['auditor', finance('agreements&id=1'), 'In der Vereinbarung fehlt etwas'],
  'joining towns': ['finance', finance('joining'), '1 von 3 beantwortet'],
  'joining town': ['finance', finance(`joining&town=${wedemark}`), 'Beschluss fassen'],
  partners: ['finance', finance('partners&month=2026-10'), 'kein Preis vereinbart'],
  costs: ['finance', finance('costs'), 'Personal (5 Stellen'],
  variants: ['finance', finance('variants'), '0,95 € je Minute'],
  'early warning': ['finance', finance(`forecast&municipality=${wedemark}&year=2026`), 'ist der Ansatz im März 2026 verbraucht'],
  'billing details': ['finance', finance('details'), 'Servicecenter (Rechnungssteller)'],
  municipalities: ['admin', '/admin', '1.175.315'],
  'new municipality': ['admin', '/admin', '1.175.315', press('Kommune aufnehmen')],
  municipality: ['admin', town, '4,2 Sekunden'],
  'municipality without price': ['admin', town.replace(wedemark, langenhagen), '4,2 Sekunden'],
  people: ['admin', '/admin?section=agents', 'Anke Ahlers'],
  'new person': ['admin', '/admin?section=agents', 'Anke Ahlers', press('Neue Person')],
  procedures: ['admin', '/admin?section=settings', 'Verlängerung'],
  'no permission': ['editor', '/admin', 'Keine Berechtigung'],
};

for (const [name, [login, path, sign, open]] of Object.entries(kPages))
  test(name, async (context) => {
    await context.newServer();
    const page = await context.person(login, { path });
    await page.getByText(sign).first().waitFor();
    await loaded(page);
    await page.waitForTimeout(300); // the heading gets the focus when a page has just come
    if (open) await open(page);
    await loaded(page); // and what it opened is there: a frame that comes later is one stop more
    await worksUnseen(page, name);
    await page.emulateMedia({ forcedColors: 'active' });
    await page.setViewportSize({ width: 320, height: 256 });
    await walk(page, `${name}, 400 %, forced colours`);
  });

// Commands of the desk come and go with its state.
const kDesk = {
  ready: (server) => server.set({ state: 'ready' }),
  ringing: (server) => server.ring(),
  talking: (server) => (server.ring(), server.answer()),
  held: (server) => (server.ring(), server.answer(), server.set({ state: 'held' })),
  'in consultation': (server) => server.call({ consult: 'talking' }),
  'all three': (server) => server.call({ consult: 'joined' }, { state: 'talking' }),
  'after-call work': (server) => (server.ring(), server.answer(), server.end('agent1', 900)),
  missed: (server) => server.set({ state: 'missed' }),
  paused: (server) => server.set({ state: 'paused' }),
};
test('every state of the desk', async (context) => {
  const server = await context.newServer();
  const page = await context.person('agent1');
  await page.getByRole('button', { name: 'Arbeitsplatz starten' }).click();
  await search(page);
  for (const [name, bring] of Object.entries(kDesk)) {
    bring(server);
    await page.locator(`.desk--${server.desk().state}`).waitFor();
    await page.waitForTimeout(300);
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.emulateMedia({ forcedColors: 'none' });
    await walk(page, name);
    await page.setViewportSize({ width: 320, height: 256 });
    await page.emulateMedia({ forcedColors: 'active' });
    await walk(page, `${name}, 400 %, forced colours`);
  }
});

test('keys help: from its heading to its end, and it goes when one goes on', async (context) => {
  await context.newServer();
  const page = await context.person('agent1');
  await page.getByText('Wohnsitz anmelden').waitFor();
  await page.getByLabel('Wissen durchsuchen').focus();
  await page.keyboard.press('F1');
  const help = page.getByRole('dialog', { name: 'Tasten' });
  await help.waitFor();
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim());
  assert.equal(await focused(), 'keys-title');
  await page.keyboard.press('Escape');
  await help.waitFor({ state: 'hidden' });
  assert.equal(await focused(), 'knowledge-search', 'back where one was');
  await page.keyboard.press('F1');
  await tabTo(page, 'Schließen (Esc)');
  await tabTo(page, 'In den Einstellungen ändern');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  await help.waitFor({ state: 'hidden' });
  assert.ok(await page.evaluate(() => document.activeElement !== document.body), 'the focus stays where it went');
});
