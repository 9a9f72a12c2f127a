// SPDX-License-Identifier: EUPL-1.2
// The part of the contract server that steers distribution: skills, queues, partners, overflow,
// lines, exceptions, crises with codes and reports, office switch, callbacks, the why of a call.
import { langenhagen, wedemark } from './data.mjs';

const iso = (ms) => new Date(ms).toISOString();
const problem = (status, code, title) => ({ status, code, title, args: {} });

export class Distribution {
  // path of a table -> its things
  tables = {
    '/skills': [
      { id: 1, kind: 'municipality', name: 'Kennt Wedemark', version: 1 },
      { id: 2, kind: 'it', name: 'IT-Störungen', version: 1 },
    ],
    '/queues': [
      {
        id: 1,
        name: 'IT-Hotline',
        demands: [{ skill: 2, level: 2 }],
        prefers: [],
        relaxations: [{ after_seconds: 60, demands: [] }],
        head_start_seconds: 0,
        max_waiting: 20,
        offers_callback: true,
        version: 1,
      },
    ],
    '/partners': [
      { id: 1, name: 'Servicecenter Nord', number: { e164: '+493023125090', shown: '030 23125090' }, version: 1 },
    ],
    '/overflows': [
      { id: 1, position: 1, reason: 'queue_length', partner: 1, queue: null, waiting: 12, wait_seconds: 0, from: null, until: null, version: 1 },
    ],
    '/crisis-plans': [
      {
        id: 1,
        name: 'Hochwasser',
        municipality: wedemark,
        queue: null,
        head_start_seconds: 300,
        always_open: true,
        hours: [],
        demands: [],
        relaxations: [],
        wording: [
          { language: 'de', text: 'Bitte bleiben Sie zu Hause. Sandsäcke gibt es am Bauhof.' },
          { language: 'en', text: 'Please stay at home. Sandbags are at the depot.' },
        ],
        version: 1,
      },
    ],
    [`/municipalities/${wedemark}/lines`]: [
      {
        id: 1, number: '+493023125002', shown: '030 23125002', scope: 'central', queue: null, price_class: 0,
        own_hours: false, closed_on_public_holidays: true, towns_days: false, hours: [], valid_from: null, valid_until: null,
        office: null, office_ring_seconds: 20, absent: [], version: 1,
      },
    ],
    [`/municipalities/${wedemark}/hours-exceptions`]: [
      { id: 1, line: null, first_day: '2026-12-24', last_day: '2026-12-24', open: false, from: '00:00', to: '24:00', reason: 'Heiligabend', version: 1 },
    ],
  };
  running = new Map(); // plan -> began_at
  reports = [];
  codes = new Set();
  skillsOf = {}; // agent -> {skills, live, version}
  offices = {}; // ars -> {presence, until}
  callbacks = [
    { call: 4650, municipality: wedemark, offered_at: iso(0), requested_at: '2026-11-22T08:40:00Z', attempts: 1, dialling: false, sleeps_until: '2026-11-22T09:10:00Z' },
    { call: 4651, municipality: langenhagen, offered_at: iso(0), requested_at: '2026-11-22T08:52:00Z', attempts: 0, dialling: false, sleeps_until: null },
  ];
  // A period in sums; null: too few to be counted out, nor are they in the sum.
  report = {
    total: { callbacks: 38, callbacks_reached: 29, callbacks_missed: 5, average_callback_seconds: 5_400 },
    municipalities: [
      { ars: langenhagen, callbacks: 12, callbacks_reached: 9, callbacks_missed: 1, average_callback_seconds: 1_260 },
      { ars: wedemark, callbacks: 26, callbacks_reached: 20, callbacks_missed: 4, average_callback_seconds: 7_275 },
      { ars: '032410000000', callbacks: null, callbacks_reached: null, callbacks_missed: null, average_callback_seconds: null },
    ],
    misroutes: [
      { dialled: wedemark, meant: langenhagen, calls: 140 },
      { dialled: langenhagen, meant: wedemark, calls: 17 },
      { dialled: langenhagen, meant: null, calls: 5 },
    ],
    definitions: {
      offered: 'Angebotene Anrufe: steht hier nicht.',
      corrected: 'Umgeordnet: angebotene Anrufe, die einer anderen Kommune zugeordnet wurden.',
      callbacks: 'Rückrufe gewünscht: angebotene Anrufe mit der Wahl eines Rückrufs.',
    },
  };
  reported = []; // periods that were asked for
  notices = []; // the lead's, the newest first
  previews = 0;
  changes = [
    { id: 12, at: '2026-11-22T08:40:00Z', by: 3, undone: false, things: [{ table: 'queue', id: 1, how: 'changed', name: 'IT-Hotline' }] },
    { id: 11, at: '2026-11-21T08:40:00Z', by: 3, undone: false, things: [{ table: 'agent_skills', id: 5, how: 'changed', name: '' }] },
  ];

