// SPDX-License-Identifier: EUPL-1.2
// The fixture's documents, queries and agreements: one invoice, one open query, one draft; a town
// that joins, a year's cost with a proposed price, two financing models.
import { wedemark } from './data.mjs';

const details = (name) => ({
  name, street: 'Am Markt 1', postcode: '30900', city: 'Musterstedt', leitweg_id: '03241-DEMO-45',
  vat_id: '', tax_number: '', contact: 'Kämmerei', phone: '+49 511 1', email: 'kasse@stadt.example', iban: '',
});
const town = { ars: wedemark, name: 'Gemeinde Wedemark' };
const shown = (name, cents) => ({
  [`${name}_cents`]: cents,
  [`${name}_shown`]: `${(cents / 100).toFixed(2).replace('.', ',')} €`,
});

export const paper = (number, kind = 'invoice', cents = 690) => ({
  number,
  kind,
  municipality: town,
  period_from: '2026-10-01',
  period_to: '2026-10-31',
  issued_on: '2026-11-02',
  due_on: '2026-12-02',
  refers_to: kind === 'invoice' ? null : 'R2026-000001',
  ...shown('payable', cents),
  lines: [{
    text: 'Gesprächsminuten ab 2026-01-01', detail: '3 Anrufe, 7,27 Minuten zu 0,95 €',
    from: '2026-10-01', to: '2026-10-31', ...shown('amount', cents),
  }],
  tax: { category: 'not_taxable', rate_percent: 0, reason: '§ 2b UStG, Vermerk der Kämmerei' },
  ...shown('net', cents), ...shown('vat', 0), ...shown('gross', cents), ...shown('prepaid', 0),
  reason: kind === 'invoice' ? '' : 'Falscher Monat',
  notes: [],
  advances: [],
  corrected: [],
  seller: details('Servicecenter'),
  buyer: details('Gemeinde Wedemark'),
  ledger: { first: 1, last: 9, root: 'ab'.repeat(32) },
  evidence_root: 'cd'.repeat(32),
  cancelled_by: null,
});

const fields = {
  id: 1, municipality: wedemark, title: 'Vereinbarung mit Wedemark', land: 'NI', kind: 'public_law_agreement',
  history: [{ to: 'draft', on: '2026-11-02', by: 1, recorded_at: 1, note: '' }],
  tasks_of_centre: 'Anrufe annehmen.', numbers: [], promises: [], tasks_of_municipality: 'Wissen pflegen.',
  backup_contact: 'Hauptamt', technical_prerequisites: 'Rufumleitung.', hours: [], data_protection: 'Art. 28 DSGVO.',
  retentions: [], cost_clause: 'Nach Minuten.', populations: [],
  prices: [{
    name: 'Gesprächsminuten', from: '2027-01-01', kinds: 31, payer: 'municipality', payer_name: '', words: '0,95 € je Minute.',
    minute_price: {
      steps: [{ contract_year: 1, price: 950000 }], counts_after_call_work: true, unit: 'second',
      level: 'per_call', rounding: 'half_up', minimum_seconds: 0,
    },
  }],
  taxes: [], payment_days: 30, budgets: [{ year: 2027, amount: 2500000, product: '11109', cost_centre: '' }],
  term_clause: 'Zwei Jahre.',
  term: { begins: '2027-01-01', first_months: 24, renewal_months: 12, notice: { count: 6, unit: 'months' }, remind_days: [90] },
  documents: [],
};
const head = {
  id: 1, version: 1, municipality: town, title: fields.title, kind: fields.kind, state: 'draft', begins: '2027-01-01',
  ends: null, next_end: { last_day: '2028-12-31', notice_until: '2028-06-30', notice_advised: '2028-06-30' },
};

