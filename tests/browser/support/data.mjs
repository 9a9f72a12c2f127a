// SPDX-License-Identifier: EUPL-1.2
// Data of the contract server. Telephone numbers are from the block 030 23125, which the
// Bundesnetzagentur keeps free for film and media.
export const wedemark = '032410019019';
export const langenhagen = '032410010010';

const number = (tail) => ({ e164: `+4930231250${tail}`, shown: `030 231250${tail}` });

const week = (from, to) =>
  [0, 1, 2, 3, 4].map((weekday) => ({ weekday, from, to }));

export const municipalities = () => [
  town(langenhagen, 'Langenhagen', 'Langenhagen', 55819, 'Servicecenter, Stadt Langenhagen, guten Tag!', '01'),
  town(wedemark, 'Gemeinde Wedemark', 'Wedemark', 30243, 'Servicecenter, Gemeinde Wedemark, guten Tag!', '02'),
  town('032410000000', 'Region Hannover', 'Region', 1175315, 'Region Hannover, guten Tag!', '03'),
];

function town(ars, name, short_name, population, greeting, tail) {
  return {
    ars,
    name,
    short_name,
    kind: ars.endsWith('0000000') ? 'district' : 'municipality',
    land: 'NI',
    population,
    population_date: '2024-12-31',
    population_source: 'Destatis',
    greeting,
    hours: [...week('08:00', '12:00'), ...week('13:00', '18:00')],
    closed_on_public_holidays: true,
    information_first_seconds: null,
    information_every_seconds: null,
    numbers: [number(tail)],
    version: 3,
  };
}

export const areas = () =>
  [
    ['032410007007', 'Hemmingen', 'Hemmingen, Stadt', 'city', 'Region Hannover, Niedersachsen', 'NI'],
    ['081185010028', 'Hemmingen', 'Hemmingen', 'municipality', 'Kreis 08118, Baden-Württemberg', 'BW'],
    [wedemark, 'Wedemark', 'Wedemark', 'municipality', 'Region Hannover, Niedersachsen', 'NI'],
  ].map(([ars, name, official_name, kind, within, land]) => ({ ars, name, official_name, kind, within, land }));

export const price = (given) => ({
  price_shown: `${Number(given.price).toFixed(2).replace('.', ',')} €`,
  unit: 'second',
  level: 'per_call',
  rounding: 'half_up',
  counts_after_call_work: true,
  valid_to: null,
  clause: 'Abgerechnet werden Gesprächszeit und Nachbereitungszeit der angenommenen Anrufe.',
  ...given,
});
export const prices = () => ({
  [wedemark]: [price({ id: 1, price: '0.95', valid_from: '2026-01-01', billed: true })],
});
// As the server does: the days between two prices.
export function gaps(items) {
  const day = (text, more) => new Date(Date.parse(text) + more * 86_400_000).toISOString().slice(0, 10);
  const sorted = [...items].sort((a, b) => a.valid_from.localeCompare(b.valid_from));
  return sorted.slice(1).flatMap(({ valid_from }, index) => {
    const from = day(sorted[index].valid_to, 1);
    return from < valid_from ? [{ from, to: day(valid_from, -1) }] : [];
  });
}

export const users = () =>
  [
    ['agent1', 'Anke Ahlers', ['agent'], null],
    ['agent2', 'Bernd Busse', ['agent'], null],
    ['lead', 'Lena Lohmann', ['lead'], null],
    ['auditor', 'Paula Prüfer', ['auditor'], null],
    ['finance', 'Frank Fischer', ['finance'], null],
    ['town', 'Tanja Thiele', ['finance'], wedemark],
    ['admin', 'Amir Arslan', ['admin'], null],
    ['editor', 'Eva Engel', ['editor'], null],
  ].map(([login, display_name, roles, municipality], index) => ({
    id: index + 1,
    login,
    display_name,
    roles,
    municipality,
    language: 'de',
    settings: {},
  }));

// Who can be reached in Wedemark's town hall; the times are those of the moment of the question.
export function directory(now = Date.now()) {
  const at = (hours) => new Date(now + hours * 3_600_000).toISOString();
  const entry = (office, name, shown, more = {}) => ({
    office, name, position: '', hours: '', reach: 'unknown', until: null, opens: null,
    telephone: shown && { e164: `+49${shown.replace(/\D/g, '').slice(1)}`, shown },
    ...more,
  });
  const full = (one, more = {}) => ({
    municipality: wedemark, town: 'Gemeinde Wedemark', email: '', room: '', delivered: false, substitute: null,
    ...one, ...more,
  });
  const otto = entry('Bauamt', 'Otto Öhler', '030 23125511', { reach: 'open', until: at(2) });
  return [
    full(entry('Bauamt', '', '030 23125510', { reach: 'open', until: at(2) })),
    full(entry('Bauamt', 'Bea Bauer', '030 23125512', { position: 'Bauanträge', reach: 'closed', opens: at(72) }), {
      substitute: otto,
    }),
    full(otto),
    full(entry('Archiv', '', '')),
    full(entry('Bauhof', '', '030 23125520', { hours: 'nach Vereinbarung' }), {
      municipality: langenhagen, town: 'Stadt Langenhagen',
    }),
  ];
}

