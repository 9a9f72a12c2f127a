// SPDX-License-Identifier: EUPL-1.2
// A small server that keeps the REST contract in memory, so that every state of every page can be
// brought about at will. It sends the real server's security headers, and its line can be cut.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as data from './data.mjs';
import { answer as delivered, deliveries } from './deliveries.mjs';
import { Distribution } from './distribution.mjs';
import { Money } from './finance.mjs';
import { Synonyms } from './synonyms.mjs';
import { Websites } from './websites.mjs';

const dist =
  process.env.FERNAMT_UI ?? join(dirname(fileURLToPath(import.meta.url)), '../../../ui/dist');
const kTownKinds = [
  'greeting', 'waiting_music', 'closed', 'nobody_available', 'unknown_number', 'info_1', 'info_2', 'info_3',
];
const kTypes = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
export const kSecurity = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
    "font-src 'self'; connect-src 'self'; media-src 'self' blob:; frame-ancestors 'none'; " +
    "base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; " +
    'trusted-types svelte-trusted-html',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};
const iso = (ms) => new Date(ms).toISOString();
const problem = (status, code, title, args = {}) => ({ status, code, title, args });

export class Fixture {
  users = data.users();
  towns = data.municipalities();
  prices = data.prices(); // ars -> list
  distribution = new Distribution();
  services = data.services();
  directory = data.directory();
  guides = data.guides();
  offers = []; // forms and online services, of every service
  requested = []; // what callers ask for
  websites = new Websites(); // and whatever else is read from others
  synonyms = new Synonyms();
  gates = data.gates(this.towns); // ars -> may it go live
  deliveries = deliveries();
  reports = []; // texts called wrong: {service, municipality, section?, text, open}
  situation = data.situation();
  rules = {
    ring_timeout_seconds: 20,
    wrap_up_seconds: 30,
    wrap_up_extension_seconds: 60,
    transfer_timeout_seconds: 25,
    callback_ring_seconds: 30,
    callback_attempts: 3,
    callback_retry_seconds: 1800,
    callback_retry_busy_seconds: 300,
    callback_retry_own_seconds: 300,
    typical_handling_seconds: 180,
    max_hops: 3,
    max_partners: 5,
    version: 1,
  };
  announcements = {}; // "ars/kind" or "plan/kind" -> Buffer
  versions = {}; // of the same
  lastVersion = 0;
  notes = new Map(); // call -> {text, version}
  writers = []; // {call, login}: who saved a note
  desks = new Map(); // login -> desk
  money = new Money(); // documents, queries, agreements
  commands = []; // what was posted
  answers = []; // what came to /desk/media
  failures = []; // {method, prefix, ...problem}
  refused = []; // paths that failed by plan
  held = []; // {prefix, release}: requests that wait
  callersWait = false; // the phone rings as soon as somebody is ready
  withoutAgreement = false; // months that cannot be billed
  newOffer = undefined; // () => {leg, sdp}: what the exchange offers when a page asks for its voice
  wrapUp = 30;
  heartbeat = 10_000;

  #sessions = new Map();
  #streams = new Set();
  #sockets = new Set();
  #events = 0;
  #frozen = false;
  #calls = 4700;