  plans = []; // changes that wait for their instant, in their order

  #plan(method, path, from) {
    const what = {
      skills: 'skill', queues: 'queue', partners: 'partner', overflows: 'overflow', agents: 'agent_skills',
      'crisis-plans': 'crisis_plan', settings: 'settings',
    };
    const [, table, id] = /^(.+)\/(\d+)$/.exec(path) ?? [];
    const name = this.tables[table]?.find((one) => one.id === Number(id))?.name ?? 'IT-Hotline';
    const how = method === 'DELETE' ? 'removed' : 'changed';
    const plan = {
      id: 40 + this.plans.length, from, planned_at: '2026-11-22T08:00:00Z', office: 'lead', refused_at: null,
      problem: null, things: [{ table: what[path.split('/')[1]], how, name }],
    };
    this.plans = [...this.plans, plan];
    return plan;
  }

  // Something was removed: the newest change, and how it comes back.
  removed(table, id, name, restore) {
    const things = [{ table, id, how: 'removed', name }];
    this.changes.unshift({ id: this.changes[0].id + 1, at: iso(0), by: 7, undone: false, things, restore });
  }

  // Undefined if it is none of these routes; null: done, nothing to show.
  route(method, path, { json, query, version }, emit) {
    let match;
    if (path === '/crises') return { items: [...this.running].map((one) => this.#crisis(one)) };
    if (/^(\/desk)?\/notices/.test(path)) return this.#notices(method, path, json, emit);
    if (path === '/crisis-reports') return { items: this.reports };
    if ((match = /^\/crisis-plans\/(\d+)\/(begin|end|codes)$/.exec(path)))
      return this.#crisisAct(Number(match[1]), match[2], json, emit);
    if ((match = /^\/agents\/(\d+)\/(skills|live-skills)$/.exec(path)))
      return this.#skills(method, match[1], match[2], json);
    if ((match = /^\/municipalities\/(\d+)\/office$/.exec(path))) {
      if (method === 'PUT') this.offices[match[1]] = json();
      return this.offices[match[1]] ?? { presence: 'by_timetable', until: null };
    }
    if (path === '/callbacks') return { items: this.callbacks };
    if (path === '/reports/calls') {
      this.reported.push(`${query.get('from')} ${query.get('to')}`);
      return this.report;
    }
    if ((match = /^\/callbacks\/(\d+)$/.exec(path))) {
      this.callbacks = this.callbacks.filter(({ call }) => call !== Number(match[1]));
      return null;
    }
    if (path === '/planned-changes') return { items: this.plans };
    if ((match = /^\/planned-changes\/(\d+)(\/preview)?$/.exec(path))) {
      if (match[2]) return this.preview();
      this.plans = this.plans.filter(({ id }) => id !== Number(match[1]));
      return null;
    }
    if (method !== 'GET' && query.get('from') && !query.get('preview') && !path.includes('/announcements/')) return this.#plan(method, path, query.get('from'));
    if (path === '/rule-changes')
      return { items: this.changes, last: this.changes.find(({ undone }) => !undone)?.id ?? null };
    if ((match = /^\/rule-changes\/(\d+)\/undo$/.exec(path))) {
      if (query.get('preview')) return this.preview();
      const change = this.changes.find(({ id }) => id === Number(match[1]));
      if (change !== this.changes.find(({ undone }) => !undone))
        return problem(409, 'distribution.undo_not_last', 'Danach wurde schon anderes geändert.');
      change.undone = true;
      change.restore?.();
      return null;
    }
    if ((match = /^\/calls\/(\d+)\/why$/.exec(path))) return this.#why(Number(match[1]));
    return this.#table(method, path, { json, query, version });
  }

  #table(method, path, { json, query, version }) {
    const known = this.tables[path] ?? (/\/(lines|hours-exceptions)$/.test(path) ? [] : undefined);
    if (known) {
      if (method === 'GET') return { items: known };
      if (query.get('preview')) return this.preview();
      const id = Math.max(0, ...known.map((one) => one.id)) + 1;
      this.tables[path] = [...known, this.#kept({ ...json(), id, version: 1 })];
      return this.tables[path].at(-1);
    }
    const [, table, id] = /^(.+)\/(\d+)$/.exec(path) ?? [];
    const found = this.tables[table]?.find((one) => one.id === Number(id));
    if (!found) return undefined;
    if (query.get('preview')) return this.preview();
    if (method === 'DELETE') {
      const before = this.tables[table];
      this.tables[table] = before.filter((one) => one !== found);
      this.removed('any', found.id, '', () => (this.tables[table] = before));
      return null;
    }
    if (version !== found.version) return problem(412, 'storage.stale', 'Inzwischen geändert.');
    return Object.assign(found, this.#kept({ ...json(), version: version + 1 }));
  }
  // A partner's number comes as text and is shown as both forms.
  #kept(thing) {
    if (typeof thing.number !== 'string') return thing;
    const both = { e164: `+49${thing.number.replace(/\D/g, '').slice(1)}`, shown: thing.number };
    return 'scope' in thing ? { ...thing, number: both.e164, shown: both.shown } : { ...thing, number: both };
  }
  #notices(method, path, json, emit) {
    if (method === 'GET') return { items: this.notices };
    if (method === 'POST') {
      const notice = { ...json(), id: (this.notices[0]?.id ?? 0) + 1, created_at: new Date().toISOString() };
      this.notices = [notice, ...this.notices];
    } else this.notices = this.notices.filter(({ id }) => id !== Number(path.split('/')[2]));
    emit('notice');
    return method === 'POST' ? this.notices[0] : null;
  }
  preview() {
    this.previews++;
    const side = (completed, abandoned, wait) => ({
      calls: { completed, abandoned },
      average_wait_seconds: wait,
      longest_wait_seconds: wait * 4,
    });
    return {
      preview: true, from: iso(0), to: iso(1), calls: 214, changed: 9, rules_change: true,
      before: side(190, 24, 31), after: side(199, 15, 22), method: 'Zweimal durch die Verteilung gespielt.',
    };
  }

  #crisis([id, began_at]) {
    const { name, municipality, queue, wording } = this.tables['/crisis-plans'].find((one) => one.id === id);
    return { id, name, municipality, queue, began_at, wording };
  }
  #crisisAct(id, what, json, emit) {
    if (what === 'codes') {
      const codes = Array.from({ length: json().count }, (_, at) => `hilf-${id}-${at + 1}`);
      for (const code of codes) this.codes.add(code);
      return { codes };
    }
    if ((what === 'begin') === this.running.has(id))
      return problem(409, 'crisis.running', 'Diese Krise läuft schon.');
    const began_at = this.running.get(id);
    if (what === 'begin') this.running.set(id, iso(Date.now()));
    else this.running.delete(id);
    emit('crisis');
    if (what === 'begin') return null;
    const report = {
      plan: id, name: this.tables['/crisis-plans'].find((one) => one.id === id).name, began_at, ended_at: iso(Date.now()), offered: 412, answered: 369, abandoned: 41,
      waiting: 2, running: 1, helpers: 6,
      talk_seconds: 41_700, acw_seconds: 3_900, average_wait_seconds: 24, longest_wait_seconds: 190,
    };
    this.reports.unshift(report);
    return { report };
  }

  #skills(method, agent, what, json) {
    const mine = (this.skillsOf[agent] ??= { skills: [], live: null, version: 1 });
    if (method === 'GET') return mine;
    if (what === 'skills') return Object.assign(mine, { skills: json().skills, version: mine.version + 1 });
    mine.live = method === 'DELETE' ? null : json().skills;
    return null;
  }

  #why(call) {
    if (call !== 501) return problem(404, 'call.not_found', 'Diesen Anruf gibt es nicht.');
    const rule = (name, text) => ({ rule: name, text });
    return {
      call,
      steps: [
        { at: '2026-11-02T08:15:00Z', what: 'offered', text: 'Anruf angekommen', passed: [], decided: null, also: null, saw: [], town: null },
        {
          at: '2026-11-02T08:15:00Z', what: 'queue', text: 'In die Warteschlange', town: 'Wedemark',
          passed: [rule('closed', 'Außerhalb der Zeiten.')],
          decided: rule('queue_of_municipality', 'Die Warteschlange der Kommune.'), also: null,
          saw: [
            { name: 'queue', value: 4, called: 'Zentrale', called_today: 'Bürgertelefon' },
            { name: 'crisis', value: 7, called: 'Hochwasser', called_today: null },
            { name: 'partner', value: 9, called: null, called_today: null },
            { name: 'from_partner', value: 8 },
            { name: 'waiting', value: 2 }, { name: 'most_waiting', value: 5 }, { name: 'head_start_seconds', value: 45 },
          ],
        },
        {
          at: '2026-11-02T08:18:00Z', what: 'corrected', text: 'Kommune berichtigt', town: 'Langenhagen',
          passed: [], decided: null, also: null, saw: [],
        },
        {
          at: '2026-11-02T08:20:00Z', what: 'announce', text: 'Ansage', town: null,
          passed: [], decided: rule('closed_hours', 'Außerhalb der Servicezeit.'), also: null,
          saw: [{ name: 'announcement', value: 'closed' }, { name: 'opens_at', value: '2026-11-03T07:00:00Z' }],
        },
      ],
    };
  }
}