const amount = (cents) => ({ cents, shown: shown('it', cents).it_shown });
const proposal = {
  id: 1, agreement: 1, municipality: town, clause: 'Gesprächsminuten', old_price: { shown: '0,95 €' }, new_price: { shown: '1,06 €' },
  effective: '2027-01-01', proposed_on: '2026-11-02', state: 'agreed_by_one',
  consents: [{ side: 'municipality', agrees: true, on: '2026-11-03', note: '' }],
};
const joining = {
  municipality: town, version: 1, go_live: '2027-07-01',
  progress: { questions: 3, answered: 1, tasks: 2, done: 1, overdue: 1, next_due: '2026-11-01' },
  questions: [
    { key: 'scope', section: 'service', kind: 'text', text: 'Was soll das Servicecenter beantworten?', answer: '' },
    { key: 'calls', section: 'service', kind: 'number', text: 'Wie viele Anrufe kommen im Jahr?', answer: '12000' },
    { key: 'forwarding', section: 'technology', kind: 'yes_no', text: 'Kann die Anlage weiterleiten?', answer: '' },
  ],
  list: [
    { key: 'council', text: 'Beschluss fassen', by: 'municipality', due: '2026-11-01', done: null, note: '', overdue: true },
    { key: 'numbers', text: 'Rufnummern nennen', by: 'centre', due: '2027-01-01', done: '2026-11-02', note: '', overdue: false },
  ],
};
const block = {
  name: 'laufend', running: true,
  items: [{ name: 'Personal', kind: 'personnel', amount: 26_800_000, posts: { hundredths: 500, salary: 5_360_000 } }],
  bearers: [{ name: 'beteiligte Kommunen', kind: 'private_fees', amount: 0, rest: true }],
};
const costs = (year, blocks) => ({
  year, version: 1, blocks, table: {},
  results: blocks.map(({ name }) => ({
    name, cost: amount(26_800_000), borne: [amount(26_800_000)], open: amount(0), refinanced_basis_points: 10_000, post_hundredths: 500,
  })),
  cover: {
    months: 10, gaps: [], cost: amount(26_800_000), cost_so_far: amount(22_333_333), calls: 3, per_call: null, per_minute: null,
    income: amount(690), fixed_income: amount(0), surplus: amount(-22_332_643), billed_seconds: 436,
    shares: [{ municipality: town, amount: amount(26_800_000) }], price: { micro_euro: 1_060_000, shown: '1,06 €' },
  },
});
const model = (name, words, difference) => ({
  model: name, words, total: amount(690), gaining: 0, paying_more: difference === null ? 0 : 1,
  towns: [{
    municipality: town, pays: amount(690), by_levy: amount(100), difference: difference === null ? null : amount(difference),
    per_1000_inhabitants: amount(23), difference_per_1000_inhabitants: difference === null ? null : amount(1),
  }],
});