// A released question tree; the first for all, the second for one service.
export const guides = () => [
  {
    id: 1, municipality: null, service: null, title: 'Umzug', released: true, version: 2, draft: null,
    steps: [
      { key: '1', text: 'Ziehen Sie innerhalb der Gemeinde um?', request: false, service: 0,
        answers: [{ text: 'Ja', next: '2' }, { text: 'Nein', next: '3' }] },
      { key: '2', text: 'Wohnen Sie schon dort?', request: false, service: 0,
        answers: [{ text: 'Schon eingezogen', next: '4' }, { text: 'Noch nicht', next: '3' }] },
      { key: '3', text: 'Das geht erst nach dem Einzug.', answers: [], request: true, service: 0 },
      { key: '4', text: 'Bitte binnen zwei Wochen anmelden.', answers: [], request: false, service: 3, offer: null },
    ],
  },
  {
    id: 2, municipality: wedemark, service: 2, title: 'Eilige Reise', released: true, version: 1, draft: null,
    steps: [{ key: '1', text: 'Es gibt den Expresspass.', answers: [], request: false, service: 2 }],
  },
];

// What citizens can read beyond the sections.
export const more = () => ({
  1: [
    { module: '09', title: 'Voraussetzungen', lines: ['Sie haben die deutsche Staatsangehörigkeit.'], links: [] },
    { module: '14', title: 'Formulare', lines: ['Antrag auf Befreiung von der Ausweispflicht'],
      links: [{ text: 'Antrag', address: 'https://stadt.example/antrag' }] },
  ],
});

const section = (key, heading, ...lines) => ({ key, heading, text: lines.join('\n'), lines });

export const services = () => [
  service(1, '99008001000000', 'Personalausweis', 'Perso, Ausweis', 'Einen neuen Personalausweis beantragen Sie persönlich im Bürgerbüro.', 'current', [
    section('opening_hours', 'Öffnungszeiten', 'Montag bis Freitag 08 - 12 Uhr', 'Donnerstag auch 14 bis 18 Uhr', 'Auskunft 030 23125097'),
    section('documents', 'Mitbringen', 'alter Ausweis', 'biometrisches Lichtbild'),
    section('contact', 'Ansprechstelle', 'Bürgerbüro, 030 23125099 oder 030 23125098', 'Mo-Fr 08 - 12 Uhr', 'Fax 030 23125096'),
    section('responsible', 'Zuständig', 'Bürgerbüro der Hauptwohnung'),
    section('fee', 'Gebühr', '37,00 Euro, unter 24 Jahren 22,80 Euro'),
    section('where', 'Wo', 'Rathaus, Erdgeschoss'),
    section('online', 'Online', 'Termin online buchen'),
    section('deadline', 'Frist', 'gilt zehn Jahre'),
  ]),
  service(2, '99081001000000', 'Reisepass', 'Pass', 'Den Reisepass beantragen Sie persönlich im Bürgerbüro.', 'due', [
    section('opening_hours', 'Öffnungszeiten', 'Montag bis Freitag 8 bis 12 Uhr'),
    section('documents', 'Mitbringen', 'Personalausweis', 'biometrisches Lichtbild'),
    section('fee', 'Gebühr', '70,00 Euro'),
  ]),
  service(3, '', 'Wohnsitz anmelden', 'Ummelden', 'Melden Sie sich binnen zwei Wochen nach dem Einzug an.', 'current', [
    section('documents', 'Mitbringen', 'Wohnungsgeberbestätigung'),
  ]),
];

function service(id, leika, name, colloquial, short_answer, state, sections) {
  const checked_on = state === 'due' ? '2025-01-10' : '2026-09-01';
  return { id, leika, name, colloquial, short_answer, state, checked_on, level: id === 3 ? null : 'local', sections };
}

