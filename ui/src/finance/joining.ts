// SPDX-License-Identifier: EUPL-1.2
// What the routes about joining, costs and financing models say (openapi.json), and their words.
import { i18n } from '../lib/i18n.svelte';
import type { Day } from './contract';

type Town = { ars: string; name: string };
export type Amount = { cents: number; shown: string };
export type JoiningHead = {
  municipality: Town;
  version: number;
  go_live: Day;
  progress: {
    questions: number;
    answered: number;
    tasks: number;
    done: number;
    overdue: number;
    next_due: Day | null;
  };
};
export type Joining = JoiningHead & {
  questions: {
    key: string;
    section: string;
    kind: 'text' | 'number' | 'yes_no';
    text: string;
    answer: string;
  }[];
  list: {
    key: string;
    text: string;
    by: 'municipality' | 'centre';
    due: Day;
    done: Day | null;
    note: string;
    overdue: boolean;
  }[];
};
export type CostBlock = {
  name: string;
  running: boolean;
  items: {
    name: string;
    kind: string;
    amount: number;
    posts?: { hundredths: number; salary: number };
  }[];
  bearers: { name: string; kind: string; amount: number; rest: boolean }[];
};
export type Costs = {
  year: number;
  version: number;
  blocks: CostBlock[];
  results: {
    name: string;
    cost: Amount;
    borne: Amount[];
    open: Amount;
    refinanced_basis_points: number;
    post_hundredths: number;
  }[];
  table: Record<string, Amount>;
  cover: {
    months: number;
    gaps: { municipality: Town; month: string; text: string }[];
    cost: Amount;
    cost_so_far: Amount;
    calls: number;
    per_call: { shown: string } | null;
    per_minute: { shown: string } | null;
    income: Amount;
    fixed_income: Amount;
    surplus: Amount;
    billed_seconds: number;
    shares: { municipality: Town; amount: Amount }[];
    price: { micro_euro: number; shown: string } | null;
  };
};
export type Proposal = {
  id: number;
  agreement: number;
  municipality: Town;
  clause: string;
  old_price: { shown: string };
  new_price: { shown: string };
  effective: Day;
  proposed_on: Day;
  state: 'proposed' | 'agreed_by_one' | 'agreed' | 'rejected';
  consents: { side: 'centre' | 'municipality'; agrees: boolean; on: Day; note: string }[];
};
export type Variants = {
  from: string;
  to: string;
  reference: 'agreed' | 'minutes';
  calls: number[];
  models: {
    model: string;
    words: string;
    total: Amount;
    gaining: number;
    paying_more: number;
    towns: {
      municipality: Town;
      pays: Amount;
      by_levy: Amount;
      difference: Amount | null; // none: nothing is agreed with the town
      per_1000_inhabitants: Amount;
      difference_per_1000_inhabitants: Amount | null;
    }[];
  }[];
};