export class Money {
  joining = [joining];
  costBlocks = [block];
  proposals = [proposal];
  models = [model('agreed', 'Was heute vereinbart ist', null), model('minutes', '0,95 € je Minute', 30)];
  runs = [];
  preview = [
    {
      municipality: town, calls: 3, clean: true, ...shown('net', 690), ...shown('payable', 690), ...shown('difference', 290),
      number: null, problem: null,
    },
    {
      municipality: { ars: '032410010010', name: 'Stadt Langenhagen' }, calls: 0, clean: false, ...shown('net', 0),
      ...shown('payable', 0), ...shown('difference', 0), number: null, problem: 'Es fehlen Rechnungsangaben.',
    },
  ];
  partners = [{
    id: 2, name: 'Servicecenter Nord', taken_for_calls: 12, taken_by_calls: 3, talk_seconds: 2160, acw_seconds: 360,
    transferred_seconds: 600, price: null, statement: null,
  }];
  notices = { budgets: [], agreements: [] };
  calls = {
    501: {
      call: 501, offered_at: '2026-10-05T09:00:00Z', kind: 'own_number', answered: true, municipality: town, changes: [],
    },
  };
  papers = [paper('R2026-000001')];
  disputes = [{
    id: 1, number: 'R2026-000001', municipality: town, line: 1, call: 501, state: 'open', credit_note: null, reclassified: false,
    opened_at: '2026-11-05T09:00:00Z',
    comments: [{ at: '2026-11-05T09:00:00Z', side: 'municipality', text: 'Dieser Anruf war nicht für uns.' }],
  }];
  agreement = {
    ...head, fields,
    problems: [{ code: 'agreement.incomplete', place: '1.numbers', text: 'In der Vereinbarung fehlt etwas: 1.numbers.' }],
    steps: [{ to: 'resolved', problem: null }, { to: 'ended', problem: null }],
    reminders: [{ on: '2028-04-01', days_before: 90, past: false }],
    today: { active: false, numbers: [], prices: [], changes: ['2027-01-01'] },
    offboarding: [], service: { promise: null, effects: [], open: [{ what: 'office_missing', subject: '030 23125001' }] },
    tax_hints: ['transition_ends'],
    versions: [{ version: 1, changed_at: '2026-11-02T10:00:00Z', reason: 'Vorlage minute_price', state: 'draft' }],
  };
  details = details('Servicecenter');
  months = ['2026-01', '2026-02']; // of the forecast
  refused = null; // what issuing answers instead

  // A centre that has just begun.
  empty() {
    Object.assign(this, { papers: [], disputes: [], agreement: null, joining: [], partners: [], costBlocks: [], proposals: [], models: [], months: [] });
  }