  async start(port = 0) {
    this.server = createServer((request, response) => void this.#serve(request, response));
    this.server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    await new Promise((done) => this.server.listen(port, '127.0.0.1', done));
    this.port = this.server.address().port;
    this.url = `http://localhost:${this.port}`;
    clearInterval(this.beat);
    this.beat = setInterval(() => {
      if (!this.#frozen) for (const { response } of this.#streams) response.write(': still here\n\n');
    }, this.heartbeat);
    return this;
  }

  async stop() {
    clearInterval(this.beat);
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => this.server.close(done));
  }

  // The network is gone: connections break, new ones are refused.
  async cut() {
    await this.stop();
  }
  async restore() {
    await this.start(this.port);
  }
  // The network is gone silently: nothing breaks, nothing comes.
  freeze() {
    this.#frozen = true;
  }
  thaw() {
    this.#frozen = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  fail(method, prefix, status, code = 'test.failed', title = 'Absichtlich gescheitert.') {
    this.failures.push({ method, prefix, ...problem(status, code, title) });
  }
  failOnce(method, prefix, status) {
    this.fail(method, prefix, status);
    this.failures.at(-1).once = true;
  }
  heal() {
    this.failures = [];
  }
  hold(prefix) {
    let release;
    const gate = new Promise((done) => (release = done));
    this.held.push({ prefix, gate });
    return () => {
      this.held = this.held.filter((one) => one.gate !== gate);
      release();
    };
  }

  emit(event, login) {
    const id = ++this.#events;
    for (const stream of this.#streams) {
      if (this.#frozen || (login && stream.user.login !== login)) continue;
      stream.response.write(`id: ${id}\nevent: ${event}\ndata: {}\n\n`);
    }
  }

  // --- the desk ---------------------------------------------------------------------------------

  desk(login = 'agent1') {
    if (!this.desks.has(login))
      this.desks.set(login, {
        state: 'signed_out',
        device: 'browser',
        since: iso(Date.now()),
        until: null,
        waiting: 0,
        longest_wait_seconds: 0,
        phone_registered: false,
        pause_after_call: false,
        call: null,
        browser_offer: null,
      });
    return this.desks.get(login);
  }

  // Changes the desk and tells its pages, as the exchange would.
  set(change, login = 'agent1') {
    const desk = this.desk(login);
    const moved = change.state && change.state !== desk.state;
    Object.assign(desk, moved ? { since: iso(Date.now()), until: null } : {}, change);
    this.emit('desk', login);
    return desk;
  }

  ring({ ars = data.wedemark, caller = '07', offer = null, login = 'agent1', more = {} } = {}) {
    const town = this.towns.find((one) => one.ars === ars);
    const id = ++this.#calls;
    this.notes.set(id, { text: '', version: 0 });
    this.set(
      {
        state: 'ringing',
        until: iso(Date.now() + 20_000),
        browser_offer: offer,
        call: {
          id,
          municipality: town && this.#place(town),
          dialled_municipality: null,
          scope: 'central',
          crisis: null,
          partner: null,
          consult: null,
          callback: null,
          number: town?.numbers[0] ?? null,
          offered_at: iso(Date.now()),
          answered_at: null,
          caller: caller && { e164: `+4930231250${caller}`, shown: `030 231250${caller}` },
          ...more,
        },
      },
      login,
    );
    return id;
  }

  #place({ ars, name, short_name, greeting }) {
    return { ars, name, short_name, greeting };
  }

  // A callback is dialled first; otherwise the caller is on the line.
  answer(login = 'agent1') {
    const { call } = this.desk(login);
    const callback = call.callback && 'dialling';
    this.set({ state: 'talking', call: { ...call, answered_at: iso(Date.now()), callback } }, login);
  }

  // What becomes of the call at this desk, as the exchange would tell.
  call(change, more = {}, login = 'agent1') {
    this.set({ ...more, call: { ...this.desk(login).call, ...change } }, login);
  }

  // The call is over. answered_at is empty from then on, as with the real exchange.
  end(login = 'agent1', seconds = this.wrapUp) {
    const { call, pause_after_call } = this.desk(login);
    const ended = { ...call, offered_at: null, answered_at: null, consult: null };
    if (seconds > 0)
      this.set(
        { state: 'after_call_work', until: iso(Date.now() + seconds * 1000), call: ended, browser_offer: null },
        login,
      );
    else this.set({ state: pause_after_call ? 'paused' : 'ready', call: null }, login);
  }

  ready(login = 'agent1') {
    const paused = this.desk(login).pause_after_call;
    this.set({ state: paused ? 'paused' : 'ready', call: null, pause_after_call: false }, login);
  }

  #command({ command, call, target, device, municipality, paused }, login) {
    const desk = this.desk(login);
    const { state } = desk;
    const not = problem(409, 'desk.not_now', 'Das geht im Augenblick nicht.');
    if (call !== undefined && call !== desk.call?.id)
      return problem(409, 'desk.other_call', 'Dieser Anruf ist nicht mehr an Ihrem Platz.');
    const talking = state === 'talking' || state === 'held';
    switch (command) {
      case 'sign_in':
        if (state !== 'signed_out') return not;
        this.set({ state: paused ? 'paused' : 'ready', device: device ?? 'browser' }, login);
        return void (this.callersWait && !paused && this.ring({ login }));
      case 'sign_out':
        return void this.set({ state: 'signed_out', call: null }, login);
      case 'ready':
        if (state === 'ringing' || state === 'ready' || state === 'signed_out') return not;
        if (talking) return void this.set({ pause_after_call: false }, login);
        return void this.set({ state: 'ready', call: null, pause_after_call: false }, login);
      case 'pause':
        if (talking || state === 'after_call_work')
          return void this.set({ pause_after_call: true }, login);
        return void this.set({ state: 'paused', call: null }, login);
      case 'answer':
        return state === 'ringing' ? void this.answer(login) : not;
      case 'hang_up':
        if (state === 'ringing') return void this.set({ state: 'missed', call: null }, login);
        return talking ? void this.end(login) : not;
      case 'hold':
        return state === 'talking' ? void this.set({ state: 'held' }, login) : not;
      case 'resume':
        return state === 'held' ? void this.set({ state: 'talking' }, login) : not;
      case 'transfer':
        if (!/\d{3}/.test(target ?? ''))
          return problem(422, 'desk.target_invalid', 'Das ist keine Telefonnummer.');
        return talking ? void this.end(login) : not;
      case 'consult':
        if (!/\d{3}/.test(target ?? ''))
          return problem(422, 'desk.target_invalid', 'Das ist keine Telefonnummer.');
        if (!talking || desk.call.consult) return not;
        return void this.call({ consult: 'ringing' }, { state: 'held' }, login);
      case 'consult_end':
        if (!desk.call?.consult) return not;
        return void this.call({ consult: null }, { state: 'talking' }, login);
      case 'conference':
        if (desk.call?.consult !== 'talking') return not;
        return void this.call({ consult: 'joined' }, { state: 'talking' }, login);
      case 'hand_over':
        return desk.call?.consult ? void this.end(login) : not;
      case 'correct_municipality': {
        const meant = this.towns.find(({ ars }) => ars === municipality);
        if (!talking || !meant) return not;
        const before = desk.call.dialled_municipality ?? desk.call.municipality;
        const dialled_municipality = before?.ars === meant.ars ? null : before;
        return void this.call({ municipality: this.#place(meant), dialled_municipality }, {}, login);
      }
      case 'phone_resume':
        if (!talking && state !== 'ringing') return not;
        if (!this.newOffer) return problem(503, 'media.unavailable', 'Die Sprachverbindung fehlt.');
        void this.newOffer().then((offer) => this.set({ browser_offer: offer }, login));
        return undefined;
      case 'wrap_up_extend': {
        if (state !== 'after_call_work') return not;
        return void this.set({ until: iso(Date.parse(desk.until) + 60_000) }, login);
      }
      case 'wrap_up_finish':
        return state === 'after_call_work' ? void this.ready(login) : not;
    }
    return problem(422, 'request.invalid', 'Eine Angabe ist nicht möglich.');
  }

  // --- HTTP -------------------------------------------------------------------------------------

  async #serve(request, response) {
    if (this.#frozen) return; // never answered
    const url = new URL(request.url, 'http://localhost');
    for (const [name, value] of Object.entries(kSecurity)) response.setHeader(name, value);
    if (!url.pathname.startsWith('/api/')) return this.#file(url.pathname, request, response);
    const path = decodeURIComponent(url.pathname.replace('/api/v1', ''));
    const { method } = request;
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const raw = Buffer.concat(chunks);
    await this.held.find(({ prefix }) => path.startsWith(prefix))?.gate;
    const refuse = ({ status, code, title, args }) => {
      response.writeHead(status, { 'Content-Type': 'application/problem+json' });
      response.end(JSON.stringify({ type: 'about:blank', status, code, title, arguments: args }));
    };
    const planned = this.failures.find((f) => f.method === method && path.startsWith(f.prefix));
    if (planned?.once) this.failures = this.failures.filter((one) => one !== planned);
    if (planned) this.refused.push(path);
    if (planned) return refuse(planned);
    if (method !== 'GET' && request.headers['x-fernamt'] !== '1')
      return refuse(problem(403, 'request.forgery_header_missing', 'X-Fernamt fehlt.'));
    const json = () => JSON.parse(raw.toString() || '{}');
    const user = this.#userOf(request);
    const open = method === 'POST' && ['/session', '/helpers'].includes(path);
    if (!user && !open)
      return refuse(problem(401, 'session.none', 'Bitte melden Sie sich an.'));
    if (path === '/events') return this.#stream(user, request, response);
    let result;
    try {
      result = this.#route(method, path, url.searchParams, { json, raw, user, request, response });
    } catch (error) {
      result = problem(500, 'internal.defect', String(error));
    }
    if (result === undefined) return response.writeHead(204).end();
    if (result?.code && result.status) return refuse(result);
    if (Buffer.isBuffer(result) || typeof result === 'string') return response.end(result);
    response.setHeader('Content-Type', 'application/json');
    response.setHeader('Content-Encoding', 'gzip'); // as net/compression does
    response.end(gzipSync(JSON.stringify(result)));
  }

  #route(method, path, query, { json, raw, user, request, response }) {
    const key = `${method} ${path}`;
    const version = Number((request.headers['if-match'] ?? '').replaceAll('"', ''));
    const stale = problem(412, 'storage.stale', 'Inzwischen geändert.');
    const forbidden = problem(403, 'session.forbidden', 'Dafür fehlt Ihnen die Berechtigung.');
    const role = (...roles) => user.roles.some((one) => roles.includes(one));
    let match;

    if (key === 'POST /session') return this.#signIn(json(), response);
    if (key === 'GET /session') return user;
    if (key === 'DELETE /session') return void this.#sessions.delete(this.#token(request));
    if (key === 'PUT /session/settings') return Object.assign(user, json());
    if (key === 'POST /helpers') return this.#joinCrisis(json().code, response);
    const parts = { json, query, version };
    const steered = this.distribution.route(method, path, parts, (event) => this.emit(event));
    if (steered !== undefined) return steered ?? undefined;
    if (path.startsWith('/desk')) {
      if (!role('agent')) return forbidden;
      if (key === 'GET /desk') return { ...this.desk(user.login), now: iso(Date.now()) };
      if (key === 'POST /desk/commands') {
        this.commands.push(json());
        return this.#command(json(), user.login);
      }
      if (key === 'POST /desk/media') {
        this.answers.push(json());
        return void this.set({ browser_offer: null }, user.login);
      }
    }
    if ((match = /^\/calls\/(\d+)(\/notes)?$/.exec(path))) {
      const id = Number(match[1]);
      const kept = this.notes.get(id);
      if (!kept) return problem(404, 'call.not_found', 'Diesen Anruf gibt es nicht.');
      if (method === 'GET') return { id, municipality: null, notes: kept };
      if (version !== kept.version) return stale;
      this.writers.push({ call: id, login: user.login });
      this.notes.set(id, { text: json().text, version: version + 1 });
      return this.notes.get(id);
    }
    if (key === 'GET /knowledge/services') return this.#search(query);
    const delivery = delivered(this.deliveries, method, path, json, problem);
    if (delivery) return delivery;
    const townOf = (ars) => this.towns.find((town) => town.ars === ars)?.name ?? ars;
    const read = this.websites.answer(method, path, json, version, problem, townOf);
    if (read) return read;
    const word = this.synonyms.answer(method, path, json, version, problem, user);
    if (word) return word;
    if (key === 'GET /knowledge/directory') return this.#directory(query);
    if (key === 'GET /knowledge/guides') {
      const place = query.get('municipality');
      const items = this.guides.filter(({ municipality }) => !municipality || municipality === place);
      return { items: items.map(({ steps, draft, ...head }) => head) };
    }
    if ((match = /^\/knowledge\/guides\/(\d+)$/.exec(path)))
      return this.guides.find(({ id }) => id === Number(match[1])) ??
        problem(404, 'knowledge.guide_not_found', 'Diesen Leitfaden gibt es nicht.');
    if (key === 'POST /knowledge/reports') return { task: this.reports.push({ ...json(), open: true }) };
    if ((match = /^\/knowledge\/reports\/(\d+)$/.exec(path))) {
      const report = this.reports[Number(match[1]) - 1];
      Object.assign(report, method === 'DELETE' ? { open: false } : json());
      return undefined;
    }
    if ((match = /^\/knowledge\/services\/(\d+)\/more$/.exec(path)))
      return { modules: data.more()[match[1]] ?? [] };
    if ((match = /^\/knowledge\/services\/(\d+)\/offers$/.exec(path))) return { items: this.offers };
    if ((match = /^\/knowledge\/services\/(\d+)\/texts$/.exec(path))) {
      if (query.get('common') && user.municipality) return forbidden; // the centre's
      const found = this.services.find(({ id }) => id === Number(match[1]));
      if (!found) return problem(404, 'knowledge.not_found', 'Keine Auskunft.');
      const { id, leika, name, colloquial, level } = found;
      return { service: { id, leika, name, colloquial, level } };
    }
    // The editors' pages are tried against the program itself (editing.real.test.mjs).
    if (key === 'GET /knowledge/tasks' || key === 'GET /knowledge/gaps') return { items: [] };
    if (key === 'GET /knowledge/requests') return { items: this.requested };
    if (key === 'GET /knowledge/matrix') return data.matrix(this.towns, this.gates);
    if ((match = /^\/municipalities\/(\d+)\/go-live$/.exec(path))) {
      const gate = this.gates[match[1]];
      if (method === 'GET') return gate;
      if (!role('lead', 'editor', 'admin')) return forbidden;
      const { override_reason } = json();
      if (!gate.ready && !override_reason)
        return problem(409, 'knowledge.not_ready', 'Diese Kommune ist noch nicht vollständig.');
      const { complete, stale, missing, lacks } = gate;
      gate.decision = { complete, stale, missing, lacks, override_reason, decided_at: iso(Date.now()), decided_by: { id: user.id, name: user.name } };
      return Object.assign(gate, { open: true });
    }
    if (key === 'GET /knowledge/reminder') return { address: null };
    if ((match = /^\/knowledge\/services\/(\d+)$/.exec(path))) {
      const found = this.services.find(({ id }) => id === Number(match[1]));
      if (!query.get('municipality'))
        return problem(422, 'knowledge.municipality_missing', 'Bitte geben Sie die Kommune an.');
      if (!found) return problem(404, 'knowledge.not_found', 'Keine Auskunft.');
      return { ...found, municipality: query.get('municipality'), read_aloud: found.short_answer };
    }
    if (key === 'GET /situation')
      return role('lead', 'admin') ? { ...this.situation, now: iso(Date.now()) } : forbidden;
    if (key === 'GET /municipalities') return { items: this.towns };
    if (key === 'POST /municipalities') return role('admin') ? this.#join(json()) : forbidden;
    if (key === 'GET /areas') return role('admin') ? this.#areas(query.get('q')) : forbidden;
    if (/^\/(documents|disputes|agreements|billing-details|finance|partner-accounts|run-preview|runs|costs|price-proposals|variants)|\/(draft|forecast|billing-details|classification|effects|corrections|onboarding)$/.test(path))
      return role('finance', 'admin', 'auditor') ? this.money.answer(method, path, { json, user, problem }) : forbidden;
    if (/^\/municipalities\/\d+\/prices/.test(path))
      return role('admin', 'finance') ? this.#price(method, path, json) : forbidden;
    const ofCrisis = /^\/crisis-plans\/(\d+)\/announcements(?:\/(.+))?$/.exec(path);
    if (ofCrisis)
      return role('lead', 'admin') ? this.#announcements(method, ofCrisis[1], ofCrisis[2], ['crisis'], { raw, query, user }) : forbidden;
    if (path.startsWith('/municipalities/'))
      return role('admin') ? this.#town(method, path, { json, raw, version, stale, query, user }) : forbidden;
    if (path.startsWith('/agents'))
      return role('admin') || (key === 'GET /agents' && role('lead')) ? this.#agents(method, path, { json, version, stale }) : forbidden;
    if (key === 'GET /settings') return role('admin') ? this.rules : forbidden;
    if (key === 'PUT /settings') {
      if (query.get('preview')) return this.distribution.preview();
      if (version !== this.rules.version) return stale;
      return (this.rules = { ...this.rules, ...json(), version: version + 1 });
    }
    if (path.startsWith('/invoices'))
      return role('finance', 'admin', 'auditor') ? this.#invoices(path, query, user, request) : forbidden;
    return problem(404, 'request.not_found', 'Das gibt es nicht.');
  }

  #signIn({ login, password }, response) {
    if (password === 'slow')
      return problem(429, 'session.slowed', 'Zu viele Versuche.', { retry_after_seconds: '7' });
    const user = this.users.find((one) => one.login === login);
    if (!user || password !== 'Ferngespräch-2026')
      return problem(401, 'session.wrong_password', 'Name oder Passwort stimmt nicht.');
    return this.#begin(user, response);
  }
  #begin(user, response) {
    const token = `${user.login}-${Math.random()}`;
    this.#sessions.set(token, user);
    response.setHeader('Set-Cookie', `fernamt_session=${token}; HttpOnly; SameSite=Strict; Path=/`);
    return user;
  }
  #joinCrisis(code, response) {
    if (!this.distribution.codes.delete(code))
      return problem(401, 'crisis.code_wrong', 'Dieser Code gilt nicht.');
    const user = { ...this.users[0], id: 90, login: 'helfer', display_name: 'Verstärkung 1' };
    this.users.push(user);
    return this.#begin(user, response);
  }
  endSessions() {
    this.#sessions.clear();
    for (const { response } of this.#streams) response.destroy();
  }
  #token(request) {
    return /fernamt_session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
  }
  #userOf(request) {
    return this.#sessions.get(this.#token(request));
  }

  #stream(user, request, response) {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    response.write(': hello\n\n');
    const stream = { user, response };
    this.#streams.add(stream);
    this.lastEventId = request.headers['last-event-id'];
    response.on('close', () => this.#streams.delete(stream));
  }

  #search(query) {
    const words = (query.get('q') ?? '').toLowerCase().split(/\s+/).filter(Boolean);
    const first = words[0] ?? '';
    const items = this.services
      .filter(({ name, colloquial }) => `${name} ${colloquial}`.toLowerCase().includes(first))
      .map(({ sections, ...rest }) => ({
        ...rest,
        section: words.includes('gebühr') ? 'fee' : null,
        neighbour: null,
        why: first ? [{ said: first, by: 'synonym', field: 'title', found: rest.colloquial }] : [],
      }));
    // A word that stands in a text beyond the sections only.
    if (first.startsWith('befreiung'))
      items.push({ ...this.services[0], section: null, neighbour: null,
        why: [{ said: first, by: 'word', field: 'text', found: 'befreiung' }] });
    // What only the town's website knows.
    const websites = words.includes('trauerhalle')
      ? [{ title: 'Waldfriedhof', url: 'https://stadt.example/wald', excerpt: 'Die Trauerhalle öffnet um neun Uhr.', fetched_on: '2026-11-20', why: [{ said: 'trauerhalle', by: 'word', field: 'text', found: '' }] }]
      : [];
    return { items: items.slice(0, Number(query.get('limit'))), total: items.length, websites };
  }

  #directory(query) {
    const wanted = (query.get('q') ?? '').toLowerCase();
    const place = query.get('municipality');
    const items = this.directory
      .filter(({ office, name }) => ` ${office} ${name}`.toLowerCase().includes(` ${wanted}`))
      .filter(({ municipality }) => wanted || municipality === place)
      .sort((a, b) => (b.municipality === place) - (a.municipality === place));
    return { items: items.slice(0, Number(query.get('limit'))) };
  }

  #areas(wanted) {
    const known = new Set(this.towns.map(({ ars }) => ars));
    const items = data
      .areas()
      .filter(({ name, ars }) => `${name} ${ars}`.toLowerCase().includes(wanted.toLowerCase()))
      .map((area) => ({ ...area, joined: known.has(area.ars) }));
    return { items };
  }

  #join(body) {
    if (this.towns.some(({ ars }) => ars === body.ars))
      return problem(409, 'municipality.exists', 'Diese Kommune gibt es schon.');
    const town = {
      ...body,
      kind: 'municipality',
      land: 'NI',
      population: 0,
      population_date: '',
      population_source: '',
      numbers: body.numbers.map((shown) => ({ e164: `+49${shown.replace(/\D/g, '').slice(1)}`, shown })),
      version: 1,
    };
    this.towns.push(town);
    this.gates[town.ars] = data.gates(this.towns)[town.ars];
    return town;
  }

  #price(method, path, json) {
    const [, , ars, , id] = path.split('/');
    const items = (this.prices[ars] ??= []);
    const found = items.find((one) => one.id === Number(id));
    if (method === 'GET') return { items, gaps: data.gaps(items) };
    if (method === 'POST') {
      const wanted = json();
      const clash = items.find(
        ({ valid_from, valid_to }) =>
          (!valid_to || wanted.valid_from <= valid_to) && (!wanted.valid_to || valid_from <= wanted.valid_to),
      );
      if (clash) return problem(409, 'price.overlap_open', 'Ab dem 2027-01-01 gälten zwei Preise.');
      const fresh = data.price({ ...wanted, price: wanted.price.replace(',', '.'), id: items.length + 1 });
      items.push(fresh);
      return fresh;
    }
    if (!found) return problem(404, 'agreement.not_found', 'Diese Vereinbarung gibt es nicht.');
    if (method === 'PUT') return Object.assign(found, json());
    if (found.billed) return problem(409, 'agreement.billed', 'Nach diesem Preis sind schon 3 Anrufe abzurechnen.');
    this.prices[ars] = items.filter((one) => one !== found);
    return undefined;
  }

  #town(method, path, { json, raw, version, stale, query, user }) {
    const [, , ars, part, what, ...rest] = path.split('/');
    const town = this.towns.find((one) => one.ars === ars);
    if (!town) return problem(404, 'municipality.not_found', 'Diese Kommune gibt es nicht.');
    if (!part && method === 'GET') return town;
    if (!part) {
      if (version !== town.version) return stale;
      return Object.assign(town, json(), { version: version + 1 });
    }
    if (part === 'numbers' && method === 'POST') {
      const { number } = json();
      if (!/\d{3}/.test(number)) return problem(422, 'request.invalid', 'Das ist keine Telefonnummer.');
      if (town.numbers.length === 0)
        return problem(409, 'knowledge.gate_undecided', 'Über den Start dieser Kommune ist noch nicht entschieden.');
      town.numbers.push({ e164: `+49${number.replace(/\D/g, '').slice(1)}`, shown: number });
      town.version++;
      return town.numbers.at(-1);
    }
    if (part === 'numbers') {
      const before = town.numbers;
      town.numbers = before.filter(({ e164 }) => e164 !== what);
      town.version++;
      this.distribution.removed('line', 0, what, () => (town.numbers = before));
      return undefined;
    }
    return this.#announcements(method, ars, what && [what, ...rest].join('/'), kTownKinds, { raw, query, user });
  }

  // Of a municipality, or of a crisis plan; what is after the kind concerns its versions.
  #announcements(method, owner, place, kinds, { raw, query, user }) {
    const versionsOf = (kind) => (this.versions[`${owner}/${kind}`] ??= []);
    if (!place)
      return {
        items: kinds.map((kind) => {
          const own = this.announcements[`${owner}/${kind}`];
          const standard = kind.startsWith('info_') || kind === 'crisis' ? 0 : 4.2;
          const next = versionsOf(kind).find(({ state }) => state === 'planned');
          return { kind, seconds: own ? own.length / 16000 : standard, replaced: Boolean(own), next_from: next?.from ?? null };
        }),
      };
    const [kind, versions, id, verb] = place.split('/');
    const key = `${owner}/${kind}`;
    const list = versionsOf(kind);
    const change = (sound, restores = null) => {
      const from = query.get('from');
      if (!from) {
        for (const one of list) if (one.state === 'heard') one.state = 'earlier';
        if (sound) this.announcements[key] = sound;
        else delete this.announcements[key];
      }
      const at = new Date().toISOString();
      list.unshift({
        sound, id: ++this.lastVersion, from: from ?? at, made_at: at,
        office: user.roles.includes('lead') ? 'lead' : 'admin', own: Boolean(sound),
        seconds: sound ? sound.length / 16000 : 0, restores, state: from ? 'planned' : 'heard',
      });
    };
    const one = list.find((version) => version.id === Number(id));
    if (versions && !id)
      return { items: list.map(({ sound: _, ...shown }) => shown), most_kept: 10, bytes: 64000 };
    if (verb === 'restore') return change(one.sound, one.id);
    if (versions && method === 'DELETE') return void (one.state = 'withdrawn');
    if (versions) return one.sound;
    if (method === 'PUT') return change(raw);
    if (method === 'DELETE') return change(null);
    return this.announcements[key] ?? silence(3);
  }

  #agents(method, path, { json, version, stale }) {
    const id = Number(path.split('/')[2]);
    this.agents ??= this.users.map((user) => ({
      ...user,
      sip_user: String(user.id),
      active: true,
      version: 1,
    }));
    if (method === 'GET') return { items: this.agents };
    const sip_password = 'x7Kq-2Pm9';
    if (!id) {
      const agent = { id: this.agents.length + 1, active: true, version: 1, ...json() };
      agent.sip_user = String(agent.id);
      this.agents.push(agent);
      return { ...agent, sip_password };
    }
    const agent = this.agents.find((one) => one.id === id);
    if (path.endsWith('/sip-password')) return { sip_user: agent.sip_user, sip_password };
    if (version !== agent.version) return stale;
    return Object.assign(agent, json(), { version: version + 1 });
  }

  #invoices(path, query, user, request) {
    const [, , ars, month, , key] = path.split('/');
    const name = this.towns.find((one) => one.ars === ars)?.name;
    if (!ars)
      return {
        items: this.emptyMonth
          ? []
          : this.towns
              .filter((town) => !user.municipality || town.ars === user.municipality)
              .map((town) => ({
                municipality: { ars: town.ars, name: town.name },
                month: query.get('month'),
                calls: 3,
                talk_seconds: 395,
                acw_seconds: 41,
                billed_minutes: '7.27',
                total_cents: this.withoutAgreement ? 0 : 690,
                total_shown: this.withoutAgreement ? '0,00 €' : '6,90 €',
                problem: this.withoutAgreement ? 'agreement.none' : null,
              })),
      };
    if (key) return { calls: data.invoiceCalls(month) };
    if ((request.headers.accept ?? '').includes('text/csv')) return 'datum;anrufe\n2026-11-02;2\n';
    const invoice = data.invoice(ars, name, month);
    return this.withoutAgreement ? { ...invoice, agreement: null } : invoice;
  }

  #file(path, request, response) {
    let file = join(dist, normalize(path));
    if (!existsSync(file) || statSync(file).isDirectory()) file = join(dist, 'index.html');
    response.setHeader('Content-Type', kTypes[extname(file)] ?? 'application/octet-stream');
    if ((request.headers['accept-encoding'] ?? '').includes('br') && existsSync(`${file}.br`)) {
      response.setHeader('Content-Encoding', 'br');
      file += '.br';
    }
    createReadStream(file).pipe(response);
  }
}

// A WAV file without sound, 8 kHz, mono, 16 bit.
export function silence(seconds) {
  const bytes = Math.round(seconds * 8000) * 2;
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + bytes, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8000, 24);
  head.writeUInt32LE(16000, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(bytes, 40);
  return Buffer.concat([head, Buffer.alloc(bytes)]);
}