export const situation = () => ({
  waiting: 3,
  callbacks: 2,
  crises: [],
  longest_wait_seconds: 74,
  agents: { ready: 4, talking: 6, after_call_work: 2, paused: 1, signed_out: 3 },
  today: {
    offered: 214,
    answered: 190,
    abandoned: 17,
    closed: 8,
    answered_within_30s: 166,
    answered_in_time: 166,
    targets: [{ within_seconds: 30, percent: 75, agreed: false }],
    target_met: true,
    service_level_percent: 77.6,
    average_wait_seconds: 19,
    average_talk_seconds: 151,
  },
  per_hour: [
    { hour: '08', offered: 41, answered: 36, abandoned: 5 },
    { hour: '09', offered: 58, answered: 51, abandoned: 7 },
    { hour: '10', offered: 47, answered: 44, abandoned: 3 },
    { hour: '11', offered: 38, answered: 36, abandoned: 1 },
    { hour: '12', offered: 30, answered: 23, abandoned: 1 },
  ],
  municipalities: municipalities().map(({ ars, short_name }, index) => ({
    ars,
    short_name,
    waiting: 2 - index,
    talking: index + 1,
    offered: 90 - 20 * index,
    answered: 80 - 20 * index,
    answered_within_30s: 72 - 20 * index,
    answered_in_time: 72 - 20 * index,
    service_level_percent: 80 - 10 * index,
    targets: [{ within_seconds: 30, percent: 75, agreed: index === 0 }],
    target_met: index === 0,
  })),
  definitions: {
    offered: 'Angebotene Anrufe: Anrufe innerhalb der Servicezeit.',
    answered: 'Angenommene Anrufe: angebotene Anrufe, die ein Mensch angenommen hat.',
    abandoned: 'Aufgelegte Anrufe: angebotene Anrufe, bei denen vorher aufgelegt wurde.',
    closed: 'Geschlossen: Anrufe außerhalb der Servicezeit.',
    service_level_percent: 'Servicelevel: innerhalb von 30 Sekunden angenommene durch alle angebotenen Anrufe.',
    average_wait_seconds: 'Durchschnittliche Wartezeit: Mittel vom Anrufbeginn bis zur ersten Annahme.',
    average_talk_seconds: 'Durchschnittliche Gesprächszeit: Mittel aus Sprechen und Halten.',
  },
  media_available: true,
  ledger_accepting: true,
});

export const invoice = (ars, name, month) => ({
  municipality: { ars, name },
  month,
  agreement: {
    price: '0.95',
    price_shown: '0,95 €',
    unit: 'second',
    level: 'on_sum',
    counts_after_call_work: true,
    valid_from: '2026-01-01',
    valid_to: null,
  },
  lines: [
    { key: `${month}-02`, text: '2. Tag', calls: 2, seconds: 341, amount_cents: null, amount_shown: null },
    { key: `${month}-03`, text: '3. Tag', calls: 1, seconds: 95, amount_cents: 150, amount_shown: '1,50 €' },
  ],
  excluded: [{ reason: 'abandoned', calls: 3 }],
  billed_seconds: 436,
  total_cents: 690,
  total_shown: '6,90 €',
  ledger: { first: 12, last: 4711, root: 'a3f5'.repeat(16) },
});

export const invoiceCalls = (month) => [
  { id: 501, offered_at: `${month}-02T08:15:00Z`, talk_tenths: 1197, acw_tenths: 202, billed_seconds: 140, amount_cents: null },
  { id: 502, offered_at: `${month}-02T09:40:00Z`, talk_tenths: 1804, acw_tenths: 206, billed_seconds: 201, amount_cents: 318 },
];

// The TOP list: the first town is complete, the others are not, and lack more than knowledge.
export const gates = (towns) =>
  Object.fromEntries(
    towns.map(({ ars }, at) => [
      ars,
      {
        ...(at === 0 ? { complete: 2, stale: 0, missing: 0 } : { complete: 0, stale: 1, missing: 1 }),
        ready: at === 0,
        open: false,
        lacks: at === 0 ? [] : ['hours', 'greeting'],
        decision: null,
      },
    ]),
  );
export const matrix = (towns, all) => {
  const cell = (state) => ({ state, office: true, contact: state !== 'missing', reachability: true, checked_on: null });
  return {
    services: [
      { id: 1, name: 'Personalausweis', leika: '99008001012000' },
      { id: 2, name: 'Reisepass', leika: '99008002012000' },
    ],
    municipalities: towns.map(({ ars, name }) => {
      const { complete, stale, missing, ready } = all[ars];
      const cells = ready ? [cell('complete'), cell('complete')] : [cell('stale'), cell('missing')];
      return { ars, name, complete, stale, missing, ready, cells };
    }),
  };
};