  answer(method, path, { json, user, problem }) {
    const centre = !user.municipality;
    const mine = ({ municipality }) => centre || municipality.ars === user.municipality;
    const [, , id, what] = path.split('/');
    if (path.endsWith('/draft')) {
      if (this.refused) return this.refused;
      const { cancelled_by: _, ...document } = { ...paper(null), number: null };
      return { document, calls: 3, before: { month: '2026-09', calls: 2, ...shown('net', 400) } };
    }
    if (path.endsWith('/forecast')) {
      const months = this.months.map((month, index) => ({
        // Baden-Baden (F-24): 25.000 € budgeted, 9.500 € a month.
        month, alarm: index ? 'warning' : 'watch', ...shown('amount', 950000), ...shown('spent', 950000 * (index + 1)),
        ...shown('forecast', 11400000), exhausted_in: 3,
      }));
      return { municipality: town, year: 2026, budget_cents: 2500000, months };
    }
    if (path === '/onboarding') return { items: this.joining };
    if (path.endsWith('/onboarding')) return this.joining[0];
    if (path.startsWith('/costs/')) return costs(Number(id), this.costBlocks);
    if (path === '/price-proposals') return { items: this.proposals };
    if (path === '/variants') return { from: '2026-01', to: '2026-12', reference: 'agreed', calls: [3], models: this.models };
    if (path.endsWith('billing-details')) return method === 'PUT' ? (this.details = json()) : this.details;
    if (path === '/disputes') return { items: this.disputes.filter(mine) };
    if (path.startsWith('/disputes/')) return this.#dispute(Number(id), what, json());
    if (path === '/finance/notices') return this.notices;
    if (path === '/run-preview') return { month: '2026-10', over: true, items: this.preview };
    if (path.startsWith('/runs')) return this.#run(method, json);
    if (path.startsWith('/partner-accounts')) {
      if (method === 'PUT') this.partnerPrice = { id: Number(id), ...json() };
      return { month: '2026-10', items: this.partners };
    }
    if (path.endsWith('/effects')) {
      const amounts = { before: { cents: 690, shown: '6,90 €' }, after: { cents: 460, shown: '4,60 €' } };
      return {
        items: [{ municipality: town, month: '2026-10', ...amounts, difference: { cents: -230, shown: '-2,30 €' }, billed_by: 'R2026-000001' }],
      };
    }
    if (path.endsWith('/corrections')) {
      if (method === 'GET') return { items: this.corrected ? [] : [{ ...paper(null), number: null }] };
      this.corrected = true;
      return { items: [this.#add(paper('R2026-000009'))] };
    }
    if (path.startsWith('/calls/')) return this.#call(Number(id), method, json, problem);
    if (path.startsWith('/agreements')) return this.#agreement(method, id, what, json);
    if (method === 'GET' && !id)
      return {
        items: this.papers.filter(mine).map((one) => ({
          ...one, open_disputes: this.disputes.filter((d) => d.number === one.number && d.state === 'open').length,
        })),
      };
    if (method === 'POST' && !id) return this.#add(paper(`R2026-00000${this.papers.length + 1}`));
    const found = this.papers.find(({ number }) => number === id);
    if (!found || !mine(found)) return problem(404, 'invoice.not_found', 'Dieses Dokument gibt es nicht.');
    if (what === 'files') return '%PDF-1.7';
    if (what === 'cancellation') {
      found.cancelled_by = 'S2026-000001';
      return this.#add({ ...paper('S2026-000001', 'cancellation', -690), reason: json().reason });
    }
    if (what === 'credits') return this.#add(paper('G2026-000001', 'credit_note', 100));
    if (what === 'disputes') {
      const dispute = {
        ...this.disputes[0], id: this.disputes.length + 1, line: json().line ?? null, call: json().call ?? null, state: 'open',
        comments: [{ at: '2026-11-06T09:00:00Z', side: centre ? 'centre' : 'municipality', text: json().text }],
      };
      this.disputes.unshift(dispute);
      return dispute;
    }
    return found;
  }

  #run(method, json) {
    if (method === 'GET') return { items: this.runs };
    const done = this.preview.filter(({ clean }) => clean);
    for (const [index, one] of done.entries()) Object.assign(one, { clean: false, number: `R2026-00001${index}` });
    const run = {
      id: 1, month: json().month, started_at: '2026-11-02T09:00:00Z',
      items: done.map(({ municipality, number }) => ({ municipality, state: 'issued', number, problem: null })),
    };
    this.runs.unshift(run);
    return run;
  }
  #call(call, method, json, problem) {
    const known = this.calls[call];
    if (!known) return problem(404, 'call.not_found', 'Diesen Anruf gibt es nicht.');
    if (method === 'POST') {
      const { municipality, kind, reason } = json();
      const to = municipality ? { ars: municipality, name: 'Stadt Langenhagen' } : known.municipality;
      known.changes.push({ reason, role: 'finance', from: known.municipality, to, kind: kind ?? null, dispute: null });
      Object.assign(known, { municipality: to, kind: kind ?? known.kind });
    }
    return known;
  }
  #add(one) {
    this.papers.unshift(one);
    return one;
  }
  #dispute(id, what, body) {
    const dispute = this.disputes.find((one) => one.id === id);
    const side = what === 'comments' ? 'municipality' : 'centre';
    dispute.comments.push({ at: '2026-11-06T09:00:00Z', side, text: body.text });
    if (what === 'decision') {
      const reclassified = body.outcome === 'reclassified';
      this.decision = body;
      Object.assign(dispute, {
        state: reclassified ? 'upheld' : body.outcome, reclassified, credit_note: body.net ? 'G2026-000001' : null,
      });
    }
    return dispute;
  }
  #agreement(method, id, what, json) {
    const one = this.agreement;
    if (what === 'annex') return '%PDF-1.7';
    if (!id && method === 'GET' && !one) return { items: [] };
    if (!id && method === 'GET') return { items: [{ ...head, state: one.state, version: one.version, problems: 1 }] };
    if (what === 'states') Object.assign(one, { state: json().to, version: one.version + 1 });
    if (method === 'PUT') Object.assign(one, { fields: json().fields, version: one.version + 1 });
    return one;
  }
}