const de = {
  joining: {
    title: 'Beitritt von Kommunen',
    none: 'Zurzeit tritt keine Kommune bei.',
    back: 'Alle Beitritte',
    of: (name: string) => `Beitritt: ${name}`,
    go_live: 'Start am',
    questions: 'Fragekatalog',
    answered: (n: number, all: number) => `${n} von ${all} beantwortet`,
    tasks: 'Aufgaben bis zum Start',
    done: (n: number, all: number) => `${n} von ${all} erledigt`,
    overdue: (n: number) => (n === 1 ? '1 überfällig' : `${n} überfällig`),
    next_due: 'Nächste Frist',
    begin: 'Beitritt beginnen',
    begun: 'Begonnen. Alle Fristen stehen fest.',
    move: 'Start verschieben',
    moved: 'Verschoben. Was nicht erledigt ist, hat neue Fristen.',
    save_answers: 'Antworten speichern',
    saved: 'Gespeichert.',
    yes_no: { '': 'offen', yes: 'ja', no: 'nein' } as Record<string, string>,
    sections: {
      service: 'Leistungsumfang',
      technology: 'Technik',
      data: 'Wissen und Datenschutz',
      cost: 'Kosten und Haushalt',
      people: 'Personal',
      schedule: 'Beschlüsse',
    } as Record<string, string>,
    by: { municipality: 'Kommune', centre: 'Servicecenter' } as Record<string, string>,
    task: 'Aufgabe',
    who: 'Wer',
    due: 'Bis',
    state: 'Stand',
    done_on: (day: string) => `erledigt am ${day}`,
    late: 'überfällig',
    open: 'offen',
    tick: (task: string) => `Erledigt: ${task}`,
    untick: (task: string) => `Doch offen: ${task}`,
    paper: 'Entscheidungsvorlage (PDF)',
    csv: 'Fragekatalog (CSV)',
    json: 'Fragekatalog (JSON)',
    bad_day: 'Bitte einen Tag nennen.',
    number_hint: 'eine ganze Zahl',
  },
  costs: {
    title: (year: number) => `Kosten des Servicecenters ${year}`,
    year: 'Jahr',
    blocks: 'Kosten und wer sie trägt',
    block: 'Block',
    how_often: 'Wie oft',
    running: 'laufend',
    once: 'einmalig',
    item: 'Kosten',
    kind: 'Art',
    kinds: {
      personnel: 'Personal',
      material: 'Sachkosten',
      invest_movable: 'Bewegliches Vermögen',
      invest_other: 'Sonstige Investition',
    } as Record<string, string>,
    bearer_kinds: {
      private_fees: 'privatrechtliche Entgelte',
      public_fees: 'öffentlich-rechtliche Entgelte',
      reimbursement: 'Kostenerstattung',
      own_funds: 'Eigenmittel',
    } as Record<string, string>,
    amount: 'Betrag',
    amount_euro: 'Betrag in Euro',
    posts: 'Stellen (leer: nur ein Betrag)',
    salary: 'Je Stelle und Jahr in Euro',
    of_posts: (posts: string, salary: string) => `${posts} Stellen zu ${salary}`,
    posts_sum: (posts: string) => `${posts} Stellen.`,
    bearer: 'Träger',
    rest: 'Rest',
    open: 'ungedeckt',
    refinanced: 'refinanziert',
    none: 'Für dieses Jahr ist noch nichts erfasst.',
    add: 'Kosten erfassen',
    add_bearer: 'Träger erfassen',
    name: 'Bezeichnung',
    block_name: 'Block',
    takes_rest: 'trägt den Rest',
    bears: 'Trägt',
    fixed: 'einen Betrag',
    reason: 'Grund der Änderung',
    saved: 'Gespeichert.',
    bad: 'Bitte Bezeichnung, Betrag und Grund nennen.',
    remove: (name: string) => `Entfernen: ${name}`,
    cover: 'Kostendeckung',
    cost: 'Laufende Kosten',
    income: 'Erlöse der Vereinbarungen',
    fixed_income: 'davon unabhängig von Minuten',
    surplus: 'Überschuss oder Fehlbetrag',
    so_far: (months: number) => `Kosten der ${months} abgelaufenen Monate (Zwölftel)`,
    running_year: (months: number) =>
      months === 0
        ? 'Noch ist kein Monat dieses Jahres abgelaufen.'
        : `Das Jahr läuft: Einnahmen, Gespräche und Minuten von ${months} Monaten stehen ${months} Zwölfteln der Jahreskosten gegenüber.`,
    gap: (town: string, month: string, text: string) => `${town}, ${month}: nicht berechenbar. ${text}`,
    calls: 'Abgerechnete Gespräche',
    per_call: 'Kosten je Gespräch',
    per_minute: 'Kosten je Minute',
    minutes: 'Abgerechnete Minuten',
    price: 'Kostendeckender Preis je Minute',
    shares: 'Verteilung nach Einwohnern',
    town: 'Kommune',
    proposals: 'Vorschläge für neue Preise',
    no_proposals: 'Es gibt keine Vorschläge.',
    clause: 'Preisregel',
    old: 'bisher',
    new: 'neu',
    effective: 'gilt ab',
    state: 'Stand',
    states: {
      proposed: 'vorgeschlagen',
      agreed_by_one: 'eine Seite hat zugestimmt',
      agreed: 'vereinbart',
      rejected: 'abgelehnt',
    } as Record<string, string>,
    sides: { centre: 'Servicecenter', municipality: 'Kommune' } as Record<string, string>,
    said: (side: string, agrees: boolean, day: string) =>
      `${side}: ${agrees ? 'ja' : 'nein'}, ${day}`,
    agree: (name: string) => `Zustimmen: ${name}`,
    refuse: (name: string) => `Ablehnen: ${name}`,
    agreed_done: 'Festgehalten.',
    propose: 'Preis vorschlagen',
    agreement: 'Vereinbarung',
    price_euro: 'Preis in Euro',
    proposed_done: 'Vorgeschlagen.',
    bad_proposal: 'Bitte Vereinbarung, Preisregel, Preis und Tag nennen.',
  },
  variants: {
    title: 'Finanzierungsmodelle im Vergleich',
    from: 'Von Monat',
    to: 'Bis Monat',
    price: 'Preis je Minute in Euro',
    share: 'Anteil von Umlage oder Grundbetrag in Prozent',
    compare: 'Vergleichen',
    paper: 'Vorlage als PDF',
    note: 'Alle Modelle auf denselben Anrufen; die gerechneten bringen zusammen dasselbe ein wie der Minutenpreis, Vorlagen und Vereinbarungen das Ihre.',
    models: {
      minutes: 'Minutenpreis',
      levy: 'Umlage und Minuten',
      inhabitants: 'Einwohner und Minuten',
      calls: 'Preis je Anruf',
      agreed: 'Heute vereinbart',
      template_minute_price: 'Vorlage: Minutenpreis',
      template_levy_and_minutes: 'Vorlage: Umlage und Minuten',
      template_inhabitants_and_minutes: 'Vorlage: Einwohner und Minuten',
      template_package: 'Vorlage: Pauschale',
      template_per_call: 'Vorlage: Preis je Anruf',
    } as Record<string, string>,
    reference: 'Unterschied gegenüber',
    templates: 'Vorlagen zu ihren eigenen Preisen',
    no_templates: 'keine',
    all_templates: 'alle',
    not_agreed:
      'Wo „–“ steht, ist in diesen Monaten nichts oder nicht lückenlos vereinbart; es gibt keinen Unterschied zu zeigen.',
    effect: (reference: string, less: number, more: number) =>
      `Gegenüber „${reference}“ zahlen ${less} weniger, ${more} mehr.`,
    town: 'Kommune',
    calls: 'Anrufe',
    pays: 'zahlt',
    by_levy: 'mit der Umlage',
    difference: 'Unterschied',
    per_1000: 'je 1.000 Einwohner',
    difference_per_1000: 'Unterschied je 1.000 Einwohner',
    chart: (model: string, total: string) => `${model}: zusammen ${total}`,
    none: 'Für diesen Zeitraum gibt es keine Kommunen.',
    no_calls: 'In diesen Monaten gibt es keine Gespräche, deshalb steht überall 0,00 €.',
  },
};

