// SPDX-License-Identifier: EUPL-1.2
// The towns' websites in the contract server: entered, changed, stopped, removed and taken back,
// with versions; who asks for a reading waits for it until the test says how it went.
const none = { site: null, reading: null, waiting: false, overruled: false };

export class Websites {
  items = [];
  removed = [];
  asked = []; // {address, losses_meant}
  #last = 0;

  // What the operator has set up, or what was read before.
  add(item) {
    this.items.push({ ...none, last: null, ...item });
    return this.items.at(-1);
  }
  enter({ address, municipality, most_pages, pause_seconds }, town) {
    const site = { id: ++this.#last, most_pages, pause_seconds, stopped: false, version: 1 };
    return this.add({ kind: 'website', municipality, town, address, site, waiting: true });
  }
  // A reading has ended.
  read(address, outcome, searched = 2) {
    const one = this.items.find((item) => item.address === address);
    const last = { ended_at: new Date().toISOString(), outcome, found: searched, changed: searched, refused: 0, searched };
    Object.assign(one, { last, waiting: false, reading: null });
  }

  // The answer, or nothing when the path is another's.
  answer(method, path, json, version, problem, townOf) {
    if (path === '/knowledge/sources') return { items: this.items, removed: this.removed };
    if (path === '/knowledge/websites' && method === 'POST') {
      const body = json();
      if (body.address.includes('127.0.0.1'))
        return problem(422, 'website.not_public', 'Das ist kein öffentlicher Name einer Website.');
      return this.enter(body, townOf(body.municipality)).site;
    }
    if (path === '/knowledge/website-readings' && method === 'POST') {
      this.asked.push(json());
      this.items.find(({ address }) => address === json().address).waiting = true;
      return {};
    }
    const match = /^\/knowledge\/websites\/(\d+)(\/restore)?$/.exec(path);
    if (!match) return undefined;
    const id = Number(match[1]);
    const stale = problem(412, 'website.stale', 'Jemand hat diese Website inzwischen geändert.');
    if (match[2]) {
      const gone = this.removed.find((one) => one.id === id);
      if (version !== gone.version) return stale;
      this.removed = this.removed.filter((one) => one !== gone);
      this.add({ ...gone.was, waiting: true }).site.version = version + 1;
      return {};
    }
    const one = this.items.find(({ site }) => site?.id === id);
    if (version !== one.site.version) return stale;
    one.site.version++;
    if (method === 'PUT') {
      const { address, ...limits } = json();
      Object.assign(one.site, limits);
      Object.assign(one, { address, waiting: !limits.stopped && !one.last });
      return one.site;
    }
    this.items = this.items.filter((other) => other !== one);
    const { municipality, town, address, site } = one;
    this.removed.unshift({ id, municipality, town, address, removed_at: new Date().toISOString(), version: site.version, was: one });
    return site;
  }
}
