// SPDX-License-Identifier: EUPL-1.2
// Synonyms in the contract server: entered, changed, removed and taken back, with versions. Who
// belongs to a municipality sees the house's and its own.
const now = () => new Date().toISOString();

export class Synonyms {
  items = [];
  removed = [];
  shipped = [
    { said: ['perso', 'personalausweis'], meant: [], both_ways: true },
    { said: ['lappen weg'], meant: ['führerschein verloren'], both_ways: false },
  ];
  #last = 0;

  enter(words) {
    const one = { municipality: null, both_ways: false, ...words, id: ++this.#last, changed_at: now(), version: 1 };
    this.items.unshift(one);
    return one;
  }
  #shown(one, user) {
    return { ...one, writable: !user.municipality || user.municipality === one.municipality };
  }

  // The answer, or nothing when the path is another's.
  answer(method, path, json, version, problem, user) {
    const shown = (one) => this.#shown(one, user);
    if (path === '/knowledge/synonyms' && method === 'GET') {
      const items = this.items.map(shown).filter((one) => one.writable || !one.municipality);
      return { items, removed: this.removed.map(shown).filter(({ writable }) => writable), shipped: this.shipped };
    }
    if (path === '/knowledge/synonyms') {
      if (json().said.includes('was ist das'))
        return problem(422, 'synonym.words', 'Bitte je Eintrag ein bis drei Wörter, die etwas sagen.');
      return shown(this.enter(json()));
    }
    const match = /^\/knowledge\/synonyms\/(\d+)(\/restore)?$/.exec(path);
    if (!match) return undefined;
    const [from, to] = match[2] ? ['removed', 'items'] : ['items', 'removed'];
    const one = this[from].find(({ id }) => id === Number(match[1]));
    if (version !== one.version) return problem(412, 'synonym.stale', 'Jemand hat dieses Suchwort inzwischen geändert.');
    Object.assign(one, { version: version + 1, changed_at: now() });
    if (method === 'PUT') return shown(Object.assign(one, json()));
    this[from] = this[from].filter((other) => other !== one);
    this[to].unshift(one);
    return shown(one);
  }
}