const en: typeof de = {
  joining: {
    title: 'Joining municipalities',
    none: 'No municipality is joining at present.',
    back: 'All joining municipalities',
    of: (name) => `Joining: ${name}`,
    go_live: 'Going live on',
    questions: 'Questionnaire',
    answered: (n, all) => `${n} of ${all} answered`,
    tasks: 'Tasks until going live',
    done: (n, all) => `${n} of ${all} done`,
    overdue: (n) => `${n} overdue`,
    next_due: 'Next due day',
    begin: 'Begin joining',
    begun: 'Begun. All due days are set.',
    move: 'Move the day',
    moved: 'Moved. What is not done has new due days.',
    save_answers: 'Save answers',
    saved: 'Saved.',
    yes_no: { '': 'open', yes: 'yes', no: 'no' },
    sections: {
      service: 'Service',
      technology: 'Technology',
      data: 'Knowledge and data protection',
      cost: 'Cost and budget',
      people: 'Staff',
      schedule: 'Resolutions',
    },
    by: { municipality: 'Municipality', centre: 'Service centre' },
    task: 'Task',
    who: 'Who',
    due: 'Until',
    state: 'State',
    done_on: (day) => `done on ${day}`,
    late: 'overdue',
    open: 'open',
    tick: (task) => `Done: ${task}`,
    untick: (task) => `Open again: ${task}`,
    paper: 'Decision paper (PDF)',
    csv: 'Questionnaire (CSV)',
    json: 'Questionnaire (JSON)',
    bad_day: 'Please name a day.',
    number_hint: 'a whole number',
  },
  costs: {
    title: (year) => `Cost of the service centre ${year}`,
    year: 'Year',
    blocks: 'Cost and who bears it',
    block: 'Block',
    how_often: 'How often',
    running: 'running',
    once: 'one-off',
    item: 'Cost',
    kind: 'Kind',
    kinds: {
      personnel: 'Personnel',
      material: 'Material',
      invest_movable: 'Movable assets',
      invest_other: 'Other investment',
    },
    bearer_kinds: {
      private_fees: 'private-law fees',
      public_fees: 'public-law fees',
      reimbursement: 'reimbursement',
      own_funds: 'own funds',
    },
    amount: 'Amount',
    amount_euro: 'Amount in euro',
    posts: 'Posts (empty: an amount only)',
    salary: 'Per post and year in euro',
    of_posts: (posts, salary) => `${posts} posts at ${salary}`,
    posts_sum: (posts) => `${posts} posts.`,
    bearer: 'Borne by',
    rest: 'rest',
    open: 'not covered',
    refinanced: 'refinanced',
    none: 'Nothing has been recorded for this year.',
    add: 'Record a cost',
    add_bearer: 'Record who bears it',
    name: 'Name',
    block_name: 'Block',
    takes_rest: 'bears the rest',
    bears: 'Bears',
    fixed: 'an amount',
    reason: 'Reason of the change',
    saved: 'Saved.',
    bad: 'Please give name, amount and reason.',
    remove: (name) => `Remove: ${name}`,
    cover: 'Cost cover',
    cost: 'Running cost',
    income: 'Income of the agreements',
    fixed_income: 'of it independent of minutes',
    surplus: 'Surplus or shortage',
    so_far: (months) => `Cost of the ${months} months that are over (twelfths)`,
    running_year: (months) =>
      months === 0
        ? 'No month of this year is over yet.'
        : `The year is running: income, calls and minutes of ${months} months face ${months} twelfths of the year’s cost.`,
    gap: (town, month, text) => `${town}, ${month}: cannot be computed. ${text}`,
    calls: 'Billed calls',
    per_call: 'Cost per call',
    per_minute: 'Cost per minute',
    minutes: 'Billed minutes',
    price: 'Covering price per minute',
    shares: 'Distribution by inhabitants',
    town: 'Municipality',
    proposals: 'Proposals for new prices',
    no_proposals: 'There are no proposals.',
    clause: 'Clause',
    old: 'so far',
    new: 'new',
    effective: 'from',
    state: 'State',
    states: {
      proposed: 'proposed',
      agreed_by_one: 'one side has agreed',
      agreed: 'agreed',
      rejected: 'refused',
    },
    sides: { centre: 'Service centre', municipality: 'Municipality' },
    said: (side, agrees, day) => `${side}: ${agrees ? 'yes' : 'no'}, ${day}`,
    agree: (name) => `Agree: ${name}`,
    refuse: (name) => `Refuse: ${name}`,
    agreed_done: 'Recorded.',
    propose: 'Propose a price',
    agreement: 'Agreement',
    price_euro: 'Price in euro',
    proposed_done: 'Proposed.',
    bad_proposal: 'Please give agreement, clause, price and day.',
  },
  variants: {
    title: 'Financing models side by side',
    from: 'From month',
    to: 'To month',
    price: 'Price per minute in euro',
    share: 'Share of levy or base in percent',
    compare: 'Compare',
    paper: 'Paper as PDF',
    note: 'All models on the same calls; the computed ones together bring what the price per minute brings, templates and agreements their own.',
    models: {
      minutes: 'Price per minute',
      levy: 'Levy and minutes',
      inhabitants: 'Inhabitants and minutes',
      calls: 'Price per call',
      agreed: 'Agreed today',
      template_minute_price: 'Template: price per minute',
      template_levy_and_minutes: 'Template: levy and minutes',
      template_inhabitants_and_minutes: 'Template: inhabitants and minutes',
      template_package: 'Template: package',
      template_per_call: 'Template: price per call',
    },
    reference: 'Difference from',
    templates: 'Templates at their own prices',
    no_templates: 'none',
    all_templates: 'all',
    not_agreed:
      'Where “–” stands, nothing is agreed for these months, or not without a gap; there is no difference to show.',
    effect: (reference, less, more) => `Against “${reference}”, ${less} pay less, ${more} pay more.`,
    town: 'Municipality',
    calls: 'Calls',
    pays: 'pays',
    by_levy: 'with the levy',
    difference: 'Difference',
    per_1000: 'per 1,000 inhabitants',
    difference_per_1000: 'Difference per 1,000 inhabitants',
    chart: (model, total) => `${model}: together ${total}`,
    none: 'There are no municipalities in this period.',
    no_calls: 'There are no calls in these months, so everything is 0.00 €.',
  },
};

export const joiningWords = () => (i18n.language === 'en' ? en : de);
